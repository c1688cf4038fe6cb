/* test_dispatcher.c: each row of design 3, end to end: how many calls, which bytes, and what the person reads
 * about money. The pace, the set-up, searches and the clock have files of their own. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "support/stage.h"

static void all_requests_are_the_same(struct stage *s)
{
	for (size_t i = 1; i < runa_request_count(s); i++)
		assert_string_equal(runa_request(s, 0), runa_request(s, i));
}

static void an_unanswered_try_is_sent_again_with_the_same_bytes(void **state)
{
	struct stage *s = *state;

	runa_will_answer(s, CONNECTION_RESET);
	runa_will_answer(s, COMPLETED);
	struct order order = place_and_settle(s, "AMZ-GB", "10.00");
	assert_int_equal(runa_request_count(s), 2);
	assert_string_equal(runa_request(s, 0), runa_request(s, 1));
	assert_int_equal(order.status, ORDER_COMPLETED);
}

static void a_completed_order_has_all_that_runa_said(void **state)
{
	struct stage *s = *state;
	struct order order = place_and_settle(s, "AMZ-GB", "12.50");

	assert_int_equal(runa_request_count(s), 1);
	assert_int_equal(order.status, ORDER_COMPLETED);
	assert_int_equal(order.money_moved, MONEY_MOVED_YES);
	assert_string_equal(order.advice, "completed");
	assert_int_equal(order.price.minor, 1250);
	assert_int_equal(order.discount.minor, 50);
	assert_string_equal(order.price.currency, "GBP");
	assert_string_equal(order.runa_order_id, "O-1");
	assert_string_equal(order.payout_status, "ACTIVE");
	assert_null(order.payout_expiry);
	assert_true(order.completed_at_ms > 0);
	assert_string_equal(order_link(s->desk, s->mem, &order), "https://spend.runa.test/O-1");
	stage_run(s, MS_A_DAY);
	assert_int_equal(s->runa.request_count, 1);
	stage_holds(s);
}

/* ---- one answer, and then Runa as usual --------------------------------------------------------------- */

struct row {
	const char *what;
	struct reply reply;
	size_t calls, polls;
	enum order_status status;
	enum money_moved money;
	const char *advice, *error_type;
};

/* Runs each row on a stage of its own. */
static void run(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct row *row = &rows[i];
		struct stage *s = stage_open();
		struct order order;

		runa_will_answer(s, row->reply);
		order = place_and_settle(s, "AMZ-GB", "10.00");
		if (runa_request_count(s) != row->calls || runa_count(s, ROUTE_POLL) != row->polls ||
		    order.status != row->status || order.money_moved != row->money ||
		    strcmp(order.advice, row->advice) != 0)
			fail_msg("%s: %zu calls, %zu polls, %s, money %s, %s", row->what, runa_request_count(s),
			         runa_count(s, ROUTE_POLL), order_status_name(order.status),
			         order_money_moved_name(order.money_moved), order.advice);
		if (row->error_type != NULL) assert_string_equal(order.error_type, row->error_type);
		else assert_null(order.error_type);
		all_requests_are_the_same(s);
		assert_int_equal(attempt_count(s, order.number), 1);
		stage_run(s, MS_A_DAY); /* nothing comes after it */
		assert_int_equal(runa_request_count(s), row->calls);
		stage_holds(s);
		stage_close(s);
	}
}

#define BOUGHT(what, reply, calls, polls)                                                             \
	{ what, reply, calls, polls, ORDER_COMPLETED, MONEY_MOVED_YES, "completed", NULL }
#define REPLY(...) ((struct reply){ __VA_ARGS__ })

static void whatever_a_success_looks_like_the_order_is_bought_once(void **state)
{
	const struct row rows[] = {
		BOUGHT("200 completed", COMPLETED, 1, 0),
		BOUGHT("202 completed", REPLY(.status = 202, .makes_order = true), 1, 0),
		BOUGHT("completed, without its link",
		       REPLY(.makes_order = true, .cut_out = "\"url\"", .put_in = "\"uri\""), 1, 1),
		BOUGHT("completed, with a link that is none",
		       REPLY(.makes_order = true, .cut_out = "https://", .put_in = "javascript:"), 1, 1),
		BOUGHT("completed, without a price",
		       REPLY(.makes_order = true, .cut_out = "total_price", .put_in = "totalprice"), 1, 1),
		BOUGHT("an order of a status that we don't know",
		       REPLY(.makes_order = true, .cut_out = "\"COMPLETED\"", .put_in = "\"ON_HOLD\""), 1, 1),
	};

	(void)state;
	run(rows, COUNT_OF(rows));
}

static void what_says_nothing_clear_is_sent_again_under_the_same_key(void **state)
{
	const struct row rows[] = {
		BOUGHT("reset before it was made", CONNECTION_RESET, 2, 0),
		BOUGHT("reset after it was made", ANSWER_LOST, 2, 0),
		BOUGHT("500, made", REPLY(.status = 500, .type = "internal_server_error", .makes_order = true), 2, 0),
		BOUGHT("500, not made", REPLY(.status = 500, .type = "internal_server_error"), 2, 0),
		BOUGHT("504", REPLY(.status = 504, .type = "timeout"), 2, 0),
		BOUGHT("502 of a gateway", REPLY(.status = 502, .body = "<html>Bad Gateway</html>"), 2, 0),
		BOUGHT("503", REPLY(.status = 503, .body = "", .retry_after_ms = 7000), 2, 0),
		BOUGHT("200, not JSON", REPLY(.body = "<html>Welcome</html>"), 2, 0),
		BOUGHT("200, cut short", REPLY(.makes_order = true, .body = "{\"id\":\"O-1\",\"status\":\"COMP"), 2, 0),
		BOUGHT("200, empty", REPLY(.makes_order = true, .body = ""), 2, 0),
		BOUGHT("200, without an id",
		       REPLY(.makes_order = true, .cut_out = "\"id\":\"O-1\"", .put_in = "\"ID\":1"), 2, 0),
		BOUGHT("200, nested deep", REPLY(.body = "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["), 2, 0),
		BOUGHT("204", REPLY(.status = 204, .body = ""), 2, 0),
		BOUGHT("a redirect", REPLY(.status = 302, .body = "", .makes_order = true), 2, 0),
		BOUGHT("a 4xx of a type that we don't know", REFUSAL(400, "out_of_cheese"), 2, 0),
		BOUGHT("a 4xx without a type", REPLY(.status = 400, .body = "{}"), 2, 0),
		BOUGHT("409", REFUSAL(409, "conflict"), 2, 0),
		BOUGHT("in progress, as 400", REFUSAL(400, "idempotency_in_progress"), 2, 0),
		BOUGHT("in progress, as 102 alone", ONLY_102, 2, 0),
		BOUGHT("in progress, as 200", REFUSAL(200, "idempotency_in_progress"), 2, 0),
		BOUGHT("429", TOO_FAST, 2, 0),
		BOUGHT("401", REFUSAL(401, "unauthorized"), 2, 0),
		BOUGHT("403", REFUSAL(403, "forbidden"), 2, 0),
		BOUGHT("410", REFUSAL(410, "version_removed"), 2, 0),
		BOUGHT("no such version", REFUSAL(400, "invalid_version"), 2, 0),
		BOUGHT("no such mode", REFUSAL(400, "invalid_execution_mode"), 2, 0),
		BOUGHT("plain http", REFUSAL(400, "insecure_protocol"), 2, 0),
		BOUGHT("not reached", UNREACHABLE, 2, 0),
		BOUGHT("not trusted", NOT_TRUSTED, 2, 0),
	};

	(void)state;
	run(rows, COUNT_OF(rows));
}

#define REFUSED(code, word)                                                                           \
	{ word, { .status = code, .type = word }, 1, 0, ORDER_FAILED, MONEY_MOVED_NO, "refused", word }

static void a_final_refusal_is_taken_at_its_word(void **state)
{
	const struct row rows[] = {
		REFUSED(400, "insufficient_funds"), REFUSED(400, "product_validation_error"),
		REFUSED(400, "currency_mismatch"), REFUSED(400, "bad_request"),
		REFUSED(400, "payment_method_unavailable"), REFUSED(400, "invalid_card_id"),
		REFUSED(400, "currency_not_supported"), REFUSED(400, "pagination_error"),
		REFUSED(403, "ordering_restricted"), REFUSED(404, "not_found"), REFUSED(422, "validation_error"),
	};

	(void)state;
	run(rows, COUNT_OF(rows));
}

static void what_is_not_ours_or_does_not_fit_is_for_a_person(void **state)
{
#define STRANGE(what, advice, ...)                                                                    \
	{ what, { __VA_ARGS__ }, 1, 0, ORDER_NEEDS_ATTENTION, MONEY_MOVED_UNKNOWN, advice, NULL }
	const struct row rows[] = {
		{ "other bytes under the key", { .status = 400, .type = "idempotency_validation_error" }, 1, 0,
		  ORDER_NEEDS_ATTENTION, MONEY_MOVED_UNKNOWN, "stuck_mismatch", "idempotency_validation_error" },
		STRANGE("another description", "stuck_foreign", .makes_order = true, .cut_out = "\"description\":\"",
		        .put_in = "\"description\":\"not ours\",\"x\":\""),
		STRANGE("another product", "stuck_foreign", .makes_order = true, .cut_out = "\"value\":\"AMZ-GB\"",
		        .put_in = "\"value\":\"TES-GB\""),
		STRANGE("another value", "stuck_foreign", .makes_order = true, .cut_out = "\"face_value\":\"10\"",
		        .put_in = "\"face_value\":\"100\""),
	};

	(void)state;
	run(rows, COUNT_OF(rows));
}

static void fault_41_an_order_that_is_not_ours_is_not_adopted_with_anything(void **state)
{
	struct stage *s = *state;
	struct order order;

	runa_will_answer(s, (struct reply){ .makes_order = true, .cut_out = "\"AMZ-GB\"", .put_in = "\"TES-GB\"" });
	order = place_and_settle(s, "AMZ-GB", "10.00");
	assert_string_equal(order.advice, "stuck_foreign");
	assert_null(order.runa_order_id);
	assert_null(order.link_sealed);
	assert_null(order.payout_status);
	assert_string_equal(order.price.currency, "");
	assert_null(attempt_latest(s, order.number).runa_order_id);
}

/* ---- several answers --------------------------------------------------------------------------------------- */

static void a_refusal_after_an_unknown_try_leaves_it_unknown(void **state)
{
	struct stage *s = *state;
	struct order order = place(s, "AMZ-GB", "10.00");

	runa_will_answer(s, ANSWER_LOST);
	runa_will_answer(s, REFUSAL(400, "insufficient_funds"));
	runa_will_answer(s, REFUSAL(401, "unauthorized"));
	stage_run(s, 1300);
	assert_int_equal(runa_request_count(s), 2);
	order = order_now(s, order.number);
	assert_int_equal(order.status, ORDER_PLACING);
	assert_int_equal(order.money_moved, MONEY_MOVED_UNKNOWN);
	assert_string_equal(order.advice, "waiting_unknown");
	assert_string_equal(order.error_type, "insufficient_funds");
	order = settle_order(s, order.number);
	assert_int_equal(order.status, ORDER_COMPLETED);
	assert_int_equal(runa_request_count(s), 4);
	all_requests_are_the_same(s);
	stage_holds(s);
}

static void a_refusal_after_tries_that_never_left_is_final(void **state)
{
	struct stage *s = *state;
	struct order order = place(s, "AMZ-GB", "10.00");

	runa_will_answer(s, UNREACHABLE);
	runa_will_answer(s, TOO_FAST);
	runa_will_answer(s, UNREACHABLE);
	runa_will_answer(s, REFUSAL(400, "insufficient_funds"));
	order = settle_order(s, order.number);
	assert_int_equal(order.status, ORDER_FAILED);
	assert_int_equal(order.money_moved, MONEY_MOVED_NO);
	assert_int_equal(runa_request_count(s), 4);
	all_requests_are_the_same(s);
}

static void while_it_cannot_be_reached_the_order_is_known_to_have_cost_nothing(void **state)
{
	struct stage *s = *state;
	struct order order = place(s, "AMZ-GB", "10.00");

	for (size_t i = 0; i < 3; i++) {
		runa_will_answer(s, UNREACHABLE);
		while (runa_request_count(s) == i) stage_run(s, 10);
		stage_run(s, 110);
		order = order_now(s, order.number);
		assert_int_equal(order.money_moved, MONEY_MOVED_NO);
		assert_string_equal(order.advice, "waiting_unreachable");
	}
	assert_int_equal(settle_order(s, order.number).status, ORDER_COMPLETED);
}

static void from_the_first_byte_on_nobody_says_that_no_money_moved(void **state)
{
	struct stage *s = *state;
	struct order order = place(s, "AMZ-GB", "10.00");

	runa_will_answer(s, (struct reply){ .makes_order = true, .after_ms = 30000 });
	assert_int_equal(order_now(s, order.number).money_moved, MONEY_MOVED_NO);
	stage_run(s, 1000);
	order = order_now(s, order.number);
	assert_int_equal(order.money_moved, MONEY_MOVED_UNKNOWN);
	assert_string_equal(order.advice, "waiting_sent");
	stage_run(s, 30000);
	assert_int_equal(order_now(s, order.number).status, ORDER_COMPLETED);
	assert_int_equal(runa_request_count(s), 1);
}

static void in_progress_ten_times_is_asked_again_after_pauses(void **state)
{
	struct stage *s = *state;
	struct order order = place(s, "AMZ-GB", "10.00");

	for (int i = 0; i < 10; i++) runa_will_answer(s, i % 2 == 0 ? REFUSAL(400, "idempotency_in_progress") : ONLY_102);
	order = settle_order(s, order.number);
	assert_int_equal(order.status, ORDER_COMPLETED);
	assert_int_equal(runa_request_count(s), 11);
	all_requests_are_the_same(s);
	for (size_t i = 1; i < 11; i++)
		assert_in_range(runa_request_ms(s, i) - runa_request_ms(s, i - 1), 3000, 10300);
}

static void tries_back_off_and_are_told_apart(void **state)
{
	struct stage *s = *state;
	struct order order = place(s, "AMZ-GB", "10.00");
	int64_t whole = 1000;

	for (int i = 0; i < 8; i++) runa_will_answer(s, REFUSAL(500, "internal_server_error"));
	order = settle_order(s, order.number);
	assert_int_equal(order.status, ORDER_COMPLETED);
	assert_int_equal(runa_request_count(s), 9);
	assert_int_equal(try_count(s, order.number), 9);
	assert_int_equal(order.tries, 9);
	for (size_t i = 1; i < 9; i++, whole *= 2)
		assert_in_range(runa_request_ms(s, i) - runa_request_ms(s, i - 1), whole / 2, whole + 200);
}

/* Rule A of runa-api 8.2: the 5xx is stored with the key, and the order is there. */
static void a_stored_5xx_of_an_order_that_was_made_is_found_in_the_list(void **state)
{
	static const struct reply stored = { .status = 500, .type = "internal_server_error", .makes_order = true };
	struct stage *s = *state;
	struct order order;

	runa_always_says(s, ROUTE_ORDER, &stored);
	order = place_and_settle(s, "AMZ-GB", "10.00");
	assert_int_equal(order.status, ORDER_COMPLETED);
	assert_int_equal(order.money_moved, MONEY_MOVED_YES);
	assert_int_equal(runa_request_count(s), 10); /* looked for after ten mute tries */
	assert_int_equal(runa_count(s, ROUTE_LIST), 1);
	assert_int_equal(runa_count(s, ROUTE_POLL), 1);
	assert_non_null(order_link(s->desk, s->mem, &order));
	stage_holds(s);
}

static void a_stored_5xx_without_an_order_ends_with_a_person_after_the_hour(void **state)
{
	static const struct reply stored = { .status = 500, .type = "internal_server_error" };
	struct stage *s = *state;
	int64_t begun = s->steady_ms;
	struct order order;

	runa_always_says(s, ROUTE_ORDER, &stored);
	order = place_and_settle(s, "AMZ-GB", "10.00");
	assert_int_equal(order.status, ORDER_NEEDS_ATTENTION);
	assert_int_equal(order.money_moved, MONEY_MOVED_UNKNOWN);
	assert_string_equal(order.advice, "stuck_absent");
	assert_in_range(s->steady_ms - begun, 75 * MS_A_MINUTE, 90 * MS_A_MINUTE);
	all_requests_are_the_same(s);
	stage_holds(s);
}

/* ---- accepted, and then asked for -------------------------------------------------------------------------- */

static void an_accepted_order_is_polled_on_schedule_until_its_final_word(void **state)
{
	static const int64_t seconds[] = { 2, 4, 8, 16, 30, 60, 60 };
	struct stage *s = *state;
	struct order order = place(s, "AMZ-GB", "10.00");
	int64_t before = s->steady_ms;
	size_t poll = 0;

	runa_will_answer(s, PROCESSING);
	stage_run(s, 200 * MS_A_SECOND);
	assert_int_equal(order_now(s, order.number).status, ORDER_PLACING);
	assert_string_equal(order_now(s, order.number).advice, "waiting_accepted");
	assert_string_equal(order_now(s, order.number).runa_order_id, "O-1");
	for (size_t i = 0; i < s->runa.request_count; i++) {
		if (s->runa.requests[i].route != ROUTE_POLL) continue;
		assert_string_equal(s->runa.requests[i].path, "/order/O-1");
		assert_in_range(s->runa.requests[i].steady_ms - before, seconds[poll] * 1000, seconds[poll] * 1000 + 200);
		before = s->runa.requests[i].steady_ms;
		poll++;
	}
	assert_int_equal(poll, COUNT_OF(seconds));
	s->runa.made[0].says = "COMPLETED";
	order = settle_order(s, order.number);
	assert_int_equal(order.status, ORDER_COMPLETED);
	assert_int_equal(runa_request_count(s), 1);
	stage_holds(s);
}

static void an_accepted_order_that_fails_is_told_as_failed_and_its_money_is_not_known(void **state)
{
	struct stage *s = *state;
	struct order order = place(s, "AMZ-GB", "10.00");

	runa_will_answer(s, PROCESSING);
	stage_run(s, 3000);
	s->runa.made[0].says = "FAILED";
	order = settle_order(s, order.number);
	assert_int_equal(order.status, ORDER_FAILED);
	assert_string_equal(order.advice, "failed_accepted");
	assert_int_equal(order.money_moved, MONEY_MOVED_UNKNOWN);
	assert_int_equal(runa_request_count(s), 1);
}

static void polls_that_bring_nothing_are_made_again(void **state)
{
	static const struct reply bad[] = {
		{ .transport = RUNA_LOST }, { .transport = RUNA_NOT_SENT }, { .status = 404, .type = "not_found" },
		{ .status = 500, .type = "internal_server_error" }, { .body = "<html>" }, { .status = 102, .transport = RUNA_INTERIM },
		{ .body = "{\"id\":\"O-9\",\"status\":\"COMPLETED\"}" }, /* another order's id */
	};
	struct stage *s = *state;
	struct order order = place(s, "AMZ-GB", "10.00");

	runa_will_answer(s, PROCESSING);
	for (size_t i = 0; i < COUNT_OF(bad); i++) runa_will_say(s, ROUTE_POLL, bad[i]);
	runa_will_say(s, ROUTE_POLL, (struct reply){ .says = "COMPLETED" });
	order = settle_order(s, order.number);
	assert_int_equal(order.status, ORDER_COMPLETED);
	assert_int_equal(runa_count(s, ROUTE_POLL), COUNT_OF(bad) + 1);
	assert_int_equal(runa_request_count(s), 1);
	stage_holds(s);
}

static void an_order_that_never_gets_its_final_word_ends_with_a_person(void **state)
{
	struct stage *s = *state;
	struct order order;

	runa_will_answer(s, PROCESSING);
	order = place_and_settle(s, "AMZ-GB", "10.00");
	assert_int_equal(order.status, ORDER_NEEDS_ATTENTION);
	assert_string_equal(order.advice, "stuck_unread");
	assert_int_equal(order.money_moved, MONEY_MOVED_UNKNOWN);
	s->runa.made[0].says = "COMPLETED";
	assert_int_equal(order_retry(s->desk, order.number, &alice), RETRIED_LOOKING);
	assert_int_equal(settle_order(s, order.number).status, ORDER_COMPLETED);
	assert_int_equal(runa_request_count(s), 1);
	stage_holds(s);
}

static void fault_41_what_a_poll_brings_that_is_not_ours_is_never_adopted(void **state)
{
	struct stage *s = *state;
	struct order order;

	runa_will_answer(s, PROCESSING);
	runa_will_say(s, ROUTE_POLL,
	              (struct reply){ .says = "COMPLETED", .cut_out = "\"AMZ-GB\"", .put_in = "\"TES-GB\"" });
	order = place_and_settle(s, "AMZ-GB", "10.00");
	assert_int_equal(order.status, ORDER_NEEDS_ATTENTION);
	assert_string_equal(order.advice, "stuck_foreign");
	assert_null(order.link_sealed);
}

int main(void)
{
#define ON_STAGE(test) cmocka_unit_test_setup_teardown(test, stage_set_up, stage_tear_down)
	const struct CMUnitTest tests[] = {
		ON_STAGE(an_unanswered_try_is_sent_again_with_the_same_bytes),
		ON_STAGE(a_completed_order_has_all_that_runa_said),
		cmocka_unit_test(whatever_a_success_looks_like_the_order_is_bought_once),
		cmocka_unit_test(what_says_nothing_clear_is_sent_again_under_the_same_key),
		cmocka_unit_test(a_final_refusal_is_taken_at_its_word),
		cmocka_unit_test(what_is_not_ours_or_does_not_fit_is_for_a_person),
		ON_STAGE(fault_41_an_order_that_is_not_ours_is_not_adopted_with_anything),
		ON_STAGE(a_refusal_after_an_unknown_try_leaves_it_unknown),
		ON_STAGE(a_refusal_after_tries_that_never_left_is_final),
		ON_STAGE(while_it_cannot_be_reached_the_order_is_known_to_have_cost_nothing),
		ON_STAGE(from_the_first_byte_on_nobody_says_that_no_money_moved),
		ON_STAGE(in_progress_ten_times_is_asked_again_after_pauses),
		ON_STAGE(tries_back_off_and_are_told_apart),
		ON_STAGE(a_stored_5xx_of_an_order_that_was_made_is_found_in_the_list),
		ON_STAGE(a_stored_5xx_without_an_order_ends_with_a_person_after_the_hour),
		ON_STAGE(an_accepted_order_is_polled_on_schedule_until_its_final_word),
		ON_STAGE(an_accepted_order_that_fails_is_told_as_failed_and_its_money_is_not_known),
		ON_STAGE(polls_that_bring_nothing_are_made_again),
		ON_STAGE(an_order_that_never_gets_its_final_word_ends_with_a_person),
		ON_STAGE(fault_41_what_a_poll_brings_that_is_not_ours_is_never_adopted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
