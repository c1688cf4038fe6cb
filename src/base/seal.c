/* seal.c: sealing, signing and hashing with libsodium, and the key file.
 * Must not know what is sealed, nor where the sealed bytes are kept. */
#include "base/seal.h"

#include <string.h>

#include <sodium.h>

#include "base/log.h"

/* Sealed bytes: this byte, the nonce, then what libsodium made. Another way to seal gets another byte. */
enum { SEAL_FORM = 1, SEAL_NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES };
enum { SEAL_HEAD = 1 + SEAL_NONCE, SEAL_MORE = SEAL_HEAD + crypto_aead_xchacha20poly1305_ietf_ABYTES };
enum { SEAL_HASH_BYTES = 32 };

_Static_assert(SEAL_KEY_BYTES == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "key size");
_Static_assert(SEAL_KEY_BYTES == crypto_kdf_KEYBYTES, "key size");
_Static_assert(SEAL_HASH_SIZE == 2 * SEAL_HASH_BYTES + 1, "hash size");

/* One secret in the file, a key of its own for each use: what is learnt from one says nothing about
 * another. */
enum purpose { PURPOSE_SEAL = 1, PURPOSE_SIGN = 2 };

static void key_for(const struct seal_key *key, enum purpose purpose, unsigned char out[SEAL_KEY_BYTES])
{
	if (crypto_kdf_derive_from_key(out, SEAL_KEY_BYTES, purpose, "payoutdk", key->bytes) != 0)
		log_die("seal_broken", "purpose=%d", (int)purpose);
}

static const unsigned char *as_bytes(const char *text)
{
	return (const unsigned char *)text;
}

bool seal_begin(void)
{
	return sodium_init() >= 0;
}

void seal_key_forget(struct seal_key *key)
{
	sodium_memzero(key, sizeof *key);
}

void seal_close(const struct seal_key *key, const char *bound_to, const char *secret, struct arena *mem,
                unsigned char **sealed, size_t *sealed_bytes)
{
	size_t count = strlen(secret);
	unsigned char *out = arena_alloc(mem, count + SEAL_MORE), own_key[SEAL_KEY_BYTES];
	unsigned long long made = 0;

	out[0] = SEAL_FORM;
	/* 24 random bytes never come twice; they decide nothing, so they need not be settable. */
	randombytes_buf(out + 1, SEAL_NONCE);
	key_for(key, PURPOSE_SEAL, own_key);
	if (crypto_aead_xchacha20poly1305_ietf_encrypt(out + SEAL_HEAD, &made, as_bytes(secret), count,
	                                               as_bytes(bound_to), strlen(bound_to), NULL, out + 1,
	                                               own_key) != 0)
		log_die("seal_broken", "bytes=%zu", count);
	sodium_memzero(own_key, sizeof own_key);
	*sealed = out;
	*sealed_bytes = SEAL_HEAD + (size_t)made;
}

char *seal_open(const struct seal_key *key, const char *bound_to, const unsigned char *sealed,
                size_t sealed_bytes, struct arena *mem)
{
	unsigned char own_key[SEAL_KEY_BYTES];
	unsigned long long count = 0;

	if (!sealed || sealed_bytes < SEAL_MORE || sealed[0] != SEAL_FORM)
		return NULL;

	unsigned char *secret = arena_alloc(mem, sealed_bytes - SEAL_MORE + 1); /* ends with NUL */

	key_for(key, PURPOSE_SEAL, own_key);
	int failed = crypto_aead_xchacha20poly1305_ietf_decrypt(
		secret, &count, NULL, sealed + SEAL_HEAD, sealed_bytes - SEAL_HEAD, as_bytes(bound_to),
		strlen(bound_to), sealed + 1, own_key);
	sodium_memzero(own_key, sizeof own_key);
	return failed ? NULL : (char *)secret;
}

void seal_sign(const struct seal_key *key, const char *text, char out[SEAL_SIGN_SIZE])
{
	unsigned char own_key[SEAL_KEY_BYTES], hash[SEAL_HASH_BYTES];

	key_for(key, PURPOSE_SIGN, own_key);
	if (crypto_generichash(hash, sizeof hash, as_bytes(text), strlen(text), own_key, sizeof own_key) != 0)
		log_die("seal_broken", "purpose=%d", PURPOSE_SIGN);
	sodium_memzero(own_key, sizeof own_key);
	sodium_bin2base64(out, SEAL_SIGN_SIZE, hash, sizeof hash, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

bool seal_sign_is(const struct seal_key *key, const char *text, const char *signature)
{
	char wanted[SEAL_SIGN_SIZE];

	if (!signature || strlen(signature) != SEAL_SIGN_SIZE - 1)
		return false;
	seal_sign(key, text, wanted);
	return sodium_memcmp(wanted, signature, SEAL_SIGN_SIZE - 1) == 0;
}

void seal_hash(const char *previous, const char *text, char out[SEAL_HASH_SIZE])
{
	crypto_generichash_state state;
	unsigned char hash[SEAL_HASH_BYTES];
	int failed = crypto_generichash_init(&state, NULL, 0, sizeof hash);

	/* With its NUL, which no text contains: the border between the two cannot be moved. */
	if (previous)
		failed |= crypto_generichash_update(&state, as_bytes(previous), strlen(previous) + 1);
	failed |= crypto_generichash_update(&state, as_bytes(text), strlen(text));
	failed |= crypto_generichash_final(&state, hash, sizeof hash);
	if (failed)
		log_die("seal_broken", "bytes=%zu", strlen(text));
	sodium_bin2hex(out, SEAL_HASH_SIZE, hash, sizeof hash);
}
