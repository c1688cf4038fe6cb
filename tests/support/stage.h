/* stage.h: the whole desk on a stage: a clock that the test sets, chance from a seed, a ledger on a machine
 * of memory, and a Runa that follows a script. A step that must work and doesn't fails the test. */
#ifndef TESTS_STAGE_H
#define TESTS_STAGE_H

#include "desk/catalogue.h"
#include "desk/dispatcher.h"
#include "desk/order.h"
#include "support/faulty_vfs.h"
#include "support/scripted_runa.h"

struct stage {
	struct clock clock;   /* first: the clock's functions find the stage by it */
	struct chance chance; /* second */
	int64_t wall_ms, steady_ms;
	uint64_t seed;
	struct arena *mem;
	struct faulty_vfs *vfs;
	struct seal_key link_key;
	struct desk_rules *rules; /* in use: a test may change what is in it */
	struct scripted_runa runa;
	struct ledger *ledger; /* NULL: the process is not running */
	struct desk *desk;
	struct dispatcher *dispatcher;
	bool fetches_catalogue; /* looked at when the process starts */
	bool looks_at_payouts;  /* the same */
	bool is_threaded;       /* the same: the ledger has its writing thread, so that any thread may call */
	struct problem why;
};

extern const struct person alice, bob, carol; /* alice orders, bob approves, carol only looks */

/* The process runs: a standing dispatcher, five products (stock_fill), and no fetching. */
struct stage *stage_open(void);
/* The same with a dispatcher that keeps catalogue and balances fresh, and nothing in stock. */
struct stage *stage_open_empty(void);
void stage_close(struct stage *s);
/* For cmocka's setup and teardown. */
int stage_set_up(void **state);
int stage_tear_down(void **state);

/* Stops the process cleanly and starts it again. */
void stage_restart(struct stage *s);
/* Kills the process, or the machine, and starts it again. */
void stage_crash(struct stage *s, enum faulty_kept kept);
/* The halves of both. */
void stage_stop(struct stage *s);
void stage_kill(struct stage *s, enum faulty_kept kept);
MUST_USE bool stage_start(struct stage *s);

/* ---- time ---- */

/* The dispatcher works for so long. */
void stage_run(struct stage *s, int64_t ms);
/* Time goes by, and nobody works. */
void stage_sleep(struct stage *s, int64_t ms);
/* The wall clock jumps; nobody's time goes by. */
void stage_jump(struct stage *s, int64_t ms);

/* ---- ordering ---- */

/* A wish of alice's for a payout link, on a form of its own. */
struct wish wish_for(struct stage *s, const char *product, const char *value);
MUST_USE enum placed post(struct stage *s, const struct wish *wish, struct order *out);
struct order place(struct stage *s, const char *product, const char *value);
/* The dispatcher works until the order is no longer `placing`; the test fails where that takes two days. */
struct order settle_order(struct stage *s, const char *number);
struct order place_and_settle(struct stage *s, const char *product, const char *value);

/* Opens the file once more, as another process would; NULL: stage->why. */
MUST_USE struct ledger *stage_open_ledger(struct stage *s);
/* Opens a new attempt from a form of its own. */
MUST_USE enum renewed renew(struct stage *s, const char *number, const struct person *who, const char *why);

struct order order_now(struct stage *s, const char *number);
struct attempt attempt_latest(struct stage *s, const char *number);
size_t attempt_count(struct stage *s, const char *number);
size_t try_count(struct stage *s, const char *number);

/* ---- Runa ---- */

void runa_will_answer(struct stage *s, struct reply reply); /* the next POST /order */
void runa_will_say(struct stage *s, enum route route, struct reply reply);
/* Each request of the route that nothing is queued for; NULL: Runa as usual. The reply is borrowed. */
void runa_always_says(struct stage *s, enum route route, const struct reply *reply);
size_t runa_request_count(struct stage *s);              /* of POST /order */
const char *runa_request(struct stage *s, size_t no);    /* the no-th of them: headers, body */
int64_t runa_request_ms(struct stage *s, size_t no);     /* when, on the steady clock */
size_t runa_count(struct stage *s, enum route route);

/* ---- what always holds (faults.md a to g) ---- */

/* Each order is bought at most once, nothing bought is shown as failed, the bytes of a key never changed, the
 * audit's chain and the money add up. */
void stage_holds(struct stage *s);

#endif
