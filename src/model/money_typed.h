/* money_typed.h: separators in amounts as people type them; for money.c alone. */
#ifndef MODEL_MONEY_TYPED_H
#define MODEL_MONEY_TYPED_H

#include "model/money.h"

enum { MONEY_TYPED_SIZE = 64 }; /* with groups; a longer one is no amount */

/* Behind the blanks (as text_trim() has them) at its beginning. */
MUST_USE const char *money_skip_blanks(const char *text);
/* Digits in groups, where it can be read in one way only, as digits with a point before decimals. False: it has no
 * groups, or can be read otherwise too, or is no amount. */
MUST_USE bool money_ungroup(const char *text, char plain[MONEY_TYPED_SIZE]);

#endif
