/* server.c: the threads that answer FastCGI requests. libfcgi reads and writes the records; connections.c says
 * which connection has something to say. Must not know what a request is about.
 *
 * How libfcgi 2.4.2 is used here (fcgiapp.c):
 *  - FCGX_Accept_r accepts only where request.ipcFd < 0. It is given a connection, and -1 as the listening
 *    socket: where the connection is broken it closes it and comes back with an error instead of accepting.
 *  - It begins with FCGX_Finish_r, which closes ipcFd unless keepConnection is set.
 *  - `detached` set: closing doesn't wait up to 2 s for the peer to close first. That wait is needed only where
 *    bytes of the peer were left unread, which could make its system drop our answer.
 *  - FCGX_Finish_r drops what it had read ahead, so a connection is kept only once the request's stdin was read
 *    to its end. */
#include "web/server.h"

#include <errno.h>
#include <fcgiapp.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/sizes.h"
#include "base/text.h"
#include "web/parts.h"

enum {
	SERVER_MOST_THREADS = 1024,
	SERVER_STACK_BYTES = 1024 * 1024,
	SERVER_DRAIN_BYTES = 256 * 1024, /* of a body nobody wants: read and dropped, to keep the connection whole */
	SERVER_PATIENCE_MS = 3000,       /* when closing: for requests that have begun and don't come whole */
};

struct worker {
	struct web_server *server;
	pthread_t thread;
	_Atomic int64_t in_page_since_ms; /* 0: in none */
};

struct web_server {
	struct web_listener listener;
	struct connections *connections;
	struct shared_slot *slot;
	pthread_mutex_t lock;
	pthread_cond_t ended;
	int living; /* threads; under lock */
	int thread_count;
	struct worker workers[];
};

/* ---- one request ------------------------------------------------------------------------------------ */

/* Reads up to `most` bytes of body and then to the end of stdin. *is_whole: the end was seen. */
static char *read_body(FCGX_Request *request, struct arena *mem, size_t most, size_t *bytes, bool *is_whole)
{
	char *body = arena_alloc(mem, most + 2), dropped[4096];
	int got = FCGX_GetStr(body, (int)most + 1, request->in);
	size_t drained = 0;

	*bytes = got > 0 ? (size_t)got : 0;
	body[*bytes] = '\0';
	while (got > 0 && drained < SERVER_DRAIN_BYTES) {
		got = FCGX_GetStr(dropped, sizeof dropped, request->in);
		drained += got > 0 ? (size_t)got : 0;
	}
	*is_whole = got <= 0 && FCGX_GetError(request->in) == 0;
	return body;
}

/* The CONTENT_LENGTH may say more than the route takes: then nothing of it is kept. */
static size_t body_wanted(struct web_site *site, struct arena *mem, char *const *params)
{
	const char *said;
	int64_t length = 0;
	size_t limit = dispatch_body_limit(site, mem, params);

	if (params_count(params, "CONTENT_LENGTH", &said) != 1 || !text_number(said, (int64_t)limit, &length))
		return 0;
	return (size_t)length;
}

static void answer_one(struct worker *worker, FCGX_Request *request, int slot, struct arena *mem)
{
	struct web_server *server = worker->server;
	struct web_site *site = (struct web_site *)shared_hold(server->slot);
	struct web_answer answer;
	size_t body_bytes;
	bool is_whole;
	char *body;

	if (!site)
		log_die("no_site", "slot=empty");
	body = read_body(request, mem, body_wanted(site, mem, request->envp), &body_bytes, &is_whole);
	connections_set_reading(server->connections, slot, false);
	atomic_store(&worker->in_page_since_ms, clock_steady_ms(&clock_of_machine));
	web_answer(site, mem, request->envp, body, body_bytes, false, &answer);
	atomic_store(&worker->in_page_since_ms, 0);
	request->detached = is_whole;
	if (!is_whole || connections_are_stopping(server->connections))
		request->keepConnection = 0;
	if (FCGX_PutStr(answer.head, (int)answer.head_bytes, request->out) >= 0)
		(void)FCGX_PutStr(answer.body, (int)answer.body_bytes, request->out);
	shared_drop(&site->shared);
}

static void serve(struct worker *worker, FCGX_Request *request, int slot, int fd, struct arena *mem)
{
	struct connections *connections = worker->server->connections;

	connections_set_reading(connections, slot, true);
	request->ipcFd = fd;
	request->keepConnection = 1;
	request->detached = 1;
	if (FCGX_Accept_r(request) == 0) {
		answer_one(worker, request, slot, mem);
		FCGX_Finish_r(request);
	} else {
		connections_set_reading(connections, slot, false);
	}
	if (request->ipcFd >= 0)
		connections_rest(connections, slot);
	else
		connections_forget(connections, slot);
	request->ipcFd = -1;
	arena_clear(mem);
}

static void *work(void *context)
{
	struct worker *worker = context;
	struct web_server *server = worker->server;
	struct arena *mem = arena_open();
	FCGX_Request request;
	enum turn turn;
	int slot, fd;

	if (FCGX_InitRequest(&request, -1, 0) != 0)
		log_die("fastcgi_cannot_begin", "thread=%d", (int)(worker - server->workers));
	while ((turn = connections_wait(server->connections, &slot, &fd)) != TURN_END)
		if (turn == TURN_SERVE)
			serve(worker, &request, slot, fd, mem);
	arena_close(mem);
	pthread_mutex_lock(&server->lock);
	server->living--;
	pthread_cond_signal(&server->ended);
	pthread_mutex_unlock(&server->lock);
	return NULL;
}

/* ---- beginning and ending --------------------------------------------------------------------------- */

/* Signals are for the main thread; a thread of ours that died of one would take a request with it. */
static bool start_threads(struct web_server *server, int wanted, struct problem *why)
{
	pthread_attr_t how;
	sigset_t all, before;
	int error = 0;

	sigfillset(&all);
	pthread_attr_init(&how);
	pthread_attr_setstacksize(&how, SERVER_STACK_BYTES);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	for (int i = 0; i < wanted && error == 0; i++) {
		pthread_mutex_lock(&server->lock);
		server->workers[i].server = server;
		error = pthread_create(&server->workers[i].thread, &how, work, &server->workers[i]);
		if (error == 0) {
			server->thread_count++;
			server->living++;
		}
		pthread_mutex_unlock(&server->lock);
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&how);
	if (error != 0)
		problem_set(why, "cannot start thread %d of %d: %s", server->thread_count + 1, wanted, strerror(error));
	return error == 0;
}

struct web_server *web_server_open(const struct web_server_options *options, struct shared_slot *slot,
                                   struct problem *why)
{
	struct web_server *server;
	int threads = options->threads;

	if (threads < 1 || threads > SERVER_MOST_THREADS) {
		problem_set(why, "threads must be 1 to %d", SERVER_MOST_THREADS);
		return NULL;
	}
	/* a peer that went away is an error of write(), not the end of the process; before FCGX_Init, which would
	 * put a handler of its own in place of the default */
	signal(SIGPIPE, SIG_IGN);
	if (FCGX_Init() != 0) {
		problem_set(why, "libfcgi cannot begin: %s", strerror(errno));
		return NULL;
	}
	server = memory_alloc(sizeof *server + (size_t)threads * sizeof server->workers[0]);
	server->slot = slot;
	pthread_mutex_init(&server->lock, NULL);
	pthread_cond_init(&server->ended, NULL);
	if (listener_open(&server->listener, options->listen, why) &&
	    (server->connections = connections_open(server->listener.fd, &clock_of_machine, why)) &&
	    start_threads(server, threads, why))
		return server;
	web_server_close(server);
	return NULL;
}

/* Waits for the threads; those that wait for the rest of a request are told, after a while, that none comes. */
static void end_threads(struct web_server *server)
{
	int64_t until_ms = clock_steady_ms(&clock_of_machine) + SERVER_PATIENCE_MS;
	struct timespec until = { .tv_sec = until_ms / MS_A_SECOND, .tv_nsec = until_ms % MS_A_SECOND * 1000000 };
	int result = 0;

	listener_hide(&server->listener);
	connections_stop(server->connections);
	pthread_mutex_lock(&server->lock);
	while (server->living > 0 && result != ETIMEDOUT)
		result = pthread_cond_clockwait(&server->ended, &server->lock, CLOCK_MONOTONIC, &until);
	pthread_mutex_unlock(&server->lock);
	if (result == ETIMEDOUT)
		connections_cut_reading(server->connections);
	for (int i = 0; i < server->thread_count; i++)
		pthread_join(server->workers[i].thread, NULL);
}

void web_server_close(struct web_server *server)
{
	if (!server)
		return;
	if (server->connections) {
		end_threads(server); /* what has arrived is still answered */
		connections_close(server->connections);
	}
	listener_close(&server->listener);
	pthread_cond_destroy(&server->ended);
	pthread_mutex_destroy(&server->lock);
	free(server);
}

int web_server_busy(struct web_server *server, int64_t *longest_ms)
{
	int64_t now_ms = clock_steady_ms(&clock_of_machine);
	int busy = 0;

	*longest_ms = 0;
	for (int i = 0; i < server->thread_count; i++) {
		int64_t since_ms = atomic_load(&server->workers[i].in_page_since_ms);

		if (since_ms == 0)
			continue;
		busy++;
		if (now_ms - since_ms > *longest_ms)
			*longest_ms = now_ms - since_ms;
	}
	return busy;
}
