/* test_check.c: the schema of runa-api 6, a row for each complaint, in both styles. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "sandbox/check.h"

/* An order that is right but for what is put in. */
#define ORDER(face, distribution, products) \
	"{\"payment_method\":{\"type\":\"ACCOUNT_BALANCE\",\"currency\":\"GBP\"},\"items\":[{\"face_value\":" face \
	",\"distribution_method\":" distribution ",\"products\":" products "}]}"
#define LINK "{\"type\":\"PAYOUT_LINK\"}"
#define ONE "{\"type\":\"SINGLE\",\"value\":\"A\"}"

static const struct { const char *body, *type, *place; } rows[] = {
	{ ORDER("10", LINK, ONE), NULL, NULL },
	{ ORDER("0.01", LINK, ONE), NULL, NULL },
	{ ORDER("10.005", LINK, ONE), NULL, NULL }, /* too precise is the catalogue's business */
	{ ORDER("1e1", LINK, ONE), NULL, NULL },
	{ ORDER("0", LINK, ONE), "value_error.number.not_ge", "items.0.face_value" },
	{ ORDER("0.00", LINK, ONE), "value_error.number.not_ge", "items.0.face_value" },
	{ ORDER("0.009", LINK, ONE), "value_error.number.not_ge", "items.0.face_value" },
	{ ORDER("-5", LINK, ONE), "value_error.number.not_ge", "items.0.face_value" },
	{ ORDER("\"10\"", LINK, ONE), "type_error.decimal", "items.0.face_value" },
	{ ORDER("1", "{\"type\":\"SMS\"}", ONE), "type_error.enum", "items.0.distribution_method.type" },
	{ ORDER("1", "{\"type\":\"EMAIL\"}", ONE), "value_error.missing", "items.0.distribution_method.email_address" },
	{ ORDER("1", "{\"type\":\"EMAIL\",\"email_address\":\"nobody\"}", ONE), "value_error.email",
	  "items.0.distribution_method.email_address" },
	{ ORDER("1", "{\"type\":\"RECIPIENT\",\"email_address\":\"a@b.test\",\"recipient_reference\":\"a b\"}", ONE),
	  "value_error.str.regex", "items.0.distribution_method.recipient_reference" },
	{ ORDER("1", LINK, "{\"type\":\"SINGLE\",\"value\":\"\"}"), "value_error.any_str.min_length", "items.0.products.value" },
	{ ORDER("1", LINK, "{\"type\":\"MULTIPLE\",\"values\":[\"A\"]}"), "value_error.list.min_items", "items.0.products.values" },
	{ ORDER("1", LINK, "{\"type\":\"MULTIPLE\",\"values\":[\"A\",\"A\"]}"), "value_error.list.unique_items",
	  "items.0.products.values" },
	{ ORDER("1", LINK, "{\"type\":\"SINGLE\",\"value\":\"A\",\"usage_config\":{\"spend_rules_template_id\":\"PSR-1\"}}"),
	  "value_error.str.regex", "items.0.products.usage_config.spend_rules_template_id" },
	{ "{\"payment_method\":{\"type\":\"CARD\",\"currency\":\"GBP\"},\"items\":[]}", "type_error.enum", "payment_method.type" },
	{ "[]", "type_error.dict", "" },
};

/* "items.0.face_value" */
static const char *place_of(struct arena *mem, struct json_object *detail)
{
	struct json_object *location = json_get(detail, "location");
	const char *place = "";

	for (size_t i = 0; i < json_object_array_length(location); i++)
		place = arena_print(mem, "%s%s%s", place, i ? "." : "",
		                    json_object_get_string(json_object_array_get_idx(location, i)));
	return place;
}

static void each_mistake_has_its_complaint_and_place(void **state)
{
	struct arena *mem = arena_open();

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct json_object *first;
		struct check check;

		check_begin(&check, mem, false);
		check_order(&check, json_read(mem, rows[i].body, strlen(rows[i].body)));
		assert_int_equal(check_is_right(&check), !rows[i].type);
		if (!rows[i].type)
			continue;
		first = json_object_array_get_idx(check.details, 0);
		assert_string_equal(json_get_text(first, "type"), rows[i].type);
		assert_string_equal(place_of(mem, first), rows[i].place);
	}
	arena_close(mem);
}

static void the_playground_says_it_otherwise(void **state)
{
	static const char body[] = ORDER("0", LINK, ONE);
	struct arena *mem = arena_open();
	struct answer answer = { 0 };
	struct check check;

	(void)state;
	check_begin(&check, mem, true);
	check_order(&check, json_read(mem, body, strlen(body)));
	check_answer(&check, &answer);
	assert_int_equal(answer.status, 422);
	assert_non_null(strstr(answer.body, "\"type\":\"greater_than_equal\""));
	assert_non_null(strstr(answer.body, "[\"body\",\"items\",\"0\",\"face_value\"]"));
	arena_close(mem);
}

static void numbers_keep_their_digits(void **state)
{
	static const char *const digits[] = { "10.00", "12.5", "1e1", "0.1", "10.000000000000000000001" };
	struct arena *mem = arena_open();

	(void)state;
	for (size_t i = 0; i < COUNT_OF(digits); i++) {
		char *text = arena_print(mem, "{\"n\":%s}", digits[i]);

		assert_string_equal(json_object_get_string(json_get(json_read(mem, text, strlen(text)), "n")), digits[i]);
	}
	arena_close(mem);
}

static void what_is_not_one_json_value_is_not_read(void **state)
{
	static const char *const wrong[] = { "", "{", "{}x", "{\"a\":1,}", "{'a':1}", "\"\xff\"", "[1,2",
		"NaN", "[NaN]", "{\"a\":-Infinity}", "null" };
	struct arena *mem = arena_open();

	(void)state;
	for (size_t i = 0; i < COUNT_OF(wrong); i++)
		assert_null(json_read(mem, wrong[i], strlen(wrong[i])));
	arena_close(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_mistake_has_its_complaint_and_place),
		cmocka_unit_test(the_playground_says_it_otherwise),
		cmocka_unit_test(numbers_keep_their_digits),
		cmocka_unit_test(what_is_not_one_json_value_is_not_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
