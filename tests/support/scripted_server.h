/* scripted_server.h: a server on the loopback that plays raw bytes, so that tests can cut, stall and
 * flood where they want. It knows no HTTP but where a request ends. Each connection it takes plays
 * the next script in a thread of its own. */
#ifndef SUPPORT_SCRIPTED_SERVER_H
#define SUPPORT_SCRIPTED_SERVER_H

#include "base/base.h"

enum script_what {
	SCRIPT_END,          /* closes the connection in order */
	SCRIPT_READ_HEAD,    /* up to and with the blank line */
	SCRIPT_READ_REQUEST, /* and as many bytes of body as Content-Length says */
	SCRIPT_SAY,          /* `bytes`, `times` over (0 is once) */
	SCRIPT_FLOOD,        /* `bytes` again and again until the other side is gone */
	SCRIPT_STALL,        /* until scripted_go_on, or the other side is gone */
	SCRIPT_RESET,        /* ends with a TCP reset */
	SCRIPT_STOP_LISTENING,
};

struct script_step {
	enum script_what what;
	const char *bytes;
	int times;
};

enum { SCRIPT_STEPS = 12, SCRIPTS = 8 };

struct script {
	struct script_step steps[SCRIPT_STEPS]; /* ends with SCRIPT_END, which is 0 */
};

struct scripted_server;

/* Copies the scripts; the texts in them are borrowed. Connections past the last are closed unread. */
struct scripted_server *scripted_open(const struct script *scripts, size_t count);
int scripted_port(const struct scripted_server *server);
void scripted_go_on(struct scripted_server *server); /* ends each stall, also those to come */
/* Waits until every connection is over. */
void scripted_finish(struct scripted_server *server);
int scripted_connections(const struct scripted_server *server); /* after scripted_finish */
/* What came in on a connection, in order of their coming, after scripted_finish. */
const char *scripted_seen(const struct scripted_server *server, int connection);
void scripted_close(struct scripted_server *server);

#endif
