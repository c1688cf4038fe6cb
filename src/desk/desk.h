/* desk.h: what the desk's functions share: ledger, catalogue, rules, and who waits for news. Knows no
 * HTTP, no HTML, no SQL. */
#ifndef DESK_DESK_H
#define DESK_DESK_H

#include "base/arena.h"
#include "base/base.h"
#include "base/clock.h"
#include "base/ids.h"
#include "base/seal.h"
#include "base/shared.h"
#include "ledger/ledger.h"
#include "model/person.h"
#include "runa/client.h"

/* Most that may be spent, by currency; 0: no limit (contract [limits]). */
struct desk_limit {
	char currency[CURRENCY_SIZE];
	int64_t order_max_minor, user_day_minor, month_minor;
};

/* From the configuration; an immutable snapshot that a reload swaps. */
struct desk_rules {
	struct shared shared;
	const char *base_url;       /* of Runa */
	const char *api_version;
	enum runa_environment environment;
	int64_t retry_first_ms, retry_max_ms, give_up_after_ms, timeout_ms;
	int orders_per_minute;
	int64_t catalogue_every_ms, balance_every_ms;
	int64_t keep_recipients_ms; /* 0: for good */
	struct desk_limit *limits;
	size_t limit_count;
};

struct desk_options {
	struct ledger *ledger;
	const struct clock *clock;
	const struct chance *chance;
	const struct seal_key *link_key; /* seals payout links */
	struct desk_rules *rules;        /* one hold is taken over */
	int most_waiting;                /* threads that may wait for an outcome at once */
};

struct desk;

/* Reads the kept catalogue, balances and stop from the ledger. Never fails: what is not there is empty. */
struct desk *desk_open(const struct desk_options *options);
void desk_close(struct desk *desk);

/* Called after something to send was stored, from whichever thread stored it: wakes the dispatcher. */
void desk_set_wake(struct desk *desk, void (*wake)(void *whom), void *whom);

void desk_use_rules(struct desk *desk, struct desk_rules *rules); /* takes over the caller's hold */
MUST_USE struct desk_rules *desk_hold_rules(struct desk *desk);   /* shared_drop(&rules->shared) later */

/* Why nothing is sent, and how old the catalogue is: for every page and /readyz. */
struct desk_health {
	enum runa_environment environment;
	bool ledger_is_sound;
	bool is_stopped;              /* the desk is set up wrong (design 3): orders wait */
	char stop_reason[96];         /* error type or word, for those who can mend it; "" otherwise */
	int64_t pause_until_ms;       /* Runa asked everyone to slow down; 0: no */
	int64_t away_since_ms;        /* Runa has answered no call of this process since; 0: it answers, or was not asked */
	int64_t catalogue_fetched_ms; /* 0: never */
	int64_t balances_fetched_ms;
	int64_t dispatcher_seen_ms;   /* when the dispatcher last looked for work (wall); 0: none runs here */
};
void desk_health(struct desk *desk, struct desk_health *out);

/* Waits until something may have been recorded for this order since `seen`, at most timeout_ms. Returns at once
 * where too many wait already (most_waiting: half of the threads). Take `seen` before reading the order. */
MUST_USE uint64_t desk_news(struct desk *desk, const char *number);
void desk_wait(struct desk *desk, const char *number, uint64_t seen, int timeout_ms);

#endif
