/* money_typed.c: '1,000.00' and '1 000,00' are one amount, '1.234' is two. Where an amount can be read in two ways
 * nobody guesses: it is asked about. Must not know currencies. */
#include "model/money_typed.h"

#include <string.h>

enum { GROUP_DIGITS = 3, SEPARATORS_MOST = 8 };

/* Blanks in all the widths in which people and spreadsheets put them between groups. */
static size_t group_blank_bytes(const char *text)
{
	static const char *const wide[] = { "\xC2\xA0", "\xE2\x80\x89", "\xE2\x80\xAF" };

	if (*text == ' ')
		return 1;
	for (size_t i = 0; i < COUNT_OF(wide); i++)
		if (strncmp(text, wide[i], strlen(wide[i])) == 0)
			return strlen(wide[i]);
	return 0;
}

static size_t blank_bytes(const char *text)
{
	if (*text == ' ' || *text == '\t' || *text == '\r' || *text == '\n')
		return 1;
	return strncmp(text, "\xC2\xA0", 2) == 0 ? 2 : 0;
}

const char *money_skip_blanks(const char *text)
{
	for (size_t blank; (blank = blank_bytes(text)) > 0;)
		text += blank;
	return text;
}

/* Digits and what stands between them. */
struct typed {
	const char *digits[SEPARATORS_MOST + 1];
	size_t counts[SEPARATORS_MOST + 1];
	char kinds[SEPARATORS_MOST]; /* '.', ',' or ' ' */
	size_t separators;
};

/* False: there is something else in it. */
static bool take_apart(const char *text, struct typed *out)
{
	const char *at = money_skip_blanks(text);

	memset(out, 0, sizeof *out);
	for (;;) {
		size_t blank;

		out->digits[out->separators] = at;
		out->counts[out->separators] = strspn(at, "0123456789");
		at += out->counts[out->separators];
		if (out->counts[out->separators] == 0)
			return false;
		if (*money_skip_blanks(at) == '\0')
			return true;
		blank = group_blank_bytes(at);
		if (out->separators == SEPARATORS_MOST || (*at != '.' && *at != ',' && blank == 0))
			return false;
		out->kinds[out->separators++] = blank ? ' ' : *at;
		at += blank ? blank : 1;
	}
}

/* Are the first `separators` of one kind, with groups of three behind each? */
static bool is_grouped(const struct typed *typed, size_t separators)
{
	if (typed->counts[0] > GROUP_DIGITS || typed->digits[0][0] == '0')
		return false;
	for (size_t i = 0; i < separators; i++)
		if (typed->kinds[i] != typed->kinds[0] || typed->counts[i + 1] != GROUP_DIGITS)
			return false;
	return true;
}

/* All digits, with a point before the last ones where `has_decimals`. False: too many. */
static bool put_together(const struct typed *typed, bool has_decimals, char plain[MONEY_TYPED_SIZE])
{
	size_t count = 0;

	for (size_t i = 0; i <= typed->separators; i++) {
		if (count + typed->counts[i] + 2 > MONEY_TYPED_SIZE)
			return false;
		if (has_decimals && i == typed->separators)
			plain[count++] = '.';
		memcpy(plain + count, typed->digits[i], typed->counts[i]);
		count += typed->counts[i];
	}
	plain[count] = '\0';
	return true;
}

bool money_ungroup(const char *text, char plain[MONEY_TYPED_SIZE])
{
	struct typed typed;
	char last;

	if (!take_apart(text, &typed) || typed.separators < 2)
		return false;
	last = typed.kinds[typed.separators - 1];
	if (is_grouped(&typed, typed.separators))
		return put_together(&typed, false, plain);
	return last != ' ' && last != typed.kinds[0] && is_grouped(&typed, typed.separators - 1) &&
	       put_together(&typed, true, plain);
}

size_t money_readings(struct arena *mem, const char *text, char *readings[MONEY_READINGS_MOST])
{
	struct typed typed;
	char plain[MONEY_TYPED_SIZE];
	size_t count = 0;

	if (!text || !take_apart(text, &typed) || typed.separators != 1)
		return 0;
	if (is_grouped(&typed, 1) && put_together(&typed, false, plain))
		readings[count++] = arena_text(mem, plain);
	if (typed.kinds[0] == ' ' || (typed.kinds[0] == '.' && count == 0))
		return count;
	if ((typed.counts[0] == 1 || typed.digits[0][0] != '0') && put_together(&typed, true, plain))
		readings[count++] = arena_text(mem, plain);
	return count;
}
