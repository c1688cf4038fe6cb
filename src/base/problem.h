/* problem.h: why something could not be done, as one sentence for the operator.
 * Never holds a secret, a payout link or a recipient. */
#ifndef BASE_PROBLEM_H
#define BASE_PROBLEM_H

#include "base/base.h"

struct problem {
	char text[512];
};

/* Writes the sentence, cut to fit. `why` may be NULL: then nothing happens. */
void problem_set(struct problem *why, const char *format, ...) FORMAT_LIKE(2, 3);

#endif
