/* test_store.c: an order is made once for a key, and a key lives thirty days. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/store.h"

static const int64_t NOW = INT64_C(1770000000000);

struct stage {
	struct store store;
	struct arena *mem;
	struct keyed *keyed;
};

static int begin(void **state)
{
	struct stage *stage;

	if (sodium_init() < 0)
		return -1;
	stage = memory_alloc(sizeof *stage);
	store_begin(&stage->store);
	stage->mem = arena_open();
	*state = stage;
	return 0;
}

static int end(void **state)
{
	struct stage *stage = *state;

	store_end(&stage->store);
	arena_close(stage->mem);
	free(stage);
	return 0;
}

static enum keyed_as ask(struct stage *stage, const char *key, const char *body, int64_t now_ms, uint64_t number)
{
	return store_key_ask(&stage->store, key, body, strlen(body), now_ms, number, &stage->keyed);
}

static void answer(struct stage *stage, const char *key, uint64_t number, const char *body)
{
	struct answer answer = { 0 };

	answer_text(&answer, stage->mem, 200, body);
	fields_add(&answer.headers, stage->mem, "X-Send-Email", "true");
	store_key_answer(&stage->store, key, number, &answer);
}

static void the_same_bytes_bring_the_same_answer(void **state)
{
	struct stage *stage = *state;

	assert_int_equal(ask(stage, "k", "{}", NOW, 1), KEYED_NEW);
	answer(stage, "k", 1, "{\"id\":1}");
	arena_clear(stage->mem); /* nothing of the request is needed any more */
	assert_int_equal(ask(stage, "k", "{}", NOW, 2), KEYED_REPLAY);
	assert_int_equal(stage->keyed->answer.status, 200);
	assert_string_equal(stage->keyed->answer.body, "{\"id\":1}");
	assert_string_equal(fields_get(&stage->keyed->answer.headers, "X-Send-Email"), "true");
	assert_int_equal(stage->store.replays, 1);
}

static void other_bytes_are_refused_while_running_and_after(void **state)
{
	struct stage *stage = *state;

	assert_int_equal(ask(stage, "k", "{}", NOW, 1), KEYED_NEW);
	assert_int_equal(ask(stage, "k", "{ }", NOW, 2), KEYED_OTHERWISE);
	answer(stage, "k", 1, "x");
	assert_int_equal(ask(stage, "k", "{ }", NOW, 3), KEYED_OTHERWISE);
	assert_int_equal(ask(stage, "k", "", NOW, 4), KEYED_OTHERWISE);
}

static void a_repeat_before_the_answer_is_in_progress(void **state)
{
	struct stage *stage = *state;

	assert_int_equal(ask(stage, "k", "{}", NOW, 1), KEYED_NEW);
	assert_int_equal(ask(stage, "k", "{}", NOW, 2), KEYED_RUNNING);
	answer(stage, "k", 2, "not the one who holds it");
	assert_int_equal(ask(stage, "k", "{}", NOW, 3), KEYED_RUNNING);
	answer(stage, "k", 1, "x");
	assert_int_equal(ask(stage, "k", "{}", NOW, 4), KEYED_REPLAY);
}

static void an_answer_that_is_not_kept_leaves_the_key_new(void **state)
{
	struct stage *stage = *state;

	assert_int_equal(ask(stage, "k", "{}", NOW, 1), KEYED_NEW);
	store_key_answer(&stage->store, "k", 1, NULL);
	assert_int_equal(ask(stage, "k", "{ }", NOW, 2), KEYED_NEW);
}

static void after_thirty_days_a_key_is_forgotten(void **state)
{
	struct stage *stage = *state;

	assert_int_equal(ask(stage, "k", "{}", NOW, 1), KEYED_NEW);
	answer(stage, "k", 1, "x");
	assert_int_equal(ask(stage, "k", "{}", NOW + STORE_KEY_LIFE_MS - 1, 2), KEYED_REPLAY);
	assert_int_equal(ask(stage, "k", "{}", NOW + STORE_KEY_LIFE_MS, 3), KEYED_NEW);
}

static void an_order_is_found_by_id_and_completes_in_time(void **state)
{
	struct stage *stage = *state;
	struct order *order = store_new_order(&stage->store, 2, NOW);

	order->done_ms = NOW + 1000;
	order->outcome = ORDER_COMPLETED;
	assert_null(store_find_order(&stage->store, order->id, NOW));
	store_add_order(&stage->store, order);
	assert_int_equal(stage->store.orders_made, 1);
	assert_int_equal(strlen(order->id), 28);
	assert_int_equal(store_find_order(&stage->store, order->id, NOW + 999)->state, ORDER_PROCESSING);
	assert_int_equal(store_find_order(&stage->store, order->id, NOW + 1000)->state, ORDER_COMPLETED);
	assert_int_equal(order->items[1].payout_at_ms, NOW + 1000);
	assert_string_not_equal(order->items[0].link, order->items[1].link);
}

static void ten_thousand_orders_are_all_found(void **state)
{
	struct stage *stage = *state;

	for (int i = 0; i < 10000; i++)
		store_add_order(&stage->store, store_new_order(&stage->store, 1, NOW + i));
	for (size_t i = 0; i < 10000; i++) {
		struct order *order = stage->store.orders[i];

		assert_int_equal(order->place, i);
		assert_ptr_equal(store_find_order(&stage->store, order->id, NOW), order);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_same_bytes_bring_the_same_answer, begin, end),
		cmocka_unit_test_setup_teardown(other_bytes_are_refused_while_running_and_after, begin, end),
		cmocka_unit_test_setup_teardown(a_repeat_before_the_answer_is_in_progress, begin, end),
		cmocka_unit_test_setup_teardown(an_answer_that_is_not_kept_leaves_the_key_new, begin, end),
		cmocka_unit_test_setup_teardown(after_thirty_days_a_key_is_forgotten, begin, end),
		cmocka_unit_test_setup_teardown(an_order_is_found_by_id_and_completes_in_time, begin, end),
		cmocka_unit_test_setup_teardown(ten_thousand_orders_are_all_found, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
