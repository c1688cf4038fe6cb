/* test_dispatcher_setup.c: a desk that is set up wrong sends nothing for anybody, says so, and goes on by itself;
 * and a set-up refusal that Runa keeps with one key stops nobody else. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "desk/inside.h"
#include "support/stage.h"

static const struct reply unauthorized = { .status = 401, .type = "unauthorized" };
static const struct reply forbidden = { .status = 403, .type = "forbidden" };
static const struct reply not_trusted = { .transport = RUNA_NOT_TRUSTED };

static bool is_stopped(struct stage *s, const char *reason)
{
	struct desk_health health;

	desk_health(s->desk, &health);
	if (health.is_stopped) assert_string_equal(health.stop_reason, reason);
	return health.is_stopped;
}

/* The API key is not good any more: nothing gets through. */
static void revoke(struct stage *s, const struct reply *reply)
{
	for (int route = 0; route < ROUTES; route++) runa_always_says(s, (enum route)route, reply);
}

static void mend(struct stage *s)
{
	revoke(s, NULL);
}

static int64_t away_since(struct stage *s)
{
	struct desk_health health;

	desk_health(s->desk, &health);
	return health.away_since_ms;
}

static void fault_32_a_runa_that_answers_nothing_is_away_and_back_with_its_first_answer(void **state)
{
	static const struct reply nothing = { .transport = RUNA_NOT_SENT };
	struct stage *s = *state;
	struct order order;
	int64_t began_ms;

	runa_will_say(s, ROUTE_ORDER, nothing);
	order = place_and_settle(s, "AMZ-GB", "10.00");
	assert_int_equal(order.status, ORDER_COMPLETED);
	assert_int_equal(away_since(s), 0); /* one lost call is nothing */
	began_ms = clock_wall_ms(s->desk->clock);
	revoke(s, &nothing);
	(void)place(s, "AMZ-GB", "10.00");
	stage_run(s, MS_A_MINUTE);
	assert_true(away_since(s) >= began_ms && away_since(s) <= began_ms + 2 * MS_A_SECOND);
	mend(s);
	stage_run(s, 10 * MS_A_MINUTE);
	assert_int_equal(away_since(s), 0);
	assert_int_equal(s->runa.made_count, 2);
}

static void a_refused_set_up_stops_everyone_and_a_passed_check_goes_on(void **state)
{
	struct stage *s = *state;
	struct order first = place(s, "AMZ-GB", "10.00"), order;

	revoke(s, &unauthorized);
	stage_run(s, 500);
	assert_true(is_stopped(s, "unauthorized"));
	order = order_now(s, first.number);
	assert_int_equal(order.status, ORDER_PLACING);
	assert_int_equal(order.money_moved, MONEY_MOVED_UNKNOWN);
	assert_string_equal(order.advice, "waiting_setup");
	for (int i = 0; i < 5; i++) place(s, "AMZ-GB", "10.00");
	stage_run(s, 10 * MS_A_MINUTE);
	assert_int_equal(runa_request_count(s), 1);
	assert_true(runa_count(s, ROUTE_PING) > 10);
	assert_int_equal(runa_count(s, ROUTE_BALANCES), 0);
	mend(s);
	stage_run(s, 2 * MS_A_MINUTE);
	assert_false(is_stopped(s, NULL));
	assert_int_equal(s->runa.made_count, 6);
	assert_int_equal(order_now(s, first.number).status, ORDER_COMPLETED);
	stage_holds(s);
}

static void both_ping_and_balance_must_pass(void **state)
{
	struct stage *s = *state;

	place(s, "AMZ-GB", "10.00");
	revoke(s, &forbidden);
	stage_run(s, 500);
	runa_always_says(s, ROUTE_PING, NULL);
	stage_run(s, 10 * MS_A_MINUTE);
	assert_true(is_stopped(s, "forbidden"));
	assert_true(runa_count(s, ROUTE_BALANCES) > 5);
	assert_int_equal(runa_request_count(s), 1);
	mend(s);
	stage_run(s, 2 * MS_A_MINUTE);
	assert_false(is_stopped(s, NULL));
}

/* Whether the playground has balances is not documented (runa-api 23 no. 24). */
static void in_the_playground_ping_alone_decides(void **state)
{
	struct stage *s = *state;

	s->rules->environment = RUNA_PLAYGROUND;
	place(s, "AMZ-GB", "10.00");
	revoke(s, &forbidden);
	stage_run(s, 500);
	mend(s);
	runa_always_says(s, ROUTE_BALANCES, &forbidden);
	stage_run(s, 2 * MS_A_MINUTE);
	assert_false(is_stopped(s, NULL));
	assert_int_equal(s->runa.made_count, 1);
}

static void checks_come_slower_and_slower_but_at_least_every_minute(void **state)
{
	struct stage *s = *state;

	place(s, "AMZ-GB", "10.00");
	revoke(s, &unauthorized);
	stage_run(s, MS_AN_HOUR);
	assert_in_range(runa_count(s, ROUTE_PING), 60, 70);
}

static void a_stop_outlives_the_process(void **state)
{
	struct stage *s = *state;

	place(s, "AMZ-GB", "10.00");
	revoke(s, &unauthorized);
	stage_run(s, 500);
	stage_crash(s, FAULTY_KEEP_SYNCED);
	assert_true(is_stopped(s, "unauthorized"));
	stage_run(s, MS_A_MINUTE);
	assert_int_equal(runa_request_count(s), 1);
	mend(s);
	stage_run(s, 2 * MS_A_MINUTE);
	assert_int_equal(s->runa.made_count, 1);
	stage_restart(s);
	assert_false(is_stopped(s, NULL));
	stage_holds(s);
}

static void a_certificate_that_is_not_trusted_stops_everyone(void **state)
{
	struct stage *s = *state;
	struct order order = place(s, "AMZ-GB", "10.00");

	revoke(s, &not_trusted);
	stage_run(s, 500);
	assert_true(is_stopped(s, "tls_not_trusted"));
	assert_int_equal(order_now(s, order.number).money_moved, MONEY_MOVED_NO);
	place(s, "AMZ-GB", "10.00");
	stage_run(s, 10 * MS_A_MINUTE);
	assert_int_equal(runa_request_count(s), 1);
	mend(s);
	stage_run(s, 2 * MS_A_MINUTE);
	assert_int_equal(s->runa.made_count, 2);
	stage_holds(s);
}

static void a_stop_for_hours_gives_no_order_up(void **state)
{
	struct stage *s = *state;
	struct order order = place(s, "AMZ-GB", "10.00");

	revoke(s, &unauthorized);
	stage_run(s, (int64_t)12 * MS_AN_HOUR);
	assert_int_equal(order_now(s, order.number).status, ORDER_PLACING);
	mend(s);
	stage_run(s, 2 * MS_A_MINUTE);
	assert_int_equal(order_now(s, order.number).status, ORDER_COMPLETED);
	assert_int_equal(runa_request_count(s), 2);
}

static void a_poll_that_is_refused_stops_everyone_and_says_nothing_about_the_order(void **state)
{
	struct stage *s = *state;
	struct order order = place(s, "AMZ-GB", "10.00");

	runa_will_answer(s, PROCESSING);
	stage_run(s, 500);
	revoke(s, &forbidden);
	stage_run(s, 5000);
	assert_true(is_stopped(s, "forbidden"));
	assert_string_equal(order_now(s, order.number).advice, "waiting_accepted");
	s->runa.made[0].says = "COMPLETED";
	mend(s);
	stage_run(s, 2 * MS_A_MINUTE);
	assert_int_equal(order_now(s, order.number).status, ORDER_COMPLETED);
	assert_int_equal(runa_request_count(s), 1);
	stage_holds(s);
}

/* ---- kept with the key ------------------------------------------------------------------------------------ */

static void a_refusal_kept_with_the_key_is_final_once_the_set_up_is_right(void **state)
{
	struct stage *s = *state;
	struct order order = place(s, "AMZ-GB", "10.00");
	struct desk_health health;

	runa_will_answer(s, unauthorized);
	runa_will_answer(s, unauthorized);
	stage_run(s, 500);
	order = settle_order(s, order.number);
	assert_int_equal(order.status, ORDER_FAILED);
	assert_int_equal(order.money_moved, MONEY_MOVED_NO);
	assert_string_equal(order.advice, "refused_setup");
	assert_string_equal(order.error_type, "unauthorized");
	assert_int_equal(runa_request_count(s), 2);
	assert_int_equal(runa_count(s, ROUTE_PING), 2); /* once to go on, once before it is believed */
	desk_health(s->desk, &health);
	assert_false(health.is_stopped);
	stage_run(s, MS_A_DAY);
	assert_int_equal(runa_request_count(s), 2);
	stage_holds(s);
}

static void a_refusal_kept_with_one_key_stops_nobody_else(void **state)
{
	static const struct reply slow = { .after_ms = 5000 };
	struct stage *s = *state;
	struct order kept = place(s, "AMZ-GB", "10.00");

	runa_will_answer(s, unauthorized);
	runa_will_answer(s, unauthorized);
	while (runa_request_count(s) < 2) stage_run(s, 100);
	runa_always_says(s, ROUTE_PING, &slow); /* the check takes its time */
	stage_run(s, 1000);
	assert_int_equal(order_now(s, kept.number).status, ORDER_PLACING);
	for (int i = 0; i < 5; i++) place(s, "AMZ-GB", "10.00");
	stage_run(s, 1000);
	assert_int_equal(s->runa.made_count, 5);
	assert_false(is_stopped(s, NULL));
	assert_int_equal(settle_order(s, kept.number).status, ORDER_FAILED);
	stage_holds(s);
}

static void a_refusal_kept_with_the_key_after_an_unknown_try_leaves_it_unknown(void **state)
{
	struct stage *s = *state;
	struct order order = place(s, "AMZ-GB", "10.00");

	runa_will_answer(s, ANSWER_LOST);
	for (int i = 0; i < 4; i++) runa_will_answer(s, unauthorized);
	for (int i = 0; i < 400 && runa_request_count(s) < 5; i++) stage_run(s, 1000);
	stage_run(s, 10000);
	assert_int_equal(order_now(s, order.number).money_moved, MONEY_MOVED_UNKNOWN);
	order = settle_order(s, order.number); /* the same key, and at last the stored answer */
	assert_int_equal(order.status, ORDER_COMPLETED);
	assert_string_equal(runa_request(s, 0), runa_request(s, 5));
	stage_holds(s);
}

static void a_key_that_is_revoked_again_only_makes_the_order_wait_again(void **state)
{
	struct stage *s = *state;
	struct order order = place(s, "AMZ-GB", "10.00");

	revoke(s, &unauthorized);
	stage_run(s, 500);
	mend(s);
	runa_always_says(s, ROUTE_ORDER, &unauthorized); /* revoked again just after the check */
	while (runa_request_count(s) < 2) stage_run(s, 10);
	revoke(s, &unauthorized);
	stage_run(s, 5 * MS_A_MINUTE);
	assert_true(is_stopped(s, "unauthorized"));
	assert_int_equal(attempt_latest(s, order.number).state, ATTEMPT_HELD);
	assert_int_equal(order_now(s, order.number).status, ORDER_PLACING);
	assert_int_equal(runa_request_count(s), 2);
	mend(s);
	stage_run(s, 2 * MS_A_MINUTE);
	assert_int_equal(order_now(s, order.number).status, ORDER_COMPLETED);
	assert_int_equal(runa_request_count(s), 3);
	stage_holds(s);
}

/* While the check is under way the process dies: the try's end is not known, and the same key brings it again. */
static void a_crash_while_a_refusal_is_doubted_loses_nothing(void **state)
{
	static const struct reply slow = { .after_ms = 50000 };
	struct stage *s = *state;
	struct order order = place(s, "AMZ-GB", "10.00");

	runa_will_answer(s, unauthorized);
	runa_will_answer(s, unauthorized);
	while (runa_request_count(s) < 2) stage_run(s, 100);
	runa_always_says(s, ROUTE_PING, &slow);
	stage_run(s, 2000);
	stage_crash(s, FAULTY_KEEP_SYNCED);
	runa_always_says(s, ROUTE_PING, NULL);
	assert_int_equal(settle_order(s, order.number).status, ORDER_COMPLETED);
	assert_int_equal(runa_request_count(s), 3);
	stage_holds(s);
}

/* It is known that this try bought nothing, and nobody else's orders wait because of it. */
static void a_stop_while_a_refusal_is_doubted_keeps_what_the_answer_said(void **state)
{
	static const struct reply slow = { .after_ms = 50000 };
	struct stage *s = *state;
	struct order order = place(s, "AMZ-GB", "10.00");

	runa_will_answer(s, unauthorized);
	runa_will_answer(s, unauthorized);
	while (runa_request_count(s) < 2) stage_run(s, 100);
	runa_always_says(s, ROUTE_PING, &slow);
	stage_run(s, 2000);
	assert_int_equal(attempt_latest(s, order.number).state, ATTEMPT_RESENT);
	stage_restart(s);
	assert_int_equal(attempt_latest(s, order.number).state, ATTEMPT_HELD);
	assert_int_equal(attempt_latest(s, order.number).setup_refusals, 2);
	assert_string_equal(order_now(s, order.number).advice, "waiting_setup");
	assert_string_equal(order_now(s, order.number).error_type, "unauthorized");
	assert_false(is_stopped(s, NULL));
	runa_always_says(s, ROUTE_PING, NULL);
	runa_will_answer(s, unauthorized); /* kept with the key: believed, as no try of it is unknown */
	order = settle_order(s, order.number);
	assert_int_equal(order.status, ORDER_FAILED);
	assert_int_equal(order.money_moved, MONEY_MOVED_NO);
	assert_int_equal(runa_request_count(s), 3);
	stage_holds(s);
}

int main(void)
{
#define ON_STAGE(test) cmocka_unit_test_setup_teardown(test, stage_set_up, stage_tear_down)
	const struct CMUnitTest tests[] = {
		ON_STAGE(fault_32_a_runa_that_answers_nothing_is_away_and_back_with_its_first_answer),
		ON_STAGE(a_refused_set_up_stops_everyone_and_a_passed_check_goes_on),
		ON_STAGE(both_ping_and_balance_must_pass),
		ON_STAGE(in_the_playground_ping_alone_decides),
		ON_STAGE(checks_come_slower_and_slower_but_at_least_every_minute),
		ON_STAGE(a_stop_outlives_the_process),
		ON_STAGE(a_certificate_that_is_not_trusted_stops_everyone),
		ON_STAGE(a_stop_for_hours_gives_no_order_up),
		ON_STAGE(a_poll_that_is_refused_stops_everyone_and_says_nothing_about_the_order),
		ON_STAGE(a_refusal_kept_with_the_key_is_final_once_the_set_up_is_right),
		ON_STAGE(a_refusal_kept_with_one_key_stops_nobody_else),
		ON_STAGE(a_refusal_kept_with_the_key_after_an_unknown_try_leaves_it_unknown),
		ON_STAGE(a_key_that_is_revoked_again_only_makes_the_order_wait_again),
		ON_STAGE(a_crash_while_a_refusal_is_doubted_loses_nothing),
		ON_STAGE(a_stop_while_a_refusal_is_doubted_keeps_what_the_answer_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
