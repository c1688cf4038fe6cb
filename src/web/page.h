/* page.h: the answer a handler makes. */
#ifndef WEB_PAGE_H
#define WEB_PAGE_H

#include "base/text.h"
#include "web/request.h"
#include "web/template.h"

/* What a handler returns: the HTTP status. */
enum web_status {
	WEB_OK = 200, WEB_SEE_OTHER = 303, WEB_NOT_MODIFIED = 304,
	WEB_BAD_REQUEST = 400, WEB_UNAUTHORIZED = 401, WEB_FORBIDDEN = 403,
	WEB_NOT_FOUND = 404, WEB_METHOD_NOT_ALLOWED = 405, WEB_CONFLICT = 409, WEB_TOO_LARGE = 413,
	WEB_URI_TOO_LONG = 414, WEB_UNSUPPORTED_TYPE = 415, WEB_UNPROCESSABLE = 422, WEB_INTERNAL_ERROR = 500,
	WEB_UNAVAILABLE = 503,
};

enum web_piece {
	WEB_PIECE_MORE,   /* there is more to come; an empty piece is fine                                      */
	WEB_PIECE_LAST,   /* this was all                                                                       */
	WEB_PIECE_BROKEN, /* it cannot go on: the answer is broken off, so that nobody takes it for a whole one */
};
/* A body that is made while it is sent, so that its length costs no memory: `next` adds one piece to *piece, a few
 * tens of KiB, and uses piece->mem, which is emptied after each. `maker` lives in the request's memory. */
struct web_stream {
	enum web_piece (*next)(void *maker, struct text *piece); /* NULL: no stream */
	void *maker;
};

struct web_page {
	struct arena *mem;
	struct values *values;      /* of the page's template; the layout sees them too */
	const char *template_file;  /* set from the route; a handler may choose another */
	const char *content_type;   /* "text/html; charset=utf-8" unless set */
	const char *body;           /* set: sent as it is, instead of a template */
	size_t body_bytes;
	struct web_stream stream;   /* set: sent instead of a body */
	const char *file_name;      /* the browser saves the answer under this name; letters, digits, '.', '-', '_' */
	const char *location;       /* of a 303: path behind base_path, with query */
	int refresh_s;              /* above 0: the page reloads itself after so many seconds, without scripts */
	const char *allow;          /* of a 405 */
	int retry_after_s;          /* above 0: Retry-After, of a 503 */
	const char *cache;          /* Cache-Control; "no-store" unless set */
	const char *etag;           /* of a static file */
	const char *fail_reason;    /* set by web_fail: the error page is wanted */
};

static inline void web_set(struct web_page *page, const char *name, const char *value)
{
	values_set(page->values, name, value);
}
static inline void web_show(struct web_page *page, const char *section) { values_show(page->values, section); }

/* A 303 to `path` (behind base_path). */
MUST_USE enum web_status web_redirect(struct web_page *page, const char *path);
/* The error page within the layout; `reason` is a key that the site's describe_error knows. */
MUST_USE enum web_status web_fail(struct web_page *page, enum web_status status, const char *reason);
/* JSON made by json-c: sent as it is. */
MUST_USE enum web_status web_send(struct web_page *page, const char *content_type, const char *body, size_t bytes);
/* A body of any length, saved as a file. What can fail should be tried before: from here on the answer is a 200. */
MUST_USE enum web_status web_send_file(struct web_page *page, const char *content_type, const char *file_name,
                                       enum web_piece (*next)(void *maker, struct text *piece), void *maker);

#endif
