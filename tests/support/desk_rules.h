/* desk_rules.h: a desk's rules and products for tests, and for the simulation. */
#ifndef TESTS_DESK_RULES_H
#define TESTS_DESK_RULES_H

#include "desk/desk.h"

/* As the configuration has them by default, for a Runa at http://127.0.0.1:1/v2; the caller has the one hold, and may
 * change what is in it before anybody reads. */
MUST_USE struct desk_rules *desk_rules_make(void);

/* TES-GB (10 or 25 GBP), AMZ-GB (1 to 500), OFF-GB (not sold now), QUO-JP and PAY-EU. */
enum { STOCK_COUNT = 5 };
void stock_fill(struct product out[STOCK_COUNT]);

#endif
