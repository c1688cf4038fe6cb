/* test_estimate_wait.c: waiting for an estimate ends, whatever becomes of its answer, of the dispatcher or of the desk;
 * few wait at once. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "support/asking.h"

static void only_a_few_wait_at_once_and_the_others_are_told(void **state)
{
	struct stage *s = *state;
	struct asking asking[ESTIMATES_MOST];

	for (int i = 0; i < ESTIMATES_MOST; i++) asking_start(s, &asking[i]);
	assert_int_equal(asking_now(s), ESTIMATE_BUSY);
	stage_run(s, MS_A_SECOND);
	for (int i = 0; i < ESTIMATES_MOST; i++) assert_int_equal(asking_end(&asking[i]), ESTIMATE_KNOWN);
	assert_int_equal(runa_count(s, ROUTE_ESTIMATE), ESTIMATES_MOST);
}

/* Their calls are under way still: they take no more of the line, and nothing of anybody else's answer. */
static void a_late_answer_finds_nobody_and_harms_nobody(void **state)
{
	static const struct reply slow = { .after_ms = 20 * MS_A_SECOND }, other = { .cut_out = "9.5,", .put_in = "9.4," };
	struct stage *s = *state;
	struct asking asking[ESTIMATES_MOST], fifth;
	struct estimate estimate;

	runa_always_says(s, ROUTE_ESTIMATE, &slow);
	for (int i = 0; i < ESTIMATES_MOST; i++) asking_start(s, &asking[i]);
	stage_run(s, 100);
	for (int i = 0; i < ESTIMATES_MOST; i++) assert_int_equal(asking_end(&asking[i]), ESTIMATE_LATE);
	asking_start(s, &fifth);
	stage_run(s, 100);
	assert_int_equal(asking_end(&fifth), ESTIMATE_BUSY);
	assert_int_equal(place_and_settle(s, "AMZ-GB", "10.00").status, ORDER_COMPLETED);
	stage_run(s, 20 * MS_A_SECOND);
	runa_always_says(s, ROUTE_ESTIMATE, &other);
	assert_int_equal(asking_once(s, &estimate), ESTIMATE_KNOWN);
	assert_int_equal(estimate.price.minor, 940);
}

static void a_late_answer_is_not_taken_for_the_next_ones(void **state)
{
	static const struct reply first = { .after_ms = 3 * MS_A_SECOND };
	struct stage *s = *state;
	struct asking asking;
	struct estimate estimate;

	runa_will_say(s, ROUTE_ESTIMATE, first);
	runa_will_say(s, ROUTE_ESTIMATE, (struct reply){ .after_ms = 500, .cut_out = "9.5,", .put_in = "9.4," });
	asking_start(s, &asking);
	stage_run(s, 100);
	assert_int_equal(asking_end(&asking), ESTIMATE_LATE);
	stage_run(s, 2600); /* the first answer comes just before the second */
	assert_int_equal(asking_once(s, &estimate), ESTIMATE_KNOWN);
	assert_int_equal(estimate.price.minor, 940);
}

static void who_waits_is_told_when_the_dispatcher_ends(void **state)
{
	struct stage *s = *state;
	struct asking wanted, asked;

	asking_start(s, &asked);
	dispatcher_turn(s->dispatcher, 0); /* its call is under way */
	asking_start(s, &wanted);
	dispatcher_close(s->dispatcher);
	assert_int_equal(asking_end(&asked), ESTIMATE_NOBODY);
	assert_int_equal(asking_end(&wanted), ESTIMATE_NOBODY);
	scripted_runa_forget_calls(&s->runa);
	s->dispatcher = dispatcher_open(&(struct dispatcher_options){ .desk = s->desk, .line = &s->runa.line });
}

static void a_stopping_dispatcher_asks_for_no_more(void **state)
{
	struct stage *s = *state;
	struct asking asking;

	dispatcher_stop_claiming(s->dispatcher);
	asking_start(s, &asking);
	dispatcher_turn(s->dispatcher, 0);
	assert_int_equal(asking_end(&asking), ESTIMATE_NOBODY);
}

static void the_desk_closes_once_nobody_waits_in_it(void **state)
{
	struct stage *s = *state;
	struct asking asking[2];

	for (size_t i = 0; i < COUNT_OF(asking); i++) asking_start(s, &asking[i]);
	dispatcher_turn(s->dispatcher, 0);
	stage_stop(s);
	for (size_t i = 0; i < COUNT_OF(asking); i++) assert_int_equal(asking_end(&asking[i]), ESTIMATE_NOBODY);
	assert_true(stage_start(s));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, asking_open, stage_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(only_a_few_wait_at_once_and_the_others_are_told),
		TEST(a_late_answer_finds_nobody_and_harms_nobody),
		TEST(a_late_answer_is_not_taken_for_the_next_ones),
		TEST(who_waits_is_told_when_the_dispatcher_ends),
		TEST(a_stopping_dispatcher_asks_for_no_more),
		TEST(the_desk_closes_once_nobody_waits_in_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
