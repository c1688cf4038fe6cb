/* test_sqlite_clock.c: what becomes of the ledger's times when the wall clock jumps (faults 26). */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sqlite3.h>

#include "support/ledger_stage.h"

static const int64_t A_YEAR = (int64_t)366 * MS_A_DAY, STEP = 5000;

/* Attempt 1 was sent and waits for five seconds, attempt 2 was never sent. */
static void place_two(struct ledger_stage *stage)
{
	struct ledger_claimed claimed[64];
	struct ledger_step step;

	assert_int_equal(stage_place(stage, 1), LEDGER_PLACED_NEW);
	assert_int_equal(stage_claim(stage, stage->ledger, claimed), 1);
	step = stage_step(stage, &claimed[0], ATTEMPT_UNKNOWN, ORDER_PLACING);
	step.task = TASK_SEND;
	step.due_at_ms = STAGE_NOW + 5000;
	assert_int_equal(ledger_record(stage->ledger, &step), LEDGER_OK);
	assert_int_equal(stage_place(stage, 2), LEDGER_PLACED_NEW);
}

static void jump_and_mind(struct ledger_stage *stage, int64_t jump_ms)
{
	ledger_stage_clock_jumps(stage, jump_ms);
	assert_int_equal(ledger_mind_clock(stage->ledger), LEDGER_OK);
}

static void when_the_clock_goes_back_pauses_and_ages_stay_what_they_are(void **state)
{
	struct ledger_stage *stage = *state;
	struct ledger_claimed claimed[64];
	struct attempt attempt;

	place_two(stage);
	jump_and_mind(stage, -A_YEAR);
	attempt = stage_attempt(stage, 1);
	assert_true(attempt.due_at_ms == STAGE_NOW + 5000 - A_YEAR);
	assert_true(attempt.created_at_ms == STAGE_NOW - A_YEAR);
	assert_true(attempt.first_sent_at_ms == STAGE_NOW - A_YEAR);
	assert_true(stage_attempt(stage, 2).created_at_ms == STAGE_NOW - A_YEAR);
	assert_int_equal(stage_claim(stage, stage->ledger, claimed), 1);
	assert_string_equal(claimed[0].attempt.order_number, stage_number(stage, 2));
	stage->now_ms += 5000;
	assert_int_equal(stage_claim(stage, stage->ledger, claimed), 1);
}

static void a_leap_forth_sends_nothing_early_and_makes_no_sent_key_younger(void **state)
{
	struct ledger_stage *stage = *state;
	struct ledger_claimed claimed[64];
	struct attempt attempt;

	place_two(stage);
	jump_and_mind(stage, A_YEAR);
	attempt = stage_attempt(stage, 1);
	assert_true(attempt.due_at_ms == STAGE_NOW + 5000 + A_YEAR);
	assert_true(attempt.created_at_ms == STAGE_NOW);
	assert_true(attempt.first_sent_at_ms == STAGE_NOW + A_YEAR); /* patience isn't age */
	/* What was never sent as far as this ledger knows: it may have been put back to that day. */
	assert_true(stage_attempt(stage, 2).created_at_ms == STAGE_NOW + A_YEAR);
	assert_int_equal(stage_claim(stage, stage->ledger, claimed), 1);
	assert_string_equal(claimed[0].attempt.order_number, stage_number(stage, 2));
	assert_int_equal(claimed[0].attempt.task, TASK_SEARCH);
}

static void a_small_leap_forth_costs_what_was_not_sent_that_much_of_its_age(void **state)
{
	struct ledger_stage *stage = *state;

	place_two(stage);
	jump_and_mind(stage, MS_AN_HOUR);
	assert_true(stage_attempt(stage, 2).created_at_ms == STAGE_NOW);
	assert_int_equal(stage_attempt(stage, 2).task, TASK_SEND);
}

static void without_a_name_for_the_machines_start_a_jump_is_seen_while_it_runs(void **state)
{
	struct ledger_stage *stage = *state;

	ledger_close(stage->ledger);
	stage->boot = 0;
	stage->ledger = ledger_stage_open(stage);
	assert_non_null(stage->ledger);
	place_two(stage);
	jump_and_mind(stage, MS_AN_HOUR);
	assert_true(stage_attempt(stage, 1).due_at_ms == STAGE_NOW + 5000 + MS_AN_HOUR);
}

static void an_order_from_before_the_clock_went_back_is_due_at_once(void **state)
{
	struct ledger_stage *stage = *state;
	struct ledger_limits none = { 0, 0 };
	struct order wish, out;
	struct attempt first;

	stage_wish(stage, 1, &wish, &first);
	ledger_stage_clock_jumps(stage, -A_YEAR);
	assert_int_equal(ledger_place(stage->ledger, stage->mem, &wish, &first, &none, &out), LEDGER_PLACED_NEW);
	assert_true(stage_attempt(stage, 1).due_at_ms == stage->now_ms);
	assert_true(stage_attempt(stage, 1).created_at_ms == stage->now_ms);
}

static void without_room_a_ledger_opens_after_a_jump_and_is_mended_by_its_first_write(void **state)
{
	struct ledger_stage *stage = *state;

	place_two(stage);
	ledger_close(stage->ledger);
	ledger_stage_clock_jumps(stage, -A_YEAR);
	faulty_vfs_fail(stage->vfs, FAULTY_WRITES, 1, SQLITE_FULL, true);
	stage->ledger = ledger_stage_open(stage);
	assert_non_null(stage->ledger);
	assert_true(stage_attempt(stage, 1).created_at_ms == STAGE_NOW);
	faulty_vfs_fail(stage->vfs, 0, 0, 0, false);
	assert_int_equal(stage_place(stage, 3), LEDGER_PLACED_NEW);
	assert_true(stage_attempt(stage, 1).created_at_ms == STAGE_NOW - A_YEAR);
}

static void two_processes_that_see_a_jump_move_times_once(void **state)
{
	struct ledger_stage *stage = *state;
	struct ledger *second = ledger_stage_open(stage);

	assert_non_null(second);
	place_two(stage);
	assert_int_equal(ledger_mind_clock(second), LEDGER_OK);
	jump_and_mind(stage, -A_YEAR);
	assert_int_equal(ledger_mind_clock(second), LEDGER_OK);
	assert_int_equal(ledger_mind_clock(stage->ledger), LEDGER_OK);
	assert_true(stage_attempt(stage, 1).created_at_ms == STAGE_NOW - A_YEAR);
	ledger_close(second);
}

static void a_lease_lasts_as_long_as_it_did_when_the_clock_jumps(void **state)
{
	struct ledger_stage *stage = *state;
	struct ledger *second = ledger_stage_open(stage);
	struct ledger_claimed claimed[64];

	assert_non_null(second);
	assert_int_equal(stage_place(stage, 1), LEDGER_PLACED_NEW);
	assert_int_equal(stage_claim(stage, second, claimed), 1);
	jump_and_mind(stage, -A_YEAR);
	stage->now_ms += 59999;
	assert_int_equal(stage_claim(stage, stage->ledger, claimed), 0);
	stage->now_ms += 1;
	assert_int_equal(stage_claim(stage, stage->ledger, claimed), 1);
	ledger_close(second);
}

static void an_order_placed_before_anybody_noticed_the_jump_has_its_true_age(void **state)
{
	struct ledger_stage *stage = *state;

	assert_int_equal(stage_place(stage, 1), LEDGER_PLACED_NEW);
	ledger_stage_clock_jumps(stage, -A_YEAR);
	assert_int_equal(stage_place(stage, 2), LEDGER_PLACED_NEW);
	assert_int_equal(ledger_mind_clock(stage->ledger), LEDGER_OK);
	assert_true(stage_attempt(stage, 1).created_at_ms == STAGE_NOW - A_YEAR);
	assert_true(stage_attempt(stage, 2).created_at_ms == STAGE_NOW - A_YEAR);
}

static void a_jump_while_nothing_runs_is_found_at_the_opening(void **state)
{
	struct ledger_stage *stage = *state;

	place_two(stage);
	ledger_close(stage->ledger);
	stage->now_ms += 3 * STEP; /* time passes, */
	ledger_stage_clock_jumps(stage, -A_YEAR); /* and the clock jumps */
	stage->ledger = ledger_stage_open(stage);
	assert_non_null(stage->ledger);
	assert_true(stage_attempt(stage, 1).created_at_ms == STAGE_NOW - A_YEAR);
}

static void after_a_new_start_of_the_machine_only_a_clock_that_went_back_is_believed_to_have_jumped(void **state)
{
	struct ledger_stage *stage = *state;

	place_two(stage);
	ledger_close(stage->ledger);
	stage->boot++;
	ledger_stage_clock_jumps(stage, A_YEAR); /* switched off for a year: its steady clock begins anew */
	stage->ledger = ledger_stage_open(stage);
	assert_non_null(stage->ledger);
	assert_true(stage_attempt(stage, 1).due_at_ms == STAGE_NOW + 5000);
	assert_true(stage_attempt(stage, 2).created_at_ms == STAGE_NOW);
	assert_int_equal(stage_place(stage, 3), LEDGER_PLACED_NEW);
	ledger_close(stage->ledger);
	stage->boot++;
	ledger_stage_clock_jumps(stage, -2 * A_YEAR);
	stage->ledger = ledger_stage_open(stage);
	assert_non_null(stage->ledger);
	assert_true(stage_attempt(stage, 1).created_at_ms == STAGE_NOW - 2 * A_YEAR);
	assert_true(stage_attempt(stage, 3).created_at_ms == stage->now_ms);
}

static void small_steps_add_up_until_they_count(void **state)
{
	struct ledger_stage *stage = *state;

	place_two(stage);
	jump_and_mind(stage, STEP - 1);
	assert_true(stage_attempt(stage, 1).due_at_ms == STAGE_NOW + 5000);
	assert_int_equal(stage_place(stage, 3), LEDGER_PLACED_NEW);
	jump_and_mind(stage, 1);
	assert_true(stage_attempt(stage, 1).due_at_ms == STAGE_NOW + 5000 + STEP);
	jump_and_mind(stage, STEP - 1);
	assert_true(stage_attempt(stage, 1).due_at_ms == STAGE_NOW + 5000 + STEP);
}

static void a_jump_that_could_not_be_written_is_seen_again(void **state)
{
	struct ledger_stage *stage = *state;

	place_two(stage);
	faulty_vfs_fail(stage->vfs, FAULTY_WRITES, 1, SQLITE_FULL, true);
	ledger_stage_clock_jumps(stage, -A_YEAR);
	assert_int_equal(ledger_mind_clock(stage->ledger), LEDGER_FULL);
	faulty_vfs_fail(stage->vfs, 0, 0, 0, false);
	assert_true(stage_attempt(stage, 1).created_at_ms == STAGE_NOW);
	assert_int_equal(ledger_mind_clock(stage->ledger), LEDGER_OK);
	assert_true(stage_attempt(stage, 1).created_at_ms == STAGE_NOW - A_YEAR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON(open_memory, when_the_clock_goes_back_pauses_and_ages_stay_what_they_are),
		ON(open_memory, a_leap_forth_sends_nothing_early_and_makes_no_sent_key_younger),
		ON(open_memory, a_small_leap_forth_costs_what_was_not_sent_that_much_of_its_age),
		ON(open_memory, without_a_name_for_the_machines_start_a_jump_is_seen_while_it_runs),
		ON(open_memory, an_order_from_before_the_clock_went_back_is_due_at_once),
		ON(open_memory, without_room_a_ledger_opens_after_a_jump_and_is_mended_by_its_first_write),
		ON(open_disk, two_processes_that_see_a_jump_move_times_once),
		ON(open_disk, a_lease_lasts_as_long_as_it_did_when_the_clock_jumps),
		ON(open_memory, an_order_placed_before_anybody_noticed_the_jump_has_its_true_age),
		ON(open_disk, a_jump_while_nothing_runs_is_found_at_the_opening),
		ON(open_disk, after_a_new_start_of_the_machine_only_a_clock_that_went_back_is_believed_to_have_jumped),
		ON(open_memory, small_steps_add_up_until_they_count),
		ON(open_memory, a_jump_that_could_not_be_written_is_seen_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
