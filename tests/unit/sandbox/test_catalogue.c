/* test_catalogue.c: the same products every time, sorted, and what can be ordered of each. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sodium.h>
#include <string.h>

#include "sandbox/catalogue.h"

static struct settings settings;
static struct catalogue catalogue;

static void make(int64_t products)
{
	settings_begin(&settings);
	settings.products = products;
	catalogue_begin(&catalogue, &settings);
}

static void give_back(void)
{
	catalogue_end(&catalogue);
	settings_end(&settings);
}

static bool takes(const char *code, int64_t minor)
{
	const struct offered *offered = catalogue_look_up(&catalogue, code);

	assert_non_null(offered);
	return offering_takes(offered, minor);
}

static void any_number_of_products_is_sorted_and_findable(void **state)
{
	static const int64_t sizes[] = { 0, 1, 64, 5000 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		make(sizes[i]);
		assert_int_equal(catalogue.count, sizes[i]);
		for (size_t at = 0; at < catalogue.count; at++) {
			const char *code = catalogue.list[at].code;

			assert_ptr_equal(catalogue_look_up(&catalogue, code)->offering, &catalogue.list[at]);
			assert_int_equal(catalogue_behind(&catalogue, code), at + 1);
			if (at)
				assert_true(strcmp(catalogue.list[at - 1].code, code) < 0);
		}
		give_back();
	}
}

static void every_value_is_an_amount_of_its_currency(void **state)
{
	(void)state;
	make(2000);
	for (size_t at = 0; at < catalogue.count; at++) {
		const struct offering *offering = &catalogue.list[at];

		assert_true(offering->value_count > 0 || offering->plan_count > 0);
		for (size_t i = 0; i < offering->value_count; i++)
			assert_true(offering->values_minor[i] > 0);
		for (size_t i = 0; i < offering->plan_count; i++)
			assert_true(offering->plans[i].price_minor > 0);
		if (!offering->is_fixed)
			assert_int_equal(offering->value_count, 2);
	}
	give_back();
}

static void fixed_open_and_plans_take_what_they_say(void **state)
{
	(void)state;
	make(64);
	assert_true(takes("XYZ-US", 1295));
	assert_false(takes("XYZ-US", 1296));
	assert_true(takes("AMZ-GB", 100));
	assert_true(takes("AMZ-GB", 50000));
	assert_false(takes("AMZ-GB", 99));
	assert_false(takes("AMZ-GB", 50001));
	assert_true(takes("SUS-JP", 1000)); /* yen have no decimals */
	assert_true(takes("STR-GB-1M", 999));
	assert_false(takes("STR-GB-1M", 1000));
	assert_false(takes("STR-GB", 999));
	give_back();
}

static void a_withdrawn_product_is_shown_but_not_orderable(void **state)
{
	struct arena *mem = arena_open();
	struct json_object *change = json_keep(mem, json_tokener_parse("{\"withdrawn\":[\"AMZ-GB\"]}"));
	struct problem why;

	(void)state;
	settings_begin(&settings);
	assert_true(settings_change(&settings, mem, change, &why));
	catalogue_begin(&catalogue, &settings);
	assert_false(catalogue_look_up(&catalogue, "AMZ-GB")->offering->is_orderable);
	assert_non_null(strstr(catalogue_look_up(&catalogue, "AMZ-GB")->offering->json, "\"is_orderable\":false"));
	assert_true(catalogue_look_up(&catalogue, "ABC-GB")->offering->is_orderable);
	give_back();
	arena_close(mem);
}

static void a_wrong_setting_changes_nothing(void **state)
{
	static const char *const wrong[] = {
		"[]", "{\"nope\":1}", "{\"funds\":true,\"products\":-1}", "{\"funds\":true,\"balances\":{\"XXX\":\"1\"}}",
		"{\"funds\":true,\"balances\":{\"GBP\":\"1.001\"}}", "{\"funds\":true,\"in_progress_as\":200}",
		"{\"funds\":true,\"api_key\":\"\"}", "{\"withdrawn\":[\"A\"],\"validation_style\":\"x\"}",
	};
	struct arena *mem = arena_open();
	struct problem why;

	(void)state;
	settings_begin(&settings);
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		assert_false(settings_change(&settings, mem, json_keep(mem, json_tokener_parse(wrong[i])), &why));
		assert_false(settings.funds);
		assert_int_equal(settings.withdrawn_count, 0);
	}
	settings_end(&settings);
	arena_close(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_number_of_products_is_sorted_and_findable),
		cmocka_unit_test(every_value_is_an_amount_of_its_currency),
		cmocka_unit_test(fixed_open_and_plans_take_what_they_say),
		cmocka_unit_test(a_withdrawn_product_is_shown_but_not_orderable),
		cmocka_unit_test(a_wrong_setting_changes_nothing),
	};

	return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
