/* names.h: looks words up in the name tables of this room. */
#ifndef MODEL_NAMES_H
#define MODEL_NAMES_H

#include <string.h>

#include "base/base.h"

/* The row of `name` among `count` words, or -1. */
static inline int name_find(const char *const *words, int count, const char *name)
{
	for (int i = 0; name && i < count; i++)
		if (strcmp(words[i], name) == 0)
			return i;
	return -1;
}

#endif
