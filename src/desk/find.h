/* find.h: products of a catalogue snapshot by what a person types, typing errors forgiven. */
#ifndef DESK_FIND_H
#define DESK_FIND_H

#include "desk/catalogue.h"

enum {
	FIND_QUERY_BYTES = 200, /* what is typed beyond is not looked at */
	FIND_QUERY_WORDS = 8,   /* the same */
	FIND_OWN_MOST = 8,
};

/* The words of a snapshot's products, made once with it and never changed. In `mem`; products are borrowed. */
struct find_index;
MUST_USE struct find_index *find_index_new(struct arena *mem, const struct product *products, size_t count);

/* Products that fit `query`: words of the name, the code, the country (code or English name), the currency and the
 * category, in any order; case, accents and punctuation don't matter, a wrong, missing, doubled or swapped letter
 * is forgiven in words of four letters and more, two in words of eight and more, and the last letters may be missing.
 * Best first: whole words before beginnings before near ones; what is equal goes by name, then by code, so the same
 * snapshot always gives the same row. Where no product has all words, those that have the most of them.
 * A query without a letter or digit gives all products by name.
 *   only_orderable  leaves out what Runa does not sell now
 *   max             at most so many; out and count are in `mem`, products belong to the snapshot */
void find_products(const struct catalogue *catalogue, struct arena *mem, const char *query, bool only_orderable,
                   size_t max, const struct product ***out, size_t *count);

/* What this person ordered last and most often (of their last 200 orders): the last one first, then by number of
 * orders. At most FIND_OWN_MOST; only what can be ordered now. Nothing where the ledger cannot be read. As old as
 * half a minute where that person ordered through another process. */
void find_products_of(struct desk *desk, const struct catalogue *catalogue, struct arena *mem, const char *user,
                      size_t max, const struct product ***out, size_t *count);
/* This person has ordered something. */
void find_forget_own(struct desk *desk, const char *user);

/* Lower case without accents, letters and digits only, words parted by one blank: for comparing. */
MUST_USE char *find_fold(struct arena *mem, const char *text);

#endif
