/* attempt.h: what each meaning does to each state: one table (design 3). Pure. */
#ifndef DESK_ATTEMPT_H
#define DESK_ATTEMPT_H

#include "base/base.h"
#include "desk/desk.h"
#include "model/attempt.h"
#include "model/order.h"

/* How long until the next look. */
enum pause {
	PAUSE_NONE,     /* no next look */
	PAUSE_NOW,
	PAUSE_BACKOFF,  /* retry_first_ms, doubled with jitter up to retry_max_ms */
	PAUSE_BUSY,     /* 3 to 10 s (runa-api 8.3) */
	PAUSE_POLL,     /* 2, 4, 8, 16, 30, then every 60 s (runa-api 23 no. 11) */
	PAUSE_SLOW,     /* when everyone's pause is over */
	PAUSE_AGAIN_15, /* 15 minutes: a second search (runa-api 23 no. 14) */
};

struct attempt_step {
	enum attempt_state to;
	enum task task;
	enum pause pause;
	const char *advice; /* key of the sentence that people read (pages/texts) */
	bool is_loud;       /* an operator must look: goes to the log as a warning */
};

/* The cell of (state, meaning), or NULL: it cannot happen. For the table's own tests. */
MUST_USE const struct attempt_step *attempt_cell(enum attempt_state state, enum meaning meaning);

/* The step for this attempt: the cell, and what time adds to it (give-up, a second search, the
 * key's age). Never NULL: what cannot happen keeps the state and is loud. */
struct attempt_step attempt_step_for(const struct attempt *attempt, enum meaning meaning,
                                     const struct desk_rules *rules, int64_t now_ms);

/* The pause in ms, at least 0; `jitter` in 0..999 spreads it. */
MUST_USE int64_t attempt_pause_ms(enum pause pause, const struct attempt *attempt, const struct desk_rules *rules,
                                  uint32_t jitter);

/* An order's status and money, from its latest attempt's state and whether an earlier one is STUCK. */
MUST_USE enum order_status attempt_order_status(enum attempt_state state, bool earlier_unknown);
MUST_USE enum money_moved attempt_money_moved(enum attempt_state state, bool earlier_unknown);

/* May an approver open a new attempt? Only where the outcome was looked into, or nothing ever left, or the
 * latest attempt was refused after one that had been looked into: not while Runa has an order for it, or a
 * strange one (design 3). `advice` is the order's. */
MUST_USE bool attempt_may_be_renewed(const char *advice);
/* What 'try again now' does with a stuck attempt, or one that waits. TASK_NONE: nothing may be tried. */
MUST_USE enum task attempt_retry_task(const struct attempt *attempt, const char *advice, int64_t now_ms);

/* 29 days in ms: the key's greatest age (design 3; Runa forgets it after 30, runa-api 8.1). */
#define ATTEMPT_KEY_AGE_MS ((int64_t)29 * MS_A_DAY)

/* Every advice key the table can give, for the texts' own test: NULL at the end. */
extern const char *const attempt_advice_keys[];

#endif
