/* catalogue.c: the products and balances of the moment, as an immutable snapshot. */
#include "desk/catalogue.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "desk/find.h"
#include "desk/inside.h"

static void catalogue_give_back(struct shared *thing)
{
	struct catalogue *catalogue = (struct catalogue *)thing;

	arena_close(catalogue->mem);
	free(catalogue);
}

static struct catalogue *catalogue_new(void)
{
	struct catalogue *catalogue = memory_alloc(sizeof *catalogue);

	shared_begin(&catalogue->shared, catalogue_give_back);
	catalogue->mem = arena_open();
	return catalogue;
}

/* What the ledger keeps; where it cannot be read now, what was known before stays. */
void catalogue_load(struct desk *desk)
{
	struct catalogue *catalogue = catalogue_new();
	enum ledger_result products, balances;

	products = ledger_products(desk->ledger, catalogue->mem, &catalogue->products, &catalogue->product_count,
	                           &catalogue->products_fetched_ms);
	balances = ledger_balances(desk->ledger, catalogue->mem, &catalogue->balances, &catalogue->balance_count,
	                           &catalogue->balances_fetched_ms);
	if (products == LEDGER_NONE) catalogue->product_count = 0;
	if (balances == LEDGER_NONE) catalogue->balance_count = 0;
	if ((products == LEDGER_OK || products == LEDGER_NONE) && (balances == LEDGER_OK || balances == LEDGER_NONE)) {
		catalogue->find = find_index_new(catalogue->mem, catalogue->products, catalogue->product_count);
		shared_swap(&desk->catalogue, &catalogue->shared);
		return;
	}
	log_line(LOG_WARN, "catalogue_unread", "products=%d balances=%d", products, balances);
	if (desk->catalogue.thing != NULL) {
		catalogue_drop(catalogue);
		return;
	}
	catalogue->product_count = catalogue->balance_count = 0;
	catalogue->products_fetched_ms = catalogue->balances_fetched_ms = 0;
	shared_swap(&desk->catalogue, &catalogue->shared);
}

struct catalogue *catalogue_hold(struct desk *desk)
{
	return (struct catalogue *)shared_hold(&desk->catalogue);
}

void catalogue_drop(struct catalogue *catalogue)
{
	shared_drop(&catalogue->shared);
}

static void drop_at_end(void *thing)
{
	catalogue_drop(thing);
}

const struct catalogue *catalogue_in(struct desk *desk, struct arena *mem)
{
	struct catalogue *catalogue = catalogue_hold(desk);

	arena_at_end(mem, drop_at_end, catalogue);
	return catalogue;
}

static int by_code(const void *a, const void *b)
{
	return strcmp(((const struct product *)a)->code, ((const struct product *)b)->code);
}

const struct product *catalogue_find(const struct catalogue *catalogue, const char *code)
{
	struct product wanted = { .code = code };

	if (catalogue->product_count == 0) return NULL;
	return bsearch(&wanted, catalogue->products, catalogue->product_count, sizeof wanted, by_code);
}

const struct balance *catalogue_balance(const struct catalogue *catalogue, const char *currency)
{
	for (size_t i = 0; i < catalogue->balance_count; i++)
		if (strcmp(catalogue->balances[i].amount.currency, currency) == 0) return &catalogue->balances[i];
	return NULL;
}

void catalogue_store_products(struct desk *desk, struct product *products, size_t count, int64_t fetched_ms)
{
	size_t kept = 0;

	if (count > 0) qsort(products, count, sizeof *products, by_code);
	for (size_t i = 0; i < count; i++) /* paging that repeats says a product twice */
		if (kept == 0 || strcmp(products[kept - 1].code, products[i].code) != 0)
			products[kept++] = products[i];
	if (ledger_put_products(desk->ledger, products, kept, fetched_ms) != LEDGER_OK)
		log_line(LOG_WARN, "catalogue_not_kept", "products=%zu", kept);
	else
		catalogue_load(desk);
}

void catalogue_store_balances(struct desk *desk, const struct balance *balances, size_t count, int64_t fetched_ms)
{
	if (ledger_put_balances(desk->ledger, balances, count, fetched_ms) != LEDGER_OK)
		log_line(LOG_WARN, "balances_not_kept", "balances=%zu", count);
	else
		catalogue_load(desk);
}
