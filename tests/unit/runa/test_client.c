/* test_client.c: how far did a call come, for each way in which it can end (faults 32 to 36, 39, 40, 47, 48).
 * A scripted server plays the other side; nothing here knows what an answer means. */
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

#include "support/scripted_server.h"

enum { LONG_MS = 60000, MANY = 8 };
static const char KEY[] = "XX0demo1.not-a-real-key";
static const char ORDER_HEADERS[] =
	"Content-Type: application/json\nX-Api-Version: 2024-02-05\nX-Idempotency-Key: k-1\nX-Execution-Mode: sync\n";
static const char OK[] = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
static const char PROCESSING[] = "HTTP/1.1 102 Processing\r\n\r\n";

struct stage {
	struct scripted_server *server;
	struct runa_line *line;
	struct runa_client_options options;
	char base_url[64], key_file[64];
	struct runa_answer answer;
};

/* ---- the stage ---- */

static void write_key(const char *path, const char *key)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(key, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static int set_up(void **state)
{
	struct stage *s = calloc(1, sizeof *s);
	int fd;

	strcpy(s->key_file, "/tmp/test_client_key.XXXXXX");
	fd = mkstemp(s->key_file);
	assert_true(fd >= 0);
	close(fd);
	write_key(s->key_file, " XX0demo1.not-a-real-key\r\n");
	s->options = (struct runa_client_options){ .base_url = s->base_url, .api_key_file = s->key_file,
		.connect_timeout_ms = LONG_MS, .timeout_ms = LONG_MS };
	*state = s;
	return 0;
}

static int tear_down(void **state)
{
	struct stage *s = *state;

	runa_answer_drop(&s->answer);
	if (s->line != NULL)
		s->line->close(s->line);
	if (s->server != NULL)
		scripted_close(s->server);
	unlink(s->key_file);
	free(s);
	return 0;
}

static void open_line(struct stage *s)
{
	struct problem why = { "" };

	if (s->base_url[0] == '\0')
		(void)snprintf(s->base_url, sizeof s->base_url, "http://127.0.0.1:%d/v2", scripted_port(s->server));
	s->line = runa_client_open(&s->options, &why);
	assert_string_equal(why.text, "");
	assert_non_null(s->line);
}

static void stage_scripts(struct stage *s, const struct script *scripts, size_t count)
{
	s->server = scripted_open(scripts, count);
	open_line(s);
}

static void stage_script(struct stage *s, struct script script)
{
	stage_scripts(s, &script, 1);
}

static void begin(struct stage *s, const char *method, const char *path, const char *body, void *tag)
{
	struct runa_request request = { method, path, ORDER_HEADERS, body, body != NULL ? strlen(body) : 0, 1000 };

	s->line->begin(s->line, &request, tag);
}

/* Fails the test, instead of hanging in it, when no answer comes. */
static void wait_for_one(struct stage *s, struct runa_answer *out)
{
	for (int i = 0; i < 10; i++)
		if (s->line->wait(s->line, 2000, out, 1) == 1)
			return;
	fail_msg("no answer came");
}

static const struct runa_answer *post(struct stage *s)
{
	runa_answer_drop(&s->answer);
	begin(s, "POST", "/order", "{\"a\":1}", s);
	wait_for_one(s, &s->answer);
	assert_ptr_equal(s->answer.tag, s);
	if (s->answer.transport != RUNA_ANSWERED)
		assert_null(s->answer.body);
	assert_null(strstr(s->answer.trouble, KEY));
	assert_null(strstr(s->answer.trouble, "not-a-real-key"));
	return &s->answer;
}

/* Closes both sides: what the server saw is complete then. */
static void finish(struct stage *s)
{
	s->line->close(s->line);
	s->line = NULL;
	scripted_finish(s->server);
}

/* One script behind a whole request; how did the try end? */
static enum runa_transport end_of(struct stage *s, struct script_step step)
{
	stage_script(s, (struct script){ { { .what = SCRIPT_READ_REQUEST }, step } });
	return post(s)->transport;
}

/* ---- what goes out ---- */

static void a_request_carries_its_bytes_its_headers_and_the_key(void **state)
{
	struct stage *s = *state;
	const char *seen;

	assert_int_equal(end_of(s, (struct script_step){ SCRIPT_SAY, OK, 1 }), RUNA_ANSWERED);
	finish(s);
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

	assert_int_equal(end_of(s, (struct script_step){ SCRIPT_SAY, OK, 1 }), RUNA_ANSWERED);
	finish(s);
	seen = scripted_seen(s->server, 0);
	assert_null(strcasestr(seen, "\nExpect:"));
	assert_null(strcasestr(seen, "\nAccept-Encoding:"));
	assert_null(strcasestr(seen, "\nCookie:"));
	assert_null(strcasestr(seen, "\nAuthorization:"));
}

static void a_get_has_no_body(void **state)
{
	struct stage *s = *state;

	stage_script(s, (struct script){ { { .what = SCRIPT_READ_HEAD }, { SCRIPT_SAY, OK, 1 } } });
	begin(s, "GET", "/order/O-1", NULL, NULL);
	wait_for_one(s, &s->answer);
	assert_int_equal(s->answer.transport, RUNA_ANSWERED);
	finish(s);
	assert_int_equal(strncmp(scripted_seen(s->server, 0), "GET /v2/order/O-1 HTTP/1.1\r\n", 28), 0);
	assert_null(strcasestr(scripted_seen(s->server, 0), "Content-Length"));
}

static void one_connection_serves_call_after_call(void **state)
{
	struct stage *s = *state;

	stage_script(s, (struct script){ { { .what = SCRIPT_READ_REQUEST }, { SCRIPT_SAY, OK, 1 },
	                                   { .what = SCRIPT_READ_REQUEST }, { SCRIPT_SAY, OK, 1 } } });
	assert_int_equal(post(s)->transport, RUNA_ANSWERED);
	assert_int_equal(post(s)->transport, RUNA_ANSWERED);
	finish(s);
	assert_int_equal(scripted_connections(s->server), 1);
}

/* What a first call leaves behind in a reused handle must not show in the next one. */
static void a_get_after_a_post_is_a_get(void **state)
{
	struct stage *s = *state;
	const char *second;

	stage_script(s, (struct script){ { { .what = SCRIPT_READ_REQUEST }, { SCRIPT_SAY, OK, 1 },
	                                   { .what = SCRIPT_READ_HEAD }, { SCRIPT_SAY, OK, 1 } } });
	assert_int_equal(post(s)->transport, RUNA_ANSWERED);
	runa_answer_drop(&s->answer);
	begin(s, "GET", "/ping", NULL, NULL);
	wait_for_one(s, &s->answer);
	finish(s);
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
	assert_int_equal(end_of(s, (struct script_step){ SCRIPT_SAY, OK, 1 }), RUNA_ANSWERED);
	for (size_t i = 0; i < COUNT_OF(names); i++)
		assert_int_equal(unsetenv(names[i]), 0);
}

static void a_configured_proxy_is_used_whatever_no_proxy_says(void **state)
{
	struct stage *s = *state;
	const struct script script = { { { .what = SCRIPT_READ_REQUEST }, { SCRIPT_SAY, OK, 1 } } };
	char proxy[64];

	s->server = scripted_open(&script, 1);
	(void)snprintf(proxy, sizeof proxy, "http://127.0.0.1:%d", scripted_port(s->server));
	s->options.proxy = proxy;
	strcpy(s->base_url, "http://127.0.0.1:9/v2");
	assert_int_equal(setenv("no_proxy", "*", 1), 0);
	open_line(s);
	assert_int_equal(post(s)->transport, RUNA_ANSWERED);
	assert_int_equal(unsetenv("no_proxy"), 0);
	finish(s);
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
	strcpy(s->base_url, "https://runa.invalid/v2");
	open_line(s);
	assert_int_equal(post(s)->transport, RUNA_NOT_SENT);
	assert_int_equal(s->answer.status, 0);
	finish(s);
	assert_int_equal(strncmp(scripted_seen(s->server, 0), "CONNECT runa.invalid:443 ", 25), 0);
	assert_null(strstr(scripted_seen(s->server, 0), "XX0demo1"));
}

/* ---- not a byte left ---- */

static void a_refused_connection_sent_nothing(void **state)
{
	struct stage *s = *state;

	s->server = scripted_open(NULL, 0);
	scripted_finish(s->server);
	open_line(s);
	assert_int_equal(post(s)->transport, RUNA_NOT_SENT);
	assert_non_null(strstr(s->answer.trouble, "nothing was sent"));
	assert_int_equal(s->answer.status, 0);
}

static void a_name_that_does_not_resolve_sent_nothing(void **state)
{
	struct stage *s = *state;

	strcpy(s->base_url, "https://runa.invalid/v2");
	open_line(s);
	assert_int_equal(post(s)->transport, RUNA_NOT_SENT);
}

static void a_handshake_that_fails_sent_nothing(void **state)
{
	struct stage *s = *state;
	const struct script script = { { { SCRIPT_SAY, "this is not TLS\r\n", 1 } } };

	s->server = scripted_open(&script, 1);
	(void)snprintf(s->base_url, sizeof s->base_url, "https://127.0.0.1:%d/v2", scripted_port(s->server));
	open_line(s);
	assert_int_equal(post(s)->transport, RUNA_NOT_SENT);
	finish(s);
	assert_null(strstr(scripted_seen(s->server, 0), "XX0demo1"));
}

static void a_handshake_that_hangs_ends_in_time_and_sent_nothing(void **state)
{
	struct stage *s = *state;
	const struct script script = { { { .what = SCRIPT_STALL } } };

	s->server = scripted_open(&script, 1);
	s->options.connect_timeout_ms = 50;
	(void)snprintf(s->base_url, sizeof s->base_url, "https://127.0.0.1:%d/v2", scripted_port(s->server));
	open_line(s);
	assert_int_equal(post(s)->transport, RUNA_NOT_SENT);
}

/* libcurl sends once more by itself when a reused connection turns out dead. Where that second way
 * then isn't open, the first bytes had left all the same: 'not sent' would be a lie (faults 47). */
static void a_dead_reused_connection_and_then_a_refused_one_is_lost(void **state)
{
	struct stage *s = *state;

	stage_script(s, (struct script){ { { .what = SCRIPT_READ_REQUEST }, { SCRIPT_SAY, OK, 1 },
	                                   { .what = SCRIPT_READ_REQUEST }, { .what = SCRIPT_STOP_LISTENING } } });
	assert_int_equal(post(s)->transport, RUNA_ANSWERED);
	assert_int_equal(post(s)->transport, RUNA_LOST);
	finish(s);
	assert_int_equal(scripted_connections(s->server), 1);
}

static void a_resend_on_a_fresh_connection_has_the_same_bytes(void **state)
{
	struct stage *s = *state;
	const struct script scripts[] = {
		{ { { .what = SCRIPT_READ_REQUEST }, { SCRIPT_SAY, OK, 1 }, { .what = SCRIPT_READ_REQUEST } } },
		{ { { .what = SCRIPT_READ_REQUEST }, { SCRIPT_SAY, OK, 1 } } },
	};
	const char *first;

	stage_scripts(s, scripts, COUNT_OF(scripts));
	assert_int_equal(post(s)->transport, RUNA_ANSWERED);
	assert_int_equal(post(s)->transport, RUNA_ANSWERED);
	finish(s);
	first = strstr(scripted_seen(s->server, 0), "{\"a\":1}") + 7;
	assert_string_equal(first, scripted_seen(s->server, 1));
}

/* ---- bytes left, and no whole answer came ---- */

static void a_cut_before_the_request_was_read_is_lost(void **state)
{
	struct stage *s = *state;

	stage_script(s, (struct script){ { { .what = SCRIPT_READ_HEAD }, { .what = SCRIPT_RESET } } });
	assert_int_equal(post(s)->transport, RUNA_LOST);
}

static void a_cut_behind_the_request_is_lost(void **state)
{
	assert_int_equal(end_of(*state, (struct script_step){ .what = SCRIPT_END }), RUNA_LOST);
}

static void a_reset_behind_the_request_is_lost(void **state)
{
	assert_int_equal(end_of(*state, (struct script_step){ .what = SCRIPT_RESET }), RUNA_LOST);
}

static void a_cut_in_the_status_line_is_lost(void **state)
{
	assert_int_equal(end_of(*state, (struct script_step){ SCRIPT_SAY, "HTTP/1.1 20", 1 }), RUNA_LOST);
}

static void a_cut_in_the_header_is_lost(void **state)
{
	assert_int_equal(end_of(*state, (struct script_step){ SCRIPT_SAY, "HTTP/1.1 200 OK\r\nContent-Le", 1 }), RUNA_LOST);
}

static void a_cut_before_the_body_is_lost(void **state)
{
	assert_int_equal(end_of(*state, (struct script_step){ SCRIPT_SAY, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", 1 }),
	                 RUNA_LOST);
}

static void a_body_shorter_than_said_is_lost(void **state)
{
	static const char half[] = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n{}";

	assert_int_equal(end_of(*state, (struct script_step){ SCRIPT_SAY, half, 1 }), RUNA_LOST);
}

static void a_chunked_body_without_its_end_is_lost(void **state)
{
	static const char half[] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n";

	assert_int_equal(end_of(*state, (struct script_step){ SCRIPT_SAY, half, 1 }), RUNA_LOST);
}

static void what_is_not_http_is_lost(void **state)
{
	assert_int_equal(end_of(*state, (struct script_step){ SCRIPT_SAY, "{\"status\":\"COMPLETED\"}", 1 }), RUNA_LOST);
}

static void silence_is_lost_when_the_time_is_over(void **state)
{
	struct stage *s = *state;

	s->options.timeout_ms = 100;
	assert_int_equal(end_of(s, (struct script_step){ .what = SCRIPT_STALL }), RUNA_LOST);
}

static void silence_within_the_body_is_lost_when_the_time_is_over(void **state)
{
	struct stage *s = *state;

	s->options.timeout_ms = 100;
	stage_script(s, (struct script){ { { .what = SCRIPT_READ_REQUEST },
	                                   { SCRIPT_SAY, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n{", 1 },
	                                   { .what = SCRIPT_STALL } } });
	assert_int_equal(post(s)->transport, RUNA_LOST);
	assert_int_equal(s->answer.status, 200);
}

static void an_endless_body_is_lost(void **state)
{
	struct stage *s = *state;

	stage_script(s, (struct script){ { { .what = SCRIPT_READ_REQUEST }, { SCRIPT_SAY, "HTTP/1.1 200 OK\r\n\r\n", 1 },
	                                   { SCRIPT_FLOOD, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", 0 } } });
	assert_int_equal(post(s)->transport, RUNA_LOST);
	assert_non_null(strstr(s->answer.trouble, "at most 1000"));
}

static void an_endless_header_is_lost(void **state)
{
	struct stage *s = *state;

	stage_script(s, (struct script){ { { .what = SCRIPT_READ_REQUEST }, { SCRIPT_SAY, "HTTP/1.1 200 OK\r\n", 1 },
	                                   { SCRIPT_FLOOD, "X-More: and more and more and more\r\n", 0 } } });
	assert_int_equal(post(s)->transport, RUNA_LOST);
}

static void a_body_as_long_as_allowed_is_whole_and_one_byte_more_is_lost(void **state)
{
	struct stage *s = *state;

	stage_script(s, (struct script){ {
		{ .what = SCRIPT_READ_REQUEST }, { SCRIPT_SAY, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", 1 },
		{ SCRIPT_SAY, "0123456789", 100 },
		{ .what = SCRIPT_READ_REQUEST }, { SCRIPT_SAY, "HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n", 1 },
		{ SCRIPT_SAY, "0123456789", 100 }, { SCRIPT_SAY, "x", 1 } } });
	assert_int_equal(post(s)->transport, RUNA_ANSWERED);
	assert_int_equal(s->answer.body_bytes, 1000);
	assert_int_equal(strlen(s->answer.body), 1000);
	assert_int_equal(post(s)->transport, RUNA_LOST);
}

static void a_compressed_body_is_lost(void **state)
{
	static const char packed[] = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}";

	assert_int_equal(end_of(*state, (struct script_step){ SCRIPT_SAY, packed, 1 }), RUNA_LOST);
}

static void a_body_that_is_called_identity_is_whole(void **state)
{
	static const char plain[] = "HTTP/1.1 200 OK\r\nContent-Encoding: identity\r\nContent-Length: 2\r\n\r\n{}";

	assert_int_equal(end_of(*state, (struct script_step){ SCRIPT_SAY, plain, 1 }), RUNA_ANSWERED);
}

/* ---- whole answers ---- */

static void a_whole_answer_is_handed_out(void **state)
{
	static const char whole[] = "HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nX-Amzn-Requestid: 0d9f-1\r\n"
	                            "Transfer-Encoding: chunked\r\n\r\n3\r\n{\"a\r\n3\r\n\":1\r\n1\r\n}\r\n0\r\n\r\n";
	struct stage *s = *state;

	assert_int_equal(end_of(s, (struct script_step){ SCRIPT_SAY, whole, 1 }), RUNA_ANSWERED);
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

	assert_int_equal(end_of(s, (struct script_step){ SCRIPT_SAY, "HTTP/1.1 204 No Content\r\n\r\n", 1 }), RUNA_ANSWERED);
	assert_int_equal(s->answer.status, 204);
	assert_null(s->answer.body);
	assert_int_equal(s->answer.retry_after_ms, -1);
}

static void a_redirect_is_an_answer_and_not_followed(void **state)
{
	struct stage *s = *state;
	struct script_step step = { SCRIPT_SAY, "HTTP/1.1 307 Elsewhere\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", 1 };

	assert_int_equal(end_of(s, step), RUNA_ANSWERED);
	assert_int_equal(s->answer.status, 307);
	finish(s);
	assert_int_equal(scripted_connections(s->server), 1);
}

/* ---- interim answers (faults 36) ---- */

static void a_102_and_a_closed_connection_is_interim(void **state)
{
	assert_int_equal(end_of(*state, (struct script_step){ SCRIPT_SAY, PROCESSING, 1 }), RUNA_INTERIM);
}

static void a_102_that_nothing_follows_ends_the_try_long_before_its_time(void **state)
{
	struct stage *s = *state;

	s->options.interim_timeout_ms = 50;
	stage_script(s, (struct script){ { { .what = SCRIPT_READ_REQUEST }, { SCRIPT_SAY, PROCESSING, 1 },
	                                   { .what = SCRIPT_STALL } } });
	assert_int_equal(post(s)->transport, RUNA_INTERIM);
	assert_int_equal(s->answer.status, 0);
}

static void a_102_and_silence_to_the_end_of_the_time_is_interim(void **state)
{
	struct stage *s = *state;

	s->options.timeout_ms = 100;
	s->options.interim_timeout_ms = LONG_MS;
	stage_script(s, (struct script){ { { .what = SCRIPT_READ_REQUEST }, { SCRIPT_SAY, PROCESSING, 1 },
	                                   { .what = SCRIPT_STALL } } });
	assert_int_equal(post(s)->transport, RUNA_INTERIM);
}

static void a_102_and_then_a_200_is_the_200(void **state)
{
	struct stage *s = *state;

	stage_script(s, (struct script){ { { .what = SCRIPT_READ_REQUEST }, { SCRIPT_SAY, PROCESSING, 1 },
	                                   { SCRIPT_SAY, OK, 1 } } });
	assert_int_equal(post(s)->transport, RUNA_ANSWERED);
	assert_int_equal(s->answer.status, 200);
	assert_string_equal(s->answer.body, "{}");
}

static void a_late_100_and_a_103_are_passed_over(void **state)
{
	struct stage *s = *state;

	stage_script(s, (struct script){ { { .what = SCRIPT_READ_REQUEST },
	                                   { SCRIPT_SAY, "HTTP/1.1 100 Continue\r\n\r\n", 1 },
	                                   { SCRIPT_SAY, "HTTP/1.1 103 Early Hints\r\nRetry-After: 9\r\nLink: </a>\r\n\r\n", 1 },
	                                   { SCRIPT_SAY, OK, 1 } } });
	assert_int_equal(post(s)->transport, RUNA_ANSWERED);
	assert_int_equal(s->answer.status, 200);
	assert_int_equal(s->answer.retry_after_ms, -1);
}

static void a_hundred_102s_and_a_200_is_the_200(void **state)
{
	struct stage *s = *state;

	stage_script(s, (struct script){ { { .what = SCRIPT_READ_REQUEST }, { SCRIPT_SAY, PROCESSING, 100 },
	                                   { SCRIPT_SAY, OK, 1 } } });
	assert_int_equal(post(s)->transport, RUNA_ANSWERED);
}

static void a_thousand_102s_end_the_try(void **state)
{
	struct stage *s = *state;

	stage_script(s, (struct script){ { { .what = SCRIPT_READ_REQUEST }, { SCRIPT_SAY, PROCESSING, 1000 },
	                                   { SCRIPT_SAY, OK, 1 } } });
	assert_int_equal(post(s)->transport, RUNA_INTERIM);
}

static void a_102_and_a_cut_200_is_lost(void **state)
{
	struct stage *s = *state;

	stage_script(s, (struct script){ { { .what = SCRIPT_READ_REQUEST }, { SCRIPT_SAY, PROCESSING, 1 },
	                                   { SCRIPT_SAY, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n{", 1 } } });
	assert_int_equal(post(s)->transport, RUNA_LOST);
}

static void a_101_never_counts_as_final(void **state)
{
	struct stage *s = *state;
	struct script_step step = { SCRIPT_SAY, "HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n{}", 1 };

	assert_int_equal(end_of(s, step), RUNA_INTERIM);
}

/* ---- waiting ---- */

static void two_calls_in_flight_each_get_their_answer(void **state)
{
	struct stage *s = *state;
	const struct script scripts[] = {
		{ { { .what = SCRIPT_READ_REQUEST }, { .what = SCRIPT_STALL }, { SCRIPT_SAY, OK, 1 } } },
		{ { { .what = SCRIPT_READ_REQUEST }, { .what = SCRIPT_STALL }, { SCRIPT_SAY, OK, 1 } } },
	};
	struct runa_answer answers[MANY];
	bool was_seen[2] = { false, false };
	int tags[2];
	size_t count = 0;

	stage_scripts(s, scripts, 2);
	begin(s, "POST", "/order", "{}", &tags[0]);
	begin(s, "POST", "/order", "{}", &tags[1]);
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
	finish(s);
	assert_int_equal(scripted_connections(s->server), 2);
}

static void a_wake_before_the_wait_ends_it(void **state)
{
	struct stage *s = *state;
	struct runa_answer answer;

	stage_script(s, (struct script){ { { .what = SCRIPT_READ_REQUEST }, { .what = SCRIPT_STALL } } });
	begin(s, "POST", "/order", "{}", NULL);
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
	begin(s, "POST", "/order", "{}", NULL);
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
	open_line(s);
	for (int i = 0; i < 3; i++)
		begin(s, "GET", "/ping", NULL, &tags[i]);
	for (int i = 0; i < 3; i++) {
		wait_for_one(s, &answer);
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
	begin(s, "POST", "/order", "{}", NULL);
	assert_int_equal(s->line->wait(s->line, 0, &answer, 1), 0);
	finish(s); /* the leak check is the assertion */
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

	strcpy(s->base_url, "https://runa.invalid/v2");
	write_key(s->key_file, " \n\t");
	assert_refused(s, "empty");
	write_key(s->key_file, "not-a-real-key\nand another");
	assert_refused(s, "printable");
	write_key(s->key_file, "not-a-real-key-\xc3\xa4");
	assert_refused(s, "printable");
	memset(many, 'x', sizeof many - 1);
	many[sizeof many - 1] = '\0';
	write_key(s->key_file, many);
	assert_refused(s, "longer");
	s->options.api_key_file = "/nowhere/at/all";
	assert_refused(s, "/nowhere/at/all");
	s->options.api_key_file = "/tmp";
	assert_refused(s, "/tmp");
}

static void a_key_file_that_is_a_pipe_does_not_hold_the_start_up(void **state)
{
	struct stage *s = *state;

	strcpy(s->base_url, "https://runa.invalid/v2");
	unlink(s->key_file);
	assert_int_equal(mkfifo(s->key_file, 0600), 0);
	assert_refused(s, "regular");
}

static void a_wrong_address_or_time_limit_is_refused(void **state)
{
	struct stage *s = *state;

	strcpy(s->base_url, "http://api.runa.io/v2");
	assert_refused(s, "base_url");
	strcpy(s->base_url, "https://api.runa.io/v2");
	s->options.timeout_ms = 0;
	assert_refused(s, "timeout_ms");
}

static void a_slash_behind_the_address_is_dropped(void **state)
{
	struct stage *s = *state;
	const struct script script = { { { .what = SCRIPT_READ_HEAD }, { SCRIPT_SAY, OK, 1 } } };

	s->server = scripted_open(&script, 1);
	(void)snprintf(s->base_url, sizeof s->base_url, "http://127.0.0.1:%d/v2//", scripted_port(s->server));
	open_line(s);
	begin(s, "GET", "/ping", NULL, NULL);
	wait_for_one(s, &s->answer);
	finish(s);
	assert_int_equal(strncmp(scripted_seen(s->server, 0), "GET /v2/ping ", 13), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

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
		TEST(a_refused_connection_sent_nothing),
		TEST(a_name_that_does_not_resolve_sent_nothing),
		TEST(a_handshake_that_fails_sent_nothing),
		TEST(a_handshake_that_hangs_ends_in_time_and_sent_nothing),
		TEST(a_dead_reused_connection_and_then_a_refused_one_is_lost),
		TEST(a_resend_on_a_fresh_connection_has_the_same_bytes),
		TEST(a_cut_before_the_request_was_read_is_lost),
		TEST(a_cut_behind_the_request_is_lost),
		TEST(a_reset_behind_the_request_is_lost),
		TEST(a_cut_in_the_status_line_is_lost),
		TEST(a_cut_in_the_header_is_lost),
		TEST(a_cut_before_the_body_is_lost),
		TEST(a_body_shorter_than_said_is_lost),
		TEST(a_chunked_body_without_its_end_is_lost),
		TEST(what_is_not_http_is_lost),
		TEST(silence_is_lost_when_the_time_is_over),
		TEST(silence_within_the_body_is_lost_when_the_time_is_over),
		TEST(an_endless_body_is_lost),
		TEST(an_endless_header_is_lost),
		TEST(a_body_as_long_as_allowed_is_whole_and_one_byte_more_is_lost),
		TEST(a_compressed_body_is_lost),
		TEST(a_body_that_is_called_identity_is_whole),
		TEST(a_whole_answer_is_handed_out),
		TEST(an_answer_without_a_body_is_whole),
		TEST(a_redirect_is_an_answer_and_not_followed),
		TEST(a_102_and_a_closed_connection_is_interim),
		TEST(a_102_that_nothing_follows_ends_the_try_long_before_its_time),
		TEST(a_102_and_silence_to_the_end_of_the_time_is_interim),
		TEST(a_102_and_then_a_200_is_the_200),
		TEST(a_late_100_and_a_103_are_passed_over),
		TEST(a_hundred_102s_and_a_200_is_the_200),
		TEST(a_thousand_102s_end_the_try),
		TEST(a_102_and_a_cut_200_is_lost),
		TEST(a_101_never_counts_as_final),
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
