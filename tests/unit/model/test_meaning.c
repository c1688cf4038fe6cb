/* test_meaning.c: the words of meanings: they are stored, so they must not change. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "model/meaning.h"

static void meanings_are_found_by_the_names_they_are_stored_under(void **state)
{
	static const char *const names[] = {
		"completed", "accepted", "failed", "refused", "setup", "setup_stored", "busy", "mismatch",
		"slow_down", "unknown", "not_sent", "foreign", "found", "absent", "no_news",
	};

	(void)state;
	assert_int_equal(COUNT_OF(names), MEANINGS);
	for (int i = 0; i < MEANINGS; i++) {
		enum meaning found = MEANINGS;

		assert_string_equal(meaning_name((enum meaning)i), names[i]);
		assert_true(meaning_from_name(names[i], &found));
		assert_int_equal(found, i);
	}
}

static void unknown_names_are_refused_and_leave_the_result_alone(void **state)
{
	static const char *const wrong[] = { NULL, "", "Found", "found ", "foun", "bug" };
	enum meaning meaning = MEANING_FOREIGN;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(wrong); i++)
		assert_false(meaning_from_name(wrong[i], &meaning));
	assert_int_equal(meaning, MEANING_FOREIGN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(meanings_are_found_by_the_names_they_are_stored_under),
		cmocka_unit_test(unknown_names_are_refused_and_leave_the_result_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
