/* test_sqlite.c: what is opened, what is refused and with which reason, and what a stop leaves. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ledger/sqlite.h"
#include "support/ledger_stage.h"

static void close_ledger(struct ledger_stage *stage)
{
	ledger_close(stage->ledger);
	stage->ledger = NULL;
}

static void check_refused(struct ledger_stage *stage, const char *reason)
{
	assert_null(ledger_stage_open(stage));
	if (!strstr(stage->why.text, reason)) fail_msg("'%s' should say '%s'", stage->why.text, reason);
}

static void write_file(const char *path, const char *content, size_t count)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, content, count), count);
	close(fd);
}

/* ---- making ---------------------------------------------------------------------------------- */

static void a_new_ledger_is_for_its_owner_alone_whatever_the_umask_says(void **state)
{
	static const mode_t masks[] = { 0, 022, 0777 };
	struct ledger_stage *stage = *state;

	for (size_t i = 0; i < COUNT_OF(masks); i++) {
		struct stat now;

		close_ledger(stage);
		snprintf(stage->path, sizeof stage->path, "%.60s/ledger-%zu.db", stage->directory, i);
		umask(masks[i]);
		stage->ledger = ledger_stage_open(stage);
		umask(022);
		if (!stage->ledger) fail_msg("%s", stage->why.text);
		assert_int_equal(stat(stage->path, &now), 0);
		assert_int_equal(now.st_mode & 0777, 0600);
		assert_int_equal(stage_place(stage, 1), LEDGER_PLACED_NEW);
		assert_int_equal(stage_sql_number(stage, "PRAGMA user_version"), schema_steps[schema_step_count - 1].number);
	}
}

static void what_a_crash_left_of_a_beginning_is_begun_anew(void **state)
{
	struct ledger_stage *stage = *state;
	char fresh[256];

	close_ledger(stage);
	snprintf(stage->path, sizeof stage->path, "%.60s/other.db", stage->directory);
	snprintf(fresh, sizeof fresh, "%s.new", stage->path);
	write_file(fresh, "half", 4);
	stage->ledger = ledger_stage_open(stage);
	assert_non_null(stage->ledger);
	assert_int_not_equal(access(fresh, F_OK), 0);
}

/* Each call of the making fails in turn; the next opening has a whole ledger. */
static void a_beginning_that_fails_anywhere_can_be_begun_again(void **state)
{
	struct ledger_stage *stage = *state;
	bool has_failed = true;

	for (long nth = 1; has_failed; nth++) {
		close_ledger(stage);
		snprintf(stage->path, sizeof stage->path, "ledger-%ld", nth);
		faulty_vfs_fail(stage->vfs, FAULTY_ALL, nth, SQLITE_IOERR, true);
		stage->ledger = ledger_stage_open(stage);
		has_failed = faulty_vfs_has_failed(stage->vfs);
		if (!has_failed) assert_non_null(stage->ledger);
		ledger_stage_crash(stage, nth % 2 ? FAULTY_KEEP_SOME : FAULTY_KEEP_ALL);
		assert_int_equal(stage_place(stage, 1), LEDGER_PLACED_NEW);
	}
}

/* ---- refusing -------------------------------------------------------------------------------- */

static void an_empty_file_is_refused_and_stays(void **state)
{
	struct ledger_stage *stage = *state;
	struct stat now;

	close_ledger(stage);
	assert_int_equal(truncate(stage->path, 0), 0);
	check_refused(stage, "is empty");
	assert_int_equal(stat(stage->path, &now), 0);
	assert_int_equal(now.st_size, 0);
}

static void a_file_of_another_kind_or_program_is_refused_untouched(void **state)
{
	struct ledger_stage *stage = *state;

	close_ledger(stage);
	write_file(stage->path, "[server]\nlisten = unix:/run/desk\nand some more bytes than a header of a file\n"
	                        "that a program would write, for it looks at a hundred\n", 132);
	check_refused(stage, "not a ledger");
	assert_int_equal(unlink(stage->path), 0);
	write_file(stage->path, "", 0);
	stage_sql(stage, "CREATE TABLE notes (n)");
	check_refused(stage, "of another program");
	assert_int_equal(stage_sql_number(stage, "SELECT count(*) FROM sqlite_schema"), 1);
}

static void a_newer_schema_is_refused(void **state)
{
	struct ledger_stage *stage = *state;

	stage_sql(stage, "PRAGMA user_version = 99");
	close_ledger(stage);
	check_refused(stage, "schema 99, newer");
}

static void a_directory_a_missing_directory_and_another_seal_key_are_refused(void **state)
{
	struct ledger_stage *stage = *state;
	struct ledger_options options = { .path = stage->path, .clock = &stage->clock, .may_migrate = true,
		                          .seal_key_id = "ffffffffffffffff" };
	struct ledger_claimed claimed[64];
	struct ledger_step step;
	struct ledger *other;

	close_ledger(stage);
	other = ledger_open(&options, &stage->why); /* no link is sealed yet: any key will do */
	assert_non_null(other);
	ledger_close(other);
	stage->ledger = ledger_stage_open(stage);
	assert_non_null(stage->ledger);
	assert_int_equal(stage_place(stage, 1), LEDGER_PLACED_NEW);
	assert_int_equal(stage_claim(stage, stage->ledger, claimed), 1);
	step = stage_step(stage, &claimed[0], ATTEMPT_COMPLETED, ORDER_COMPLETED);
	step.link_sealed = (const unsigned char *)"sealed";
	step.link_sealed_bytes = 6;
	assert_int_equal(ledger_record(stage->ledger, &step), LEDGER_OK);
	close_ledger(stage);
	assert_null(ledger_open(&options, &stage->why));
	assert_non_null(strstr(stage->why.text, "sealed with key 0123456789abcdef"));
	options.seal_key_id = NULL;
	other = ledger_open(&options, &stage->why);
	assert_non_null(other);
	ledger_close(other);

	snprintf(stage->path, sizeof stage->path, "%.60s/inner", stage->directory);
	assert_int_equal(mkdir(stage->path, 0700), 0);
	check_refused(stage, "not a file");
	snprintf(stage->path, sizeof stage->path, "%.60s/none/ledger.db", stage->directory);
	check_refused(stage, "none/ledger.db");
}

/* faults 21: the file is damaged while nobody looks, and the last stop was not a clean one */
static void a_damaged_page_is_refused_after_a_stop_that_was_not_clean(void **state)
{
	struct ledger_stage *stage = *state;
	long size;

	for (int no = 0; no < 50; no++)
		assert_int_equal(stage_place(stage, no), LEDGER_PLACED_NEW);
	close_ledger(stage);
	stage->ledger = ledger_stage_open(stage);
	assert_non_null(stage->ledger);
	assert_int_equal(stage_place(stage, 50), LEDGER_PLACED_NEW);
	stage_sql(stage, "PRAGMA wal_checkpoint(TRUNCATE)"); /* every page is in the file itself */
	faulty_vfs_crash(stage->vfs, FAULTY_KEEP_ALL);
	close_ledger(stage);
	size = faulty_vfs_size(stage->vfs, "ledger");
	assert_true(size > 20 * 4096);
	faulty_vfs_damage(stage->vfs, "ledger", (size_t)size - 4096, 16); /* a page that no opening reads */
	check_refused(stage, "damaged");
	assert_true(faulty_vfs_size(stage->vfs, "ledger") == size);
}

static void fault_21_a_ledger_that_vanished_is_missed_and_not_begun_anew(void **state)
{
	struct ledger_stage *stage = *state;
	char owners[160];

	close_ledger(stage);
	assert_int_equal(unlink(stage->path), 0);
	check_refused(stage, "is missing");
	assert_int_equal(access(stage->path, F_OK), -1);
	snprintf(owners, sizeof owners, "%s.owners", stage->path);
	assert_int_equal(unlink(owners), 0); /* the operator means it */
	stage->ledger = ledger_stage_open(stage);
	assert_non_null(stage->ledger);
}

static void a_ledger_without_a_schema_is_none(void **state)
{
	struct ledger_stage *stage = *state;

	stage_sql(stage, "PRAGMA user_version = 0");
	close_ledger(stage);
	check_refused(stage, "of another program");
}

/* As an earlier version of the program left it: its schema, and an order. */
static void make_old_ledger(struct ledger_stage *stage)
{
	sqlite3 *db;

	close_ledger(stage);
	snprintf(stage->path, sizeof stage->path, "%.60s/old.db", stage->directory);
	assert_int_equal(sqlite3_open(stage->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, schema_steps[0].sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	stage_sql(stage, "PRAGMA application_id = 0x70646c67; PRAGMA user_version = 1");
	stage_sql(stage, "INSERT INTO orders (number, form_key, status, money_moved, product_code, product_name,"
	                 " face_minor, currency, distribution, placed_by, placed_by_name, placed_at_ms, advice)"
	                 " VALUES ('OLD', 'k', 'failed', 'no', 'AMZ-GB', 'Amazon', 1000, 'GBP', 'PAYOUT_LINK', 'ada',"
	                 " 'Ada', 1795000000000, 'waiting_unsent')");
}

static void an_older_schema_is_brought_up_to_date_with_all_that_is_in_it(void **state)
{
	struct ledger_stage *stage = *state;
	struct ledger_options options = { .path = stage->path, .clock = &stage->clock };
	struct order order;

	make_old_ledger(stage);
	assert_null(ledger_open(&options, &stage->why)); /* a command that only reads leaves it alone */
	assert_non_null(strstr(stage->why.text, "payoutdesk migrate"));
	assert_int_equal(stage_sql_number(stage, "PRAGMA user_version"), 1);
	stage->ledger = ledger_stage_open(stage);
	assert_non_null(stage->ledger);
	assert_int_equal(ledger_order(stage->ledger, stage->mem, "OLD", &order), LEDGER_OK);
	assert_int_equal(order.face_value.minor, 1000);
	assert_int_equal(stage_place(stage, 1), LEDGER_PLACED_NEW);
	assert_int_equal(ledger_pause(stage->ledger, 1, 1), LEDGER_OK);
	stage_check(stage);
}

static void fault_22_file_systems_of_a_network_are_known(void **state)
{
	(void)state;
	assert_true(file_kind_is_remote(0x65735546)); /* sshfs */
	assert_true(file_kind_is_remote(0x6969));
	assert_true(file_kind_is_remote((long)0xff534d42));
	assert_true(file_kind_is_remote((long)(int)0xff534d42)); /* as a machine with a 32-bit f_type has it */
	assert_false(file_kind_is_remote(0xef53));               /* ext4 */
	assert_false(file_kind_is_remote(0x01021994));           /* tmpfs */
}

/* ---- stops ----------------------------------------------------------------------------------- */

static void a_clean_stop_is_noted_and_a_crash_is_not(void **state)
{
	struct ledger_stage *stage = *state;

	assert_true(ledger_last_clean_stop_ms(stage->ledger) == 0);
	assert_true(stage_sql_number(stage, "SELECT last_write_ms FROM ledger") == 0);
	stage->now_ms += 5;
	assert_int_equal(stage_place(stage, 1), LEDGER_PLACED_NEW);
	stage->now_ms += 5;
	close_ledger(stage);
	stage->now_ms += 5;
	stage->ledger = ledger_stage_open(stage);
	assert_non_null(stage->ledger);
	assert_true(ledger_last_clean_stop_ms(stage->ledger) == STAGE_NOW + 10);
	assert_true(stage_sql_number(stage, "SELECT last_write_ms FROM ledger") == STAGE_NOW + 5);
	assert_int_equal(stage_place(stage, 2), LEDGER_PLACED_NEW);
	stage->now_ms += 5;
	ledger_stage_crash(stage, FAULTY_KEEP_ALL);
	assert_true(ledger_last_clean_stop_ms(stage->ledger) == STAGE_NOW + 10);
	assert_true(stage_sql_number(stage, "SELECT last_write_ms FROM ledger") == STAGE_NOW + 15);
}

static void a_ledger_that_another_process_still_has_open_has_not_stopped(void **state)
{
	struct ledger_stage *stage = *state;
	struct ledger *second = ledger_stage_open(stage);

	assert_non_null(second);
	assert_int_equal(stage_place(stage, 1), LEDGER_PLACED_NEW);
	ledger_close(second);
	assert_int_equal(stage_sql_number(stage, "SELECT is_clean FROM ledger"), 0);
	close_ledger(stage);
	assert_int_equal(stage_sql_number(stage, "SELECT is_clean FROM ledger"), 1);
}

/* faults 23: CGI processes beside the daemon */
static void several_processes_write_and_nobody_is_told_that_it_is_locked(void **state)
{
	struct ledger_stage *stage = *state;
	pid_t children[4];
	int status;

	close_ledger(stage);
	for (int i = 0; i < 4; i++) {
		children[i] = fork();
		assert_true(children[i] >= 0);
		if (children[i] == 0) {
			stage->ledger = ledger_stage_open(stage);
			for (int no = 0; stage->ledger && no < 50; no++)
				if (stage_place(stage, 100 * i + no) != LEDGER_PLACED_NEW) _exit(1);
			if (stage->ledger) ledger_close(stage->ledger);
			_exit(stage->ledger ? 0 : 2);
		}
	}
	for (int i = 0; i < 4; i++) {
		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_int_equal(status, 0);
	}
	stage->ledger = ledger_stage_open(stage);
	assert_non_null(stage->ledger);
	assert_int_equal(stage_sql_number(stage, "SELECT count(*) FROM orders"), 200);
	stage_check(stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON(open_disk, a_new_ledger_is_for_its_owner_alone_whatever_the_umask_says),
		ON(open_disk, what_a_crash_left_of_a_beginning_is_begun_anew),
		ON(open_memory, a_beginning_that_fails_anywhere_can_be_begun_again),
		ON(open_disk, an_empty_file_is_refused_and_stays),
		ON(open_disk, a_file_of_another_kind_or_program_is_refused_untouched),
		ON(open_disk, a_newer_schema_is_refused),
		ON(open_disk, an_older_schema_is_brought_up_to_date_with_all_that_is_in_it),
		ON(open_disk, a_directory_a_missing_directory_and_another_seal_key_are_refused),
		ON(open_memory, a_damaged_page_is_refused_after_a_stop_that_was_not_clean),
		ON(open_disk, fault_21_a_ledger_that_vanished_is_missed_and_not_begun_anew),
		ON(open_disk, a_ledger_without_a_schema_is_none),
		cmocka_unit_test(fault_22_file_systems_of_a_network_are_known),
		ON(open_memory, a_clean_stop_is_noted_and_a_crash_is_not),
		ON(open_disk, a_ledger_that_another_process_still_has_open_has_not_stopped),
		ON(open_disk, several_processes_write_and_nobody_is_told_that_it_is_locked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
