/* response.c: the answer as CGI says it (RFC 3875, 6): head lines, an empty line, the body. */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "web/parts.h"
#include "web/texts.h"

static const struct { int status; const char *phrase; } phrases[] = {
	{ 200, "OK" }, { 303, "See Other" }, { 304, "Not Modified" }, { 400, "Bad Request" }, { 401, "Unauthorized" },
	{ 403, "Forbidden" }, { 404, "Not Found" }, { 405, "Method Not Allowed" }, { 409, "Conflict" },
	{ 413, "Content Too Large" }, { 414, "URI Too Long" }, { 415, "Unsupported Media Type" },
	{ 422, "Unprocessable Content" }, { 500, "Internal Server Error" }, { 503, "Service Unavailable" },
};

/* On every answer, whatever it is. No other site frames, opens or embeds the desk, and a page holds nothing
 * but what comes from here; payout links are cash, so no page's address leaves with a click. */
static const struct { const char *name, *value; } always[] = {
	{ "Content-Security-Policy",
	  "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
	  "form-action 'self'; base-uri 'none'; frame-ancestors 'none'" },
	{ "Referrer-Policy",              "no-referrer" },
	{ "X-Content-Type-Options",       "nosniff" },
	{ "X-Frame-Options",              "DENY" },
	{ "Cross-Origin-Opener-Policy",   "same-origin" },
	{ "Cross-Origin-Resource-Policy", "same-origin" },
	{ "Permissions-Policy",           "camera=(), geolocation=(), microphone=(), payment=(), usb=()" },
};

/* RFC 9110, 15.5.2 wants one. A word of ours: any scheme that a browser knows would make it ask for a password
 * that the desk never takes. */
static const char CHALLENGE[] = "SSO realm=\"payoutdesk\"";

static const char *phrase_of(int status)
{
	for (size_t i = 0; i < COUNT_OF(phrases); i++)
		if (phrases[i].status == status)
			return phrases[i].phrase;
	return "Answer";
}

static void add_own_line(struct text *head, const char *name, const char *value)
{
	text_add_text(head, name);
	text_add(head, ": ", 2);
	text_add_text(head, value);
	text_add(head, "\r\n", 2);
}

/* One head line. A value with a control character would begin a line of its own: refused. */
static bool add_line(struct text *head, const char *name, const char *value)
{
	for (const char *c = value; *c; c++) {
		if ((unsigned char)*c < 0x20 || *c == 0x7f) {
			log_line(LOG_BROKEN, "header_refused", "name=%s", name);
			return false;
		}
	}
	add_own_line(head, name, value);
	return true;
}

/* What an address may hold as it is (RFC 3986), escapes too; all else is escaped here. */
static bool add_location(struct text *head, const char *base_path, const char *path)
{
	static const char PLAIN[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
	                            "/?@!$&'()*+,;=:%";

	/* "//host" would lead to another host */
	if (path[0] != '/' || path[1] == '/' || path[1] == '\\') {
		log_line(LOG_BROKEN, "location_refused", "bytes=%zu", strlen(path));
		return false;
	}
	text_print(head, "Location: %s", base_path);
	for (const char *c = path; *c; c++) {
		if ((unsigned char)*c < 0x20 || *c == 0x7f) {
			log_line(LOG_BROKEN, "location_refused", "bytes=%zu", strlen(path));
			return false;
		}
		if (strchr(PLAIN, *c))
			text_add(head, c, 1);
		else
			text_print(head, "%%%02X", (unsigned)(unsigned char)*c);
	}
	text_add_text(head, "\r\n");
	return true;
}

bool response_make(const struct web_page *page, int status, const char *base_path, bool is_head,
                   struct web_answer *out)
{
	struct text head;
	const char *type = page->content_type ? page->content_type : "text/html; charset=utf-8";

	text_begin(&head, page->mem, 0);
	text_print(&head, "Status: %d %s\r\n", status, phrase_of(status));
	if (page->location && !add_location(&head, base_path, page->location))
		return false;
	if ((page->allow && !add_line(&head, "Allow", page->allow)) ||
	    (status == WEB_UNAUTHORIZED && !add_line(&head, "WWW-Authenticate", CHALLENGE)) ||
	    (page->etag && !add_line(&head, "ETag", page->etag)) ||
	    (status != WEB_NOT_MODIFIED && !add_line(&head, "Content-Type", type)) ||
	    !add_line(&head, "Cache-Control", page->cache ? page->cache : "no-store"))
		return false;
	for (size_t i = 0; i < COUNT_OF(always); i++)
		add_own_line(&head, always[i].name, always[i].value);
	if (page->file_name)
		text_print(&head, "Content-Disposition: attachment; filename=\"%s\"\r\n", page->file_name);
	if (page->retry_after_s > 0)
		text_print(&head, "Retry-After: %d\r\n", page->retry_after_s);
	if (status != WEB_NOT_MODIFIED && !page->stream.next)
		text_print(&head, "Content-Length: %zu\r\n", page->body_bytes);
	text_add_text(&head, "\r\n");
	out->head = head.bytes;
	out->head_bytes = head.count;
	out->body = is_head || !page->body ? "" : page->body;
	out->body_bytes = is_head || !page->body ? 0 : page->body_bytes;
	out->stream = is_head ? (struct web_stream){ NULL, NULL } : page->stream;
	return true;
}

bool response_send_stream(const struct web_stream *stream, bool (*send)(void *to, const char *bytes, size_t count),
                          void *to)
{
	struct arena *mem = arena_open();
	enum web_piece made = WEB_PIECE_MORE;
	bool is_sent = true;

	while (made == WEB_PIECE_MORE && is_sent) {
		struct text piece;

		text_begin(&piece, mem, 0);
		made = stream->next(stream->maker, &piece);
		is_sent = made != WEB_PIECE_BROKEN && (piece.count == 0 || send(to, piece.bytes, piece.count));
		arena_clear(mem);
	}
	arena_close(mem);
	return is_sent;
}

void response_broken(struct arena *mem, bool is_head, struct web_answer *out)
{
	const struct web_page page = {
		.mem = mem, .content_type = "text/plain; charset=utf-8",
		.body = WEB_TEXT_BROKEN, .body_bytes = sizeof WEB_TEXT_BROKEN - 1,
	};

	if (!response_make(&page, WEB_INTERNAL_ERROR, "", is_head, out))
		log_die("broken_answer_is_broken", "status=500");
}
