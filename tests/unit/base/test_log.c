/* test_log.c: lines as they arrive on standard error of a child. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "support/child.h"

static void say_levels(void *thing)
{
	log_line(LOG_DETAIL, "unseen", "n=%d", 1);
	log_line(LOG_NOTE, "order_placed", "order=%s product=%s", "0123", "AMZ-GB");
	log_set_level(LOG_WARN);
	log_line(LOG_NOTE, "unseen", "n=%d", 2);
	log_line(LOG_WARN, "slow", "ms=%d", 3);
	log_set_level(LOG_DETAIL);
	log_line(LOG_DETAIL, "fine", "%s", "");
	(void)thing;
}

static void a_line_has_level_event_and_values_and_lower_ones_are_dropped(void **state)
{
	struct child_end end = child_run(say_levels, NULL);

	(void)state;
	assert_int_equal(end.status, 0);
	assert_string_equal(end.said, "<5>order_placed order=0123 product=AMZ-GB\n<4>slow ms=3\n<7>fine\n");
}

static void say_text(void *thing)
{
	log_line(LOG_NOTE, "e", "v=%s", (const char *)thing);
}

static void control_characters_become_question_marks(void **state)
{
	static const struct { const char *text, *said; } cases[] = {
		{ "a\nb", "a?b" }, { "\r\n<3>forged", "?" "?<3>forged" }, { "\x1b[2J", "?[2J" },
		{ "\x7f", "?" }, { "\x01\x1f", "??" }, { "caf\xC3\xA9", "caf\xC3\xA9" },
		{ "\xC2\x80|\xC2\x9F", "?" "?|?" "?" }, { "\xC2\xA0", "\xC2\xA0" },
		{ "\xE2\x82\xAC", "\xE2\x82\xAC" }, { "\x9b" "31m", "?31m" }, { "\xC3\xA9\xFF", "???" },
		{ "\xED\xA0\x80", "???" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char wanted[100];
		struct child_end end = child_run(say_text, (void *)(uintptr_t)cases[i].text);

		assert_true(snprintf(wanted, sizeof wanted, "<5>e v=%s\n", cases[i].said) < 100);
		assert_string_equal(end.said, wanted);
	}
}

static void what_turns_the_direction_of_writing_becomes_question_marks(void **state)
{
	static const char *const texts[] = {
		"\u061C", "\u200E", "\u200F", "\u2028", "\u2029", "\u202A", "\u202E", "\u2066", "\u2069",
	};
	static const char *const others[] = { "\u061B", "\u200D", "\u2010", "\u2027", "\u202F", "\u2065", "\u206A" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		struct child_end end = child_run(say_text, (void *)(uintptr_t)texts[i]);

		assert_int_equal(strspn(end.said + strlen("<5>e v="), "?"), strlen(texts[i]));
	}
	for (size_t i = 0; i < COUNT_OF(others); i++)
		assert_null(strchr(child_run(say_text, (void *)(uintptr_t)others[i]).said, '?'));
}

static void say_name(void *thing)
{
	char quoted[LOG_QUOTED_SIZE];

	log_line(LOG_NOTE, "e", "by=%s", log_quoted(quoted, thing));
}

static void a_name_stands_in_quotes_that_it_cannot_leave(void **state)
{
	static const struct { const char *name, *said; } cases[] = {
		{ "alice", "\"alice\"" }, { "", "\"\"" }, { "a\" role=admin b=\"", "\"a? role=admin b=?\"" },
		{ "a\n<3>b", "\"a?<3>b\"" },
	};
	char name[300] = "";

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char wanted[100];
		struct child_end end = child_run(say_name, (void *)(uintptr_t)cases[i].name);

		assert_true(snprintf(wanted, sizeof wanted, "<5>e by=%s\n", cases[i].said) < 100);
		assert_string_equal(end.said, wanted);
	}
	for (int i = 0; i < 100; i++)
		memcpy(name + 2 * i, "\xC3\xA9", 3);
	struct child_end end = child_run(say_name, name);

	assert_true(text_is_utf8(end.said, strlen(end.said)));
	assert_null(strchr(end.said, '?'));
	assert_true(text_ends(end.said, "\"\n"));
}

static void a_line_is_cut_at_1024_bytes_and_never_within_a_character(void **state)
{
	static const char *const letters[] = { "x", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x8E\x81" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(letters); i++) {
		for (size_t shift = 0; shift < 4; shift++) {
			char text[3000] = "";

			memset(text, 'y', shift);
			while (strlen(text) < 2000)
				strncat(text, letters[i], sizeof text - strlen(text) - 1);

			struct child_end end = child_run(say_text, text);
			size_t count = strlen(end.said);

			assert_true(count <= 1024 && count > 1024 - strlen(letters[i]));
			assert_ptr_equal(strchr(end.said, '\n'), end.said + count - 1);
			assert_true(text_is_utf8(end.said, count));
			assert_null(strchr(end.said, '?'));
		}
	}
}

static void a_line_of_exactly_1024_bytes_is_whole(void **state)
{
	char text[1024 - 8 + 2];
	struct child_end end;

	(void)state;
	memset(text, 'x', sizeof text);
	text[1024 - 8] = '\0'; /* "<5>e v=" and the newline are 8 */
	end = child_run(say_text, text);
	assert_int_equal(strlen(end.said), 1024);
	text[1024 - 8] = 'y';
	text[1024 - 8 + 1] = '\0';
	end = child_run(say_text, text);
	assert_int_equal(strlen(end.said), 1024);
	assert_null(strchr(end.said, 'y'));
}

static void say_long_event(void *thing)
{
	char event[3000];

	(void)thing;
	memset(event, 'e', sizeof event - 1);
	event[sizeof event - 1] = '\0';
	log_line(LOG_NOTE, event, "n=%d", 1);
	errno = EDOM;
	log_line(LOG_NOTE, "errno_kept", "n=%d", 1);
	_exit(errno == EDOM ? 0 : 1);
}

static void a_long_event_leaves_room_and_errno_is_kept(void **state)
{
	struct child_end end = child_run(say_long_event, NULL);

	(void)state;
	assert_int_equal(end.status, 0);
	assert_non_null(strstr(end.said, "e n=1\n<5>errno_kept n=1\n"));
}

static void say_last_words(void *thing)
{
	(void)thing;
	log_set_level(LOG_BROKEN);
	log_die("no_memory", "bytes=%d", 5);
}

static void dying_says_one_line_and_ends_with_70(void **state)
{
	struct child_end end = child_run(say_last_words, NULL);

	(void)state;
	assert_int_equal(end.status, 70);
	assert_string_equal(end.said, "<3>no_memory bytes=5\n");
}

static void *say_many(void *thing)
{
	for (int i = 0; i < 50; i++)
		log_line(LOG_NOTE, "many", "who=%s", (const char *)thing);
	return NULL;
}

static void say_in_threads(void *thing)
{
	static const char *const names[] = { "aaaaaaaaaaaa", "bbbbbbbbbbbb", "cccccccccccc" };
	pthread_t threads[COUNT_OF(names)];

	(void)thing;
	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (pthread_create(&threads[i], NULL, say_many, (void *)(uintptr_t)names[i]) != 0)
			_exit(1);
	for (size_t i = 0; i < COUNT_OF(names); i++)
		pthread_join(threads[i], NULL);
}

static void lines_of_several_threads_never_mix(void **state)
{
	struct child_end end = child_run(say_in_threads, NULL);
	const size_t line = strlen("<5>many who=aaaaaaaaaaaa\n");

	(void)state;
	assert_int_equal(end.status, 0);
	assert_int_equal(strlen(end.said), 150 * line);
	for (const char *at = end.said; *at; at += line) {
		assert_memory_equal(at, "<5>many who=", 12);
		assert_int_equal(strspn(at + 12, (char[]){ at[12], '\0' }), 12);
		assert_int_equal(at[line - 1], '\n');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_has_level_event_and_values_and_lower_ones_are_dropped),
		cmocka_unit_test(control_characters_become_question_marks),
		cmocka_unit_test(what_turns_the_direction_of_writing_becomes_question_marks),
		cmocka_unit_test(a_name_stands_in_quotes_that_it_cannot_leave),
		cmocka_unit_test(a_line_is_cut_at_1024_bytes_and_never_within_a_character),
		cmocka_unit_test(a_line_of_exactly_1024_bytes_is_whole),
		cmocka_unit_test(a_long_event_leaves_room_and_errno_is_kept),
		cmocka_unit_test(dying_says_one_line_and_ends_with_70),
		cmocka_unit_test(lines_of_several_threads_never_mix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
