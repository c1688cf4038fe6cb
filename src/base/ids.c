/* ids.c: keys, numbers and choices out of random bytes. Must not know what they are used for. */
#include "base/ids.h"

#include <string.h>

#include <sodium.h>

static void fill_from_machine(const struct chance *chance, void *out, size_t bytes)
{
	(void)chance;
	randombytes_buf(out, bytes);
}

const struct chance chance_of_machine = { fill_from_machine };

/* RFC 9562, 5.4: '4' is the version; y is one of 8, 9, a, b. */
static const char key_shape[ID_KEY_SIZE] = "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx";
static const char hex[] = "0123456789abcdef";
/* Crockford: without I, L, O and U, so that a number can be read aloud. */
static const char crockford[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

void ids_key(const struct chance *chance, char out[ID_KEY_SIZE])
{
	unsigned char bytes[16];
	size_t nibble = 0;

	chance->fill(chance, bytes, sizeof bytes);
	for (size_t i = 0; i < ID_KEY_SIZE; i++) {
		unsigned byte = bytes[nibble / 2 % sizeof bytes];
		unsigned value = nibble % 2 ? byte & 15 : byte >> 4;

		switch (key_shape[i]) {
		case 'x': out[i] = hex[value]; break;
		case 'y': out[i] = hex[8 | (value & 3)]; break;
		default: out[i] = key_shape[i]; break;
		}
		nibble += key_shape[i] != '-';
	}
}

void ids_number(const struct chance *chance, char out[ID_NUMBER_SIZE])
{
	unsigned char bytes[10];
	unsigned pool = 0, bits = 0;
	size_t used = 0;

	chance->fill(chance, bytes, sizeof bytes);
	for (size_t i = 0; i < ID_NUMBER_SIZE - 1; i++) {
		if (bits < 5) {
			pool = (pool << 8 | bytes[used++]) & 0xFFFF;
			bits += 8;
		}
		bits -= 5;
		out[i] = crockford[pool >> bits & 31];
	}
	out[ID_NUMBER_SIZE - 1] = '\0';
}

uint32_t ids_below(const struct chance *chance, uint32_t below)
{
	uint64_t wide;

	/* 64 bits for a choice among at most 2^32: uneven by less than 2^-32, and it always ends, whatever
	 * bytes a test's chance gives. */
	chance->fill(chance, &wide, sizeof wide);
	return (uint32_t)(wide % below);
}

bool ids_is_key(const char *text)
{
	if (!text || strlen(text) != ID_KEY_SIZE - 1)
		return false;
	for (size_t i = 0; i < ID_KEY_SIZE - 1; i++) {
		const char fixed[] = { key_shape[i], '\0' };
		const char *allowed = key_shape[i] == 'x' ? hex : key_shape[i] == 'y' ? "89ab" : fixed;

		if (!strchr(allowed, text[i]))
			return false;
	}
	return true;
}

bool ids_is_number(const char *text)
{
	return text && strlen(text) == ID_NUMBER_SIZE - 1 && strspn(text, crockford) == ID_NUMBER_SIZE - 1;
}
