/* order_check.c: POST /orders/ID/check: Runa is asked now what became of the payout. */
#include "pages/order.h"

/* Back to the order's page, which waits for one look more than there were. */
enum web_status page_order_check(struct web_request *req, struct web_page *page)
{
	const char *number = web_path(req, "ID");
	struct order order;
	enum ledger_result asked = ids_is_number(number) ? order_find(desk_of(req), req->mem, number, &order) : LEDGER_NONE;

	if (asked == LEDGER_OK)
		asked = order_ask_payout(desk_of(req), number);
	if (asked == LEDGER_OK)
		return web_redirect(page, arena_print(req->mem, "/orders/%s?checked=%d&before=%lld", number, order.payout_looks,
		                                      (long long)order.payout_checked_at_ms));
	if (asked == LEDGER_NONE)
		return web_fail(page, WEB_NOT_FOUND, "no_such_order");
	return web_fail(page, WEB_UNAVAILABLE, "ledger_not_writable");
}
