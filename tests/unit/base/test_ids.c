/* test_ids.c: keys and numbers out of known bytes. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/ids.h"
#include "base/seal.h"

/* Gives the bytes it was set to, over and over. */
struct scripted {
	struct chance chance;
	const unsigned char *bytes;
	size_t count;
};

static void fill_from_script(const struct chance *chance, void *out, size_t bytes)
{
	const struct scripted *script = (const struct scripted *)chance;

	for (size_t i = 0; i < bytes; i++)
		((unsigned char *)out)[i] = script->bytes[i % script->count];
}

static struct scripted script_of(const unsigned char *bytes, size_t count)
{
	return (struct scripted){ { fill_from_script }, bytes, count };
}

static const unsigned char zeros[] = { 0x00 }, ones[] = { 0xFF };
static const unsigned char counted[] = {
	0x01, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF, 0xFE, 0xDC, 0xBA, 0x98, 0x76, 0x54, 0x32, 0x10,
};

static void keys_are_v4_uuids_in_lower_case(void **state)
{
	struct scripted zero = script_of(zeros, 1), one = script_of(ones, 1), some = script_of(counted, 16);
	char key[ID_KEY_SIZE];

	(void)state;
	ids_key(&zero.chance, key);
	assert_string_equal(key, "00000000-0000-4000-8000-000000000000");
	ids_key(&one.chance, key);
	assert_string_equal(key, "ffffffff-ffff-4fff-bfff-ffffffffffff");
	ids_key(&some.chance, key);
	assert_string_equal(key, "01234567-89ab-4def-bedc-ba9876543210");
}

static void numbers_are_eighty_bits_in_crockfords_base_32(void **state)
{
	struct scripted zero = script_of(zeros, 1), one = script_of(ones, 1), some = script_of(counted, 16);
	static const unsigned char last_bit[] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 };
	struct scripted last = script_of(last_bit, sizeof last_bit);
	char number[ID_NUMBER_SIZE];

	(void)state;
	ids_number(&zero.chance, number);
	assert_string_equal(number, "0000000000000000");
	ids_number(&one.chance, number);
	assert_string_equal(number, "ZZZZZZZZZZZZZZZZ");
	ids_number(&last.chance, number);
	assert_string_equal(number, "0000000000000001");
	/* 0x0123456789abcdeffedc in base 32, digit by digit */
	ids_number(&some.chance, number);
	assert_string_equal(number, "04HMASW9NF6YZZPW");
}

static void what_the_machine_makes_is_well_formed_and_never_the_same(void **state)
{
	char keys[200][ID_KEY_SIZE], numbers[200][ID_NUMBER_SIZE];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(keys); i++) {
		ids_key(&chance_of_machine, keys[i]);
		ids_number(&chance_of_machine, numbers[i]);
		assert_true(ids_is_key(keys[i]));
		assert_true(ids_is_number(numbers[i]));
		for (size_t before = 0; before < i; before++) {
			assert_string_not_equal(keys[before], keys[i]);
			assert_string_not_equal(numbers[before], numbers[i]);
		}
	}
}

static void every_bit_of_chance_counts(void **state)
{
	(void)state;
	for (size_t bit = 0; bit < 80; bit++) {
		unsigned char bytes[10] = { 0 };
		struct scripted script = script_of(bytes, sizeof bytes);
		char number[ID_NUMBER_SIZE];

		bytes[bit / 8] = (unsigned char)(0x80 >> bit % 8);
		ids_number(&script.chance, number);
		for (size_t digit = 0; digit < 16; digit++)
			assert_int_equal(number[digit], digit == bit / 5 ? "G8421"[bit % 5] : '0');
	}
}

static void choices_are_below_their_bound_and_reach_each_value(void **state)
{
	struct scripted one = script_of(ones, 1);

	(void)state;
	for (uint32_t below = 1; below < 40; below++) {
		uint64_t seen = 0;

		for (int i = 0; i < 4000; i++) {
			uint32_t got = ids_below(&chance_of_machine, below);

			assert_true(got < below);
			seen |= UINT64_C(1) << got;
		}
		assert_true(seen == (UINT64_C(1) << below) - 1);
		assert_true(ids_below(&one.chance, below) < below);
	}
	assert_true(ids_below(&one.chance, UINT32_MAX) < UINT32_MAX);
}

static void what_is_no_key_is_told_apart(void **state)
{
	static const char *const wrong[] = {
		"", "01234567-89ab-4def-bedc-ba987654321", "01234567-89ab-4def-bedc-ba98765432100",
		"01234567-89AB-4def-bedc-ba9876543210", "01234567-89ab-1def-bedc-ba9876543210",
		"01234567-89ab-4def-cedc-ba9876543210", "01234567-89ab-4def-7edc-ba9876543210",
		"0123456789ab-4def-bedc-ba98765432100-", "g1234567-89ab-4def-bedc-ba9876543210",
		"01234567 89ab-4def-bedc-ba9876543210", "{1234567-89ab-4def-bedc-ba987654321}",
	};

	(void)state;
	assert_true(ids_is_key("01234567-89ab-4def-bedc-ba9876543210"));
	for (size_t i = 0; i < COUNT_OF(wrong); i++)
		if (ids_is_key(wrong[i]))
			fail_msg("taken: %s", wrong[i]);
	assert_false(ids_is_key(NULL));
}

static void what_is_no_number_is_told_apart(void **state)
{
	static const char *const wrong[] = {
		"", "000000000000000", "00000000000000000", "000000000000000I", "000000000000000L",
		"000000000000000O", "000000000000000U", "000000000000000a", "00000000-0000000",
		"../../etc/passwd",
	};

	(void)state;
	assert_true(ids_is_number("0123456789ABCDEF"));
	assert_true(ids_is_number("GHJKMNPQRSTVWXYZ"));
	for (size_t i = 0; i < COUNT_OF(wrong); i++)
		if (ids_is_number(wrong[i]))
			fail_msg("taken: %s", wrong[i]);
	assert_false(ids_is_number(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_are_v4_uuids_in_lower_case),
		cmocka_unit_test(numbers_are_eighty_bits_in_crockfords_base_32),
		cmocka_unit_test(what_the_machine_makes_is_well_formed_and_never_the_same),
		cmocka_unit_test(every_bit_of_chance_counts),
		cmocka_unit_test(choices_are_below_their_bound_and_reach_each_value),
		cmocka_unit_test(what_is_no_key_is_told_apart),
		cmocka_unit_test(what_is_no_number_is_told_apart),
	};

	return seal_begin() ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
