/* dispatch.c: one request against the site's table of routes: a row of checks, then the page, then the answer.
 * The order of the checks is the order of `checks`; the first that says no makes the answer. Must not know
 * what any page is about. */
#include <string.h>

#include "base/log.h"
#include "base/sizes.h"
#include "base/text.h"
#include "web/parts.h"
#include "web/static.h"
#include "web/token.h"

struct exchange {
	struct web_site *site;
	struct web_request req;
	struct web_page page;
	const struct web_route *route; /* NULL: none, or a static file */
	const char *body;
	size_t body_bytes;
	int status;       /* once a check said no, or the page is there */
	bool is_post_form; /* a POST whose form is to be read */
};

static const struct { const char *name; enum web_method method; } methods[] = {
	{ "GET", WEB_GET }, { "HEAD", WEB_HEAD }, { "POST", WEB_POST },
};

static bool refuse(struct exchange *ex, enum web_status status, const char *reason)
{
	ex->status = web_fail(&ex->page, status, reason);
	return false;
}

/* ---- which route ------------------------------------------------------------------------------------ */

static bool is_unreserved(char c)
{
	return c && strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~", c);
}

/* Does `path` match "/orders/{ID}.json"? Adds the values to `values` (may be NULL); *letters counts what
 * matched literally: the row with the most is meant. A {NAME} is a whole segment, or its front part. */
static bool route_matches(const char *pattern, const char *path, struct web_pairs *values, struct arena *mem,
                          size_t *letters)
{
	*letters = 0;
	while (*pattern) {
		if (*pattern != '{') {
			if (*pattern++ != *path++)
				return false;
			++*letters;
			continue;
		}
		const char *close = strchr(pattern, '}');
		size_t rest = strcspn(close + 1, "/"), segment = strcspn(path, "/");

		if (segment <= rest)
			return false;
		for (size_t i = 0; i < segment - rest; i++)
			if (!is_unreserved(path[i]))
				return false;
		if (values)
			pairs_add(values, mem, arena_copy(mem, pattern + 1, (size_t)(close - pattern - 1)),
			          arena_copy(mem, path, segment - rest));
		path += segment - rest;
		pattern = close + 1;
	}
	return *path == '\0';
}

/* The methods of the rows that mean this path best, and the row for `method` among them. */
static unsigned find_route(const struct web_route *routes, const char *path, unsigned method,
                           const struct web_route **found)
{
	unsigned offered = 0;
	size_t best = 0, letters;

	*found = NULL;
	for (const struct web_route *row = routes; row->path; row++) {
		if (!route_matches(row->path, path, NULL, NULL, &letters) || (offered && letters < best))
			continue;
		if (letters > best || !offered) {
			best = letters;
			offered = 0;
			*found = NULL;
		}
		offered |= row->methods;
		if (row->methods & method)
			*found = row;
	}
	return offered;
}

static const char *allow_text(struct arena *mem, unsigned offered)
{
	return arena_print(mem, "%s%s%s", offered & WEB_GET ? "GET, HEAD" : "",
	                   (offered & WEB_GET) && (offered & WEB_POST) ? ", " : "", offered & WEB_POST ? "POST" : "");
}

/* ---- the checks, in their order --------------------------------------------------------------------- */

static bool check_method(struct exchange *ex)
{
	const char *name;

	if (params_count(ex->req.params, "REQUEST_METHOD", &name) != 1 || !*name)
		return refuse(ex, WEB_BAD_REQUEST, "bad_request");
	for (size_t i = 0; i < COUNT_OF(methods); i++)
		if (strcmp(methods[i].name, name) == 0)
			ex->req.method = methods[i].method;
	return true;
}

static bool check_address(struct exchange *ex)
{
	const char *reason = NULL;
	enum web_status status = request_read_address(&ex->req, &reason);

	return status == WEB_OK || refuse(ex, status, reason);
}

static bool check_route(struct exchange *ex)
{
	bool is_static = text_begins(ex->req.path, "/static/");
	unsigned method = ex->req.method == WEB_HEAD ? WEB_GET : ex->req.method;
	unsigned offered = find_route(ex->site->routes, ex->req.path, method, &ex->route);
	size_t letters;

	if (!offered && is_static)
		offered = WEB_GET;
	if (!offered)
		return refuse(ex, WEB_NOT_FOUND, "no_such_page");
	if (!(offered & method)) {
		ex->page.allow = allow_text(ex->req.mem, offered);
		return refuse(ex, WEB_METHOD_NOT_ALLOWED, "wrong_method");
	}
	if (!ex->route) {
		ex->status = static_answer(&ex->req, &ex->page);
		return ex->status == WEB_NOT_FOUND ? refuse(ex, WEB_NOT_FOUND, "no_such_page") : false;
	}
	ex->req.path_values = ARENA_NEW(ex->req.mem, struct web_pairs);
	if (!route_matches(ex->route->path, ex->req.path, ex->req.path_values, ex->req.mem, &letters))
		return refuse(ex, WEB_NOT_FOUND, "no_such_page");
	ex->page.template_file = ex->route->template_file;
	return true;
}

/* Sets req->user and its roles where the web server says somebody. */
static enum identity_result read_person(struct exchange *ex, const char **reason)
{
	struct web_user *user = ARENA_NEW(ex->req.mem, struct web_user);
	enum identity_result result = identity_read(&ex->site->identity, ex->req.params, ex->req.mem, user, reason);

	if (result == IDENTITY_KNOWN) {
		ex->req.user = user;
		ex->req.roles = ex->site->roles(ex->req.app, user);
	}
	return result;
}

/* The name comes last and in quotes: whatever it holds, it forges nothing that stands before it. */
static void log_person(const struct exchange *ex, enum log_level level, const char *event, const char *key,
                       const char *value)
{
	char user[LOG_QUOTED_SIZE];

	log_line(level, event, "%s=%s route=%s user=%s", key, value, ex->route->path,
	         log_quoted(user, ex->req.user ? ex->req.user->user : ""));
}

static bool check_person(struct exchange *ex)
{
	const char *reason = NULL;

	if (ex->route->roles == 0)
		return true;
	switch (read_person(ex, &reason)) {
	case IDENTITY_KNOWN:
		break;
	case IDENTITY_NOBODY:
		return refuse(ex, WEB_UNAUTHORIZED, "not_signed_in");
	case IDENTITY_REFUSED:
		/* never the value: it is a stranger's */
		log_line(LOG_WARN, "identity_refused", "reason=%s route=%s", reason, ex->route->path);
		return refuse(ex, WEB_FORBIDDEN, "identity_refused");
	}
	if (ex->req.roles & ex->route->roles)
		return true;
	log_person(ex, LOG_NOTE, "denied", "method", ex->req.method == WEB_POST ? "POST" : "GET");
	return refuse(ex, WEB_FORBIDDEN, "not_allowed");
}

static bool check_type(struct exchange *ex)
{
	static const char FORM[] = "application/x-www-form-urlencoded";
	const char *type, *rest;

	ex->is_post_form = ex->req.method == WEB_POST;
	if (!ex->is_post_form)
		return true;
	if (params_count(ex->req.params, "CONTENT_TYPE", &type) != 1 || strncasecmp(type, FORM, sizeof FORM - 1) != 0)
		return refuse(ex, WEB_UNSUPPORTED_TYPE, "wrong_form_type");
	rest = type + sizeof FORM - 1;
	rest += strspn(rest, " \t");
	if (*rest == ';') {
		rest++;
		rest += strspn(rest, " \t");
		if (strcasecmp(rest, "charset=utf-8") == 0 || strcasecmp(rest, "charset=\"utf-8\"") == 0)
			return true;
	}
	return *rest == '\0' || refuse(ex, WEB_UNSUPPORTED_TYPE, "wrong_form_type");
}

/* CONTENT_LENGTH against the route and against what came. */
static bool check_length(struct exchange *ex)
{
	const char *said;
	int64_t length = 0;

	if (!ex->is_post_form)
		return true;
	if (params_count(ex->req.params, "CONTENT_LENGTH", &said) != 1 || !*said || said[strspn(said, "0123456789")])
		return refuse(ex, WEB_BAD_REQUEST, "bad_form");
	if (!text_number(said, (int64_t)ex->route->max_body, &length))
		return refuse(ex, WEB_TOO_LARGE, "form_too_long");
	if ((size_t)length != ex->body_bytes)
		return refuse(ex, WEB_BAD_REQUEST, "form_cut_short");
	return true;
}

static bool check_form(struct exchange *ex)
{
	if (!ex->is_post_form)
		return true;
	switch (pairs_read(ex->req.mem, ex->body, ex->body_bytes, &ex->req.form)) {
	case PAIRS_READ:     return true;
	case PAIRS_BAD:      return refuse(ex, WEB_BAD_REQUEST, "bad_form");
	case PAIRS_TOO_MANY: return refuse(ex, WEB_TOO_LARGE, "form_too_long");
	}
	return refuse(ex, WEB_BAD_REQUEST, "bad_form");
}

static bool check_origin(struct exchange *ex)
{
	const char *reason = NULL;

	if (!ex->is_post_form || ex->route->token == WEB_NO_TOKEN ||
	    origin_is_ours(ex->site->public_url, ex->req.params, &reason))
		return true;
	log_person(ex, LOG_WARN, "foreign_form", "reason", reason);
	return refuse(ex, WEB_FORBIDDEN, "foreign_form");
}

static bool check_token(struct exchange *ex)
{
	const struct web_site *site = ex->site;
	struct web_request *req = &ex->req;
	char key[ID_KEY_SIZE];
	enum web_status status = WEB_OK;

	if (!ex->is_post_form || ex->route->token == WEB_NO_TOKEN)
		return true;
	switch (token_read(&site->token_secret, site->token_purpose(req), req->user ? req->user->user : "",
	                   web_field(req, "token"), req->now_ms, key)) {
	case TOKEN_GOOD:
		req->token_key = arena_text(req->mem, key);
		return true;
	case TOKEN_OLD:
	case TOKEN_OF_OTHER:
	case TOKEN_OF_OTHER_SECRET:
		if (site->renew_form && site->renew_form(req, &ex->page, &status)) {
			ex->status = status;
			return false;
		}
		break;
	case TOKEN_BAD:
		break;
	}
	log_person(ex, LOG_WARN, "form_not_ours", "reason", "token");
	return refuse(ex, WEB_FORBIDDEN, "form_not_ours");
}

static bool (*const checks[])(struct exchange *ex) = {
	check_method, check_address, check_route, check_person, check_type, check_length, check_form, check_origin,
	check_token,
};
enum { CHECKS_TO_ROUTE = 3 };

/* ---- the answer ------------------------------------------------------------------------------------- */

static void exchange_begin(struct exchange *ex, struct web_site *site, struct arena *mem, char *const *params)
{
	memset(ex, 0, sizeof *ex);
	ex->site = site;
	ex->req = (struct web_request){
		.mem = mem, .app = site->app, .site = site, .path = "", .params = params,
		.now_ms = clock_wall_ms(site->clock),
	};
	ex->page = (struct web_page){ .mem = mem, .values = values_new(mem) };
}

/* Layout and template together into page->body. */
static bool fill_template(struct exchange *ex)
{
	struct web_page *page = &ex->page;
	struct problem why = { "" };

	static_files_show(ex->site->static_files, page->values);
	ex->site->furnish(&ex->req, page);
	if (page->refresh_s > 0) {
		values_show(page->values, "REFRESH");
		values_number(page->values, "REFRESH_S", page->refresh_s);
	}
	(void)!values_include(page->values, "BODY", page->template_file);
	page->body = templates_expand(ex->site->templates, ex->site->layout, page->values, page->mem,
	                              &page->body_bytes, &why);
	if (!page->body)
		log_line(LOG_BROKEN, "page_broken", "template=%s why=%s", page->template_file, why.text);
	return page->body != NULL;
}

/* The error page is shown to whoever it is, with the links that are theirs. */
static void fill_error(struct exchange *ex)
{
	const char *reason = ex->page.fail_reason;
	const char *ignored;

	if (!ex->req.user && strcmp(reason, "identity_refused") != 0)
		(void)read_person(ex, &ignored);
	ex->page.template_file = WEB_ERROR_TEMPLATE;
	ex->page.body = NULL;
	ex->page.location = NULL;
	ex->page.content_type = NULL;
	ex->page.cache = NULL;
	ex->page.stream = (struct web_stream){ NULL, NULL };
	ex->page.file_name = NULL;
	ex->page.refresh_s = 0;
	ex->site->describe_error(&ex->page, ex->status, reason);
}

static void exchange_end(struct exchange *ex, struct web_answer *out)
{
	struct web_page *page = &ex->page;
	bool is_head = ex->req.method == WEB_HEAD, is_made = true;

	if (!page->fail_reason && !page->body && !page->stream.next && !page->location && !page->template_file) {
		log_line(LOG_BROKEN, "page_empty", "path=%s", ex->route ? ex->route->path : "");
		ex->status = web_fail(page, WEB_INTERNAL_ERROR, "broken_here");
	}
	if (page->fail_reason)
		fill_error(ex);
	if (!page->body && !page->stream.next && !page->location)
		is_made = fill_template(ex);
	if (!page->body)
		page->body_bytes = 0;
	if (!is_made || !response_make(page, ex->status, ex->site->base_path, is_head, out))
		response_broken(page->mem, is_head, out);
}

void web_answer(struct web_site *site, struct arena *mem, char *const *params, const char *body, size_t body_bytes,
                bool is_cgi, struct web_answer *out)
{
	struct exchange ex;
	size_t passed = 0;

	exchange_begin(&ex, site, mem, params);
	ex.req.is_cgi = is_cgi;
	ex.body = body;
	ex.body_bytes = body_bytes;
	while (passed < COUNT_OF(checks) && checks[passed](&ex))
		passed++;
	if (passed == COUNT_OF(checks))
		ex.status = ex.route->handle(&ex.req, &ex.page);
	exchange_end(&ex, out);
}

size_t dispatch_body_limit(struct web_site *site, struct arena *mem, char *const *params)
{
	struct exchange ex;
	const char *name;

	if (params_count(params, "REQUEST_METHOD", &name) != 1 || strcmp(name, "POST") != 0)
		return 0;
	exchange_begin(&ex, site, mem, params);
	for (size_t i = 0; i < CHECKS_TO_ROUTE; i++)
		if (!checks[i](&ex))
			return 0;
	return ex.route->max_body;
}
