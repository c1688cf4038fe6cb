/* orders_filter.c: what strangers write into the query of the list of orders. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "pages/orders.h"

static void a_cursor_is_read_back_as_it_was_written(void **state)
{
	struct arena *mem = arena_open();
	char number[ID_NUMBER_SIZE];
	int64_t ms;

	(void)state;
	assert_true(orders_cursor_read(orders_cursor_text(mem, INT64_C(1795424400123), "ABCDEFGH12345678"), &ms, number));
	assert_int_equal(ms, INT64_C(1795424400123));
	assert_string_equal(number, "ABCDEFGH12345678");
	arena_close(mem);
}

static void a_cursor_that_is_not_ours_is_refused_and_leaves_nothing_behind(void **state)
{
	static const char *const hostile[] = {
		"", "-", "1", "1-", "-ABCDEFGH12345678", "0-ABCDEFGH12345678", "1-ABCDEFGH1234567", "1-ABCDEFGH123456789",
		"1-abcdefgh12345678", "1-ABCDEFGH1234567U", "+1-ABCDEFGH12345678", " 1-ABCDEFGH12345678",
		"1 -ABCDEFGH12345678", "--1-ABCDEFGH12345678", "0x10-ABCDEFGH12345678", "1e3-ABCDEFGH12345678",
		"253402300800000-ABCDEFGH12345678", "99999999999999999999999-ABCDEFGH12345678",
		"9223372036854775808-ABCDEFGH12345678", "1-ABCDEFGH12345678-", "1--ABCDEFGH12345678",
		"\xD9\xA1-ABCDEFGH12345678", "1-' OR 1=1 --   x",
	};
	char number[ID_NUMBER_SIZE] = "untouched";
	int64_t ms = 77;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(hostile); i++)
		if (orders_cursor_read(hostile[i], &ms, number))
			fail_msg("taken: %s", hostile[i]);
	assert_int_equal(ms, 77);
	assert_string_equal(number, "untouched");
}

static void a_day_is_a_day_of_the_calendar_and_nothing_else(void **state)
{
	static const char *const wrong[] = {
		"", "2026", "2026-11", "2026-11-31", "2026-13-01", "2026-02-29", "2026-00-10", "2026-11-00", "26-11-23",
		"2026-11-23 ", "2026-11-23T00:00:00Z", "2026/11/23", "2026-1-023", "yyyy-mm-dd", "-026-11-23", "1969-12-31",
	};
	int64_t ms = 0;

	(void)state;
	assert_true(orders_day_read("2026-11-23", &ms));
	assert_int_equal(ms, INT64_C(1795392000000));
	assert_true(orders_day_read("2028-02-29", &ms));
	for (size_t i = 0; i < COUNT_OF(wrong); i++)
		if (orders_day_read(wrong[i], &ms))
			fail_msg("taken: %s", wrong[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cursor_is_read_back_as_it_was_written),
		cmocka_unit_test(a_cursor_that_is_not_ours_is_refused_and_leaves_nothing_behind),
		cmocka_unit_test(a_day_is_a_day_of_the_calendar_and_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
