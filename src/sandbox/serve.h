/* serve.h: takes a request through fault, API, key and journal to the answer that is to be sent. */
#ifndef SANDBOX_SERVE_H
#define SANDBOX_SERVE_H

#include "sandbox/world.h"

/* Any thread; holds the world's lock in steps and pauses between them without it. *out is complete,
 * headers too, and lives in the request's arena. False: the program ends, send nothing. */
MUST_USE bool serve_request(struct world *world, struct request *request, struct answer *out);

#endif
