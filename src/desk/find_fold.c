/* find_fold.c: texts made alike for comparing: no case, no accents, no punctuation. Must not know what is
 * looked for. */
#include <string.h>

#include "desk/find.h"

/* What the letters from U+00C0 on look like without their accents; "" is no letter. */
static const char *const latin[] = {
	"a", "a", "a", "a", "a", "a", "ae", "c", "e", "e", "e", "e", "i", "i", "i", "i",
	"d", "n", "o", "o", "o", "o", "o", "", "o", "u", "u", "u", "u", "y", "th", "ss",
	"a", "a", "a", "a", "a", "a", "ae", "c", "e", "e", "e", "e", "i", "i", "i", "i",
	"d", "n", "o", "o", "o", "o", "o", "", "o", "u", "u", "u", "u", "y", "th", "y",
	"a", "a", "a", "a", "a", "a", "c", "c", "c", "c", "c", "c", "c", "c", "d", "d", /* U+0100 */
	"d", "d", "e", "e", "e", "e", "e", "e", "e", "e", "e", "e", "g", "g", "g", "g",
	"g", "g", "g", "g", "h", "h", "h", "h", "i", "i", "i", "i", "i", "i", "i", "i",
	"i", "i", "ij", "ij", "j", "j", "k", "k", "k", "l", "l", "l", "l", "l", "l", "l",
	"l", "l", "l", "n", "n", "n", "n", "n", "n", "n", "n", "n", "o", "o", "o", "o",
	"o", "o", "oe", "oe", "r", "r", "r", "r", "r", "r", "s", "s", "s", "s", "s", "s",
	"s", "s", "t", "t", "t", "t", "t", "t", "u", "u", "u", "u", "u", "u", "u", "u",
	"u", "u", "u", "u", "w", "w", "y", "y", "y", "z", "z", "z", "z", "z", "z", "s",
};
enum { LATIN_FIRST = 0xC0, LATIN_LAST = 0x17F, FOLDED_PER_BYTE = 2 };
_Static_assert(COUNT_OF(latin) == LATIN_LAST - LATIN_FIRST + 1, "a row for each letter");

/* Ranges that vanish, or part words; other code points above ASCII are letters of some script. */
static const struct { uint32_t from, to; bool parts; } others[] = {
	{ 0x80, 0xBF, true }, { 0x2B0, 0x2FF, true }, { 0x300, 0x36F, false }, { 0x2000, 0x200A, true },
	{ 0x200B, 0x200F, false }, { 0x2010, 0x206F, true }, { 0x20A0, 0x20CF, true }, { 0x2100, 0x2BFF, true },
	{ 0x3000, 0x303F, true }, { 0xFE00, 0xFE0F, false }, { 0xFEFF, 0xFEFF, false }, { 0x1F000, 0x1FAFF, true },
};

/* Capitals of scripts whose small letters lie at a fixed distance. */
static const struct { uint32_t from, to; int to_small; } capitals[] = {
	{ 0x391, 0x3A9, 0x20 }, { 0x400, 0x40F, 0x50 }, { 0x410, 0x42F, 0x20 }, { 0x531, 0x556, 0x30 },
};

/* The next code point; a broken byte counts as one that parts words. Moves *at behind it. */
static uint32_t take_point(const unsigned char **at)
{
	const unsigned char *byte = *at;
	int more = byte[0] >= 0xF0 ? 3 : byte[0] >= 0xE0 ? 2 : byte[0] >= 0xC0 ? 1 : 0;
	uint32_t point = more == 3 ? byte[0] & 7u : more == 2 ? byte[0] & 15u : more == 1 ? byte[0] & 31u : byte[0];

	++*at;
	for (int i = 1; i <= more; i++) {
		if ((byte[i] & 0xC0) != 0x80)
			return 0x80;
		point = point << 6 | (byte[i] & 63u);
		++*at;
	}
	return point;
}

static size_t put_point(char *out, uint32_t point)
{
	if (point < 0x800) {
		out[0] = (char)(0xC0 | point >> 6);
		out[1] = (char)(0x80 | (point & 63));
		return 2;
	}
	if (point < 0x10000) {
		out[0] = (char)(0xE0 | point >> 12);
		out[1] = (char)(0x80 | (point >> 6 & 63));
		out[2] = (char)(0x80 | (point & 63));
		return 3;
	}
	out[0] = (char)(0xF0 | point >> 18);
	out[1] = (char)(0x80 | (point >> 12 & 63));
	out[2] = (char)(0x80 | (point >> 6 & 63));
	out[3] = (char)(0x80 | (point & 63));
	return 4;
}

/* The bytes of a point as it is compared; 0 and *parts: it parts words; 0 alone: it vanishes. */
static size_t fold_point(uint32_t point, char out[4], bool *parts)
{
	*parts = false;
	if (point < 0x80) {
		bool is_capital = point >= 'A' && point <= 'Z';
		bool is_word = is_capital || (point >= 'a' && point <= 'z') || (point >= '0' && point <= '9');

		out[0] = (char)(is_capital ? point + ('a' - 'A') : point);
		*parts = !is_word && point != '\'';
		return is_word;
	}
	if (point >= LATIN_FIRST && point <= LATIN_LAST) {
		const char *letters = latin[point - LATIN_FIRST];

		*parts = *letters == '\0';
		memcpy(out, letters, strlen(letters));
		return strlen(letters);
	}
	for (size_t i = 0; i < COUNT_OF(others); i++)
		if (point >= others[i].from && point <= others[i].to) {
			*parts = others[i].parts && point != 0x2019; /* Macy's with a curled apostrophe is one word */
			return 0;
		}
	for (size_t i = 0; i < COUNT_OF(capitals); i++)
		if (point >= capitals[i].from && point <= capitals[i].to)
			return put_point(out, point + (uint32_t)capitals[i].to_small);
	return put_point(out, point);
}

char *find_fold(struct arena *mem, const char *text)
{
	char *out = arena_alloc(mem, FOLDED_PER_BYTE * strlen(text) + 2);
	const unsigned char *at = (const unsigned char *)text;
	size_t count = 0;
	bool is_parted = false;

	while (*at) {
		char letters[4];
		bool parts;
		size_t bytes = fold_point(take_point(&at), letters, &parts);

		is_parted |= parts;
		if (bytes == 0)
			continue;
		if (is_parted && count > 0)
			out[count++] = ' ';
		is_parted = false;
		memcpy(out + count, letters, bytes);
		count += bytes;
	}
	return out;
}
