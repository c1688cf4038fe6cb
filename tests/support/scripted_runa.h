/* scripted_runa.h: a line to Runa whose answers the test has queued, in virtual time. What the test has not
 * said is answered as Runa would: one order a key, replayed for the same bytes (runa-api 8.1), found in the
 * list and by its id. Keeps each request. Uses no test library; one thread. */
#ifndef TESTS_SCRIPTED_RUNA_H
#define TESTS_SCRIPTED_RUNA_H

#include "base/clock.h"
#include "base/ids.h"
#include "runa/line.h"

enum route { ROUTE_ORDER, ROUTE_POLL, ROUTE_LIST, ROUTE_PRODUCTS, ROUTE_BALANCES, ROUTE_PING, ROUTE_ESTIMATE, ROUTES };

/* What becomes of one request. All but what is named is as usual. */
struct reply {
	enum runa_transport transport; /* RUNA_ANSWERED */
	int status;                    /* 0: 200 */
	bool makes_order;              /* of ROUTE_ORDER: it comes into being, whatever the answer says */
	const char *type;              /* the body is an error of this type */
	const char *body;              /* the body is exactly this */
	const char *says;              /* the order's status; NULL: as it is, at first COMPLETED */
	const char *cut_out, *put_in;  /* in the order's JSON: this text gives way to that */
	bool is_resent;                /* the line had sent it once before, to no answer */
	int64_t retry_after_ms;        /* 0: none */
	int64_t after_ms;              /* how long the answer takes; 0: a tenth of a second */
};

#define COMPLETED ((struct reply){ .makes_order = true })
#define PROCESSING ((struct reply){ .status = 202, .makes_order = true, .says = "PROCESSING" })
/* The connection breaks before, and after, Runa has made the order. */
#define CONNECTION_RESET ((struct reply){ .transport = RUNA_LOST })
#define ANSWER_LOST ((struct reply){ .transport = RUNA_LOST, .makes_order = true })
#define UNREACHABLE ((struct reply){ .transport = RUNA_NOT_SENT })
#define NOT_TRUSTED ((struct reply){ .transport = RUNA_NOT_TRUSTED })
#define ONLY_102 ((struct reply){ .transport = RUNA_INTERIM, .status = 102 })
#define TOO_FAST ((struct reply){ .status = 429, .body = "{\"error\":\"rate exceeded\"}" })
#define REFUSAL(code, word) ((struct reply){ .status = (code), .type = (word) })

struct runa_kept { /* a request, as it came */
	enum route route;
	char *path, *headers, *body; /* body "" where none */
	int64_t steady_ms;
};

struct runa_made { /* an order that came into being: it costs money */
	char key[ID_KEY_SIZE];
	char *body; /* what it was ordered with */
	char id[32];
	char *description, *product, *value, *currency;
	const char *says;
};

enum { SCRIPT_REPLIES = 300 };

struct scripted_runa {
	struct runa_line line;
	/* Time goes on only while the desk waits for an answer, or when the test says so. */
	void (*pass)(void *whom, int64_t ms);
	int64_t (*now_ms)(void *whom);
	void *whom;

	struct reply queued[ROUTES][SCRIPT_REPLIES];
	size_t queued_count[ROUTES], queued_used[ROUTES];
	const struct reply *always[ROUTES]; /* instead of what is usual; NULL: nothing special */
	size_t list_page;                   /* entries a page of GET /order; 0: 500 */
	struct reply failure;               /* of the fail_from-th to the fail_to-th request, whatever it is */
	size_t fail_from, fail_to;          /* 0: none; the first is 1 */

	struct runa_kept *requests;
	size_t request_count;
	struct runa_made *made;
	size_t made_count;
	bool bytes_changed; /* a key came with other bytes than before */
	struct flight *flights;
	int wakes;
};

void scripted_runa_begin(struct scripted_runa *runa);
void scripted_runa_end(struct scripted_runa *runa);
/* The process died: nobody waits for the answers that are on their way. */
void scripted_runa_forget_calls(struct scripted_runa *runa);
void scripted_runa_will_say(struct scripted_runa *runa, enum route route, struct reply reply);
/* Orders made whose description ends with this reference, or with it and "-2", ...: all that our order bought. */
MUST_USE int scripted_runa_bought(const struct scripted_runa *runa, const char *number);
MUST_USE size_t scripted_runa_count(const struct scripted_runa *runa, enum route route);

#endif
