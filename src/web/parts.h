/* parts.h: what the files of this room hand each other. Not for pages: theirs are request.h and page.h. */
#ifndef WEB_PARTS_H
#define WEB_PARTS_H

#include "web/server.h"

/* ---- request.c: parameters, address, query and form ------------------------------------------------ */

struct web_pair { const char *name, *value; };
struct web_pairs { struct web_pair *items; size_t count; };

enum pairs_result {
	PAIRS_READ,
	PAIRS_BAD,      /* a broken escape, NUL, broken UTF-8, a doubled name, a name too long or empty */
	PAIRS_TOO_MANY, /* more than SIZE_FORM_FIELDS. A value may fill the whole: what is too long for a field is
	                   said beside it, with nothing typed lost */
};

/* Reads "a=1&b=2" (application/x-www-form-urlencoded). *out is never NULL afterwards. */
MUST_USE enum pairs_result pairs_read(struct arena *mem, const char *bytes, size_t count, struct web_pairs **out);
MUST_USE const char *pairs_find(const struct web_pairs *pairs, const char *name); /* NULL: absent */
void pairs_add(struct web_pairs *pairs, struct arena *mem, const char *name, const char *value);

/* How often `name` is among the parameters; *value is the first, or NULL. */
MUST_USE size_t params_count(char *const *params, const char *name, const char **value);

/* Reads REQUEST_URI (or SCRIPT_NAME, PATH_INFO and QUERY_STRING) into req->path and req->query.
 * WEB_OK, or the status and *reason. */
MUST_USE enum web_status request_read_address(struct web_request *req, const char **reason);

/* ---- origin.c --------------------------------------------------------------------------------------- */

/* Did a page of ours send this POST, as far as the browser tells? *reason is a word for the log. */
MUST_USE bool origin_is_ours(const char *public_url, char *const *params, const char **reason);

/* ---- response.c ------------------------------------------------------------------------------------- */

/* Head and body of the page, whose body is there. False: a head line would hold what it must not. */
MUST_USE bool response_make(const struct web_page *page, int status, const char *base_path, bool is_head,
                            struct web_answer *out);
/* Hands the body to `send` piece by piece, none of them empty. False: broken off, by either side. */
MUST_USE bool response_send_stream(const struct web_stream *stream,
                                   bool (*send)(void *to, const char *bytes, size_t count), void *to);
/* The plain answer when nothing else can be said. */
void response_broken(struct arena *mem, bool is_head, struct web_answer *out);

/* ---- dispatch.c ------------------------------------------------------------------------------------- */

/* How many bytes of body the request with these parameters may have: 0 where none is wanted. */
MUST_USE size_t dispatch_body_limit(struct web_site *site, struct arena *mem, char *const *params);

/* ---- listen.c --------------------------------------------------------------------------------------- */

struct web_listener {
	int fd;
	char *unix_path;        /* ours to unlink; NULL: not made here */
	uint64_t device, inode; /* of unix_path as we made it */
};

/* "unix:PATH", "HOST:PORT", or NULL for descriptor 0. The descriptor is non-blocking and listens. */
MUST_USE bool listener_open(struct web_listener *listener, const char *where, struct problem *why);
void listener_hide(struct web_listener *listener); /* nobody new finds it; who had connected is still accepted */
void listener_close(struct web_listener *listener);
MUST_USE bool listener_is(int fd); /* a listening socket? */

/* ---- connections.c: who is connected, and whose turn it is ------------------------------------------ */

struct connections;

enum turn {
	TURN_SERVE, /* *fd has something to read and is the caller's until connections_rest or _end */
	TURN_AGAIN, /* nothing for the caller this time                                           */
	TURN_END,   /* stopping, and nothing that has arrived is left                             */
};

MUST_USE struct connections *connections_open(int listen_fd, const struct clock *clock, struct problem *why);
void connections_close(struct connections *all); /* closes each connection too */
MUST_USE enum turn connections_wait(struct connections *all, int *slot, int *fd);
void connections_rest(struct connections *all, int slot); /* kept open: back to waiting for its next request */
void connections_end(struct connections *all, int slot);  /* closes it                                       */
void connections_stop(struct connections *all);           /* wakes every waiter                              */
MUST_USE bool connections_are_stopping(struct connections *all);
/* Becomes readable, and stays so, when stopping begins. */
MUST_USE int connections_stop_fd(const struct connections *all);

/* ---- records.c: FastCGI 1.0 on one connection ------------------------------------------------------- */

enum {
	RECORDS_READ_MS = 10 * MS_A_SECOND,  /* a request has so long to come whole, from its first byte        */
	RECORDS_WRITE_MS = 30 * MS_A_SECOND, /* a web server has so long to take the next bytes of an answer    */
	RECORDS_STOP_MS = 3 * MS_A_SECOND,   /* what is left of RECORDS_READ_MS once the process is to end      */
	RECORDS_PARAMS_BYTES = 128 * 1024,
	RECORDS_DRAIN_BYTES = 1024 * 1024,   /* of a body nobody wants: read and dropped, then the answer is read */
};

/* One thread's reading place; `bytes` may hold the beginning of the connection's next request. */
struct record_reader {
	int fd, stop_fd;
	int64_t until_ms;
	bool is_stopping;
	size_t at, filled;
	unsigned char bytes[16 * 1024];
};

struct record_request {
	int id;
	bool is_kept;  /* the web server wants to use the connection again */
	char **params; /* "NAME=value", doubled ones twice, NULL at the end; no NUL in a value */
};

void records_begin(struct record_reader *reader, int fd, int stop_fd);
/* The request up to its body. False: the connection is closed, too slow, or speaks something else than
 * FastCGI as a responder's web server does: there is nothing to answer. */
MUST_USE bool records_read_request(struct record_reader *reader, struct arena *mem, struct record_request *out);
/* Up to `most` bytes of body; *bytes is most + 1 where there were more. *is_whole: the end was read, so the
 * connection may be kept. False: as above. */
MUST_USE bool records_read_body(struct record_reader *reader, const struct record_request *request, struct arena *mem,
                                size_t most, char **body, size_t *bytes, bool *is_whole);
/* False: the web server took it not, or not all, or a stream was broken off: then the web server is not told that
 * the answer has ended, so that it doesn't say so to the browser. */
MUST_USE bool records_write(const struct record_reader *reader, const struct record_request *request,
                            struct arena *mem, const struct web_answer *answer);

#endif
