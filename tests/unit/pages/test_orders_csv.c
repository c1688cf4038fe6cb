/* orders_csv.c: the list as a table for other programs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "base/text.h"
#include "pages/orders.h"
#include "support/portal.h"

#define NAMES "id,status,money_moved,product,product_name,face_value,currency,distribution,email,description,price," \
	"price_currency,discount,discount_currency,runa_order_id,payout_status,expiry_date,error_type,error_message," \
	"placed_by,placed_by_name,placed_at,completed_at\r\n"

static size_t times_in(const char *text, const char *piece)
{
	size_t count = 0;

	for (const char *at = strstr(text, piece); at; at = strstr(at + 1, piece))
		count++;
	return count;
}

static struct order an_order(void)
{
	return (struct order){
		.number = "ABCDEFGH12345678", .form_key = "0b5c9e0a-8c5e-4b0e-9a53-5a1f3c1de001", .status = ORDER_COMPLETED,
		.money_moved = MONEY_MOVED_YES, .product_code = "AMZ-GB", .product_name = "Shop",
		.face_value = money_of(1000, "GBP"), .distribution = DISTRIBUTION_LINK, .placed_by = "alice",
		.placed_by_name = "Alice", .placed_at_ms = INT64_C(1795424400000), .completed_at_ms = INT64_C(1795424401000),
		.price = money_of(950, "GBP"), .discount = money_of(50, "GBP"), .runa_order_id = "O-1",
		.payout_status = "ACTIVE", .advice = "completed", .attempts = 1, .tries = 1,
	};
}

static const char *line_of(struct arena *mem, const struct order *order)
{
	struct text out;

	text_begin(&out, mem, 0);
	orders_csv_line(&out, order);
	return out.bytes;
}

static void a_line_has_money_as_decimals_and_times_in_utc(void **state)
{
	struct arena *mem = arena_open();
	struct order order = an_order();

	(void)state;
	assert_string_equal(line_of(mem, &order),
	                    "ABCDEFGH12345678,completed,yes,AMZ-GB,Shop,10.00,GBP,PAYOUT_LINK,,,9.50,GBP,0.50,GBP,O-1,ACTIVE,,,,"
	                    "alice,Alice,2026-11-23T09:00:00Z,2026-11-23T09:00:01Z\r\n");
	order.face_value = money_of(1000, "JPY");
	order.price = order.discount = (struct money){ 0, "" };
	order.completed_at_ms = 0;
	assert_non_null(strstr(line_of(mem, &order), ",1000,JPY,PAYOUT_LINK,,,,,,,O-1,"));
	assert_null(strstr(line_of(mem, &order), order.form_key));
	arena_close(mem);
}

static void every_cell_is_quoted_as_rfc_4180_says_and_none_is_a_formula(void **state)
{
	static const struct { const char *note, *cell; } cases[] = {
		{ "plain", ",plain," }, { "a,b", ",\"a,b\"," }, { "say \"hi\"", ",\"say \"\"hi\"\"\"," },
		{ "a\r\nb", ",\"a\r\nb\"," }, { "a;b", ",\"a;b\"," }, { "\"", ",\"\"\"\"," }, { "", ",," },
		{ "=1+1", ",'=1+1," }, { "+44", ",'+44," }, { "-5", ",'-5," }, { "@SUM(A1)", ",'@SUM(A1)," },
		{ "\t=1", ",\"'\t'=1\"," }, { "\r=1", ",\"'\r'=1\"," },
		{ "x; =1+1;y", ",\"x; '=1+1;y\"," }, { "a-b=c", ",a-b=c," }, { "=1,\"2\"", ",\"'=1,\"\"2\"\"\"," },
		{ "a=1", ",a=1," }, { "\xE2\x82\xAC", ",\xE2\x82\xAC," }, { "'", ",'," },
	};
	struct arena *mem = arena_open();
	struct order order = an_order();

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		order.description = cases[i].note;
		if (!strstr(line_of(mem, &order), arena_print(mem, "PAYOUT_LINK,%s9.50", cases[i].cell)))
			fail_msg("%s: %s", cases[i].note, line_of(mem, &order));
	}
	order = an_order();
	order.placed_by = order.placed_by_name = order.product_name = order.error_message = "=cmd";
	assert_int_equal(times_in(line_of(mem, &order), "'=cmd"), 4);
	arena_close(mem);
}

static void the_file_has_each_order_of_the_list_once_and_a_line_of_names(void **state)
{
	struct portal *portal = *state;
	struct portal_answer answer;
	const char *first = portal_place(portal, "bob"), *last = NULL;

	for (int i = 0; i < 450; i++) { /* more than two pieces */
		portal->now_ms += i % 2;
		last = portal_place(portal, "alice");
	}
	answer = portal_get(portal, "alice", "/orders.csv");
	assert_int_equal(answer.status, 200);
	assert_false(answer.is_broken_off);
	assert_int_equal(times_in(answer.body, "\r\n"), 452);
	assert_true(text_begins(answer.body, arena_print(portal->mem, NAMES "%s,", last)));
	assert_true(portal_says(answer, first));
	assert_string_equal(portal_head(portal, answer, "Content-Type"), "text/csv; charset=utf-8; header=present");
	assert_string_equal(portal_head(portal, answer, "Content-Disposition"),
	                    "attachment; filename=\"orders-2026-11-23.csv\"");
	assert_null(portal_head(portal, answer, "Content-Length"));
	answer = portal_get(portal, "alice", "/orders.csv?by=bob&status=placing");
	assert_int_equal(times_in(answer.body, "\r\n"), 2);
	assert_true(portal_says(answer, first));
	answer = portal_get(portal, "alice", "/orders.csv?by=nobody");
	assert_string_equal(answer.body, NAMES);
}

static void head_is_answered_without_a_body(void **state)
{
	struct portal *portal = *state;
	struct portal_answer answer;

	(void)portal_place(portal, "alice");
	answer = portal_head_of(portal, "alice", "/orders.csv");
	assert_int_equal(answer.status, 200);
	assert_string_equal(answer.body, "");
	assert_string_equal(portal_head(portal, answer, "Content-Type"), "text/csv; charset=utf-8; header=present");
}

static void no_payout_link_and_no_secret_is_in_the_file(void **state)
{
	struct portal *portal = *state;
	const char *number = portal_place(portal, "alice");
	struct portal_answer answer;

	portal_complete(portal, number);
	answer = portal_get(portal, "alice", "/orders.csv");
	assert_true(portal_says(answer, "completed,yes"));
	assert_false(portal_says(answer, "spend.example"));
	assert_false(portal_says(answer, "https"));
}

static void a_filter_that_cannot_be_read_is_refused_and_not_passed_over(void **state)
{
	struct portal *portal = *state;
	struct portal_answer answer;

	(void)portal_place(portal, "alice");
	answer = portal_get(portal, "alice", "/orders.csv?from=yesterday");
	assert_int_equal(answer.status, 400);
	assert_true(portal_says(answer, "The list cannot be saved like that"));
	assert_null(portal_head(portal, answer, "Content-Disposition"));
	portal->roles = ROLE_AUDITOR;
	assert_int_equal(portal_get(portal, "carol", "/orders.csv").status, 403);
	portal->roles = ROLE_VIEWER;
	assert_int_equal(portal_get(portal, "carol", "/orders.csv").status, 200);
}

/* A row that nobody could have written: the ledger is damaged, and nothing is read past it. */
static void damage_order(struct portal *portal, const char *number)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open_v2("ledger.db", &db, SQLITE_OPEN_READWRITE, "portal"), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, arena_print(portal->mem, "UPDATE orders SET money_moved = 'perhaps'"
	                                              " WHERE number = '%s'", number), NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void a_ledger_that_cannot_be_read_is_no_empty_file(void **state)
{
	struct portal *portal = *state;
	struct portal_answer answer;

	damage_order(portal, portal_place(portal, "alice"));
	answer = portal_get(portal, "alice", "/orders.csv");
	assert_int_equal(answer.status, 503);
	assert_null(portal_head(portal, answer, "Content-Disposition"));
}

static void a_file_that_cannot_go_on_is_broken_off_and_never_ends_as_if_it_were_whole(void **state)
{
	struct portal *portal = *state;
	const char *oldest = portal_place(portal, "alice");
	struct portal_answer answer;

	for (int i = 0; i < 250; i++) {
		portal->now_ms++;
		(void)portal_place(portal, "alice");
	}
	damage_order(portal, oldest);
	answer = portal_get(portal, "alice", "/orders.csv");
	assert_int_equal(answer.status, 200);
	assert_true(answer.is_broken_off);
	assert_int_equal(times_in(answer.body, "\r\n"), 201);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_portal, close_portal)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_has_money_as_decimals_and_times_in_utc),
		cmocka_unit_test(every_cell_is_quoted_as_rfc_4180_says_and_none_is_a_formula),
		TEST(the_file_has_each_order_of_the_list_once_and_a_line_of_names),
		TEST(head_is_answered_without_a_body),
		TEST(no_payout_link_and_no_secret_is_in_the_file),
		TEST(a_filter_that_cannot_be_read_is_refused_and_not_passed_over),
		TEST(a_ledger_that_cannot_be_read_is_no_empty_file),
		TEST(a_file_that_cannot_go_on_is_broken_off_and_never_ends_as_if_it_were_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
