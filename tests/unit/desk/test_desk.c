/* test_desk.c: what the desk's functions share: who waits for news is woken and never hangs, a reload swaps the
 * rules under nobody's hands, and a ledger that cannot be read leaves a desk that says so. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <sqlite3.h>

#include "support/stage.h"

/* ---- waiting for news: a wait that should end and doesn't would last for weeks ------------------------- */

static void news_that_came_before_the_wait_end_it_at_once(void **state)
{
	struct stage *s = *state;
	struct order order = place(s, "AMZ-GB", "10.00");
	uint64_t seen = desk_news(s->desk, order.number);

	settle_order(s, order.number);
	assert_int_not_equal(desk_news(s->desk, order.number), seen);
	desk_wait(s->desk, order.number, seen, INT_MAX);
}

struct waiter {
	struct desk *desk;
	char number[ID_NUMBER_SIZE];
	uint64_t seen;
};

static void *wait_for_news(void *what)
{
	struct waiter *waiter = what;

	desk_wait(waiter->desk, waiter->number, waiter->seen, INT_MAX);
	return NULL;
}

static void who_waits_is_woken_by_the_news_of_that_order(void **state)
{
	struct stage *s = *state;
	struct order order = place(s, "AMZ-GB", "10.00");
	struct waiter waiter = { .desk = s->desk, .seen = desk_news(s->desk, order.number) };
	pthread_t thread;

	memcpy(waiter.number, order.number, sizeof waiter.number);
	assert_int_equal(pthread_create(&thread, NULL, wait_for_news, &waiter), 0);
	settle_order(s, order.number);
	assert_int_equal(pthread_join(thread, NULL), 0);
}

static void without_news_the_wait_ends_by_itself(void **state)
{
	struct stage *s = *state;
	struct order order = place(s, "AMZ-GB", "10.00");
	uint64_t seen = desk_news(s->desk, order.number);

	desk_wait(s->desk, order.number, seen, 1);
	assert_int_equal(desk_news(s->desk, order.number), seen);
}

/* Else a slow upstream would empty the pool of threads. */
static void where_too_many_wait_already_nobody_else_does(void **state)
{
	struct stage *s = *state;
	struct desk *desk;

	s->rules->shared.holders++;
	desk = desk_open(&(struct desk_options){ .ledger = s->ledger, .clock = &s->clock, .chance = &s->chance,
	                                         .link_key = &s->link_key, .rules = s->rules, .most_waiting = 0 });
	desk_wait(desk, "0000000000000000", desk_news(desk, "0000000000000000"), INT_MAX);
	desk_close(desk);
}

/* ---- rules ------------------------------------------------------------------------------------------------ */

static void give_back(struct shared *thing)
{
	free(thing);
}

static void a_reload_swaps_the_rules_and_whoever_holds_the_old_ones_keeps_them(void **state)
{
	struct stage *s = *state;
	struct desk_rules *old = desk_hold_rules(s->desk), *fresh = memory_alloc(sizeof *fresh), *now;
	struct desk_limit limit = { .currency = "GBP", .order_max_minor = 500 };
	struct wish wish = wish_for(s, "AMZ-GB", "10.00");
	struct desk_health health;
	struct order order;

	*fresh = *s->rules;
	shared_begin(&fresh->shared, give_back);
	fresh->limits = &limit;
	fresh->limit_count = 1;
	fresh->environment = RUNA_LIVE;
	desk_use_rules(s->desk, fresh);
	assert_int_equal(post(s, &wish, &order), PLACED_NOT);
	assert_int_equal(old->limit_count, 0);
	now = desk_hold_rules(s->desk);
	assert_ptr_equal(now, fresh);
	desk_health(s->desk, &health);
	assert_int_equal(health.environment, RUNA_LIVE);
	shared_drop(&now->shared);
	shared_drop(&old->shared);
}

/* Placed orders keep what was decided (faults 31). */
static void an_order_that_was_placed_is_sent_as_it_was_under_the_old_rules(void **state)
{
	struct stage *s = *state;
	struct desk_rules *fresh = memory_alloc(sizeof *fresh);
	struct desk_limit limit = { .currency = "GBP", .order_max_minor = 500 };
	struct order order = place(s, "AMZ-GB", "10.00");

	*fresh = *s->rules;
	shared_begin(&fresh->shared, give_back);
	fresh->limits = &limit;
	fresh->limit_count = 1;
	fresh->api_version = "2031-01-01";
	desk_use_rules(s->desk, fresh);
	assert_int_equal(settle_order(s, order.number).status, ORDER_COMPLETED);
	assert_non_null(strstr(runa_request(s, 0), "X-Api-Version: 2024-02-05"));
	stage_holds(s);
}

/* ---- health ------------------------------------------------------------------------------------------------ */

static void the_desk_tells_when_its_dispatcher_was_last_seen(void **state)
{
	struct stage *s = *state;
	struct desk_health health;

	desk_health(s->desk, &health);
	assert_int_equal(health.dispatcher_seen_ms, 0);
	assert_true(health.ledger_is_sound);
	assert_false(health.is_stopped);
	stage_run(s, 5000);
	desk_health(s->desk, &health);
	assert_in_range(s->wall_ms - health.dispatcher_seen_ms, 0, 1);
	assert_int_equal(health.pause_until_ms, 0);
}

static void a_desk_whose_ledger_cannot_be_read_opens_empty_and_orders_nothing(void **state)
{
	struct stage *s = *state;
	struct ledger_options options = { .path = "ledger", .vfs = "desk-stage", .clock = &s->clock, .is_inline = true };
	struct wish wish = wish_for(s, "AMZ-GB", "10.00");
	struct field_errors errors;
	struct catalogue *catalogue;
	struct ledger *ledger;
	struct order order;
	struct desk *desk;

	stage_stop(s);
	ledger = ledger_open(&options, &s->why);
	assert_non_null(ledger);
	faulty_vfs_fail(s->vfs, FAULTY_READS, 1, SQLITE_IOERR_READ, true);
	s->rules->shared.holders++;
	desk = desk_open(&(struct desk_options){ .ledger = ledger, .clock = &s->clock, .chance = &s->chance,
	                                         .link_key = &s->link_key, .rules = s->rules, .most_waiting = 1 });
	assert_true(faulty_vfs_has_failed(s->vfs));
	catalogue = catalogue_hold(desk);
	assert_int_equal(catalogue->product_count, 0);
	assert_int_equal(catalogue->products_fetched_ms, 0);
	catalogue_drop(catalogue);
	assert_int_equal(order_place(desk, s->mem, &wish, &alice, &order, &errors), PLACED_UNSURE);
	desk_close(desk);
	ledger_close(ledger);
	faulty_vfs_fail(s->vfs, 0, 0, 0, false);
	assert_true(stage_start(s));
	assert_int_equal(post(s, &wish, &order), PLACED_NEW);
}

int main(void)
{
#define ON_STAGE(test) cmocka_unit_test_setup_teardown(test, stage_set_up, stage_tear_down)
	const struct CMUnitTest tests[] = {
		ON_STAGE(news_that_came_before_the_wait_end_it_at_once),
		ON_STAGE(who_waits_is_woken_by_the_news_of_that_order),
		ON_STAGE(without_news_the_wait_ends_by_itself),
		ON_STAGE(where_too_many_wait_already_nobody_else_does),
		ON_STAGE(a_reload_swaps_the_rules_and_whoever_holds_the_old_ones_keeps_them),
		ON_STAGE(an_order_that_was_placed_is_sent_as_it_was_under_the_old_rules),
		ON_STAGE(the_desk_tells_when_its_dispatcher_was_last_seen),
		ON_STAGE(a_desk_whose_ledger_cannot_be_read_opens_empty_and_orders_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
