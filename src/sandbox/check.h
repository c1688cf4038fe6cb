/* check.h: whether a request's JSON matches the schema of runa-api 6, with the two styles of
 * complaint: production's and the playground's (16.1). Knows no catalogue. */
#ifndef SANDBOX_CHECK_H
#define SANDBOX_CHECK_H

#include "sandbox/exchange.h"

enum complaint {
	COMPLAINT_MISSING,
	COMPLAINT_NOT_TEXT,
	COMPLAINT_NOT_NUMBER,
	COMPLAINT_NOT_OBJECT,
	COMPLAINT_NOT_LIST,
	COMPLAINT_NOT_ALLOWED,   /* none of the permitted values */
	COMPLAINT_TOO_SMALL,
	COMPLAINT_TOO_LONG,      /* characters */
	COMPLAINT_TOO_SHORT,
	COMPLAINT_TOO_FEW,       /* entries */
	COMPLAINT_TOO_MANY,
	COMPLAINT_NOT_UNIQUE,
	COMPLAINT_PATTERN,
	COMPLAINT_EMAIL,
	COMPLAINTS
};

enum { CHECK_DETAILS_MAX = 100 };

struct check {
	struct arena *mem;
	bool is_playground;
	struct json_object *details; /* list; empty: all is well */
};

void check_begin(struct check *check, struct arena *mem, bool is_playground);
void check_header(struct check *check, const char *name, enum complaint complaint);
/* The body of POST /order, or of POST /order/estimate. `body` NULL is JSON null. */
void check_order(struct check *check, struct json_object *body);
void check_estimate(struct check *check, struct json_object *body);
MUST_USE bool check_is_right(const struct check *check);
/* 422 with the details. */
void check_answer(const struct check *check, struct answer *answer);

/* Permitted as payment_method.currency (runa-api appendix B). */
MUST_USE bool check_is_payment_currency(const char *currency);

#endif
