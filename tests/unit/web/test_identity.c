/* identity.c: a person is who the web server says, and nothing that a client can set is believed. */
#include "unit/web/site.h"

static struct identity_rules rules(void)
{
	return (struct identity_rules){
		.user_param = "DESK_USER", .name_param = "DESK_NAME", .email_param = "DESK_EMAIL",
		.groups_param = "DESK_GROUPS", .groups_separator = ',', .trusted_proxies = "",
	};
}

static void a_person_has_name_mail_and_groups_from_the_web_server(void **state)
{
	static char *const params[] = { "DESK_USER=alice", "DESK_NAME=Alice Doe, Dr", "DESK_EMAIL=a@example.org",
	                                "DESK_GROUPS= staff ,,finance,", NULL };
	struct stage *s = *state;
	struct identity_rules by = rules();
	struct web_user user;
	const char *reason;

	assert_int_equal(identity_read(&by, params, s->mem, &user, &reason), IDENTITY_KNOWN);
	assert_string_equal(user.user, "alice");
	assert_string_equal(user.name, "Alice Doe, Dr");
	assert_string_equal(user.email, "a@example.org");
	assert_int_equal(user.group_count, 2);
	assert_string_equal(user.groups[0], "staff");
	assert_string_equal(user.groups[1], "finance");
}

static void without_more_the_name_is_the_user_and_there_are_no_groups(void **state)
{
	static char *const params[] = { "DESK_USER=alice", NULL };
	struct stage *s = *state;
	struct identity_rules by = rules();
	struct web_user user;
	const char *reason;

	assert_int_equal(identity_read(&by, params, s->mem, &user, &reason), IDENTITY_KNOWN);
	assert_string_equal(user.name, "alice");
	assert_string_equal(user.email, "");
	assert_int_equal(user.group_count, 0);
}

static void demo_is_one_made_up_person_whatever_the_request_says(void **state)
{
	static char *const params[] = { "DESK_USER=root", NULL };
	struct stage *s = *state;
	struct identity_rules by = rules();
	struct web_user user;
	const char *reason;

	by.is_demo = true;
	assert_int_equal(identity_read(&by, params, s->mem, &user, &reason), IDENTITY_KNOWN);
	assert_string_equal(user.user, "demo");
	assert_int_equal(user.group_count, 1);
	assert_string_equal(user.groups[0], "demo");
}

#define TEN "0123456789"
#define LONG_USER TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN "012345678"

static void fault_11_a_forged_identity_is_refused_or_nobody(void **state)
{
	static const struct {
		const char *user_param;
		char *params[4];
		enum identity_result result;
		const char *reason;
	} rows[] = {
		{ "DESK_USER", { NULL }, IDENTITY_NOBODY, NULL },
		{ "DESK_USER", { "DESK_USER=" }, IDENTITY_NOBODY, NULL },
		{ "DESK_USER", { "HTTP_DESK_USER=alice" }, IDENTITY_NOBODY, NULL },           /* client header */
		{ "DESK_USER", { "HTTP_X_DESK_USER=alice" }, IDENTITY_NOBODY, NULL },
		{ "DESK_USER", { "REMOTE_USER=alice" }, IDENTITY_NOBODY, NULL },              /* Basic, unchecked */
		{ "DESK_USER", { "HTTP_AUTHORIZATION=Basic YWxpY2U6" }, IDENTITY_NOBODY, NULL },
		{ "DESK_USER", { "desk_user=alice" }, IDENTITY_NOBODY, NULL },
		{ "DESK_USER", { "DESK_USERS=alice" }, IDENTITY_NOBODY, NULL },
		{ "DESK_USER", { "DESK_USER" }, IDENTITY_NOBODY, NULL },
		{ "DESK_USER", { "DESK_USER=alice", "DESK_USER=bob" }, IDENTITY_REFUSED, "doubled" },
		{ "DESK_USER", { "DESK_USER=alice", "DESK_USER=alice" }, IDENTITY_REFUSED, "doubled" },
		{ "DESK_USER", { "DESK_USER=", "DESK_USER=alice" }, IDENTITY_REFUSED, "doubled" },
		{ "DESK_USER", { "DESK_USER=alice", "DESK_GROUPS=a", "DESK_GROUPS=b" }, IDENTITY_REFUSED, "doubled" },
		{ "DESK_USER", { "DESK_USER=alice", "DESK_EMAIL=a@b.c", "DESK_EMAIL=a@b.c" }, IDENTITY_REFUSED, "doubled" },
		{ "DESK_USER", { "DESK_USER=mallory, alice" }, IDENTITY_REFUSED, "comma" },   /* joined by nginx */
		{ "DESK_USER", { "DESK_USER=alice", "DESK_EMAIL=a@b.c, d@e.f" }, IDENTITY_REFUSED, "comma" },
		{ "DESK_USER", { "DESK_USER=ali\nce" }, IDENTITY_REFUSED, "control_characters" },
		{ "DESK_USER", { "DESK_USER=ali\x7f" "ce" }, IDENTITY_REFUSED, "control_characters" },
		{ "DESK_USER", { "DESK_USER=ali\xc2\x85" "ce" }, IDENTITY_REFUSED, "control_characters" },
		{ "DESK_USER", { "DESK_USER=ali\xff" "ce" }, IDENTITY_REFUSED, "control_characters" },
		{ "DESK_USER", { "DESK_USER=alice", "DESK_NAME=A\tB" }, IDENTITY_REFUSED, "control_characters" },
		{ "DESK_USER", { "DESK_USER=alice", "DESK_NAME=\xe2\x80\xae" "boB" }, IDENTITY_REFUSED, "control_characters" },
		{ "DESK_USER", { "DESK_USER=alice", "DESK_GROUPS=a\rb" }, IDENTITY_REFUSED, "control_characters" },
		{ "DESK_USER", { "DESK_USER= alice" }, IDENTITY_REFUSED, "blanks" },
		{ "DESK_USER", { "DESK_USER=alice\xc2\xa0" }, IDENTITY_REFUSED, "blanks" },
		{ "DESK_USER", { "DESK_USER= " }, IDENTITY_REFUSED, "blanks" },
		{ "DESK_USER", { "DESK_USER=" LONG_USER }, IDENTITY_REFUSED, "too_long" },
		{ "HTTP_X_USER", { "HTTP_X_USER=alice" }, IDENTITY_REFUSED, "untrusted_proxy" },
		{ "HTTP_X_USER", { "HTTP_X_USER=alice", "REMOTE_ADDR=198.51.100.9" }, IDENTITY_REFUSED, "untrusted_proxy" },
		{ "HTTP_X_USER", { "HTTP_X_USER=alice", "REMOTE_ADDR=unix:" }, IDENTITY_REFUSED, "untrusted_proxy" },
		{ "HTTP_X_USER", { "HTTP_X_USER=alice", "REMOTE_ADDR=10.1.2.3", "REMOTE_ADDR=10.1.2.3" },
		  IDENTITY_REFUSED, "untrusted_proxy" },
		{ "HTTP_X_USER", { "HTTP_X_USER=alice", "HTTP_X_USER=bob", "REMOTE_ADDR=10.1.2.3" }, IDENTITY_REFUSED, "doubled" },
		{ "HTTP_X_USER", { "HTTP_X_USER=alice", "REMOTE_ADDR=10.1.2.3" }, IDENTITY_KNOWN, NULL },
		{ "HTTP_X_USER", { "REMOTE_ADDR=10.1.2.3" }, IDENTITY_NOBODY, NULL },
	};
	struct stage *s = *state;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct identity_rules by = rules();
		struct web_user user;
		const char *reason;

		by.user_param = rows[i].user_param;
		by.trusted_proxies = "10.0.0.0/8";
		if (identity_read(&by, rows[i].params, s->mem, &user, &reason) != rows[i].result)
			fail_msg("row %zu", i);
		if (rows[i].result == IDENTITY_REFUSED)
			assert_string_equal(reason, rows[i].reason);
		else
			assert_null(reason);
	}
}

static void more_groups_than_we_take_are_refused(void **state)
{
	struct stage *s = *state;
	struct identity_rules by = rules();
	struct web_user user;
	const char *reason;
	struct text groups;

	text_begin(&groups, s->mem, 0);
	text_add_text(&groups, "DESK_GROUPS=g0");
	for (int i = 1; i < 64; i++)
		text_print(&groups, ",g%d", i);
	char *params[] = { "DESK_USER=alice", groups.bytes, NULL };

	assert_int_equal(identity_read(&by, params, s->mem, &user, &reason), IDENTITY_KNOWN);
	assert_int_equal(user.group_count, 64);
	text_add_text(&groups, ",one-more");
	params[1] = groups.bytes;
	assert_int_equal(identity_read(&by, params, s->mem, &user, &reason), IDENTITY_REFUSED);
	assert_string_equal(reason, "groups");
}

static void a_list_of_networks_is_read_exactly(void **state)
{
	static const struct { const char *list, *address; bool is_valid, has; } rows[] = {
		{ "", "10.0.0.1", true, false },
		{ "10.0.0.0/8", "10.255.255.255", true, true },
		{ "10.0.0.0/8", "11.0.0.0", true, false },
		{ "192.0.2.128/25", "192.0.2.127", true, false },
		{ "192.0.2.128/25", "192.0.2.128", true, true },
		{ "192.0.2.1", "192.0.2.1", true, true },
		{ "192.0.2.1", "192.0.2.2", true, false },
		{ "0.0.0.0/0", "203.0.113.5", true, true },
		{ "0.0.0.0/0", "2001:db8::1", true, false },
		{ "127.0.0.1, ::1 ,10.0.0.0/8", "::1", true, true },
		{ "2001:db8::/33", "2001:db8:7fff::1", true, true },
		{ "2001:db8::/33", "2001:db8:8000::1", true, false },
		{ "10.0.0.0/8", "::ffff:10.1.2.3", true, true },
		{ "10.0.0.0/8", "010.1.2.3", true, false },
		{ "10.0.0.0/8", "10.1.2", true, false },
		{ "10.0.0.0/8", "", true, false },
		{ "*", "10.0.0.1", false, false },
		{ "10.0.0.0/33", "10.0.0.1", false, false },
		{ "10.0.0.0/", "10.0.0.1", false, false },
		{ "10.0.0.0/-1", "10.0.0.1", false, false },
		{ "10.0.0.0/8,", "10.0.0.1", false, false },
		{ "10.0.0.0/8,,::1", "10.0.0.1", false, false },
		{ "10.0.0.0/8,nonsense", "10.0.0.1", false, false },
		{ "::1/129", "::1", false, false },
		{ "localhost", "127.0.0.1", false, false },
		{ "unix:", "unix:", false, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		if (identity_list_is_valid(rows[i].list) != rows[i].is_valid ||
		    identity_list_has(rows[i].list, rows[i].address) != rows[i].has)
			fail_msg("row %zu: %s has %s", i, rows[i].list, rows[i].address);
	}
	assert_false(identity_list_has("0.0.0.0/0", NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WEB_TEST(a_person_has_name_mail_and_groups_from_the_web_server),
		WEB_TEST(without_more_the_name_is_the_user_and_there_are_no_groups),
		WEB_TEST(demo_is_one_made_up_person_whatever_the_request_says),
		WEB_TEST(fault_11_a_forged_identity_is_refused_or_nobody),
		WEB_TEST(more_groups_than_we_take_are_refused),
		WEB_TEST(a_list_of_networks_is_read_exactly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
