/* test_attempt.c: the words of states and tasks: they are stored, so they must not change. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "model/attempt.h"

static void states_are_found_by_the_names_they_are_stored_under(void **state)
{
	static const char *const names[] = {
		"ready", "sent", "held", "resent", "unknown", "accepted", "completed", "failed",
		"refused", "stuck_unsent", "stuck",
	};

	(void)state;
	assert_int_equal(COUNT_OF(names), ATTEMPT_STATES);
	for (int i = 0; i < ATTEMPT_STATES; i++) {
		enum attempt_state found = ATTEMPT_STATES;

		assert_string_equal(attempt_state_name((enum attempt_state)i), names[i]);
		assert_true(attempt_state_from_name(names[i], &found));
		assert_int_equal(found, i);
	}
}

static void tasks_are_found_by_the_names_they_are_stored_under(void **state)
{
	static const char *const names[] = { "none", "send", "poll", "search" };

	(void)state;
	assert_int_equal(COUNT_OF(names), TASKS);
	for (int i = 0; i < TASKS; i++) {
		enum task found = TASKS;

		assert_string_equal(attempt_task_name((enum task)i), names[i]);
		assert_true(attempt_task_from_name(names[i], &found));
		assert_int_equal(found, i);
	}
}

static void unknown_names_are_refused_and_leave_the_result_alone(void **state)
{
	static const char *const wrong[] = { NULL, "", "Sent", "sent ", "sen", "nothing" };
	enum attempt_state attempt = ATTEMPT_STUCK;
	enum task task = TASK_SEARCH;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		assert_false(attempt_state_from_name(wrong[i], &attempt));
		assert_false(attempt_task_from_name(wrong[i], &task));
	}
	assert_int_equal(attempt, ATTEMPT_STUCK);
	assert_int_equal(task, TASK_SEARCH);
}

static void only_bought_failed_and_refused_are_final(void **state)
{
	static const bool wanted[ATTEMPT_STATES] = {
		[ATTEMPT_COMPLETED] = true, [ATTEMPT_FAILED] = true, [ATTEMPT_REFUSED] = true,
	};

	(void)state;
	for (int i = 0; i < ATTEMPT_STATES; i++)
		assert_int_equal(attempt_is_final((enum attempt_state)i), wanted[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(states_are_found_by_the_names_they_are_stored_under),
		cmocka_unit_test(tasks_are_found_by_the_names_they_are_stored_under),
		cmocka_unit_test(unknown_names_are_refused_and_leave_the_result_alone),
		cmocka_unit_test(only_bought_failed_and_refused_are_final),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
