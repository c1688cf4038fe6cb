/* faults.h: what is to go wrong, asked for beforehand through POST /_sandbox/faults. A fault waits in
 * a queue until a request matches it. Guarded by the world's lock. */
#ifndef SANDBOX_FAULTS_H
#define SANDBOX_FAULTS_H

#include "base/problem.h"
#include "sandbox/exchange.h"

struct settings;
struct action;

enum { FAULTS_MAX = 10000 };

/* How lists are paged while a fault says so. */
enum paging { PAGING_RIGHT, PAGING_REPEATS, PAGING_ENDLESS, PAGING_EMPTY };

/* One row of the table of kinds (faults.c). */
struct fault_kind {
	const char *name;
	bool runs_api;      /* the request reaches the API: an order is really made */
	enum manner manner; /* how the answer goes out */
	/* Edits or replaces the answer; NULL: it stays. */
	void (*change)(const struct action *action, const struct settings *settings,
	               const struct request *request, struct answer *answer);
};

enum wanted { WANTED_UNSAID, WANTED_NO, WANTED_YES };

/* What one request has to suffer. A zeroed one with kind NULL is nothing. */
struct action {
	const struct fault_kind *kind;
	int64_t delay_ms, delay_after_ms; /* before the order is stored; before the answer */
	bool runs_api;
	enum wanted store_answer;         /* the changed answer stays with the key */
	struct manner_of how;
	bool is_async, will_fail;         /* orders: 202 to a synchronous one; FAILED in the end */
	int64_t processing_ms;            /* -1: the setting's */
	enum paging paging;
	struct json_object *spec;         /* the whole `do`, in the request's arena */
};

struct fault;

struct fault_queue {
	struct fault *list;
	size_t count, room;
};

void faults_begin(struct fault_queue *queue);
void faults_end(struct fault_queue *queue);
void faults_clear(struct fault_queue *queue);

/* Adds one fault as written in doc/sandbox-control.md. False with the reason. */
MUST_USE bool faults_add(struct fault_queue *queue, struct arena *mem, struct json_object *fault, struct problem *why);
/* The first fault that matches and has times left; it has one less afterwards. Without one *out is
 * the action that does nothing. */
void faults_take(struct fault_queue *queue, const struct request *request, struct action *out);
/* What still waits, for GET /_sandbox/faults; the caller owns it. */
MUST_USE struct json_object *faults_show(const struct fault_queue *queue, struct arena *mem);

#endif
