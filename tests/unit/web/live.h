/* live.h: the test site behind a real server on a unix socket, and a client that speaks FastCGI records to it. */
#ifndef UNIT_WEB_LIVE_H
#define UNIT_WEB_LIVE_H

#include "unit/web/site.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

enum { BEGIN = 1, ABORT = 2, END = 3, PARAMS = 4, IN = 5, OUT = 6, KEEP = 1, ANSWER_BYTES = 1024 * 1024 };

struct live {
	struct stage stage;
	struct shared_slot slot;
	struct web_server *server;
	char path[100];
};

/* The page that waits until a test lets it go on. */
static sem_t arrived, may_go;

static inline enum web_status handle_wait(struct web_request *req, struct web_page *page)
{
	(void)req;
	sem_post(&arrived);
	while (sem_wait(&may_go) != 0) {}
	web_set(page, "TITLE", "waited");
	return WEB_OK;
}

static const size_t BIG = 300000;

static inline enum web_status handle_big(struct web_request *req, struct web_page *page)
{
	char *body = arena_alloc(req->mem, BIG);

	memset(body, 'x', BIG);
	return web_send(page, "text/plain", body, BIG);
}

static const struct web_route routes[] = {
	{ WEB_GET,  "/file",   ROLE_VIEWER,  WEB_NO_TOKEN,    0,         NULL,        handle_file },
	{ WEB_GET,  "/broken-off", ROLE_VIEWER, WEB_NO_TOKEN, 0,         NULL,        handle_broken_off },
	{ WEB_GET,  "/big",    ROLE_VIEWER,  WEB_NO_TOKEN,    0,         NULL,        handle_big },
	{ WEB_GET,  "/",       ROLE_VIEWER,  WEB_NO_TOKEN,    0,         "page.html", handle_page },
	{ WEB_GET,  "/wait",   ROLE_VIEWER,  WEB_NO_TOKEN,    0,         "page.html", handle_wait },
	{ WEB_POST, "/orders", ROLE_ORDERER, WEB_NEEDS_TOKEN, 64 * 1024, NULL,        handle_place },
	{ 0 },
};

static inline void keep_site(struct shared *thing) { (void)thing; }

/* ---- the stage -------------------------------------------------------------------------------------- */

static inline void start(struct live *l, int threads)
{
	struct problem why = { "" };
	char listen[120];

	assert_true(snprintf(listen, sizeof listen, "unix:%s", l->path) > 0);
	l->server = web_server_open(&(struct web_server_options){ .listen = listen, .threads = threads }, &l->slot, &why);
	if (!l->server)
		fail_msg("%s", why.text);
}

static inline int live_setup(void **state)
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

static inline int live_teardown(void **state)
{
	struct live *l = *state;

	web_server_close(l->server);
	site_end(&l->stage);
	free(l);
	return 0;
}

/* ---- a FastCGI client ------------------------------------------------------------------------------- */

struct bytes { unsigned char data[80 * 1024]; size_t count; };

static inline void put(struct bytes *out, const void *data, size_t count)
{
	assert_true(out->count + count <= sizeof out->data);
	memcpy(out->data + out->count, data, count);
	out->count += count;
}

static inline void put_record(struct bytes *out, int type, int id, const void *content, size_t count)
{
	unsigned char head[8] = { 1, (unsigned char)type, (unsigned char)(id >> 8), (unsigned char)id,
	                          (unsigned char)(count >> 8), (unsigned char)count };

	assert_true(count <= 65535);
	put(out, head, sizeof head);
	put(out, content, count);
}

static inline void put_begin(struct bytes *out, int flags)
{
	put_record(out, BEGIN, 1, (unsigned char[8]){ 0, 1, (unsigned char)flags }, 8);
}

static inline void put_param(struct bytes *out, const char *name, const char *value)
{
	unsigned char lengths[2] = { (unsigned char)strlen(name), (unsigned char)strlen(value) };

	assert_true(strlen(name) < 128 && strlen(value) < 128);
	put(out, lengths, 2);
	put(out, name, strlen(name));
	put(out, value, strlen(value));
}

static inline void put_params(struct bytes *out, const char *method, const char *uri, const char *length)
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

static inline void put_get(struct bytes *out, const char *uri, int flags)
{
	put_begin(out, flags);
	put_params(out, "GET", uri, NULL);
	put_record(out, IN, 1, "", 0);
}

static inline int dial(const struct live *l)
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
static inline void say(int fd, const struct bytes *bytes)
{
	(void)!send(fd, bytes->data, bytes->count, MSG_NOSIGNAL);
}

static inline bool take(int fd, void *out, size_t count)
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
static inline bool hear(int fd, char answer[ANSWER_BYTES])
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

static inline bool is_closed(int fd)
{
	char byte;
	ssize_t got = recv(fd, &byte, 1, 0);

	return got == 0 || (got < 0 && errno == ECONNRESET);
}

static char answer[ANSWER_BYTES];

static inline void expect(int fd, const char *status, const char *words)
{
	assert_true(hear(fd, answer));
	if (!text_begins(answer, status) || !strstr(answer, words))
		fail_msg("%s", answer);
}

static inline void get(const struct live *l, const char *status)
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

#define LIVE_TEST(test) cmocka_unit_test_setup_teardown(test, live_setup, live_teardown)

#endif
