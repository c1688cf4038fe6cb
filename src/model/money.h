/* money.h: amounts as integer minor units with their currency, and the currencies' decimals.
 * Nothing here, and nothing that handles money anywhere, uses binary floating point. */
#ifndef MODEL_MONEY_H
#define MODEL_MONEY_H

#include "base/arena.h"
#include "base/base.h"

enum { CURRENCY_SIZE = 3 + 1 };

struct money {
	int64_t minor; /* in the currency's smallest unit: 10.00 GBP is 1000, 10 JPY is 10 */
	char currency[CURRENCY_SIZE];
};

/* ISO 4217's decimals of a currency; unknown ones have 2 (runa-api 4: accept unknown codes). ISO's
 * own numbers on purpose: ICU's differ for IQD, LAK, RSD and others. */
MUST_USE int money_decimals(const char *currency);
/* The decimals in which Runa takes and says amounts: ISO's, but two at most (runa-api 23 no. 15).
 * Minor units everywhere in the desk count these. */
MUST_USE int money_runa_decimals(const char *currency);
MUST_USE bool money_is_currency(const char *text); /* three capitals */

enum money_parsed {
	MONEY_OK,
	MONEY_EMPTY,
	MONEY_NOT_A_NUMBER,   /* '1e3', '0x10', '-1', '+1', '.5', '5.', '१०'; '10,00', '1 000': see money_readings */
	MONEY_TOO_PRECISE,    /* more decimals than the currency has: never rounded */
	MONEY_TOO_LARGE,      /* would not fit */
};

/* What a person typed, blanks around allowed, where it can be read in one way only:
 *   '10', '10.5'                          digits, and a point before at most the currency's decimals
 *   '1,000.00', '1.000,00', '1 000,00'    two kinds of separators: groups of three before, decimals behind the last
 *   '1,000,000', '1 000 000'              one kind, more than once: groups of three
 * Nothing is rounded: trailing zeros beyond the currency's decimals are MONEY_TOO_PRECISE too. One comma, one blank,
 * and a point before exactly three digits are asked about: money_readings. */
MUST_USE enum money_parsed money_parse(const char *text, const char *currency, struct money *out);

enum { MONEY_READINGS_MOST = 2 };
/* The ways to read what money_parse refused: '1.234' and '1,234' are '1234' or '1.234', '10,00' is '10.00', '1 000' is
 * '1000'. Each as it would have to be typed, but for its decimals, which may be more than the currency has. The count;
 * 0: it is something else. */
MUST_USE size_t money_readings(struct arena *mem, const char *text, char *readings[MONEY_READINGS_MOST]);

/* What Runa wrote: a JSON number or string of varying scale, '10', '1.0', '10.00', '10.0000', also
 * '1e1' and '-0.5'. Digits beyond the currency's decimals must be zeros, else MONEY_TOO_PRECISE. */
MUST_USE enum money_parsed money_from_runa(const char *text, const char *currency, struct money *out);

/* '10.00', '1000', '-0.50': always all decimals, no grouping. */
MUST_USE char *money_text(struct arena *mem, struct money amount);
/* The same without trailing zeros ('25', '12.5'): how amounts go to Runa (runa-api 4). */
MUST_USE char *money_text_short(struct arena *mem, struct money amount);

/* False on overflow or unequal currencies; out untouched then. */
MUST_USE bool money_add(struct money a, struct money b, struct money *out);
MUST_USE bool money_subtract(struct money a, struct money b, struct money *out);

struct money money_of(int64_t minor, const char *currency);

#endif
