/* tmp.h: names for files of a test, below $TMPDIR, which `./dev test` removes whole: nothing stays behind in /tmp. */
#ifndef SUPPORT_TMP_H
#define SUPPORT_TMP_H

#include <stdio.h>
#include <stdlib.h>

#include "base/base.h"

enum { TMP_PATH_SIZE = 128 };

static inline const char *tmp_room(void)
{
	const char *room = getenv("TMPDIR");

	return room && *room ? room : "/tmp";
}

/* "$TMPDIR/NAME.XXXXXX", for mkstemp and mkdtemp; false: too long. */
MUST_USE static inline bool tmp_template(char out[TMP_PATH_SIZE], const char *name)
{
	int length = snprintf(out, TMP_PATH_SIZE, "%s/%s.XXXXXX", tmp_room(), name);

	return length > 0 && length < TMP_PATH_SIZE;
}

#endif
