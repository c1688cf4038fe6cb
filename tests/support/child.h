/* child.h: runs something in a child process and says how it ended: for what ends the process, and for
 * what is written to standard error. */
#ifndef SUPPORT_CHILD_H
#define SUPPORT_CHILD_H

#include "base/base.h"

enum { CHILD_SAID_SIZE = 8192 };

struct child_end {
	int status;                 /* exit status, or 128 + signal */
	char said[CHILD_SAID_SIZE]; /* what it wrote to standard error, cut to fit */
};

/* Runs `work(thing)` in a fork of this process; after it returns, the child ends with status 0. */
struct child_end child_run(void (*work)(void *thing), void *thing);

#endif
