/* test_torture.c: the n-th call to the disk, or to Runa, fails in each way, for n = 1, 2, ... until nothing fails
 * any more. Whatever it was: an accepted order is never lost, it is bought once, and the money adds up. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <sqlite3.h>

#include "support/stage.h"

static const struct reply fault_made = { .status = 500, .type = "internal_server_error", .makes_order = true };

/* What Runa does with the order; each ends with the order bought. */
static void answers_at_once(struct stage *s)
{
	(void)s;
}

static void loses_its_answer(struct stage *s)
{
	runa_will_answer(s, ANSWER_LOST);
}

static void accepts_and_completes_later(struct stage *s)
{
	runa_will_answer(s, PROCESSING);
	for (int i = 0; i < 2; i++) runa_will_say(s, ROUTE_POLL, (struct reply){ .says = "PROCESSING" });
	runa_will_say(s, ROUTE_POLL, (struct reply){ .says = "COMPLETED" });
}

static void turns_away_and_then_answers(struct stage *s)
{
	runa_will_answer(s, TOO_FAST);
	runa_will_answer(s, UNREACHABLE);
	runa_will_answer(s, TOO_FAST);
}

static void keeps_a_fault_with_the_key(struct stage *s)
{
	s->rules->retry_first_ms = s->rules->retry_max_ms = 5000;
	runa_always_says(s, ROUTE_ORDER, &fault_made);
}

static void (*const scenarios[])(struct stage *s) = {
	answers_at_once, loses_its_answer, accepts_and_completes_later, turns_away_and_then_answers,
	keeps_a_fault_with_the_key,
};

/* ---- the disk ------------------------------------------------------------------------------------------- */

static const struct {
	unsigned calls;
	int code;
	bool is_lasting;
	bool is_cold;  /* the process has just started: SQLite has nothing in its cache yet, so there is much to read */
	bool is_basic; /* enough for the long scenarios, whose calls are the same over and over */
} disk_failures[] = {
	{ FAULTY_SYNCS, SQLITE_IOERR_FSYNC, false, false, true },
	{ FAULTY_CHANGES, SQLITE_IOERR, true, false, true }, /* as if the process had died there */
	{ FAULTY_WRITES, SQLITE_FULL, false, false, false },
	{ FAULTY_WRITES, SQLITE_FULL, true, false, false },
	{ FAULTY_WRITES, SQLITE_IOERR_WRITE, false, false, false },
	{ FAULTY_READS, SQLITE_IOERR_READ, false, true, false },
	{ FAULTY_READS, SQLITE_IOERR_READ, true, true, false },
	{ FAULTY_ALL, SQLITE_IOERR_NOMEM, false, true, false },
};

static bool is_taken(enum placed placed)
{
	return placed == PLACED_NEW || placed == PLACED_BEFORE;
}

/* The sanitizers are slow: they look at every third only. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { STEP = 3 };
#else
enum { STEP = 1 };
#endif

/* While things fail, what can be read must not be wrong. */
static void looks_right(struct stage *s, const char *number)
{
	struct order order;
	int bought = scripted_runa_bought(&s->runa, number);

	if (order_find(s->desk, s->mem, number, &order) != LEDGER_OK) return;
	assert_int_not_equal(order.status, ORDER_FAILED);
	if (bought > 0) assert_int_not_equal(order.money_moved, MONEY_MOVED_NO);
	if (bought == 0) assert_int_not_equal(order.money_moved, MONEY_MOVED_YES);
	if (order.status == ORDER_COMPLETED) assert_non_null(order_link(s->desk, s->mem, &order));
}

/* True: the failure came to pass. */
static bool survives_the_disk(size_t scenario, size_t failure, long nth)
{
	struct stage *s = stage_open();
	struct wish wish = wish_for(s, "AMZ-GB", "10.00");
	struct order taken = { .number = "" }, order;
	bool was_taken, has_failed;
	enum placed placed;

	stage_sleep(s, 1000);
	if (disk_failures[failure].is_cold) stage_restart(s);
	scenarios[scenario](s);
	faulty_vfs_fail(s->vfs, disk_failures[failure].calls, nth, disk_failures[failure].code,
	                disk_failures[failure].is_lasting);
	placed = post(s, &wish, &taken);
	assert_true(is_taken(placed) || placed == PLACED_FULL || placed == PLACED_UNSURE);
	was_taken = is_taken(placed);
	for (int i = 0; i < 4; i++) {
		stage_run(s, 30 * MS_A_SECOND);
		if (was_taken) looks_right(s, taken.number);
	}
	has_failed = faulty_vfs_has_failed(s->vfs);
	faulty_vfs_fail(s->vfs, 0, 0, 0, false);
	/* Most often it heals by itself; else the process starts anew, or the machine does. */
	if (!ledger_is_sound(s->ledger) || nth % 2 == 0) stage_crash(s, (enum faulty_kept)(nth / 2 % 3));
	placed = post(s, &wish, &order);
	assert_true(is_taken(placed));
	if (was_taken) {
		assert_int_equal(placed, PLACED_BEFORE);
		assert_string_equal(order.number, taken.number);
	}
	order = settle_order(s, order.number);
	assert_int_equal(order.status, ORDER_COMPLETED);
	assert_int_equal(s->runa.made_count, 1);
	assert_non_null(order_link(s->desk, s->mem, &order));
	stage_holds(s);
	stage_close(s);
	return has_failed;
}

static void torture_the_disk(size_t scenario, bool is_long)
{
	for (size_t failure = 0; failure < COUNT_OF(disk_failures); failure++) {
		long nth = 1;

		if (is_long && !disk_failures[failure].is_basic) continue;
		while (survives_the_disk(scenario, failure, nth)) nth += STEP;
		if (nth < 2) fail_msg("failure %zu never came to pass", failure);
	}
}

static void an_order_answered_at_once_survives_any_failing_call_to_the_disk(void **state)
{
	(void)state;
	torture_the_disk(0, false);
}

static void an_order_whose_answer_was_lost_survives_any_failing_call_to_the_disk(void **state)
{
	(void)state;
	torture_the_disk(1, false);
}

static void an_order_completed_later_survives_any_failing_call_to_the_disk(void **state)
{
	(void)state;
	torture_the_disk(2, true);
}

static void an_order_turned_away_at_first_survives_any_failing_call_to_the_disk(void **state)
{
	(void)state;
	torture_the_disk(3, true);
}

static void an_order_behind_a_stored_fault_survives_any_failing_call_to_the_disk(void **state)
{
	(void)state;
	torture_the_disk(4, true);
}

/* ---- the network ------------------------------------------------------------------------------------------ */

static const struct {
	const char *name;
	struct reply reply;
} net_failures[] = {
	{ "not sent", { .transport = RUNA_NOT_SENT } },
	{ "not trusted", { .transport = RUNA_NOT_TRUSTED } },
	{ "lost on the way there", { .transport = RUNA_LOST } },
	{ "lost on the way back", { .transport = RUNA_LOST, .makes_order = true } },
	{ "only 102", { .transport = RUNA_INTERIM, .status = 102, .makes_order = true } },
	{ "late", { .transport = RUNA_LOST, .makes_order = true, .after_ms = 60000 } },
	{ "500", { .status = 500, .type = "internal_server_error" } },
	{ "502", { .status = 502, .body = "<html>Bad Gateway</html>", .makes_order = true } },
	{ "429", { .status = 429, .body = "{\"error\":\"rate exceeded\"}" } },
	{ "401", { .status = 401, .type = "unauthorized" } },
	{ "in progress", { .status = 400, .type = "idempotency_in_progress", .makes_order = true } },
	{ "cut short", { .body = "{\"id\":\"O-1\",\"sta", .makes_order = true } },
	{ "not JSON", { .body = "<html>Welcome</html>" } },
	{ "empty", { .body = "" } },
};

/* True: there was an nth call. */
static bool survives_the_network(size_t scenario, size_t failure, size_t nth, size_t in_a_row)
{
	struct stage *s = stage_open();
	struct order order;
	bool has_failed;

	scenarios[scenario](s);
	s->runa.failure = net_failures[failure].reply;
	s->runa.fail_from = nth;
	s->runa.fail_to = nth + in_a_row - 1;
	order = place(s, "AMZ-GB", "10.00");
	for (int i = 0; i < 10 && order_now(s, order.number).status == ORDER_PLACING; i++) {
		stage_run(s, 7000);
		looks_right(s, order.number);
	}
	order = settle_order(s, order.number);
	if (order.status != ORDER_COMPLETED || s->runa.made_count != 1)
		fail_msg("scenario %zu, call %zu %s: %s, %s, %zu made", scenario, nth, net_failures[failure].name,
		         order_status_name(order.status), order.advice, s->runa.made_count);
	assert_non_null(order_link(s->desk, s->mem, &order));
	stage_holds(s);
	has_failed = s->runa.request_count >= nth;
	stage_close(s);
	return has_failed;
}

static void torture_the_network(size_t scenario)
{
	for (size_t failure = 0; failure < COUNT_OF(net_failures); failure++)
		for (size_t in_a_row = 1; in_a_row <= 3; in_a_row += 2)
			for (size_t nth = 1; survives_the_network(scenario, failure, nth, in_a_row);) nth += STEP;
}

static void an_order_answered_at_once_survives_any_failing_call_to_runa(void **state)
{
	(void)state;
	torture_the_network(0);
}

static void an_order_whose_answer_was_lost_survives_any_failing_call_to_runa(void **state)
{
	(void)state;
	torture_the_network(1);
}

static void an_order_completed_later_survives_any_failing_call_to_runa(void **state)
{
	(void)state;
	torture_the_network(2);
}

static void an_order_turned_away_at_first_survives_any_failing_call_to_runa(void **state)
{
	(void)state;
	torture_the_network(3);
}

static void an_order_behind_a_stored_fault_survives_any_failing_call_to_runa(void **state)
{
	(void)state;
	torture_the_network(4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_order_answered_at_once_survives_any_failing_call_to_the_disk),
		cmocka_unit_test(an_order_whose_answer_was_lost_survives_any_failing_call_to_the_disk),
		cmocka_unit_test(an_order_completed_later_survives_any_failing_call_to_the_disk),
		cmocka_unit_test(an_order_turned_away_at_first_survives_any_failing_call_to_the_disk),
		cmocka_unit_test(an_order_behind_a_stored_fault_survives_any_failing_call_to_the_disk),
		cmocka_unit_test(an_order_answered_at_once_survives_any_failing_call_to_runa),
		cmocka_unit_test(an_order_whose_answer_was_lost_survives_any_failing_call_to_runa),
		cmocka_unit_test(an_order_completed_later_survives_any_failing_call_to_runa),
		cmocka_unit_test(an_order_turned_away_at_first_survives_any_failing_call_to_runa),
		cmocka_unit_test(an_order_behind_a_stored_fault_survives_any_failing_call_to_runa),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
