/* client_stage.c: sets the stage for tests of runa/client, and clears it. Knows no test. */
#include "support/client_stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char ORDER_HEADERS[] =
	"Content-Type: application/json\nX-Api-Version: 2024-02-05\nX-Idempotency-Key: k-1\nX-Execution-Mode: sync\n";

void stage_write_key(const struct stage *s, const char *key)
{
	FILE *file = fopen(s->key_file, "w");

	assert_non_null(file);
	assert_true(fputs(key, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

int client_stage_set_up(void **state)
{
	struct stage *s = calloc(1, sizeof *s);
	int fd;

	assert_true(tmp_template(s->key_file, "test_client_key"));
	fd = mkstemp(s->key_file);
	assert_true(fd >= 0);
	close(fd);
	stage_write_key(s, " " KEY_OF_STAGE "\r\n");
	s->options = (struct runa_client_options){ .base_url = s->base_url, .api_key_file = s->key_file,
		.connect_timeout_ms = LONG_MS, .timeout_ms = LONG_MS };
	*state = s;
	return 0;
}

int client_stage_tear_down(void **state)
{
	struct stage *s = *state;

	runa_answer_drop(&s->answer);
	if (s->line != NULL)
		s->line->close(s->line);
	if (s->server != NULL)
		scripted_close(s->server);
	unlink(s->key_file);
	free(s);
	return 0;
}

void stage_address(struct stage *s, const char *base_url)
{
	(void)snprintf(s->base_url, sizeof s->base_url, "%s", base_url);
}

void stage_open_line(struct stage *s)
{
	struct problem why = { "" };

	if (s->base_url[0] == '\0')
		(void)snprintf(s->base_url, sizeof s->base_url, "http://127.0.0.1:%d/v2", scripted_port(s->server));
	s->line = runa_client_open(&s->options, &why);
	assert_string_equal(why.text, "");
	assert_non_null(s->line);
}

void stage_scripts(struct stage *s, const struct script *scripts, size_t count)
{
	s->server = scripted_open(scripts, count);
	stage_open_line(s);
}

void stage_script(struct stage *s, struct script script)
{
	stage_scripts(s, &script, 1);
}

void stage_begin(struct stage *s, const char *method, const char *path, const char *body, void *tag)
{
	struct runa_request request = { method, path, ORDER_HEADERS, body, body != NULL ? strlen(body) : 0, 1000 };

	s->line->begin(s->line, &request, tag);
}

void stage_wait(struct stage *s, struct runa_answer *out)
{
	for (int i = 0; i < 10; i++)
		if (s->line->wait(s->line, 2000, out, 1) == 1)
			return;
	fail_msg("no answer came");
}

const struct runa_answer *stage_post(struct stage *s)
{
	runa_answer_drop(&s->answer);
	stage_begin(s, "POST", "/order", "{\"a\":1}", s);
	stage_wait(s, &s->answer);
	assert_ptr_equal(s->answer.tag, s);
	if (s->answer.transport != RUNA_ANSWERED)
		assert_null(s->answer.body);
	assert_null(strstr(s->answer.trouble, KEY_OF_STAGE));
	assert_null(strstr(s->answer.trouble, "not-a-real-key"));
	return &s->answer;
}

void stage_finish(struct stage *s)
{
	s->line->close(s->line);
	s->line = NULL;
	scripted_finish(s->server);
}

enum runa_transport stage_end_of(struct stage *s, struct script_step step)
{
	stage_script(s, (struct script){ { { .what = SCRIPT_READ_REQUEST }, step } });
	return stage_post(s)->transport;
}

