/* test_seal.c: sealing, signing and hashing with known keys. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/seal.h"
#include "base/text.h"

static const char payout_link[] = "https://payout.example/abcdefgh?x=1";
static const char number[] = "0123456789ABCDEF";

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

static struct seal_key key_of(unsigned char byte)
{
	struct seal_key key = { .id = "0000000000000000" };

	memset(key.bytes, byte, sizeof key.bytes);
	return key;
}

static bool holds(const unsigned char *bytes, size_t count, const char *what)
{
	return memmem(bytes, count, what, strlen(what)) != NULL;
}

static void what_is_sealed_opens_to_the_same_text(void **state)
{
	struct seal_key key = key_of(1);
	unsigned char *sealed;
	size_t bytes;

	for (int length = 0; length < 300; length++) {
		char *secret = arena_print(*state, "%.*s", length, arena_print(*state, "%0300d", length));

		seal_close(&key, number, secret, *state, &sealed, &bytes);
		assert_string_equal(seal_open(&key, number, sealed, bytes, *state), secret);
		if (length >= 4)
			assert_false(holds(sealed, bytes, secret));
	}
}

static void the_same_text_never_seals_to_the_same_bytes(void **state)
{
	struct seal_key key = key_of(1);
	unsigned char *one, *two;
	size_t one_bytes, two_bytes;

	seal_close(&key, number, payout_link, *state, &one, &one_bytes);
	seal_close(&key, number, payout_link, *state, &two, &two_bytes);
	assert_int_equal(one_bytes, two_bytes);
	assert_memory_not_equal(one, two, one_bytes);
}

static void any_changed_bit_is_seen(void **state)
{
	struct seal_key key = key_of(1);
	unsigned char *sealed;
	size_t bytes;

	seal_close(&key, number, payout_link, *state, &sealed, &bytes);
	for (size_t bit = 0; bit < bytes * 8; bit++) {
		sealed[bit / 8] ^= (unsigned char)(1 << bit % 8);
		assert_null(seal_open(&key, number, sealed, bytes, *state));
		sealed[bit / 8] ^= (unsigned char)(1 << bit % 8);
	}
	assert_string_equal(seal_open(&key, number, sealed, bytes, *state), payout_link);
}

static void a_cut_or_longer_seal_does_not_open(void **state)
{
	struct seal_key key = key_of(1);
	unsigned char *sealed, *longer;
	size_t bytes;

	seal_close(&key, number, payout_link, *state, &sealed, &bytes);
	for (size_t count = 0; count < bytes; count++) /* copied, so that reading too far shows */
		assert_null(seal_open(&key, number, (unsigned char *)arena_copy(*state, sealed, count), count,
			*state));
	longer = (unsigned char *)arena_copy(*state, sealed, bytes);
	assert_null(seal_open(&key, number, longer, bytes + 1, *state));
	assert_null(seal_open(&key, number, NULL, 0, *state));
}

static void another_order_or_another_key_does_not_open_it(void **state)
{
	struct seal_key key = key_of(1), other = key_of(2);
	unsigned char *sealed;
	size_t bytes;

	seal_close(&key, number, payout_link, *state, &sealed, &bytes);
	assert_null(seal_open(&key, "0123456789ABCDEG", sealed, bytes, *state));
	assert_null(seal_open(&key, "", sealed, bytes, *state));
	assert_null(seal_open(&other, number, sealed, bytes, *state));
}

static void a_signature_holds_for_its_text_and_key_alone(void **state)
{
	struct seal_key key = key_of(1), other = key_of(2);
	char sign[SEAL_SIGN_SIZE], changed[SEAL_SIGN_SIZE + 1];

	(void)state;
	seal_sign(&key, "form|ann|1795424400", sign);
	assert_int_equal(strlen(sign), SEAL_SIGN_SIZE - 1);
	assert_int_equal(strspn(sign, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
		43);
	assert_true(seal_sign_is(&key, "form|ann|1795424400", sign));
	assert_false(seal_sign_is(&key, "form|bob|1795424400", sign));
	assert_false(seal_sign_is(&other, "form|ann|1795424400", sign));
	assert_false(seal_sign_is(&key, "form|ann|1795424400", NULL));
	assert_false(seal_sign_is(&key, "form|ann|1795424400", ""));
	for (size_t i = 0; i < SEAL_SIGN_SIZE - 1; i++) {
		memcpy(changed, sign, sizeof sign);
		changed[i] = changed[i] == 'A' ? 'B' : 'A';
		assert_false(seal_sign_is(&key, "form|ann|1795424400", changed));
		changed[i] = '\0';
		assert_false(seal_sign_is(&key, "form|ann|1795424400", changed));
	}
	memcpy(changed, sign, sizeof sign);
	changed[SEAL_SIGN_SIZE - 1] = 'A';
	changed[SEAL_SIGN_SIZE] = '\0';
	assert_false(seal_sign_is(&key, "form|ann|1795424400", changed));
}

static void hashes_are_blake2b_and_chain(void **state)
{
	char one[SEAL_HASH_SIZE], two[SEAL_HASH_SIZE], other[SEAL_HASH_SIZE];

	(void)state;
	seal_hash(NULL, "", one); /* `printf '' | b2sum -l 256` */
	assert_string_equal(one, "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
	seal_hash(NULL, "abc", one);
	assert_string_equal(one, "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
	seal_hash(one, "next", two);
	seal_hash(two, "next", other);
	assert_string_not_equal(two, other);
	seal_hash(one, "next", other);
	assert_string_equal(two, other);
}

static void the_border_between_the_hashed_texts_cannot_be_moved(void **state)
{
	char one[SEAL_HASH_SIZE], two[SEAL_HASH_SIZE], three[SEAL_HASH_SIZE], four[SEAL_HASH_SIZE];

	(void)state;
	seal_hash("ab", "c", one);
	seal_hash("a", "bc", two);
	seal_hash(NULL, "abc", three);
	seal_hash("", "abc", four);
	assert_string_not_equal(one, two);
	assert_string_not_equal(one, three);
	assert_string_not_equal(three, four);
}

static void a_forgotten_key_is_gone(void **state)
{
	struct seal_key key = key_of(1), nothing = { 0 };

	(void)state;
	seal_key_forget(&key);
	assert_memory_equal(&key, &nothing, sizeof key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_sealed_opens_to_the_same_text),
		cmocka_unit_test(the_same_text_never_seals_to_the_same_bytes),
		cmocka_unit_test(any_changed_bit_is_seen),
		cmocka_unit_test(a_cut_or_longer_seal_does_not_open),
		cmocka_unit_test(another_order_or_another_key_does_not_open_it),
		cmocka_unit_test(a_signature_holds_for_its_text_and_key_alone),
		cmocka_unit_test(hashes_are_blake2b_and_chain),
		cmocka_unit_test(the_border_between_the_hashed_texts_cannot_be_moved),
		cmocka_unit_test(a_forgotten_key_is_gone),
	};

	return seal_begin() ? cmocka_run_group_tests(tests, open_arena, close_arena) : 1;
}
