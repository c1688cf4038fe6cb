/* problem.c: writes an operator's sentence into its fixed place. Must not know what went wrong. */
#include "base/problem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void problem_set(struct problem *why, const char *format, ...)
{
	static const char cut[] = "...";
	va_list args;

	if (!why)
		return;
	va_start(args, format);
	int wanted = vsnprintf(why->text, sizeof why->text, format, args);
	va_end(args);
	if (wanted < 0) {
		why->text[0] = '\0';
	} else if ((size_t)wanted >= sizeof why->text) {
		size_t at = sizeof why->text - sizeof cut;

		/* Not in the middle of a character. */
		while (at > 0 && ((unsigned char)why->text[at] & 0xC0) == 0x80)
			at--;
		memcpy(why->text + at, cut, sizeof cut);
	}
}
