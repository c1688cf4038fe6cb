/* order_retry.c: POST /orders/ID/retry: 'Try again now', with the same key. */
#include "pages/order.h"

/* Where each outcome leads: back to the order's page, which says it in one line. */
static const struct { enum retried retried; const char *query; } ways[] = {
	{ RETRIED, "now" },
	{ RETRIED_FINAL, "final" },
	{ RETRIED_TOO_OLD, "old" },
	{ RETRIED_LOOKING, "looking" },
	{ RETRIED_BUSY, "busy" },
	{ RETRIED_ELSEWHERE, "elsewhere" }, /* the page itself says why */
};

enum web_status page_order_retry(struct web_request *req, struct web_page *page)
{
	const char *number = web_path(req, "ID");
	struct person person = person_of(req);
	enum retried retried = ids_is_number(number) ? order_retry(desk_of(req), number, &person) : RETRIED_NONE;

	for (size_t i = 0; i < COUNT_OF(ways); i++)
		if (ways[i].retried == retried)
			return web_redirect(page, arena_print(req->mem, "/orders/%s?retried=%s", number, ways[i].query));
	if (retried == RETRIED_NONE)
		return web_fail(page, WEB_NOT_FOUND, "no_such_order");
	return web_fail(page, WEB_UNAVAILABLE, "ledger_not_writable");
}
