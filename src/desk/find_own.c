/* find_own.c: what a person ordered last and most often. Asked for with each form, so the answer is kept for half
 * a minute, and forgotten as soon as that person orders here. Must not know what it is shown for. */
#include <string.h>

#include "desk/find.h"
#include "desk/inside.h"

enum { KEPT_MS = 30 * MS_A_SECOND };

static struct own_products *slot_of(struct desk *desk, const char *user)
{
	return &desk->own[desk_place_of(user, COUNT_OF(desk->own))];
}

static void keep(struct desk *desk, const char *user, const struct ledger_product_use *uses, size_t count)
{
	struct own_products *own = slot_of(desk, user);

	if (strlen(user) >= sizeof own->user) return;
	pthread_mutex_lock(&desk->own_lock);
	memset(own, 0, sizeof *own);
	memcpy(own->user, user, strlen(user) + 1);
	own->until_ms = clock_steady_ms(desk->clock) + KEPT_MS;
	for (size_t i = 0; i < count && own->count < COUNT_OF(own->codes); i++)
		if (strlen(uses[i].code) < sizeof own->codes[0])
			memcpy(own->codes[own->count++], uses[i].code, strlen(uses[i].code) + 1);
	pthread_mutex_unlock(&desk->own_lock);
}

static bool is_kept(struct desk *desk, const char *user, struct own_products *out)
{
	pthread_mutex_lock(&desk->own_lock);
	*out = *slot_of(desk, user);
	pthread_mutex_unlock(&desk->own_lock);
	return strcmp(out->user, user) == 0 && clock_steady_ms(desk->clock) < out->until_ms;
}

void find_forget_own(struct desk *desk, const char *user)
{
	pthread_mutex_lock(&desk->own_lock);
	slot_of(desk, user)->until_ms = 0;
	pthread_mutex_unlock(&desk->own_lock);
}

void find_products_of(struct desk *desk, const struct catalogue *catalogue, struct arena *mem, const char *user,
                      size_t max, const struct product ***out, size_t *count)
{
	struct own_products *own = ARENA_NEW(mem, struct own_products);
	struct ledger_product_use *uses;
	size_t use_count;

	*out = arena_array(mem, max + 1, sizeof **out);
	*count = 0;
	if (!is_kept(desk, user, own)) {
		if (ledger_products_of(desk->ledger, mem, user, &uses, &use_count) != LEDGER_OK) return;
		keep(desk, user, uses, use_count);
		if (!is_kept(desk, user, own)) return; /* a name too long for any of the desk's pages */
	}
	for (size_t i = 0; i < own->count && *count < max; i++) {
		const struct product *product = catalogue_find(catalogue, own->codes[i]);

		if (product && product->is_orderable) (*out)[(*count)++] = product;
	}
}
