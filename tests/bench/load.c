/* load.c: clients that ask a server and time each answer: one thread, one epoll, so that it costs little beside
 * what it measures. Each client has a connection of its own and one request under way at a time.
 *
 *     load PORT CLIENTS get TARGET COUNT        gets TARGET
 *     load PORT CLIENTS forms FILE COUNT FIELDS opens COUNT order forms; FILE gets a body to post a line, made of
 *                                               the form's own token and FIELDS
 *     load PORT CLIENTS post FILE COUNT         posts each line of FILE to /orders
 *
 * Says one line of JSON: answers, seconds (in microseconds), percentiles, and for `post` how many different places
 * the answers led to. Anything but 200, or 303 for `post`, ends it with status 1. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MOST_ANSWER = 1024 * 1024, MOST_REQUEST = 8192, MOST_EVENTS = 256 };

struct client {
	int fd; /* -1: not connected */
	char *request, *answer;
	size_t request_bytes, sent, got;
	size_t index; /* of the request under way */
	int64_t begun_ns;
};

struct load {
	int port, epoll_fd, client_count;
	struct client *clients;
	size_t count, begun, done;
	int64_t *took_ns;

	const char *target; /* get, forms */
	const char *fields; /* forms */
	char **lines;       /* forms: bodies made; post: bodies to send */
	char **locations;   /* post */
	int status_wanted;
};

static void die(const char *what, const char *detail)
{
	fprintf(stderr, "load: %s %s\n", what, detail);
	exit(1);
}

static void *room(size_t count, size_t bytes)
{
	void *memory = calloc(count + 1, bytes);

	if (!memory)
		die("no memory", "");
	return memory;
}

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static size_t number(const char *text)
{
	return (size_t)strtoul(text, NULL, 10);
}

/* ---- one request ------------------------------------------------------------------------------------ */

static void make_request(struct load *load, struct client *client)
{
	const char *body = load->target ? NULL : load->lines[client->index];
	int made;

	if (!body)
		made = snprintf(client->request, MOST_REQUEST, "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n", load->target,
		                load->port);
	else
		made = snprintf(client->request, MOST_REQUEST,
		                "POST /orders HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nOrigin: http://127.0.0.1:%d\r\n"
		                "Sec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\n"
		                "Content-Length: %zu\r\n\r\n%s",
		                load->port, load->port, strlen(body), body);
	if (made < 0 || made >= MOST_REQUEST)
		die("too long:", body ? body : load->target);
	client->request_bytes = (size_t)made;
}

static void connect_client(struct load *load, struct client *client)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)load->port) };
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = client };
	int yes = 1;

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	client->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (client->fd < 0 || connect(client->fd, (struct sockaddr *)&to, sizeof to) != 0)
		die("cannot connect:", strerror(errno));
	setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
	if (epoll_ctl(load->epoll_fd, EPOLL_CTL_ADD, client->fd, &event) != 0)
		die("epoll_ctl:", strerror(errno));
}

static void send_rest(struct client *client)
{
	while (client->sent < client->request_bytes) {
		ssize_t done = send(client->fd, client->request + client->sent, client->request_bytes - client->sent,
		                    MSG_NOSIGNAL | MSG_DONTWAIT);

		if (done < 0 && errno == EAGAIN)
			return;
		if (done < 0)
			die("send:", strerror(errno));
		client->sent += (size_t)done;
	}
}

/* The client's next request; with none left it is silent. */
static void begin(struct load *load, struct client *client)
{
	client->request_bytes = client->sent = client->got = 0;
	if (load->begun == load->count)
		return;
	client->index = load->begun++;
	make_request(load, client);
	if (client->fd < 0)
		connect_client(load, client);
	client->begun_ns = now_ns();
	send_rest(client);
}

/* ---- one answer ------------------------------------------------------------------------------------- */

/* The value of a header, up to its line's end; NULL: it isn't there. */
static const char *header(const char *head, const char *name)
{
	for (const char *line = strstr(head, "\r\n"); line && line[2] != '\r'; line = strstr(line + 2, "\r\n"))
		if (strncasecmp(line + 2, name, strlen(name)) == 0)
			return line + 2 + strlen(name);
	return NULL;
}

static char *copy_until(const char *from, const char *ends)
{
	size_t bytes = strcspn(from, ends);
	char *copy = room(bytes + 1, 1);

	memcpy(copy, from, bytes);
	return copy;
}

/* The token's letters are those of an address, so it goes into the body as it is. */
static char *body_of_form(const struct load *load, const char *page)
{
	static const char MARK[] = "name=\"token\" value=\"";
	const char *at = strstr(page, MARK);
	char *token, *body;
	size_t bytes;

	if (!at)
		die("no token on", load->target);
	token = copy_until(at + strlen(MARK), "\"");
	bytes = strlen(token) + strlen(load->fields) + 8;
	body = room(bytes, 1);
	if (snprintf(body, bytes, "token=%s&%s", token, load->fields) >= (int)bytes)
		die("too long:", token);
	free(token);
	return body;
}

static void end(struct load *load, struct client *client, const char *body)
{
	const char *connection = header(client->answer, "Connection: "), *location;
	int status = (int)strtol(client->answer + strlen("HTTP/1.1 "), NULL, 10);

	load->took_ns[client->index] = now_ns() - client->begun_ns;
	if (status != load->status_wanted)
		die("unexpected answer:", client->answer);
	if (load->fields)
		load->lines[client->index] = body_of_form(load, body);
	if (load->locations && (location = header(client->answer, "Location: ")))
		load->locations[client->index] = copy_until(location, "\r?");
	load->done++;
	if (connection && strncasecmp(connection, "close", 5) == 0) {
		close(client->fd);
		client->fd = -1;
	}
	begin(load, client);
}

static void take_answer(struct load *load, struct client *client)
{
	for (;;) {
		ssize_t got = recv(client->fd, client->answer + client->got, MOST_ANSWER - client->got, MSG_DONTWAIT);
		const char *head_end, *length;

		if (got < 0 && errno == EAGAIN)
			return;
		if (got <= 0 && client->request_bytes == 0) { /* closed while idle */
			close(client->fd);
			client->fd = -1;
			return;
		}
		if (got <= 0)
			die("connection ended:", got < 0 ? strerror(errno) : "");
		client->got += (size_t)got;
		client->answer[client->got] = '\0';
		head_end = strstr(client->answer, "\r\n\r\n");
		if (!head_end)
			continue;
		length = header(client->answer, "Content-Length: ");
		if (!length)
			die("no length:", client->answer);
		if (client->got < (size_t)(head_end + 4 - client->answer) + number(length))
			continue;
		end(load, client, head_end + 4);
		if (client->fd < 0)
			return;
	}
}

/* ---- all of them ------------------------------------------------------------------------------------ */

static int64_t run(struct load *load)
{
	struct epoll_event events[MOST_EVENTS];
	int64_t begun_ns;

	for (int i = 0; i < load->client_count; i++)
		connect_client(load, &load->clients[i]);
	begun_ns = now_ns();
	for (int i = 0; i < load->client_count; i++)
		begin(load, &load->clients[i]);
	while (load->done < load->count) {
		int ready = epoll_wait(load->epoll_fd, events, MOST_EVENTS, 60000);

		if (ready <= 0)
			die("no answer", "for a minute");
		for (int i = 0; i < ready; i++) {
			struct client *client = events[i].data.ptr;

			if (client->fd >= 0 && (events[i].events & EPOLLOUT))
				send_rest(client);
			if (client->fd >= 0 && (events[i].events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP)))
				take_answer(load, client);
		}
	}
	return now_ns() - begun_ns;
}

static int by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static size_t different(char **texts, size_t count)
{
	size_t found = 0;

	for (size_t i = 0; i < count; i++)
		if (!texts[i])
			die("303", "without a Location");
	qsort(texts, count, sizeof *texts, by_text);
	for (size_t i = 0; i < count; i++)
		found += i == 0 || strcmp(texts[i - 1], texts[i]) != 0;
	return found;
}

static void report(struct load *load, int64_t took_ns)
{
	int64_t *sorted = load->took_ns;
	size_t count = load->count;

	qsort(sorted, count, sizeof *sorted, by_size);
	printf("{\"answers\": %zu, \"took_us\": %lld, \"p50_us\": %lld, \"p99_us\": %lld, \"most_us\": %lld", count,
	       (long long)(took_ns / 1000), (long long)(sorted[count / 2] / 1000),
	       (long long)(sorted[count - 1 - count / 100] / 1000), (long long)(sorted[count - 1] / 1000));
	if (load->locations)
		printf(", \"places\": %zu", different(load->locations, count));
	printf("}\n");
}

static void read_lines(struct load *load, const char *name)
{
	FILE *in = fopen(name, "r");
	size_t size = 0;

	for (size_t i = 0; i < load->count; i++) {
		if (!in || getline(&load->lines[i], &size, in) < 0)
			die("too few lines in", name);
		load->lines[i][strcspn(load->lines[i], "\n")] = '\0';
		size = 0;
	}
	fclose(in);
}

static void write_lines(const struct load *load, const char *name)
{
	FILE *out = fopen(name, "w");

	for (size_t i = 0; out && i < load->count; i++)
		fprintf(out, "%s\n", load->lines[i]);
	if (!out || fclose(out) != 0)
		die("cannot write", name);
}

int main(int argc, char **argv)
{
	struct load load = { .status_wanted = 200, .epoll_fd = epoll_create1(EPOLL_CLOEXEC) };
	const char *what = argc > 5 ? argv[3] : "";
	bool posts = strcmp(what, "post") == 0, forms = strcmp(what, "forms") == 0;

	if (argc != (forms ? 7 : 6) || (!posts && !forms && strcmp(what, "get") != 0)) {
		fprintf(stderr, "usage: load PORT CLIENTS get TARGET COUNT | forms FILE COUNT FIELDS | post FILE COUNT\n");
		return 2;
	}
	load.port = (int)number(argv[1]);
	load.client_count = (int)number(argv[2]);
	load.count = number(argv[5]);
	load.took_ns = room(load.count, sizeof *load.took_ns);
	load.lines = room(load.count, sizeof *load.lines);
	load.target = posts ? NULL : forms ? "/orders/new" : argv[4];
	load.fields = forms ? argv[6] : NULL;
	if (posts) {
		load.locations = room(load.count, sizeof *load.locations);
		load.status_wanted = 303;
		read_lines(&load, argv[4]);
	}
	load.clients = room((size_t)load.client_count, sizeof *load.clients);
	for (int i = 0; i < load.client_count; i++) {
		load.clients[i].fd = -1;
		load.clients[i].request = room(MOST_REQUEST, 1);
		load.clients[i].answer = room(MOST_ANSWER, 1);
	}
	report(&load, run(&load));
	if (forms)
		write_lines(&load, argv[4]);
	return 0;
}
