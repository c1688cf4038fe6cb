/* orders.c: GET /orders: what was ordered, newest first, a page at a time by key set. */
#include "pages/orders.h"

#include "base/text.h"
#include "pages/show.h"
#include "pages/texts.h"

enum { ROWS_A_PAGE = 50 };

/* The filters that have a field and stay when the page is turned, with their markers. */
static const struct { const char *name, *marker, *wrong, *right; } kept[] = {
	{ "status", "ASKED_STATUS", "STATUS_WRONG", NULL },
	{ "product", "ASKED_PRODUCT", "PRODUCT_WRONG", NULL },
	{ "currency", "ASKED_CURRENCY", "CURRENCY_WRONG", NULL },
	{ "by", "ASKED_BY", "BY_WRONG", NULL },
	{ "from", "ASKED_FROM", "FROM_WRONG", "FROM_RIGHT" },
	{ "to", "ASKED_TO", "TO_WRONG", "TO_RIGHT" },
};

/* Those without a field: each has its own sentence in the template. */
static const struct { const char *name, *section; } fieldless[] = {
	{ "q", "BAD_Q" }, { "page", "BAD_PAGE" },
};

static const char *asked(const struct web_request *req, const char *name)
{
	const char *value = web_query(req, name);

	return text_trim(req->mem, value ? value : "");
}

/* The query of the same list from another place on; cursor NULL: from the start. */
static char *query_with(const struct web_request *req, const char *cursor)
{
	struct text query;

	text_begin(&query, req->mem, 0);
	for (size_t i = 0; i < COUNT_OF(kept); i++)
		if (*asked(req, kept[i].name))
			text_print(&query, "%s%s=%s", query.count ? "&" : "?", kept[i].name,
			           show_query(req->mem, asked(req, kept[i].name)));
	if (cursor)
		text_print(&query, "%spage=%s", query.count ? "&" : "?", cursor);
	return query.bytes;
}

/* `bad`: the filter that cannot be read, or NULL. A browser shows nothing in a field for days that holds no day, so
 * there a wrong one stands in a field for text. */
static void show_filter(struct web_request *req, struct web_page *page, const char *bad)
{
	for (size_t i = 0; i < COUNT_OF(kept); i++) {
		web_set(page, kept[i].marker, asked(req, kept[i].name));
		if (kept[i].right && !text_is_same(kept[i].name, bad))
			web_show(page, kept[i].right);
	}
	for (int status = 0; status < ORDER_STATUSES; status++) {
		const char *name = order_status_name((enum order_status)status);
		struct values *option = values_row(page->values, "STATUS_OPTION");

		values_set(option, "VALUE", name);
		values_set(option, "WORDS", texts_status((enum order_status)status));
		if (text_is_same(asked(req, "status"), name))
			values_show(option, "IS_CHOSEN");
	}
	if (*query_with(req, NULL))
		web_show(page, "IS_FILTERED");
}

void orders_show_rows(struct web_page *page, const struct order *orders, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct order *order = &orders[i];
		struct values *row = values_row(page->values, "ORDER_ROW");

		show_time_in(row, page->mem, "TIME", order->placed_at_ms);
		values_set(row, "NUMBER", order->number);
		values_set(row, "PRODUCT_NAME", order->product_name);
		values_set(row, "FACE_VALUE", show_money(page->mem, order->face_value));
		values_set(row, "STATUS", texts_status(order->status));
		values_set(row, "MONEY", texts_money_moved(order->money_moved));
		values_set(row, "PLACED_BY", order->placed_by_name);
	}
}

static enum web_status show_list(struct web_request *req, struct web_page *page,
                                 const struct ledger_filter *filter)
{
	struct order *orders;
	size_t count;

	/* One more than is shown tells whether there is a next page. */
	if (order_list(desk_of(req), req->mem, filter, ROWS_A_PAGE + 1, &orders, &count) != LEDGER_OK)
		return web_fail(page, WEB_UNAVAILABLE, "ledger_unreadable");
	if (count > ROWS_A_PAGE) {
		const struct order *last = &orders[ROWS_A_PAGE - 1];
		char *cursor = orders_cursor_text(req->mem, last->placed_at_ms, last->number);

		count = ROWS_A_PAGE;
		values_set(values_row(page->values, "NEXT_PAGE"), "QUERY", query_with(req, cursor));
	}
	if (filter->before_ms)
		values_set(values_row(page->values, "FIRST_PAGE"), "QUERY", query_with(req, NULL));
	web_show(page, count ? "ORDERS" : "NO_ORDERS");
	orders_show_rows(page, orders, count);
	return WEB_OK;
}

/* Beside its field, with a link to it from the summary, or in its own sentence. */
static void show_bad(struct web_page *page, const char *bad)
{
	struct values *summary = values_row(page->values, "BAD_FILTER");

	web_show(page, "IS_ERROR");
	for (size_t i = 0; i < COUNT_OF(fieldless); i++)
		if (text_is_same(fieldless[i].name, bad))
			values_show(summary, fieldless[i].section);
	for (size_t i = 0; i < COUNT_OF(kept); i++) {
		if (!text_is_same(kept[i].name, bad))
			continue;
		values_set(values_row(summary, "BAD_FIELD"), "NAME", bad);
		web_show(page, kept[i].wrong);
	}
}

enum web_status page_orders(struct web_request *req, struct web_page *page)
{
	struct ledger_filter filter;
	const char *bad = orders_filter_read(req, &filter);

	show_filter(req, page, bad);
	if (!bad)
		return show_list(req, page, &filter);
	show_bad(page, bad);
	return WEB_BAD_REQUEST;
}
