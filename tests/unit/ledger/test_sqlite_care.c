/* test_sqlite_care.c: what was altered shows, copies open, recipients go when they are no longer needed. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "support/ledger_stage.h"

/* ---- audit and budget ------------------------------------------------------------------------ */

static void an_altered_audit_line_is_named(void **state)
{
	static const char *const acts[] = {
		"UPDATE audit SET who = 'mallory' WHERE id = 3",
		"UPDATE audit SET at_ms = at_ms + 1 WHERE id = 3",
		"UPDATE audit SET order_number = 'x' WHERE id = 3",
		"UPDATE audit SET attempt_no = 2 WHERE id = 3",
		"UPDATE audit SET act = 'p', who = who || 'laced' WHERE id = 3",
		"UPDATE audit SET detail = '' WHERE id = 3",
		"UPDATE audit SET hash = upper(hash) WHERE id = 3",
		"DELETE FROM audit WHERE id = 3",
		"DELETE FROM audit WHERE id = 3; UPDATE audit SET id = id - 1 WHERE id > 3",
	};
	int64_t lines;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(acts); i++) {
		struct ledger_stage *stage = ledger_stage_of_memory();

		for (int no = 0; no < 6; no++)
			assert_int_equal(stage_place(stage, no), LEDGER_PLACED_NEW);
		assert_true(ledger_verify_audit(stage->ledger, &lines, &stage->why));
		assert_int_equal(lines, 6);
		stage_sql(stage, "DROP TRIGGER audit_stays_as_written; DROP TRIGGER audit_stays_whole;");
		stage_sql(stage, acts[i]);
		assert_false(ledger_verify_audit(stage->ledger, &lines, &stage->why));
		assert_int_equal(lines, 2);
		assert_non_null(strstr(stage->why.text, "line 3"));
		ledger_stage_close(stage);
	}
}

static void a_sum_that_was_altered_is_found(void **state)
{
	static const char *const acts[] = {
		"UPDATE budgets SET reserved_minor = reserved_minor - 1 WHERE person = 'alice'",
		"UPDATE budgets SET spent_minor = 1 WHERE person = ''",
		"DELETE FROM budgets WHERE person = ''",
		"INSERT INTO budgets VALUES ('bob', 'GBP', 1, 1, 0)",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(acts); i++) {
		struct ledger_stage *stage = ledger_stage_of_memory();

		assert_int_equal(stage_place(stage, 1), LEDGER_PLACED_NEW);
		stage_complete(stage, 950);
		assert_int_equal(stage_place(stage, 2), LEDGER_PLACED_NEW);
		assert_true(ledger_verify_budget(stage->ledger, &stage->why));
		stage_sql(stage, acts[i]);
		assert_false(ledger_verify_budget(stage->ledger, &stage->why));
		assert_non_null(strstr(stage->why.text, "GBP"));
		ledger_stage_close(stage);
	}
}

/* ---- recipients ------------------------------------------------------------------------------ */

static void place_to(struct ledger_stage *stage, int no, const char *email)
{
	struct ledger_limits none = { 0, 0 };
	struct order wish, out;
	struct attempt first;

	stage_wish(stage, no, &wish, &first);
	wish.distribution = DISTRIBUTION_EMAIL;
	wish.email = email;
	assert_int_equal(ledger_place(stage->ledger, stage->mem, &wish, &first, &none, &out), LEDGER_PLACED_NEW);
}

static void recipients_of_old_finished_orders_go_with_the_bytes_that_held_them(void **state)
{
	struct ledger_stage *stage = *state;
	int no = 0;

	for (; no < 1100; no++) { /* more than go at once */
		place_to(stage, no, "a@example.org");
		stage_complete(stage, 950);
	}
	stage->now_ms += 10;
	place_to(stage, no + 2, "young@example.org");
	stage_complete(stage, 950);
	stage->now_ms -= 10;
	place_to(stage, no, "open@example.org");
	assert_int_equal(stage_place(stage, no + 1), LEDGER_PLACED_NEW); /* a link: nobody to blank */
	assert_int_equal(ledger_blank_recipients(stage->ledger, STAGE_NOW + 10), LEDGER_OK);
	assert_int_equal(stage_sql_number(stage, "SELECT count(*) FROM orders WHERE email = ''"), 1100);
	assert_string_equal(stage_order(stage, 0).email, "");
	assert_int_equal(stage_attempt(stage, 0).body_bytes, 0);
	assert_string_equal(stage_order(stage, no).email, "open@example.org");
	assert_int_not_equal(stage_attempt(stage, no).body_bytes, 0);
	assert_null(stage_order(stage, no + 1).email);
	assert_string_equal(stage_order(stage, no + 2).email, "young@example.org");
	stage_check(stage);
}

/* ---- copies ---------------------------------------------------------------------------------- */

static void a_copy_opens_and_holds_everything(void **state)
{
	struct ledger_stage *stage = *state;
	char copy[256];
	struct stat now;

	for (int no = 0; no < 5; no++)
		assert_int_equal(stage_place(stage, no), LEDGER_PLACED_NEW);
	snprintf(copy, sizeof copy, "%s/copy.db", stage->directory);
	umask(0); /* the copy is for its owner alone, whatever the umask says */
	assert_true(ledger_backup(stage->ledger, copy, &stage->why));
	umask(022);
	assert_int_equal(stat(copy, &now), 0);
	assert_int_equal(now.st_mode & 0777, 0600);
	assert_int_equal(stage_place(stage, 5), LEDGER_PLACED_NEW); /* after the copy */
	assert_false(ledger_backup(stage->ledger, copy, &stage->why));
	assert_non_null(strstr(stage->why.text, "exists"));

	ledger_close(stage->ledger);
	snprintf(stage->path, sizeof stage->path, "%.100s/copy.db", stage->directory);
	stage->ledger = ledger_stage_open(stage);
	assert_non_null(stage->ledger);
	assert_int_equal(stage_sql_number(stage, "SELECT count(*) FROM orders"), 5);
	assert_int_equal(stage_order(stage, 4).status, ORDER_PLACING);
	assert_true(ledger_last_clean_stop_ms(stage->ledger) == 0); /* it was copied while in use */
	stage_check(stage);
	assert_int_equal(stage_place(stage, 5), LEDGER_PLACED_NEW);
}

static void a_copy_to_nowhere_says_so_and_leaves_nothing(void **state)
{
	struct ledger_stage *stage = *state;

	assert_false(ledger_backup(stage->ledger, "no-such-directory/copy.db", &stage->why));
	assert_non_null(strstr(stage->why.text, "no-such-directory"));
	assert_true(ledger_is_sound(stage->ledger));
}

static void a_machine_of_memory_brings_an_old_copy_back(void **state)
{
	struct ledger_stage *stage = *state;

	assert_int_equal(stage_place(stage, 1), LEDGER_PLACED_NEW);
	assert_true(ledger_backup(stage->ledger, "copy", &stage->why));
	assert_int_equal(stage_place(stage, 2), LEDGER_PLACED_NEW);
	ledger_close(stage->ledger);
	faulty_vfs_remove(stage->vfs, "ledger-wal");
	assert_true(faulty_vfs_copy(stage->vfs, "copy", "ledger"));
	stage->ledger = ledger_stage_open(stage);
	assert_non_null(stage->ledger);
	assert_int_equal(stage_sql_number(stage, "SELECT count(*) FROM orders"), 1);
	assert_true(stage_sql_number(stage, "SELECT last_write_ms FROM ledger") == STAGE_NOW);
}

static void the_bytes_of_a_stuck_attempt_go_too_once_its_order_is_over(void **state)
{
	struct ledger_stage *stage = *state;

	place_to(stage, 1, "a@example.org");
	stage_sql(stage, "UPDATE attempts SET state = 'stuck', task = 'none'");
	stage_sql(stage, "UPDATE orders SET status = 'needs_attention'");
	assert_int_equal(ledger_blank_recipients(stage->ledger, STAGE_NOW + 10), LEDGER_OK);
	assert_int_not_equal(stage_attempt(stage, 1).body_bytes, 0); /* somebody may still try again */
	stage_sql(stage, "UPDATE orders SET status = 'completed'");
	stage_sql(stage, "UPDATE attempts SET task = 'poll'");
	assert_int_equal(ledger_blank_recipients(stage->ledger, STAGE_NOW + 10), LEDGER_OK);
	assert_string_equal(stage_order(stage, 1).email, "a@example.org"); /* something is still under way */
	stage_sql(stage, "UPDATE attempts SET task = 'none'");
	assert_int_equal(ledger_blank_recipients(stage->ledger, STAGE_NOW + 10), LEDGER_OK);
	assert_string_equal(stage_order(stage, 1).email, "");
	assert_int_equal(stage_attempt(stage, 1).body_bytes, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_altered_audit_line_is_named),
		cmocka_unit_test(a_sum_that_was_altered_is_found),
		ON(open_memory, recipients_of_old_finished_orders_go_with_the_bytes_that_held_them),
		ON(open_memory, the_bytes_of_a_stuck_attempt_go_too_once_its_order_is_over),
		ON(open_disk, a_copy_opens_and_holds_everything),
		ON(open_disk, a_copy_to_nowhere_says_so_and_leaves_nothing),
		ON(open_memory, a_machine_of_memory_brings_an_old_copy_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
