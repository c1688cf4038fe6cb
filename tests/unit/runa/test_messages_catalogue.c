/* test_messages_catalogue.c: products and balances (runa-api 11, 12), and those that must be left out. */
#include "runa/messages.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <string.h>

#include "support/mem.h"

static struct product *products;
static size_t count, skipped;
static const char *next;

static bool read_page(const char *body)
{
	return runa_read_products(mem, body, strlen(body), &products, &count, &skipped, &next);
}

/* A page of one gift card with these denominations and this currency. */
static void read_denominations(const char *currency, const char *denominations)
{
	assert_true(read_page(arena_print(mem,
	                                  "{\"catalog\":[{\"name\":\"N\",\"code\":\"C\",\"currency\":\"%s\",\"is_orderable\":true,"
	                                  "\"payout_type\":\"gift_card\",\"gift_card\":{\"denominations\":%s}}]}",
	                                  currency, denominations)));
	assert_int_equal(count + skipped, 1);
}

static const char EXAMPLE[] = /* runa-api 12.2 */
	"{ \"catalog\": [ { \"name\": \"Example Shop\", \"code\": \"XYZ-DE\", \"currency\": \"EUR\", \"state\": \"LIVE\","
	"\"is_orderable\": true, \"payout_type\": \"gift_card\", \"categories\": [\"fashion\"],"
	"\"countries_redeemable_in\": [\"DE\"],"
	"\"customer_service\": { \"phone_number\": null, \"website_url\": \"https://shop.example/help\" },"
	"\"discount_multiplier\": \"0.0200\", \"availability\": \"realtime\", \"gift_card\": {"
	"\"denominations\": { \"type\": \"fixed\", \"minimum_value\": \"10.00\", \"maximum_value\": \"50.00\","
	"\"available_list\": [\"10\", \"25\", \"50.00\"] },"
	"\"assets\": { \"card_image_url\": \"https://assets.example/XYZ-DE-card.png\", \"primary_color\": \"#204080\" },"
	"\"expiry\": { \"type\": \"from-issue-date\", \"in_months\": 36, \"date_policy\": \"Valid for three years\" },"
	"\"redeemable_at\": \"all\", \"website_url\": \"https://shop.example\", \"balance_check_url\": null,"
	"\"barcode_format\": \"code-128\", \"e_code_usage_type\": \"url-recommended\","
	"\"content_resources\": { \"description_markdown_url\": \"https://content.example/XYZ-DE/description.md\","
	"\"locale\": \"de_DE\" } } } ],"
	"\"pagination\": { \"cursors\": { \"before\": \"XYZ-DE\", \"after\": \"XYZ-DE\" }, \"page\": { \"limit\": 500 } } }";

static void a_gift_card_of_fixed_values_is_read(void **state)
{
	(void)state;
	assert_true(read_page(EXAMPLE));
	assert_int_equal(count, 1);
	assert_int_equal(skipped, 0);
	assert_string_equal(next, "XYZ-DE");
	assert_string_equal(products[0].code, "XYZ-DE");
	assert_string_equal(products[0].name, "Example Shop");
	assert_string_equal(products[0].currency, "EUR");
	assert_string_equal(products[0].country, "DE");
	assert_int_equal(products[0].kind, PRODUCT_GIFT_CARD);
	assert_true(products[0].is_orderable);
	assert_string_equal(products[0].state, "LIVE");
	assert_int_equal(products[0].fixed_count, 3);
	assert_int_equal(products[0].fixed_minor[0], 1000);
	assert_int_equal(products[0].fixed_minor[1], 2500);
	assert_int_equal(products[0].fixed_minor[2], 5000);
	assert_string_equal(products[0].discount_text, "0.0200");
	assert_string_equal(products[0].expiry_type, "from-issue-date");
	assert_int_equal(products[0].expiry_months, 36);
	assert_string_equal(products[0].category, "fashion");
}

static void an_open_product_is_a_range_whatever_list_it_has(void **state)
{
	(void)state;
	read_denominations(
		"GBP", "{\"type\":\"open\",\"minimum_value\":\"5.0\",\"maximum_value\":250,\"available_list\":[\"10\"]}");
	assert_int_equal(count, 1);
	assert_null(products[0].fixed_minor);
	assert_int_equal(products[0].fixed_count, 0);
	assert_int_equal(products[0].least_minor, 500);
	assert_int_equal(products[0].most_minor, 25000);
	read_denominations(
		"GBP", "{\"type\":\"open\",\"minimum_value\":\"0\",\"maximum_value\":null,\"available_list\":null}");
	assert_int_equal(products[0].least_minor, 1);
	assert_int_equal(products[0].most_minor, 0);
}

static void fixed_values_are_sorted_and_named_once(void **state)
{
	(void)state;
	read_denominations("USD", "{\"type\":\"fixed\",\"available_list\":[\"50\",\"12.95\",5,\"50.00\",5.0]}");
	assert_int_equal(products[0].fixed_count, 3);
	assert_int_equal(products[0].fixed_minor[0], 500);
	assert_int_equal(products[0].fixed_minor[1], 1295);
	assert_int_equal(products[0].fixed_minor[2], 5000);
	assert_int_equal(products[0].least_minor, 500);
	assert_int_equal(products[0].most_minor, 5000);
}

static void a_product_that_cannot_be_ordered_as_described_is_left_out(void **state)
{
	static const struct { const char *currency, *denominations; } rows[] = {
		{ "EUR", "null" }, { "EUR", "{}" }, { "EUR", "[]" }, { "EUR", "{\"type\":\"other\",\"available_list\":[1]}" },
		{ "EUR", "{\"available_list\":[\"10\"]}" },
		{ "EUR", "{\"type\":\"fixed\"}" }, { "EUR", "{\"type\":\"fixed\",\"available_list\":[]}" },
		{ "EUR", "{\"type\":\"fixed\",\"available_list\":[\"10\",\"x\"]}" },
		{ "EUR", "{\"type\":\"fixed\",\"available_list\":[\"10.005\"]}" },
		{ "EUR", "{\"type\":\"fixed\",\"available_list\":[0]}" }, { "EUR", "{\"type\":\"fixed\",\"available_list\":[-5]}" },
		{ "EUR", "{\"type\":\"fixed\",\"available_list\":[NaN]}" },
		{ "JPY", "{\"type\":\"fixed\",\"available_list\":[\"1000.5\"]}" },
		{ "JPY", "{\"type\":\"open\",\"minimum_value\":\"0.5\",\"maximum_value\":\"10\"}" },
		{ "EUR", "{\"type\":\"open\",\"minimum_value\":\"10\",\"maximum_value\":\"5\"}" },
		{ "EUR", "{\"type\":\"open\",\"minimum_value\":\"10\",\"maximum_value\":\"0\"}" },
		{ "EUR", "{\"type\":\"open\",\"minimum_value\":\"x\",\"maximum_value\":\"5\"}" },
		{ "EUR", "{\"type\":\"open\",\"minimum_value\":\"1\",\"maximum_value\":{}}" },
		{ "eur", "{\"type\":\"open\",\"minimum_value\":\"1\",\"maximum_value\":\"5\"}" },
		{ "EURO", "{\"type\":\"open\",\"minimum_value\":\"1\",\"maximum_value\":\"5\"}" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		read_denominations(rows[i].currency, rows[i].denominations);
		if (skipped != 1)
			fail_msg("%s %s", rows[i].currency, rows[i].denominations);
	}
}

static void entries_that_are_no_products_are_counted(void **state)
{
	(void)state;
	assert_true(read_page("{\"catalog\":[5,null,[],{},{\"code\":\"A\",\"payout_type\":\"gift_card\"},"
	                      "{\"code\":\"a b\",\"name\":\"N\",\"currency\":\"EUR\",\"payout_type\":\"gift_card\"},"
	                      "{\"code\":\"A\",\"name\":\"N\",\"currency\":\"EUR\"}],"
	                      "\"pagination\":{\"cursors\":{\"after\":\"A\"}}}"));
	assert_int_equal(count, 0);
	assert_int_equal(skipped, 7);
	assert_string_equal(next, "A"); /* nothing readable is not the end */
}

static void a_subscription_comes_out_as_its_plans(void **state)
{
	(void)state;
	assert_true(read_page(
		"{\"catalog\":[{\"name\":\"Music\",\"code\":\"M-US\",\"currency\":\"USD\",\"is_orderable\":true,\"state\":\"LIVE\","
		"\"payout_type\":\"subscription\",\"countries_redeemable_in\":[\"US\"],\"subscription\":{\"subscription_plans\":["
		"{\"subscription_plan_code\":\"M-US-1\",\"name\":\"1 month\",\"length\":1,\"length_unit\":\"MONTHS\",\"price\":\"9.99\"},"
		"{\"subscription_plan_code\":\"M-US-3\",\"price\":27},"
		"{\"name\":\"no code\",\"price\":\"9.99\"},{\"subscription_plan_code\":\"M-US-0\",\"price\":\"0\"}]}},"
		"{\"name\":\"Empty\",\"code\":\"E-US\",\"currency\":\"USD\",\"payout_type\":\"subscription\"}]}"));
	assert_int_equal(count, 2);
	assert_int_equal(skipped, 3);
	assert_string_equal(products[0].code, "M-US-1");
	assert_string_equal(products[0].name, "Music: 1 month");
	assert_int_equal(products[0].kind, PRODUCT_SUBSCRIPTION);
	assert_int_equal(products[0].fixed_count, 1);
	assert_int_equal(products[0].fixed_minor[0], 999);
	assert_true(products[0].is_orderable);
	assert_string_equal(products[0].country, "US");
	assert_string_equal(products[0].expiry_type, "");
	assert_string_equal(products[1].name, "Music");
	assert_int_equal(products[1].fixed_minor[0], 2700);
}

static void a_payment_is_a_range_and_unknown_kinds_are_other(void **state)
{
	(void)state;
	assert_true(read_page(
		"{\"catalog\":[{\"name\":\"Push to card\",\"code\":\"P2C-US\",\"currency\":\"USD\",\"is_orderable\":true,"
		"\"payout_type\":\"payment\",\"payment\":{\"denominations\":{\"minimum_value\":\"1\",\"maximum_value\":\"2500.00\"}}},"
		"{\"name\":\"New\",\"code\":\"NEW\",\"currency\":\"USD\",\"payout_type\":\"token\","
		"\"token\":{\"denominations\":{\"type\":\"fixed\",\"available_list\":[\"1\"]}}},"
		"{\"name\":\"Newer\",\"code\":\"NEWER\",\"currency\":\"USD\",\"payout_type\":\"token\",\"token\":{}}]}"));
	assert_int_equal(count, 2);
	assert_int_equal(skipped, 1);
	assert_int_equal(products[0].kind, PRODUCT_PAYMENT);
	assert_int_equal(products[0].least_minor, 100);
	assert_int_equal(products[0].most_minor, 250000);
	assert_int_equal(products[1].kind, PRODUCT_OTHER);
	assert_false(products[1].is_orderable);
}

static void what_is_only_shown_may_be_strange(void **state)
{
	(void)state;
	assert_true(read_page(
		"{\"catalog\":[{\"name\":\"<b>\\u0007\\u202e\",\"code\":\"C\",\"currency\":\"XXA\",\"is_orderable\":\"true\",\"state\":7,"
		"\"payout_type\":\"gift_card\",\"categories\":\"x\",\"countries_redeemable_in\":[\"Deutschland\"],"
		"\"discount_multiplier\":\"-1\",\"gift_card\":{\"expiry\":{\"type\":5,\"in_months\":-3},"
		"\"denominations\":{\"type\":\"fixed\",\"available_list\":[\"1\"]}}}]}"));
	assert_int_equal(count, 1);
	assert_string_equal(products[0].name, "<b> \xe2\x80\xae");
	assert_false(products[0].is_orderable); /* only a real true is one */
	assert_string_equal(products[0].state, "");
	assert_string_equal(products[0].category, "");
	assert_string_equal(products[0].country, "");
	assert_string_equal(products[0].discount_text, "");
	assert_string_equal(products[0].expiry_type, "");
	assert_int_equal(products[0].expiry_months, 0);
}

static void an_empty_page_is_the_end(void **state)
{
	(void)state;
	assert_true(read_page("{\"catalog\":[],\"pagination\":{\"cursors\":{\"after\":\"XYZ-DE\"}}}"));
	assert_int_equal(count, 0);
	assert_null(next);
}

static void what_is_no_page_is_not_read(void **state)
{
	static const char *const rows[] = { "", "[]", "{}", "{\"catalog\":{}}", "{\"catalog\":null}", "<html>",
		"{\"catalog\":[{\"code\":\"A\",\"code\":\"B\"}]}" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		assert_false(read_page(rows[i]));
		assert_int_equal(count, 0);
	}
}

/* ---- balances ---- */

static struct balance *balances;
static size_t balance_count;

static bool read_balances(const char *body)
{
	return runa_read_balances(mem, body, strlen(body), &balances, &balance_count);
}

static void balances_come_alone_and_in_a_list(void **state) /* runa-api 11 */
{
	(void)state;
	assert_true(read_balances("{ \"balance\": \"1250.00\", \"currency\": \"EUR\" }"));
	assert_int_equal(balance_count, 1);
	assert_int_equal(balances[0].amount.minor, 125000);
	assert_true(read_balances("[ { \"balance\": \"1250.00\", \"currency\": \"EUR\" }, { \"balance\": \"90000\", "
	                          "\"currency\": \"JPY\" } ]"));
	assert_int_equal(balance_count, 2);
	assert_int_equal(balances[1].amount.minor, 90000);
	assert_string_equal(balances[1].amount.currency, "JPY");
	assert_true(read_balances("[]"));
	assert_int_equal(balance_count, 0);
}

static void balances_that_cannot_be_read_are_left_out(void **state)
{
	(void)state;
	assert_true(
		read_balances("[5,{},{\"balance\":\"x\",\"currency\":\"EUR\"},{\"balance\":\"1\",\"currency\":\"euro\"},"
	                  "{\"balance\":NaN,\"currency\":\"EUR\"},{\"balance\":7.5,\"currency\":\"GBP\"}]"));
	assert_int_equal(balance_count, 1);
	assert_int_equal(balances[0].amount.minor, 750);
	assert_false(read_balances("{}"));
	assert_false(read_balances("\"1250.00\""));
	assert_false(read_balances(""));
	assert_int_equal(balance_count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_gift_card_of_fixed_values_is_read),
		cmocka_unit_test(an_open_product_is_a_range_whatever_list_it_has),
		cmocka_unit_test(fixed_values_are_sorted_and_named_once),
		cmocka_unit_test(a_product_that_cannot_be_ordered_as_described_is_left_out),
		cmocka_unit_test(entries_that_are_no_products_are_counted),
		cmocka_unit_test(a_subscription_comes_out_as_its_plans),
		cmocka_unit_test(a_payment_is_a_range_and_unknown_kinds_are_other),
		cmocka_unit_test(what_is_only_shown_may_be_strange),
		cmocka_unit_test(an_empty_page_is_the_end),
		cmocka_unit_test(what_is_no_page_is_not_read),
		cmocka_unit_test(balances_come_alone_and_in_a_list),
		cmocka_unit_test(balances_that_cannot_be_read_are_left_out),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
