/* order_check.c: POST /orders/ID/check: Runa is asked now what became of the payout. */
#include "pages/order.h"

enum web_status page_order_check(struct web_request *req, struct web_page *page)
{
	const char *number = web_path(req, "ID");
	enum ledger_result asked = ids_is_number(number) ? order_ask_payout(desk_of(req), number) : LEDGER_NONE;

	if (asked == LEDGER_OK)
		return web_redirect(page, arena_print(req->mem, "/orders/%s?checked=asked", number));
	if (asked == LEDGER_NONE)
		return web_fail(page, WEB_NOT_FOUND, "no_such_order");
	return web_fail(page, WEB_UNAVAILABLE, "ledger_not_writable");
}
