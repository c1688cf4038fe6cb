/* mem.h: an arena for each test, for cmocka's setup and teardown. */
#ifndef TESTS_MEM_H
#define TESTS_MEM_H

#include "base/arena.h"

static struct arena *mem;

static int set_up(void **state)
{
	(void)state;
	mem = arena_open();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_close(mem);
	return 0;
}

#endif
