/* key.h: the API key in memory that is neither swapped out nor written into a core file. Used by
 * client.c alone. */
#ifndef RUNA_KEY_H
#define RUNA_KEY_H

#include "base/problem.h"

/* "X-Api-Key: ..." from a file that holds the key, blanks at its ends dropped. NULL: *why says what
 * about the file is wrong, never what is in it. */
MUST_USE char *runa_key_read(const char *path, struct problem *why);
void runa_key_forget(char *header); /* wipes it; NULL is allowed */

#endif
