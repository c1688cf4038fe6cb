/* test_json.c: what counts as JSON, and numbers to the last digit. */
#include "runa/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/sizes.h"
#include "support/mem.h"

static bool is_json(const char *text)
{
	struct runa_json json;
	bool ok = runa_json_open(text, strlen(text), &json);

	if (ok)
		runa_json_close(&json);
	return ok;
}

static void whole_values_are_json(void **state)
{
	static const char *const rows[] = { "{}", "[]", " {\"a\":[1,2.5,true,null,\"x\"]} \r\n", "[{}]",
		                                "{\"a\":\"\\u00e4\"}" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (!is_json(rows[i]))
			fail_msg("%s", rows[i]);
}

static void all_else_is_not(void **state)
{
	static const char *const rows[] = {
		"", " ", "{", "}", "{\"a\":1", "{\"a\":1}}", "{}{}", "{} x", "[1,]", "{\"a\":1,}", "{a:1}", "{'a':1}",
		"{\"a\":'x'}", "/* x */{}", "{\"a\":nul}", "{\"a\":TRUE}", "{\"a\":nan}", "{\"a\":01}",
		"{\"a\":\"\xff\"}", "{\"a\":\"\xc0\xaf\"}", "<html></html>", "\xef\xbb\xbf{}",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (is_json(rows[i]))
			fail_msg("%s", rows[i]);
}

static void a_nul_between_is_not_json(void **state)
{
	struct runa_json json;

	(void)state;
	assert_false(runa_json_open("{}\0{}", 5, &json));
	assert_false(runa_json_open("{}\0", 3, &json));
	assert_false(runa_json_open(NULL, 0, &json));
}

static void nesting_has_an_end(void **state)
{
	char text[2 * 10000 + 1];

	(void)state;
	for (int depth = 1; depth <= 10000; depth *= 10) {
		memset(text, '[', (size_t)depth);
		memset(text + depth, ']', (size_t)depth);
		text[2 * depth] = '\0';
		assert_int_equal(is_json(text), depth < SIZE_JSON_DEPTH);
	}
}

static void many_containers_and_values_are_too_many(void **state)
{
	size_t bytes = 3 * (JSON_CONTAINERS + 2);
	char *text = malloc(bytes + 1);
	struct runa_json json;

	(void)state;
	text[0] = '[';
	for (size_t i = 1; i + 2 < bytes; i += 3)
		memcpy(text + i, "{},", 3);
	memcpy(text + 1 + 3 * JSON_CONTAINERS, "1]", 3);
	assert_false(runa_json_open(text, strlen(text), &json));
	memcpy(text + 1 + 3 * (JSON_CONTAINERS - 1), "1]", 3);
	assert_true(runa_json_open(text, strlen(text), &json));
	runa_json_close(&json);
	free(text);
	text = malloc(2 * JSON_VALUES + 8);
	text[0] = '[';
	for (size_t i = 0; i < JSON_VALUES; i++)
		memcpy(text + 1 + 2 * i, "1,", 2);
	memcpy(text + 1 + 2 * JSON_VALUES, "1]", 3);
	assert_false(runa_json_open(text, strlen(text), &json));
	free(text);
}

static void a_member_named_twice_shows(void **state)
{
	static const struct { const char *text; bool has_twins; } rows[] = {
		{ "{\"a\":1,\"b\":1}", false }, { "{\"a\":1,\"a\":1}", true }, { "{\"a\":1,\"a\":2}", true },
		{ "{\"a\":{\"a\":1}}", false }, { "[{\"a\":1},{\"a\":1}]", false }, { "[{\"x\":{\"a\":1,\"a\":1}}]", true },
		{ "{\"a\":{\"b\":1},\"a\":{\"b\":1,\"c\":1}}", true }, { "{\"a\":\":,{[\\\":\"}", false },
		{ "{\"a\":1,\"\\u0061\":1}", true }, { "{\"a:b\":\"c\\\\\"}", false }, { "{\"a\":null,\"a\":null}", true },
	};
	struct runa_json json;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		assert_true(runa_json_open(rows[i].text, strlen(rows[i].text), &json));
		if (json.has_twins != rows[i].has_twins)
			fail_msg("%s", rows[i].text);
		runa_json_close(&json);
	}
}

/* The decimal of {"a": TEXT}. */
static char *decimal_of(const char *text)
{
	const char *body = arena_print(mem, "{\"a\":%s}", text);
	struct runa_json json;
	char *decimal;

	assert_true(runa_json_open(body, strlen(body), &json));
	decimal = runa_json_decimal(mem, runa_json_member(json.root, "a"));
	runa_json_close(&json);
	return decimal;
}

static void numbers_are_read_as_they_were_written(void **state)
{
	static const char *const rows[] = {
		"0", "25", "-5", "0.1", "10.10", "10.000", "1e2", "1E+2", "12.5e-1", "-0.5", "0.30000000000000004",
		"9223372036854775807", "18446744073709551615", "123456789012345678.90", "1e400", "0.1e-400",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_string_equal(decimal_of(rows[i]), rows[i]);
}

static void four_hundred_digits_stay_four_hundred_digits(void **state)
{
	char digits[404];

	(void)state;
	memset(digits, '7', sizeof digits - 1);
	digits[1] = '.';
	digits[402] = '\0';
	assert_string_equal(decimal_of(digits), digits);
	assert_string_equal(decimal_of(arena_print(mem, "\"%s\"", digits)), digits);
}

/* json-c turns it into the nearest number of 64 bits; that must not pass for an amount either. */
static void a_whole_number_of_four_hundred_digits_is_no_amount(void **state)
{
	static const char *const heads[] = { "", "-", "1844674407370955161", "-922337203685477580" };
	char digits[420];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(heads); i++) {
		struct runa_json json;
		struct money amount;
		const char *body;

		memset(digits, '9', 400);
		digits[i < 2 ? 400 : 1] = '\0';
		body = arena_print(mem, "{\"a\":%s%s,\"id\":\"O-1\"}", heads[i], digits);
		assert_true(runa_json_open(body, strlen(body), &json));
		assert_false(runa_json_money(mem, runa_json_member(json.root, "a"), "EUR", &amount));
		assert_false(runa_json_money(mem, runa_json_member(json.root, "a"), "JPY", &amount));
		assert_string_equal(runa_json_text(mem, runa_json_member(json.root, "id"), 9), "O-1");
		runa_json_close(&json);
	}
}

static void what_is_no_number_is_no_amount(void **state)
{
	static const char *const rows[] = {
		"NaN", "Infinity", "-Infinity", "\"NaN\"", "\"\"", "\"ten\"", "true", "null", "{}", "[]", "[10]",
		"\"0x10\"", "\"10,00\"", "\"10 \\u0000\"", "1e400", "\"10.001\"",
	};
	struct runa_json json;
	struct money amount;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const char *body = arena_print(mem, "{\"a\":%s}", rows[i]);

		if (!runa_json_open(body, strlen(body), &json))
			continue;
		if (runa_json_money(mem, runa_json_member(json.root, "a"), "EUR", &amount))
			fail_msg("%s", rows[i]);
		assert_string_equal(amount.currency, "");
		runa_json_close(&json);
	}
}

static void amounts_come_as_numbers_and_as_texts(void **state)
{
	static const char *const rows[] = { "10", "10.1e0", "\"10\"", "\"10.00\"", "10.0000", "\"1e1\"", "1.0e1" };
	struct runa_json json;
	struct money amount;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const char *body = arena_print(mem, "{\"a\":%s}", rows[i]);

		assert_true(runa_json_open(body, strlen(body), &json));
		assert_true(runa_json_money(mem, runa_json_member(json.root, "a"), "EUR", &amount));
		assert_int_equal(amount.minor, i == 1 ? 1010 : 1000);
		assert_string_equal(amount.currency, "EUR");
		assert_false(runa_json_money(mem, runa_json_member(json.root, "a"), "eur", &amount));
		runa_json_close(&json);
	}
}

static void texts_are_bounded_and_words_are_plain(void **state)
{
	static const char body[] =
		"{\"a\":\"four\",\"nul\":\"x\\u0000y\",\"blank\":\"a b\",\"wide\":\"\xc3\xa4\",\"empty\":\"\","
		"\"control\":\"a\\nb\",\"number\":5}";
	struct runa_json json;

	(void)state;
	assert_true(runa_json_open(body, sizeof body - 1, &json));
	assert_string_equal(runa_json_text(mem, runa_json_member(json.root, "a"), 4), "four");
	assert_null(runa_json_text(mem, runa_json_member(json.root, "a"), 3));
	assert_null(runa_json_text(mem, runa_json_member(json.root, "nul"), 9));
	assert_null(runa_json_text(mem, runa_json_member(json.root, "empty"), 9));
	assert_null(runa_json_text(mem, runa_json_member(json.root, "number"), 9));
	assert_null(runa_json_text(mem, runa_json_member(json.root, "missing"), 9));
	assert_null(runa_json_text(mem, NULL, 9));
	assert_string_equal(runa_json_text(mem, runa_json_member(json.root, "wide"), 9), "\xc3\xa4");
	assert_null(runa_json_word(mem, runa_json_member(json.root, "wide"), 9));
	assert_null(runa_json_word(mem, runa_json_member(json.root, "blank"), 9));
	assert_null(runa_json_word(mem, runa_json_member(json.root, "control"), 9));
	runa_json_close(&json);
}

static void prose_is_cut_between_characters_and_has_no_controls(void **state)
{
	static const char body[] = "[\"a\\nb\\u001b\\u007f\\u0085c\",\"ab\xc3\xa4\"]";
	struct runa_json json;

	(void)state;
	assert_true(runa_json_open(body, sizeof body - 1, &json));
	assert_string_equal(runa_json_prose(mem, runa_json_item(json.root, 0), 99), "a b    c");
	assert_string_equal(runa_json_prose(mem, runa_json_item(json.root, 1), 4), "ab\xc3\xa4");
	assert_string_equal(runa_json_prose(mem, runa_json_item(json.root, 1), 3), "ab");
	assert_null(runa_json_prose(mem, runa_json_item(json.root, 2), 3));
	runa_json_close(&json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_values_are_json),
		cmocka_unit_test(all_else_is_not),
		cmocka_unit_test(a_nul_between_is_not_json),
		cmocka_unit_test(nesting_has_an_end),
		cmocka_unit_test(many_containers_and_values_are_too_many),
		cmocka_unit_test(a_member_named_twice_shows),
		cmocka_unit_test(numbers_are_read_as_they_were_written),
		cmocka_unit_test(four_hundred_digits_stay_four_hundred_digits),
		cmocka_unit_test(a_whole_number_of_four_hundred_digits_is_no_amount),
		cmocka_unit_test(what_is_no_number_is_no_amount),
		cmocka_unit_test(amounts_come_as_numbers_and_as_texts),
		cmocka_unit_test(texts_are_bounded_and_words_are_plain),
		cmocka_unit_test(prose_is_cut_between_characters_and_has_no_controls),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
