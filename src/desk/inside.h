/* inside.h: the desk's own insides, for the files of this room alone. */
#ifndef DESK_INSIDE_H
#define DESK_INSIDE_H

#include <pthread.h>

#include "base/sizes.h"
#include "desk/desk.h"
#include "desk/estimate.h"
#include "desk/find.h"

/* What one person orders, kept for a while (find_own.c). */
struct own_products {
	char user[SIZE_USER + 1];
	int64_t until_ms; /* on the steady clock */
	size_t count;
	char codes[FIND_OWN_MOST][SIZE_PRODUCT_CODE + 1];
};

/* One estimate that a page's thread waits for (estimate.c). */
struct estimate_wanted {
	uint64_t no;
	char product_code[SIZE_PRODUCT_CODE + 1];
	struct money face_value;
};

struct estimate_place {
	enum { ESTIMATE_FREE, ESTIMATE_WANTED, ESTIMATE_ASKED, ESTIMATE_ANSWERED } state;
	struct estimate_wanted wanted;
	enum estimated outcome; /* of ANSWERED */
	struct estimate answer;
};

struct estimates { /* under the desk's lock */
	struct estimate_place places[ESTIMATES_MOST];
	pthread_cond_t came;
	uint64_t last_no;
	int64_t minute_ms; /* steady: when the minute began in which in_minute were asked for */
	int in_minute;
	bool is_closing;
};

struct desk {
	struct ledger *ledger;
	const struct clock *clock;
	const struct chance *chance;
	const struct seal_key *link_key;
	int most_waiting;
	struct shared_slot rules, catalogue;

	pthread_mutex_t own_lock; /* guards own */
	struct own_products own[64]; /* by hash of the person's name */

	pthread_mutex_t lock; /* guards all below */
	pthread_cond_t news_came;
	uint64_t news[64]; /* by hash of the order's number: strangers rarely wake each other */
	int waiting;
	void (*wake)(void *whom);
	void *wake_whom;
	bool is_stopped;
	char stop_reason[96];
	int64_t pause_until_ms, dispatcher_seen_ms;
	int unanswered;        /* calls, one after the other */
	int64_t away_since_ms; /* when the first of them ended */
	struct estimates estimates;
};

/* A place among `places` for a text: the same each time, strangers rarely alike. */
MUST_USE size_t desk_place_of(const char *text, size_t places);
/* Does the desk talk to this address of Runa now? What was made for another waits for it. */
MUST_USE bool desk_talks_to(struct desk *desk, const char *upstream);

void desk_wake(struct desk *desk);
/* For waiting on the machine's own monotonic clock: people wait in real time. */
void desk_cond_begin(pthread_cond_t *cond);
MUST_USE struct timespec desk_steady_after(int ms);
/* Something was recorded for this order: whoever waits for it looks again. */
void desk_tell_news(struct desk *desk, const char *number);

/* The desk is set up wrong: nothing is sent until ping and balance pass (design 3). */
void desk_stop_sending(struct desk *desk, const char *reason);
void desk_go_on_sending(struct desk *desk);
MUST_USE bool desk_is_stopped(struct desk *desk);
/* What earlier processes left: a stop, a pause. */
void desk_load_stop(struct desk *desk);
/* A call ended, with an answer of whatever kind, or without any. */
void desk_heard_runa(struct desk *desk, bool has_answered);
void desk_seen_dispatching(struct desk *desk, int64_t now_ms, int64_t pause_until_ms);

/* Did one of these attempts perhaps buy something? */
MUST_USE bool desk_earlier_unknown(const struct attempt *attempts, size_t count);

void catalogue_load(struct desk *desk);

/* estimate.c: the dispatcher's side. The next one wanted is asked for now; false: none. */
MUST_USE bool estimate_take(struct desk *desk, struct estimate_wanted *out);
/* Its answer (NULL: none); nobody may wait for it any more. */
void estimate_give(struct desk *desk, uint64_t no, enum estimated outcome, const struct estimate *answer);
/* The dispatcher ends: whoever waits is told. */
void estimates_end(struct desk *desk);
void estimates_open(struct estimates *estimates);
void estimates_close(struct desk *desk); /* waits until nobody waits */

#endif
