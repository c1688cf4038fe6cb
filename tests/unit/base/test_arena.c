/* test_arena.c: memory is zeroed, apart, given back in order, and the process ends without it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "support/child.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#endif

/* malloc shall answer NULL to what it cannot give, as it does without a sanitizer */
const char *__asan_default_options(void);
const char *__tsan_default_options(void);

const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

const char *__tsan_default_options(void)
{
	return "allocator_may_return_null=1";
}

static void allocations_are_zeroed_aligned_and_apart(void **state)
{
	struct arena *mem = arena_open();
	enum { COUNT = 3000 };
	unsigned char *all[COUNT];

	(void)state;
	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < COUNT; i++) {
			size_t bytes = i * 7 % 100;

			all[i] = arena_alloc(mem, bytes);
			assert_int_equal((uintptr_t)all[i] % _Alignof(max_align_t), 0);
			for (size_t at = 0; at < bytes; at++)
				assert_int_equal(all[i][at], 0);
			memset(all[i], (int)(i % 255 + 1), bytes);
		}
		for (size_t i = 0; i < COUNT; i++)
			for (size_t at = 0; at < i * 7 % 100; at++)
				assert_int_equal(all[i][at], i % 255 + 1);
		arena_clear(mem);
	}
	arena_close(mem);
}

static void empty_allocations_have_addresses_of_their_own(void **state)
{
	struct arena *mem = arena_open();

	(void)state;
	void *first = arena_alloc(mem, 0), *second = arena_array(mem, 0, 8), *third = arena_array(mem, 8, 0);

	assert_non_null(first);
	assert_ptr_not_equal(first, second);
	assert_ptr_not_equal(second, third);
	arena_close(mem);
}

static void an_array_grows_as_it_is_filled_and_keeps_what_it_holds(void **state)
{
	struct arena *mem = arena_open();
	size_t room = 0;
	int *all = NULL;

	(void)state;
	for (int i = 0; i < 5000; i++) {
		int *before = all;
		bool is_full = (size_t)i == room;

		all = arena_grow(mem, all, (size_t)i, &room, sizeof *all);
		assert_true(is_full ? all != before : all == before);
		assert_true(room > (size_t)i);
		all[i] = i;
	}
	for (int i = 0; i < 5000; i++)
		assert_int_equal(all[i], i);
	arena_close(mem);
}

static void clearing_keeps_the_largest_block_and_nothing_in_it(void **state)
{
	struct arena *mem = arena_open();
	char *last = NULL, *next;

	(void)state;
	assert_non_null(arena_alloc(mem, 1000 * 1000));
	for (int i = 0; i < 600; i++) /* three blocks: 16, 32 and 64 KiB */
		last = memset(arena_alloc(mem, 100), 'x', 100);
	arena_clear(mem);
	next = arena_alloc(mem, 100);
	assert_true(next < last && last - next < 64 * 1024);
	for (int i = 0; i < 400; i++, next = arena_alloc(mem, 100))
		for (int at = 0; at < 100; at++)
			assert_int_equal(next[at], 0);
	arena_close(mem);
}

/* One page of a great length doesn't cost its thread that memory for good. */
static void clearing_keeps_no_very_large_block(void **state)
{
	struct arena *mem = arena_open();
	char *last = NULL, *next;

	(void)state;
	for (int i = 0; i < 30000; i++) /* 16 KiB up to 1 MiB, and more of these */
		last = arena_alloc(mem, 100);
	arena_clear(mem);
	next = arena_alloc(mem, 100);
	assert_false(next < last && last - next < 1024 * 1024);
	arena_close(mem);
}

static void large_allocations_fit_and_leave_the_small_ones_together(void **state)
{
	struct arena *mem = arena_open();
	char *small = arena_alloc(mem, 16);
	char *large = arena_alloc(mem, 3 * 1024 * 1024);
	char *next = arena_alloc(mem, 16);

	(void)state;
	memset(large, 'x', 3 * 1024 * 1024);
	assert_true(next > small && next - small < 256);
	arena_close(mem);
}

static void texts_are_copied(void **state)
{
	struct arena *mem = arena_open();
	char bytes[] = { 'a', '\0', 'b' };
	char *copy = arena_copy(mem, bytes, sizeof bytes);

	(void)state;
	assert_memory_equal(copy, "a\0b", 4);
	assert_string_equal(arena_copy(mem, NULL, 0), "");
	assert_string_equal(arena_text(mem, "money"), "money");
	assert_null(arena_text(mem, NULL));
	assert_string_equal(arena_print(mem, "%s-%05d", "x", 42), "x-00042");
	assert_string_equal(arena_print(mem, "%s", ""), "");
	assert_int_equal(strlen(arena_print(mem, "%100000d", 1)), 100000);
	arena_close(mem);
}

struct note {
	struct arena *mem;
	char *said;
	char word;
	int again;
};

static void note_down(void *thing)
{
	struct note *note = thing;
	size_t count = strlen(note->said);

	note->said[count] = note->word;
	note->said[count + 1] = '\0';
	if (note->again-- > 0)
		arena_at_end(note->mem, note_down, note);
}

static void what_was_added_last_is_given_back_first_and_once(void **state)
{
	struct arena *mem = arena_open();
	char said[16] = "";
	struct note a = { mem, said, 'a', 0 }, b = { mem, said, 'b', 1 }, c = { mem, said, 'c', 0 };

	(void)state;
	arena_at_end(mem, note_down, &a);
	arena_at_end(mem, note_down, &b);
	arena_clear(mem);
	assert_string_equal(said, "bba");
	arena_at_end(mem, note_down, &c);
	arena_close(mem);
	assert_string_equal(said, "bbac");
	arena_close(NULL);
}

static volatile size_t huge = SIZE_MAX;

static void ask_for_too_much(void *thing)
{
	struct arena *mem = arena_open();
	void *got = NULL;

	switch (*(const int *)thing) {
	case 0: got = arena_alloc(mem, huge); break;
	case 1: got = arena_array(mem, huge / 2, 3); break;
	case 2: got = arena_copy(mem, "", huge); break;
	case 3: got = memory_alloc(huge / 2); break;
	case 4: got = memory_array(huge / 2, 3); break;
	case 5: got = memory_resize(NULL, huge / 2, 3); break;
	case 6: got = arena_alloc(mem, huge / 4 - 64); break;
	}
	(void)got;
}

static void without_memory_the_process_ends_with_one_line(void **state)
{
	(void)state;
	for (int which = 0; which < 7; which++) {
		struct child_end end = child_run(ask_for_too_much, &which);
		const char *line = strstr(end.said, "<3>");

		assert_int_equal(end.status, 70);
		assert_non_null(line);
		assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
	}
}

static void memory_outside_arenas_is_zeroed_and_resized(void **state)
{
	char *empty = memory_array(0, 0), *text = memory_text("abc"), *zero = memory_array(3, 5);

	(void)state;
	assert_non_null(empty);
	assert_memory_equal(zero, (char[15]){ 0 }, 15);
	text = memory_resize(text, 100, 10);
	assert_string_equal(text, "abc");
	assert_null(memory_text(NULL));
	free(empty);
	free(text);
	free(zero);
}

static void an_overrun_is_seen_by_the_address_sanitizer(void **state)
{
	(void)state;
#if defined(__SANITIZE_ADDRESS__)
	struct arena *mem = arena_open();

	for (size_t bytes = 1; bytes < 70; bytes++) {
		char *one = arena_alloc(mem, bytes), *two = arena_alloc(mem, bytes);

		assert_null(__asan_region_is_poisoned(one, bytes));
		assert_true(__asan_address_is_poisoned(one + bytes));
		assert_true(__asan_address_is_poisoned(two - 1));
		assert_true(__asan_address_is_poisoned(two + bytes));
	}
	char *before = arena_alloc(mem, 10);

	arena_clear(mem);
	assert_true(__asan_address_is_poisoned(before));
	arena_close(mem);
#else
	skip();
#endif
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(allocations_are_zeroed_aligned_and_apart),
		cmocka_unit_test(empty_allocations_have_addresses_of_their_own),
		cmocka_unit_test(an_array_grows_as_it_is_filled_and_keeps_what_it_holds),
		cmocka_unit_test(clearing_keeps_the_largest_block_and_nothing_in_it),
		cmocka_unit_test(clearing_keeps_no_very_large_block),
		cmocka_unit_test(large_allocations_fit_and_leave_the_small_ones_together),
		cmocka_unit_test(texts_are_copied),
		cmocka_unit_test(what_was_added_last_is_given_back_first_and_once),
		cmocka_unit_test(without_memory_the_process_ends_with_one_line),
		cmocka_unit_test(memory_outside_arenas_is_zeroed_and_resized),
		cmocka_unit_test(an_overrun_is_seen_by_the_address_sanitizer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
