/* order_review.c: exactly what would be ordered, before it is; nothing is stored and nothing sent. */
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "desk/attempt.h"
#include "desk/catalogue.h"
#include "desk/inside.h"
#include "support/portal.h"
#include "unit/pages/forms.h"

#define MAIL "product=AMZ-GB&face_value=10.00&currency=GBP&distribution=EMAIL&email=ada%40example.org"
#define REVIEW "&action=review"

static struct portal_answer review(struct portal *portal, const char *fields)
{
	return send(portal, portal_token(portal, "order", "alice"), arena_print(portal->mem, "%s" REVIEW, fields));
}

/* ---- who answers for Runa: a thread that gives every estimate the same answer ------------------ */

struct runa_word {
	struct desk *desk;
	enum estimated outcome;
	struct estimate estimate;
	pthread_t thread;
};

static sem_t wanted;

static void wake(void *whom)
{
	(void)whom;
	sem_post(&wanted);
}

static void *answer_once(void *what)
{
	struct runa_word *word = what;
	struct estimate_wanted asked;

	sem_wait(&wanted);
	if (estimate_take(word->desk, &asked))
		estimate_give(word->desk, asked.no, word->outcome, &word->estimate);
	return NULL;
}

static struct portal_answer review_while_runa_says(struct portal *portal, const char *fields, struct runa_word word)
{
	struct portal_answer answer;

	word.desk = portal->desk;
	sem_init(&wanted, 0, 0);
	portal->desk->most_waiting = 8;
	desk_set_wake(portal->desk, wake, NULL);
	assert_int_equal(pthread_create(&word.thread, NULL, answer_once, &word), 0);
	answer = review(portal, fields);
	sem_post(&wanted); /* where nobody was asked, the thread ends all the same */
	assert_int_equal(pthread_join(word.thread, NULL), 0);
	desk_set_wake(portal->desk, NULL, NULL);
	return answer;
}

/* ---- what it shows ----------------------------------------------------------------------------- */

static void it_shows_what_would_be_ordered_and_the_button_names_the_act_and_the_sum(void **state)
{
	struct portal *portal = *state;
	struct portal_answer answer = review(portal, MAIL "&description=for+a+%3Cb%3E");

	assert_int_equal(answer.status, 200);
	assert_true(portal_says(answer, "<strong>Example Shop &lt;b&gt;&amp;</strong>"));
	assert_true(portal_says(answer, "AMZ-GB, United Kingdom"));
	assert_true(portal_says(answer, "<strong>10.00 GBP</strong>"));
	assert_true(portal_says(answer, "10.00 British pounds"));
	assert_true(portal_says(answer, "<strong>ada@example.org</strong>"));
	assert_true(portal_says(answer, "for a &lt;b&gt;"));
	assert_true(portal_says(answer, ">Order 10.00 GBP for ada@example.org</button>"));
	assert_true(portal_says(answer, "Nothing is ordered until you press this button."));
	assert_int_equal(orders_of(portal), 0);
}

static void a_link_is_named_as_one(void **state)
{
	struct portal_answer answer = review(*state, GOOD);

	assert_true(portal_says(answer, ">Order 10.00 GBP as a payout link</button>"));
	assert_true(portal_says(answer, "<dt>Note</dt><dd><span class=\"quiet\">none</span>"));
	assert_false(portal_says(answer, "edit:email"));
}

static void it_holds_the_forms_own_key_and_values_and_placing_them_places_once(void **state)
{
	struct portal *portal = *state;
	const char *token = portal_token(portal, "order", "alice");
	struct portal_answer answer = send(portal, token, MAIL REVIEW);

	assert_string_equal(token_in(portal, answer), token);
	assert_true(portal_says(answer, "name=\"email\" value=\"ada@example.org\""));
	assert_int_equal(send(portal, token, MAIL "&action=place").status, 303);
	assert_int_equal(send(portal, token, MAIL "&action=place").status, 303);
	assert_int_equal(orders_of(portal), 1);
}

static void change_leads_back_to_its_field_with_everything_typed_and_the_same_key(void **state)
{
	static const struct { const char *action, *has_focus; } facts[] = {
		{ "edit:product", "id=\"product\" name=\"product\" type=\"text\" value=\"AMZ-GB\"" },
		{ "edit:face_value", "id=\"face_value\" name=\"face_value\"" },
		{ "edit:currency", "id=\"currency\" name=\"currency\"" },
		{ "edit:distribution", "id=\"distribution-email\" name=\"distribution\"" },
		{ "edit:email", "id=\"email\" name=\"email\"" },
		{ "edit:description", "id=\"description\" name=\"description\"" },
	};
	struct portal *portal = *state;
	const char *token = portal_token(portal, "order", "alice");

	for (size_t i = 0; i < COUNT_OF(facts); i++) {
		struct portal_answer form =
			send(portal, token, arena_print(portal->mem, "%s&description=note&action=%s", MAIL, facts[i].action));
		const char *field = strstr(form.body, facts[i].has_focus), *focus = strstr(form.body, " autofocus");

		assert_int_equal(form.status, 200);
		assert_non_null(field);
		assert_non_null(focus);
		assert_null(strstr(focus + 1, " autofocus"));
		assert_true(focus > field && focus < strchr(field, '>'));
		assert_string_equal(token_in(portal, form), token);
		assert_true(portal_says(form, "value=\"ada@example.org\""));
		assert_true(portal_says(form, "value=\"note\""));
	}
	assert_int_equal(send(portal, token, MAIL "&action=edit:token").status, 400);
	assert_int_equal(orders_of(portal), 0);
}

/* ---- where it leads instead -------------------------------------------------------------------- */

static void what_a_rule_forbids_comes_back_as_the_form_with_its_errors(void **state)
{
	struct portal *portal = *state;
	struct portal_answer answer = review(portal, "product=AMZ-GB&face_value=10.001&currency=EUR&distribution=EMAIL");

	assert_int_equal(answer.status, 422);
	assert_true(portal_says(answer, "<title>Error: "));
	assert_true(portal_says(answer, "at most 2 decimals"));
	assert_true(portal_says(answer, "value=\"10.001\""));
}

static void a_form_that_was_used_leads_to_its_order_or_to_both_versions(void **state)
{
	struct portal *portal = *state;
	const char *token = portal_token(portal, "order", "alice");
	const char *place = portal_head(portal, send(portal, token, MAIL), "Location");
	struct portal_answer again = send(portal, token, MAIL REVIEW);

	assert_int_equal(again.status, 303);
	assert_string_equal(portal_head(portal, again, "Location"), arena_print(portal->mem, "%s?repeat=1", place));
	assert_int_equal(send(portal, token, GOOD REVIEW).status, 409);
	assert_int_equal(orders_of(portal), 1);
}

static void records_that_cannot_be_read_bring_the_form_back_and_nothing_was_ordered(void **state)
{
	struct portal *portal = *state;
	struct portal_answer answer;
	sqlite3 *db;

	assert_int_equal(sqlite3_open_v2("ledger.db", &db, SQLITE_OPEN_READWRITE, "portal"), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "ALTER TABLE orders RENAME TO elsewhere", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	answer = review(portal, MAIL);
	assert_int_equal(answer.status, 503);
	assert_true(portal_says(answer, "Nothing was ordered by sending it just now"));
	assert_true(portal_says(answer, "value=\"ada@example.org\""));
	assert_non_null(portal_head(portal, answer, "Retry-After"));
}

/* ---- the price --------------------------------------------------------------------------------- */

static void the_estimate_is_runas_word_with_its_time_and_says_what_is_left(void **state)
{
	struct portal *portal = *state;
	struct portal_answer answer = review_while_runa_says(portal, MAIL, (struct runa_word){ .outcome = ESTIMATE_KNOWN,
		.estimate = { .price = { 950, "GBP" }, .discount = { 50, "GBP" }, .at_ms = PORTAL_START_MS } });

	assert_true(portal_says(answer, "<strong>9.50 GBP</strong>, 0.50 GBP less than the face value"));
	assert_true(portal_says(answer, "Runa's estimate of <time datetime=\"2026-11-23T09:00:00Z\">"));
	assert_true(portal_says(answer, "2,490.50 GBP"));
	assert_true(portal_says(answer, "Counted with the estimate"));
}

static void without_an_estimate_its_absence_is_said_with_the_reason_and_never_guessed(void **state)
{
	static const struct { enum estimated outcome; const char *says; } rows[] = {
		{ ESTIMATE_REFUSED, "Runa would not take this order now." },
		{ ESTIMATE_NOT_OFFERED, "This Runa offers no estimates." },
		{ ESTIMATE_STOPPED, "access to Runa needs mending, so Runa was not asked." },
		{ ESTIMATE_PAUSED, "Runa asked the desk to slow down, so it was not asked." },
		{ ESTIMATE_BUSY, "Others are being told their prices just now" },
		{ ESTIMATE_LATE, "Runa did not say in time." },
		{ ESTIMATE_UNCLEAR, "Runa gave no clear answer." },
	};
	struct portal *portal = *state;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct portal_answer answer =
			review_while_runa_says(portal, MAIL, (struct runa_word){ .outcome = rows[i].outcome });

		assert_int_equal(answer.status, 200);
		assert_true(portal_says(answer, "Not known beforehand: 10.00 GBP or less, and fees if Runa takes any."));
		assert_true(portal_says(answer, rows[i].says));
		assert_true(portal_says(answer, "Counted with the face value"));
		assert_true(portal_says(answer, ">Order 10.00 GBP for ada@example.org</button>"));
	}
	assert_true(portal_says(review(portal, MAIL), "This desk cannot ask Runa before an order is placed."));
}

static void what_runa_says_no_to_beforehand_is_said_with_its_reason(void **state)
{
	struct portal_answer answer = review_while_runa_says(*state, MAIL, (struct runa_word){
		.outcome = ESTIMATE_REFUSED, .estimate = { .error_type = "insufficient_funds" } });

	assert_true(portal_says(answer, "Asked for the price, Runa said no:"));
	assert_true(portal_says(answer, "balance"));
	assert_true(portal_says(answer, "if Runa says no again, nothing is paid."));
}

static void a_balance_that_is_not_enough_is_said_before_it_is_too_late(void **state)
{
	struct portal *portal = *state;
	struct balance little = { money_of(999, "GBP") };
	struct portal_answer answer;

	catalogue_store_balances(portal->desk, &little, 1, portal->now_ms);
	answer = review(portal, MAIL);
	assert_true(portal_says(answer, "The balance is not enough as of"));
	assert_true(portal_says(answer, "9.99 GBP are left, and this order may need 10.00 GBP."));
	assert_true(portal_says(answer, "The balance is not enough.</dd>"));
}

static void a_balance_that_was_never_told_is_not_guessed(void **state)
{
	struct portal *portal = *state;
	struct balance none = { money_of(0, "GBP") };
	struct portal_answer answer;

	catalogue_store_balances(portal->desk, &none, 0, 0);
	answer = review(portal, MAIL);
	assert_int_equal(answer.status, 200);
	assert_true(portal_says(answer, "Not known: Runa has not told the desk its balances."));
}

/* ---- the same, lately -------------------------------------------------------------------------- */

static void the_same_for_the_same_recipient_within_a_week_is_said_with_its_order(void **state)
{
	struct portal *portal = *state;
	const char *place = portal_head(portal, send(portal, portal_token(portal, "order", "alice"), MAIL), "Location");
	struct portal_answer answer = review(portal, MAIL);

	assert_true(portal_says(answer, "You ordered the same for this recipient"));
	assert_true(portal_says(answer, arena_print(portal->mem, "<a href=\"%s\">", place)));
	assert_true(portal_says(answer, "Ordering now buys a second one."));
	assert_false(portal_says(review(portal, "product=AMZ-GB&face_value=10.01&currency=GBP&distribution=EMAIL"
	                                        "&email=ada%40example.org"), "You ordered the same"));
	assert_false(portal_says(review(portal, "product=AMZ-GB&face_value=10.00&currency=GBP&distribution=EMAIL"
	                                        "&email=bob%40example.org"), "You ordered the same"));
	assert_true(portal_says(review(portal, "product=AMZ-GB&face_value=10.00&currency=GBP&distribution=EMAIL"
	                                       "&email=ADA%40Example.org"), "You ordered the same"));
	portal->now_ms += 7 * MS_A_DAY + 1;
	assert_false(portal_says(review(portal, MAIL), "You ordered the same"));
}

static void the_same_link_with_the_same_note_within_a_day_is_said_and_another_persons_is_not(void **state)
{
	struct portal *portal = *state;

	(void)send(portal, portal_token(portal, "order", "alice"), GOOD "&description=for+Ada");
	assert_true(portal_says(review(portal, GOOD "&description=for+Ada"), "with the same note"));
	assert_false(portal_says(review(portal, GOOD "&description=for+Bob"), "You ordered the same"));
	assert_false(portal_says(review(portal, GOOD), "You ordered the same"));
	assert_false(portal_says(portal_post(portal, "bob", "/orders", arena_print(portal->mem,
		"token=%s&" GOOD "&description=for+Ada" REVIEW, portal_token(portal, "order", "bob"))), "You ordered the same"));
	portal->now_ms += MS_A_DAY + 1;
	assert_false(portal_says(review(portal, GOOD "&description=for+Ada"), "You ordered the same"));
}

static void an_order_that_failed_warns_where_its_money_is_not_known(void **state)
{
	struct portal *portal = *state;
	const char *place = portal_head(portal, send(portal, portal_token(portal, "order", "alice"), MAIL), "Location");
	const char *number = place + strlen("/orders/");

	portal_settle(portal, number, ATTEMPT_FAILED, MEANING_FAILED, (struct ledger_step){ .advice = "failed_accepted" });
	assert_true(portal_says(review(portal, MAIL), "You ordered the same for this recipient"));
}

static void an_order_that_cost_nothing_warns_of_nothing(void **state)
{
	struct portal *portal = *state;
	const char *place = portal_head(portal, send(portal, portal_token(portal, "order", "alice"), MAIL), "Location");

	portal_settle(portal, place + strlen("/orders/"), ATTEMPT_REFUSED, MEANING_REFUSED,
	              (struct ledger_step){ .advice = "refused" });
	assert_false(portal_says(review(portal, MAIL), "You ordered the same"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_portal, close_portal)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(it_shows_what_would_be_ordered_and_the_button_names_the_act_and_the_sum),
		TEST(a_link_is_named_as_one),
		TEST(it_holds_the_forms_own_key_and_values_and_placing_them_places_once),
		TEST(change_leads_back_to_its_field_with_everything_typed_and_the_same_key),
		TEST(what_a_rule_forbids_comes_back_as_the_form_with_its_errors),
		TEST(a_form_that_was_used_leads_to_its_order_or_to_both_versions),
		TEST(records_that_cannot_be_read_bring_the_form_back_and_nothing_was_ordered),
		TEST(the_estimate_is_runas_word_with_its_time_and_says_what_is_left),
		TEST(without_an_estimate_its_absence_is_said_with_the_reason_and_never_guessed),
		TEST(what_runa_says_no_to_beforehand_is_said_with_its_reason),
		TEST(a_balance_that_is_not_enough_is_said_before_it_is_too_late),
		TEST(a_balance_that_was_never_told_is_not_guessed),
		TEST(the_same_for_the_same_recipient_within_a_week_is_said_with_its_order),
		TEST(the_same_link_with_the_same_note_within_a_day_is_said_and_another_persons_is_not),
		TEST(an_order_that_failed_warns_where_its_money_is_not_known),
		TEST(an_order_that_cost_nothing_warns_of_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
