/* test_shared.c: snapshots live exactly as long as they are held. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdatomic.h>
#include <stdlib.h>

#include "base/shared.h"
#include "support/child.h"

struct snapshot {
	struct shared shared;
	int one, other; /* other is always one + 1 while it lives */
};

static _Atomic int alive;

static void give_back(struct shared *thing)
{
	struct snapshot *snapshot = (struct snapshot *)thing;

	snapshot->one = snapshot->other = -1;
	alive--;
	free(snapshot);
}

static struct shared *make(int one)
{
	struct snapshot *snapshot = malloc(sizeof *snapshot);

	if (!snapshot)
		abort();
	snapshot->one = one;
	snapshot->other = one + 1;
	alive++;
	shared_begin(&snapshot->shared, give_back);
	return &snapshot->shared;
}

static void an_empty_slot_gives_nothing(void **state)
{
	struct shared_slot slot = SHARED_SLOT_EMPTY;

	(void)state;
	assert_null(shared_hold(&slot));
	shared_drop(NULL);
	shared_swap(&slot, NULL);
	assert_null(shared_hold(&slot));
}

static void a_thing_lives_until_its_last_holder_drops_it(void **state)
{
	struct shared_slot slot = SHARED_SLOT_EMPTY;
	struct shared *first = make(1);

	(void)state;
	shared_swap(&slot, first);
	struct shared *held = shared_hold(&slot), *held_too = shared_hold(&slot);

	assert_ptr_equal(held, first);
	shared_swap(&slot, make(10));
	assert_int_equal(alive, 2);
	assert_int_equal(((struct snapshot *)held)->other, 2);
	shared_drop(held);
	assert_int_equal(alive, 2);
	shared_drop(held_too);
	assert_int_equal(alive, 1);
	shared_swap(&slot, NULL);
	assert_int_equal(alive, 0);
}

static struct shared_slot storm_slot = SHARED_SLOT_EMPTY;
static _Atomic bool is_over;

static void *read_storm(void *thing)
{
	intptr_t wrong = 0;

	(void)thing;
	while (!is_over) {
		struct shared *held = shared_hold(&storm_slot);
		const struct snapshot *snapshot = (const struct snapshot *)held;

		wrong += snapshot->other != snapshot->one + 1;
		shared_drop(held);
	}
	return (void *)wrong;
}

static void readers_never_see_a_thing_that_was_given_back(void **state)
{
	pthread_t readers[3];

	(void)state;
	shared_swap(&storm_slot, make(0));
	for (int i = 0; i < 3; i++)
		assert_int_equal(pthread_create(&readers[i], NULL, read_storm, NULL), 0);
	for (int i = 1; i < 5000; i++)
		shared_swap(&storm_slot, make(i));
	is_over = true;
	for (int i = 0; i < 3; i++) {
		void *wrong;

		assert_int_equal(pthread_join(readers[i], &wrong), 0);
		assert_null(wrong);
	}
	assert_int_equal(alive, 1);
	shared_swap(&storm_slot, NULL);
	assert_int_equal(alive, 0);
}

static void keep(struct shared *thing)
{
	(void)thing;
}

static void drop_twice(void *thing)
{
	struct shared *twice = thing;

	shared_begin(twice, keep);
	shared_drop(twice);
	shared_drop(twice);
}

static void dropping_once_too_often_ends_the_process(void **state)
{
	struct shared thing;
	struct child_end end = child_run(drop_twice, &thing);

	(void)state;
	assert_int_equal(end.status, 70);
	assert_string_equal(end.said, "<3>shared_dropped_twice holders=0\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_slot_gives_nothing),
		cmocka_unit_test(a_thing_lives_until_its_last_holder_drops_it),
		cmocka_unit_test(readers_never_see_a_thing_that_was_given_back),
		cmocka_unit_test(dropping_once_too_often_ends_the_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
