/* check.c: the schema as functions, one for each object; every complaint goes through complain(). */
#include "sandbox/check.h"

#include <string.h>

#include "base/text.h"
#include "model/money.h"

/* The two styles (runa-api 16.1, 20): outer type equal, inner ones not. */
static const struct { const char *production, *playground, *message; } complaints[COMPLAINTS] = {
	[COMPLAINT_MISSING]     = { "value_error.missing", "missing", "field required" },
	[COMPLAINT_NOT_TEXT]    = { "type_error.str", "string_type", "must be a string" },
	[COMPLAINT_NOT_NUMBER]  = { "type_error.decimal", "decimal_type", "must be a number" },
	[COMPLAINT_NOT_OBJECT]  = { "type_error.dict", "dict_type", "must be an object" },
	[COMPLAINT_NOT_LIST]    = { "type_error.list", "list_type", "must be a list" },
	[COMPLAINT_NOT_ALLOWED] = { "type_error.enum", "enum", "is not one of the permitted values" },
	[COMPLAINT_TOO_SMALL]   = { "value_error.number.not_ge", "greater_than_equal", "must be at least 0.01" },
	[COMPLAINT_TOO_LONG]    = { "value_error.any_str.max_length", "string_too_long", "has too many characters" },
	[COMPLAINT_TOO_SHORT]   = { "value_error.any_str.min_length", "string_too_short", "must not be empty" },
	[COMPLAINT_TOO_FEW]     = { "value_error.list.min_items", "too_short", "has too few entries" },
	[COMPLAINT_TOO_MANY]    = { "value_error.list.max_items", "too_long", "has too many entries" },
	[COMPLAINT_NOT_UNIQUE]  = { "value_error.list.unique_items", "value_error", "has equal entries" },
	[COMPLAINT_PATTERN]     = { "value_error.str.regex", "string_pattern_mismatch", "does not match the pattern" },
	[COMPLAINT_EMAIL]       = { "value_error.email", "value_error", "is not a valid email address" },
};

/* Where we are in the body; a list from the inside out. */
struct place {
	const struct place *in;
	const char *name;
};

void check_begin(struct check *check, struct arena *mem, bool is_playground)
{
	*check = (struct check){ mem, is_playground, json_keep(mem, json_object_new_array()) };
}

static void add_place(struct json_object *location, const struct place *place)
{
	if (!place)
		return;
	add_place(location, place->in);
	json_object_array_add(location, json_object_new_string(place->name));
}

static void complain_at(struct check *check, const char *part, const struct place *place, enum complaint complaint)
{
	struct json_object *detail = json_object_new_object(), *location = json_object_new_array();

	if (part)
		json_object_array_add(location, json_object_new_string(part));
	add_place(location, place);
	json_put_text(detail, "type",
	              check->is_playground ? complaints[complaint].playground : complaints[complaint].production);
	json_put_text(detail, "message", complaints[complaint].message);
	json_put(detail, "location", location);
	if (json_object_array_length(check->details) < CHECK_DETAILS_MAX)
		json_object_array_add(check->details, detail);
	else
		json_object_put(detail);
}

static void complain(struct check *check, const struct place *place, enum complaint complaint)
{
	complain_at(check, check->is_playground ? "body" : NULL, place, complaint);
}

void check_header(struct check *check, const char *name, enum complaint complaint)
{
	complain_at(check, "header", &(struct place){ NULL, name }, complaint);
}

bool check_is_right(const struct check *check)
{
	return json_object_array_length(check->details) == 0;
}

void check_answer(const struct check *check, struct answer *answer)
{
	struct json_object *json = json_object_new_object();

	json_put_text(json, "type", "validation_error");
	json_put_text(json, "message", "problems were found, see details");
	json_put(json, "details", json_object_get(check->details));
	answer_json(answer, check->mem, 422, json);
	answer->is_kept = true;
}

/* --- pieces -------------------------------------------------------------------------------- */

/* The member as a text, or NULL after a complaint. */
static const char *need_text(struct check *check, const struct place *in, struct json_object *object, const char *name)
{
	struct place place = { in, name };
	struct json_object *value = NULL;

	if (!json_object_object_get_ex(object, name, &value))
		complain(check, &place, COMPLAINT_MISSING);
	else if (!json_object_is_type(value, json_type_string))
		complain(check, &place, COMPLAINT_NOT_TEXT);
	else
		return json_object_get_string(value);
	return NULL;
}

static struct json_object *need_object(struct check *check, const struct place *in, struct json_object *object,
                                       const char *name)
{
	struct place place = { in, name };
	struct json_object *value = NULL;

	if (!json_object_object_get_ex(object, name, &value))
		complain(check, &place, COMPLAINT_MISSING);
	else if (!json_object_is_type(value, json_type_object))
		complain(check, &place, COMPLAINT_NOT_OBJECT);
	else
		return value;
	return NULL;
}

/* An optional text. */
static void may_text(struct check *check, const struct place *in, struct json_object *object, const char *name)
{
	struct json_object *value = NULL;

	if (json_object_object_get_ex(object, name, &value) && !json_object_is_type(value, json_type_string))
		complain(check, &(struct place){ in, name }, COMPLAINT_NOT_TEXT);
}

bool check_is_payment_currency(const char *currency)
{
	static const char currencies[] = "AUD CAD CHF CZK DKK EUR GBP HUF JPY MXN NOK NZD PLN RON SEK SGD USD ZAR";

	return money_is_currency(currency) && strstr(currencies, currency);
}

static void check_payment(struct check *check, struct json_object *body)
{
	struct place place = { NULL, "payment_method" };
	struct json_object *payment = need_object(check, NULL, body, "payment_method");
	const char *text;

	if (!payment)
		return;
	text = need_text(check, &place, payment, "type");
	if (text && strcmp(text, "ACCOUNT_BALANCE"))
		complain(check, &(struct place){ &place, "type" }, COMPLAINT_NOT_ALLOWED);
	text = need_text(check, &place, payment, "currency");
	if (text && !check_is_payment_currency(text))
		complain(check, &(struct place){ &place, "currency" }, COMPLAINT_NOT_ALLOWED);
}

/* Below 0.01: negative, or with no digit but zeros up to the second decimal. Exponents are left to
 * the catalogue's rules, unless the whole is plainly zero. */
static bool is_below_a_hundredth(const char *number)
{
	const char *digit = number, *point = strchr(number, '.');
	bool has_exponent = strpbrk(number, "eE") != NULL;

	if (*number == '-')
		return true;
	for (; *digit && *digit != 'e' && *digit != 'E'; digit++)
		if (*digit >= '1' && *digit <= '9')
			return !has_exponent && point && digit > point + 2;
	return true;
}

static void check_face_value(struct check *check, const struct place *in, struct json_object *item)
{
	struct place place = { in, "face_value" };
	struct json_object *value = NULL;

	if (!json_object_object_get_ex(item, "face_value", &value))
		complain(check, &place, COMPLAINT_MISSING);
	else if (!json_object_is_type(value, json_type_int) && !json_object_is_type(value, json_type_double))
		complain(check, &place, COMPLAINT_NOT_NUMBER);
	else if (is_below_a_hundredth(json_object_get_string(value)))
		complain(check, &place, COMPLAINT_TOO_SMALL);
}

/* ^[A-Za-z0-9-_@.]+$, at most 255 (runa-api 6.2). */
static void check_reference(struct check *check, const struct place *in, const char *reference)
{
	struct place place = { in, "recipient_reference" };
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_@.";

	if (strlen(reference) > 255)
		complain(check, &place, COMPLAINT_TOO_LONG);
	if (!*reference || reference[strspn(reference, allowed)])
		complain(check, &place, COMPLAINT_PATTERN);
}

static void check_distribution(struct check *check, const struct place *in, struct json_object *item)
{
	struct place place = { in, "distribution_method" };
	struct json_object *method = need_object(check, in, item, "distribution_method");
	const char *type = method ? need_text(check, &place, method, "type") : NULL;
	const char *text;

	if (!type)
		return;
	may_text(check, &place, method, "template_id");
	if (!strcmp(type, "PAYOUT_LINK"))
		return;
	if (strcmp(type, "EMAIL") && strcmp(type, "RECIPIENT")) {
		complain(check, &(struct place){ &place, "type" }, COMPLAINT_NOT_ALLOWED);
		return;
	}
	text = need_text(check, &place, method, "email_address");
	if (text && !text_is_email(text))
		complain(check, &(struct place){ &place, "email_address" }, COMPLAINT_EMAIL);
	if (strcmp(type, "RECIPIENT"))
		return;
	text = need_text(check, &place, method, "recipient_reference");
	if (text)
		check_reference(check, &place, text);
}

static void check_values(struct check *check, const struct place *in, struct json_object *products)
{
	struct place place = { in, "values" };
	struct json_object *list = NULL;
	size_t count;

	if (!json_object_object_get_ex(products, "values", &list)) {
		complain(check, &place, COMPLAINT_MISSING);
		return;
	}
	if (!json_object_is_type(list, json_type_array)) {
		complain(check, &place, COMPLAINT_NOT_LIST);
		return;
	}
	count = json_object_array_length(list);
	if (count < 2)
		complain(check, &place, COMPLAINT_TOO_FEW);
	if (count > 500) /* a bound of our own: entries are compared with one another */
		complain(check, &place, COMPLAINT_TOO_MANY);
	for (size_t i = 0; i < count && count <= 500; i++) {
		struct json_object *value = json_object_array_get_idx(list, i);

		if (!json_object_is_type(value, json_type_string)) {
			complain(check, &(struct place){ &place, arena_print(check->mem, "%zu", i) }, COMPLAINT_NOT_TEXT);
			continue;
		}
		for (size_t j = 0; j < i; j++)
			if (json_object_equal(value, json_object_array_get_idx(list, j))) {
				complain(check, &place, COMPLAINT_NOT_UNIQUE);
				return;
			}
	}
}

/* ^PSR-[0-9A-HJKMNP-TV-Z]{26}$ */
static void check_usage(struct check *check, const struct place *in, struct json_object *products)
{
	struct place place = { in, "usage_config" };
	struct json_object *usage = json_get(products, "usage_config");
	const char *rules = json_get_text(usage, "spend_rules_template_id");

	if (usage && !json_object_is_type(usage, json_type_object))
		complain(check, &place, COMPLAINT_NOT_OBJECT);
	if (rules && (strncmp(rules, "PSR-", 4) || strlen(rules) != 30 ||
	              strspn(rules + 4, "0123456789ABCDEFGHJKMNPQRSTVWXYZ") != 26))
		complain(check, &(struct place){ &place, "spend_rules_template_id" }, COMPLAINT_PATTERN);
}

static void check_products(struct check *check, const struct place *in, struct json_object *item, bool may_template)
{
	struct place place = { in, "products" };
	struct json_object *products = need_object(check, in, item, "products");
	const char *type = products ? need_text(check, &place, products, "type") : NULL;
	const char *value;

	if (!type)
		return;
	if (!strcmp(type, "SINGLE")) {
		value = need_text(check, &place, products, "value");
		if (value && !*value)
			complain(check, &(struct place){ &place, "value" }, COMPLAINT_TOO_SHORT);
		check_usage(check, &place, products);
	} else if (!strcmp(type, "MULTIPLE")) {
		check_values(check, &place, products);
	} else if (!strcmp(type, "TEMPLATE") && may_template) {
		(void)!need_text(check, &place, products, "template_id");
	} else {
		complain(check, &(struct place){ &place, "type" }, COMPLAINT_NOT_ALLOWED);
	}
}

static void check_items(struct check *check, struct json_object *body, size_t most, bool is_estimate)
{
	struct place place = { NULL, "items" };
	struct json_object *items = NULL;
	size_t count;

	if (!json_object_object_get_ex(body, "items", &items)) {
		complain(check, &place, COMPLAINT_MISSING);
		return;
	}
	if (!json_object_is_type(items, json_type_array)) {
		complain(check, &place, COMPLAINT_NOT_LIST);
		return;
	}
	count = json_object_array_length(items);
	if (count < 1 || count > most) {
		complain(check, &place, count < 1 ? COMPLAINT_TOO_FEW : COMPLAINT_TOO_MANY);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		struct place at = { &place, arena_print(check->mem, "%zu", i) };
		struct json_object *item = json_object_array_get_idx(items, i);

		if (!json_object_is_type(item, json_type_object)) {
			complain(check, &at, COMPLAINT_NOT_OBJECT);
			continue;
		}
		check_face_value(check, &at, item);
		if (!is_estimate)
			check_distribution(check, &at, item);
		check_products(check, &at, item, !is_estimate);
	}
}

static void check_description(struct check *check, struct json_object *body)
{
	struct place place = { NULL, "description" };
	struct json_object *value = json_get(body, "description");

	if (value && !json_object_is_type(value, json_type_string))
		complain(check, &place, COMPLAINT_NOT_TEXT);
	else if (value && text_length(json_object_get_string(value)) > 128)
		complain(check, &place, COMPLAINT_TOO_LONG);
}

static void check_metadata(struct check *check, struct json_object *body)
{
	struct place place = { NULL, "metadata" };
	struct json_object *metadata = json_get(body, "metadata");

	if (!metadata)
		return;
	if (!json_object_is_type(metadata, json_type_object)) {
		complain(check, &place, COMPLAINT_NOT_OBJECT);
		return;
	}
	if (json_object_object_length(metadata) > 20)
		complain(check, &place, COMPLAINT_TOO_MANY);
	json_object_object_foreach(metadata, name, value) {
		struct place at = { &place, name };

		if (text_length(name) > 40)
			complain(check, &at, COMPLAINT_TOO_LONG);
		if (!json_object_is_type(value, json_type_string))
			complain(check, &at, COMPLAINT_NOT_TEXT);
		else if (text_length(json_object_get_string(value)) > 200)
			complain(check, &at, COMPLAINT_TOO_LONG);
	}
}

void check_order(struct check *check, struct json_object *body)
{
	if (!json_object_is_type(body, json_type_object)) {
		complain(check, NULL, COMPLAINT_NOT_OBJECT);
		return;
	}
	check_payment(check, body);
	check_items(check, body, 200, false);
	check_description(check, body);
	check_metadata(check, body);
}

void check_estimate(struct check *check, struct json_object *body)
{
	if (!json_object_is_type(body, json_type_object)) {
		complain(check, NULL, COMPLAINT_NOT_OBJECT);
		return;
	}
	check_payment(check, body);
	check_items(check, body, 500, true);
}
