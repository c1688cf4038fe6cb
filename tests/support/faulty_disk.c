/* faulty_disk.c: files in memory with what a power loss would leave of them. */
#include "support/faulty_disk.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

uint64_t disk_chance(struct disk *disk)
{
	uint64_t z = (disk->seed += 0x9e3779b97f4a7c15u); /* splitmix64 */

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

void disk_resize(struct bytes *bytes, size_t count)
{
	if (count > bytes->room) {
		bytes->room = count + count / 2 + 4096;
		bytes->at = memory_resize(bytes->at, bytes->room, 1);
	}
	if (count > bytes->count) memset(bytes->at + bytes->count, 0, count - bytes->count);
	bytes->count = count;
}

void disk_put(struct bytes *bytes, size_t from, const void *what, size_t count)
{
	if (from + count > bytes->count) disk_resize(bytes, from + count);
	if (count > 0) memcpy(bytes->at + from, what, count);
}

void disk_drop_memory(struct shared_memory *memory)
{
	if (!memory || --memory->holders > 0) return;
	for (int i = 0; i < memory->region_count; i++)
		free(memory->regions[i]);
	free(memory->regions);
	free(memory);
}

struct node *disk_find(struct disk *disk, const char *name)
{
	struct node *node = disk->nodes;

	while (node && !(node->name && !node->is_removed && strcmp(node->name, name) == 0))
		node = node->next;
	return node;
}

struct node *disk_add(struct disk *disk, const char *name)
{
	struct node *node = memory_alloc(sizeof *node);

	node->name = memory_text(name);
	node->next = disk->nodes;
	disk->nodes = node;
	return node;
}

void disk_forget_written(struct node *node)
{
	node->written_count = 0;
	node->is_cut = false;
}

/* Takes it off the list once nobody needs it. */
void disk_drop(struct disk *disk, struct node *node)
{
	struct node **at = &disk->nodes;

	if (node->holders > 0 || !node->is_removed) return;
	while (*at != node)
		at = &(*at)->next;
	*at = node->next;
	disk_drop_memory(node->memory);
	free(node->name);
	free(node->now.at);
	free(node->durable.at);
	free(node->written);
	free(node);
}

void disk_remove(struct disk *disk, struct node *node)
{
	node->is_removed = true;
	disk_drop(disk, node);
}

void disk_note_written(struct node *node, size_t from, size_t to)
{
	struct range *last = node->written_count ? &node->written[node->written_count - 1] : NULL;

	if (last && last->from <= from && from <= last->to) {
		if (to > last->to) last->to = to;
		return;
	}
	if (node->written_count == node->written_room) {
		node->written_room = 2 * node->written_room + 16;
		node->written = memory_resize(node->written, node->written_room, sizeof *node->written);
	}
	node->written[node->written_count++] = (struct range){ from, to };
}

static void disk_carry(struct node *node, size_t from, size_t to)
{
	if (to > node->now.count) to = node->now.count;
	if (from < to) disk_put(&node->durable, from, node->now.at + from, to - from);
}

void disk_sync(struct node *node)
{
	for (size_t i = 0; i < node->written_count; i++)
		disk_carry(node, node->written[i].from, node->written[i].to);
	disk_resize(&node->durable, node->now.count);
	disk_forget_written(node);
}

void disk_lose_power(struct disk *disk, struct node *node, bool keeps_some)
{
	if (keeps_some && node->is_cut && disk_chance(disk) % 2 && node->durable.count > node->cut_to)
		disk_resize(&node->durable, node->cut_to);
	for (size_t i = 0; keeps_some && i < node->written_count; i++) {
		struct range range = node->written[i];

		for (size_t from = range.from; from < range.to;) {
			size_t to = (from / DISK_SECTOR + 1) * DISK_SECTOR;

			if (to > range.to) to = range.to;
			if (disk_chance(disk) % 2) disk_carry(node, from, to);
			from = to;
		}
	}
	disk_resize(&node->now, 0);
	disk_put(&node->now, 0, node->durable.at, node->durable.count);
	disk_forget_written(node);
}
