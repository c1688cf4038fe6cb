/* meaning.h: what an answer of Runa means for the attempt it belongs to. Read once, in
 * runa/meaning; what follows from it is decided once, in desk/attempt (design 3). */
#ifndef MODEL_MEANING_H
#define MODEL_MEANING_H

#include "base/base.h"

#define MEANING_LIST(X)                                                                             \
	/* of POST /order and GET /order/ID */                                                      \
	X(COMPLETED, "completed")     /* bought: id, price and link are there                    */ \
	X(ACCEPTED, "accepted")       /* Runa has the order (its id is known), no final word yet */ \
	X(FAILED, "failed")           /* accepted, then failed                                   */ \
	X(REFUSED, "refused")         /* final 4xx: nothing was bought by this try               */ \
	X(SETUP, "setup")             /* the desk is set up wrong: stop for all                  */ \
	X(SETUP_STORED, "setup_stored") /* the same again although ping and balance pass: it is kept with the key */ \
	X(BUSY, "busy")               /* the same key is still being worked on                   */ \
	X(MISMATCH, "mismatch")       /* 'other bytes under one key': a fault of ours            */ \
	X(SLOW_DOWN, "slow_down")     /* 429: everyone pauses                                    */ \
	X(UNKNOWN, "unknown")         /* an order may or may not have come of it                 */ \
	X(NOT_SENT, "not_sent")       /* not a byte of the request left                          */ \
	X(FOREIGN, "foreign")         /* an order that isn't ours came back: never adopt it      */ \
	/* of a search in GET /order (runa-api 8.4) */                                              \
	X(FOUND, "found")             /* the order is there: its id is known                     */ \
	X(ABSENT, "absent")           /* every page was read, and it is not there                */ \
	X(NO_NEWS, "no_news")         /* the search, or a poll, could not be finished            */

enum meaning {
#define MEANING_ENUM(name, word) MEANING_##name,
	MEANING_LIST(MEANING_ENUM)
#undef MEANING_ENUM
	MEANINGS
};

/* The word used in the ledger and the log. */
MUST_USE const char *meaning_name(enum meaning meaning);
MUST_USE bool meaning_from_name(const char *name, enum meaning *out);

#endif
