/* dispatcher.h: takes due attempts, sends them over a line, records what the answers mean, and keeps
 * catalogue and balances fresh. One thread owns a dispatcher; only dispatcher_wake may come from others.
 * Time, randomness and the line are passed in: the simulation runs it unchanged (issue: tests/sim). */
#ifndef DESK_DISPATCHER_H
#define DESK_DISPATCHER_H

#include "desk/desk.h"
#include "runa/line.h"

struct dispatcher;

struct dispatcher_options {
	struct desk *desk;
	struct runa_line *line;  /* borrowed */
	const char *only_order;  /* NULL: all; plain CGI drives its own order only */
	bool fetches_catalogue;  /* keep products and balances fresh */
	bool looks_at_payouts;   /* ... and what became of the payouts of completed orders */
	bool is_standing;        /* a daemon's: at its start, attempts older than the last clean stop are looked
	                            for before anything is sent under their keys (design 3), and jumps of the
	                            clock are seen to */
};

struct dispatcher *dispatcher_open(const struct dispatcher_options *options);
/* Calls under way are left: their attempts count as unknown. What was claimed and not sent is free again once
 * this process is gone. */
void dispatcher_close(struct dispatcher *dispatcher);

/* One round: looks at the clock, claims what is due, begins calls, waits up to max_wait_ms for answers or a
 * wake, records them. */
void dispatcher_turn(struct dispatcher *dispatcher, int max_wait_ms);
/* Nothing is under way, and nothing is due before now + within_ms. */
MUST_USE bool dispatcher_is_idle(struct dispatcher *dispatcher, int64_t within_ms);
/* Calls under way, and a walk through Runa's list that is between two of its pages. */
MUST_USE int dispatcher_in_flight(const struct dispatcher *dispatcher);
/* No new claims from now on: turns only finish what is under way. */
void dispatcher_stop_claiming(struct dispatcher *dispatcher);

/* Any thread: look for work now. */
void dispatcher_wake(struct dispatcher *dispatcher);

#endif
