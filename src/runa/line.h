/* line.h: the line to Runa, as the dispatcher sees it: requests go in, answers come out. client.h is
 * the real one (libcurl); the simulation has its own. One thread uses a line; wake may come from any. */
#ifndef RUNA_LINE_H
#define RUNA_LINE_H

#include "base/arena.h"
#include "base/base.h"

struct runa_request {
	const char *method;  /* "GET" or "POST" */
	const char *path;    /* behind the base URL, with query: "/order?limit=500" */
	const char *headers; /* "Name: value\n" lines, all but the API key, which the line adds; NULL: none */
	const char *body;    /* NULL: none */
	size_t body_bytes;
	size_t max_answer_bytes;
};

enum runa_transport {
	RUNA_ANSWERED, /* a final status line and the whole body */
	RUNA_NOT_SENT, /* no name, no connection, no TLS: not a byte of the request left */
	RUNA_NOT_TRUSTED, /* NOT_SENT because the TLS certificate is not trusted: a setup fault */
	RUNA_INTERIM,  /* 102 (or another 1xx) and then nothing more */
	RUNA_LOST,     /* cut, late, too long, unreadable: anything may have happened */
};

struct runa_answer {
	void *tag;                 /* as given to begin */
	enum runa_transport transport;
	int status;                /* 0: none */
	bool is_resent;            /* the line sent it twice by itself (a reused connection had died): a
	                              refusal then says nothing about the first sending */
	char *body;                /* NUL behind body_bytes; NULL: none. Given back by runa_answer_drop */
	size_t body_bytes;
	int64_t retry_after_ms;    /* of Retry-After in seconds or as a date; -1: none or rubbish */
	char request_id[64];       /* X-Amzn-Requestid, printable ASCII only, or "" */
	char trouble[160];         /* for the log: what went wrong on the way; never key, body or link */
};

struct runa_line {
	/* Takes copies of all it needs; each begin is followed by exactly one answer with its tag. */
	void (*begin)(struct runa_line *line, const struct runa_request *request, void *tag);
	/* Waits until an answer is there, wake was called, or timeout_ms are over; fills at most `max`. */
	size_t (*wait)(struct runa_line *line, int timeout_ms, struct runa_answer *out, size_t max);
	void (*wake)(struct runa_line *line);
	void (*close)(struct runa_line *line); /* calls under way end without an answer */
};

void runa_answer_drop(struct runa_answer *answer);

#endif
