/* site.h: a small site for the tests of the web room: routes, templates in a directory of their own, a clock
 * that stands still, and requests built from parameters. For one test program at a time. */
#ifndef UNIT_WEB_SITE_H
#define UNIT_WEB_SITE_H

#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "support/tmp.h"
#include "web/server.h"
#include "web/static.h"
#include "web/template.h"
#include "web/token.h"

enum { ROLE_VIEWER = 1, ROLE_ORDERER = 2, ROLE_AUDITOR = 4 };
enum { SITE_PARAMS = 64, SITE_NOW_MS = 1000000 };
static const char SITE_KEY[] = "0b0e7a54-0c7b-4c6e-9d3a-1f2e3d4c5b6a";

struct stage {
	struct web_site site;
	struct arena *mem;
	char dir[TMP_PATH_SIZE];
	_Atomic int handled;     /* how often a handler ran: the table of malformed requests must not change it */
	const char *last_field;  /* what the handler of POST /orders saw */
	const char *last_key;
	bool renews;             /* renew_form brings the form back */
};

static int64_t site_now_ms(const struct clock *clock) { (void)clock; return SITE_NOW_MS + (int64_t)MS_A_DAY * 20000; }
static const struct clock site_clock = { site_now_ms, site_now_ms, NULL };

static inline void site_write(struct stage *s, const char *name, const char *content)
{
	char path[160];
	int fd;

	assert_in_range(snprintf(path, sizeof path, "%s/%s", s->dir, name), 1, sizeof path - 1);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, content, strlen(content)), strlen(content));
	close(fd);
}

/* ---- handlers --------------------------------------------------------------------------------------- */

static inline enum web_status handle_page(struct web_request *req, struct web_page *page)
{
	struct stage *s = req->app;

	s->handled++;
	web_set(page, "TITLE", "<Overview> & \"more\"");
	web_set(page, "WHO", req->user ? req->user->name : "nobody");
	return WEB_OK;
}
static inline enum web_status handle_order(struct web_request *req, struct web_page *page)
{
	struct stage *s = req->app;

	s->handled++;
	web_set(page, "TITLE", arena_print(req->mem, "order %s", web_path(req, "ID")));
	page->refresh_s = 2;
	return WEB_OK;
}
static inline enum web_status handle_json(struct web_request *req, struct web_page *page)
{
	struct stage *s = req->app;
	const char *json = arena_print(req->mem, "{\"id\": \"%s\"}", web_path(req, "ID"));

	s->handled++;
	return web_send(page, "application/json", json, strlen(json));
}
static inline enum web_status handle_place(struct web_request *req, struct web_page *page)
{
	struct stage *s = req->app;

	s->handled++;
	s->last_field = web_field(req, "email");
	s->last_key = req->token_key;
	return web_redirect(page, "/orders/ABC?repeat=1");
}
static inline enum web_status handle_go(struct web_request *req, struct web_page *page)
{
	return web_redirect(page, web_query(req, "to"));
}
static inline enum web_status handle_fail(struct web_request *req, struct web_page *page)
{
	(void)req;
	return web_fail(page, WEB_CONFLICT, "used_form");
}
static inline enum web_status handle_nothing(struct web_request *req, struct web_page *page)
{
	(void)req; (void)page;
	return WEB_OK;
}
static inline enum web_status handle_broken(struct web_request *req, struct web_page *page)
{
	(void)req;
	page->template_file = "gone.html";
	return WEB_OK;
}
static inline enum web_status handle_health(struct web_request *req, struct web_page *page)
{
	struct stage *s = req->app;

	s->handled++;
	assert_null(req->user);
	return web_send(page, "text/plain", "ok\n", 3);
}

/* Pieces 0 to 9, each longer than one record, with an empty one among them. */
enum { FILE_PIECES = 10, FILE_PIECE_BYTES = 70000 };
static inline enum web_piece file_next(void *maker, struct text *piece)
{
	int *at = maker;
	char *bytes = arena_alloc(piece->mem, FILE_PIECE_BYTES);

	memset(bytes, '0' + *at, FILE_PIECE_BYTES);
	if (*at != 5)
		text_add(piece, bytes, FILE_PIECE_BYTES);
	return ++*at < FILE_PIECES ? WEB_PIECE_MORE : WEB_PIECE_LAST;
}
static inline enum web_status handle_file(struct web_request *req, struct web_page *page)
{
	return web_send_file(page, "text/csv", "orders.csv", file_next, ARENA_NEW(req->mem, int));
}
static inline enum web_piece file_breaks(void *maker, struct text *piece)
{
	int *at = maker;

	text_add_text(piece, "a piece\n");
	return ++*at < 3 ? WEB_PIECE_MORE : WEB_PIECE_BROKEN;
}
static inline enum web_status handle_broken_off(struct web_request *req, struct web_page *page)
{
	return web_send_file(page, "text/csv", "orders.csv", file_breaks, ARENA_NEW(req->mem, int));
}

static const struct web_route site_routes[] = {
	{ WEB_GET,  "/",                 ROLE_VIEWER,  WEB_NO_TOKEN, 0, "page.html", handle_page },
	{ WEB_GET,  "/orders/{ID}",      ROLE_VIEWER,  WEB_NO_TOKEN, 0, "page.html", handle_order },
	{ WEB_POST, "/orders/{ID}",      ROLE_ORDERER, WEB_NEEDS_TOKEN, 1024, NULL, handle_place },
	{ WEB_GET,  "/orders/new",       ROLE_ORDERER, WEB_NO_TOKEN, 0, "page.html", handle_page },
	{ WEB_GET,  "/orders/{ID}.json", ROLE_VIEWER,  WEB_NO_TOKEN, 0, NULL,        handle_json },
	{ WEB_GET,  "/orders",           ROLE_VIEWER,  WEB_NO_TOKEN, 0, "page.html", handle_page },
	{ WEB_POST, "/orders",           ROLE_ORDERER, WEB_NEEDS_TOKEN, 64 * 1024, NULL, handle_place },
	{ WEB_POST, "/orders/{ID}/retry", ROLE_ORDERER, WEB_NEEDS_TOKEN, 1024, NULL, handle_place },
	{ WEB_POST, "/open",             0,            WEB_NO_TOKEN, 1024, NULL,     handle_place },
	{ WEB_GET,  "/audit",            ROLE_AUDITOR, WEB_NO_TOKEN, 0, "page.html", handle_page },
	{ WEB_GET,  "/go",               ROLE_VIEWER,  WEB_NO_TOKEN, 0, NULL,        handle_go },
	{ WEB_GET,  "/fail",             ROLE_VIEWER,  WEB_NO_TOKEN, 0, NULL,        handle_fail },
	{ WEB_GET,  "/nothing",          ROLE_VIEWER,  WEB_NO_TOKEN, 0, NULL,        handle_nothing },
	{ WEB_GET,  "/broken",           ROLE_VIEWER,  WEB_NO_TOKEN, 0, NULL,        handle_broken },
	{ WEB_GET,  "/file",             ROLE_VIEWER,  WEB_NO_TOKEN, 0, NULL,        handle_file },
	{ WEB_GET,  "/healthz",          0,            WEB_NO_TOKEN, 0, NULL,        handle_health },
	{ 0 },
};

/* ---- the site --------------------------------------------------------------------------------------- */

static inline unsigned site_roles(void *app, const struct web_user *user)
{
	(void)app;
	return strcmp(user->user, "guest") == 0 ? 0 : ROLE_VIEWER | ROLE_ORDERER;
}
static inline void site_furnish(struct web_request *req, struct web_page *page)
{
	web_set(page, "ENVIRONMENT", "SANDBOX");
	if (req->user)
		web_show(page, "LINKS");
}
static inline void site_describe_error(struct web_page *page, enum web_status status, const char *reason)
{
	values_number(page->values, "STATUS", status);
	web_set(page, "TITLE", reason);
}
static inline bool site_renew(struct web_request *req, struct web_page *page, enum web_status *status)
{
	struct stage *s = req->app;

	if (!s->renews)
		return false;
	page->template_file = "page.html";
	web_set(page, "TITLE", arena_print(req->mem, "again: %s", web_field(req, "email")));
	*status = WEB_UNPROCESSABLE;
	return true;
}
static inline const char *site_purpose(struct web_request *req)
{
	return strcmp(req->path, "/orders") == 0 ? "order" : req->path;
}

#define SITE_FIRST "{{%AUTOESCAPE context=\"HTML\"}}"
static const char SITE_LAYOUT[] = SITE_FIRST "<!doctype html>\n<title>{{TITLE}}</title>"
	"{{#REFRESH}}<meta http-equiv=\"refresh\" content=\"{{REFRESH_S}}\">{{/REFRESH}}\n"
	"<body>{{ENVIRONMENT}}{{#LINKS}}<a href=\"/orders\">Orders</a>{{/LINKS}}\n{{>BODY}}</body>\n";

static inline void site_begin(struct stage *s)
{
	struct problem why;

	memset(s, 0, sizeof *s);
	assert_true(tmp_template(s->dir, "web-unit"));
	assert_non_null(mkdtemp(s->dir));
	site_write(s, "layout.html", SITE_LAYOUT);
	site_write(s, "page.html", SITE_FIRST "<h1>{{TITLE}}</h1><p>{{WHO}}</p>\n");
	site_write(s, "error.html", SITE_FIRST "<h1>{{STATUS}} {{TITLE}}</h1>\n");
	assert_true(seal_begin());
	s->mem = arena_open();
	s->site = (struct web_site){
		.routes = site_routes, .layout = "layout.html", .base_path = "", .public_url = "", .static_dir = s->dir,
		.identity = { .user_param = "DESK_USER", .name_param = "DESK_NAME", .email_param = "DESK_EMAIL",
		              .groups_param = "DESK_GROUPS", .groups_separator = ',', .trusted_proxies = "" },
		.clock = &site_clock, .app = s, .roles = site_roles, .furnish = site_furnish,
		.describe_error = site_describe_error, .renew_form = site_renew, .token_purpose = site_purpose,
	};
	memset(s->site.token_secret.bytes, 7, SEAL_KEY_BYTES);
	memcpy(s->site.token_secret.id, "0123456789abcdef", SEAL_ID_SIZE);
	s->site.templates = templates_open(s->dir, &why);
	assert_non_null(s->site.templates);
}

static inline void site_end(struct stage *s)
{
	static const char *const names[] = {
		"layout.html", "page.html", "error.html", "bad.html", "piece.html", "desk.css", "desk.0a1b2c3d.css", ".hidden.css",
		"desk.secret", "link.css", "folder.css", "desk.js", "socket", "pipe.css",
	};

	arena_close(s->mem);
	templates_close(s->site.templates);
	static_files_close(s->site.static_files);
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		char path[160];

		if (snprintf(path, sizeof path, "%s/%s", s->dir, names[i]) > 0 && unlink(path) != 0)
			(void)rmdir(path);
	}
	assert_int_equal(rmdir(s->dir), 0);
}

/* ---- asking ----------------------------------------------------------------------------------------- */

/* Parameters "NAME=value" after `body`, NULL at the end. Those for method, address, user, type and length are
 * there already; a parameter given here takes the place of ours, and "-NAME" takes it away. */
struct asking {
	char *params[SITE_PARAMS];
	size_t count;
};

static inline void asking_add(struct stage *s, struct asking *asking, const char *param)
{
	assert_true(asking->count + 1 < SITE_PARAMS);
	asking->params[asking->count++] = arena_text(s->mem, param);
}

static inline void asking_drop(struct asking *asking, const char *name, size_t bytes)
{
	size_t kept = 0;

	for (size_t i = 0; i < asking->count; i++)
		if (strncmp(asking->params[i], name, bytes) != 0 || asking->params[i][bytes] != '=')
			asking->params[kept++] = asking->params[i];
	asking->count = kept;
}

/* "+NAME=value" is added beside one of that name, "NAME=value" takes its place, "-NAME" takes it away. */
static inline void asking_change(struct stage *s, struct asking *asking, const char *change)
{
	if (change[0] == '-') {
		asking_drop(asking, change + 1, strlen(change + 1));
		return;
	}
	if (change[0] == '+')
		change++;
	else
		asking_drop(asking, change, strcspn(change, "="));
	asking_add(s, asking, change);
}

static inline void asking_begin(struct stage *s, struct asking *asking, const char *method, const char *uri,
                                size_t body_bytes)
{
	memset(asking, 0, sizeof *asking);
	asking_add(s, asking, arena_print(s->mem, "REQUEST_METHOD=%s", method));
	asking_add(s, asking, arena_print(s->mem, "REQUEST_URI=%s", uri));
	asking_add(s, asking, "REMOTE_ADDR=192.0.2.7");
	asking_add(s, asking, "HTTP_HOST=desk.example");
	asking_add(s, asking, "DESK_USER=alice");
	if (strcmp(method, "POST") == 0) {
		asking_add(s, asking, "CONTENT_TYPE=application/x-www-form-urlencoded");
		asking_add(s, asking, arena_print(s->mem, "CONTENT_LENGTH=%zu", body_bytes));
	}
}

static inline struct web_answer ask_bytes(struct stage *s, const char *method, const char *uri, const char *body,
                                          size_t body_bytes, const char *const *changes)
{
	struct web_answer answer = { .head = NULL };
	struct asking asking;

	asking_begin(s, &asking, method, uri, body_bytes);
	for (; changes && *changes; changes++)
		asking_change(s, &asking, *changes);
	asking.params[asking.count] = NULL;
	web_answer(&s->site, s->mem, asking.params, body, body_bytes, false, &answer);
	assert_non_null(answer.head);
	assert_int_equal(strlen(answer.head), answer.head_bytes);
	assert_true(text_ends(answer.head, "\r\n\r\n"));
	return answer;
}

#define CHANGES(...) ((const char *const[]){ __VA_ARGS__ __VA_OPT__(,) NULL })
static inline struct web_answer ask(struct stage *s, const char *method, const char *uri, const char *body,
                                    const char *const *changes)
{
	return ask_bytes(s, method, uri, body, strlen(body), changes);
}

static inline int answer_status(const struct web_answer *answer)
{
	assert_true(text_begins(answer->head, "Status: "));
	return (int)strtol(answer->head + strlen("Status: "), NULL, 10);
}

/* The value of a head line, in the stage's memory; NULL: no such line. */
static inline const char *answer_line(struct stage *s, const struct web_answer *answer, const char *name)
{
	const char *start = strstr(answer->head, arena_print(s->mem, "\r\n%s: ", name));

	if (!start)
		return NULL;
	start += strlen(name) + 4;
	return arena_copy(s->mem, start, strcspn(start, "\r"));
}

static inline char *site_token(struct stage *s, const char *purpose, const char *user, int64_t age_ms)
{
	char *token = arena_alloc(s->mem, TOKEN_SIZE);

	token_make(&s->site.token_secret, purpose, user, SITE_KEY, site_now_ms(NULL) - age_ms, token);
	return token;
}

static inline int site_setup(void **state)
{
	*state = memory_alloc(sizeof(struct stage));
	site_begin(*state);
	return 0;
}
static inline int site_teardown(void **state)
{
	site_end(*state);
	free(*state);
	return 0;
}
#define WEB_TEST(test) cmocka_unit_test_setup_teardown(test, site_setup, site_teardown)

#endif
