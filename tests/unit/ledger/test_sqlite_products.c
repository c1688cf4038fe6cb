/* test_sqlite_products.c: what a person ordered lately. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/ledger_stage.h"

/* Order `no` is of this product, and was placed at this moment. */
static void place_of(struct ledger_stage *stage, int no, const char *product, int64_t at_ms)
{
	struct order wish, out;
	struct attempt first;
	const struct ledger_limits limits = { 0, 0 };

	stage_wish(stage, no, &wish, &first);
	wish.product_code = product;
	wish.placed_at_ms = at_ms;
	assert_int_equal(ledger_place(stage->ledger, stage->mem, &wish, &first, &limits, &out), LEDGER_PLACED_NEW);
}

static struct ledger_product_use *products_of(struct ledger_stage *stage, const char *user, size_t *count)
{
	struct ledger_product_use *uses;

	assert_int_equal(ledger_products_of(stage->ledger, stage->mem, user, &uses, count), LEDGER_OK);
	return uses;
}

static void who_never_ordered_has_no_products(void **state)
{
	struct ledger_stage *stage = *state;
	size_t count;

	place_of(stage, 1, "A", STAGE_NOW);
	(void)products_of(stage, "nobody", &count);
	assert_int_equal(count, 0);
}

static void the_last_one_comes_first_and_then_the_most_frequent(void **state)
{
	static const char *const placed[] = { "A", "B", "B", "B", "C", "C", "D" };
	struct ledger_stage *stage = *state;
	struct ledger_product_use *uses;
	size_t count;

	for (int i = 0; i < (int)COUNT_OF(placed); i++)
		place_of(stage, i + 1, placed[i], STAGE_NOW + i);
	uses = products_of(stage, "alice", &count);
	assert_int_equal(count, 4);
	assert_string_equal(uses[0].code, "D");
	assert_string_equal(uses[1].code, "B");
	assert_int_equal(uses[1].orders, 3);
	assert_int_equal(uses[1].last_at_ms, STAGE_NOW + 3);
	assert_string_equal(uses[2].code, "C");
	assert_string_equal(uses[3].code, "A");
}

static void no_more_than_the_last_two_hundred_orders_count(void **state)
{
	struct ledger_stage *stage = *state;
	struct ledger_product_use *uses;
	size_t count;

	for (int i = 1; i <= 205; i++)
		place_of(stage, i, i <= 5 ? "OLD" : "NEW", STAGE_NOW + i);
	uses = products_of(stage, "alice", &count);
	assert_int_equal(count, 1);
	assert_string_equal(uses[0].code, "NEW");
	assert_int_equal(uses[0].orders, 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON(open_memory, who_never_ordered_has_no_products),
		ON(open_memory, the_last_one_comes_first_and_then_the_most_frequent),
		ON(open_memory, no_more_than_the_last_two_hundred_orders_count),
		ON(open_disk, the_last_one_comes_first_and_then_the_most_frequent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
