/* test_search_walk.c: a walk through Runa's list takes its time, page by page: nobody waits for it, and what is done
 * to an order meanwhile, by a person or by another process, is not undone by its end. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "support/stage.h"

static const struct reply fault = { .status = 500, .type = "internal_server_error" };
static const struct reply fault_made = { .status = 500, .type = "internal_server_error", .makes_order = true };
static const struct reply lost = { .transport = RUNA_LOST };

static int64_t list_ms(struct stage *s, size_t no)
{
	for (size_t i = 0; i < s->runa.request_count; i++)
		if (s->runa.requests[i].route == ROUTE_LIST && no-- == 0) return s->runa.requests[i].steady_ms;
	fail_msg("there was no such search");
	return 0;
}

/* ---- page by page -------------------------------------------------------------------------------------------- */

/* Four bought orders, one a page, and a fifth that is being looked for: the first page has been asked for. */
static struct order begin_walk(struct stage *s)
{
	struct order order;

	for (int i = 0; i < 4; i++) place_and_settle(s, "AMZ-GB", "10.00");
	s->runa.list_page = 1;
	runa_always_says(s, ROUTE_ORDER, &fault_made);
	order = place(s, "AMZ-GB", "10.00");
	while (runa_count(s, ROUTE_LIST) == 0) stage_run(s, 100);
	return order;
}

static size_t tries_of(struct stage *s, const char *number, enum task task, enum meaning meaning)
{
	struct attempt_try *tries;
	size_t count, of = 0;

	assert_int_equal(order_tries(s->desk, s->mem, number, &tries, &count), LEDGER_OK);
	for (size_t i = 0; i < count; i++)
		of += tries[i].task == task && tries[i].ended_at_ms != 0 && tries[i].meaning == meaning;
	return of;
}

static void pages_are_asked_for_with_pauses_and_nobody_else_waits(void **state)
{
	struct stage *s = *state;
	struct order order = begin_walk(s);
	size_t sent = runa_request_count(s);

	stage_run(s, 100);
	assert_int_equal(runa_count(s, ROUTE_LIST), 1);
	runa_always_says(s, ROUTE_ORDER, NULL);
	assert_int_equal(dispatcher_in_flight(s->dispatcher), 1);
	place(s, "AMZ-GB", "10.00");
	stage_run(s, 50);
	assert_int_equal(runa_request_count(s), sent + 1);
	assert_int_equal(settle_order(s, order.number).status, ORDER_COMPLETED);
	assert_int_equal(runa_count(s, ROUTE_LIST), 5);
	for (size_t i = 1; i < 5; i++) /* from the answer, which takes a tenth of a second */
		assert_in_range(list_ms(s, i) - list_ms(s, i - 1), 600, 650);
	assert_int_equal(tries_of(s, order.number, TASK_SEARCH, MEANING_FOUND), 1);
}

static void one_walk_begins_after_another_with_the_same_pause(void **state)
{
	struct stage *s = *state;
	struct order first = begin_walk(s), second;

	runa_always_says(s, ROUTE_ORDER, NULL);
	runa_will_answer(s, REFUSAL(400, "idempotency_validation_error"));
	second = place(s, "AMZ-GB", "10.00");
	stage_run(s, 200);
	assert_int_equal(order_retry(s->desk, second.number, &alice), RETRIED_LOOKING);
	stage_run(s, 10000);
	assert_int_equal(order_now(s, first.number).status, ORDER_COMPLETED);
	assert_int_equal(runa_count(s, ROUTE_LIST), 5 + 6);
	for (size_t i = 1; i < 11; i++) assert_in_range(list_ms(s, i) - list_ms(s, i - 1), 600, 650);
}

static void after_a_429_a_walk_goes_on_with_the_same_page(void **state)
{
	struct stage *s = *state;
	struct order order = begin_walk(s);

	for (int i = 0; i < 3; i++) runa_will_say(s, ROUTE_LIST, TOO_FAST);
	assert_int_equal(settle_order(s, order.number).status, ORDER_COMPLETED);
	assert_int_equal(runa_count(s, ROUTE_LIST), 5 + 3);
	assert_int_equal(tries_of(s, order.number, TASK_SEARCH, MEANING_FOUND), 1);
	assert_true(list_ms(s, 2) - list_ms(s, 1) >= 5000);
	assert_true(list_ms(s, 3) - list_ms(s, 2) >= 10000);
	assert_int_equal(list_ms(s, 6) - list_ms(s, 5), 600);
	stage_holds(s);
}

static void a_walk_is_slowed_down_five_times_at_most(void **state)
{
	static const struct reply too_fast = { .status = 429, .body = "{\"error\":\"rate exceeded\"}" };
	struct stage *s = *state;
	struct order order = begin_walk(s);

	runa_always_says(s, ROUTE_LIST, &too_fast);
	while (tries_of(s, order.number, TASK_SEARCH, MEANING_NO_NEWS) == 0) stage_run(s, 1000);
	assert_int_equal(runa_count(s, ROUTE_LIST), 1 + 6);
	runa_always_says(s, ROUTE_LIST, NULL);
	assert_int_equal(settle_order(s, order.number).status, ORDER_COMPLETED);
	stage_holds(s);
}

static void a_desk_that_is_stopped_asks_for_no_further_page(void **state)
{
	static const struct reply unauthorized = { .status = 401, .type = "unauthorized" };
	struct stage *s = *state;
	struct order order = begin_walk(s);

	runa_always_says(s, ROUTE_PING, &unauthorized);
	runa_will_answer(s, unauthorized);
	place(s, "AMZ-GB", "10.00");
	stage_run(s, MS_A_MINUTE);
	assert_int_equal(runa_count(s, ROUTE_LIST), 1);
	assert_int_equal(tries_of(s, order.number, TASK_SEARCH, MEANING_NO_NEWS), 1);
	assert_int_equal(dispatcher_in_flight(s->dispatcher), 0);
	runa_always_says(s, ROUTE_PING, NULL);
	assert_int_equal(settle_order(s, order.number).status, ORDER_COMPLETED);
	stage_holds(s);
}

static void who_stops_for_good_leaves_a_walk_to_the_next_start(void **state)
{
	struct stage *s = *state;
	struct order order = begin_walk(s);

	dispatcher_stop_claiming(s->dispatcher);
	stage_run(s, MS_A_MINUTE);
	assert_int_equal(dispatcher_in_flight(s->dispatcher), 0);
	assert_int_equal(runa_count(s, ROUTE_LIST), 1);
	stage_restart(s);
	assert_int_equal(settle_order(s, order.number).status, ORDER_COMPLETED);
	assert_int_equal(tries_of(s, order.number, TASK_SEARCH, MEANING_FOUND), 1);
	stage_holds(s);
}

/* Plain CGI: whoever was opened for one order would otherwise never come to an end of Runa's list. */
static void one_who_drives_one_order_walks_to_the_end_of_the_list(void **state)
{
	struct stage *s = *state;
	struct order order;
	struct dispatcher *dispatcher;

	for (int i = 0; i < 2; i++) place_and_settle(s, "AMZ-GB", "10.00");
	s->runa.list_page = 1;
	runa_will_answer(s, (struct reply){ .status = 400, .type = "idempotency_validation_error", .makes_order = true });
	order = place_and_settle(s, "AMZ-GB", "10.00");
	assert_int_equal(order_retry(s->desk, order.number, &alice), RETRIED_LOOKING);
	dispatcher = dispatcher_open(&(struct dispatcher_options){ .desk = s->desk, .line = &s->runa.line,
	                                                           .only_order = order.number });
	dispatcher_turn(dispatcher, 0);
	dispatcher_stop_claiming(dispatcher);
	while (dispatcher_in_flight(dispatcher) > 0) dispatcher_turn(dispatcher, 1000);
	dispatcher_close(dispatcher);
	assert_int_equal(runa_count(s, ROUTE_LIST), 3);
	assert_int_equal(attempt_latest(s, order.number).state, ATTEMPT_ACCEPTED);
	assert_int_equal(settle_order(s, order.number).status, ORDER_COMPLETED);
	stage_holds(s);
}

/* ---- what is done meanwhile ------------------------------------------------------------------------------------- */

/* Sent and never answered; `attempts` - 1 of them are given up, and the last is being looked for, slowly. */
static struct order place_and_look(struct stage *s, int attempts, const struct reply *order_says,
                                   const struct reply *list_says)
{
	struct order order = place(s, "AMZ-GB", "10.00");
	size_t looks;

	runa_always_says(s, ROUTE_ORDER, &lost);
	if (attempts > 1) assert_string_equal(settle_order(s, order.number).advice, "stuck_absent");
	looks = runa_count(s, ROUTE_LIST);
	if (attempts > 1) assert_int_equal(renew(s, order.number, &bob, "not there"), RENEWED);
	runa_always_says(s, ROUTE_ORDER, order_says);
	runa_always_says(s, ROUTE_LIST, list_says);
	while (runa_count(s, ROUTE_LIST) == looks) stage_run(s, 100);
	assert_string_equal(order_now(s, order.number).advice, "searching");
	return order;
}

static void a_search_that_finds_nothing_leaves_try_again_now_as_it_was_asked_for(void **state)
{
	static const struct { int attempts; struct reply list; } rows[] = {
		{ 1, { .after_ms = 20000 } }, { 1, { .status = 500, .after_ms = 20000 } },
		{ 2, { .after_ms = 20000 } }, { 2, { .status = 500, .after_ms = 20000 } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct stage *s = stage_open();
		struct order order = place_and_look(s, rows[i].attempts, &lost, &rows[i].list);
		size_t sent = runa_request_count(s);
		struct attempt asked;

		assert_int_equal(order_retry(s->desk, order.number, &carol), RETRIED);
		asked = attempt_latest(s, order.number);
		assert_int_equal(asked.task, TASK_SEND);
		runa_always_says(s, ROUTE_ORDER, NULL);
		stage_run(s, 19000);
		assert_int_equal(runa_request_count(s), sent); /* not beside the search */
		assert_int_equal(attempt_latest(s, order.number).due_at_ms, asked.due_at_ms);
		stage_run(s, 2000);
		assert_int_equal(runa_request_count(s), sent + 1);
		assert_int_equal(order_now(s, order.number).status, ORDER_COMPLETED);
		assert_int_equal(try_count(s, order.number), (int)sent + (int)runa_count(s, ROUTE_LIST) + 1);
		stage_holds(s);
		stage_close(s);
	}
}

/* While it was under way its key grew too old, and a person asked for a search: that is still to come. */
static void an_answer_to_a_sending_is_no_look(void **state)
{
	struct stage *s = *state;
	struct order order = place(s, "AMZ-GB", "10.00");
	struct reply busy = REFUSAL(400, "idempotency_in_progress");

	busy.after_ms = 30000;
	runa_will_answer(s, lost);
	runa_will_answer(s, busy);
	stage_run(s, 5000);
	assert_int_equal(runa_request_count(s), 2);
	stage_jump(s, (int64_t)29 * MS_A_DAY);
	assert_int_equal(order_retry(s->desk, order.number, &carol), RETRIED_TOO_OLD);
	stage_run(s, 10 * MS_A_MINUTE);
	assert_int_equal(runa_count(s, ROUTE_LIST), 1);
	assert_int_equal(order_now(s, order.number).status, ORDER_PLACING);
	stage_run(s, 10 * MS_A_MINUTE);
	assert_int_equal(runa_count(s, ROUTE_LIST), 2);
	assert_string_equal(order_now(s, order.number).advice, "stuck_key_old");
	assert_int_equal(runa_request_count(s), 2);
	stage_holds(s);
}

static void a_search_that_finds_the_order_settles_it_whatever_was_asked_for(void **state)
{
	static const struct reply lost_made = { .transport = RUNA_LOST, .makes_order = true };
	static const struct reply slow = { .after_ms = 20000 };
	struct stage *s = *state;
	struct order order = place_and_look(s, 1, &lost_made, &slow);
	size_t sent = runa_request_count(s);

	assert_int_equal(order_retry(s->desk, order.number, &carol), RETRIED);
	stage_run(s, 21000);
	assert_int_equal(order_now(s, order.number).status, ORDER_COMPLETED);
	assert_int_equal(runa_request_count(s), sent);
	assert_int_equal(runa_count(s, ROUTE_POLL), 1);
	stage_holds(s);
}

/* A walk took longer than its lease, and another process has looked meanwhile. */
static void two_looks_at_the_same_time_are_one(void **state)
{
	static const struct reply slow = { .after_ms = 20000 };
	struct stage *s = *state;
	struct order order;
	struct ledger_step other;
	struct attempt attempt;

	runa_always_says(s, ROUTE_ORDER, &fault);
	order = place_and_settle(s, "AMZ-GB", "10.00");
	assert_int_equal(renew(s, order.number, &bob, "a"), RENEWED);
	runa_always_says(s, ROUTE_LIST, &slow);
	stage_run(s, MS_AN_HOUR);
	while (s->runa.requests[s->runa.request_count - 1].route != ROUTE_LIST) stage_run(s, 1000);
	attempt = attempt_latest(s, order.number);
	assert_int_equal(attempt.polls, 0);
	other = (struct ledger_step){ .attempt_id = attempt.id, .from = attempt.state, .from_task = TASK_SEARCH,
	                              .to = attempt.state, .task = TASK_SEARCH, .polls = 1, .mute = attempt.mute,
	                              .now_ms = s->wall_ms, .due_at_ms = s->wall_ms + 15 * MS_A_MINUTE,
	                              .order_status = ORDER_PLACING, .money_moved = MONEY_MOVED_UNKNOWN,
	                              .advice = "searching", .who = "dispatcher", .act = "answered" };
	assert_int_equal(ledger_record(s->ledger, &other), LEDGER_OK);
	stage_run(s, MS_A_MINUTE);
	assert_int_equal(order_now(s, order.number).status, ORDER_PLACING);
	assert_int_equal(attempt_latest(s, order.number).polls, 1);
	assert_string_equal(settle_order(s, order.number).advice, "stuck_absent");
	stage_holds(s);
}

int main(void)
{
#define ON_STAGE(test) cmocka_unit_test_setup_teardown(test, stage_set_up, stage_tear_down)
	const struct CMUnitTest tests[] = {
		ON_STAGE(pages_are_asked_for_with_pauses_and_nobody_else_waits),
		ON_STAGE(one_walk_begins_after_another_with_the_same_pause),
		ON_STAGE(after_a_429_a_walk_goes_on_with_the_same_page),
		ON_STAGE(a_walk_is_slowed_down_five_times_at_most),
		ON_STAGE(a_desk_that_is_stopped_asks_for_no_further_page),
		ON_STAGE(who_stops_for_good_leaves_a_walk_to_the_next_start),
		ON_STAGE(one_who_drives_one_order_walks_to_the_end_of_the_list),
		cmocka_unit_test(a_search_that_finds_nothing_leaves_try_again_now_as_it_was_asked_for),
		ON_STAGE(a_search_that_finds_the_order_settles_it_whatever_was_asked_for),
		ON_STAGE(an_answer_to_a_sending_is_no_look),
		ON_STAGE(two_looks_at_the_same_time_are_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
