/* order_timeline.c: what happened to an order and when. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "support/portal.h"

/* The timeline as plain text: "[done] Placed by alice 2026-11-23 09:00:00 UTC\n[now] ...". */
static const char *timeline(struct portal *portal, const char *number)
{
	struct portal_answer answer = portal_get(portal, "alice", arena_print(portal->mem, "/orders/%s", number));
	const char *at = strstr(answer.body, "<ol class=\"timeline\">"), *end = at ? strstr(at, "</ol>") : NULL;
	struct text text;

	if (!end)
		return "";
	text_begin(&text, portal->mem, 0);
	for (at = strchr(at, '\n') + 1; at < end; at++) {
		if (text_begins(at, "<li class=\"")) {
			at += strlen("<li class=\"");
			text_print(&text, "[%.*s] ", (int)strcspn(at, "\""), at);
		} else if (text_begins(at, "<p>")) {
			text_add(&text, " ", 1);
		}
		if (*at == '<' || *at == '"' || text_begins(at, "done\"") || text_begins(at, "now\"") ||
		    text_begins(at, "bad\""))
			at = strchr(at, '>');
		else
			text_add(&text, at, 1);
	}
	return text.bytes;
}

static void try_it(struct portal *portal, const char *number, enum attempt_state to, enum meaning meaning)
{
	portal_settle(portal, number, to, meaning, (struct ledger_step){ .advice = "waiting_unknown", .task = TASK_SEND });
	portal->now_ms += 10 * MS_A_SECOND;
}

static void a_completed_order_was_placed_sent_and_completed(void **state)
{
	struct portal *portal = *state;
	const char *number = portal_place(portal, "alice");

	assert_string_equal(timeline(portal, number),
		"[done] Placed by alice 2026-11-23 09:00:00 UTC\n[now] Waits to be sent\n");
	portal->now_ms += MS_A_SECOND;
	portal_complete(portal, number);
	assert_string_equal(timeline(portal, number),
		"[done] Placed by alice 2026-11-23 09:00:00 UTC\n"
		"[done] Sent the order 2026-11-23 09:00:01 UTC\n"
		"[done] Completed: the payout link was made 2026-11-23 09:00:01 UTC\n");
}

static void tries_that_came_to_the_same_are_one_line_with_their_number(void **state)
{
	struct portal *portal = *state;
	const char *number = portal_place(portal, "alice");

	for (int i = 0; i < 3; i++)
		try_it(portal, number, ATTEMPT_UNKNOWN, MEANING_UNKNOWN);
	assert_string_equal(timeline(portal, number),
		"[done] Placed by alice 2026-11-23 09:00:00 UTC\n"
		"[done] Sent the order, 3 times 2026-11-23 09:00:00 UTC to 2026-11-23 09:00:20 UTC"
		" No clear answer: it is not known whether this try bought anything.\n"
		"[now] Waits for the next try\n");
}

static void many_different_tries_are_counted_between_the_first_and_the_last(void **state)
{
	struct portal *portal = *state;
	const char *number = portal_place(portal, "alice"), *text;
	int lines = 0;

	for (int i = 0; i < 30; i++)
		try_it(portal, number, ATTEMPT_UNKNOWN, i % 2 ? MEANING_UNKNOWN : MEANING_BUSY);
	text = timeline(portal, number);
	assert_non_null(strstr(text, "[done] 18 further tries\n"));
	for (; *text; text++)
		lines += *text == '\n';
	assert_int_equal(lines, 1 + 12 + 1 + 1);
}

static void a_refused_order_ends_with_that_and_one_that_stopped_calls_for_a_person(void **state)
{
	struct portal *portal = *state;
	const char *refused = portal_place(portal, "alice"), *stopped = portal_place(portal, "alice");

	portal_settle(portal, refused, ATTEMPT_REFUSED, MEANING_REFUSED, (struct ledger_step){ .advice = "refused" });
	assert_non_null(strstr(timeline(portal, refused),
		"[done] Sent the order 2026-11-23 09:00:00 UTC\n"
		"[bad] Refused by Runa: nothing was bought 2026-11-23 09:00:00 UTC\n"));
	portal_settle(portal, stopped, ATTEMPT_STUCK, MEANING_UNKNOWN, (struct ledger_step){ .advice = "stuck_absent" });
	assert_non_null(strstr(timeline(portal, stopped), "[bad] Stopped: a person has to look 2026-11-23 09:00:00 UTC\n"));
}

static void what_became_of_the_payout_is_said_with_the_time_of_the_look(void **state)
{
	static const struct { const char *status, *line; } looks[] = {
		{ "ACTIVE", "[now] Active: not claimed yet 2026-11-23 10:00:00 UTC As Runa said when the desk last asked" },
		{ "CLAIMED", "[done] Claimed 2026-11-23 10:00:00 UTC As Runa said when the desk last asked" },
		{ "CANCELLED", "[bad] Cancelled 2026-11-23 10:00:00 UTC As Runa said when the desk last asked" },
		{ "EXPIRED", "[bad] Expired 2026-11-23 10:00:00 UTC As Runa said when the desk last asked" },
	};
	struct portal *portal = *state;

	for (size_t i = 0; i < COUNT_OF(looks); i++) {
		const char *number;
		struct ledger_payout payout = { .status = looks[i].status, .looks = 1 };

		portal->now_ms = PORTAL_START_MS;
		payout.number = number = portal_place(portal, "alice");
		portal_complete(portal, number);
		assert_null(strstr(timeline(portal, number), "As Runa said"));
		payout.now_ms = portal->now_ms += MS_AN_HOUR;
		assert_int_equal(ledger_record_payout(portal->ledger, &payout), LEDGER_OK);
		assert_non_null(strstr(timeline(portal, number), looks[i].line));
	}
}

static void a_try_under_way_is_now_and_a_new_key_is_said(void **state)
{
	struct portal *portal = *state;
	const char *number = portal_place(portal, "alice"), *path = arena_print(portal->mem, "/orders/%s/attempt", number);
	struct ledger_claim claim = { .lease_ms = MS_A_MINUTE, .max_sends = 1, .upstream = "http://127.0.0.1:1/v2",
		.only_order = number, .sent_advice = "waiting_sent" };
	struct ledger_claimed claimed[1];
	size_t count = 0;

	portal_settle(portal, number, ATTEMPT_STUCK, MEANING_UNKNOWN, (struct ledger_step){ .advice = "stuck_absent" });
	portal->now_ms += MS_A_MINUTE;
	portal->roles = ROLE_VIEWER | ROLE_APPROVER;
	assert_int_equal(portal_post(portal, "bob", path, arena_print(portal->mem, "token=%s&why=not+there",
		portal_token(portal, path, "bob"))).status, 303);
	claim.now_ms = portal->now_ms;
	assert_int_equal(ledger_claim_due(portal->ledger, portal->mem, &claim, claimed, &count), LEDGER_OK);
	assert_int_equal(count, 1);
	assert_non_null(strstr(timeline(portal, number),
		"[now] Sent the order, under a new key 2026-11-23 09:01:00 UTC Under way.\n"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_portal, close_portal)
	const struct CMUnitTest tests[] = {
		TEST(a_completed_order_was_placed_sent_and_completed),
		TEST(tries_that_came_to_the_same_are_one_line_with_their_number),
		TEST(many_different_tries_are_counted_between_the_first_and_the_last),
		TEST(a_refused_order_ends_with_that_and_one_that_stopped_calls_for_a_person),
		TEST(what_became_of_the_payout_is_said_with_the_time_of_the_look),
		TEST(a_try_under_way_is_now_and_a_new_key_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
