/* order_form_find.c, order_form.c: finding a product from the form, and amounts as people type them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "desk/catalogue.h"
#include "support/portal.h"
#include "unit/pages/forms.h"

/* ---- the search without scripts ---- */

static struct portal_answer find(struct portal *portal, const char *token, const char *fields)
{
	return send(portal, token, arena_print(portal->mem, "%s&action=find", fields));
}

static void a_search_step_keeps_the_key_and_all_that_was_typed(void **state)
{
	struct portal *portal = *state;
	const char *token = portal_token(portal, "order", "alice");
	struct portal_answer answer = find(portal, token, "product=exmple+shop&face_value=1%2C5&currency=EUR"
		"&distribution=EMAIL&email=a%40b.example&description=Thanks");

	assert_int_equal(answer.status, 200);
	assert_string_equal(token_in(portal, answer), token);
	assert_string_equal(portal_head(portal, answer, "Cache-Control"), "private, no-cache");
	assert_true(portal_says(answer, "value=\"pick:AMZ-GB\""));
	assert_true(portal_says(answer, "Example Shop &lt;b&gt;&amp;"));
	assert_true(portal_says(answer, "value=\"exmple shop\""));
	assert_true(portal_says(answer, "value=\"1,5\""));
	assert_true(portal_says(answer, "value=\"EUR\""));
	assert_true(portal_says(answer, "value=\"EMAIL\" checked"));
	assert_true(portal_says(answer, "value=\"a@b.example\""));
	assert_true(portal_says(answer, "value=\"Thanks\""));
	assert_false(portal_says(answer, "-error\"")); /* searching is no mistake */
	assert_int_equal(orders_of(portal), 0);
}

static void a_found_product_is_picked_with_its_facts_values_and_balance(void **state)
{
	struct portal *portal = *state;
	const char *token = portal_token(portal, "order", "alice");
	struct portal_answer answer = send(portal, token,
		"product=fixed&face_value=50&currency=GBP&description=Thanks&action=pick%3AFIX-EU");

	assert_int_equal(answer.status, 200);
	assert_string_equal(token_in(portal, answer), token);
	assert_true(portal_says(answer, "value=\"FIX-EU\" autocomplete"));
	assert_true(portal_says(answer, "id=\"product-picked\""));
	assert_true(portal_says(answer, "<dd>Germany</dd>"));
	assert_true(portal_says(answer, "value=\"EUR\" list")); /* it follows the product */
	assert_true(portal_says(answer, "1,250.00 EUR left"));
	assert_true(portal_says(answer, "value=\"10.00\" id=\"face_value\""));
	assert_true(portal_says(answer, "value=\"50.00\" checked"));
	assert_true(portal_says(answer, "value=\"Thanks\""));
	assert_false(portal_says(answer, "name=\"action\" value=\"pick:"));
	assert_int_equal(orders_of(portal), 0);
	/* and a code typed out is picked by 'Find' itself */
	assert_true(portal_says(find(portal, token, "product=+FIX-EU+"), "id=\"product-picked\""));
}

static void a_value_that_the_product_does_not_come_in_is_said_and_not_chosen(void **state)
{
	struct portal *portal = *state;
	struct portal_answer answer = send(portal, portal_token(portal, "order", "alice"),
		"product=FIX-EU&face_value=17&currency=EUR&distribution=PAYOUT_LINK");

	assert_int_equal(answer.status, 422);
	assert_true(portal_says(answer, "value=\"17\" checked><span>17 (as typed, not offered)"));
	assert_false(portal_says(answer, "00\" checked"));
	assert_true(portal_says(answer, "<a href=\"#face_value\">"));
	assert_true(portal_says(answer, "id=\"face_value-error\""));
}

static void what_is_not_offered_is_neither_found_nor_picked(void **state)
{
	struct portal *portal = *state;
	const char *token = portal_token(portal, "order", "alice");
	struct portal_answer form = portal_get(portal, "alice", "/orders/new");

	assert_false(portal_says(form, "pick:"));
	assert_false(portal_says(form, "AMZ-GB")); /* the page doesn't carry the catalogue */
	assert_true(portal_says(find(portal, token, "product=withdrawn"), "Nothing was found"));
	assert_false(portal_says(send(portal, token, "action=pick%3AOFF-GB&currency=USD"), "value=\"GBP\" list"));
	assert_true(portal_says(find(portal, token, "product=%22%3E%3Cscript%3E"), "&lt;script&gt;"));
	assert_true(portal_says(find(portal, token, "product="), "Type a name"));
	assert_int_equal(send(portal, token, "action=pick%3A").status, 200);
	assert_int_equal(send(portal, token, "action=finder").status, 400);
}

static void a_name_instead_of_a_code_is_a_mistake_that_offers_what_it_may_mean(void **state)
{
	struct portal *portal = *state;
	struct portal_answer answer = send(portal, portal_token(portal, "order", "alice"),
		"product=Fixed&face_value=10&currency=EUR&distribution=PAYOUT_LINK");

	assert_int_equal(answer.status, 422);
	assert_true(portal_says(answer, "id=\"product-error\""));
	assert_true(portal_says(answer, "value=\"pick:FIX-EU\""));
}

static void a_link_to_a_product_that_is_gone_is_a_search_for_it(void **state)
{
	struct portal_answer answer = portal_get(*state, "alice", "/orders/new?product=FIX-EUR");

	assert_int_equal(answer.status, 200);
	assert_true(portal_says(answer, "value=\"pick:FIX-EU\""));
	assert_true(portal_says(portal_get(*state, "alice", "/orders/new?product=QQQQQQ"), "Nothing was found for"));
	assert_false(portal_says(portal_get(*state, "alice", "/orders/new?product="), "Nothing was found for"));
}

static void a_product_that_is_not_offered_now_is_said_so_where_it_is_shown(void **state)
{
	static const char said[] = "does not offer this product";

	assert_true(portal_says(portal_get(*state, "alice", "/orders/new?product=OFF-GB"), said));
	assert_false(portal_says(portal_get(*state, "alice", "/orders/new?product=AMZ-GB"), said));
}

static void enter_in_the_field_that_searches_is_a_search_and_no_mistake(void **state)
{
	struct portal *portal = *state;
	struct portal_answer answer =
		send(portal, portal_token(portal, "order", "alice"), "product=Fixed&face_value=&action=review");

	assert_int_equal(answer.status, 200);
	assert_true(portal_says(answer, "value=\"pick:FIX-EU\""));
	assert_false(portal_says(answer, "id=\"product-error\""));
}

static void a_value_typed_for_another_product_is_said_and_not_chosen(void **state)
{
	struct portal *portal = *state;
	struct portal_answer answer =
		send(portal, portal_token(portal, "order", "alice"), "face_value=17&action=pick%3AFIX-EU");

	assert_true(portal_says(answer, "Before, it was 17: this product has no such value."));
	assert_false(portal_says(answer, " checked>"));
}

static void what_a_person_ordered_before_is_offered_first(void **state)
{
	struct portal *portal = *state;

	assert_false(portal_says(portal_get(portal, "alice", "/orders/new"), "You ordered before"));
	(void)portal_place(portal, "alice");
	assert_true(portal_says(portal_get(portal, "alice", "/orders/new"), "You ordered before"));
	assert_true(portal_says(portal_get(portal, "alice", "/orders/new"), "value=\"pick:AMZ-GB\""));
	assert_false(portal_says(portal_get(portal, "bob", "/orders/new"), "You ordered before"));
	assert_false(portal_says(portal_get(portal, "alice", "/orders/new?product=FIX-EU"), "You ordered before"));
}

static void an_amount_that_can_be_read_in_two_ways_is_asked_about_with_both(void **state)
{
	struct portal *portal = *state;
	struct portal_answer answer = send(portal, portal_token(portal, "order", "alice"),
		"product=AMZ-GB&face_value=1.234&currency=GBP&distribution=PAYOUT_LINK");

	assert_int_equal(answer.status, 422);
	assert_true(portal_says(answer, "If you mean 1234, write it like that. "
	                                "If you mean 1.234, write it with at most 2 decimals."));
	assert_int_equal(orders_of(portal), 0);
	answer = send(portal, portal_token(portal, "order", "alice"),
	              "product=AMZ-GB&face_value=10%2C00&currency=GBP&distribution=PAYOUT_LINK");
	assert_true(portal_says(answer, "Did you mean 10.00?"));
	assert_int_equal(send(portal, portal_token(portal, "order", "alice"),
		"product=AMZ-GB&face_value=0%2C100.00&currency=GBP&distribution=PAYOUT_LINK").status, 422);
	assert_int_equal(orders_of(portal), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_portal, close_portal)
	const struct CMUnitTest tests[] = {
		TEST(a_search_step_keeps_the_key_and_all_that_was_typed),
		TEST(a_found_product_is_picked_with_its_facts_values_and_balance),
		TEST(a_value_that_the_product_does_not_come_in_is_said_and_not_chosen),
		TEST(what_is_not_offered_is_neither_found_nor_picked),
		TEST(a_name_instead_of_a_code_is_a_mistake_that_offers_what_it_may_mean),
		TEST(a_link_to_a_product_that_is_gone_is_a_search_for_it),
		TEST(a_product_that_is_not_offered_now_is_said_so_where_it_is_shown),
		TEST(enter_in_the_field_that_searches_is_a_search_and_no_mistake),
		TEST(a_value_typed_for_another_product_is_said_and_not_chosen),
		TEST(what_a_person_ordered_before_is_offered_first),
		TEST(an_amount_that_can_be_read_in_two_ways_is_asked_about_with_both),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
