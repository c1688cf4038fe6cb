/* map.c: open addressing, linear steps, never more than half full; nothing is ever removed. */
#include "sandbox/map.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

void map_begin(struct map *map)
{
	memset(map, 0, sizeof *map);
	/* Keyed hashing: idempotency keys are chosen by strangers. */
	randombytes_buf(map->secret, sizeof map->secret);
}

void map_end(struct map *map)
{
	free(map->slots);
	memset(map, 0, sizeof *map);
}

static struct map_slot *slot_of(const struct map *map, const char *key)
{
	unsigned char digest[crypto_shorthash_BYTES];
	uint64_t at;

	_Static_assert(crypto_shorthash_BYTES == sizeof at, "a digest is one index");
	_Static_assert(crypto_shorthash_KEYBYTES == sizeof map->secret, "the secret fits the hash");
	crypto_shorthash(digest, (const unsigned char *)key, strlen(key), map->secret);
	memcpy(&at, digest, sizeof at);
	for (at &= map->room - 1; map->slots[at].key; at = (at + 1) & (map->room - 1))
		if (!strcmp(map->slots[at].key, key))
			break;
	return &map->slots[at];
}

static void grow(struct map *map)
{
	struct map old = *map;

	map->room = old.room ? old.room * 2 : 256;
	map->slots = memory_array(map->room, sizeof *map->slots);
	for (size_t i = 0; i < old.room; i++)
		if (old.slots[i].key)
			*slot_of(map, old.slots[i].key) = old.slots[i];
	free(old.slots);
}

void map_put(struct map *map, const char *key, void *value)
{
	struct map_slot *slot;

	if (map->count * 2 >= map->room)
		grow(map);
	slot = slot_of(map, key);
	if (!slot->key)
		map->count++;
	*slot = (struct map_slot){ key, value };
}

void *map_get(const struct map *map, const char *key)
{
	return map->room ? slot_of(map, key)->value : NULL;
}
