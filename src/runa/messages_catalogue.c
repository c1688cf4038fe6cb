/* messages_catalogue.c: products and balances, as Runa says them (runa-api 11, 12). A product that
 * cannot be ordered exactly as it is described is left out: a wrong value would be refused, or worse. */
#include "runa/messages.h"

#include <stdlib.h>
#include <string.h>

#include "base/sizes.h"
#include "base/text.h"
#include "runa/json.h"

enum {
	WORD = 64,
	CURSOR = 1024,
	PRODUCT_NAME = 200,
	DISCOUNT = 16,
	FIXED_VALUES = 1000,
	EXPIRY_MONTHS = 1200,
	BALANCES = 1000,
};

/* A page under work. */
struct page {
	struct arena *mem;
	struct product *products;
	size_t count, room, skipped;
};

static struct product *page_add(struct page *page, const struct product *product)
{
	if (page->count == page->room) {
		size_t room = page->room == 0 ? 64 : page->room * 2;
		struct product *more = arena_array(page->mem, room, sizeof *more);

		if (page->count > 0)
			memcpy(more, page->products, page->count * sizeof *more);
		page->products = more;
		page->room = room;
	}
	page->products[page->count] = *product;
	return &page->products[page->count++];
}

/* ---- denominations ---- */

/* Above zero, and exact in the currency's decimals. */
static bool read_value(struct arena *mem, struct json_object *value, const char *currency, int64_t *minor)
{
	struct money amount;

	if (!runa_json_money(mem, value, currency, &amount) || amount.minor <= 0)
		return false;
	*minor = amount.minor;
	return true;
}

static int compare_minor(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

static bool read_fixed(struct arena *mem, struct json_object *list, struct product *out)
{
	size_t count = runa_json_count(list), kept = 0;

	if (count == 0 || count > FIXED_VALUES)
		return false;
	out->fixed_minor = arena_array(mem, count, sizeof *out->fixed_minor);
	for (size_t i = 0; i < count; i++)
		if (!read_value(mem, runa_json_item(list, i), out->currency, &out->fixed_minor[i]))
			return false;
	qsort(out->fixed_minor, count, sizeof *out->fixed_minor, compare_minor);
	for (size_t i = 0; i < count; i++) /* "10" and "10.00" are one value */
		if (kept == 0 || out->fixed_minor[kept - 1] != out->fixed_minor[i])
			out->fixed_minor[kept++] = out->fixed_minor[i];
	out->fixed_count = kept;
	out->least_minor = out->fixed_minor[0];
	out->most_minor = out->fixed_minor[kept - 1];
	return true;
}

/* An open product's list, where there is one, is a hint only (runa-api 12.2). */
static bool read_range(struct arena *mem, struct json_object *denominations, struct product *out)
{
	struct json_object *least = runa_json_member(denominations, "minimum_value");
	struct json_object *most = runa_json_member(denominations, "maximum_value");
	struct money zero;

	out->least_minor = 1; /* runa-api 4: at least 0.01 */
	/* "0" as the least is 'none stated'. */
	if (least != NULL && !read_value(mem, least, out->currency, &out->least_minor) &&
	    !(runa_json_money(mem, least, out->currency, &zero) && zero.minor == 0))
		return false;
	if (most != NULL && !read_value(mem, most, out->currency, &out->most_minor))
		return false;
	return out->most_minor == 0 || out->least_minor <= out->most_minor;
}

static bool read_denominations(struct arena *mem, struct json_object *denominations, struct product *out)
{
	const char *type = runa_json_word(mem, runa_json_member(denominations, "type"), WORD);

	if (!runa_json_is_object(denominations))
		return false;
	if (text_is_same(type, "fixed"))
		return read_fixed(mem, runa_json_array(denominations, "available_list"), out);
	/* Payments have no type and are always open (runa-api 12.2). */
	if (text_is_same(type, "open") ||
	    (runa_json_member(denominations, "type") == NULL && out->kind == PRODUCT_PAYMENT))
		return read_range(mem, denominations, out);
	return false;
}

/* ---- what all kinds have ---- */

static const struct {
	const char *word;
	enum product_kind kind;
} kinds[] = {
	{ "gift_card", PRODUCT_GIFT_CARD },
	{ "subscription", PRODUCT_SUBSCRIPTION },
	{ "payment", PRODUCT_PAYMENT },
};

static enum product_kind kind_of(const char *payout_type)
{
	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		if (strcmp(kinds[i].word, payout_type) == 0)
			return kinds[i].kind;
	return PRODUCT_OTHER;
}

static const char *or_empty(const char *text)
{
	return text != NULL ? text : "";
}

/* Shown, never counted with: prices come from the order's answer. */
static const char *read_discount(struct arena *mem, struct json_object *value)
{
	const char *text = runa_json_decimal(mem, value);

	if (text == NULL || strlen(text) > DISCOUNT || strspn(text, "0123456789.") != strlen(text))
		return "";
	return text;
}

static int read_months(struct arena *mem, struct json_object *value)
{
	const char *text = runa_json_decimal(mem, value);
	int64_t months;

	return text != NULL && text_number(text, EXPIRY_MONTHS, &months) ? (int)months : 0;
}

static void read_country(struct arena *mem, struct json_object *root, struct product *out)
{
	const char *country = runa_json_word(
		mem, runa_json_item(runa_json_array(root, "countries_redeemable_in"), 0), COUNTRY_SIZE - 1);

	if (country != NULL && strspn(country, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == COUNTRY_SIZE - 1)
		memcpy(out->country, country, COUNTRY_SIZE);
}

static bool read_common(struct arena *mem, struct json_object *root, struct product *out)
{
	const char *currency = runa_json_word(mem, runa_json_member(root, "currency"), CURRENCY_SIZE - 1);

	*out = (struct product){ .code = runa_json_word(mem, runa_json_member(root, "code"), SIZE_PRODUCT_CODE) };
	out->name = runa_json_prose(mem, runa_json_member(root, "name"), PRODUCT_NAME);
	if (out->code == NULL || out->name == NULL || currency == NULL || !money_is_currency(currency))
		return false;
	memcpy(out->currency, currency, CURRENCY_SIZE);
	out->is_orderable = runa_json_is_true(runa_json_member(root, "is_orderable"));
	out->state = or_empty(runa_json_word(mem, runa_json_member(root, "state"), WORD));
	out->discount_text = read_discount(mem, runa_json_member(root, "discount_multiplier"));
	out->category = or_empty(runa_json_word(mem, runa_json_item(runa_json_array(root, "categories"), 0), WORD));
	read_country(mem, root, out);
	return true;
}

/* ---- one product, or the plans of a subscription ---- */

/* Ordered by its own code, at its price (runa-api 12.2). */
static bool read_plan(struct arena *mem, struct json_object *plan, const struct product *of,
                      struct product *out)
{
	const char *name = runa_json_prose(mem, runa_json_member(plan, "name"), PRODUCT_NAME);

	*out = *of;
	out->code = runa_json_word(mem, runa_json_member(plan, "subscription_plan_code"), SIZE_PRODUCT_CODE);
	out->fixed_minor = arena_array(mem, 1, sizeof *out->fixed_minor);
	out->fixed_count = 1;
	if (out->code == NULL || !read_value(mem, runa_json_member(plan, "price"), out->currency, out->fixed_minor))
		return false;
	out->least_minor = out->most_minor = out->fixed_minor[0];
	if (name != NULL)
		out->name = arena_print(mem, "%s: %s", of->name, name);
	return true;
}

static void read_plans(struct page *page, struct json_object *plans, const struct product *of)
{
	size_t count = runa_json_count(plans);
	struct product plan;

	for (size_t i = 0; i < count; i++) {
		if (read_plan(page->mem, runa_json_item(plans, i), of, &plan))
			(void)page_add(page, &plan);
		else
			page->skipped++;
	}
	if (count == 0)
		page->skipped++;
}

static void read_product(struct page *page, struct json_object *root)
{
	const char *payout_type = runa_json_word(page->mem, runa_json_member(root, "payout_type"), WORD);
	struct json_object *detail, *expiry;
	struct product product;

	if (payout_type == NULL || !read_common(page->mem, root, &product)) {
		page->skipped++;
		return;
	}
	detail = runa_json_object(root, payout_type); /* the type names it, for types to come as well */
	product.kind = kind_of(payout_type);
	if (product.kind == PRODUCT_SUBSCRIPTION) {
		product.expiry_type = "";
		read_plans(page, runa_json_array(detail, "subscription_plans"), &product);
		return;
	}
	expiry = runa_json_object(detail, "expiry");
	product.expiry_type = or_empty(runa_json_word(page->mem, runa_json_member(expiry, "type"), WORD));
	product.expiry_months = read_months(page->mem, runa_json_member(expiry, "in_months"));
	if (read_denominations(page->mem, runa_json_member(detail, "denominations"), &product))
		(void)page_add(page, &product);
	else
		page->skipped++;
}

bool runa_read_products(struct arena *mem, const char *body, size_t bytes, struct product **out,
                        size_t *count, size_t *skipped, const char **next)
{
	struct page page = { .mem = mem };
	struct json_object *catalog, *cursors;
	struct runa_json json;
	bool ok;

	*out = NULL;
	*count = *skipped = 0;
	*next = NULL;
	if (!runa_json_open(body, bytes, &json))
		return false;
	catalog = runa_json_array(json.root, "catalog");
	ok = catalog != NULL && !json.has_twins;
	for (size_t i = 0; ok && i < runa_json_count(catalog); i++)
		read_product(&page, runa_json_item(catalog, i));
	cursors = runa_json_object(runa_json_object(json.root, "pagination"), "cursors");
	if (ok && runa_json_count(catalog) > 0)
		*next = runa_json_text(mem, runa_json_member(cursors, "after"), CURSOR);
	*out = page.products;
	*count = page.count;
	*skipped = page.skipped;
	runa_json_close(&json);
	return ok;
}

/* ---- balances ---- */

static bool read_balance(struct arena *mem, struct json_object *root, struct balance *out)
{
	const char *currency = runa_json_word(mem, runa_json_member(root, "currency"), CURRENCY_SIZE - 1);

	return currency != NULL && runa_json_money(mem, runa_json_member(root, "balance"), currency, &out->amount);
}

bool runa_read_balances(struct arena *mem, const char *body, size_t bytes, struct balance **out,
                        size_t *count)
{
	struct runa_json json;
	size_t entries;
	bool ok;

	*out = NULL;
	*count = 0;
	if (!runa_json_open(body, bytes, &json))
		return false;
	entries = runa_json_count(json.root);
	ok = !json.has_twins && entries <= BALANCES &&
	     (runa_json_is_array(json.root) || runa_json_is_object(json.root));
	*out = arena_array(mem, ok ? entries + 1 : 1, sizeof **out);
	if (ok && runa_json_is_object(json.root)) { /* of ?currency=: one, without a list around it */
		ok = read_balance(mem, json.root, &(*out)[0]);
		*count = ok ? 1 : 0;
	}
	for (size_t i = 0; ok && i < entries; i++)
		if (read_balance(mem, runa_json_item(json.root, i), &(*out)[*count]))
			++*count;
	runa_json_close(&json);
	return ok;
}
