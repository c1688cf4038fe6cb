/* cgi.c: the one request of a process that a web server started as plain CGI (RFC 3875). */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "web/parts.h"

bool web_is_cgi(void)
{
	const char *gateway = getenv("GATEWAY_INTERFACE");

	return gateway && *gateway && !listener_is(STDIN_FILENO);
}

/* Reads CONTENT_LENGTH bytes and no more: RFC 3875, 4.2, a server needn't end the input there. */
static char *read_body(struct arena *mem, size_t wanted, size_t *bytes)
{
	char *body = arena_alloc(mem, wanted + 1);
	ssize_t got = file_read(STDIN_FILENO, body, wanted);

	*bytes = got > 0 ? (size_t)got : 0;
	return body;
}

static bool write_piece(void *nobody, const char *bytes, size_t count)
{
	(void)nobody;
	return file_write(STDOUT_FILENO, bytes, count);
}

/* A CGI program has no way to say that its answer was broken off: the log has it. */
static void write_answer(const struct web_answer *answer)
{
	if (!write_piece(NULL, answer->head, answer->head_bytes) ||
	    !write_piece(NULL, answer->body, answer->body_bytes) ||
	    (answer->stream.next && !response_send_stream(&answer->stream, write_piece, NULL)))
		log_line(LOG_NOTE, "answer_not_taken", "errno=%d", errno);
}

void web_refuse_cgi(const char *text)
{
	struct arena *mem = arena_open();
	const struct web_page page = { .mem = mem, .content_type = "text/plain; charset=utf-8", .body = text,
	                               .body_bytes = strlen(text) };
	struct web_answer answer;
	const char *method;
	bool is_head = params_count(environ, "REQUEST_METHOD", &method) == 1 && strcmp(method, "HEAD") == 0;

	if (response_make(&page, WEB_UNAVAILABLE, "", is_head, &answer))
		write_answer(&answer);
	arena_close(mem);
}

void web_answer_cgi(struct web_site *site)
{
	struct arena *mem = arena_open();
	struct web_answer answer;
	const char *said;
	int64_t length = 0;
	size_t bytes, limit = dispatch_body_limit(site, mem, environ);
	char *body;

	signal(SIGPIPE, SIG_IGN);
	if (params_count(environ, "CONTENT_LENGTH", &said) != 1 || !text_number(said, (int64_t)limit, &length))
		length = 0;
	body = read_body(mem, (size_t)length, &bytes);
	web_answer(site, mem, environ, body, bytes, true, &answer);
	write_answer(&answer);
	arena_close(mem);
}
