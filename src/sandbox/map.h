/* map.h: text -> pointer, for looking up orders, keys and products without walking lists.
 * Keys and values are borrowed. One thread at a time. */
#ifndef SANDBOX_MAP_H
#define SANDBOX_MAP_H

#include "base/base.h"

struct map_slot {
	const char *key; /* NULL: free */
	void *value;
};

struct map {
	struct map_slot *slots;
	size_t count, room; /* room: 0 or a power of two */
	unsigned char secret[16];
};

void map_begin(struct map *map);
void map_end(struct map *map);
/* Puts or replaces; the key must outlive the map. */
void map_put(struct map *map, const char *key, void *value);
MUST_USE void *map_get(const struct map *map, const char *key); /* NULL: not there */

#endif
