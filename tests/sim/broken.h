/* broken.h: deliberately broken copies of the rules. The simulation must catch each of them: that is the
 * proof that it can fail. They sit on the linker's --wrap seams, so that the desk's own code has no switch. */
#ifndef SIM_BROKEN_H
#define SIM_BROKEN_H

#define BROKEN_LIST(X)                                                                                  \
	X(NEW_KEY_AFTER_5XX, "new-key-after-5xx")       /* an unanswered try is sent under a fresh key */ \
	X(BELIEVES_REFUSAL, "believes-refusal")         /* a refusal settles an earlier unknown try    */ \
	X(UNKNOWN_IS_FAILED, "unknown-is-failed")       /* a lost answer is shown as failed            */ \
	X(KEYS_NEVER_AGE, "keys-never-age")             /* keys are sent after 30 days                 */ \
	X(ONE_SEARCH, "one-search")                     /* one search that finds nothing is believed   */ \
	X(BODY_REBUILT, "body-rebuilt")                 /* a resend has other bytes                    */ \
	X(SENT_BEFORE_SYNC, "sent-before-sync")         /* syncs are skipped: a crash forgets          */

enum broken {
	BROKEN_NONE,
#define BROKEN_ENUM(name, word) BROKEN_##name,
	BROKEN_LIST(BROKEN_ENUM)
#undef BROKEN_ENUM
	BROKENS
};

extern enum broken broken;
/* Cells of the desk's table of (state, meaning) that were met so far, and how many there are. */
int broken_cells_met(int *all);
const char *broken_name(enum broken which);

#endif
