/* changes.h: the edits that a fault makes to an answer, one function a kind (faults.c has the table). */
#ifndef SANDBOX_CHANGES_H
#define SANDBOX_CHANGES_H

#include "sandbox/faults.h"

#define CHANGE(name) \
	void name(const struct action *action, const struct settings *settings, const struct request *request, \
	          struct answer *answer)

CHANGE(change_status);       /* any canned answer */
CHANGE(change_rate);         /* 429 with its odd body */
CHANGE(change_error);        /* a documented error */
CHANGE(change_redirect);
CHANGE(change_content_type);
CHANGE(change_in_progress);
CHANGE(change_nested);       /* a member nested `depth` levels deep, first in the object */
CHANGE(change_patch);        /* set, remove, raw_replace */

#endif
