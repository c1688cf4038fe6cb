/* calls.h: the dispatcher's insides, for dispatcher.c, settle.c, search.c, fetch.c, payouts.c and estimates.c alone. */
#ifndef DESK_CALLS_H
#define DESK_CALLS_H

#include "desk/attempt.h"
#include "desk/catalogue.h"
#include "desk/dispatcher.h"
#include "desk/inside.h"
#include "runa/meaning.h"
#include "runa/messages.h"

struct call;

/* One call under way. */
struct call {
	struct arena *mem;
	struct call *next, *before; /* among those under way */
	/* What is done with the answer; the call ends behind it. */
	void (*on_answer)(struct dispatcher *dispatcher, struct call *call, const struct runa_answer *answer);
	struct ledger_claimed claimed; /* of a send or a poll */
	struct estimate_wanted *estimate; /* of an estimate */
	int64_t begun_ms;              /* steady */
};

/* A search for one or many attempts in one walk through GET /order (runa-api 8.4). */
struct search {
	struct arena *mem;
	struct sought {
		struct ledger_claimed claimed;
		const char *found_id; /* NULL: not found so far */
		struct sought *next;
	} *sought;
	const char *after;
	bool is_asking; /* a page is under way */
	int pages, slow_downs, lookups;
	bool has_hidden; /* entries that don't say what they are, and aren't known to be other orders of ours */
};

/* Products or balances being fetched, or the set-up being checked. */
struct fetch {
	struct arena *mem; /* of the products collected so far; NULL: nothing under way */
	struct product *products;
	size_t count, room, skipped;
	const char *after;
	int pages;
	bool is_under_way;
	int64_t due_ms; /* steady */
	int failures;   /* in a row */
};

struct dispatcher {
	struct desk *desk;
	struct runa_line *line;
	const char *only_order;
	bool fetches_catalogue, is_standing, has_begun, is_stopping;
	int in_flight;
	int estimates_in_flight; /* of them */
	struct call *calls; /* under way */
	int window; /* sends at once; small after a 429, grows with each answer that isn't one */

	struct ledger_pace pace; /* of all processes together, as this turn found it */
	int64_t pause_until_ms;  /* steady: Runa asked everyone to slow down */
	int64_t beat_due_ms; /* steady */
	int64_t hold_off_ms; /* steady: the ledger had no room; nothing is claimed before */

	struct search *search;        /* under way, or NULL */
	struct sought *waiting_search; /* claimed, for the next walk */
	int64_t search_due_ms;        /* steady: no page of any walk is asked for before */
	struct fetch products, balances, check;

	bool looks_at_payouts, payout_is_asked;
	int64_t payout_due_ms; /* steady: within the budget of looks */

	struct kept_outcome *unrecorded; /* the ledger had no room for them */
	struct kept_outcome *doubted;    /* repeated set-up refusals, until the check of the set-up has ended */
};

void dispatcher_begin_call(struct dispatcher *dispatcher, struct call *call, const struct runa_request *request);
MUST_USE struct call *dispatcher_new_call(struct dispatcher *dispatcher);
/* A 429, or a set-up refusal, of any call: pauses or stops everyone. */
void dispatcher_heed(struct dispatcher *dispatcher, const struct call *call, const struct runa_answer *answer,
                     enum meaning meaning, const char *reason);
MUST_USE const char *dispatcher_api_version(struct dispatcher *dispatcher, struct arena *mem);

/* Copies a claim without the bytes that were sent; its texts live in `mem`. */
void call_keep_claimed(struct arena *mem, const struct ledger_claimed *claimed, struct ledger_claimed *out);

/* settle.c */

/* What came of a claimed attempt's call, or of a search for it. */
struct outcome {
	const struct ledger_claimed *claimed;
	enum meaning meaning;
	const struct runa_answer *answer; /* NULL: of a search */
	const struct runa_read *read;     /* NULL: of a search */
	const char *found_id;             /* of a search that found it */
};

/* The one function that moves an attempt from state to state. */
void settle(struct dispatcher *dispatcher, struct arena *mem, const struct outcome *outcome);
/* Records what the ledger had no room for, once there may be some. */
void settle_kept(struct dispatcher *dispatcher);
/* Keeps a repeated set-up refusal until the check of the set-up has ended, then settles it. */
void settle_doubt(struct dispatcher *dispatcher, const struct outcome *outcome);
void settle_doubted(struct dispatcher *dispatcher, bool set_up_is_right);
void settle_close(struct dispatcher *dispatcher);

/* search.c */
void search_add(struct dispatcher *dispatcher, const struct ledger_claimed *claimed);
/* Asks for the next page where its time has come, of this walk or of the next. */
void search_go_on(struct dispatcher *dispatcher);
/* Steady; far away where no page waits for its time. */
MUST_USE int64_t search_next_due_ms(const struct dispatcher *dispatcher);
MUST_USE bool search_is_between_pages(const struct dispatcher *dispatcher);
void search_close(struct dispatcher *dispatcher);
/* payouts.c */
void payouts_begin_due(struct dispatcher *dispatcher);
MUST_USE int64_t payouts_next_due_ms(const struct dispatcher *dispatcher);
/* When a payout of this status is looked at next, after so many looks; 0: not any more. */
MUST_USE int64_t payout_due_ms(const char *status, int looks, int64_t completed_at_ms, int64_t now_ms);

/* estimates.c */
void estimates_begin_wanted(struct dispatcher *dispatcher);

/* fetch.c */
void fetch_begin_due(struct dispatcher *dispatcher);
MUST_USE int64_t fetch_next_due_ms(const struct dispatcher *dispatcher);
void fetch_close(struct dispatcher *dispatcher);
void fetch_check_soon(struct dispatcher *dispatcher);
/* An order was bought: what is left of the balance is asked for again in a while, once for all that come meanwhile. */
void fetch_balances_soon(struct dispatcher *dispatcher);

#endif
