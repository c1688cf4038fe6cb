/* server.c and connections.c over a real socket, spoken to in FastCGI records. */
#include "unit/web/site.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

enum { BEGIN = 1, ABORT = 2, END = 3, PARAMS = 4, IN = 5, OUT = 6, KEEP = 1, ANSWER_BYTES = 64 * 1024 };

struct live {
	struct stage stage;
	struct shared_slot slot;
	struct web_server *server;
	char path[100];
};

/* The page that waits until a test lets it go on. */
static sem_t arrived, may_go;

static enum web_status handle_wait(struct web_request *req, struct web_page *page)
{
	(void)req;
	sem_post(&arrived);
	while (sem_wait(&may_go) != 0) {}
	web_set(page, "TITLE", "waited");
	return WEB_OK;
}

static const struct web_route routes[] = {
	{ WEB_GET,  "/",       ROLE_VIEWER,  WEB_NO_TOKEN,    0,         "page.html", handle_page },
	{ WEB_GET,  "/wait",   ROLE_VIEWER,  WEB_NO_TOKEN,    0,         "page.html", handle_wait },
	{ WEB_POST, "/orders", ROLE_ORDERER, WEB_NEEDS_TOKEN, 64 * 1024, NULL,        handle_place },
	{ 0 },
};

static void keep_site(struct shared *thing) { (void)thing; }

/* ---- the stage -------------------------------------------------------------------------------------- */

static void start(struct live *l, int threads)
{
	struct problem why = { "" };
	char listen[120];

	assert_true(snprintf(listen, sizeof listen, "unix:%s", l->path) > 0);
	l->server = web_server_open(&(struct web_server_options){ .listen = listen, .threads = threads }, &l->slot, &why);
	if (!l->server)
		fail_msg("%s", why.text);
}

static int live_setup(void **state)
{
	struct live *l = memory_alloc(sizeof *l);

	site_begin(&l->stage);
	l->stage.site.routes = routes;
	shared_begin(&l->stage.site.shared, keep_site);
	pthread_mutex_init(&l->slot.lock, NULL);
	shared_swap(&l->slot, &l->stage.site.shared);
	assert_true(snprintf(l->path, sizeof l->path, "%s/socket", l->stage.dir) > 0);
	sem_init(&arrived, 0, 0);
	sem_init(&may_go, 0, 0);
	*state = l;
	return 0;
}

static int live_teardown(void **state)
{
	struct live *l = *state;

	web_server_close(l->server);
	site_end(&l->stage);
	free(l);
	return 0;
}

/* ---- a FastCGI client ------------------------------------------------------------------------------- */

struct bytes { unsigned char data[80 * 1024]; size_t count; };

static void put(struct bytes *out, const void *data, size_t count)
{
	assert_true(out->count + count <= sizeof out->data);
	memcpy(out->data + out->count, data, count);
	out->count += count;
}

static void put_record(struct bytes *out, int type, int id, const void *content, size_t count)
{
	unsigned char head[8] = { 1, (unsigned char)type, (unsigned char)(id >> 8), (unsigned char)id,
	                          (unsigned char)(count >> 8), (unsigned char)count };

	assert_true(count <= 65535);
	put(out, head, sizeof head);
	put(out, content, count);
}

static void put_begin(struct bytes *out, int flags)
{
	put_record(out, BEGIN, 1, (unsigned char[8]){ 0, 1, (unsigned char)flags }, 8);
}

static void put_param(struct bytes *out, const char *name, const char *value)
{
	unsigned char lengths[2] = { (unsigned char)strlen(name), (unsigned char)strlen(value) };

	assert_true(strlen(name) < 128 && strlen(value) < 128);
	put(out, lengths, 2);
	put(out, name, strlen(name));
	put(out, value, strlen(value));
}

static void put_params(struct bytes *out, const char *method, const char *uri, const char *length)
{
	struct bytes *params = memory_alloc(sizeof *params);

	put_param(params, "REQUEST_METHOD", method);
	put_param(params, "REQUEST_URI", uri);
	put_param(params, "DESK_USER", "alice");
	if (length) {
		put_param(params, "CONTENT_TYPE", "application/x-www-form-urlencoded");
		put_param(params, "CONTENT_LENGTH", length);
	}
	put_record(out, PARAMS, 1, params->data, params->count);
	put_record(out, PARAMS, 1, "", 0);
	free(params);
}

static void put_get(struct bytes *out, const char *uri, int flags)
{
	put_begin(out, flags);
	put_params(out, "GET", uri, NULL);
	put_record(out, IN, 1, "", 0);
}

static int dial(const struct live *l)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	struct timeval limit = { .tv_sec = 30 }; /* a hang is a failure, not a hang of the test */
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memcpy(to.sun_path, l->path, strlen(l->path) + 1);
	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit), 0);
	return fd;
}

/* MSG_NOSIGNAL: a connection that the server closed is no end of the test. */
static void say(int fd, const struct bytes *bytes)
{
	(void)!send(fd, bytes->data, bytes->count, MSG_NOSIGNAL);
}

static bool take(int fd, void *out, size_t count)
{
	for (size_t done = 0; done < count;) {
		ssize_t got = recv(fd, (char *)out + done, count - done, 0);

		if (got <= 0)
			return false;
		done += (size_t)got;
	}
	return true;
}

/* What came on stdout until the end of the request; false: the connection was closed before. */
static bool hear(int fd, char answer[ANSWER_BYTES])
{
	unsigned char head[8], content[65536 + 255];
	size_t filled = 0;

	answer[0] = '\0';
	while (take(fd, head, sizeof head)) {
		size_t count = (size_t)head[4] << 8 | head[5];

		if (!take(fd, content, count + head[6]))
			return false;
		if (head[1] == END)
			return true;
		if (head[1] == OUT && filled + count < ANSWER_BYTES) {
			memcpy(answer + filled, content, count);
			filled += count;
			answer[filled] = '\0';
		}
	}
	return false;
}

static bool is_closed(int fd)
{
	char byte;
	ssize_t got = recv(fd, &byte, 1, 0);

	return got == 0 || (got < 0 && errno == ECONNRESET);
}

static char answer[ANSWER_BYTES];

static void expect(int fd, const char *status, const char *words)
{
	assert_true(hear(fd, answer));
	if (!text_begins(answer, status) || !strstr(answer, words))
		fail_msg("%s", answer);
}

static void get(const struct live *l, const char *status)
{
	struct bytes *out = memory_alloc(sizeof *out);
	int fd = dial(l);

	put_get(out, "/", 0);
	say(fd, out);
	expect(fd, status, "</body>");
	assert_true(is_closed(fd));
	close(fd);
	free(out);
}

/* ---- tests ------------------------------------------------------------------------------------------ */

static void a_request_over_the_socket_is_answered_and_the_socket_is_ours_alone(void **state)
{
	struct live *l = *state;
	struct stat about;

	start(l, 2);
	assert_int_equal(lstat(l->path, &about), 0);
	assert_int_equal(about.st_mode & 07777, 0660);
	get(l, "Status: 200 OK\r\n");
	web_server_close(l->server);
	l->server = NULL;
	assert_int_equal(lstat(l->path, &about), -1);
}

static void a_stale_socket_is_replaced_and_anything_else_is_left_alone(void **state)
{
	struct live *l = *state;
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	struct problem why = { "" };
	char listen[120];
	const struct web_server_options options = { .listen = listen, .threads = 1 };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memcpy(to.sun_path, l->path, strlen(l->path) + 1);
	assert_int_equal(bind(fd, (struct sockaddr *)&to, sizeof to), 0);
	close(fd);
	start(l, 1);
	get(l, "Status: 200 OK\r\n");
	assert_true(snprintf(listen, sizeof listen, "unix:%s", l->path) > 0);
	assert_null(web_server_open(&options, &l->slot, &why));
	assert_non_null(strstr(why.text, "in use"));
	get(l, "Status: 200 OK\r\n");
	web_server_close(l->server);
	l->server = NULL;
	site_write(&l->stage, "socket", "a file");
	assert_null(web_server_open(&options, &l->slot, &why));
	assert_non_null(strstr(why.text, "is no socket"));
	assert_int_equal(access(l->path, F_OK), 0);
}

static void wrong_places_to_listen_are_said(void **state)
{
	static const char *const places[] = { "unix:", "unix:/nonexistent/socket", "nonsense", ":9000", "localhost:port",
	                                      "256.0.0.1:1" };
	struct live *l = *state;

	for (size_t i = 0; i < COUNT_OF(places); i++) {
		struct problem why = { "" };

		assert_null(web_server_open(&(struct web_server_options){ places[i], 1 }, &l->slot, &why));
		assert_true(why.text[0]);
	}
	struct problem why = { "" };

	assert_null(web_server_open(&(struct web_server_options){ "localhost:0", 0 }, &l->slot, &why));
	l->server = web_server_open(&(struct web_server_options){ "127.0.0.1:0", 1 }, &l->slot, &why);
	assert_non_null(l->server);
}

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

static void fault_08_a_body_cut_short_or_too_long_is_never_handled(void **state)
{
	static const struct { int less; const char *length; bool is_ended; const char *status; } rows[] = {
		{ 0, "9999", true, "Status: 400" },  /* says more than it sends */
		{ 1, NULL, true, "Status: 400" },
		{ -1, NULL, true, "Status: 400" },
		{ 1, NULL, false, "Status: 400" },   /* and goes away */
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
		expect(fd, rows[i].status, "</body>");
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

static void fault_10_idle_kept_connections_hold_no_thread(void **state)
{
	struct live *l = *state;
	struct bytes *out = memory_alloc(sizeof *out);
	int fds[20];

	start(l, 2);
	put_get(out, "/", KEEP);
	for (size_t i = 0; i < COUNT_OF(fds); i++) {
		fds[i] = dial(l);
		say(fds[i], out);
		expect(fds[i], "Status: 200 OK\r\n", "</body>");
	}
	get(l, "Status: 200 OK\r\n");
	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < COUNT_OF(fds); i++) {
			say(fds[i], out);
			expect(fds[i], "Status: 200 OK\r\n", "</body>");
		}
	}
	for (size_t i = 0; i < COUNT_OF(fds); i++)
		close(fds[i]);
	free(out);
	assert_int_equal(l->stage.handled, 4 * 20 + 1);
}

static void fault_10_two_hundred_silent_connections_hold_no_thread(void **state)
{
	struct live *l = *state;
	int fds[200];

	start(l, 2);
	for (size_t i = 0; i < COUNT_OF(fds); i++)
		fds[i] = dial(l);
	for (int i = 0; i < 10; i++)
		get(l, "Status: 200 OK\r\n");
	for (size_t i = 0; i < COUNT_OF(fds); i++)
		close(fds[i]);
	get(l, "Status: 200 OK\r\n");
}

static void fault_10_more_requests_than_threads_wait_their_turn(void **state)
{
	struct live *l = *state;
	struct bytes *out = memory_alloc(sizeof *out);
	int64_t longest_ms;
	int fds[30];

	start(l, 3);
	put_get(out, "/wait", 0);
	for (size_t i = 0; i < COUNT_OF(fds); i++) {
		fds[i] = dial(l);
		say(fds[i], out);
	}
	for (int i = 0; i < 3; i++)
		sem_wait(&arrived);
	assert_int_equal(web_server_busy(l->server, &longest_ms), 3); /* fault 30: /readyz can tell */
	assert_true(longest_ms >= 0);
	for (size_t i = 0; i < COUNT_OF(fds); i++)
		sem_post(&may_go);
	for (size_t i = 0; i < COUNT_OF(fds); i++) {
		expect(fds[i], "Status: 200 OK\r\n", "waited");
		close(fds[i]);
	}
	free(out);
	assert_int_equal(web_server_busy(l->server, &longest_ms), 0);
}

static void fault_30_a_thread_stuck_in_a_page_leaves_the_others_serving(void **state)
{
	struct live *l = *state;
	struct bytes *out = memory_alloc(sizeof *out);
	int fd;

	start(l, 2);
	fd = dial(l);
	put_get(out, "/wait", 0);
	say(fd, out);
	sem_wait(&arrived);
	for (int i = 0; i < 20; i++)
		get(l, "Status: 200 OK\r\n");
	sem_post(&may_go);
	expect(fd, "Status: 200 OK\r\n", "waited");
	close(fd);
	free(out);
}

static void fault_06_a_browser_that_goes_away_harms_nobody(void **state)
{
	struct live *l = *state;
	struct bytes *out = memory_alloc(sizeof *out);

	start(l, 1);
	put_get(out, "/wait", KEEP);
	for (int i = 0; i < 5; i++) {
		int fd = dial(l);

		say(fd, out);
		sem_wait(&arrived);
		close(fd);
		sem_post(&may_go);
	}
	free(out);
	get(l, "Status: 200 OK\r\n");
}

#define RECORD_BEGIN "\1\1\0\1\0\x8\0\0" "\0\1\0\0\0\0\0\0"
#define RECORD_PARAMS(high, low) "\1\4\0\1" high low "\0\0"

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
		ROW(RECORD_BEGIN RECORD_PARAMS("\0", "\4") "\x10\x10" "AB" RECORD_PARAMS("\0", "\0")), /* lengths beyond the end */
		ROW(RECORD_BEGIN RECORD_PARAMS("\0", "\1") "\xff" RECORD_PARAMS("\0", "\0")),
		ROW(RECORD_BEGIN RECORD_PARAMS("\0", "\4") "\xff\xff\xff\xff" RECORD_PARAMS("\0", "\0")),
		/* CVE-2025-23016: the sum of both lengths overflows */
		ROW(RECORD_BEGIN RECORD_PARAMS("\0", "\x8") "\xff\xff\xff\xff\xff\xff\xff\xff" RECORD_PARAMS("\0", "\0")),
		ROW(RECORD_BEGIN RECORD_PARAMS("\0", "\x8") "\xff\xff\xff\xff\x80\0\0\0" RECORD_PARAMS("\0", "\0")),
		ROW(RECORD_BEGIN RECORD_PARAMS("\0", "\x8") "\xff\xff\xff\xfd\x80\0\0\1" RECORD_PARAMS("\0", "\0")),
		ROW(RECORD_BEGIN RECORD_PARAMS("\0", "\x8") "\x80\0\0\1\xff\xff\xff\xfe" RECORD_PARAMS("\0", "\0")),
		ROW("\1\x9\0\0\0\0\0\0"),                               /* get values, empty, then nothing */
		ROW("\1\x9\0\0\0\4\0\0" "\xff\xff\xff\xff"),
		ROW("\1\x63\0\0\0\0\0\0"),                              /* unknown management record */
#undef ROW
	};
	struct live *l = *state;

	start(l, 2);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		int fd = dial(l);
		char rest[256];

		assert_int_equal(send(fd, rows[i].bytes, rows[i].count, MSG_NOSIGNAL), rows[i].count);
		shutdown(fd, SHUT_WR);
		while (recv(fd, rest, sizeof rest, 0) > 0) {}
		close(fd);
		get(l, "Status: 200 OK\r\n");
	}
	assert_int_equal(l->stage.handled, COUNT_OF(rows));
}

/* ---- stopping --------------------------------------------------------------------------------------- */

static void *close_server(void *server)
{
	web_server_close(server);
	return NULL;
}

/* The socket's name is the first thing to go: from then on nothing new comes. */
static pthread_t begin_to_close(struct live *l)
{
	pthread_t closer;

	assert_int_equal(pthread_create(&closer, NULL, close_server, l->server), 0);
	while (access(l->path, F_OK) == 0)
		sched_yield();
	return closer;
}

static void fault_09_stopping_lets_pages_under_way_and_requests_that_came_go_out_whole(void **state)
{
	struct live *l = *state;
	struct bytes *out = memory_alloc(sizeof *out), *kept = memory_alloc(sizeof *kept);
	int in_page, waiting, idle;
	pthread_t closer;

	start(l, 1);
	put_get(kept, "/", KEEP);
	idle = dial(l);
	say(idle, kept);
	expect(idle, "Status: 200 OK\r\n", "</body>");
	in_page = dial(l);
	put_get(out, "/wait", KEEP);
	say(in_page, out);
	sem_wait(&arrived);
	waiting = dial(l);
	say(waiting, kept);
	say(idle, kept); /* its next request is there before the stop */
	closer = begin_to_close(l);
	sem_post(&may_go);
	expect(in_page, "Status: 200 OK\r\n", "waited");
	assert_true(is_closed(in_page));
	expect(waiting, "Status: 200 OK\r\n", "</body>");
	assert_true(is_closed(waiting));
	expect(idle, "Status: 200 OK\r\n", "</body>");
	assert_true(is_closed(idle));
	pthread_join(closer, NULL);
	l->server = NULL;
	close(in_page);
	close(waiting);
	close(idle);
	free(out);
	free(kept);
}

static void stopping_does_not_wait_for_those_who_never_finish_their_request(void **state)
{
	struct live *l = *state;
	struct bytes *half = memory_alloc(sizeof *half), *kept = memory_alloc(sizeof *kept);
	int silent, idle, halves[4];

	start(l, 2);
	silent = dial(l);
	idle = dial(l);
	put_get(kept, "/", KEEP);
	say(idle, kept);
	expect(idle, "Status: 200 OK\r\n", "</body>");
	put_begin(half, 0);
	for (size_t i = 0; i < COUNT_OF(halves); i++) {
		halves[i] = dial(l);
		say(halves[i], half);
	}
	web_server_close(l->server);
	l->server = NULL;
	assert_true(is_closed(silent));
	assert_true(is_closed(idle));
	close(silent);
	close(idle);
	for (size_t i = 0; i < COUNT_OF(halves); i++) {
		assert_true(is_closed(halves[i]));
		close(halves[i]);
	}
	free(half);
	free(kept);
}

static void fault_29_without_descriptors_the_longest_idle_connection_gives_way(void **state)
{
	struct live *l = *state;
	struct bytes *out = memory_alloc(sizeof *out), *wait = memory_alloc(sizeof *wait);
	struct rlimit before, few;
	int silent[60], in_page, last;

	start(l, 1);
	in_page = dial(l);
	put_get(wait, "/wait", 0);
	say(in_page, wait);
	sem_wait(&arrived);
	for (size_t i = 0; i < COUNT_OF(silent); i++)
		silent[i] = dial(l);
	last = dial(l);
	put_get(out, "/", 0);
	say(last, out);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	few = before;
	few.rlim_cur = (rlim_t)last + 5;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	sem_post(&may_go);
	expect(in_page, "Status: 200 OK\r\n", "waited");
	expect(last, "Status: 200 OK\r\n", "</body>");
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_true(is_closed(silent[0]));
	get(l, "Status: 200 OK\r\n");
	for (size_t i = 0; i < COUNT_OF(silent); i++)
		close(silent[i]);
	close(in_page);
	close(last);
	free(out);
	free(wait);
}

static void fault_31_a_swapped_site_serves_the_next_request(void **state)
{
	struct live *l = *state;
	struct web_site next = l->stage.site;
	struct bytes *out = memory_alloc(sizeof *out);
	int fd;

	start(l, 2);
	next.base_path = "/desk";
	shared_begin(&next.shared, keep_site);
	fd = dial(l);
	put_get(out, "/wait", 0);
	say(fd, out);
	sem_wait(&arrived);
	shared_swap(&l->slot, &next.shared);
	get(l, "Status: 404 Not Found\r\n");
	sem_post(&may_go);
	expect(fd, "Status: 200 OK\r\n", "waited"); /* the one that it began with */
	close(fd);
	free(out);
	web_server_close(l->server);
	l->server = NULL;
}

#define LIVE_TEST(test) cmocka_unit_test_setup_teardown(test, live_setup, live_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(a_request_over_the_socket_is_answered_and_the_socket_is_ours_alone),
		LIVE_TEST(a_stale_socket_is_replaced_and_anything_else_is_left_alone),
		LIVE_TEST(wrong_places_to_listen_are_said),
		LIVE_TEST(a_form_is_read_from_several_records),
		LIVE_TEST(fault_06_a_browser_that_goes_away_harms_nobody),
		LIVE_TEST(fault_08_a_body_cut_short_or_too_long_is_never_handled),
		LIVE_TEST(fault_09_stopping_lets_pages_under_way_and_requests_that_came_go_out_whole),
		LIVE_TEST(stopping_does_not_wait_for_those_who_never_finish_their_request),
		LIVE_TEST(fault_10_idle_kept_connections_hold_no_thread),
		LIVE_TEST(fault_10_two_hundred_silent_connections_hold_no_thread),
		LIVE_TEST(fault_10_more_requests_than_threads_wait_their_turn),
		LIVE_TEST(fault_11_a_parameter_that_comes_twice_is_seen_twice),
		LIVE_TEST(fault_13_broken_records_close_their_connection_and_the_process_lives),
		LIVE_TEST(fault_29_without_descriptors_the_longest_idle_connection_gives_way),
		LIVE_TEST(fault_30_a_thread_stuck_in_a_page_leaves_the_others_serving),
		LIVE_TEST(fault_31_a_swapped_site_serves_the_next_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
