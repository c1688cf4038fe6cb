/* control.h: the endpoint below /_sandbox/, by which tests arrange and look (doc/sandbox-control.md). */
#ifndef SANDBOX_CONTROL_H
#define SANDBOX_CONTROL_H

#include "sandbox/world.h"

/* Whether the path is the control endpoint's; such requests are neither counted nor journalled. */
MUST_USE bool control_is_for(const char *path);
/* Any thread; takes the world's lock. May wait (GET /_sandbox/wait). */
void control_answer(struct world *world, struct request *request, struct answer *out);

#endif
