/* lists.c: looking at many orders: pages of them, how far a search has come, the figures of days, and one that says the
 * same. */
#include "desk/order.h"

#include "desk/inside.h"

enum { LIKE_SENT_DAYS = 7, LIKE_LINK_DAYS = 1 }; /* links without a note are alike by chance soon enough */

enum ledger_result order_look(struct desk *desk, struct ledger_filter *filter, size_t most)
{
	return ledger_look(desk->ledger, filter, most);
}

enum ledger_result order_counts(struct desk *desk, int64_t counts[ORDER_STATUSES])
{
	return ledger_counts(desk->ledger, counts);
}

enum ledger_result order_days(struct desk *desk, struct arena *mem, int64_t from_day, int64_t to_day,
                              struct ledger_day **out, size_t *count)
{
	return ledger_days(desk->ledger, mem, from_day, to_day, out, count);
}

bool order_like(struct desk *desk, struct arena *mem, const struct order *checked, struct order *out)
{
	int64_t days = checked->distribution == DISTRIBUTION_LINK ? LIKE_LINK_DAYS : LIKE_SENT_DAYS;
	int64_t since_ms = clock_wall_ms(desk->clock) - days * MS_A_DAY;

	return ledger_order_like(desk->ledger, mem, checked, since_ms, out) == LEDGER_OK;
}
