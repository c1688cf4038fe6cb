/* test_messages_out.c: the exact bytes that go to Runa. */
#include "runa/messages.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <string.h>

#include "base/sizes.h"
#include "base/text.h"
#include "support/mem.h"

static const char API_VERSION[] = "2024-02-05";
static const char REFERENCE[] = "3F9K2M7Q8R1T5V6W";

static struct order order_of(int64_t minor, const char *currency)
{
	return (struct order){ .product_code = "XYZ-DE", .face_value = money_of(minor, currency),
	                       .distribution = DISTRIBUTION_LINK };
}

/* ---- bodies ---- */

static void a_link_order_has_these_bytes(void **state)
{
	struct order order = order_of(2500, "EUR");

	(void)state;
	assert_string_equal(runa_order_body(mem, &order, REFERENCE),
	                    "{\"payment_method\":{\"type\":\"ACCOUNT_BALANCE\",\"currency\":\"EUR\"},"
	                    "\"items\":[{\"face_value\":25,\"distribution_method\":{\"type\":\"PAYOUT_LINK\"},"
	                    "\"products\":{\"type\":\"SINGLE\",\"value\":\"XYZ-DE\"}}],"
	                    "\"description\":\"3F9K2M7Q8R1T5V6W\","
	                    "\"metadata\":{\"desk_order\":\"3F9K2M7Q8R1T5V6W\"}}");
}

static void an_email_order_has_these_bytes(void **state)
{
	struct order order = order_of(1250, "GBP");

	(void)state;
	order.distribution = DISTRIBUTION_EMAIL;
	order.email = "recipient@domain.invalid";
	order.description = "spring \"24\" \\ caf\xc3\xa9\n\x01/";
	assert_string_equal(runa_order_body(mem, &order, REFERENCE),
	                    "{\"payment_method\":{\"type\":\"ACCOUNT_BALANCE\",\"currency\":\"GBP\"},"
	                    "\"items\":[{\"face_value\":12.5,\"distribution_method\":{\"type\":\"EMAIL\","
	                    "\"email_address\":\"recipient@domain.invalid\"},"
	                    "\"products\":{\"type\":\"SINGLE\",\"value\":\"XYZ-DE\"}}],"
	                    "\"description\":\"spring \\\"24\\\" \\\\ caf\xc3\xa9\\u000a\\u0001/ \xc2\xb7 3F9K2M7Q8R1T5V6W\","
	                    "\"metadata\":{\"desk_order\":\"3F9K2M7Q8R1T5V6W\"}}");
}

static void face_values_are_exact_decimals_without_exponent(void **state)
{
	static const struct { int64_t minor; const char *currency, *text; } rows[] = {
		{ 1, "EUR", "0.01" }, { 10, "EUR", "0.1" }, { 100, "EUR", "1" }, { 1010, "EUR", "10.1" },
		{ 29, "EUR", "0.29" }, { 57, "GBP", "0.57" }, { 100000000, "EUR", "1000000" }, { 1000, "JPY", "1000" },
		{ INT64_C(900719925474099301), "EUR", "9007199254740993.01" }, /* beyond 2^53: no double holds it */
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct order order = order_of(rows[i].minor, rows[i].currency);
		const char *wanted = arena_print(mem, "\"face_value\":%s,", rows[i].text);

		if (strstr(runa_order_body(mem, &order, REFERENCE), wanted) == NULL)
			fail_msg("%s: %s", wanted, runa_order_body(mem, &order, REFERENCE));
	}
}

static void the_same_order_gives_the_same_bytes(void **state)
{
	struct order order = order_of(2500, "EUR");

	(void)state;
	assert_string_equal(runa_order_body(mem, &order, REFERENCE), runa_order_body(mem, &order, REFERENCE));
}

/* ---- descriptions ---- */

static void a_description_ends_with_the_reference(void **state)
{
	(void)state;
	assert_string_equal(runa_description(mem, NULL, "R-1"), "R-1");
	assert_string_equal(runa_description(mem, "", "R-1"), "R-1");
	assert_string_equal(runa_description(mem, "  ", "R-1"), "R-1");
	assert_string_equal(runa_description(mem, " thanks ", "R-1"), "thanks \xc2\xb7 R-1");
}

static void a_long_description_is_cut_and_the_reference_is_not(void **state)
{
	(void)state;
	for (size_t count = 90; count <= 400; count++) {
		size_t before = count % 2; /* so that the cut falls between the bytes of a character, too */
		char *ours = arena_alloc(mem, before + 2 * count + 1), *whole;

		memset(ours, 'e', before);
		for (size_t i = 0; i < count; i++)
			memcpy(ours + before + 2 * i, "\xc3\xa9", 2);
		whole = runa_description(mem, ours, REFERENCE);
		assert_true(strlen(whole) <= 128);
		assert_true(strlen(whole) > 120);
		assert_true(text_is_utf8(whole, strlen(whole)));
		assert_true(runa_description_has(whole, REFERENCE));
	}
}

static void a_hundred_plain_characters_fit_uncut(void **state)
{
	char ours[101];

	(void)state;
	memset(ours, 'x', 100);
	ours[100] = '\0';
	assert_string_equal(runa_description(mem, ours, REFERENCE),
	                    arena_print(mem, "%s \xc2\xb7 %s", ours, REFERENCE));
}

static void only_a_last_word_is_a_reference(void **state)
{
	(void)state;
	assert_true(runa_description_has("R-1", "R-1"));
	assert_true(runa_description_has("thanks \xc2\xb7 R-1", "R-1"));
	assert_true(runa_description_has("thanks R-1 \n", "R-1"));
	assert_false(runa_description_has("XR-1", "R-1"));
	assert_false(runa_description_has("R-10", "R-1"));
	assert_false(runa_description_has("R-1 thanks", "R-1"));
	assert_false(runa_description_has("r-1", "R-1"));
	assert_false(runa_description_has("-1", "R-1"));
	assert_false(runa_description_has("", "R-1"));
	assert_false(runa_description_has(NULL, "R-1"));
	assert_false(runa_description_has("anything ", ""));
}

/* ---- requests ---- */

static void an_order_has_these_headers(void **state)
{
	(void)state;
	assert_string_equal(runa_order_headers(mem, "5f0d2c9e-8d0b-4a55-9f0e-3a4c1d7e6b21", API_VERSION),
	                    "Content-Type: application/json\n"
	                    "X-Api-Version: 2024-02-05\n"
	                    "X-Idempotency-Key: 5f0d2c9e-8d0b-4a55-9f0e-3a4c1d7e6b21\n"
	                    "X-Execution-Mode: sync\n");
}

static void an_order_is_sent_as_stored(void **state)
{
	struct runa_request request = runa_request_order("A: b\n", "{\0}", 3);

	(void)state;
	assert_string_equal(request.method, "POST");
	assert_string_equal(request.path, "/order");
	assert_string_equal(request.headers, "A: b\n");
	assert_memory_equal(request.body, "{\0}", 3);
	assert_int_equal(request.body_bytes, 3);
	assert_int_equal(request.max_answer_bytes, SIZE_ANSWER_BYTES);
}

static void assert_get(struct runa_request request, const char *path, size_t most)
{
	assert_string_equal(request.method, "GET");
	assert_string_equal(request.path, path);
	assert_string_equal(request.headers, "X-Api-Version: 2024-02-05\n");
	assert_null(request.body);
	assert_int_equal(request.body_bytes, 0);
	assert_int_equal(request.max_answer_bytes, most);
}

static void reading_requests_have_these_paths(void **state)
{
	(void)state;
	assert_get(runa_request_poll(mem, "O-01K0DEM0", API_VERSION), "/order/O-01K0DEM0", SIZE_ANSWER_BYTES);
	assert_get(runa_request_orders(mem, NULL, API_VERSION), "/order?limit=500", SIZE_ANSWER_BYTES);
	assert_get(runa_request_orders(mem, "cursor-b", API_VERSION), "/order?limit=500&after=cursor-b", SIZE_ANSWER_BYTES);
	assert_get(runa_request_products(mem, NULL, API_VERSION), "/product?is_orderable=false&limit=500",
	           SIZE_CATALOGUE_PAGE_BYTES);
	assert_get(runa_request_products(mem, "XYZ-DE", API_VERSION), "/product?is_orderable=false&limit=500&after=XYZ-DE",
	           SIZE_CATALOGUE_PAGE_BYTES);
	assert_get(runa_request_balances(mem, API_VERSION), "/balance", SIZE_ANSWER_BYTES);
	assert_get(runa_request_ping(mem, API_VERSION), "/ping", SIZE_ANSWER_BYTES);
}

static void what_runa_named_cannot_change_an_address(void **state)
{
	(void)state;
	assert_get(runa_request_poll(mem, "O/../x?y=1&z#%\r\n", API_VERSION), "/order/O%2F..%2Fx%3Fy%3D1%26z%23%25%0D%0A",
	           SIZE_ANSWER_BYTES);
	assert_get(runa_request_orders(mem, "a+b=&limit=1 \xc3\xa4", API_VERSION),
	           "/order?limit=500&after=a%2Bb%3D%26limit%3D1%20%C3%A4", SIZE_ANSWER_BYTES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_link_order_has_these_bytes),
		cmocka_unit_test(an_email_order_has_these_bytes),
		cmocka_unit_test(face_values_are_exact_decimals_without_exponent),
		cmocka_unit_test(the_same_order_gives_the_same_bytes),
		cmocka_unit_test(a_description_ends_with_the_reference),
		cmocka_unit_test(a_long_description_is_cut_and_the_reference_is_not),
		cmocka_unit_test(a_hundred_plain_characters_fit_uncut),
		cmocka_unit_test(only_a_last_word_is_a_reference),
		cmocka_unit_test(an_order_has_these_headers),
		cmocka_unit_test(an_order_is_sent_as_stored),
		cmocka_unit_test(reading_requests_have_these_paths),
		cmocka_unit_test(what_runa_named_cannot_change_an_address),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
