/* rules.h: what may be ordered. Pure: a wish and the catalogue in, errors by field out. */
#ifndef DESK_RULES_H
#define DESK_RULES_H

#include "desk/catalogue.h"

/* What the form says, as typed; all borrowed, NULL where absent. */
struct wish {
	const char *form_key;  /* from the checked token */
	const char *product, *face_value, *currency, *distribution, *email, *description;
};

#define RULE_LIST(X)                                                                          \
	X(PRODUCT_MISSING)       /* nothing chosen                                         */ \
	X(PRODUCT_UNKNOWN)       /* no such code in the catalogue                          */ \
	X(PRODUCT_NOT_ORDERABLE) /* there, but Runa does not sell it now                   */ \
	X(CATALOGUE_EMPTY)       /* nothing was ever fetched: no order can be checked      */ \
	X(VALUE_MISSING)                                                                      \
	X(VALUE_NOT_A_NUMBER)                                                                 \
	X(VALUE_UNSURE)          /* can be read as `reading`: is that meant?               */ \
	X(VALUE_TWO_READINGS)    /* ... or as `other_reading`: which?                      */ \
	X(VALUE_TOO_PRECISE)     /* more decimals than the currency has; decimals says how many */ \
	X(VALUE_TOO_LARGE)                                                                    \
	X(VALUE_ZERO)                                                                         \
	X(VALUE_NOT_IN_LIST)     /* a fixed list: see the product                          */ \
	X(VALUE_BELOW_RANGE)     /* least                                                  */ \
	X(VALUE_ABOVE_RANGE)     /* most                                                   */ \
	X(VALUE_ABOVE_LIMIT)     /* [limits] order_max: most                               */ \
	X(VALUE_OVER_USER_DAY)   /* [limits] user_day_max: most                            */ \
	X(VALUE_OVER_MONTH)      /* [limits] month_max: most                               */ \
	X(CURRENCY_MISSING)                                                                   \
	X(CURRENCY_UNKNOWN)      /* not three capitals                                     */ \
	X(CURRENCY_DIFFERS)      /* another one than the product's would cost foreign exchange */ \
	X(CURRENCY_NO_BALANCE)   /* balances are known, and none is in this currency       */ \
	X(DISTRIBUTION_MISSING)                                                               \
	X(DISTRIBUTION_UNKNOWN)                                                               \
	X(EMAIL_MISSING)         /* EMAIL without an address                               */ \
	X(EMAIL_INVALID)                                                                      \
	X(EMAIL_UNPRINTABLE)     /* ... because of something that is not seen              */ \
	X(EMAIL_UNWANTED)        /* an address although a link was asked for               */ \
	X(DESCRIPTION_TOO_LONG)  /* over SIZE_DESCRIPTION characters                       */ \
	X(DESCRIPTION_UNPRINTABLE)

enum rule {
#define RULE_ENUM(name) RULE_##name,
	RULE_LIST(RULE_ENUM)
#undef RULE_ENUM
	RULES
};

struct field_error {
	const char *field; /* the form's field name: "product", "face_value", ... */
	enum rule rule;
	int decimals;              /* of VALUE_TOO_PRECISE */
	struct money least, most;  /* where the rule says so */
	const char *reading, *other_reading; /* of VALUE_UNSURE and VALUE_TWO_READINGS: as money_readings has them */
	const struct product *product; /* where one was found; borrowed from the catalogue or NULL */
};

enum { FIELD_ERRORS_MOST = 12 };
struct field_errors {
	struct field_error lines[FIELD_ERRORS_MOST]; /* in the form's order; at most one a field */
	size_t count;
};

/* Checks the wish; true: `out` has the unchangeable part of the order (product, value, distribution, email,
 * description), in `mem`. */
MUST_USE bool rules_check(const struct catalogue *catalogue, const struct desk_rules *rules, struct arena *mem,
                          const struct wish *wish, struct order *out, struct field_errors *errors);

#endif
