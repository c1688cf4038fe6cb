/* attempt.c: the words of an attempt's states and tasks. Must not know what moves it. */
#include "model/attempt.h"

#include "model/names.h"

static const char *const state_words[] = {
#define ATTEMPT_STATE_WORD(name, word) word,
	ATTEMPT_STATE_LIST(ATTEMPT_STATE_WORD)
#undef ATTEMPT_STATE_WORD
};

static const char *const task_words[] = {
#define TASK_WORD(name, word) word,
	TASK_LIST(TASK_WORD)
#undef TASK_WORD
};

static const bool finals[ATTEMPT_STATES] = {
	[ATTEMPT_COMPLETED] = true,
	[ATTEMPT_FAILED] = true,
	[ATTEMPT_REFUSED] = true,
};

const char *attempt_state_name(enum attempt_state state)
{
	return state_words[state];
}

bool attempt_state_from_name(const char *name, enum attempt_state *out)
{
	int found = name_find(state_words, ATTEMPT_STATES, name);

	if (found >= 0)
		*out = (enum attempt_state)found;
	return found >= 0;
}

const char *attempt_task_name(enum task task)
{
	return task_words[task];
}

bool attempt_task_from_name(const char *name, enum task *out)
{
	int found = name_find(task_words, TASKS, name);

	if (found >= 0)
		*out = (enum task)found;
	return found >= 0;
}

bool attempt_is_final(enum attempt_state state)
{
	return finals[state];
}
