/* faulty_disk.h: the files of a machine of memory (faulty_vfs.h). A file has the bytes that are there now and
 * the bytes that would be there after a power loss; a sync carries over the ranges written since the last.
 * For faulty_vfs.c alone. The machine's lock is held around each call. */
#ifndef TESTS_FAULTY_DISK_H
#define TESTS_FAULTY_DISK_H

#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"

enum { DISK_SECTOR = 512, DISK_LOCKS = SQLITE_SHM_NLOCK };

struct bytes {
	unsigned char *at;
	size_t count, room;
};

struct range {
	size_t from, to;
};

/* The shared memory beside a file's log. It outlives a crash for those who still point into it. */
struct shared_memory {
	int holders;
	unsigned char **regions;
	int region_count;
	int readers[DISK_LOCKS];
	const void *writer[DISK_LOCKS];
};

struct node {
	char *name; /* NULL: a temporary file */
	struct bytes now, durable;
	struct range *written; /* since the last sync */
	size_t written_count, written_room;
	bool is_cut; /* since the last sync, to cut_to at the least */
	size_t cut_to;
	int holders;
	bool is_removed;
	int shared; /* locks */
	const void *reserved, *pending, *exclusive;
	struct shared_memory *memory;
	struct node *next;
};

struct disk {
	uint64_t seed;
	struct node *nodes;
};

MUST_USE uint64_t disk_chance(struct disk *disk);

void disk_resize(struct bytes *bytes, size_t count);
void disk_put(struct bytes *bytes, size_t from, const void *what, size_t count);

struct node *disk_find(struct disk *disk, const char *name); /* NULL: there is none */
struct node *disk_add(struct disk *disk, const char *name);  /* NULL: a temporary file */
/* Its name goes at once, the file itself with its last holder. */
void disk_remove(struct disk *disk, struct node *node);
/* Gives it back where it is removed and nobody holds it. */
void disk_drop(struct disk *disk, struct node *node);
void disk_drop_memory(struct shared_memory *memory);

void disk_note_written(struct node *node, size_t from, size_t to);
void disk_forget_written(struct node *node);
void disk_sync(struct node *node);
/* keeps_some: each sector that was not synced may be there or not. */
void disk_lose_power(struct disk *disk, struct node *node, bool keeps_some);

#endif
