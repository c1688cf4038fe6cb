/* text.c: a growing text, and the checks of texts that strangers sent.
 * Must not know where a text comes from or goes to; nothing here depends on the locale. */
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "base/log.h"
#include "base/sizes.h"

enum { TEXT_FIRST_ROOM = 256 };

/* ---- a growing text -------------------------------------------------------------------------- */

void text_begin(struct text *text, struct arena *mem, size_t limit_bytes)
{
	*text = (struct text){ .mem = mem, .limit_bytes = limit_bytes };
	text->room = TEXT_FIRST_ROOM;
	if (limit_bytes > 0 && limit_bytes < text->room)
		text->room = limit_bytes + 1;
	text->bytes = arena_alloc(mem, text->room);
}

/* False: `count` more would pass the limit, or an earlier piece did. */
static bool text_make_room(struct text *text, size_t count)
{
	size_t whole;

	if (text->is_cut || __builtin_add_overflow(text->count, count, &whole) ||
	    (text->limit_bytes > 0 && whole > text->limit_bytes)) {
		text->is_cut = true;
		return false;
	}
	if (whole < text->room)
		return true;

	size_t room = text->room;

	while (room <= whole)
		room *= 2;
	if (text->limit_bytes > 0 && room > text->limit_bytes)
		room = text->limit_bytes + 1;

	char *bytes = arena_alloc(text->mem, room);

	memcpy(bytes, text->bytes, text->count);
	text->bytes = bytes;
	text->room = room;
	return true;
}

void text_add(struct text *text, const char *bytes, size_t count)
{
	if (count == 0 || !text_make_room(text, count))
		return;
	memcpy(text->bytes + text->count, bytes, count);
	text->count += count;
	text->bytes[text->count] = '\0';
}

void text_add_text(struct text *text, const char *piece)
{
	text_add(text, piece, strlen(piece));
}

/* Printed where it will stand; a second time only where it didn't fit. */
void text_print(struct text *text, const char *format, ...)
{
	size_t left = text->room - text->count;
	va_list args;

	va_start(args, format);
	int count = vsnprintf(text->bytes + text->count, left, format, args);
	va_end(args);
	if (count < 0)
		log_die("print_failed", "format=%s", format);
	if (text->is_cut || (size_t)count >= left)
		text->bytes[text->count] = '\0';
	if (!text_make_room(text, (size_t)count))
		return;
	if ((size_t)count >= left) {
		va_start(args, format);
		int again = vsnprintf(text->bytes + text->count, (size_t)count + 1, format, args);
		va_end(args);
		if (again != count)
			log_die("print_failed", "format=%s", format);
	}
	text->count += (size_t)count;
}

/* ---- UTF-8 ----------------------------------------------------------------------------------- */

/* RFC 3629, section 4: the sequences by their first byte, and what the second byte may be; all further
 * ones are 80..BF. The narrowed second bytes keep out overlong forms, surrogates and what is too large. */
static const struct { unsigned char first, last; int more; unsigned char low, high; } sequences[] = {
	{ 0x00, 0x7F, 0, 0, 0 },
	{ 0xC2, 0xDF, 1, 0x80, 0xBF },
	{ 0xE0, 0xE0, 2, 0xA0, 0xBF },
	{ 0xE1, 0xEC, 2, 0x80, 0xBF },
	{ 0xED, 0xED, 2, 0x80, 0x9F },
	{ 0xEE, 0xEF, 2, 0x80, 0xBF },
	{ 0xF0, 0xF0, 3, 0x90, 0xBF },
	{ 0xF1, 0xF3, 3, 0x80, 0xBF },
	{ 0xF4, 0xF4, 3, 0x80, 0x8F },
};

/* Bytes of the character at the start of `bytes`; 0: it is none. */
static size_t character_bytes(const unsigned char *bytes, size_t count)
{
	size_t row = 0;

	while (row < COUNT_OF(sequences) && bytes[0] > sequences[row].last)
		row++;
	if (row == COUNT_OF(sequences) || bytes[0] < sequences[row].first)
		return 0;

	size_t more = (size_t)sequences[row].more;

	if (more == 0)
		return 1;
	if (count <= more || bytes[1] < sequences[row].low || bytes[1] > sequences[row].high)
		return 0;
	for (size_t i = 2; i <= more; i++)
		if (bytes[i] < 0x80 || bytes[i] > 0xBF)
			return 0;
	return more + 1;
}

bool text_is_utf8(const char *bytes, size_t count)
{
	for (size_t at = 0; at < count;) {
		bool is_ascii = (unsigned char)bytes[at] < 0x80;
		size_t taken = is_ascii ? 1 : character_bytes((const unsigned char *)bytes + at, count - at);

		if (taken == 0)
			return false;
		at += taken;
	}
	return true;
}

size_t text_length(const char *utf8)
{
	size_t length = 0;

	for (; *utf8; utf8++)
		length += ((unsigned char)*utf8 & 0xC0) != 0x80;
	return length;
}

/* What is not seen and yet changes what is read (Unicode 15: Cc, Zl, Zp, most of Cf, and fillers). The two joiners,
 * U+200C and U+200D, are left out on purpose: Persian, Hindi and many emoji cannot be written without. */
static const struct { uint32_t first, last; } unseen[] = {
	{ 0x00, 0x1F },         /* C0 */
	{ 0x7F, 0x9F },         /* DEL, C1 */
	{ 0xAD, 0xAD },         /* soft hyphen */
	{ 0x034F, 0x034F },     /* grapheme joiner */
	{ 0x061C, 0x061C },     /* a mark of direction */
	{ 0x115F, 0x1160 },     /* Hangul fillers */
	{ 0x17B4, 0x17B5 },     /* Khmer vowels that are not written */
	{ 0x180E, 0x180E },     /* Mongolian vowel separator */
	{ 0x200B, 0x200B },     /* blank without width */
	{ 0x200E, 0x200F },     /* marks of direction */
	{ 0x2028, 0x202E },     /* separators of lines and paragraphs; embeddings and overrides of direction */
	{ 0x2060, 0x206F },     /* word joiner, invisible operators, isolates of direction, deprecated ones */
	{ 0x3164, 0x3164 },     /* Hangul filler */
	{ 0xFEFF, 0xFEFF },     /* byte order mark */
	{ 0xFFA0, 0xFFA0 },     /* Hangul filler */
	{ 0xFFF9, 0xFFFB },     /* annotations between lines */
	{ 0x1D173, 0x1D17A },   /* of musical notation */
	{ 0xE0000, 0xE0FFF },   /* tags, further variation selectors */
};

/* The character at *at, of a valid text, which moves behind it. */
static uint32_t next_character(const unsigned char **at)
{
	uint32_t first = *(*at)++;
	uint32_t character = first & (first < 0x80 ? 0x7F : first < 0xE0 ? 0x1F : first < 0xF0 ? 0x0F : 0x07);

	while ((**at & 0xC0) == 0x80)
		character = character << 6 | (*(*at)++ & 0x3F);
	return character;
}

bool text_is_printable(const char *utf8)
{
	for (const unsigned char *at = (const unsigned char *)utf8; *at;) {
		uint32_t character = next_character(&at);

		for (size_t i = 0; i < COUNT_OF(unseen) && character >= unseen[i].first; i++)
			if (character <= unseen[i].last)
				return false;
	}
	return true;
}

/* ---- comparing and cutting ------------------------------------------------------------------- */

void text_upper(char *text)
{
	for (; *text; text++)
		if (*text >= 'a' && *text <= 'z')
			*text = (char)(*text - 'a' + 'A');
}

bool text_is_same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

bool text_begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

bool text_ends(const char *text, const char *with)
{
	size_t count = strlen(text), tail = strlen(with);

	return tail <= count && memcmp(text + count - tail, with, tail) == 0;
}

/* Bytes of the blank that the `count` bytes begin with (or end with, `from_end`); 0: there is none. */
static size_t blank_bytes(const char *text, size_t count, bool from_end)
{
	static const char *const blanks[] = { " ", "\t", "\r", "\n", "\xC2\xA0" };

	for (size_t i = 0; i < COUNT_OF(blanks); i++) {
		size_t bytes = strlen(blanks[i]);

		if (count >= bytes && memcmp(from_end ? text + count - bytes : text, blanks[i], bytes) == 0)
			return bytes;
	}
	return 0;
}

char *text_trim(struct arena *mem, const char *text)
{
	size_t count = strlen(text);

	for (size_t blank; (blank = blank_bytes(text, count, false)) > 0; count -= blank)
		text += blank;
	for (size_t blank; (blank = blank_bytes(text, count, true)) > 0;)
		count -= blank;
	return arena_copy(mem, text, count);
}

bool text_same_secret(const void *a, const void *b, size_t count)
{
	return sodium_memcmp(a, b, count) == 0;
}

bool text_number(const char *text, int64_t most, int64_t *out)
{
	int64_t number = 0;

	if (!text || !*text)
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return false;
		if (__builtin_mul_overflow(number, 10, &number) ||
		    __builtin_add_overflow(number, *text - '0', &number))
			return false;
	}
	if (number > most)
		return false;
	*out = number;
	return true;
}

/* ---- e-mail ---------------------------------------------------------------------------------- */

static bool is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* `count` bytes are pieces of letters, digits and `others`, none empty, with single dots between.
 * `edges`: a piece neither begins nor ends with one of `others`. */
static bool are_dotted(const char *text, size_t count, const char *others, bool edges, size_t most_piece,
                       size_t *pieces)
{
	size_t piece = 0;

	*pieces = 1;
	for (size_t i = 0; i < count; i++) {
		bool is_plain = is_alnum(text[i]);

		if (text[i] == '.') {
			if (piece == 0 || (edges && !is_alnum(text[i - 1])))
				return false;
			piece = 0;
			*pieces += 1;
			continue;
		}
		if (!is_plain && (text[i] == '\0' || !strchr(others, text[i])))
			return false;
		if (edges && piece == 0 && !is_plain)
			return false;
		if (++piece > most_piece)
			return false;
	}
	return piece > 0 && !(edges && !is_alnum(text[count - 1]));
}

bool text_is_email(const char *text)
{
	enum { MOST_LOCAL = 64, MOST_LABEL = 63 }; /* RFC 5321, 4.5.3.1.1; RFC 1035, 2.3.4 */
	static const char atext[] = "!#$%&'*+-/=?^_`{|}~"; /* RFC 5322, 3.2.3 */
	const char *at = text ? strchr(text, '@') : NULL;
	size_t pieces;

	if (!at || strlen(text) > SIZE_EMAIL || at - text > MOST_LOCAL)
		return false;
	return are_dotted(text, (size_t)(at - text), atext, false, MOST_LOCAL, &pieces) &&
	       are_dotted(at + 1, strlen(at + 1), "-", true, MOST_LABEL, &pieces) && pieces >= 2;
}
