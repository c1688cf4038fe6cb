/* basket.h: what the items of an order or estimate mean in terms of the catalogue, and what they cost.
 * All amounts are integer minor units; a discount is rounded down to them. */
#ifndef SANDBOX_BASKET_H
#define SANDBOX_BASKET_H

#include "sandbox/call.h"

struct line {
	struct json_object *item;     /* of the request, already checked (check.h) */
	const struct offering *first; /* the product, or the first of several */
	const char *products;         /* JSON text as the answer echoes it */
	struct money face_value, price, discount;
	int discount_bp;
};

struct basket {
	struct line *lines;
	size_t count;
	const char *currency;         /* of all products */
	const char *payment_currency;
	struct money total_price, total_discount; /* in the payment currency, fee included */
	struct order_fx fx;           /* currency "" where nothing is converted */
};

/* Fills `out` from the body of an order or an estimate. False: refused, the call has its answer.
 *   may_convert  a payment in another currency is converted (runa-api 15), not refused */
MUST_USE bool basket_fill(struct call *call, struct json_object *body, bool may_convert, struct basket *out);

/* transaction_detail (runa-api 6.6); the caller owns it. */
MUST_USE struct json_object *basket_show_detail(struct arena *mem, struct money face_total, const struct order_fx *fx,
                                                const char *payment_currency);

#endif
