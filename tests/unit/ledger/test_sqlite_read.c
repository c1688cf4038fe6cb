/* test_sqlite_read.c: lists by key set, with any filters, and counts. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "support/ledger_stage.h"

static const char *const products[] = { "AMZ-GB", "ITUNES-GB", "ARGOS-GB" };
static const char *const people[] = { "alice", "bob" };
static const char *const currencies[] = { "GBP", "EUR" };

static const char *product_of(int no) { return products[no % 3]; }
static const char *person_of(int no) { return people[no / 3 % 2]; }
static const char *currency_of(int no) { return currencies[no / 6 % 2]; }
static bool is_done(int no) { return no % 5 == 0; }
/* Three orders share each moment. */
static int64_t placed_of(int no) { return STAGE_NOW + no / 3 * 10; }

static void place_one(struct ledger_stage *stage, int no)
{
	struct ledger_limits none = { 0, 0 };
	struct order wish, out;
	struct attempt first;

	stage->now_ms = placed_of(no);
	stage_wish(stage, no, &wish, &first);
	wish.product_code = product_of(no);
	wish.placed_by = person_of(no);
	wish.face_value = money_of(1000, currency_of(no));
	assert_int_equal(ledger_place(stage->ledger, stage->mem, &wish, &first, &none, &out), LEDGER_PLACED_NEW);
	if (is_done(no)) {
		struct ledger_claim claim = { .now_ms = stage->now_ms, .lease_ms = 1, .upstream = STAGE_UPSTREAM,
			                      .max_sends = 1, .only_order = out.number };
		struct ledger_claimed claimed;
		struct ledger_step step;
		size_t count;

		assert_int_equal(ledger_claim_due(stage->ledger, stage->mem, &claim, &claimed, &count),
		                 LEDGER_OK);
		assert_int_equal(count, 1);
		step = stage_step(stage, &claimed, ATTEMPT_COMPLETED, ORDER_COMPLETED);
		assert_int_equal(ledger_record(stage->ledger, &step), LEDGER_OK);
	}
}

static void place_many(struct ledger_stage *stage, int count)
{
	for (int no = 0; no < count; no++)
		place_one(stage, no);
}

static bool fits(const struct ledger_filter *filter, int no)
{
	return (!filter->has_status || (filter->status == ORDER_COMPLETED) == is_done(no)) &&
	       (!filter->product || strcmp(filter->product, product_of(no)) == 0) &&
	       (!filter->by || strcmp(filter->by, person_of(no)) == 0) &&
	       (!filter->currency || strcmp(filter->currency, currency_of(no)) == 0) &&
	       placed_of(no) >= filter->from_ms && (filter->to_ms == 0 || placed_of(no) < filter->to_ms);
}

/* Reads page after page; every order that fits comes exactly once, newest first. */
static void check_list(struct ledger_stage *stage, struct ledger_filter filter, int placed)
{
	int expected = placed - 1;

	for (;;) {
		struct order *orders;
		size_t count;

		assert_int_equal(ledger_orders(stage->ledger, stage->mem, &filter, 7, &orders, &count), LEDGER_OK);
		for (size_t i = 0; i < count; i++) {
			while (expected >= 0 && !fits(&filter, expected))
				expected--;
			assert_true(expected >= 0);
			assert_string_equal(orders[i].number, stage_number(stage, expected));
			expected--;
		}
		if (count < 7) break;
		filter.before_ms = orders[count - 1].placed_at_ms;
		memcpy(filter.before_number, orders[count - 1].number, ID_NUMBER_SIZE);
	}
	while (expected >= 0)
		assert_false(fits(&filter, expected--));
}

static void a_list_with_any_filters_gives_each_order_that_fits_once(void **state)
{
	struct ledger_stage *stage = *state;

	place_many(stage, 60);
	for (int bits = 0; bits < 64; bits++) {
		struct ledger_filter filter = { .has_status = bits & 1, .status = ORDER_PLACING };

		if (bits & 2) filter.product = "AMZ-GB";
		if (bits & 4) filter.by = "bob";
		if (bits & 8) filter.currency = "EUR";
		if (bits & 16) filter.from_ms = STAGE_NOW + 30;
		if (bits & 32) filter.to_ms = STAGE_NOW + 150;
		check_list(stage, filter, 60);
		filter.status = ORDER_COMPLETED;
		check_list(stage, filter, 60);
	}
}

/* The note of each third order, and the address of each fourth. */
static void write_texts(struct ledger_stage *stage)
{
	stage_sql(stage, "DROP TRIGGER orders_keep_their_wish;"
	                 " UPDATE orders SET description = 'for the Spring survey' WHERE id % 3 = 0;"
	                 " UPDATE orders SET email = 'Ada@example.org' WHERE id % 4 = 0;"
	                 " UPDATE orders SET runa_order_id = 'O-' || id");
}

static size_t found(struct ledger_stage *stage, struct ledger_filter filter)
{
	struct order *orders;
	size_t count;

	assert_int_equal(ledger_orders(stage->ledger, stage->mem, &filter, 1000, &orders, &count), LEDGER_OK);
	for (size_t i = 1; i < count; i++)
		assert_true(orders[i].placed_at_ms <= orders[i - 1].placed_at_ms);
	return count;
}

static void a_search_finds_numbers_whole_addresses_and_pieces_of_texts(void **state)
{
	struct ledger_stage *stage = *state;

	place_many(stage, 60);
	write_texts(stage);
	assert_int_equal(found(stage, (struct ledger_filter){ .find = stage_number(stage, 7) }), 1);
	assert_int_equal(found(stage, (struct ledger_filter){ .find = "ada@EXAMPLE.org" }), 15);
	assert_int_equal(found(stage, (struct ledger_filter){ .find = "SPRING" }), 20);
	assert_int_equal(found(stage, (struct ledger_filter){ .find = "a@exam" }), 15);
	assert_int_equal(found(stage, (struct ledger_filter){ .find = "o-17" }), 1);
	assert_int_equal(found(stage, (struct ledger_filter){ .find = "O-" }), 0);
	assert_int_equal(found(stage, (struct ledger_filter){ .find = "%" }), 0);
	/* beside other filters, and between two days */
	assert_int_equal(found(stage, (struct ledger_filter){ .find = stage_number(stage, 7), .by = "nobody" }), 0);
	assert_int_equal(found(stage, (struct ledger_filter){ .find = "ada@example.org", .product = products[0] }), 5);
	assert_int_equal(found(stage, (struct ledger_filter){ .find = "spring", .product = products[2] }), 20);
	assert_int_equal(found(stage, (struct ledger_filter){ .find = "ada@example.org", .from_ms = placed_of(30) }), 8);
}

/* Each stretch ends where the next begins, so that all that fits is found, once. */
static void a_search_that_looks_at_a_few_orders_at_a_time_finds_all_in_the_end(void **state)
{
	struct ledger_stage *stage = *state;
	struct ledger_filter filter = { .find = "spring" };
	size_t all = 0, stretches = 0;
	enum ledger_result looked;

	place_many(stage, 60);
	write_texts(stage);
	do {
		filter.until_ms = 0;
		looked = ledger_look(stage->ledger, &filter, 7);
		all += found(stage, filter);
		stretches++;
		filter.before_ms = filter.until_ms;
		memcpy(filter.before_number, filter.until_number, ID_NUMBER_SIZE);
	} while (looked == LEDGER_OK);
	assert_int_equal(looked, LEDGER_NONE);
	assert_int_equal(all, 20);
	assert_int_equal(stretches, 9); /* 60 are eight times seven and four */
}

static void a_list_that_its_index_leads_through_needs_no_look(void **state)
{
	struct ledger_stage *stage = *state;
	struct ledger_filter led[] = { { 0 }, { .by = "bob" }, { .product = products[0] }, { .currency = "EUR" },
		                       { .has_status = true, .status = ORDER_COMPLETED }, { .find = "ada@example.org" },
		                       { .find = stage_number(stage, 1), .by = "bob" } };
	struct ledger_filter looks[] = { { .find = "ada" }, { .by = "bob", .currency = "EUR" },
		                         { .has_status = true, .by = "bob", .status = ORDER_PLACING } };

	place_many(stage, 60);
	for (size_t i = 0; i < COUNT_OF(led); i++)
		assert_int_equal(ledger_look(stage->ledger, &led[i], 3), LEDGER_NONE);
	for (size_t i = 0; i < COUNT_OF(looks); i++) {
		assert_int_equal(ledger_look(stage->ledger, &looks[i], 3), LEDGER_OK);
		assert_true(looks[i].until_ms > 0 && looks[i].until_number[0]);
	}
}

static void orders_that_arrive_between_pages_move_nothing(void **state)
{
	struct ledger_stage *stage = *state;
	struct ledger_filter filter = { 0 };
	struct order *orders;
	int expected = 29, arrived = 30;
	size_t count;

	place_many(stage, 30);
	do {
		assert_int_equal(ledger_orders(stage->ledger, stage->mem, &filter, 4, &orders, &count), LEDGER_OK);
		for (size_t i = 0; i < count; i++)
			assert_string_equal(orders[i].number, stage_number(stage, expected--));
		if (count == 0) break;
		filter.before_ms = orders[count - 1].placed_at_ms;
		memcpy(filter.before_number, orders[count - 1].number, ID_NUMBER_SIZE);
		place_one(stage, arrived++);
	} while (true);
	assert_int_equal(expected, -1);
}

static void each_list_reads_its_index_and_sorts_nothing(void **state)
{
	struct ledger_stage *stage = *state;
	struct ledger_filter filters[] = { { 0 }, { .by = "bob" }, { .product = "AMZ-GB" }, { .currency = "EUR" },
		                           { .has_status = true, .status = ORDER_PLACING },
		                           { .find = "ada@example.org" } };

	/* 300 orders and a page of 5: a sort or a scan would read them all */
	place_many(stage, 300);
	write_texts(stage);
	for (size_t i = 0; i < COUNT_OF(filters); i++) {
		struct order *orders;
		size_t count;
		long reads;

		ledger_close(stage->ledger);
		stage->ledger = ledger_stage_open(stage);
		assert_non_null(stage->ledger);
		reads = faulty_vfs_count(stage->vfs, FAULTY_READS);
		assert_int_equal(ledger_orders(stage->ledger, stage->mem, &filters[i], 5, &orders, &count),
		                 LEDGER_OK);
		assert_int_equal(count, 5);
		assert_in_range(faulty_vfs_count(stage->vfs, FAULTY_READS) - reads, 1, 20);
	}
}

static void orders_of_each_status_are_counted(void **state)
{
	struct ledger_stage *stage = *state;
	int64_t counts[ORDER_STATUSES];

	assert_int_equal(ledger_counts(stage->ledger, counts), LEDGER_OK);
	assert_true(counts[ORDER_PLACING] == 0 && counts[ORDER_COMPLETED] == 0);
	place_many(stage, 33);
	assert_int_equal(ledger_counts(stage->ledger, counts), LEDGER_OK);
	assert_true(counts[ORDER_COMPLETED] == 7);
	assert_true(counts[ORDER_PLACING] == 26);
	assert_true(counts[ORDER_FAILED] == 0 && counts[ORDER_NEEDS_ATTENTION] == 0);
}

static void what_is_not_there_is_none(void **state)
{
	struct ledger_stage *stage = *state;
	struct attempt_try *tries;
	struct attempt *attempts;
	struct order order;
	size_t count;

	assert_int_equal(ledger_order(stage->ledger, stage->mem, "x", &order), LEDGER_NONE);
	assert_int_equal(ledger_order_of_form(stage->ledger, stage->mem, "x", &order), LEDGER_NONE);
	assert_int_equal(ledger_attempts(stage->ledger, stage->mem, "x", &attempts, &count), LEDGER_NONE);
	assert_int_equal(ledger_tries(stage->ledger, stage->mem, "x", &tries, &count), LEDGER_OK);
	assert_int_equal(count, 0);
	assert_int_equal(stage_place(stage, 1), LEDGER_PLACED_NEW);
	assert_int_equal(ledger_order_of_form(stage->ledger, stage->mem, "00000001-0000-4000-8000-000000000000",
	                                      &order), LEDGER_OK);
	assert_string_equal(order.number, stage_number(stage, 1));
}

/* A word that no state has: the file was altered, and nobody may guess what it meant. */
static void an_unknown_word_is_damage(void **state)
{
	struct ledger_stage *stage = *state;
	struct order order;

	assert_int_equal(stage_place(stage, 1), LEDGER_PLACED_NEW);
	stage_sql(stage, "UPDATE orders SET money_moved = 'perhaps'");
	assert_int_equal(ledger_order(stage->ledger, stage->mem, stage_number(stage, 1), &order), LEDGER_BROKEN);
	assert_false(ledger_is_sound(stage->ledger));
}

static void the_file_itself_refuses_other_bytes_under_a_key(void **state)
{
	static const char *const acts[] = {
		"UPDATE attempts SET body = '{}'",        "UPDATE attempts SET headers = 'x'",
		"UPDATE attempts SET key = 'k'",          "UPDATE attempts SET upstream = 'u'",
		"UPDATE attempts SET body = x''",         "UPDATE orders SET face_minor = 1",
		"UPDATE orders SET product_code = 'x'",   "UPDATE audit SET who = 'x'",
		"DELETE FROM audit",                      "DELETE FROM orders",
	};
	struct ledger_stage *stage = *state;
	sqlite3 *db;

	assert_int_equal(stage_place(stage, 1), LEDGER_PLACED_NEW);
	assert_int_equal(sqlite3_open_v2(stage->path, &db, SQLITE_OPEN_READWRITE, "stage"), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "PRAGMA foreign_keys = ON", NULL, NULL, NULL), SQLITE_OK);
	for (size_t i = 0; i < COUNT_OF(acts); i++)
		assert_int_equal(sqlite3_exec(db, acts[i], NULL, NULL, NULL), SQLITE_CONSTRAINT);
	sqlite3_close(db);
}

static void what_waits_for_another_upstream_is_counted(void **state)
{
	struct ledger_stage *stage = *state;
	int64_t count = -1;

	for (int no = 0; no < 3; no++)
		assert_int_equal(stage_place(stage, no), LEDGER_PLACED_NEW);
	assert_int_equal(ledger_count_elsewhere(stage->ledger, STAGE_UPSTREAM, &count), LEDGER_OK);
	assert_true(count == 0);
	stage->now_ms += 1000;
	stage_sql(stage, "UPDATE attempts SET task = 'none' WHERE no = 1 AND order_id = 1"); /* nobody waits for this one */
	assert_int_equal(ledger_count_elsewhere(stage->ledger, "https://other.test/v2", &count), LEDGER_OK);
	assert_true(count == 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON(open_memory, a_list_with_any_filters_gives_each_order_that_fits_once),
		ON(open_memory, what_waits_for_another_upstream_is_counted),
		ON(open_memory, a_search_finds_numbers_whole_addresses_and_pieces_of_texts),
		ON(open_memory, a_search_that_looks_at_a_few_orders_at_a_time_finds_all_in_the_end),
		ON(open_memory, a_list_that_its_index_leads_through_needs_no_look),
		ON(open_memory, orders_that_arrive_between_pages_move_nothing),
		ON(open_memory, each_list_reads_its_index_and_sorts_nothing),
		ON(open_memory, orders_of_each_status_are_counted),
		ON(open_memory, what_is_not_there_is_none),
		ON(open_memory, an_unknown_word_is_damage),
		ON(open_memory, the_file_itself_refuses_other_bytes_under_a_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
