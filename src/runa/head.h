/* head.h: what is kept of an answer's status lines and header fields, line by line as they come.
 * Used by client.c alone; knows no connection. */
#ifndef RUNA_HEAD_H
#define RUNA_HEAD_H

#include "base/base.h"

enum {
	HEAD_BYTES = 256 * 1024,     /* of all status lines and fields of one answer */
	HEAD_INTERIMS = 100,         /* 1xx answers before one try */
	HEAD_RETRY_AFTER_MS = 3600 * 1000, /* the longest pause that a stranger may ask for */
};

struct runa_head {
	int status;             /* of the final status line; 0: none so far */
	int interims;           /* 1xx status lines so far */
	bool is_in_block, is_over;
	bool is_coded;          /* the body is compressed although we never offered to read that */
	size_t bytes;
	int64_t retry_after_ms; /* -1: none or rubbish */
	char request_id[64];
};

void runa_head_begin(struct runa_head *head);
/* One line with its line end; wall_ms is for a Retry-After that is a date. False: the limits above
 * are passed, the try ends. */
MUST_USE bool runa_head_line(struct runa_head *head, const char *line, size_t bytes, int64_t wall_ms);

#endif
