/* dispatch.c: who gets to which page, and what everyone else is told. */
#include "unit/web/site.h"

#define ASSERT_STATUS(answer, status) assert_int_equal(answer_status(&(answer)), (status))

static void a_page_comes_within_the_layout_with_its_length(void **state)
{
	struct stage *s = *state;
	struct web_answer answer = ask(s, "GET", "/", "", CHANGES("DESK_NAME=Alice <b>"));

	ASSERT_STATUS(answer, 200);
	assert_true(text_begins(answer.body, "<!doctype html>"));
	assert_non_null(strstr(answer.body, "<title>&lt;Overview&gt; &amp; &quot;more&quot;</title>"));
	assert_non_null(strstr(answer.body, "<p>Alice &lt;b&gt;</p>"));
	assert_non_null(strstr(answer.body, "SANDBOX"));
	assert_non_null(strstr(answer.body, "href=\"/orders\""));
	assert_null(strstr(answer.body, "refresh"));
	assert_string_equal(answer_line(s, &answer, "Content-Type"), "text/html; charset=utf-8");
	assert_string_equal(answer_line(s, &answer, "Content-Length"), arena_print(s->mem, "%zu", answer.body_bytes));
}

static void a_literal_row_wins_and_path_values_reach_the_handler(void **state)
{
	struct stage *s = *state;
	struct web_answer answer = ask(s, "GET", "/orders/new", "", NULL);

	assert_non_null(strstr(answer.body, "Overview"));
	answer = ask(s, "GET", "/orders/A-1_x~.7", "", NULL);
	assert_non_null(strstr(answer.body, "<h1>order A-1_x~.7</h1>"));
	assert_non_null(strstr(answer.body, "<meta http-equiv=\"refresh\" content=\"2\">"));
	answer = ask(s, "GET", "/orders/ABC.json", "", NULL);
	assert_string_equal(answer.body, "{\"id\": \"ABC\"}");
	assert_string_equal(answer_line(s, &answer, "Content-Type"), "application/json");
	answer = ask(s, "GET", "/orders/%41BC", "", NULL);
	assert_non_null(strstr(answer.body, "<h1>order ABC</h1>"));
}

static void base_path_is_taken_off_and_put_before_a_redirect(void **state)
{
	struct stage *s = *state;
	struct web_answer answer;

	s->site.base_path = "/desk";
	answer = ask(s, "GET", "/desk/", "", NULL);
	ASSERT_STATUS(answer, 200);
	answer = ask(s, "GET", "/desk", "", NULL);
	ASSERT_STATUS(answer, 200);
	answer = ask(s, "GET", "/desk/orders/new?product=X", "", NULL);
	ASSERT_STATUS(answer, 200);
	answer = ask(s, "GET", "/", "", NULL);
	ASSERT_STATUS(answer, 404);
	answer = ask(s, "GET", "/desktop/", "", NULL);
	ASSERT_STATUS(answer, 404);
	answer = ask(s, "GET", "/desk/go?to=/orders", "", NULL);
	ASSERT_STATUS(answer, 303);
	assert_string_equal(answer_line(s, &answer, "Location"), "/desk/orders");
	answer = ask(s, "GET", "/desk/../desk/orders", "", NULL);
	ASSERT_STATUS(answer, 404);
}

static void cgi_without_a_request_uri_uses_script_name_and_path_info(void **state)
{
	struct stage *s = *state;
	struct web_answer answer;

	s->site.base_path = "/cgi-bin/payoutdesk";
	answer = ask(s, "GET", "", "", CHANGES("-REQUEST_URI", "SCRIPT_NAME=/cgi-bin/payoutdesk",
	                                       "PATH_INFO=/orders/A%41", "QUERY_STRING=a=1"));
	ASSERT_STATUS(answer, 404); /* decoded by the server already: '%' is no part of a number */
	answer = ask(s, "GET", "", "", CHANGES("-REQUEST_URI", "SCRIPT_NAME=/cgi-bin/payoutdesk", "PATH_INFO=/orders/AB"));
	ASSERT_STATUS(answer, 200);
	answer = ask(s, "GET", "", "", CHANGES("-REQUEST_URI", "SCRIPT_NAME=/cgi-bin/payoutdesk"));
	ASSERT_STATUS(answer, 200);
	answer = ask(s, "GET", "", "", CHANGES("-REQUEST_URI", "SCRIPT_NAME=/cgi-bin/payoutdesk",
	                                       "PATH_INFO=/orders/\xff"));
	ASSERT_STATUS(answer, 400);
	answer = ask(s, "GET", "", "", CHANGES("-REQUEST_URI"));
	ASSERT_STATUS(answer, 400);
}

static void a_wrong_method_is_told_which_are_right(void **state)
{
	static const struct { const char *method, *uri, *allow; } rows[] = {
		{ "POST", "/", "GET, HEAD" },
		{ "PUT", "/orders", "GET, HEAD, POST" },
		{ "DELETE", "/orders", "GET, HEAD, POST" },
		{ "OPTIONS", "/orders/new", "GET, HEAD" },
		{ "get", "/", "GET, HEAD" },
		{ "GET", "/open", "POST" },
		{ "HEAD", "/orders/A/retry", "POST" },
		{ "POST", "/orders/new", "GET, HEAD" },
		{ "POST", "/static/desk.css", "GET, HEAD" },
		{ "TRACE", "/healthz", "GET, HEAD" },
	};
	struct stage *s = *state;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct web_answer answer = ask(s, rows[i].method, rows[i].uri, "", NULL);

		ASSERT_STATUS(answer, 405);
		assert_string_equal(answer_line(s, &answer, "Allow"), rows[i].allow);
		if (strcmp(rows[i].method, "HEAD") != 0)
			assert_non_null(strstr(answer.body, "wrong_method"));
	}
}

static void a_head_has_the_head_of_its_get_and_no_body(void **state)
{
	static const char *const uris[] = { "/", "/orders/ABC.json", "/gone", "/go?to=/x", "/healthz" };
	struct stage *s = *state;

	for (size_t i = 0; i < COUNT_OF(uris); i++) {
		struct web_answer get = ask(s, "GET", uris[i], "", NULL), head = ask(s, "HEAD", uris[i], "", NULL);

		assert_string_equal(head.head, get.head);
		assert_int_equal(head.body_bytes, 0);
	}
}

static void every_answer_has_the_security_lines(void **state)
{
	static const struct { const char *name, *value; } lines[] = {
		{ "Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
		  "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'" },
		{ "Referrer-Policy", "no-referrer" },
		{ "X-Content-Type-Options", "nosniff" },
		{ "X-Frame-Options", "DENY" },
		{ "Cross-Origin-Opener-Policy", "same-origin" },
		{ "Cross-Origin-Resource-Policy", "same-origin" },
		{ "Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()" },
	};
	static const char *const uris[] = { "/", "/orders/A.json", "/go?to=/x", "/gone", "/fail", "/nothing", "/broken",
	                                    "/audit", "/%00", "/static/desk.css", "/static/none.css", "/healthz" };
	struct stage *s = *state;

	site_write(s, "desk.css", "p {}\n");
	for (size_t i = 0; i < COUNT_OF(uris); i++) {
		struct web_answer answer = ask(s, "GET", uris[i], "", NULL);

		for (size_t j = 0; j < COUNT_OF(lines); j++)
			assert_string_equal(answer_line(s, &answer, lines[j].name), lines[j].value);
		assert_non_null(answer_line(s, &answer, "Content-Type"));
		assert_string_equal(answer_line(s, &answer, "Cache-Control"),
		                    strcmp(uris[i], "/static/desk.css") == 0 ? "no-cache" : "no-store");
	}
}

static void an_error_page_works_for_somebody_and_for_nobody(void **state)
{
	struct stage *s = *state;
	struct web_answer answer = ask(s, "GET", "/gone", "", NULL);

	ASSERT_STATUS(answer, 404);
	assert_non_null(strstr(answer.body, "<h1>404 no_such_page</h1>"));
	assert_non_null(strstr(answer.body, "Orders"));
	answer = ask(s, "GET", "/gone", "", CHANGES("-DESK_USER"));
	ASSERT_STATUS(answer, 404);
	assert_null(strstr(answer.body, "Orders"));
	answer = ask(s, "GET", "/fail", "", NULL);
	ASSERT_STATUS(answer, 409);
	assert_non_null(strstr(answer.body, "<h1>409 used_form</h1>"));
}

static void nobody_is_401_and_the_wrong_role_403_and_no_handler_runs(void **state)
{
	struct stage *s = *state;
	struct web_answer answer = ask(s, "GET", "/", "", CHANGES("-DESK_USER"));

	ASSERT_STATUS(answer, 401);
	assert_non_null(strstr(answer.body, "not_signed_in"));
	assert_string_equal(answer_line(s, &answer, "WWW-Authenticate"), "SSO realm=\"payoutdesk\"");
	answer = ask(s, "GET", "/", "", CHANGES("DESK_USER=guest"));
	ASSERT_STATUS(answer, 403);
	assert_null(answer_line(s, &answer, "WWW-Authenticate"));
	assert_non_null(strstr(answer.body, "not_allowed"));
	answer = ask(s, "GET", "/audit", "", NULL);
	ASSERT_STATUS(answer, 403);
	answer = ask(s, "GET", "/", "", CHANGES("+DESK_USER=bob"));
	ASSERT_STATUS(answer, 403);
	assert_non_null(strstr(answer.body, "identity_refused"));
	assert_null(strstr(answer.body, "bob"));
	assert_null(strstr(answer.body, "Orders"));
	assert_int_equal(s->handled, 0);
	answer = ask(s, "GET", "/healthz", "", CHANGES("-DESK_USER"));
	ASSERT_STATUS(answer, 200);
}

static void a_redirect_goes_nowhere_else_and_breaks_no_line(void **state)
{
	static const struct { const char *to; int status; const char *location; } rows[] = {
		{ "/orders?q=a%2520b", 303, "/orders?q=a%20b" },
		{ "/orders?q=a%20b%22%3C%C3%A9", 303, "/orders?q=a%20b%22%3C%C3%A9" },
		{ "/a%0D%0ASet-Cookie:x=1", 500, NULL },
		{ "/a%0Ab", 500, NULL },
		{ "//evil.example/", 500, NULL },
		{ "/%5Cevil.example/", 500, NULL },
		{ "https://evil.example/", 500, NULL },
		{ "orders", 500, NULL },
	};
	struct stage *s = *state;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct web_answer answer = ask(s, "GET", arena_print(s->mem, "/go?to=%s", rows[i].to), "", NULL);
		const char *location = answer_line(s, &answer, "Location");

		ASSERT_STATUS(answer, rows[i].status);
		if (rows[i].location)
			assert_string_equal(location, rows[i].location);
		else
			assert_null(location);
		assert_null(answer_line(s, &answer, "Set-Cookie"));
	}
}

static void what_cannot_be_shown_is_500_and_promises_nothing(void **state)
{
	struct stage *s = *state;
	struct web_answer answer = ask(s, "GET", "/nothing", "", NULL);

	ASSERT_STATUS(answer, 500);
	assert_non_null(strstr(answer.body, "broken_here"));
	answer = ask(s, "GET", "/broken", "", NULL);
	ASSERT_STATUS(answer, 500);
	assert_string_equal(answer_line(s, &answer, "Content-Type"), "text/plain; charset=utf-8");
	assert_non_null(strstr(answer.body, "not known whether anything was stored"));
}

/* ---- forms ------------------------------------------------------------------------------------------ */

static char *form(struct stage *s, const char *token, const char *rest)
{
	return arena_print(s->mem, "token=%s&%s", token, rest);
}

static void a_good_form_reaches_its_handler_with_its_key(void **state)
{
	struct stage *s = *state;
	char *body = form(s, site_token(s, "order", "alice", 0), "email=a%2Bb%40example.org&description=caf%C3%A9+1");
	struct web_answer answer = ask(s, "POST", "/orders", body, NULL);

	ASSERT_STATUS(answer, 303);
	assert_string_equal(answer_line(s, &answer, "Location"), "/orders/ABC?repeat=1");
	assert_string_equal(s->last_field, "a+b@example.org");
	assert_string_equal(s->last_key, SITE_KEY);
	assert_int_equal(answer.body_bytes, 0);
	answer = ask(s, "POST", "/orders/A1/retry",
	             form(s, site_token(s, "/orders/A1/retry", "alice", 0), ""), CHANGES("CONTENT_LENGTH=1"));
	ASSERT_STATUS(answer, 400);
	assert_int_equal(s->handled, 1);
}

static void fault_05_a_form_that_is_not_ours_is_403_and_an_old_one_comes_back(void **state)
{
	struct stage *s = *state;
	const struct { const char *token; int status, renewed; } rows[] = {
		{ site_token(s, "order", "alice", TOKEN_MAX_AGE_MS), 303, 303 },
		{ site_token(s, "order", "alice", TOKEN_MAX_AGE_MS + 1), 403, 422 },
		{ site_token(s, "order", "bob", 0), 403, 422 },
		{ site_token(s, "/orders/A1/retry", "alice", 0), 403, 403 },
		{ "", 403, 403 },
		{ "x.y.z", 403, 403 },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		int before = s->handled;
		char *body = form(s, rows[i].token, "email=typed%40example.org");
		struct web_answer answer;

		s->renews = false;
		answer = ask(s, "POST", "/orders", body, NULL);
		ASSERT_STATUS(answer, rows[i].status);
		s->renews = true;
		answer = ask(s, "POST", "/orders", body, NULL);
		ASSERT_STATUS(answer, rows[i].renewed);
		if (rows[i].renewed == 422)
			assert_non_null(strstr(answer.body, "again: typed@example.org"));
		assert_int_equal(s->handled - before, rows[i].status == 303 ? 2 : 0);
	}
	struct web_answer answer = ask(s, "POST", "/orders", "email=a", NULL);

	ASSERT_STATUS(answer, 403);
	assert_non_null(strstr(answer.body, "form_not_ours"));
	char *altered = site_token(s, "order", "alice", 0);

	altered[strlen(altered) - 2] ^= 1;
	answer = ask(s, "POST", "/orders", form(s, altered, "a=1"), NULL);
	ASSERT_STATUS(answer, 403);
}

static void fault_25_a_form_of_a_replaced_secret_comes_back_and_does_nothing(void **state)
{
	struct stage *s = *state;
	char *body = form(s, site_token(s, "order", "alice", 0), "email=typed%40example.org");
	struct web_answer answer;

	memset(s->site.token_secret.bytes, 8, SEAL_KEY_BYTES);
	memcpy(s->site.token_secret.id, "fedcba9876543210", SEAL_ID_SIZE);
	s->renews = true;
	answer = ask(s, "POST", "/orders", body, NULL);
	ASSERT_STATUS(answer, 422);
	assert_non_null(strstr(answer.body, "again: typed@example.org"));
	assert_int_equal(s->handled, 0);
}

static void fault_12_a_post_from_another_site_is_403(void **state)
{
	static const struct { const char *public_url; const char *changes[4]; bool is_ours; } rows[] = {
		{ "", { NULL }, true }, /* a program: the token is proof enough */
		{ "", { "HTTP_ORIGIN=http://desk.example" }, true },
		{ "", { "HTTP_ORIGIN=https://desk.example" }, true }, /* TLS ends before our web server */
		{ "", { "HTTP_ORIGIN=https://desk.example", "HTTPS=on" }, true },
		{ "", { "HTTP_ORIGIN=http://desk.example", "HTTPS=on" }, false },
		{ "", { "HTTP_ORIGIN=http://evil.example" }, false },
		{ "", { "HTTP_ORIGIN=http://desk.example.evil.example" }, false },
		{ "", { "HTTP_ORIGIN=http://desk.example:81" }, false },
		{ "", { "HTTP_ORIGIN=desk.example" }, false },
		{ "", { "HTTP_ORIGIN=" }, false },
		{ "", { "HTTP_ORIGIN=http://", "HTTP_HOST=" }, false },
		{ "", { "HTTP_ORIGIN=http://desk.example", "-HTTP_HOST" }, false },
		{ "", { "HTTP_ORIGIN=http://desk.example", "+HTTP_HOST=evil.example" }, false },
		{ "", { "HTTP_ORIGIN=http://desk.example", "+HTTP_ORIGIN=http://evil.example" }, false },
		{ "https://desk.example", { "HTTP_ORIGIN=https://desk.example", "HTTP_HOST=inside:8080" }, true },
		{ "https://desk.example", { "HTTP_ORIGIN=http://desk.example" }, false },
		{ "https://desk.example", { "HTTP_ORIGIN=http://inside:8080", "HTTP_HOST=inside:8080" }, false },
		{ "", { "HTTP_ORIGIN=null" }, false },
		{ "", { "HTTP_ORIGIN=null", "HTTP_SEC_FETCH_SITE=cross-site" }, false },
		{ "", { "HTTP_ORIGIN=null", "HTTP_SEC_FETCH_SITE=same-site" }, false },
		{ "", { "HTTP_ORIGIN=null", "HTTP_SEC_FETCH_SITE=none" }, false },
		{ "", { "HTTP_ORIGIN=null", "HTTP_SEC_FETCH_SITE=" }, false },
		{ "", { "HTTP_ORIGIN=null", "HTTP_SEC_FETCH_SITE=same-origin" }, true }, /* our own page, no-referrer */
		{ "", { "HTTP_ORIGIN=null", "HTTP_SEC_FETCH_SITE=same-origin", "+HTTP_SEC_FETCH_SITE=same-origin" }, false },
		{ "", { "HTTP_SEC_FETCH_SITE=same-origin" }, true },
		{ "", { "HTTP_SEC_FETCH_SITE=none" }, true },
		{ "", { "HTTP_SEC_FETCH_SITE=same-site" }, false },
		{ "", { "HTTP_SEC_FETCH_SITE=cross-site" }, false },
		{ "", { "HTTP_ORIGIN=http://desk.example", "HTTP_SEC_FETCH_SITE=cross-site" }, false },
		{ "", { "HTTP_ORIGIN=http://evil.example", "HTTP_SEC_FETCH_SITE=same-origin" }, false },
	};
	struct stage *s = *state;
	char *body = form(s, site_token(s, "order", "alice", 0), "a=1");

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		int before = s->handled;

		s->site.public_url = rows[i].public_url;
		struct web_answer answer = ask(s, "POST", "/orders", body, rows[i].changes);

		if (answer_status(&answer) != (rows[i].is_ours ? 303 : 403) || s->handled - before != rows[i].is_ours)
			fail_msg("row %zu: %d", i, answer_status(&answer));
		if (!rows[i].is_ours)
			assert_non_null(strstr(answer.body, "foreign_form"));
	}
}

static void the_form_s_type_may_name_its_charset(void **state)
{
	static const struct { const char *type; int status; } rows[] = {
		{ "CONTENT_TYPE=application/x-www-form-urlencoded", 303 },
		{ "CONTENT_TYPE=application/x-www-form-urlencoded; charset=UTF-8", 303 },
		{ "CONTENT_TYPE=Application/X-WWW-Form-Urlencoded;charset=\"utf-8\"", 303 },
		{ "CONTENT_TYPE=application/x-www-form-urlencoded; charset=iso-8859-1", 415 },
		{ "CONTENT_TYPE=application/x-www-form-urlencodedx", 415 },
		{ "CONTENT_TYPE=multipart/form-data; boundary=x", 415 },
		{ "CONTENT_TYPE=application/json", 415 },
		{ "CONTENT_TYPE=text/plain", 415 },
		{ "CONTENT_TYPE=", 415 },
		{ "-CONTENT_TYPE", 415 },
		{ "+CONTENT_TYPE=application/x-www-form-urlencoded", 415 },
	};
	struct stage *s = *state;
	char *body = form(s, site_token(s, "order", "alice", 0), "a=1");

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct web_answer answer = ask(s, "POST", "/orders", body, CHANGES(rows[i].type));

		if (answer_status(&answer) != rows[i].status)
			fail_msg("row %zu: %d", i, answer_status(&answer));
	}
}

static void a_get_s_body_is_ignored(void **state)
{
	struct stage *s = *state;
	struct web_answer answer = ask(s, "GET", "/", "%%%", CHANGES("CONTENT_LENGTH=3", "CONTENT_TYPE=text/plain"));

	ASSERT_STATUS(answer, 200);
	answer = ask(s, "GET", "/", "", CHANGES("CONTENT_LENGTH=70000"));
	ASSERT_STATUS(answer, 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WEB_TEST(a_page_comes_within_the_layout_with_its_length),
		WEB_TEST(a_literal_row_wins_and_path_values_reach_the_handler),
		WEB_TEST(base_path_is_taken_off_and_put_before_a_redirect),
		WEB_TEST(cgi_without_a_request_uri_uses_script_name_and_path_info),
		WEB_TEST(a_wrong_method_is_told_which_are_right),
		WEB_TEST(a_head_has_the_head_of_its_get_and_no_body),
		WEB_TEST(every_answer_has_the_security_lines),
		WEB_TEST(an_error_page_works_for_somebody_and_for_nobody),
		WEB_TEST(nobody_is_401_and_the_wrong_role_403_and_no_handler_runs),
		WEB_TEST(a_redirect_goes_nowhere_else_and_breaks_no_line),
		WEB_TEST(what_cannot_be_shown_is_500_and_promises_nothing),
		WEB_TEST(a_good_form_reaches_its_handler_with_its_key),
		WEB_TEST(fault_05_a_form_that_is_not_ours_is_403_and_an_old_one_comes_back),
		WEB_TEST(fault_25_a_form_of_a_replaced_secret_comes_back_and_does_nothing),
		WEB_TEST(fault_12_a_post_from_another_site_is_403),
		WEB_TEST(the_form_s_type_may_name_its_charset),
		WEB_TEST(a_get_s_body_is_ignored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
