/* test_config_kinds.c: which texts each key allows, near misses beside them; and that every key that
 * operators rely on is in the table, with its default. */
#include "stage.h"

#include "base/text.h"

#define LONG_PATH_256 \
	"/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" \
	"/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" \
	"/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define LONG_PATH_1024 LONG_PATH_256 LONG_PATH_256 LONG_PATH_256 LONG_PATH_256

static const struct { const char *section, *name, *text; bool is_allowed; } texts[] = {
	{ "server", "listen", "unix:/run/payoutdesk.sock", true },
	{ "server", "listen", "unix:payoutdesk.sock", false },
	{ "server", "listen", "unix:", false },
	{ "server", "listen", "127.0.0.1:9000", true },
	{ "server", "listen", "[::1]:9000", true },
	{ "server", "listen", "[::1]", false },
	{ "server", "listen", "[]:9000", false },
	{ "server", "listen", "[::1:9000", false },
	{ "server", "listen", "localhost:65535", true },
	{ "server", "listen", "localhost:65536", false },
	{ "server", "listen", "localhost:0", false },
	{ "server", "listen", "localhost:", false },
	{ "server", "listen", ":9000", false },
	{ "server", "listen", "9000", false },
	{ "server", "listen", "", true },
	{ "server", "threads", "1", true },
	{ "server", "threads", "256", true },
	{ "server", "threads", "257", false },
	{ "server", "threads", "0", false },
	{ "server", "threads", "-1", false },
	{ "server", "threads", "1.5", false },
	{ "server", "threads", "0x10", false },
	{ "server", "threads", "1e1", false },
	{ "server", "threads", "99999999999999999999", false },
	{ "server", "threads", "", false },
	{ "server", "base_path", "", true },
	{ "server", "base_path", "/desk", true },
	{ "server", "base_path", "/a/b-c_d.e~f", true },
	{ "server", "base_path", "/", false },
	{ "server", "base_path", "/desk/", false },
	{ "server", "base_path", "desk", false },
	{ "server", "base_path", "/a//b", false },
	{ "server", "base_path", "/a/../b", false },
	{ "server", "base_path", "/.", false },
	{ "server", "base_path", "/...", true },
	{ "server", "base_path", "/a b", false },
	{ "server", "base_path", "/a%20b", false },
	{ "server", "base_path", "/\xC3\xA4", false },
	{ "server", "public_url", "https://desk.example.org", true },
	{ "server", "public_url", "http://desk:8080", true },
	{ "server", "public_url", "https://[::1]:8080", true },
	{ "server", "public_url", "https://desk.example.org/", false },
	{ "server", "public_url", "https://desk.example.org/x", false },
	{ "server", "public_url", "https://", false },
	{ "server", "public_url", "desk.example.org", false },
	{ "server", "public_url", "ftp://desk", false },
	{ "server", "public_url", "https://desk:port", false },
	{ "server", "public_url", "https://me@desk", false },
	{ "server", "public_url", "https://desk:443", false }, /* no browser says that port */
	{ "server", "public_url", "http://desk:80", false },
	{ "server", "public_url", "https://[::1]:443", false },
	{ "server", "public_url", "https://desk:80", true },
	{ "server", "public_url", "http://desk:443", true },
	{ "server", "public_url", "https://[fe80::443]", true },
	{ "runa", "proxy", "https://proxy:443", true },
	{ "server", "template_dir", "/srv/templates", true },
	{ "server", "template_dir", "templates", false },
	{ "server", "template_dir", LONG_PATH_1024, false },
	{ "runa", "base_url", "https://api.runa.io/v2", true },
	{ "runa", "base_url", "https://api.runa.io/v2/", false },
	{ "runa", "base_url", "http://api.runa.io/v2", false },
	{ "runa", "base_url", "http://localhost:8081", true },
	{ "runa", "base_url", "javascript:alert(1)", false },
	{ "runa", "api_version", "2024-02-05", true },
	{ "runa", "api_version", "2024-2-5", false },
	{ "runa", "api_version", "2024-02-05 ", true }, /* blanks at the ends are the file's */
	{ "runa", "api_version", "latest", false },
	{ "runa", "proxy", "http://proxy:3128", true },
	{ "runa", "proxy", "socks5://proxy", false },
	{ "runa", "timeout_ms", "9", false },
	{ "runa", "timeout_ms", "10", true },
	{ "runa", "give_up_after_s", "2419200", true },
	{ "runa", "give_up_after_s", "2419201", false },
	{ "runa", "orders_per_minute", "0", false },
	{ "ledger", "url", "sqlite:/var/l.db", true },
	{ "ledger", "url", "sqlite:l.db", false },
	{ "ledger", "url", "sqlite:/var/", false },
	{ "ledger", "url", "/var/l.db", false },
	{ "ledger", "keep_recipients_days", "0", true },
	{ "ledger", "keep_recipients_days", "36501", false },
	{ "identity", "mode", "proxy", true },
	{ "identity", "mode", "Demo", false },
	{ "identity", "mode", "", false },
	{ "identity", "user_param", "REMOTE_USER", true },
	{ "identity", "user_param", "remote_user", false },
	{ "identity", "user_param", "1USER", false },
	{ "identity", "user_param", "", false },
	{ "identity", "groups_separator", "|", true },
	{ "identity", "groups_separator", "semicolon", true },
	{ "identity", "groups_separator", "space", true },
	{ "identity", "groups_separator", "||", false },
	{ "identity", "groups_separator", "a", false },
	{ "identity", "groups_separator", ";", false }, /* a comment */
	{ "identity", "trusted_proxies", "10.0.0.0/8, 192.168.1.1, ::1", true },
	{ "identity", "trusted_proxies", "*", false },
	{ "identity", "trusted_proxies", "10.0.0.0/33", false },
	{ "identity", "logout_url", "https://sso.example.org/logout?next=/", true },
	{ "identity", "logout_url", "/oauth2/sign_out", true },
	{ "identity", "logout_url", "//evil.example.org", false },
	{ "identity", "logout_url", "javascript:alert(1)", false },
	{ "identity", "logout_url", "/a\"b", false },
	{ "roles", "viewer", "*", true },
	{ "roles", "viewer", "user:alice, group:pay roll ,user:bob@example.org", true },
	{ "roles", "viewer", "alice", false },
	{ "roles", "viewer", "user:", false },
	{ "roles", "viewer", "user: alice", false },
	{ "roles", "viewer", "user:alice,", false },
	{ "roles", "viewer", ",", false },
	{ "roles", "viewer", "User:alice", false },
	{ "limits", "order_max.GBP", "250.00", true },
	{ "limits", "order_max.GBP", "250", true },
	{ "limits", "order_max.GBP", "250.001", false },
	{ "limits", "order_max.GBP", "250,00", false },
	{ "limits", "order_max.GBP", "0", false }, /* inside, 0 is 'no limit' */
	{ "limits", "order_max.GBP", "-1", false },
	{ "limits", "order_max.GBP", "", false },
	{ "limits", "order_max.JPY", "1000", true },
	{ "limits", "order_max.JPY", "1000.5", false },
	{ "limits", "order_max.POUND", "5", false },
};

static void each_key_allows_what_it_says_and_nothing_near_it(void **state)
{
	struct stage *s = *state;

	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		bool is_runa = strcmp(texts[i].section, "runa") == 0;
		bool is_url = is_runa && strcmp(texts[i].name, "base_url") == 0;
		char text[4096];

		assert_true(snprintf(text, sizeof text, "[runa]\napi_key_file = /k\n%s%s%s%s%s = %s\n",
		                     is_url ? "" : "base_url = http://[::1]/v2\n", is_runa ? "" : "[",
		                     is_runa ? "" : texts[i].section, is_runa ? "" : "]\n", texts[i].name,
		                     texts[i].text) < (int)sizeof text);
		stage_read_text(s, text);
		if ((s->config != NULL) != texts[i].is_allowed)
			fail_msg("[%s] %s = '%s': %s", texts[i].section, texts[i].name, texts[i].text,
			         s->config != NULL ? "was allowed" : s->problems.lines[0].text);
		if (s->config == NULL)
			assert_non_null(strstr(s->problems.lines[0].text, "allowed: "));
	}
}

/* The names and defaults that operators rely on; "-": made at run time, or none. */
static const struct { const char *section, *name, *fallback; } relied_on[] = {
	{ "server", "listen", "" },
	{ "server", "threads", "16" },
	{ "server", "base_path", "" },
	{ "server", "public_url", "" },
	{ "server", "template_dir", "-" },
	{ "server", "static_dir", "-" },
	{ "server", "secret_file", "" },
	{ "runa", "base_url", "" },
	{ "runa", "api_key_file", "" },
	{ "runa", "api_version", "2024-02-05" },
	{ "runa", "connect_timeout_ms", "5000" },
	{ "runa", "timeout_ms", "60000" },
	{ "runa", "retry_first_ms", "1000" },
	{ "runa", "retry_max_ms", "300000" },
	{ "runa", "give_up_after_s", "3600" },
	{ "runa", "orders_per_minute", "180" },
	{ "ledger", "url", "sqlite:/var/lib/payoutdesk/ledger.db" },
	{ "ledger", "key_file", "" },
	{ "ledger", "keep_recipients_days", "0" },
	{ "identity", "mode", "proxy" },
	{ "identity", "user_param", "DESK_USER" },
	{ "identity", "name_param", "DESK_NAME" },
	{ "identity", "email_param", "DESK_EMAIL" },
	{ "identity", "groups_param", "DESK_GROUPS" },
	{ "identity", "groups_separator", "," },
	{ "identity", "trusted_proxies", "" },
	{ "identity", "logout_url", "" },
	{ "roles", "viewer", "" },
	{ "roles", "orderer", "" },
	{ "roles", "approver", "" },
	{ "roles", "auditor", "" },
	{ "roles", "admin", "" },
	{ "limits", "order_max.", "" },
	{ "limits", "user_day_max.", "" },
	{ "limits", "month_max.", "" },
	{ "limits", "approval_above.", "" },
	{ "embed", "origins", "" },
};

static void every_key_that_operators_rely_on_is_there_with_its_default(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(relied_on); i++) {
		const struct config_key *key = config_keys;

		while (key->section != NULL && (strcmp(key->section, relied_on[i].section) != 0 ||
		                                strcmp(key->name, relied_on[i].name) != 0))
			key++;
		if (key->section == NULL)
			fail_msg("[%s] %s is not in the table", relied_on[i].section, relied_on[i].name);
		if (strcmp(relied_on[i].fallback, "-") != 0)
			assert_string_equal(key->fallback, relied_on[i].fallback);
	}
}

/* Each key stands in the delivered file: in use, or behind a '#' with its default. */
static void the_delivered_file_is_sound_and_names_every_key(void **state)
{
	const char *source = getenv("srcdir");
	struct stage *s = *state;
	char path[1000], line[200];
	static char text[20000] = "\n";
	FILE *file;

	if (source == NULL)
		skip(); /* by hand; make check says where the sources are */
	assert_in_range(snprintf(path, sizeof path, "%s/deploy/payoutdesk.conf", source), 1, (int)sizeof path - 1);
	s->config = config_read(path, NULL, &s->problems);
	if (s->config == NULL)
		fail_msg("%s", s->problems.lines[0].text);
	file = fopen(path, "r");
	assert_non_null(file);
	assert_in_range(fread(text + 1, 1, sizeof text - 2, file), 1000, sizeof text - 3);
	fclose(file);
	for (const struct config_key *key = config_keys; key->section != NULL; key++) {
		bool is_family = text_ends(key->name, ".");
		bool has_default = *key->fallback != '\0' && *key->fallback != '/';

		if (key->flags & CONFIG_NOT_BUILT)
			continue;
		assert_true(snprintf(line, sizeof line, "\n#%s%s%s%s", key->name, is_family ? "GBP" : "", " = ",
		                     has_default ? key->fallback : "") < (int)sizeof line);
		while (strlen(line) > 0 && line[strlen(line) - 1] == ' ')
			line[strlen(line) - 1] = '\0';
		if (strstr(text, line) == NULL && (memmove(line + 1, line + 2, strlen(line + 1)), !strstr(text, line)))
			fail_msg("no line '%s'", line + 1);
	}
}

static void every_key_has_help_and_says_what_is_allowed(void **state)
{
	struct arena *mem = arena_open();

	(void)state;
	for (const struct config_key *key = config_keys; key->section != NULL; key++) {
		assert_true(text_ends(key->help, "."));
		assert_true(strlen(config_allowed(mem, key)) > 3);
		assert_true(text_begins(config_variable(mem, key), "PAYOUTDESK_"));
	}
	arena_close(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_STAGE(each_key_allows_what_it_says_and_nothing_near_it),
		cmocka_unit_test(every_key_that_operators_rely_on_is_there_with_its_default),
		ON_STAGE(the_delivered_file_is_sound_and_names_every_key),
		cmocka_unit_test(every_key_has_help_and_says_what_is_allowed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
