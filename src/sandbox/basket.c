/* basket.c: the business rules of runa-api 6.3 and 15, one function each. */
#include "sandbox/basket.h"

#include <string.h>

/* The playground's own selections (runa-api 20). */
static const struct { const char *id, *currency; } selections[] = {
	{ "PT-01HQ12PV4B8XMBRTK281JM54KK", "USD" },
	{ "PT-01HPPT8ME05693EG77RCGKMX7N", "GBP" },
	{ "PT-01HQ130AHCKRRB45Z5XV2Y8W9K", "EUR" },
	{ "PT-01HQ12SMX2964BVXG2N69K8HF3", "CAD" },
};
enum { SELECTION_PRODUCTS = 10, TEMPLATES_MAX = 10, FX_FEE_PER_MILLE = 19 };

/* Fixed and arbitrary, as in the playground: millionths of the currency for one dollar. */
static const struct { const char *currency; int64_t per_dollar_micro; } rates[] = {
	{ "USD", 1000000 }, { "GBP", 800000 }, { "EUR", 920000 }, { "CAD", 1360000 }, { "AUD", 1520000 },
	{ "CHF", 880000 }, { "JPY", 150000000 }, { "PLN", 4000000 }, { "SEK", 10500000 }, { "NOK", 10700000 },
	{ "DKK", 6900000 }, { "NZD", 1650000 }, { "ZAR", 18500000 }, { "CZK", 23000000 }, { "RON", 4600000 },
	{ "HUF", 360000000 }, { "MXN", 17000000 }, { "SGD", 1340000 },
};

static bool refuse(struct call *call, const char *message)
{
	call_refuse(call, "product_validation_error", message);
	return false;
}

static bool is_whole(struct money amount)
{
	int64_t unit = money_runa_decimals(amount.currency) == 2 ? 100 : money_runa_decimals(amount.currency) == 1 ? 10 : 1;

	return amount.minor % unit == 0;
}

/* --- one item ------------------------------------------------------------------------------ */

/* Reads face_value in the product's currency. The text is the client's own digits. */
static bool read_face_value(struct call *call, struct line *line)
{
	const char *text = json_object_get_string(json_get(line->item, "face_value"));

	if (money_from_runa(text, line->first->currency, &line->face_value) != MONEY_OK || line->face_value.minor < 1)
		return refuse(call, "The face value is not an amount of this currency.");
	return true;
}

static bool is_recipient(const struct line *line)
{
	const char *type = json_get_text(json_get(line->item, "distribution_method"), "type");

	return type && !strcmp(type, "RECIPIENT");
}

/* The product of a code, if it can be ordered at all. */
static const struct offered *find_orderable(struct call *call, const char *code)
{
	const struct offered *offered = catalogue_look_up(&call->world->catalogue, code);

	if (offered && offered->offering->is_orderable && (offered->plan || !offered->offering->plan_count))
		return offered;
	(void)refuse(call, offered ? "The product cannot be ordered." : "The product is not known.");
	return NULL;
}

static bool fill_single(struct call *call, struct line *line, struct json_object *products)
{
	const struct offered *offered = find_orderable(call, json_get_text(products, "value"));

	if (!offered)
		return false;
	line->first = offered->offering;
	line->discount_bp = offered->offering->discount_bp;
	if (!read_face_value(call, line))
		return false;
	if (!offering_takes(offered, line->face_value.minor))
		return refuse(call, "The face value is not one of the product's denominations.");
	if (is_recipient(line) && !line->first->takes_recipient)
		return refuse(call, "This product does not take a RECIPIENT.");
	return true;
}

/* At least the smallest value of the product (runa-api 6.1: MULTIPLE and TEMPLATE). */
static bool is_worth(const struct offering *offering, int64_t minor)
{
	for (size_t i = 0; i < offering->value_count; i++)
		if (offering->values_minor[i] <= minor)
			return true;
	return false;
}

static bool fill_multiple(struct call *call, struct line *line, struct json_object *products)
{
	struct json_object *values = json_get(products, "values");

	for (size_t i = 0; i < json_object_array_length(values); i++) {
		const char *code = json_object_get_string(json_object_array_get_idx(values, i));
		const struct offered *offered = find_orderable(call, code);

		if (!offered)
			return false;
		if (!line->first) {
			line->first = offered->offering;
			line->discount_bp = offered->offering->discount_bp;
			if (!read_face_value(call, line))
				return false;
		}
		if (strcmp(line->first->currency, offered->offering->currency))
			return refuse(call, "All products must have one currency.");
		if (!offering_is_in(offered->offering, line->first->countries[0]))
			return refuse(call, "All products must have one country.");
		if (!offered->plan && !is_worth(offered->offering, line->face_value.minor))
			return refuse(call, "The face value is below the minimum of a product.");
		if (offered->offering->discount_bp < line->discount_bp)
			line->discount_bp = offered->offering->discount_bp;
	}
	if (!is_whole(line->face_value))
		return refuse(call, "The face value of several products must be a whole number.");
	return true;
}

/* Up to ten gift cards of the selection's currency and one country that are worth the face value. */
static bool fill_template(struct call *call, struct line *line, struct json_object *products)
{
	const char *id = json_get_text(products, "template_id");
	const struct catalogue *catalogue = &call->world->catalogue;
	struct json_object *values = json_object_new_array();
	size_t row = 0;

	json_put(products, "values", values);
	while (row < COUNT_OF(selections) && strcmp(selections[row].id, id))
		row++;
	if (row == COUNT_OF(selections))
		return refuse(call, "The template is not known.");
	for (size_t i = 0; i < catalogue->count && json_object_array_length(values) < SELECTION_PRODUCTS; i++) {
		const struct offering *offering = &catalogue->list[i];

		if (!offering->is_orderable || offering->kind != OFFERING_GIFT_CARD || offering->takes_recipient ||
		    strcmp(offering->currency, selections[row].currency) ||
		    (line->first && !offering_is_in(offering, line->first->countries[0])))
			continue;
		if (!line->first) {
			line->first = offering;
			if (!read_face_value(call, line))
				return false;
			line->first = NULL;
		}
		if (!is_worth(offering, line->face_value.minor))
			continue;
		line->first = line->first ? line->first : offering;
		json_object_array_add(values, json_object_new_string(offering->code));
	}
	if (json_object_array_length(values) < 2)
		return refuse(call, "No products of the template fit the face value.");
	if (!is_whole(line->face_value))
		return refuse(call, "The face value of several products must be a whole number.");
	return true;
}

static bool fill_line(struct call *call, struct line *line, struct json_object *item)
{
	struct json_object *products = json_get(item, "products");
	const char *type = json_get_text(products, "type");
	bool ok;

	line->item = item;
	ok = !strcmp(type, "SINGLE") ? fill_single(call, line, products)
	   : !strcmp(type, "MULTIPLE") ? fill_multiple(call, line, products)
	   : fill_template(call, line, products);
	if (!ok)
		return false;
	if (call->world->settings.quirks && strcmp(type, "SINGLE"))
		line->products = "{\"type\":\"UNKNOWN\"}";
	else
		line->products = json_write(call->request->mem, products);
	/* Face values are below 10^12 minor units: the catalogue's largest is 10^7. */
	line->discount = money_of(line->face_value.minor * line->discount_bp / 10000, line->first->currency);
	line->price = money_of(line->face_value.minor - line->discount.minor, line->first->currency);
	return true;
}

/* --- all items ----------------------------------------------------------------------------- */

/* At most ten different selection templates, and ten different redemption templates (runa-api 6.3). */
static bool are_templates_few(struct call *call, struct json_object *items, const char *member)
{
	struct json_object *seen = json_keep(call->request->mem, json_object_new_object());

	for (size_t i = 0; i < json_object_array_length(items); i++) {
		const char *id = json_get_text(json_get(json_object_array_get_idx(items, i), member), "template_id");

		if (id)
			json_put(seen, id, NULL);
	}
	if (json_object_object_length(seen) <= TEMPLATES_MAX)
		return true;
	call_refuse(call, "bad_request", "More than ten different templates.");
	return false;
}

static int64_t rate_of(const char *currency)
{
	for (size_t i = 0; i < COUNT_OF(rates); i++)
		if (!strcmp(rates[i].currency, currency))
			return rates[i].per_dollar_micro;
	return 0;
}

static int64_t power_of_ten(int exponent)
{
	int64_t power = 1;

	while (exponent-- > 0)
		power *= 10;
	return power;
}

/* Divides and rounds to the nearest, halves upward; both positive. */
static int64_t divide(__int128 a, __int128 b)
{
	return (int64_t)((a + b / 2) / b);
}

/* With the symbol AB, an amount in B divided by the rate gives A (runa-api 15). */
static bool convert(struct call *call, struct basket *basket)
{
	int64_t paid = rate_of(basket->payment_currency), bought = rate_of(basket->currency);
	int64_t up = power_of_ten(money_runa_decimals(basket->payment_currency));
	int64_t down = power_of_ten(money_runa_decimals(basket->currency));
	int64_t rate_micro = paid ? divide((__int128)bought * 1000000, paid) : 0;
	int64_t price;

	if (!paid || !bought || rate_micro < 1) {
		call_refuse(call, "currency_mismatch", NULL);
		return false;
	}
	price = divide((__int128)basket->total_price.minor * 1000000 * up, (__int128)rate_micro * down);
	basket->fx.rate_micro = rate_micro;
	memcpy(basket->fx.currency, basket->currency, strlen(basket->currency) + 1);
	basket->fx.fee = money_of(divide((__int128)price * FX_FEE_PER_MILLE, 1000), basket->payment_currency);
	basket->total_discount = money_of(
		divide((__int128)basket->total_discount.minor * 1000000 * up, (__int128)rate_micro * down),
		basket->payment_currency);
	basket->total_price = money_of(price + basket->fx.fee.minor, basket->payment_currency);
	return true;
}

static bool add_up(struct call *call, struct basket *basket)
{
	const struct offering *first = basket->lines[0].first;

	basket->currency = first->currency;
	basket->total_price = basket->total_discount = money_of(0, first->currency);
	for (size_t i = 0; i < basket->count; i++) {
		const struct line *line = &basket->lines[i];

		if (strcmp(first->currency, line->first->currency))
			return refuse(call, "All products must have one currency.");
		if (!offering_is_in(line->first, first->countries[0]))
			return refuse(call, "All products must have one country.");
		if (!money_add(basket->total_price, line->price, &basket->total_price) ||
		    !money_add(basket->total_discount, line->discount, &basket->total_discount))
			return refuse(call, "The order is too large.");
	}
	return true;
}

bool basket_fill(struct call *call, struct json_object *body, bool may_convert, struct basket *out)
{
	struct json_object *items = json_get(body, "items");

	*out = (struct basket){ .count = json_object_array_length(items) };
	out->payment_currency = json_get_text(json_get(body, "payment_method"), "currency");
	out->lines = arena_array(call->request->mem, out->count, sizeof *out->lines);
	if (!are_templates_few(call, items, "products") || !are_templates_few(call, items, "distribution_method"))
		return false;
	for (size_t i = 0; i < out->count; i++)
		if (!fill_line(call, &out->lines[i], json_object_array_get_idx(items, i)))
			return false;
	if (!add_up(call, out))
		return false;
	if (!strcmp(out->currency, out->payment_currency))
		return true;
	if (may_convert && call->world->settings.fx && out->count == 1)
		return convert(call, out);
	call_refuse(call, "currency_mismatch", NULL);
	return false;
}

/* 1250000 -> "1.25" */
static char *rate_text(struct arena *mem, int64_t micro)
{
	char *text = arena_print(mem, "%lld.%06lld", (long long)(micro / 1000000), (long long)(micro % 1000000));

	for (size_t last = strlen(text) - 1; text[last] == '0' && text[last - 1] != '.'; last--)
		text[last] = '\0';
	return text;
}

struct json_object *basket_show_detail(struct arena *mem, struct money face_total, const struct order_fx *fx,
                                       const char *payment_currency)
{
	struct json_object *json = json_object_new_object(), *entry = json_object_new_object();
	struct json_object *rate = NULL, *fee;

	if (*fx->currency) {
		rate = json_object_new_object();
		fee = json_object_new_object();
		json_put_text(rate, "rate", rate_text(mem, fx->rate_micro));
		json_put_text(rate, "rate_symbol", arena_print(mem, "%s%s", payment_currency, fx->currency));
		json_put_text(fee, "value", money_text(mem, fx->fee));
		json_put_text(fee, "currency", payment_currency);
		json_put(rate, "fee", fee);
	}
	json_put_text(entry, "value", money_text(mem, face_total));
	json_put(entry, "fx", rate);
	json_put(json, face_total.currency, entry);
	return json;
}
