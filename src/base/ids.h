/* ids.h: the only source of randomness that decides anything, so that the simulation can set it. */
#ifndef BASE_IDS_H
#define BASE_IDS_H

#include "base/base.h"

enum {
	ID_KEY_SIZE = 36 + 1,    /* V4 UUID, lower case (runa-api 23 no. 5) */
	ID_NUMBER_SIZE = 16 + 1, /* order number: 80 random bits in Crockford's base 32 */
};

/* Fills `out` with random bytes. */
struct chance {
	void (*fill)(const struct chance *chance, void *out, size_t bytes);
};

/* libsodium's generator; any thread. */
extern const struct chance chance_of_machine;

void ids_key(const struct chance *chance, char out[ID_KEY_SIZE]);
void ids_number(const struct chance *chance, char out[ID_NUMBER_SIZE]);
/* Even in 0 .. below-1; below >= 1. */
MUST_USE uint32_t ids_below(const struct chance *chance, uint32_t below);

MUST_USE bool ids_is_key(const char *text);    /* a V4 UUID in lower case */
MUST_USE bool ids_is_number(const char *text); /* 16 digits of Crockford's base 32 in capitals */

#endif
