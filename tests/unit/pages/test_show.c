/* show.c: amounts, times and sentences, the same on every page. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "pages/show.h"

static int open_arena(void **state)
{
	*state = arena_open();
	return 0;
}

static int close_arena(void **state)
{
	arena_close(*state);
	return 0;
}

static void an_amount_has_all_its_decimals_and_its_currency(void **state)
{
	assert_string_equal(show_money(*state, money_of(1000, "GBP")), "10.00 GBP");
	assert_string_equal(show_money(*state, money_of(10, "JPY")), "10 JPY");
	assert_string_equal(show_money(*state, money_of(-5, "EUR")), "-0.05 EUR");
	assert_string_equal(show_money(*state, (struct money){ 0, "" }), "");
}

static void large_numbers_are_written_in_groups_of_three(void **state)
{
	assert_string_equal(show_count(*state, 0), "0");
	assert_string_equal(show_count(*state, 999), "999");
	assert_string_equal(show_count(*state, 1000), "1,000");
	assert_string_equal(show_count(*state, 1234567), "1,234,567");
	assert_string_equal(show_money(*state, money_of(12345650, "GBP")), "123,456.50 GBP");
	assert_string_equal(show_money(*state, money_of(90000000, "JPY")), "90,000,000 JPY");
	assert_string_equal(show_money(*state, money_of(-12300, "GBP")), "-123.00 GBP");
	assert_string_equal(show_amount(*state, money_of(-123456700, "GBP")), "-1,234,567.00");
}

static void a_time_is_in_utc_and_says_so(void **state)
{
	assert_string_equal(show_time(*state, INT64_C(1795424400000)), "2026-11-23 09:00:00 UTC");
	assert_string_equal(show_time(*state, 0), "");
	assert_string_equal(show_runa_time(*state, "2026-11-23T09:00:00.123Z"), "2026-11-23 09:00:00 UTC");
	assert_string_equal(show_runa_time(*state, "2026-11-23T09:00:00.123456"), "2026-11-23 09:00:00 UTC");
	assert_string_equal(show_runa_time(*state, "soon <b>"), "soon <b>");
}

static void a_span_is_in_the_unit_that_people_count_it_in(void **state)
{
	assert_string_equal(show_span(*state, 0), "0 s");
	assert_string_equal(show_span(*state, 119999), "119 s");
	assert_string_equal(show_span(*state, 120000), "2 min");
	assert_string_equal(show_span(*state, 7199999), "119 min");
	assert_string_equal(show_span(*state, 7200000), "2 h");
	assert_string_equal(show_span(*state, (int64_t)50 * 3600000), "50 h");
}

static void the_values_of_a_product_are_a_list_or_a_range(void **state)
{
	int64_t fixed[30] = { 1000, 2500, 5000 };
	struct product product = { .currency = "EUR", .fixed_minor = fixed, .fixed_count = 3 };

	assert_string_equal(show_product_values(*state, &product), "10.00, 25.00, 50.00 EUR");
	product.fixed_count = 30;
	assert_non_null(strstr(show_product_values(*state, &product), "EUR (+18)"));
	product = (struct product){ .currency = "GBP", .least_minor = 100, .most_minor = 50000 };
	assert_string_equal(show_product_values(*state, &product), "1.00 \xE2\x80\x93 500.00 GBP");
	product.most_minor = 0;
	assert_string_equal(show_product_values(*state, &product), "1.00+ GBP");
}

static void a_query_value_cannot_end_itself(void **state)
{
	assert_string_equal(show_query(*state, "a b&c=d#e%f\"'<>"), "a%20b%26c%3Dd%23e%25f%22%27%3C%3E");
	assert_string_equal(show_query(*state, "\xC3\xA9-._~9Z"), "%C3%A9-._~9Z");
	assert_string_equal(show_query(*state, ""), "");
}

static void only_known_blanks_of_a_sentence_are_filled(void **state)
{
	const struct show_fill fills[] = { { "a", "{b}" }, { "b", "x" } };

	assert_string_equal(show_filled(*state, "{a} and {b}{b}", fills, 2), "{b} and xx");
	assert_string_equal(show_filled(*state, "{c} {a", fills, 2), "{c} {a");
	assert_string_equal(show_filled(*state, "{}{", fills, 2), "{}{");
	assert_string_equal(show_filled(*state, "", fills, 2), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_amount_has_all_its_decimals_and_its_currency),
		cmocka_unit_test(large_numbers_are_written_in_groups_of_three),
		cmocka_unit_test(a_time_is_in_utc_and_says_so),
		cmocka_unit_test(a_span_is_in_the_unit_that_people_count_it_in),
		cmocka_unit_test(the_values_of_a_product_are_a_list_or_a_range),
		cmocka_unit_test(a_query_value_cannot_end_itself),
		cmocka_unit_test(only_known_blanks_of_a_sentence_are_filled),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
