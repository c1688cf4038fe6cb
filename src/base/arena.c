/* arena.c: chained blocks of memory that are given back together, and malloc that never says no.
 * Unused bytes of a block are always zero: a block is made with calloc and wiped when it is cleared, so
 * payout links and form texts don't outlive their request. Under the address sanitizer the unused bytes
 * are poisoned too, with a gap between allocations. Must not know what is kept in it. */
#include "base/arena.h"

#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_IS_POISONED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_IS_POISONED 1
#endif
#endif

#ifdef ARENA_IS_POISONED
#include <sanitizer/asan_interface.h>
#define POISON(start, bytes) ASAN_POISON_MEMORY_REGION((start), (bytes))
#define UNPOISON(start, bytes) ASAN_UNPOISON_MEMORY_REGION((start), (bytes))
enum { ARENA_GAP = 32 };
#else
#define POISON(start, bytes) ((void)(start), (void)(bytes))
#define UNPOISON(start, bytes) ((void)(start), (void)(bytes))
enum { ARENA_GAP = 0 };
#endif

enum {
	ARENA_FIRST_BLOCK = 16 * 1024,
	ARENA_MOST_BLOCK = 1024 * 1024, /* blocks double up to this; a larger wish has a block of its own */
	ARENA_KEPT_BLOCK = 128 * 1024,  /* clearing keeps no larger one */
	ARENA_STEP = alignof(max_align_t),
	GROW_FIRST = 16,                /* things a growing array begins with */
	ARENA_SHORT_PRINT = 64,         /* nearly every printed text is shorter: formatted once and not twice */
};

/* Above this a size is a mistake of ours, and sums with it could overflow. */
#define ARENA_MOST_BYTES (SIZE_MAX / 4)

struct block {
	struct block *older;
	size_t room, used;
	alignas(max_align_t) unsigned char bytes[];
};

struct at_end {
	struct at_end *earlier;
	void (*give_back)(void *thing);
	void *thing;
};

struct arena {
	struct block *newest; /* and older ones behind it, each half as large; clearing keeps one */
	struct block *large;  /* one allocation each */
	struct at_end *ends;
	size_t next_room;
};

static struct block *block_open(size_t room, struct block *older)
{
	struct block *block = calloc(1, sizeof *block + room);

	if (!block)
		log_die("no_memory", "bytes=%zu", room);
	block->older = older;
	block->room = room;
	POISON(block->bytes, room);
	return block;
}

static void block_wipe(struct block *block)
{
	UNPOISON(block->bytes, block->room);
	explicit_bzero(block->bytes, block->used);
	block->used = 0;
}

/* Gives back the chain's blocks before `last`, and returns that. */
static struct block *blocks_close(struct block *block, const struct block *last)
{
	while (block != last) {
		struct block *older = block->older;

		block_wipe(block);
		free(block);
		block = older;
	}
	return block;
}

struct arena *arena_open(void)
{
	struct arena *mem = memory_alloc(sizeof *mem);

	mem->newest = block_open(ARENA_FIRST_BLOCK, NULL);
	mem->next_room = 2 * ARENA_FIRST_BLOCK;
	return mem;
}

void arena_clear(struct arena *mem)
{
	/* Taken off before the call: what is called may allocate, and may even add another one. */
	while (mem->ends) {
		struct at_end *end = mem->ends;

		mem->ends = end->earlier;
		end->give_back(end->thing);
	}
	mem->large = blocks_close(mem->large, NULL);
	struct block *kept = mem->newest; /* the largest: the next request is like this one */

	while (kept->room > ARENA_KEPT_BLOCK)
		kept = kept->older;
	blocks_close(mem->newest, kept);
	kept->older = blocks_close(kept->older, NULL);
	block_wipe(kept);
	POISON(kept->bytes, kept->room);
	mem->newest = kept;
	mem->next_room = 2 * kept->room;
}

void arena_close(struct arena *mem)
{
	if (!mem)
		return;
	arena_clear(mem);
	blocks_close(mem->newest, NULL);
	free(mem);
}

static struct block *block_with_room(struct arena *mem, size_t bytes)
{
	if (mem->newest->room - mem->newest->used >= bytes)
		return mem->newest;
	/* A large one has its own block, so that the rest of the newest isn't lost to small ones. */
	if (bytes > mem->next_room / 4)
		return mem->large = block_open(bytes, mem->large);
	mem->newest = block_open(mem->next_room, mem->newest);
	if (mem->next_room < ARENA_MOST_BLOCK)
		mem->next_room *= 2;
	return mem->newest;
}

void *arena_alloc(struct arena *mem, size_t bytes)
{
	if (bytes > ARENA_MOST_BYTES)
		log_die("arena_too_large", "bytes=%zu", bytes);

	/* An empty wish still gets an address of its own. */
	size_t whole = (bytes + !bytes + ARENA_GAP + ARENA_STEP - 1) / ARENA_STEP * ARENA_STEP;
	struct block *block = block_with_room(mem, whole);
	unsigned char *start = block->bytes + block->used;

	block->used += whole;
	UNPOISON(start, bytes);
	return start;
}

void *arena_array(struct arena *mem, size_t count, size_t bytes)
{
	size_t whole;

	if (__builtin_mul_overflow(count, bytes, &whole))
		log_die("arena_too_large", "count=%zu bytes=%zu", count, bytes);
	return arena_alloc(mem, whole);
}

void *arena_grow(struct arena *mem, void *old, size_t count, size_t *room, size_t bytes)
{
	void *larger;

	if (count < *room)
		return old;
	*room = *room ? 2 * *room : GROW_FIRST;
	larger = arena_array(mem, *room, bytes);
	if (count > 0)
		memcpy(larger, old, count * bytes);
	return larger;
}

char *arena_copy(struct arena *mem, const void *bytes, size_t count)
{
	if (count > ARENA_MOST_BYTES)
		log_die("arena_too_large", "bytes=%zu", count);

	char *copy = arena_alloc(mem, count + 1);

	if (count > 0)
		memcpy(copy, bytes, count);
	return copy;
}

char *arena_text(struct arena *mem, const char *text)
{
	return text ? arena_copy(mem, text, strlen(text)) : NULL;
}

char *arena_print(struct arena *mem, const char *format, ...)
{
	char *out = arena_alloc(mem, ARENA_SHORT_PRINT);
	va_list args;

	if (format == NULL) log_die("print_failed", "no format"); /* gcc's sanitizers think of it */
	va_start(args, format);
	int count = vsnprintf(out, ARENA_SHORT_PRINT, format, args);
	va_end(args);
	if (count < 0)
		log_die("print_failed", "format=%s", format);
	if (count < ARENA_SHORT_PRINT) {
		POISON(out + count + 1, (size_t)(ARENA_SHORT_PRINT - count - 1));
		return out;
	}
	out = arena_alloc(mem, (size_t)count + 1);
	va_start(args, format);
	int again = vsnprintf(out, (size_t)count + 1, format, args);
	va_end(args);
	if (again != count)
		log_die("print_failed", "format=%s", format);
	return out;
}

void arena_at_end(struct arena *mem, void (*give_back)(void *thing), void *thing)
{
	struct at_end *end = ARENA_NEW(mem, struct at_end);

	*end = (struct at_end){ mem->ends, give_back, thing };
	mem->ends = end;
}

void *memory_alloc(size_t bytes)
{
	return memory_array(1, bytes);
}

void *memory_array(size_t count, size_t bytes)
{
	/* calloc may answer NULL to a wish for nothing. */
	void *memory = calloc(count + !count, bytes + !bytes);

	if (!memory)
		log_die("no_memory", "count=%zu bytes=%zu", count, bytes);
	return memory;
}

void *memory_resize(void *old, size_t count, size_t bytes)
{
	void *memory = reallocarray(old, count + !count, bytes + !bytes);

	if (!memory)
		log_die("no_memory", "count=%zu bytes=%zu", count, bytes);
	return memory;
}

char *memory_text(const char *text)
{
	if (!text)
		return NULL;

	size_t bytes = strlen(text) + 1;
	char *copy = memory_alloc(bytes);

	memcpy(copy, text, bytes);
	return copy;
}
