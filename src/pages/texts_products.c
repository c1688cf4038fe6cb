/* texts_products.c: the words about products that C chooses among. Decides nothing. */
#include <string.h>

#include "pages/products.h"
#include "pages/show.h"

/* By Runa's word for when the time begins, with the months and where they are not said (runa-api 12.2). */
static const struct { const char *type, *with_months, *without; } expiries[] = {
	{ "from-issue-date", N_("{months} after issue"), N_("counted from the day it is issued") },
	{ "from-last-use", N_("{months} after last use"), N_("counted from its last use") },
	{ "from-last-balance-check", N_("{months} after its balance was last looked up"), N_("counted from the last look at its balance") },
	{ "indefinite", N_("never"), N_("never") },
};
static const char expiry_not_said[] = N_("not said by Runa");
static const char one_month[] = N_("1 month"), more_months[] = N_("{count} months");
static const char no_discount[] = N_("none"), discount_not_said[] = N_("not said by Runa");
static const char percent[] = N_("{number} %");

static char *with_count(struct arena *mem, int64_t count, const char *one, const char *more)
{
	const struct show_fill fill = { "count", arena_print(mem, "%lld", (long long)count) };

	return show_filled(mem, count == 1 ? one : more, &fill, 1);
}

char *texts_expiry(struct arena *mem, const struct product *product)
{
	const struct show_fill months = { "months", with_count(mem, product->expiry_months, one_month, more_months) };

	for (size_t i = 0; product->expiry_type && i < COUNT_OF(expiries); i++)
		if (strcmp(expiries[i].type, product->expiry_type) == 0)
			return show_filled(mem, product->expiry_months > 0 ? expiries[i].with_months : expiries[i].without,
			                   &months, 1);
	return arena_text(mem, expiry_not_said);
}

/* "0.0130" times a hundred, "1.3": the point moves two places. NULL: it is nothing. */
static char *hundredfold(struct arena *mem, const char *text)
{
	size_t whole = strcspn(text, "."), point = whole + 2, count = 0, first = 0;
	char *digits = arena_alloc(mem, strlen(text) + 5), *out = arena_alloc(mem, strlen(text) + 6);

	for (const char *at = text; *at; at++)
		if (*at != '.')
			digits[count++] = *at;
	while (count < point)
		digits[count++] = '0';
	while (count > point && digits[count - 1] == '0')
		count--;
	while (first + 1 < point && digits[first] == '0')
		first++;
	if (strspn(digits, "0") >= count)
		return NULL;
	memcpy(out, digits + first, point - first);
	if (count > point) {
		out[point - first] = '.';
		memcpy(out + point - first + 1, digits + point, count - point);
	}
	return out;
}

char *texts_discount(struct arena *mem, const struct product *product)
{
	struct show_fill number = { "number", NULL };

	if (!product->discount_text || !*product->discount_text)
		return arena_text(mem, discount_not_said);
	number.value = hundredfold(mem, product->discount_text);
	return number.value ? show_filled(mem, percent, &number, 1) : arena_text(mem, no_discount);
}

static const struct { int64_t ms; const char *one, *more; } ages[] = {
	{ MS_A_DAY, N_("1 day ago"), N_("{count} days ago") },
	{ MS_AN_HOUR, N_("1 hour ago"), N_("{count} hours ago") },
	{ MS_A_MINUTE, N_("1 minute ago"), N_("{count} minutes ago") },
};
static const char just_now[] = N_("less than a minute ago");

char *texts_age(struct arena *mem, int64_t age_ms)
{
	for (size_t i = 0; i < COUNT_OF(ages); i++)
		if (age_ms >= ages[i].ms)
			return with_count(mem, age_ms / ages[i].ms, ages[i].one, ages[i].more);
	return arena_text(mem, just_now);
}
