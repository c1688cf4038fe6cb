/* meaning.h: an answer in, one meaning out: the table of design 3 (runa-api 8.3, 16.2). Branches on
 * status and `type`, never on message text. */
#ifndef RUNA_MEANING_H
#define RUNA_MEANING_H

#include "model/meaning.h"
#include "runa/line.h"
#include "runa/messages.h"

/* What was expected back: our reference in the description, and what was ordered. */
struct runa_expected {
	const char *reference;
	const char *runa_order_id; /* of a poll: the id asked for; NULL for POST /order */
	const char *product_code; /* NULL: what was ordered cannot be read just now: then nothing is COMPLETED, and
	                             of the signs that an order isn't ours only the reference tells */
	struct money face_value;
};

struct runa_read {
	enum meaning meaning;
	struct runa_order order; /* of a 2xx; its id may be known even where the meaning is UNKNOWN */
	struct runa_error error; /* of all else */
	const char *strange;     /* for the log, NULL: nothing */
	bool is_stored_type;     /* an order-level error type */
};

/* Of POST /order. */
void runa_meaning_of_order(struct arena *mem, const struct runa_answer *answer,
                           const struct runa_expected *expected, struct runa_read *out);
/* Of GET /order/ID: COMPLETED, ACCEPTED, FAILED, FOREIGN, SETUP, SLOW_DOWN or NO_NEWS. */
void runa_meaning_of_poll(struct arena *mem, const struct runa_answer *answer,
                          const struct runa_expected *expected, struct runa_read *out);
/* Of POST /order/estimate: COMPLETED (*out is what it would cost), REFUSED (this would not be taken as an order
 * either: *why), ABSENT (Runa offers no estimates here), SETUP, SLOW_DOWN or NO_NEWS. */
enum meaning runa_meaning_of_estimate(struct arena *mem, const struct runa_answer *answer, const char *product_code,
                                      struct money face_value, struct runa_estimate *out, struct runa_error *why);
/* Of GET /ping, /balance, /product, /order: SETUP, SLOW_DOWN, NO_NEWS, or COMPLETED for a 200. */
enum meaning runa_meaning_of_read(struct arena *mem, const struct runa_answer *answer);

#endif
