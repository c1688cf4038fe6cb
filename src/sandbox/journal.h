/* journal.h: what was asked, byte for byte, so that a test can compare tries. The API key is never in
 * it. Bounded: the oldest go first. Guarded by the world's lock. */
#ifndef SANDBOX_JOURNAL_H
#define SANDBOX_JOURNAL_H

#include "sandbox/exchange.h"

enum {
	JOURNAL_REQUESTS_MAX = 200000,
	JOURNAL_ANSWER_MAX = 512 * 1024, /* kept of one answer's body */
};
#define JOURNAL_BYTES_MAX ((size_t)768 * 1024 * 1024)

struct journal_entry {
	uint64_t number;    /* 1, 2, 3, ... */
	char *method, *path;
	char *told;         /* the request's members as JSON text, without braces */
	char *answer_base64;
	char *order_id;
	int status;         /* 0: not answered (yet), or cut */
	bool is_answer_cut; /* only the first JOURNAL_ANSWER_MAX bytes are kept */
};

struct journal {
	struct journal_entry *ring; /* entry n is at (n - 1) % room */
	size_t room;
	uint64_t first, asked, answered; /* first: oldest kept number; asked: also the newest number */
	size_t bytes;
};

struct journal_filter {
	const char *method, *path; /* NULL: any */
	uint64_t from;             /* the smallest number wanted */
	size_t limit;
};

void journal_begin(struct journal *journal);
void journal_end(struct journal *journal);

/* Counts the request and returns its number; keeps its bytes if `is_kept`. */
MUST_USE uint64_t journal_ask(struct journal *journal, const struct request *request, int64_t at_ms,
                              bool is_key_right, bool is_kept);
/* What was answered; status 0 for a connection that is cut before a status line. */
void journal_answer(struct journal *journal, uint64_t number, const struct answer *answer, int status);
/* JSON list of what matches. */
MUST_USE char *journal_show(const struct journal *journal, struct arena *mem, const struct journal_filter *filter);

#endif
