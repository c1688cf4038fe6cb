/* orders.c: GET /orders: what was ordered, newest first, a page at a time by key set. What is asked for stays in the
 * address, so that a list can be kept and passed on. */
#include "pages/orders.h"

#include <string.h>

#include "base/text.h"
#include "pages/show.h"
#include "pages/texts.h"

enum { ROWS_A_PAGE = 50 };

/* The filters that stay when the page is turned; each has a field, its markers, and a place among what is shown of it.
 * Those that `is_more` stand in a part of the form that opens when one of them is used. */
static const struct { const char *name, *marker, *wrong, *chip; bool is_more; } kept[] = {
	{ "q", "ASKED_Q", "Q_WRONG", "CHIP_Q", false },
	{ "status", "ASKED_STATUS", "STATUS_WRONG", "CHIP_STATUS", false },
	{ "product", "ASKED_PRODUCT", "PRODUCT_WRONG", "CHIP_PRODUCT", true },
	{ "currency", "ASKED_CURRENCY", "CURRENCY_WRONG", "CHIP_CURRENCY", true },
	{ "by", "ASKED_BY", "BY_WRONG", "CHIP_BY", true },
	{ "from", "ASKED_FROM", "FROM_WRONG", "CHIP_FROM", true },
	{ "to", "ASKED_TO", "TO_WRONG", "CHIP_TO", true },
};

/* The query of the same list: from another place on (NULL: from the start), without one of its filters (NULL: with
 * all). */
static char *query_with(const struct web_request *req, const char *cursor, const char *without)
{
	struct text query;

	text_begin(&query, req->mem, 0);
	for (size_t i = 0; i < COUNT_OF(kept); i++)
		if (*pages_asked(req, kept[i].name) && !text_is_same(kept[i].name, without))
			text_print(&query, "%s%s=%s", query.count ? "&" : "?", kept[i].name,
			           show_query(req->mem, pages_asked(req, kept[i].name)));
	if (cursor)
		text_print(&query, "%spage=%s", query.count ? "&" : "?", cursor);
	return query.bytes;
}

/* ---- what was asked for ---------------------------------------------------------------------------- */

static void show_statuses(struct web_request *req, struct web_page *page)
{
	for (int status = 0; status < ORDER_STATUSES; status++) {
		const char *name = order_status_name((enum order_status)status);
		struct values *option = values_row(page->values, "STATUS_OPTION");

		values_set(option, "VALUE", name);
		values_set(option, "WORDS", texts_status((enum order_status)status));
		if (text_is_same(pages_asked(req, "status"), name))
			values_show(option, "IS_CHOSEN");
	}
}

/* What a filter's value is called: a status has words. */
static const char *words_of(const char *name, const char *value)
{
	enum order_status status;

	return text_is_same(name, "status") && order_status_from_name(value, &status) ? texts_status(status) : value;
}

static void show_filter(struct web_request *req, struct web_page *page)
{
	bool is_more = false;

	for (size_t i = 0; i < COUNT_OF(kept); i++) {
		const char *value = pages_asked(req, kept[i].name);
		struct values *chip;

		web_set(page, kept[i].marker, value);
		if (!*value)
			continue;
		chip = values_row(page->values, "CHIP");
		values_show(chip, kept[i].chip);
		values_set(chip, "VALUE", words_of(kept[i].name, value));
		values_set(chip, "QUERY", query_with(req, NULL, kept[i].name));
		is_more |= kept[i].is_more;
	}
	show_statuses(req, page);
	if (*query_with(req, NULL, NULL))
		web_show(page, "IS_FILTERED");
	if (is_more)
		web_show(page, "IS_MORE");
	if (req->roles & ROLE_ORDERER)
		web_show(page, "MAY_ORDER");
}

/* Beside its field, with a link to it from the summary, or in its own sentence. */
static void show_bad(struct web_page *page, const char *bad)
{
	struct values *summary = values_row(page->values, "BAD_FILTER");

	web_show(page, "IS_ERROR");
	if (text_is_same("page", bad))
		values_show(summary, "BAD_PAGE");
	for (size_t i = 0; i < COUNT_OF(kept); i++) {
		if (!text_is_same(kept[i].name, bad))
			continue;
		values_set(values_row(summary, "BAD_FIELD"), "NAME", bad);
		web_show(page, kept[i].wrong);
	}
}

/* ---- what there is --------------------------------------------------------------------------------- */

void orders_show_rows(struct values *values, struct arena *mem, const struct order *orders, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct order *order = &orders[i];
		struct values *row = values_row(values, "ORDER_ROW");
		char *time = show_time(mem, order->placed_at_ms);

		values_set(row, "TIME", arena_print(mem, "%.16s", time)); /* to the minute; the head says UTC */
		values_set(row, "TIME_ISO", clock_rfc3339(mem, order->placed_at_ms));
		values_set(row, "NUMBER", order->number);
		values_set(row, "PRODUCT_NAME", order->product_name);
		values_set(row, "PRODUCT_CODE", order->product_code);
		values_set(row, "FACE_VALUE", show_money(mem, order->face_value));
		values_set(row, "STATUS", texts_status(order->status));
		values_set(row, "STATUS_NAME", order_status_name(order->status));
		if (order->status == ORDER_FAILED && order->money_moved == MONEY_MOVED_UNKNOWN)
			values_show(row, "IS_OPEN"); /* it is for a person to settle, as those that need attention */
		values_set(row, "MONEY", texts_money_moved(order->money_moved));
		values_set(row, "MONEY_NAME", order_money_moved_name(order->money_moved));
		values_set(row, "PLACED_BY", order->placed_by_name);
		if (order->email && *order->email)
			values_set(values_row(row, "FOR"), "EMAIL", order->email);
		else
			values_show(row, order->email ? "FOR_BLANKED" : "FOR_LINK");
		if (order->description)
			values_set(values_row(row, "NOTE"), "TEXT", order->description);
	}
}

/* How many there are is said where nobody has to count: of all, of a status, or when they are all on this page. */
static void show_how_many(struct web_request *req, struct web_page *page, const struct ledger_filter *filter,
                          size_t shown, bool is_all)
{
	struct values *line;
	int64_t counts[ORDER_STATUSES], total = 0;
	bool is_counted = !filter->product && !filter->currency && !filter->by && !filter->find && !filter->from_ms &&
	                  !filter->to_ms;

	if (is_counted && !is_all && order_counts(desk_of(req), counts) == LEDGER_OK)
		for (int status = 0; status < ORDER_STATUSES; status++)
			total += !filter->has_status || (int)filter->status == status ? counts[status] : 0;
	line = values_row(page->values, total   ? "COUNT_OF"
	                                : !is_all ? "COUNT_SOME"
	                                : shown == 1 ? "COUNT_ONE" : "COUNT_ALL");
	values_set(line, "SHOWN", show_count(req->mem, (int64_t)shown));
	values_set(line, "TOTAL", show_count(req->mem, total));
}

static void show_none(struct web_page *page, const struct ledger_filter *filter, bool is_filtered)
{
	if (filter->until_ms)
		show_time_in(values_row(page->values, "NONE_SO_FAR"), page->mem, "TIME", filter->until_ms);
	else if (filter->before_ms)
		web_show(page, "NONE_OLDER");
	else
		web_show(page, is_filtered ? "NONE_FITS" : "NONE_YET");
}

static void show_pager(struct web_request *req, struct web_page *page, const struct ledger_filter *filter,
                       const struct order *last)
{
	char *cursor = NULL;

	if (last)
		cursor = orders_cursor_text(req->mem, last->placed_at_ms, last->number);
	else if (filter->until_ms)
		cursor = orders_cursor_text(req->mem, filter->until_ms, filter->until_number);
	if (cursor || filter->before_ms)
		web_show(page, "PAGER");
	if (cursor)
		values_set(values_row(page->values, last ? "NEXT_PAGE" : "SEARCH_ON"), "QUERY",
		           query_with(req, cursor, NULL));
	if (filter->before_ms)
		values_set(values_row(page->values, "FIRST_PAGE"), "QUERY", query_with(req, NULL, NULL));
}

static enum web_status show_list(struct web_request *req, struct web_page *page, struct ledger_filter *filter)
{
	enum ledger_result looked = order_look(desk_of(req), filter, ORDERS_LOOKS_A_PAGE);
	struct order *orders;
	size_t count;
	bool is_more;

	/* One more than is shown tells whether there is a next page. */
	if ((looked != LEDGER_OK && looked != LEDGER_NONE) ||
	    order_list(desk_of(req), req->mem, filter, ROWS_A_PAGE + 1, &orders, &count) != LEDGER_OK)
		return web_fail(page, WEB_UNAVAILABLE, "ledger_unreadable");
	is_more = count > ROWS_A_PAGE;
	if (is_more)
		count = ROWS_A_PAGE;
	show_pager(req, page, filter, is_more ? &orders[count - 1] : NULL);
	if (count == 0) {
		show_none(page, filter, *query_with(req, NULL, NULL));
		return WEB_OK;
	}
	web_show(page, "ORDERS");
	values_set(values_row(page->values, "EXPORT"), "QUERY", query_with(req, NULL, NULL));
	show_how_many(req, page, filter, count, !is_more && !filter->before_ms && !filter->until_ms);
	orders_show_rows(page->values, req->mem, orders, count);
	return WEB_OK;
}

enum web_status page_orders(struct web_request *req, struct web_page *page)
{
	struct ledger_filter filter;
	const char *bad = orders_filter_read(req, &filter);

	show_filter(req, page);
	if (!bad)
		return show_list(req, page, &filter);
	show_bad(page, bad);
	return WEB_BAD_REQUEST;
}
