/* overview.c: GET /: what the desk is, how it is doing, and the last orders. */
#include "desk/catalogue.h"
#include "pages/orders.h"
#include "pages/show.h"

enum { ROWS_SHOWN = 10 };

static const char *const sending_sections[SENDINGS] = {
	[SENDING_RUNS] = "SENDING_RUNS",
	[SENDING_ELSEWHERE] = "SENDING_RUNS",
	[SENDING_PAUSED] = "SENDING_PAUSED",
	[SENDING_UNSEEN] = "SENDING_UNSEEN",
	[SENDING_STOPPED] = "SENDING_STOPPED",
};

/* The money there is, and when Runa said so. */
static void show_balances(struct web_request *req, struct web_page *page)
{
	const struct catalogue *catalogue = catalogue_in(desk_of(req), req->mem);
	struct values *balances;

	if (!catalogue->balances_fetched_ms || catalogue->balance_count == 0)
		return;
	balances = values_row(page->values, "BALANCES");
	show_time_in(balances, req->mem, "TIME", catalogue->balances_fetched_ms);
	for (size_t i = 0; i < catalogue->balance_count; i++) {
		struct values *row = values_row(balances, "BALANCE");

		values_set(row, "AMOUNT", show_money(req->mem, catalogue->balances[i].amount));
		if (i > 0)
			values_show(row, "IS_FURTHER");
	}
}

enum web_status page_overview(struct web_request *req, struct web_page *page)
{
	const struct ledger_filter newest = { .has_status = false };
	struct desk_health health;
	struct order *orders;
	size_t count;

	desk_health(desk_of(req), &health);
	web_show(page, health.ledger_is_sound ? "LEDGER_SOUND" : "LEDGER_NOT_SOUND");
	web_show(page, sending_sections[pages_sending(&health, req->now_ms)]);
	web_show(page, health.catalogue_fetched_ms ? "HAS_CATALOGUE" : "NO_CATALOGUE");
	show_time_in(page->values, req->mem, "CATALOGUE_TIME", health.catalogue_fetched_ms);
	show_balances(req, page);
	if (req->roles & ROLE_ORDERER)
		web_show(page, "MAY_ORDER");
	if (order_list(desk_of(req), req->mem, &newest, ROWS_SHOWN, &orders, &count) != LEDGER_OK) {
		web_show(page, "ORDERS_UNREADABLE");
		return WEB_OK;
	}
	web_show(page, count ? "ORDERS" : "NO_ORDERS");
	orders_show_rows(page, orders, count);
	return WEB_OK;
}
