/* overview.c: what needs somebody, what is left to spend, what the last days brought. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "desk/catalogue.h"
#include "support/portal.h"

static size_t times_in(const char *text, const char *piece)
{
	size_t count = 0;

	for (const char *at = strstr(text, piece); at; at = strstr(at + 1, piece))
		count++;
	return count;
}

static struct portal_answer overview(struct portal *portal)
{
	struct portal_answer answer = portal_get(portal, "alice", "/");

	assert_int_equal(answer.status, 200);
	return answer;
}

static void set_balance(struct portal *portal, int64_t minor)
{
	struct balance balance = { money_of(minor, "GBP") };

	catalogue_store_balances(portal->desk, &balance, 1, portal->now_ms);
}

static void a_balance_is_low_when_it_is_less_than_the_last_seven_days_spent(void **state)
{
	struct portal *portal = *state;
	struct portal_answer answer;

	portal_complete(portal, portal_place(portal, "alice")); /* 9.50 GBP */
	set_balance(portal, 950);
	answer = overview(portal);
	assert_false(portal_says(answer, "card low"));
	assert_true(portal_says(answer, "9.50 GBP spent in the last 7 days."));
	set_balance(portal, 949);
	answer = overview(portal);
	assert_true(portal_says(answer, "card low"));
	assert_true(portal_says(answer, "less than the 9.50 GBP that the last 7 days spent"));
	portal->now_ms += 6 * (int64_t)MS_A_DAY;
	assert_true(portal_says(overview(portal), "card low"));
	portal->now_ms += MS_A_DAY;
	assert_false(portal_says(overview(portal), "card low"));
}

static void balances_say_how_old_they_are(void **state)
{
	static const struct { int64_t age_ms; const char *words; } cases[] = {
		{ 0, "As Runa said less than a minute ago, at" }, { MS_A_MINUTE, "said 1 minute ago, at" },
		{ 2 * MS_A_MINUTE, "said 2 minutes ago, at" }, { MS_AN_HOUR, "said 1 hour ago, at" },
		{ 47 * (int64_t)MS_AN_HOUR, "said 47 hours ago, at" }, { 50 * (int64_t)MS_AN_HOUR, "said 2 days ago, at" },
	};
	struct portal *portal = *state;
	int64_t begin_ms = portal->now_ms;

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct portal_answer answer;

		portal->now_ms = begin_ms + cases[i].age_ms;
		answer = overview(portal);
		if (!portal_says(answer, cases[i].words))
			fail_msg("%s", cases[i].words);
		assert_int_equal(portal_says(answer, "has not been able to ask again since"), cases[i].age_ms >= MS_AN_HOUR);
	}
	catalogue_store_balances(portal->desk, NULL, 0, 0);
	assert_true(portal_says(overview(portal), "Not known yet. The desk asks Runa for them by itself"));
}

static void orders_that_need_attention_come_first_and_are_counted(void **state)
{
	const struct ledger_step stuck = { .advice = "stuck", .error_type = "timeout" };
	struct portal *portal = *state;
	struct portal_answer answer;
	const char *number;

	assert_false(portal_says(overview(portal), "Needs attention:"));
	(void)portal_place(portal, "alice");
	assert_true(portal_says(overview(portal), "No order needs attention."));
	number = portal_place(portal, "alice");
	portal_settle(portal, number, ATTEMPT_STUCK, MEANING_UNKNOWN, stuck);
	answer = overview(portal);
	assert_true(portal_says(answer, "Needs attention: 1<"));
	assert_false(portal_says(answer, "No order needs attention."));
	assert_true(strstr(answer.body, number) < strstr(answer.body, "Balances at Runa"));
	assert_false(portal_says(answer, "/orders?status=needs_attention"));
	for (int i = 0; i < 6; i++)
		portal_settle(portal, portal_place(portal, "alice"), ATTEMPT_STUCK, MEANING_UNKNOWN, stuck);
	answer = overview(portal);
	assert_true(portal_says(answer, "Needs attention: 7<"));
	assert_true(portal_says(answer, "/orders?status=needs_attention\">See all 7 of them"));
}

static void an_order_that_failed_with_the_money_not_known_says_so(void **state)
{
	struct portal *portal = *state;
	const char *number = portal_place(portal, "alice");

	portal_settle(portal, number, ATTEMPT_REFUSED, MEANING_REFUSED, (struct ledger_step){ .advice = "refused" });
	assert_false(portal_says(overview(portal), "Money moved: "));
	number = portal_place(portal, "alice");
	portal_settle(portal, number, ATTEMPT_FAILED, MEANING_FAILED, (struct ledger_step){ .advice = "failed_accepted" });
	assert_true(portal_says(overview(portal), "Money moved: not known yet"));
}

static void the_plot_and_the_table_have_the_same_thirty_days(void **state)
{
	struct portal *portal = *state;
	struct portal_answer answer;

	portal_complete(portal, portal_place(portal, "alice")); /* 23 November */
	portal->now_ms += MS_A_DAY;
	for (int i = 0; i < 3; i++)
		(void)portal_place(portal, "alice");
	answer = overview(portal);
	assert_int_equal(times_in(answer.body, "<rect class=\"bar\""), 30);
	assert_int_equal(times_in(answer.body, "<th scope=\"row\""), 30);
	assert_true(portal_says(answer, "<title>2026-11-24: 3</title>"));
	assert_true(portal_says(answer, "2026-11-23</th><td class=\"amount\">1</td><td>9.50\xC2\xA0GBP</td><td></td>"));
	assert_true(portal_says(answer, "2026-11-24</th><td class=\"amount\">3</td><td></td><td>30.00\xC2\xA0GBP</td>"));
	assert_true(portal_says(answer, "2026-10-26</th>"));
	assert_true(portal_says(answer, ": 4 in all."));
	assert_false(portal_says(answer, "style="));
	portal->now_ms += 29 * (int64_t)MS_A_DAY; /* the 23rd is 30 days ago */
	assert_true(portal_says(overview(portal), ": 3 in all."));
}

static void the_first_visit_says_what_will_be_here_and_offers_one_thing_to_do(void **state)
{
	struct portal *portal = *state;
	struct portal_answer answer = overview(portal);

	assert_true(portal_says(answer, "No orders yet"));
	assert_int_equal(times_in(answer.body, "class=\"button\""), 1);
	assert_true(portal_says(answer, ">Order a reward</a>"));
	portal->roles = ROLE_VIEWER;
	assert_int_equal(times_in(overview(portal).body, "class=\"button\""), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_portal, close_portal)
	const struct CMUnitTest tests[] = {
		TEST(a_balance_is_low_when_it_is_less_than_the_last_seven_days_spent),
		TEST(balances_say_how_old_they_are),
		TEST(orders_that_need_attention_come_first_and_are_counted),
		TEST(an_order_that_failed_with_the_money_not_known_says_so),
		TEST(the_plot_and_the_table_have_the_same_thirty_days),
		TEST(the_first_visit_says_what_will_be_here_and_offers_one_thing_to_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
