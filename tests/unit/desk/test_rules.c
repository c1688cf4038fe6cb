/* test_rules.c: what may be ordered: each rule, and its near miss. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/sizes.h"
#include "desk/rules.h"

/* Sorted by code, as a catalogue is. */
static int64_t fixed[] = { 1000, 2500, 5000 };
static struct product products[] = {
	{ .code = "AMZ-GB", .name = "Amazon.co.uk", .currency = "GBP", .is_orderable = true, .least_minor = 100,
	  .most_minor = 50000 },
	{ .code = "BIG-GB", .name = "No most", .currency = "GBP", .is_orderable = true, .least_minor = 100 },
	{ .code = "DIN-KW", .name = "Dinar", .currency = "KWD", .is_orderable = true, .least_minor = 1 },
	{ .code = "NEW-XX", .name = "Tomorrow's money", .currency = "XQQ", .is_orderable = true, .least_minor = 1 },
	{ .code = "OFF-GB", .name = "Off", .currency = "GBP", .least_minor = 100, .most_minor = 50000 },
	{ .code = "QUO-JP", .name = "Quo", .currency = "JPY", .is_orderable = true, .least_minor = 100,
	  .most_minor = 10000 },
	{ .code = "TES-GB", .name = "Tesco", .currency = "GBP", .is_orderable = true, .fixed_minor = fixed,
	  .fixed_count = 3, .least_minor = 1000, .most_minor = 5000 },
};
static struct balance balances[] = {
	{ { 1, "GBP" } }, { { 1, "JPY" } }, { { 1, "KWD" } }, { { 1, "XQQ" } },
};
static struct catalogue catalogue;
static struct desk_rules rules;

static struct arena *mem;
static struct order order;
static struct field_errors errors;

static int begin(void **state)
{
	(void)state;
	mem = arena_open();
	catalogue = (struct catalogue){ .products = products, .product_count = COUNT_OF(products),
	                                .balances = balances, .balance_count = COUNT_OF(balances) };
	rules = (struct desk_rules){ .limits = NULL };
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_close(mem);
	return 0;
}

/* A wish that every rule says yes to. */
static struct wish right(void)
{
	return (struct wish){ .form_key = "k", .product = "AMZ-GB", .face_value = "10.00", .currency = "GBP",
	                      .distribution = "PAYOUT_LINK" };
}

static bool check(struct wish wish)
{
	memset(&order, 0, sizeof order);
	return rules_check(&catalogue, &rules, mem, &wish, &order, &errors);
}

static struct wish with_value(const char *product, const char *currency, const char *value)
{
	struct wish wish = right();

	wish.product = product;
	wish.currency = currency;
	wish.face_value = value;
	return wish;
}

/* This rule says no, and no other. */
static const struct field_error *only(struct wish wish, const char *field, enum rule rule)
{
	assert_false(check(wish));
	assert_int_equal(errors.count, 1);
	assert_string_equal(errors.lines[0].field, field);
	assert_int_equal(errors.lines[0].rule, rule);
	return &errors.lines[0];
}

static void yes(struct wish wish)
{
	if (!check(wish)) fail_msg("%s: rule %d", errors.lines[0].field, (int)errors.lines[0].rule);
	assert_int_equal(errors.count, 0);
}

static void a_right_wish_becomes_an_order(void **state)
{
	struct wish wish = right();

	(void)state;
	wish.distribution = "EMAIL";
	wish.email = " ada@example.org ";
	wish.description = "  prize for May ";
	wish.product = " AMZ-GB ";
	yes(wish);
	assert_string_equal(order.product_code, "AMZ-GB");
	assert_string_equal(order.product_name, "Amazon.co.uk");
	assert_int_equal(order.face_value.minor, 1000);
	assert_string_equal(order.face_value.currency, "GBP");
	assert_int_equal(order.distribution, DISTRIBUTION_EMAIL);
	assert_string_equal(order.email, "ada@example.org");
	assert_string_equal(order.description, "prize for May");
}

static void a_link_has_no_recipient_and_needs_no_description(void **state)
{
	(void)state;
	yes(right());
	assert_int_equal(order.distribution, DISTRIBUTION_LINK);
	assert_null(order.email);
	assert_null(order.description);
}

/* ---- the product ----------------------------------------------------------------------------- */

static void a_product_must_be_chosen(void **state)
{
	struct wish wish = right();

	(void)state;
	wish.product = NULL;
	only(wish, "product", RULE_PRODUCT_MISSING);
	wish.product = " \t";
	only(wish, "product", RULE_PRODUCT_MISSING);
}

static void a_product_must_be_known_and_its_code_exact(void **state)
{
	struct wish wish = right();
	static const char *const unknown[] = { "AMZ-G", "AMZ-GBP", "amz-gb", "ZZZ", "AMZ-GB,TES-GB" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(unknown); i++) {
		wish.product = unknown[i];
		assert_null(only(wish, "product", RULE_PRODUCT_UNKNOWN)->product);
	}
}

static void a_product_that_runa_does_not_sell_now_is_refused_by_name(void **state)
{
	struct wish wish = right();

	(void)state;
	wish.product = "OFF-GB";
	assert_string_equal(only(wish, "product", RULE_PRODUCT_NOT_ORDERABLE)->product->name, "Off");
}

static void nothing_can_be_ordered_from_an_empty_catalogue(void **state)
{
	(void)state;
	catalogue.product_count = 0;
	only(right(), "product", RULE_CATALOGUE_EMPTY);
}

/* ---- the face value ---------------------------------------------------------------------------- */

static void a_face_value_must_be_there(void **state)
{
	(void)state;
	only(with_value("AMZ-GB", "GBP", NULL), "face_value", RULE_VALUE_MISSING);
	only(with_value("AMZ-GB", "GBP", ""), "face_value", RULE_VALUE_MISSING);
	only(with_value("AMZ-GB", "GBP", "  "), "face_value", RULE_VALUE_MISSING);
}

static void only_plain_decimal_numbers_are_amounts(void **state)
{
	static const char *const texts[] = { "1e3", "0x10", "-10", "-0", "+10", ".5", "5.", "ten",
		                             "10.00.00", "NaN", "inf", "\xd9\xa1\xd9\xa0", "10 GBP", "010" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++)
		only(with_value("AMZ-GB", "GBP", texts[i]), "face_value", RULE_VALUE_NOT_A_NUMBER);
	yes(with_value("AMZ-GB", "GBP", " 10 "));
	yes(with_value("AMZ-GB", "GBP", "10.5"));
	assert_int_equal(order.face_value.minor, 1050);
}

static void groups_are_taken_where_they_are_unambiguous(void **state)
{
	(void)state;
	yes(with_value("BIG-GB", "GBP", "1,000.00"));
	assert_int_equal(order.face_value.minor, 100000);
}

static void one_comma_or_blank_is_asked_about(void **state)
{
	static const struct { const char *typed, *reading; } cases[] = {
		{ "10,00", "10.00" }, { "1 000", "1000" }, { "0,5", "0.5" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_string_equal(only(with_value("AMZ-GB", "GBP", cases[i].typed), "face_value", RULE_VALUE_UNSURE)->reading,
		                    cases[i].reading);
	/* what would be refused again isn't suggested */
	only(with_value("AMZ-GB", "GBP", "1,2345"), "face_value", RULE_VALUE_NOT_A_NUMBER);
	only(with_value("QUO-JP", "JPY", "10,5"), "face_value", RULE_VALUE_NOT_A_NUMBER);
}

static void what_can_be_read_in_two_ways_is_asked_about_with_both(void **state)
{
	const struct field_error *error;

	(void)state;
	error = only(with_value("AMZ-GB", "GBP", "1.234"), "face_value", RULE_VALUE_TWO_READINGS);
	assert_string_equal(error->reading, "1234");
	assert_string_equal(error->other_reading, "1.234");
	assert_int_equal(error->decimals, 2);
	only(with_value("AMZ-GB", "GBP", "1,234"), "face_value", RULE_VALUE_TWO_READINGS);
	only(with_value("AMZ-GB", "GBP", "10.001"), "face_value", RULE_VALUE_TWO_READINGS);
	only(with_value("AMZ-GB", "GBP", "10.000"), "face_value", RULE_VALUE_TWO_READINGS);
	assert_int_equal(only(with_value("QUO-JP", "JPY", "1.000"), "face_value", RULE_VALUE_TWO_READINGS)->decimals, 0);
}

static void more_decimals_than_the_currency_has_are_refused(void **state)
{
	(void)state;
	assert_int_equal(only(with_value("AMZ-GB", "GBP", "10.0001"), "face_value", RULE_VALUE_TOO_PRECISE)->decimals, 2);
	assert_int_equal(only(with_value("AMZ-GB", "GBP", "0.001"), "face_value", RULE_VALUE_TOO_PRECISE)->decimals, 2);
	assert_int_equal(only(with_value("QUO-JP", "JPY", "1000.0"), "face_value", RULE_VALUE_TOO_PRECISE)->decimals, 0);
	/* three decimals by ISO 4217, and Runa takes two at most */
	assert_int_equal(only(with_value("DIN-KW", "KWD", "1.0050"), "face_value", RULE_VALUE_TOO_PRECISE)->decimals, 2);
}

static void yen_have_no_decimals_and_dinars_have_runas_two(void **state)
{
	(void)state;
	yes(with_value("QUO-JP", "JPY", "1000"));
	assert_int_equal(order.face_value.minor, 1000);
	yes(with_value("DIN-KW", "KWD", "1.05"));
	assert_int_equal(order.face_value.minor, 105);
}

static void a_currency_that_we_do_not_know_has_two_decimals(void **state)
{
	(void)state;
	yes(with_value("NEW-XX", "XQQ", "1.05"));
	assert_int_equal(order.face_value.minor, 105);
	only(with_value("NEW-XX", "XQQ", "1.0050"), "face_value", RULE_VALUE_TOO_PRECISE);
}

static void an_amount_that_does_not_fit_is_too_large(void **state)
{
	(void)state;
	only(with_value("BIG-GB", "GBP", "1000000000000000000000000000000"), "face_value", RULE_VALUE_TOO_LARGE);
	yes(with_value("BIG-GB", "GBP", "1000000"));
}

static void zero_is_no_amount(void **state)
{
	(void)state;
	only(with_value("AMZ-GB", "GBP", "0"), "face_value", RULE_VALUE_ZERO);
	only(with_value("TES-GB", "GBP", "0.00"), "face_value", RULE_VALUE_ZERO);
}

static void a_fixed_list_is_the_list_and_nothing_between(void **state)
{
	static const char *const not_there[] = { "9.99", "10.01", "20", "24.99", "50.01", "1000", "0.01" };
	static const char *const there[] = { "10", "25.0", "50.00" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(not_there); i++)
		assert_string_equal(
			only(with_value("TES-GB", "GBP", not_there[i]), "face_value", RULE_VALUE_NOT_IN_LIST)->product->code,
			"TES-GB");
	for (size_t i = 0; i < COUNT_OF(there); i++) yes(with_value("TES-GB", "GBP", there[i]));
}

static void a_range_includes_both_its_ends(void **state)
{
	const struct field_error *error;

	(void)state;
	yes(with_value("AMZ-GB", "GBP", "1.00"));
	yes(with_value("AMZ-GB", "GBP", "500.00"));
	error = only(with_value("AMZ-GB", "GBP", "0.99"), "face_value", RULE_VALUE_BELOW_RANGE);
	assert_int_equal(error->least.minor, 100);
	assert_string_equal(error->least.currency, "GBP");
	error = only(with_value("AMZ-GB", "GBP", "500.01"), "face_value", RULE_VALUE_ABOVE_RANGE);
	assert_int_equal(error->most.minor, 50000);
}

static void the_house_has_a_limit_of_its_own_for_one_order(void **state)
{
	struct desk_limit limits[] = { { .currency = "EUR", .order_max_minor = 1 },
		                       { .currency = "GBP", .order_max_minor = 2500 } };
	const struct field_error *error;

	(void)state;
	rules.limits = limits;
	rules.limit_count = 2;
	yes(with_value("AMZ-GB", "GBP", "25.00"));
	error = only(with_value("AMZ-GB", "GBP", "25.01"), "face_value", RULE_VALUE_ABOVE_LIMIT);
	assert_int_equal(error->most.minor, 2500);
	only(with_value("TES-GB", "GBP", "50"), "face_value", RULE_VALUE_ABOVE_LIMIT);
	yes(with_value("QUO-JP", "JPY", "10000")); /* no limit in yen */
	limits[1].order_max_minor = 0;
	yes(with_value("AMZ-GB", "GBP", "500.00"));
}

static void a_value_is_read_even_where_the_product_is_not_known(void **state)
{
	(void)state;
	assert_false(check(with_value("ZZZ", "GBP", "ten")));
	assert_int_equal(errors.count, 2);
	assert_int_equal(errors.lines[1].rule, RULE_VALUE_NOT_A_NUMBER);
	/* how many decimals it may have, and how much it may be, isn't known */
	assert_false(check(with_value("ZZZ", "GBP", "1.0001")));
	assert_int_equal(errors.count, 1);
	assert_false(check(with_value("ZZZ", "GBP", "0")));
	assert_int_equal(errors.count, 1);
}

/* ---- the balance's currency ---------------------------------------------------------------------- */

static void a_currency_must_be_chosen_and_be_three_capitals(void **state)
{
	struct wish wish = right();
	static const char *const unknown[] = { "gbp", "GB", "GBPX", "G P", "12£" };

	(void)state;
	wish.currency = NULL;
	only(wish, "currency", RULE_CURRENCY_MISSING);
	wish.currency = " ";
	only(wish, "currency", RULE_CURRENCY_MISSING);
	for (size_t i = 0; i < COUNT_OF(unknown); i++) {
		wish.currency = unknown[i];
		only(wish, "currency", RULE_CURRENCY_UNKNOWN);
	}
}

static void another_balance_would_silently_cost_foreign_exchange(void **state)
{
	struct wish wish = right();

	(void)state;
	wish.currency = "JPY";
	assert_string_equal(only(wish, "currency", RULE_CURRENCY_DIFFERS)->product->currency, "GBP");
}

static void a_currency_without_a_balance_is_refused_once_balances_are_known(void **state)
{
	(void)state;
	catalogue.balances = balances + 1;
	catalogue.balance_count = COUNT_OF(balances) - 1;
	only(right(), "currency", RULE_CURRENCY_NO_BALANCE);
	catalogue.balance_count = 0; /* none fetched yet: Runa will say */
	yes(right());
}

/* ---- who gets it -------------------------------------------------------------------------------- */

static void a_way_of_distribution_must_be_chosen_from_runas_two(void **state)
{
	struct wish wish = right();

	(void)state;
	wish.distribution = NULL;
	only(wish, "distribution", RULE_DISTRIBUTION_MISSING);
	wish.distribution = "";
	only(wish, "distribution", RULE_DISTRIBUTION_MISSING);
	wish.distribution = "SMS";
	only(wish, "distribution", RULE_DISTRIBUTION_UNKNOWN);
	wish.distribution = "email";
	only(wish, "distribution", RULE_DISTRIBUTION_UNKNOWN);
}

static void mail_needs_an_address_that_reads_as_one(void **state)
{
	struct wish wish = right();
	static const char *const invalid[] = { "ada", "ada@", "@example.org", "a b@example.org",
	                                       "ada@example.org,bob@example.org" };
	/* Nothing is wrong to the eye: so it is said. */
	static const char *const unseen[] = { "ada@ex\nample.org", "ada@example.org\xe2\x80\x8b" };

	(void)state;
	wish.distribution = "EMAIL";
	only(wish, "email", RULE_EMAIL_MISSING);
	wish.email = "  ";
	only(wish, "email", RULE_EMAIL_MISSING);
	for (size_t i = 0; i < COUNT_OF(invalid); i++) {
		wish.email = invalid[i];
		only(wish, "email", RULE_EMAIL_INVALID);
	}
	for (size_t i = 0; i < COUNT_OF(unseen); i++) {
		wish.email = unseen[i];
		only(wish, "email", RULE_EMAIL_UNPRINTABLE);
	}
	wish.email = "ada@example.org";
	yes(wish);
}

static void an_address_beside_a_link_is_asked_about(void **state)
{
	struct wish wish = right();

	(void)state;
	wish.email = "ada@example.org";
	only(wish, "email", RULE_EMAIL_UNWANTED);
	wish.email = "  ";
	yes(wish);
}

/* ---- the description ------------------------------------------------------------------------------ */

static char *times(const char *letter, int count)
{
	size_t bytes = strlen(letter);
	char *text = arena_alloc(mem, (size_t)count * bytes + 1);

	for (int i = 0; i < count; i++) memcpy(text + (size_t)i * bytes, letter, bytes);
	return text;
}

static void a_description_has_at_most_100_characters_whatever_their_bytes(void **state)
{
	struct wish wish = right();

	(void)state;
	wish.description = times("x", SIZE_DESCRIPTION);
	yes(wish);
	wish.description = times("x", SIZE_DESCRIPTION + 1);
	only(wish, "description", RULE_DESCRIPTION_TOO_LONG);
	wish.description = times("\xc3\xa4", SIZE_DESCRIPTION);
	yes(wish);
	wish.description = times("\xc3\xa4", SIZE_DESCRIPTION + 1);
	only(wish, "description", RULE_DESCRIPTION_TOO_LONG);
	wish.description = times("\xf0\x9f\x8e\x81", SIZE_DESCRIPTION);
	yes(wish);
}

static void a_description_is_one_line_of_whole_characters(void **state)
{
	struct wish wish = right();
	static const char *const wrong[] = { "a\nb", "a\x01" "b", "a\x7f" "b", "a\xc2\x85" "b",
	                                     "for \xe2\x80\xae" "eciLA", "\xe2\x81\xa6" "for Bob\xe2\x81\xa9" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		wish.description = wrong[i];
		only(wish, "description", RULE_DESCRIPTION_UNPRINTABLE);
	}
	wish.description = "a 'quote', a <tag> & an \"end\" – all fine";
	yes(wish);
}

/* ---- all at once ------------------------------------------------------------------------------------ */

static void every_field_has_its_say_in_the_forms_order_and_only_once(void **state)
{
	struct wish wish = { .product = "ZZZ", .face_value = "x", .currency = "?", .distribution = "?",
		             .description = times("x", 101) };
	static const char *const fields[] = { "product", "face_value", "currency", "distribution", "description" };

	(void)state;
	assert_false(check(wish));
	assert_int_equal(errors.count, COUNT_OF(fields));
	for (size_t i = 0; i < COUNT_OF(fields); i++) assert_string_equal(errors.lines[i].field, fields[i]);
}

static void an_empty_form_is_told_all_it_lacks(void **state)
{
	struct wish wish = { .form_key = "k" };
	static const enum rule lacks[] = { RULE_PRODUCT_MISSING, RULE_VALUE_MISSING, RULE_CURRENCY_MISSING,
		                           RULE_DISTRIBUTION_MISSING };

	(void)state;
	assert_false(check(wish));
	assert_int_equal(errors.count, COUNT_OF(lacks));
	for (size_t i = 0; i < COUNT_OF(lacks); i++) assert_int_equal(errors.lines[i].rule, lacks[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_right_wish_becomes_an_order, begin, end),
		cmocka_unit_test_setup_teardown(a_link_has_no_recipient_and_needs_no_description, begin, end),
		cmocka_unit_test_setup_teardown(a_product_must_be_chosen, begin, end),
		cmocka_unit_test_setup_teardown(a_product_must_be_known_and_its_code_exact, begin, end),
		cmocka_unit_test_setup_teardown(a_product_that_runa_does_not_sell_now_is_refused_by_name, begin, end),
		cmocka_unit_test_setup_teardown(nothing_can_be_ordered_from_an_empty_catalogue, begin, end),
		cmocka_unit_test_setup_teardown(a_face_value_must_be_there, begin, end),
		cmocka_unit_test_setup_teardown(only_plain_decimal_numbers_are_amounts, begin, end),
		cmocka_unit_test_setup_teardown(groups_are_taken_where_they_are_unambiguous, begin, end),
		cmocka_unit_test_setup_teardown(one_comma_or_blank_is_asked_about, begin, end),
		cmocka_unit_test_setup_teardown(what_can_be_read_in_two_ways_is_asked_about_with_both, begin, end),
		cmocka_unit_test_setup_teardown(more_decimals_than_the_currency_has_are_refused, begin, end),
		cmocka_unit_test_setup_teardown(yen_have_no_decimals_and_dinars_have_runas_two, begin, end),
		cmocka_unit_test_setup_teardown(a_currency_that_we_do_not_know_has_two_decimals, begin, end),
		cmocka_unit_test_setup_teardown(an_amount_that_does_not_fit_is_too_large, begin, end),
		cmocka_unit_test_setup_teardown(zero_is_no_amount, begin, end),
		cmocka_unit_test_setup_teardown(a_fixed_list_is_the_list_and_nothing_between, begin, end),
		cmocka_unit_test_setup_teardown(a_range_includes_both_its_ends, begin, end),
		cmocka_unit_test_setup_teardown(the_house_has_a_limit_of_its_own_for_one_order, begin, end),
		cmocka_unit_test_setup_teardown(a_value_is_read_even_where_the_product_is_not_known, begin, end),
		cmocka_unit_test_setup_teardown(a_currency_must_be_chosen_and_be_three_capitals, begin, end),
		cmocka_unit_test_setup_teardown(another_balance_would_silently_cost_foreign_exchange, begin, end),
		cmocka_unit_test_setup_teardown(a_currency_without_a_balance_is_refused_once_balances_are_known, begin, end),
		cmocka_unit_test_setup_teardown(a_way_of_distribution_must_be_chosen_from_runas_two, begin, end),
		cmocka_unit_test_setup_teardown(mail_needs_an_address_that_reads_as_one, begin, end),
		cmocka_unit_test_setup_teardown(an_address_beside_a_link_is_asked_about, begin, end),
		cmocka_unit_test_setup_teardown(a_description_has_at_most_100_characters_whatever_their_bytes, begin, end),
		cmocka_unit_test_setup_teardown(a_description_is_one_line_of_whole_characters, begin, end),
		cmocka_unit_test_setup_teardown(every_field_has_its_say_in_the_forms_order_and_only_once, begin, end),
		cmocka_unit_test_setup_teardown(an_empty_form_is_told_all_it_lacks, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
