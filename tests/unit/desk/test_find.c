/* test_find.c: what people type finds what they mean. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "desk/find.h"
#include "support/stage.h"

#define P(code_, name_, currency_, country_, category_) \
	{ .code = code_, .name = name_, .currency = currency_, .country = country_, .category = category_, .is_orderable = true }

/* Sorted by code, as a snapshot is. */
static struct product products[] = {
	P("AMZ-DE", "Amazon.de", "EUR", "DE", "department-stores"),
	P("AMZ-GB", "Amazon.co.uk", "GBP", "GB", "department-stores"),
	P("AMZ-US", "Amazon.com", "USD", "US", "department-stores"),
	P("CAF-AT", "Caf\xC3\xA9 M\xC3\xBCller & T\xC3\xB6" "chter", "EUR", "AT", "food-and-drink"),
	P("KIN-SE", "Kino \xC3\x85\xC3\xA4\xC3\xB6", "SEK", "SE", "entertainment"),
	P("LOD-PL", "\xC5\x81\xC3\xB3" "d\xC5\xBA Ksi\xC4\x99garnia", "PLN", "PL", "booksellers"),
	P("MAC-US", "Macy\xE2\x80\x99s", "USD", "US", "fashion"),
	P("MOS-RU", "\xD0\x9C\xD0\xBE\xD1\x81\xD0\xBA\xD0\xB2\xD0\xB0", "RUB", "RU", ""),
	P("OFF-GB", "Amazon Withdrawn", "GBP", "GB", ""),
	P("PLA-JP", "Play Station Store", "JPY", "JP", "entertainment"),
	P("SBX-GB", "Starbucks", "GBP", "GB", "food-and-drink"),
	P("SBX-US", "Starbucks", "USD", "US", "food-and-drink"),
	P("STR-DE", "Stra\xC3\x9F" "enmarkt", "EUR", "DE", "supermarkets"),
};

static struct catalogue catalogue = { .products = products, .product_count = COUNT_OF(products) };
static struct arena *mem;

static int open_catalogue(void **state)
{
	(void)state;
	mem = arena_open();
	products[8].is_orderable = false;
	catalogue.find = find_index_new(mem, products, COUNT_OF(products));
	return 0;
}

static int close_catalogue(void **state)
{
	(void)state;
	arena_close(mem);
	return 0;
}

/* The codes that a query finds, best first, with blanks between. */
static const char *found_of(const struct catalogue *of, const char *query, bool only_orderable, size_t max)
{
	const struct product **found;
	size_t count;
	struct text text;

	find_products(of, mem, query, only_orderable, max, &found, &count);
	text_begin(&text, mem, 0);
	for (size_t i = 0; i < count; i++)
		text_print(&text, "%s%s", i ? " " : "", found[i]->code);
	return text.bytes;
}

static const char *found(const char *query)
{
	return found_of(&catalogue, query, true, 100);
}

struct search { const char *query, *codes; };

static void all_find(const struct search *searches, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(found(searches[i].query), searches[i].codes) != 0)
			fail_msg("'%s': %s, not %s", searches[i].query, found(searches[i].query), searches[i].codes);
}

static void products_are_found_by_name_code_country_currency_and_category(void **state)
{
	static const struct search searches[] = {
		{ "starbucks", "SBX-GB SBX-US" }, { "amz-gb", "AMZ-GB" }, { "AMZGB", "AMZ-GB" }, { "amz", "AMZ-GB AMZ-US AMZ-DE" },
		{ "united kingdom", "AMZ-GB SBX-GB" }, { "Sweden", "KIN-SE" }, { "JPY", "PLA-JP" }, { "supermarkets", "STR-DE" },
		{ "amazon germany", "AMZ-DE" }, { "starbucks usd", "SBX-US" }, { "uk starbucks", "SBX-GB" },
		{ "USA macys", "MAC-US" },
	};

	(void)state;
	all_find(searches, COUNT_OF(searches));
}

static void case_accents_and_punctuation_do_not_matter(void **state)
{
	static const struct search searches[] = {
		{ "cafe muller", "CAF-AT" }, { "CAF\xC3\x89", "CAF-AT" }, { "tochter", "CAF-AT" }, { "aao", "KIN-SE" },
		{ "lodz", "LOD-PL" }, { "ksiegarnia", "LOD-PL" }, { "macys", "MAC-US" }, { "Macy's", "MAC-US" },
		{ "strassenmarkt", "STR-DE" }, { "\xD0\x9C\xD0\x9E\xD0\xA1\xD0\x9A\xD0\x92\xD0\x90", "MOS-RU" },
		{ "cafe\xCC\x81", "CAF-AT" }, { "  play,  station! ", "PLA-JP" }, { "amazon.co.uk", "AMZ-GB" },
	};

	(void)state;
	all_find(searches, COUNT_OF(searches));
}

static void typing_errors_are_forgiven(void **state)
{
	static const struct search searches[] = {
		{ "starbuks", "SBX-GB SBX-US" },   /* missing */
		{ "starrbucks", "SBX-GB SBX-US" }, /* doubled */
		{ "strabucks", "SBX-GB SBX-US" },  /* swapped */
		{ "starbacks", "SBX-GB SBX-US" },  /* wrong */
		{ "satrbuks", "SBX-GB SBX-US" },   /* two of them in a long word */
		{ "starb", "SBX-GB SBX-US" }, { "stabu", "SBX-GB SBX-US" }, /* not finished, and wrong */
		{ "kion", "KIN-SE" }, { "playstation", "PLA-JP" }, { "amazn germny", "AMZ-DE" }, { "bucks", "SBX-GB SBX-US" },
		{ "zzzzzz", "" }, { "xyz", "" }, { "starship", "" },
	};

	(void)state;
	all_find(searches, COUNT_OF(searches));
}

static void the_best_comes_first_and_equals_go_by_name_and_code(void **state)
{
	static const struct search searches[] = {
		{ "amazon", "AMZ-GB AMZ-US AMZ-DE" }, /* .co.uk, .com, .de */
		{ "store", "PLA-JP AMZ-GB AMZ-US AMZ-DE" }, /* in the name; then, nearly, in 'department-stores' */
		{ "amzon gbp", "AMZ-GB" },
		{ "amazon nonsense", "AMZ-GB AMZ-US AMZ-DE" }, /* nothing has both words: those that have one */
	};

	(void)state;
	all_find(searches, COUNT_OF(searches));
	for (int i = 0; i < 3; i++)
		assert_string_equal(found("starbucks"), "SBX-GB SBX-US");
}

static void no_query_gives_all_by_name(void **state)
{
	static const char all[] = "AMZ-GB AMZ-US AMZ-DE CAF-AT KIN-SE LOD-PL MAC-US PLA-JP SBX-GB SBX-US STR-DE MOS-RU";

	(void)state;
	assert_string_equal(found(""), all);
	assert_string_equal(found("  --- \xC2\xA0 "), all);
	assert_string_equal(found_of(&catalogue, "", true, 2), "AMZ-GB AMZ-US");
	assert_string_equal(found_of(&catalogue, "starbucks", true, 1), "SBX-GB");
	assert_string_equal(found_of(&catalogue, "", true, 0), "");
}

static void what_is_not_sold_now_is_found_only_where_it_is_asked_for(void **state)
{
	(void)state;
	assert_string_equal(found("withdrawn"), "");
	assert_string_equal(found_of(&catalogue, "withdrawn", false, 9), "OFF-GB");
}

static void an_empty_catalogue_has_nothing_to_find(void **state)
{
	struct catalogue empty = { .product_count = 0 };

	(void)state;
	assert_string_equal(found_of(&empty, "amazon", true, 9), "");
	empty.find = find_index_new(mem, NULL, 0);
	assert_string_equal(found_of(&empty, "amazon", true, 9), "");
	assert_string_equal(found_of(&empty, "", true, 9), "");
}

/* Sizes that a stranger chooses: nothing overruns (the sanitizers look on). */
static void a_query_of_any_length_is_taken(void **state)
{
	static const char *const pieces[] = { "a", "starbucks ", "\xC3\x9F", "\xF0\x9F\x98\x80", " x", "amz-" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(pieces); i++) {
		struct text query;

		text_begin(&query, mem, 0);
		for (int k = 0; k < 400; k++) {
			text_add_text(&query, pieces[i]);
			if (k % 37 == 0)
				(void)found(query.bytes);
		}
	}
	(void)found("\xC3");
	(void)found("\xF0\x9F");
}

static void folding_keeps_letters_and_digits_alone(void **state)
{
	static const struct { const char *text, *folded; } cases[] = {
		{ "Caf\xC3\xA9 M\xC3\xBCller & T\xC3\xB6" "chter", "cafe muller tochter" }, { " --A.b_c1!", "a b c1" }, { "", "" },
		{ "Stra\xC3\x9F" "e", "strasse" }, { "\xC3\x86r\xC3\xB8", "aero" }, { "e\xCC\x81", "e" },
		{ "\xC5\xBD\xC5\xBE\xC5\x93", "zzoe" }, { "\xCE\x91\xCE\xB2", "\xCE\xB1\xCE\xB2" }, { "10 \xE2\x82\xAC", "10" },
		{ "\xE6\x9D\xB1\xE4\xBA\xAC", "\xE6\x9D\xB1\xE4\xBA\xAC" }, { "a\xE2\x80\x8B" "b", "ab" }, { "a\xE2\x80\x93" "b", "a b" },
		{ "\xFF" "a", "a" }, { "a\xC3", "a" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_string_equal(find_fold(mem, cases[i].text), cases[i].folded);
}

static void a_person_is_offered_what_they_ordered_last_and_most(void **state)
{
	struct stage *s = *state;
	const struct product **own;
	const struct catalogue *now = catalogue_in(s->desk, s->mem);
	size_t count;

	find_products_of(s->desk, now, s->mem, alice.user, 5, &own, &count);
	assert_int_equal(count, 0);
	(void)place(s, "TES-GB", "10.00");
	stage_sleep(s, 1000);
	(void)place(s, "TES-GB", "10.00");
	stage_sleep(s, 1000);
	(void)place(s, "AMZ-GB", "10.00");
	find_products_of(s->desk, now, s->mem, alice.user, 5, &own, &count);
	assert_int_equal(count, 2);
	assert_string_equal(own[0]->code, "AMZ-GB");
	assert_string_equal(own[1]->code, "TES-GB");
	find_products_of(s->desk, now, s->mem, alice.user, 1, &own, &count);
	assert_int_equal(count, 1);
	find_products_of(s->desk, now, s->mem, bob.user, 5, &own, &count);
	assert_int_equal(count, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_catalogue, close_catalogue)
	const struct CMUnitTest tests[] = {
		TEST(products_are_found_by_name_code_country_currency_and_category),
		TEST(case_accents_and_punctuation_do_not_matter),
		TEST(typing_errors_are_forgiven),
		TEST(the_best_comes_first_and_equals_go_by_name_and_code),
		TEST(no_query_gives_all_by_name),
		TEST(what_is_not_sold_now_is_found_only_where_it_is_asked_for),
		TEST(an_empty_catalogue_has_nothing_to_find),
		TEST(a_query_of_any_length_is_taken),
		TEST(folding_keeps_letters_and_digits_alone),
		cmocka_unit_test_setup_teardown(a_person_is_offered_what_they_ordered_last_and_most, stage_set_up,
		                                stage_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
