/* order_review.c: POST /orders with action=review: exactly what would be ordered, before it is. Stores nothing, sends
 * no order and decides no rule: the desk checks, and says what it would cost. */
#include <string.h>

#include "base/text.h"
#include "desk/estimate.h"
#include "model/country.h"
#include "model/currency.h"
#include "pages/order_form.h"
#include "pages/products.h"
#include "pages/show.h"
#include "pages/texts.h"

/* Why Runa's own word about the price is missing: sections of order_review.html. */
static const char *const why_none[ESTIMATE_OUTCOMES] = {
	[ESTIMATE_REFUSED] = "WHY_REFUSED",
	[ESTIMATE_NOT_OFFERED] = "WHY_NOT_OFFERED",
	[ESTIMATE_NOBODY] = "WHY_NOBODY",
	[ESTIMATE_STOPPED] = "WHY_STOPPED",
	[ESTIMATE_PAUSED] = "WHY_PAUSED",
	[ESTIMATE_BUSY] = "WHY_BUSY",
	[ESTIMATE_LATE] = "WHY_LATE",
	[ESTIMATE_UNCLEAR] = "WHY_UNCLEAR",
};

static void show_product(struct web_request *req, struct web_page *page, const struct order *order)
{
	const struct product *product = catalogue_find(catalogue_in(desk_of(req), req->mem), order->product_code);

	web_set(page, "NAME", order->product_name);
	web_set(page, "CODE", order->product_code);
	if (product && *product->country)
		values_set(values_row(page->values, "IN_COUNTRY"), "COUNTRY", country_name(product->country));
}

static void show_wish(struct web_page *page, const struct order *order)
{
	web_set(page, "AMOUNT", show_money(page->mem, order->face_value));
	web_set(page, "AMOUNT_WORDS", arena_print(page->mem, "%s %s", show_amount(page->mem, order->face_value),
	                                          currency_name(order->face_value.currency)));
	web_set(page, "CURRENCY_CODE", order->face_value.currency);
	if (order->distribution == DISTRIBUTION_EMAIL)
		values_set(values_row(page->values, "IS_EMAIL"), "EMAIL", order->email);
	else
		web_show(page, "IS_LINK");
	if (order->description)
		values_set(values_row(page->values, "NOTE"), "DESCRIPTION", order->description);
	else
		web_show(page, "NO_NOTE");
}

/* The same order, placed a short while ago: is that the one that is meant? */
static void show_like(struct web_request *req, struct web_page *page, const struct order *order)
{
	struct order like;
	struct values *row;

	if (!order_like(desk_of(req), req->mem, order, &like))
		return;
	row = values_row(page->values, "NOTICE_LIKE");
	values_set(row, "NUMBER", like.number);
	values_set(row, "AGE", texts_age(req->mem, req->now_ms - like.placed_at_ms));
	show_time_in(row, req->mem, "TIME", like.placed_at_ms);
	values_set(row, "STATUS", texts_status(like.status));
	values_show(row, like.distribution == DISTRIBUTION_EMAIL ? "LIKE_SENT" : "LIKE_LINK");
}

/* What is left of the balance then, and a word before it is too late where it is not enough. */
static void show_balance(struct web_request *req, struct web_page *page, struct money cost, bool is_estimated)
{
	const struct catalogue *catalogue = catalogue_in(desk_of(req), req->mem);
	const struct balance *balance = catalogue_balance(catalogue, cost.currency);
	struct values *row;
	struct money left;

	if (!balance) {
		web_show(page, "BALANCE_UNKNOWN");
		return;
	}
	order_form_show_balance(req, page, catalogue, balance);
	if (!money_subtract(balance->amount, cost, &left) || left.minor < 0) {
		row = values_row(page->values, "TROUBLE_BALANCE");
		values_set(row, "NOW", show_money(req->mem, balance->amount));
		values_set(row, "COST", show_money(req->mem, cost));
		show_time_in(row, req->mem, "TIME", catalogue->balances_fetched_ms);
		web_show(page, "NOT_ENOUGH");
		return;
	}
	row = values_row(page->values, "ENOUGH");
	values_set(row, "LEFT", show_money(req->mem, left));
	values_show(row, is_estimated ? "BY_ESTIMATE" : "BY_FACE_VALUE");
}

static void show_price(struct web_request *req, struct web_page *page, const struct order *order)
{
	struct estimate estimate;
	enum estimated outcome = estimate_ask(desk_of(req), order->product_code, order->face_value, &estimate);
	struct values *row = values_row(page->values, outcome == ESTIMATE_KNOWN ? "ESTIMATE" : "NO_ESTIMATE");

	if (outcome == ESTIMATE_KNOWN) {
		values_set(row, "PRICE", show_money(req->mem, estimate.price));
		if (estimate.discount.minor > 0)
			values_set(values_row(row, "LESS"), "DISCOUNT", show_money(req->mem, estimate.discount));
		show_time_in(row, req->mem, "TIME", estimate.at_ms);
	} else {
		values_show(row, why_none[outcome]);
	}
	if (outcome == ESTIMATE_REFUSED)
		values_set(values_row(page->values, "TROUBLE_ESTIMATE"), "SAYS", texts_error_for(estimate.error_type)->says);
	show_balance(req, page, outcome == ESTIMATE_KNOWN ? estimate.price : order->face_value, outcome == ESTIMATE_KNOWN);
}

/* Enter in the field that searches, without scripts: nothing else was typed so far. */
static bool is_search_only(const struct web_request *req, const struct wish *wish)
{
	return wish->product && !order_form_knows(req, wish->product) &&
	       (!wish->face_value || !*text_trim(req->mem, wish->face_value));
}

enum web_status order_review(struct web_request *req, struct web_page *page, const struct wish *wish)
{
	struct person person = person_of(req);
	struct field_errors errors = { .count = 0 };
	struct order order;
	enum placed placed = order_check(desk_of(req), req->mem, wish, &person, &order, &errors);

	if (placed == PLACED_NOT && is_search_only(req, wish))
		return order_form_step(req, page, wish, "find");
	if (placed == PLACED_UNSURE)
		return order_form_later(req, page, wish, "LEDGER_UNREAD");
	if (placed != PLACED_NEW)
		return order_place_answer(req, page, wish, placed, &order, &errors);
	page->template_file = "order_review.html";
	order_form_hide(values_include(page->values, "HIDDEN", "order_hidden.html"), wish,
	                web_field(req, PAGES_TOKEN_FIELD));
	show_product(req, page, &order);
	show_wish(page, &order);
	show_like(req, page, &order);
	show_price(req, page, &order);
	page->cache = ORDER_FORM_CACHE; /* Back to it has the same key, as to the form */
	return WEB_OK;
}
