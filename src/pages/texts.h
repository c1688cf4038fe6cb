/* texts.h: every word that C must choose among, as tables: what an outcome means, what a rule says, what an
 * error page says. All else that people read stands in the templates. Marked for gettext with N_(). */
#ifndef PAGES_TEXTS_H
#define PAGES_TEXTS_H

#include "base/arena.h"
#include "desk/order.h"
#include "model/attempt.h"
#include "web/page.h"

/* What a person reads about an order, each line one thing. */
struct texts_advice {
	const char *key;        /* as desk/attempt says it, or one of ours below */
	enum money_moved money; /* the answer that the other words go with */
	const char *headline;   /* what happened */
	const char *because;    /* more about it; NULL: nothing, or the error type's own words */
	const char *money_words; /* what it means for the money */
	const char *next;       /* what to do now; NULL: the error type's own advice */
	const char *next_without; /* the same for who has no 'Try again now' on the page; NULL: no difference */
};

/* The words for this order. Where its money is another than the advice goes with (an earlier attempt was never
 * settled), general words about that money take their place: no page says two things about money. */
struct texts_advice texts_advice_for(const struct order *order);
/* Of one that waits for another address of Runa than the desk talks to now; what to do, the page says itself. */
struct texts_advice texts_advice_elsewhere(const struct order *order);
/* Of one that waits while the desk's access to Runa needs mending: nothing is sent, asked or looked for meanwhile. */
struct texts_advice texts_advice_stopped(const struct order *order);
/* NULL: no words for this key with this money. */
MUST_USE const struct texts_advice *texts_advice_find(const char *key, enum money_moved money);

/* What an error type of Runa says (runa-api 16.2). */
struct texts_error {
	const char *type; /* "" for an answer without a type */
	const char *says;
	const char *next; /* what to do when an order was refused for it */
};
/* Never NULL: a type that Runa made up later has general words. */
MUST_USE const struct texts_error *texts_error_for(const char *type);

/* The sentence for a field, with its values filled in. */
MUST_USE char *texts_rule(struct arena *mem, const struct field_error *error);
MUST_USE const char *texts_rule_raw(enum rule rule); /* NULL: no words for it */

MUST_USE const char *texts_status(enum order_status status);
MUST_USE const char *texts_money_moved(enum money_moved moved); /* "yes", "no", "not known yet" */
MUST_USE const char *texts_meaning(enum meaning meaning);       /* what came of one call */
MUST_USE const char *texts_task(enum task task);                /* what the call was for */
MUST_USE const char *texts_distribution(const char *name);      /* the word itself where it is none of the two */
MUST_USE const char *texts_payout(const char *payout_status);   /* Runa's word itself where it is a new one */
MUST_USE const char *texts_title(const char *template_file);    /* NULL: none; the page says its own */

struct texts_environment { const char *word, *means; };
MUST_USE const struct texts_environment *texts_environment(enum runa_environment environment);

/* An error page's words: by reason, else by status. Never NULL. */
struct texts_fail { enum web_status status; const char *reason, *title, *text; };
MUST_USE const struct texts_fail *texts_fail_for(enum web_status status, const char *reason);

#endif
