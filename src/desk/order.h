/* order.h: placing orders and looking at them. */
#ifndef DESK_ORDER_H
#define DESK_ORDER_H

#include "desk/desk.h"
#include "desk/rules.h"

enum placed {
	PLACED_NEW,       /* stored, survives a power cut, will be sent                       */
	PLACED_BEFORE,    /* this form was used with the same content: out is that order      */
	PLACED_OTHERWISE, /* this form was used with other content: out is that order         */
	PLACED_NOT,       /* a rule says no: errors has a line for each field, nothing stored */
	PLACED_FULL,      /* the ledger has no room: nothing stored, nothing ordered          */
	PLACED_UNSURE,    /* the ledger gave no answer; sending the same form again is safe   */
};

/* Checks a wish against catalogue and limits, then stores order, first attempt, audit line and reserved
 * budget in one transaction. Sends nothing: the dispatcher does (design 2). A form that was used before
 * is recognised before any rule is asked, so a repeat succeeds even if the product is gone since.
 *   wish         borrowed
 *   out, errors  filled from `mem`, and live as long as it does
 * Any thread. Waits for the ledger's commit, never for the network. */
MUST_USE enum placed order_place(struct desk *desk, struct arena *mem, const struct wish *wish,
                                 const struct person *person, struct order *out, struct field_errors *errors);

/* The same, and stores nothing: PLACED_NEW: nothing speaks against it, `out` is what would be ordered; never
 * PLACED_FULL, for that shows only where something is stored. PLACED_UNSURE: the ledger cannot be read now. */
MUST_USE enum placed order_check(struct desk *desk, struct arena *mem, const struct wish *wish,
                                 const struct person *person, struct order *out, struct field_errors *errors);
/* The latest order of the last days that says the same as this checked one and may be meant by it: to the same
 * recipient within 7 days, or as a link with the same note within one. False: none, or it cannot be read now. */
MUST_USE bool order_like(struct desk *desk, struct arena *mem, const struct order *checked, struct order *out);

/* Was this form used before? PLACED_BEFORE or PLACED_OTHERWISE: out is that order. PLACED_NOT: no.
 * PLACED_UNSURE: the ledger cannot tell now. Stores nothing. */
MUST_USE enum placed order_placed_before(struct desk *desk, struct arena *mem, const struct wish *wish,
                                         struct order *out);

/* LEDGER_OK, LEDGER_NONE or LEDGER_BROKEN (cannot be read now). */
MUST_USE enum ledger_result order_find(struct desk *desk, struct arena *mem, const char *number, struct order *out);
MUST_USE enum ledger_result order_tries(struct desk *desk, struct arena *mem, const char *number,
                                        struct attempt_try **out, size_t *count);
MUST_USE enum ledger_result order_list(struct desk *desk, struct arena *mem, const struct ledger_filter *filter,
                                       size_t max, struct order **out, size_t *count);
/* As ledger.h says of the same words: how far a list may look, orders of each status, orders and money of each day. */
MUST_USE enum ledger_result order_look(struct desk *desk, struct ledger_filter *filter, size_t most);
MUST_USE enum ledger_result order_counts(struct desk *desk, int64_t counts[ORDER_STATUSES]);
MUST_USE enum ledger_result order_days(struct desk *desk, struct arena *mem, int64_t from_day, int64_t to_day,
                                       struct ledger_day **out, size_t *count);

/* May this person see the payout link? The one who placed it, and approvers. */
MUST_USE bool order_link_is_for(const struct order *order, const struct person *person);
/* The link itself; NULL: there is none, or it cannot be opened. */
MUST_USE char *order_link(struct desk *desk, struct arena *mem, const struct order *order);

/* The address of Runa that an unsettled order was placed for, where the desk talks to another one now: there it is
 * neither sent nor asked about. NULL: none, or nobody can tell. */
MUST_USE const char *order_elsewhere(struct desk *desk, struct arena *mem, const struct order *order);

/* Runa is asked before long what became of the payout. LEDGER_NONE: there is no such completed order. */
MUST_USE enum ledger_result order_ask_payout(struct desk *desk, const char *number);

enum retried {
	RETRIED,          /* it will be sent again at once, same key, same bytes */
	RETRIED_FINAL,    /* there is a final answer: nothing to try again */
	RETRIED_TOO_OLD,  /* not sent: the key is older than 29 days and would buy again (runa-api 8.1).
	                     It is looked for at Runa instead */
	RETRIED_LOOKING,  /* not sent: sending cannot help, or Runa has it; Runa is asked what became of it */
	RETRIED_BUSY,     /* a try is under way just now */
	RETRIED_ELSEWHERE, /* not sent: see order_elsewhere */
	RETRIED_NONE,     /* no such order */
	RETRIED_NOT,      /* the ledger did not take it: nothing changed */
};
/* 'Try again now': the same key, or a look at Runa where sending would be wrong. */
MUST_USE enum retried order_retry(struct desk *desk, const char *number, const struct person *person);
/* What it would do, for the words beside its button: TASK_SEND, TASK_POLL, TASK_SEARCH; TASK_NONE: it isn't offered. */
MUST_USE enum task order_retry_task(struct desk *desk, struct arena *mem, const struct order *order);
/* May 'Try again now' be offered? */
MUST_USE bool order_may_retry(const struct order *order);

enum renewed {
	RENEWED,          /* a further attempt, under this key, is stored and will be sent */
	RENEWED_BEFORE,   /* this key is an attempt of this order already: nothing changed */
	RENEWED_NOT_NOW,  /* only an order that needs attention may have one, and a key serves one order */
	RENEWED_OWN,      /* not for one's own order */
	RENEWED_NONE,
	RENEWED_NOT,      /* the ledger did not take it: nothing changed */
};
/* A new attempt for an order that needs attention: an approver's decision (design 3); `why` is kept in
 * the audit. `key` is that of the form the decision was sent with, and becomes the attempt's: one form opens
 * one attempt, however often it is sent and whatever became of that attempt since. */
MUST_USE enum renewed order_new_attempt(struct desk *desk, const char *number, const char *key,
                                        const struct person *person, const char *why);

#endif
