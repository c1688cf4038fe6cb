/* test_sqlite_pace.c: all processes together send no faster than one may. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/ledger_stage.h"

static struct ledger_claim claim_of(const struct ledger_stage *stage)
{
	return (struct ledger_claim){ .now_ms = stage->now_ms, .lease_ms = MS_AN_HOUR, .upstream = STAGE_UPSTREAM,
		                      .oldest_key_ms = 0, .max_sends = 32, .max_others = 32, .sends_a_minute = 3 };
}

static size_t claim(struct ledger_stage *stage, struct ledger *ledger)
{
	struct ledger_claim what = claim_of(stage);
	struct ledger_claimed claimed[64];
	size_t count;

	assert_int_equal(ledger_claim_due(ledger, stage->mem, &what, claimed, &count), LEDGER_OK);
	return count;
}

static void place_many(struct ledger_stage *stage, int count)
{
	for (int no = 1; no <= count; no++) assert_int_equal(stage_place(stage, no), LEDGER_PLACED_NEW);
}

static int64_t sent_in_minute(struct ledger_stage *stage)
{
	struct ledger_pace pace;

	assert_true(ledger_pace(stage->ledger, stage->now_ms, &pace));
	return pace.sent_in_minute;
}

static void a_minute_limit_holds_over_all_processes(void **state)
{
	struct ledger_stage *stage = *state;
	struct ledger *second = ledger_stage_open(stage);

	assert_non_null(second);
	place_many(stage, 5);
	assert_int_equal(claim(stage, stage->ledger), 3);
	assert_int_equal(claim(stage, second), 0);
	assert_true(sent_in_minute(stage) == 3);
	stage->now_ms += MS_A_MINUTE - 1;
	assert_int_equal(claim(stage, second), 0);
	stage->now_ms += MS_A_SECOND + 1;
	assert_int_equal(claim(stage, second), 2);
	ledger_close(second);
}

static void a_minute_limit_holds_over_a_crash(void **state)
{
	struct ledger_stage *stage = *state;

	place_many(stage, 5);
	assert_int_equal(claim(stage, stage->ledger), 3);
	ledger_stage_crash(stage, FAULTY_KEEP_ALL);
	assert_int_equal(claim(stage, stage->ledger), 0);
}

static void a_minute_limit_holds_when_the_clock_jumps(void **state)
{
	static const int64_t jumps[] = { MS_AN_HOUR, -(int64_t)MS_AN_HOUR, 7 * MS_A_SECOND, -7 * MS_A_SECOND };
	struct ledger_stage *stage = *state;

	place_many(stage, 5);
	assert_int_equal(claim(stage, stage->ledger), 3);
	for (size_t i = 0; i < COUNT_OF(jumps); i++) {
		ledger_stage_clock_jumps(stage, jumps[i]);
		assert_int_equal(ledger_mind_clock(stage->ledger), LEDGER_OK);
		assert_true(sent_in_minute(stage) == 3);
	}
	stage->now_ms += MS_A_MINUTE + MS_A_SECOND;
	assert_true(sent_in_minute(stage) == 0);
}

static void only_the_last_minute_is_kept(void **state)
{
	struct ledger_stage *stage = *state;

	for (int no = 1; no <= 5; no++) {
		assert_int_equal(stage_place(stage, no), LEDGER_PLACED_NEW);
		assert_int_equal(claim(stage, stage->ledger), 1);
		stage->now_ms += 40 * MS_A_SECOND;
	}
	assert_int_equal(stage_sql_number(stage, "SELECT count(*) FROM sends"), 2);
}

static void while_everyone_pauses_nothing_is_handed_out(void **state)
{
	struct ledger_stage *stage = *state;
	struct ledger *second = ledger_stage_open(stage);

	assert_non_null(second);
	place_many(stage, 1);
	assert_int_equal(ledger_pause(stage->ledger, 5000, 1), LEDGER_OK);
	assert_int_equal(claim(stage, second), 0);
	ledger_stage_clock_jumps(stage, MS_AN_HOUR); /* a pause stays as long as it is */
	assert_int_equal(ledger_mind_clock(stage->ledger), LEDGER_OK);
	stage->now_ms += 4999;
	assert_int_equal(claim(stage, second), 0);
	stage->now_ms += 1;
	assert_int_equal(claim(stage, second), 1);
	ledger_close(second);
}

static void a_good_answer_takes_nothing_away_of_a_pause_of_another(void **state)
{
	struct ledger_stage *stage = *state;
	struct ledger_pace pace;

	assert_int_equal(ledger_pause(stage->ledger, 5000, 2), LEDGER_OK);
	assert_int_equal(ledger_pause(stage->ledger, 3000, 3), LEDGER_OK);
	assert_int_equal(ledger_pause(stage->ledger, 0, 0), LEDGER_OK);
	assert_true(ledger_pace(stage->ledger, stage->now_ms, &pace));
	assert_true(pace.pause_until_ms == stage->now_ms + 5000);
	assert_int_equal(pace.pauses, 3);
	stage->now_ms += 5000;
	assert_int_equal(ledger_pause(stage->ledger, 0, 0), LEDGER_OK);
	assert_true(ledger_pace(stage->ledger, stage->now_ms, &pace));
	assert_int_equal(pace.pauses, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON(open_disk, a_minute_limit_holds_over_all_processes),
		ON(open_memory, a_minute_limit_holds_over_a_crash),
		ON(open_memory, a_minute_limit_holds_when_the_clock_jumps),
		ON(open_memory, only_the_last_minute_is_kept),
		ON(open_disk, while_everyone_pauses_nothing_is_handed_out),
		ON(open_memory, a_good_answer_takes_nothing_away_of_a_pause_of_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
