/* test_sqlite_record.c: a step changes attempt, order, try, audit and budget together, or nothing. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/ledger_stage.h"

static struct ledger_claimed place_and_claim(struct ledger_stage *stage, int no)
{
	struct ledger_claimed claimed[64];

	assert_int_equal(stage_place(stage, no), LEDGER_PLACED_NEW);
	assert_int_equal(stage_claim(stage, stage->ledger, claimed), 1);
	return claimed[0];
}

static void an_answer_is_recorded_whole(void **state)
{
	static const unsigned char link[] = { 1, 0, 2 };
	struct ledger_stage *stage = *state;
	struct ledger_claimed claimed = place_and_claim(stage, 1);
	struct ledger_step step = stage_step(stage, &claimed, ATTEMPT_COMPLETED, ORDER_COMPLETED);
	struct attempt_try *tries;
	struct order order;
	size_t count;

	step.now_ms = step.completed_at_ms = STAGE_NOW + 77;
	step.request_id = "req-1";
	step.runa_order_id = "O-1";
	step.price = (struct money){ 950, "GBP" };
	step.discount = (struct money){ 50, "GBP" };
	step.payout_status = "ACTIVE";
	step.payout_expiry = "2027-01-01";
	step.link_sealed = link;
	step.link_sealed_bytes = sizeof link;
	assert_int_equal(ledger_record(stage->ledger, &step), LEDGER_OK);
	order = stage_order(stage, 1);
	assert_int_equal(order.status, ORDER_COMPLETED);
	assert_int_equal(order.money_moved, MONEY_MOVED_YES);
	assert_true(order.completed_at_ms == STAGE_NOW + 77 && order.payout_checked_at_ms == STAGE_NOW + 77);
	assert_true(order.price.minor == 950 && order.discount.minor == 50);
	assert_string_equal(order.runa_order_id, "O-1");
	assert_string_equal(order.payout_status, "ACTIVE");
	assert_string_equal(order.payout_expiry, "2027-01-01");
	assert_int_equal(order.link_sealed_bytes, 3);
	assert_memory_equal(order.link_sealed, link, 3);
	assert_int_equal(stage_attempt(stage, 1).state, ATTEMPT_COMPLETED);
	assert_string_equal(stage_attempt(stage, 1).runa_order_id, "O-1");
	assert_int_equal(ledger_tries(stage->ledger, stage->mem, stage_number(stage, 1), &tries, &count),
	                 LEDGER_OK);
	assert_int_equal(count, 1);
	assert_int_equal(tries[0].meaning, MEANING_COMPLETED);
	assert_true(tries[0].ended_at_ms == STAGE_NOW + 77);
	assert_string_equal(tries[0].request_id, "req-1");
	assert_true(ledger_next_due_ms(stage->ledger, STAGE_UPSTREAM) == INT64_MAX);
	stage_check(stage);
}

static void news_that_is_not_there_leaves_what_is_known_but_an_error_goes(void **state)
{
	struct ledger_stage *stage = *state;
	struct ledger_claimed claimed = place_and_claim(stage, 1);
	struct ledger_step step = stage_step(stage, &claimed, ATTEMPT_UNKNOWN, ORDER_PLACING);
	struct ledger_claimed again[64];
	struct order order;

	step.error_type = "internal_error";
	step.error_message = "sorry";
	step.runa_order_id = "O-1";
	step.price = (struct money){ 950, "GBP" };
	step.payout_status = "ACTIVE";
	assert_int_equal(ledger_record(stage->ledger, &step), LEDGER_OK);
	order = stage_order(stage, 1);
	assert_string_equal(order.error_type, "internal_error");
	assert_string_equal(order.error_message, "sorry");
	assert_int_equal(stage_claim(stage, stage->ledger, again), 1);
	step = stage_step(stage, &again[0], ATTEMPT_UNKNOWN, ORDER_PLACING);
	step.now_ms += 9;
	assert_int_equal(ledger_record(stage->ledger, &step), LEDGER_OK);
	order = stage_order(stage, 1);
	assert_null(order.error_type);
	assert_null(order.error_message);
	assert_string_equal(order.runa_order_id, "O-1");
	assert_true(order.price.minor == 950);
	assert_string_equal(order.payout_status, "ACTIVE");
	assert_true(order.payout_checked_at_ms == STAGE_NOW);
	assert_int_equal(order.tries, 2);
}

static void a_step_from_a_state_that_is_gone_stores_nothing(void **state)
{
	struct ledger_stage *stage = *state;
	struct ledger_claimed claimed = place_and_claim(stage, 1);
	struct ledger_step step = stage_step(stage, &claimed, ATTEMPT_COMPLETED, ORDER_COMPLETED);
	int64_t lines;

	step.from = ATTEMPT_READY;
	assert_int_equal(ledger_record(stage->ledger, &step), LEDGER_STALE);
	assert_int_equal(stage_order(stage, 1).status, ORDER_PLACING);
	assert_int_equal(stage_attempt(stage, 1).state, ATTEMPT_SENT);
	assert_true(ledger_verify_audit(stage->ledger, &lines, &stage->why));
	assert_int_equal(lines, 1);
	step.attempt_id = 99;
	assert_int_equal(ledger_record(stage->ledger, &step), LEDGER_NONE);
}

static void a_step_from_a_task_that_is_gone_stores_nothing(void **state)
{
	struct ledger_stage *stage = *state;
	struct ledger_claimed claimed = place_and_claim(stage, 1), none[64];
	struct ledger_step step = stage_step(stage, &claimed, ATTEMPT_UNKNOWN, ORDER_PLACING), act;

	act = stage_step(stage, &claimed, ATTEMPT_SENT, ORDER_PLACING);
	act.try_id = 0;
	act.task = TASK_SEARCH;
	act.advice = "asked";
	assert_int_equal(ledger_record(stage->ledger, &act), LEDGER_OK);
	assert_int_equal(ledger_record(stage->ledger, &step), LEDGER_STALE);
	assert_int_equal(stage_attempt(stage, 1).task, TASK_SEARCH);
	assert_string_equal(stage_order(stage, 1).advice, "asked");
	assert_int_equal(stage_claim(stage, stage->ledger, none), 0);
	step.from_task = TASK_SEARCH;
	assert_int_equal(ledger_record(stage->ledger, &step), LEDGER_OK);
	stage_check(stage);
}

static void a_call_that_ends_its_try_only_changes_nothing_else(void **state)
{
	struct ledger_stage *stage = *state;
	struct ledger_claimed claimed = place_and_claim(stage, 1), again[64];
	struct ledger_step step = { .attempt_id = claimed.attempt.id, .from = ATTEMPT_SENT, .from_task = TASK_SEND,
		                    .try_id = claimed.try_id, .ends_try_only = true, .meaning = MEANING_ABSENT,
		                    .now_ms = STAGE_NOW + 5, .who = "dispatcher", .act = "answered" };
	struct order was = stage_order(stage, 1), order;
	struct attempt attempt, before = stage_attempt(stage, 1);
	struct attempt_try *tries;
	size_t count;

	assert_int_equal(stage_claim(stage, stage->ledger, again), 0);
	assert_int_equal(ledger_record(stage->ledger, &step), LEDGER_OK);
	order = stage_order(stage, 1);
	attempt = stage_attempt(stage, 1);
	assert_int_equal(order.status, was.status);
	assert_int_equal(order.money_moved, was.money_moved);
	assert_string_equal(order.advice, was.advice);
	assert_int_equal(attempt.state, before.state);
	assert_int_equal(attempt.task, before.task);
	assert_true(attempt.due_at_ms == before.due_at_ms && attempt.polls == before.polls);
	assert_int_equal(ledger_tries(stage->ledger, stage->mem, stage_number(stage, 1), &tries, &count), LEDGER_OK);
	assert_true(tries[0].ended_at_ms == STAGE_NOW + 5 && tries[0].meaning == MEANING_ABSENT);
	assert_int_equal(ledger_record(stage->ledger, &step), LEDGER_STALE); /* its try has ended */
	assert_int_equal(stage_claim(stage, stage->ledger, again), 1);       /* the lease was given back */
	stage_check(stage);
}

static void the_answer_of_one_try_is_recorded_once(void **state)
{
	struct ledger_stage *stage = *state;
	struct ledger_claimed claimed = place_and_claim(stage, 1);
	struct ledger_step step = stage_step(stage, &claimed, ATTEMPT_UNKNOWN, ORDER_PLACING);

	assert_int_equal(ledger_record(stage->ledger, &step), LEDGER_OK);
	step.from = ATTEMPT_UNKNOWN;
	assert_int_equal(ledger_record(stage->ledger, &step), LEDGER_STALE);
}

static void an_answer_counts_after_the_lease_unless_a_living_process_has_taken_over(void **state)
{
	struct ledger_stage *stage = *state;
	struct ledger_claimed claimed = place_and_claim(stage, 1), taken[64];
	struct ledger_step step = stage_step(stage, &claimed, ATTEMPT_UNKNOWN, ORDER_PLACING);
	struct ledger *second = ledger_stage_open(stage);

	assert_non_null(second);
	stage->now_ms += MS_AN_HOUR; /* the lease is long over, and nobody else wanted it */
	assert_int_equal(ledger_record(stage->ledger, &step), LEDGER_OK);
	assert_int_equal(stage_claim(stage, stage->ledger, taken), 1);
	claimed = taken[0];
	stage->now_ms += MS_AN_HOUR;
	assert_int_equal(stage_claim(stage, second, taken), 1);
	step = stage_step(stage, &claimed, ATTEMPT_UNKNOWN, ORDER_PLACING);
	assert_int_equal(ledger_record(stage->ledger, &step), LEDGER_STALE);
	step = stage_step(stage, &taken[0], ATTEMPT_UNKNOWN, ORDER_PLACING);
	assert_int_equal(ledger_record(second, &step), LEDGER_OK);
	ledger_close(second);
}

static void a_persons_act_leaves_the_call_under_way_the_only_one(void **state)
{
	struct ledger_stage *stage = *state;
	struct ledger_claimed claimed = place_and_claim(stage, 1), again[64], none[64];
	struct ledger_step act, step;

	step = stage_step(stage, &claimed, ATTEMPT_UNKNOWN, ORDER_PLACING);
	assert_int_equal(ledger_record(stage->ledger, &step), LEDGER_OK);
	assert_int_equal(stage_claim(stage, stage->ledger, again), 1);
	act = stage_step(stage, &again[0], ATTEMPT_UNKNOWN, ORDER_PLACING);
	act.try_id = 0;
	act.who = "alice";
	act.act = "retry";
	assert_int_equal(ledger_record(stage->ledger, &act), LEDGER_OK);
	assert_int_equal(stage_claim(stage, stage->ledger, none), 0);
	step = stage_step(stage, &again[0], ATTEMPT_UNKNOWN, ORDER_PLACING);
	assert_int_equal(ledger_record(stage->ledger, &step), LEDGER_OK);
	assert_int_equal(stage_claim(stage, stage->ledger, again), 1);
	assert_int_equal(stage_sql_number(stage, "SELECT count(*) FROM audit WHERE who = 'alice'"
	                                         " AND act = 'retry'"), 1);
}

/* Rows: how an order ends, and what its ten pounds become. */
static void reserved_money_becomes_spent_or_free(void **state)
{
	static const struct {
		enum attempt_state to;
		enum order_status status;
		struct money price;
		int reserved, spent;
	} rows[] = {
		{ ATTEMPT_COMPLETED, ORDER_COMPLETED, { 950, "GBP" }, 0, 950 },
		{ ATTEMPT_COMPLETED, ORDER_COMPLETED, { 0, "" }, 0, 1000 },
		{ ATTEMPT_COMPLETED, ORDER_COMPLETED, { 1200, "USD" }, 0, 1000 },
		{ ATTEMPT_COMPLETED, ORDER_COMPLETED, { 0, "GBP" }, 0, 0 },
		{ ATTEMPT_REFUSED, ORDER_FAILED, { 0, "" }, 0, 0 },
		{ ATTEMPT_FAILED, ORDER_FAILED, { 950, "GBP" }, 0, 0 },
		{ ATTEMPT_STUCK, ORDER_NEEDS_ATTENTION, { 0, "" }, 1000, 0 },
		{ ATTEMPT_ACCEPTED, ORDER_PLACING, { 950, "GBP" }, 1000, 0 },
	};
	struct ledger_stage *stage = *state;
	int reserved = 0, spent = 0;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct ledger_claimed claimed = place_and_claim(stage, (int)i);
		struct ledger_step step = stage_step(stage, &claimed, rows[i].to, rows[i].status);

		step.price = rows[i].price;
		step.task = TASK_NONE;
		assert_int_equal(ledger_record(stage->ledger, &step), LEDGER_OK);
		reserved += rows[i].reserved;
		spent += rows[i].spent;
		assert_int_equal(stage_sql_number(stage, "SELECT reserved_minor FROM budgets"
		                                         " WHERE person = 'alice'"), reserved);
		assert_int_equal(stage_sql_number(stage, "SELECT spent_minor FROM budgets WHERE person = ''"),
		                 spent);
		stage_check(stage);
	}
}

/* Attempt 1 of order 1 was given up, and an approver opened attempt 2. */
static struct ledger_claimed open_second_attempt(struct ledger_stage *stage)
{
	struct ledger_claimed claimed = place_and_claim(stage, 1);
	struct ledger_step step = stage_step(stage, &claimed, ATTEMPT_STUCK, ORDER_NEEDS_ATTENTION);
	struct attempt next;
	struct order wish;

	step.advice = "stuck_absent";
	assert_int_equal(ledger_record(stage->ledger, &step), LEDGER_OK);
	stage_wish(stage, 2, &wish, &next);
	assert_int_equal(ledger_open_attempt(stage->ledger, stage_number(stage, 1), &next, "bob", "why", stage->now_ms),
	                 LEDGER_OK);
	claimed.attempt.state = ATTEMPT_STUCK;
	claimed.attempt.task = TASK_NONE;
	return claimed;
}

static void nobody_tries_an_attempt_again_beside_a_later_one(void **state)
{
	struct ledger_stage *stage = *state;
	struct ledger_claimed first = open_second_attempt(stage);
	struct ledger_step step = stage_step(stage, &first, ATTEMPT_UNKNOWN, ORDER_PLACING);

	step.task = TASK_SEND;
	step.try_id = 0;
	assert_int_equal(ledger_record(stage->ledger, &step), LEDGER_STALE);
}

static void when_two_attempts_bought_the_order_keeps_the_first_and_says_so(void **state)
{
	struct ledger_stage *stage = *state;
	struct ledger_claimed first = place_and_claim(stage, 1);
	struct ledger_step step = stage_step(stage, &first, ATTEMPT_COMPLETED, ORDER_COMPLETED);
	struct ledger_claimed second = first;

	step.price = (struct money){ 950, "GBP" };
	step.runa_order_id = "O-1";
	assert_int_equal(ledger_record(stage->ledger, &step), LEDGER_OK);
	stage_sql(stage, "INSERT INTO attempts (id, order_id, no, key, reference, upstream, headers, body, state, task,"
	                 " created_at_ms, due_at_ms, opened_by) SELECT 99, order_id, 2, 'other', reference, upstream,"
	                 " headers, body, 'accepted', 'poll', created_at_ms, due_at_ms, 'bob' FROM attempts");
	stage_sql(stage, "INSERT INTO tries (id, attempt_id, task, begun_at_ms) VALUES (99, 99, 'poll', 1)");
	second.attempt.id = second.try_id = 99;
	second.attempt.state = ATTEMPT_ACCEPTED;
	second.attempt.task = TASK_POLL;
	step = stage_step(stage, &second, ATTEMPT_COMPLETED, ORDER_COMPLETED);
	step.price = (struct money){ 1000, "GBP" };
	step.runa_order_id = "O-2";
	assert_int_equal(ledger_record(stage->ledger, &step), LEDGER_OK);
	assert_string_equal(stage_order(stage, 1).runa_order_id, "O-1");
	assert_int_equal(stage_order(stage, 1).price.minor, 950);
	assert_string_equal(stage_order(stage, 1).advice, "completed_twice");
	stage_check(stage);
}

static void a_step_from_before_the_clock_went_back_waits_no_longer_for_it(void **state)
{
	struct ledger_stage *stage = *state;
	struct ledger_claimed claimed = place_and_claim(stage, 1);
	struct ledger_step step = stage_step(stage, &claimed, ATTEMPT_UNKNOWN, ORDER_PLACING);

	step.task = TASK_SEND;
	step.due_at_ms = stage->now_ms + 2000;
	ledger_stage_clock_jumps(stage, -MS_AN_HOUR);
	assert_int_equal(ledger_record(stage->ledger, &step), LEDGER_OK);
	assert_true(stage_attempt(stage, 1).due_at_ms == stage->now_ms + 2000);
}

static void an_old_answer_leaves_the_lease_of_a_later_call(void **state)
{
	struct ledger_stage *stage = *state;
	struct ledger_claimed first = place_and_claim(stage, 1);
	struct ledger_step step = stage_step(stage, &first, ATTEMPT_UNKNOWN, ORDER_PLACING);

	stage_sql(stage, "INSERT INTO tries (attempt_id, task, begun_at_ms) SELECT id, 'send', 1 FROM attempts");
	step.task = TASK_SEND;
	assert_int_equal(ledger_record(stage->ledger, &step), LEDGER_OK);
	assert_int_not_equal(stage_sql_number(stage, "SELECT lease_owner FROM attempts"), 0);
}

static void an_answer_for_a_claimer_that_died_is_taken(void **state)
{
	struct ledger_stage *stage = *state;
	struct ledger_claimed claimed = place_and_claim(stage, 1);
	struct ledger_step step = stage_step(stage, &claimed, ATTEMPT_COMPLETED, ORDER_COMPLETED);

	ledger_stage_crash(stage, FAULTY_KEEP_ALL);
	assert_int_equal(ledger_record(stage->ledger, &step), LEDGER_OK);
	assert_int_equal(stage_order(stage, 1).status, ORDER_COMPLETED);
}

/* Records for order `no` that Runa has it under this id, and what its attempt is then. */
static struct ledger_claimed say_id(struct ledger_stage *stage, int no, const char *id, enum attempt_state to)
{
	struct ledger_claimed claimed = place_and_claim(stage, no);
	struct ledger_step step = stage_step(stage, &claimed, to, ORDER_PLACING);

	step.runa_order_id = id;
	step.task = TASK_NONE;
	assert_int_equal(ledger_record(stage->ledger, &step), LEDGER_OK);
	return claimed;
}

static void an_id_is_known_of_one_attempt_that_was_accepted_and_is_not_finished(void **state)
{
	static const enum attempt_state states[] = { ATTEMPT_ACCEPTED, ATTEMPT_STUCK, ATTEMPT_UNKNOWN, ATTEMPT_COMPLETED,
		                                     ATTEMPT_FAILED };
	struct ledger_stage *stage = *state;
	static const char *const ids[] = { "O-0", "O-1", "O-2", "O-3", "O-4" };

	for (size_t i = 0; i < COUNT_OF(states); i++) say_id(stage, (int)i, ids[i], states[i]);
	for (size_t i = 0; i < COUNT_OF(states); i++)
		assert_int_equal(ledger_has_runa_order(stage->ledger, ids[i]), i < 2);
	assert_false(ledger_has_runa_order(stage->ledger, "O-9"));
	assert_false(ledger_has_runa_order(stage->ledger, ""));
	say_id(stage, 10, "O-0", ATTEMPT_ACCEPTED); /* whose is it now? */
	assert_false(ledger_has_runa_order(stage->ledger, "O-0"));
}

static void an_id_that_turned_out_to_be_anothers_is_not_known(void **state)
{
	struct ledger_stage *stage = *state;
	struct ledger_claimed claimed = say_id(stage, 1, "O-1", ATTEMPT_ACCEPTED), again[64];
	struct ledger_step step = stage_step(stage, &claimed, ATTEMPT_ACCEPTED, ORDER_PLACING);

	assert_true(ledger_has_runa_order(stage->ledger, "O-1"));
	step.from = ATTEMPT_ACCEPTED;
	step.from_task = TASK_NONE;
	step.task = TASK_POLL;
	step.try_id = 0;
	assert_int_equal(ledger_record(stage->ledger, &step), LEDGER_OK);
	assert_int_equal(stage_claim(stage, stage->ledger, again), 1);
	step = stage_step(stage, &again[0], ATTEMPT_STUCK, ORDER_NEEDS_ATTENTION);
	step.meaning = MEANING_FOREIGN;
	assert_int_equal(ledger_record(stage->ledger, &step), LEDGER_OK);
	assert_false(ledger_has_runa_order(stage->ledger, "O-1"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON(open_memory, an_answer_is_recorded_whole),
		ON(open_memory, news_that_is_not_there_leaves_what_is_known_but_an_error_goes),
		ON(open_memory, a_step_from_a_state_that_is_gone_stores_nothing),
		ON(open_memory, a_step_from_a_task_that_is_gone_stores_nothing),
		ON(open_memory, a_call_that_ends_its_try_only_changes_nothing_else),
		ON(open_memory, the_answer_of_one_try_is_recorded_once),
		ON(open_disk, an_answer_counts_after_the_lease_unless_a_living_process_has_taken_over),
		ON(open_memory, a_persons_act_leaves_the_call_under_way_the_only_one),
		ON(open_memory, reserved_money_becomes_spent_or_free),
		ON(open_memory, nobody_tries_an_attempt_again_beside_a_later_one),
		ON(open_memory, when_two_attempts_bought_the_order_keeps_the_first_and_says_so),
		ON(open_memory, a_step_from_before_the_clock_went_back_waits_no_longer_for_it),
		ON(open_memory, an_old_answer_leaves_the_lease_of_a_later_call),
		ON(open_memory, an_answer_for_a_claimer_that_died_is_taken),
		ON(open_memory, an_id_is_known_of_one_attempt_that_was_accepted_and_is_not_finished),
		ON(open_memory, an_id_that_turned_out_to_be_anothers_is_not_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
