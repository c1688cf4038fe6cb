/* order_acts.h: one order's page as a person looks at it, and what can be done from it. */
#ifndef UNIT_PAGES_ORDER_ACTS_H
#define UNIT_PAGES_ORDER_ACTS_H

#include "support/portal.h"

static inline struct portal_answer look(struct portal *portal, const char *user, const char *number, const char *rest)
{
	return portal_get(portal, user, arena_print(portal->mem, "/orders/%s%s", number, rest));
}

static inline struct portal_answer act(struct portal *portal, const char *user, const char *number,
                                       const char *what, const char *fields)
{
	const char *path = arena_print(portal->mem, "/orders/%s/%s", number, what);

	return portal_post(portal, user, path,
	                   arena_print(portal->mem, "token=%s%s%s", portal_token(portal, path, user), *fields ? "&" : "",
	                               fields));
}

/* An order that nobody found at Runa: an approver may open a new attempt. */
static inline const char *stuck(struct portal *portal, const char *user)
{
	const char *number = portal_place(portal, user);

	portal_settle(portal, number, ATTEMPT_STUCK, MEANING_UNKNOWN, (struct ledger_step){ .advice = "stuck_absent" });
	return number;
}

#endif
