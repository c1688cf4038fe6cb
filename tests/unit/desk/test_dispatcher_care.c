/* test_dispatcher_care.c: what goes wrong around a call: no room to record its answer, a ledger that broke, a
 * clock that jumps, a process that dies, stops or drives one order only. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <sqlite3.h>

#include "support/stage.h"

/* ---- the ledger ------------------------------------------------------------------------------------------ */

static void an_answer_that_finds_no_room_is_recorded_later(void **state)
{
	static const struct reply replies[] = { { .makes_order = true }, { .status = 400, .type = "insufficient_funds" } };
	static const enum order_status ends[] = { ORDER_COMPLETED, ORDER_FAILED };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(replies); i++) {
		struct stage *s = stage_open();
		struct order order = place(s, "AMZ-GB", "10.00");

		runa_will_answer(s, replies[i]);
		dispatcher_turn(s->dispatcher, 0); /* claimed and sent */
		assert_int_equal(runa_request_count(s), 1);
		faulty_vfs_fail(s->vfs, FAULTY_WRITES, 1, SQLITE_FULL, true);
		stage_run(s, 30 * MS_A_MINUTE);
		order = order_now(s, order.number);
		assert_int_equal(order.status, ORDER_PLACING);
		assert_int_equal(order.money_moved, MONEY_MOVED_UNKNOWN);
		assert_false(dispatcher_is_idle(s->dispatcher, 0));
		faulty_vfs_fail(s->vfs, 0, 0, 0, false);
		stage_run(s, 2000);
		order = order_now(s, order.number);
		assert_int_equal(order.status, ends[i]);
		if (ends[i] == ORDER_COMPLETED)
			assert_string_equal(order_link(s->desk, s->mem, &order), "https://spend.runa.test/O-1");
		else
			assert_string_equal(order.error_type, "insufficient_funds");
		assert_int_equal(runa_request_count(s), 1);
		stage_holds(s);
		stage_close(s);
	}
}

static void a_stop_gives_an_answer_that_waits_one_more_chance(void **state)
{
	(void)state;
	for (int has_room = 0; has_room < 2; has_room++) {
		struct stage *s = stage_open();
		struct order order = place(s, "AMZ-GB", "10.00");

		dispatcher_turn(s->dispatcher, 0);
		faulty_vfs_fail(s->vfs, FAULTY_WRITES, 1, SQLITE_FULL, true);
		stage_run(s, 200);
		assert_false(dispatcher_is_idle(s->dispatcher, 0));
		if (has_room) faulty_vfs_fail(s->vfs, 0, 0, 0, false);
		stage_stop(s);
		faulty_vfs_fail(s->vfs, 0, 0, 0, false);
		assert_true(stage_start(s));
		order = order_now(s, order.number);
		assert_int_equal(order.status, has_room ? ORDER_COMPLETED : ORDER_PLACING);
		if (has_room) assert_string_equal(order_link(s->desk, s->mem, &order), "https://spend.runa.test/O-1");
		assert_int_equal(settle_order(s, order.number).status, ORDER_COMPLETED);
		assert_int_equal(s->runa.made_count, 1);
		stage_holds(s);
		stage_close(s);
	}
}

static void fault_47_a_refusal_of_what_the_line_sent_twice_settles_nothing(void **state)
{
	static const struct reply refusals[] = {
		{ .status = 400, .type = "bad_request", .is_resent = true },
		{ .status = 401, .type = "unauthorized", .is_resent = true },
		{ .status = 429, .body = "{\"error\":\"rate exceeded\"}", .is_resent = true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(refusals); i++) {
		struct stage *s = stage_open();
		struct order order = place(s, "AMZ-GB", "10.00");

		runa_will_answer(s, refusals[i]);
		runa_will_answer(s, REFUSAL(400, "bad_request"));
		stage_run(s, 30000);
		order = order_now(s, order.number);
		assert_int_equal(order.status, ORDER_COMPLETED); /* by the third try, under the same key */
		assert_string_equal(runa_request(s, 0), runa_request(s, 2));
		stage_holds(s);
		stage_close(s);
	}
}

static void without_room_nothing_new_is_sent(void **state)
{
	struct stage *s = *state;

	for (int i = 0; i < 5; i++) place(s, "AMZ-GB", "10.00");
	faulty_vfs_fail(s->vfs, FAULTY_WRITES, 1, SQLITE_FULL, true);
	stage_run(s, 10 * MS_A_MINUTE);
	assert_int_equal(runa_request_count(s), 0);
	faulty_vfs_fail(s->vfs, 0, 0, 0, false);
	stage_run(s, 10000);
	assert_int_equal(s->runa.made_count, 5);
	stage_holds(s);
}

/* Orders are due, and nothing may be done: it must wait and not spin (the stage's turns look for it). */
static void a_broken_ledger_is_left_alone_without_burning_a_processor(void **state)
{
	struct stage *s = *state;
	struct order order = place(s, "AMZ-GB", "10.00");
	struct desk_health health;

	faulty_vfs_fail(s->vfs, FAULTY_SYNCS, 1, SQLITE_IOERR_FSYNC, false);
	stage_run(s, 10 * MS_A_MINUTE);
	assert_int_equal(runa_request_count(s), 0);
	desk_health(s->desk, &health);
	assert_false(health.ledger_is_sound);
	stage_crash(s, FAULTY_KEEP_SYNCED);
	assert_int_equal(settle_order(s, order.number).status, ORDER_COMPLETED);
	stage_holds(s);
}

static void a_start_without_room_waits_and_does_not_spin(void **state)
{
	struct stage *s = *state;
	struct order order = place(s, "AMZ-GB", "10.00");

	stage_sleep(s, 1000);
	stage_restart(s);
	faulty_vfs_fail(s->vfs, FAULTY_WRITES, 1, SQLITE_FULL, true);
	stage_run(s, 10 * MS_A_MINUTE);
	assert_int_equal(s->runa.request_count, 0);
	faulty_vfs_fail(s->vfs, 0, 0, 0, false);
	assert_int_equal(settle_order(s, order.number).status, ORDER_COMPLETED);
	assert_int_equal(s->runa.requests[0].route, ROUTE_LIST); /* looked for first, as at any start */
}

static void a_ledger_that_breaks_at_the_answer_finds_it_again_under_the_same_key(void **state)
{
	struct stage *s = *state;
	struct order order = place(s, "AMZ-GB", "10.00");

	dispatcher_turn(s->dispatcher, 0);
	faulty_vfs_fail(s->vfs, FAULTY_SYNCS, 1, SQLITE_IOERR_FSYNC, false);
	stage_run(s, 10 * MS_A_MINUTE);
	assert_int_equal(order_now(s, order.number).status, ORDER_PLACING);
	stage_crash(s, FAULTY_KEEP_SYNCED);
	order = settle_order(s, order.number);
	assert_int_equal(order.status, ORDER_COMPLETED);
	assert_int_equal(s->runa.made_count, 1);
	stage_holds(s);
}

/* ---- the clock ---------------------------------------------------------------------------------------------- */

/* An order whose first try was answered by nobody; the clock jumps while it waits for 10 to 20 s. */
static struct order wait_over_a_jump(struct stage *s, int64_t jump_ms)
{
	struct order order = place(s, "AMZ-GB", "10.00");

	s->rules->retry_first_ms = s->rules->retry_max_ms = 20000;
	runa_will_answer(s, ANSWER_LOST);
	stage_run(s, 500);
	stage_jump(s, jump_ms);
	stage_run(s, 9000);
	assert_int_equal(s->runa.request_count, 1);
	stage_run(s, 12000);
	return order_now(s, order.number);
}

static void a_clock_that_jumps_sends_nothing_early(void **state)
{
	static const int64_t jumps[] = { 7000, MS_AN_HOUR, (int64_t)28 * MS_A_DAY, -7000, -MS_AN_HOUR,
		                         -(int64_t)40 * MS_A_DAY, -(int64_t)365 * MS_A_DAY };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(jumps); i++) {
		struct stage *s = stage_open();

		assert_int_equal(wait_over_a_jump(s, jumps[i]).status, ORDER_COMPLETED);
		assert_int_equal(runa_request_count(s), 2);
		assert_int_equal(runa_count(s, ROUTE_LIST), 0); /* neither given up nor too old by the jump */
		stage_holds(s);
		stage_close(s);
	}
}

/* It may be true: a virtual machine that was halted for weeks knows no better. */
static void after_a_leap_of_weeks_a_key_that_was_sent_is_looked_for_and_not_sent_again(void **state)
{
	static const int64_t leaps[] = { (int64_t)29 * MS_A_DAY, (int64_t)365 * MS_A_DAY };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(leaps); i++) {
		struct stage *s = stage_open();

		assert_int_equal(wait_over_a_jump(s, leaps[i]).status, ORDER_COMPLETED);
		assert_int_equal(runa_request_count(s), 1);
		assert_true(runa_count(s, ROUTE_LIST) > 0);
		stage_holds(s);
		stage_close(s);
	}
}

static void after_a_leap_of_weeks_an_order_that_was_never_sent_is_sent(void **state)
{
	struct stage *s = *state;
	struct order order = place(s, "AMZ-GB", "10.00");

	stage_jump(s, (int64_t)365 * MS_A_DAY);
	assert_int_equal(settle_order(s, order.number).status, ORDER_COMPLETED);
	assert_int_equal(runa_request_count(s), 1);
	stage_holds(s);
}

static void a_clock_that_jumps_starts_no_storm(void **state)
{
	static const struct reply lost = { .transport = RUNA_LOST };
	struct stage *s = *state;
	size_t before;

	runa_always_says(s, ROUTE_ORDER, &lost);
	s->rules->retry_first_ms = s->rules->retry_max_ms = 300000;
	for (int i = 0; i < 30; i++) place(s, "AMZ-GB", "10.00");
	stage_run(s, 1000);
	before = runa_request_count(s);
	assert_int_equal(before, 30);
	stage_jump(s, MS_A_DAY);
	stage_run(s, MS_A_MINUTE);
	assert_int_equal(runa_request_count(s), before);
	stage_jump(s, -2 * (int64_t)MS_A_DAY);
	stage_run(s, MS_A_MINUTE);
	assert_int_equal(runa_request_count(s), before);
	stage_run(s, 4 * MS_A_MINUTE);
	assert_in_range(runa_request_count(s), 2 * before, 3 * before - 1);
}

static void a_call_under_way_is_not_doubled_by_a_jump(void **state)
{
	struct stage *s = *state;
	struct order order = place(s, "AMZ-GB", "10.00");

	runa_will_answer(s, (struct reply){ .makes_order = true, .after_ms = 50000 });
	stage_run(s, 1000);
	stage_jump(s, MS_A_DAY);
	stage_run(s, 30000);
	stage_jump(s, -MS_A_DAY);
	stage_run(s, 30000);
	assert_int_equal(runa_request_count(s), 1);
	assert_int_equal(order_now(s, order.number).status, ORDER_COMPLETED);
	stage_holds(s);
}

static void a_keys_age_stays_true_whatever_the_clock_says(void **state)
{
	struct stage *s = *state;
	struct order order = place(s, "AMZ-GB", "10.00");

	s->rules->give_up_after_ms = (int64_t)60 * MS_A_DAY;
	s->rules->retry_first_ms = s->rules->retry_max_ms = MS_A_DAY;
	runa_always_says(s, ROUTE_ORDER, &(struct reply){ .transport = RUNA_LOST });
	stage_run(s, (int64_t)5 * MS_A_DAY);
	stage_jump(s, -(int64_t)100 * MS_A_DAY);
	stage_run(s, MS_A_DAY);
	for (int i = 0; i < 60 && order_now(s, order.number).status == ORDER_PLACING; i++) stage_run(s, MS_A_DAY);
	assert_string_equal(order_now(s, order.number).advice, "stuck_key_old");
	for (size_t i = 0; i < runa_request_count(s); i++)
		assert_true(runa_request_ms(s, i) - runa_request_ms(s, 0) < (int64_t)29 * MS_A_DAY);
	assert_true(runa_request_count(s) > 20);
}

/* The process is stopped for ten minutes and goes on (faults 27): no jump, its leases have ended. */
static void a_process_that_was_stopped_for_a_while_goes_on(void **state)
{
	struct stage *s = *state;
	struct order order = place(s, "AMZ-GB", "10.00");

	runa_will_answer(s, (struct reply){ .makes_order = true, .after_ms = 2000 });
	stage_run(s, 1000);
	stage_sleep(s, 10 * MS_A_MINUTE);
	stage_run(s, 1000);
	assert_int_equal(order_now(s, order.number).status, ORDER_COMPLETED);
	assert_int_equal(runa_request_count(s), 1);
	stage_holds(s);
}

/* ---- the process ---------------------------------------------------------------------------------------------- */

static void what_was_under_way_when_it_died_is_sent_again_with_the_same_bytes(void **state)
{
	static const enum faulty_kept kept[] = { FAULTY_KEEP_ALL, FAULTY_KEEP_SYNCED, FAULTY_KEEP_SOME };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(kept); i++) {
		struct stage *s = stage_open();
		struct order order = place(s, "AMZ-GB", "10.00");

		dispatcher_turn(s->dispatcher, 0);
		assert_int_equal(s->runa.made_count, 1); /* Runa made it; nobody heard */
		stage_crash(s, kept[i]);
		assert_int_equal(order_now(s, order.number).money_moved, MONEY_MOVED_UNKNOWN);
		order = settle_order(s, order.number);
		assert_int_equal(order.status, ORDER_COMPLETED);
		assert_int_equal(runa_request_count(s), 2);
		assert_string_equal(runa_request(s, 0), runa_request(s, 1));
		stage_holds(s);
		stage_close(s);
	}
}

static void a_refusal_after_a_crash_says_nothing_about_the_try_before_it(void **state)
{
	struct stage *s = *state;
	struct order order = place(s, "AMZ-GB", "10.00");

	dispatcher_turn(s->dispatcher, 0);
	stage_crash(s, FAULTY_KEEP_SYNCED);
	runa_will_answer(s, REFUSAL(400, "insufficient_funds"));
	stage_run(s, 300);
	order = order_now(s, order.number);
	assert_int_equal(order.status, ORDER_PLACING);
	assert_int_equal(order.money_moved, MONEY_MOVED_UNKNOWN);
	assert_int_equal(settle_order(s, order.number).status, ORDER_COMPLETED);
	stage_holds(s);
}

static void who_stops_claiming_finishes_what_is_under_way(void **state)
{
	struct stage *s = *state;
	struct order first = place(s, "AMZ-GB", "10.00"), second;

	dispatcher_turn(s->dispatcher, 0);
	dispatcher_stop_claiming(s->dispatcher);
	second = place(s, "AMZ-GB", "10.00");
	stage_run(s, MS_A_MINUTE);
	assert_int_equal(dispatcher_in_flight(s->dispatcher), 0);
	assert_int_equal(order_now(s, first.number).status, ORDER_COMPLETED);
	assert_int_equal(order_now(s, second.number).money_moved, MONEY_MOVED_NO);
	assert_int_equal(runa_request_count(s), 1);
	stage_sleep(s, 1000);
	stage_restart(s);
	assert_int_equal(settle_order(s, second.number).status, ORDER_COMPLETED);
}

/* Plain CGI: the request drives its own order and no other. */
static void one_who_drives_one_order_leaves_the_others_alone(void **state)
{
	struct stage *s = *state;
	struct order other = place(s, "AMZ-GB", "10.00"), own = place(s, "AMZ-GB", "10.00");
	struct dispatcher *dispatcher = dispatcher_open(&(struct dispatcher_options){
		.desk = s->desk, .line = &s->runa.line, .only_order = own.number });

	dispatcher_turn(dispatcher, 0);
	dispatcher_stop_claiming(dispatcher);
	while (dispatcher_in_flight(dispatcher) > 0) dispatcher_turn(dispatcher, 1000);
	dispatcher_close(dispatcher);
	assert_int_equal(order_now(s, own.number).status, ORDER_COMPLETED);
	assert_int_equal(order_now(s, other.number).status, ORDER_PLACING);
	assert_int_equal(runa_request_count(s), 1);
}

static void an_attempt_made_for_another_upstream_is_never_sent_to_this_one(void **state)
{
	struct stage *s = *state;
	struct order order = place(s, "AMZ-GB", "10.00");

	s->rules->base_url = "http://127.0.0.1:2/v2";
	stage_run(s, MS_AN_HOUR);
	assert_int_equal(s->runa.request_count, 0);
	s->rules->base_url = "http://127.0.0.1:1/v2";
	assert_int_equal(settle_order(s, order.number).status, ORDER_COMPLETED);
}

static void idle_means_that_nothing_is_under_way_and_nothing_is_due(void **state)
{
	struct stage *s = *state;

	assert_true(dispatcher_is_idle(s->dispatcher, MS_A_DAY));
	runa_will_answer(s, CONNECTION_RESET);
	place(s, "AMZ-GB", "10.00");
	assert_false(dispatcher_is_idle(s->dispatcher, 0));
	dispatcher_turn(s->dispatcher, 0);
	assert_int_equal(dispatcher_in_flight(s->dispatcher), 1);
	assert_false(dispatcher_is_idle(s->dispatcher, 0));
	stage_run(s, 200);
	assert_true(dispatcher_is_idle(s->dispatcher, 100)); /* due in half a second at the earliest */
	assert_false(dispatcher_is_idle(s->dispatcher, 2000));
	stage_run(s, 2000);
	assert_true(dispatcher_is_idle(s->dispatcher, MS_A_DAY));
}

static void a_wake_reaches_the_line(void **state)
{
	struct stage *s = *state;

	dispatcher_wake(s->dispatcher);
	assert_int_equal(s->runa.wakes, 1);
}

int main(void)
{
#define ON_STAGE(test) cmocka_unit_test_setup_teardown(test, stage_set_up, stage_tear_down)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_that_finds_no_room_is_recorded_later),
		cmocka_unit_test(a_stop_gives_an_answer_that_waits_one_more_chance),
		cmocka_unit_test(fault_47_a_refusal_of_what_the_line_sent_twice_settles_nothing),
		ON_STAGE(without_room_nothing_new_is_sent),
		ON_STAGE(a_broken_ledger_is_left_alone_without_burning_a_processor),
		ON_STAGE(a_start_without_room_waits_and_does_not_spin),
		ON_STAGE(a_ledger_that_breaks_at_the_answer_finds_it_again_under_the_same_key),
		cmocka_unit_test(a_clock_that_jumps_sends_nothing_early),
		cmocka_unit_test(after_a_leap_of_weeks_a_key_that_was_sent_is_looked_for_and_not_sent_again),
		ON_STAGE(after_a_leap_of_weeks_an_order_that_was_never_sent_is_sent),
		ON_STAGE(a_clock_that_jumps_starts_no_storm),
		ON_STAGE(a_call_under_way_is_not_doubled_by_a_jump),
		ON_STAGE(a_keys_age_stays_true_whatever_the_clock_says),
		ON_STAGE(a_process_that_was_stopped_for_a_while_goes_on),
		cmocka_unit_test(what_was_under_way_when_it_died_is_sent_again_with_the_same_bytes),
		ON_STAGE(a_refusal_after_a_crash_says_nothing_about_the_try_before_it),
		ON_STAGE(who_stops_claiming_finishes_what_is_under_way),
		ON_STAGE(one_who_drives_one_order_leaves_the_others_alone),
		ON_STAGE(an_attempt_made_for_another_upstream_is_never_sent_to_this_one),
		ON_STAGE(idle_means_that_nothing_is_under_way_and_nothing_is_due),
		ON_STAGE(a_wake_reaches_the_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
