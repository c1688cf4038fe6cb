/* estimate.h: what Runa would charge for an order, asked before it is placed (runa-api 10). It helps a person to
 * decide; nothing that is ordered depends on it. The call goes over the dispatcher's line, a late answer is dropped. */
#ifndef DESK_ESTIMATE_H
#define DESK_ESTIMATE_H

#include "base/sizes.h"
#include "desk/desk.h"

enum { ESTIMATE_WAIT_MS = 1500, ESTIMATES_MOST = 4, ESTIMATES_A_MINUTE = 30 };

enum estimated {
	ESTIMATE_KNOWN,       /* price and discount are Runa's own word */
	ESTIMATE_REFUSED,     /* Runa says that it would not take this order now: error_type */
	/* There is none, because: */
	ESTIMATE_NOT_OFFERED, /* this Runa has none, such as the playground (runa-api 20) */
	ESTIMATE_NOBODY,      /* no dispatcher runs here (plain CGI), or it is stopping */
	ESTIMATE_STOPPED,     /* the desk is set up wrong */
	ESTIMATE_PAUSED,      /* Runa asked everyone to slow down */
	ESTIMATE_BUSY,        /* too many wait for one already, or had one in the last minute */
	ESTIMATE_LATE,        /* no answer within ESTIMATE_WAIT_MS */
	ESTIMATE_UNCLEAR,     /* no answer, or one that isn't about this order */
	ESTIMATE_OUTCOMES
};

struct estimate {
	struct money price, discount; /* of KNOWN */
	int64_t at_ms;                /* when Runa said so */
	char error_type[SIZE_RUNA_TYPE + 1]; /* of REFUSED; "" where Runa named none */
};

/* Waits for the dispatcher at most ESTIMATE_WAIT_MS, on the machine's own clock; at most ESTIMATES_MOST threads do at
 * once, and at most half of most_waiting (a quarter of the threads): the others are told at once that there is none.
 * Any thread; holds no lock while it waits. */
MUST_USE enum estimated estimate_ask(struct desk *desk, const char *product_code, struct money face_value,
                                     struct estimate *out);

#endif
