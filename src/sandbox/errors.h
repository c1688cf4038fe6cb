/* errors.h: the documented refusals (runa-api 16.2) by type. */
#ifndef SANDBOX_ERRORS_H
#define SANDBOX_ERRORS_H

#include "sandbox/exchange.h"

struct settings;

/* Who says it decides whether an answer stays with the idempotency key (runa-api 8.2, 8.3). */
enum keeping {
	KEPT_NOT,     /* said in front of the ordering service */
	KEPT_ALWAYS,  /* said by the ordering service */
	KEPT_IF_5XX,  /* setting store_5xx */
	KEPT_IF_429,  /* setting store_429 */
};

struct error_type {
	const char *type; /* as in the answer */
	int status;
	enum keeping keeping;
	const char *message, *help; /* help may be NULL: then left out */
};

/* NULL: no such type is documented. */
MUST_USE const struct error_type *error_find(const char *type);

/* An error answer. `type` must be documented; `message` NULL takes the table's. */
void error_answer(struct answer *answer, struct arena *mem, const struct settings *settings,
                  const char *type, const char *message);
/* 429 with its odd body (runa-api 16.1). */
void error_rate(struct answer *answer, struct arena *mem, const struct settings *settings);

/* Whether an answer of that status stays with the key when nothing else is known about it. */
MUST_USE bool error_status_is_kept(const struct settings *settings, int status);

#endif
