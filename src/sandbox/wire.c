/* wire.c: raw writes. Every wait also watches stop_fd, so that the program can end. */
#include "sandbox/wire.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/text.h"
#include "sandbox/gzip_bomb.h"

struct line_out {
	int fd, stop_fd;
};

const char *wire_reason(int status)
{
	static const struct { int status; const char *reason; } reasons[] = {
		{ 100, "Continue" }, { 102, "Processing" }, { 103, "Early Hints" }, { 200, "OK" }, { 202, "Accepted" },
		{ 302, "Found" }, { 400, "Bad Request" }, { 401, "Unauthorized" }, { 403, "Forbidden" },
		{ 404, "Not Found" }, { 410, "Gone" }, { 422, "Unprocessable Entity" }, { 429, "Too Many Requests" },
		{ 500, "Internal Server Error" }, { 502, "Bad Gateway" }, { 503, "Service Unavailable" },
		{ 504, "Gateway Timeout" },
	};

	for (size_t i = 0; i < COUNT_OF(reasons); i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "";
}

/* False: client gone or program ending. */
static bool put(const struct line_out *line, const char *bytes, size_t count)
{
	while (count) {
		ssize_t sent = send(line->fd, bytes, count, MSG_NOSIGNAL | MSG_DONTWAIT);
		struct pollfd wait[2] = {
			{ .fd = line->fd, .events = POLLOUT }, { .fd = line->stop_fd, .events = POLLIN },
		};

		if (sent > 0) {
			bytes += sent;
			count -= (size_t)sent;
			continue;
		}
		if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
			return false;
		if (poll(wait, 2, -1) < 0 && errno != EINTR)
			return false;
		if (wait[1].revents)
			return false;
	}
	return true;
}

/* Waits; with pause_ms -1 until the client is gone. False: client gone or program ending. */
static bool pause_ms(const struct line_out *line, int64_t pause)
{
	int64_t until = clock_steady_ms(&clock_of_machine) + pause;
	struct pollfd wait[2] = {
		{ .fd = line->fd, .events = POLLRDHUP }, { .fd = line->stop_fd, .events = POLLIN },
	};

	for (;;) {
		int64_t left = pause < 0 ? -1 : until - clock_steady_ms(&clock_of_machine);
		int ready;

		if (pause >= 0 && left <= 0)
			return true;
		ready = poll(wait, 2, (int)left);
		if (ready > 0 || (ready < 0 && errno != EINTR))
			return false;
	}
}

/* Everything up to the body; `length` -1 leaves out Content-Length. */
static char *head_of(struct arena *mem, const struct answer *answer, int64_t length, const char *more)
{
	struct text text;

	text_begin(&text, mem, 0);
	text_print(&text, "HTTP/1.1 %d %s\r\nContent-Type: %s\r\n", answer->status, wire_reason(answer->status),
	           answer->content_type ? answer->content_type : "application/json");
	for (size_t i = 0; i < answer->headers.count; i++)
		text_print(&text, "%s: %s\r\n", answer->headers.list[i].name, answer->headers.list[i].value);
	if (length >= 0)
		text_print(&text, "Content-Length: %lld\r\n", (long long)length);
	text_print(&text, "%sConnection: close\r\n\r\n", more);
	return text.bytes;
}

static bool put_head(const struct line_out *line, struct arena *mem, const struct answer *answer, int64_t length,
                     const char *more)
{
	char *head = head_of(mem, answer, length, more);

	return put(line, head, strlen(head));
}

/* --- manners ------------------------------------------------------------------------------- */

static enum wired send_cut(const struct line_out *line, struct arena *mem, const struct answer *answer)
{
	struct sockaddr nobody = { .sa_family = AF_UNSPEC };

	(void)mem;
	/* Connecting to nobody sends RST (Linux). SO_LINGER would not do: libmicrohttpd shuts down first. */
	if (answer->how.with_reset)
		(void)connect(line->fd, &nobody, sizeof nobody);
	return WIRED_DONE;
}

static enum wired send_cut_in_header(const struct line_out *line, struct arena *mem, const struct answer *answer)
{
	char *head = head_of(mem, answer, (int64_t)answer->body_bytes, "");

	(void)put(line, head, strlen(head) / 2);
	return WIRED_DONE;
}

static enum wired send_truncate(const struct line_out *line, struct arena *mem, const struct answer *answer)
{
	size_t bytes = (size_t)answer->how.bytes;

	if (bytes > answer->body_bytes)
		bytes = answer->body_bytes;
	if (put_head(line, mem, answer, (int64_t)answer->body_bytes, ""))
		(void)put(line, answer->body, bytes);
	return WIRED_DONE;
}

enum { BLANKS = 16 * 1024 };

static const char *blanks(struct arena *mem)
{
	char *piece = arena_alloc(mem, BLANKS);

	memset(piece, ' ', BLANKS);
	return piece;
}

/* Chunks of blanks behind the real body, and never a last chunk. */
static enum wired send_endless(const struct line_out *line, struct arena *mem, const struct answer *answer)
{
	const char *piece = blanks(mem);
	char *size = arena_print(mem, "%zx\r\n", answer->body_bytes);
	bool ok = put_head(line, mem, answer, -1, "Transfer-Encoding: chunked\r\n") && put(line, size, strlen(size)) &&
	          put(line, answer->body, answer->body_bytes) && put(line, "\r\n", 2);

	size = arena_print(mem, "%x\r\n", BLANKS);
	for (int64_t sent = 0; ok && sent < answer->how.bytes; sent += BLANKS)
		ok = put(line, size, strlen(size)) && put(line, piece, BLANKS) && put(line, "\r\n", 2);
	return WIRED_DONE;
}

/* The real body, then blanks up to how.bytes: right JSON, only far too long. */
static enum wired send_big(const struct line_out *line, struct arena *mem, const struct answer *answer)
{
	const char *piece = blanks(mem);
	int64_t left = answer->how.bytes - (int64_t)answer->body_bytes;
	bool ok;

	left = left > 0 ? left : 0;
	ok = put_head(line, mem, answer, (int64_t)answer->body_bytes + left, "") &&
	     put(line, answer->body, answer->body_bytes);
	for (; ok && left > 0; left -= BLANKS)
		ok = put(line, piece, left < BLANKS ? (size_t)left : BLANKS);
	return WIRED_DONE;
}

static bool put_piece(void *line, const char *bytes, size_t count)
{
	return put(line, bytes, count);
}

static enum wired send_gzip_bomb(const struct line_out *line, struct arena *mem, const struct answer *answer)
{
	struct line_out copy = *line;

	if (put_head(line, mem, answer, -1, "Content-Encoding: gzip\r\n"))
		(void)!gzip_bomb(answer->how.bytes, put_piece, &copy);
	return WIRED_DONE;
}

static enum wired send_drip(const struct line_out *line, struct arena *mem, const struct answer *answer)
{
	struct text all;

	text_begin(&all, mem, 0);
	text_add_text(&all, head_of(mem, answer, (int64_t)answer->body_bytes, ""));
	text_add(&all, answer->body, answer->body_bytes);
	for (size_t i = 0; i < all.count; i++)
		if (!put(line, all.bytes + i, 1) || !pause_ms(line, answer->how.pause_ms))
			break;
	return WIRED_DONE;
}

static enum wired send_silence(const struct line_out *line, struct arena *mem, const struct answer *answer)
{
	(void)mem, (void)answer;
	(void)pause_ms(line, -1);
	return WIRED_DONE;
}

static enum wired send_interim(const struct line_out *line, struct arena *mem, const struct answer *answer)
{
	const struct manner_of *how = &answer->how;
	char *head = arena_print(mem, "HTTP/1.1 %d %s\r\n\r\n", how->interim_status, wire_reason(how->interim_status));

	for (int64_t i = 0; i < how->interim_count; i++) {
		if (i && how->pause_ms && !pause_ms(line, how->pause_ms))
			return WIRED_DONE;
		if (!put(line, head, strlen(head)))
			return WIRED_DONE;
	}
	if (how->then == MANNER_SILENCE)
		return send_silence(line, mem, answer);
	return how->then == MANNER_WHOLE ? WIRED_GO_ON : WIRED_DONE;
}

enum wired wire_send(int fd, int stop_fd, struct arena *mem, const struct answer *answer)
{
	static enum wired (*const manners[])(const struct line_out *, struct arena *, const struct answer *) = {
		[MANNER_CUT] = send_cut, [MANNER_CUT_IN_HEADER] = send_cut_in_header, [MANNER_TRUNCATE] = send_truncate,
		[MANNER_ENDLESS] = send_endless, [MANNER_BIG] = send_big, [MANNER_GZIP_BOMB] = send_gzip_bomb,
		[MANNER_DRIP] = send_drip, [MANNER_SILENCE] = send_silence, [MANNER_INTERIM] = send_interim,
	};
	struct line_out line = { fd, stop_fd };

	if (answer->how.manner == MANNER_WHOLE)
		return WIRED_GO_ON;
	return manners[answer->how.manner](&line, mem, answer);
}
