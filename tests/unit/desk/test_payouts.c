/* test_payouts.c: what became of the payout of a completed order is looked at again, ever more seldom. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "support/stage.h"

static const struct reply claimed = { .cut_out = "\"ACTIVE\"", .put_in = "\"CLAIMED\"" };

static int open_looking(void **state)
{
	struct stage *s = stage_open();

	s->looks_at_payouts = true;
	stage_restart(s);
	*state = s;
	return 0;
}

/* When the no-th look was, on the steady clock. */
static int64_t look_ms(const struct stage *s, size_t no)
{
	for (size_t i = 0; i < s->runa.request_count; i++)
		if (s->runa.requests[i].route == ROUTE_POLL && no-- == 0) return s->runa.requests[i].steady_ms;
	fail_msg("there was no such look");
	return 0;
}

static void an_open_payout_is_looked_at_ever_more_seldom(void **state)
{
	static const int64_t after_ms[] = { 10 * MS_A_MINUTE, MS_AN_HOUR, 6 * MS_AN_HOUR, MS_A_DAY, 2 * MS_A_DAY,
		                            4 * MS_A_DAY, 7 * MS_A_DAY, 7 * MS_A_DAY, 7 * MS_A_DAY };
	struct stage *s = *state;
	struct order order = place_and_settle(s, "AMZ-GB", "10.00");
	int64_t before_ms = s->steady_ms;

	stage_run(s, (int64_t)30 * MS_A_DAY);
	for (size_t i = 0; i < COUNT_OF(after_ms); i++) {
		int64_t wait_ms = look_ms(s, i) - before_ms;

		assert_in_range(wait_ms, after_ms[i] - MS_A_SECOND, after_ms[i] + 10 * MS_A_SECOND);
		before_ms = look_ms(s, i);
	}
	order = order_now(s, order.number);
	assert_string_equal(order.payout_status, "ACTIVE");
	assert_int_equal(order.payout_looks, runa_count(s, ROUTE_POLL));
	assert_in_range(order.payout_checked_at_ms - (s->wall_ms - s->steady_ms), before_ms, before_ms + 1000);
	stage_holds(s);
}

static void a_payout_that_came_to_its_end_is_not_looked_at_again(void **state)
{
	struct stage *s = *state;
	struct order order = place_and_settle(s, "AMZ-GB", "10.00");

	runa_will_say(s, ROUTE_POLL, claimed);
	stage_run(s, (int64_t)30 * MS_A_DAY);
	assert_int_equal(runa_count(s, ROUTE_POLL), 1);
	assert_string_equal(order_now(s, order.number).payout_status, "CLAIMED");
	assert_int_equal(order_now(s, order.number).payout_due_at_ms, 0);
	stage_holds(s); /* the audit has its line, and the chain fits */
}

static void many_payouts_are_looked_at_one_by_one_within_a_budget(void **state)
{
	struct stage *s = *state;

	for (int i = 0; i < 12; i++) place(s, "AMZ-GB", "10.00");
	stage_run(s, 13 * MS_A_MINUTE);
	assert_int_equal(runa_count(s, ROUTE_POLL), 12);
	for (size_t i = 1; i < 12; i++) assert_true(look_ms(s, i) - look_ms(s, i - 1) >= 6 * MS_A_SECOND);
}

static void a_look_that_was_asked_for_comes_at_once(void **state)
{
	struct stage *s = *state;
	struct order order = place_and_settle(s, "AMZ-GB", "10.00"), waiting;

	stage_run(s, MS_A_MINUTE);
	assert_int_equal(order_ask_payout(s->desk, order.number), LEDGER_OK);
	stage_run(s, MS_A_SECOND);
	assert_int_equal(runa_count(s, ROUTE_POLL), 1);
	runa_will_answer(s, ANSWER_LOST);
	waiting = place(s, "AMZ-GB", "10.00");
	assert_int_equal(order_ask_payout(s->desk, waiting.number), LEDGER_NONE); /* it isn't completed */
	assert_int_equal(order_ask_payout(s->desk, "NOSUCHNUMBER0000"), LEDGER_NONE);
}

static void an_answer_that_says_nothing_about_this_order_changes_nothing(void **state)
{
	static const struct reply replies[] = {
		{ .status = 500, .type = "internal_server_error" }, { .transport = RUNA_LOST },
		{ .status = 404, .type = "not_found" },
		{ .cut_out = "\"description\":\"", .put_in = "\"description\":\"somebody else \",\"x\":\"" },
	};
	struct stage *s = *state;
	struct order order = place_and_settle(s, "AMZ-GB", "10.00"), now;

	for (size_t i = 0; i < COUNT_OF(replies); i++) runa_will_say(s, ROUTE_POLL, replies[i]);
	stage_run(s, (int64_t)2 * MS_A_DAY);
	now = order_now(s, order.number);
	assert_int_equal(now.payout_looks, 4);
	assert_int_equal(now.status, ORDER_COMPLETED);
	assert_string_equal(now.payout_status, "ACTIVE");
	assert_true(now.payout_checked_at_ms == order.payout_checked_at_ms);
	stage_holds(s);
}

static void looks_stop_with_the_desk_and_orders_go_first(void **state)
{
	struct stage *s = *state;

	place_and_settle(s, "AMZ-GB", "10.00");
	runa_will_answer(s, REFUSAL(403, "forbidden"));
	runa_always_says(s, ROUTE_PING, &(struct reply){ .status = 403, .type = "forbidden" });
	place(s, "AMZ-GB", "10.00");
	stage_run(s, (int64_t)2 * MS_AN_HOUR);
	assert_int_equal(runa_count(s, ROUTE_POLL), 0);
}

static void what_was_asked_when_the_process_died_is_asked_again_after_an_hour(void **state)
{
	struct stage *s = *state;
	struct order order = place_and_settle(s, "AMZ-GB", "10.00");

	runa_will_say(s, ROUTE_POLL, (struct reply){ .after_ms = 50000 });
	stage_run(s, 10 * MS_A_MINUTE + 10 * MS_A_SECOND);
	stage_crash(s, FAULTY_KEEP_ALL);
	stage_run(s, 50 * MS_A_MINUTE);
	assert_int_equal(runa_count(s, ROUTE_POLL), 1);
	stage_run(s, 15 * MS_A_MINUTE);
	assert_int_equal(runa_count(s, ROUTE_POLL), 2);
	assert_int_equal(order_now(s, order.number).payout_looks, 1);
}

int main(void)
{
#define LOOKING(test) cmocka_unit_test_setup_teardown(test, open_looking, stage_tear_down)
	const struct CMUnitTest tests[] = {
		LOOKING(an_open_payout_is_looked_at_ever_more_seldom),
		LOOKING(a_payout_that_came_to_its_end_is_not_looked_at_again),
		LOOKING(many_payouts_are_looked_at_one_by_one_within_a_budget),
		LOOKING(a_look_that_was_asked_for_comes_at_once),
		LOOKING(an_answer_that_says_nothing_about_this_order_changes_nothing),
		LOOKING(looks_stop_with_the_desk_and_orders_go_first),
		LOOKING(what_was_asked_when_the_process_died_is_asked_again_after_an_hour),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
