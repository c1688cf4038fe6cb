/* lists.c: looking at many orders: pages of them, how far a search has come, and the figures of days. */
#include "desk/order.h"

#include "desk/inside.h"

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
