/* messages.h: Runa's JSON, out and in (runa-api 6, 9 to 12). Numbers are written and read as exact
 * decimal text. What comes in is hostile: nesting, sizes and types are checked, unknown properties
 * ignored; results live in `mem`. Any thread. */
#ifndef RUNA_MESSAGES_H
#define RUNA_MESSAGES_H

#include "base/arena.h"
#include "base/base.h"
#include "model/order.h"
#include "model/product.h"
#include "runa/line.h"

/* ---- out ---- */

/* The body of POST /order, sync, one item. `reference` ends the description (runa-api 8.4). */
MUST_USE char *runa_order_body(struct arena *mem, const struct order *order, const char *reference);
/* "Name: value\n" lines of POST /order: all but the API key. */
MUST_USE char *runa_order_headers(struct arena *mem, const char *key, const char *api_version);
/* "our text · REFERENCE", or REFERENCE alone; at most 128 characters. */
MUST_USE char *runa_description(struct arena *mem, const char *description, const char *reference);
/* Does a description that came back carry this reference as its last word? */
MUST_USE bool runa_description_has(const char *description, const char *reference);

/* Requests, complete but for the key; api_version as configured. */
struct runa_request runa_request_order(const char *headers, const char *body, size_t body_bytes);
struct runa_request runa_request_poll(struct arena *mem, const char *runa_order_id, const char *api_version);
/* Pages of 500; after NULL: the first. */
struct runa_request runa_request_orders(struct arena *mem, const char *after, const char *api_version);
struct runa_request runa_request_products(struct arena *mem, const char *after, const char *api_version);
struct runa_request runa_request_balances(struct arena *mem, const char *api_version);
struct runa_request runa_request_ping(struct arena *mem, const char *api_version);
/* What would one item cost, paid from the balance of its own currency? Orders nothing (runa-api 10). */
struct runa_request runa_request_estimate(struct arena *mem, const char *product_code, struct money face_value,
                                          const char *api_version);

/* ---- in ---- */

/* An order as Runa says it; what was missing or strange is NULL, "" or 0, and named in `strange`. */
struct runa_order {
	const char *id;              /* NULL where not readable */
	const char *status;          /* COMPLETED, FAILED, PROCESSING, another word, or NULL */
	const char *description;     /* NULL where none */
	struct money price, discount; /* currency "" where missing or unreadable */
	const char *payout_status, *payout_expiry;
	const char *link;            /* https only, at most SIZE_LINK, else NULL */
	int64_t completed_at_ms;     /* 0 where missing */
	int item_count;
	struct money item_face_value; /* currency "" where missing */
	const char *item_product;    /* of a SINGLE product, else NULL */
	const char *strange;         /* what didn't fit, for the log; NULL: nothing */
};

/* False: not a JSON object at all. */
MUST_USE bool runa_read_order(struct arena *mem, const char *body, size_t bytes, struct runa_order *out);

/* What Runa would charge now. */
struct runa_estimate { struct money price, discount; };
/* False: it isn't about this one product, value and balance, or has an amount that cannot be read exactly. */
MUST_USE bool runa_read_estimate(struct arena *mem, const char *body, size_t bytes, const char *product_code,
                                 struct money face_value, struct runa_estimate *out);

struct runa_error {
	const char *type;    /* NULL: none (429's odd body, or not Runa's shape) */
	const char *message; /* cut to SIZE_RUNA_MESSAGE, printable; NULL: none */
};
MUST_USE bool runa_read_error(struct arena *mem, const char *body, size_t bytes, struct runa_error *out);

/* A page of a list: next NULL: no cursor. An empty page is the end (runa-api 4). */
struct runa_order_entry { const char *id, *status, *description; };
MUST_USE bool runa_read_orders(struct arena *mem, const char *body, size_t bytes, struct runa_order_entry **out,
                               size_t *count, const char **next);
/* Products that cannot be read are left out and counted in *skipped; subscription plans come out as
 * products of their own, by plan code. */
MUST_USE bool runa_read_products(struct arena *mem, const char *body, size_t bytes, struct product **out,
                                 size_t *count, size_t *skipped, const char **next);
MUST_USE bool runa_read_balances(struct arena *mem, const char *body, size_t bytes, struct balance **out,
                                 size_t *count);

#endif
