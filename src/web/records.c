/* records.c: FastCGI 1.0 records, in and out. Must not know what a request is about.
 *
 * Read here and not by libfcgi's FCGX_Accept_r, against our own rule (libraries over own code): with libfcgi 2.4.2,
 * Debian's mend of CVE-2025-23016 included, two parameter lengths of 2^30 in a message of 48 bytes end the process
 * (fcgiapp.c, Malloc's assertion), half a request holds its thread for ever, and there is no way to stop without
 * cutting a request that is being read. Its header <fastcgi.h> has the protocol's names. Here a length is checked
 * against what really came, the whole request against one time limit, and what no web server sends closes the
 * connection. Once libfcgi bears the table of test_records.c, this file should go.
 */
#include <errno.h>
#include <fastcgi.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/text.h"
#include "web/parts.h"

enum { RECORD_MOST_BYTES = 65528 }; /* of an answer's record: the most that needs no padding */

struct record {
	int type, id;
	size_t bytes, padding; /* not read yet */
};

void records_begin(struct record_reader *reader, int fd, int stop_fd)
{
	reader->fd = fd;
	reader->stop_fd = stop_fd;
	reader->is_stopping = false;
	reader->at = reader->filled = 0;
}

/* ---- bytes ------------------------------------------------------------------------------------------ */

/* Waits until there is something to read. When the process is to end, less patience is left. */
static bool wait_readable(struct record_reader *reader)
{
	for (;;) {
		struct pollfd ready[2] = {
			{ .fd = reader->fd, .events = POLLIN }, { .fd = reader->stop_fd, .events = POLLIN },
		};
		int64_t now_ms = clock_steady_ms(&clock_of_machine);

		if (now_ms >= reader->until_ms)
			return false;
		int count = poll(ready, reader->is_stopping ? 1 : 2, (int)(reader->until_ms - now_ms));

		if (count < 0 && errno != EINTR)
			return false;
		if (count <= 0)
			continue;
		if (ready[0].revents)
			return true;
		reader->is_stopping = true;
		if (reader->until_ms > now_ms + RECORDS_STOP_MS)
			reader->until_ms = now_ms + RECORDS_STOP_MS;
	}
}

static bool fill(struct record_reader *reader)
{
	for (;;) {
		ssize_t got = recv(reader->fd, reader->bytes, sizeof reader->bytes, 0);

		if (got > 0) {
			reader->at = 0;
			reader->filled = (size_t)got;
			return true;
		}
		if (got == 0 || (errno != EAGAIN && errno != EINTR))
			return false;
		if (!wait_readable(reader))
			return false;
	}
}

/* Takes `count` bytes; `out` NULL drops them. */
static bool take(struct record_reader *reader, void *out, size_t count)
{
	size_t done = 0;

	while (done < count) {
		if (reader->at == reader->filled && !fill(reader))
			return false;
		size_t piece = reader->filled - reader->at;

		if (piece > count - done)
			piece = count - done;
		if (out)
			memcpy((char *)out + done, reader->bytes + reader->at, piece);
		reader->at += piece;
		done += piece;
	}
	return true;
}

static bool take_head(struct record_reader *reader, struct record *out)
{
	FCGI_Header head;

	if (!take(reader, &head, sizeof head) || head.version != FCGI_VERSION_1)
		return false;
	out->type = head.type;
	out->id = head.requestIdB1 << 8 | head.requestIdB0;
	out->bytes = (size_t)head.contentLengthB1 << 8 | head.contentLengthB0;
	out->padding = head.paddingLength;
	return true;
}

/* ---- parameters ------------------------------------------------------------------------------------- */

/* One or four bytes; `left` goes down by what was read. */
static bool read_length(const unsigned char **at, size_t *left, size_t *out)
{
	const unsigned char *b = *at;
	size_t count;

	if (*left < 1)
		return false;
	count = *b & 0x80 ? 4 : 1;
	if (*left < count)
		return false;
	*out = count == 1 ? *b : (size_t)(b[0] & 0x7f) << 24 | (size_t)b[1] << 16 | (size_t)b[2] << 8 | b[3];
	*at += count;
	*left -= count;
	return true;
}

/* The next "NAME=value" of what is left; NULL: it isn't there whole, or is none. */
static char *read_param(struct arena *mem, const unsigned char **at, size_t *left)
{
	size_t name, value;
	char *param;

	if (!read_length(at, left, &name) || !read_length(at, left, &value) || name == 0 || name > *left ||
	    value > *left - name || memchr(*at, '\0', name + value) || memchr(*at, '=', name))
		return NULL;
	param = arena_alloc(mem, name + value + 2);
	memcpy(param, *at, name);
	param[name] = '=';
	memcpy(param + name + 1, *at + name, value);
	*at += name + value;
	*left -= name + value;
	return param;
}

static bool read_params(struct arena *mem, const struct text *all, char ***out)
{
	const unsigned char *at = (const unsigned char *)all->bytes;
	size_t left = all->count, room = 64, count = 0;
	char **params = arena_array(mem, room, sizeof *params);

	while (left > 0) {
		if (count + 1 == room) {
			char **more = arena_array(mem, room * 2, sizeof *more);

			memcpy(more, params, room * sizeof *params);
			params = more;
			room *= 2;
		}
		params[count] = read_param(mem, &at, &left);
		if (!params[count++])
			return false;
	}
	*out = params; /* zeroed: NULL is at the end */
	return true;
}

/* Takes the record's content into `text`. */
static bool take_content(struct record_reader *reader, const struct record *record, struct text *text)
{
	char piece[4096];

	for (size_t left = record->bytes; left > 0;) {
		size_t count = left < sizeof piece ? left : sizeof piece;

		if (!take(reader, piece, count))
			return false;
		text_add(text, piece, count);
		left -= count;
	}
	return take(reader, NULL, record->padding);
}

/* ---- a request -------------------------------------------------------------------------------------- */

static bool take_begin(struct record_reader *reader, struct record_request *out)
{
	FCGI_BeginRequestBody body;
	struct record record;

	if (!take_head(reader, &record) || record.type != FCGI_BEGIN_REQUEST || record.id == FCGI_NULL_REQUEST_ID ||
	    record.bytes != sizeof body || !take(reader, &body, sizeof body) || !take(reader, NULL, record.padding))
		return false;
	out->id = record.id;
	out->is_kept = body.flags & FCGI_KEEP_CONN;
	return (body.roleB1 << 8 | body.roleB0) == FCGI_RESPONDER;
}

bool records_read_request(struct record_reader *reader, struct arena *mem, struct record_request *out)
{
	struct record record;
	struct text all;

	reader->until_ms = clock_steady_ms(&clock_of_machine) + RECORDS_READ_MS;
	reader->is_stopping = false;
	text_begin(&all, mem, RECORDS_PARAMS_BYTES);
	if (!take_begin(reader, out))
		return false;
	do {
		if (!take_head(reader, &record) || record.type != FCGI_PARAMS || record.id != out->id ||
		    !take_content(reader, &record, &all) || all.is_cut)
			return false;
	} while (record.bytes > 0);
	return read_params(mem, &all, &out->params);
}

bool records_read_body(struct record_reader *reader, const struct record_request *request, struct arena *mem,
                       size_t most, char **body, size_t *bytes, bool *is_whole)
{
	struct record record;
	size_t taken = 0;
	char *kept = arena_alloc(mem, most + 1);

	*body = kept;
	*bytes = 0;
	do {
		if (!take_head(reader, &record) || record.type != FCGI_STDIN || record.id != request->id)
			return false;
		size_t wanted = record.bytes < most - *bytes ? record.bytes : most - *bytes;

		if (!take(reader, kept + *bytes, wanted) ||
		    !take(reader, NULL, record.bytes - wanted + record.padding))
			return false;
		*bytes += wanted;
		taken += record.bytes;
	} while (record.bytes > 0 && taken <= most + RECORDS_DRAIN_BYTES);
	*is_whole = record.bytes == 0;
	if (taken > most)
		*bytes = most + 1;
	return true;
}

/* ---- an answer -------------------------------------------------------------------------------------- */

static FCGI_Header record_head(int type, int id, size_t bytes)
{
	return (FCGI_Header){
		.version = FCGI_VERSION_1, .type = (unsigned char)type,
		.requestIdB1 = (unsigned char)(id >> 8), .requestIdB0 = (unsigned char)id,
		.contentLengthB1 = (unsigned char)(bytes >> 8), .contentLengthB0 = (unsigned char)bytes,
	};
}

static void add_record(struct text *out, int type, int id, const void *content, size_t bytes)
{
	const FCGI_Header head = record_head(type, id, bytes);

	text_add(out, (const char *)&head, sizeof head);
	text_add(out, content, bytes);
}

static void add_stream(struct text *out, int id, const char *bytes, size_t count)
{
	for (size_t done = 0; done < count;) {
		size_t piece = count - done < RECORD_MOST_BYTES ? count - done : RECORD_MOST_BYTES;

		add_record(out, FCGI_STDOUT, id, bytes + done, piece);
		done += piece;
	}
}

static bool send_all(int fd, const char *bytes, size_t count)
{
	while (count > 0) {
		ssize_t done = send(fd, bytes, count, MSG_NOSIGNAL);

		if (done >= 0) {
			bytes += done;
			count -= (size_t)done;
		} else if (errno == EAGAIN) {
			struct pollfd ready = { .fd = fd, .events = POLLOUT };

			if (poll(&ready, 1, RECORDS_WRITE_MS) == 0)
				return false;
		} else if (errno != EINTR) {
			return false;
		}
	}
	return true;
}

/* Where a stream's pieces go. */
struct stream_way {
	int fd, id;
};

/* Each record's head and content one after the other: a piece is not copied again. */
static bool send_piece(void *to, const char *bytes, size_t count)
{
	const struct stream_way *way = to;

	while (count > 0) {
		size_t part = count < RECORD_MOST_BYTES ? count : RECORD_MOST_BYTES;
		const FCGI_Header head = record_head(FCGI_STDOUT, way->id, part);

		if (!send_all(way->fd, (const char *)&head, sizeof head) || !send_all(way->fd, bytes, part))
			return false;
		bytes += part;
		count -= part;
	}
	return true;
}

bool records_write(const struct record_reader *reader, const struct record_request *request, struct arena *mem,
                   const struct web_answer *answer)
{
	const FCGI_EndRequestBody end = { .protocolStatus = FCGI_REQUEST_COMPLETE };
	struct stream_way way = { .fd = reader->fd, .id = request->id };
	struct text out;

	text_begin(&out, mem, 0);
	add_stream(&out, request->id, answer->head, answer->head_bytes);
	add_stream(&out, request->id, answer->body, answer->body_bytes);
	if (answer->stream.next) {
		if (!send_all(reader->fd, out.bytes, out.count) ||
		    !response_send_stream(&answer->stream, send_piece, &way))
			return false;
		text_begin(&out, mem, 0);
	}
	add_record(&out, FCGI_STDOUT, request->id, "", 0);
	add_record(&out, FCGI_END_REQUEST, request->id, &end, sizeof end);
	return send_all(reader->fd, out.bytes, out.count);
}
