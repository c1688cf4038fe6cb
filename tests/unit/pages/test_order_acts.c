/* order_retry.c, order_attempt.c, order_check.c: what can be done from one order's page. */
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

static void trying_again_leads_back_to_the_order_and_says_what_came_of_it(void **state)
{
	struct portal *portal = *state;
	const char *number = portal_place(portal, "alice");
	struct portal_answer answer;

	portal_settle(portal, number, ATTEMPT_UNKNOWN, MEANING_UNKNOWN,
	              (struct ledger_step){ .advice = "waiting_unknown" });
	assert_true(portal_says(look(portal, "alice", number, ""), "Try again now"));
	answer = act(portal, "alice", number, "retry", "");
	assert_int_equal(answer.status, 303);
	assert_string_equal(portal_head(portal, answer, "Location"),
	                    arena_print(portal->mem, "/orders/%s?retried=now", number));
	portal_complete(portal, number);
	answer = act(portal, "alice", number, "retry", "");
	assert_string_equal(portal_head(portal, answer, "Location"),
	                    arena_print(portal->mem, "/orders/%s?retried=final", number));
	assert_true(portal_says(look(portal, "alice", number, "?retried=final"), "final answer already"));
}

static void a_token_of_one_form_is_no_token_of_another(void **state)
{
	struct portal *portal = *state;
	const char *number = portal_place(portal, "alice");
	const char *path = arena_print(portal->mem, "/orders/%s/retry", number);

	assert_int_equal(portal_post(portal, "alice", path, arena_print(portal->mem, "token=%s",
		portal_token(portal, "order", "alice"))).status, 403);
	assert_int_equal(portal_post(portal, "alice", path, "").status, 403);
}

static void another_approver_may_open_a_new_attempt_and_must_say_why(void **state)
{
	struct portal *portal = *state;
	const char *number = stuck(portal, "alice");
	struct portal_answer answer;

	portal->roles = ROLE_VIEWER | ROLE_APPROVER;
	assert_true(portal_says(look(portal, "bob", number, ""), "bought twice"));
	answer = act(portal, "bob", number, "attempt", "why=+%0D%0A+");
	assert_int_equal(answer.status, 422);
	assert_true(portal_says(answer, "<title>Error: Order"));
	assert_true(portal_says(answer, "href=\"#why\""));
	answer = act(portal, "bob", number, "attempt", "why=looked+it+up%0D%0Anot+there");
	assert_int_equal(answer.status, 303);
	answer = look(portal, "bob", number, "?attempt=opened");
	assert_true(portal_says(answer, "Being placed"));
	assert_true(portal_says(answer, "Money moved: <strong>not known yet</strong>"));
	assert_int_equal(act(portal, "bob", number, "attempt", "why=again").status, 409);
}

/* The form for a new attempt as it was served. */
static struct portal_answer open_attempt(struct portal *portal, const char *number, const char *token)
{
	return portal_post(portal, "bob", arena_print(portal->mem, "/orders/%s/attempt", number),
	                   arena_print(portal->mem, "token=%s&why=not+there", token));
}

static void a_form_for_a_new_attempt_opens_one_however_often_it_is_sent(void **state)
{
	struct portal *portal = *state;
	const char *number = stuck(portal, "alice"), *other = stuck(portal, "alice");
	const char *token = portal_token(portal, arena_print(portal->mem, "/orders/%s/attempt", number), "bob");
	const char *repeat = arena_print(portal->mem, "/orders/%s?repeat=1", number);
	struct portal_answer answer;

	portal->roles = ROLE_VIEWER | ROLE_APPROVER;
	answer = open_attempt(portal, number, token);
	assert_string_equal(portal_head(portal, answer, "Location"),
	                    arena_print(portal->mem, "/orders/%s?attempt=opened", number));
	answer = open_attempt(portal, number, token); /* a double click */
	assert_int_equal(answer.status, 303);
	assert_string_equal(portal_head(portal, answer, "Location"), repeat);
	portal_settle(portal, number, ATTEMPT_STUCK, MEANING_UNKNOWN, (struct ledger_step){ .advice = "stuck_absent" });
	answer = open_attempt(portal, number, token); /* attempt 2 needs a decision of its own */
	assert_int_equal(answer.status, 303);
	assert_string_equal(portal_head(portal, answer, "Location"), repeat);
	answer = look(portal, "bob", number, "?repeat=1");
	assert_true(portal_says(answer, "nothing more was ordered"));
	assert_true(portal_says(answer, "Needs attention"));
	assert_true(portal_says(look(portal, "bob", number, ".json"), "\"attempts\":2"));
	assert_int_equal(open_attempt(portal, other, token).status, 403);
}

static void after_a_refused_new_attempt_another_may_be_opened_and_nothing_tried_again(void **state)
{
	struct portal *portal = *state;
	const char *number = stuck(portal, "alice");
	struct portal_answer answer;

	portal->roles = ROLE_VIEWER | ROLE_ORDERER | ROLE_APPROVER;
	assert_int_equal(act(portal, "bob", number, "attempt", "why=looked").status, 303);
	portal_settle(portal, number, ATTEMPT_REFUSED, MEANING_REFUSED, (struct ledger_step){
		.advice = "refused_after_unknown", .error_type = "insufficient_funds" });
	answer = look(portal, "bob", number, "");
	assert_true(portal_says(answer, "An earlier one was never settled"));
	assert_true(portal_says(answer, "name=\"why\""));
	assert_false(portal_says(answer, ">Try again now<"));
	assert_int_equal(act(portal, "bob", number, "attempt", "why=topped+up").status, 303);
}

static void an_order_that_runa_may_have_offers_no_new_attempt(void **state)
{
	static const char *const advices[] = { "stuck_mismatch", "stuck_foreign", "stuck_unread", "stuck_unsearched" };
	struct portal *portal = *state;

	portal->roles = ROLE_VIEWER | ROLE_APPROVER;
	for (size_t i = 0; i < COUNT_OF(advices); i++) {
		const char *number = portal_place(portal, "alice");
		struct portal_answer answer;

		portal_settle(portal, number, ATTEMPT_STUCK, MEANING_UNKNOWN, (struct ledger_step){ .advice = advices[i] });
		answer = look(portal, "bob", number, "");
		assert_false(portal_says(answer, "may then open a new attempt"));
		assert_false(portal_says(answer, "name=\"why\""));
		assert_true(portal_says(answer, "Someone who may order can press"));
		portal->roles |= ROLE_ORDERER;
		assert_false(portal_says(look(portal, "bob", number, ""), "Someone who may order can press"));
		portal->roles = ROLE_VIEWER | ROLE_APPROVER;
	}
}

static void looking_instead_of_sending_is_said_so(void **state)
{
	struct portal *portal = *state;
	const char *number = portal_place(portal, "alice");
	struct portal_answer answer;

	portal_settle(portal, number, ATTEMPT_STUCK, MEANING_MISMATCH, (struct ledger_step){ .advice = "stuck_mismatch" });
	answer = act(portal, "alice", number, "retry", "");
	assert_string_equal(portal_head(portal, answer, "Location"),
	                    arena_print(portal->mem, "/orders/%s?retried=looking", number));
	assert_true(portal_says(look(portal, "alice", number, "?retried=looking"), "Nothing is sent again"));
}

/* The page reloads itself with the query it came with. */
static void what_came_of_a_press_is_said_only_while_it_is_so(void **state)
{
	static const struct { const char *query, *says; bool while_waiting, when_completed; } lines[] = {
		{ "?retried=now", "is being tried again now", true, false },
		{ "?retried=old", "looks for it at Runa instead", true, false },
		{ "?retried=looking", "asks Runa now", true, false },
		{ "?retried=busy", "was just being tried", true, false },
		{ "?retried=final", "There is a final answer already", false, true },
		{ "?attempt=opened", "A new attempt was opened", false, false }, /* it has one attempt */
		{ "?repeat=1", "nothing more was ordered", true, true },
	};
	struct portal *portal = *state;
	const char *number = portal_place(portal, "alice");

	for (int completed = 0; completed < 2; completed++) {
		for (size_t i = 0; i < COUNT_OF(lines); i++) {
			struct portal_answer answer = look(portal, "alice", number, lines[i].query);
			bool is_right = completed ? lines[i].when_completed : lines[i].while_waiting;

			if (portal_says(answer, lines[i].says) != is_right ||
			    portal_says(answer, "<p class=\"notice no-print\" role=\"status\">") != is_right)
				fail_msg("%s, %s", lines[i].query, completed ? "completed" : "waiting");
		}
		if (!completed)
			portal_complete(portal, number);
	}
}

static void a_new_attempt_is_announced_until_it_has_its_answer(void **state)
{
	struct portal *portal = *state;
	const char *number = stuck(portal, "alice");

	portal->roles = ROLE_VIEWER | ROLE_APPROVER;
	assert_int_equal(act(portal, "bob", number, "attempt", "why=not+there").status, 303);
	assert_true(portal_says(look(portal, "bob", number, "?attempt=opened"), "A new attempt was opened"));
	portal_complete(portal, number);
	assert_false(portal_says(look(portal, "bob", number, "?attempt=opened"), "A new attempt was opened"));
}

static void the_button_says_what_trying_again_does(void **state)
{
	struct portal *portal = *state;
	const char *sent = portal_place(portal, "alice"), *strange = portal_place(portal, "alice");
	const char *accepted = portal_place(portal, "alice"), *old = portal_place(portal, "alice");
	struct portal_answer answer;

	assert_true(portal_says(look(portal, "alice", sent, ""), "with the same key, under which Runa buys once"));
	portal_settle(portal, strange, ATTEMPT_STUCK, MEANING_FOREIGN, (struct ledger_step){ .advice = "stuck_foreign" });
	answer = look(portal, "alice", strange, "");
	assert_true(portal_says(answer, "looks for it among the orders at Runa; nothing is sent again"));
	assert_false(portal_says(answer, "with the same key, under which"));
	portal_settle(portal, accepted, ATTEMPT_ACCEPTED, MEANING_ACCEPTED,
	              (struct ledger_step){ .advice = "waiting_accepted", .runa_order_id = "O-1" });
	assert_true(portal_says(look(portal, "alice", accepted, ""), "asks Runa what became of it; nothing is sent again"));
	portal_settle(portal, old, ATTEMPT_STUCK, MEANING_UNKNOWN, (struct ledger_step){ .advice = "stuck_absent" });
	portal->now_ms += ATTEMPT_KEY_AGE_MS;
	assert_true(portal_says(look(portal, "alice", old, ""), "looks for it among the orders at Runa"));
}

static void who_only_looks_may_not_try_again(void **state)
{
	struct portal *portal = *state;
	const char *number = portal_place(portal, "alice");

	portal->roles = ROLE_VIEWER;
	assert_false(portal_says(look(portal, "victor", number, ""), "Try again now"));
	assert_int_equal(act(portal, "victor", number, "retry", "").status, 403);
}

static void a_reason_that_is_too_long_comes_back_whole(void **state)
{
	struct portal *portal = *state;
	const char *number = stuck(portal, "alice");
	char *why = arena_alloc(portal->mem, 502);
	struct portal_answer answer;

	memset(why, 'w', 501);
	portal->roles = ROLE_VIEWER | ROLE_APPROVER;
	answer = act(portal, "bob", number, "attempt", arena_print(portal->mem, "why=%s", why));
	assert_int_equal(answer.status, 422);
	assert_true(portal_says(answer, why));
}

static void nobody_decides_about_a_new_attempt_for_an_own_order(void **state)
{
	struct portal *portal = *state;
	const char *number = stuck(portal, "alice");

	portal->roles = ROLE_VIEWER | ROLE_ORDERER | ROLE_APPROVER;
	assert_true(portal_says(look(portal, "alice", number, ""), "This is your own order"));
	assert_false(portal_says(look(portal, "alice", number, ""), "name=\"why\""));
	assert_int_equal(act(portal, "alice", number, "attempt", "why=x").status, 403);
	portal->roles = ROLE_VIEWER | ROLE_ORDERER;
	assert_false(portal_says(look(portal, "bob", number, ""), "name=\"why\""));
	assert_int_equal(act(portal, "bob", number, "attempt", "why=x").status, 403);
}

static void an_old_page_does_nothing_and_brings_the_reason_back(void **state)
{
	struct portal *portal = *state;
	const char *number = stuck(portal, "alice");
	const char *path = arena_print(portal->mem, "/orders/%s/attempt", number);
	const char *token = portal_token(portal, path, "bob");
	struct portal_answer answer;

	portal->roles = ROLE_VIEWER | ROLE_APPROVER;
	portal->now_ms += MS_A_DAY + 1;
	answer = portal_post(portal, "bob", path, arena_print(portal->mem, "token=%s&why=my+reason", token));
	assert_int_equal(answer.status, 422);
	assert_true(portal_says(answer, ">my reason</textarea>"));
	assert_true(portal_says(answer, "nothing was done"));
	assert_true(portal_says(answer, "Needs attention"));
}

static void what_became_of_a_payout_is_asked_for_on_the_orders_page(void **state)
{
	struct portal *portal = *state;
	const char *number = portal_place(portal, "alice");
	char held[ID_NUMBER_SIZE];

	assert_false(portal_says(look(portal, "alice", number, ""), "Ask Runa now"));
	assert_int_equal(act(portal, "alice", number, "check", "").status, 404); /* it isn't completed */
	portal_complete(portal, number);
	assert_true(portal_says(look(portal, "alice", number, ""), "Ask Runa now"));
	assert_true(portal_says(look(portal, "alice", number, ""), "in Runa's own portal only"));
	assert_non_null(strstr(portal_head(portal, act(portal, "alice", number, "check", ""), "Location"),
	                       arena_print(portal->mem, "/orders/%s?checked=0&before=", number)));
	assert_true(portal_says(look(portal, "alice", number, "?checked=0"), "asks Runa now"));
	assert_true(portal_says(look(portal, "alice", number, "?checked=0"), "http-equiv=\"refresh\""));
	/* Runa is asked, and the answer is on its way: the page still waits for it. */
	assert_int_equal(ledger_claim_payout(portal->ledger, portal->now_ms, portal->now_ms + 1000, held), LEDGER_OK);
	assert_true(portal_says(look(portal, "alice", number, "?checked=0"), "asks Runa now"));
	assert_int_equal(ledger_record_payout(portal->ledger, &(struct ledger_payout){ .number = number,
		.status = "CLAIMED", .now_ms = portal->now_ms, .looks = 1 }), LEDGER_OK);
	assert_true(portal_says(look(portal, "alice", number, "?checked=0"), "Runa was asked"));
	portal->roles = ROLE_VIEWER;
	assert_false(portal_says(look(portal, "bob", number, ""), "Ask Runa now"));
	assert_int_equal(act(portal, "bob", number, "check", "").status, 403);
}

/* Where the redirect after a check leads. */
static const char *check(struct portal *portal, const char *number)
{
	const char *place = portal_head(portal, act(portal, "alice", number, "check", ""), "Location");

	return strchr(place, '?');
}

static void a_look_at_a_payout_that_learned_nothing_is_not_told_as_news(void **state)
{
	struct portal *portal = *state;
	const char *number = portal_place(portal, "alice"), *rest;
	struct portal_answer answer;

	portal_complete(portal, number);
	rest = check(portal, number);
	portal->now_ms += MS_A_MINUTE;
	assert_int_equal(ledger_record_payout(portal->ledger, &(struct ledger_payout){ .number = number,
		.now_ms = portal->now_ms, .looks = 1, .due_at_ms = portal->now_ms + MS_AN_HOUR }), LEDGER_OK);
	answer = look(portal, "alice", number, rest);
	assert_true(portal_says(answer, "Runa was asked and gave no clear answer"));
	assert_false(portal_says(answer, "this is what is known"));
	rest = check(portal, number);
	assert_int_equal(ledger_record_payout(portal->ledger, &(struct ledger_payout){ .number = number, .status = "ACTIVE",
		.now_ms = portal->now_ms, .looks = 2, .due_at_ms = portal->now_ms + MS_AN_HOUR }), LEDGER_OK);
	answer = look(portal, "alice", number, rest);
	assert_true(portal_says(answer, "this is what is known"));
	assert_false(portal_says(answer, "gave no clear answer"));
}

static void while_sending_is_stopped_a_look_at_a_payout_waits_and_its_page_rests(void **state)
{
	struct portal *portal = *state;
	const char *number = portal_place(portal, "alice");
	struct portal_answer answer;

	portal_complete(portal, number);
	desk_stop_sending(portal->desk, "unauthorized");
	answer = look(portal, "alice", number, check(portal, number));
	assert_true(portal_says(answer, "as soon as the desk's access to it is mended"));
	assert_false(portal_says(answer, "http-equiv=\"refresh\""));
	assert_false(portal_says(answer, "data-does=\"wait\""));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_portal, close_portal)
	const struct CMUnitTest tests[] = {
		TEST(trying_again_leads_back_to_the_order_and_says_what_came_of_it),
		TEST(what_became_of_a_payout_is_asked_for_on_the_orders_page),
		TEST(a_look_at_a_payout_that_learned_nothing_is_not_told_as_news),
		TEST(while_sending_is_stopped_a_look_at_a_payout_waits_and_its_page_rests),
		TEST(a_token_of_one_form_is_no_token_of_another),
		TEST(another_approver_may_open_a_new_attempt_and_must_say_why),
		TEST(a_form_for_a_new_attempt_opens_one_however_often_it_is_sent),
		TEST(after_a_refused_new_attempt_another_may_be_opened_and_nothing_tried_again),
		TEST(an_order_that_runa_may_have_offers_no_new_attempt),
		TEST(looking_instead_of_sending_is_said_so),
		TEST(what_came_of_a_press_is_said_only_while_it_is_so),
		TEST(a_new_attempt_is_announced_until_it_has_its_answer),
		TEST(the_button_says_what_trying_again_does),
		TEST(who_only_looks_may_not_try_again),
		TEST(a_reason_that_is_too_long_comes_back_whole),
		TEST(nobody_decides_about_a_new_attempt_for_an_own_order),
		TEST(an_old_page_does_nothing_and_brings_the_reason_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
