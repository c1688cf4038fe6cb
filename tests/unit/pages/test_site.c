/* site.c, health.c, routes.c: what every page has, and what machines are told. */
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
		const char *head;

		assert_true(portal_says(answer, "<strong>SANDBOX</strong> - a local stand-in for Runa: nothing is real"));
		assert_true(portal_says(answer, "<html lang=\"en\">"));
		assert_int_equal(times_in(answer.body, "<h1"), 1);
		assert_int_equal(times_in(answer.body, "<main"), 1);
		/* a drawing's bars have titles too */
		head = arena_copy(portal->mem, answer.body, (size_t)(strstr(answer.body, "</head>") - answer.body));
		assert_int_equal(times_in(head, "<title>"), 1);
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
	assert_true(portal_says(answer, "<link rel=\"stylesheet\" href=\"/desk/static/desk."));
	assert_true(portal_says(answer, "<link rel=\"icon\" href=\"/desk/static/icons."));
	assert_true(portal_says(answer, "<script type=\"module\" src=\"/desk/static/desk."));
	assert_true(portal_says(answer, "href=\"/desk/orders/new\""));
	assert_false(portal_says(answer, "href=\"/orders"));
	assert_true(portal_says(portal_get(portal, "alice", "/desk/orders/new"), "action=\"/desk/orders\""));
}

static void the_link_to_where_one_is_is_marked(void **state)
{
	static const struct { const char *uri, *marked; } rows[] = {
		{ "/", "<a href=\"/\" aria-current=\"page\">" },
		{ "/orders/new", "<a href=\"/orders/new\" aria-current=\"page\">" },
		{ "/orders", "<a href=\"/orders\" aria-current=\"page\">" },
		{ "/orders?status=failed", "<a href=\"/orders\" aria-current=\"page\">" },
		{ "/products", "<a href=\"/products\" aria-current=\"page\">" },
		{ "/orders/NONE", "<a href=\"/orders\" aria-current=\"true\">" }, /* within the orders, and not their list */
	};
	struct portal *portal = *state;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct portal_answer answer = portal_get(portal, "alice", rows[i].uri);
		const char *first = strstr(answer.body, "aria-current=");

		if (!portal_says(answer, rows[i].marked))
			fail_msg("%s: no %s", rows[i].uri, rows[i].marked);
		assert_null(strstr(first + 1, "aria-current="));
	}
	assert_false(portal_says(portal_get(portal, "alice", "/nowhere"), "aria-current="));
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
		[SENDING_AWAY] = { .dispatcher_seen_ms = PORTAL_START_MS, .away_since_ms = PORTAL_START_MS - 1 },
		[SENDING_UNSEEN] = { .dispatcher_seen_ms = PORTAL_START_MS - 60001, .pause_until_ms = PORTAL_START_MS + 1 },
		[SENDING_STOPPED] = { .dispatcher_seen_ms = PORTAL_START_MS - 60001, .is_stopped = true },
	};
	struct portal *portal = *state;

	for (int i = 0; i < SENDINGS; i++)
		assert_int_equal(pages_sending(&healths[i], PORTAL_START_MS), i);
	desk_seen_dispatching(portal->desk, portal->now_ms, portal->now_ms + MS_A_MINUTE);
	assert_true(portal_says(portal_get(portal, "alice", "/"), "<li>Runa asked the desk to slow down; orders wait"));
	assert_true(portal_says(portal_get(portal, NULL, "/readyz"), "\"sending\":\"paused\""));
	for (int i = 0; i < 3; i++) desk_heard_runa(portal->desk, false);
	assert_true(portal_says(portal_get(portal, "alice", "/"), "<li>Runa does not answer; orders wait"));
	assert_true(portal_says(portal_get(portal, "alice", "/orders/new"), "Runa has not answered the desk since"));
	assert_true(portal_says(portal_get(portal, NULL, "/readyz"), "\"sending\":\"away\""));
	desk_heard_runa(portal->desk, true);
	assert_false(portal_says(portal_get(portal, "alice", "/"), "Runa has not answered the desk"));
	portal->now_ms += MS_A_MINUTE + 1;
	assert_true(portal_says(portal_get(portal, "alice", "/"), "<li>The part of the desk that sends orders has not"));
	assert_true(portal_says(portal_get(portal, "alice", "/orders"), "The part of the desk that sends orders has not"));
	desk_stop_sending(portal->desk, "unauthorized");
	assert_true(portal_says(portal_get(portal, "alice", "/"), "<li>Nothing is sent to Runa until"));
	assert_false(portal_says(portal_get(portal, "alice", "/"), "<li>Orders are sent to Runa.</li>"));
}

static void a_catalogue_of_more_than_a_day_is_said_to_be_old_on_every_page(void **state)
{
	static const char *const pages[] = { "/", "/orders/new", "/orders", "/products" };
	struct portal *portal = *state;

	for (size_t i = 0; i < COUNT_OF(pages); i++) {
		portal->now_ms = PORTAL_START_MS + MS_A_DAY;
		assert_false(portal_says(portal_get(portal, "alice", pages[i]), "more than a day ago"));
		portal->now_ms++;
		assert_true(portal_says(portal_get(portal, "alice", pages[i]), "more than a day ago"));
	}
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
		TEST(the_link_to_where_one_is_is_marked),
		TEST(names_from_outside_are_text),
		TEST(fault_30_a_thread_stuck_in_a_page_is_told_to_machines),
		TEST(the_overview_the_pages_and_machines_say_the_same_about_sending),
		TEST(a_catalogue_of_more_than_a_day_is_said_to_be_old_on_every_page),
		TEST(only_who_may_order_has_a_catalogue_fetched_and_only_where_there_is_none),
		TEST(the_catalogues_age_is_told_in_seconds),
		TEST(signing_out_is_offered_where_there_is_a_place_for_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
