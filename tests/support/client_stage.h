/* client_stage.h: a real client on one side, a scripted server on the other, for the tests of runa/client. */
#ifndef SUPPORT_CLIENT_STAGE_H
#define SUPPORT_CLIENT_STAGE_H

#include "runa/client.h"
#include "support/scripted_server.h"
#include "support/tmp.h"

enum { LONG_MS = 60000 };
#define KEY_OF_STAGE "XX0demo1.not-a-real-key"
#define OK_ANSWER "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
#define PROCESSING_ANSWER "HTTP/1.1 102 Processing\r\n\r\n"

struct stage {
	struct scripted_server *server;
	struct runa_line *line;
	struct runa_client_options options;
	char base_url[64], key_file[TMP_PATH_SIZE];
	struct runa_answer answer; /* of the last stage_post */
};

int client_stage_set_up(void **state); /* a key file, and time limits that no test waits for */
int client_stage_tear_down(void **state);

void stage_write_key(const struct stage *s, const char *key);
void stage_address(struct stage *s, const char *base_url);
void stage_open_line(struct stage *s); /* to stage_address's, or to the server */
void stage_scripts(struct stage *s, const struct script *scripts, size_t count); /* server and line */
void stage_script(struct stage *s, struct script script);

void stage_begin(struct stage *s, const char *method, const char *path, const char *body, void *tag);
/* Fails the test, instead of hanging in it, when no answer comes. */
void stage_wait(struct stage *s, struct runa_answer *out);
/* POST /order, answered; the answer's trouble never shows the key. */
const struct runa_answer *stage_post(struct stage *s);
/* The server reads a whole request and then plays one step: how did the try end? */
enum runa_transport stage_end_of(struct stage *s, struct script_step step);
/* Closes both sides: what the server saw is complete then. */
void stage_finish(struct stage *s);

#endif
