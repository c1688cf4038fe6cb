/* records.c over a real socket: whole requests are answered, broken ones close their connection. */
#include "unit/web/live.h"

static void a_form_is_read_from_several_records(void **state)
{
	struct live *l = *state;
	struct bytes *out = memory_alloc(sizeof *out);
	char *body = arena_print(l->stage.mem, "email=x&token=%s", site_token(&l->stage, "order", "alice", 0));
	int fd;

	start(l, 1);
	fd = dial(l);
	put_begin(out, KEEP);
	put_params(out, "POST", "/orders", arena_print(l->stage.mem, "%zu", strlen(body)));
	put_record(out, IN, 1, body, 3);
	put_record(out, IN, 1, body + 3, strlen(body) - 3);
	put_record(out, IN, 1, "", 0);
	say(fd, out);
	expect(fd, "Status: 303 See Other\r\n", "Location: /orders/ABC?repeat=1\r\n");
	close(fd);
	free(out);
	assert_int_equal(l->stage.handled, 1);
}

static void a_request_that_comes_byte_by_byte_in_many_records_is_one_request(void **state)
{
	struct live *l = *state;
	struct bytes *out = memory_alloc(sizeof *out), *params = memory_alloc(sizeof *params);
	char *padding = arena_alloc(l->stage.mem, 255);
	int fd;

	start(l, 1);
	fd = dial(l);
	put_begin(out, 0);
	put_param(params, "REQUEST_METHOD", "GET");
	put_param(params, "REQUEST_URI", "/");
	put(params, "\x80\0\0\x9\x80\0\0\x5" "DESK_USERalice", 22); /* long lengths, as nginx writes for long values */
	put(params, "\1\0" "E", 3);
	for (size_t i = 0; i < params->count; i++) {
		put_record(out, PARAMS, 1, params->data + i, 1);
		out->data[out->count - 3] = 255; /* padding, which means nothing */
		put(out, padding, 255);
	}
	put_record(out, PARAMS, 1, "", 0);
	put_record(out, IN, 1, "", 0);
	for (size_t i = 0; i < out->count; i++)
		assert_int_equal(send(fd, out->data + i, 1, MSG_NOSIGNAL), 1);
	expect(fd, "Status: 200 OK\r\n", "<p>alice</p>");
	close(fd);
	free(out);
	free(params);
}

static void an_answer_of_any_length_comes_whole(void **state)
{
	struct live *l = *state;
	struct bytes *out = memory_alloc(sizeof *out);
	char *bytes = memory_alloc(BIG + 4096);
	size_t count = 0, xs = 0;
	ssize_t got;
	int fd;

	start(l, 1);
	fd = dial(l);
	put_get(out, "/big", 0);
	say(fd, out);
	while ((got = recv(fd, bytes + count, BIG + 4096 - count, 0)) > 0)
		count += (size_t)got;
	for (size_t i = 0; i < count; i++)
		xs += bytes[i] == 'x';
	assert_true(xs >= BIG && xs < BIG + 20); /* the head has a few */
	assert_int_equal(bytes[count - 15], END);
	close(fd);
	free(bytes);
	free(out);
}

/* The digits of the stream in their order, and each as often as it was said. */
static void check_file(const char *body)
{
	for (int piece = 0; piece < FILE_PIECES; piece++) {
		size_t wanted = piece == 5 ? 0 : FILE_PIECE_BYTES;
		size_t is = strspn(body, (const char[2]){ (char)('0' + piece), '\0' });

		assert_int_equal(is, wanted);
		body += is;
	}
	assert_int_equal(*body, '\0');
}

static void an_answer_made_while_it_is_sent_comes_whole_and_the_connection_is_used_again(void **state)
{
	struct live *l = *state;
	struct bytes *out = memory_alloc(sizeof *out);
	int fd;

	start(l, 1);
	fd = dial(l);
	for (int round = 0; round < 2; round++) {
		out->count = 0;
		put_get(out, "/file", KEEP);
		say(fd, out);
		expect(fd, "Status: 200 OK\r\n", "\r\nContent-Disposition: attachment; filename=\"orders.csv\"\r\n");
		assert_null(strstr(answer, "Content-Length"));
		check_file(strstr(answer, "\r\n\r\n") + 4);
	}
	close(fd);
	free(out);
}

static void an_answer_that_is_broken_off_is_never_said_to_have_ended(void **state)
{
	struct live *l = *state;
	struct bytes *out = memory_alloc(sizeof *out);
	int fd;

	start(l, 1);
	fd = dial(l);
	put_get(out, "/broken-off", KEEP);
	say(fd, out);
	assert_false(hear(fd, answer));
	assert_non_null(strstr(answer, "a piece\na piece\n"));
	assert_true(is_closed(fd));
	close(fd);
	free(out);
	get(l, "Status: 200 OK\r\n"); /* the thread goes on with others */
}

static void fault_08_a_body_cut_short_or_too_long_is_never_handled(void **state)
{
	static const struct { int less; const char *length; bool is_ended; const char *status; } rows[] = {
		{ 0, "9999", true, "Status: 400" },  /* says more than it sends */
		{ 1, NULL, true, "Status: 400" },
		{ -1, NULL, true, "Status: 400" },
		{ 1, NULL, false, NULL },            /* goes away: nobody is left to answer */
		{ 0, "65537", true, "Status: 413" },
		{ 0, "x", true, "Status: 400" },
	};
	struct live *l = *state;
	char *body = arena_print(l->stage.mem, "email=x&token=%s", site_token(&l->stage, "order", "alice", 0));
	int length = (int)strlen(body);

	start(l, 1);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct bytes *out = memory_alloc(sizeof *out);
		const char *said = rows[i].length ? rows[i].length : arena_print(l->stage.mem, "%d", length);
		int fd = dial(l), sent = length - rows[i].less;

		put_begin(out, 0);
		put_params(out, "POST", "/orders", said);
		put_record(out, IN, 1, body, (size_t)sent); /* one more is the NUL behind it */
		if (rows[i].is_ended)
			put_record(out, IN, 1, "", 0);
		say(fd, out);
		if (!rows[i].is_ended)
			shutdown(fd, SHUT_WR);
		if (rows[i].status)
			expect(fd, rows[i].status, "</body>");
		assert_true(is_closed(fd));
		close(fd);
		free(out);
	}
	assert_int_equal(l->stage.handled, 0);
}

static void fault_11_a_parameter_that_comes_twice_is_seen_twice(void **state)
{
	struct live *l = *state;
	struct bytes *out = memory_alloc(sizeof *out), *params = memory_alloc(sizeof *params);
	int fd;

	start(l, 1);
	fd = dial(l);
	put_begin(out, 0);
	put_param(params, "REQUEST_METHOD", "GET");
	put_param(params, "REQUEST_URI", "/");
	put_param(params, "DESK_USER", "alice");
	put_param(params, "DESK_USER", "bob");
	put_record(out, PARAMS, 1, params->data, params->count);
	put_record(out, PARAMS, 1, "", 0);
	put_record(out, IN, 1, "", 0);
	say(fd, out);
	expect(fd, "Status: 403 Forbidden\r\n", "identity_refused");
	close(fd);
	free(out);
	free(params);
}

#define RECORD_BEGIN "\1\1\0\1\0\x8\0\0" "\0\1\0\0\0\0\0\0"
#define RECORD_PARAMS(high, low) "\1\4\0\1" high low "\0\0"
#define RECORDS_END RECORD_PARAMS("\0", "\0") "\1\5\0\1\0\0\0\0" /* of a request that is whole otherwise */

static void fault_13_broken_records_close_their_connection_and_the_process_lives(void **state)
{
	static const struct { const char *bytes; size_t count; } rows[] = {
#define ROW(text) { text, sizeof(text) - 1 }
		ROW("G"),
		ROW("GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
		ROW("\0\0\0\0\0\0\0\0"),
		ROW("\2\1\0\1\0\x8\0\0" "\0\1\0\0\0\0\0\0"),          /* another version */
		ROW("\1\1\0\0\0\x8\0\0" "\0\1\0\0\0\0\0\0"),          /* request 0 */
		ROW("\1\1\0\1\0\7\0\0" "\0\1\0\0\0\0\0"),             /* begin of 7 bytes */
		ROW("\1\1\0\1\0\x8\0\0" "\0\2\0\0\0\0\0\0"),          /* authorizer, then nothing */
		ROW("\1\1\0\1\0\x8\0\0" "\0\x9\0\0\0\0\0\0"),         /* no such role */
		ROW(RECORD_BEGIN),
		ROW(RECORD_BEGIN RECORD_BEGIN),
		ROW(RECORD_BEGIN "\1\5\0\1\0\0\0\0"),                  /* stdin before the parameters */
		ROW(RECORD_BEGIN "\1\2\0\1\0\0\0\0"),                  /* abort */
		ROW(RECORD_BEGIN RECORD_PARAMS("\0", "\1") "\1"),
		/* lengths beyond the end */
		ROW(RECORD_BEGIN RECORD_PARAMS("\0", "\4") "\x10\x10" "AB" RECORDS_END),
		ROW(RECORD_BEGIN RECORD_PARAMS("\0", "\1") "\xff" RECORDS_END),
		ROW(RECORD_BEGIN RECORD_PARAMS("\0", "\4") "\xff\xff\xff\xff" RECORDS_END),
		/* CVE-2025-23016: the sum of both lengths overflows; of the last three libfcgi 2.4.2 still dies */
		ROW(RECORD_BEGIN RECORD_PARAMS("\0", "\x8") "\xff\xff\xff\xff\xff\xff\xff\xff" RECORDS_END),
		ROW(RECORD_BEGIN RECORD_PARAMS("\0", "\x8") "\xff\xff\xff\xff\x80\0\0\0" RECORDS_END),
		ROW(RECORD_BEGIN RECORD_PARAMS("\0", "\x8") "\xff\xff\xff\xfd\x80\0\0\1" RECORDS_END),
		ROW(RECORD_BEGIN RECORD_PARAMS("\0", "\x8") "\x80\0\0\1\xff\xff\xff\xfe" RECORDS_END),
		ROW(RECORD_BEGIN RECORD_PARAMS("\0", "\x8") "\xc0\0\0\0\xc0\0\0\0" RECORDS_END),
		ROW("\1\x9\0\0\0\0\0\0"),                               /* get values, empty, then nothing */
		ROW("\1\x9\0\0\0\4\0\0" "\xff\xff\xff\xff"),
		ROW("\1\x63\0\0\0\0\0\0"),                              /* unknown management record */
		ROW(RECORD_BEGIN RECORD_PARAMS("\0", "\4") "\1\1" "AB" "\1\4\0\2\0\0\0\0"),          /* another request's */
		ROW(RECORD_BEGIN RECORD_PARAMS("\0", "\4") "\1\1" "A\0" RECORDS_END),    /* NUL in a value */
		ROW(RECORD_BEGIN RECORD_PARAMS("\0", "\4") "\1\1" "\0A" RECORDS_END),
		ROW(RECORD_BEGIN RECORD_PARAMS("\0", "\4") "\2\0" "A=" RECORDS_END),     /* no name */
		ROW(RECORD_BEGIN RECORD_PARAMS("\0", "\3") "\0\1" "A" RECORDS_END),
		ROW(RECORD_BEGIN RECORD_PARAMS("\0", "\0") "\1\5\0\1\0\5\0\0" "ab"),                /* stdin cut */
		ROW(RECORD_BEGIN RECORD_PARAMS("\0", "\0") "\1\2\0\1\0\0\0\0"),                   /* aborted */
		ROW(RECORD_BEGIN RECORD_PARAMS("\0", "\0") "\1\x9\0\0\0\4\0\0" "\xff\xff\xff\xff"),
#undef ROW
	};
	struct live *l = *state;

	start(l, 2);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		int fd = dial(l);
		char rest[256];

		assert_int_equal(send(fd, rows[i].bytes, rows[i].count, MSG_NOSIGNAL), rows[i].count);
		shutdown(fd, SHUT_WR);
		if (recv(fd, rest, sizeof rest, 0) > 0)
			fail_msg("row %zu was answered", i);
		close(fd);
		get(l, "Status: 200 OK\r\n");
	}
	assert_int_equal(l->stage.handled, COUNT_OF(rows));
}

static void more_parameters_than_we_take_close_the_connection(void **state)
{
	struct live *l = *state;
	struct bytes *out = memory_alloc(sizeof *out);
	char *pairs = memory_alloc(60000);
	int fd;

	for (size_t i = 0; i < 60000; i += 4)
		memcpy(pairs + i, "\1\1ab", 4);
	start(l, 1);
	fd = dial(l);
	put_begin(out, 0);
	say(fd, out);
	for (int i = 0; i < 3; i++) {
		out->count = 0;
		put_record(out, PARAMS, 1, pairs, 60000);
		say(fd, out);
	}
	out->count = 0;
	put_record(out, PARAMS, 1, "", 0);
	put_record(out, IN, 1, "", 0);
	say(fd, out);
	assert_true(is_closed(fd));
	close(fd);
	get(l, "Status: 200 OK\r\n");
	free(pairs);
	free(out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(a_form_is_read_from_several_records),
		LIVE_TEST(a_request_that_comes_byte_by_byte_in_many_records_is_one_request),
		LIVE_TEST(an_answer_of_any_length_comes_whole),
		LIVE_TEST(an_answer_made_while_it_is_sent_comes_whole_and_the_connection_is_used_again),
		LIVE_TEST(an_answer_that_is_broken_off_is_never_said_to_have_ended),
		LIVE_TEST(fault_08_a_body_cut_short_or_too_long_is_never_handled),
		LIVE_TEST(fault_11_a_parameter_that_comes_twice_is_seen_twice),
		LIVE_TEST(fault_13_broken_records_close_their_connection_and_the_process_lives),
		LIVE_TEST(more_parameters_than_we_take_close_the_connection),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
