/* overview.c: GET /: what needs somebody, what is left to spend, what the last days brought, and how the desk is doing.
 * Each part says for itself where it cannot be read, so that the others still show. */
#include "base/text.h"
#include "desk/catalogue.h"
#include "pages/orders.h"
#include "pages/plot.h"
#include "pages/show.h"

enum {
	ROWS_SHOWN = 10,
	ATTENTION_SHOWN = 5,
	DAYS_SHOWN = 30,
	DAYS_OF_LOW = 7, /* a balance below what so many days spent will not last as many more */
};

#define BALANCES_OLD_MS ((int64_t)MS_AN_HOUR) /* they are asked for every few minutes */

/* ---- what needs somebody --------------------------------------------------------------------------- */

static void show_attention(struct web_request *req, struct web_page *page)
{
	const struct ledger_filter stuck = { .has_status = true, .status = ORDER_NEEDS_ATTENTION };
	int64_t counts[ORDER_STATUSES];
	struct values *part;
	struct order *orders;
	size_t count;

	if (order_counts(desk_of(req), counts) != LEDGER_OK ||
	    order_list(desk_of(req), req->mem, &stuck, ATTENTION_SHOWN, &orders, &count) != LEDGER_OK)
		return; /* the orders below cannot be read either, and that is said there */
	if (counts[ORDER_AWAITING_APPROVAL] > 0) {
		part = values_row(page->values, "AWAITING");
		values_set(part, "COUNT", show_count(req->mem, counts[ORDER_AWAITING_APPROVAL]));
	}
	if (count == 0) {
		web_show(page, "NO_ATTENTION");
		return;
	}
	part = values_row(page->values, "ATTENTION");
	values_set(part, "COUNT", show_count(req->mem, counts[ORDER_NEEDS_ATTENTION]));
	if (counts[ORDER_NEEDS_ATTENTION] > (int64_t)count)
		values_show(part, "MORE_ATTENTION");
	orders_show_rows(part, req->mem, orders, count);
}

/* ---- what the last days brought -------------------------------------------------------------------- */

struct days {
	int64_t first, last; /* since 1970, in UTC */
	struct ledger_day *items;
	size_t count;
};

/* "95.00 GBP, 12.00 EUR", an amount never parted from its currency; "" for none. */
static const char *sums_text(struct arena *mem, const struct ledger_day *items, size_t count, bool is_spent)
{
	struct text text;

	text_begin(&text, mem, 0);
	for (size_t i = 0; i < count; i++) {
		int64_t minor = is_spent ? items[i].spent_minor : items[i].reserved_minor;

		if (minor > 0)
			text_print(&text, "%s%s\xC2\xA0%s", text.count ? ", " : "",
			           money_text(mem, money_of(minor, items[i].currency)), items[i].currency);
	}
	return text.bytes;
}

/* A row of the table and a bar of the plot; `items` are the currencies of that day. */
static struct plot_bar show_day(struct values *plot, struct arena *mem, int64_t day, const struct ledger_day *items,
                                size_t count)
{
	struct values *row = values_row(plot, "DAY");
	struct plot_bar bar = { 0, arena_print(mem, "%.10s", clock_rfc3339(mem, day * MS_A_DAY)) };

	for (size_t i = 0; i < count; i++)
		bar.number += items[i].orders;
	values_set(row, "DATE", bar.label);
	values_set(row, "NUMBER", show_count(mem, bar.number));
	values_set(row, "SPENT", sums_text(mem, items, count, true));
	values_set(row, "HELD", sums_text(mem, items, count, false));
	return bar;
}

static void show_days(struct web_page *page, const struct days *days)
{
	struct values *plot = values_row(page->values, "DAYS");
	struct plot_bar bars[DAYS_SHOWN];
	int64_t total = 0;
	size_t at = 0;

	for (size_t i = 0; i < DAYS_SHOWN; i++) {
		int64_t day = days->first + (int64_t)i;
		size_t begin = at;

		while (at < days->count && days->items[at].day == day)
			at++;
		bars[i] = show_day(plot, page->mem, day, &days->items[begin], at - begin);
		total += bars[i].number;
	}
	values_set(plot, "FIRST_DAY", bars[0].label);
	values_set(plot, "LAST_DAY", bars[DAYS_SHOWN - 1].label);
	values_set(plot, "TOTAL", show_count(page->mem, total));
	plot_show(plot, page->mem, bars, DAYS_SHOWN);
}

/* ---- what is left to spend ------------------------------------------------------------------------- */

/* Spent in the last DAYS_OF_LOW days, today among them. */
static struct money spent_lately(const struct days *days, const char *currency)
{
	struct money sum = money_of(0, currency);

	for (size_t i = 0; i < days->count; i++)
		if (days->items[i].day > days->last - DAYS_OF_LOW && text_is_same(days->items[i].currency, currency))
			(void)!money_add(sum, money_of(days->items[i].spent_minor, currency), &sum);
	return sum;
}

static const struct { int64_t below_ms, unit_ms; const char *section; } ages[] = {
	{ MS_A_MINUTE, MS_A_MINUTE, "AGE_MOMENT" },
	{ MS_AN_HOUR, MS_A_MINUTE, "AGE_MINUTES" },
	{ 2 * (int64_t)MS_A_DAY, MS_AN_HOUR, "AGE_HOURS" },
	{ INT64_MAX, MS_A_DAY, "AGE_DAYS" },
};

static void show_age(struct values *values, int64_t age_ms)
{
	struct values *age;
	size_t i = 0;

	while (age_ms >= ages[i].below_ms && i + 1 < COUNT_OF(ages))
		i++;
	age = values_row(values, ages[i].section);
	values_number(age, "N", age_ms / ages[i].unit_ms);
	if (age_ms / ages[i].unit_ms != 1)
		values_show(age, "IS_MANY");
}

static bool is_used(const struct days *days, const char *currency)
{
	for (size_t i = 0; i < days->count; i++)
		if (text_is_same(days->items[i].currency, currency))
			return true;
	return false;
}

/* A card, where the last days show what it has to last for. */
static void show_balance(struct values *used, struct arena *mem, struct money amount, struct money spent)
{
	struct values *row = values_row(used, "BALANCE");

	values_set(row, "AMOUNT", show_amount(mem, amount));
	values_set(row, "CURRENCY", amount.currency);
	values_set(values_row(row, amount.minor < spent.minor ? "LOW" : "SPENT_LATELY"), "SPENT",
	           show_money(mem, spent));
	if (amount.minor < spent.minor)
		values_show(row, "IS_LOW");
}

/* An account may have a dozen balances that nobody uses: those stand in one line. */
static void show_all_balances(struct values *part, struct arena *mem, const struct catalogue *catalogue,
                              const struct days *days)
{
	struct values *used = NULL, *others = NULL;

	for (size_t i = 0; i < catalogue->balance_count; i++) {
		struct money amount = catalogue->balances[i].amount;

		if (is_used(days, amount.currency)) {
			if (!used)
				used = values_row(part, "USED");
			show_balance(used, mem, amount, spent_lately(days, amount.currency));
			continue;
		}
		if (!others)
			others = values_row(part, "OTHERS");
		values_set(values_row(others, "OTHER"), "MONEY", show_money(mem, amount));
	}
}

static void show_balances(struct web_request *req, struct web_page *page, const struct days *days)
{
	const struct catalogue *catalogue = catalogue_in(desk_of(req), req->mem);
	int64_t age_ms = req->now_ms - catalogue->balances_fetched_ms;
	struct values *part;

	if (!catalogue->balances_fetched_ms) {
		web_show(page, "NO_BALANCES");
		return;
	}
	part = values_row(page->values, "BALANCES");
	show_time_in(part, req->mem, "TIME", catalogue->balances_fetched_ms);
	show_age(part, age_ms > 0 ? age_ms : 0);
	if (age_ms >= BALANCES_OLD_MS)
		values_show(part, "BALANCES_OLD");
	if (catalogue->balance_count == 0)
		values_show(part, "NONE_AT_RUNA");
	show_all_balances(part, req->mem, catalogue, days);
}

/* ---- the page -------------------------------------------------------------------------------------- */

static const char *const sending_sections[SENDINGS] = {
	[SENDING_RUNS] = "SENDING_RUNS",
	[SENDING_ELSEWHERE] = "SENDING_RUNS",
	[SENDING_PAUSED] = "SENDING_PAUSED",
	[SENDING_AWAY] = "SENDING_AWAY",
	[SENDING_UNSEEN] = "SENDING_UNSEEN",
	[SENDING_STOPPED] = "SENDING_STOPPED",
};

static void show_health(struct web_request *req, struct web_page *page)
{
	struct desk_health health;

	desk_health(desk_of(req), &health);
	web_show(page, health.ledger_is_sound ? "LEDGER_SOUND" : "LEDGER_NOT_SOUND");
	web_show(page, sending_sections[pages_sending(&health, req->now_ms)]);
	web_show(page, health.catalogue_fetched_ms ? "HAS_CATALOGUE" : "NO_CATALOGUE");
	show_time_in(page->values, req->mem, "CATALOGUE_TIME", health.catalogue_fetched_ms);
}

static void show_last_orders(struct web_request *req, struct web_page *page)
{
	const struct ledger_filter newest = { .has_status = false };
	struct order *orders;
	size_t count;

	if (order_list(desk_of(req), req->mem, &newest, ROWS_SHOWN, &orders, &count) != LEDGER_OK) {
		web_show(page, "ORDERS_UNREADABLE");
		return;
	}
	web_show(page, count ? "ORDERS" : "NO_ORDERS");
	orders_show_rows(page->values, req->mem, orders, count);
}

enum web_status page_overview(struct web_request *req, struct web_page *page)
{
	struct days days = { .last = clock_day(req->now_ms) };

	days.first = days.last - (DAYS_SHOWN - 1);
	if (order_days(desk_of(req), req->mem, days.first, days.last, &days.items, &days.count) == LEDGER_OK)
		show_days(page, &days);
	else
		days.count = 0;
	if (req->roles & ROLE_ORDERER)
		web_show(page, "MAY_ORDER");
	show_attention(req, page);
	show_balances(req, page, &days);
	show_last_orders(req, page);
	show_health(req, page);
	return WEB_OK;
}
