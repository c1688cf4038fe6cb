/* call.h: one request on its way through the API, and the handlers that answer it. All of it runs
 * under the world's lock; serve.c lets go of the lock for pauses between the steps. */
#ifndef SANDBOX_CALL_H
#define SANDBOX_CALL_H

#include "sandbox/world.h"

struct call {
	struct world *world;
	struct request *request;
	struct action action;   /* what a fault wants of it */
	uint64_t number;        /* in the journal */
	uint64_t generation;    /* of the world when it began */
	int64_t now_ms;         /* the sandbox's clock when the current step began */
	const char *held_key;   /* the idempotency key this call must answer, or NULL */
	struct answer answer;   /* status 0: none yet */
};

/* The checks that come before any handler, in the order of runa-api appendix A: IP, key, version, mode,
 * idempotency key. May answer; then call_run() does nothing. */
void call_enter(struct call *call);
/* Lets the path's handler answer. */
void call_run(struct call *call);

/* Refuses with a documented error; `message` NULL takes the usual one. */
void call_refuse(struct call *call, const char *type, const char *message);

/* --- handlers: `rest` is what stands for '*' in the route ------------------------------------ */
#define HANDLER(name) void name(struct call *call, const char *rest)

HANDLER(account_ping);
HANDLER(account_balance);
HANDLER(products_list);
HANDLER(products_one);
HANDLER(products_countries);
HANDLER(products_categories);
HANDLER(orders_create);
HANDLER(orders_list);
HANDLER(orders_one);
HANDLER(estimate_order);

/* --- paging, as all lists have it (runa-api 4) ----------------------------------------------- */
struct page {
	size_t limit;
	const char *after, *before; /* at most one; NULL: not given */
	enum paging paging;
};

/* False: refused with pagination_error. */
MUST_USE bool call_page(struct call *call, size_t usual_limit, struct page *out);
/* {"cursors":{...},"page":{...}}; NULL cursors are left out. The caller owns it. */
MUST_USE struct json_object *paging_show(const struct page *page, const char *before, const char *after);

#endif
