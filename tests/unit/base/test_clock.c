/* test_clock.c: moments as text and back, against the C library. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <time.h>

#include "base/clock.h"

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

static void known_moments_are_written_as_rfc_3339(void **state)
{
	static const struct { int64_t ms; const char *text; } cases[] = {
		{ 0, "1970-01-01T00:00:00Z" }, { 999, "1970-01-01T00:00:00Z" },
		{ -1, "1969-12-31T23:59:59Z" }, { INT64_C(951782400000), "2000-02-29T00:00:00Z" },
		{ INT64_C(1795424400000), "2026-11-23T09:00:00Z" },
		{ INT64_C(4107542399999), "2100-02-28T23:59:59Z" },
		{ INT64_C(4107542400000), "2100-03-01T00:00:00Z" },
		{ INT64_C(253402300799000), "9999-12-31T23:59:59Z" },
		{ INT64_C(-62167219200000), "0000-01-01T00:00:00Z" },
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_string_equal(clock_rfc3339(*state, cases[i].ms), cases[i].text);
	/* far away is odd, but neither crashes nor overflows */
	assert_non_null(clock_rfc3339(*state, INT64_MAX));
	assert_non_null(clock_rfc3339(*state, INT64_MIN));
}

static void every_day_of_eight_centuries_is_as_the_c_library_has_it(void **state)
{
	struct arena *mem = *state;

	for (int64_t day = -135140; day < 157000; day++) { /* 1600 to 2399 */
		time_t seconds = (time_t)(day * 86400 + (day * 7919 % 86400 + 86400) % 86400);
		struct tm parts;
		char wanted[40];
		int64_t back = 0;

		assert_non_null(gmtime_r(&seconds, &parts));
		assert_int_equal(strftime(wanted, sizeof wanted, "%Y-%m-%dT%H:%M:%SZ", &parts), 20);
		assert_string_equal(clock_rfc3339(mem, (int64_t)seconds * 1000 + 999), wanted);
		assert_true(clock_parse(wanted, &back));
		assert_true(back == (int64_t)seconds * 1000);
		arena_clear(mem);
	}
}

static void the_ways_in_which_runa_writes_time_are_read(void **state)
{
	static const struct { const char *text; int64_t ms; } cases[] = {
		{ "2026-11-23T09:00:00Z", INT64_C(1795424400000) },
		{ "2026-11-23T09:00:00", INT64_C(1795424400000) },
		{ "2026-11-23T09:00:00+00:00", INT64_C(1795424400000) },
		{ "2026-11-23T09:00:00-00:00", INT64_C(1795424400000) },
		{ "2026-11-23T09:00:00.123456+00:00", INT64_C(1795424400123) },
		{ "2026-11-23T09:00:00.999999", INT64_C(1795424400999) },
		{ "2026-11-23T09:00:00.5Z", INT64_C(1795424400500) },
		{ "2026-11-23T09:00:00.0009Z", INT64_C(1795424400000) },
		{ "2026-11-23T09:00:00.00000000000000000000001", INT64_C(1795424400000) },
		{ "2026-11-23T10:30:00+01:30", INT64_C(1795424400000) },
		{ "2026-11-22T22:00:00-11:00", INT64_C(1795424400000) }, { "1970-01-01T00:00:00Z", 0 },
		{ "2024-02-29T00:00:00Z", INT64_C(1709164800000) },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		int64_t ms = -7;

		if (!clock_parse(cases[i].text, &ms) || ms != cases[i].ms)
			fail_msg("%s gave %lld", cases[i].text, (long long)ms);
	}
}

static void what_is_no_moment_is_refused_and_leaves_the_result_alone(void **state)
{
	static const char *const wrong[] = {
		"", "2026", "2026-11-23", "2026-11-23T09:00", "2026-11-23 09:00:00Z",
		"2026-11-23t09:00:00z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
		"2026-01-00T00:00:00Z", "2026-01-32T00:00:00Z", "2026-02-29T00:00:00Z",
		"2100-02-29T00:00:00Z", "2026-04-31T00:00:00Z", "2026-01-01T24:00:00Z",
		"2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z", "2026-01-01T00:00:00.Z",
		"2026-01-01T00:00:00,5Z", "2026-01-01T00:00:00Zx", "2026-01-01T00:00:00 ",
		" 2026-01-01T00:00:00Z", "2026-01-01T00:00:00+0000", "2026-01-01T00:00:00+00",
		"2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00+00:60", "2026-01-01T00:00:00+00:000",
		"+026-01-01T00:00:00Z", "2026-1-01T00:00:00Z", "-026-01-01T00:00:00Z", "20260101T000000Z",
		"12026-01-01T00:00:00Z", "2026-01-01T-1:00:00Z", "2026-01-01T00:00:00\xC2\xA0",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		int64_t ms = -7;

		if (clock_parse(wrong[i], &ms) || ms != -7)
			fail_msg("taken: %s", wrong[i]);
	}
	assert_false(clock_parse(NULL, &(int64_t){ 0 }));
}

static void days_begin_at_midnight_before_1970_too(void **state)
{
	(void)state;
	assert_int_equal(clock_day(0), 0);
	assert_int_equal(clock_day(MS_A_DAY - 1), 0);
	assert_int_equal(clock_day(MS_A_DAY), 1);
	assert_int_equal(clock_day(-1), -1);
	assert_int_equal(clock_day(-MS_A_DAY), -1);
	assert_int_equal(clock_day(-MS_A_DAY - 1), -2);
	assert_int_equal(clock_day(INT64_C(1795424400000)), 20780);
}

static void the_machines_clocks_go(void **state)
{
	struct timespec now;
	int64_t steady = clock_steady_ms(&clock_of_machine);

	(void)state;
	assert_int_equal(clock_gettime(CLOCK_REALTIME, &now), 0);
	/* no timed assert: a minute apart means another unit or another clock */
	assert_true(clock_wall_ms(&clock_of_machine) / MS_A_MINUTE - (int64_t)now.tv_sec / 60 <= 1);
	assert_true((int64_t)now.tv_sec / 60 - clock_wall_ms(&clock_of_machine) / MS_A_MINUTE <= 1);
	assert_true(clock_steady_ms(&clock_of_machine) >= steady);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_moments_are_written_as_rfc_3339),
		cmocka_unit_test(every_day_of_eight_centuries_is_as_the_c_library_has_it),
		cmocka_unit_test(the_ways_in_which_runa_writes_time_are_read),
		cmocka_unit_test(what_is_no_moment_is_refused_and_leaves_the_result_alone),
		cmocka_unit_test(days_begin_at_midnight_before_1970_too),
		cmocka_unit_test(the_machines_clocks_go),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
