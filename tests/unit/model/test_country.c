/* test_country.c: countries have the names that people know. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/country.h"

static void each_country_is_found_by_its_code(void **state)
{
	static const struct { const char *code, *name; } cases[] = {
		{ "AD", "Andorra" }, { "ZW", "Zimbabwe" }, { "GB", "United Kingdom" }, { "DE", "Germany" },
		{ "CI", "C\xC3\xB4te d'Ivoire" }, { "KR", "South Korea" }, { "US", "United States" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_string_equal(country_name(cases[i].code), cases[i].name);
}

static void a_code_without_a_country_stays_what_it_is(void **state)
{
	(void)state;
	assert_string_equal(country_name("XX"), "XX");
	assert_string_equal(country_name(""), "");
	assert_string_equal(country_name("gb"), "gb");
}

/* The table is searched by halves: one row out of place hides others. */
static void all_of_the_standard_are_there(void **state)
{
	int found = 0;

	(void)state;
	for (int i = 0; i < 26 * 26; i++) {
		char code[] = { (char)('A' + i / 26), (char)('A' + i % 26), '\0' };

		found += country_name(code) != code;
	}
	assert_int_equal(found, 249);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_country_is_found_by_its_code),
		cmocka_unit_test(a_code_without_a_country_stays_what_it_is),
		cmocka_unit_test(all_of_the_standard_are_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
