/* token.c: makes and reads the signed form token. Must not know what the key orders. */
#include "web/token.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"

enum {
	TOKEN_TIME_SIZE = 20,    /* digits of a time, and NUL */
	TOKEN_SIGNED_SIZE = 1536, /* a purpose may be a path (SIZE_PATH_BYTES) */
	TOKEN_FUTURE_MS = 5 * MS_A_MINUTE,
};

/* The signature covers the purpose, which isn't in the token: a token of another form is TOKEN_BAD. Neither
 * key, time nor hash can hold a line feed, and the purpose comes last: no two tokens sign the same text. */
static bool sign(const struct seal_key *secret, const char *purpose, const char *key, const char *time,
                 const char *person, char out[SEAL_SIGN_SIZE])
{
	char text[TOKEN_SIGNED_SIZE];
	int length = snprintf(text, sizeof text, "token\n%s\n%s\n%s\n%s", key, time, person, purpose);

	if (length < 0 || (size_t)length >= sizeof text)
		return false;
	seal_sign(secret, text, out);
	return true;
}

static void sign_person(const struct seal_key *secret, const char *user, char out[SEAL_SIGN_SIZE])
{
	char text[TOKEN_SIGNED_SIZE];
	int length = snprintf(text, sizeof text, "person\n%s", user);

	if (length < 0 || (size_t)length >= sizeof text)
		log_die("user_too_long", "bytes=%d", length); /* identity_read lets SIZE_USER through at most */
	seal_sign(secret, text, out);
}

void token_make(const struct seal_key *secret, const char *purpose, const char *user, const char *key, int64_t now_ms,
                char out[TOKEN_SIZE])
{
	char person[SEAL_SIGN_SIZE], signature[SEAL_SIGN_SIZE], time[TOKEN_TIME_SIZE];
	int length = snprintf(time, sizeof time, "%" PRId64, now_ms);

	if (length < 0 || (size_t)length >= sizeof time)
		log_die("token_time", "now_ms=%" PRId64, now_ms);
	sign_person(secret, user, person);
	if (!sign(secret, purpose, key, time, person, signature))
		log_die("token_purpose_too_long", "bytes=%zu", strlen(purpose));
	length = snprintf(out, TOKEN_SIZE, "%s.%s.%s.%s.%s", key, time, person, secret->id, signature);
	if (length < 0 || length >= TOKEN_SIZE)
		log_die("token_too_long", "bytes=%d", length);
}

enum part { PART_KEY, PART_TIME, PART_PERSON, PART_SECRET, PART_SIGNATURE, PARTS };

/* Cuts "KEY.TIME.PERSON.SECRET.SIGNATURE" in `text` into its parts. */
static bool cut(char *text, char *parts[PARTS])
{
	for (int i = 0; i < PARTS; i++) {
		char *dot = strchr(text, '.');

		parts[i] = text;
		if (!dot != (i == PARTS - 1))
			return false;
		if (dot) {
			*dot = '\0';
			text = dot + 1;
		}
	}
	return true;
}

static bool is_made_of(const char *text, size_t length, const char *characters)
{
	return strlen(text) == length && strspn(text, characters) == length;
}

/* Could a desk with another secret have made it? */
static bool is_of_other_secret(char *const parts[PARTS])
{
	static const char hex[] = "0123456789abcdef";
	static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

	return is_made_of(parts[PART_SECRET], SEAL_ID_SIZE - 1, hex) &&
	       is_made_of(parts[PART_PERSON], SEAL_SIGN_SIZE - 1, base64) &&
	       is_made_of(parts[PART_SIGNATURE], SEAL_SIGN_SIZE - 1, base64);
}

static bool is_signed(const struct seal_key *secret, const char *purpose, char *const parts[PARTS])
{
	char signature[SEAL_SIGN_SIZE];

	return sign(secret, purpose, parts[PART_KEY], parts[PART_TIME], parts[PART_PERSON], signature) &&
	       strlen(parts[PART_SIGNATURE]) == SEAL_SIGN_SIZE - 1 &&
	       text_same_secret(signature, parts[PART_SIGNATURE], SEAL_SIGN_SIZE - 1);
}

enum token_state token_read(const struct seal_key *secret, const char *purpose, const char *user,
                            const char *token, int64_t now_ms, char key_out[ID_KEY_SIZE])
{
	char text[TOKEN_SIZE], person[SEAL_SIGN_SIZE], *parts[PARTS];
	int64_t made_ms = 0;
	size_t length = token ? strlen(token) : 0;
	bool is_ours, says_ours;

	key_out[0] = '\0';
	if (length == 0 || length >= sizeof text)
		return TOKEN_BAD;
	memcpy(text, token, length + 1);
	if (!cut(text, parts) || !ids_is_key(parts[PART_KEY]) ||
	    !text_number(parts[PART_TIME], INT64_MAX / 2, &made_ms))
		return TOKEN_BAD;
	is_ours = is_signed(secret, purpose, parts);
	says_ours = strcmp(parts[PART_SECRET], secret->id) == 0;
	/* The signature is ours and the id is not, or the other way round: altered. */
	if (is_ours != says_ours || (!is_ours && !is_of_other_secret(parts)))
		return TOKEN_BAD;
	memcpy(key_out, parts[PART_KEY], ID_KEY_SIZE);
	if (!is_ours)
		return TOKEN_OF_OTHER_SECRET;
	sign_person(secret, user, person);
	if (strcmp(person, parts[PART_PERSON]) != 0)
		return TOKEN_OF_OTHER;
	if (now_ms - made_ms > TOKEN_MAX_AGE_MS || made_ms - now_ms > TOKEN_FUTURE_MS)
		return TOKEN_OLD;
	return TOKEN_GOOD;
}

/* Chance that follows from a text: the same text, the same key. */
struct derived {
	struct chance chance;
	char hex[SEAL_HASH_SIZE];
};

static int nibble(char digit)
{
	return digit <= '9' ? digit - '0' : digit - 'a' + 10;
}

static void fill_derived(const struct chance *chance, void *out, size_t bytes)
{
	const struct derived *derived = (const struct derived *)chance;
	unsigned char *at = out;

	for (size_t i = 0; i < bytes; i++) {
		const char *pair = &derived->hex[2 * i % (SEAL_HASH_SIZE - 1)];

		at[i] = (unsigned char)(nibble(pair[0]) * 16 + nibble(pair[1]));
	}
}

void token_renewed_key(const struct seal_key *secret, const char *old_key, const char *user,
                       char out[ID_KEY_SIZE])
{
	struct derived derived = { .chance = { fill_derived } };
	char text[TOKEN_SIGNED_SIZE], signature[SEAL_SIGN_SIZE];
	int length = snprintf(text, sizeof text, "renew\n%s\n%s", old_key, user);

	if (length < 0 || (size_t)length >= sizeof text)
		log_die("user_too_long", "bytes=%d", length);
	seal_sign(secret, text, signature);
	seal_hash(NULL, signature, derived.hex); /* even bytes, which base64url's letters are not */
	ids_key(&derived.chance, out);
}
