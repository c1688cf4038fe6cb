/* test_currency.c: currencies have the names that people know. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/currency.h"

static void each_currency_is_found_by_its_code(void **state)
{
	static const struct { const char *code, *name; } cases[] = {
		{ "AED", "United Arab Emirates dirhams" }, { "ZWG", "Zimbabwean gold" }, { "GBP", "British pounds" },
		{ "EUR", "euros" }, { "USD", "US dollars" }, { "JPY", "Japanese yen" }, { "ISK", "Icelandic kr\xC3\xB3nur" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_string_equal(currency_name(cases[i].code), cases[i].name);
}

static void a_code_without_a_name_stays_what_it_is(void **state)
{
	(void)state;
	assert_string_equal(currency_name("XTS"), "XTS");
	assert_string_equal(currency_name(""), "");
	assert_string_equal(currency_name("gbp"), "gbp");
}

/* The table is searched by halves: one row out of place hides others. */
static void all_that_are_listed_are_found(void **state)
{
	int found = 0;

	(void)state;
	for (int i = 0; i < 26 * 26 * 26; i++) {
		char code[] = { (char)('A' + i / 676), (char)('A' + i / 26 % 26), (char)('A' + i % 26), '\0' };

		found += currency_name(code) != code;
	}
	assert_int_equal(found, 156);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_currency_is_found_by_its_code),
		cmocka_unit_test(a_code_without_a_name_stays_what_it_is),
		cmocka_unit_test(all_that_are_listed_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
