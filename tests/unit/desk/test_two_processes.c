/* test_two_processes.c: a second process on the same ledger that was stopped while its call was under way, and goes
 * on long after the first has settled everything without it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "support/stage.h"

static const struct reply fault = { .status = 500, .type = "internal_server_error" };
static const struct reply fault_made = { .status = 500, .type = "internal_server_error", .makes_order = true };

/* The second's way to Runa: it takes calls, and the test answers them. */
struct hand {
	struct runa_line line; /* first: its functions find the rest by it */
	void *tag;
	const struct runa_answer *answer; /* NULL: none yet */
};

struct second {
	struct hand hand;
	struct ledger *ledger;
	struct desk *desk;
	struct dispatcher *dispatcher;
};

static void hand_begin(struct runa_line *line, const struct runa_request *request, void *tag)
{
	(void)request;
	((struct hand *)line)->tag = tag;
}

static size_t hand_wait(struct runa_line *line, int timeout_ms, struct runa_answer *out, size_t max)
{
	struct hand *hand = (struct hand *)line;

	(void)timeout_ms;
	if (max == 0 || hand->answer == NULL || hand->tag == NULL) return 0;
	*out = *hand->answer;
	out->tag = hand->tag;
	if (out->body != NULL) out->body = strdup(out->body);
	hand->tag = NULL;
	return 1;
}

static void hand_wake(struct runa_line *line)
{
	(void)line;
}

static void second_open(struct stage *s, struct second *second)
{
	memset(second, 0, sizeof *second);
	second->hand.line = (struct runa_line){ hand_begin, hand_wait, hand_wake, NULL };
	second->ledger = stage_open_ledger(s);
	assert_non_null(second->ledger);
	s->rules->shared.holders++;
	second->desk = desk_open(&(struct desk_options){ .ledger = second->ledger, .clock = &s->clock,
	                                                 .chance = &s->chance, .link_key = &s->link_key,
	                                                 .rules = s->rules });
	second->dispatcher = dispatcher_open(&(struct dispatcher_options){ .desk = second->desk,
	                                                                   .line = &second->hand.line });
}

static void second_close(struct second *second)
{
	dispatcher_close(second->dispatcher);
	desk_close(second->desk);
	ledger_close(second->ledger);
}

/* The second sends attempt 1 and stops. Nothing is found of it, an approver opens attempt 2, which Runa makes without
 * our knowing. */
static struct order send_and_stop(struct stage *s, struct second *second)
{
	struct order order;

	second_open(s, second);
	runa_always_says(s, ROUTE_ORDER, &fault);
	order = place(s, "AMZ-GB", "10.00");
	dispatcher_turn(second->dispatcher, 0);
	assert_non_null(second->hand.tag);
	order = settle_order(s, order.number);
	assert_string_equal(order.advice, "stuck_absent");
	assert_int_equal(renew(s, order.number, &bob, "not there"), RENEWED);
	runa_always_says(s, ROUTE_ORDER, &fault_made);
	stage_run(s, 20000);
	assert_int_equal(attempt_latest(s, order.number).state, ATTEMPT_UNKNOWN);
	return order;
}

static void go_on(struct stage *s, struct second *second, const struct runa_answer *answer)
{
	second->hand.answer = answer;
	dispatcher_turn(second->dispatcher, 0);
	runa_always_says(s, ROUTE_ORDER, NULL);
	stage_run(s, (int64_t)3 * MS_AN_HOUR);
	second_close(second);
}

static void a_late_word_about_an_earlier_attempt_leaves_the_later_one_to_its_end(void **state)
{
	static char failed[] = "{\"id\":\"O-LATE\",\"status\":\"FAILED\",\"message\":\"no\"}";
	static const struct runa_answer answers[] = {
		{ .transport = RUNA_LOST, .retry_after_ms = -1 },
		{ .transport = RUNA_ANSWERED, .status = 202, .retry_after_ms = -1, .body = failed,
		  .body_bytes = sizeof failed - 1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(answers); i++) {
		struct stage *s = stage_open();
		struct second second;
		struct order order = send_and_stop(s, &second);

		go_on(s, &second, &answers[i]);
		assert_int_equal(order_now(s, order.number).status, ORDER_COMPLETED);
		assert_int_equal(attempt_latest(s, order.number).state, ATTEMPT_COMPLETED);
		stage_holds(s);
		stage_close(s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_late_word_about_an_earlier_attempt_leaves_the_later_one_to_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
