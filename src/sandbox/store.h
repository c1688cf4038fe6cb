/* store.h: the orders that were made (each one costs money) and the idempotency keys. Knows no JSON
 * beyond keeping its text, and no rule of what may be ordered. Guarded by the world's lock; nothing
 * is given back before store_end(). */
#ifndef SANDBOX_STORE_H
#define SANDBOX_STORE_H

#include "model/money.h"
#include "sandbox/exchange.h"
#include "sandbox/map.h"

enum {
	STORE_ID_SIZE = 2 + 26 + 1,
	STORE_LINK_SIZE = 80,
};
/* After this a key is forgotten, and the same request places a new order (runa-api 8.1). */
#define STORE_KEY_LIFE_MS (INT64_C(30) * 86400000)

enum order_state { ORDER_PROCESSING, ORDER_COMPLETED, ORDER_FAILED };
enum payout_state { PAYOUT_ACTIVE, PAYOUT_CLAIMED, PAYOUT_CANCELLED, PAYOUT_EXPIRED };

MUST_USE const char *order_state_name(enum order_state state);
MUST_USE const char *payout_state_name(enum payout_state state);
/* False: no such name; *out is left alone. */
MUST_USE bool order_state_named(const char *name, enum order_state *out);
MUST_USE bool payout_state_named(const char *name, enum payout_state *out);

struct order_item {
	char id[STORE_ID_SIZE];
	const char *distribution, *products; /* JSON text, as echoed */
	const char *code;                    /* the (first) product */
	struct money face_value, price, discount; /* in the products' currency */
	char link[STORE_LINK_SIZE];          /* bearer secret: never in a log line */
	enum payout_state payout;
	int64_t payout_at_ms;
};

/* A conversion (runa-api 15); currency "" where there is none. */
struct order_fx {
	char currency[CURRENCY_SIZE]; /* of the payout */
	int64_t rate_micro;           /* payout currency for one unit of payment currency, times 10^6 */
	struct money fee;             /* in the payment currency, part of the total */
};

struct order {
	char id[STORE_ID_SIZE];
	size_t place;                 /* in the order of making, from 0 */
	const char *key;
	const char *description;      /* NULL: none */
	const char *metadata;         /* JSON text; NULL: none */
	struct order_item *items;
	size_t item_count;
	struct money total_price, total_discount; /* in the payment currency */
	struct order_fx fx;
	int64_t created_ms, done_ms;  /* by the sandbox's clock; done_ms: PROCESSING ends */
	enum order_state state;       /* as of the last store_settle() */
	enum order_state outcome;     /* what it becomes at done_ms */
};

/* What happened under a key. */
struct keyed {
	const char *key;
	const char *body;
	size_t body_bytes;
	int64_t first_ms;
	uint64_t running;   /* number of the request that is at it; 0: none */
	bool is_answered;   /* answer is to be replayed */
	struct answer answer;
};

enum keyed_as {
	KEYED_NEW,        /* the caller is the one to answer: store_key_answer() must follow */
	KEYED_REPLAY,     /* *out has the answer */
	KEYED_RUNNING,    /* the original is not answered yet */
	KEYED_OTHERWISE,  /* another body was sent under this key */
};

struct store {
	struct arena *mem;
	struct order **orders; /* in the order of making */
	size_t order_count, order_room;
	struct map by_id, by_key;
	uint64_t orders_made, replays;
};

void store_begin(struct store *store);
void store_end(struct store *store);

/* New order with room for `items`, ids and links filled in, not yet findable. */
MUST_USE struct order *store_new_order(struct store *store, size_t items, int64_t now_ms);
/* From here on the order exists and has cost its price. */
void store_add_order(struct store *store, struct order *order);
MUST_USE struct order *store_find_order(struct store *store, const char *id, int64_t now_ms);
/* Brings the state of one order up to `now_ms`. */
void store_settle(struct order *order, int64_t now_ms);

/* Asks for a key on behalf of request number `number` (never 0). Bodies are compared byte by byte. */
MUST_USE enum keyed_as store_key_ask(struct store *store, const char *key, const char *body,
                                     size_t body_bytes, int64_t now_ms, uint64_t number, struct keyed **out);
/* Ends what KEYED_NEW began. `answer` NULL: nothing is kept, the next request with the key is new. */
void store_key_answer(struct store *store, const char *key, uint64_t number, const struct answer *answer);

#endif
