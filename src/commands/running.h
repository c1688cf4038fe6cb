/* running.h: what every command that works with orders opens, in the one right order. */
#ifndef COMMANDS_RUNNING_H
#define COMMANDS_RUNNING_H

#include "commands/commands.h"

struct running {
	struct config *config; /* the one it was opened with, held */
	struct seal_key link_key;
	struct ledger *ledger;
	struct desk *desk;
	struct runa_line *line;
};

/* The ledger alone. False: *why. `has_key` false: for reading only, nothing sealed is looked at, and a ledger
 * that isn't there is not made. */
MUST_USE bool running_open_ledger(struct running *running, struct config *config, bool is_inline,
                                  bool has_key, struct problem *why);
/* The desk on it; most_waiting: threads that may wait for an outcome at once. */
void running_open_desk(struct running *running, int most_waiting);
/* The line to Runa: reads the API key. */
MUST_USE bool running_open_line(struct running *running, struct problem *why);
/* Closes what is open, in reverse order. */
void running_close(struct running *running);

#endif
