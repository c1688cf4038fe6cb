/* test_sqlite_catalogue.c: what was fetched comes back as it was given, and one fetch replaces another. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sqlite3.h>

#include "support/ledger_stage.h"

static void a_catalogue_comes_back_sorted_with_its_age(void **state)
{
	static int64_t fixed[] = { 500, 1000, INT64_C(999999999999999999) };
	const struct product given[] = {
		{ .code = "b", .name = "<b>&\xe2\x82\xac", .currency = "EUR", .country = "DE",
		  .kind = PRODUCT_SUBSCRIPTION, .is_orderable = true, .state = "LIVE", .fixed_minor = fixed,
		  .fixed_count = 3, .discount_text = "0.0200", .expiry_type = "MONTHS", .expiry_months = 12,
		  .category = "Food" },
		{ .code = "B", .name = "Range", .currency = "JPY", .country = "", .kind = PRODUCT_OTHER,
		  .state = "", .least_minor = 1, .most_minor = 100, .discount_text = "", .expiry_type = "",
		  .category = "" },
	};
	struct ledger_stage *stage = *state;
	struct product *products;
	int64_t fetched;
	size_t count;

	assert_int_equal(ledger_products(stage->ledger, stage->mem, &products, &count, &fetched), LEDGER_NONE);
	assert_int_equal(ledger_put_products(stage->ledger, given, 2, STAGE_NOW), LEDGER_OK);
	ledger_stage_crash(stage, FAULTY_KEEP_SYNCED);
	assert_int_equal(ledger_products(stage->ledger, stage->mem, &products, &count, &fetched), LEDGER_OK);
	assert_int_equal(count, 2);
	assert_true(fetched == STAGE_NOW);
	assert_string_equal(products[0].code, "B");
	assert_int_equal(products[0].fixed_count, 0);
	assert_null(products[0].fixed_minor);
	assert_false(products[0].is_orderable);
	assert_true(products[0].least_minor == 1 && products[0].most_minor == 100);
	assert_int_equal(products[0].kind, PRODUCT_OTHER);
	assert_string_equal(products[1].name, "<b>&\xe2\x82\xac");
	assert_string_equal(products[1].currency, "EUR");
	assert_string_equal(products[1].country, "DE");
	assert_int_equal(products[1].kind, PRODUCT_SUBSCRIPTION);
	assert_true(products[1].is_orderable);
	assert_string_equal(products[1].state, "LIVE");
	assert_int_equal(products[1].fixed_count, 3);
	assert_memory_equal(products[1].fixed_minor, fixed, sizeof fixed);
	assert_string_equal(products[1].discount_text, "0.0200");
	assert_string_equal(products[1].expiry_type, "MONTHS");
	assert_int_equal(products[1].expiry_months, 12);
	assert_string_equal(products[1].category, "Food");
}

static void a_later_catalogue_replaces_the_one_before_and_a_doubled_code_is_one(void **state)
{
	const struct product first[] = { { .code = "a", .name = "A" }, { .code = "b", .name = "B" } };
	const struct product second[] = { { .code = "c", .name = "old" }, { .code = "c", .name = "new" } };
	struct ledger_stage *stage = *state;
	struct product *products;
	int64_t fetched;
	size_t count;

	assert_int_equal(ledger_put_products(stage->ledger, first, 2, STAGE_NOW), LEDGER_OK);
	assert_int_equal(ledger_put_products(stage->ledger, second, 2, STAGE_NOW + 1), LEDGER_OK);
	assert_int_equal(ledger_products(stage->ledger, stage->mem, &products, &count, &fetched), LEDGER_OK);
	assert_int_equal(count, 1);
	assert_string_equal(products[0].name, "new");
	assert_string_equal(products[0].category, "");
	assert_true(fetched == STAGE_NOW + 1);
	assert_int_equal(ledger_put_products(stage->ledger, NULL, 0, STAGE_NOW + 2), LEDGER_OK);
	assert_int_equal(ledger_products(stage->ledger, stage->mem, &products, &count, &fetched), LEDGER_OK);
	assert_int_equal(count, 0);
}

static void a_catalogue_that_has_no_room_leaves_the_one_before(void **state)
{
	const struct product first[] = { { .code = "a", .name = "A" } };
	const struct product second[] = { { .code = "b", .name = "B" } };
	struct ledger_stage *stage = *state;
	struct product *products;
	int64_t fetched;
	size_t count;

	assert_int_equal(ledger_put_products(stage->ledger, first, 1, STAGE_NOW), LEDGER_OK);
	faulty_vfs_fail(stage->vfs, FAULTY_WRITES, 1, SQLITE_FULL, false);
	assert_int_equal(ledger_put_products(stage->ledger, second, 1, STAGE_NOW + 1), LEDGER_FULL);
	assert_int_equal(ledger_products(stage->ledger, stage->mem, &products, &count, &fetched), LEDGER_OK);
	assert_int_equal(count, 1);
	assert_string_equal(products[0].code, "a");
	assert_true(fetched == STAGE_NOW);
}

static void balances_and_facts_come_back(void **state)
{
	const struct balance given[] = { { { -5, "USD" } }, { { 123456, "GBP" } } };
	struct ledger_stage *stage = *state;
	struct balance *balances;
	int64_t fetched;
	size_t count;
	char *value;

	assert_int_equal(ledger_balances(stage->ledger, stage->mem, &balances, &count, &fetched), LEDGER_NONE);
	assert_int_equal(ledger_put_balances(stage->ledger, given, 2, STAGE_NOW), LEDGER_OK);
	assert_int_equal(ledger_balances(stage->ledger, stage->mem, &balances, &count, &fetched), LEDGER_OK);
	assert_int_equal(count, 2);
	assert_string_equal(balances[0].amount.currency, "GBP");
	assert_true(balances[0].amount.minor == 123456 && balances[1].amount.minor == -5);

	assert_int_equal(ledger_fact(stage->ledger, stage->mem, "sending_stopped", &value), LEDGER_NONE);
	assert_int_equal(ledger_put_fact(stage->ledger, "sending_stopped", "unauthorised"), LEDGER_OK);
	assert_int_equal(ledger_put_fact(stage->ledger, "sending_stopped", "forbidden"), LEDGER_OK);
	ledger_stage_crash(stage, FAULTY_KEEP_SYNCED);
	assert_int_equal(ledger_fact(stage->ledger, stage->mem, "sending_stopped", &value), LEDGER_OK);
	assert_string_equal(value, "forbidden");
	assert_int_equal(ledger_put_fact(stage->ledger, "sending_stopped", NULL), LEDGER_OK);
	assert_int_equal(ledger_fact(stage->ledger, stage->mem, "sending_stopped", &value), LEDGER_NONE);
	assert_null(value);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON(open_memory, a_catalogue_comes_back_sorted_with_its_age),
		ON(open_memory, a_later_catalogue_replaces_the_one_before_and_a_doubled_code_is_one),
		ON(open_memory, a_catalogue_that_has_no_room_leaves_the_one_before),
		ON(open_memory, balances_and_facts_come_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
