/* rules.c: what may be ordered: one check a field, in the form's order. Pure. */
#include "desk/rules.h"

#include <string.h>

#include "base/sizes.h"
#include "base/text.h"

struct check {
	const struct catalogue *catalogue;
	const struct desk_rules *rules;
	struct arena *mem;
	const struct wish *wish;
	struct order *out;
	struct field_errors *errors;
	const struct product *product; /* once found */
};

static struct field_error *refuse(struct check *check, const char *field, enum rule rule)
{
	struct field_error *error = &check->errors->lines[check->errors->count];

	if (check->errors->count + 1 < FIELD_ERRORS_MOST) check->errors->count++;
	memset(error, 0, sizeof *error);
	error->field = field;
	error->rule = rule;
	error->product = check->product;
	return error;
}

/* The trimmed text, or NULL where there is none. */
static const char *typed(struct check *check, const char *value)
{
	char *text = value == NULL ? NULL : text_trim(check->mem, value);

	return text == NULL || *text == '\0' ? NULL : text;
}

static void check_product(struct check *check)
{
	const char *code = typed(check, check->wish->product);

	if (code == NULL) {
		refuse(check, "product", RULE_PRODUCT_MISSING);
		return;
	}
	if (check->catalogue->product_count == 0) {
		refuse(check, "product", RULE_CATALOGUE_EMPTY);
		return;
	}
	check->product = catalogue_find(check->catalogue, code);
	if (check->product == NULL) {
		refuse(check, "product", RULE_PRODUCT_UNKNOWN);
	} else if (!check->product->is_orderable) {
		refuse(check, "product", RULE_PRODUCT_NOT_ORDERABLE);
	} else {
		check->out->product_code = arena_text(check->mem, check->product->code);
		check->out->product_name = arena_text(check->mem, check->product->name);
	}
}

static bool is_in_list(const struct product *product, int64_t minor)
{
	for (size_t i = 0; i < product->fixed_count; i++)
		if (product->fixed_minor[i] == minor) return true;
	return false;
}

static int64_t order_limit(const struct check *check, const char *currency)
{
	for (size_t i = 0; i < check->rules->limit_count; i++)
		if (strcmp(check->rules->limits[i].currency, currency) == 0)
			return check->rules->limits[i].order_max_minor;
	return 0;
}

/* An amount that reads as one: is it among what this product and the house allow? */
static void check_amount(struct check *check, struct money value)
{
	const struct product *product = check->product;
	int64_t limit = order_limit(check, value.currency);
	struct field_error *error = NULL;

	if (value.minor == 0)
		error = refuse(check, "face_value", RULE_VALUE_ZERO);
	else if (product->fixed_count > 0 && !is_in_list(product, value.minor))
		error = refuse(check, "face_value", RULE_VALUE_NOT_IN_LIST);
	else if (product->fixed_count == 0 && value.minor < product->least_minor)
		error = refuse(check, "face_value", RULE_VALUE_BELOW_RANGE);
	else if (product->fixed_count == 0 && product->most_minor > 0 && value.minor > product->most_minor)
		error = refuse(check, "face_value", RULE_VALUE_ABOVE_RANGE);
	else if (limit > 0 && value.minor > limit)
		error = refuse(check, "face_value", RULE_VALUE_ABOVE_LIMIT);
	if (error == NULL) {
		check->out->face_value = value;
		return;
	}
	error->least = money_of(product->least_minor, product->currency);
	error->most = money_of(error->rule == RULE_VALUE_ABOVE_LIMIT ? limit : product->most_minor, product->currency);
}

/* An amount that can be read in two ways, or in one way that others write: asked about, never guessed. */
static bool ask_about(struct check *check, const char *text, const char *currency)
{
	char *readings[MONEY_READINGS_MOST] = { NULL };
	size_t count = money_readings(check->mem, text, readings);
	struct field_error *error;
	struct money meant;

	/* To suggest what would be refused next helps nobody. */
	if (count == 0 || (count == 1 && money_parse(readings[0], currency, &meant) != MONEY_OK)) return false;
	error = refuse(check, "face_value", count == 1 ? RULE_VALUE_UNSURE : RULE_VALUE_TWO_READINGS);
	error->reading = readings[0];
	error->other_reading = readings[1];
	error->decimals = money_runa_decimals(currency);
	return true;
}

static void check_face_value(struct check *check)
{
	static const enum rule rules[] = {
		[MONEY_EMPTY] = RULE_VALUE_MISSING,
		[MONEY_NOT_A_NUMBER] = RULE_VALUE_NOT_A_NUMBER,
		[MONEY_TOO_PRECISE] = RULE_VALUE_TOO_PRECISE,
		[MONEY_TOO_LARGE] = RULE_VALUE_TOO_LARGE,
	};
	/* Without a product the value is still read, so that the person learns all there is to mend. */
	const char *currency = check->product != NULL ? check->product->currency : "EUR";
	const char *text = check->wish->face_value == NULL ? "" : check->wish->face_value;
	struct money value;
	enum money_parsed parsed = money_parse(text, currency, &value);

	if ((parsed == MONEY_NOT_A_NUMBER || parsed == MONEY_TOO_PRECISE) && ask_about(check, text, currency)) return;
	if (parsed != MONEY_OK) {
		if (check->product == NULL && parsed == MONEY_TOO_PRECISE) return;
		refuse(check, "face_value", rules[parsed])->decimals = money_runa_decimals(currency);
	} else if (check->product != NULL) {
		check_amount(check, value);
	}
}

/* Another balance than the product's currency would silently cost foreign exchange (runa-api 15). */
static void check_currency(struct check *check)
{
	const char *currency = typed(check, check->wish->currency);

	if (currency == NULL) {
		refuse(check, "currency", RULE_CURRENCY_MISSING);
	} else if (!money_is_currency(currency)) {
		refuse(check, "currency", RULE_CURRENCY_UNKNOWN);
	} else if (check->product != NULL && strcmp(currency, check->product->currency) != 0) {
		refuse(check, "currency", RULE_CURRENCY_DIFFERS);
	} else if (check->catalogue->balance_count > 0 && catalogue_balance(check->catalogue, currency) == NULL) {
		refuse(check, "currency", RULE_CURRENCY_NO_BALANCE);
	}
}

static void check_recipient(struct check *check)
{
	const char *distribution = typed(check, check->wish->distribution);
	const char *email = typed(check, check->wish->email);

	if (distribution == NULL) {
		refuse(check, "distribution", RULE_DISTRIBUTION_MISSING);
	} else if (!order_distribution_from_name(distribution, &check->out->distribution)) {
		refuse(check, "distribution", RULE_DISTRIBUTION_UNKNOWN);
	} else if (check->out->distribution == DISTRIBUTION_LINK) {
		if (email != NULL) refuse(check, "email", RULE_EMAIL_UNWANTED);
	} else if (email == NULL) {
		refuse(check, "email", RULE_EMAIL_MISSING);
	} else if (!text_is_email(email)) {
		refuse(check, "email", text_is_printable(email) ? RULE_EMAIL_INVALID : RULE_EMAIL_UNPRINTABLE);
	} else {
		check->out->email = email;
	}
}

static void check_description(struct check *check)
{
	const char *description = typed(check, check->wish->description);

	if (description == NULL) return;
	if (strlen(description) > SIZE_DESCRIPTION_BYTES || text_length(description) > SIZE_DESCRIPTION)
		refuse(check, "description", RULE_DESCRIPTION_TOO_LONG);
	else if (!text_is_printable(description))
		refuse(check, "description", RULE_DESCRIPTION_UNPRINTABLE);
	else
		check->out->description = description;
}

bool rules_check(const struct catalogue *catalogue, const struct desk_rules *rules, struct arena *mem,
                 const struct wish *wish, struct order *out, struct field_errors *errors)
{
	struct check check = { .catalogue = catalogue, .rules = rules, .mem = mem, .wish = wish, .out = out,
	                       .errors = errors };

	errors->count = 0;
	check_product(&check);
	check_face_value(&check);
	check_currency(&check);
	check_recipient(&check);
	check_description(&check);
	return errors->count == 0;
}
