/* test_client_ends.c: how far did a try come that has no whole answer? (faults 32 to 36, 40, 47) */
#include "runa/client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "support/client_stage.h"

/* ---- not a byte left ---- */

static void a_refused_connection_sent_nothing(void **state)
{
	struct stage *s = *state;

	s->server = scripted_open(NULL, 0);
	scripted_finish(s->server);
	stage_open_line(s);
	assert_int_equal(stage_post(s)->transport, RUNA_NOT_SENT);
	assert_non_null(strstr(s->answer.trouble, "nothing was sent"));
	assert_int_equal(s->answer.status, 0);
}

static void a_name_that_does_not_resolve_sent_nothing(void **state)
{
	struct stage *s = *state;

	stage_address(s, "https://runa.invalid/v2");
	stage_open_line(s);
	assert_int_equal(stage_post(s)->transport, RUNA_NOT_SENT);
}

static void a_handshake_that_fails_sent_nothing(void **state)
{
	struct stage *s = *state;
	const struct script script = { { { SCRIPT_SAY, "this is not TLS\r\n", 1 } } };

	s->server = scripted_open(&script, 1);
	(void)snprintf(s->base_url, sizeof s->base_url, "https://127.0.0.1:%d/v2", scripted_port(s->server));
	stage_open_line(s);
	assert_int_equal(stage_post(s)->transport, RUNA_NOT_SENT);
	stage_finish(s);
	assert_null(strstr(scripted_seen(s->server, 0), "XX0demo1"));
}

static void a_handshake_that_hangs_ends_in_time_and_sent_nothing(void **state)
{
	struct stage *s = *state;
	const struct script script = { { { .what = SCRIPT_STALL } } };

	s->server = scripted_open(&script, 1);
	s->options.connect_timeout_ms = 50;
	(void)snprintf(s->base_url, sizeof s->base_url, "https://127.0.0.1:%d/v2", scripted_port(s->server));
	stage_open_line(s);
	assert_int_equal(stage_post(s)->transport, RUNA_NOT_SENT);
}

/* libcurl sends once more by itself when a reused connection turns out dead. Where that second way
 * then isn't open, the first bytes had left all the same: 'not sent' would be a lie (faults 47). */
static void a_dead_reused_connection_and_then_a_refused_one_is_lost(void **state)
{
	struct stage *s = *state;

	stage_script(s, (struct script){ { { .what = SCRIPT_READ_REQUEST }, { SCRIPT_SAY, OK_ANSWER, 1 },
	                                   { .what = SCRIPT_READ_REQUEST }, { .what = SCRIPT_STOP_LISTENING } } });
	assert_int_equal(stage_post(s)->transport, RUNA_ANSWERED);
	assert_int_equal(stage_post(s)->transport, RUNA_LOST);
	stage_finish(s);
	assert_int_equal(scripted_connections(s->server), 1);
}

static void a_resend_on_a_fresh_connection_has_the_same_bytes(void **state)
{
	struct stage *s = *state;
	const struct script scripts[] = {
		{ { { .what = SCRIPT_READ_REQUEST }, { SCRIPT_SAY, OK_ANSWER, 1 }, { .what = SCRIPT_READ_REQUEST } } },
		{ { { .what = SCRIPT_READ_REQUEST }, { SCRIPT_SAY, OK_ANSWER, 1 } } },
	};
	const char *first;

	stage_scripts(s, scripts, COUNT_OF(scripts));
	assert_int_equal(stage_post(s)->transport, RUNA_ANSWERED);
	assert_int_equal(stage_post(s)->transport, RUNA_ANSWERED);
	stage_finish(s);
	first = strstr(scripted_seen(s->server, 0), "{\"a\":1}") + 7;
	assert_string_equal(first, scripted_seen(s->server, 1));
}

/* ---- bytes left, and no whole answer came ---- */

static void a_cut_before_the_request_was_read_is_lost(void **state)
{
	struct stage *s = *state;

	stage_script(s, (struct script){ { { .what = SCRIPT_READ_HEAD }, { .what = SCRIPT_RESET } } });
	assert_int_equal(stage_post(s)->transport, RUNA_LOST);
}

static void a_cut_behind_the_request_is_lost(void **state)
{
	assert_int_equal(stage_end_of(*state, (struct script_step){ .what = SCRIPT_END }), RUNA_LOST);
}

static void a_reset_behind_the_request_is_lost(void **state)
{
	assert_int_equal(stage_end_of(*state, (struct script_step){ .what = SCRIPT_RESET }), RUNA_LOST);
}

static void a_cut_in_the_status_line_is_lost(void **state)
{
	assert_int_equal(stage_end_of(*state, (struct script_step){ SCRIPT_SAY, "HTTP/1.1 20", 1 }), RUNA_LOST);
}

static void a_cut_in_the_header_is_lost(void **state)
{
	assert_int_equal(stage_end_of(*state, (struct script_step){ SCRIPT_SAY, "HTTP/1.1 200 OK\r\nContent-Le", 1 }),
	                 RUNA_LOST);
}

static void a_cut_before_the_body_is_lost(void **state)
{
	assert_int_equal(
		stage_end_of(*state, (struct script_step){ SCRIPT_SAY, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", 1 }),
		RUNA_LOST);
}

static void a_body_shorter_than_said_is_lost(void **state)
{
	static const char half[] = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n{}";

	assert_int_equal(stage_end_of(*state, (struct script_step){ SCRIPT_SAY, half, 1 }), RUNA_LOST);
}

static void a_chunked_body_without_its_end_is_lost(void **state)
{
	static const char half[] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n";

	assert_int_equal(stage_end_of(*state, (struct script_step){ SCRIPT_SAY, half, 1 }), RUNA_LOST);
}

static void what_is_not_http_is_lost(void **state)
{
	assert_int_equal(stage_end_of(*state, (struct script_step){ SCRIPT_SAY, "{\"status\":\"COMPLETED\"}", 1 }),
	                 RUNA_LOST);
}

static void silence_is_lost_when_the_time_is_over(void **state)
{
	struct stage *s = *state;

	s->options.timeout_ms = 100;
	assert_int_equal(stage_end_of(s, (struct script_step){ .what = SCRIPT_STALL }), RUNA_LOST);
}

static void silence_within_the_body_is_lost_when_the_time_is_over(void **state)
{
	struct stage *s = *state;

	s->options.timeout_ms = 100;
	stage_script(s, (struct script){ { { .what = SCRIPT_READ_REQUEST },
	                                   { SCRIPT_SAY, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n{", 1 },
	                                   { .what = SCRIPT_STALL } } });
	assert_int_equal(stage_post(s)->transport, RUNA_LOST);
	assert_int_equal(s->answer.status, 200);
}

static void an_endless_body_is_lost(void **state)
{
	struct stage *s = *state;

	stage_script(s, (struct script){ { { .what = SCRIPT_READ_REQUEST },
	                                   { SCRIPT_SAY, "HTTP/1.1 200 OK\r\n\r\n", 1 },
	                                   { SCRIPT_FLOOD, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", 0 } } });
	assert_int_equal(stage_post(s)->transport, RUNA_LOST);
	assert_non_null(strstr(s->answer.trouble, "at most 1000"));
}

static void an_endless_header_is_lost(void **state)
{
	struct stage *s = *state;

	stage_script(s, (struct script){ { { .what = SCRIPT_READ_REQUEST }, { SCRIPT_SAY, "HTTP/1.1 200 OK\r\n", 1 },
	                                   { SCRIPT_FLOOD, "X-More: and more and more and more\r\n", 0 } } });
	assert_int_equal(stage_post(s)->transport, RUNA_LOST);
}

static void a_body_as_long_as_allowed_is_whole_and_one_byte_more_is_lost(void **state)
{
	struct stage *s = *state;

	stage_script(s, (struct script){ {
		{ .what = SCRIPT_READ_REQUEST }, { SCRIPT_SAY, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", 1 },
		{ SCRIPT_SAY, "0123456789", 100 },
		{ .what = SCRIPT_READ_REQUEST }, { SCRIPT_SAY, "HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n", 1 },
		{ SCRIPT_SAY, "0123456789", 100 }, { SCRIPT_SAY, "x", 1 } } });
	assert_int_equal(stage_post(s)->transport, RUNA_ANSWERED);
	assert_int_equal(s->answer.body_bytes, 1000);
	assert_int_equal(strlen(s->answer.body), 1000);
	assert_int_equal(stage_post(s)->transport, RUNA_LOST);
}

static void a_compressed_body_is_lost(void **state)
{
	static const char packed[] = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}";

	assert_int_equal(stage_end_of(*state, (struct script_step){ SCRIPT_SAY, packed, 1 }), RUNA_LOST);
}

static void a_body_that_is_called_identity_is_whole(void **state)
{
	static const char plain[] = "HTTP/1.1 200 OK\r\nContent-Encoding: identity\r\nContent-Length: 2\r\n\r\n{}";

	assert_int_equal(stage_end_of(*state, (struct script_step){ SCRIPT_SAY, plain, 1 }), RUNA_ANSWERED);
}

/* ---- interim answers (faults 36) ---- */

static void a_102_and_a_closed_connection_is_interim(void **state)
{
	assert_int_equal(stage_end_of(*state, (struct script_step){ SCRIPT_SAY, PROCESSING_ANSWER, 1 }), RUNA_INTERIM);
}

static void a_102_that_nothing_follows_ends_the_try_long_before_its_time(void **state)
{
	struct stage *s = *state;

	s->options.interim_timeout_ms = 50;
	stage_script(s, (struct script){ { { .what = SCRIPT_READ_REQUEST }, { SCRIPT_SAY, PROCESSING_ANSWER, 1 },
	                                   { .what = SCRIPT_STALL } } });
	assert_int_equal(stage_post(s)->transport, RUNA_INTERIM);
	assert_int_equal(s->answer.status, 0);
}

static void a_102_and_silence_to_the_end_of_the_time_is_interim(void **state)
{
	struct stage *s = *state;

	s->options.timeout_ms = 100;
	s->options.interim_timeout_ms = LONG_MS;
	stage_script(s, (struct script){ { { .what = SCRIPT_READ_REQUEST }, { SCRIPT_SAY, PROCESSING_ANSWER, 1 },
	                                   { .what = SCRIPT_STALL } } });
	assert_int_equal(stage_post(s)->transport, RUNA_INTERIM);
}

static void a_102_and_then_a_200_is_the_200(void **state)
{
	struct stage *s = *state;

	stage_script(s, (struct script){ { { .what = SCRIPT_READ_REQUEST }, { SCRIPT_SAY, PROCESSING_ANSWER, 1 },
	                                   { SCRIPT_SAY, OK_ANSWER, 1 } } });
	assert_int_equal(stage_post(s)->transport, RUNA_ANSWERED);
	assert_int_equal(s->answer.status, 200);
	assert_string_equal(s->answer.body, "{}");
}

static void a_late_100_and_a_103_are_passed_over(void **state)
{
	struct stage *s = *state;

	stage_script(s, (struct script){ { { .what = SCRIPT_READ_REQUEST },
	                                   { SCRIPT_SAY, "HTTP/1.1 100 Continue\r\n\r\n", 1 },
	                                   { SCRIPT_SAY, "HTTP/1.1 103 Early Hints\r\nRetry-After: 9\r\nLink: </a>\r\n\r\n", 1 },
	                                   { SCRIPT_SAY, OK_ANSWER, 1 } } });
	assert_int_equal(stage_post(s)->transport, RUNA_ANSWERED);
	assert_int_equal(s->answer.status, 200);
	assert_int_equal(s->answer.retry_after_ms, -1);
}

static void a_hundred_102s_and_a_200_is_the_200(void **state)
{
	struct stage *s = *state;

	stage_script(s, (struct script){ { { .what = SCRIPT_READ_REQUEST }, { SCRIPT_SAY, PROCESSING_ANSWER, 100 },
	                                   { SCRIPT_SAY, OK_ANSWER, 1 } } });
	assert_int_equal(stage_post(s)->transport, RUNA_ANSWERED);
}

static void a_thousand_102s_end_the_try(void **state)
{
	struct stage *s = *state;

	stage_script(s, (struct script){ { { .what = SCRIPT_READ_REQUEST }, { SCRIPT_SAY, PROCESSING_ANSWER, 1000 },
	                                   { SCRIPT_SAY, OK_ANSWER, 1 } } });
	assert_int_equal(stage_post(s)->transport, RUNA_INTERIM);
}

static void a_102_and_a_cut_200_is_lost(void **state)
{
	struct stage *s = *state;

	stage_script(s, (struct script){ { { .what = SCRIPT_READ_REQUEST }, { SCRIPT_SAY, PROCESSING_ANSWER, 1 },
	                                   { SCRIPT_SAY, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n{", 1 } } });
	assert_int_equal(stage_post(s)->transport, RUNA_LOST);
}

static void a_101_never_counts_as_final(void **state)
{
	struct stage *s = *state;
	struct script_step step = { SCRIPT_SAY, "HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n{}",
		                        1 };

	assert_int_equal(stage_end_of(s, step), RUNA_INTERIM);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, client_stage_set_up, client_stage_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
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
		TEST(a_102_and_a_closed_connection_is_interim),
		TEST(a_102_that_nothing_follows_ends_the_try_long_before_its_time),
		TEST(a_102_and_silence_to_the_end_of_the_time_is_interim),
		TEST(a_102_and_then_a_200_is_the_200),
		TEST(a_late_100_and_a_103_are_passed_over),
		TEST(a_hundred_102s_and_a_200_is_the_200),
		TEST(a_thousand_102s_end_the_try),
		TEST(a_102_and_a_cut_200_is_lost),
		TEST(a_101_never_counts_as_final),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
