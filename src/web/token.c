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
	length = snprintf(out, TOKEN_SIZE, "%s.%s.%s.%s", key, time, person, signature);
	if (length < 0 || length >= TOKEN_SIZE)
		log_die("token_too_long", "bytes=%d", length);
}

/* Cuts "KEY.TIME.PERSON.SIGNATURE" in `text` into its four parts. */
static bool cut(char *text, char *parts[4])
{
	for (int i = 0; i < 4; i++) {
		char *dot = strchr(text, '.');

		parts[i] = text;
		if (!dot != (i == 3))
			return false;
		if (dot) {
			*dot = '\0';
			text = dot + 1;
		}
	}
	return true;
}

enum token_state token_read(const struct seal_key *secret, const char *purpose, const char *user,
                            const char *token, int64_t now_ms, char key_out[ID_KEY_SIZE])
{
	char text[TOKEN_SIZE], person[SEAL_SIGN_SIZE], signature[SEAL_SIGN_SIZE], *parts[4];
	int64_t made_ms = 0;
	size_t length = token ? strlen(token) : 0;

	key_out[0] = '\0';
	if (length == 0 || length >= sizeof text)
		return TOKEN_BAD;
	memcpy(text, token, length + 1);
	if (!cut(text, parts) || !ids_is_key(parts[0]) || !text_number(parts[1], INT64_MAX / 2, &made_ms))
		return TOKEN_BAD;
	if (!sign(secret, purpose, parts[0], parts[1], parts[2], signature) ||
	    strlen(parts[3]) != SEAL_SIGN_SIZE - 1 || !text_same_secret(signature, parts[3], SEAL_SIGN_SIZE - 1))
		return TOKEN_BAD;
	sign_person(secret, user, person);
	if (strcmp(person, parts[2]) != 0)
		return TOKEN_OF_OTHER;
	memcpy(key_out, parts[0], ID_KEY_SIZE);
	if (now_ms - made_ms > TOKEN_MAX_AGE_MS || made_ms - now_ms > TOKEN_FUTURE_MS)
		return TOKEN_OLD;
	return TOKEN_GOOD;
}
