/* plot.c: numbers as bars. Seen through a template that prints what was filled in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "pages/plot.h"

static const char TEMPLATE[] = "{{%AUTOESCAPE context=\"HTML\"}}{{TOP}}{{#HALF_WAY}} {{HALF}}@{{HALF_Y}}{{/HALF_WAY}}"
	"{{#BAR}} {{LABEL}}={{NUMBER}}:{{X}},{{Y}},{{W}},{{H}}{{/BAR}}";

static char *drawn(struct arena *mem, const int64_t *numbers, size_t count)
{
	char directory[] = "/tmp/plot-XXXXXX";
	struct plot_bar bars[40];
	struct values *values = values_new(mem);
	struct problem why = { "" };
	struct templates *templates;
	char *path, *text;
	size_t bytes;
	FILE *file;

	for (size_t i = 0; i < count; i++)
		bars[i] = (struct plot_bar){ numbers[i], arena_print(mem, "%c", (char)('a' + i)) };
	plot_show(values, mem, bars, count);
	assert_non_null(mkdtemp(directory));
	path = arena_print(mem, "%s/plot.html", directory);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(TEMPLATE, file);
	fclose(file);
	templates = templates_open(directory, &why);
	assert_non_null(templates);
	text = templates_expand(templates, "plot.html", values, mem, &bytes, &why);
	templates_close(templates);
	unlink(path);
	rmdir(directory);
	return text;
}

static void the_scale_ends_at_a_round_number_that_holds_all(void **state)
{
	static const struct { int64_t number, top; } cases[] = {
		{ 0, 1 }, { 1, 1 }, { 2, 2 }, { 3, 5 }, { 5, 5 }, { 6, 10 }, { 11, 20 }, { 21, 50 }, { 99, 100 },
		{ 101, 200 }, { 100001, 200000 }, { INT64_MAX, INT64_MAX },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_true(plot_top(cases[i].number) == cases[i].top);
}

static void bars_stand_on_the_floor_and_end_at_the_top(void **state)
{
	static const int64_t numbers[] = { 0, 5, 10, 1 };
	struct arena *mem = arena_open();

	(void)state;
	/* floor 128, top 14; a fourth of 330 is 82 */
	assert_string_equal(drawn(mem, numbers, 4),
	                    "10 5@71 a=0:30,128,79,0 b=5:112,71,79,57 c=10:194,14,79,114 d=1:276,117,79,11");
	arena_close(mem);
}

static void a_small_number_beside_a_large_one_is_still_seen_and_nothing_overflows(void **state)
{
	static const int64_t far[] = { 1, 1000000 }, farthest[] = { INT64_MAX, 0, 1, INT64_MAX / 2 };
	struct arena *mem = arena_open();

	(void)state;
	assert_non_null(strstr(drawn(mem, far, 2), "a=1:30,126,162,2"));
	assert_non_null(strstr(drawn(mem, farthest, 4),
	                       "a=9223372036854775807:30,14,79,114 b=0:112,128,79,0 c=1:194,126,79,2"));
	assert_non_null(strstr(drawn(mem, NULL, 0), "1"));
	arena_close(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_scale_ends_at_a_round_number_that_holds_all),
		cmocka_unit_test(bars_stand_on_the_floor_and_end_at_the_top),
		cmocka_unit_test(a_small_number_beside_a_large_one_is_still_seen_and_nothing_overflows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
