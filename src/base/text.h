/* text.h: looking at bytes that strangers sent. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/arena.h"
#include "base/base.h"

/* A growing text in an arena; `limit_bytes` is the most it may become (0: no limit of its own).
 * Past the limit nothing is added and `is_cut` turns true. */
struct text {
	struct arena *mem;
	char *bytes; /* always ends with NUL */
	size_t count, room, limit_bytes;
	bool is_cut;
};

void text_begin(struct text *text, struct arena *mem, size_t limit_bytes);
void text_add(struct text *text, const char *bytes, size_t count);
void text_add_text(struct text *text, const char *piece);
void text_print(struct text *text, const char *format, ...) FORMAT_LIKE(2, 3);

/* Valid UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF. */
MUST_USE bool text_is_utf8(const char *bytes, size_t count);
/* Code points of a valid UTF-8 text. */
MUST_USE size_t text_length(const char *utf8);
/* No control character (C0, C1, DEL), and nothing unseen that makes a text look like another: marks of writing
 * direction, separators of lines, blanks without width, tags. `utf8` is valid. */
MUST_USE bool text_is_printable(const char *utf8);
/* a to z become A to Z, in place; the rest stays. */
void text_upper(char *text);
MUST_USE bool text_is_same(const char *a, const char *b); /* NULL equals NULL only */
MUST_USE bool text_begins(const char *text, const char *with);
MUST_USE bool text_ends(const char *text, const char *with);
/* A copy without blanks (space, tab, CR, LF, U+00A0) at both ends. */
MUST_USE char *text_trim(struct arena *mem, const char *text);
/* Compares in constant time; for tokens and signatures. */
MUST_USE bool text_same_secret(const void *a, const void *b, size_t count);
/* A whole non-negative decimal number of digits alone, at most `most`. False leaves *out alone. */
MUST_USE bool text_number(const char *text, int64_t most, int64_t *out);
/* Looks like an e-mail address that Runa will take: ASCII, at most 254 characters, one @, a dotted
 * domain (runa-api 23 no. 18). */
MUST_USE bool text_is_email(const char *text);

#endif
