/* catalogue.h: the products on offer. Made the same way every time for the same settings; sorted by
 * code. Guarded by the world's lock; what it hands out lives until catalogue_end(). */
#ifndef SANDBOX_CATALOGUE_H
#define SANDBOX_CATALOGUE_H

#include "model/money.h"
#include "sandbox/exchange.h"
#include "sandbox/map.h"
#include "sandbox/settings.h"

enum offering_kind { OFFERING_GIFT_CARD, OFFERING_SUBSCRIPTION, OFFERING_PAYMENT };
enum offering_state { OFFERING_LIVE, OFFERING_DISABLED, OFFERING_DEGRADED };

enum { OFFERING_VALUES_MAX = 12, OFFERING_PLANS_MAX = 3, OFFERING_COUNTRIES_MAX = 4 };

struct offering_plan {
	const char *code, *name, *unit, *price; /* unit: DAYS or MONTHS */
	int length;
	int64_t price_minor;
};

/* One product. All texts belong to the catalogue (or are constants). */
struct offering {
	const char *code, *name;
	char currency[CURRENCY_SIZE];
	const char *countries[OFFERING_COUNTRIES_MAX + 1]; /* NULL behind the last */
	const char *category, *second_category;            /* second may be NULL */
	enum offering_kind kind;
	enum offering_state state;
	bool is_orderable, takes_recipient;
	int discount_bp;                 /* ten-thousandths off the face value */
	bool is_fixed;
	const char *values[OFFERING_VALUES_MAX]; /* fixed: all; open: least and most. As shown: "12.95" */
	int64_t values_minor[OFFERING_VALUES_MAX];
	size_t value_count;
	struct offering_plan plans[OFFERING_PLANS_MAX];
	size_t plan_count;
	int expiry_months;               /* 0: indefinite */
	char *json;                      /* as GET /product shows it */
};

/* What a code in an order means: a product, or a plan of one. */
struct offered {
	const struct offering *offering;
	const struct offering_plan *plan; /* NULL: the product itself */
};

struct catalogue {
	struct arena *mem;
	struct offering *list;
	size_t count;
	struct map by_code;               /* -> struct offered */
};

/* Makes settings->products products; settings->withdrawn ones and quirks as they say. */
void catalogue_begin(struct catalogue *catalogue, const struct settings *settings);
void catalogue_end(struct catalogue *catalogue);

MUST_USE const struct offered *catalogue_look_up(const struct catalogue *catalogue, const char *code);
/* Index of the first product whose code is greater than `code`; count where there is none. */
MUST_USE size_t catalogue_behind(const struct catalogue *catalogue, const char *code);

enum content { CONTENT_URL, CONTENT_MD, CONTENT_HTML };

/* The product as JSON with its texts in that form; the caller owns it. */
MUST_USE struct json_object *offering_show(const struct offering *offering, enum content content, bool quirks);
/* Whether `minor` of the product's currency can be ordered of it. */
MUST_USE bool offering_takes(const struct offered *offered, int64_t minor);
MUST_USE bool offering_is_in(const struct offering *offering, const char *country);
MUST_USE bool offering_has_category(const struct offering *offering, const char *category);

/* The documented category codes (runa-api 12.4), NULL behind the last. */
extern const char *const catalogue_categories[];

#endif
