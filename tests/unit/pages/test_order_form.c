/* order_form.c, order_place.c, order_conflict.c: the form, and where sending it leads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "base/text.h"
#include "desk/catalogue.h"
#include "support/portal.h"
#include "unit/pages/forms.h"

static void each_form_has_a_token_of_its_own(void **state)
{
	struct portal *portal = *state;
	const char *first = token_in(portal, portal_get(portal, "alice", "/orders/new"));

	assert_string_not_equal(first, token_in(portal, portal_get(portal, "alice", "/orders/new")));
}

static void a_served_form_sent_back_places_one_order_and_a_repeat_leads_to_it(void **state)
{
	struct portal *portal = *state;
	const char *token = token_in(portal, portal_get(portal, "alice", "/orders/new"));
	struct portal_answer first = send(portal, token, GOOD "&email=&description=&action=place");
	struct portal_answer second = send(portal, token, GOOD);
	const char *place = portal_head(portal, first, "Location");

	assert_int_equal(first.status, 303);
	assert_int_equal(second.status, 303);
	assert_string_equal(portal_head(portal, second, "Location"), arena_print(portal->mem, "%s?repeat=1", place));
	assert_int_equal(orders_of(portal), 1);
	assert_true(portal_says(portal_get(portal, "alice", portal_head(portal, second, "Location")),
	                        "nothing more was ordered"));
}

static void fault_04_a_used_form_with_other_content_shows_both_and_stores_nothing(void **state)
{
	struct portal *portal = *state;
	const char *token = portal_token(portal, "order", "alice");
	struct portal_answer first = send(portal, token, GOOD);
	struct portal_answer other = send(portal, token, "product=AMZ-GB&face_value=20.00&currency=GBP&distribution=EMAIL"
	                                                 "&email=x%40y.example&description=%3Cb%3E");

	assert_int_equal(other.status, 409);
	assert_true(portal_says(other, "<td>10.00</td><td>20.00 <strong"));
	assert_true(portal_says(other, "<td>AMZ-GB</td><td>AMZ-GB</td>"));
	assert_true(portal_says(other, "&lt;b&gt;"));
	assert_true(portal_says(other, portal_head(portal, first, "Location")));
	assert_int_equal(orders_of(portal), 1);
	assert_string_not_equal(token_in(portal, other), token);
}

static void fault_04_the_same_amount_written_otherwise_does_not_differ(void **state)
{
	static const struct { const char *now; bool differs; } amounts[] = {
		{ "10", false }, { "10.0", false }, { "+10.00+", false }, { "10.01", true }, { "1e1", true }, { "", true },
	};
	struct portal *portal = *state;
	const char *token = portal_token(portal, "order", "alice");

	(void)send(portal, token, GOOD);
	for (size_t i = 0; i < COUNT_OF(amounts); i++) {
		struct portal_answer answer = send(portal, token, arena_print(portal->mem,
			"product=AMZ-GB&face_value=%s&currency=GBP&distribution=PAYOUT_LINK&description=x", amounts[i].now));

		assert_int_equal(answer.status, 409);
		assert_int_equal(strstr(strstr(answer.body, ">Face value<"), "</tr>") >
		                 strstr(strstr(answer.body, ">Face value<"), "differs"), amounts[i].differs);
	}
}

static void a_second_order_begins_with_a_filled_form_and_a_new_key(void **state)
{
	struct portal *portal = *state;
	const char *token = portal_token(portal, "order", "alice");
	struct portal_answer other, form;

	(void)send(portal, token, GOOD);
	other = send(portal, token, "product=AMZ-GB&face_value=20.00&currency=GBP&distribution=PAYOUT_LINK");
	form = send(portal, token_in(portal, other),
	            "product=AMZ-GB&face_value=20.00&currency=GBP&distribution=PAYOUT_LINK&action=edit");
	assert_int_equal(form.status, 200);
	assert_true(portal_says(form, "value=\"20.00\""));
	assert_int_equal(orders_of(portal), 1);
	assert_int_equal(send(portal, token_in(portal, form), "product=AMZ-GB&face_value=20.00&currency=GBP"
	                                                      "&distribution=PAYOUT_LINK").status, 303);
	assert_int_equal(orders_of(portal), 2);
}

static void going_back_to_a_form_brings_its_own_key_back(void **state)
{
	struct portal *portal = *state;
	struct portal_answer form = portal_get(portal, "alice", "/orders/new");

	/* A browser keeps such a page for Back, and asks anew whenever the page is opened otherwise. */
	assert_string_equal(portal_head(portal, form, "Cache-Control"), "private, no-cache");
	assert_string_equal(portal_head(portal, portal_get(portal, "alice", "/orders"), "Cache-Control"), "no-store");
}

static void errors_stand_beside_their_fields_and_in_a_summary_that_links_to_them(void **state)
{
	static const char *const fields[] = { "product", "face_value", "currency", "distribution" };
	struct portal *portal = *state;
	const char *token = portal_token(portal, "order", "alice");
	struct portal_answer answer = send(portal, token, "product=&face_value=&currency=");

	assert_int_equal(answer.status, 422);
	assert_true(portal_says(answer, "<title>Error: Order a reward"));
	assert_true(portal_says(answer, "role=\"alert\""));
	for (size_t i = 0; i < COUNT_OF(fields); i++) {
		assert_true(portal_says(answer, arena_print(portal->mem, "<a href=\"#%s\">", fields[i])));
		assert_true(portal_says(answer, arena_print(portal->mem, "id=\"%s-error\"", fields[i])));
	}
	assert_true(portal_says(answer, "aria-describedby=\"product-hint product-error\" aria-invalid=\"true\""));
	assert_false(portal_says(answer, "email-error"));
	assert_int_equal(orders_of(portal), 0);
	assert_string_equal(token_in(portal, answer), token); /* nothing was stored under it */
}

static void nothing_typed_is_lost_and_nothing_typed_is_markup(void **state)
{
	struct portal *portal = *state;
	struct portal_answer answer = send(portal, portal_token(portal, "order", "alice"),
		"product=%22%3E%3Cscript%3Ealert%281%29%3C%2Fscript%3E&face_value=10%2C00&currency=gb&distribution=EMAIL"
		"&email=%27x%27%26&description=%E2%82%AC+%3Ci%3E");

	assert_int_equal(answer.status, 422);
	assert_false(portal_says(answer, "<script>"));
	assert_true(portal_says(answer, "value=\"&quot;&gt;&lt;script&gt;"));
	assert_true(portal_says(answer, "value=\"10,00\""));
	assert_true(portal_says(answer, "value=\"gb\""));
	assert_true(portal_says(answer, "value=\"EMAIL\" checked"));
	assert_true(portal_says(answer, "value=\"&#39;x&#39;&amp;\""));
	assert_true(portal_says(answer, "value=\"\xE2\x82\xAC &lt;i&gt;\""));
}

static void what_turns_the_direction_of_a_note_is_refused_beside_its_field(void **state)
{
	struct portal *portal = *state;
	struct portal_answer answer = send(portal, portal_token(portal, "order", "alice"),
	                                   GOOD "&description=for+%E2%80%AEeciLA&action=place");

	assert_int_equal(answer.status, 422);
	assert_true(portal_says(answer, "id=\"description-error\">The note holds a character that cannot be seen"));
	assert_int_equal(orders_of(portal), 0);
}

/* Each field can hold a whole form's bytes: said beside the field, and all of it comes back. */
static void a_value_that_is_far_too_long_stands_beside_its_field_whole(void **state)
{
	static const char *const fields[] = { "product", "face_value", "currency", "distribution", "email", "description" };
	static const char *const good[] = { "AMZ-GB", "10", "GBP", "EMAIL", "a%40b.example", "" };
	struct portal *portal = *state;
	const char *token = portal_token(portal, "order", "alice");
	char *value = arena_alloc(portal->mem, 4098);

	memset(value, 'v', 4097);
	for (size_t i = 0; i < COUNT_OF(fields); i++) {
		struct text body;
		struct portal_answer answer;

		text_begin(&body, portal->mem, 0);
		for (size_t k = 0; k < COUNT_OF(fields); k++)
			text_print(&body, "%s%s=%s", k ? "&" : "", fields[k], k == i ? value : good[k]);
		answer = send(portal, token, body.bytes);
		assert_int_equal(answer.status, 422);
		assert_true(portal_says(answer, arena_print(portal->mem, "<a href=\"#%s\">", fields[i])));
		if (i != 3) /* a choice has no text to give back */
			assert_true(portal_says(answer, value));
	}
	assert_int_equal(orders_of(portal), 0);
}

static void a_query_fills_the_form_and_the_products_currency_is_filled_in(void **state)
{
	struct portal *portal = *state;
	struct portal_answer answer = portal_get(portal, "alice",
		"/orders/new?product=FIX-EU&face_value=25&distribution=PAYOUT_LINK&email=a%40b.example&description=Thanks");

	assert_int_equal(answer.status, 200);
	assert_true(portal_says(answer, "value=\"FIX-EU\" autocomplete"));
	assert_true(portal_says(answer, "value=\"25.00\" checked"));
	assert_true(portal_says(answer, "value=\"EUR\" list"));
	assert_true(portal_says(answer, "value=\"PAYOUT_LINK\" checked"));
	assert_true(portal_says(answer, "value=\"a@b.example\""));
	assert_true(portal_says(answer, "<dd>10.00, 25.00, 50.00 EUR</dd>"));
}
/* Where 'Order again' on the order's page leads: the address stands for the form's key. */
static const char *again(struct portal *portal, const char *number, const char *rest)
{
	const char *lead = arena_print(portal->mem, "/orders/new?again=%s&amp;form=", number), *word;
	struct portal_answer page;

	portal_complete(portal, number);
	page = portal_get(portal, "alice", arena_print(portal->mem, "/orders/%s", number));
	word = strstr(page.body, lead);
	assert_non_null(word);
	return arena_print(portal->mem, "/orders/new?again=%s&form=%.36s%s", number, word + strlen(lead), rest);
}

static void ordering_again_fills_the_form_and_warns_while_the_first_is_open(void **state)
{
	struct portal *portal = *state;
	const char *number = portal_place(portal, "alice");
	const char *uri = arena_print(portal->mem, "/orders/new?again=%s", number);
	struct portal_answer open = portal_get(portal, "alice", uri);

	assert_int_equal(open.status, 200);
	assert_string_equal(portal_head(portal, open, "Cache-Control"), "private, no-cache");
	assert_true(portal_says(open, "value=\"AMZ-GB\""));
	assert_true(portal_says(open, "value=\"10.00\""));
	assert_true(portal_says(open, "not settled yet"));
	portal_complete(portal, number);
	assert_false(portal_says(portal_get(portal, "alice", uri), "not settled yet"));
	assert_int_equal(portal_get(portal, "alice", "/orders/new?again=0000000000000000").status, 404);
	assert_int_equal(portal_get(portal, "alice", "/orders/new?again=..%2F..").status, 404);
}

/* Such a form comes filled in, so fetching it once more must not bring a key that orders once more. */
static void fault_02_going_back_to_a_form_that_orders_again_fetches_it_with_the_key_it_had(void **state)
{
	struct portal *portal = *state;
	const char *number = portal_place(portal, "alice");
	const char *uri = again(portal, number, "");
	struct portal_answer form = portal_get(portal, "alice", uri);
	const char *place;

	assert_string_equal(portal_head(portal, form, "Cache-Control"), "no-store");
	place = portal_head(portal, send(portal, token_in(portal, form), GOOD), "Location");
	portal->now_ms += 2 * MS_A_DAY;
	form = portal_get(portal, "alice", uri);
	assert_true(portal_says(form, "value=\"10.00\""));
	form = send(portal, token_in(portal, form), GOOD);
	assert_string_equal(portal_head(portal, form, "Location"), arena_print(portal->mem, "%s?repeat=1", place));
	assert_int_equal(orders_of(portal), 2);
	/* Asking for it anew is a new form. */
	assert_string_not_equal(again(portal, number, ""), uri);
	form = portal_get(portal, "alice", again(portal, number, ""));
	assert_int_equal(send(portal, token_in(portal, form), GOOD).status, 303);
	assert_int_equal(orders_of(portal), 3);
}

static void the_address_of_a_form_that_orders_again_is_no_key_of_anothers(void **state)
{
	struct portal *portal = *state;
	const char *number = portal_place(portal, "alice");
	const char *uri = again(portal, number, "&description=%26more%3D1");
	const char *word = strstr(uri, "form=");
	const char *alices = token_in(portal, portal_get(portal, "alice", uri));
	const char *bobs = token_in(portal, portal_get(portal, "bob", uri));
	const char *no_word = arena_print(portal->mem, "/orders/new?again=%s&form=x", number);

	assert_non_null(word);
	assert_memory_not_equal(alices, bobs, ID_KEY_SIZE - 1);
	assert_null(strstr(alices, arena_copy(portal->mem, word + 5, ID_KEY_SIZE - 1)));
	assert_true(portal_says(portal_get(portal, "alice", uri), "value=\"&amp;more=1\""));
	assert_string_not_equal(token_in(portal, portal_get(portal, "alice", no_word)), /* it stands for nothing */
	                        token_in(portal, portal_get(portal, "alice", no_word)));
}

static void a_product_typed_in_small_letters_is_the_one_in_the_catalogue(void **state)
{
	struct portal *portal = *state;
	const char *token = portal_token(portal, "order", "alice");
	struct portal_answer answer = send(portal, token,
		"product=+amz-gb+&face_value=10.00&currency=GBP&distribution=PAYOUT_LINK");
	const char *place = portal_head(portal, answer, "Location");

	assert_int_equal(answer.status, 303);
	assert_true(portal_says(portal_get(portal, "alice", place), "AMZ-GB"));
	answer = send(portal, token, GOOD); /* the same content */
	assert_string_equal(portal_head(portal, answer, "Location"), arena_print(portal->mem, "%s?repeat=1", place));
	assert_true(portal_says(portal_get(portal, "alice", "/orders/new?product=fix-eu"), "value=\"EUR\" list"));
	answer = send(portal, portal_token(portal, "order", "alice"), "product=nothing-xx");
	assert_true(portal_says(answer, "value=\"nothing-xx\""));
}

static void the_form_says_how_old_it_is_what_it_is_checked_against(void **state)
{
	static const char time[] = "<time datetime=\"2026-11-23T09:00:00Z\">2026-11-23 09:00:00 UTC</time>";
	struct portal *portal = *state;
	struct portal_answer answer;

	portal->now_ms += 3 * MS_A_DAY;
	answer = portal_get(portal, "alice", "/orders/new");
	assert_true(portal_says(answer, arena_print(portal->mem, "catalogue as of %s", time)));
}

static void fault_04_both_versions_are_worded_and_the_earlier_orders_money_is_said(void **state)
{
	struct portal *portal = *state;
	const char *token = portal_token(portal, "order", "alice");
	const char *number = portal_head(portal, send(portal, token, GOOD), "Location") + strlen("/orders/");
	struct portal_answer answer = send(portal, token,
		"product=AMZ-GB&face_value=&currency=GBP&distribution=EMAIL&email=x%40y.example");

	assert_int_equal(answer.status, 409);
	assert_true(portal_says(answer, "<td>As a payout link</td><td>By e-mail, sent by Runa <strong"));
	assert_false(portal_says(answer, "<td>PAYOUT_LINK"));
	assert_true(portal_says(answer, "<td>10.00</td><td><span class=\"quiet\">left empty</span> <strong"));
	assert_true(portal_says(answer, "<td><span class=\"quiet\">left empty</span></td><td>x@y.example <strong"));
	assert_true(portal_says(answer, "Nothing was ordered by sending it just now"));
	assert_true(portal_says(answer, "Money moved by it: <strong>no</strong>. Nothing was sent to Runa yet."));
	portal_complete(portal, number);
	answer = send(portal, token, "product=AMZ-GB");
	assert_true(portal_says(answer, "The order is completed. Money moved by it: <strong>yes</strong>. Runa took"));
}

static void fault_05_an_old_form_comes_back_with_what_was_typed_and_a_fresh_key(void **state)
{
	struct portal *portal = *state;
	const char *token = portal_token(portal, "order", "alice");
	struct portal_answer answer;

	portal->now_ms += MS_A_DAY + 1;
	answer = send(portal, token, GOOD "&description=keep+me");
	assert_int_equal(answer.status, 422);
	assert_true(portal_says(answer, "keep me"));
	assert_true(portal_says(answer, "Nothing was ordered by sending it just now"));
	assert_string_not_equal(token_in(portal, answer), token);
	assert_int_equal(orders_of(portal), 0);
	assert_int_equal(send(portal, token_in(portal, answer), GOOD).status, 303);
}

static void fault_05_an_old_form_that_had_been_used_leads_to_its_order(void **state)
{
	struct portal *portal = *state;
	const char *token = portal_token(portal, "order", "alice");
	const char *place = portal_head(portal, send(portal, token, GOOD), "Location");
	struct portal_answer again, otherwise;

	portal->now_ms += MS_A_DAY + 1;
	again = send(portal, token, GOOD);
	assert_int_equal(again.status, 303);
	assert_string_equal(portal_head(portal, again, "Location"), arena_print(portal->mem, "%s?repeat=1", place));
	otherwise = send(portal, token, GOOD "&description=another");
	assert_int_equal(otherwise.status, 409);
	assert_int_equal(orders_of(portal), 1);
}

static void fault_05_an_old_form_sent_twice_comes_back_as_one_and_orders_once(void **state)
{
	struct portal *portal = *state;
	const char *token = portal_token(portal, "order", "alice"), *place;
	struct portal_answer first, second, third;

	portal->now_ms += MS_A_DAY + 1;
	first = send(portal, token, GOOD);
	portal->now_ms += MS_A_MINUTE;
	second = send(portal, token, GOOD);
	assert_int_equal(first.status, 422);
	assert_int_equal(second.status, 422);
	place = portal_head(portal, send(portal, token_in(portal, first), GOOD), "Location");
	third = send(portal, token_in(portal, second), GOOD);
	assert_int_equal(third.status, 303);
	assert_string_equal(portal_head(portal, third, "Location"), arena_print(portal->mem, "%s?repeat=1", place));
	/* and the old one leads there too by now */
	third = send(portal, token, GOOD);
	assert_int_equal(third.status, 303);
	assert_string_equal(portal_head(portal, third, "Location"), arena_print(portal->mem, "%s?repeat=1", place));
	assert_int_equal(send(portal, token, GOOD "&description=another").status, 409);
	assert_int_equal(orders_of(portal), 1);
}

static void replace_secret(struct portal *portal)
{
	memset(portal->site.token_secret.bytes, 8, sizeof portal->site.token_secret.bytes);
	memcpy(portal->site.token_secret.id, "fedcba9876543210", sizeof portal->site.token_secret.id);
}

static void fault_25_a_form_of_a_replaced_secret_comes_back_with_what_was_typed(void **state)
{
	struct portal *portal = *state;
	const char *token = portal_token(portal, "order", "alice");
	struct portal_answer answer;

	replace_secret(portal);
	answer = send(portal, token, GOOD "&description=keep+me");
	assert_int_equal(answer.status, 422);
	assert_true(portal_says(answer, "form secret was replaced"));
	assert_true(portal_says(answer, "keep me"));
	assert_int_equal(orders_of(portal), 0);
	assert_int_equal(send(portal, token_in(portal, answer), GOOD).status, 303);
	assert_int_equal(orders_of(portal), 1);
}

static void fault_25_a_used_form_of_a_replaced_secret_leads_to_its_order(void **state)
{
	struct portal *portal = *state;
	const char *token = portal_token(portal, "order", "alice");
	const char *place = portal_head(portal, send(portal, token, GOOD), "Location");
	struct portal_answer again;

	replace_secret(portal);
	again = send(portal, token, GOOD);
	assert_int_equal(again.status, 303);
	assert_string_equal(portal_head(portal, again, "Location"), arena_print(portal->mem, "%s?repeat=1", place));
	assert_int_equal(orders_of(portal), 1);
}

static void fault_05_another_persons_form_comes_back_and_an_altered_one_does_not(void **state)
{
	struct portal *portal = *state;
	struct portal_answer of_other = send(portal, portal_token(portal, "order", "bob"), GOOD);
	char *altered = arena_text(portal->mem, portal_token(portal, "order", "alice"));

	assert_int_equal(of_other.status, 422);
	assert_true(portal_says(of_other, "under another sign-in"));
	altered[0] = altered[0] == '0' ? '1' : '0';
	assert_int_equal(send(portal, altered, GOOD).status, 403);
	assert_int_equal(portal_post(portal, "alice", "/orders", GOOD).status, 403);
	assert_int_equal(orders_of(portal), 0);
}

static void an_unknown_action_is_a_bad_request_and_orders_nothing(void **state)
{
	struct portal *portal = *state;

	assert_int_equal(send(portal, portal_token(portal, "order", "alice"), GOOD "&action=order").status, 400);
	assert_int_equal(send(portal, portal_token(portal, "order", "alice"), GOOD "&action=").status, 400);
	assert_int_equal(orders_of(portal), 0);
}

static void fault_20_a_full_disk_brings_the_form_back_and_heals_without_a_restart(void **state)
{
	struct portal *portal = *state;
	const char *token = portal_token(portal, "order", "alice");
	struct portal_answer answer;

	faulty_vfs_fail(portal->vfs, FAULTY_WRITES, 1, SQLITE_FULL, true);
	answer = send(portal, token, GOOD "&description=keep+me");
	assert_int_equal(answer.status, 503);
	assert_true(portal_says(answer, "Nothing was ordered: the desk has no room"));
	assert_true(portal_says(answer, "keep me"));
	assert_string_equal(token_in(portal, answer), token);
	assert_non_null(portal_head(portal, answer, "Retry-After"));
	faulty_vfs_fail(portal->vfs, FAULTY_ALL, 0, 0, false);
	assert_int_equal(send(portal, token, GOOD "&description=keep+me").status, 303);
	assert_int_equal(orders_of(portal), 1);
}

static void fault_19_after_a_failed_sync_nobody_is_told_that_it_is_or_is_not_placed(void **state)
{
	struct portal *portal = *state;
	const char *token = portal_token(portal, "order", "alice");
	struct portal_answer answer;

	faulty_vfs_fail(portal->vfs, FAULTY_SYNCS, 1, SQLITE_IOERR_FSYNC, false);
	answer = send(portal, token, GOOD "&description=keep+me");
	assert_int_equal(answer.status, 503);
	assert_true(portal_says(answer, "Money moved: <strong>not known yet</strong>"));
	assert_true(portal_says(answer, "Sending the same form again is safe"));
	assert_true(portal_says(answer, "name=\"description\" value=\"keep me\""));
	assert_string_equal(token_in(portal, answer), token);
	assert_true(portal_says(portal_get(portal, "alice", "/"), "cannot store anything"));
	assert_int_equal(portal_get(portal, NULL, "/readyz").status, 503);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_portal, close_portal)
	const struct CMUnitTest tests[] = {
		TEST(each_form_has_a_token_of_its_own),
		TEST(a_served_form_sent_back_places_one_order_and_a_repeat_leads_to_it),
		TEST(fault_04_a_used_form_with_other_content_shows_both_and_stores_nothing),
		TEST(fault_04_the_same_amount_written_otherwise_does_not_differ),
		TEST(a_second_order_begins_with_a_filled_form_and_a_new_key),
		TEST(going_back_to_a_form_brings_its_own_key_back),
		TEST(errors_stand_beside_their_fields_and_in_a_summary_that_links_to_them),
		TEST(nothing_typed_is_lost_and_nothing_typed_is_markup),
		TEST(what_turns_the_direction_of_a_note_is_refused_beside_its_field),
		TEST(a_value_that_is_far_too_long_stands_beside_its_field_whole),
		TEST(a_query_fills_the_form_and_the_products_currency_is_filled_in),
		TEST(ordering_again_fills_the_form_and_warns_while_the_first_is_open),
		TEST(fault_02_going_back_to_a_form_that_orders_again_fetches_it_with_the_key_it_had),
		TEST(the_address_of_a_form_that_orders_again_is_no_key_of_anothers),
		TEST(a_product_typed_in_small_letters_is_the_one_in_the_catalogue),
		TEST(the_form_says_how_old_it_is_what_it_is_checked_against),
		TEST(fault_04_both_versions_are_worded_and_the_earlier_orders_money_is_said),
		TEST(fault_05_an_old_form_comes_back_with_what_was_typed_and_a_fresh_key),
		TEST(fault_05_an_old_form_that_had_been_used_leads_to_its_order),
		TEST(fault_05_an_old_form_sent_twice_comes_back_as_one_and_orders_once),
		TEST(fault_25_a_form_of_a_replaced_secret_comes_back_with_what_was_typed),
		TEST(fault_25_a_used_form_of_a_replaced_secret_leads_to_its_order),
		TEST(fault_05_another_persons_form_comes_back_and_an_altered_one_does_not),
		TEST(an_unknown_action_is_a_bad_request_and_orders_nothing),
		TEST(fault_20_a_full_disk_brings_the_form_back_and_heals_without_a_restart),
		TEST(fault_19_after_a_failed_sync_nobody_is_told_that_it_is_or_is_not_placed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
