/* scripted_server.c: plays scripts over loopback TCP. Must not know what is tested with it. */
#include "support/scripted_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SEEN_BYTES = 256 * 1024, CONNECTIONS = 64 };

struct connection {
	struct scripted_server *server;
	struct script script;
	pthread_t thread;
	int fd;
	char *seen;
	size_t seen_count, head_end; /* head_end: where the request under way began */
};

struct scripted_server {
	int listen_fd, port, go_fd;
	struct script scripts[SCRIPTS];
	size_t script_count;
	pthread_t acceptor;
	struct connection connections[CONNECTIONS];
	int count;
	bool is_finished;
};

static void must(bool ok, const char *what)
{
	if (!ok) {
		fprintf(stderr, "scripted_server: %s: %s\n", what, strerror(errno));
		abort();
	}
}

/* False: the other side is gone. */
static bool take_some(struct connection *c)
{
	ssize_t got;

	must(c->seen_count + 1 < SEEN_BYTES, "too much came in");
	got = recv(c->fd, c->seen + c->seen_count, SEEN_BYTES - 1 - c->seen_count, 0);
	if (got > 0)
		c->seen_count += (size_t)got;
	c->seen[c->seen_count] = '\0';
	return got > 0;
}

static bool read_head(struct connection *c)
{
	char *end;

	while ((end = strstr(c->seen + c->head_end, "\r\n\r\n")) == NULL)
		if (!take_some(c))
			return false;
	c->head_end = (size_t)(end - c->seen) + 4;
	return true;
}

static bool read_request(struct connection *c)
{
	size_t begin = c->head_end, body = 0;
	const char *field;

	if (!read_head(c))
		return false;
	field = strcasestr(c->seen + begin, "\r\nContent-Length:");
	if (field != NULL && field < c->seen + c->head_end)
		body = (size_t)strtoul(field + strlen("\r\nContent-Length:"), NULL, 10);
	while (c->seen_count < c->head_end + body)
		if (!take_some(c))
			return false;
	c->head_end += body;
	return true;
}

static bool say(struct connection *c, const char *bytes)
{
	size_t left = strlen(bytes);

	while (left > 0) {
		ssize_t sent = send(c->fd, bytes, left, MSG_NOSIGNAL);

		if (sent <= 0)
			return false;
		bytes += sent;
		left -= (size_t)sent;
	}
	return true;
}

static bool stall(struct connection *c)
{
	struct pollfd fds[] = { { c->fd, POLLIN, 0 }, { c->server->go_fd, POLLIN, 0 } };

	for (;;) {
		must(poll(fds, 2, -1) >= 0 || errno == EINTR, "poll");
		if (fds[1].revents != 0)
			return true;
		if (fds[0].revents != 0 && !take_some(c))
			return false;
	}
}

static bool play(struct connection *c, const struct script_step *step)
{
	struct linger at_once = { 1, 0 };
	bool ok = true;

	switch (step->what) {
	case SCRIPT_END:
		return false;
	case SCRIPT_READ_HEAD:
		return read_head(c);
	case SCRIPT_READ_REQUEST:
		return read_request(c);
	case SCRIPT_SAY:
		for (int i = 0; ok && i < (step->times > 0 ? step->times : 1); i++)
			ok = say(c, step->bytes);
		return ok;
	case SCRIPT_FLOOD:
		while (say(c, step->bytes))
			;
		return false;
	case SCRIPT_STALL:
		return stall(c);
	case SCRIPT_RESET:
		must(setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once) == 0, "linger");
		return false;
	case SCRIPT_STOP_LISTENING:
		(void)shutdown(c->server->listen_fd, SHUT_RDWR);
		return true;
	}
	return false;
}

static void *serve(void *data)
{
	struct connection *c = data;

	for (int i = 0; i < SCRIPT_STEPS && play(c, &c->script.steps[i]); i++)
		;
	close(c->fd);
	return NULL;
}

static void *take_connections(void *data)
{
	struct scripted_server *server = data;
	int fd;

	while ((fd = accept(server->listen_fd, NULL, NULL)) >= 0) {
		struct connection *c = &server->connections[server->count];

		must(server->count < CONNECTIONS, "too many connections");
		c->server = server;
		c->fd = fd;
		if ((size_t)server->count < server->script_count)
			c->script = server->scripts[server->count];
		c->seen = calloc(1, SEEN_BYTES);
		must(c->seen != NULL && pthread_create(&c->thread, NULL, serve, c) == 0, "thread");
		server->count++;
	}
	return NULL;
}

struct scripted_server *scripted_open(const struct script *scripts, size_t count)
{
	struct scripted_server *server = calloc(1, sizeof *server);
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof address;

	must(server != NULL && count <= SCRIPTS, "too many scripts");
	if (count > 0)
		memcpy(server->scripts, scripts, count * sizeof *scripts);
	server->script_count = count;
	server->go_fd = eventfd(0, EFD_CLOEXEC);
	server->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	must(server->go_fd >= 0 && server->listen_fd >= 0, "socket");
	must(bind(server->listen_fd, (struct sockaddr *)&address, sizeof address) == 0, "bind");
	must(listen(server->listen_fd, 64) == 0, "listen");
	must(getsockname(server->listen_fd, (struct sockaddr *)&address, &length) == 0, "name");
	server->port = ntohs(address.sin_port);
	must(pthread_create(&server->acceptor, NULL, take_connections, server) == 0, "thread");
	return server;
}

int scripted_port(const struct scripted_server *server)
{
	return server->port;
}

void scripted_go_on(struct scripted_server *server)
{
	must(eventfd_write(server->go_fd, 1) == 0, "eventfd");
}

void scripted_finish(struct scripted_server *server)
{
	if (server->is_finished)
		return;
	server->is_finished = true;
	(void)shutdown(server->listen_fd, SHUT_RDWR);
	must(pthread_join(server->acceptor, NULL) == 0, "join");
	for (int i = 0; i < server->count; i++)
		must(pthread_join(server->connections[i].thread, NULL) == 0, "join");
}

int scripted_connections(const struct scripted_server *server)
{
	return server->count;
}

const char *scripted_seen(const struct scripted_server *server, int connection)
{
	return connection < server->count ? server->connections[connection].seen : "";
}

void scripted_close(struct scripted_server *server)
{
	scripted_finish(server);
	for (int i = 0; i < server->count; i++)
		free(server->connections[i].seen);
	close(server->listen_fd);
	close(server->go_fd);
	free(server);
}
