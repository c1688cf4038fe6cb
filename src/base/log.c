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

/* A control character could forge a line or talk to a terminal. C1 ones too (U+0080 to U+009F), and every
 * byte of a text that isn't UTF-8. */
static void make_harmless(char *text, size_t count)
{
	bool is_utf8 = text_is_utf8(text, count);

	for (size_t i = 0; i < count; i++) {
		unsigned char byte = (unsigned char)text[i];
		bool is_c1 = byte == 0xC2 && i + 1 < count && (unsigned char)text[i + 1] < 0xA0;

		if (is_c1)
			text[i + 1] = '?';
		if (byte < 0x20 || byte == 0x7F || is_c1 || (byte >= 0x80 && !is_utf8))
			text[i] = '?';
	}
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
