/* test_products.c: the catalogue as a page and for the form's field, and the words about products. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "desk/catalogue.h"
#include "pages/products.h"
#include "support/portal.h"

static void fill(struct portal *portal, size_t count)
{
	struct product *products = arena_array(portal->mem, count + 1, sizeof *products);

	for (size_t i = 0; i < count; i++)
		products[i] = (struct product){
			.code = arena_print(portal->mem, "P%04zu-GB", i),
			.name = arena_print(portal->mem, "Shop number %04zu with a name of ordinary length", i),
			.currency = "GBP", .country = "GB", .is_orderable = true, .state = "LIVE",
			.least_minor = 100, .most_minor = 50000, .discount_text = "0.0200",
			.expiry_type = "from-issue-date", .expiry_months = 24, .category = "fashion",
		};
	catalogue_store_products(portal->desk, products, count, portal->now_ms);
}

static void each_product_has_its_facts_and_leads_to_the_form(void **state)
{
	struct portal *portal = *state;
	struct portal_answer answer = portal_get(portal, "alice", "/products");

	assert_int_equal(answer.status, 200);
	assert_true(portal_says(answer, "<title>Products"));
	assert_true(portal_says(answer, "Example Shop &lt;b&gt;&amp; <span class=\"sub\">AMZ-GB</span>"));
	assert_true(portal_says(answer, "1.00 \xE2\x80\x93 500.00 GBP"));
	assert_true(portal_says(answer, "10.00, 25.00, 50.00 EUR"));
	assert_true(portal_says(answer, "United Kingdom"));
	assert_true(portal_says(answer, "href=\"/orders/new?product=FIX-EU&amp;currency=EUR\""));
	assert_true(portal_says(answer, "Not offered now"));
	assert_false(portal_says(answer, "product=OFF-GB"));
}

static void who_may_only_look_is_not_led_to_the_form(void **state)
{
	struct portal *portal = *state;

	portal->roles = ROLE_VIEWER;
	assert_int_equal(portal_get(portal, "carol", "/products").status, 200);
	assert_false(portal_says(portal_get(portal, "carol", "/products"), "/orders/new"));
	assert_int_equal(portal_get(portal, "carol", "/products.json").status, 200);
	portal->roles = ROLE_AUDITOR;
	assert_int_equal(portal_get(portal, "dave", "/products").status, 403);
	assert_int_equal(portal_get(portal, "dave", "/products.json").status, 403);
}

static void a_search_stays_in_the_address_and_in_the_field(void **state)
{
	struct portal *portal = *state;
	struct portal_answer answer = portal_get(portal, "alice", "/products?q=fixd+valus");

	assert_true(portal_says(answer, "FIX-EU"));
	assert_false(portal_says(answer, "AMZ-GB"));
	assert_true(portal_says(answer, "value=\"fixd valus\""));
	answer = portal_get(portal, "alice", "/products?q=%3Czzzz%3E");
	assert_int_equal(answer.status, 200);
	assert_true(portal_says(answer, "Nothing found for &lsquo;&lt;zzzz&gt;&rsquo;"));
	assert_true(portal_says(answer, "Show all products"));
}

static void a_long_catalogue_comes_in_pages_each_product_once(void **state)
{
	struct portal *portal = *state;
	const char *uri = "/products?q=shop+number";
	int pages = 0, rows = 0;

	fill(portal, 120);
	while (uri) {
		struct portal_answer answer = portal_get(portal, "alice", uri);
		const char *next = strstr(answer.body, "rel=\"next\""), *at;

		pages++;
		assert_true(strlen(answer.body) < 64 * 1024);
		for (at = answer.body; (at = strstr(at, ">Order this<")) != NULL; at++)
			rows++;
		uri = NULL;
		if (next) {
			for (at = next; strncmp(at, "href=\"", 6) != 0; at--)
				;
			uri = arena_copy(portal->mem, at + 6, strcspn(at + 6, "\""));
			assert_true(strstr(uri, "q=shop%20number&amp;after=") != NULL);
			uri = arena_print(portal->mem, "/products?q=shop%%20number&after=%s", strstr(uri, "after=") + 6);
		}
	}
	assert_int_equal(pages, 3);
	assert_int_equal(rows, 120);
	assert_true(portal_says(portal_get(portal, "alice", "/products?after=P0049-GB"), "51 to 100 of 120"));
	assert_true(portal_says(portal_get(portal, "alice", "/products?after=GONE"), "1 to 50 of 120"));
	assert_true(portal_says(portal_get(portal, "alice", "/products?after=P0119-GB"), "1 to 50 of 120"));
}

static void an_empty_catalogue_says_why_and_what_to_do(void **state)
{
	struct portal *portal = *state;

	catalogue_store_products(portal->desk, NULL, 0, portal->now_ms);
	assert_true(portal_says(portal_get(portal, "alice", "/products"), "offers this account no products"));
	catalogue_store_products(portal->desk, NULL, 0, 0);
	assert_true(portal_says(portal_get(portal, "alice", "/products"), "has not been fetched yet"));
}

static void the_fields_search_answers_in_a_few_facts_and_is_not_kept(void **state)
{
	struct portal *portal = *state;
	struct portal_answer answer = portal_get(portal, "alice", "/products.json?q=shop&max=3");

	assert_int_equal(answer.status, 200);
	assert_string_equal(portal_head(portal, answer, "Content-Type"), "application/json");
	assert_string_equal(portal_head(portal, answer, "Cache-Control"), "no-store");
	assert_true(portal_says(answer, "\"q\":\"shop\",\"own\":false"));
	assert_true(portal_says(answer, "{\"code\":\"AMZ-GB\",\"name\":\"Example Shop <b>&\",\"currency\":\"GBP\""));
	assert_false(portal_says(portal_get(portal, "alice", "/products.json?q=withdrawn"), "OFF-GB"));
	assert_true(portal_says(portal_get(portal, "alice", "/products.json"), "\"own\":true,\"products\":[]"));
	(void)portal_place(portal, "alice");
	assert_true(portal_says(portal_get(portal, "alice", "/products.json?q="), "AMZ-GB"));
}

static void the_fields_search_is_small_whatever_is_asked_for(void **state)
{
	static const char *const most[] = { "&max=20", "&max=5000", "&max=-1", "&max=x", "&max=99999999999999999999" };
	struct portal *portal = *state;

	fill(portal, 120);
	for (size_t i = 0; i < COUNT_OF(most); i++) {
		const char *uri = arena_print(portal->mem, "/products.json?q=shop%s", most[i]);
		struct portal_answer answer = portal_get(portal, "alice", uri);
		int count = 0;

		for (const char *at = answer.body; (at = strstr(at, "\"code\"")) != NULL; at++)
			count++;
		assert_int_equal(count, 20);
		assert_true(strlen(answer.body) < 8192);
	}
	assert_true(portal_says(portal_get(portal, "alice", "/products.json?q=shop&max=0"), "\"products\":[]"));
}

static void a_form_with_thousands_of_products_stays_small(void **state)
{
	struct portal *portal = *state;
	const char *token = portal_token(portal, "order", "alice");

	fill(portal, 5000);
	assert_true(strlen(portal_get(portal, "alice", "/orders/new").body) < 32 * 1024);
	assert_true(strlen(portal_post(portal, "alice", "/orders",
		arena_print(portal->mem, "token=%s&product=shop&action=find", token)).body) < 32 * 1024);
	assert_true(strlen(portal_get(portal, "alice", "/products").body) < 64 * 1024);
}

static void discounts_and_expiries_are_said_in_words(void **state)
{
	static const struct { const char *text, *words; } discounts[] = {
		{ "0.0200", "2 %" }, { "0.0130", "1.3 %" }, { "0.05", "5 %" }, { "0.1", "10 %" }, { "1", "100 %" }, { "0.0001", "0.01 %" },
		{ "0.125", "12.5 %" }, { "1.50", "150 %" }, { "0.0", "none" }, { "0", "none" }, { "0.0000", "none" }, { "", "not said by Runa" },
	};
	static const struct { const char *type; int months; const char *words; } expiries[] = {
		{ "from-issue-date", 24, "24 months after issue" }, { "from-issue-date", 1, "1 month after issue" },
		{ "from-last-use", 6, "6 months after last use" }, { "from-last-use", 0, "counted from its last use" },
		{ "indefinite", 0, "never" }, { "do-not-show", 0, "not said by Runa" }, { "", 12, "not said by Runa" },
		{ "from-the-moon", 3, "not said by Runa" },
	};
	struct portal *portal = *state;

	for (size_t i = 0; i < COUNT_OF(discounts); i++) {
		const struct product product = { .discount_text = discounts[i].text };

		assert_string_equal(texts_discount(portal->mem, &product), discounts[i].words);
	}
	for (size_t i = 0; i < COUNT_OF(expiries); i++) {
		const struct product product = { .expiry_type = expiries[i].type, .expiry_months = expiries[i].months };

		assert_string_equal(texts_expiry(portal->mem, &product), expiries[i].words);
	}
	assert_string_equal(texts_age(portal->mem, 0), "less than a minute ago");
	assert_string_equal(texts_age(portal->mem, 60000), "1 minute ago");
	assert_string_equal(texts_age(portal->mem, INT64_C(86400000) * 3), "3 days ago");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_portal, close_portal)
	const struct CMUnitTest tests[] = {
		TEST(each_product_has_its_facts_and_leads_to_the_form),
		TEST(who_may_only_look_is_not_led_to_the_form),
		TEST(a_search_stays_in_the_address_and_in_the_field),
		TEST(a_long_catalogue_comes_in_pages_each_product_once),
		TEST(an_empty_catalogue_says_why_and_what_to_do),
		TEST(the_fields_search_answers_in_a_few_facts_and_is_not_kept),
		TEST(the_fields_search_is_small_whatever_is_asked_for),
		TEST(a_form_with_thousands_of_products_stays_small),
		TEST(discounts_and_expiries_are_said_in_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
