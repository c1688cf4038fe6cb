/* server.h: the HTTP side: a thread for each connection, so that a slow answer holds up nobody else. */
#ifndef SANDBOX_SERVER_H
#define SANDBOX_SERVER_H

#include "sandbox/world.h"

enum { SERVER_CONNECTIONS_MAX = 4000 };

struct server;

/* Whether --listen may be that: ADDRESS:PORT, a loopback address. */
MUST_USE bool server_may_listen(const char *where);

/* Listens on `where`, "127.0.0.1:8089" or "[::1]:0"; anything but a loopback address is refused. Port 0
 * takes a free one. NULL with the reason. `is_quiet`: no line for each request on stderr. */
MUST_USE struct server *server_open(struct world *world, const char *where, bool is_quiet, struct problem *why);
/* "http://127.0.0.1:8089"; lives as long as the server. */
MUST_USE const char *server_url(const struct server *server);
/* Ends all connections; world_stop() comes before. NULL is allowed. */
void server_close(struct server *server);

#endif
