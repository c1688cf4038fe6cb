/* shared.h: one counted pointer to an immutable snapshot (configuration, catalogue, templates).
 * Readers take it and drop it; a reload swaps it; the last to drop gives it back. Any thread. */
#ifndef BASE_SHARED_H
#define BASE_SHARED_H

#include <pthread.h>

#include "base/base.h"

/* The first member of every shared thing. */
struct shared {
	_Atomic int holders;
	void (*give_back)(struct shared *thing);
};

struct shared_slot {
	pthread_mutex_t lock;
	struct shared *thing; /* may be NULL until the first swap */
};

#define SHARED_SLOT_EMPTY { PTHREAD_MUTEX_INITIALIZER, NULL }

/* `thing` starts with one holder: the caller. */
void shared_begin(struct shared *thing, void (*give_back)(struct shared *thing));
void shared_drop(struct shared *thing); /* NULL is allowed */
/* The slot's thing, held for the caller; NULL where the slot is empty. */
MUST_USE struct shared *shared_hold(struct shared_slot *slot);
/* Puts `thing` in (taking over the caller's hold) and drops what was there. */
void shared_swap(struct shared_slot *slot, struct shared *thing);

#endif
