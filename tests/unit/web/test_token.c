/* token.c: the form's token is good for one person, one purpose, 24 hours, and not a bit else. */
#include "unit/web/site.h"

#define NOW ((int64_t)MS_A_DAY * 20000)

static struct seal_key secret, other_secret;

static enum token_state read_with(const char *purpose, const char *user, const char *token, int64_t now_ms)
{
	char key[ID_KEY_SIZE];
	enum token_state state = token_read(&secret, purpose, user, token, now_ms, key);

	assert_string_equal(key, state == TOKEN_BAD ? "" : SITE_KEY);
	return state;
}

static void a_token_gives_its_key_back_to_the_same_person_for_the_same_purpose(void **state)
{
	char token[TOKEN_SIZE];

	(void)state;
	token_make(&secret, "order", "alice", SITE_KEY, NOW, token);
	assert_int_equal(read_with("order", "alice", token, NOW), TOKEN_GOOD);
	assert_int_equal(read_with("order", "bob", token, NOW), TOKEN_OF_OTHER);
	assert_int_equal(read_with("order", "", token, NOW), TOKEN_OF_OTHER);
	assert_int_equal(read_with("/orders/A/retry", "alice", token, NOW), TOKEN_BAD);
	assert_int_equal(read_with("", "alice", token, NOW), TOKEN_BAD);
}

static void fault_05_a_token_older_than_24_hours_or_from_the_future_is_old(void **state)
{
	char token[TOKEN_SIZE];

	(void)state;
	token_make(&secret, "order", "alice", SITE_KEY, NOW, token);
	assert_int_equal(read_with("order", "alice", token, NOW + TOKEN_MAX_AGE_MS), TOKEN_GOOD);
	assert_int_equal(read_with("order", "alice", token, NOW + TOKEN_MAX_AGE_MS + 1), TOKEN_OLD);
	assert_int_equal(read_with("order", "alice", token, NOW - 5 * MS_A_MINUTE), TOKEN_GOOD);
	assert_int_equal(read_with("order", "alice", token, NOW - 5 * MS_A_MINUTE - 1), TOKEN_OLD);
	assert_int_equal(read_with("order", "bob", token, NOW + TOKEN_MAX_AGE_MS + 1), TOKEN_OF_OTHER);
}

static void fault_05_a_token_altered_by_one_bit_anywhere_is_bad(void **state)
{
	char token[TOKEN_SIZE], altered[TOKEN_SIZE];

	(void)state;
	token_make(&secret, "order", "alice", SITE_KEY, NOW, token);
	for (size_t i = 0; i < strlen(token); i++) {
		for (int bit = 0; bit < 8; bit++) {
			memcpy(altered, token, sizeof token);
			altered[i] = (char)(altered[i] ^ (1 << bit));
			assert_int_equal(read_with("order", "alice", altered, NOW), TOKEN_BAD);
		}
	}
}

static void what_is_no_token_is_bad(void **state)
{
	static const char *const tokens[] = {
		NULL, "", ".", "...", "....", "a.b.c.d", "0b0e7a54-0c7b-4c6e-9d3a-1f2e3d4c5b6a",
		"0b0e7a54-0c7b-4c6e-9d3a-1f2e3d4c5b6a.1.x.", "0b0e7a54-0c7b-4c6e-9d3a-1f2e3d4c5b6a.-1.x.y",
		"0b0e7a54-0c7b-4c6e-9d3a-1f2e3d4c5b6a.99999999999999999999.x.y",
	};
	char longer[TOKEN_SIZE + 2], token[TOKEN_SIZE];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(tokens); i++)
		assert_int_equal(read_with("order", "alice", tokens[i], NOW), TOKEN_BAD);
	memset(longer, 'a', sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	assert_int_equal(read_with("order", "alice", longer, NOW), TOKEN_BAD);
	token_make(&secret, "order", "alice", SITE_KEY, NOW, token);
	for (size_t length = 0; length < strlen(token); length++) {
		char cut[TOKEN_SIZE];

		memcpy(cut, token, length);
		cut[length] = '\0';
		assert_int_equal(read_with("order", "alice", cut, NOW), TOKEN_BAD);
	}
}

static void fault_25_a_token_of_another_secret_is_told_from_an_altered_one(void **state)
{
	char token[TOKEN_SIZE], altered[TOKEN_SIZE];

	(void)state;
	token_make(&other_secret, "order", "alice", SITE_KEY, NOW, token);
	assert_int_equal(read_with("order", "alice", token, NOW), TOKEN_OF_OTHER_SECRET);
	assert_int_equal(read_with("order", "bob", token, NOW), TOKEN_OF_OTHER_SECRET);
	/* no token that any desk makes */
	memcpy(altered, token, sizeof token);
	*strrchr(altered, '.') = '\0';
	assert_int_equal(read_with("order", "alice", altered, NOW), TOKEN_BAD);
	memcpy(altered, token, sizeof token);
	altered[strlen(altered) - 1] = '*';
	assert_int_equal(read_with("order", "alice", altered, NOW), TOKEN_BAD);
	memcpy(altered, token, sizeof token);
	strrchr(altered, '.')[-1] = 'g';
	assert_int_equal(read_with("order", "alice", altered, NOW), TOKEN_BAD);
}

static void what_comes_back_for_a_form_has_the_same_key_each_time_and_nobody_elses(void **state)
{
	char first[ID_KEY_SIZE], again[ID_KEY_SIZE], other[ID_KEY_SIZE];

	(void)state;
	token_renewed_key(&secret, SITE_KEY, "alice", first);
	token_renewed_key(&secret, SITE_KEY, "alice", again);
	assert_string_equal(first, again);
	assert_true(ids_is_key(first));
	assert_string_not_equal(first, SITE_KEY);
	token_renewed_key(&secret, SITE_KEY, "bob", other);
	assert_string_not_equal(first, other);
	token_renewed_key(&other_secret, SITE_KEY, "alice", other);
	assert_string_not_equal(first, other);
	token_renewed_key(&secret, first, "alice", other);
	assert_string_not_equal(first, other);
}

static void the_longest_purpose_and_user_fit(void **state)
{
	char token[TOKEN_SIZE], purpose[1025], user[129];

	(void)state;
	memset(purpose, 'p', sizeof purpose);
	memset(user, 'u', sizeof user);
	purpose[sizeof purpose - 1] = user[sizeof user - 1] = '\0';
	token_make(&secret, purpose, user, SITE_KEY, NOW, token);
	assert_int_equal(read_with(purpose, user, token, NOW), TOKEN_GOOD);
}

static int make_secrets(void **state)
{
	(void)state;
	memset(secret.bytes, 1, sizeof secret.bytes);
	memset(other_secret.bytes, 2, sizeof other_secret.bytes);
	memcpy(secret.id, "0123456789abcdef", SEAL_ID_SIZE);
	memcpy(other_secret.id, "fedcba9876543210", SEAL_ID_SIZE);
	return seal_begin() ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_token_gives_its_key_back_to_the_same_person_for_the_same_purpose),
		cmocka_unit_test(fault_05_a_token_older_than_24_hours_or_from_the_future_is_old),
		cmocka_unit_test(fault_05_a_token_altered_by_one_bit_anywhere_is_bad),
		cmocka_unit_test(what_is_no_token_is_bad),
		cmocka_unit_test(fault_25_a_token_of_another_secret_is_told_from_an_altered_one),
		cmocka_unit_test(what_comes_back_for_a_form_has_the_same_key_each_time_and_nobody_elses),
		cmocka_unit_test(the_longest_purpose_and_user_fit),
	};

	return cmocka_run_group_tests(tests, make_secrets, NULL);
}
