/* test_text.c: checks of strangers' bytes, UTF-8 against a slow reference. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/text.h"

static int open_arena(void **state)
{
	*state = arena_open();
	return 0;
}

static int close_arena(void **state)
{
	arena_close(*state);
	return 0;
}

/* ---- a growing text -------------------------------------------------------------------------- */

static void a_text_grows_and_always_ends_with_nul(void **state)
{
	struct text text;

	text_begin(&text, *state, 0);
	assert_string_equal(text.bytes, "");
	for (int i = 0; i < 1000; i++) {
		text_print(&text, "%03d", i);
		text_add_text(&text, ",");
		text_add(&text, "xyz", 1);
		assert_int_equal(text.bytes[text.count], '\0');
	}
	assert_int_equal(text.count, 5000);
	assert_int_equal(strlen(text.bytes), 5000);
	assert_memory_equal(text.bytes + 5 * 421, "421,x422,x", 10);
	assert_false(text.is_cut);
}

static void a_text_takes_exactly_its_limit_and_not_a_byte_more(void **state)
{
	for (size_t limit = 1; limit < 600; limit++) {
		struct text text;

		text_begin(&text, *state, limit);
		for (size_t i = 0; i < limit; i++)
			text_add(&text, "a", 1);
		assert_int_equal(text.count, limit);
		assert_false(text.is_cut);
		text_add(&text, "b", 0);
		assert_false(text.is_cut);
		text_print(&text, "%s", "b");
		assert_true(text.is_cut);
		assert_int_equal(strlen(text.bytes), limit);
		assert_null(strchr(text.bytes, 'b'));
	}
}

static void after_a_cut_nothing_more_is_added(void **state)
{
	struct text text;

	text_begin(&text, *state, 10);
	text_add_text(&text, "12345");
	text_add_text(&text, "too long");
	text_add_text(&text, "6");
	text_print(&text, "%d", 7);
	text_add(&text, "", SIZE_MAX);
	assert_string_equal(text.bytes, "12345");
	assert_true(text.is_cut);
}

/* ---- UTF-8 ----------------------------------------------------------------------------------- */

/* The other way round: what a decoder and an encoder without any check make of the bytes must be the
 * same bytes again. */
static bool reference_is_one_character(const unsigned char *bytes, size_t count)
{
	static const unsigned marks[] = { 0, 0x00, 0xC0, 0xE0, 0xF0 };
	static const unsigned char masks[] = { 0, 0x7F, 0x1F, 0x0F, 0x07 };
	uint32_t point = bytes[0] & masks[count];
	unsigned char again[4];
	size_t wanted;

	for (size_t i = 1; i < count; i++)
		point = point << 6 | (bytes[i] & 0x3F);
	wanted = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
	if (wanted != count || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF))
		return false;
	for (size_t i = count; i-- > 1; point >>= 6)
		again[i] = (unsigned char)(0x80 | (point & 0x3F));
	again[0] = (unsigned char)(marks[count] | point);
	return memcmp(bytes, again, count) == 0;
}

static bool reference_is_utf8(const unsigned char *bytes, size_t count)
{
	if (count == 0)
		return true;
	for (size_t first = 1; first <= 4 && first <= count; first++)
		if (reference_is_one_character(bytes, first) && reference_is_utf8(bytes + first,
			count - first))
			return true;
	return false;
}

static void must_be_as_the_reference(const unsigned char *bytes, size_t count)
{
	if (text_is_utf8((const char *)bytes, count) != reference_is_utf8(bytes, count))
		fail_msg("%zu bytes: %02x %02x %02x %02x", count, bytes[0], bytes[1], bytes[2], bytes[3]);
}

static void utf8_of_one_two_and_three_bytes_is_as_the_reference_has_it(void **state)
{
	unsigned char bytes[4] = { 0 };

	(void)state;
	assert_true(text_is_utf8("", 0));
	for (unsigned a = 0; a < 256; a++) {
		bytes[0] = (unsigned char)a;
		must_be_as_the_reference(bytes, 1);
		for (unsigned b = 0; b < 256; b++) {
			bytes[1] = (unsigned char)b;
			must_be_as_the_reference(bytes, 2);
		}
	}
	for (unsigned a = 0xBE; a < 256; a++)
		for (unsigned b = 0x70; b < 256; b++)
			for (unsigned c = 0x70; c < 256; c += c < 0x84 || c > 0xBC ? 1 : 7) {
				memcpy(bytes, (unsigned char[]){ (unsigned char)a, (unsigned char)b,
					(unsigned char)c }, 3);
				must_be_as_the_reference(bytes, 3);
			}
}

static void utf8_of_four_bytes_is_as_the_reference_has_it_at_every_border(void **state)
{
	static const unsigned char tails[] = { 0x00, 0x41, 0x7F, 0x80, 0x81, 0xBF, 0xC0, 0xC2, 0xFF };
	unsigned char bytes[4];

	(void)state;
	for (unsigned a = 0xE0; a < 256; a++)
		for (unsigned b = 0; b < 256; b++)
			for (size_t c = 0; c < sizeof tails; c++)
				for (size_t d = 0; d < sizeof tails; d++) {
					bytes[0] = (unsigned char)a;
					bytes[1] = (unsigned char)b;
					bytes[2] = tails[c];
					bytes[3] = tails[d];
					must_be_as_the_reference(bytes, 4);
				}
}

static void utf8_is_not_read_beyond_its_count(void **state)
{
	static const char *const wholes[] = { "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x8E\x81" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(wholes); i++) {
		size_t whole = strlen(wholes[i]);

		assert_true(text_is_utf8(wholes[i], whole));
		for (size_t count = 1; count < whole; count++)
			assert_false(text_is_utf8(wholes[i], count));
	}
}

static void characters_are_counted_not_bytes(void **state)
{
	(void)state;
	assert_int_equal(text_length(""), 0);
	assert_int_equal(text_length("abc"), 3);
	assert_int_equal(text_length("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x8E\x81."), 4);
}

static void printable_means_no_control_characters(void **state)
{
	(void)state;
	for (unsigned a = 1; a < 256; a++) {
		char one[2] = { (char)a, '\0' }, c1[3] = { '\xC2', (char)a, '\0' },
			other[3] = { '\xC3', (char)a, '\0' };

		if (a < 0x80)
			assert_int_equal(text_is_printable(one), a >= 0x20 && a != 0x7F);
		else if (a < 0xC0) {
			assert_int_equal(text_is_printable(c1), a >= 0xA0 && a != 0xAD /* soft hyphen */);
			assert_true(text_is_printable(other));
		}
	}
	assert_true(text_is_printable(""));
	assert_false(text_is_printable("abc\n"));
}

static void what_is_not_seen_and_changes_what_is_read_is_not_printable(void **state)
{
	static const char *const unseen[] = {
		"\xC2\xAD" /* U+00AD */, "\xD8\x9C" /* U+061C */, "\xE2\x80\x8B" /* U+200B */,
		"\xE2\x80\x8E" /* U+200E */, "\xE2\x80\x8F" /* U+200F */, "\xE2\x80\xA8" /* U+2028 */,
		"\xE2\x80\xA9" /* U+2029 */, "\xE2\x80\xAA" /* U+202A */, "\xE2\x80\xAB", "\xE2\x80\xAC", "\xE2\x80\xAD",
		"\xE2\x80\xAE" /* U+202E */, "\xE2\x81\xA0" /* U+2060 */, "\xE2\x81\xA6" /* U+2066 */, "\xE2\x81\xA7",
		"\xE2\x81\xA8", "\xE2\x81\xA9" /* U+2069 */, "\xE3\x85\xA4" /* U+3164 */, "\xEF\xBB\xBF" /* U+FEFF */,
		"\xF3\xA0\x81\x81" /* U+E0041, a tag */,
	};
	static const char *const seen[] = {
		"\xC2\xA0" /* U+00A0 */, "\xC2\xAE" /* U+00AE */, "\xE2\x80\x90" /* U+2010 */, "\xE2\x80\xA6" /* U+2026 */,
		"\xE2\x80\xAF" /* U+202F */, "\xE2\x81\xB0" /* U+2070 */, "\xF0\x9F\x8E\x81" /* a present */,
		"\xD9\x85\xDB\x8C\xE2\x80\x8C\xD8\xAE\xD9\x88\xD8\xA7\xD9\x87\xD9\x85" /* Persian, with U+200C */,
		"\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x94\xA7" /* a mechanic, with U+200D */,
	};
	struct arena *mem = arena_open();

	(void)state;
	for (size_t i = 0; i < COUNT_OF(unseen); i++)
		if (text_is_printable(arena_print(mem, "a%sb", unseen[i])) || text_is_printable(unseen[i]))
			fail_msg("unseen no. %zu is taken", i);
	for (size_t i = 0; i < COUNT_OF(seen); i++)
		if (!text_is_printable(arena_print(mem, "a%sb", seen[i])))
			fail_msg("seen no. %zu is refused", i);
	arena_close(mem);
}

/* ---- comparing and cutting ------------------------------------------------------------------- */

static void null_is_the_same_as_null_only(void **state)
{
	(void)state;
	assert_true(text_is_same(NULL, NULL));
	assert_false(text_is_same(NULL, ""));
	assert_false(text_is_same("", NULL));
	assert_true(text_is_same("a", (char[]){ 'a', '\0' }));
	assert_false(text_is_same("a", "A"));
}

static void beginnings_and_ends_are_found(void **state)
{
	(void)state;
	assert_true(text_begins("/orders/1", "/orders/"));
	assert_true(text_begins("a", ""));
	assert_false(text_begins("/order", "/orders"));
	assert_true(text_ends("a.json", ".json"));
	assert_true(text_ends("a", ""));
	assert_false(text_ends("json", ".json"));
	assert_false(text_ends("a.jsonx", ".json"));
}

static void letters_become_capitals_where_they_are_plain_ones(void **state)
{
	char text[] = "aZ-gb 09{`\xC3\xA4", empty[] = "";

	(void)state;
	text_upper(text);
	assert_string_equal(text, "AZ-GB 09{`\xC3\xA4");
	text_upper(empty);
	assert_string_equal(empty, "");
}

static void trimming_takes_blanks_off_both_ends_only(void **state)
{
	static const struct { const char *text, *wanted; } cases[] = {
		{ "", "" }, { " ", "" }, { "a", "a" }, { " a ", "a" }, { "\t\r\n a b \xC2\xA0\n", "a b" },
		{ "\xC2\xA0 \xC2\xA0", "" }, { "\xC2\xA1", "\xC2\xA1" }, { "\xC3\xA0", "\xC3\xA0" },
		{ "\x0b" "a", "\x0b" "a" }, { "\xE2\x80\x83" "a", "\xE2\x80\x83" "a" },
		{ " \xC2\xA0 25.00\xC2\xA0 ", "25.00" },
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_string_equal(text_trim(*state, cases[i].text), cases[i].wanted);
}

static void secrets_are_compared_whole(void **state)
{
	(void)state;
	assert_true(text_same_secret("abc", "abd", 2));
	assert_true(text_same_secret("", "", 0));
	assert_false(text_same_secret("abc", "abd", 3));
	assert_false(text_same_secret("a\0c", "a\0d", 3));
}

static void numbers_are_digits_alone_and_within_their_bound(void **state)
{
	static const char *const wrong[] = {
		"", " 1", "1 ", "+1", "-1", "1.0", "0x1", "1e3", "a", "9223372036854775808",
		"99999999999999999999999", "\xE0\xA5\xA7", "1,0",
	};
	int64_t out = 77;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		assert_false(text_number(wrong[i], INT64_MAX, &out));
		assert_int_equal(out, 77);
	}
	assert_false(text_number(NULL, 1, &out));
	assert_false(text_number("101", 100, &out));
	assert_int_equal(out, 77);
	assert_true(text_number("100", 100, &out));
	assert_int_equal(out, 100);
	assert_true(text_number("0", 0, &out));
	assert_int_equal(out, 0);
	assert_true(text_number("9223372036854775807", INT64_MAX, &out));
	assert_true(out == INT64_MAX);
}

/* ---- e-mail ---------------------------------------------------------------------------------- */

static void emails_that_runa_takes(void **state)
{
	static const char *const right[] = {
		"a@b.c", "recipient@domain.invalid", "a.b+c@x-y.co.uk", "1@2.3", "o'brien@example.com",
		"a_b-c@ex--ample.com", "A@B.C", "!#$%&'*+-/=?^_`{|}~@example.com",
	};
	static const char *const wrong[] = {
		"", "@", "a", "a@", "@b.c", "a@b", "a@b.", "a@.b", "a@b..c", "a@@b.c", "a@b@c.d",
		"a b@c.d", " a@b.c", "a@b.c ", "a@b.c\n", ".a@b.c", "a.@b.c", "a..b@c.d", "a@-b.c",
		"a@b-.c", "a@b.-c", "a@b.c-", "a@b_c.d", "\"a\"@b.c", "a@[127.0.0.1]", "a,b@c.d",
		"a@b.c,d@e.f", "a@b.c;d@e.f", "<a@b.c>", "a(x)@b.c", "\xC3\xA9@b.c", "a@\xC3\xA9.c",
		"a@b.c\x7f", "a:b@c.d", "a\\@b.c",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(right); i++)
		if (!text_is_email(right[i]))
			fail_msg("refused: %s", right[i]);
	for (size_t i = 0; i < COUNT_OF(wrong); i++)
		if (text_is_email(wrong[i]))
			fail_msg("taken: %s", wrong[i]);
	assert_false(text_is_email(NULL));
}

static void emails_have_a_longest_length_in_whole_and_in_each_part(void **state)
{
	const char *local = arena_print(*state, "%064d", 0), *label = arena_print(*state, "%063d", 0);

	assert_true(text_is_email(arena_print(*state, "%s@b.c", local)));
	assert_false(text_is_email(arena_print(*state, "%s0@b.c", local)));
	assert_true(text_is_email(arena_print(*state, "a.%s@b.c", local + 2)));
	assert_false(text_is_email(arena_print(*state, "a.%s@b.c", local + 1)));
	assert_true(text_is_email(arena_print(*state, "a@%s.c", label)));
	assert_false(text_is_email(arena_print(*state, "a@%s0.c", label)));
	/* 64 + 1 + 63 + 1 + 63 + 1 + 61 = 254 */
	assert_true(text_is_email(arena_print(*state, "%s@%s.%s.%061d", local, label, label, 0)));
	assert_false(text_is_email(arena_print(*state, "%s@%s.%s.%062d", local, label, label, 0)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_grows_and_always_ends_with_nul),
		cmocka_unit_test(a_text_takes_exactly_its_limit_and_not_a_byte_more),
		cmocka_unit_test(after_a_cut_nothing_more_is_added),
		cmocka_unit_test(utf8_of_one_two_and_three_bytes_is_as_the_reference_has_it),
		cmocka_unit_test(utf8_of_four_bytes_is_as_the_reference_has_it_at_every_border),
		cmocka_unit_test(utf8_is_not_read_beyond_its_count),
		cmocka_unit_test(characters_are_counted_not_bytes),
		cmocka_unit_test(printable_means_no_control_characters),
		cmocka_unit_test(what_is_not_seen_and_changes_what_is_read_is_not_printable),
		cmocka_unit_test(null_is_the_same_as_null_only),
		cmocka_unit_test(beginnings_and_ends_are_found),
		cmocka_unit_test(letters_become_capitals_where_they_are_plain_ones),
		cmocka_unit_test(trimming_takes_blanks_off_both_ends_only),
		cmocka_unit_test(secrets_are_compared_whole),
		cmocka_unit_test(numbers_are_digits_alone_and_within_their_bound),
		cmocka_unit_test(emails_that_runa_takes),
		cmocka_unit_test(emails_have_a_longest_length_in_whole_and_in_each_part),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
