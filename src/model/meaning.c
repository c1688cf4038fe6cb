/* meaning.c: the words of the meanings. Must not know what follows from them. */
#include "model/meaning.h"

#include "model/names.h"

static const char *const words[] = {
#define MEANING_WORD(name, word) word,
	MEANING_LIST(MEANING_WORD)
#undef MEANING_WORD
};

const char *meaning_name(enum meaning meaning)
{
	return words[meaning];
}

bool meaning_from_name(const char *name, enum meaning *out)
{
	int found = name_find(words, MEANINGS, name);

	if (found >= 0)
		*out = (enum meaning)found;
	return found >= 0;
}
