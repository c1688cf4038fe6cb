/* orders.c: the list of orders: its pages, its filters, and what it says where there is nothing to show. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "pages/orders.h"
#include "support/portal.h"

static size_t times_in(const char *text, const char *piece)
{
	size_t count = 0;

	for (const char *at = strstr(text, piece); at; at = strstr(at + 1, piece))
		count++;
	return count;
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
	assert_int_equal(times_in(answer.body, "\">alice</td>"), 50);
	assert_true(portal_says(answer, last));
	assert_false(portal_says(answer, first));
	next = strstr(answer.body, "/orders?by=alice&amp;page=");
	assert_non_null(next);
	next = arena_copy(portal->mem, next, strcspn(next, "\""));
	next = arena_print(portal->mem, "/orders?by=alice&page=%s", strstr(next, "page=") + 5);
	answer = portal_get(portal, "alice", next);
	assert_int_equal(times_in(answer.body, "\">alice</td>"), 10);
	assert_true(portal_says(answer, first));
	assert_false(portal_says(answer, ">Older</a>"));
	assert_true(portal_says(answer, ">Newest</a>"));
}

static void the_list_is_filtered_by_what_was_asked(void **state)
{
	static const struct { const char *query; int status; bool is_there; } cases[] = {
		{ "?status=placing", 200, true }, { "?status=completed", 200, false }, { "?status=", 200, true },
		{ "?product=AMZ-GB&currency=gbp&by=alice", 200, true }, { "?product=AMZ", 200, false },
		{ "?product=amz-gb", 200, true },
		{ "?currency=EUR", 200, false }, { "?by=bob", 200, false },
		{ "?from=2026-11-23&to=2026-11-23", 200, true }, { "?from=2026-11-24", 200, false },
		{ "?to=2026-11-22", 200, false },
		{ "?status=PLACING", 400, false }, { "?from=23.11.2026", 400, false }, { "?page=1", 400, false },
		{ "?currency=pounds", 400, false }, { "?q=anything", 200, false }, { "?q=%C2%80", 400, false },
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
	assert_true(portal_says(answer, "<a href=\"#from\">Write the first day like 2026-11-23.</a>"));
	assert_true(portal_says(answer, "value=\"&lt;x&gt;\""));
	assert_true(portal_says(answer, "value=\"bob\""));
}

static void each_wrong_filter_leads_to_its_field_or_says_why(void **state)
{
	static const struct { const char *query, *field; } cases[] = {
		{ "status=lost", "status" }, { "product=%C2%80", "product" }, { "currency=gb", "currency" },
		{ "by=%C2%80", "by" },
		{ "by=bob%E2%80%AE", "by" },
		{ "product=AMZ%E2%80%8B-GB", "product" }, { "from=x", "from" },
		{ "to=2026-02-30", "to" }, { "q=am%E2%80%8Bazon", "q" }, { "page=rubbish", "" },
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
		}
	}
	assert_true(portal_says(portal_get(portal, "alice", "/orders?page=rubbish"), "Begin with the newest orders"));
	assert_false(portal_says(portal_get(portal, "alice", "/orders"), "aria-invalid"));
}

/* An order by e-mail with a note; its number. */
static const char *place_mail(struct portal *portal, const char *email, const char *note)
{
	struct person person = { .user = "alice", .name = "alice", .email = "", .roles = ROLE_ORDERER };
	struct wish wish = { .product = "AMZ-GB", .face_value = "10.00", .currency = "GBP", .distribution = "EMAIL",
	                     .email = email, .description = note };
	struct field_errors errors;
	struct order order;
	char key[ID_KEY_SIZE];

	ids_key(&chance_of_machine, key);
	wish.form_key = key;
	assert_int_equal(order_place(portal->desk, portal->mem, &wish, &person, &order, &errors), PLACED_NEW);
	return arena_text(portal->mem, order.number);
}

static const char *lower(struct arena *mem, const char *text)
{
	char *copy = arena_text(mem, text);

	for (char *c = copy; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	return copy;
}

static const char *row_of(struct portal *portal, const char *number)
{
	return arena_print(portal->mem, "href=\"/orders/%s\"", number);
}

static void a_search_finds_a_number_a_recipient_or_a_piece_of_a_note(void **state)
{
	struct portal *portal = *state;
	const char *ada = place_mail(portal, "ada@example.org", "for the spring survey, 50%_off");
	const char *bob = place_mail(portal, "bob@example.org", "thanks");
	const struct { const char *q; bool finds_ada, finds_bob; } cases[] = {
		{ ada, true, false }, { lower(portal->mem, bob), false, true }, { "ada@example.org", true, false },
		{ "ADA@Example.ORG", true, false }, { "example.org", true, true }, { "SPRING", true, false },
		{ "+thanks+", false, true }, { "spring+thanks", false, false }, { "%25", true, false }, { "%25_o", true, false },
		{ "_", true, false }, { "*", false, false }, { "zzz", false, false }, { "ada@example.or", false, false },
		{ "", true, true },
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct portal_answer answer = portal_get(portal, "alice",
		                                         arena_print(portal->mem, "/orders?q=%s", cases[i].q));

		if (answer.status != 200 || portal_says(answer, row_of(portal, ada)) != cases[i].finds_ada ||
		    portal_says(answer, row_of(portal, bob)) != cases[i].finds_bob)
			fail_msg("%s: %d", cases[i].q, answer.status);
	}
}

static void what_was_asked_for_stays_in_fields_links_and_the_file(void **state)
{
	static const char QUERY[] = "?q=a%2Bb&amp;status=placing&amp;product=AMZ-GB&amp;currency=GBP&amp;by=alice"
	                            "&amp;from=2026-11-23&amp;to=2026-11-24";
	struct portal *portal = *state;
	struct portal_answer answer;

	for (int i = 0; i < 51; i++)
		(void)place_mail(portal, "a+b@example.org", NULL);
	answer = portal_get(portal, "alice", "/orders?to=2026-11-24&from=2026-11-23&by=alice&currency=GBP&product=AMZ-GB&"
	                    "status=placing&q=+a%2Bb");
	assert_int_equal(answer.status, 200);
	assert_true(portal_says(answer, arena_print(portal->mem, "/orders.csv%s\"", QUERY)));
	assert_true(portal_says(answer, arena_print(portal->mem, "/orders%s&amp;page=", QUERY)));
	assert_true(portal_says(answer, "name=\"q\" type=\"search\" value=\"a+b\""));
	assert_true(portal_says(answer, "value=\"placing\" selected"));
	assert_true(portal_says(answer, "<details open>"));
	assert_true(portal_says(answer, "Status: <b>Being placed</b>"));
	/* each filter can be taken away alone */
	assert_true(portal_says(answer, "href=\"/orders?q=a%2Bb&amp;status=placing&amp;product=AMZ-GB&amp;currency=GBP&amp;"
	                        "from=2026-11-23&amp;to=2026-11-24\">Remove"));
	assert_int_equal(times_in(answer.body, ">Remove<"), 7);
}

static void how_many_there_are_is_said_where_it_is_known(void **state)
{
	struct portal *portal = *state;

	(void)portal_place(portal, "alice");
	assert_true(portal_says(portal_get(portal, "alice", "/orders"), "<caption>1 order, newest first"));
	for (int i = 0; i < 50; i++)
		(void)portal_place(portal, "alice");
	assert_true(portal_says(portal_get(portal, "alice", "/orders"), "<caption>50 of 51 orders, newest first"));
	assert_true(portal_says(portal_get(portal, "alice", "/orders?status=placing"), "<caption>50 of 51 orders,"));
	assert_true(portal_says(portal_get(portal, "alice", "/orders?by=alice"), "<caption>50 orders on this page,"));
}

static void an_empty_list_says_why_and_what_to_do(void **state)
{
	struct portal *portal = *state;
	struct portal_answer answer = portal_get(portal, "alice", "/orders");
	const char *number;

	assert_true(portal_says(answer, "No orders yet"));
	assert_true(portal_says(answer, "to place the first one"));
	assert_false(portal_says(answer, "orders.csv"));
	assert_false(portal_says(answer, "<table"));
	portal->roles = ROLE_VIEWER;
	assert_false(portal_says(portal_get(portal, "carol", "/orders"), "/orders/new"));
	number = portal_place(portal, "alice");
	answer = portal_get(portal, "alice", "/orders?by=bob");
	assert_true(portal_says(answer, "No order fits"));
	assert_false(portal_says(answer, "No orders yet"));
	assert_true(portal_says(answer, "<a class=\"button second\" href=\"/orders\">Clear all filters</a>"));
	answer = portal_get(portal, "alice", arena_print(portal->mem, "/orders?page=%lld-%s", (long long)PORTAL_START_MS,
	                                                 number));
	assert_true(portal_says(answer, "There are no older orders"));
	assert_true(portal_says(answer, ">Newest</a>"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_portal, close_portal)
	const struct CMUnitTest tests[] = {
		TEST(the_list_is_newest_first_and_turns_its_pages_without_gaps),
		TEST(the_list_is_filtered_by_what_was_asked),
		TEST(a_filter_that_cannot_be_read_is_named_and_kept),
		TEST(each_wrong_filter_leads_to_its_field_or_says_why),
		TEST(a_search_finds_a_number_a_recipient_or_a_piece_of_a_note),
		TEST(what_was_asked_for_stays_in_fields_links_and_the_file),
		TEST(how_many_there_are_is_said_where_it_is_known),
		TEST(an_empty_list_says_why_and_what_to_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
