/* site.c, orders.c, overview.c, health.c, routes.c: the pages around the order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "desk/catalogue.h"
#include "desk/inside.h"
#include "support/portal.h"

static size_t times_in(const char *text, const char *piece)
{
	size_t count = 0;

	for (const char *at = strstr(text, piece); at; at = strstr(at + 1, piece))
		count++;
	return count;
}

static void every_page_says_where_it_is_and_has_one_heading(void **state)
{
	static const char *const uris[] = { "/", "/orders", "/orders/new", "/orders/0000000000000000", "/nowhere",
		"/orders?status=rubbish" };
	struct portal *portal = *state;

	for (size_t i = 0; i < COUNT_OF(uris); i++) {
		struct portal_answer answer = portal_get(portal, "alice", uris[i]);

		assert_true(portal_says(answer, "<strong>SANDBOX</strong> - a local stand-in for Runa: nothing is real"));
		assert_true(portal_says(answer, "<html lang=\"en\">"));
		assert_int_equal(times_in(answer.body, "<h1"), 1);
		assert_int_equal(times_in(answer.body, "<main"), 1);
		assert_int_equal(times_in(answer.body, "<title>"), 1);
		assert_false(portal_says(answer, "<title> -"));
		assert_false(portal_says(answer, "{{"));
	}
}

static void nobody_sees_a_page_without_a_name_or_a_role(void **state)
{
	struct portal *portal = *state;
	struct portal_answer answer = portal_get(portal, NULL, "/");

	assert_int_equal(answer.status, 401);
	assert_false(portal_says(answer, "<nav"));
	portal->roles = 0;
	answer = portal_get(portal, "alice", "/");
	assert_int_equal(answer.status, 403);
	assert_true(portal_says(answer, "Your roles do not include this"));
	assert_false(portal_says(answer, "<nav"));
	portal->roles = ROLE_VIEWER;
	assert_int_equal(portal_get(portal, "alice", "/").status, 200);
	assert_int_equal(portal_get(portal, "alice", "/orders/new").status, 403);
	assert_false(portal_says(portal_get(portal, "alice", "/"), "/orders/new"));
}

static void an_auditor_alone_sees_no_orders(void **state)
{
	struct portal *portal = *state;
	const char *number = portal_place(portal, "alice");
	const char *const uris[] = { "/", "/orders", "/orders/new", arena_print(portal->mem, "/orders/%s", number),
	                             arena_print(portal->mem, "/orders/%s.json", number) };

	portal->roles = ROLE_AUDITOR;
	for (size_t i = 0; i < COUNT_OF(uris); i++) {
		struct portal_answer answer = portal_get(portal, "carol", uris[i]);

		assert_int_equal(answer.status, 403);
		assert_false(portal_says(answer, "<nav"));
	}
}

static void links_stay_below_the_base_path(void **state)
{
	struct portal *portal = *state;
	struct portal_answer answer;

	portal->site.base_path = "/desk";
	(void)portal_place(portal, "alice");
	answer = portal_get(portal, "alice", "/desk/");
	assert_int_equal(answer.status, 200);
	assert_true(portal_says(answer, "href=\"/desk/static/desk.css\""));
	assert_true(portal_says(answer, "<link rel=\"icon\" href=\"/desk/static/icon.svg\" type=\"image/svg+xml\">"));
	assert_true(portal_says(answer, "href=\"/desk/orders/new\""));
	assert_false(portal_says(answer, "href=\"/orders"));
	assert_true(portal_says(portal_get(portal, "alice", "/desk/orders/new"), "action=\"/desk/orders\""));
}

static void names_from_outside_are_text(void **state)
{
	struct portal *portal = *state;
	struct portal_answer answer;

	(void)portal_place(portal, "alice");
	answer = portal_get(portal, "<i>x", "/orders");
	assert_true(portal_says(answer, "&lt;i&gt;x"));
	assert_true(portal_says(answer, "Example Shop &lt;b&gt;&amp;"));
	assert_false(portal_says(answer, "<i>x"));
}

static void the_list_is_newest_first_and_turns_its_pages_without_gaps(void **state)
{
	struct portal *portal = *state;
	const char *first = portal_place(portal, "alice");
	struct portal_answer answer;
	const char *next, *last = NULL;

	for (int i = 0; i < 59; i++) {
		portal->now_ms += i % 2; /* several in one millisecond */
		last = portal_place(portal, "alice");
	}
	answer = portal_get(portal, "alice", "/orders?by=alice");
	assert_int_equal(times_in(answer.body, "<td>alice</td>"), 50);
	assert_true(portal_says(answer, last));
	assert_false(portal_says(answer, first));
	next = strstr(answer.body, "/orders?by=alice&amp;page=");
	assert_non_null(next);
	next = arena_copy(portal->mem, next, strcspn(next, "\""));
	next = arena_print(portal->mem, "/orders?by=alice&page=%s", strstr(next, "page=") + 5);
	answer = portal_get(portal, "alice", next);
	assert_int_equal(times_in(answer.body, "<td>alice</td>"), 10);
	assert_true(portal_says(answer, first));
	assert_false(portal_says(answer, ">Older</a>"));
	assert_true(portal_says(answer, ">Newest</a>"));
}

static void the_list_is_filtered_by_what_was_asked(void **state)
{
	static const struct { const char *query; int status; bool is_there; } cases[] = {
		{ "?status=placing", 200, true }, { "?status=completed", 200, false }, { "?status=", 200, true },
		{ "?product=AMZ-GB&currency=GBP&by=alice", 200, true }, { "?product=AMZ", 200, false },
		{ "?currency=EUR", 200, false }, { "?by=bob", 200, false },
		{ "?from=2026-11-23&to=2026-11-23", 200, true }, { "?from=2026-11-24", 200, false },
		{ "?to=2026-11-22", 200, false },
		{ "?status=PLACING", 400, false }, { "?from=23.11.2026", 400, false }, { "?page=1", 400, false },
		{ "?currency=pounds", 400, false }, { "?q=anything", 400, false },
	};
	struct portal *portal = *state;
	const char *number = portal_place(portal, "alice");

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct portal_answer answer = portal_get(portal, "alice",
		                                         arena_print(portal->mem, "/orders%s", cases[i].query));

		if (answer.status != cases[i].status || portal_says(answer, number) != cases[i].is_there)
			fail_msg("%s: %d", cases[i].query, answer.status);
	}
}

static void a_filter_that_cannot_be_read_is_named_and_kept(void **state)
{
	struct portal *portal = *state;
	struct portal_answer answer = portal_get(portal, "alice", "/orders?from=%3Cx%3E&by=bob");

	assert_int_equal(answer.status, 400);
	assert_true(portal_says(answer, "<code>from</code>"));
	assert_true(portal_says(answer, "value=\"&lt;x&gt;\""));
	assert_true(portal_says(answer, "value=\"bob\""));
	assert_true(portal_says(answer, "type=\"text\" value=\"&lt;x&gt;\"")); /* a field for days would show nothing */
	assert_true(portal_says(answer, "&#39;&lt;x&gt;&#39; is not a day like") ||
	            portal_says(answer, "'&lt;x&gt;' is not a day like"));
	answer = portal_get(portal, "alice", "/orders?status=lost");
	assert_true(portal_says(answer, "<option value=\"lost\" selected>lost</option>"));
	answer = portal_get(portal, "alice", "/orders?from=2026-11-23");
	assert_true(portal_says(answer, "type=\"date\" value=\"2026-11-23\""));
}

static void the_overview_says_the_balances_and_how_old_they_are(void **state)
{
	struct portal *portal = *state;

	portal->now_ms += MS_A_DAY;
	assert_true(portal_says(portal_get(portal, "alice", "/"), "Balance at Runa: 1250.00 EUR, 2500.00 GBP, as of "
	                                                          "<time datetime=\"2026-11-23T09:00:00Z\">"));
}

static void each_wrong_filter_leads_to_its_field_or_says_why(void **state)
{
	static const struct { const char *query, *field; } cases[] = {
		{ "status=lost", "status" }, { "product=%C2%80", "product" }, { "currency=gb", "currency" },
		{ "by=%C2%80", "by" },
		{ "by=bob%E2%80%AE", "by" }, { "product=AMZ%E2%80%8B-GB", "product" }, { "from=x", "from" }, { "to=2026-02-30", "to" }, { "q=amazon", "" }, { "page=rubbish", "" },
	};
	struct portal *portal = *state;

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct portal_answer answer = portal_get(portal, "alice",
		                                         arena_print(portal->mem, "/orders?%s", cases[i].query));
		size_t marked = times_in(answer.body, "aria-invalid=\"true\"");

		assert_int_equal(answer.status, 400);
		assert_int_equal(marked, *cases[i].field ? 1 : 0);
		assert_int_equal(times_in(answer.body, "role=\"alert\""), 1);
		if (*cases[i].field) {
			assert_true(portal_says(answer, arena_print(portal->mem, "<a href=\"#%s\">", cases[i].field)));
			assert_true(portal_says(answer, arena_print(portal->mem, "id=\"%s\"", cases[i].field)));
			assert_true(portal_says(answer, arena_print(portal->mem, "class=\"error\" id=\"%s-error\">",
			                                            cases[i].field)));
			assert_int_equal(times_in(answer.body, "aria-describedby="), 1);
		}
	}
	assert_true(portal_says(portal_get(portal, "alice", "/orders?q=amazon"), "not offered by this version"));
	assert_true(portal_says(portal_get(portal, "alice", "/orders?page=rubbish"), "Begin with the newest orders"));
	assert_false(portal_says(portal_get(portal, "alice", "/orders"), "aria-invalid"));
}

static int busy_for(void *hand, int64_t *longest_ms)
{
	*longest_ms = *(int64_t *)hand;
	return 1;
}

static void fault_30_a_thread_stuck_in_a_page_is_told_to_machines(void **state)
{
	struct portal *portal = *state;
	int64_t longest_ms = 30 * MS_A_SECOND;
	struct portal_answer answer;

	portal->app.busy = busy_for;
	portal->app.hand = &longest_ms;
	answer = portal_get(portal, NULL, "/readyz");
	assert_int_equal(answer.status, 200);
	assert_true(portal_says(answer, "\"ready\":true,\"ledger\":\"sound\""));
	longest_ms++;
	answer = portal_get(portal, NULL, "/readyz");
	assert_int_equal(answer.status, 503);
	assert_true(portal_says(answer, "\"ready\":false"));
	assert_int_equal(portal_get(portal, NULL, "/healthz").status, 200);
}

static void the_overview_the_pages_and_machines_say_the_same_about_sending(void **state)
{
	static const struct desk_health healths[SENDINGS] = {
		[SENDING_RUNS] = { .dispatcher_seen_ms = PORTAL_START_MS },
		[SENDING_ELSEWHERE] = { .dispatcher_seen_ms = 0 },
		[SENDING_PAUSED] = { .dispatcher_seen_ms = PORTAL_START_MS, .pause_until_ms = PORTAL_START_MS + 1 },
		[SENDING_UNSEEN] = { .dispatcher_seen_ms = PORTAL_START_MS - 60001, .pause_until_ms = PORTAL_START_MS + 1 },
		[SENDING_STOPPED] = { .dispatcher_seen_ms = PORTAL_START_MS - 60001, .is_stopped = true },
	};
	struct portal *portal = *state;

	for (int i = 0; i < SENDINGS; i++)
		assert_int_equal(pages_sending(&healths[i], PORTAL_START_MS), i);
	desk_seen_dispatching(portal->desk, portal->now_ms, portal->now_ms + MS_A_MINUTE);
	assert_true(portal_says(portal_get(portal, "alice", "/"), "<li>Runa asked the desk to slow down; orders wait"));
	assert_true(portal_says(portal_get(portal, NULL, "/readyz"), "\"sending\":\"paused\""));
	portal->now_ms += MS_A_MINUTE + 1;
	assert_true(portal_says(portal_get(portal, "alice", "/"), "<li>The part of the desk that sends orders has not"));
	assert_true(portal_says(portal_get(portal, "alice", "/orders"), "The part of the desk that sends orders has not"));
	desk_stop_sending(portal->desk, "unauthorized");
	assert_true(portal_says(portal_get(portal, "alice", "/"), "<li>Nothing is sent to Runa until"));
	assert_false(portal_says(portal_get(portal, "alice", "/"), "<li>Orders are sent to Runa.</li>"));
}

static int catalogue_fetches;
static void fetch_nothing(struct pages_app *app)
{
	(void)app;
	catalogue_fetches++;
}

static void only_who_may_order_has_a_catalogue_fetched_and_only_where_there_is_none(void **state)
{
	struct portal *portal = *state;
	struct product none[1];

	catalogue_fetches = 0;
	portal->app.fetch_catalogue = fetch_nothing;
	(void)portal_get(portal, "alice", "/orders/new");
	assert_int_equal(catalogue_fetches, 0); /* it is there */
	catalogue_store_products(portal->desk, none, 0, 0);
	(void)portal_get(portal, NULL, "/orders/new");
	portal->roles = ROLE_VIEWER;
	(void)portal_get(portal, "carol", "/orders/new");
	(void)portal_get(portal, "carol", "/orders");
	assert_int_equal(catalogue_fetches, 0);
	portal->roles = ROLE_VIEWER | ROLE_ORDERER;
	(void)portal_get(portal, "alice", "/orders/new");
	assert_int_equal(catalogue_fetches, 1);
}

static void the_catalogues_age_is_told_in_seconds(void **state)
{
	struct portal *portal = *state;

	portal->now_ms += 61 * MS_A_SECOND;
	assert_true(portal_says(portal_get(portal, NULL, "/readyz"), "\"catalogue_age_s\":61"));
}

static void signing_out_is_offered_where_there_is_a_place_for_it(void **state)
{
	struct portal *portal = *state;

	assert_false(portal_says(portal_get(portal, "alice", "/"), "Sign out"));
	portal->app.logout_url = "https://sso.example/out?a=1&b=2";
	assert_true(portal_says(portal_get(portal, "alice", "/"),
	                        "<a href=\"https://sso.example/out?a=1&amp;b=2\">Sign out</a>"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_portal, close_portal)
	const struct CMUnitTest tests[] = {
		TEST(every_page_says_where_it_is_and_has_one_heading),
		TEST(nobody_sees_a_page_without_a_name_or_a_role),
		TEST(an_auditor_alone_sees_no_orders),
		TEST(links_stay_below_the_base_path),
		TEST(names_from_outside_are_text),
		TEST(the_list_is_newest_first_and_turns_its_pages_without_gaps),
		TEST(the_list_is_filtered_by_what_was_asked),
		TEST(a_filter_that_cannot_be_read_is_named_and_kept),
		TEST(the_overview_says_the_balances_and_how_old_they_are),
		TEST(each_wrong_filter_leads_to_its_field_or_says_why),
		TEST(fault_30_a_thread_stuck_in_a_page_is_told_to_machines),
		TEST(the_overview_the_pages_and_machines_say_the_same_about_sending),
		TEST(only_who_may_order_has_a_catalogue_fetched_and_only_where_there_is_none),
		TEST(the_catalogues_age_is_told_in_seconds),
		TEST(signing_out_is_offered_where_there_is_a_place_for_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
