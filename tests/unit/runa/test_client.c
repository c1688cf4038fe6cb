/* test_client.c: what goes out, whole answers, waiting, opening and closing (faults 39, 47, 48). How a try
 * ends that is not answered is in test_client_ends.c. */
#include "runa/client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/client_stage.h"

enum { MANY = 8 };

/* ---- what goes out ---- */

static void a_request_carries_its_bytes_its_headers_and_the_key(void **state)
{
	struct stage *s = *state;
	const char *seen;

	assert_int_equal(stage_end_of(s, (struct script_step){ SCRIPT_SAY, OK_ANSWER, 1 }), RUNA_ANSWERED);
	stage_finish(s);
	seen = scripted_seen(s->server, 0);
	assert_int_equal(strncmp(seen, "POST /v2/order HTTP/1.1\r\n", 25), 0);
	assert_non_null(strstr(seen, "\r\nX-Api-Key: XX0demo1.not-a-real-key\r\n"));
	assert_non_null(strstr(seen, "\r\nContent-Type: application/json\r\n"));
	assert_non_null(strstr(seen, "\r\nX-Api-Version: 2024-02-05\r\n"));
	assert_non_null(strstr(seen, "\r\nX-Idempotency-Key: k-1\r\n"));
	assert_non_null(strstr(seen, "\r\nX-Execution-Mode: sync\r\n"));
	assert_non_null(strstr(seen, "\r\nContent-Length: 7\r\n"));
	assert_string_equal(strstr(seen, "\r\n\r\n"), "\r\n\r\n{\"a\":1}");
}

static void a_request_asks_neither_to_continue_nor_for_compression(void **state)
{
	struct stage *s = *state;
	const char *seen;

	assert_int_equal(stage_end_of(s, (struct script_step){ SCRIPT_SAY, OK_ANSWER, 1 }), RUNA_ANSWERED);
	stage_finish(s);
	seen = scripted_seen(s->server, 0);
	assert_null(strcasestr(seen, "\nExpect:"));
	assert_null(strcasestr(seen, "\nAccept-Encoding:"));
	assert_null(strcasestr(seen, "\nCookie:"));
	assert_null(strcasestr(seen, "\nAuthorization:"));
}

static void a_get_has_no_body(void **state)
{
	struct stage *s = *state;

	stage_script(s, (struct script){ { { .what = SCRIPT_READ_HEAD }, { SCRIPT_SAY, OK_ANSWER, 1 } } });
	stage_begin(s, "GET", "/order/O-1", NULL, NULL);
	stage_wait(s, &s->answer);
	assert_int_equal(s->answer.transport, RUNA_ANSWERED);
	stage_finish(s);
	assert_int_equal(strncmp(scripted_seen(s->server, 0), "GET /v2/order/O-1 HTTP/1.1\r\n", 28), 0);
	assert_null(strcasestr(scripted_seen(s->server, 0), "Content-Length"));
}

static void one_connection_serves_call_after_call(void **state)
{
	struct stage *s = *state;

	stage_script(s, (struct script){ { { .what = SCRIPT_READ_REQUEST }, { SCRIPT_SAY, OK_ANSWER, 1 },
	                                   { .what = SCRIPT_READ_REQUEST }, { SCRIPT_SAY, OK_ANSWER, 1 } } });
	assert_int_equal(stage_post(s)->transport, RUNA_ANSWERED);
	assert_int_equal(stage_post(s)->transport, RUNA_ANSWERED);
	stage_finish(s);
	assert_int_equal(scripted_connections(s->server), 1);
}

/* What a first call leaves behind in a reused handle must not show in the next one. */
static void a_get_after_a_post_is_a_get(void **state)
{
	struct stage *s = *state;
	const char *second;

	stage_script(s, (struct script){ { { .what = SCRIPT_READ_REQUEST }, { SCRIPT_SAY, OK_ANSWER, 1 },
	                                   { .what = SCRIPT_READ_HEAD }, { SCRIPT_SAY, OK_ANSWER, 1 } } });
	assert_int_equal(stage_post(s)->transport, RUNA_ANSWERED);
	runa_answer_drop(&s->answer);
	stage_begin(s, "GET", "/ping", NULL, NULL);
	stage_wait(s, &s->answer);
	stage_finish(s);
	second = strstr(scripted_seen(s->server, 0), "{\"a\":1}") + 7;
	assert_int_equal(strncmp(second, "GET /v2/ping HTTP/1.1\r\n", 23), 0);
	assert_null(strcasestr(second, "Content-Length"));
}

static void proxies_of_the_environment_are_ignored(void **state)
{
	static const char *const names[] = { "http_proxy", "https_proxy", "all_proxy", "ALL_PROXY" };
	struct stage *s = *state;

	for (size_t i = 0; i < COUNT_OF(names); i++)
		assert_int_equal(setenv(names[i], "http://127.0.0.1:1", 1), 0);
	assert_int_equal(stage_end_of(s, (struct script_step){ SCRIPT_SAY, OK_ANSWER, 1 }), RUNA_ANSWERED);
	for (size_t i = 0; i < COUNT_OF(names); i++)
		assert_int_equal(unsetenv(names[i]), 0);
}

static void a_configured_proxy_is_used_whatever_no_proxy_says(void **state)
{
	struct stage *s = *state;
	const struct script script = { { { .what = SCRIPT_READ_REQUEST }, { SCRIPT_SAY, OK_ANSWER, 1 } } };
	char proxy[64];

	s->server = scripted_open(&script, 1);
	(void)snprintf(proxy, sizeof proxy, "http://127.0.0.1:%d", scripted_port(s->server));
	s->options.proxy = proxy;
	stage_address(s, "http://127.0.0.1:9/v2");
	assert_int_equal(setenv("no_proxy", "*", 1), 0);
	stage_open_line(s);
	assert_int_equal(stage_post(s)->transport, RUNA_ANSWERED);
	assert_int_equal(unsetenv("no_proxy"), 0);
	stage_finish(s);
	assert_int_equal(strncmp(scripted_seen(s->server, 0), "POST http://127.0.0.1:9/v2/order ", 33), 0);
}

static void the_key_is_not_shown_to_a_proxy_that_tunnels(void **state)
{
	struct stage *s = *state;
	const struct script script = { { { .what = SCRIPT_READ_HEAD },
	                                 { SCRIPT_SAY, "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", 1 } } };
	char proxy[64];

	s->server = scripted_open(&script, 1);
	(void)snprintf(proxy, sizeof proxy, "http://127.0.0.1:%d", scripted_port(s->server));
	s->options.proxy = proxy;
	stage_address(s, "https://runa.invalid/v2");
	stage_open_line(s);
	assert_int_equal(stage_post(s)->transport, RUNA_NOT_SENT);
	assert_int_equal(s->answer.status, 0);
	stage_finish(s);
	assert_int_equal(strncmp(scripted_seen(s->server, 0), "CONNECT runa.invalid:443 ", 25), 0);
	assert_null(strstr(scripted_seen(s->server, 0), "XX0demo1"));
}

/* ---- whole answers ---- */

static void a_whole_answer_is_handed_out(void **state)
{
	static const char whole[] = "HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nX-Amzn-Requestid: 0d9f-1\r\n"
	                            "Transfer-Encoding: chunked\r\n\r\n3\r\n{\"a\r\n3\r\n\":1\r\n1\r\n}\r\n0\r\n\r\n";
	struct stage *s = *state;

	assert_int_equal(stage_end_of(s, (struct script_step){ SCRIPT_SAY, whole, 1 }), RUNA_ANSWERED);
	assert_int_equal(s->answer.status, 503);
	assert_string_equal(s->answer.body, "{\"a\":1}");
	assert_int_equal(s->answer.body_bytes, 7);
	assert_int_equal(s->answer.retry_after_ms, 7000);
	assert_string_equal(s->answer.request_id, "0d9f-1");
	assert_string_equal(s->answer.trouble, "");
}

static void an_answer_without_a_body_is_whole(void **state)
{
	struct stage *s = *state;

	assert_int_equal(stage_end_of(s, (struct script_step){ SCRIPT_SAY, "HTTP/1.1 204 No Content\r\n\r\n", 1 }),
	                 RUNA_ANSWERED);
	assert_int_equal(s->answer.status, 204);
	assert_null(s->answer.body);
	assert_int_equal(s->answer.retry_after_ms, -1);
}

static void a_redirect_is_an_answer_and_not_followed(void **state)
{
	struct stage *s = *state;
	struct script_step step = {
		SCRIPT_SAY, "HTTP/1.1 307 Elsewhere\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", 1
	};

	assert_int_equal(stage_end_of(s, step), RUNA_ANSWERED);
	assert_int_equal(s->answer.status, 307);
	stage_finish(s);
	assert_int_equal(scripted_connections(s->server), 1);
}

/* ---- waiting ---- */

static void two_calls_in_flight_each_get_their_answer(void **state)
{
	struct stage *s = *state;
	const struct script scripts[] = {
		{ { { .what = SCRIPT_READ_REQUEST }, { .what = SCRIPT_STALL }, { SCRIPT_SAY, OK_ANSWER, 1 } } },
		{ { { .what = SCRIPT_READ_REQUEST }, { .what = SCRIPT_STALL }, { SCRIPT_SAY, OK_ANSWER, 1 } } },
	};
	struct runa_answer answers[MANY];
	bool was_seen[2] = { false, false };
	int tags[2];
	size_t count = 0;

	stage_scripts(s, scripts, 2);
	stage_begin(s, "POST", "/order", "{}", &tags[0]);
	stage_begin(s, "POST", "/order", "{}", &tags[1]);
	scripted_go_on(s->server);
	for (int i = 0; i < 10 && count < 2; i++)
		count += s->line->wait(s->line, 2000, answers + count, MANY - count);
	assert_int_equal(count, 2);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(answers[i].transport, RUNA_ANSWERED);
		was_seen[(int *)answers[i].tag - tags] = true;
		runa_answer_drop(&answers[i]);
	}
	assert_true(was_seen[0] && was_seen[1]);
	stage_finish(s);
	assert_int_equal(scripted_connections(s->server), 2);
}

static void a_wake_before_the_wait_ends_it(void **state)
{
	struct stage *s = *state;
	struct runa_answer answer;

	stage_script(s, (struct script){ { { .what = SCRIPT_READ_REQUEST }, { .what = SCRIPT_STALL } } });
	stage_begin(s, "POST", "/order", "{}", NULL);
	s->line->wake(s->line);
	assert_int_equal(s->line->wait(s->line, 3600 * 1000, &answer, 1), 0);
}

static void *wake_from_elsewhere(void *data)
{
	struct runa_line *line = data;

	line->wake(line);
	return NULL;
}

static void a_wake_from_another_thread_ends_the_wait(void **state)
{
	struct stage *s = *state;
	struct runa_answer answer;
	pthread_t thread;

	stage_script(s, (struct script){ { { .what = SCRIPT_READ_REQUEST }, { .what = SCRIPT_STALL } } });
	stage_begin(s, "POST", "/order", "{}", NULL);
	assert_int_equal(pthread_create(&thread, NULL, wake_from_elsewhere, s->line), 0);
	assert_int_equal(s->line->wait(s->line, 3600 * 1000, &answer, 1), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
}

static void a_wait_without_calls_ends_in_time(void **state)
{
	struct stage *s = *state;
	struct runa_answer answer;

	stage_script(s, (struct script){ { { .what = SCRIPT_END } } });
	assert_int_equal(s->line->wait(s->line, 1, &answer, 1), 0);
	assert_int_equal(s->line->wait(s->line, 0, &answer, 1), 0);
}

static void what_does_not_fit_is_handed_out_by_the_next_wait(void **state)
{
	struct stage *s = *state;
	struct runa_answer answer;
	int tags[3];

	s->server = scripted_open(NULL, 0);
	scripted_finish(s->server);
	stage_open_line(s);
	for (int i = 0; i < 3; i++)
		stage_begin(s, "GET", "/ping", NULL, &tags[i]);
	for (int i = 0; i < 3; i++) {
		stage_wait(s, &answer);
		assert_int_equal(answer.transport, RUNA_NOT_SENT);
	}
	assert_int_equal(s->line->wait(s->line, 0, &answer, 1), 0);
}

static void closing_ends_calls_under_way_and_answers_not_fetched(void **state)
{
	struct stage *s = *state;
	const struct script scripts[] = { { { { .what = SCRIPT_READ_REQUEST }, { .what = SCRIPT_STALL } } } };
	struct runa_answer answer;

	stage_scripts(s, scripts, 1);
	stage_begin(s, "POST", "/order", "{}", NULL);
	assert_int_equal(s->line->wait(s->line, 0, &answer, 1), 0);
	stage_finish(s); /* the leak check is the assertion */
}

/* ---- opening ---- */

static void assert_refused(struct stage *s, const char *word)
{
	struct problem why = { "" };

	assert_null(runa_client_open(&s->options, &why));
	assert_non_null(strstr(why.text, word));
	assert_null(strstr(why.text, "not-a-real-key"));
}

static void a_wrong_key_file_is_named_and_its_content_is_not(void **state)
{
	struct stage *s = *state;
	char many[5001];

	stage_address(s, "https://runa.invalid/v2");
	stage_write_key(s, " \n\t");
	assert_refused(s, "empty");
	stage_write_key(s, "not-a-real-key\nand another");
	assert_refused(s, "printable");
	stage_write_key(s, "not-a-real-key-\xc3\xa4");
	assert_refused(s, "printable");
	memset(many, 'x', sizeof many - 1);
	many[sizeof many - 1] = '\0';
	stage_write_key(s, many);
	assert_refused(s, "longer");
	s->options.api_key_file = "/nowhere/at/all";
	assert_refused(s, "/nowhere/at/all");
	s->options.api_key_file = tmp_room(); /* a directory */
	assert_refused(s, tmp_room());
}

static void a_key_file_that_is_a_pipe_does_not_hold_the_start_up(void **state)
{
	struct stage *s = *state;

	stage_address(s, "https://runa.invalid/v2");
	unlink(s->key_file);
	assert_int_equal(mkfifo(s->key_file, 0600), 0);
	assert_refused(s, "regular");
}

static void a_wrong_address_or_time_limit_is_refused(void **state)
{
	struct stage *s = *state;

	stage_address(s, "http://api.runa.io/v2");
	assert_refused(s, "base_url");
	stage_address(s, "https://api.runa.io/v2");
	s->options.timeout_ms = 0;
	assert_refused(s, "timeout_ms");
}

static void a_slash_behind_the_address_is_dropped(void **state)
{
	struct stage *s = *state;
	const struct script script = { { { .what = SCRIPT_READ_HEAD }, { SCRIPT_SAY, OK_ANSWER, 1 } } };

	s->server = scripted_open(&script, 1);
	(void)snprintf(s->base_url, sizeof s->base_url, "http://127.0.0.1:%d/v2//", scripted_port(s->server));
	stage_open_line(s);
	stage_begin(s, "GET", "/ping", NULL, NULL);
	stage_wait(s, &s->answer);
	stage_finish(s);
	assert_int_equal(strncmp(scripted_seen(s->server, 0), "GET /v2/ping ", 13), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, client_stage_set_up, client_stage_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_request_carries_its_bytes_its_headers_and_the_key),
		TEST(a_request_asks_neither_to_continue_nor_for_compression),
		TEST(a_get_has_no_body),
		TEST(one_connection_serves_call_after_call),
		TEST(a_get_after_a_post_is_a_get),
		TEST(proxies_of_the_environment_are_ignored),
		TEST(a_configured_proxy_is_used_whatever_no_proxy_says),
		TEST(the_key_is_not_shown_to_a_proxy_that_tunnels),
		TEST(a_whole_answer_is_handed_out),
		TEST(an_answer_without_a_body_is_whole),
		TEST(a_redirect_is_an_answer_and_not_followed),
		TEST(two_calls_in_flight_each_get_their_answer),
		TEST(a_wake_before_the_wait_ends_it),
		TEST(a_wake_from_another_thread_ends_the_wait),
		TEST(a_wait_without_calls_ends_in_time),
		TEST(what_does_not_fit_is_handed_out_by_the_next_wait),
		TEST(closing_ends_calls_under_way_and_answers_not_fetched),
		TEST(a_wrong_key_file_is_named_and_its_content_is_not),
		TEST(a_key_file_that_is_a_pipe_does_not_hold_the_start_up),
		TEST(a_wrong_address_or_time_limit_is_refused),
		TEST(a_slash_behind_the_address_is_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
