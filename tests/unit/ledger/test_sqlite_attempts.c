/* test_sqlite_attempts.c: who may drive an attempt, and what a claim makes of it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/wait.h>
#include <unistd.h>

#include "support/ledger_stage.h"

static struct ledger_claimed claim_only(struct ledger_stage *stage)
{
	struct ledger_claimed claimed[64];

	assert_int_equal(stage_claim(stage, stage->ledger, claimed), 1);
	return claimed[0];
}

static void record(struct ledger_stage *stage, const struct ledger_claimed *claimed, enum attempt_state to,
                   enum task task, int64_t due_at_ms)
{
	struct ledger_step step = stage_step(stage, claimed, to, ORDER_PLACING);

	step.task = task;
	step.due_at_ms = due_at_ms;
	assert_int_equal(ledger_record(stage->ledger, &step), LEDGER_OK);
}

/* ---- claiming -------------------------------------------------------------------------------- */

static void a_claimed_attempt_is_sent_with_its_bytes_and_a_try(void **state)
{
	struct ledger_stage *stage = *state;
	struct ledger_claimed claimed;
	struct attempt_try *tries;
	size_t count;

	assert_int_equal(stage_place(stage, 7), LEDGER_PLACED_NEW);
	stage->now_ms += 5;
	claimed = claim_only(stage);
	assert_int_equal(claimed.attempt.state, ATTEMPT_SENT);
	assert_int_equal(claimed.attempt.task, TASK_SEND);
	assert_int_equal(claimed.attempt.tries, 1);
	assert_true(claimed.attempt.first_sent_at_ms == stage->now_ms);
	assert_string_equal(claimed.attempt.order_number, stage_number(stage, 7));
	assert_string_equal(claimed.attempt.body, "{\"order\":7}");
	assert_int_equal(claimed.attempt.body_bytes, 11);
	assert_string_equal(claimed.attempt.headers, "X-Idempotency-Key: k\n");
	assert_int_equal(stage_attempt(stage, 7).state, ATTEMPT_SENT);
	assert_int_equal(stage_order(stage, 7).money_moved, MONEY_MOVED_UNKNOWN);
	assert_string_equal(stage_order(stage, 7).advice, "waiting_sent");
	assert_int_equal(ledger_tries(stage->ledger, stage->mem, stage_number(stage, 7), &tries, &count),
	                 LEDGER_OK);
	assert_int_equal(count, 1);
	assert_true(tries[0].begun_at_ms == stage->now_ms && tries[0].ended_at_ms == 0);
}

static void what_is_in_flight_is_never_handed_out_again_whatever_the_clock_says(void **state)
{
	struct ledger_stage *stage = *state;
	struct ledger_claimed claimed[64];

	assert_int_equal(stage_place(stage, 1), LEDGER_PLACED_NEW);
	(void)claim_only(stage);
	stage->now_ms += (int64_t)10 * MS_A_DAY;
	assert_int_equal(stage_claim(stage, stage->ledger, claimed), 0);
	assert_true(ledger_next_due_ms(stage->ledger, STAGE_UPSTREAM) == INT64_MAX);
	assert_int_equal(stage_place(stage, 2), LEDGER_PLACED_NEW);
	assert_int_equal(stage_claim(stage, stage->ledger, claimed), 1);
	assert_string_equal(claimed[0].attempt.order_number, stage_number(stage, 2));
}

static void claims_come_earliest_first_and_no_more_than_asked_for(void **state)
{
	struct ledger_stage *stage = *state;
	struct ledger_claim claim = { .lease_ms = 1000, .upstream = STAGE_UPSTREAM, .max_sends = 2,
		                      .max_others = 1 };
	struct ledger_claimed claimed[64];
	size_t count;

	for (int no = 0; no < 6; no++) {
		assert_int_equal(stage_place(stage, no), LEDGER_PLACED_NEW);
		if (no >= 4) {
			struct ledger_claimed one = claim_only(stage);

			/* 4 is polled, 5 searched for; 5 is due before 4, and both after the sends */
			record(stage, &one, no == 4 ? ATTEMPT_ACCEPTED : ATTEMPT_UNKNOWN,
			       no == 4 ? TASK_POLL : TASK_SEARCH, STAGE_NOW + 200 - no);
		}
		if (no == 3) { /* keep the first four out of the way */
			assert_int_equal(stage_claim(stage, stage->ledger, claimed), 4);
			stage_sql(stage, "UPDATE attempts SET state = 'ready', tries = 0, lease_owner = 0");
			stage_sql(stage, "UPDATE attempts SET due_at_ms = due_at_ms + 100 - id");
		}
	}
	claim.now_ms = STAGE_NOW + 1000;
	assert_int_equal(ledger_claim_due(stage->ledger, stage->mem, &claim, claimed, &count), LEDGER_OK);
	assert_int_equal(count, 3);
	assert_string_equal(claimed[0].attempt.order_number, stage_number(stage, 3));
	assert_string_equal(claimed[1].attempt.order_number, stage_number(stage, 2));
	assert_string_equal(claimed[2].attempt.order_number, stage_number(stage, 5));
	assert_int_equal(claimed[2].attempt.state, ATTEMPT_UNKNOWN);
	assert_int_equal(claimed[2].attempt.tries, 1);
	claim.max_sends = 0;
	claim.max_others = 10;
	assert_int_equal(ledger_claim_due(stage->ledger, stage->mem, &claim, claimed, &count), LEDGER_OK);
	assert_int_equal(count, 1);
	assert_int_equal(claimed[0].attempt.state, ATTEMPT_ACCEPTED);
	claim.max_sends = 10;
	assert_int_equal(ledger_claim_due(stage->ledger, stage->mem, &claim, claimed, &count), LEDGER_OK);
	assert_int_equal(count, 2);
}

static void an_attempt_for_another_upstream_or_order_is_left_alone(void **state)
{
	struct ledger_stage *stage = *state;
	struct ledger_claim claim = { .now_ms = STAGE_NOW, .lease_ms = 1000, .upstream = "https://other.test",
		                      .max_sends = 8, .max_others = 8 };
	struct ledger_claimed claimed[64];
	size_t count;

	assert_int_equal(stage_place(stage, 1), LEDGER_PLACED_NEW);
	assert_int_equal(stage_place(stage, 2), LEDGER_PLACED_NEW);
	assert_int_equal(ledger_claim_due(stage->ledger, stage->mem, &claim, claimed, &count), LEDGER_OK);
	assert_int_equal(count, 0);
	assert_true(ledger_next_due_ms(stage->ledger, claim.upstream) == INT64_MAX);
	claim.upstream = STAGE_UPSTREAM;
	claim.only_order = stage_number(stage, 2);
	assert_int_equal(ledger_claim_due(stage->ledger, stage->mem, &claim, claimed, &count), LEDGER_OK);
	assert_int_equal(count, 1);
	assert_string_equal(claimed[0].attempt.order_number, stage_number(stage, 2));
}

/* Rows: what was left behind, and what a claim makes of it when it sends or asks. */
static void a_claim_moves_each_state_as_the_header_says(void **state)
{
	static const struct {
		const char *was;
		enum attempt_state sent, asked;
	} rows[] = {
		{ "ready", ATTEMPT_SENT, ATTEMPT_READY },       { "sent", ATTEMPT_UNKNOWN, ATTEMPT_UNKNOWN },
		{ "held", ATTEMPT_RESENT, ATTEMPT_HELD },       { "resent", ATTEMPT_UNKNOWN, ATTEMPT_UNKNOWN },
		{ "unknown", ATTEMPT_UNKNOWN, ATTEMPT_UNKNOWN }, { "accepted", ATTEMPT_ACCEPTED, ATTEMPT_ACCEPTED },
	};
	static const char *const tasks[] = { "send", "search", "poll" };
	struct ledger_stage *stage = *state;

	assert_int_equal(stage_place(stage, 1), LEDGER_PLACED_NEW);
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		for (size_t t = 0; t < COUNT_OF(tasks); t++) {
			struct ledger_claimed claimed;

			stage_sql(stage, arena_print(stage->mem, "UPDATE attempts SET lease_owner = 0, tries = 3,"
			                             " state = '%s', task = '%s'", rows[i].was, tasks[t]));
			claimed = claim_only(stage);
			assert_int_equal(claimed.attempt.state, t == 0 ? rows[i].sent : rows[i].asked);
			assert_int_equal(claimed.attempt.tries, t == 0 ? 4 : 3);
			assert_int_equal(stage_attempt(stage, 1).state, claimed.attempt.state);
		}
}

static void an_old_key_is_searched_for_instead_of_sent(void **state)
{
	struct ledger_stage *stage = *state;
	struct ledger_claim claim = { .now_ms = STAGE_NOW + 50, .lease_ms = 1000, .upstream = STAGE_UPSTREAM,
		                      .oldest_key_ms = STAGE_NOW + 10, .max_sends = 8, .max_others = 1 };
	struct ledger_claimed claimed[64];
	size_t count;

	assert_int_equal(stage_place(stage, 1), LEDGER_PLACED_NEW);
	stage->now_ms += 9;
	assert_int_equal(stage_place(stage, 2), LEDGER_PLACED_NEW);
	stage->now_ms += 1;
	assert_int_equal(stage_place(stage, 3), LEDGER_PLACED_NEW);
	assert_int_equal(ledger_claim_due(stage->ledger, stage->mem, &claim, claimed, &count), LEDGER_OK);
	assert_int_equal(count, 2); /* the first old one, counted with the others, and the young one */
	assert_string_equal(claimed[0].attempt.order_number, stage_number(stage, 1));
	assert_int_equal(claimed[0].attempt.task, TASK_SEARCH);
	assert_int_equal(claimed[0].attempt.state, ATTEMPT_READY);
	assert_int_equal(claimed[0].attempt.tries, 0);
	assert_int_equal(claimed[1].attempt.task, TASK_SEND);
	assert_int_equal(stage_attempt(stage, 1).task, TASK_SEARCH);
	claim.only_order = stage_number(stage, 2);
	assert_int_equal(ledger_claim_due(stage->ledger, stage->mem, &claim, claimed, &count), LEDGER_OK);
	assert_int_equal(count, 1);
	assert_int_equal(claimed[0].attempt.task, TASK_SEARCH);
}

/* ---- several processes ----------------------------------------------------------------------- */

static void one_attempt_goes_to_one_of_two_ledgers(void **state)
{
	struct ledger_stage *stage = *state;
	struct ledger *second = ledger_stage_open(stage);
	struct ledger_claimed claimed[64];

	assert_non_null(second);
	for (int no = 0; no < 3; no++)
		assert_int_equal(stage_place(stage, no), LEDGER_PLACED_NEW);
	assert_int_equal(stage_claim(stage, second, claimed), 3);
	assert_int_equal(stage_claim(stage, stage->ledger, claimed), 0);
	assert_true(ledger_next_due_ms(stage->ledger, STAGE_UPSTREAM) == stage->now_ms + 60000);
	stage->now_ms += 59999;
	assert_int_equal(stage_claim(stage, stage->ledger, claimed), 0);
	assert_int_equal(stage_place(stage, 3), LEDGER_PLACED_NEW);
	assert_int_equal(stage_claim(stage, stage->ledger, claimed), 1);
	assert_string_equal(claimed[0].attempt.order_number, stage_number(stage, 3));
	stage->now_ms += 1; /* the lease is over, as after a long stop of that process (faults 27) */
	assert_int_equal(stage_claim(stage, stage->ledger, claimed), 3);
	assert_int_equal(claimed[0].attempt.state, ATTEMPT_UNKNOWN);
	ledger_close(second);
}

static void the_lease_of_a_process_that_died_is_free_at_once(void **state)
{
	struct ledger_stage *stage = *state;
	struct ledger_claimed claimed[64];
	int status;
	pid_t child;

	assert_int_equal(stage_place(stage, 1), LEDGER_PLACED_NEW);
	ledger_close(stage->ledger);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct ledger *ledger = ledger_stage_open(stage);

		_exit(ledger && stage_claim(stage, ledger, claimed) == 1 ? 0 : 1); /* without a close */
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	stage->ledger = ledger_stage_open(stage);
	assert_non_null(stage->ledger);
	assert_true(ledger_next_due_ms(stage->ledger, STAGE_UPSTREAM) == stage->now_ms);
	assert_int_equal(stage_claim(stage, stage->ledger, claimed), 1);
	assert_int_equal(claimed[0].attempt.state, ATTEMPT_UNKNOWN);
	assert_int_equal(claimed[0].attempt.task, TASK_SEND);
}

/* ---- all at once ----------------------------------------------------------------------------- */

static void after_a_restored_copy_old_attempts_are_searched_for_first(void **state)
{
	struct ledger_stage *stage = *state;
	struct ledger_claimed claimed[64];

	assert_int_equal(stage_place(stage, 1), LEDGER_PLACED_NEW);
	assert_int_equal(stage_place(stage, 2), LEDGER_PLACED_NEW);
	assert_int_equal(stage_claim(stage, stage->ledger, claimed), 2);
	stage_sql(stage, "UPDATE attempts SET state = 'ready', lease_owner = 0 WHERE id = 1");
	stage->now_ms += 1000;
	assert_int_equal(stage_place(stage, 3), LEDGER_PLACED_NEW);
	ledger_stage_crash(stage, FAULTY_KEEP_ALL);
	assert_int_equal(ledger_search_first(stage->ledger, STAGE_NOW, stage->now_ms), LEDGER_OK);
	assert_int_equal(stage_claim(stage, stage->ledger, claimed), 3);
	assert_int_equal(claimed[0].attempt.task, TASK_SEARCH);
	assert_int_equal(claimed[0].attempt.state, ATTEMPT_READY);
	assert_int_equal(claimed[1].attempt.task, TASK_SEARCH);
	assert_int_equal(claimed[1].attempt.state, ATTEMPT_UNKNOWN); /* it was in flight */
	assert_int_equal(claimed[2].attempt.task, TASK_SEND);
}

static void what_is_in_flight_is_not_searched_for(void **state)
{
	struct ledger_stage *stage = *state;
	struct ledger_claimed claimed;

	assert_int_equal(stage_place(stage, 1), LEDGER_PLACED_NEW);
	claimed = claim_only(stage);
	assert_int_equal(ledger_search_first(stage->ledger, INT64_MAX, stage->now_ms), LEDGER_OK);
	assert_int_equal(stage_attempt(stage, 1).task, TASK_SEND);
	record(stage, &claimed, ATTEMPT_UNKNOWN, TASK_SEND, stage->now_ms);
}

static void an_attempt_of_an_order_that_was_bought_meanwhile_is_not_sent(void **state)
{
	struct ledger_stage *stage = *state;
	struct ledger_claimed claimed[64];

	assert_int_equal(stage_place(stage, 1), LEDGER_PLACED_NEW);
	stage_sql(stage, "UPDATE orders SET status = 'completed'");
	assert_int_equal(stage_claim(stage, stage->ledger, claimed), 0);
	assert_int_equal(stage_attempt(stage, 1).task, TASK_NONE);
	assert_int_equal(stage_attempt(stage, 1).tries, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON(open_memory, a_claimed_attempt_is_sent_with_its_bytes_and_a_try),
		ON(open_memory, what_is_in_flight_is_never_handed_out_again_whatever_the_clock_says),
		ON(open_memory, claims_come_earliest_first_and_no_more_than_asked_for),
		ON(open_memory, an_attempt_for_another_upstream_or_order_is_left_alone),
		ON(open_memory, a_claim_moves_each_state_as_the_header_says),
		ON(open_memory, an_old_key_is_searched_for_instead_of_sent),
		ON(open_disk, one_attempt_goes_to_one_of_two_ledgers),
		ON(open_disk, the_lease_of_a_process_that_died_is_free_at_once),
		ON(open_memory, after_a_restored_copy_old_attempts_are_searched_for_first),
		ON(open_memory, what_is_in_flight_is_not_searched_for),
		ON(open_memory, an_attempt_of_an_order_that_was_bought_meanwhile_is_not_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
