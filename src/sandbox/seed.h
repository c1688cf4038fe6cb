/* seed.h: the rows the catalogue is made from. */
#ifndef SANDBOX_SEED_H
#define SANDBOX_SEED_H

#include "sandbox/catalogue.h"

struct seed_plan {
	const char *code, *name, *unit, *price;
	int length;
};

struct seed {
	const char *code, *name, *currency;
	const char *countries;   /* two letters each, blank between */
	const char *category, *second_category;
	enum offering_kind kind;
	bool is_fixed;
	const char *values;      /* blank between; open: least and most */
	int discount_bp;
	enum offering_state state;
	int expiry_months;
	bool takes_recipient;
	struct seed_plan plans[OFFERING_PLANS_MAX];
};

/* Written by hand: each one shows something a portal must cope with. Not sorted. */
extern const struct seed seeds[];
extern const size_t seed_count;

/* Fills `out` with made-up product number `index` (0, 1, ...); the texts live in `mem`. */
void seed_make(struct seed *out, struct arena *mem, size_t index);

#endif
