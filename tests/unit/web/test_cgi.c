/* cgi.c: the one request of a process, from its environment and standard input to its standard output. */
#include "unit/web/site.h"

#include <sys/socket.h>
#include <sys/wait.h>

extern char **environ;

static bool has_no_site;

/* Runs web_answer_cgi in a process of its own, as a web server would; `body` is all that standard input has. */
static const char *run(struct stage *s, char *const *params, const char *body)
{
	int in[2], out[2], status;
	struct text said;
	char piece[4096];
	ssize_t got;
	pid_t child;

	assert_int_equal(pipe(in), 0);
	assert_int_equal(pipe(out), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		dup2(in[0], STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		close(in[1]);
		environ = (char **)params;
		if (!web_is_cgi())
			_exit(1);
		if (has_no_site)
			web_refuse_cgi("It cannot start.\n");
		else
			web_answer_cgi(&s->site);
		_exit(0);
	}
	close(out[1]);
	/* our hold of in[0] stays: a child that reads nothing may be gone before this is written */
	assert_int_equal(write(in[1], body, strlen(body)), strlen(body));
	text_begin(&said, s->mem, 0);
	/* standard input stays open: a web server needn't end it (RFC 3875, 4.2) */
	while ((got = read(out[0], piece, sizeof piece)) > 0)
		text_add(&said, piece, (size_t)got);
	close(in[0]);
	close(in[1]);
	close(out[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	return said.bytes;
}

static void a_get_is_answered_from_the_environment(void **state)
{
	static char *const params[] = {
		"GATEWAY_INTERFACE=CGI/1.1", "REQUEST_METHOD=GET", "SCRIPT_NAME=", "PATH_INFO=/orders/AB", "DESK_USER=alice", NULL,
	};
	const char *said = run(*state, params, "");

	assert_true(text_begins(said, "Status: 200 OK\r\n"));
	assert_non_null(strstr(said, "\r\n\r\n<!doctype html>"));
	assert_non_null(strstr(said, "<h1>order AB</h1>"));
}

static void a_form_is_read_to_its_length_and_no_further(void **state)
{
	struct stage *s = *state;
	const char *body = arena_print(s->mem, "email=x&token=%s", site_token(s, "order", "alice", 0));
	char *const params[] = {
		"GATEWAY_INTERFACE=CGI/1.1", "REQUEST_METHOD=POST", "REQUEST_URI=/orders", "DESK_USER=alice",
		"CONTENT_TYPE=application/x-www-form-urlencoded",
		arena_print(s->mem, "CONTENT_LENGTH=%zu", strlen(body)), NULL,
	};
	const char *said = run(s, params, arena_print(s->mem, "%s\r\nmore", body));

	assert_true(text_begins(said, "Status: 303 See Other\r\n"));
	assert_non_null(strstr(said, "\r\nLocation: /orders/ABC?repeat=1\r\n"));
}

static void an_answer_made_while_it_is_sent_comes_whole_and_a_head_has_no_body(void **state)
{
	static char *const gets[] = {
		"GATEWAY_INTERFACE=CGI/1.1", "REQUEST_METHOD=GET", "PATH_INFO=/file", "DESK_USER=alice", NULL,
	};
	static char *const heads[] = {
		"GATEWAY_INTERFACE=CGI/1.1", "REQUEST_METHOD=HEAD", "PATH_INFO=/file", "DESK_USER=alice", NULL,
	};
	const char *get = run(*state, gets, ""), *head = run(*state, heads, "");

	assert_true(text_begins(get, "Status: 200 OK\r\n"));
	assert_int_equal(strlen(strstr(get, "\r\n\r\n") + 4), (FILE_PIECES - 1) * FILE_PIECE_BYTES);
	assert_true(text_ends(get, "999"));
	assert_true(text_ends(head, "\r\n\r\n"));
	assert_memory_equal(get, head, strlen(head));
}

static void a_form_that_is_too_long_is_refused_unread(void **state)
{
	static char *const params[] = {
		"GATEWAY_INTERFACE=CGI/1.1", "REQUEST_METHOD=POST", "REQUEST_URI=/orders", "DESK_USER=alice",
		"CONTENT_TYPE=application/x-www-form-urlencoded", "CONTENT_LENGTH=65537", NULL,
	};

	assert_true(text_begins(run(*state, params, "a=1"), "Status: 413 Content Too Large\r\n"));
}

static void without_a_site_the_answer_has_the_same_head_and_a_head_no_body(void **state)
{
	static char *const gets[] = { "GATEWAY_INTERFACE=CGI/1.1", "REQUEST_METHOD=GET", "PATH_INFO=/", NULL };
	static char *const heads[] = { "GATEWAY_INTERFACE=CGI/1.1", "REQUEST_METHOD=HEAD", "PATH_INFO=/", NULL };
	static const char *const lines[] = {
		"Cache-Control: no-store", "Content-Security-Policy: default-src 'none'", "Referrer-Policy: no-referrer",
		"X-Content-Type-Options: nosniff", "X-Frame-Options: DENY", "Content-Length: 17",
	};
	const char *get, *head;

	has_no_site = true;
	get = run(*state, gets, "");
	head = run(*state, heads, "");
	has_no_site = false;
	assert_true(text_begins(get, "Status: 503 Service Unavailable\r\n"));
	for (size_t i = 0; i < COUNT_OF(lines); i++)
		assert_non_null(strstr(get, lines[i]));
	assert_true(text_ends(get, "\r\n\r\nIt cannot start.\n"));
	assert_true(text_ends(head, "\r\n\r\n"));
	assert_memory_equal(get, head, strlen(head));
}

static void a_listening_socket_is_no_cgi_and_a_connected_one_may_be(void **state)
{
	int listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), pair[2], before = dup(STDIN_FILENO);

	(void)state;
	assert_int_equal(unsetenv("GATEWAY_INTERFACE"), 0);
	assert_false(web_is_cgi());
	assert_int_equal(setenv("GATEWAY_INTERFACE", "CGI/1.1", 1), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(dup2(pair[0], STDIN_FILENO), STDIN_FILENO);
	assert_true(web_is_cgi());
	assert_int_equal(listen(listening, 1), -1); /* not bound */
	assert_int_equal(bind(listening, &(struct sockaddr){ .sa_family = AF_UNIX }, sizeof(sa_family_t)), 0);
	assert_int_equal(listen(listening, 1), 0);
	assert_int_equal(dup2(listening, STDIN_FILENO), STDIN_FILENO);
	assert_false(web_is_cgi());
	assert_int_equal(dup2(before, STDIN_FILENO), STDIN_FILENO);
	close(before);
	close(listening);
	close(pair[0]);
	close(pair[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WEB_TEST(a_get_is_answered_from_the_environment),
		WEB_TEST(a_form_is_read_to_its_length_and_no_further),
		WEB_TEST(an_answer_made_while_it_is_sent_comes_whole_and_a_head_has_no_body),
		WEB_TEST(a_form_that_is_too_long_is_refused_unread),
		WEB_TEST(without_a_site_the_answer_has_the_same_head_and_a_head_no_body),
		WEB_TEST(a_listening_socket_is_no_cgi_and_a_connected_one_may_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
