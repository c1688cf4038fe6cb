/* order_conflict.c: a used form with other content: both versions side by side, nothing sent (fault 4). */
#include "pages/order_conflict.h"

#include "base/text.h"
#include "pages/order.h"
#include "pages/order_form.h"
#include "pages/texts.h"

/* One field in both versions; `section` names it in the template. True: they are written alike. */
static bool show_both(struct web_page *page, struct values *row, const char *placed, const char *now)
{
	const char *was = placed ? placed : "";
	const char *is = text_trim(page->mem, now ? now : "");

	values_set(row, "PLACED", was);
	values_set(row, "NOW", is);
	if (!*was)
		values_show(row, "PLACED_EMPTY");
	if (!*is)
		values_show(row, "NOW_EMPTY");
	return text_is_same(was, is);
}

static void show_field(struct web_page *page, const char *section, const char *placed, const char *now)
{
	struct values *row = values_row(page->values, section);

	if (!show_both(page, row, placed, now))
		values_show(row, "DIFFERS");
}

/* "10" and "10.00" are one amount, as they are to the desk. */
static void show_amount(struct web_page *page, const char *section, struct money placed, const char *now)
{
	struct values *row = values_row(page->values, section);
	bool is_same = show_both(page, row, money_text(page->mem, placed), now);
	struct money amount;

	if (!is_same && now && money_parse(text_trim(page->mem, now), placed.currency, &amount) == MONEY_OK)
		is_same = amount.minor == placed.minor;
	if (!is_same)
		values_show(row, "DIFFERS");
}

/* Of the two ways in the form, as the form words them. */
static void show_distribution(struct web_page *page, const char *placed, const char *now)
{
	struct values *row = values_row(page->values, "DISTRIBUTION_ROW");
	const char *is = text_trim(page->mem, now ? now : "");

	(void)show_both(page, row, texts_distribution(placed), texts_distribution(is));
	if (!text_is_same(placed, is))
		values_show(row, "DIFFERS");
}

/* What became of the order that was placed: the same words as on its own page. */
static void show_outcome(struct web_request *req, struct web_page *page, const struct order *placed)
{
	const char *elsewhere = order_elsewhere(desk_of(req), req->mem, placed);
	struct texts_advice advice = order_page_advice(req, placed, elsewhere);

	web_set(page, "HEADLINE", advice.headline);
	web_set(page, "MONEY", texts_money_moved(placed->money_moved));
	web_set(page, "MONEY_WORDS", advice.money_words);
}

enum web_status order_conflict_show(struct web_request *req, struct web_page *page,
                                    const struct order *placed, const struct wish *now)
{
	struct wish was = order_form_of(req->mem, placed);

	page->template_file = "order_conflict.html";
	web_set(page, "NUMBER", placed->number);
	show_outcome(req, page, placed);
	show_field(page, "PRODUCT_ROW", was.product, now->product);
	show_amount(page, "FACE_VALUE_ROW", placed->face_value, now->face_value);
	show_field(page, "CURRENCY_ROW", was.currency, now->currency);
	show_distribution(page, was.distribution, now->distribution);
	show_field(page, "EMAIL_ROW", was.email, now->email);
	show_field(page, "DESCRIPTION_ROW", was.description, now->description);
	/* A POST, not a link with a query: recipients don't belong into anybody's access log. */
	order_form_hide(values_include(page->values, "HIDDEN", "order_hidden.html"), now,
	                pages_token(req, PAGES_ORDER_PURPOSE));
	return WEB_CONFLICT;
}
