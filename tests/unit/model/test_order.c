/* test_order.c: the words of an order, and when two wishes are the same. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "model/order.h"

static void statuses_have_the_names_of_the_contract_and_are_found_by_them(void **state)
{
	static const char *const names[] = {
		"awaiting_approval", "placing", "completed", "failed", "rejected", "needs_attention",
	};

	(void)state;
	assert_int_equal(COUNT_OF(names), ORDER_STATUSES);
	for (int i = 0; i < ORDER_STATUSES; i++) {
		enum order_status found = ORDER_STATUSES;

		assert_string_equal(order_status_name((enum order_status)i), names[i]);
		assert_true(order_status_from_name(names[i], &found));
		assert_int_equal(found, i);
	}
}

static void distributions_have_the_names_of_the_form(void **state)
{
	enum distribution found = DISTRIBUTION_EMAIL;

	(void)state;
	assert_string_equal(order_distribution_name(DISTRIBUTION_LINK), "PAYOUT_LINK");
	assert_string_equal(order_distribution_name(DISTRIBUTION_EMAIL), "EMAIL");
	assert_true(order_distribution_from_name("PAYOUT_LINK", &found));
	assert_int_equal(found, DISTRIBUTION_LINK);
	assert_true(order_distribution_from_name("EMAIL", &found));
	assert_int_equal(found, DISTRIBUTION_EMAIL);
}

static void money_moved_yes_no_or_unknown(void **state)
{
	static const char *const names[] = { "no", "yes", "unknown" };

	(void)state;
	for (int i = 0; i < 3; i++) {
		enum money_moved found = (enum money_moved)((i + 1) % 3);

		assert_string_equal(order_money_moved_name((enum money_moved)i), names[i]);
		assert_true(order_money_moved_from_name(names[i], &found));
		assert_int_equal(found, i);
	}
}

static void unknown_names_are_refused_and_leave_the_result_alone(void **state)
{
	static const char *const wrong[] = {
		NULL, "", "Completed", "completed ", "link", "email", "maybe", "RECIPIENT",
	};
	enum order_status status = ORDER_FAILED;
	enum distribution distribution = DISTRIBUTION_EMAIL;
	enum money_moved moved = MONEY_MOVED_UNKNOWN;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		assert_false(order_status_from_name(wrong[i], &status));
		assert_false(order_distribution_from_name(wrong[i], &distribution));
		assert_false(order_money_moved_from_name(wrong[i], &moved));
	}
	assert_int_equal(status, ORDER_FAILED);
	assert_int_equal(distribution, DISTRIBUTION_EMAIL);
	assert_int_equal(moved, MONEY_MOVED_UNKNOWN);
}

static void an_order_is_open_until_its_final_word(void **state)
{
	static const bool wanted[ORDER_STATUSES] = {
		[ORDER_AWAITING_APPROVAL] = true, [ORDER_PLACING] = true, [ORDER_NEEDS_ATTENTION] = true,
	};

	(void)state;
	for (int i = 0; i < ORDER_STATUSES; i++)
		assert_int_equal(order_is_open((enum order_status)i), wanted[i]);
}

static struct order wish(void)
{
	return (struct order){
		.product_code = "AMZ-GB",
		.product_name = "Amazon",
		.face_value = money_of(1000, "GBP"),
		.distribution = DISTRIBUTION_EMAIL,
		.email = "a@b.c",
		.description = "thanks",
		.placed_by = "ann",
	};
}

static void the_content_is_the_same_word_for_word_or_it_is_not(void **state)
{
	struct order one = wish(), other[8];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(other); i++)
		other[i] = wish();
	assert_true(order_same_content(&one, &other[0]));
	other[0].product_code = "AMZ-DE";
	other[1].face_value.minor = 1001;
	other[2].face_value = money_of(1000, "EUR");
	other[3].distribution = DISTRIBUTION_LINK;
	other[4].email = "A@b.c";
	other[5].email = NULL;
	other[6].description = "Thanks";
	other[7].description = NULL;
	for (size_t i = 0; i < COUNT_OF(other); i++) {
		assert_false(order_same_content(&one, &other[i]));
		assert_false(order_same_content(&other[i], &one));
	}
}

static void what_is_not_of_the_wish_does_not_count(void **state)
{
	struct order one = wish(), other = wish();

	(void)state;
	other.product_name = "Amazon.co.uk"; /* the catalogue may rename between two clicks */
	other.placed_by = "bob";
	other.placed_at_ms = 5;
	other.status = ORDER_FAILED;
	other.price = money_of(980, "GBP");
	assert_true(order_same_content(&one, &other));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(statuses_have_the_names_of_the_contract_and_are_found_by_them),
		cmocka_unit_test(distributions_have_the_names_of_the_form),
		cmocka_unit_test(money_moved_yes_no_or_unknown),
		cmocka_unit_test(unknown_names_are_refused_and_leave_the_result_alone),
		cmocka_unit_test(an_order_is_open_until_its_final_word),
		cmocka_unit_test(the_content_is_the_same_word_for_word_or_it_is_not),
		cmocka_unit_test(what_is_not_of_the_wish_does_not_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
