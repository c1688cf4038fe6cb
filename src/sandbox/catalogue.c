/* catalogue.c: makes the products out of seeds, sorts them, and shows them as Runa does. */
#include "sandbox/catalogue.h"

#include <stdlib.h>
#include <string.h>

#include "sandbox/seed.h"

const char *const catalogue_categories[] = {
	"beauty-and-lifestyle", "booksellers", "department-stores", "electricals", "entertainment", "experiences",
	"fashion", "food-and-drink", "home-and-diy", "jewellers", "leisure-and-sports", "mens-fashion", "prepaid-card",
	"supermarkets", "toys-and-games", "travel", "womens-fashion", NULL,
};

static const char *const states[] = {
	[OFFERING_LIVE] = "LIVE", [OFFERING_DISABLED] = "TEMPORARILY_DISABLED", [OFFERING_DEGRADED] = "TEMPORARILY_DEGRADED",
};

/* --- making -------------------------------------------------------------------------------- */

/* Cuts at blanks; at most `most` words, each a copy in `mem`. */
static size_t split(struct arena *mem, const char *words, const char **out, size_t most)
{
	size_t count = 0;

	while (*words && count < most) {
		size_t length = strcspn(words, " ");

		out[count++] = arena_copy(mem, words, length);
		words += length + (words[length] == ' ');
	}
	return count;
}

static int64_t minor_of(const char *text, const char *currency)
{
	struct money money;

	return money_from_runa(text, currency, &money) == MONEY_OK ? money.minor : -1;
}

static void fill(struct offering *out, struct arena *mem, const struct seed *seed, const struct settings *settings)
{
	*out = (struct offering){
		.code = seed->code, .name = seed->name, .category = seed->category,
		.second_category = seed->second_category, .kind = seed->kind, .state = seed->state,
		.takes_recipient = seed->takes_recipient, .discount_bp = seed->discount_bp,
		.is_fixed = seed->is_fixed, .expiry_months = seed->expiry_months,
	};
	memcpy(out->currency, seed->currency, CURRENCY_SIZE);
	(void)split(mem, seed->countries, out->countries, OFFERING_COUNTRIES_MAX);
	out->value_count = split(mem, seed->values, out->values, OFFERING_VALUES_MAX);
	for (size_t i = 0; i < out->value_count; i++)
		out->values_minor[i] = minor_of(out->values[i], out->currency);
	for (size_t i = 0; i < OFFERING_PLANS_MAX && seed->plans[i].code; i++) {
		const struct seed_plan *plan = &seed->plans[i];

		out->plans[out->plan_count++] = (struct offering_plan){
			plan->code, plan->name, plan->unit, plan->price, plan->length, minor_of(plan->price, out->currency),
		};
	}
	if (settings_is_withdrawn(settings, out->code))
		out->state = OFFERING_DISABLED;
	out->is_orderable = out->state != OFFERING_DISABLED;
}

static int by_code(const void *a, const void *b)
{
	return strcmp(((const struct offering *)a)->code, ((const struct offering *)b)->code);
}

static void index_codes(struct catalogue *catalogue, const struct offering *offering)
{
	for (size_t i = 0; i <= offering->plan_count; i++) {
		struct offered *offered = ARENA_NEW(catalogue->mem, struct offered);

		offered->offering = offering;
		offered->plan = i ? &offering->plans[i - 1] : NULL;
		map_put(&catalogue->by_code, i ? offered->plan->code : offering->code, offered);
	}
}

void catalogue_begin(struct catalogue *catalogue, const struct settings *settings)
{
	struct arena *scratch = arena_open();

	memset(catalogue, 0, sizeof *catalogue);
	catalogue->mem = arena_open();
	catalogue->count = (size_t)settings->products;
	catalogue->list = arena_array(catalogue->mem, catalogue->count + 1, sizeof *catalogue->list);
	map_begin(&catalogue->by_code);
	for (size_t i = 0; i < catalogue->count; i++) {
		struct seed made;

		if (i >= seed_count)
			seed_make(&made, catalogue->mem, i - seed_count);
		fill(&catalogue->list[i], catalogue->mem, i < seed_count ? &seeds[i] : &made, settings);
	}
	qsort(catalogue->list, catalogue->count, sizeof *catalogue->list, by_code);
	for (size_t i = 0; i < catalogue->count; i++) {
		struct offering *offering = &catalogue->list[i];
		char *json = json_write(scratch, json_keep(scratch, offering_show(offering, CONTENT_URL, settings->quirks)));

		offering->json = arena_text(catalogue->mem, json);
		index_codes(catalogue, offering);
		arena_clear(scratch);
	}
	arena_close(scratch);
}

void catalogue_end(struct catalogue *catalogue)
{
	map_end(&catalogue->by_code);
	arena_close(catalogue->mem);
	memset(catalogue, 0, sizeof *catalogue);
}

/* --- looking up ---------------------------------------------------------------------------- */

const struct offered *catalogue_look_up(const struct catalogue *catalogue, const char *code)
{
	return map_get(&catalogue->by_code, code);
}

size_t catalogue_behind(const struct catalogue *catalogue, const char *code)
{
	size_t low = 0, high = catalogue->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(catalogue->list[middle].code, code) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool offering_takes(const struct offered *offered, int64_t minor)
{
	const struct offering *offering = offered->offering;

	if (offered->plan)
		return minor == offered->plan->price_minor;
	if (offering->plan_count)
		return false; /* a subscription is ordered by its plan's code only */
	if (!offering->is_fixed)
		return minor >= offering->values_minor[0] && minor <= offering->values_minor[1];
	for (size_t i = 0; i < offering->value_count; i++)
		if (offering->values_minor[i] == minor)
			return true;
	return false;
}

bool offering_is_in(const struct offering *offering, const char *country)
{
	for (size_t i = 0; offering->countries[i]; i++)
		if (!strcmp(offering->countries[i], country))
			return true;
	return false;
}

bool offering_has_category(const struct offering *offering, const char *category)
{
	return !strcmp(offering->category, category) ||
	       (offering->second_category && !strcmp(offering->second_category, category));
}

/* --- showing ------------------------------------------------------------------------------- */

static struct json_object *image_url(const char *code, const char *which)
{
	struct arena *mem = arena_open();
	char *url = arena_print(mem, "https://assets.example/%s-%s.png", code, which);
	struct json_object *json = json_object_new_string(url);

	arena_close(mem);
	return json;
}

/* The seven texts; the redemption ones are always there, some of the others are null. */
static struct json_object *show_content(const struct offering *offering, enum content content)
{
	static const struct { const char *name; bool is_null; } texts[] = {
		{ "description", false }, { "disclaimer", true }, { "refund_policy", true }, { "reissuance_policy", true },
		{ "terms_buyer", true }, { "terms_consumer", false }, { "redemption_instructions", false },
	};
	static const char *const endings[] = {
		[CONTENT_URL] = "_markdown_url", [CONTENT_MD] = "_md", [CONTENT_HTML] = "_html",
	};
	struct json_object *json = json_object_new_object();
	struct arena *mem = arena_open();

	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		const char *name = arena_print(mem, "%s%s", texts[i].name, endings[content]);
		const char *code = offering->code;
		char *text = content == CONTENT_URL ? arena_print(mem, "https://content.example/%s/%s.md", code, texts[i].name)
		           : content == CONTENT_MD  ? arena_print(mem, "## %s\n\nText *%s* of %s.", code, texts[i].name, code)
		           : arena_print(mem, "<h2>%s</h2>\n<p>Text <em>%s</em> of %s.</p>", code, texts[i].name, code);

		json_put_text(json, name, texts[i].is_null ? NULL : text);
	}
	json_put_text(json, "locale", !strcmp(offering->countries[0], "DE") ? "de_DE" : "en_GB");
	arena_close(mem);
	return json;
}

static struct json_object *show_denominations(const struct offering *offering, bool with_type)
{
	struct json_object *json = json_object_new_object(), *list = NULL;
	size_t least = 0, most = offering->value_count - 1;

	for (size_t i = 0; i < offering->value_count; i++) {
		least = offering->values_minor[i] < offering->values_minor[least] ? i : least;
		most = offering->values_minor[i] > offering->values_minor[most] ? i : most;
	}
	if (with_type)
		json_put_text(json, "type", offering->is_fixed ? "fixed" : "open");
	json_put_text(json, "minimum_value", offering->values[least]);
	json_put_text(json, "maximum_value", offering->values[most]);
	if (!with_type)
		return json;
	if (offering->is_fixed) {
		list = json_object_new_array();
		for (size_t i = 0; i < offering->value_count; i++)
			json_object_array_add(list, json_object_new_string(offering->values[i]));
	}
	json_put(json, "available_list", list);
	return json;
}

static struct json_object *show_assets(const struct offering *offering, bool with_card)
{
	struct json_object *json = json_object_new_object();

	if (with_card)
		json_put(json, "card_image_url", image_url(offering->code, "card"));
	json_put(json, "icon_image_url", image_url(offering->code, "icon"));
	json_put_text(json, "primary_color", "#204080");
	return json;
}

/* What gift cards and subscriptions have in common. */
static struct json_object *show_base(const struct offering *offering, enum content content)
{
	struct json_object *json = json_object_new_object(), *expiry = json_object_new_object();

	json_put(json, "assets", show_assets(offering, true));
	json_put_text(expiry, "type", offering->expiry_months ? "from-issue-date" : "indefinite");
	if (offering->expiry_months)
		json_put(expiry, "in_months", json_object_new_int(offering->expiry_months));
	json_put_text(expiry, "date_policy", offering->expiry_months ? "Expires some time after the date of issue" : NULL);
	json_put(json, "expiry", expiry);
	json_put_text(json, "redeemable_at", "all");
	json_put_text(json, "website_url", "https://shop.example");
	json_put_text(json, "balance_check_url", NULL);
	json_put_text(json, "barcode_format", offering->is_fixed ? "code-128" : "QR");
	json_put_text(json, "e_code_usage_type", "url-recommended");
	json_put(json, "content_resources", show_content(offering, content));
	return json;
}

static struct json_object *show_plans(const struct offering *offering)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < offering->plan_count; i++) {
		const struct offering_plan *plan = &offering->plans[i];
		struct json_object *json = json_object_new_object();

		json_put_text(json, "subscription_plan_code", plan->code);
		json_put_text(json, "name", plan->name);
		json_put(json, "length", json_object_new_int(plan->length));
		json_put_text(json, "length_unit", plan->unit);
		json_put_text(json, "price", plan->price);
		json_object_array_add(list, json);
	}
	return list;
}

/* The detail object is named after the kind (runa-api 12.2). */
static void show_kind(struct json_object *json, const struct offering *offering, enum content content)
{
	struct json_object *detail;

	switch (offering->kind) {
	case OFFERING_GIFT_CARD:
		detail = show_base(offering, content);
		json_put(detail, "denominations", show_denominations(offering, true));
		json_put_text(json, "payout_type", "gift_card");
		json_put(json, "gift_card", detail);
		return;
	case OFFERING_SUBSCRIPTION:
		detail = show_base(offering, content);
		json_put(detail, "subscription_plans", show_plans(offering));
		json_put_text(json, "payout_type", "subscription");
		json_put(json, "subscription", detail);
		return;
	case OFFERING_PAYMENT:
		detail = json_object_new_object();
		json_put(detail, "assets", show_assets(offering, false));
		json_put(detail, "denominations", show_denominations(offering, false));
		json_put(detail, "content_resources", show_content(offering, content));
		json_put_text(json, "payout_type", "payment");
		json_put(json, "payment", detail);
		return;
	}
}

struct json_object *offering_show(const struct offering *offering, enum content content, bool quirks)
{
	struct json_object *json = json_object_new_object(), *list = json_object_new_array();
	struct json_object *service = json_object_new_object();
	struct arena *mem = arena_open();
	int bp = offering->discount_bp;

	json_put_text(json, "name", offering->name);
	json_put_text(json, "code", offering->code);
	json_put_text(json, "currency", offering->currency);
	json_put_text(json, "state", states[offering->state]);
	json_put(json, "is_orderable", json_object_new_boolean(offering->is_orderable));
	json_object_array_add(list, json_object_new_string(offering->category));
	if (offering->second_category)
		json_object_array_add(list, json_object_new_string(offering->second_category));
	json_put(json, "categories", list);
	list = json_object_new_array();
	for (size_t i = 0; offering->countries[i]; i++)
		json_object_array_add(list, json_object_new_string(offering->countries[i]));
	json_put(json, "countries_redeemable_in", list);
	json_put_text(service, "phone_number", NULL);
	json_put_text(service, "website_url", "https://shop.example/help");
	json_put(json, "customer_service", service);
	/* Documented with two decimals, recorded with four (runa-api 4). */
	json_put_text(json, "discount_multiplier", quirks ? arena_print(mem, "%d.%04d", bp / 10000, bp % 10000)
	                                                  : arena_print(mem, "%d.%02d", bp / 10000, bp % 10000 / 100));
	json_put_text(json, "availability", "realtime");
	if (quirks) {
		json_put_text(json, "approval_state", "APPROVED");
		json_put_text(json, "x_added_yesterday", "unknown properties may come at any time");
	}
	show_kind(json, offering, content);
	arena_close(mem);
	return json;
}
