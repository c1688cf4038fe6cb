/* world.h: all that the sandbox knows, behind one lock. Whoever touches a member holds the lock;
 * nobody waits for the network or sleeps while holding it. */
#ifndef SANDBOX_WORLD_H
#define SANDBOX_WORLD_H

#include <pthread.h>

#include "sandbox/catalogue.h"
#include "sandbox/faults.h"
#include "sandbox/journal.h"
#include "sandbox/settings.h"
#include "sandbox/store.h"

struct world {
	pthread_mutex_t lock;
	pthread_cond_t changed;     /* something was counted; CLOCK_MONOTONIC */
	int stop_fd;                /* readable for ever once the program is to end */
	bool is_stopping;

	struct settings settings, start; /* start: what a reset goes back to */
	struct catalogue catalogue;
	struct store store;
	struct journal journal;
	struct fault_queue faults;
	int64_t ahead_ms;           /* the sandbox's clock minus the machine's */
	uint64_t made_up_pages;     /* endless_pages: how many so far */
	uint64_t generation;        /* counts resets: numbers of requests start again */
};

/* `start` is copied. False: the machine gave no descriptor. */
MUST_USE bool world_begin(struct world *world, const struct settings *start, struct problem *why);
void world_end(struct world *world);
/* Everything back to the start; takes no lock itself. */
void world_reset(struct world *world);
/* Wakes everything that waits, for good. Safe from any thread, not from a signal handler. */
void world_stop(struct world *world);

MUST_USE int64_t world_now_ms(const struct world *world);
/* Waits without the lock. False: the program ends. */
MUST_USE bool world_pause(const struct world *world, int64_t pause_ms);
/* "2026-03-02T09:15:04.120000+00:00", as Runa writes times. */
MUST_USE char *world_time_text(struct arena *mem, int64_t ms);

#endif
