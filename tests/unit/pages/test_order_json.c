/* order_json.c: the order for programs, byte for byte as the contract says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "pages/order.h"

static struct order completed(void)
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

static void a_completed_order_reads_as_the_contract_shows_it(void **state)
{
	struct arena *mem = arena_open();
	struct order order = completed();
	size_t bytes;

	(void)state;
	assert_string_equal(order_json_text(mem, &order, true, "https://spend.example/r?a=1&b=2", &bytes),
		"{\"id\":\"ABCDEFGH12345678\",\"status\":\"completed\",\"product\":\"AMZ-GB\",\"face_value\":\"10.00\","
		"\"currency\":\"GBP\",\"distribution\":\"PAYOUT_LINK\",\"email\":null,\"description\":null,"
		"\"price\":\"9.50\",\"discount\":\"0.50\",\"payout\":{\"status\":\"ACTIVE\","
		"\"url\":\"https://spend.example/r?a=1&b=2\",\"expiry_date\":null},\"money_moved\":\"yes\","
		"\"runa_order_id\":\"O-1\",\"error\":null,\"attempts\":1,\"placed_by\":\"alice\","
		"\"placed_at\":\"2026-11-23T09:00:00Z\",\"completed_at\":\"2026-11-23T09:00:01Z\"}");
	arena_close(mem);
}

static void who_may_not_see_the_link_is_not_shown_that_there_is_one(void **state)
{
	struct arena *mem = arena_open();
	struct order order = completed();
	size_t bytes;
	const char *text = order_json_text(mem, &order, false, NULL, &bytes);

	(void)state;
	assert_null(strstr(text, "url"));
	assert_non_null(strstr(text, "\"payout\":{\"status\":\"ACTIVE\",\"expiry_date\":null}"));
	arena_close(mem);
}

static void what_is_not_known_yet_is_null_and_the_key_is_never_told(void **state)
{
	struct arena *mem = arena_open();
	struct order order = completed();
	size_t bytes;
	const char *text;

	(void)state;
	order.status = ORDER_NEEDS_ATTENTION;
	order.money_moved = MONEY_MOVED_UNKNOWN;
	order.price = order.discount = (struct money){ 0, "" };
	order.completed_at_ms = 0;
	order.runa_order_id = NULL;
	order.error_type = "internal_server_error";
	text = order_json_text(mem, &order, true, NULL, &bytes);
	assert_non_null(strstr(text, "\"price\":null,\"discount\":null,\"payout\":null,\"money_moved\":\"unknown\","
	                             "\"runa_order_id\":null,\"error\":{\"type\":\"internal_server_error\","
	                             "\"message\":null}"));
	assert_non_null(strstr(text, "\"completed_at\":null"));
	assert_null(strstr(text, order.form_key));
	arena_close(mem);
}

static void hostile_texts_stay_inside_their_strings(void **state)
{
	struct arena *mem = arena_open();
	struct order order = completed();
	size_t bytes;
	const char *text;

	(void)state;
	order.description = "\"},\\ \n\x01 \xE2\x82\xAC";
	text = order_json_text(mem, &order, false, NULL, &bytes);
	assert_non_null(strstr(text, "\"description\":\"\\\"},\\\\ \\n\\u0001 \xE2\x82\xAC\""));
	assert_int_equal(bytes, strlen(text));
	arena_close(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_completed_order_reads_as_the_contract_shows_it),
		cmocka_unit_test(who_may_not_see_the_link_is_not_shown_that_there_is_one),
		cmocka_unit_test(what_is_not_known_yet_is_null_and_the_key_is_never_told),
		cmocka_unit_test(hostile_texts_stay_inside_their_strings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
