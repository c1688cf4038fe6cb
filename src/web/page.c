/* page.c: the answers that a handler makes with one call. */
#include "web/page.h"

enum web_status web_redirect(struct web_page *page, const char *path)
{
	page->location = path;
	return WEB_SEE_OTHER;
}

enum web_status web_fail(struct web_page *page, enum web_status status, const char *reason)
{
	page->fail_reason = reason;
	return status;
}

enum web_status web_send(struct web_page *page, const char *content_type, const char *body, size_t bytes)
{
	page->content_type = content_type;
	page->body = body;
	page->body_bytes = bytes;
	return WEB_OK;
}

enum web_status web_send_file(struct web_page *page, const char *content_type, const char *file_name,
                              enum web_piece (*next)(void *maker, struct text *piece), void *maker)
{
	page->content_type = content_type;
	page->file_name = file_name;
	page->stream = (struct web_stream){ next, maker };
	return WEB_OK;
}
