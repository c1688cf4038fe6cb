/* test_search.c: looking for an order in Runa's list: what is found is adopted, what is not there is believed
 * only when every page was read, twice, and nothing hid. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/sizes.h"
#include "support/stage.h"

static const struct reply fault = { .status = 500, .type = "internal_server_error" };
static const struct reply fault_made = { .status = 500, .type = "internal_server_error", .makes_order = true };

#define EMPTY_LIST "{\"items\":[],\"pagination\":{\"cursors\":{\"after\":null,\"before\":null}}}"

static int64_t list_ms(struct stage *s, size_t no)
{
	for (size_t i = 0; i < s->runa.request_count; i++)
		if (s->runa.requests[i].route == ROUTE_LIST && no-- == 0) return s->runa.requests[i].steady_ms;
	fail_msg("there was no such search");
	return 0;
}

static void an_order_on_a_later_page_is_found(void **state)
{
	struct stage *s = *state;
	struct order order;

	for (int i = 0; i < 5; i++) place_and_settle(s, "AMZ-GB", "10.00");
	s->runa.list_page = 2;
	runa_always_says(s, ROUTE_ORDER, &fault_made);
	order = place_and_settle(s, "AMZ-GB", "10.00");
	assert_int_equal(order.status, ORDER_COMPLETED);
	assert_string_equal(order.runa_order_id, "O-6");
	assert_int_equal(runa_count(s, ROUTE_LIST), 3);
	stage_holds(s);
}

static void not_there_is_believed_after_two_looks_15_minutes_apart(void **state)
{
	struct stage *s = *state;
	struct order order;
	size_t looks;

	runa_always_says(s, ROUTE_ORDER, &fault);
	order = place_and_settle(s, "AMZ-GB", "10.00");
	assert_string_equal(order.advice, "stuck_absent");
	looks = runa_count(s, ROUTE_LIST);
	assert_true(looks >= 2);
	assert_in_range(list_ms(s, looks - 1) - list_ms(s, looks - 2), 15 * MS_A_MINUTE, 15 * MS_A_MINUTE + 1000);
	/* and only after the hour */
	assert_true(list_ms(s, looks - 2) - runa_request_ms(s, 0) >= MS_AN_HOUR);
	stage_holds(s);
}

static void an_order_that_shows_up_late_is_found_by_the_second_look(void **state)
{
	struct stage *s = *state;
	struct order order = place(s, "AMZ-GB", "10.00");

	runa_always_says(s, ROUTE_ORDER, &fault_made);
	runa_always_says(s, ROUTE_LIST, &(struct reply){ .body = EMPTY_LIST });
	while (s->wall_ms - order.placed_at_ms < 65 * MS_A_MINUTE) stage_run(s, MS_A_MINUTE);
	assert_int_equal(order_now(s, order.number).status, ORDER_PLACING);
	runa_always_says(s, ROUTE_LIST, NULL);
	order = settle_order(s, order.number);
	assert_int_equal(order.status, ORDER_COMPLETED);
	assert_int_equal(order.money_moved, MONEY_MOVED_YES);
	stage_holds(s);
}

static void an_entry_that_does_not_say_what_it_is_makes_the_look_prove_nothing(void **state)
{
	static const struct reply hidden = {
		.body = "{\"items\":[{\"id\":\"O-9\",\"status\":\"PROCESSING\",\"message\":\"...\"}],"
			"\"pagination\":{\"cursors\":{\"after\":\"c\"}}}" };
	struct stage *s = *state;
	struct order order = place(s, "AMZ-GB", "10.00");

	runa_always_says(s, ROUTE_ORDER, &fault);
	for (int i = 0; i < 100; i++) { /* page by page: the hidden one, then the end */
		runa_will_say(s, ROUTE_LIST, hidden);
		runa_will_say(s, ROUTE_LIST, (struct reply){ .body = EMPTY_LIST });
	}
	stage_run(s, (int64_t)3 * MS_AN_HOUR);
	assert_int_equal(order_now(s, order.number).status, ORDER_PLACING);
	assert_string_equal(order_now(s, order.number).advice, "searching");
	s->runa.queued_used[ROUTE_LIST] = s->runa.queued_count[ROUTE_LIST]; /* now it says what it is */
	assert_string_equal(settle_order(s, order.number).advice, "stuck_absent");
	stage_holds(s);
}

/* An order of ours that Runa never finishes, and another that was lost. */
static void an_entry_that_is_another_order_of_ours_hides_nothing(void **state)
{
	struct stage *s = *state;
	struct order endless = place(s, "AMZ-GB", "10.00");

	runa_will_answer(s, PROCESSING);
	stage_run(s, 1000);
	runa_always_says(s, ROUTE_ORDER, &fault);
	assert_string_equal(place_and_settle(s, "AMZ-GB", "10.00").advice, "stuck_absent");
	/* and when a person has it to look at */
	assert_string_equal(settle_order(s, endless.number).advice, "stuck_unread");
	assert_string_equal(place_and_settle(s, "AMZ-GB", "10.00").advice, "stuck_absent");
	stage_holds(s);
}

/* By its id it turned out to be somebody else's; now the list doesn't say whose. */
static void an_entry_that_was_taken_for_ours_wrongly_may_be_any(void **state)
{
	struct stage *s = *state;
	struct order foreign = place(s, "AMZ-GB", "10.00"), order;

	runa_will_answer(s, PROCESSING);
	runa_will_say(s, ROUTE_POLL, (struct reply){ .says = "COMPLETED", .cut_out = "\"description\":\"",
	                                             .put_in = "\"description\":\"not " "ours, \",\"x\":\"" });
	assert_string_equal(settle_order(s, foreign.number).advice, "stuck_foreign");
	assert_non_null(attempt_latest(s, foreign.number).runa_order_id);
	s->runa.made[0].says = "PROCESSING";
	runa_always_says(s, ROUTE_ORDER, &fault);
	order = place(s, "AMZ-GB", "10.00");
	stage_run(s, (int64_t)3 * MS_AN_HOUR);
	assert_string_equal(order_now(s, order.number).advice, "searching");
}

/* More than anyone looks up: all known, and yet it proves nothing. */
static void too_many_entries_that_say_nothing_make_the_look_prove_nothing(void **state)
{
	struct stage *s = *state;
	struct order order;

	s->rules->orders_per_minute = 1000;
	for (int i = 0; i < 201; i++) {
		place(s, "AMZ-GB", "10.00");
		runa_will_answer(s, PROCESSING);
	}
	stage_run(s, 20000);
	assert_int_equal(s->runa.made_count, 201);
	runa_always_says(s, ROUTE_ORDER, &fault);
	order = place(s, "AMZ-GB", "10.00");
	stage_run(s, (int64_t)2 * MS_AN_HOUR);
	assert_string_equal(order_now(s, order.number).advice, "searching");
	s->runa.made[0].says = "COMPLETED";
	assert_string_equal(settle_order(s, order.number).advice, "stuck_absent");
}

static void a_finished_entry_without_a_description_is_not_ours_and_hides_nothing(void **state)
{
	static const struct reply plain = {
		.body = "{\"items\":[{\"id\":\"O-9\",\"status\":\"COMPLETED\",\"description\":null},"
			"{\"id\":\"O-8\",\"status\":\"FAILED\"}],"
			"\"pagination\":{\"cursors\":{\"after\":\"c\"}}}" };
	struct stage *s = *state;

	runa_always_says(s, ROUTE_ORDER, &fault);
	for (int i = 0; i < 100; i++) {
		runa_will_say(s, ROUTE_LIST, plain);
		runa_will_say(s, ROUTE_LIST, (struct reply){ .body = EMPTY_LIST });
	}
	assert_string_equal(place_and_settle(s, "AMZ-GB", "10.00").advice, "stuck_absent");
}

/* After the hour, with Runa's list as it is: never absent, and after a day of it a person looks. */
static void never_absent(struct stage *s, size_t most_requests)
{
	struct order order = place(s, "AMZ-GB", "10.00");
	size_t before;

	runa_always_says(s, ROUTE_ORDER, &fault);
	stage_run(s, (int64_t)2 * MS_AN_HOUR);
	assert_int_equal(order_now(s, order.number).status, ORDER_PLACING);
	assert_string_equal(order_now(s, order.number).advice, "searching");
	before = runa_count(s, ROUTE_LIST);
	stage_run(s, MS_AN_HOUR);
	assert_in_range(runa_count(s, ROUTE_LIST) - before, 1, most_requests);
	order = settle_order(s, order.number);
	assert_string_equal(order.advice, "stuck_unsearched");
	assert_int_equal(order.money_moved, MONEY_MOVED_UNKNOWN);
	assert_int_equal(renew(s, order.number, &bob, "it takes long"), RENEWED_NOT_NOW);
	stage_holds(s);
}

static void a_list_that_cannot_be_read_proves_nothing(void **state)
{
	static const struct reply bad[] = { { .transport = RUNA_LOST }, { .transport = RUNA_NOT_SENT },
		                            { .status = 500, .type = "internal_server_error" }, { .body = "<html>" },
		                            { .body = "{\"items\":{}}" }, { .status = 404, .type = "not_found" } };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		struct stage *s = stage_open();

		runa_always_says(s, ROUTE_LIST, &bad[i]);
		never_absent(s, 40);
		stage_close(s);
	}
}

#define ONE_ENTRY(after)                                                                              \
	"{\"items\":[{\"id\":\"O-9\",\"status\":\"COMPLETED\",\"description\":\"x\"}],"               \
	"\"pagination\":{\"cursors\":{\"after\":" after "}}}"

static void a_list_whose_end_never_came_proves_nothing(void **state)
{
	static const struct reply no_cursor = { .body = ONE_ENTRY("null") }, same_cursor = { .body = ONE_ENTRY("\"c\"") };
	struct stage *s = *state;

	runa_always_says(s, ROUTE_LIST, &no_cursor);
	never_absent(s, 40);
	runa_always_says(s, ROUTE_LIST, &same_cursor);
	never_absent(s, 80);
}

static void a_list_that_never_ends_is_not_read_for_ever(void **state)
{
	static const struct reply a = { .body = ONE_ENTRY("\"a\"") }, b = { .body = ONE_ENTRY("\"b\"") };
	struct stage *s = *state;
	struct order order = place(s, "AMZ-GB", "10.00");

	runa_always_says(s, ROUTE_ORDER, &fault);
	runa_always_says(s, ROUTE_LIST, &b);
	while (runa_count(s, ROUTE_LIST) == 0) stage_run(s, 100);
	for (size_t i = 1; i < SIZE_LOOKUP_PAGES; i++) { /* a, b, a, b, ... */
		runa_always_says(s, ROUTE_LIST, i % 2 == 1 ? &a : &b);
		while (runa_count(s, ROUTE_LIST) == i) stage_run(s, 100);
	}
	stage_run(s, 1000);
	assert_int_equal(runa_count(s, ROUTE_LIST), SIZE_LOOKUP_PAGES);
	assert_int_equal(order_now(s, order.number).status, ORDER_PLACING);
	runa_always_says(s, ROUTE_LIST, NULL);
	assert_string_equal(settle_order(s, order.number).advice, "stuck_absent");
}

static void one_walk_looks_for_all_that_wait(void **state)
{
	struct stage *s = *state;

	runa_always_says(s, ROUTE_ORDER, &fault_made);
	s->rules->retry_first_ms = s->rules->retry_max_ms = 1000;
	for (int i = 0; i < 30; i++) place(s, "AMZ-GB", "10.00");
	stage_run(s, 10 * MS_A_MINUTE);
	for (size_t i = 0; i < s->runa.made_count; i++)
		assert_int_equal(order_now(s, s->runa.made[i].description).status, ORDER_COMPLETED);
	assert_int_equal(s->runa.made_count, 30);
	assert_in_range(runa_count(s, ROUTE_LIST), 1, 20); /* their tries end at different times */
	stage_holds(s);
}

static void a_second_attempt_is_told_from_the_first(void **state)
{
	struct stage *s = *state;
	struct order order;

	runa_always_says(s, ROUTE_ORDER, &fault);
	order = place_and_settle(s, "AMZ-GB", "10.00");
	assert_int_equal(renew(s, order.number, &bob, "a"), RENEWED);
	runa_always_says(s, ROUTE_ORDER, &fault_made);
	order = settle_order(s, order.number);
	assert_int_equal(order.status, ORDER_COMPLETED);
	assert_int_equal(s->runa.made_count, 1);
	assert_non_null(strstr(s->runa.made[0].description, "-2"));
	assert_string_equal(order.runa_order_id, "O-1");
	stage_holds(s);
}

/* The first attempt's order is in the list; the second's isn't: it must not be taken for it. */
static void the_order_of_an_earlier_attempt_is_not_adopted_for_a_later_one(void **state)
{
	struct stage *s = *state;
	char entry[400];
	struct order order;
	struct reply list = { .body = entry };

	runa_always_says(s, ROUTE_ORDER, &fault);
	order = place_and_settle(s, "AMZ-GB", "10.00");
	assert_int_equal(renew(s, order.number, &bob, "a"), RENEWED);
	snprintf(entry, sizeof entry, "{\"items\":[{\"id\":\"O-5\",\"status\":\"COMPLETED\",\"description\":\"%s\"}],"
	         "\"pagination\":{\"cursors\":{\"after\":\"c\"}}}", order.number);
	for (int i = 0; i < 50; i++) {
		runa_will_say(s, ROUTE_LIST, list);
		runa_will_say(s, ROUTE_LIST, (struct reply){ .body = EMPTY_LIST });
	}
	order = settle_order(s, order.number);
	assert_int_equal(order.status, ORDER_NEEDS_ATTENTION);
	assert_null(order.runa_order_id);
}

/* ---- a ledger that came back from a backup (faults 24) -------------------------------------------------------- */

static void restore(struct stage *s)
{
	stage_kill(s, FAULTY_KEEP_ALL);
	faulty_vfs_remove(s->vfs, "ledger-wal");
	faulty_vfs_remove(s->vfs, "ledger-shm");
	assert_true(faulty_vfs_copy(s->vfs, "backup", "ledger"));
	assert_true(stage_start(s));
}

static void after_a_restore_an_order_is_looked_for_before_it_is_sent(void **state)
{
	struct stage *s = *state;
	struct order order = place(s, "AMZ-GB", "10.00");

	stage_sleep(s, 1000);
	stage_restart(s);
	assert_true(faulty_vfs_copy(s->vfs, "ledger", "backup"));
	assert_int_equal(settle_order(s, order.number).status, ORDER_COMPLETED);
	assert_int_equal(runa_request_count(s), 1);
	restore(s);
	assert_int_equal(order_now(s, order.number).status, ORDER_PLACING);
	assert_int_equal(settle_order(s, order.number).status, ORDER_COMPLETED);
	assert_int_equal(runa_request_count(s), 1);
	stage_holds(s);
}

static void after_a_restore_weeks_later_nothing_is_bought_again(void **state)
{
	struct stage *s = *state;
	struct order order = place(s, "AMZ-GB", "10.00");

	stage_sleep(s, 1000);
	stage_restart(s);
	assert_true(faulty_vfs_copy(s->vfs, "ledger", "backup"));
	assert_int_equal(settle_order(s, order.number).status, ORDER_COMPLETED);
	stage_sleep(s, (int64_t)40 * MS_A_DAY); /* Runa has forgotten the key */
	restore(s);
	assert_int_equal(settle_order(s, order.number).status, ORDER_COMPLETED);
	assert_int_equal(runa_request_count(s), 1);
	stage_holds(s);
}

static void after_a_plain_restart_an_unsent_order_is_looked_for_once_and_then_sent(void **state)
{
	struct stage *s = *state;
	struct order order = place(s, "AMZ-GB", "10.00");

	stage_sleep(s, 1000);
	stage_restart(s);
	assert_int_equal(settle_order(s, order.number).status, ORDER_COMPLETED);
	assert_int_equal(runa_count(s, ROUTE_LIST), 1);
	assert_int_equal(runa_request_count(s), 1);
	assert_int_equal(s->runa.requests[0].route, ROUTE_LIST);
}

int main(void)
{
#define ON_STAGE(test) cmocka_unit_test_setup_teardown(test, stage_set_up, stage_tear_down)
	const struct CMUnitTest tests[] = {
		ON_STAGE(an_order_on_a_later_page_is_found),
		ON_STAGE(not_there_is_believed_after_two_looks_15_minutes_apart),
		ON_STAGE(an_order_that_shows_up_late_is_found_by_the_second_look),
		ON_STAGE(an_entry_that_does_not_say_what_it_is_makes_the_look_prove_nothing),
		ON_STAGE(an_entry_that_is_another_order_of_ours_hides_nothing),
		ON_STAGE(an_entry_that_was_taken_for_ours_wrongly_may_be_any),
		ON_STAGE(too_many_entries_that_say_nothing_make_the_look_prove_nothing),
		ON_STAGE(a_finished_entry_without_a_description_is_not_ours_and_hides_nothing),
		cmocka_unit_test(a_list_that_cannot_be_read_proves_nothing),
		ON_STAGE(a_list_whose_end_never_came_proves_nothing),
		ON_STAGE(a_list_that_never_ends_is_not_read_for_ever),
		ON_STAGE(one_walk_looks_for_all_that_wait),
		ON_STAGE(a_second_attempt_is_told_from_the_first),
		ON_STAGE(the_order_of_an_earlier_attempt_is_not_adopted_for_a_later_one),
		ON_STAGE(after_a_restore_an_order_is_looked_for_before_it_is_sent),
		ON_STAGE(after_a_restore_weeks_later_nothing_is_bought_again),
		ON_STAGE(after_a_plain_restart_an_unsent_order_is_looked_for_once_and_then_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
