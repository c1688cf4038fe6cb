/* order_form_find.c: the product of the form: looked for, picked, and what is known of it. Works without scripts: a
 * search is a step that brings the same form back, with its key and all that was typed. */
#include <string.h>

#include "base/text.h"
#include "pages/order_form.h"
#include "pages/products.h"
#include "pages/show.h"

enum { FOUND_MOST = 8, OWN_MOST = 5, CHOICES_MOST = 40, BALANCES_MOST = 20 };

#define PICK "pick:" /* what the button of a found product says, before the product's code */

/* The product whose code this is exactly, or NULL. */
static const struct product *product_of(struct arena *mem, const struct catalogue *catalogue, const char *typed)
{
	return typed ? catalogue_find(catalogue, text_trim(mem, typed)) : NULL;
}

bool order_form_knows(const struct web_request *req, const char *product)
{
	return !*text_trim(req->mem, product) || product_of(req->mem, catalogue_in(desk_of(req), req->mem), product);
}

/* ---- the steps --------------------------------------------------------------------------------- */

bool order_form_is_step(const char *action)
{
	return strcmp(action, "find") == 0 || text_begins(action, PICK);
}

/* The balance is the product's own, so that no foreign exchange is paid: it follows what is picked. */
static void pick(struct wish *wish, const struct product *product)
{
	wish->product = product->code;
	wish->currency = product->currency;
}

enum web_status order_form_step(struct web_request *req, struct web_page *page, const struct wish *typed,
                                const char *action)
{
	const struct catalogue *catalogue = catalogue_in(desk_of(req), req->mem);
	struct order_form form = { .wish = *typed, .token = web_field(req, PAGES_TOKEN_FIELD), .is_search = true };
	const char *code = text_begins(action, PICK) ? action + strlen(PICK) : typed->product;
	const struct product *product = product_of(req->mem, catalogue, code);

	if (product && product->is_orderable) {
		pick(&form.wish, product);
		form.is_search = false;
		form.is_picked = true;
	}
	order_form_show(req, page, &form);
	page->cache = ORDER_FORM_CACHE;
	return WEB_OK;
}

/* ---- what was found ---------------------------------------------------------------------------- */

static void show_found(struct web_page *page, const char *heading, const struct product *const *products, size_t count)
{
	struct values *found = values_row(page->values, "FOUND");

	values_show(found, heading);
	for (size_t i = 0; i < count; i++) {
		struct values *row = values_row(found, "FOUND_ROW");

		values_set(row, "PICK", arena_print(page->mem, PICK "%s", products[i]->code));
		values_set(row, "NAME", products[i]->name);
		values_set(row, "LINE", products_line(page->mem, products[i]));
	}
}

static bool is_unknown(const struct field_errors *errors)
{
	for (size_t i = 0; errors && i < errors->count; i++)
		if (strcmp(errors->lines[i].field, "product") == 0)
			return true;
	return false;
}

/* Without words: what this person orders. With words that are no code: what they may mean. */
static void show_search(struct web_request *req, struct web_page *page, const struct catalogue *catalogue,
                        const struct order_form *form)
{
	const char *typed = text_trim(req->mem, form->wish.product ? form->wish.product : "");
	const struct product **products;
	size_t count;

	if (!*typed) {
		find_products_of(desk_of(req), catalogue, req->mem, req->user->user, OWN_MOST, &products, &count);
		if (count > 0)
			show_found(page, "FOUND_OWN", products, count);
		else if (form->is_search)
			web_show(page, "FIND_WHAT");
		return;
	}
	if (!form->is_search && !is_unknown(form->errors))
		return;
	find_products(catalogue, req->mem, typed, true, FOUND_MOST + 1, &products, &count);
	if (count == 0)
		values_set(values_row(page->values, "FOUND_NONE"), "TYPED", typed);
	else
		show_found(page, "FOUND_MATCHES", products, count < FOUND_MOST ? count : FOUND_MOST);
	if (count > FOUND_MOST)
		values_set(values_row(page->values, "FOUND_MORE"), "QUERY",
		           arena_print(req->mem, "?q=%s", show_query(req->mem, typed)));
}

/* ---- what was picked --------------------------------------------------------------------------- */

/* Fixed values are there to be pressed; what was typed and is none of them stays beside them, and pressed, until one
 * of them is: nothing typed is lost, and none is chosen for anybody. Typed for another product, it is only said. */
static void show_choices(struct web_page *page, const struct product *product, const char *typed, bool is_just_picked)
{
	struct values *choices = values_row(page->values, "CHOICES");
	struct money wanted;
	bool is_one = money_parse(typed, product->currency, &wanted) == MONEY_OK, is_there = false;

	values_set(choices, "CURRENCY_CODE", product->currency);
	for (size_t i = 0; i < product->fixed_count; i++) {
		struct values *row = values_row(choices, "CHOICE");
		struct money value = money_of(product->fixed_minor[i], product->currency);

		values_set(row, "VALUE", money_text(page->mem, value));
		values_set(row, "VALUE_SHOWN", show_amount(page->mem, value));
		if (i == 0)
			values_show(row, "IS_FIRST");
		if (is_one && wanted.minor == product->fixed_minor[i]) {
			values_show(row, "IS_CHOSEN");
			is_there = true;
		}
	}
	if (!is_there && *text_trim(page->mem, typed))
		values_set(values_row(choices, is_just_picked ? "TYPED_BEFORE" : "TYPED_OTHER"), "TYPED", typed);
}

static void show_amount_field(struct web_page *page, const struct product *product, const struct order_form *form)
{
	struct values *field;

	if (product && product->fixed_count > 0 && product->fixed_count <= CHOICES_MOST) {
		show_choices(page, product, form->wish.face_value ? form->wish.face_value : "", form->is_picked);
		return;
	}
	field = values_row(page->values, "AMOUNT");
	if (!product) {
		values_show(field, "ANY_AMOUNT");
		return;
	}
	values_set(values_row(field, "AMOUNT_OF"), "VALUES", show_product_values(page->mem, product));
	values_set(field, "CURRENCY_CODE", product->currency);
}

void order_form_show_balance(struct web_request *req, struct web_page *page, const struct catalogue *catalogue,
                             const struct balance *balance)
{
	struct values *row = values_row(page->values, "BALANCE");

	values_set(row, "LEFT", show_money(req->mem, balance->amount));
	values_set(row, "AGE", texts_age(req->mem, req->now_ms - catalogue->balances_fetched_ms));
	show_time_in(row, req->mem, "TIME", catalogue->balances_fetched_ms);
}

static void show_balance(struct web_request *req, struct web_page *page, const struct catalogue *catalogue,
                         const char *currency)
{
	const struct balance *balance = currency ? catalogue_balance(catalogue, text_trim(req->mem, currency)) : NULL;

	if (!balance) {
		web_show(page, "BALANCE_OPEN");
		return;
	}
	order_form_show_balance(req, page, catalogue, balance);
}

static void show_balances(struct web_page *page, const struct catalogue *catalogue)
{
	for (size_t i = 0; i < catalogue->balance_count && i < BALANCES_MOST; i++) {
		struct values *row = values_row(page->values, "CURRENCY_OPTION");

		values_set(row, "CODE", catalogue->balances[i].amount.currency);
		values_set(row, "AMOUNT", show_money(page->mem, catalogue->balances[i].amount));
	}
}

void order_form_show_product(struct web_request *req, struct web_page *page, const struct catalogue *catalogue,
                             const struct order_form *form)
{
	const struct product *product = product_of(req->mem, catalogue, form->wish.product);

	if (product)
		products_show(values_row(page->values, "PICKED"), req->mem, product);
	if (form->is_picked)
		web_show(page, "IS_PICKED");
	if (form->is_search)
		web_show(page, "IS_FIND");
	show_search(req, page, catalogue, form);
	show_amount_field(page, product, form);
	show_balance(req, page, catalogue, form->wish.currency);
	show_balances(page, catalogue);
}
