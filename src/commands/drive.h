/* drive.h: driving orders without a standing dispatcher: plain CGI, and `payoutdesk dispatch`. */
#ifndef COMMANDS_DRIVE_H
#define COMMANDS_DRIVE_H

#include "commands/running.h"

struct drive_options {
	int64_t most_ms;  /* no new calls after so long */
	int64_t grace_ms; /* calls under way then may take so much longer, also after SIGTERM or SIGINT */
	bool fetches_catalogue;
	bool looks_at_payouts; /* at one of those that are due: the next one has its turn with the next call */
};

enum drive_end {
	DRIVE_IDLE,    /* nothing is due any more */
	DRIVE_LEFT,    /* time is over or a signal came: the rest is for the next time */
	DRIVE_STOPPED, /* the desk is set up wrong, or the ledger takes nothing: nothing can be sent */
};

/* SIGTERM and SIGINT wait from here on, so that no call is cut off; drive_* look for them. Call it before the
 * ledger is opened. */
void drive_mind_signals(void);

/* Drives all that is due. `running` has desk and line. */
enum drive_end drive_due(struct running *running, const struct drive_options *options);

/* One order's own attempt: begin it, drive it until it has an answer or most_ms are over; and later, when the
 * person has their answer, let a call that is still under way end, for grace_ms or until SIGTERM. */
struct drive_own {
	struct running *running;
	struct dispatcher *dispatcher; /* with a call under way; NULL: none */
};
void drive_order(struct drive_own *own, struct running *running, const char *number, int64_t most_ms);
void drive_order_end(struct drive_own *own, int64_t grace_ms);

/* [ledger] keep_recipients_days; does nothing where they are kept. */
void drive_blank_recipients(struct running *running);

/* Is the kept catalogue or a balance older than it may be? */
MUST_USE bool drive_has_stale_catalogue(struct running *running);

#endif
