/* test_sqlite_days.c: orders and money of each day, counted as they are placed. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "support/ledger_stage.h"

enum { TODAY = (int)(STAGE_NOW / MS_A_DAY) };

static void place_in(struct ledger_stage *stage, int no, const char *currency)
{
	struct ledger_limits none = { 0, 0 };
	struct order wish, out;
	struct attempt first;

	stage_wish(stage, no, &wish, &first);
	wish.face_value = money_of(1000, currency);
	assert_int_equal(ledger_place(stage->ledger, stage->mem, &wish, &first, &none, &out), LEDGER_PLACED_NEW);
}

static void check_day(const struct ledger_day *is, int64_t day, const char *currency, int64_t orders, int64_t reserved,
                      int64_t spent)
{
	assert_true(is->day == day);
	assert_string_equal(is->currency, currency);
	assert_true(is->orders == orders);
	assert_true(is->reserved_minor == reserved);
	assert_true(is->spent_minor == spent);
}

static void each_day_and_currency_has_its_orders_and_money(void **state)
{
	struct ledger_stage *stage = *state;
	struct ledger_day *days;
	size_t count;

	assert_int_equal(ledger_days(stage->ledger, stage->mem, 0, INT64_MAX, &days, &count), LEDGER_OK);
	assert_int_equal(count, 0);
	place_in(stage, 1, "GBP");
	stage_complete(stage, 950);
	place_in(stage, 2, "GBP");
	place_in(stage, 3, "EUR");
	stage->now_ms += 2 * (int64_t)MS_A_DAY;
	place_in(stage, 4, "GBP");
	assert_int_equal(ledger_days(stage->ledger, stage->mem, TODAY, TODAY + 2, &days, &count), LEDGER_OK);
	assert_int_equal(count, 3);
	check_day(&days[0], TODAY, "EUR", 1, 1000, 0);
	check_day(&days[1], TODAY, "GBP", 2, 1000, 950);
	check_day(&days[2], TODAY + 2, "GBP", 1, 1000, 0);
	assert_int_equal(ledger_days(stage->ledger, stage->mem, TODAY + 1, TODAY + 1, &days, &count), LEDGER_OK);
	assert_int_equal(count, 0);
	stage_check(stage);
}

static void an_order_that_was_refused_still_counts_and_costs_nothing(void **state)
{
	struct ledger_stage *stage = *state;
	struct ledger_claimed claimed[64];
	struct ledger_step step;
	struct ledger_day *days;
	size_t count;

	assert_int_equal(stage_place(stage, 1), LEDGER_PLACED_NEW);
	assert_int_equal(stage_claim(stage, stage->ledger, claimed), 1);
	step = stage_step(stage, &claimed[0], ATTEMPT_REFUSED, ORDER_FAILED);
	assert_int_equal(ledger_record(stage->ledger, &step), LEDGER_OK);
	assert_int_equal(ledger_days(stage->ledger, stage->mem, TODAY, TODAY, &days, &count), LEDGER_OK);
	assert_int_equal(count, 1);
	check_day(&days[0], TODAY, "GBP", 1, 0, 0);
}

static void days_of_an_older_ledger_are_counted_once_when_it_is_brought_up_to_date(void **state)
{
	struct ledger_stage *stage = *state;
	struct ledger_day *days;
	size_t count;

	place_in(stage, 1, "GBP");
	place_in(stage, 2, "GBP");
	stage->now_ms += MS_A_DAY;
	place_in(stage, 3, "EUR");
	ledger_close(stage->ledger);
	stage_sql(stage, "DROP TRIGGER orders_are_counted_by_day; DROP TABLE days; DROP INDEX orders_of_recipient;"
	          " DROP INDEX orders_alike;"
	          " PRAGMA user_version = 3");
	stage->ledger = ledger_stage_open(stage);
	assert_non_null(stage->ledger);
	assert_int_equal(ledger_days(stage->ledger, stage->mem, 0, INT64_MAX, &days, &count), LEDGER_OK);
	assert_int_equal(count, 2);
	check_day(&days[0], TODAY, "GBP", 2, 2000, 0);
	check_day(&days[1], TODAY + 1, "EUR", 1, 1000, 0);
}

static void a_month_is_read_without_looking_at_an_order(void **state)
{
	struct ledger_stage *stage = *state;
	struct ledger_day *days;
	size_t count;
	long reads;

	for (int no = 0; no < 300; no++)
		place_in(stage, no, no % 2 ? "GBP" : "EUR");
	ledger_close(stage->ledger);
	stage->ledger = ledger_stage_open(stage);
	assert_non_null(stage->ledger);
	reads = faulty_vfs_count(stage->vfs, FAULTY_READS);
	assert_int_equal(ledger_days(stage->ledger, stage->mem, TODAY - 29, TODAY, &days, &count), LEDGER_OK);
	assert_int_equal(count, 2);
	assert_true(days[0].orders == 150);
	assert_in_range(faulty_vfs_count(stage->vfs, FAULTY_READS) - reads, 1, 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON(open_memory, each_day_and_currency_has_its_orders_and_money),
		ON(open_memory, an_order_that_was_refused_still_counts_and_costs_nothing),
		ON(open_memory, days_of_an_older_ledger_are_counted_once_when_it_is_brought_up_to_date),
		ON(open_memory, a_month_is_read_without_looking_at_an_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
