/* catalogue.h: the products and balances that forms are checked against: an immutable snapshot,
 * fetched by the dispatcher, kept in the ledger so that a start without Runa works. */
#ifndef DESK_CATALOGUE_H
#define DESK_CATALOGUE_H

#include "desk/desk.h"

struct catalogue {
	struct shared shared;
	struct arena *mem;
	struct product *products; /* sorted by code, bytewise */
	size_t product_count;
	struct find_index *find; /* for find.h */
	int64_t products_fetched_ms; /* 0: never */
	struct balance *balances;
	size_t balance_count;
	int64_t balances_fetched_ms;
};

/* The present snapshot, held: catalogue_drop it. Never NULL; may be empty. */
MUST_USE struct catalogue *catalogue_hold(struct desk *desk);
void catalogue_drop(struct catalogue *catalogue);
/* The same, dropped by itself when `mem` ends: for pages. */
MUST_USE const struct catalogue *catalogue_in(struct desk *desk, struct arena *mem);

MUST_USE const struct product *catalogue_find(const struct catalogue *catalogue, const char *code);
/* NULL: no balance in this currency is known. */
MUST_USE const struct balance *catalogue_balance(const struct catalogue *catalogue, const char *currency);

/* Keeps what was fetched in the ledger and shows it to everyone. Products may come unsorted. */
void catalogue_store_products(struct desk *desk, struct product *products, size_t count, int64_t fetched_ms);
void catalogue_store_balances(struct desk *desk, const struct balance *balances, size_t count, int64_t fetched_ms);

#endif
