/* test_dispatcher_pace.c: how fast orders go out: never more in a minute than allowed, and after a 429 nobody
 * for a while, then one at a time. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "support/stage.h"

static void place_many(struct stage *s, int count)
{
	for (int i = 0; i < count; i++) place(s, "AMZ-GB", "10.00");
}

static size_t most_in_a_minute(struct stage *s)
{
	size_t most = 0, count = runa_request_count(s);

	for (size_t first = 0, last = 0; last < count; last++) {
		while (runa_request_ms(s, last) - runa_request_ms(s, first) >= MS_A_MINUTE) first++;
		if (last - first + 1 > most) most = last - first + 1;
	}
	return most;
}

static void no_sliding_minute_has_more_orders_than_allowed(void **state)
{
	struct stage *s = *state;

	s->rules->orders_per_minute = 10;
	place_many(s, 45);
	stage_run(s, MS_A_MINUTE - 1);
	assert_int_equal(runa_request_count(s), 10);
	stage_run(s, 5 * MS_A_MINUTE);
	assert_int_equal(runa_request_count(s), 45);
	assert_int_equal(most_in_a_minute(s), 10);
	stage_holds(s);
}

static void tries_count_as_orders(void **state)
{
	static const struct reply lost = { .transport = RUNA_LOST };
	struct stage *s = *state;

	s->rules->orders_per_minute = 10;
	s->rules->retry_first_ms = 100;
	s->rules->retry_max_ms = 1000;
	runa_always_says(s, ROUTE_ORDER, &lost);
	place_many(s, 5);
	stage_run(s, 10 * MS_A_MINUTE);
	assert_true(runa_request_count(s) > 50);
	assert_in_range(most_in_a_minute(s), 9, 10);
}

static void a_reload_that_changes_the_limit_does_not_forget_what_was_sent(void **state)
{
	struct stage *s = *state;

	s->rules->orders_per_minute = 20;
	place_many(s, 60);
	stage_run(s, 1000);
	assert_int_equal(runa_request_count(s), 20);
	s->rules->orders_per_minute = 21;
	stage_run(s, 1000);
	assert_int_equal(runa_request_count(s), 21);
	s->rules->orders_per_minute = 5;
	stage_run(s, 55 * MS_A_SECOND);
	assert_int_equal(runa_request_count(s), 21);
	stage_run(s, 10 * MS_A_MINUTE);
	assert_int_equal(runa_request_count(s), 60);
	for (size_t i = 26; i < 60; i++) /* five a minute from here on */
		assert_true(runa_request_ms(s, i) - runa_request_ms(s, i - 5) >= MS_A_MINUTE);
}

static void many_are_in_flight_at_once_and_none_twice(void **state)
{
	static const struct reply slow = { .makes_order = true, .after_ms = 30000 };
	struct stage *s = *state;

	runa_always_says(s, ROUTE_ORDER, &slow);
	place_many(s, 100);
	stage_run(s, 1000);
	assert_int_equal(runa_request_count(s), 64);
	assert_int_equal(dispatcher_in_flight(s->dispatcher), 64);
	stage_run(s, 61000);
	assert_int_equal(runa_request_count(s), 100);
	assert_int_equal(s->runa.made_count, 100);
	stage_holds(s);
}

/* ---- 429 ---------------------------------------------------------------------------------------------- */

static int64_t first_after(struct stage *s, size_t sent)
{
	while (runa_request_count(s) <= sent) stage_run(s, 100);
	return runa_request_ms(s, sent);
}

static void after_a_429_everyone_pauses_for_five_seconds(void **state)
{
	struct stage *s = *state;
	int64_t begun = s->steady_ms;
	struct order order = place(s, "AMZ-GB", "10.00");
	struct desk_health health;

	runa_will_answer(s, TOO_FAST);
	stage_run(s, 500);
	place_many(s, 20); /* they have to wait as well */
	stage_run(s, 4000);
	assert_int_equal(runa_request_count(s), 1);
	desk_health(s->desk, &health);
	assert_in_range(health.pause_until_ms - s->wall_ms, 500, 700);
	assert_string_equal(order_now(s, order.number).advice, "waiting_slow");
	assert_in_range(first_after(s, 1) - begun, 5100, 5300);
	stage_run(s, 10000);
	assert_int_equal(runa_request_count(s), 22);
	stage_holds(s);
}

static void a_pause_outlives_the_process_that_was_asked_for_it(void **state)
{
	static const struct reply slow = { .makes_order = true, .after_ms = 1000 };
	struct stage *s = *state;
	int64_t begun = s->steady_ms;

	place_many(s, 20);
	runa_will_answer(s, TOO_FAST);
	s->rules->orders_per_minute = 1;
	stage_run(s, 500);
	s->rules->orders_per_minute = 1000;
	stage_restart(s);
	runa_always_says(s, ROUTE_ORDER, &slow);
	assert_in_range(first_after(s, 1) - begun, 5000, 5300);
	assert_in_range(dispatcher_in_flight(s->dispatcher), 1, 2); /* no storm: the start's search came first */
	stage_holds(s);
}

/* Too small a step to be a jump: the two clocks don't agree by then about the end of the pause. */
static void a_small_step_of_the_clock_in_a_pause_is_waited_out_calmly(void **state)
{
	struct stage *s = *state;

	runa_will_answer(s, TOO_FAST);
	place(s, "AMZ-GB", "10.00");
	stage_run(s, 1000);
	stage_jump(s, -4000);
	place(s, "AMZ-GB", "10.00");
	stage_run(s, 20000); /* fails where turns come without end */
	assert_int_equal(runa_request_count(s), 3);
	stage_holds(s);
}

static void no_storm_comes_after_the_pause(void **state)
{
	static const struct reply slow = { .makes_order = true, .after_ms = 1000 };
	struct stage *s = *state;

	runa_will_answer(s, TOO_FAST);
	place_many(s, 1);
	stage_run(s, 500);
	runa_always_says(s, ROUTE_ORDER, &slow);
	place_many(s, 40);
	first_after(s, 1);
	stage_run(s, 500);
	assert_int_equal(dispatcher_in_flight(s->dispatcher), 1);
	stage_run(s, 1000);
	assert_int_equal(dispatcher_in_flight(s->dispatcher), 2);
	stage_run(s, 1000);
	assert_in_range(dispatcher_in_flight(s->dispatcher), 3, 8);
	stage_run(s, MS_A_MINUTE);
	assert_int_equal(s->runa.made_count, 41);
}

static void each_further_429_pauses_longer(void **state)
{
	static const struct reply too_fast = { .status = 429, .body = "{\"error\":\"rate exceeded\"}" };
	struct stage *s = *state;
	int64_t whole = 5000;

	runa_always_says(s, ROUTE_ORDER, &too_fast);
	place_many(s, 10);
	stage_run(s, 20 * MS_A_MINUTE);
	/* the ten of the first jam, then one at a time */
	assert_in_range(runa_request_count(s), 14, 24);
	for (size_t i = 10; i < runa_request_count(s); i++) {
		assert_in_range(runa_request_ms(s, i) - runa_request_ms(s, i - 1), whole, whole + 300);
		whole = whole * 2 > 300000 ? 300000 : whole * 2;
	}
}

static void an_answer_that_is_no_429_ends_the_growing(void **state)
{
	struct stage *s = *state;

	runa_will_answer(s, TOO_FAST);
	runa_will_answer(s, TOO_FAST);
	runa_will_answer(s, COMPLETED);
	place_and_settle(s, "AMZ-GB", "10.00");
	runa_will_answer(s, TOO_FAST);
	place_and_settle(s, "AMZ-GB", "10.00");
	assert_int_equal(runa_request_count(s), 5);
	assert_in_range(runa_request_ms(s, 1) - runa_request_ms(s, 0), 5000, 5300);
	assert_in_range(runa_request_ms(s, 2) - runa_request_ms(s, 1), 10000, 10300);
	assert_in_range(runa_request_ms(s, 4) - runa_request_ms(s, 3), 5000, 5300);
}

static void a_longer_retry_after_is_honoured_and_a_shorter_one_is_not(void **state)
{
	struct stage *s = *state;

	runa_will_answer(s, (struct reply){ .status = 429, .body = "{}", .retry_after_ms = 42000 });
	place_and_settle(s, "AMZ-GB", "10.00");
	assert_in_range(runa_request_ms(s, 1) - runa_request_ms(s, 0), 42000, 42300);
	runa_will_answer(s, (struct reply){ .status = 429, .body = "{}", .retry_after_ms = 1000 });
	place_and_settle(s, "AMZ-GB", "10.00");
	assert_in_range(runa_request_ms(s, 3) - runa_request_ms(s, 2), 5000, 5300);
}

/* Forty answers to one jam are one jam, whether or not they say how long to wait. */
static void one_jam_is_one_pause(void **state)
{
	static const int64_t after[] = { 0, 7000 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(after); i++) {
		struct stage *s = stage_open();
		int64_t pause = after[i] > 5000 ? after[i] : 5000;

		for (int k = 0; k < 40; k++)
			runa_will_answer(s, (struct reply){ .status = 429, .body = "{}", .retry_after_ms = after[i],
			                                    .after_ms = 100 + k * 10 });
		place_many(s, 40);
		stage_run(s, 1000);
		assert_int_equal(runa_request_count(s), 40);
		assert_in_range(first_after(s, 40) - runa_request_ms(s, 0), pause + 100, pause + 600);
		stage_run(s, MS_A_MINUTE);
		assert_int_equal(s->runa.made_count, 40);
		stage_holds(s);
		stage_close(s);
	}
}

static void a_429_of_any_call_pauses_everyone(void **state)
{
	struct stage *s = *state;

	runa_will_answer(s, PROCESSING);
	runa_will_say(s, ROUTE_POLL, TOO_FAST);
	place(s, "AMZ-GB", "10.00");
	stage_run(s, 2300); /* the first poll came back */
	assert_int_equal(runa_count(s, ROUTE_POLL), 1);
	place_many(s, 5);
	stage_run(s, 4800);
	assert_int_equal(runa_request_count(s), 1);
	assert_int_equal(runa_count(s, ROUTE_POLL), 1);
	stage_run(s, 2000);
	assert_int_equal(runa_request_count(s), 6);
	stage_holds(s);
}

static void an_operator_who_set_shorter_pauses_gets_them_after_a_429_too(void **state)
{
	struct stage *s = *state;

	s->rules->retry_first_ms = 50;
	runa_will_answer(s, TOO_FAST);
	place_and_settle(s, "AMZ-GB", "10.00");
	assert_in_range(runa_request_ms(s, 1) - runa_request_ms(s, 0), 150, 400);
}

static void an_order_waits_out_the_pause_without_being_given_up(void **state)
{
	struct stage *s = *state;
	struct order order;

	runa_will_answer(s, (struct reply){ .status = 429, .body = "{}", .retry_after_ms = 30 * MS_A_MINUTE });
	order = place_and_settle(s, "AMZ-GB", "10.00");
	assert_int_equal(order.status, ORDER_COMPLETED);
	assert_int_equal(runa_count(s, ROUTE_LIST), 0);
}

int main(void)
{
#define ON_STAGE(test) cmocka_unit_test_setup_teardown(test, stage_set_up, stage_tear_down)
	const struct CMUnitTest tests[] = {
		ON_STAGE(no_sliding_minute_has_more_orders_than_allowed),
		ON_STAGE(tries_count_as_orders),
		ON_STAGE(a_reload_that_changes_the_limit_does_not_forget_what_was_sent),
		ON_STAGE(many_are_in_flight_at_once_and_none_twice),
		ON_STAGE(after_a_429_everyone_pauses_for_five_seconds),
		ON_STAGE(a_pause_outlives_the_process_that_was_asked_for_it),
		ON_STAGE(a_small_step_of_the_clock_in_a_pause_is_waited_out_calmly),
		ON_STAGE(no_storm_comes_after_the_pause),
		ON_STAGE(each_further_429_pauses_longer),
		ON_STAGE(an_answer_that_is_no_429_ends_the_growing),
		ON_STAGE(a_longer_retry_after_is_honoured_and_a_shorter_one_is_not),
		cmocka_unit_test(one_jam_is_one_pause),
		ON_STAGE(a_429_of_any_call_pauses_everyone),
		ON_STAGE(an_operator_who_set_shorter_pauses_gets_them_after_a_429_too),
		ON_STAGE(an_order_waits_out_the_pause_without_being_given_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
