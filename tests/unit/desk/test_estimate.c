/* test_estimate.c: what Runa would charge is asked beforehand: its own word about this very order, or none and why. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "support/asking.h"

static void an_estimate_is_runas_word_and_orders_nothing(void **state)
{
	struct stage *s = *state;
	struct estimate estimate;

	assert_int_equal(asking_once(s, &estimate), ESTIMATE_KNOWN);
	assert_int_equal(estimate.price.minor, 950);
	assert_string_equal(estimate.price.currency, "GBP");
	assert_int_equal(estimate.discount.minor, 50);
	assert_true(estimate.at_ms > 0);
	assert_int_equal(runa_count(s, ROUTE_ESTIMATE), 1);
	assert_int_equal(s->runa.made_count, 0);
	assert_int_equal(runa_request_count(s), 0);
}

static void where_nobody_can_be_asked_that_is_said_at_once(void **state)
{
	struct stage *s = *state;

	desk_set_wake(s->desk, NULL, NULL); /* plain CGI */
	assert_int_equal(asking_now(s), ESTIMATE_NOBODY);
	asking_begin(s);
	s->rules->environment = RUNA_PLAYGROUND;
	assert_int_equal(asking_now(s), ESTIMATE_NOT_OFFERED);
	s->rules->environment = RUNA_SANDBOX;
	runa_will_answer(s, REFUSAL(401, "unauthorized"));
	(void)place(s, "AMZ-GB", "10.00");
	stage_run(s, 200);
	assert_int_equal(asking_now(s), ESTIMATE_STOPPED);
	assert_int_equal(runa_count(s, ROUTE_ESTIMATE), 0);
}

static void an_order_that_would_be_refused_is_said_with_its_reason(void **state)
{
	struct stage *s = *state;
	struct estimate estimate;

	runa_will_say(s, ROUTE_ESTIMATE, REFUSAL(400, "insufficient_funds"));
	assert_int_equal(asking_once(s, &estimate), ESTIMATE_REFUSED);
	assert_string_equal(estimate.error_type, "insufficient_funds");
	runa_will_say(s, ROUTE_ESTIMATE, REFUSAL(404, "not_found"));
	assert_int_equal(asking_once(s, &estimate), ESTIMATE_NOT_OFFERED);
}

static void what_is_not_about_this_order_counts_as_none(void **state)
{
	static const struct reply answers[] = {
		{ .cut_out = "AMZ-GB", .put_in = "AMZ-DE" },
		{ .cut_out = "\"face_value\":10", .put_in = "\"face_value\":100" },
		{ .cut_out = "\"currency\":\"GBP\"},\"currency\"", .put_in = "\"currency\":\"EUR\"},\"currency\"" },
		{ .cut_out = "\"total_price\":9.5", .put_in = "\"total_price\":9.505" },
		{ .cut_out = "\"total_price\":9.5,", .put_in = "" },
		{ .status = 500, .body = "no" },
		{ .transport = RUNA_LOST },
		{ .status = 403, .type = "forbidden" },
	};
	struct stage *s = *state;

	for (size_t i = 0; i < COUNT_OF(answers); i++) {
		struct estimate estimate;

		runa_will_say(s, ROUTE_ESTIMATE, answers[i]);
		assert_int_equal(asking_once(s, &estimate), ESTIMATE_UNCLEAR);
		assert_int_equal(estimate.price.minor, 0);
	}
	/* none of it says anything about orders: they go on */
	assert_int_equal(place_and_settle(s, "AMZ-GB", "10.00").status, ORDER_COMPLETED);
}

static void being_asked_to_slow_down_pauses_everyone(void **state)
{
	struct stage *s = *state;
	struct estimate estimate;
	struct order order;

	runa_will_say(s, ROUTE_ESTIMATE, TOO_FAST);
	assert_int_equal(asking_once(s, &estimate), ESTIMATE_PAUSED);
	assert_int_equal(asking_now(s), ESTIMATE_PAUSED);
	order = place(s, "AMZ-GB", "10.00");
	stage_run(s, 3000);
	assert_int_equal(runa_request_count(s), 0);
	assert_int_equal(settle_order(s, order.number).status, ORDER_COMPLETED);
}

static void it_takes_nothing_of_the_orders_a_minute_may_have(void **state)
{
	struct stage *s = *state;
	struct estimate estimate;

	s->rules->orders_per_minute = 2;
	for (int i = 0; i < 3; i++) assert_int_equal(asking_once(s, &estimate), ESTIMATE_KNOWN);
	(void)place(s, "AMZ-GB", "10.00");
	(void)place(s, "AMZ-GB", "10.00");
	stage_run(s, MS_A_SECOND);
	assert_int_equal(runa_request_count(s), 2);
}

static void so_many_a_minute_and_no_more(void **state)
{
	struct stage *s = *state;
	struct estimate estimate;

	for (int i = 0; i < ESTIMATES_A_MINUTE; i++) assert_int_equal(asking_once(s, &estimate), ESTIMATE_KNOWN);
	assert_int_equal(asking_now(s), ESTIMATE_BUSY);
	stage_run(s, MS_A_MINUTE);
	assert_int_equal(asking_once(s, &estimate), ESTIMATE_KNOWN);
	assert_int_equal(runa_count(s, ROUTE_ESTIMATE), ESTIMATES_A_MINUTE + 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, asking_open, stage_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_estimate_is_runas_word_and_orders_nothing),
		TEST(where_nobody_can_be_asked_that_is_said_at_once),
		TEST(an_order_that_would_be_refused_is_said_with_its_reason),
		TEST(what_is_not_about_this_order_counts_as_none),
		TEST(being_asked_to_slow_down_pauses_everyone),
		TEST(it_takes_nothing_of_the_orders_a_minute_may_have),
		TEST(so_many_a_minute_and_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
