/* product.h: the catalogue as plain values. */
#ifndef MODEL_PRODUCT_H
#define MODEL_PRODUCT_H

#include "base/base.h"
#include "model/money.h"

enum { COUNTRY_SIZE = 2 + 1 };

enum product_kind { PRODUCT_GIFT_CARD, PRODUCT_SUBSCRIPTION, PRODUCT_PAYMENT, PRODUCT_OTHER };

/* All pointers belong to whoever made the product (an arena or a catalogue snapshot). */
struct product {
	const char *code;     /* what is ordered: a subscription's plan code for plans */
	const char *name;     /* UTF-8, as Runa says it: hostile until escaped */
	char currency[CURRENCY_SIZE];
	char country[COUNTRY_SIZE]; /* first of countries_redeemable_in, or "" */
	enum product_kind kind;
	bool is_orderable;
	const char *state;    /* LIVE, TEMPORARILY_DISABLED, ..., or "" */
	int64_t *fixed_minor; /* fixed_count values, ascending; NULL for a range */
	size_t fixed_count;
	int64_t least_minor, most_minor; /* range ends; most_minor 0: none stated */
	const char *discount_text;       /* "0.0200", or "" where unknown */
	const char *expiry_type;         /* runa-api 12.2, or "" */
	int expiry_months;               /* 0: not said */
	const char *category;            /* first category, or "" */
};

struct balance {
	struct money amount;
};

#endif
