/* order.h: the page of one order, as each handler shows it that acts on an order. */
#ifndef PAGES_ORDER_H
#define PAGES_ORDER_H

#include "desk/order.h"
#include "pages/pages.h"
#include "pages/texts.h"

enum { WHY_MOST = 500 }; /* characters of the reason for a new attempt */

/* What is shown beside the order itself; all zero where nothing is. */
struct order_page {
	const char *notice;    /* a section of order.html: one calm line at the top; NULL: what the query says */
	const char *why;       /* what was typed into the form for a new attempt */
	const char *why_error; /* a section of order.html: what is wrong with it */
};

/* Fills order.html; the status to answer with, or that of an error page. Waits up to 2 s for an order that has
 * no answer yet. */
enum web_status order_page_show(struct web_request *req, struct web_page *page,
                                const struct order_page *state);
/* The order of the path's ID as it is now; waits the same way. */
MUST_USE enum ledger_result order_page_find(struct web_request *req, struct order *out);
/* The words for this order as things are: where the desk talks to another address (`elsewhere`, of order_elsewhere)
 * or sends nothing at the moment, an order that waits is not promised to go on by itself. */
MUST_USE struct texts_advice order_page_advice(struct web_request *req, const struct order *order,
                                               const char *elsewhere);
/* What happened and when: the rows EVENT and TRY of order.html. `tries` oldest first. */
void order_timeline_show(struct web_page *page, const struct order *order, const struct attempt_try *tries,
                         size_t count);
/* The error page for an order that cannot be shown. */
enum web_status order_page_fail(struct web_page *page, enum ledger_result result);
/* The order as JSON (contract.md), in `mem`; NULL: no memory. `link`: NULL where there is none. */
MUST_USE char *order_json_text(struct arena *mem, const struct order *order, bool may_see_link,
                               const char *link, size_t *bytes);

#endif
