/* people.h: who uses the simulated desk, and the desk's own life: opened, crashed, opened again. */
#ifndef SIM_PEOPLE_H
#define SIM_PEOPLE_H

#include "desk/dispatcher.h"
#include "desk/order.h"
#include "sim/world.h"
#include "support/faulty_vfs.h"

enum { MOST_FORMS = 24 };

/* A form that a person has open: one key, one wish, posted any number of times. */
struct form {
	char key[ID_KEY_SIZE];
	char value[16];
	const char *product;
	char number[ID_NUMBER_SIZE]; /* once the desk has said that it holds the order */
	bool is_accepted;
	char approval[ID_KEY_SIZE]; /* the key of the form for a new attempt that an approver has open; "" none */
	bool has_approved;          /* ... and it opened one */
};

/* The desk's own process, or a second one on the same ledger. */
struct process {
	struct world_line line;
	struct ledger *ledger; /* NULL: the process is not running */
	struct desk *desk;
	struct dispatcher *dispatcher;
};

struct life {
	struct world world;
	struct process first, second;
	struct process *serving; /* whose page a person has before them */
	struct seal_key link_key;
	struct form forms[MOST_FORMS];
	size_t form_count;
	struct faulty_vfs *disk;
	int crashes, jumps, acts, renewed;
};

void life_begin(struct life *life, uint64_t seed);
void life_end(struct life *life);
/* The second process starts where there is none, else it ends, and leaves its calls. */
void life_toggle_second(struct life *life);
/* One turn of either dispatcher, drawn by chance. */
void life_turn(struct life *life, int max_wait_ms);
/* Power is lost, or the processes are killed: nothing that was not synced is sure to be there. */
void life_crash(struct life *life);
/* Has the process met its end within the last step? */
bool life_is_over(struct life *life);
/* The process dies at its n-th write or sync from now; 0: it lives on. */
void life_doom(struct life *life, long nth);

/* One thing that a person does, drawn by chance. */
void people_act(struct life *life);
/* Everyone looks after their open orders until nothing is open: retries and approves. */
void people_settle(struct life *life);
/* Every form came to an order, and none is open. */
bool people_are_done(struct life *life);

/* All that must hold, now (faults.md a to g). */
void check_all(struct life *life);
/* All that must hold when everything has come to rest. */
void check_end(struct life *life);

#endif
