/* test_fetch.c: products and balances are fetched and kept; what cannot be read, repeats, never ends or is empty
 * leaves the last good catalogue in place (fault 46). */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <sqlite3.h>

#include "base/log.h"
#include "base/sizes.h"
#include "support/child.h"
#include "support/stage.h"

static int set_up(void **state)
{
	*state = stage_open_empty();
	return 0;
}

#define PRODUCT(code)                                                                                 \
	"{\"name\":\"Name of " code "\",\"code\":\"" code "\",\"currency\":\"GBP\",\"state\":\"LIVE\"," \
	"\"is_orderable\":true,\"payout_type\":\"gift_card\",\"categories\":[\"x\"],"                  \
	"\"countries_redeemable_in\":[\"GB\"],\"discount_multiplier\":\"0.02\",\"gift_card\":{"          \
	"\"denominations\":{\"type\":\"fixed\",\"available_list\":[\"25\",\"10.00\"]}}}"
#define PAGE(products, after) "{\"catalog\":[" products "],\"pagination\":{\"cursors\":{\"after\":" after "}}}"
#define END PAGE("", "null")

static void will_page(struct stage *s, const char *body)
{
	runa_will_say(s, ROUTE_PRODUCTS, (struct reply){ .body = body });
}

static const struct catalogue *catalogue_now(struct stage *s)
{
	return catalogue_in(s->desk, s->mem);
}

static void at_its_start_the_dispatcher_fetches_what_forms_are_checked_against(void **state)
{
	struct stage *s = *state;
	struct desk_health health;

	assert_int_equal(catalogue_now(s)->product_count, 0);
	stage_run(s, 1000);
	assert_int_equal(catalogue_now(s)->product_count, 1);
	assert_int_equal(catalogue_now(s)->balance_count, 2);
	assert_string_equal(catalogue_find(catalogue_now(s), "AMZ-GB")->name, "Amazon.co.uk");
	assert_int_equal(catalogue_find(catalogue_now(s), "AMZ-GB")->most_minor, 50000);
	assert_int_equal(catalogue_balance(catalogue_now(s), "JPY")->amount.minor, 9000);
	assert_null(catalogue_balance(catalogue_now(s), "EUR"));
	desk_health(s->desk, &health);
	assert_in_range(s->wall_ms - health.catalogue_fetched_ms, 0, 1000);
	assert_int_equal(place_and_settle(s, "AMZ-GB", "10.00").status, ORDER_COMPLETED);
}

static void both_are_fetched_again_each_after_its_own_time(void **state)
{
	struct stage *s = *state;

	s->rules->catalogue_every_ms = 30 * MS_A_MINUTE;
	s->rules->balance_every_ms = 10 * MS_A_MINUTE;
	stage_run(s, (int64_t)3 * MS_AN_HOUR + 10000);
	assert_int_equal(runa_count(s, ROUTE_PRODUCTS), 2 * 7); /* two pages each */
	assert_int_equal(runa_count(s, ROUTE_BALANCES), 19);
}

static void what_was_fetched_is_there_after_a_start_without_runa(void **state)
{
	static const struct reply unreachable = { .transport = RUNA_NOT_SENT };
	struct stage *s = *state;
	int64_t fetched;

	stage_run(s, 1000);
	fetched = catalogue_now(s)->products_fetched_ms;
	stage_crash(s, FAULTY_KEEP_SYNCED);
	for (int route = 0; route < ROUTES; route++) runa_always_says(s, (enum route)route, &unreachable);
	stage_run(s, MS_AN_HOUR);
	assert_int_equal(catalogue_now(s)->product_count, 1);
	assert_int_equal(catalogue_now(s)->products_fetched_ms, fetched);
	assert_int_equal(catalogue_now(s)->balance_count, 2);
}

static void pages_are_put_together_sorted_and_each_product_once(void **state)
{
	struct stage *s = *state;
	const struct catalogue *catalogue;
	static const char *const codes[] = { "A-GB", "B-GB", "C-GB", "D-GB" };

	will_page(s, PAGE(PRODUCT("D-GB") "," PRODUCT("B-GB"), "\"B-GB\""));
	will_page(s, PAGE(PRODUCT("B-GB") "," PRODUCT("A-GB") "," PRODUCT("C-GB"), "\"C-GB\""));
	will_page(s, END);
	stage_run(s, 1000);
	catalogue = catalogue_now(s);
	assert_int_equal(catalogue->product_count, COUNT_OF(codes));
	for (size_t i = 0; i < COUNT_OF(codes); i++) {
		assert_string_equal(catalogue->products[i].code, codes[i]);
		assert_ptr_equal(catalogue_find(catalogue, codes[i]), &catalogue->products[i]);
		assert_int_equal(catalogue->products[i].fixed_count, 2);
		assert_int_equal(catalogue->products[i].fixed_minor[0], 1000);
	}
	assert_null(catalogue_find(catalogue, "E-GB"));
	assert_null(catalogue_find(catalogue, ""));
	/* each page was asked for by the cursor before */
	assert_string_equal(s->runa.requests[0].path, "/product?is_orderable=false&limit=500");
	assert_non_null(strstr(s->runa.requests[2].path, "&after=B-GB"));
}

static void a_product_that_cannot_be_read_is_left_out_alone(void **state)
{
	struct stage *s = *state;

	will_page(s, PAGE(PRODUCT("A-GB") ",{\"name\":\"no code\"},17", "\"x\""));
	will_page(s, END);
	stage_run(s, 1000);
	assert_int_equal(catalogue_now(s)->product_count, 1);
}

static void fetch_twice(void *thing)
{
	struct stage *s = thing;

	log_set_level(LOG_NOTE);
	will_page(s, PAGE(PRODUCT("A-GB") ",{\"name\":\"no code\"},17", "\"A-GB\""));
	will_page(s, PAGE("5", "\"B-GB\""));
	will_page(s, END);
	stage_run(s, MS_AN_HOUR + 10000);
}

static void the_log_says_how_many_were_left_out_on_all_pages(void **state)
{
	struct child_end end = child_run(fetch_twice, *state);

	assert_int_equal(end.status, 0);
	assert_non_null(strstr(end.said, "catalogue products=1 skipped=3\n"));
	assert_non_null(strstr(end.said, "catalogue products=1 skipped=0\n")); /* of each fetch by itself */
}

/* After a good fetch of AMZ-GB, Runa says these pages for ever: nothing is lost by it. */
static void the_last_good_one_stays(struct stage *s, const char *first, const char *second)
{
	int64_t fetched;

	s->rules->catalogue_every_ms = MS_A_MINUTE;
	stage_run(s, 1000);
	fetched = catalogue_now(s)->products_fetched_ms;
	for (int i = 0; i < 300; i++) will_page(s, i % 2 == 0 || second == NULL ? first : second);
	stage_run(s, 10 * MS_A_MINUTE);
	assert_int_equal(catalogue_now(s)->product_count, 1);
	assert_non_null(catalogue_find(catalogue_now(s), "AMZ-GB"));
	assert_int_equal(catalogue_now(s)->products_fetched_ms, fetched); /* its age is told truly */
	s->runa.queued_used[ROUTE_PRODUCTS] = s->runa.queued_count[ROUTE_PRODUCTS];
	stage_run(s, 10 * MS_A_MINUTE);
	assert_true(catalogue_now(s)->products_fetched_ms > fetched);
}

static void a_catalogue_that_is_bad_leaves_the_last_good_one(void **state)
{
	static const char *const pages[][2] = {
		{ END, NULL },                                             /* empty */
		{ "", NULL }, { "{}", NULL }, { "[]", NULL }, { "<html>", NULL },
		{ "{\"catalog\":[" PRODUCT("A-GB"), NULL },                /* cut */
		{ PAGE(PRODUCT("A-GB"), "\"same\""), NULL },               /* the same page over and over */
		{ PAGE(PRODUCT("A-GB"), "null"), NULL },                   /* no cursor although there are products */
		{ PAGE("{\"name\":\"no code\"}", "\"x\""), END },          /* nothing that can be read */
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(pages); i++) {
		struct stage *s = stage_open_empty();

		the_last_good_one_stays(s, pages[i][0], pages[i][1]);
		stage_close(s);
	}
}

static void paging_that_never_ends_is_not_read_for_ever(void **state)
{
	static const struct reply a = { .body = PAGE(PRODUCT("A-GB"), "\"a\"") };
	static const struct reply b = { .body = PAGE(PRODUCT("B-GB"), "\"b\"") };
	struct stage *s = *state;
	size_t asked = 0;

	for (int i = 0; i < 1000; i++) { /* a page and a cursor that is never the one before */
		runa_always_says(s, ROUTE_PRODUCTS, i % 2 == 0 ? &a : &b);
		asked = runa_count(s, ROUTE_PRODUCTS);
		while (runa_count(s, ROUTE_PRODUCTS) == asked && i < 2 * SIZE_CATALOGUE_PAGES) stage_run(s, 100);
	}
	assert_in_range(asked, SIZE_CATALOGUE_PAGES, 3 * SIZE_CATALOGUE_PAGES);
	assert_int_equal(catalogue_now(s)->product_count, 0);
	runa_always_says(s, ROUTE_PRODUCTS, NULL);
	stage_run(s, 2 * MS_AN_HOUR);
	assert_non_null(catalogue_find(catalogue_now(s), "AMZ-GB"));
}

static void a_fetch_that_fails_is_tried_again_with_growing_pauses(void **state)
{
	static const struct reply bad = { .transport = RUNA_LOST };
	struct stage *s = *state;

	runa_always_says(s, ROUTE_PRODUCTS, &bad);
	runa_always_says(s, ROUTE_BALANCES, &bad);
	stage_run(s, MS_AN_HOUR);
	assert_in_range(runa_count(s, ROUTE_PRODUCTS), 10, 25); /* 2, 4, 8, ... s, then every 5 minutes */
	assert_in_range(runa_count(s, ROUTE_BALANCES), 10, 25);
}

static void after_an_order_was_bought_the_balance_is_asked_for_again_once_for_many(void **state)
{
	struct stage *s = *state;
	int before;

	stage_run(s, MS_A_SECOND);
	before = (int)runa_count(s, ROUTE_BALANCES);
	for (int i = 0; i < 5; i++) assert_int_equal(place_and_settle(s, "AMZ-GB", "10.00").status, ORDER_COMPLETED);
	assert_int_equal(runa_count(s, ROUTE_BALANCES), before);
	stage_run(s, 20 * MS_A_SECOND);
	assert_int_equal(runa_count(s, ROUTE_BALANCES), before + 1);
	stage_run(s, MS_A_MINUTE);
	assert_int_equal(runa_count(s, ROUTE_BALANCES), before + 1);
}

static void balances_that_cannot_be_had_do_not_stop_ordering(void **state)
{
	static const struct reply refused = { .status = 403, .type = "forbidden" };
	struct stage *s = *state;

	runa_always_says(s, ROUTE_BALANCES, &refused);
	stage_run(s, 10000);
	assert_int_equal(catalogue_now(s)->balance_count, 0);
	assert_int_equal(place_and_settle(s, "AMZ-GB", "10.00").status, ORDER_COMPLETED);
}

static void a_catalogue_that_is_refused_shows_that_the_set_up_is_wrong(void **state)
{
	static const struct reply refused = { .status = 401, .type = "unauthorized" };
	struct stage *s = *state;
	struct desk_health health;

	runa_always_says(s, ROUTE_PRODUCTS, &refused);
	runa_always_says(s, ROUTE_PING, &refused);
	stage_run(s, 2 * MS_A_MINUTE);
	desk_health(s->desk, &health);
	assert_true(health.is_stopped);
	assert_int_equal(runa_count(s, ROUTE_PRODUCTS), 1);
	runa_always_says(s, ROUTE_PRODUCTS, NULL);
	runa_always_says(s, ROUTE_PING, NULL);
	stage_run(s, 2 * MS_A_MINUTE);
	assert_int_equal(catalogue_now(s)->product_count, 1);
}

static void fetching_pauses_after_a_429_like_everything_else(void **state)
{
	struct stage *s = *state;

	runa_will_say(s, ROUTE_PRODUCTS, TOO_FAST);
	stage_run(s, 5000);
	assert_int_equal(runa_count(s, ROUTE_PRODUCTS), 1);
	stage_run(s, 5000);
	assert_int_equal(catalogue_now(s)->product_count, 1);
}

static void a_page_being_read_keeps_the_snapshot_it_began_with(void **state)
{
	struct stage *s = *state;
	struct catalogue *held;

	stage_run(s, 1000);
	held = catalogue_hold(s->desk);
	will_page(s, PAGE(PRODUCT("A-GB"), "\"A-GB\""));
	will_page(s, END);
	stage_run(s, MS_AN_HOUR + 10000);
	assert_null(catalogue_find(catalogue_now(s), "AMZ-GB"));
	assert_string_equal(catalogue_find(held, "AMZ-GB")->name, "Amazon.co.uk");
	catalogue_drop(held);
}

static void without_room_for_it_the_catalogue_stays_and_is_fetched_again(void **state)
{
	struct stage *s = *state;

	stage_run(s, 1000);
	will_page(s, PAGE(PRODUCT("A-GB"), "\"A-GB\""));
	will_page(s, END);
	faulty_vfs_fail(s->vfs, FAULTY_WRITES, 1, SQLITE_FULL, true);
	stage_run(s, MS_AN_HOUR + 10000);
	assert_non_null(catalogue_find(catalogue_now(s), "AMZ-GB"));
	assert_null(catalogue_find(catalogue_now(s), "A-GB"));
	faulty_vfs_fail(s->vfs, 0, 0, 0, false);
	will_page(s, PAGE(PRODUCT("A-GB"), "\"A-GB\""));
	will_page(s, END);
	stage_run(s, MS_AN_HOUR);
	assert_non_null(catalogue_find(catalogue_now(s), "A-GB"));
}

int main(void)
{
#define ON_STAGE(test) cmocka_unit_test_setup_teardown(test, set_up, stage_tear_down)
	const struct CMUnitTest tests[] = {
		ON_STAGE(at_its_start_the_dispatcher_fetches_what_forms_are_checked_against),
		ON_STAGE(both_are_fetched_again_each_after_its_own_time),
		ON_STAGE(what_was_fetched_is_there_after_a_start_without_runa),
		ON_STAGE(pages_are_put_together_sorted_and_each_product_once),
		ON_STAGE(a_product_that_cannot_be_read_is_left_out_alone),
		ON_STAGE(the_log_says_how_many_were_left_out_on_all_pages),
		cmocka_unit_test(a_catalogue_that_is_bad_leaves_the_last_good_one),
		ON_STAGE(paging_that_never_ends_is_not_read_for_ever),
		ON_STAGE(a_fetch_that_fails_is_tried_again_with_growing_pauses),
		ON_STAGE(after_an_order_was_bought_the_balance_is_asked_for_again_once_for_many),
		ON_STAGE(balances_that_cannot_be_had_do_not_stop_ordering),
		ON_STAGE(a_catalogue_that_is_refused_shows_that_the_set_up_is_wrong),
		ON_STAGE(fetching_pauses_after_a_429_like_everything_else),
		ON_STAGE(a_page_being_read_keeps_the_snapshot_it_began_with),
		ON_STAGE(without_room_for_it_the_catalogue_stays_and_is_fetched_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
