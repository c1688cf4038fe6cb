/* arena.h: memory that lives as long as one request (or one test) and is given back at once.
 * Unused bytes are poisoned under the address sanitizer, so overruns show.
 * An arena belongs to one thread at a time. Nothing here returns NULL: without memory the process
 * ends with one log line (the ledger holds all that was accepted, so nothing is lost). */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdarg.h>

#include "base/base.h"

struct arena;

struct arena *arena_open(void);
void arena_close(struct arena *mem); /* NULL is allowed */

/* Gives everything back but keeps one block, of at most 128 KiB, for the next use. */
void arena_clear(struct arena *mem);

/* `bytes` zeroed bytes, aligned for any type. */
MUST_USE void *arena_alloc(struct arena *mem, size_t bytes);
/* Zeroed array; an overflowing count*bytes ends the process. */
MUST_USE void *arena_array(struct arena *mem, size_t count, size_t bytes);
/* A larger array with the `count` things of `old` in it, where `*room` for them is used up; else `old` itself. */
MUST_USE void *arena_grow(struct arena *mem, void *old, size_t count, size_t *room, size_t bytes);
MUST_USE char *arena_copy(struct arena *mem, const void *bytes, size_t count); /* adds a NUL behind */
MUST_USE char *arena_text(struct arena *mem, const char *text); /* NULL gives NULL */
MUST_USE char *arena_print(struct arena *mem, const char *format, ...) FORMAT_LIKE(2, 3);

/* Calls `give_back(thing)` when the arena is cleared or closed, last added first. */
void arena_at_end(struct arena *mem, void (*give_back)(void *thing), void *thing);

#define ARENA_NEW(mem, type) ((type *)arena_alloc((mem), sizeof(type)))

/* malloc and friends that never return NULL: for what outlives a request. Given back with free(). */
MUST_USE void *memory_alloc(size_t bytes); /* zeroed */
MUST_USE void *memory_array(size_t count, size_t bytes);
MUST_USE void *memory_resize(void *old, size_t count, size_t bytes);
MUST_USE char *memory_text(const char *text); /* NULL gives NULL */

#endif
