/* test_static.c: what is below /static/: types, names with a hash that may be kept for good, and no way out. */
#include "site.h"

#define ASSERT_STATUS(answer, wanted) assert_int_equal(answer_status(&(answer)), wanted)

/* How a page names desk.css, with templates and files as they are now. */
static const char *named(struct stage *s)
{
	struct problem why;
	struct web_answer answer;
	const char *at;

	templates_close(s->site.templates);
	static_files_close(s->site.static_files);
	site_write(s, "page.html", SITE_FIRST "<a href=\"{{DESK_CSS}}\">");
	s->site.templates = templates_open(s->dir, &why);
	assert_non_null(s->site.templates);
	s->site.static_files = static_files_open(s->dir);
	answer = ask(s, "GET", "/", "", NULL);
	ASSERT_STATUS(answer, 200);
	at = strstr(answer.body, "<a href=\"desk.");
	assert_non_null(at);
	at += strlen("<a href=\"");
	return arena_copy(s->mem, at, strcspn(at, "\""));
}

static struct web_answer ask_named(struct stage *s, const char *name, const char *const *changes)
{
	return ask(s, "GET", arena_print(s->mem, "/static/%s", name), "", changes);
}

static void a_static_file_has_its_type_and_is_asked_for_again(void **state)
{
	struct stage *s = *state;
	struct web_answer answer;
	const char *etag;

	site_write(s, "desk.css", "p {}\n");
	answer = ask_named(s, "desk.css", CHANGES("-DESK_USER"));
	ASSERT_STATUS(answer, 200);
	assert_string_equal(answer.body, "p {}\n");
	assert_string_equal(answer_line(s, &answer, "Content-Type"), "text/css; charset=utf-8");
	assert_string_equal(answer_line(s, &answer, "Cache-Control"), "no-cache");
	etag = answer_line(s, &answer, "ETag");
	answer = ask_named(s, "desk.css", CHANGES(arena_print(s->mem, "HTTP_IF_NONE_MATCH=W/%s", etag)));
	ASSERT_STATUS(answer, 304);
	assert_int_equal(answer.body_bytes, 0);
	answer = ask_named(s, "desk.css", CHANGES("HTTP_IF_NONE_MATCH=\"other\""));
	ASSERT_STATUS(answer, 200);
	answer = ask(s, "HEAD", "/static/desk.css", "", NULL);
	assert_int_equal(answer.body_bytes, 0);
	assert_string_equal(answer_line(s, &answer, "Content-Length"), "5");
}

static void a_page_names_a_file_by_its_content_and_that_name_is_kept_for_good(void **state)
{
	struct stage *s = *state;
	struct web_answer answer;
	const char *name;

	site_write(s, "desk.css", "p {}\n");
	name = named(s);
	/* BLAKE2b-256 of "p {}\n" begins so (RFC 7693; b2sum -l 256) */
	assert_string_equal(name, "desk.83ca6243.css");
	answer = ask_named(s, name, CHANGES("-DESK_USER"));
	ASSERT_STATUS(answer, 200);
	assert_int_equal(answer.body_bytes, 5);
	assert_memory_equal(answer.body, "p {}\n", 5);
	assert_string_equal(answer_line(s, &answer, "Content-Type"), "text/css; charset=utf-8");
	assert_string_equal(answer_line(s, &answer, "Cache-Control"), "public, max-age=31536000, immutable");
	answer = ask_named(s, name, CHANGES(arena_print(s->mem, "HTTP_IF_NONE_MATCH=%s", answer_line(s, &answer, "ETag"))));
	ASSERT_STATUS(answer, 304);
	assert_int_equal(answer.body_bytes, 0);
}

static void another_hash_is_nothing_that_is_here_and_is_never_kept(void **state)
{
	static const char *const names[] = {
		"desk.00000000.css", "desk.83ca6243.js", "desk.83ca6243.83ca6243.css", "desk.83ca6243", ".83ca6243.css", "83ca6243.css",
		"layout.83ca6243.css", "desk.83ca6243.css.css", "desk.UPPER.css",
	};
	struct stage *s = *state;

	site_write(s, "desk.css", "p {}\n");
	assert_non_null(named(s));
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		struct web_answer answer = ask_named(s, names[i], NULL);

		if (answer_status(&answer) != 404)
			fail_msg("%s: %d", names[i], answer_status(&answer));
		assert_string_equal(answer_line(s, &answer, "Cache-Control"), "no-store");
	}
}

static void an_update_changes_no_name_and_no_content_before_the_reload(void **state)
{
	struct stage *s = *state;
	struct web_answer answer;
	const char *before, *after;

	site_write(s, "desk.css", "p {}\n");
	before = named(s);
	site_write(s, "desk.css", "b {}\n");
	answer = ask_named(s, before, NULL);
	ASSERT_STATUS(answer, 200);
	assert_memory_equal(answer.body, "p {}\n", 5);
	after = named(s);
	assert_string_not_equal(after, before);
	answer = ask_named(s, after, NULL);
	assert_memory_equal(answer.body, "b {}\n", 5);
	answer = ask_named(s, before, NULL);
	ASSERT_STATUS(answer, 404);
}

static void a_page_works_where_the_folder_of_static_files_is_missing(void **state)
{
	struct stage *s = *state;
	struct web_answer answer;

	s->site.static_files = static_files_open("/nonexistent");
	answer = ask(s, "GET", "/", "", NULL);
	ASSERT_STATUS(answer, 200);
	answer = ask_named(s, "desk.0a1b2c3d.css", NULL);
	ASSERT_STATUS(answer, 404);
}

static void no_path_leads_out_of_the_static_files(void **state)
{
	static const char *const uris[] = {
		"/static/", "/static", "/static/.", "/static/..", "/static/../desk.css", "/static/%2e%2e/desk.css",
		"/static/..%2fdesk.css", "/static//desk.css", "/static/.hidden.css", "/static/desk.secret", "/static/desk",
		"/static/folder.css", "/static/folder.css/x.css", "/static/link.css", "/static/pipe.css", "/static/%2fetc%2fpasswd",
		"/static/desk.css/", "/static/./desk.css", "/static/desk.css%00.css", "/static/desk%5c.css", "/static/none.css",
		"/static/desk.css%20", "/STATIC/desk.css", "/static/page.html", "/static/desk.0a1b2c3d.css",
	};
	struct stage *s = *state;
	char path[160];

	site_write(s, "desk.css", "p {}\n");
	site_write(s, ".hidden.css", "p {}\n");
	site_write(s, "desk.secret", "s");
	site_write(s, "desk.0a1b2c3d.css", "p {}\n"); /* its name says another content than it has */
	assert_true(snprintf(path, sizeof path, "%s/folder.css", s->dir) > 0);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_true(snprintf(path, sizeof path, "%s/link.css", s->dir) > 0);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	assert_true(snprintf(path, sizeof path, "%s/pipe.css", s->dir) > 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	s->site.static_files = static_files_open(s->dir);
	for (size_t i = 0; i < COUNT_OF(uris); i++) {
		struct web_answer answer = ask(s, "GET", uris[i], "", NULL);

		if (answer_status(&answer) != 404 && answer_status(&answer) != 400)
			fail_msg("%s: %d", uris[i], answer_status(&answer));
		assert_null(strstr(answer.body, "p {}"));
	}
	struct web_answer answer = ask(s, "GET", "/static/desk.css", "", NULL);

	ASSERT_STATUS(answer, 200);
	s->site.static_dir = NULL;
	answer = ask(s, "GET", "/static/desk.css", "", NULL);
	ASSERT_STATUS(answer, 404);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WEB_TEST(a_static_file_has_its_type_and_is_asked_for_again),
		WEB_TEST(a_page_names_a_file_by_its_content_and_that_name_is_kept_for_good),
		WEB_TEST(another_hash_is_nothing_that_is_here_and_is_never_kept),
		WEB_TEST(an_update_changes_no_name_and_no_content_before_the_reload),
		WEB_TEST(a_page_works_where_the_folder_of_static_files_is_missing),
		WEB_TEST(no_path_leads_out_of_the_static_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
