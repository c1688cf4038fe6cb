/* server.c: the threads that answer FastCGI requests. connections.c says which connection has something to say,
 * records.c reads and writes it. Must not know what a request is about. */
#include "web/server.h"

#include <errno.h>
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
	int thread_count;
	struct worker workers[];
};

/* ---- one request ------------------------------------------------------------------------------------ */

/* How much body to read: nothing of one that says it is longer than its route takes. */
static size_t body_wanted(struct web_site *site, struct arena *mem, char *const *params)
{
	const char *said;
	int64_t length = 0;
	size_t limit = dispatch_body_limit(site, mem, params);

	if (params_count(params, "CONTENT_LENGTH", &said) != 1 || !text_number(said, (int64_t)limit, &length))
		return 0;
	return (size_t)length;
}

/* True: answered, and the connection may have another request. */
static bool answer_one(struct worker *worker, struct record_reader *reader, struct arena *mem)
{
	struct web_site *site = (struct web_site *)shared_hold(worker->server->slot);
	struct record_request request;
	struct web_answer answer;
	size_t wanted, bytes;
	bool is_kept = false, is_whole;
	char *body;

	if (!site)
		log_die("no_site", "slot=empty");
	if (!records_read_request(reader, mem, &request))
		goto done;
	wanted = body_wanted(site, mem, request.params);
	if (!records_read_body(reader, &request, mem, wanted, &body, &bytes, &is_whole))
		goto done;
	atomic_store(&worker->in_page_since_ms, clock_steady_ms(&clock_of_machine));
	web_answer(site, mem, request.params, body, bytes, false, &answer);
	atomic_store(&worker->in_page_since_ms, 0);
	is_kept = records_write(reader, &request, mem, &answer) && is_whole && request.is_kept &&
	          !connections_are_stopping(worker->server->connections);
done:
	shared_drop(&site->shared);
	return is_kept;
}

static void *work(void *context)
{
	struct worker *worker = context;
	struct connections *connections = worker->server->connections;
	struct record_reader *reader = memory_alloc(sizeof *reader);
	struct arena *mem = arena_open();
	enum turn turn;
	int slot, fd;

	while ((turn = connections_wait(connections, &slot, &fd)) != TURN_END) {
		bool is_kept;

		if (turn != TURN_SERVE)
			continue;
		records_begin(reader, fd, connections_stop_fd(connections));
		do { /* again where the next request came along with this one */
			is_kept = answer_one(worker, reader, mem);
			arena_clear(mem);
		} while (is_kept && reader->at < reader->filled);
		if (is_kept)
			connections_rest(connections, slot);
		else
			connections_end(connections, slot);
	}
	arena_close(mem);
	free(reader);
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
		server->workers[i].server = server;
		error = pthread_create(&server->workers[i].thread, &how, work, &server->workers[i]);
		server->thread_count += error == 0;
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
	signal(SIGPIPE, SIG_IGN); /* a peer that went away is an error of send(), not the end of the process */
	server = memory_alloc(sizeof *server + (size_t)threads * sizeof server->workers[0]);
	server->slot = slot;
	if (listener_open(&server->listener, options->listen, why) &&
	    (server->connections = connections_open(server->listener.fd, &clock_of_machine, why)) &&
	    start_threads(server, threads, why))
		return server;
	web_server_close(server);
	return NULL;
}

void web_server_close(struct web_server *server)
{
	if (!server)
		return;
	listener_hide(&server->listener);
	if (server->connections) {
		connections_stop(server->connections); /* what has arrived by now is still answered */
		for (int i = 0; i < server->thread_count; i++)
			pthread_join(server->workers[i].thread, NULL);
		connections_close(server->connections);
	}
	listener_close(&server->listener);
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
