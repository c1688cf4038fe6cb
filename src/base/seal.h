/* seal.h: secrets at rest and signatures (libsodium). Payout links are cash: they are stored sealed
 * (XChaCha20-Poly1305) and opened only to be shown (design 5). */
#ifndef BASE_SEAL_H
#define BASE_SEAL_H

#include "base/arena.h"
#include "base/base.h"
#include "base/problem.h"

enum { SEAL_KEY_BYTES = 32, SEAL_ID_SIZE = 16 + 1 };

struct seal_key {
	unsigned char bytes[SEAL_KEY_BYTES];
	char id[SEAL_ID_SIZE]; /* hex of a hash of the key: tells keys apart, tells nothing about them */
};

/* Once, before anything else here. False: libsodium cannot work on this machine. */
MUST_USE bool seal_begin(void);

/* Reads the key at `path`; where the file is absent and `may_make`, makes it (mode 0600, synced with
 * its directory). A file shorter than SEAL_KEY_BYTES, a link, or one others may read is a problem.
 * Longer files are hashed down to the key. */
MUST_USE bool seal_key_read(const char *path, bool may_make, struct seal_key *key, struct problem *why);
void seal_key_forget(struct seal_key *key);

/* `bound_to` (say, an order's number) must be the same at opening. The sealed bytes live in `mem`. */
void seal_close(const struct seal_key *key, const char *bound_to, const char *secret, struct arena *mem,
                unsigned char **sealed, size_t *sealed_bytes);
/* NULL: not sealed with this key, for another order, or altered. */
MUST_USE char *seal_open(const struct seal_key *key, const char *bound_to, const unsigned char *sealed,
                         size_t sealed_bytes, struct arena *mem);

enum { SEAL_SIGN_SIZE = 43 + 1 }; /* 32 bytes in base64url without padding */
/* Keyed BLAKE2b of `text`, as base64url. */
void seal_sign(const struct seal_key *key, const char *text, char out[SEAL_SIGN_SIZE]);
MUST_USE bool seal_sign_is(const struct seal_key *key, const char *text, const char *signature);

enum { SEAL_HASH_SIZE = 64 + 1 };
/* Unkeyed 32-byte BLAKE2b in hex; `previous` (may be NULL) is hashed in first: for chains. */
void seal_hash(const char *previous, const char *text, char out[SEAL_HASH_SIZE]);

#endif
