/* ledger.h: the only way to stored things, in the desk's words (design 5). Knows no Runa and no HTTP.
 *
 * Writes: any thread. Each is one transaction of its own, handed to the one writing thread, which
 * commits whatever is waiting together; a call returns after the commit is durable
 * (synchronous=FULL), or says that nothing was stored. With `is_inline` the caller's thread writes
 * (plain CGI, commands, the simulation).
 * Reads: any thread, on a connection of that thread's own; they see every write that has returned. */
#ifndef LEDGER_LEDGER_H
#define LEDGER_LEDGER_H

#include "base/arena.h"
#include "base/base.h"
#include "base/clock.h"
#include "base/problem.h"
#include "model/attempt.h"
#include "model/order.h"
#include "model/product.h"

struct ledger;

enum ledger_result {
	LEDGER_OK,
	LEDGER_NONE,   /* there is no such thing                                                   */
	LEDGER_STALE,  /* it changed since it was read: read again, decide again; nothing stored   */
	LEDGER_USED,   /* an attempt has this key already: nothing stored                          */
	LEDGER_FULL,   /* no room on the disk (or not writable): nothing stored; may heal by itself */
	LEDGER_BROKEN, /* a sync or write failed, or the file is damaged: not known whether it was
	                  stored, and nothing more will be until the process starts anew            */
};

/* ---- open and close -------------------------------------------------------------------------- */

struct ledger_options {
	const char *path;       /* file; made where absent, never in place of something damaged */
	const char *vfs;        /* SQLite VFS by name, NULL for the machine's; tests set it */
	const struct clock *clock;
	bool is_inline;
	bool may_migrate;       /* bring an older schema up to date (a newer one is always refused) */
	const char *seal_key_id; /* NULL: not checked. Refused when links are sealed with another key */
};

/* Would a ledger at `path`, which need not be there yet, lie on a network's file system, where the memory that SQLite's
 * processes share is not shared (faults 22)? */
MUST_USE bool ledger_is_on_network(const char *path);

/* Where the clock jumped since the last write, times have gone along (ledger_mind_clock).
 * NULL: *why says what is wrong with the file: not ours (application_id), damaged (quick_check of a
 * ledger that was not closed cleanly), a newer schema, another seal key, not writable. */
MUST_USE struct ledger *ledger_open(const struct ledger_options *options, struct problem *why);
/* Finishes what was handed over, notes a clean stop, closes. */
void ledger_close(struct ledger *ledger);
/* False once LEDGER_BROKEN was returned: the desk takes no more orders. */
MUST_USE bool ledger_is_sound(const struct ledger *ledger);
/* When this ledger was last closed cleanly before this opening; 0: never. */
MUST_USE int64_t ledger_last_clean_stop_ms(const struct ledger *ledger);

/* ---- placing --------------------------------------------------------------------------------- */

/* Most that may be reserved and spent, in minor units of the order's currency; 0: no limit. */
struct ledger_limits {
	int64_t user_day_minor;
	int64_t month_minor;
};

enum ledger_placed {
	LEDGER_PLACED_NEW,       /* order, attempt, audit line and reserved budget are durable */
	LEDGER_PLACED_BEFORE,    /* this form key was used for the same content: *out is that order */
	LEDGER_PLACED_OTHERWISE, /* ... for other content: *out is that order */
	LEDGER_OVER_USER_DAY,    /* nothing stored */
	LEDGER_OVER_MONTH,       /* nothing stored */
	LEDGER_PLACED_FULL,      /* nothing stored */
	LEDGER_PLACED_UNSURE,    /* LEDGER_BROKEN: placing the same form again is safe */
};

/* After power loss either all of it is there or nothing. `wish` has number, form_key, the wish, and
 * placed_at_ms; `first` has key, reference, upstream, headers, body, created_at_ms (state READY,
 * task SEND, due at once). *out is in `mem`. */
MUST_USE enum ledger_placed ledger_place(struct ledger *ledger, struct arena *mem, const struct order *wish,
                                         const struct attempt *first, const struct ledger_limits *limits,
                                         struct order *out);

/* What ledger_place would say of the limits, and nothing is stored: LEDGER_PLACED_NEW, LEDGER_OVER_USER_DAY,
 * LEDGER_OVER_MONTH, or LEDGER_PLACED_UNSURE (cannot be read now). Of the wish value, placed_by and placed_at_ms
 * count. */
MUST_USE enum ledger_placed ledger_over_limits(struct ledger *ledger, const struct order *wish,
                                               const struct ledger_limits *limits);

/* ---- driving attempts ------------------------------------------------------------------------ */

struct ledger_claim {
	int64_t now_ms;
	int64_t lease_ms;       /* others keep off until now_ms + lease_ms, or until this process is gone */
	int64_t oldest_key_ms;  /* an attempt created before this is searched for instead of sent */
	const char *upstream;   /* only attempts made for this base URL */
	size_t max_sends;       /* at most so many TASK_SEND */
	int sends_a_minute;     /* ... and so many in any minute, by all processes together; 0: no limit */
	size_t max_others;      /* ... and so many TASK_POLL and TASK_SEARCH */
	const char *only_order; /* NULL: of every order */
	const char *sent_advice; /* what is said of an order whose first byte may leave now: its money_moved
	                            becomes unknown in the same transaction */
};

struct ledger_claimed {
	struct attempt attempt; /* as it is now, after the claim */
	int64_t try_id;         /* row for ledger_record */
};

/* Hands out due attempts, earliest first; none while Runa asked everyone to pause (ledger_pause). Nobody else gets
 * them before the lease ends. One that will be sent goes READY -> SENT or HELD -> RESENT here, durably, before any byte
 * leaves; one whose claimer died (SENT, RESENT) comes out UNKNOWN. Each claim makes a try row. What this process
 * itself has claimed and not yet recorded is never handed out again, whatever the clock says. A crash after this
 * delays an attempt, and neither loses nor doubles it. `out` has room for max_sends + max_others. */
MUST_USE enum ledger_result ledger_claim_due(struct ledger *ledger, struct arena *mem,
                                             const struct ledger_claim *claim, struct ledger_claimed *out,
                                             size_t *count);

/* Earliest due_at_ms of what may be claimed for `upstream`; INT64_MAX: nothing waits. */
MUST_USE int64_t ledger_next_due_ms(struct ledger *ledger, const char *upstream);

/* An attempt's step from state to state: a call's outcome, or a person's act. The only way an attempt
 * or an order changes after placing. */
struct ledger_step {
	int64_t attempt_id;
	enum attempt_state from, to; /* LEDGER_STALE where it isn't `from` any more ... */
	enum task from_task, task;   /* ... or has another task: what a person did meanwhile counts */
	int64_t now_ms, due_at_ms;
	int polls, setup_refusals, mute; /* new values */

	enum order_status order_status; /* of the order after this step */
	enum money_moved money_moved;
	const char *advice;             /* key of a sentence, never NULL */
	const char *error_type, *error_message; /* NULL: none (an earlier one is taken away) */

	/* the outcome of a call; try_id 0: a person's act, the rest of this block is not looked at */
	int64_t try_id;
	bool ends_try_only; /* attempt and order stay as they are, but for the lease: nothing above is looked at */
	enum meaning meaning;
	int http_status;
	const char *request_id;

	/* news; NULL or 0 leaves what is there */
	const char *runa_order_id;
	struct money price, discount; /* taken when price.currency is not "" */
	const char *payout_status, *payout_expiry;
	int64_t payout_due_at_ms; /* the first look at what became of the payout; 0: none */
	const unsigned char *link_sealed;
	size_t link_sealed_bytes;
	int64_t completed_at_ms;

	/* audit */
	const char *who;  /* a user name, or "dispatcher" */
	const char *act;  /* short word: "answered", "retry", ... */
	const char *detail; /* NULL: none. Never a secret or a recipient */
};

/* One transaction: attempt, order, try row, audit line, budget (what an order that is no longer open
 * had reserved becomes spent or free). Gives the lease back. */
MUST_USE enum ledger_result ledger_record(struct ledger *ledger, const struct ledger_step *step);

/* A further attempt under next->key for an order that needs attention and whose latest attempt is STUCK,
 * STUCK_UNSENT, REFUSED or FAILED; else LEDGER_STALE. The order is `placing` again; the audit line says who and why.
 * LEDGER_USED, before anything else is looked at: the key is an attempt's already, of this order or another,
 * so opening again under the same key stores nothing however often it is done. */
MUST_USE enum ledger_result ledger_open_attempt(struct ledger *ledger, const char *order_number,
                                                const struct attempt *next, const char *who, const char *why,
                                                int64_t now_ms);

/* At a start: open attempts created until `before_ms` are searched for before anything is sent under
 * their key (a restored backup may not know what was bought since; design 3). */
MUST_USE enum ledger_result ledger_search_first(struct ledger *ledger, int64_t before_ms, int64_t now_ms);

/* Where the wall clock has jumped: moves due times, leases and pauses along, so that they stay as long as they truly
 * are, and births of keys where that makes none younger that was sent. Each write does so by itself, in whichever
 * process; this is for a process that is about to look at what is due. Costs nothing where there was no jump. */
MUST_USE enum ledger_result ledger_mind_clock(struct ledger *ledger);

/* ---- payouts of completed orders ---------------------------------------------------------------- */

/* The completed order whose payout is to be looked at first, if that is due by now_ms; nobody else gets it before
 * again_at_ms. LEDGER_NONE: none is due. */
MUST_USE enum ledger_result ledger_claim_payout(struct ledger *ledger, int64_t now_ms, int64_t again_at_ms,
                                                char number[ID_NUMBER_SIZE]);
/* INT64_MAX: none is waited for. */
MUST_USE int64_t ledger_next_payout_ms(struct ledger *ledger);

struct ledger_payout {
	const char *number;
	const char *status, *expiry; /* status NULL: nothing was learned */
	int64_t now_ms, due_at_ms;   /* due 0: not looked at again */
	int looks;
};

/* A change of the status is a line of the audit. */
MUST_USE enum ledger_result ledger_record_payout(struct ledger *ledger, const struct ledger_payout *payout);
/* Of an order whose payout somebody has asked for: payout_due_at_ms, until Runa is asked. */
enum { LEDGER_PAYOUT_ASKED = 1 };
/* A person asks: it is due before all others. LEDGER_NONE: there is no such completed order. */
MUST_USE enum ledger_result ledger_ask_payout(struct ledger *ledger, const char *number);

/* ---- pace: of all processes together ----------------------------------------------------------- */

struct ledger_pace {
	int64_t pause_until_ms; /* Runa asked everyone to slow down; in the past or 0: no pause */
	int pauses;             /* in a row */
	int64_t sent_in_minute; /* requests for orders begun */
};

/* False: the ledger cannot be read. */
MUST_USE bool ledger_pace(struct ledger *ledger, int64_t now_ms, struct ledger_pace *out);
/* From now on. wait_ms 0: it goes well again, unless another process was asked to pause meanwhile. */
MUST_USE enum ledger_result ledger_pause(struct ledger *ledger, int64_t wait_ms, int pauses);

/* ---- reading --------------------------------------------------------------------------------- */

MUST_USE enum ledger_result ledger_order(struct ledger *ledger, struct arena *mem, const char *number,
                                         struct order *out);
MUST_USE enum ledger_result ledger_order_of_form(struct ledger *ledger, struct arena *mem, const char *form_key,
                                                 struct order *out);
/* Oldest first. */
MUST_USE enum ledger_result ledger_attempts(struct ledger *ledger, struct arena *mem, const char *order_number,
                                            struct attempt **out, size_t *count);
MUST_USE enum ledger_result ledger_tries(struct ledger *ledger, struct arena *mem, const char *order_number,
                                         struct attempt_try **out, size_t *count);
/* Does Runa's id belong to one attempt, and one alone, that Runa has accepted and that isn't finished here, and
 * has nothing spoken against it since? False also where the ledger cannot be read. */
MUST_USE bool ledger_has_runa_order(struct ledger *ledger, const char *runa_order_id);

/* The latest order since `since_ms` by the same person (placed_by) of the same product and value to the same recipient,
 * or as a link with the same note; none that failed or was rejected without money moving. A blanked recipient is
 * nobody's. LEDGER_NONE: there is none. Costs the same however many orders there are. */
MUST_USE enum ledger_result ledger_order_like(struct ledger *ledger, struct arena *mem, const struct order *wish,
                                              int64_t since_ms, struct order *out);

struct ledger_filter {
	bool has_status;
	enum order_status status;
	const char *product, *currency, *by; /* NULL: any */
	int64_t from_ms, to_ms;              /* placed in from <= t < to; 0: open end */
	/* An order's number, or a recipient's whole address, or else a piece of the recipient's address or of the note,
	 * or the whole of Runa's id. Capitals or not is the same. NULL: any */
	const char *find;
	/* the page: orders placed before this one, newest first; 0 and "" for the first page */
	int64_t before_ms;
	char before_number[ID_NUMBER_SIZE];
	/* ... back to this one and not further (ledger_look); 0: to the end */
	int64_t until_ms;
	char until_number[ID_NUMBER_SIZE];
};

/* Some filters have an index of their own, and a list with one of them costs the same however many orders there are.
 * The others are looked at order by order. This says how far back `most` such looks reach, in filter->until_*;
 * LEDGER_NONE: the list ends before that, or nothing has to be looked at. */
MUST_USE enum ledger_result ledger_look(struct ledger *ledger, struct ledger_filter *filter, size_t most);
/* At most `max` orders, newest first, by key set. */
MUST_USE enum ledger_result ledger_orders(struct ledger *ledger, struct arena *mem,
                                          const struct ledger_filter *filter, size_t max, struct order **out,
                                          size_t *count);
/* What a person orders: by their last 200 orders, the product ordered last first, then by number of orders. */
struct ledger_product_use {
	const char *code;
	int64_t orders, last_at_ms;
};
MUST_USE enum ledger_result ledger_products_of(struct ledger *ledger, struct arena *mem, const char *user,
                                               struct ledger_product_use **out, size_t *count);
/* Attempts that wait for a call and were made for another base URL than `upstream`: nobody claims them there. */
MUST_USE enum ledger_result ledger_count_elsewhere(struct ledger *ledger, const char *upstream, int64_t *count);
/* Orders of each status. */
MUST_USE enum ledger_result ledger_counts(struct ledger *ledger, int64_t counts[ORDER_STATUSES]);

/* The orders of one day (in UTC, by placing) that are paid in one currency. */
struct ledger_day {
	int64_t day; /* since 1970 */
	char currency[CURRENCY_SIZE];
	int64_t orders, reserved_minor, spent_minor;
};

/* Days without orders are left out; sorted by day, then currency. Costs the same however many orders there are. */
MUST_USE enum ledger_result ledger_days(struct ledger *ledger, struct arena *mem, int64_t from_day, int64_t to_day,
                                        struct ledger_day **out, size_t *count);

/* ---- what was fetched ------------------------------------------------------------------------ */

/* Replaces the kept catalogue; fetched_at_ms is its age. */
MUST_USE enum ledger_result ledger_put_products(struct ledger *ledger, const struct product *products, size_t count,
                                                int64_t fetched_at_ms);
/* LEDGER_NONE: never fetched. Sorted by code (bytewise). */
MUST_USE enum ledger_result ledger_products(struct ledger *ledger, struct arena *mem, struct product **out,
                                            size_t *count, int64_t *fetched_at_ms);
MUST_USE enum ledger_result ledger_put_balances(struct ledger *ledger, const struct balance *balances, size_t count,
                                                int64_t fetched_at_ms);
MUST_USE enum ledger_result ledger_balances(struct ledger *ledger, struct arena *mem, struct balance **out,
                                            size_t *count, int64_t *fetched_at_ms);

/* Small named facts that outlive a process ("sending_stopped"); value NULL removes. */
MUST_USE enum ledger_result ledger_put_fact(struct ledger *ledger, const char *name, const char *value);
MUST_USE enum ledger_result ledger_fact(struct ledger *ledger, struct arena *mem, const char *name, char **value);

/* ---- care ------------------------------------------------------------------------------------ */

/* Recipients of finished orders placed before `before_ms` become "". */
MUST_USE enum ledger_result ledger_blank_recipients(struct ledger *ledger, int64_t before_ms);
/* A consistent copy while others write; `path` must not exist. */
MUST_USE bool ledger_backup(struct ledger *ledger, const char *path, struct problem *why);
/* Walks the audit's hash chain. False: *why names the first line that doesn't fit. */
MUST_USE bool ledger_verify_audit(struct ledger *ledger, int64_t *lines, struct problem *why);
/* Recomputes reserved and spent money from the orders. False: *why names a sum that doesn't fit. */
MUST_USE bool ledger_verify_budget(struct ledger *ledger, struct problem *why);

#endif
