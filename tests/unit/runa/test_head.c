/* test_head.c: status lines and fields, line by line. */
#include "runa/head.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

/* 2026-11-23T09:00:00Z */
static const int64_t NOW_MS = INT64_C(1795424400000);

static bool feed(struct runa_head *head, const char *line)
{
	return runa_head_line(head, line, strlen(line), NOW_MS);
}

/* A final answer whose head has this one field. */
static struct runa_head head_with(const char *field)
{
	struct runa_head head;

	runa_head_begin(&head);
	assert_true(feed(&head, "HTTP/1.1 429 Too Many\r\n"));
	assert_true(feed(&head, field));
	assert_true(feed(&head, "\r\n"));
	assert_true(head.is_over);
	return head;
}

static void status_lines_of_each_version_are_read(void **state)
{
	static const struct { const char *line; int status; } rows[] = {
		{ "HTTP/1.1 200 OK\r\n", 200 }, { "HTTP/2 404 \r\n", 404 }, { "HTTP/2 500\r\n", 500 },
		{ "HTTP/1.0 302 Found\n", 302 }, { "HTTP/1.1 20\r\n", 0 }, { "HTTP/1.1\r\n", 0 },
		{ "http/1.1 200 OK\r\n", 0 }, { "X: HTTP/1.1 200\r\n", 0 }, { "HTTP/1.1 2x0 OK\r\n", 0 }, { "\r\n", 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct runa_head head;

		runa_head_begin(&head);
		assert_true(feed(&head, rows[i].line));
		assert_int_equal(head.status, rows[i].status);
	}
}

static void retry_after_is_read_in_seconds_and_as_a_date_and_bounded(void **state)
{
	static const struct { const char *field; int64_t ms; } rows[] = {
		{ "Retry-After: 5\r\n", 5000 },
		{ "retry-after:\t 0 \r\n", 0 },
		{ "Retry-After: 3600\r\n", HEAD_RETRY_AFTER_MS },
		{ "Retry-After: 3601\r\n", HEAD_RETRY_AFTER_MS },
		{ "Retry-After: 99999999999999999999999999\r\n", HEAD_RETRY_AFTER_MS },
		{ "Retry-After: Mon, 23 Nov 2026 09:00:30 GMT\r\n", 30000 },
		{ "Retry-After: Monday, 23-Nov-26 09:00:30 GMT\r\n", 30000 },
		{ "Retry-After: Mon Nov 23 09:00:30 2026\r\n", 30000 },
		{ "Retry-After: Mon, 23 Nov 2026 08:00:00 GMT\r\n", 0 },
		{ "Retry-After: Thu, 01 Jan 1970 00:00:00 GMT\r\n", 0 },
		{ "Retry-After: Tue, 23 Nov 2027 09:00:00 GMT\r\n", HEAD_RETRY_AFTER_MS },
		{ "Retry-After: \r\n", -1 }, { "Retry-After: soon\r\n", -1 }, { "Retry-After: -5\r\n", -1 },
		{ "Retry-After: 1.5\r\n", -1 }, { "Retry-After: 1e3\r\n", -1 }, { "Retry-After: 5s\r\n", -1 },
		{ "Retry-After: Mon, 99 Foo 2026\r\n", -1 }, { "Retry-After: 2026-11-23\r\n", -1 },
		{ "Retry-Later: 5\r\n", -1 }, { "Retry-After 5\r\n", -1 }, { "Retry-After : 5\r\n", -1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct runa_head head = head_with(rows[i].field);

		if (head.retry_after_ms != rows[i].ms)
			fail_msg("%s: %lld", rows[i].field, (long long)head.retry_after_ms);
	}
}

static void of_two_pauses_the_longer_counts(void **state)
{
	struct runa_head head;

	(void)state;
	runa_head_begin(&head);
	assert_true(feed(&head, "HTTP/2 429\r\n") && feed(&head, "retry-after: 9\r\n"));
	assert_true(feed(&head, "retry-after: 4\r\n") && feed(&head, "retry-after: rubbish\r\n"));
	assert_int_equal(head.retry_after_ms, 9000);
}

static void a_request_id_is_kept_only_where_it_is_plain_and_fits(void **state)
{
	char long_id[100] = "X-Amzn-Requestid: ";

	(void)state;
	assert_string_equal(head_with("x-amzn-requestid: 0d9f6a1e-0000\r\n").request_id, "0d9f6a1e-0000");
	assert_string_equal(head_with("X-Amzn-Requestid: a b\r\n").request_id, "");
	assert_string_equal(head_with("X-Amzn-Requestid: a\x1b[2J\r\n").request_id, "");
	assert_string_equal(head_with("X-Amzn-Requestid: \xc3\xa4\r\n").request_id, "");
	memset(long_id + 18, 'x', 63);
	assert_int_equal(strlen(head_with(long_id).request_id), 63);
	long_id[81] = 'x';
	assert_string_equal(head_with(long_id).request_id, "");
}

static void a_coding_is_seen_unless_it_is_identity(void **state)
{
	(void)state;
	assert_true(head_with("Content-Encoding: gzip\r\n").is_coded);
	assert_true(head_with("content-encoding: br, gzip\r\n").is_coded);
	assert_false(head_with("Content-Encoding: Identity\r\n").is_coded);
	assert_false(head_with("Content-Encoding:\r\n").is_coded);
	assert_false(head_with("Content-Language: gzip\r\n").is_coded);
}

static void an_interim_answers_fields_are_not_the_answers(void **state)
{
	struct runa_head head;

	(void)state;
	runa_head_begin(&head);
	assert_true(feed(&head, "HTTP/1.1 102 Processing\r\n") && feed(&head, "Retry-After: 9\r\n"));
	assert_true(feed(&head, "X-Amzn-Requestid: a\r\n") && feed(&head, "\r\n"));
	assert_int_equal(head.status, 0);
	assert_int_equal(head.interims, 1);
	assert_false(head.is_over);
	assert_true(feed(&head, "HTTP/1.1 200 OK\r\n") && feed(&head, "\r\n"));
	assert_int_equal(head.status, 200);
	assert_int_equal(head.retry_after_ms, -1);
	assert_string_equal(head.request_id, "");
}

static void trailers_change_nothing(void **state)
{
	struct runa_head head = head_with("A: b\r\n");

	(void)state;
	assert_true(feed(&head, "Retry-After: 9\r\n") && feed(&head, "HTTP/1.1 200 OK\r\n"));
	assert_int_equal(head.status, 429);
	assert_int_equal(head.retry_after_ms, -1);
}

static void the_hundred_and_first_interim_answer_is_one_too_many(void **state)
{
	struct runa_head head;

	(void)state;
	runa_head_begin(&head);
	for (int i = 0; i < HEAD_INTERIMS; i++)
		assert_true(feed(&head, "HTTP/1.1 102 Processing\r\n") && feed(&head, "\r\n"));
	assert_false(feed(&head, "HTTP/1.1 102 Processing\r\n"));
}

static void a_head_has_a_largest_size(void **state)
{
	static char line[1024];
	struct runa_head head;

	(void)state;
	memset(line, 'x', sizeof line);
	runa_head_begin(&head);
	for (size_t i = 0; i < HEAD_BYTES / sizeof line; i++)
		assert_true(runa_head_line(&head, line, sizeof line, NOW_MS));
	assert_false(runa_head_line(&head, "\n", 1, NOW_MS));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(status_lines_of_each_version_are_read),
		cmocka_unit_test(retry_after_is_read_in_seconds_and_as_a_date_and_bounded),
		cmocka_unit_test(of_two_pauses_the_longer_counts),
		cmocka_unit_test(a_request_id_is_kept_only_where_it_is_plain_and_fits),
		cmocka_unit_test(a_coding_is_seen_unless_it_is_identity),
		cmocka_unit_test(an_interim_answers_fields_are_not_the_answers),
		cmocka_unit_test(trailers_change_nothing),
		cmocka_unit_test(the_hundred_and_first_interim_answer_is_one_too_many),
		cmocka_unit_test(a_head_has_a_largest_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
