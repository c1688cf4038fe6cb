/* test_sqlite_place.c: one form, one order; what may be reserved; further attempts. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "support/ledger_stage.h"

static enum ledger_placed place(struct ledger_stage *stage, int no, const char *by, int64_t minor,
                                int64_t user_day_minor, int64_t month_minor)
{
	struct ledger_limits limits = { user_day_minor, month_minor };
	struct order wish, out;
	struct attempt first;

	stage_wish(stage, no, &wish, &first);
	wish.placed_by = by;
	wish.face_value.minor = minor;
	return ledger_place(stage->ledger, stage->mem, &wish, &first, &limits, &out);
}

static void a_placed_order_reads_back_as_it_was_wished(void **state)
{
	struct ledger_stage *stage = *state;
	struct ledger_limits none = { 0, 0 };
	struct order wish, out, read;
	struct attempt first, attempt;

	stage_wish(stage, 1, &wish, &first);
	wish.distribution = DISTRIBUTION_EMAIL;
	wish.email = "gr\xc3\xbc\xc3\x9f@example.org";
	wish.description = "'; DROP TABLE orders; --";
	assert_int_equal(ledger_place(stage->ledger, stage->mem, &wish, &first, &none, &out), LEDGER_PLACED_NEW);
	read = stage_order(stage, 1);
	for (int i = 0; i < 2; i++) {
		const struct order *order = i == 0 ? &out : &read;

		assert_true(order_same_content(order, &wish));
		assert_string_equal(order->number, wish.number);
		assert_string_equal(order->form_key, wish.form_key);
		assert_string_equal(order->product_name, wish.product_name);
		assert_string_equal(order->placed_by, "alice");
		assert_string_equal(order->placed_by_name, "Alice");
		assert_true(order->placed_at_ms == STAGE_NOW);
		assert_int_equal(order->status, ORDER_PLACING);
		assert_int_equal(order->money_moved, MONEY_MOVED_NO);
		assert_string_equal(order->price.currency, "");
		assert_null(order->runa_order_id);
		assert_null(order->link_sealed);
		assert_null(order->error_type);
		assert_non_null(order->advice);
		assert_int_equal(order->attempts, 1);
		assert_int_equal(order->tries, 0);
	}
	attempt = stage_attempt(stage, 1);
	assert_int_equal(attempt.no, 1);
	assert_int_equal(attempt.state, ATTEMPT_READY);
	assert_int_equal(attempt.task, TASK_SEND);
	assert_string_equal(attempt.key, first.key);
	assert_string_equal(attempt.reference, first.reference);
	assert_string_equal(attempt.body, first.body);
	assert_true(attempt.due_at_ms == STAGE_NOW && attempt.first_sent_at_ms == 0);
	assert_string_equal(attempt.opened_by, "alice");
}

static void one_form_places_once_and_other_content_is_told_apart(void **state)
{
	struct ledger_stage *stage = *state;
	struct ledger_limits none = { 0, 0 };
	struct order wish, out;
	struct attempt first;

	assert_int_equal(stage_place(stage, 1), LEDGER_PLACED_NEW);
	assert_int_equal(stage_place(stage, 1), LEDGER_PLACED_BEFORE);
	stage_wish(stage, 1, &wish, &first);
	wish.face_value.minor = 1001;
	snprintf(wish.number, sizeof wish.number, "%016d", 2); /* each try of a form draws a number anew */
	assert_int_equal(ledger_place(stage->ledger, stage->mem, &wish, &first, &none, &out),
	                 LEDGER_PLACED_OTHERWISE);
	assert_string_equal(out.number, stage_number(stage, 1));
	assert_true(out.face_value.minor == 1000);
	assert_int_equal(stage_sql_number(stage, "SELECT count(*) FROM orders"), 1);
	assert_int_equal(stage_sql_number(stage, "SELECT count(*) FROM attempts"), 1);
	assert_int_equal(stage_sql_number(stage, "SELECT count(*) FROM audit"), 1);
	stage_check(stage);
}

/* A number or key that another order has already is our own mistake: that order alone is refused. */
static void a_number_drawn_twice_refuses_one_order_and_breaks_nothing(void **state)
{
	struct ledger_stage *stage = *state;
	struct ledger_limits none = { 0, 0 };
	struct order wish, out;
	struct attempt first;

	assert_int_equal(stage_place(stage, 1), LEDGER_PLACED_NEW);
	stage_wish(stage, 2, &wish, &first);
	memcpy(wish.number, stage_number(stage, 1), sizeof wish.number);
	assert_int_equal(ledger_place(stage->ledger, stage->mem, &wish, &first, &none, &out), LEDGER_PLACED_FULL);
	assert_true(ledger_is_sound(stage->ledger));
	stage_wish(stage, 2, &wish, &first);
	memcpy(first.key, stage_attempt(stage, 1).key, sizeof first.key); /* found after the order was written */
	assert_int_equal(ledger_place(stage->ledger, stage->mem, &wish, &first, &none, &out), LEDGER_PLACED_FULL);
	assert_int_equal(stage_sql_number(stage, "SELECT count(*) FROM orders"), 1);
	assert_int_equal(stage_place(stage, 2), LEDGER_PLACED_NEW);
	stage_check(stage);
}

/* ---- limits ---------------------------------------------------------------------------------- */

static void a_person_may_reserve_a_days_limit_and_no_more(void **state)
{
	struct ledger_stage *stage = *state;

	assert_int_equal(place(stage, 1, "alice", 600, 1000, 0), LEDGER_PLACED_NEW);
	assert_int_equal(place(stage, 2, "alice", 401, 1000, 0), LEDGER_OVER_USER_DAY);
	assert_int_equal(place(stage, 3, "bob", 1000, 1000, 0), LEDGER_PLACED_NEW);
	assert_int_equal(place(stage, 4, "alice", 400, 1000, 0), LEDGER_PLACED_NEW);
	assert_int_equal(place(stage, 5, "alice", 1, 1000, 0), LEDGER_OVER_USER_DAY);
	assert_int_equal(place(stage, 1, "alice", 600, 1000, 0), LEDGER_PLACED_BEFORE); /* no limit asked */
	stage->now_ms += MS_A_DAY;
	assert_int_equal(place(stage, 5, "alice", 1000, 1000, 0), LEDGER_PLACED_NEW);
	assert_int_equal(stage_sql_number(stage, "SELECT count(*) FROM orders"), 4);
	stage_check(stage);
}

static void a_month_limit_counts_everyones_days_of_that_month(void **state)
{
	struct ledger_stage *stage = *state;

	/* STAGE_NOW is 2026-11-18: the first and the last moment of that month, in UTC */
	stage->now_ms = (int64_t)1793491200000;
	assert_int_equal(place(stage, 1, "alice", 500, 0, 1000), LEDGER_PLACED_NEW);
	stage->now_ms -= 1;
	assert_int_equal(place(stage, 2, "alice", 900, 0, 1000), LEDGER_PLACED_NEW); /* October's last */
	stage->now_ms = (int64_t)1796083200000 - 1;
	assert_int_equal(place(stage, 3, "bob", 501, 0, 1000), LEDGER_OVER_MONTH);
	assert_int_equal(place(stage, 4, "bob", 500, 0, 1000), LEDGER_PLACED_NEW);
	stage->now_ms += 1;
	assert_int_equal(place(stage, 5, "bob", 501, 0, 1000), LEDGER_PLACED_NEW); /* December's first */
	stage_check(stage);
}

static void a_sum_too_large_for_the_machine_is_over_the_limit(void **state)
{
	struct ledger_stage *stage = *state;

	assert_int_equal(place(stage, 1, "alice", INT64_MAX - 5, INT64_MAX, 0), LEDGER_PLACED_NEW);
	assert_int_equal(place(stage, 2, "alice", 6, INT64_MAX, 0), LEDGER_OVER_USER_DAY);
	assert_int_equal(place(stage, 3, "alice", 6, 0, INT64_MAX), LEDGER_OVER_MONTH);
	assert_int_equal(place(stage, 4, "alice", 5, INT64_MAX, INT64_MAX), LEDGER_PLACED_NEW);
}

static void what_was_spent_and_what_came_free_counts_for_the_day_of_placing(void **state)
{
	struct ledger_stage *stage = *state;
	struct ledger_claimed claimed[64];
	struct ledger_step step;

	assert_int_equal(place(stage, 1, "alice", 1000, 1000, 0), LEDGER_PLACED_NEW);
	stage->now_ms += MS_A_DAY; /* completed the day after, cheaper than its value */
	stage_complete(stage, 900);
	stage->now_ms -= MS_A_DAY;
	assert_int_equal(place(stage, 2, "alice", 101, 1000, 0), LEDGER_OVER_USER_DAY);
	assert_int_equal(place(stage, 3, "alice", 100, 1000, 0), LEDGER_PLACED_NEW);
	assert_int_equal(stage_claim(stage, stage->ledger, claimed), 1);
	step = stage_step(stage, &claimed[0], ATTEMPT_REFUSED, ORDER_FAILED);
	assert_int_equal(ledger_record(stage->ledger, &step), LEDGER_OK);
	assert_int_equal(place(stage, 4, "alice", 100, 1000, 0), LEDGER_PLACED_NEW);
	stage_check(stage);
}

/* ---- further attempts ------------------------------------------------------------------------ */

static struct attempt next_attempt(struct ledger_stage *stage, int no)
{
	struct order wish;
	struct attempt next;

	stage_wish(stage, 1000 + no, &wish, &next); /* a key and bytes of its own */
	return next;
}

static void only_a_stuck_order_gets_a_further_attempt(void **state)
{
	struct ledger_stage *stage = *state;
	struct attempt next = next_attempt(stage, 1), another;
	struct ledger_claimed claimed[64];
	struct ledger_step step;
	struct order order;

	assert_int_equal(ledger_open_attempt(stage->ledger, stage_number(stage, 1), &next, "carol", "phoned Runa",
	                                     STAGE_NOW), LEDGER_NONE);
	assert_int_equal(stage_place(stage, 1), LEDGER_PLACED_NEW);
	assert_int_equal(ledger_open_attempt(stage->ledger, stage_number(stage, 1), &next, "carol", "phoned Runa",
	                                     STAGE_NOW), LEDGER_STALE);
	assert_int_equal(stage_claim(stage, stage->ledger, claimed), 1);
	step = stage_step(stage, &claimed[0], ATTEMPT_STUCK, ORDER_NEEDS_ATTENTION);
	step.task = TASK_NONE;
	assert_int_equal(ledger_record(stage->ledger, &step), LEDGER_OK);
	assert_int_equal(ledger_open_attempt(stage->ledger, stage_number(stage, 1), &next, "carol", "phoned Runa",
	                                     STAGE_NOW), LEDGER_OK);
	another = next_attempt(stage, 2);
	assert_int_equal(ledger_open_attempt(stage->ledger, stage_number(stage, 1), &another, "carol", "phoned Runa",
	                                     STAGE_NOW), LEDGER_STALE);
	order = stage_order(stage, 1);
	assert_int_equal(order.status, ORDER_PLACING);
	assert_int_equal(order.money_moved, MONEY_MOVED_UNKNOWN);
	assert_int_equal(order.attempts, 2);
	assert_int_equal(stage_attempt(stage, 1).no, 2);
	assert_string_equal(stage_attempt(stage, 1).key, next.key);
	assert_string_equal(stage_attempt(stage, 1).opened_by, "carol");
	assert_int_equal(stage_sql_number(stage, "SELECT count(*) FROM audit WHERE who = 'carol'"
	                                         " AND detail = 'phoned Runa' AND attempt_no = 2"), 1);
	stage_check(stage); /* its money was reserved once, and still is */
}

/* The order's latest attempt ends as `to`, and the order as `status`. */
static void end_latest(struct ledger_stage *stage, enum attempt_state to, enum order_status status)
{
	struct ledger_claimed claimed[64];
	struct ledger_step step;

	assert_int_equal(stage_claim(stage, stage->ledger, claimed), 1);
	step = stage_step(stage, &claimed[0], to, status);
	step.task = TASK_NONE;
	assert_int_equal(ledger_record(stage->ledger, &step), LEDGER_OK);
}

static void a_key_opens_one_attempt_whatever_became_of_it(void **state)
{
	struct ledger_stage *stage = *state;
	struct attempt next = next_attempt(stage, 1);

	assert_int_equal(stage_place(stage, 1), LEDGER_PLACED_NEW);
	end_latest(stage, ATTEMPT_STUCK, ORDER_NEEDS_ATTENTION);
	assert_int_equal(ledger_open_attempt(stage->ledger, stage_number(stage, 1), &next, "carol", "a", STAGE_NOW),
	                 LEDGER_OK);
	assert_int_equal(ledger_open_attempt(stage->ledger, stage_number(stage, 1), &next, "carol", "a", STAGE_NOW),
	                 LEDGER_USED);
	end_latest(stage, ATTEMPT_STUCK, ORDER_NEEDS_ATTENTION);
	assert_int_equal(ledger_open_attempt(stage->ledger, stage_number(stage, 1), &next, "carol", "a", STAGE_NOW),
	                 LEDGER_USED);
	assert_int_equal(stage_order(stage, 1).attempts, 2);
	assert_int_equal(stage_order(stage, 1).status, ORDER_NEEDS_ATTENTION);
	assert_int_equal(stage_sql_number(stage, "SELECT count(*) FROM audit WHERE act = 'new attempt'"), 1);
	stage_check(stage);
}

static void after_a_refusal_a_further_attempt_is_opened_while_the_order_needs_attention_only(void **state)
{
	struct ledger_stage *stage = *state;
	struct attempt next = next_attempt(stage, 1);

	assert_int_equal(stage_place(stage, 1), LEDGER_PLACED_NEW);
	end_latest(stage, ATTEMPT_REFUSED, ORDER_FAILED);
	assert_int_equal(ledger_open_attempt(stage->ledger, stage_number(stage, 1), &next, "carol", "a", STAGE_NOW),
	                 LEDGER_STALE);
	assert_int_equal(stage_place(stage, 2), LEDGER_PLACED_NEW);
	end_latest(stage, ATTEMPT_REFUSED, ORDER_NEEDS_ATTENTION);
	assert_int_equal(ledger_open_attempt(stage->ledger, stage_number(stage, 2), &next, "carol", "a", STAGE_NOW),
	                 LEDGER_OK);
	stage_check(stage);
}

static void an_order_that_was_found_completed_gets_no_further_attempt(void **state)
{
	struct ledger_stage *stage = *state;
	struct attempt next = next_attempt(stage, 1);
	struct ledger_claimed claimed[64];
	struct ledger_step step;

	assert_int_equal(stage_place(stage, 1), LEDGER_PLACED_NEW);
	assert_int_equal(stage_claim(stage, stage->ledger, claimed), 1);
	step = stage_step(stage, &claimed[0], ATTEMPT_STUCK, ORDER_COMPLETED);
	assert_int_equal(ledger_record(stage->ledger, &step), LEDGER_OK);
	assert_int_equal(ledger_open_attempt(stage->ledger, stage_number(stage, 1), &next, "carol", "why",
	                                     STAGE_NOW), LEDGER_STALE);
	stage_check(stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON(open_memory, a_placed_order_reads_back_as_it_was_wished),
		ON(open_memory, one_form_places_once_and_other_content_is_told_apart),
		ON(open_memory, a_number_drawn_twice_refuses_one_order_and_breaks_nothing),
		ON(open_memory, a_person_may_reserve_a_days_limit_and_no_more),
		ON(open_memory, a_month_limit_counts_everyones_days_of_that_month),
		ON(open_memory, a_sum_too_large_for_the_machine_is_over_the_limit),
		ON(open_memory, what_was_spent_and_what_came_free_counts_for_the_day_of_placing),
		ON(open_memory, only_a_stuck_order_gets_a_further_attempt),
		ON(open_memory, a_key_opens_one_attempt_whatever_became_of_it),
		ON(open_memory, after_a_refusal_a_further_attempt_is_opened_while_the_order_needs_attention_only),
		ON(open_memory, an_order_that_was_found_completed_gets_no_further_attempt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
