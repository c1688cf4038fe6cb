/* ledger_stage.h: a ledger on a machine of memory or in a directory of its own, with a clock that the test
 * sets, and wishes made from a number. */
#ifndef TESTS_LEDGER_STAGE_H
#define TESTS_LEDGER_STAGE_H

#include "ledger/ledger.h"
#include "support/faulty_vfs.h"

#define STAGE_UPSTREAM "https://runa.test/v2"
#define STAGE_NOW ((int64_t)1795000000000)

struct ledger_stage {
	struct clock clock; /* first: the clock's functions find the stage by it */
	int64_t now_ms, jumped_ms; /* the wall clock, and how far it jumped from the steady one */
	int64_t boot;
	struct arena *mem;
	struct faulty_vfs *vfs; /* NULL: on the disk */
	char directory[64], path[128];
	struct ledger *ledger;
	struct problem why;
};

/* Machines are inline; a ledger on the disk has its writing thread. The ledger is open. */
struct ledger_stage *ledger_stage_of_memory(void);
struct ledger_stage *ledger_stage_on_disk(void);
void ledger_stage_close(struct ledger_stage *stage);

/* For cmocka: a test on either of them. */
#define ON(open, test) cmocka_unit_test_setup_teardown(test, open, close_stage)
int open_memory(void **state);
int open_disk(void **state);
int close_stage(void **state);

/* Opens the file once more; NULL: stage->why. */
MUST_USE struct ledger *ledger_stage_open(struct ledger_stage *stage);
void ledger_stage_clock_jumps(struct ledger_stage *stage, int64_t jump_ms);
/* Crashes the machine of memory and opens the ledger anew. */
void ledger_stage_crash(struct ledger_stage *stage, enum faulty_kept kept);

/* A wish of 10.00 GBP by 'alice', and its attempt, both told apart by `no`. */
void stage_wish(struct ledger_stage *stage, int no, struct order *wish, struct attempt *first);
/* Places wish `no` without limits. */
MUST_USE enum ledger_placed stage_place(struct ledger_stage *stage, int no);
const char *stage_number(struct ledger_stage *stage, int no);
/* Everything that is due, at most 32 of a kind. */
MUST_USE size_t stage_claim(struct ledger_stage *stage, struct ledger *ledger, struct ledger_claimed out[64]);
/* A step of what was claimed, to be filled further: from its state, an answer of the dispatcher. */
struct ledger_step stage_step(struct ledger_stage *stage, const struct ledger_claimed *claimed,
                              enum attempt_state to, enum order_status status);
/* Claims and completes order `no`, which is the only one that is due. */
void stage_complete(struct ledger_stage *stage, int64_t price_minor);
struct order stage_order(struct ledger_stage *stage, int no);
struct attempt stage_attempt(struct ledger_stage *stage, int no); /* the latest */

/* The audit's chain and the budget fit. */
void stage_check(struct ledger_stage *stage);
/* Runs SQL on the file with a connection of its own. */
void stage_sql(struct ledger_stage *stage, const char *sql);
MUST_USE int64_t stage_sql_number(struct ledger_stage *stage, const char *sql);

#endif
