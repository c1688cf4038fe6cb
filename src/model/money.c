/* money.c: amounts to and from text, digit by digit. Must not know what is paid for, and must never use
 * binary floating point. */
#include "model/money.h"

#include <string.h>

#include "base/sizes.h"
#include "model/money_typed.h"

/* ISO 4217, list one, by number of decimals. Unknown codes have 2, so the last row only says which
 * codes are meant to. Codes without a unit (metals, XTS, XXX, ...) are left out. */
static const struct { int decimals; const char *codes; } currencies[] = {
	{ 0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF" },
	{ 3, "BHD IQD JOD KWD LYD OMR TND" },
	{ 4, "CLF UYW" },
	{ 2, "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN"
	     " BZD CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP"
	     " GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT"
	     " LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN"
	     " NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE"
	     " SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES"
	     " WST XCD XCG YER ZAR ZMW ZWG" },
};

enum { DECIMALS_UNKNOWN = 2, DECIMALS_OF_RUNA = 2 };

/* The largest amount has SIZE_AMOUNT_DIGITS digits: room for sums, far beyond any order. */
static const int64_t most_minor = INT64_C(999999999999999999);
_Static_assert(SIZE_AMOUNT_DIGITS == 18, "most_minor has as many nines");

bool money_is_currency(const char *text)
{
	if (!text || strlen(text) != CURRENCY_SIZE - 1)
		return false;
	for (; *text; text++)
		if (*text < 'A' || *text > 'Z')
			return false;
	return true;
}

int money_decimals(const char *currency)
{
	if (!money_is_currency(currency))
		return DECIMALS_UNKNOWN;
	for (size_t row = 0; row < COUNT_OF(currencies); row++)
		if (strstr(currencies[row].codes, currency)) /* the blank between keeps codes apart */
			return currencies[row].decimals;
	return DECIMALS_UNKNOWN;
}

int money_runa_decimals(const char *currency)
{
	int decimals = money_decimals(currency);

	return decimals < DECIMALS_OF_RUNA ? decimals : DECIMALS_OF_RUNA;
}

struct money money_of(int64_t minor, const char *currency)
{
	struct money amount = { .minor = minor };

	for (size_t i = 0; i < CURRENCY_SIZE - 1 && currency[i]; i++)
		amount.currency[i] = currency[i];
	return amount;
}

/* ---- reading --------------------------------------------------------------------------------- */

/* A decimal number taken apart: digits, dot, digits, and the power of ten behind an 'e'. */
struct number {
	bool is_negative;
	const char *whole, *fraction;
	size_t whole_count, fraction_count;
	int64_t exponent;
};

static size_t count_digits(const char *text)
{
	return strspn(text, "0123456789");
}

/* "10", "0.5", never "010", ".5" or "5.". Moves *at behind it. */
static bool take_decimal(const char **at, struct number *out)
{
	out->whole = *at;
	out->whole_count = count_digits(*at);
	if (out->whole_count == 0 || (out->whole_count > 1 && **at == '0'))
		return false;
	*at += out->whole_count;
	out->fraction = *at;
	out->fraction_count = 0;
	if (**at != '.')
		return true;
	++*at;
	out->fraction = *at;
	out->fraction_count = count_digits(*at);
	*at += out->fraction_count;
	return out->fraction_count > 0;
}

/* "e1", "E-2" or nothing. Beyond a thousand million the size no longer matters: no text is that long. */
static bool take_exponent(const char **at, struct number *out)
{
	enum { MOST = 1000000000 };
	bool is_negative;

	out->exponent = 0;
	if (**at != 'e' && **at != 'E')
		return true;
	++*at;
	is_negative = **at == '-';
	if (**at == '-' || **at == '+')
		++*at;
	if (count_digits(*at) == 0)
		return false;
	for (; **at >= '0' && **at <= '9'; ++*at)
		if (out->exponent < MOST)
			out->exponent = out->exponent * 10 + (**at - '0');
	if (is_negative)
		out->exponent = -out->exponent;
	return true;
}

/* The digits as one row, without the dot. */
static int digit_at(const struct number *number, size_t i)
{
	return (i < number->whole_count ? number->whole[i] : number->fraction[i - number->whole_count]) - '0';
}

/* The number times ten to the power of `decimals`, where that is whole and fits. */
static enum money_parsed number_to_minor(const struct number *number, int decimals, int64_t *minor)
{
	size_t count = number->whole_count + number->fraction_count;
	/* So many digits, from the left, make up the amount in its smallest unit. */
	int64_t kept = (int64_t)number->whole_count + decimals + number->exponent;
	int64_t value = 0;
	bool is_large = false;

	for (size_t i = 0; i < count; i++) {
		int digit = digit_at(number, i);

		if ((int64_t)i >= kept) {
			if (digit != 0)
				return MONEY_TOO_PRECISE;
		} else if (value > (most_minor - digit) / 10) {
			is_large = true;
		} else {
			value = value * 10 + digit;
		}
	}
	for (int64_t i = (int64_t)count; i < kept && value != 0 && !is_large; i++) {
		is_large = value > most_minor / 10;
		value = is_large ? value : value * 10;
	}
	if (is_large)
		return MONEY_TOO_LARGE;
	*minor = number->is_negative ? -value : value;
	return MONEY_OK;
}

enum money_parsed money_parse(const char *text, const char *currency, struct money *out)
{
	struct number number = { 0 };
	char plain[MONEY_TYPED_SIZE];
	int decimals = money_runa_decimals(currency);
	int64_t minor = 0;
	const char *at = text ? money_skip_blanks(text) : "";

	if (*at == '\0')
		return MONEY_EMPTY;
	if (money_ungroup(at, plain))
		at = plain;
	if (!take_decimal(&at, &number) || *money_skip_blanks(at) != '\0')
		return MONEY_NOT_A_NUMBER;
	if (number.fraction_count > (size_t)decimals)
		return MONEY_TOO_PRECISE;

	enum money_parsed parsed = number_to_minor(&number, decimals, &minor);

	if (parsed == MONEY_OK)
		*out = money_of(minor, currency);
	return parsed;
}

enum money_parsed money_from_runa(const char *text, const char *currency, struct money *out)
{
	struct number number = { 0 };
	int64_t minor = 0;

	if (!text || *text == '\0')
		return MONEY_EMPTY;
	number.is_negative = *text == '-';
	text += number.is_negative;
	if (!take_decimal(&text, &number) || !take_exponent(&text, &number) || *text != '\0')
		return MONEY_NOT_A_NUMBER;

	enum money_parsed parsed = number_to_minor(&number, money_runa_decimals(currency), &minor);

	if (parsed == MONEY_OK)
		*out = money_of(minor, currency);
	return parsed;
}

/* ---- writing --------------------------------------------------------------------------------- */

/* As many decimals as asked for: `decimals` are there, `shown` of them are written. */
static char *money_print(struct arena *mem, int64_t minor, int decimals, int shown)
{
	/* Without the sign first: the least int64_t has no positive counterpart. */
	uint64_t size = minor < 0 ? 0 - (uint64_t)minor : (uint64_t)minor, unit = 1;
	const char *sign = minor < 0 ? "-" : "";

	for (int i = 0; i < decimals; i++)
		unit *= 10;

	unsigned long long whole = size / unit, part = size % unit;

	for (int i = shown; i < decimals; i++)
		part /= 10;
	if (shown == 0)
		return arena_print(mem, "%s%llu", sign, whole);
	return arena_print(mem, "%s%llu.%0*llu", sign, whole, shown, part);
}

char *money_text(struct arena *mem, struct money amount)
{
	int decimals = money_runa_decimals(amount.currency);

	return money_print(mem, amount.minor, decimals, decimals);
}

char *money_text_short(struct arena *mem, struct money amount)
{
	int decimals = money_runa_decimals(amount.currency), shown = decimals;

	for (int64_t rest = amount.minor; shown > 0 && rest % 10 == 0; rest /= 10)
		shown--;
	return money_print(mem, amount.minor, decimals, shown);
}

/* ---- arithmetic ------------------------------------------------------------------------------ */

bool money_add(struct money a, struct money b, struct money *out)
{
	int64_t sum;

	if (strcmp(a.currency, b.currency) != 0 || __builtin_add_overflow(a.minor, b.minor, &sum))
		return false;
	*out = money_of(sum, a.currency);
	return true;
}

bool money_subtract(struct money a, struct money b, struct money *out)
{
	int64_t difference;

	if (strcmp(a.currency, b.currency) != 0 || __builtin_sub_overflow(a.minor, b.minor, &difference))
		return false;
	*out = money_of(difference, a.currency);
	return true;
}
