/* test_problem.c: sentences fit their place. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/problem.h"
#include "base/text.h"

static void a_sentence_is_written_and_none_is_needed(void **state)
{
	struct problem why = { "before" };

	(void)state;
	problem_set(&why, "line %d: %s", 3, "unknown key");
	assert_string_equal(why.text, "line 3: unknown key");
	problem_set(NULL, "line %d", 3);
}

static void a_long_sentence_is_cut_visibly_and_between_characters(void **state)
{
	struct problem why;

	(void)state;
	for (size_t shift = 0; shift < 4; shift++) {
		char text[1000] = "";
		size_t count = shift;

		memset(text, 'x', shift);
		for (; count < 900; count += 4)
			memcpy(text + count, "\xF0\x9F\x8E\x81", 5);
		problem_set(&why, "%s", text);
		assert_true(strlen(why.text) > sizeof why.text - 5 && strlen(why.text) < sizeof why.text);
		assert_true(text_is_utf8(why.text, strlen(why.text)));
		assert_true(text_ends(why.text, "..."));
		assert_memory_equal(why.text, text, strlen(why.text) - 3);
	}
}

static void a_sentence_that_just_fits_is_whole(void **state)
{
	struct problem why;
	char text[sizeof why.text];

	(void)state;
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	problem_set(&why, "%s", text);
	assert_string_equal(why.text, text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sentence_is_written_and_none_is_needed),
		cmocka_unit_test(a_long_sentence_is_cut_visibly_and_between_characters),
		cmocka_unit_test(a_sentence_that_just_fits_is_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
