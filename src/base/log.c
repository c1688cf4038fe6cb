/* log.c: prints one event as one line with one write(2), so that lines of several threads never mix.
 * Must not know what the events are about. */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/text.h"

enum { LOG_LINE_BYTES = 1024 }; /* with its newline */

static _Atomic int most_level = LOG_NOTE;

void log_set_level(enum log_level level)
{
	most_level = (int)level;
}

/* Takes off a character of which only the beginning fits. */
static size_t without_half_character(const char *text, size_t count)
{
	size_t start = count;

	while (start > 0 && count - start < 3 && ((unsigned char)text[start - 1] & 0xC0) == 0x80)
		start--;
	if (start > 0 && (unsigned char)text[start - 1] >= 0xC0)
		start--;
	return text_is_utf8(text + start, count - start) ? count : start;
}

/* Characters that begin a line or turn the direction of writing: what follows would be shown elsewhere. First
 * and last of each run, as UTF-8. */
static const struct { const char *first, *last; } turning[] = {
	{ "\u061C", "\u061C" },
	{ "\u200E", "\u200F" },
	{ "\u2028", "\u202E" }, /* line and paragraph separator, embeddings and overrides */
	{ "\u2066", "\u2069" },
};

/* Bytes of such a character at `text`; 0: there is none. UTF-8 sorts as its code points do. */
static size_t turning_bytes(const char *text, size_t count)
{
	if ((unsigned char)*text < 0x80) /* nearly always; none of them is ASCII */
		return 0;
	for (size_t i = 0; i < COUNT_OF(turning); i++) {
		size_t bytes = strlen(turning[i].first);

		if (bytes <= count && memcmp(text, turning[i].first, bytes) >= 0 && memcmp(text, turning[i].last, bytes) <= 0)
			return bytes;
	}
	return 0;
}

/* A control character could forge a line or talk to a terminal. C1 ones too (U+0080 to U+009F), and every
 * byte of a text that isn't UTF-8. */
static void make_harmless(char *text, size_t count)
{
	bool is_utf8 = text_is_utf8(text, count);

	for (size_t i = 0; i < count; i++) {
		unsigned char byte = (unsigned char)text[i];
		bool is_c1 = byte == 0xC2 && i + 1 < count && (unsigned char)text[i + 1] < 0xA0;
		size_t turns = is_utf8 ? turning_bytes(text + i, count - i) : 0;

		if (turns > 0) {
			memset(text + i, '?', turns);
			i += turns - 1;
			continue;
		}
		if (is_c1)
			text[i + 1] = '?';
		if (byte < 0x20 || byte == 0x7F || is_c1 || (byte >= 0x80 && !is_utf8))
			text[i] = '?';
	}
}

const char *log_quoted(char out[LOG_QUOTED_SIZE], const char *name)
{
	size_t count = strlen(name), most = LOG_QUOTED_SIZE - 3; /* two quotes and NUL */

	if (count > most)
		count = without_half_character(name, most);
	out[0] = '"';
	for (size_t i = 0; i < count; i++)
		out[1 + i] = name[i] == '"' ? '?' : name[i];
	out[1 + count] = '"';
	out[2 + count] = '\0';
	return out;
}

/* Adds what fits, keeping a place for the newline; returns the new length. */
FORMAT_LIKE(3, 0)
static size_t add_printed(char line[LOG_LINE_BYTES], size_t count, const char *format, va_list args)
{
	size_t room = LOG_LINE_BYTES - 1 - count;
	int wanted = vsnprintf(line + count, room + 1, format, args);

	if (wanted < 0)
		return count;
	if ((size_t)wanted <= room)
		return count + (size_t)wanted;
	return count + without_half_character(line + count, room);
}

FORMAT_LIKE(3, 0)
static void write_line(enum log_level level, const char *event, const char *format, va_list args)
{
	char line[LOG_LINE_BYTES];
	int errno_before = errno; /* who logs an error often still wants to look at it */
	int head = snprintf(line, sizeof line, "<%d>%.200s ", (int)level, event);
	size_t count = head > 0 ? (size_t)head : 0;

	count = add_printed(line, count, format, args);
	make_harmless(line, count);
	while (count > 0 && line[count - 1] == ' ')
		count--;
	line[count++] = '\n';
	while (write(STDERR_FILENO, line, count) < 0 && errno == EINTR)
		;
	errno = errno_before;
}

void log_line(enum log_level level, const char *event, const char *format, ...)
{
	va_list args;

	if ((int)level > most_level)
		return;
	va_start(args, format);
	write_line(level, event, format, args);
	va_end(args);
}

void log_die(const char *event, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_line(LOG_BROKEN, event, format, args);
	va_end(args);
	_exit(EX_SOFTWARE);
}
