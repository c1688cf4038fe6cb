/* shared.c: counts who holds a snapshot. Must not know what the snapshot is.
 * The lock is held while a reader raises the count: without it, a swap between reading the pointer and
 * raising could give the thing back under the reader's hands. */
#include "base/shared.h"

#include <stdatomic.h>

#include "base/log.h"

void shared_begin(struct shared *thing, void (*give_back)(struct shared *thing))
{
	atomic_init(&thing->holders, 1);
	thing->give_back = give_back;
}

void shared_drop(struct shared *thing)
{
	if (!thing)
		return;

	int before = atomic_fetch_sub(&thing->holders, 1);

	if (before < 1)
		log_die("shared_dropped_twice", "holders=%d", before);
	if (before == 1)
		thing->give_back(thing);
}

struct shared *shared_hold(struct shared_slot *slot)
{
	pthread_mutex_lock(&slot->lock);
	struct shared *thing = slot->thing;

	if (thing)
		atomic_fetch_add(&thing->holders, 1);
	pthread_mutex_unlock(&slot->lock);
	return thing;
}

void shared_swap(struct shared_slot *slot, struct shared *thing)
{
	pthread_mutex_lock(&slot->lock);
	struct shared *before = slot->thing;

	slot->thing = thing;
	pthread_mutex_unlock(&slot->lock);
	/* Outside the lock: giving back may be long, and may look into the slot. */
	shared_drop(before);
}
