/* settings.c: one table says name, kind, place and range of each setting. */
#include "sandbox/settings.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum kind { KIND_BOOL, KIND_NUMBER, KIND_KEY, KIND_STYLE, KIND_PROGRESS, KIND_BALANCES, KIND_CODES };

static const struct {
	const char *name;
	enum kind kind;
	size_t place;
	int64_t most;
} rows[] = {
	{ "api_key", KIND_KEY, 0, 0 },
	{ "funds", KIND_BOOL, offsetof(struct settings, funds), 0 },
	{ "balances", KIND_BALANCES, 0, 0 },
	{ "store_5xx", KIND_BOOL, offsetof(struct settings, store_5xx), 0 },
	{ "store_429", KIND_BOOL, offsetof(struct settings, store_429), 0 },
	{ "in_progress_as", KIND_PROGRESS, 0, 0 },
	{ "validation_style", KIND_STYLE, 0, 0 },
	{ "processing_ms", KIND_NUMBER, offsetof(struct settings, processing_ms), INT64_C(86400000) * 365 },
	{ "quirks", KIND_BOOL, offsetof(struct settings, quirks), 0 },
	{ "products", KIND_NUMBER, offsetof(struct settings, products), SETTINGS_PRODUCTS_MAX },
	{ "estimate", KIND_BOOL, offsetof(struct settings, estimate), 0 },
	{ "withdrawn", KIND_CODES, 0, 0 },
	{ "keep_requests", KIND_BOOL, offsetof(struct settings, keep_requests), 0 },
	{ "ip_allowed", KIND_BOOL, offsetof(struct settings, ip_allowed), 0 },
	{ "fx", KIND_BOOL, offsetof(struct settings, fx), 0 },
	{ "list_lag_s", KIND_NUMBER, offsetof(struct settings, list_lag_s), INT64_C(86400) * 365 },
};

/* Usable as balance (runa-api appendix B); two start empty, so that the list leaves them out. */
static const struct money start_balances[] = {
	{ 5000000, "AUD" }, { 5000000, "CAD" }, { 5000000, "CHF" }, { 5000000, "CZK" }, { 5000000, "DKK" },
	{ 10000000, "EUR" }, { 10000000, "GBP" }, { 5000000, "HUF" }, { 90000000, "JPY" }, { 0, "MXN" },
	{ 5000000, "NOK" }, { 5000000, "NZD" }, { 5000000, "PLN" }, { 5000000, "RON" }, { 5000000, "SEK" },
	{ 0, "SGD" }, { 10000000, "USD" }, { 5000000, "ZAR" },
};

void settings_begin(struct settings *settings)
{
	_Static_assert(COUNT_OF(start_balances) <= SETTINGS_BALANCES_MAX, "all balances fit");
	*settings = (struct settings){
		.api_key = "XXsandbox.local-key", .in_progress_as = 400, .processing_ms = 1000, .products = 64,
		.estimate = true, .keep_requests = true, .ip_allowed = true, .fx = true,
		.balance_count = COUNT_OF(start_balances),
	};
	memcpy(settings->balances, start_balances, sizeof start_balances);
}

void settings_end(struct settings *settings)
{
	free(settings->withdrawn);
	settings->withdrawn = NULL;
	settings->withdrawn_count = 0;
}

struct money *settings_balance(struct settings *settings, const char *currency)
{
	for (size_t i = 0; i < settings->balance_count; i++)
		if (!strcmp(settings->balances[i].currency, currency))
			return &settings->balances[i];
	return NULL;
}

bool settings_is_withdrawn(const struct settings *settings, const char *code)
{
	for (size_t i = 0; i < settings->withdrawn_count; i++)
		if (!strcmp(settings->withdrawn[i], code))
			return true;
	return false;
}

static bool set_balances(struct settings *settings, struct json_object *value, struct problem *why)
{
	if (!json_object_is_type(value, json_type_object)) {
		problem_set(why, "balances must be an object like {\"GBP\":\"1000.00\"}");
		return false;
	}
	json_object_object_foreach(value, currency, amount) {
		struct money *balance = money_is_currency(currency) ? settings_balance(settings, currency) : NULL;
		struct money wanted;

		if (!balance || money_from_runa(json_object_get_string(amount), currency, &wanted) != MONEY_OK ||
		    wanted.minor < 0) {
			problem_set(why, "balances: no such currency, or no such amount");
			return false;
		}
		*balance = wanted;
	}
	return true;
}

/* The new list replaces *codes; the old one stays with the caller until all is checked. */
static bool set_codes(struct settings *settings, struct json_object *value, struct problem *why)
{
	size_t count = json_object_is_type(value, json_type_array) ? json_object_array_length(value) : SIZE_MAX;

	if (count > SETTINGS_WITHDRAWN_MAX) {
		problem_set(why, "withdrawn must be a list of at most %d codes", SETTINGS_WITHDRAWN_MAX);
		return false;
	}
	free(settings->withdrawn);
	settings->withdrawn = count ? memory_array(count, sizeof *settings->withdrawn) : NULL;
	settings->withdrawn_count = 0;
	for (size_t i = 0; i < count; i++) {
		const char *code = json_object_get_string(json_object_array_get_idx(value, i));

		if (!code || strlen(code) >= SETTINGS_CODE_SIZE) {
			problem_set(why, "withdrawn: a code is too long");
			return false;
		}
		memcpy(settings->withdrawn[settings->withdrawn_count++], code, strlen(code) + 1);
	}
	return true;
}

static bool set_key(struct settings *settings, struct json_object *value, struct problem *why)
{
	const char *key = json_object_get_string(value);

	if (!json_object_is_type(value, json_type_string) || !*key || strlen(key) >= SETTINGS_KEY_SIZE) {
		problem_set(why, "api_key must be a text of 1 to %d bytes", SETTINGS_KEY_SIZE - 1);
		return false;
	}
	memcpy(settings->api_key, key, strlen(key) + 1);
	return true;
}

static bool set_one(struct settings *settings, size_t row, struct json_object *value, struct problem *why)
{
	char *place = (char *)settings + rows[row].place;
	const char *text = json_object_get_string(value);
	int64_t number = json_object_is_type(value, json_type_int) ? json_object_get_int64(value) : -1;
	bool is_playground = text && !strcmp(text, "playground");

	switch (rows[row].kind) {
	case KIND_KEY: return set_key(settings, value, why);
	case KIND_BALANCES: return set_balances(settings, value, why);
	case KIND_CODES: return set_codes(settings, value, why);
	case KIND_BOOL:
		if (!json_object_is_type(value, json_type_boolean))
			break;
		*(bool *)place = json_object_get_boolean(value);
		return true;
	case KIND_NUMBER:
		if (number < 0 || number > rows[row].most)
			break;
		memcpy(place, &number, sizeof number);
		return true;
	case KIND_PROGRESS:
		if (number != 400 && number != 102)
			break;
		settings->in_progress_as = number;
		return true;
	case KIND_STYLE:
		if (!is_playground && !(text && !strcmp(text, "production")))
			break;
		settings->is_playground_style = is_playground;
		return true;
	}
	problem_set(why, "%s: this value is not allowed", rows[row].name);
	return false;
}

static bool set_all(struct settings *settings, struct json_object *change, struct problem *why)
{
	json_object_object_foreach(change, name, value) {
		size_t row = 0;

		while (row < COUNT_OF(rows) && strcmp(rows[row].name, name))
			row++;
		if (row == COUNT_OF(rows)) {
			problem_set(why, "there is no setting of that name: %.60s", name);
			return false;
		}
		if (!set_one(settings, row, value, why))
			return false;
	}
	return true;
}

bool settings_change(struct settings *settings, struct arena *mem, struct json_object *change,
                     struct problem *why)
{
	struct settings wanted = *settings;

	(void)mem;
	if (!json_object_is_type(change, json_type_object)) {
		problem_set(why, "settings must be one JSON object");
		return false;
	}
	wanted.withdrawn = settings->withdrawn_count
		? memory_array(settings->withdrawn_count, sizeof *wanted.withdrawn) : NULL;
	if (wanted.withdrawn)
		memcpy(wanted.withdrawn, settings->withdrawn, settings->withdrawn_count * sizeof *wanted.withdrawn);
	if (!set_all(&wanted, change, why)) {
		settings_end(&wanted);
		return false;
	}
	settings_end(settings);
	*settings = wanted;
	return true;
}

static struct json_object *show_one(const struct settings *settings, struct arena *mem, size_t row)
{
	const char *place = (const char *)settings + rows[row].place;
	struct json_object *json;
	int64_t number;

	switch (rows[row].kind) {
	case KIND_KEY: return json_object_new_string("(key)");
	case KIND_BOOL: return json_object_new_boolean(*(const bool *)place);
	case KIND_NUMBER: memcpy(&number, place, sizeof number); return json_object_new_int64(number);
	case KIND_PROGRESS: return json_object_new_int64(settings->in_progress_as);
	case KIND_STYLE: return json_object_new_string(settings->is_playground_style ? "playground" : "production");
	case KIND_BALANCES:
		json = json_object_new_object();
		for (size_t i = 0; i < settings->balance_count; i++)
			json_put_text(json, settings->balances[i].currency, money_text(mem, settings->balances[i]));
		return json;
	case KIND_CODES:
		json = json_object_new_array();
		for (size_t i = 0; i < settings->withdrawn_count; i++)
			json_object_array_add(json, json_object_new_string(settings->withdrawn[i]));
		return json;
	}
	return NULL;
}

struct json_object *settings_show(const struct settings *settings, struct arena *mem)
{
	struct json_object *json = json_object_new_object();

	for (size_t i = 0; i < COUNT_OF(rows); i++)
		json_put(json, rows[i].name, show_one(settings, mem, i));
	return json;
}
