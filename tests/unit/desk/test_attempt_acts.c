/* test_attempt_acts.c: what people may do with an attempt that waits or is stuck. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "desk/attempt.h"

static const int64_t NOW = 1795000000000;

static void only_what_was_looked_into_or_never_left_may_be_renewed(void **state)
{
	(void)state;
	for (size_t i = 0; attempt_advice_keys[i] != NULL; i++) {
		const char *advice = attempt_advice_keys[i];
		bool may = strcmp(advice, "stuck_absent") == 0 || strcmp(advice, "stuck_unsent") == 0 ||
		           strcmp(advice, "stuck_key_old") == 0 || strcmp(advice, "refused_after_unknown") == 0;

		if (attempt_may_be_renewed(advice) != may) fail_msg("%s", advice);
	}
	assert_false(attempt_may_be_renewed(""));
	assert_false(attempt_may_be_renewed("stuck"));
}

static void trying_again_sends_the_key_unless_something_speaks_against_it(void **state)
{
	struct attempt attempt = { .state = ATTEMPT_STUCK, .created_at_ms = NOW - ATTEMPT_KEY_AGE_MS + 1 };

	(void)state;
	assert_int_equal(attempt_retry_task(&attempt, "stuck_absent", NOW), TASK_SEND);
	assert_int_equal(attempt_retry_task(&attempt, "stuck_unread", NOW), TASK_SEND);
	assert_int_equal(attempt_retry_task(&attempt, "stuck_mismatch", NOW), TASK_SEARCH);
	assert_int_equal(attempt_retry_task(&attempt, "stuck_foreign", NOW), TASK_SEARCH);
	assert_int_equal(attempt_retry_task(&attempt, "stuck_key_old", NOW + 1), TASK_SEARCH);
	attempt.runa_order_id = "O-1";
	assert_int_equal(attempt_retry_task(&attempt, "stuck_absent", NOW + 1), TASK_POLL);
	for (int s = ATTEMPT_COMPLETED; s <= ATTEMPT_REFUSED; s++) {
		attempt.state = (enum attempt_state)s;
		assert_int_equal(attempt_retry_task(&attempt, "refused", NOW), TASK_NONE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_was_looked_into_or_never_left_may_be_renewed),
		cmocka_unit_test(trying_again_sends_the_key_unless_something_speaks_against_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
