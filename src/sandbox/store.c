/* store.c: orders in an array in the order of making, found by id through a map; keys likewise. */
#include "sandbox/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ids.h"

static const char *const order_states[] = {
	[ORDER_PROCESSING] = "PROCESSING", [ORDER_COMPLETED] = "COMPLETED", [ORDER_FAILED] = "FAILED",
};
static const char *const payout_states[] = {
	[PAYOUT_ACTIVE] = "ACTIVE", [PAYOUT_CLAIMED] = "CLAIMED",
	[PAYOUT_CANCELLED] = "CANCELLED", [PAYOUT_EXPIRED] = "EXPIRED",
};

const char *order_state_name(enum order_state state) { return order_states[state]; }
const char *payout_state_name(enum payout_state state) { return payout_states[state]; }

static int find_name(const char *const *names, size_t count, const char *name)
{
	for (size_t i = 0; name && i < count; i++)
		if (!strcmp(names[i], name))
			return (int)i;
	return -1;
}

bool order_state_named(const char *name, enum order_state *out)
{
	int found = find_name(order_states, COUNT_OF(order_states), name);

	if (found >= 0)
		*out = (enum order_state)found;
	return found >= 0;
}

bool payout_state_named(const char *name, enum payout_state *out)
{
	int found = find_name(payout_states, COUNT_OF(payout_states), name);

	if (found >= 0)
		*out = (enum payout_state)found;
	return found >= 0;
}

void store_begin(struct store *store)
{
	memset(store, 0, sizeof *store);
	store->mem = arena_open();
	map_begin(&store->by_id);
	map_begin(&store->by_key);
}

void store_end(struct store *store)
{
	map_end(&store->by_id);
	map_end(&store->by_key);
	free(store->orders);
	arena_close(store->mem);
	memset(store, 0, sizeof *store);
}

/* Letter, dash, then a ULID: 10 digits of time, 16 of chance, in Crockford's base 32. */
static void make_id(char out[STORE_ID_SIZE], char letter, int64_t now_ms)
{
	static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	unsigned char chance[16];
	uint64_t time = (uint64_t)now_ms;

	chance_of_machine.fill(&chance_of_machine, chance, sizeof chance);
	out[0] = letter;
	out[1] = '-';
	for (int i = 9; i >= 0; i--, time >>= 5)
		out[2 + i] = digits[time & 31];
	for (size_t i = 0; i < sizeof chance; i++)
		out[12 + i] = digits[chance[i] & 31];
	out[STORE_ID_SIZE - 1] = '\0';
}

struct order *store_new_order(struct store *store, size_t items, int64_t now_ms)
{
	struct order *order = ARENA_NEW(store->mem, struct order);

	make_id(order->id, 'O', now_ms);
	order->created_ms = order->done_ms = now_ms;
	order->items = arena_array(store->mem, items, sizeof *order->items);
	order->item_count = items;
	for (size_t i = 0; i < items; i++) {
		char uuid[ID_KEY_SIZE];

		make_id(order->items[i].id, 'E', now_ms);
		ids_key(&chance_of_machine, uuid);
		snprintf(order->items[i].link, STORE_LINK_SIZE, "https://spend.playground.runa.io/%s", uuid);
	}
	return order;
}

void store_add_order(struct store *store, struct order *order)
{
	if (store->order_count == store->order_room) {
		store->order_room = store->order_room ? store->order_room * 2 : 1024;
		store->orders = memory_resize(store->orders, store->order_room, sizeof *store->orders);
	}
	order->place = store->order_count;
	store->orders[store->order_count++] = order;
	store->orders_made++;
	map_put(&store->by_id, order->id, order);
}

void store_settle(struct order *order, int64_t now_ms)
{
	if (order->state != ORDER_PROCESSING || now_ms < order->done_ms)
		return;
	order->state = order->outcome;
	for (size_t i = 0; i < order->item_count; i++)
		order->items[i].payout_at_ms = order->done_ms;
}

struct order *store_find_order(struct store *store, const char *id, int64_t now_ms)
{
	struct order *order = map_get(&store->by_id, id);

	if (order)
		store_settle(order, now_ms);
	return order;
}

enum keyed_as store_key_ask(struct store *store, const char *key, const char *body, size_t body_bytes,
                            int64_t now_ms, uint64_t number, struct keyed **out)
{
	struct keyed *keyed = map_get(&store->by_key, key);

	if (!keyed) {
		keyed = ARENA_NEW(store->mem, struct keyed);
		keyed->key = arena_text(store->mem, key);
		map_put(&store->by_key, keyed->key, keyed);
	}
	*out = keyed;
	if (keyed->running || (keyed->is_answered && now_ms - keyed->first_ms < STORE_KEY_LIFE_MS)) {
		if (keyed->body_bytes != body_bytes || memcmp(keyed->body, body, body_bytes))
			return KEYED_OTHERWISE;
		if (keyed->running)
			return KEYED_RUNNING;
		store->replays++;
		return KEYED_REPLAY;
	}
	/* Most repeats of an unkept key bring the same bytes: no second copy then. */
	if (!keyed->body || keyed->body_bytes != body_bytes || memcmp(keyed->body, body, body_bytes)) {
		keyed->body = arena_copy(store->mem, body, body_bytes);
		keyed->body_bytes = body_bytes;
	}
	keyed->first_ms = now_ms;
	keyed->running = number;
	keyed->is_answered = false;
	return KEYED_NEW;
}

void store_key_answer(struct store *store, const char *key, uint64_t number, const struct answer *answer)
{
	struct keyed *keyed = map_get(&store->by_key, key);

	/* After a reset the key is unknown, or another request's. */
	if (!keyed || keyed->running != number)
		return;
	keyed->running = 0;
	if (!answer)
		return;
	keyed->is_answered = true;
	keyed->answer = *answer;
	keyed->answer.how = (struct manner_of){ .manner = MANNER_WHOLE };
	keyed->answer.content_type = arena_text(store->mem, answer->content_type);
	keyed->answer.order_id = arena_text(store->mem, answer->order_id);
	keyed->answer.body = arena_copy(store->mem, answer->body, answer->body_bytes);
	keyed->answer.headers = (struct fields){ 0 };
	for (size_t i = 0; i < answer->headers.count; i++)
		fields_add(&keyed->answer.headers, store->mem, arena_text(store->mem, answer->headers.list[i].name),
		           arena_text(store->mem, answer->headers.list[i].value));
}
