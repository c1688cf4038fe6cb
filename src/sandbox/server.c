/* server.c: between libmicrohttpd and the plain requests and answers of exchange.h. */
#include "sandbox/server.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "sandbox/control.h"
#include "sandbox/serve.h"
#include "sandbox/wire.h"

enum { STACK_BYTES = 512 * 1024, IDLE_S = 300, BACKLOG = 1024, URL_SIZE = 80 };

struct server {
	struct world *world;
	struct MHD_Daemon *daemon;
	bool is_quiet;
	char url[URL_SIZE];
};

/* One request as it comes in. */
struct arrival {
	struct request request;
	bool is_begun;     /* headers were read */
	bool is_answered;
};

/* --- collecting a request ------------------------------------------------------------------- */

/* libmicrohttpd cuts the URI up; the query as sent is only to be had here. */
static void *begin_arrival(void *server, const char *uri, struct MHD_Connection *connection)
{
	struct arena *mem = arena_open();
	struct arrival *arrival = ARENA_NEW(mem, struct arrival);
	const char *mark = strchr(uri, '?');

	(void)server, (void)connection;
	arrival->request.mem = mem;
	arrival->request.query = mark ? arena_text(mem, mark + 1) : "";
	return arrival;
}

static void end_arrival(void *server, struct MHD_Connection *connection, void **context,
                        enum MHD_RequestTerminationCode why)
{
	struct arrival *arrival = *context;

	(void)server, (void)connection, (void)why;
	if (arrival)
		arena_close(arrival->request.mem);
	*context = NULL;
}

static enum MHD_Result add_header(void *to, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct request *request = to;
	char *lower = arena_text(request->mem, name);

	(void)kind;
	for (char *letter = lower; *letter; letter++)
		*letter = (char)tolower((unsigned char)*letter);
	fields_add(&request->headers, request->mem, lower, arena_text(request->mem, value ? value : ""));
	return MHD_YES;
}

static enum MHD_Result add_arg(void *to, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct request *request = to;

	(void)kind;
	fields_add(&request->args, request->mem, arena_text(request->mem, name),
	           arena_text(request->mem, value ? value : ""));
	return MHD_YES;
}

static void add_body(struct request *request, const char *bytes, size_t count)
{
	if (request->body_bytes + count > EXCHANGE_BODY_MAX) {
		request->is_too_long = true;
		return;
	}
	if (request->body_bytes + count + 1 > request->body_room) {
		size_t room = (request->body_bytes + count + 1) * 2;
		char *body = arena_alloc(request->mem, room);

		if (request->body_bytes)
			memcpy(body, request->body, request->body_bytes);
		request->body = body;
		request->body_room = room;
	}
	memcpy(request->body + request->body_bytes, bytes, count);
	request->body_bytes += count;
	request->body[request->body_bytes] = '\0';
}

/* --- answering ----------------------------------------------------------------------------- */

static enum MHD_Result send_whole(struct MHD_Connection *connection, const struct answer *answer)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(
		answer->body_bytes, (void *)(uintptr_t)answer->body, MHD_RESPMEM_MUST_COPY);
	enum MHD_Result result = MHD_NO;

	if (!response)
		return MHD_NO;
	if (answer->content_type)
		(void)MHD_add_response_header(response, "Content-Type", answer->content_type);
	for (size_t i = 0; i < answer->headers.count; i++)
		(void)MHD_add_response_header(response, answer->headers.list[i].name, answer->headers.list[i].value);
	result = MHD_queue_response(connection, (unsigned)answer->status, response);
	MHD_destroy_response(response);
	return result;
}

/* Printable ASCII, cut to fit. */
static void copy_plain(char *out, size_t size, const char *text)
{
	size_t count = 0;

	for (; *text && count < size - 1; text++)
		out[count++] = *text > ' ' && *text < 127 ? *text : '?';
	out[count] = '\0';
}

/* One line for each request: no key, no query, no body, so no link and no address of a recipient. */
static void log_request(const struct request *request, const struct answer *answer, int64_t took_ms)
{
	char method[16], path[128];

	copy_plain(method, sizeof method, request->method);
	copy_plain(path, sizeof path, request->path);
	fprintf(stderr, "%s %s %d%s %lld ms %s\n", method, path, answer->status,
	        answer->how.manner == MANNER_WHOLE ? "" : " (fault)", (long long)took_ms,
	        answer->order_id ? answer->order_id : "-");
}

static enum MHD_Result answer_arrival(struct server *server, struct MHD_Connection *connection, struct request *request)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	int64_t begun_ms = clock_steady_ms(&clock_of_machine);
	struct answer answer = { 0 };

	if (!request->body)
		request->body = arena_text(request->mem, "");
	if (control_is_for(request->path)) {
		control_answer(server->world, request, &answer);
		return send_whole(connection, &answer);
	}
	if (!info || !serve_request(server->world, request, &answer))
		return MHD_NO;
	if (!server->is_quiet)
		log_request(request, &answer, clock_steady_ms(&clock_of_machine) - begun_ms);
	if (wire_send(info->connect_fd, server->world->stop_fd, request->mem, &answer) == WIRED_DONE)
		return MHD_NO;
	return send_whole(connection, &answer);
}

static enum MHD_Result on_request(void *to, struct MHD_Connection *connection, const char *url, const char *method,
                                  const char *version, const char *upload, size_t *upload_bytes, void **context)
{
	struct arrival *arrival = *context;
	struct request *request;

	(void)version;
	if (!arrival)
		return MHD_NO;
	request = &arrival->request;
	if (!arrival->is_begun) {
		arrival->is_begun = true;
		request->method = arena_text(request->mem, method);
		request->path = arena_text(request->mem, url);
		MHD_get_connection_values(connection, MHD_HEADER_KIND, add_header, request);
		MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, add_arg, request);
		return MHD_YES;
	}
	if (*upload_bytes) {
		add_body(request, upload, *upload_bytes);
		*upload_bytes = 0;
		return MHD_YES;
	}
	if (arrival->is_answered)
		return MHD_YES;
	arrival->is_answered = true;
	return answer_arrival(to, connection, request);
}

/* --- listening ----------------------------------------------------------------------------- */

static bool split_address(const char *where, char *host, size_t host_size, int64_t *port)
{
	const char *colon = strrchr(where, ':');
	size_t length = colon ? (size_t)(colon - where) : 0;

	if (length >= 2 && where[0] == '[' && where[length - 1] == ']') {
		where++;
		length -= 2;
	}
	if (!length || length >= host_size || !text_number(colon + 1, 65535, port))
		return false;
	memcpy(host, where, length);
	host[length] = '\0';
	return true;
}

/* The loopback networks only: the sandbox has no protection worth the name. */
static socklen_t loopback_address(const char *host, uint16_t port, struct sockaddr_storage *out)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)out;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;

	memset(out, 0, sizeof *out);
	if (!strcmp(host, "localhost"))
		host = "127.0.0.1";
	if (inet_pton(AF_INET, host, &v4->sin_addr) == 1 && ntohl(v4->sin_addr.s_addr) >> 24 == 127) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		return sizeof *v4;
	}
	if (inet_pton(AF_INET6, host, &v6->sin6_addr) == 1 && IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr)) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(port);
		return sizeof *v6;
	}
	return 0;
}

bool server_may_listen(const char *where)
{
	struct sockaddr_storage address;
	char host[64];
	int64_t port = 0;

	return split_address(where, host, sizeof host, &port) && loopback_address(host, (uint16_t)port, &address);
}

/* -1 with the reason. */
static int listen_on(const char *where, char url[URL_SIZE], struct problem *why)
{
	struct sockaddr_storage address;
	socklen_t size;
	char host[64];
	int64_t port = 0;
	int fd, yes = 1;

	size = split_address(where, host, sizeof host, &port) ? loopback_address(host, (uint16_t)port, &address) : 0;
	if (!size) {
		problem_set(why, "--listen must be a loopback address and a port, like 127.0.0.1:8089");
		return -1;
	}
	fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) ||
	    bind(fd, (struct sockaddr *)&address, size) || listen(fd, BACKLOG) ||
	    getsockname(fd, (struct sockaddr *)&address, &size)) {
		problem_set(why, "cannot listen on %s: %s", where, strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	snprintf(url, URL_SIZE, strchr(host, ':') ? "http://[%s]:%u" : "http://%s:%u", host,
	         ntohs(address.ss_family == AF_INET ? ((struct sockaddr_in *)&address)->sin_port
	                                            : ((struct sockaddr_in6 *)&address)->sin6_port));
	return fd;
}

struct server *server_open(struct world *world, const char *where, bool is_quiet, struct problem *why)
{
	struct server *server = memory_alloc(sizeof *server);
	int fd = listen_on(where, server->url, why);

	if (fd < 0) {
		free(server);
		return NULL;
	}
	server->world = world;
	server->is_quiet = is_quiet;
	server->daemon = MHD_start_daemon(
		MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL | MHD_USE_ITC, 0, NULL, NULL,
		on_request, server, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_URI_LOG_CALLBACK, begin_arrival, server,
		MHD_OPTION_NOTIFY_COMPLETED, end_arrival, server, MHD_OPTION_THREAD_STACK_SIZE, (size_t)STACK_BYTES,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned)SERVER_CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT,
		(unsigned)IDLE_S, MHD_OPTION_END);
	if (server->daemon)
		return server;
	problem_set(why, "the HTTP library did not start");
	close(fd);
	free(server);
	return NULL;
}

const char *server_url(const struct server *server)
{
	return server->url;
}

void server_close(struct server *server)
{
	if (!server)
		return;
	MHD_stop_daemon(server->daemon);
	free(server);
}
