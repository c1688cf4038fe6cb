/* wire.h: answers that leave as bytes on the socket, past the HTTP library: cut, endless, dripping. */
#ifndef SANDBOX_WIRE_H
#define SANDBOX_WIRE_H

#include "sandbox/exchange.h"

enum wired {
	WIRED_GO_ON, /* nothing final was sent: the HTTP library may send the whole answer */
	WIRED_DONE,  /* the connection is to be closed */
};

/* Sends `answer` in its manner. Waits as long as that takes: until the client is gone, all is sent, or
 * `stop_fd` becomes readable. `fd` is a connected socket, blocking or not. Any thread. */
MUST_USE enum wired wire_send(int fd, int stop_fd, struct arena *mem, const struct answer *answer);

/* "OK", "Not Found"; "" where unknown. */
MUST_USE const char *wire_reason(int status);

#endif
