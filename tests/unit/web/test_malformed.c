/* Malformed requests and forms: each has one clear answer of the 4xx kind, and no handler ever sees one. */
#include "unit/web/site.h"

#define TEN "0123456789"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
#define THOUSAND HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED
#define FIVE_THOUSAND THOUSAND THOUSAND THOUSAND THOUSAND THOUSAND
#define BYTES(text) (text), sizeof(text) - 1

/* A GET of `uri` with changes. */
static const struct { int status; const char *uri; const char *changes[3]; } requests[] = {
	{ 400, "", { NULL } },
	{ 400, "orders", { NULL } },
	{ 400, "*", { NULL } },
	{ 400, "http://desk.example/", { NULL } },
	{ 400, "?a=1", { NULL } },
	{ 400, "/%", { NULL } },
	{ 400, "/%4", { NULL } },
	{ 400, "/%4g", { NULL } },
	{ 400, "/%%41", { NULL } },
	{ 400, "/%u0041", { NULL } },
	{ 400, "/%00", { NULL } },
	{ 400, "/orders/A%00.json", { NULL } },
	{ 400, "/orders/A%0d%0aX: y", { NULL } },
	{ 400, "/orders/\x01", { NULL } },
	{ 400, "/orders/%7f", { NULL } },
	{ 400, "/orders/%c2%80", { NULL } },
	{ 400, "/orders/%ff", { NULL } },
	{ 400, "/orders/%c3", { NULL } },
	{ 400, "/orders/%c0%af", { NULL } },     /* an overlong slash */
	{ 400, "/orders/%ed%a0%80", { NULL } },  /* a surrogate */
	{ 400, "/orders/%f4%90%80%80", { NULL } },
	{ 400, "/orders/%fe%ff", { NULL } },
	{ 400, "/orders%2fnew", { NULL } },
	{ 400, "/orders%2Fnew", { NULL } },
	{ 400, "/orders#new", { NULL } },
	{ 404, "//", { NULL } },
	{ 404, "//orders", { NULL } },
	{ 404, "/orders//new", { NULL } },
	{ 404, "/./orders", { NULL } },
	{ 404, "/orders/.", { NULL } },
	{ 404, "/orders/..", { NULL } },
	{ 404, "/orders/../audit", { NULL } },
	{ 404, "/%2e%2e/orders", { NULL } },
	{ 404, "/orders/%2E%2E", { NULL } },
	{ 404, "/orders/", { NULL } },
	{ 404, "/orders/A/", { NULL } },
	{ 404, "/orders/A%20B", { NULL } },
	{ 404, "/orders/caf%C3%A9", { NULL } },
	{ 404, "/Orders", { NULL } },
	{ 404, "/orders;x=1", { NULL } },
	{ 404, "/\\orders", { NULL } },
	{ 414, "/" THOUSAND HUNDRED, { NULL } },
	{ 414, "/?q=" FIVE_THOUSAND FIVE_THOUSAND, { NULL } },
	{ 400, "/?a=1&a=2", { NULL } },
	{ 400, "/?a=1&%61=2", { NULL } },
	{ 400, "/?a&a", { NULL } },
	{ 400, "/?=1", { NULL } },
	{ 400, "/?a=1&&b=2", { NULL } },
	{ 400, "/?&", { NULL } },
	{ 400, "/?a=%", { NULL } },
	{ 400, "/?a=%0", { NULL } },
	{ 400, "/?a=%zz", { NULL } },
	{ 400, "/?a=%00", { NULL } },
	{ 400, "/?a=%ff", { NULL } },
	{ 400, "/?a=\xff", { NULL } },
	{ 400, "/?a=\x01", { NULL } },
	{ 400, "/?%0a=1", { NULL } },
	{ 400, "/?" HUNDRED "=1", { NULL } },
	{ 400, "/?a=1#b", { NULL } },
	{ 400, "/", { "+REQUEST_URI=/orders" } },
	{ 400, "/", { "-REQUEST_METHOD" } },
	{ 400, "/", { "REQUEST_METHOD=" } },
	{ 400, "/", { "+REQUEST_METHOD=GET" } },
	{ 400, "/", { "+REQUEST_METHOD=POST" } },
	{ 405, "/", { "REQUEST_METHOD=G\x01T" } },
	{ 405, "/", { "REQUEST_METHOD=" FIVE_THOUSAND } },
	{ 401, "/", { "DESK_USER=" } },
	{ 403, "/", { "DESK_USER=a\x01" } },
	{ 403, "/", { "DESK_USER=" THOUSAND } },
	{ 403, "/", { "DESK_GROUPS=" FIVE_THOUSAND FIVE_THOUSAND } },
};

/* A body behind a good token ("token=...&" is put before it where it fits), with changes. */
static const struct { int status; const char *body; size_t bytes; const char *changes[3]; } forms[] = {
	{ 400, BYTES("a=1&a=2"), { NULL } },
	{ 400, BYTES("token=x"), { NULL } },
	{ 400, BYTES("a=1&%61=2"), { NULL } },
	{ 400, BYTES("a&a=1"), { NULL } },
	{ 400, BYTES("=1"), { NULL } },
	{ 400, BYTES("a=1&"), { NULL } },
	{ 400, BYTES("&a=1"), { NULL } },
	{ 400, BYTES("a=1&&b=2"), { NULL } },
	{ 400, BYTES("a=%"), { NULL } },
	{ 400, BYTES("a=%4"), { NULL } },
	{ 400, BYTES("a=%4&b=1"), { NULL } },
	{ 400, BYTES("a=%GG"), { NULL } },
	{ 400, BYTES("a=% 1"), { NULL } },
	{ 400, BYTES("a=%u20ac"), { NULL } },
	{ 400, BYTES("a=%00"), { NULL } },
	{ 400, BYTES("a=1%00b"), { NULL } },
	{ 400, BYTES("a=\0"), { NULL } },
	{ 400, BYTES("a=1\0&b=2"), { NULL } },
	{ 400, BYTES("a\0b=1"), { NULL } },
	{ 400, BYTES("a=1\r\nb=2"), { NULL } },
	{ 400, BYTES("a=\x1b[0m"), { NULL } },
	{ 400, BYTES("a=%c3"), { NULL } },
	{ 400, BYTES("a=%c3%28"), { NULL } },
	{ 400, BYTES("a=%c0%80"), { NULL } },
	{ 400, BYTES("a=%e2%82"), { NULL } },
	{ 400, BYTES("a=%ed%bf%bf"), { NULL } },
	{ 400, BYTES("a=%f8%88%80%80%80"), { NULL } },
	{ 400, BYTES("a=%f5%80%80%80"), { NULL } },
	{ 400, BYTES("a=\xe9"), { NULL } },
	{ 400, BYTES("\xff\xfe" "a=1"), { NULL } },
	{ 400, BYTES("%00=1"), { NULL } },
	{ 400, BYTES("a%0ab=1"), { NULL } },
	{ 400, BYTES("{\"a\": 1}\n"), { NULL } },
	{ 400, BYTES(HUNDRED "=1"), { NULL } },
	{ 400, BYTES("a=1"), { "CONTENT_LENGTH=0" } },
	{ 400, BYTES("a=1"), { "CONTENT_LENGTH=2" } },
	{ 400, BYTES("a=1"), { "CONTENT_LENGTH=60000" } },
	{ 400, BYTES("a=1"), { "CONTENT_LENGTH=" } },
	{ 400, BYTES("a=1"), { "-CONTENT_LENGTH" } },
	{ 400, BYTES("a=1"), { "CONTENT_LENGTH=-1" } },
	{ 400, BYTES("a=1"), { "CONTENT_LENGTH=+3" } },
	{ 400, BYTES("a=1"), { "CONTENT_LENGTH= 3" } },
	{ 400, BYTES("a=1"), { "CONTENT_LENGTH=3 " } },
	{ 400, BYTES("a=1"), { "CONTENT_LENGTH=0x3" } },
	{ 400, BYTES("a=1"), { "CONTENT_LENGTH=1e3" } },
	{ 400, BYTES("a=1"), { "CONTENT_LENGTH=3,3" } },
	{ 400, BYTES("a=1"), { "CONTENT_LENGTH=nan" } },
	{ 400, BYTES("a=1"), { "+CONTENT_LENGTH=3" } },
	{ 413, BYTES("a=1"), { "CONTENT_LENGTH=65537" } },
	{ 413, BYTES("a=1"), { "CONTENT_LENGTH=4294967299" } },
	{ 413, BYTES("a=1"), { "CONTENT_LENGTH=18446744073709551619" } },
	{ 413, BYTES("a=1"), { "CONTENT_LENGTH=99999999999999999999999999" } },
	{ 415, BYTES("a=1"), { "-CONTENT_TYPE" } },
	{ 415, BYTES("a=1"), { "CONTENT_TYPE=multipart/form-data; boundary=a" } },
	{ 415, BYTES("a=1"), { "CONTENT_TYPE=application/json" } },
	{ 415, BYTES("a=1"), { "CONTENT_TYPE=application/x-www-form-urlencoded; charset=utf-16" } },
};

static void fault_11_each_malformed_request_is_refused_and_no_handler_runs(void **state)
{
	struct stage *s = *state;

	for (size_t i = 0; i < COUNT_OF(requests); i++) {
		struct web_answer answer = ask(s, "GET", requests[i].uri, "", requests[i].changes);

		if (answer_status(&answer) != requests[i].status)
			fail_msg("row %zu, %.60s: %d", i, requests[i].uri, answer_status(&answer));
		if (!strstr(answer.body, "<h1>4"))
			fail_msg("row %zu has no error page", i);
	}
	assert_int_equal(s->handled, 0);
}

static void fault_08_each_malformed_form_is_refused_and_no_handler_runs(void **state)
{
	struct stage *s = *state;
	const char *token = arena_print(s->mem, "token=%s&", site_token(s, "order", "alice", 0));
	size_t before = strlen(token);

	for (size_t i = 0; i < COUNT_OF(forms); i++) {
		char *body = arena_alloc(s->mem, before + forms[i].bytes);

		memcpy(body, token, before);
		memcpy(body + before, forms[i].body, forms[i].bytes);
		struct web_answer answer = ask_bytes(s, "POST", "/orders", body, before + forms[i].bytes, forms[i].changes);

		if (answer_status(&answer) != forms[i].status)
			fail_msg("form %zu: %d", i, answer_status(&answer));
		if (!strstr(answer.body, "<h1>4"))
			fail_msg("form %zu has no error page", i);
	}
	assert_int_equal(s->handled, 0);
}

static char *many_fields(struct stage *s, int count)
{
	struct text body;

	text_begin(&body, s->mem, 0);
	text_print(&body, "token=%s", site_token(s, "order", "alice", 0));
	for (int i = 1; i < count; i++)
		text_print(&body, "&f%d=1", i);
	return body.bytes;
}

static void two_hundred_fields_are_taken_and_one_more_is_413(void **state)
{
	struct stage *s = *state;
	struct web_answer answer = ask(s, "POST", "/orders", many_fields(s, 200), NULL);

	assert_int_equal(answer_status(&answer), 303);
	answer = ask(s, "POST", "/orders", many_fields(s, 201), NULL);
	assert_int_equal(answer_status(&answer), 413);
	assert_int_equal(s->handled, 1);
}

static char *long_body(struct stage *s, size_t bytes)
{
	struct text body;
	int field = 0;

	text_begin(&body, s->mem, 0);
	text_print(&body, "token=%s", site_token(s, "order", "alice", 0));
	while (body.count < bytes) {
		text_print(&body, "&f%d=", field++);
		for (int i = 0; i < 4000 && body.count < bytes; i++)
			text_add(&body, "x", 1);
	}
	return body.bytes;
}

static void a_form_of_64_kib_is_taken_and_one_byte_more_is_413(void **state)
{
	struct stage *s = *state;
	struct web_answer answer = ask(s, "POST", "/orders", long_body(s, 64 * 1024), NULL);

	assert_int_equal(answer_status(&answer), 303);
	answer = ask(s, "POST", "/orders", long_body(s, 64 * 1024 + 1), NULL);
	assert_int_equal(answer_status(&answer), 413);
	assert_int_equal(s->handled, 1);
}

/* What is too long for a field is said beside it, so it has to arrive. */
static void a_value_may_be_as_long_as_its_form(void **state)
{
	struct stage *s = *state;
	char *value = arena_alloc(s->mem, 60001);
	struct web_answer answer;

	memset(value, 'v', 60000);
	answer = ask(s, "POST", "/orders",
	             arena_print(s->mem, "token=%s&email=%s", site_token(s, "order", "alice", 0), value), NULL);
	assert_int_equal(answer_status(&answer), 303);
	assert_string_equal(s->last_field, value);
}

/* The body of every prefix of a good form, with an honest length: no prefix is taken for the whole. */
static void fault_08_no_part_of_a_form_is_taken_for_the_whole(void **state)
{
	struct stage *s = *state;
	const char *body = arena_print(s->mem, "email=a%%40b.example&token=%s", site_token(s, "order", "alice", 0));
	size_t length = strlen(body);

	for (size_t i = 0; i < length; i++) {
		struct web_answer answer = ask_bytes(s, "POST", "/orders", body, i, NULL);

		assert_in_range(answer_status(&answer), 400, 499);
	}
	assert_int_equal(s->handled, 0);
	struct web_answer answer = ask_bytes(s, "POST", "/orders", body, length, NULL);

	assert_int_equal(answer_status(&answer), 303);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WEB_TEST(fault_11_each_malformed_request_is_refused_and_no_handler_runs),
		WEB_TEST(fault_08_each_malformed_form_is_refused_and_no_handler_runs),
		WEB_TEST(two_hundred_fields_are_taken_and_one_more_is_413),
		WEB_TEST(a_form_of_64_kib_is_taken_and_one_byte_more_is_413),
		WEB_TEST(a_value_may_be_as_long_as_its_form),
		WEB_TEST(fault_08_no_part_of_a_form_is_taken_for_the_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
