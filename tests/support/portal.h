/* portal.h: the whole portal in one process without sockets: real ledger, desk, web and templates. Time is set by the
 * test; in Runa's place the test says which state an order's attempt goes to. */
#ifndef SUPPORT_PORTAL_H
#define SUPPORT_PORTAL_H

#include "pages/pages.h"
#include "pages/site.h"
#include "support/faulty_vfs.h"

#define PORTAL_START_MS INT64_C(1795424400000) /* 2026-11-23 09:00:00 UTC */

struct portal {
	struct clock clock; /* first: the clock's functions find the portal by it */
	int64_t now_ms;
	struct faulty_vfs *vfs; /* the ledger's disk is memory, and fails when told to */
	struct ledger *ledger;
	struct seal_key link_key;
	struct desk *desk;
	struct pages_app app;
	struct web_site site;
	struct arena *mem;
	unsigned roles; /* of everybody */
};

/* Templates come from $srcdir/templates. Ends the test where something cannot be opened. */
struct portal *portal_open(void);
void portal_close(struct portal *portal);
/* For cmocka's setup and teardown. */
int open_portal(void **state);
int close_portal(void **state);

/* An answer; text lives until portal_close. */
struct portal_answer {
	int status;
	const char *head, *body;
	bool is_broken_off; /* a stream that could not go on */
};
struct portal_answer portal_get(struct portal *portal, const char *user, const char *uri);
struct portal_answer portal_head_of(struct portal *portal, const char *user, const char *uri); /* HEAD */
/* `fields` as a form is encoded. */
struct portal_answer portal_post(struct portal *portal, const char *user, const char *uri, const char *fields);

/* A good token of `purpose` for `user`, as the pages make it. */
const char *portal_token(struct portal *portal, const char *purpose, const char *user);
/* Places AMZ-GB for 10.00 GBP as a link for `user`; its number. */
const char *portal_place(struct portal *portal, const char *user);
/* The latest attempt of the order goes to `to`, as if `meaning` had been recorded for a try. `step` may carry advice,
 * error_type, error_message and other news; the rest is filled in. */
void portal_settle(struct portal *portal, const char *number, enum attempt_state to, enum meaning meaning,
                   struct ledger_step step);
/* The same, completed, with price, discount and link. */
void portal_complete(struct portal *portal, const char *number);

/* Is `piece` in the answer's body? */
bool portal_says(struct portal_answer answer, const char *piece);
/* The value of a head line, or NULL. */
const char *portal_head(struct portal *portal, struct portal_answer answer, const char *name);

#endif
