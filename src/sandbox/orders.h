/* orders.h: what an order looks like in an answer (runa-api 6.6, 9). The caller owns the JSON. */
#ifndef SANDBOX_ORDERS_H
#define SANDBOX_ORDERS_H

#include "sandbox/store.h"

/* The order is settled (store_settle) before. */
MUST_USE struct json_object *order_show_full(struct arena *mem, const struct order *order, bool quirks);
MUST_USE struct json_object *order_show_basic(struct arena *mem, const struct order *order, bool quirks);
/* id, status, message: all that is told of an order in PROCESSING. */
MUST_USE struct json_object *order_show_partial(const struct order *order);
/* Basic, or partial while PROCESSING. */
MUST_USE struct json_object *order_show_listed(struct arena *mem, const struct order *order, bool quirks);

#endif
