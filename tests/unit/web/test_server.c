/* server.c, connections.c and listen.c over a real socket: whose turn it is, and how it all ends. */
#include "unit/web/live.h"

static void a_request_over_the_socket_is_answered_and_the_socket_is_ours_alone(void **state)
{
	struct live *l = *state;
	struct stat about;

	start(l, 2);
	assert_int_equal(lstat(l->path, &about), 0);
	assert_int_equal(about.st_mode & 07777, 0660);
	get(l, "Status: 200 OK\r\n");
	web_server_close(l->server);
	l->server = NULL;
	assert_int_equal(lstat(l->path, &about), -1);
}

static void a_stale_socket_is_replaced_and_anything_else_is_left_alone(void **state)
{
	struct live *l = *state;
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	struct problem why = { "" };
	char listen[120];
	const struct web_server_options options = { .listen = listen, .threads = 1 };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memcpy(to.sun_path, l->path, strlen(l->path) + 1);
	assert_int_equal(bind(fd, (struct sockaddr *)&to, sizeof to), 0);
	close(fd);
	start(l, 1);
	get(l, "Status: 200 OK\r\n");
	assert_true(snprintf(listen, sizeof listen, "unix:%s", l->path) > 0);
	assert_null(web_server_open(&options, &l->slot, &why));
	assert_non_null(strstr(why.text, "in use"));
	get(l, "Status: 200 OK\r\n");
	web_server_close(l->server);
	l->server = NULL;
	site_write(&l->stage, "socket", "a file");
	assert_null(web_server_open(&options, &l->slot, &why));
	assert_non_null(strstr(why.text, "is no socket"));
	assert_int_equal(access(l->path, F_OK), 0);
}

static void wrong_places_to_listen_are_said(void **state)
{
	static const char *const places[] = { "unix:", "unix:/nonexistent/socket", "nonsense", ":9000", "localhost:port",
	                                      "256.0.0.1:1" };
	struct live *l = *state;

	for (size_t i = 0; i < COUNT_OF(places); i++) {
		struct problem why = { "" };

		assert_null(web_server_open(&(struct web_server_options){ places[i], 1 }, &l->slot, &why));
		assert_true(why.text[0]);
	}
	struct problem why = { "" };

	assert_null(web_server_open(&(struct web_server_options){ "localhost:0", 0 }, &l->slot, &why));
	l->server = web_server_open(&(struct web_server_options){ "127.0.0.1:0", 1 }, &l->slot, &why);
	assert_non_null(l->server);
}

static void fault_10_idle_kept_connections_hold_no_thread(void **state)
{
	struct live *l = *state;
	struct bytes *out = memory_alloc(sizeof *out);
	int fds[20];

	start(l, 2);
	put_get(out, "/", KEEP);
	for (size_t i = 0; i < COUNT_OF(fds); i++) {
		fds[i] = dial(l);
		say(fds[i], out);
		expect(fds[i], "Status: 200 OK\r\n", "</body>");
	}
	get(l, "Status: 200 OK\r\n");
	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < COUNT_OF(fds); i++) {
			say(fds[i], out);
			expect(fds[i], "Status: 200 OK\r\n", "</body>");
		}
	}
	for (size_t i = 0; i < COUNT_OF(fds); i++)
		close(fds[i]);
	free(out);
	assert_int_equal(l->stage.handled, 4 * 20 + 1);
}

static void fault_10_two_hundred_silent_connections_hold_no_thread(void **state)
{
	struct live *l = *state;
	int fds[200];

	start(l, 2);
	for (size_t i = 0; i < COUNT_OF(fds); i++)
		fds[i] = dial(l);
	for (int i = 0; i < 10; i++)
		get(l, "Status: 200 OK\r\n");
	for (size_t i = 0; i < COUNT_OF(fds); i++)
		close(fds[i]);
	get(l, "Status: 200 OK\r\n");
}

static void fault_10_more_requests_than_threads_wait_their_turn(void **state)
{
	struct live *l = *state;
	struct bytes *out = memory_alloc(sizeof *out);
	int64_t longest_ms;
	int fds[30];

	start(l, 3);
	put_get(out, "/wait", 0);
	for (size_t i = 0; i < COUNT_OF(fds); i++) {
		fds[i] = dial(l);
		say(fds[i], out);
	}
	for (int i = 0; i < 3; i++)
		sem_wait(&arrived);
	assert_int_equal(web_server_busy(l->server, &longest_ms), 3); /* fault 30: /readyz can tell */
	assert_true(longest_ms >= 0);
	for (size_t i = 0; i < COUNT_OF(fds); i++)
		sem_post(&may_go);
	for (size_t i = 0; i < COUNT_OF(fds); i++) {
		expect(fds[i], "Status: 200 OK\r\n", "waited");
		close(fds[i]);
	}
	free(out);
	assert_int_equal(web_server_busy(l->server, &longest_ms), 0);
}

static void fault_30_a_thread_stuck_in_a_page_leaves_the_others_serving(void **state)
{
	struct live *l = *state;
	struct bytes *out = memory_alloc(sizeof *out);
	int fd;

	start(l, 2);
	fd = dial(l);
	put_get(out, "/wait", 0);
	say(fd, out);
	sem_wait(&arrived);
	for (int i = 0; i < 20; i++)
		get(l, "Status: 200 OK\r\n");
	sem_post(&may_go);
	expect(fd, "Status: 200 OK\r\n", "waited");
	close(fd);
	free(out);
}

static void fault_06_a_browser_that_goes_away_harms_nobody(void **state)
{
	struct live *l = *state;
	struct bytes *out = memory_alloc(sizeof *out);

	start(l, 1);
	put_get(out, "/wait", KEEP);
	for (int i = 0; i < 5; i++) {
		int fd = dial(l);

		say(fd, out);
		sem_wait(&arrived);
		close(fd);
		sem_post(&may_go);
	}
	free(out);
	get(l, "Status: 200 OK\r\n");
}

/* ---- stopping --------------------------------------------------------------------------------------- */

static void *close_server(void *server)
{
	web_server_close(server);
	return NULL;
}

/* The socket's name is the first thing to go: from then on nothing new comes. */
static pthread_t begin_to_close(struct live *l)
{
	pthread_t closer;

	assert_int_equal(pthread_create(&closer, NULL, close_server, l->server), 0);
	while (access(l->path, F_OK) == 0)
		sched_yield();
	return closer;
}

static void fault_09_stopping_lets_pages_under_way_and_requests_that_came_go_out_whole(void **state)
{
	struct live *l = *state;
	struct bytes *out = memory_alloc(sizeof *out), *kept = memory_alloc(sizeof *kept);
	int in_page, waiting, idle;
	pthread_t closer;

	start(l, 1);
	put_get(kept, "/", KEEP);
	idle = dial(l);
	say(idle, kept);
	expect(idle, "Status: 200 OK\r\n", "</body>");
	in_page = dial(l);
	put_get(out, "/wait", KEEP);
	say(in_page, out);
	sem_wait(&arrived);
	waiting = dial(l);
	say(waiting, kept);
	say(idle, kept); /* its next request is there before the stop */
	closer = begin_to_close(l);
	sem_post(&may_go);
	expect(in_page, "Status: 200 OK\r\n", "waited");
	assert_true(is_closed(in_page));
	expect(waiting, "Status: 200 OK\r\n", "</body>");
	assert_true(is_closed(waiting));
	expect(idle, "Status: 200 OK\r\n", "</body>");
	assert_true(is_closed(idle));
	pthread_join(closer, NULL);
	l->server = NULL;
	close(in_page);
	close(waiting);
	close(idle);
	free(out);
	free(kept);
}

static void stopping_does_not_wait_for_those_who_never_finish_their_request(void **state)
{
	struct live *l = *state;
	struct bytes *half = memory_alloc(sizeof *half), *kept = memory_alloc(sizeof *kept);
	int silent, idle, halves[4];

	start(l, 2);
	silent = dial(l);
	idle = dial(l);
	put_get(kept, "/", KEEP);
	say(idle, kept);
	expect(idle, "Status: 200 OK\r\n", "</body>");
	put_begin(half, 0);
	for (size_t i = 0; i < COUNT_OF(halves); i++) {
		halves[i] = dial(l);
		say(halves[i], half);
	}
	web_server_close(l->server);
	l->server = NULL;
	assert_true(is_closed(silent));
	assert_true(is_closed(idle));
	close(silent);
	close(idle);
	for (size_t i = 0; i < COUNT_OF(halves); i++) {
		assert_true(is_closed(halves[i]));
		close(halves[i]);
	}
	free(half);
	free(kept);
}

static void fault_29_without_descriptors_the_longest_idle_connection_gives_way(void **state)
{
	struct live *l = *state;
	struct bytes *out = memory_alloc(sizeof *out), *wait = memory_alloc(sizeof *wait);
	struct rlimit before, few;
	int silent[60], in_page, last;

	start(l, 1);
	in_page = dial(l);
	put_get(wait, "/wait", 0);
	say(in_page, wait);
	sem_wait(&arrived);
	for (size_t i = 0; i < COUNT_OF(silent); i++)
		silent[i] = dial(l);
	last = dial(l);
	put_get(out, "/", 0);
	say(last, out);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	few = before;
	few.rlim_cur = (rlim_t)last + 5;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	sem_post(&may_go);
	expect(in_page, "Status: 200 OK\r\n", "waited");
	expect(last, "Status: 200 OK\r\n", "</body>");
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_true(is_closed(silent[0]));
	get(l, "Status: 200 OK\r\n");
	for (size_t i = 0; i < COUNT_OF(silent); i++)
		close(silent[i]);
	close(in_page);
	close(last);
	free(out);
	free(wait);
}

static void fault_31_a_swapped_site_serves_the_next_request(void **state)
{
	struct live *l = *state;
	struct web_site next = l->stage.site;
	struct bytes *out = memory_alloc(sizeof *out);
	int fd;

	next.base_path = "/desk";
	start(l, 2);
	shared_begin(&next.shared, keep_site);
	fd = dial(l);
	put_get(out, "/wait", 0);
	say(fd, out);
	sem_wait(&arrived);
	shared_swap(&l->slot, &next.shared);
	get(l, "Status: 404 Not Found\r\n");
	sem_post(&may_go);
	expect(fd, "Status: 200 OK\r\n", "waited"); /* the one that it began with */
	close(fd);
	free(out);
	web_server_close(l->server);
	l->server = NULL;
}

enum { CLIENTS = 8, ROUNDS = 40 };

/* Its own outcome: cmocka's assertions are for the main thread only. */
struct client { pthread_t thread; const struct live *live; int good; };

static void *ask_often(void *context)
{
	struct client *client = context;
	struct bytes *out = memory_alloc(sizeof *out);
	char *heard = memory_alloc(ANSWER_BYTES);

	put_get(out, "/", 0);
	for (int i = 0; i < ROUNDS; i++) {
		int fd = dial(client->live);

		say(fd, out);
		client->good += hear(fd, heard) && text_begins(heard, "Status: 200 OK\r\n") &&
		                strstr(heard, "<p>alice</p>") && text_ends(heard, "</body>\n");
		close(fd);
	}
	free(heard);
	free(out);
	return NULL;
}

static void give_back_templates(struct shared *thing)
{
	struct web_site *site = (struct web_site *)thing;

	templates_close(site->templates);
	free(site);
}

static void fault_31_pages_come_whole_while_templates_are_reloaded(void **state)
{
	struct live *l = *state;
	const struct web_site like = l->stage.site; /* before its holders are counted by other threads */
	struct client clients[CLIENTS];

	start(l, 4);
	for (int i = 0; i < CLIENTS; i++) {
		clients[i] = (struct client){ .live = l };
		assert_int_equal(pthread_create(&clients[i].thread, NULL, ask_often, &clients[i]), 0);
	}
	for (int i = 0; i < 20; i++) {
		struct web_site *next = memory_alloc(sizeof *next);

		*next = like;
		next->templates = templates_open(l->stage.dir, NULL);
		assert_non_null(next->templates);
		shared_begin(&next->shared, give_back_templates);
		shared_swap(&l->slot, &next->shared);
	}
	for (int i = 0; i < CLIENTS; i++) {
		pthread_join(clients[i].thread, NULL);
		assert_int_equal(clients[i].good, ROUNDS);
	}
	web_server_close(l->server);
	l->server = NULL;
	shared_swap(&l->slot, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(a_request_over_the_socket_is_answered_and_the_socket_is_ours_alone),
		LIVE_TEST(a_stale_socket_is_replaced_and_anything_else_is_left_alone),
		LIVE_TEST(wrong_places_to_listen_are_said),
		LIVE_TEST(fault_06_a_browser_that_goes_away_harms_nobody),
		LIVE_TEST(fault_09_stopping_lets_pages_under_way_and_requests_that_came_go_out_whole),
		LIVE_TEST(stopping_does_not_wait_for_those_who_never_finish_their_request),
		LIVE_TEST(fault_10_idle_kept_connections_hold_no_thread),
		LIVE_TEST(fault_10_two_hundred_silent_connections_hold_no_thread),
		LIVE_TEST(fault_10_more_requests_than_threads_wait_their_turn),
		LIVE_TEST(fault_29_without_descriptors_the_longest_idle_connection_gives_way),
		LIVE_TEST(fault_30_a_thread_stuck_in_a_page_leaves_the_others_serving),
		LIVE_TEST(fault_31_pages_come_whole_while_templates_are_reloaded),
		LIVE_TEST(fault_31_a_swapped_site_serves_the_next_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
