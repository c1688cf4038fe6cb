/* test_messages_in.c: orders, lists and errors as Runa writes them (the examples of runa-api.md), and as
 * it must never be believed (faults 40). */
#include "runa/messages.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <string.h>

#include "base/sizes.h"
#include "support/mem.h"

#define ITEM(face_value, products, url) \
	"{\"id\":\"E-01K0DEM01TEM0000000000000A\",\"distribution_method\":{\"type\":\"PAYOUT_LINK\"}," \
	"\"products\":" products ",\"face_value\":" face_value ",\"price\":\"25.00\",\"payout\":{\"status\":\"ACTIVE\"," \
	"\"status_updated_at\":\"2026-03-02T09:15:05.120331+00:00\",\"url\":" url ",\"expiry_date\":null}}"
#define SINGLE "{\"type\":\"SINGLE\",\"value\":\"XYZ-DE\"}"
#define URL "\"https://spend.playground.runa.io/0d9f6a1e-0000-4000-8000-000000000001\""
#define ORDER(price, items) \
	"{\"id\":\"O-01K0DEM0RDER0000000000000A\",\"status\":\"COMPLETED\",\"description\":\"R-1\",\"currency\":\"EUR\"," \
	"\"total_discount\":\"0.00\",\"total_price\":" price ",\"items\":" items "}"

static struct runa_order read_order(const char *body)
{
	struct runa_order order;

	if (!runa_read_order(mem, body, strlen(body), &order))
		fail_msg("not read: %s", body);
	return order;
}

static struct runa_order read_item(const char *item)
{
	return read_order(arena_print(mem, ORDER("\"25.00\"", "[%s]"), item));
}

/* ---- an order ---- */

static void a_completed_order_is_read(void **state) /* runa-api 6.4 */
{
	static const char body[] =
		"{ \"id\": \"O-01K0DEM0RDER0000000000000A\", \"status\": \"COMPLETED\","
		"\"created_at\": \"2026-03-02T09:15:04.120331+00:00\", \"completed_at\": \"2026-03-02T09:15:05.120331+00:00\","
		"\"description\": \"reward 000123 attempt 1\","
		"\"payment_method\": { \"type\": \"ACCOUNT_BALANCE\", \"currency\": \"EUR\" }, \"currency\": \"EUR\","
		"\"total_discount\": \"0.50\", \"total_price\": \"24.50\", \"items\": [ {"
		"\"id\": \"E-01K0DEM01TEM0000000000000A\", \"distribution_method\": { \"type\": \"EMAIL\","
		"\"email_address\": \"recipient@domain.invalid\", \"template_id\": \"DT-01K0DEM0TEMPLATE00000000AA\" },"
		"\"products\": { \"type\": \"SINGLE\", \"value\": \"XYZ-DE\" }, \"face_value\": \"25.00\", \"price\": \"24.50\","
		"\"payout\": { \"status\": \"ACTIVE\", \"status_updated_at\": \"2026-03-02T09:15:05.120331+00:00\","
		"\"url\": \"https://spend.playground.runa.io/0d9f6a1e-0000-4000-8000-000000000001\","
		"\"expiry_date\": \"2027-03-02\" }, \"currency\": \"EUR\" } ],"
		"\"transaction_detail\": { \"EUR\": { \"value\": \"25.00\", \"fx\": null } },"
		"\"metadata\": { \"portal_order\": \"000123\", \"campaign\": \"spring\" } }";
	struct runa_order order = read_order(body);

	(void)state;
	assert_string_equal(order.id, "O-01K0DEM0RDER0000000000000A");
	assert_string_equal(order.status, "COMPLETED");
	assert_string_equal(order.description, "reward 000123 attempt 1");
	assert_int_equal(order.price.minor, 2450);
	assert_string_equal(order.price.currency, "EUR");
	assert_int_equal(order.discount.minor, 50);
	assert_string_equal(order.payout_status, "ACTIVE");
	assert_string_equal(order.payout_expiry, "2027-03-02");
	assert_string_equal(order.link, "https://spend.playground.runa.io/0d9f6a1e-0000-4000-8000-000000000001");
	assert_true(order.completed_at_ms == INT64_C(1772442905120));
	assert_int_equal(order.item_count, 1);
	assert_int_equal(order.item_face_value.minor, 2500);
	assert_string_equal(order.item_product, "XYZ-DE");
	assert_null(order.strange);
}

static void an_accepted_order_is_read_and_not_strange(void **state) /* runa-api 6.5, 9.1 */
{
	static const char *const rows[] = {
		"{ \"id\": \"O-01K0DEM0RDER0000000000000B\", \"status\": \"PROCESSING\" }",
		"{ \"id\": \"O-01K0DEM0RDER0000000000000B\", \"status\": \"PROCESSING\","
		" \"message\": \"The order has been accepted and is being processed.\" }",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct runa_order order = read_order(rows[i]);

		assert_string_equal(order.id, "O-01K0DEM0RDER0000000000000B");
		assert_string_equal(order.status, "PROCESSING");
		assert_null(order.description);
		assert_string_equal(order.price.currency, "");
		assert_null(order.link);
		assert_null(order.strange);
	}
}

static void an_order_with_foreign_exchange_keeps_both_currencies(void **state) /* runa-api 15 */
{
	static const char body[] =
		"{ \"id\": \"O-01K0DEM0RDER0000000000000C\", \"status\": \"COMPLETED\","
		"\"completed_at\": \"2026-03-02T10:00:01.000000+00:00\", \"description\": null,"
		"\"payment_method\": { \"type\": \"ACCOUNT_BALANCE\", \"currency\": \"GBP\" }, \"currency\": \"GBP\","
		"\"total_discount\": \"0.00\", \"total_price\": \"24.46\", \"items\": [ {"
		"\"distribution_method\": { \"type\": \"PAYOUT_LINK\" }, \"products\": { \"type\": \"SINGLE\", \"value\": \"XYZ-US\" },"
		"\"currency\": \"USD\", \"face_value\": \"30.00\", \"price\": \"30.00\", \"payout\": { \"status\": \"ACTIVE\","
		"\"url\": \"https://spend.playground.runa.io/0d9f6a1e-0000-4000-8000-000000000003\", \"expiry_date\": null } } ],"
		"\"transaction_detail\": { \"USD\": { \"value\": \"30.00\", \"fx\": { \"rate\": \"1.25\", \"rate_symbol\": \"GBPUSD\","
		"\"fee\": { \"value\": \"0.46\", \"currency\": \"GBP\" } } } } }";
	struct runa_order order = read_order(body);

	(void)state;
	assert_int_equal(order.price.minor, 2446);
	assert_string_equal(order.price.currency, "GBP");
	assert_int_equal(order.item_face_value.minor, 3000);
	assert_string_equal(order.item_face_value.currency, "USD");
	assert_null(order.description);
	assert_string_equal(order.strange, "no description");
}

static void quirks_of_recorded_answers_are_no_trouble(void **state) /* runa-api 6.6, appendix A 11 */
{
	struct runa_order order = read_order(
		"{\"x_new\":[{\"y\":1}],\"id\":\"O-1\",\"status\":\"COMPLETED\",\"description\":\"R-1\","
		"\"payment_method\":{\"type\":\"ACCOUNT_BALANCE\"},\"currency\":\"JPY\",\"total_price\":1000,\"total_discount\":\"0.0\","
		"\"items\":[{\"products\":{\"type\":\"UNKNOWN\"},\"face_value\":1000.00,\"redemption_url\":\"https://a.example/x\","
		"\"discount_multiplier\":\"0.0\",\"payout\":{\"status\":\"CLAIMED\",\"url\":\"https://a.example/x\"}}]}");

	(void)state;
	assert_int_equal(order.price.minor, 1000);
	assert_int_equal(order.item_face_value.minor, 1000);
	assert_string_equal(order.item_face_value.currency, "JPY");
	assert_null(order.item_product);
	assert_null(order.payout_expiry);
	assert_int_equal(order.completed_at_ms, 0);
	assert_null(order.strange);
}

static void only_a_plain_https_address_is_a_link(void **state)
{
	static const struct { const char *url; bool is_link; } rows[] = {
		{ "https://spend.runa.io/x", true }, { "https://spend.runa.io:8443/x?y=1#z", true },
		{ "HTTPS://spend.runa.io", true }, { "https://spend.runa.io?x", true },
		{ "http://spend.runa.io/x", false }, { "javascript:alert(1)", false }, { "//spend.runa.io/x", false },
		{ "https:///x", false }, { "https://", false }, { "https:/spend.runa.io", false },
		{ "https://user@spend.runa.io/", false }, { "https://spend.runa.io@evil.example/", false },
		{ "https://spend.runa.io\\\\@evil.example/", false }, { "https://spend.runa.io:80x/", false },
		{ "https://spend.runa.io:/", false }, { "https://.runa.io/", false }, { "https://-x/", false },
		{ "https://spend.runa.io/a b", false }, { "https://spend.runa.io/\\n", false },
		{ "https://spend.runa.io/\\u0000", false }, { "https://spend.runa.io/\xc3\xa4", false },
		{ "https://sp\xc3\xa4nd.runa.io/", false }, { " https://spend.runa.io/", false }, { "data:text/html,x", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct runa_order order = read_item(arena_print(mem, ITEM("\"25\"", SINGLE, "\"%s\""), rows[i].url));

		if ((order.link != NULL) != rows[i].is_link)
			fail_msg("%s", rows[i].url);
		assert_int_equal(order.strange == NULL, rows[i].is_link);
	}
}

static void a_link_has_a_largest_size(void **state)
{
	char *path = arena_alloc(mem, SIZE_LINK + 1);
	size_t room = SIZE_LINK - strlen("https://a.example/");

	(void)state;
	memset(path, 'x', room);
	assert_non_null(read_item(arena_print(mem, ITEM("\"25\"", SINGLE, "\"https://a.example/%s\""), path)).link);
	path[room] = 'x';
	assert_null(read_item(arena_print(mem, ITEM("\"25\"", SINGLE, "\"https://a.example/%s\""), path)).link);
}

static void a_strange_price_is_no_price_and_the_id_stays(void **state)
{
	static const char *const rows[] = {
		"NaN", "Infinity", "\"NaN\"", "null", "true", "{}", "[\"25.00\"]", "\"\"", "\"25,00\"", "\"0x19\"", "-25", "\"-0.01\"",
		"25.001", "1e400", "99999999999999999999999999999999", "\"25.00 EUR\"",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct runa_order order =
			read_order(arena_print(mem, ORDER("%s", "[" ITEM("\"25\"", SINGLE, URL) "]"), rows[i]));

		if (order.price.currency[0] != '\0')
			fail_msg("%s", rows[i]);
		assert_string_equal(order.id, "O-01K0DEM0RDER0000000000000A");
		assert_string_equal(order.strange, "no readable price");
	}
}

static void a_price_of_four_hundred_digits_is_no_price(void **state)
{
	char digits[401];

	(void)state;
	memset(digits, '3', 400);
	digits[400] = '\0';
	assert_string_equal(read_order(arena_print(mem, ORDER("%s", "[]"), digits)).price.currency, "");
	assert_string_equal(read_order(arena_print(mem, ORDER("\"%s\"", "[]"), digits)).price.currency, "");
	assert_string_equal(read_order(arena_print(mem, ORDER("0.%s", "[]"), digits)).price.currency, "");
}

static void missing_and_wrong_items_are_named(void **state)
{
	(void)state;
	assert_string_equal(read_order(ORDER("\"25\"", "[]")).strange, "no items");
	assert_string_equal(read_order(ORDER("\"25\"", "null")).strange, "no items");
	assert_string_equal(read_order(ORDER("\"25\"", "\"one\"")).strange, "no items");
	assert_string_equal(read_order(ORDER("\"25\"", "[5]")).strange, "no readable face value");
	assert_string_equal(read_order(ORDER("\"25\"", "[{},{}]")).strange, "more than one item");
	assert_int_equal(read_order(ORDER("\"25\"", "[{},{}]")).item_count, 2);
	assert_string_equal(read_item(ITEM("\"25\"", SINGLE, "null")).strange, "no payout link");
	assert_string_equal(read_item(ITEM("\"25\"", SINGLE, "5")).strange, "a payout link that isn't https");
	assert_string_equal(read_item(ITEM("null", SINGLE, URL)).strange, "no readable face value");
}

static void an_id_that_is_no_plain_word_is_no_id(void **state)
{
	static const char *const rows[] = {
		"null", "5", "\"\"", "\"a b\"", "\"..\"", "\".\"", "\"O\\u0000-1\"", "\"O-1\\n\"", "\"\xc3\xa4\"", "[\"O-1\"]",
		"\"0123456789012345678901234567890123456789012345678901234567890123x\"",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct runa_order order = read_order(arena_print(mem, "{\"id\":%s,\"status\":\"PROCESSING\"}", rows[i]));

		assert_null(order.id);
		assert_string_equal(order.strange, "no readable id");
	}
}

static void a_description_that_cannot_be_read_does_not_pass_for_none(void **state)
{
	static const char *const rows[] = { "5", "{}", "[\"R-1\"]", "\"R-1\\u0000\"", "true", "\"\"" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct runa_order order = read_order(
			arena_print(mem, "{\"id\":\"O-1\",\"status\":\"PROCESSING\",\"description\":%s}", rows[i]));

		assert_string_equal(order.description, "");
		assert_string_equal(order.strange, "an unreadable description");
	}
}

static void an_order_that_says_something_twice_is_believed_in_nothing_but_its_id(void **state)
{
	struct runa_order order =
		read_order("{\"id\":\"O-1\",\"status\":\"COMPLETED\",\"total_price\":\"1\",\"currency\":\"EUR\","
	               "\"total_price\":\"2\"}");

	(void)state;
	assert_string_equal(order.id, "O-1");
	assert_null(order.status);
	assert_string_equal(order.price.currency, "");
	assert_string_equal(order.strange, "a field that comes twice");
}

static void what_is_no_object_is_no_order(void **state)
{
	static const char *const rows[] = { "",    "[]", "5", "\"O-1\"", "null", "<html>502</html>", "{\"id\":\"O-1\"",
		                                "{}{}" };
	struct runa_order order;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		assert_false(runa_read_order(mem, rows[i], strlen(rows[i]), &order));
		assert_null(order.id);
	}
	assert_false(runa_read_order(mem, NULL, 0, &order));
}

/* ---- errors ---- */

static struct runa_error read_error(const char *body)
{
	struct runa_error error;

	assert_true(runa_read_error(mem, body, strlen(body), &error));
	return error;
}

static void each_shape_of_error_is_read(void **state) /* runa-api 16.1 */
{
	struct runa_error error = read_error("{ \"type\": \"insufficient_funds\", \"message\": \"human readable\", "
	                                     "\"help\": \"human readable or null\" }");

	(void)state;
	assert_string_equal(error.type, "insufficient_funds");
	assert_string_equal(error.message, "human readable");
	error = read_error(
		"{ \"type\": \"validation_error\", \"message\": \"problems were found, see details\", \"help\": null,"
		"\"details\": [ { \"type\": \"value_error.number.not_ge\", \"message\": \"must be at least 1\","
		"\"location\": [\"items\", 0, \"face_value\"] } ] }");
	assert_string_equal(error.type, "validation_error");
	error = read_error("{ \"error\": \"rate exceeded\" }");
	assert_null(error.type);
	assert_null(error.message);
}

static void a_strange_error_has_no_type(void **state)
{
	struct runa_error error;

	(void)state;
	assert_null(read_error("{\"type\":5,\"message\":\"x\"}").type);
	assert_null(read_error("{\"type\":\"\"}").type);
	assert_null(read_error("{\"type\":\"bad request\"}").type);
	assert_null(read_error("{\"type\":[\"bad_request\"]}").type);
	assert_null(read_error("{\"type\":\"bad_request\",\"type\":\"timeout\"}").type);
	assert_null(read_error("{\"error\":{\"type\":\"bad_request\"}}").type);
	assert_false(runa_read_error(mem, "<html>", 6, &error));
	assert_false(runa_read_error(mem, "[]", 2, &error));
	assert_null(error.type);
}

static void a_message_is_cut_and_printable(void **state)
{
	char many[2 * SIZE_RUNA_MESSAGE];

	(void)state;
	assert_string_equal(read_error("{\"message\":\"a\\u001b[2J\\nb\"}").message, "a [2J b");
	memset(many, 'x', sizeof many - 1);
	many[sizeof many - 1] = '\0';
	assert_int_equal(strlen(read_error(arena_print(mem, "{\"message\":\"%s\"}", many)).message), SIZE_RUNA_MESSAGE);
}

/* ---- lists ---- */

static struct runa_order_entry *entries;
static size_t count;
static const char *next;

static bool read_list(const char *body)
{
	return runa_read_orders(mem, body, strlen(body), &entries, &count, &next);
}

static void a_page_of_orders_is_read(void **state) /* runa-api 9.2 */
{
	(void)state;
	assert_true(read_list(
		"{ \"items\": [ { \"id\": \"O-01K0DEM0RDER0000000000000A\", \"status\": \"COMPLETED\","
		"\"created_at\": \"2026-03-02T09:15:04.120331+00:00\", \"completed_at\": \"2026-03-02T09:15:05.120331+00:00\","
		"\"description\": \"reward 000123 attempt 1\", \"payment_method\": { \"type\": \"ACCOUNT_BALANCE\", \"currency\": \"EUR\" },"
		"\"currency\": \"EUR\", \"total_price\": \"25.00\", \"total_discount\": \"0.00\" },"
		"{ \"id\": \"O-01K0DEM0RDER0000000000000B\", \"status\": \"PROCESSING\", \"message\": \"In progress.\" } ],"
		"\"pagination\": { \"cursors\": { \"after\": \"cursor-b\", \"before\": \"cursor-a\" }, \"page\": { \"limit\": 100 } } }"));
	assert_int_equal(count, 2);
	assert_string_equal(entries[0].id, "O-01K0DEM0RDER0000000000000A");
	assert_string_equal(entries[0].description, "reward 000123 attempt 1");
	assert_string_equal(entries[1].status, "PROCESSING");
	assert_null(entries[1].description);
	assert_string_equal(next, "cursor-b");
}

static void an_empty_page_has_no_cursor_to_use(void **state)
{
	(void)state;
	assert_true(read_list("{\"items\":[],\"pagination\":{\"cursors\":{\"after\":\"x\",\"before\":null}}}"));
	assert_int_equal(count, 0);
	assert_null(next);
}

static void a_page_without_a_cursor_is_read(void **state)
{
	static const char *const rows[] = {
		"{\"items\":[{\"id\":\"O-1\"}]}", "{\"items\":[{\"id\":\"O-1\"}],\"pagination\":5}",
		"{\"items\":[{\"id\":\"O-1\"}],\"pagination\":{\"cursors\":{\"after\":null}}}",
		"{\"items\":[{\"id\":\"O-1\"}],\"pagination\":{\"cursors\":{\"after\":[1]}}}"
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		assert_true(read_list(rows[i]));
		assert_int_equal(count, 1);
		assert_null(next);
	}
}

/* 'Not there' may be said of pages only that were read to the last entry. */
static void a_page_with_an_entry_that_might_be_ours_does_not_count_as_read(void **state)
{
	static const char *const rows[] = {
		"{\"items\":[5]}", "{\"items\":[{}]}", "{\"items\":[{\"id\":\"\"}]}", "{\"items\":[null]}",
		"{\"items\":[{\"id\":\"O-1\",\"description\":5}]}", "{\"items\":[{\"id\":\"O-1\",\"description\":[\"R-1\"]}]}",
		"{\"items\":[{\"id\":\"O-1\",\"description\":\"a\",\"description\":\"b\"}]}", "{\"items\":{}}", "{}", "[]", "", "x",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		if (read_list(rows[i]))
			fail_msg("%s", rows[i]);
		assert_int_equal(count, 0);
		assert_null(next);
	}
}

static void an_odd_description_of_somebody_else_does_not_stop_a_search(void **state)
{
	(void)state;
	assert_true(read_list(
		"{\"items\":[{\"id\":\"O-1\",\"description\":\"a\\u0000b\"},{\"id\":\"O-2\",\"description\":\"\"}]}"));
	assert_int_equal(count, 2);
	assert_string_equal(entries[0].description, "");
	assert_string_equal(entries[1].description, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_completed_order_is_read),
		cmocka_unit_test(an_accepted_order_is_read_and_not_strange),
		cmocka_unit_test(an_order_with_foreign_exchange_keeps_both_currencies),
		cmocka_unit_test(quirks_of_recorded_answers_are_no_trouble),
		cmocka_unit_test(only_a_plain_https_address_is_a_link),
		cmocka_unit_test(a_link_has_a_largest_size),
		cmocka_unit_test(a_strange_price_is_no_price_and_the_id_stays),
		cmocka_unit_test(a_price_of_four_hundred_digits_is_no_price),
		cmocka_unit_test(missing_and_wrong_items_are_named),
		cmocka_unit_test(an_id_that_is_no_plain_word_is_no_id),
		cmocka_unit_test(a_description_that_cannot_be_read_does_not_pass_for_none),
		cmocka_unit_test(an_order_that_says_something_twice_is_believed_in_nothing_but_its_id),
		cmocka_unit_test(what_is_no_object_is_no_order),
		cmocka_unit_test(each_shape_of_error_is_read),
		cmocka_unit_test(a_strange_error_has_no_type),
		cmocka_unit_test(a_message_is_cut_and_printable),
		cmocka_unit_test(a_page_of_orders_is_read),
		cmocka_unit_test(an_empty_page_has_no_cursor_to_use),
		cmocka_unit_test(a_page_without_a_cursor_is_read),
		cmocka_unit_test(a_page_with_an_entry_that_might_be_ours_does_not_count_as_read),
		cmocka_unit_test(an_odd_description_of_somebody_else_does_not_stop_a_search),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
