/* test_money.c: amounts are read exactly or not at all, and written as they were read. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "model/money.h"

static const char *const samples[] = { "GBP", "JPY", "KWD", "CLF", "ZZZ" };
static const int64_t eighteen_digits = INT64_C(1000000000000000000);

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

/* Numbers of every length, the same in each run (splitmix64). */
static int64_t next_number(uint64_t *seed)
{
	uint64_t z = *seed += UINT64_C(0x9E3779B97F4A7C15);

	z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
	z ^= z >> 31;
	return (int64_t)(z >> 4 >> (*seed >> 32) % 60);
}

static const struct { const char *currency; int iso, runa; } decimals[] = {
	{ "JPY", 0, 0 }, { "KRW", 0, 0 }, { "CLP", 0, 0 }, { "ISK", 0, 0 }, { "XOF", 0, 0 },
	{ "XPF", 0, 0 }, { "BIF", 0, 0 }, { "UYI", 0, 0 }, { "VND", 0, 0 }, { "UGX", 0, 0 },
	{ "GBP", 2, 2 }, { "EUR", 2, 2 }, { "USD", 2, 2 }, { "IQD", 3, 2 }, { "LAK", 2, 2 },
	{ "RSD", 2, 2 }, { "HUF", 2, 2 }, { "IDR", 2, 2 }, { "COP", 2, 2 }, { "TWD", 2, 2 },
	{ "MGA", 2, 2 }, { "ZWG", 2, 2 }, { "AED", 2, 2 }, { "BHD", 3, 2 }, { "KWD", 3, 2 },
	{ "OMR", 3, 2 }, { "TND", 3, 2 }, { "JOD", 3, 2 }, { "LYD", 3, 2 }, { "CLF", 4, 2 },
	{ "UYW", 4, 2 }, { "ZZZ", 2, 2 }, { "", 2, 2 }, { "JP", 2, 2 }, { "jpy", 2, 2 }, { "Y K", 2, 2 },
	{ "JPYX", 2, 2 },
};

static void decimals_are_those_of_iso_4217_and_two_at_most_for_runa(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(decimals); i++)
		if (money_decimals(decimals[i].currency) != decimals[i].iso ||
		    money_runa_decimals(decimals[i].currency) != decimals[i].runa)
			fail_msg("%s", decimals[i].currency);
	assert_int_equal(money_decimals(NULL), 2);
}

static void every_code_there_can_be_has_the_decimals_of_the_standard(void **state)
{
	static const char none[] = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF";
	static const char three[] = "BHD IQD JOD KWD LYD OMR TND", four[] = "CLF UYW";

	(void)state;
	for (int i = 0; i < 26 * 26 * 26; i++) {
		char code[] = "AAA";
		int wanted = 2;

		code[0] += (char)(i / 26 / 26);
		code[1] += (char)(i / 26 % 26);
		code[2] += (char)(i % 26);
		if (strstr(none, code))
			wanted = 0;
		else if (strstr(three, code) || strstr(four, code))
			wanted = strstr(three, code) ? 3 : 4;
		assert_true(money_is_currency(code));
		assert_int_equal(money_decimals(code), wanted);
	}
}

static void a_currency_is_three_capitals(void **state)
{
	static const char *const wrong[] = { "", "GB", "GBPX", "gbp", "GB1", "GB ", "G\xC3\x89" };

	(void)state;
	assert_true(money_is_currency("GBP"));
	assert_false(money_is_currency(NULL));
	for (size_t i = 0; i < COUNT_OF(wrong); i++)
		assert_false(money_is_currency(wrong[i]));
}

struct reading { const char *text, *currency; enum money_parsed parsed; int64_t minor; };

static void must_read(enum money_parsed (*read)(const char *, const char *, struct money *),
                      const struct reading *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct money out = money_of(-77, "AAA");
		enum money_parsed parsed = read(cases[i].text, cases[i].currency, &out);
		bool ok = cases[i].parsed == MONEY_OK;

		if (parsed != cases[i].parsed || out.minor != (ok ? cases[i].minor : -77) ||
		    strcmp(out.currency, ok ? cases[i].currency : "AAA") != 0)
			fail_msg("'%.40s' %s: %d, %lld %s", cases[i].text, cases[i].currency, parsed,
			         (long long)out.minor, out.currency);
	}
}

static void what_a_person_types_is_read_exactly(void **state)
{
	static const struct reading cases[] = {
		{ "10", "GBP", MONEY_OK, 1000 }, { "10.5", "GBP", MONEY_OK, 1050 },
		{ "10.05", "GBP", MONEY_OK, 1005 }, { "0", "GBP", MONEY_OK, 0 },
		{ "0.5", "GBP", MONEY_OK, 50 }, { "0.01", "GBP", MONEY_OK, 1 },
		{ " 10 ", "GBP", MONEY_OK, 1000 }, { "\xC2\xA0\t10.00\r\n", "GBP", MONEY_OK, 1000 },
		{ "1000", "JPY", MONEY_OK, 1000 }, { "1.23", "KWD", MONEY_OK, 123 },
		{ "7", "CLF", MONEY_OK, 700 },
		{ "9999999999999999.99", "GBP", MONEY_OK, INT64_C(999999999999999999) },
		{ "999999999999999999", "JPY", MONEY_OK, INT64_C(999999999999999999) },
		{ NULL, "GBP", MONEY_EMPTY, 0 }, { "", "GBP", MONEY_EMPTY, 0 },
		{ " \t\n", "GBP", MONEY_EMPTY, 0 }, { "\xC2\xA0", "GBP", MONEY_EMPTY, 0 },
		{ "10.001", "GBP", MONEY_TOO_PRECISE, 0 }, { "10.000", "GBP", MONEY_TOO_PRECISE, 0 },
		{ "10.0", "JPY", MONEY_TOO_PRECISE, 0 }, { "1.234", "KWD", MONEY_TOO_PRECISE, 0 },
		{ "1.230", "KWD", MONEY_TOO_PRECISE, 0 },
		{ "10000000000000000", "GBP", MONEY_TOO_LARGE, 0 },
		{ "10000000000000000.00", "GBP", MONEY_TOO_LARGE, 0 },
		{ "1000000000000000000", "JPY", MONEY_TOO_LARGE, 0 },
		{ "1000000000000000000000000000000", "GBP", MONEY_TOO_LARGE, 0 },
		{ "18446744073709551617", "JPY", MONEY_TOO_LARGE, 0 },
	};

	(void)state;
	must_read(money_parse, cases, COUNT_OF(cases));
}

static void what_is_no_plain_number_is_refused(void **state)
{
	static const char *const wrong[] = {
		"1e3", "1E3", "0x10", "10,00", "-1", "-0", "+1", "1 000", "1,000", ".5", "5.", ".", "-",
		"010", "00", "00.5", "1.2.3", "1..2", "ten", "10GBP", "GBP10", "\xC2\xA3" "10",
		"10\xE2\x82\xAC", "NaN", "inf", "1_000", "1'000", "\xE0\xA5\xA7\xE0\xA5\xA6",
		"\xEF\xBC\x91", "1\xC2\xA0" "000", "1\x0b", "1/2", "(10)", "10%", "10;",
		"\xE2\x88\x92" "1", "1e", "9999999999999999999999x", "10. 5", "10 .5", "\xC2",
	};

	(void)state;
	for (size_t c = 0; c < COUNT_OF(samples); c++)
		for (size_t i = 0; i < COUNT_OF(wrong); i++) {
			struct reading one = { wrong[i], samples[c], MONEY_NOT_A_NUMBER, 0 };

			must_read(money_parse, &one, 1);
		}
}

static void groups_are_taken_where_they_can_be_read_in_one_way(void **state)
{
	static const struct reading cases[] = {
		{ "1,000.00", "GBP", MONEY_OK, 100000 }, { "1.000,00", "GBP", MONEY_OK, 100000 },
		{ "1 000.00", "GBP", MONEY_OK, 100000 }, { " 1 000,5 ", "GBP", MONEY_OK, 100050 },
		{ "1\xC2\xA0" "000,50", "GBP", MONEY_OK, 100050 }, { "1\xE2\x80\xAF" "000,50", "GBP", MONEY_OK, 100050 },
		{ "1,234,567.8", "GBP", MONEY_OK, 123456780 }, { "1.234.567,89", "GBP", MONEY_OK, 123456789 },
		{ "1,000,000", "GBP", MONEY_OK, 100000000 }, { "1.000.000", "GBP", MONEY_OK, 100000000 },
		{ "1 000 000", "GBP", MONEY_OK, 100000000 }, { "12,345,678", "JPY", MONEY_OK, 12345678 },
		{ "1,000.00", "JPY", MONEY_TOO_PRECISE, 0 }, { "1,000.001", "GBP", MONEY_TOO_PRECISE, 0 },
		{ "1,000.000", "GBP", MONEY_TOO_PRECISE, 0 },
		{ "9,999,999,999,999,999.99", "GBP", MONEY_OK, INT64_C(999999999999999999) },
		{ "10,000,000,000,000,000.00", "GBP", MONEY_TOO_LARGE, 0 },
	};
	static const char *const wrong[] = {
		"1,00,000", "10,000.00.00", "1,000,00", "1.000.00", "0,100.00", "01,000.00", "1000,000.00", "1,0000.00",
		"1, 000.00", "1,000 .00", "1 000.00 GBP", "-1,000.00", "1,000.", ",000.00", "1,,000.00", "1 000,000.00",
		"1.000 000,00", "1'000.00", "1,000e3", "1,234 567", "1,000,000,000,000,000,000,000,000,000,000.00",
	};

	(void)state;
	must_read(money_parse, cases, COUNT_OF(cases));
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		struct reading one = { wrong[i], "GBP", MONEY_NOT_A_NUMBER, 0 };

		must_read(money_parse, &one, 1);
	}
}

static void what_can_be_read_in_two_ways_is_asked_about(void **state)
{
	static const struct { const char *text, *first, *second; } cases[] = {
		{ "1.234", "1234", "1.234" }, { "1,234", "1234", "1.234" }, { "10.001", "10001", "10.001" },
		{ "999,000", "999000", "999.000" }, { " 1,000 ", "1000", "1.000" },
		{ "10,00", "10.00", NULL }, { "0,5", "0.5", NULL }, { "1234,5", "1234.5", NULL }, { "1,2345", "1.2345", NULL },
		{ "0,500", "0.500", NULL }, { "1 000", "1000", NULL }, { "1\xC2\xA0" "000", "1000", NULL },
		{ "10", NULL, NULL }, { "10.5", NULL, NULL }, { "0.001", NULL, NULL }, { "1 00", NULL, NULL },
		{ "1.23456", NULL, NULL }, { "1e3", NULL, NULL }, { "-1.234", NULL, NULL }, { "1,000.00", NULL, NULL },
		{ "", NULL, NULL }, { NULL, NULL, NULL }, { "00,5", NULL, NULL }, { ",5", NULL, NULL }, { "5,", NULL, NULL },
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char *readings[MONEY_READINGS_MOST] = { NULL };
		size_t count = money_readings(*state, cases[i].text, readings);
		struct money out;

		if (count != (size_t)!!cases[i].first + !!cases[i].second)
			fail_msg("'%s': %zu readings", cases[i].text, count);
		if (count > 0)
			assert_string_equal(readings[0], cases[i].first);
		if (count > 1)
			assert_string_equal(readings[1], cases[i].second);
		if (count > 0) /* never both taken and asked about */
			assert_int_not_equal(money_parse(cases[i].text, "GBP", &out), MONEY_OK);
	}
}

static void what_runa_writes_is_read_at_any_scale(void **state)
{
	static const struct reading cases[] = {
		{ "10", "GBP", MONEY_OK, 1000 }, { "10.0", "GBP", MONEY_OK, 1000 },
		{ "10.00", "GBP", MONEY_OK, 1000 }, { "10.0000", "GBP", MONEY_OK, 1000 },
		{ "1e1", "GBP", MONEY_OK, 1000 }, { "1E+1", "GBP", MONEY_OK, 1000 },
		{ "1.0e1", "GBP", MONEY_OK, 1000 }, { "1000e-2", "GBP", MONEY_OK, 1000 },
		{ "100000e-4", "GBP", MONEY_OK, 1000 }, { "0.001e4", "GBP", MONEY_OK, 1000 },
		{ "-0.5", "GBP", MONEY_OK, -50 }, { "-0", "GBP", MONEY_OK, 0 },
		{ "12.95", "GBP", MONEY_OK, 1295 }, { "5e-2", "GBP", MONEY_OK, 5 },
		{ "0e-999999999999", "GBP", MONEY_OK, 0 },
		{ "0e99999999999999999999", "GBP", MONEY_OK, 0 }, { "0.000", "JPY", MONEY_OK, 0 },
		{ "90000", "JPY", MONEY_OK, 90000 }, { "90000.00", "JPY", MONEY_OK, 90000 },
		{ "9e4", "JPY", MONEY_OK, 90000 }, { "1.230", "KWD", MONEY_OK, 123 },
		{ "1.2300", "CLF", MONEY_OK, 123 },
		{ "9999999999999999.99000", "GBP", MONEY_OK, INT64_C(999999999999999999) },
		{ "-9999999999999999.99", "GBP", MONEY_OK, INT64_C(-999999999999999999) },
		{ "9.9999999999999999900e15", "GBP", MONEY_OK, INT64_C(999999999999999999) },
		{ "10.001", "GBP", MONEY_TOO_PRECISE, 0 }, { "0.0049999", "GBP", MONEY_TOO_PRECISE, 0 },
		{ "0.5", "JPY", MONEY_TOO_PRECISE, 0 }, { "1.234", "KWD", MONEY_TOO_PRECISE, 0 },
		{ "1e-3", "GBP", MONEY_TOO_PRECISE, 0 },
		{ "1e-99999999999999999999", "GBP", MONEY_TOO_PRECISE, 0 },
		{ "15e-1", "JPY", MONEY_TOO_PRECISE, 0 }, { "1e16", "GBP", MONEY_TOO_LARGE, 0 },
		{ "1e99999999999999999999", "GBP", MONEY_TOO_LARGE, 0 },
		{ "10000000000000000.00", "GBP", MONEY_TOO_LARGE, 0 },
		{ "-1e30", "GBP", MONEY_TOO_LARGE, 0 },
		{ "999999999999999999999999999999999", "GBP", MONEY_TOO_LARGE, 0 },
		{ NULL, "GBP", MONEY_EMPTY, 0 }, { "", "GBP", MONEY_EMPTY, 0 },
	};
	static const char *const wrong[] = {
		" 10", "10 ", "+10", ".5", "5.", "010", "1e", "1e+", "e1", "1.e1", "--1", "-", "-.5",
		"10,00", "1 0", "0x10", "NaN", "Infinity", "null", "1e1.5", "1e1e1", "10GBP",
	};

	(void)state;
	must_read(money_from_runa, cases, COUNT_OF(cases));
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		struct reading one = { wrong[i], "GBP", MONEY_NOT_A_NUMBER, 0 };

		must_read(money_from_runa, &one, 1);
	}
}

static void amounts_are_written_with_all_decimals_or_as_few_as_do(void **state)
{
	static const struct { int64_t minor; const char *currency, *whole, *brief; } cases[] = {
		{ 1000, "GBP", "10.00", "10" }, { 1250, "GBP", "12.50", "12.5" },
		{ 1, "GBP", "0.01", "0.01" }, { 10, "GBP", "0.10", "0.1" }, { 0, "GBP", "0.00", "0" },
		{ -50, "GBP", "-0.50", "-0.5" }, { -1001, "GBP", "-10.01", "-10.01" },
		{ 1000, "JPY", "1000", "1000" }, { 0, "JPY", "0", "0" }, { -5, "JPY", "-5", "-5" },
		{ 1230, "KWD", "12.30", "12.3" }, { 5, "CLF", "0.05", "0.05" },
		{ INT64_MAX, "GBP", "92233720368547758.07", "92233720368547758.07" },
		{ INT64_MIN, "GBP", "-92233720368547758.08", "-92233720368547758.08" },
		{ INT64_MIN, "JPY", "-9223372036854775808", "-9223372036854775808" },
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct money amount = money_of(cases[i].minor, cases[i].currency);

		assert_string_equal(money_text(*state, amount), cases[i].whole);
		assert_string_equal(money_text_short(*state, amount), cases[i].brief);
	}
}

static void written_amounts_are_read_back_unchanged(void **state)
{
	struct arena *mem = *state;
	uint64_t seed = 0;

	for (int i = 0; i < 100000; i++) {
		struct money amount = money_of(next_number(&seed) % eighteen_digits, samples[i % 5]), back;
		char *whole = money_text(mem, amount), *brief = money_text_short(mem, amount);

		assert_int_equal(money_parse(whole, amount.currency, &back), MONEY_OK);
		assert_true(back.minor == amount.minor);
		assert_int_equal(money_parse(brief, amount.currency, &back), MONEY_OK);
		assert_true(back.minor == amount.minor);
		if (i % 2)
			amount.minor = -amount.minor;
		brief = money_text_short(mem, amount);
		assert_int_equal(money_from_runa(brief, amount.currency, &back), MONEY_OK);
		assert_true(back.minor == amount.minor);
		arena_clear(mem);
	}
}

/* The same number, moved by a power of ten and moved back by the exponent, with zeros around. */
static void an_amount_of_runa_means_the_same_however_it_is_written(void **state)
{
	struct arena *mem = *state;
	uint64_t seed = 7;

	for (int i = 0; i < 50000; i++) {
		const char *currency = samples[i % 5];
		struct money amount = money_of(next_number(&seed) % eighteen_digits, currency), back;
		int scale = money_runa_decimals(currency), shift = (int)(next_number(&seed) % 40);
		const char *zeros = "000000000000000000000000000000000000000000000000";
		long long minor = (long long)amount.minor;
		int digits = (int)strlen(arena_print(mem, "%lld", minor));
		int more = minor ? shift : 0; /* 000 is no JSON number */
		char *ways[] = {
			arena_print(mem, "%llde-%d", minor, scale),
			arena_print(mem, "%lld%.*se-%d", minor, more, zeros, scale + more),
			arena_print(mem, "%lld.%.*se-%d", minor, shift + 1, zeros, scale),
			arena_print(mem, "0.%.*s%llde%d", shift, zeros, minor, shift + digits - scale),
		};

		for (size_t way = 0; way < COUNT_OF(ways); way++)
			if (money_from_runa(ways[way], currency, &back) != MONEY_OK || back.minor != minor)
				fail_msg("%s %s is not %lld", ways[way], currency, minor);
		arena_clear(mem);
	}
}

static void arithmetic_is_exact_or_refused(void **state)
{
	struct money out = money_of(5, "AAA"), most = money_of(INT64_MAX, "GBP"),
		least = money_of(INT64_MIN, "GBP");

	(void)state;
	assert_false(money_add(most, money_of(1, "GBP"), &out));
	assert_false(money_add(least, money_of(-1, "GBP"), &out));
	assert_false(money_subtract(least, money_of(1, "GBP"), &out));
	assert_false(money_subtract(money_of(0, "GBP"), least, &out));
	assert_false(money_add(money_of(1, "GBP"), money_of(1, "EUR"), &out));
	assert_false(money_subtract(money_of(1, "GBP"), money_of(1, ""), &out));
	assert_int_equal(out.minor, 5);
	assert_string_equal(out.currency, "AAA");
	assert_true(money_add(money_of(1050, "GBP"), money_of(-51, "GBP"), &out));
	assert_int_equal(out.minor, 999);
	assert_string_equal(out.currency, "GBP");
	assert_true(money_subtract(out, money_of(1000, "GBP"), &out));
	assert_int_equal(out.minor, -1);
	assert_true(money_add(most, least, &out));
	assert_int_equal(out.minor, -1);
}

static void a_currency_is_copied_into_its_room(void **state)
{
	(void)state;
	assert_string_equal(money_of(1, "GBP").currency, "GBP");
	assert_string_equal(money_of(1, "").currency, "");
	assert_string_equal(money_of(1, "TOOLONG").currency, "TOO");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decimals_are_those_of_iso_4217_and_two_at_most_for_runa),
		cmocka_unit_test(every_code_there_can_be_has_the_decimals_of_the_standard),
		cmocka_unit_test(a_currency_is_three_capitals),
		cmocka_unit_test(what_a_person_types_is_read_exactly),
		cmocka_unit_test(what_is_no_plain_number_is_refused),
		cmocka_unit_test(groups_are_taken_where_they_can_be_read_in_one_way),
		cmocka_unit_test(what_can_be_read_in_two_ways_is_asked_about),
		cmocka_unit_test(what_runa_writes_is_read_at_any_scale),
		cmocka_unit_test(amounts_are_written_with_all_decimals_or_as_few_as_do),
		cmocka_unit_test(written_amounts_are_read_back_unchanged),
		cmocka_unit_test(an_amount_of_runa_means_the_same_however_it_is_written),
		cmocka_unit_test(arithmetic_is_exact_or_refused),
		cmocka_unit_test(a_currency_is_copied_into_its_room),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
