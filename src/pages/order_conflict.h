/* order_conflict.h: the answer to a form that was used before with other content. */
#ifndef PAGES_ORDER_CONFLICT_H
#define PAGES_ORDER_CONFLICT_H

#include "desk/order.h"
#include "pages/pages.h"

/* Fills order_conflict.html: what was ordered beside what came now, and a form with a new key. */
enum web_status order_conflict_show(struct web_request *req, struct web_page *page,
                                    const struct order *placed, const struct wish *now);

#endif
