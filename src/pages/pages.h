/* pages.h: what the pages share: the program's own that each request carries, who is asking, form tokens. */
#ifndef PAGES_PAGES_H
#define PAGES_PAGES_H

#include "desk/desk.h"
#include "model/person.h"
#include "web/page.h"
#include "web/route.h"
#include "web/server.h"

/* web_site.app points at one of these; it outlives every request. */
struct pages_app {
	struct desk *desk;
	const struct chance *chance; /* makes the keys of forms; NULL: the machine's */
	const char *logout_url;      /* where 'Sign out' leads; "" or NULL: nowhere */
	/* web_server_busy, with `hand` handed through: for /readyz. NULL: plain CGI, no threads. */
	int (*busy)(void *hand, int64_t *longest_ms);
	void *hand;
	/* Called when an order was stored, before its answer: plain CGI drives the order's attempt in it. NULL: not. */
	void (*after_place)(struct pages_app *app, const char *number);
	/* Called where somebody who may order wants to, and there is no catalogue yet. NULL: a dispatcher brings it. */
	void (*fetch_catalogue)(struct pages_app *app);
};

/* The one table of pages; ends with a row whose path is NULL. */
extern const struct web_route pages_routes[];

static inline struct pages_app *app_of(const struct web_request *req)
{
	return req->app;
}
static inline struct desk *desk_of(const struct web_request *req)
{
	return app_of(req)->desk;
}
static inline struct person person_of(const struct web_request *req)
{
	return (struct person){ .user = req->user->user, .name = req->user->name, .email = req->user->email,
	                        .roles = req->roles };
}

/* What sending does now: the same on every page and for machines. */
enum pages_sending {
	SENDING_RUNS,
	SENDING_ELSEWHERE, /* no dispatcher of this process was ever seen: plain CGI */
	SENDING_PAUSED,    /* until health->pause_until_ms */
	SENDING_AWAY,      /* Runa has not answered since health->away_since_ms */
	SENDING_UNSEEN,    /* the dispatcher has not been seen for a minute */
	SENDING_STOPPED,   /* the desk's access to Runa needs mending */
	SENDINGS
};
MUST_USE enum pages_sending pages_sending(const struct desk_health *health, int64_t now_ms);
MUST_USE bool pages_is_unseen(const struct desk_health *health, int64_t now_ms); /* may be so while stopped */

/* A value of the address, without blanks around it; "" where there is none. */
MUST_USE char *pages_asked(const struct web_request *req, const char *name);

/* The form field that carries the token; the purpose of the order form's. */
#define PAGES_TOKEN_FIELD "token"
#define PAGES_ORDER_PURPOSE "order"
/* A fresh signed token for a form with this purpose, in req->mem. */
MUST_USE char *pages_token(const struct web_request *req, const char *purpose);
MUST_USE char *pages_token_of(const struct web_request *req, const char *purpose, const char *key);
/* For the address of a form to order again (?again=ID&form=WORD): stands for the form's key. In req->mem. */
MUST_USE char *pages_again_word(const struct web_request *req);

/* The handlers of routes.c, one file each. */
enum web_status page_overview(struct web_request *req, struct web_page *page);
enum web_status page_order_form(struct web_request *req, struct web_page *page);
enum web_status page_order_place(struct web_request *req, struct web_page *page);
enum web_status page_order(struct web_request *req, struct web_page *page);
enum web_status page_order_json(struct web_request *req, struct web_page *page);
enum web_status page_order_check(struct web_request *req, struct web_page *page);
enum web_status page_order_retry(struct web_request *req, struct web_page *page);
enum web_status page_order_attempt(struct web_request *req, struct web_page *page);
enum web_status page_orders(struct web_request *req, struct web_page *page);
enum web_status page_orders_csv(struct web_request *req, struct web_page *page);
enum web_status page_products(struct web_request *req, struct web_page *page);
enum web_status page_products_json(struct web_request *req, struct web_page *page);
enum web_status page_health_alive(struct web_request *req, struct web_page *page);
enum web_status page_health_ready(struct web_request *req, struct web_page *page);

#endif
