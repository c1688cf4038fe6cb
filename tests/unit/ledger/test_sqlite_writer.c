/* test_sqlite_writer.c: what was answered is there after any crash, what failed is there whole or not at
 * all, and many callers share one commit. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "support/ledger_stage.h"

/* ---- crashes --------------------------------------------------------------------------------- */

static void fault_18_what_was_answered_survives_each_kind_of_crash(void **state)
{
	static const enum faulty_kept kinds[] = { FAULTY_KEEP_SYNCED, FAULTY_KEEP_SOME, FAULTY_KEEP_ALL };
	struct ledger_stage *stage = *state;

	for (int no = 0; no < 90; no++) {
		struct ledger_claimed claimed[64];
		struct ledger_step step;

		assert_int_equal(stage_place(stage, no), LEDGER_PLACED_NEW);
		ledger_stage_crash(stage, kinds[no % 3]);
		assert_int_equal(stage_attempt(stage, no).state, ATTEMPT_READY);
		assert_int_equal(stage_claim(stage, stage->ledger, claimed), 1);
		ledger_stage_crash(stage, kinds[no % 3]);
		assert_int_equal(stage_attempt(stage, no).state, ATTEMPT_SENT);
		assert_int_equal(stage_claim(stage, stage->ledger, claimed), 1);
		assert_int_equal(claimed[0].attempt.state, ATTEMPT_UNKNOWN);
		step = stage_step(stage, &claimed[0], ATTEMPT_COMPLETED, ORDER_COMPLETED);
		assert_int_equal(ledger_record(stage->ledger, &step), LEDGER_OK);
		ledger_stage_crash(stage, kinds[no % 3]);
		assert_int_equal(stage_order(stage, no).status, ORDER_COMPLETED);
		stage_check(stage);
	}
}

/* The machine itself must lose what isn't synced, or the test above shows nothing. */
static void the_machine_of_memory_loses_what_was_not_synced(void **state)
{
	struct ledger_stage *stage = *state;
	long before;

	stage_sql(stage, "PRAGMA synchronous = OFF; CREATE TABLE lost (n); INSERT INTO lost VALUES (1);");
	before = stage_sql_number(stage, "SELECT count(*) FROM sqlite_schema WHERE name = 'lost'");
	assert_int_equal(before, 1);
	ledger_stage_crash(stage, FAULTY_KEEP_SYNCED);
	assert_int_equal(stage_sql_number(stage, "SELECT count(*) FROM sqlite_schema WHERE name = 'lost'"), 0);
}

/* ---- the n-th call fails --------------------------------------------------------------------- */

struct failing {
	unsigned calls;
	int code;
	bool is_lasting;
	enum faulty_kept kept;
};

/* Whole or not at all; and what the caller was told must fit. */
static void check_after_failure(struct ledger_stage *stage, int no, enum ledger_placed placed)
{
	struct order order;
	struct attempt *attempts;
	size_t count;
	enum ledger_result found = ledger_order(stage->ledger, stage->mem, stage_number(stage, no), &order);
	bool is_there = found == LEDGER_OK;

	assert_true(found == LEDGER_OK || found == LEDGER_NONE);
	if (placed == LEDGER_PLACED_NEW) assert_true(is_there);
	if (placed == LEDGER_PLACED_FULL) assert_false(is_there);
	assert_int_equal(ledger_attempts(stage->ledger, stage->mem, stage_number(stage, no), &attempts, &count),
	                 is_there ? LEDGER_OK : LEDGER_NONE);
	stage_check(stage);
	assert_int_equal(stage_place(stage, no), is_there ? LEDGER_PLACED_BEFORE : LEDGER_PLACED_NEW);
	assert_int_equal(stage_sql_number(stage, "SELECT count(*) FROM orders"),
	                 stage_sql_number(stage, "SELECT count(DISTINCT form_key) FROM orders"));
}

static int torture_placing(const struct failing *failing)
{
	int failures = 0;
	bool has_failed = true;

	for (int nth = 1; has_failed; nth++) {
		struct ledger_stage *stage = ledger_stage_of_memory();
		enum ledger_placed placed;

		assert_int_equal(stage_place(stage, 0), LEDGER_PLACED_NEW);
		faulty_vfs_fail(stage->vfs, failing->calls, nth, failing->code, failing->is_lasting);
		placed = stage_place(stage, nth);
		if (placed == LEDGER_PLACED_NEW && stage_place(stage, nth) != LEDGER_PLACED_BEFORE)
			assert_true(faulty_vfs_has_failed(stage->vfs));
		has_failed = faulty_vfs_has_failed(stage->vfs);
		if (placed != LEDGER_PLACED_NEW) failures++;
		if (placed == LEDGER_PLACED_UNSURE) assert_false(ledger_is_sound(stage->ledger));
		if (placed == LEDGER_PLACED_FULL) assert_true(ledger_is_sound(stage->ledger));
		ledger_stage_crash(stage, failing->kept);
		assert_int_equal(stage_order(stage, 0).status, ORDER_PLACING);
		check_after_failure(stage, nth, placed);
		ledger_stage_close(stage);
	}
	return failures;
}

static void an_order_is_there_whole_or_not_at_all_whichever_call_fails(void **state)
{
	static const struct failing failings[] = {
		{ FAULTY_WRITES, SQLITE_FULL, false, FAULTY_KEEP_ALL },
		{ FAULTY_WRITES, SQLITE_FULL, true, FAULTY_KEEP_SOME },
		{ FAULTY_WRITES, SQLITE_IOERR_WRITE, false, FAULTY_KEEP_ALL },
		{ FAULTY_WRITES, SQLITE_IOERR_WRITE, true, FAULTY_KEEP_SYNCED },
		{ FAULTY_SYNCS, SQLITE_IOERR_FSYNC, false, FAULTY_KEEP_ALL },
		{ FAULTY_SYNCS, SQLITE_IOERR_FSYNC, false, FAULTY_KEEP_SYNCED },
		{ FAULTY_SYNCS, SQLITE_IOERR_FSYNC, false, FAULTY_KEEP_SOME },
		{ FAULTY_CHANGES, SQLITE_IOERR, true, FAULTY_KEEP_ALL },
		{ FAULTY_CHANGES, SQLITE_IOERR, true, FAULTY_KEEP_SOME },
		{ FAULTY_ALL, SQLITE_IOERR, true, FAULTY_KEEP_SYNCED },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(failings); i++)
		assert_true(torture_placing(&failings[i]) > 0);
}

static void a_full_disk_stores_nothing_and_heals_without_a_restart(void **state)
{
	struct ledger_stage *stage = *state;

	assert_int_equal(stage_place(stage, 0), LEDGER_PLACED_NEW);
	faulty_vfs_fail(stage->vfs, FAULTY_WRITES, 1, SQLITE_FULL, true);
	assert_int_equal(stage_place(stage, 1), LEDGER_PLACED_FULL);
	assert_int_equal(stage_place(stage, 2), LEDGER_PLACED_FULL);
	assert_int_equal(stage_place(stage, 0), LEDGER_PLACED_BEFORE);
	assert_int_equal(stage_order(stage, 0).status, ORDER_PLACING);
	assert_true(ledger_is_sound(stage->ledger));
	faulty_vfs_fail(stage->vfs, 0, 0, SQLITE_OK, false);
	assert_int_equal(stage_place(stage, 1), LEDGER_PLACED_NEW);
	ledger_stage_crash(stage, FAULTY_KEEP_SYNCED);
	assert_int_equal(stage_order(stage, 1).status, ORDER_PLACING);
	assert_int_equal(stage_sql_number(stage, "SELECT count(*) FROM orders"), 2);
}

static void after_a_failed_sync_nothing_is_written_and_reading_goes_on(void **state)
{
	struct ledger_stage *stage = *state;
	struct ledger_claim claim = { .now_ms = STAGE_NOW, .lease_ms = 1, .upstream = STAGE_UPSTREAM,
		                      .max_sends = 1, .max_others = 1 };
	struct ledger_claimed claimed[2];
	long writes;
	size_t count;

	assert_int_equal(stage_place(stage, 0), LEDGER_PLACED_NEW);
	faulty_vfs_fail(stage->vfs, FAULTY_SYNCS, 1, SQLITE_IOERR_FSYNC, false);
	assert_int_equal(stage_place(stage, 1), LEDGER_PLACED_UNSURE);
	assert_false(ledger_is_sound(stage->ledger));
	writes = faulty_vfs_count(stage->vfs, FAULTY_CHANGES);
	assert_int_equal(stage_place(stage, 2), LEDGER_PLACED_UNSURE);
	assert_int_equal(ledger_claim_due(stage->ledger, stage->mem, &claim, claimed, &count), LEDGER_BROKEN);
	assert_int_equal(count, 0);
	assert_int_equal(ledger_put_fact(stage->ledger, "a", "b"), LEDGER_BROKEN);
	assert_int_equal(stage_order(stage, 0).status, ORDER_PLACING);
	ledger_close(stage->ledger); /* nor does the close write */
	stage->ledger = NULL;
	assert_int_equal(faulty_vfs_count(stage->vfs, FAULTY_CHANGES), writes);
	ledger_stage_crash(stage, FAULTY_KEEP_SYNCED);
	assert_int_equal(stage_place(stage, 1), LEDGER_PLACED_NEW);
}

/* The log is copied into the file after a thousand pages: a sync that fails there counts as well. */
static void a_failed_sync_while_the_log_is_shortened_breaks_the_ledger(void **state)
{
	struct ledger_stage *stage = *state;
	int no = 0;

	while (faulty_vfs_size(stage->vfs, "ledger-wal") < 900 * 4120)
		assert_int_equal(stage_place(stage, no++), LEDGER_PLACED_NEW);
	faulty_vfs_fail(stage->vfs, FAULTY_SYNCS, 1, SQLITE_OK, false);
	for (int more = 0; more < 200 && ledger_is_sound(stage->ledger); more++) {
		long size = faulty_vfs_size(stage->vfs, "ledger");

		/* The second sync from here is the first of the copying. */
		faulty_vfs_fail(stage->vfs, FAULTY_SYNCS, 2, SQLITE_IOERR_FSYNC, false);
		assert_int_equal(stage_place(stage, no++), LEDGER_PLACED_NEW);
		assert_true(faulty_vfs_size(stage->vfs, "ledger") >= size);
	}
	assert_false(ledger_is_sound(stage->ledger));
	ledger_stage_crash(stage, FAULTY_KEEP_SOME);
	for (int each = 0; each < no; each++)
		assert_int_equal(stage_order(stage, each).status, ORDER_PLACING);
	stage_check(stage);
}

static void a_read_that_fails_breaks_nothing(void **state)
{
	struct ledger_stage *stage = *state;
	struct order order;

	assert_int_equal(stage_place(stage, 0), LEDGER_PLACED_NEW);
	ledger_close(stage->ledger);
	stage->ledger = ledger_stage_open(stage); /* an empty page cache */
	assert_non_null(stage->ledger);
	faulty_vfs_fail(stage->vfs, FAULTY_READS, 1, SQLITE_IOERR_READ, true);
	assert_int_equal(ledger_order(stage->ledger, stage->mem, stage_number(stage, 0), &order), LEDGER_FULL);
	assert_true(faulty_vfs_has_failed(stage->vfs));
	assert_true(ledger_is_sound(stage->ledger));
	faulty_vfs_fail(stage->vfs, 0, 0, SQLITE_OK, false);
	assert_int_equal(stage_place(stage, 1), LEDGER_PLACED_NEW);
}

/* ---- threads --------------------------------------------------------------------------------- */

enum { THREADS = 16, FORMS = 20 };

struct placer {
	pthread_t thread;
	struct ledger_stage *stage;
	pthread_barrier_t *start;
	int offset;
	int news, befores;
};

static void *place_forms(void *what)
{
	struct placer *placer = what;
	struct ledger_stage own = *placer->stage;

	own.mem = arena_open();
	pthread_barrier_wait(placer->start);
	for (int no = 0; no < FORMS; no++) {
		enum ledger_placed placed;
		struct order order;

		/* The machine of memory says 'busy' without waiting: a batch that met a lock stored nothing. */
		do {
			placed = stage_place(&own, placer->offset + no);
		} while (placed == LEDGER_PLACED_FULL);
		placer->news += placed == LEDGER_PLACED_NEW;
		placer->befores += placed == LEDGER_PLACED_BEFORE;
		/* A read sees what this thread was told. */
		if (ledger_order(own.ledger, own.mem, stage_number(&own, placer->offset + no), &order) !=
		    LEDGER_OK)
			placer->befores = -1000;
	}
	arena_close(own.mem);
	return NULL;
}

static void place_at_once(struct ledger_stage *stage, int step, int *news, int *befores)
{
	struct placer placers[THREADS];
	pthread_barrier_t start;

	*news = *befores = 0;
	pthread_barrier_init(&start, NULL, THREADS);
	for (int i = 0; i < THREADS; i++) {
		placers[i] = (struct placer){ .stage = stage, .start = &start, .offset = i * step };
		assert_int_equal(pthread_create(&placers[i].thread, NULL, place_forms, &placers[i]), 0);
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(placers[i].thread, NULL);
		*news += placers[i].news;
		*befores += placers[i].befores;
	}
	pthread_barrier_destroy(&start);
}

static void sixteen_threads_with_one_form_place_one_order(void **state)
{
	struct ledger_stage *stage = *state;
	int news, befores;

	place_at_once(stage, 0, &news, &befores);
	assert_int_equal(news, FORMS);
	assert_int_equal(befores, FORMS * (THREADS - 1));
	assert_int_equal(stage_sql_number(stage, "SELECT count(*) FROM orders"), FORMS);
	stage_check(stage);
}

static void sixteen_threads_lose_no_order_of_theirs(void **state)
{
	struct ledger_stage *stage = *state;
	int news, befores;

	place_at_once(stage, FORMS, &news, &befores);
	assert_int_equal(news, FORMS * THREADS);
	assert_int_equal(befores, 0);
	assert_int_equal(stage_sql_number(stage, "SELECT count(*) FROM orders"), FORMS * THREADS);
	assert_int_equal(stage_sql_number(stage, "SELECT reserved_minor FROM budgets WHERE person = ''"),
	                 1000 * FORMS * THREADS);
	stage_check(stage);
}

/* Many wait while one commits, so they go together: the machine of memory counts the syncs. */
static void many_callers_share_one_commit(void **state)
{
	struct ledger_stage *stage = *state;
	struct ledger_options options = { .path = "shared", .vfs = "stage", .clock = &stage->clock,
		                          .may_migrate = true };
	long before;
	int news, befores;

	ledger_close(stage->ledger);
	stage->ledger = ledger_open(&options, &stage->why); /* with its writing thread */
	assert_non_null(stage->ledger);
	before = faulty_vfs_count(stage->vfs, FAULTY_SYNCS);
	place_at_once(stage, FORMS, &news, &befores);
	assert_int_equal(news, FORMS * THREADS);
	assert_in_range(faulty_vfs_count(stage->vfs, FAULTY_SYNCS) - before, 1, FORMS * THREADS - 1);
}

/* An order whose attempt cannot be stored: its key belongs to order 0. */
static enum ledger_placed place_clashing(struct ledger_stage *stage, int no)
{
	struct ledger_limits none = { 0, 0 };
	struct order wish, out, other;
	struct attempt first;

	stage_wish(stage, 0, &other, &first);
	stage_wish(stage, no, &wish, &first);
	memcpy(first.key, other.form_key, sizeof first.key);
	return ledger_place(stage->ledger, stage->mem, &wish, &first, &none, &out);
}

static void *place_clashing_forms(void *what)
{
	struct placer *placer = what;
	struct ledger_stage own = *placer->stage;

	own.mem = arena_open();
	pthread_barrier_wait(placer->start);
	for (int no = 0; no < FORMS; no++)
		placer->befores += place_clashing(&own, placer->offset + no) == LEDGER_PLACED_FULL;
	arena_close(own.mem);
	return NULL;
}

static void what_is_taken_back_takes_nothing_of_others_with_it(void **state)
{
	struct ledger_stage *stage = *state;
	struct placer placers[THREADS];
	pthread_barrier_t start;

	assert_int_equal(stage_place(stage, 0), LEDGER_PLACED_NEW);
	assert_int_equal(place_clashing(stage, 1), LEDGER_PLACED_FULL);
	pthread_barrier_init(&start, NULL, THREADS);
	for (int i = 0; i < THREADS; i++) {
		placers[i] = (struct placer){ .stage = stage, .start = &start, .offset = 1000 + i * FORMS };
		assert_int_equal(pthread_create(&placers[i].thread, NULL, i % 4 == 0 ? place_clashing_forms : place_forms,
		                                &placers[i]), 0);
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(placers[i].thread, NULL);
		assert_int_equal(i % 4 == 0 ? placers[i].befores : placers[i].news, FORMS);
	}
	pthread_barrier_destroy(&start);
	assert_int_equal(stage_sql_number(stage, "SELECT count(*) FROM orders"), 1 + FORMS * THREADS * 3 / 4);
	assert_int_equal(stage_sql_number(stage, "SELECT count(*) FROM attempts"), 1 + FORMS * THREADS * 3 / 4);
	assert_int_equal(stage_sql_number(stage, "SELECT orders FROM counts WHERE status = 'placing'"),
	                 1 + FORMS * THREADS * 3 / 4);
	assert_true(ledger_is_sound(stage->ledger));
	stage_check(stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON(open_memory, fault_18_what_was_answered_survives_each_kind_of_crash),
		ON(open_memory, the_machine_of_memory_loses_what_was_not_synced),
		cmocka_unit_test(an_order_is_there_whole_or_not_at_all_whichever_call_fails),
		ON(open_memory, a_full_disk_stores_nothing_and_heals_without_a_restart),
		ON(open_memory, after_a_failed_sync_nothing_is_written_and_reading_goes_on),
		ON(open_memory, a_failed_sync_while_the_log_is_shortened_breaks_the_ledger),
		ON(open_memory, a_read_that_fails_breaks_nothing),
		ON(open_disk, sixteen_threads_with_one_form_place_one_order),
		ON(open_disk, sixteen_threads_lose_no_order_of_theirs),
		ON(open_memory, many_callers_share_one_commit),
		ON(open_disk, what_is_taken_back_takes_nothing_of_others_with_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
