/* test_journal.c: requests are kept byte for byte, without the key, and no more than fit. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "sandbox/journal.h"

static struct request request_of(struct arena *mem, const char *method, const char *body)
{
	struct request request = {
		.mem = mem, .method = method, .path = "/v2/order", .query = "", .body = arena_text(mem, body),
		.body_bytes = strlen(body),
	};

	fields_add(&request.headers, mem, "x-api-key", "XXsecret.secret");
	fields_add(&request.headers, mem, "x-twice", "one");
	fields_add(&request.headers, mem, "x-twice", "two");
	return request;
}

static void a_request_is_shown_with_its_bytes_but_without_the_key(void **state)
{
	struct arena *mem = arena_open();
	struct request request = request_of(mem, "POST", "{\"a\":1}");
	struct journal_filter all = { .limit = 10 }, gets = { .method = "GET", .limit = 10 };
	struct answer answer = { 0 };
	struct journal journal;
	uint64_t number;
	char *shown;

	(void)state;
	journal_begin(&journal);
	number = journal_ask(&journal, &request, 5, true, true);
	answer_text(&answer, mem, 200, "{}");
	answer.order_id = "O-1";
	journal_answer(&journal, number, &answer, 200);
	shown = journal_show(&journal, mem, &all);
	assert_null(strstr(shown, "secret"));
	assert_non_null(strstr(shown, "\"x-api-key\":\"(key)\""));
	assert_non_null(strstr(shown, "\"x-twice\":\"one, two\""));
	assert_non_null(strstr(shown, "\"key_ok\":true"));
	assert_non_null(strstr(shown, "\"body_base64\":\"eyJhIjoxfQ==\""));
	assert_non_null(strstr(shown, "\"status\":200,\"response_base64\":\"e30=\""));
	assert_non_null(json_read(mem, shown, strlen(shown)));
	assert_string_equal(journal_show(&journal, mem, &gets), "[]");
	journal_end(&journal);
	arena_close(mem);
}

static void the_oldest_go_first_and_all_are_counted(void **state)
{
	enum { MORE = 10 };
	struct arena *mem = arena_open();
	struct request request = request_of(mem, "GET", "");
	struct answer answer = { 0 };
	struct journal journal;

	(void)state;
	journal_begin(&journal);
	for (int i = 0; i < JOURNAL_REQUESTS_MAX + MORE; i++) {
		struct arena *own = arena_open();
		struct request one = request;

		one.mem = own;
		assert_int_equal(journal_ask(&journal, &one, i, false, i % 2 == 0), i + 1);
		arena_close(own);
	}
	assert_int_equal(journal.asked, JOURNAL_REQUESTS_MAX + MORE);
	assert_int_equal(journal.first, MORE + 1);
	answer_text(&answer, mem, 200, "{}");
	journal_answer(&journal, 1, &answer, 200); /* long gone: counted, nothing else */
	assert_int_equal(journal.answered, 1);
	journal_end(&journal);
	arena_close(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_is_shown_with_its_bytes_but_without_the_key),
		cmocka_unit_test(the_oldest_go_first_and_all_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
