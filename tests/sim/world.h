/* world.h: the simulation's world: one clock, one source of chance, and a Runa with its true idempotency
 * rules (runa-api 8) behind a network that loses, delays, doubles and cuts. The desk that runs in it is the
 * real one. */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include "base/clock.h"
#include "base/ids.h"
#include "model/order.h"
#include "runa/line.h"

/* How long things may take at most. A search is believed after 15 minutes (runa-api 23 no. 14), so a request
 * that is late, its making, and its showing up in the list must together stay below that. */
enum {
	WORLD_LATE_MS = 3 * 60 * 1000,
	WORLD_MAKING_MS = 2 * 60 * 1000,
	WORLD_LISTED_MS = 8 * 60 * 1000,
	WORLD_CALL_TIMEOUT_MS = 60 * 1000,
};

/* What Runa keeps under a key for 30 days. */
struct kept_key {
	char key[ID_KEY_SIZE];
	char *headers, *body; /* first seen: must never differ */
	int64_t first_ms;     /* true time */
	int64_t ready_ms;     /* until then it is in progress */
	int order;            /* index into orders, -1: none came of it */
	int status;           /* of the stored answer */
	char *answer;
	bool by_twin;         /* the first request under it was the network's copy of one */
};

/* An order really made: it costs money unless it fails. */
struct made_order {
	char id[40];
	char number[ID_NUMBER_SIZE]; /* of our order: from the description */
	char *description, *product, *value, *currency;
	int64_t listed_ms, final_ms; /* true times */
	bool fails;
	bool is_strangers; /* somebody else's order of the same account */
};

struct violation { char text[400]; };

/* One process's way to Runa. */
struct world_line {
	struct runa_line line; /* first: its functions find the rest by it */
	struct world *world;
	bool is_dead;    /* the process crashed: nothing leaves any more */
	int begins_left; /* it dies at this begin; -1: never */
};

struct world {
	struct clock clock;   /* first: the desk's clock is this world */
	struct chance chance; /* the desk's randomness */
	uint64_t seed_state, desk_state;
	int64_t true_ms;      /* time as it truly passes, and as Runa counts it */
	int64_t wall_off_ms;  /* wall = true + this; jumps change it */
	int64_t halted_ms;    /* steady = true less this: the machine's start, and what it spent halted */
	int64_t boot;         /* starts of the machine so far */
	int64_t untold_ms;    /* at most so much true time is hidden from who starts a machine whose clock went back */
	int64_t written_ms;   /* true time at which the process last ran */
	int storm;            /* 0 calm .. 100 */
	bool key_is_revoked;

	struct kept_key *keys;
	size_t key_count;
	struct made_order *orders;
	size_t order_count;
	struct flight *flights; /* under way, by time of arrival */
	struct violation violation; /* first one found; text "" while all holds */
	uint64_t fingerprint; /* of all that happened: a seed reproduces it exactly */
	int64_t requests;
};

void world_begin(struct world *world, uint64_t seed);
void world_end(struct world *world);

/* Chance of the storm, never the desk's. */
uint32_t world_below(struct world *world, uint32_t below);
bool world_happens(struct world *world, int percent);
/* Lets time pass; requests under way arrive. */
void world_pass(struct world *world, int64_t ms);
/* A process begins, with a way to Runa of its own. */
void world_line_open(struct world *world, struct world_line *line);
/* The process is gone: its calls are forgotten by it, though not by Runa. */
void world_line_cut(struct world_line *line);
/* The whole machine halts for so long, and doesn't know; its clock is set right before it goes on. */
void world_halt(struct world *world, int64_t ms);
/* The machine starts anew. */
void world_boot(struct world *world);
void world_violated(struct world *world, const char *format, ...) __attribute__((format(printf, 2, 3)));
void world_note(struct world *world, const char *what, int64_t number);

/* Orders truly made for our order `number` that were not failed by Runa: more than one is a double purchase. */
int world_bought(const struct world *world, const char *number);

/* ---- between world.c (the network) and runa.c (who is at its end) ---- */

/* A request on its way, or its answer on the way back. */
struct flight {
	struct flight *next;
	struct world_line *line; /* whose it is */
	void *tag;              /* NULL: nobody waits for an answer any more */
	char *method, *path, *headers, *body;
	int64_t arrives_ms;     /* -1: lost, or done */
	int64_t twin_ms;        /* the network doubles it: arrives once more; -1: no */
	int64_t answers_ms;     /* when the caller hears something */
	enum runa_transport transport;
	int status;
	char *answer;
	int cut;                /* the answer loses its end */
	bool is_twin;
};

/* A request reaches Runa: what it does, and what it will answer. */
void runa_takes(struct world *world, struct flight *flight);
/* Somebody else orders from the same account. */
void runa_stranger_orders(struct world *world);
/* What is still processed comes to its end. */
void runa_ends_all(struct world *world);

#endif
