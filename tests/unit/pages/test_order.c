/* order.c: one order's page. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "desk/attempt.h"
#include "desk/inside.h"
#include "pages/texts.h"
#include "unit/pages/order_acts.h"

#define LINK "https://spend.example/redeem?a=1&amp;b=2"

static void a_waiting_order_says_so_and_reloads_itself_more_calmly_with_age(void **state)
{
	struct portal *portal = *state;
	const char *number = portal_place(portal, "alice");
	struct portal_answer young = look(portal, "alice", number, "");
	struct portal_answer older;

	assert_int_equal(young.status, 200);
	assert_true(portal_says(young, "Money moved: <strong>no</strong>"));
	assert_true(portal_says(young, "http-equiv=\"refresh\" content=\"2\""));
	portal->now_ms += 10 * MS_A_MINUTE;
	older = look(portal, "alice", number, "");
	assert_true(portal_says(older, "http-equiv=\"refresh\" content=\"20\""));
	portal->now_ms += MS_A_DAY;
	assert_true(portal_says(look(portal, "alice", number, ""), "http-equiv=\"refresh\" content=\"30\""));
}

static void a_completed_order_shows_money_price_and_link_and_rests(void **state)
{
	struct portal *portal = *state;
	const char *number = portal_place(portal, "alice");
	struct portal_answer answer;

	portal_complete(portal, number);
	answer = look(portal, "alice", number, "");
	assert_true(portal_says(answer, "Money moved: <strong>yes</strong>"));
	assert_true(portal_says(answer, "9.50 GBP"));
	assert_true(portal_says(answer, "0.50 GBP"));
	assert_true(portal_says(answer, "id=\"link\" type=\"text\" readonly class=\"no-print\" value=\"" LINK "\""));
	assert_true(portal_says(answer, "<a class=\"link button second\" href=\"" LINK "\" rel=\"noreferrer noopener\">"));
	assert_true(portal_says(answer, "aria-label=\"QR code of the payout link\""));
	assert_true(portal_says(answer, "O-01TEST"));
	assert_true(portal_says(answer, "/orders/new?again="));
	assert_false(portal_says(answer, "http-equiv=\"refresh\""));
	assert_false(portal_says(answer, "Try again now"));
}

/* A request with live=1 comes from the page's own script, which asks again: it must not be held. */
static void a_page_that_waits_says_how_long_and_what_its_script_asks_for(void **state)
{
	struct portal *portal = *state;
	const char *number = portal_place(portal, "alice");
	struct portal_answer answer;

	portal->now_ms += 12 * MS_A_SECOND;
	answer = look(portal, "alice", number, "");
	assert_true(portal_says(answer, "Waiting for Runa for <span class=\"elapsed\" data-waited=\"12\">12 s</span>"));
	assert_true(portal_says(answer, arena_print(portal->mem,
		"data-does=\"wait\" data-json=\"/orders/%s.json?live=1\" data-seen=\"placing no 1\"", number)));
	desk_stop_sending(portal->desk, "unauthorized");
	answer = look(portal, "alice", number, "");
	assert_false(portal_says(answer, "Waiting for Runa"));
	assert_true(portal_says(answer, "data-does=\"wait\""));
	desk_go_on_sending(portal->desk);
	portal_complete(portal, number);
	assert_false(portal_says(look(portal, "alice", number, ""), "data-does=\"wait\""));
	assert_int_equal(act(portal, "alice", number, "check", "").status, 303);
	answer = look(portal, "alice", number, "?checked=0");
	assert_true(portal_says(answer, "data-does=\"wait\">"));
	assert_false(portal_says(answer, "Waiting for Runa"));
}

/* As if the configuration named it. */
static void talk_to(struct portal *portal, const char *base_url)
{
	struct desk_rules *rules = desk_hold_rules(portal->desk);

	rules->base_url = base_url;
	shared_drop(&rules->shared);
}

static void an_order_for_another_address_says_that_it_is_not_sent_and_whom_to_ask(void **state)
{
	struct portal *portal = *state;
	const char *waiting = portal_place(portal, "alice"), *lost = stuck(portal, "alice");
	struct portal_answer answer = look(portal, "alice", waiting, "");

	assert_false(portal_says(answer, "another address of Runa"));
	assert_true(portal_says(answer, "Try again now"));
	talk_to(portal, "https://elsewhere.example/v2");
	answer = look(portal, "alice", waiting, "");
	assert_true(portal_says(answer, "The order waits: it is not being sent at the moment."));
	assert_true(portal_says(answer, "another address of Runa (<code>http://127.0.0.1:1/v2</code>)"));
	assert_true(portal_says(answer, "ask an administrator of the desk"));
	assert_true(portal_says(answer, "the order goes on by itself"));
	assert_false(portal_says(answer, "about to send it"));
	assert_false(portal_says(answer, "Nothing needs doing"));
	assert_false(portal_says(answer, "Try again now"));
	answer = act(portal, "alice", waiting, "retry", "");
	assert_int_equal(answer.status, 303);
	assert_string_equal(portal_head(portal, answer, "Location"),
	                    arena_print(portal->mem, "/orders/%s?retried=elsewhere", waiting));
	answer = look(portal, "alice", lost, "");
	assert_true(portal_says(answer, "The desk looked for the order at Runa twice and did not find it."));
	assert_true(portal_says(answer, "It can be tried again once the desk talks to that address again."));
}

static void the_link_is_in_no_page_of_those_who_may_not_see_it(void **state)
{
	struct portal *portal = *state;
	const char *number = portal_place(portal, "alice");
	struct portal_answer page, json;

	portal_complete(portal, number);
	page = look(portal, "bob", number, "");
	json = look(portal, "bob", number, ".json");
	assert_false(portal_says(page, "spend.example"));
	assert_false(portal_says(page, "QR code"));
	assert_false(portal_says(json, "spend.example"));
	assert_false(portal_says(json, "\"url\""));
	assert_string_equal(portal_head(portal, json, "Content-Type"), "application/json");
	json = look(portal, "alice", number, ".json");
	assert_true(portal_says(json, "\"url\":\"https://spend.example/redeem?a=1&b=2\""));
}

static void mail_is_handed_to_runa_and_never_delivered(void **state)
{
	struct portal *portal = *state;
	struct portal_answer answer = portal_post(portal, "alice", "/orders", arena_print(portal->mem,
		"token=%s&product=AMZ-GB&face_value=10&currency=GBP&distribution=EMAIL&email=x%%40y.example",
		portal_token(portal, "order", "alice")));
	const char *number = portal_head(portal, answer, "Location") + strlen("/orders/");

	portal_complete(portal, number);
	answer = look(portal, "alice", number, "");
	assert_true(portal_says(answer, "handed to Runa, for x@y.example"));
	assert_true(portal_says(answer, "Runa mails this same link to the recipient"));
	assert_false(portal_says(answer, "elivered"));
}

static void each_refusal_says_its_reason_that_no_money_moved_and_what_to_do(void **state)
{
	static const char *const types[] = { "insufficient_funds", "product_validation_error", "currency_mismatch",
		"payment_method_unavailable", "bad_request", "validation_error", "ordering_restricted", "not_found",
		"pagination_error", "invalid_card_id", "currency_not_supported", "of_tomorrow" };
	struct portal *portal = *state;

	for (size_t i = 0; i < COUNT_OF(types); i++) {
		const char *number = portal_place(portal, "alice");
		struct portal_answer answer;

		portal_settle(portal, number, ATTEMPT_REFUSED, MEANING_REFUSED, (struct ledger_step){ .advice = "refused",
			.error_type = types[i], .error_message = "No <b>", .http_status = 400, .request_id = "req-7" });
		answer = look(portal, "alice", number, "");
		assert_true(portal_says(answer, "Money moved: <strong>no</strong>"));
		assert_true(portal_says(answer, arena_print(portal->mem, "<code>%s</code>", types[i])));
		assert_true(portal_says(answer, "No &lt;b&gt;"));
		assert_true(portal_says(answer, "HTTP 400"));
		assert_true(portal_says(answer, "req-7"));
	}
}

static void every_state_of_an_attempt_makes_a_page_that_agrees_about_money(void **state)
{
	struct portal *portal = *state;

	for (const char *const *key = attempt_advice_keys; *key; key++)
		for (int to = 0; to < ATTEMPT_STATES; to++) {
			const char *number;
			enum money_moved money = attempt_money_moved((enum attempt_state)to, false);

			if (to == ATTEMPT_SENT || to == ATTEMPT_RESENT || !texts_advice_find(*key, money))
				continue;
			number = portal_place(portal, "alice");
			portal_settle(portal, number, (enum attempt_state)to, MEANING_UNKNOWN,
			              (struct ledger_step){ .advice = *key });
			assert_true(portal_says(look(portal, "alice", number, ""),
				arena_print(portal->mem, "Money moved: <strong>%s</strong>", texts_money_moved(money))));
		}
}

static void while_sending_is_stopped_no_order_that_waits_is_promised_to_go_on(void **state)
{
	static const struct {
		enum attempt_state to;
		enum meaning meaning;
		const char *advice, *headline, *never;
	} waits[] = {
		{ ATTEMPT_READY, MEANING_NOT_SENT, "waiting_unreachable", "The order waits.", "keeps trying" },
		{ ATTEMPT_UNKNOWN, MEANING_UNKNOWN, "waiting_unknown", "no clear answer came back", "The desk keeps asking" },
		{ ATTEMPT_UNKNOWN, MEANING_SLOW_DOWN, "waiting_slow", "The order waits.", "waits its turn" },
		{ ATTEMPT_UNKNOWN, MEANING_UNKNOWN, "searching", "once its access is mended", "is looking for" },
	};
	struct portal *portal = *state;
	const char *number = portal_place(portal, "alice");
	struct portal_answer answer;

	desk_stop_sending(portal->desk, "unauthorized");
	answer = look(portal, "alice", number, "?retried=now");
	assert_true(portal_says(answer, "sends it once its access to Runa is mended"));
	assert_true(portal_says(answer, "An administrator mends the desk&#39;s access"));
	assert_false(portal_says(answer, "about to send it"));
	assert_false(portal_says(answer, "Nothing needs doing"));
	assert_false(portal_says(answer, "is being tried again now"));
	for (size_t i = 0; i < COUNT_OF(waits); i++) {
		number = portal_place(portal, "alice");
		portal_settle(portal, number, waits[i].to, waits[i].meaning,
		              (struct ledger_step){ .advice = waits[i].advice });
		answer = look(portal, "alice", number, "");
		if (!portal_says(answer, waits[i].headline) || portal_says(answer, waits[i].never) ||
		    portal_says(answer, "Nothing needs doing"))
			fail_msg("%s", waits[i].advice);
	}
	portal_complete(portal, number);
	assert_false(portal_says(look(portal, "alice", number, ""), "An administrator mends the desk"));
}

static void a_link_without_an_end_says_so_and_the_page_leads_to_its_json(void **state)
{
	struct portal *portal = *state;
	const char *number = portal_place(portal, "alice");
	struct portal_answer answer = look(portal, "alice", number, "");

	assert_false(portal_says(answer, "no expiry date"));
	assert_true(portal_says(answer, arena_print(portal->mem, "<a href=\"/orders/%s.json\">", number)));
	portal_complete(portal, number);
	assert_true(portal_says(look(portal, "alice", number, ""), "<dd>no expiry date</dd>"));
}

static void the_link_is_not_for_those_who_only_run_the_desk(void **state)
{
	struct portal *portal = *state;
	const char *number = portal_place(portal, "alice");

	portal_complete(portal, number);
	portal->roles = ROLE_VIEWER | ROLE_ADMIN;
	assert_false(portal_says(look(portal, "root", number, ""), "spend.example"));
	assert_false(portal_says(look(portal, "root", number, ".json"), "\"url\""));
}

static void mail_that_was_never_sent_is_not_announced(void **state)
{
	struct portal *portal = *state;
	const char *body = arena_print(portal->mem,
		"token=%s&product=AMZ-GB&face_value=10&currency=GBP&distribution=EMAIL&email=x%%40y.example",
		portal_token(portal, "order", "alice"));
	struct portal_answer answer = portal_post(portal, "alice", "/orders", body);
	const char *number = portal_head(portal, answer, "Location") + strlen("/orders/");

	assert_true(portal_says(look(portal, "alice", number, ""), "By e-mail, once it is bought"));
	portal_settle(portal, number, ATTEMPT_REFUSED, MEANING_REFUSED, (struct ledger_step){ .advice = "refused" });
	answer = look(portal, "alice", number, "");
	assert_false(portal_says(answer, "once it is bought"));
	assert_true(portal_says(answer, "By e-mail was asked for; nothing was handed over"));
}

static void a_number_that_no_order_has_is_not_found(void **state)
{
	static const char *const numbers[] = { "0000000000000000", "x", "0000000000000000.xml", "ABC-DEF", "~" };
	struct portal *portal = *state;

	for (size_t i = 0; i < COUNT_OF(numbers); i++) {
		assert_int_equal(look(portal, "alice", numbers[i], "").status, 404);
		assert_int_equal(look(portal, "alice", numbers[i], ".json").status, 404);
		assert_int_equal(act(portal, "alice", numbers[i], "retry", "").status, 404);
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_portal, close_portal)
	const struct CMUnitTest tests[] = {
		TEST(a_waiting_order_says_so_and_reloads_itself_more_calmly_with_age),
		TEST(a_completed_order_shows_money_price_and_link_and_rests),
		TEST(a_page_that_waits_says_how_long_and_what_its_script_asks_for),
		TEST(an_order_for_another_address_says_that_it_is_not_sent_and_whom_to_ask),
		TEST(the_link_is_in_no_page_of_those_who_may_not_see_it),
		TEST(mail_is_handed_to_runa_and_never_delivered),
		TEST(each_refusal_says_its_reason_that_no_money_moved_and_what_to_do),
		TEST(every_state_of_an_attempt_makes_a_page_that_agrees_about_money),
		TEST(while_sending_is_stopped_no_order_that_waits_is_promised_to_go_on),
		TEST(a_link_without_an_end_says_so_and_the_page_leads_to_its_json),
		TEST(the_link_is_not_for_those_who_only_run_the_desk),
		TEST(mail_that_was_never_sent_is_not_announced),
		TEST(a_number_that_no_order_has_is_not_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
