/* ledger_stage.c: a ledger set up for tests. A step that must work and doesn't fails the test. */
#include "support/ledger_stage.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "base/log.h"
#include "base/seal.h"

static const char MACHINE[] = "stage";

static int64_t stage_wall(const struct clock *clock)
{
	return ((const struct ledger_stage *)clock)->now_ms;
}

static int64_t stage_steady(const struct clock *clock)
{
	const struct ledger_stage *stage = (const struct ledger_stage *)clock;

	return stage->now_ms - stage->jumped_ms;
}

static int64_t stage_boot(const struct clock *clock)
{
	return ((const struct ledger_stage *)clock)->boot;
}

void ledger_stage_clock_jumps(struct ledger_stage *stage, int64_t jump_ms)
{
	stage->now_ms += jump_ms;
	stage->jumped_ms += jump_ms;
}

static struct ledger_stage *stage_make(void)
{
	struct ledger_stage *stage = memory_alloc(sizeof *stage);

	assert_true(seal_begin());
	log_set_level(getenv("STAGE_LOG") ? LOG_DETAIL : 0); /* failures that a test arranges need no lines */
	stage->clock = (struct clock){ stage_wall, stage_steady, stage_boot };
	stage->now_ms = STAGE_NOW;
	stage->boot = 1;
	stage->mem = arena_open();
	return stage;
}

struct ledger *ledger_stage_open(struct ledger_stage *stage)
{
	struct ledger_options options = { .path = stage->path, .vfs = stage->vfs ? MACHINE : NULL,
		                          .clock = &stage->clock, .is_inline = stage->vfs != NULL,
		                          .may_migrate = true, .seal_key_id = "0123456789abcdef" };

	return ledger_open(&options, &stage->why);
}

struct ledger_stage *ledger_stage_of_memory(void)
{
	struct ledger_stage *stage = stage_make();

	stage->vfs = faulty_vfs_open(MACHINE, 1);
	snprintf(stage->path, sizeof stage->path, "ledger");
	stage->ledger = ledger_stage_open(stage);
	assert_non_null(stage->ledger);
	return stage;
}

struct ledger_stage *ledger_stage_on_disk(void)
{
	struct ledger_stage *stage = stage_make();

	snprintf(stage->directory, sizeof stage->directory, "ledger-test-XXXXXX");
	assert_non_null(mkdtemp(stage->directory));
	snprintf(stage->path, sizeof stage->path, "%s/ledger.db", stage->directory);
	stage->ledger = ledger_stage_open(stage);
	if (!stage->ledger) fail_msg("%s", stage->why.text);
	return stage;
}

static int remove_one(const char *path, const struct stat *now, int kind, struct FTW *where)
{
	(void)now;
	(void)kind;
	(void)where;
	return remove(path);
}

void ledger_stage_close(struct ledger_stage *stage)
{
	if (stage->ledger) ledger_close(stage->ledger);
	if (stage->vfs) faulty_vfs_close(stage->vfs);
	if (stage->directory[0]) assert_int_equal(nftw(stage->directory, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
	arena_close(stage->mem);
	free(stage);
}

int open_memory(void **state)
{
	*state = ledger_stage_of_memory();
	return 0;
}

int open_disk(void **state)
{
	*state = ledger_stage_on_disk();
	return 0;
}

int close_stage(void **state)
{
	ledger_stage_close(*state);
	return 0;
}

void ledger_stage_crash(struct ledger_stage *stage, enum faulty_kept kept)
{
	struct ledger *dead = stage->ledger;

	faulty_vfs_crash(stage->vfs, kept);
	if (dead) ledger_close(dead);
	stage->ledger = ledger_stage_open(stage);
	if (!stage->ledger) fail_msg("%s", stage->why.text);
}

const char *stage_number(struct ledger_stage *stage, int no)
{
	return arena_print(stage->mem, "%016d", no);
}

void stage_wish(struct ledger_stage *stage, int no, struct order *wish, struct attempt *first)
{
	*wish = (struct order){ .product_code = "AMZ-GB", .product_name = "Amazon.co.uk",
		                .face_value = { 1000, "GBP" }, .placed_by = "alice", .placed_by_name = "Alice",
		                .placed_at_ms = stage->now_ms };
	*first = (struct attempt){ .upstream = STAGE_UPSTREAM, .headers = "X-Idempotency-Key: k\n",
		                   .created_at_ms = stage->now_ms, .opened_by = "alice" };
	snprintf(wish->number, sizeof wish->number, "%016d", no);
	snprintf(wish->form_key, sizeof wish->form_key, "%08x-0000-4000-8000-000000000000", (unsigned)no);
	memcpy(first->key, wish->form_key, sizeof first->key);
	first->reference = arena_text(stage->mem, wish->number);
	first->body = arena_print(stage->mem, "{\"order\":%d}", no);
	first->body_bytes = strlen(first->body);
}

enum ledger_placed stage_place(struct ledger_stage *stage, int no)
{
	struct ledger_limits none = { 0, 0 };
	struct order wish, out;
	struct attempt first;

	stage_wish(stage, no, &wish, &first);
	return ledger_place(stage->ledger, stage->mem, &wish, &first, &none, &out);
}

size_t stage_claim(struct ledger_stage *stage, struct ledger *ledger, struct ledger_claimed out[64])
{
	struct ledger_claim claim = { .now_ms = stage->now_ms, .lease_ms = 60000, .upstream = STAGE_UPSTREAM,
		                      .max_sends = 32, .max_others = 32, .sent_advice = "waiting_sent" };
	size_t count = 0;

	assert_int_equal(ledger_claim_due(ledger, stage->mem, &claim, out, &count), LEDGER_OK);
	return count;
}

struct ledger_step stage_step(struct ledger_stage *stage, const struct ledger_claimed *claimed,
                              enum attempt_state to, enum order_status status)
{
	bool is_over = !order_is_open(status);

	return (struct ledger_step){ .attempt_id = claimed->attempt.id, .from = claimed->attempt.state,
		                     .from_task = claimed->attempt.task, .to = to,
		                     .task = is_over ? TASK_NONE : TASK_SEND, .now_ms = stage->now_ms,
		                     .due_at_ms = stage->now_ms, .order_status = status,
		                     .money_moved = status == ORDER_COMPLETED ? MONEY_MOVED_YES
		                                                              : MONEY_MOVED_UNKNOWN,
		                     .advice = "some", .try_id = claimed->try_id,
		                     .meaning = status == ORDER_COMPLETED ? MEANING_COMPLETED : MEANING_UNKNOWN,
		                     .http_status = 200, .who = "dispatcher", .act = "answered" };
}

void stage_complete(struct ledger_stage *stage, int64_t price_minor)
{
	struct ledger_claimed claimed[64];
	struct ledger_step step;

	assert_int_equal(stage_claim(stage, stage->ledger, claimed), 1);
	step = stage_step(stage, &claimed[0], ATTEMPT_COMPLETED, ORDER_COMPLETED);
	step.price = step.discount = (struct money){ price_minor, "GBP" };
	step.completed_at_ms = stage->now_ms;
	assert_int_equal(ledger_record(stage->ledger, &step), LEDGER_OK);
}

struct order stage_order(struct ledger_stage *stage, int no)
{
	struct order order;

	assert_int_equal(ledger_order(stage->ledger, stage->mem, stage_number(stage, no), &order), LEDGER_OK);
	return order;
}

struct attempt stage_attempt(struct ledger_stage *stage, int no)
{
	struct attempt *attempts;
	size_t count;

	assert_int_equal(ledger_attempts(stage->ledger, stage->mem, stage_number(stage, no), &attempts, &count),
	                 LEDGER_OK);
	return attempts[count - 1];
}

void stage_check(struct ledger_stage *stage)
{
	int64_t lines;

	if (!ledger_verify_audit(stage->ledger, &lines, &stage->why)) fail_msg("%s", stage->why.text);
	if (!ledger_verify_budget(stage->ledger, &stage->why)) fail_msg("%s", stage->why.text);
}

static sqlite3 *stage_connect(struct ledger_stage *stage)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open_v2(stage->path, &db, SQLITE_OPEN_READWRITE, stage->vfs ? MACHINE : NULL),
	                 SQLITE_OK);
	return db;
}

void stage_sql(struct ledger_stage *stage, const char *sql)
{
	sqlite3 *db = stage_connect(stage);

	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) fail_msg("%s", sqlite3_errmsg(db));
	sqlite3_close(db);
}

int64_t stage_sql_number(struct ledger_stage *stage, const char *sql)
{
	sqlite3 *db = stage_connect(stage);
	sqlite3_stmt *stmt;
	int64_t number;

	if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK) fail_msg("%s", sqlite3_errmsg(db));
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	number = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	return number;
}
