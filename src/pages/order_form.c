/* order_form.c: GET /orders/new, and the form itself. Knows no rule: the desk says what is wrong. */
#include "pages/order_form.h"

#include <string.h>

#include "base/text.h"
#include "pages/show.h"
#include "pages/texts.h"
#include "web/token.h"

/* The form's fields in its order: name, marker in the templates, place in the wish. */
static const struct form_field {
	const char *name, *marker, *error_section, *focus_section;
	size_t offset;
} fields[] = {
	{ "product", "PRODUCT", "PRODUCT_ERROR", "PRODUCT_FOCUS", offsetof(struct wish, product) },
	{ "face_value", "FACE_VALUE", "FACE_VALUE_ERROR", "FACE_VALUE_FOCUS", offsetof(struct wish, face_value) },
	{ "currency", "CURRENCY", "CURRENCY_ERROR", "CURRENCY_FOCUS", offsetof(struct wish, currency) },
	{ "distribution", "DISTRIBUTION", "DISTRIBUTION_ERROR", "DISTRIBUTION_FOCUS", offsetof(struct wish, distribution) },
	{ "email", "EMAIL", "EMAIL_ERROR", "EMAIL_FOCUS", offsetof(struct wish, email) },
	{ "description", "DESCRIPTION", "DESCRIPTION_ERROR", "DESCRIPTION_FOCUS", offsetof(struct wish, description) },
};

bool order_form_has(const char *field)
{
	for (size_t i = 0; i < COUNT_OF(fields); i++)
		if (strcmp(fields[i].name, field) == 0)
			return true;
	return false;
}

static const char **wish_at(struct wish *wish, const struct form_field *field)
{
	return (const char **)((char *)wish + field->offset);
}

static const char *wish_value(const struct wish *wish, const struct form_field *field)
{
	const char *value = *(const char *const *)((const char *)wish + field->offset);

	return value ? value : "";
}

/* "amz-gb" is AMZ-GB where the catalogue has no product of the very letters typed. */
static void find_product(const struct web_request *req, struct wish *wish)
{
	const struct catalogue *catalogue = catalogue_in(desk_of(req), req->mem);
	char *code = wish->product ? text_trim(req->mem, wish->product) : NULL;

	if (!code || catalogue_find(catalogue, code))
		return;
	text_upper(code);
	if (catalogue_find(catalogue, code))
		wish->product = code;
}

struct wish order_form_read(const struct web_request *req)
{
	struct wish wish = { .form_key = req->token_key };

	for (size_t i = 0; i < COUNT_OF(fields); i++)
		*wish_at(&wish, &fields[i]) = web_field(req, fields[i].name);
	find_product(req, &wish);
	return wish;
}

struct wish order_form_of(struct arena *mem, const struct order *order)
{
	return (struct wish){
		.product = order->product_code,
		.face_value = money_text(mem, order->face_value),
		.currency = arena_text(mem, order->face_value.currency),
		.distribution = order_distribution_name(order->distribution),
		.email = order->email,
		.description = order->description,
	};
}

void order_form_hide(struct values *values, const struct wish *wish, const char *token)
{
	for (size_t i = 0; i < COUNT_OF(fields); i++)
		values_set(values, fields[i].marker, wish_value(wish, &fields[i]));
	values_set(values, "TOKEN", token);
}

/* How old it is what the form is checked against; nothing where it was never fetched. */
static void show_age(struct web_page *page, const char *section, int64_t fetched_ms)
{
	if (fetched_ms)
		show_time_in(values_row(page->values, section), page->mem, "TIME", fetched_ms);
}

/* One line in the summary and one beside the field. */
static void show_error(struct web_page *page, const struct field_error *error)
{
	const char *text = texts_rule(page->mem, error);
	struct values *line = values_row(page->values, "ERROR_LINE");

	values_set(line, "FIELD", error->field);
	values_set(line, "TEXT", text);
	for (size_t i = 0; i < COUNT_OF(fields); i++)
		if (strcmp(fields[i].name, error->field) == 0)
			values_set(values_row(page->values, fields[i].error_section), "TEXT", text);
}

void order_form_want_catalogue(struct web_request *req)
{
	struct pages_app *app = app_of(req);

	if (app->fetch_catalogue && catalogue_in(app->desk, req->mem)->products_fetched_ms == 0)
		app->fetch_catalogue(app);
}

void order_form_show(struct web_request *req, struct web_page *page, const struct order_form *form)
{
	const struct catalogue *catalogue = catalogue_in(desk_of(req), req->mem);
	enum distribution distribution;

	page->template_file = "order_form.html";
	order_form_hide(page->values, &form->wish, form->token);
	if (form->wish.distribution && order_distribution_from_name(form->wish.distribution, &distribution))
		web_show(page, distribution == DISTRIBUTION_LINK ? "IS_LINK" : "IS_EMAIL");
	for (size_t i = 0; i < COUNT_OF(fields); i++)
		if (text_is_same(fields[i].name, form->focus))
			web_show(page, fields[i].focus_section);
	order_form_show_product(req, page, catalogue, form);
	if (catalogue->products_fetched_ms == 0)
		web_show(page, "NO_CATALOGUE");
	show_age(page, "CATALOGUE_AGE", catalogue->products_fetched_ms);
	if (form->errors && form->errors->count > 0) {
		web_show(page, "IS_ERROR");
		web_show(page, "ERRORS");
		for (size_t i = 0; i < form->errors->count; i++)
			show_error(page, &form->errors->lines[i]);
	}
	if (form->notice) {
		web_show(page, "NOTICE");
		web_show(page, form->notice);
	}
}

/* Query values win over those of the order that is ordered again. */
static void read_query(const struct web_request *req, struct wish *wish)
{
	for (size_t i = 0; i < COUNT_OF(fields); i++) {
		const char *value = web_query(req, fields[i].name);

		if (value)
			*wish_at(wish, &fields[i]) = value;
	}
}

/* The balance is nearly always the product's own: filled in where nothing was said. */
static void guess_currency(struct web_request *req, struct wish *wish)
{
	const struct catalogue *catalogue = catalogue_in(desk_of(req), req->mem);
	const struct product *product;

	if (wish->currency)
		return;
	product = wish->product ? catalogue_find(catalogue, text_trim(req->mem, wish->product)) : NULL;
	if (product)
		wish->currency = product->currency;
	else if (catalogue->balance_count == 1)
		wish->currency = catalogue->balances[0].amount.currency;
}

/* Ordering an unsettled order again is how one reward is bought twice: that is said first. */
static void show_again(struct web_page *page, const struct order *order)
{
	struct values *again = values_row(page->values, "AGAIN");

	values_set(again, "NUMBER", order->number);
	if (order_is_open(order->status) || order->money_moved == MONEY_MOVED_UNKNOWN)
		values_show(again, "STILL_OPEN");
}

/* A form that is filled in from an order comes filled in however often it is fetched. So that going Back to it cannot
 * order a second time, it has the same key each time: a fresh word in the link that leads to it stands for it. The key
 * comes out of the desk's secret, the word and the person, so nobody can know it, or have another person use it, by an
 * address. NULL: the address says no word (somebody typed it). */
static char *again_token(const struct web_request *req)
{
	const char *word = web_query(req, "form");
	char key[ID_KEY_SIZE];

	if (!word || !ids_is_key(word))
		return NULL;
	token_renewed_key(&req->site->token_secret, arena_print(req->mem, "again %s", word), req->user->user, key);
	return pages_token_of(req, PAGES_ORDER_PURPOSE, key);
}

enum web_status page_order_form(struct web_request *req, struct web_page *page)
{
	const char *again = web_query(req, "again");
	char *kept = again ? again_token(req) : NULL;
	struct order_form form = { .token = kept ? kept : pages_token(req, PAGES_ORDER_PURPOSE) };
	struct order order;

	order_form_want_catalogue(req);
	if (again) {
		enum ledger_result found = ids_is_number(again) ? order_find(desk_of(req), req->mem, again, &order)
		                                                : LEDGER_NONE;

		if (found == LEDGER_NONE)
			return web_fail(page, WEB_NOT_FOUND, "no_such_order");
		if (found != LEDGER_OK)
			return web_fail(page, WEB_UNAVAILABLE, "ledger_unreadable");
		form.wish = order_form_of(req->mem, &order);
		show_again(page, &order);
	}
	read_query(req, &form.wish);
	find_product(req, &form.wish);
	guess_currency(req, &form.wish);
	/* a link to a product that is gone: what may it mean? */
	form.is_search = form.wish.product && !order_form_knows(req, form.wish.product);
	order_form_show(req, page, &form);
	/* Not no-store, on purpose: Back, a duplicated tab and a restored session find the page kept, with its key, and
	 * lead to the same order. Where the page is gone all the same, they fetch one with a fresh key: then nothing that
	 * was typed may still be in the fields, or sending it once more would order a second time (both seen in
	 * Chromium). That is what autocomplete="off" is for: such fields are not filled in again.
	 * One that holds an earlier order's recipient need not be kept where its address stands for its key. */
	if (!kept)
		page->cache = ORDER_FORM_CACHE;
	return WEB_OK;
}
