/* request.h: one request, read and checked before a handler sees it: sizes, encodings, doubled fields.
 * All pointers live in req->mem, as long as the request. */
#ifndef WEB_REQUEST_H
#define WEB_REQUEST_H

#include "base/arena.h"
#include "base/base.h"
#include "base/clock.h"

enum web_method { WEB_GET = 1, WEB_HEAD = 2, WEB_POST = 4 };

/* Who is asking, as the web server says (identity.h). */
struct web_user {
	const char *user, *name, *email; /* name falls back to user; email "" */
	const char **groups;
	size_t group_count;
};

struct web_request {
	struct arena *mem;
	void *app;                  /* the program's own: handed through unread */
	const struct web_site *site; /* base path and the like (server.h) */
	enum web_method method;     /* a HEAD is handled like its GET; the body is left out later */
	const char *path;           /* behind base_path, decoded, begins with '/', no "//", "." or ".." */
	const struct web_user *user; /* NULL where the route needs nobody */
	unsigned roles;             /* of the user, as the program's web_site.roles said */
	bool is_cgi;
	int64_t now_ms;             /* wall clock when the request came in */
	char *const *params;        /* read with web_param */
	struct web_pairs *path_values, *query, *form; /* read with the functions below */
	const char *token_key;      /* the form's key, once its token was checked; NULL on GET */
};

/* The part of the path that a route's "{ID}" matched; never NULL for a name of the route. */
MUST_USE const char *web_path(const struct web_request *req, const char *name);
/* Values as sent, valid UTF-8 without NUL; NULL where absent. A name that comes twice was answered
 * with 400 before, so there is one. */
MUST_USE const char *web_query(const struct web_request *req, const char *name);
MUST_USE const char *web_field(const struct web_request *req, const char *name);
/* A FastCGI/CGI parameter, unchecked but for its size; NULL where absent. */
MUST_USE const char *web_param(const struct web_request *req, const char *name);

#endif
