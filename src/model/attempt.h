/* attempt.h: one idempotency key, the exact bytes and headers sent under it, and what came back.
 * An order has one attempt, and a further one only when a person asks for it (design 1). */
#ifndef MODEL_ATTEMPT_H
#define MODEL_ATTEMPT_H

#include "base/base.h"
#include "base/ids.h"
#include "model/meaning.h"

#define ATTEMPT_STATE_LIST(X)                                                                         \
	X(READY, "ready")         /* stored; not a byte of it ever left                             */ \
	X(SENT, "sent")           /* a try of a READY one is under way: UNKNOWN after a crash       */ \
	X(HELD, "held")           /* sent, but each try was turned away at the door (401, 429, ...) */ \
	X(RESENT, "resent")       /* a try of a HELD one is under way: UNKNOWN after a crash        */ \
	X(UNKNOWN, "unknown")     /* some try had no answer that settles it                         */ \
	X(ACCEPTED, "accepted")   /* Runa has an id for it; polled until its final word             */ \
	X(COMPLETED, "completed") /* bought                                                         */ \
	X(FAILED, "failed")       /* accepted by Runa, then failed there                            */ \
	X(REFUSED, "refused")     /* refused for good: nothing was bought                           */ \
	X(STUCK_UNSENT, "stuck_unsent") /* trying stopped; not a byte ever left                     */ \
	X(STUCK, "stuck")         /* trying stopped; it is not known what happened                  */

enum attempt_state {
#define ATTEMPT_STATE_ENUM(name, word) ATTEMPT_##name,
	ATTEMPT_STATE_LIST(ATTEMPT_STATE_ENUM)
#undef ATTEMPT_STATE_ENUM
	ATTEMPT_STATES
};

/* What is to be done with an attempt when it is due. */
#define TASK_LIST(X)                                                            \
	X(NONE, "none")                                                         \
	X(SEND, "send")     /* POST /order with the stored bytes             */ \
	X(POLL, "poll")     /* GET /order/ID                                 */ \
	X(SEARCH, "search") /* page through GET /order for our own reference */

enum task {
#define TASK_ENUM(name, word) TASK_##name,
	TASK_LIST(TASK_ENUM)
#undef TASK_ENUM
	TASKS
};

struct attempt {
	int64_t id;
	char order_number[ID_NUMBER_SIZE];
	int no;                     /* 1 for the first of its order */
	char key[ID_KEY_SIZE];
	const char *reference;      /* what our description ends with, unique per attempt */
	const char *upstream;       /* base URL it was made for: never sent to another */
	const char *headers;        /* "Name: value\n" lines, all but the API key */
	const char *body;           /* the exact bytes */
	size_t body_bytes;
	enum attempt_state state;
	enum task task;
	int64_t created_at_ms;      /* the key's age counts from here */
	int64_t first_sent_at_ms;   /* 0: never; patience counts from here */
	int64_t due_at_ms;
	int tries;                  /* sends so far */
	int polls;                  /* polls or searches since it entered its state */
	int setup_refusals;         /* answers that said the desk is set up wrong */
	int mute;                   /* pauses in a row: grows the back-off */
	const char *runa_order_id;  /* NULL where not known */
	const char *opened_by;      /* who asked for it */
};

/* One call and its outcome, for people to read. */
struct attempt_try {
	int attempt_no;
	enum task task;
	int64_t begun_at_ms, ended_at_ms; /* ended 0: never recorded (a crash, or under way) */
	enum meaning meaning;             /* valid when ended */
	int http_status;                  /* 0: none */
	const char *error_type;           /* NULL where none */
	const char *request_id;           /* Runa's, for its support; NULL where none */
};

MUST_USE const char *attempt_state_name(enum attempt_state state);
MUST_USE bool attempt_state_from_name(const char *name, enum attempt_state *out);
MUST_USE const char *attempt_task_name(enum task task);
MUST_USE bool attempt_task_from_name(const char *name, enum task *out);
/* COMPLETED, FAILED and REFUSED: nothing will change by itself, and no person can try again. */
MUST_USE bool attempt_is_final(enum attempt_state state);

#endif
