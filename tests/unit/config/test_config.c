/* test_config.c: what is read from where, and how wrong settings are named. */
#include "stage.h"

static void a_short_file_is_enough(void **state)
{
	struct config *config = stage_config(*state, NEEDED);

	assert_string_equal(config->base_url, "http://127.0.0.1:8081/v2");
	assert_string_equal(config->listen, "");
	assert_int_equal(config->threads, 16);
	assert_string_equal(config->api_version, "2024-02-05");
	assert_int_equal(config->connect_timeout_ms, 5000);
	assert_int_equal(config->timeout_ms, 60000);
	assert_int_equal(config->orders_per_minute, 180);
	assert_string_equal(config->user_param, "DESK_USER");
	assert_int_equal(config->groups_separator, ',');
	assert_false(config->is_demo);
	assert_int_equal(config->viewer.count, 0);
}

static void key_files_stand_next_to_the_ledger(void **state)
{
	struct config *config = stage_config(*state, NEEDED "[ledger]\nurl = sqlite:/srv/desk/orders.db\n");

	assert_string_equal(config->ledger_path, "/srv/desk/orders.db");
	assert_string_equal(config->key_file, "/srv/desk/link-key");
	assert_string_equal(config->secret_file, "/srv/desk/form-secret");
	config = stage_config(*state, NEEDED "[ledger]\nurl = sqlite:/o.db\nkey_file = /k\n"
	                                     "[server]\nsecret_file = /s\n");
	assert_string_equal(config->key_file, "/k");
	assert_string_equal(config->secret_file, "/s");
}

static void comments_blank_lines_and_a_mark_at_the_beginning_are_allowed(void **state)
{
	struct config *config = stage_config(*state, "\xEF\xBB\xBF# one\n\n; two\n  # three\n" NEEDED
	                                             "[server]\nthreads = 4 ; four\r\n");

	assert_int_equal(config->threads, 4);
}

static void a_value_may_be_long(void **state)
{
	char text[4000] = NEEDED "[roles]\nviewer = ";
	size_t count = strlen(text);

	for (int i = 0; i < 100; i++)
		count += (size_t)snprintf(text + count, sizeof text - count, "%suser:somebody%d", i ? ", " : "", i);
	assert_int_equal(stage_config(*state, text)->viewer.count, 100);
}

/* ---- the file is wrong ----------------------------------------------------------------------- */

static const struct {
	const char *text;
	const char *begins; /* behind the file's name */
	const char *holds;
} wrong[] = {
	{ "", ": [runa] base_url: is required", "allowed: https://" },
	{ "", ": [runa] api_key_file: is required", "allowed: a path" },
	{ "[runa]\nbase_url =\n", ":2: [runa] base_url: '' is not allowed", "allowed: https://" },
	{ "[runa]\napi_key_file =\n", ":2: [runa] api_key_file: is required and empty", "allowed: a path" },
	{ "[server]\nthread = 3\n", ":2: [server] 'thread': there is no such key", "allowed: listen, threads, " },
	{ "[sever]\nthreads = 3\n", ":2: there is no section 'sever'", "allowed: [server], [runa], [ledger]" },
	{ "\nthreads = 3\n", ":2: 'threads' stands before any [section]", "allowed: [server], " },
	{ "[server]\nthreads = 3\n#\nthreads = 4\n", ":4: [server] threads: the key comes twice", "line 2 already" },
	{ "[server]\nthreads = 3\n[runa]\n[server]\nthreads = 3\n", ":5: [server] threads: the key comes twice",
	  "allowed: once" },
	{ "[server]\nthreads\n", ":2: this is no setting", "allowed: [section], key = value" },
	{ "[server\nthreads = 1\n", ":1: this is no setting", "allowed: [section], key = value" },
	{ "[server]\nlisten = unix:/a\n  threads = 3\n", ":3: [server] listen: the line begins with a blank",
	  "left edge" },
	{ "[identity]\nlogout_url = /\xFF\n", ":2: [identity] logout_url: the value is not valid UTF-8",
	  "allowed: " },
	{ "[roles]\nviewer = user:a\x01\n", ":2: [roles] viewer: the value holds a control", "allowed: user:NAME" },
	{ "[\xFF]\nviewer = 1\n", ":2: there is no section '?'", "allowed: " },
	{ "[limits]\norder_max.gbp = 5\n", ":2: [limits] order_max.gbp: '5' is not allowed", "three capitals" },
	{ "[limits]\norder_max. = 5\n", ":2: [limits] 'order_max.': there is no such key", "order_max.CUR" },
	{ "[limits]\napproval_above.GBP = 5\n", ":2: [limits] approval_above.GBP: the key is not offered by this "
	  "version", "allowed: to leave it out" },
	{ "[embed]\norigins = https://example.org\n", ":2: [embed] origins: the key is not offered by this version",
	  "allowed: to leave it out" },
	{ "[embed]\norigin = x\n", ":2: [embed] 'origin': there is no such key", "allowed: nothing" },
	{ "[ledger]\nurl = postgresql://db/desk\n", ":2: [ledger] url: 'postgresql://db/desk' is not allowed",
	  "not offered by this version" },
};

static void each_wrong_file_is_told_with_line_key_and_what_is_allowed(void **state)
{
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		stage_read_text(*state, wrong[i].text);
		stage_says(*state, wrong[i].begins, wrong[i].holds);
	}
}

static void all_that_is_wrong_is_told_at_once(void **state)
{
	struct stage *s = *state;

	stage_read_text(s, "[server]\nthreads = many\nbase_path = /x/\n[runa]\ntimeout_ms = 1s\n");
	stage_says(s, ":2: [server] threads: 'many' is not allowed", "allowed: a whole number from 1 to 256");
	stage_says(s, ":3: [server] base_path: '/x/' is not allowed", "allowed: ");
	stage_says(s, ":5: [runa] timeout_ms: '1s' is not allowed", "allowed: a whole number from 10 to 600000");
	assert_int_equal(s->problems.count, 5); /* the two that are required as well */
}

static void more_wrong_lines_than_there_is_room_for_are_counted(void **state)
{
	struct stage *s = *state;
	char text[8192] = "[server]\n";
	size_t count = strlen(text);

	for (int i = 0; i < CONFIG_PROBLEMS_MOST * 3; i++)
		count += (size_t)snprintf(text + count, sizeof text - count, "nothing%d = 1\n", i);
	stage_read_text(s, text);
	assert_null(s->config);
	assert_int_equal(s->problems.count, CONFIG_PROBLEMS_MOST * 3 + 2);
}

static void a_value_that_is_too_long_is_named_and_not_cut(void **state)
{
	static char text[CONFIG_VALUE_MOST + 200] = NEEDED "[identity]\nlogout_url = /";
	size_t count = strlen(text);

	memset(text + count, 'a', CONFIG_VALUE_MOST);
	stage_read_text(*state, text);
	stage_says(*state, ":5: [identity] logout_url: the value is too long", "allowed: at most 4096 bytes");
	text[count + CONFIG_VALUE_MOST - 1] = '\0'; /* with the slash: exactly as long as may be, but no link */
	stage_read_text(*state, text);
	stage_says(*state, ":5: [identity] logout_url: '/aaaa", "(cut here) is not allowed");
}

static void a_line_without_end_is_named(void **state)
{
	static char text[40000] = NEEDED "[identity]\nlogout_url = /";
	size_t count = strlen(text);

	memset(text + count, 'a', sizeof text - 1 - count);
	stage_read_text(*state, text);
	stage_says(*state, ":5: the line is too long", "allowed: less than ");
}

static void a_long_comment_is_no_fault(void **state)
{
	static char text[40000] = NEEDED "# ";
	size_t count = strlen(text);

	memset(text + count, 'a', sizeof text - 1 - count);
	assert_non_null(stage_config(*state, text));
}

static void a_nul_byte_is_named(void **state)
{
	static const char text[] = NEEDED "[server]\nthreads = 1\0006\n";
	struct stage *s = *state;

	stage_write(s, text, sizeof text - 1);
	stage_read(s, NULL);
	stage_says(s, ":5: the line holds a NUL byte", "allowed: text");
}

static void a_huge_or_missing_file_and_a_folder_are_named(void **state)
{
	struct stage *s = *state;
	char *bytes = memory_alloc(CONFIG_FILE_MOST + 1);

	memset(bytes, '\n', CONFIG_FILE_MOST + 1);
	stage_write(s, bytes, CONFIG_FILE_MOST + 1);
	free(bytes);
	stage_read(s, NULL);
	stage_says(s, ": cannot be read: ", "allowed: a file of at most 262144 bytes");
	unlink(s->file);
	stage_read(s, NULL);
	stage_says(s, ": cannot be read: No such file", "allowed: a file");
	assert_int_equal(s->problems.count, 1); /* and not each key that could have been in it */
	assert_null(config_read("/", NULL, &s->problems));
	assert_non_null(strstr(s->problems.lines[0].text, "/: cannot be read: Is a directory"));
}

static void what_may_be_a_secret_is_never_printed(void **state)
{
	static const char *const texts[] = {
		"[runa]\napi_key_file = wgHUSH.hush-hush\n",
		"[runa]\napi_key = wgHUSH.hush-hush\n",
		"[runa]\nbase_url = https://me:hush-hush@api.runa.io/v2\n",
		"[runa]\nproxy = http://me:hush-hush@proxy:3128\n",
		"[server]\nsecret_file = hush-hush\n",
		"[ledger]\nkey_file = hush-hush\n",
		"[ledger]\nurl = postgresql://me:hush-hush@db/desk\n",
	};
	struct stage *s = *state;

	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		stage_read_text(s, texts[i]);
		assert_null(s->config);
		for (size_t at = 0; at < s->problems.count; at++)
			assert_null(strstr(s->problems.lines[at].text, "hush"));
		stage_says(s, ":2: [", "");
	}
}

/* ---- the environment ------------------------------------------------------------------------- */

static void a_variable_wins_over_the_file(void **state)
{
	char *variables[] = { "PAYOUTDESK_SERVER_THREADS=3", "PAYOUTDESK_LIMITS_ORDER_MAX_GBP=7.50",
	                      "PAYOUTDESK_LIMITS_MONTH_MAX_JPY=700", "PAYOUTDESK_CONFIG=/elsewhere", "HOME=/root",
	                      NULL };
	struct stage *s = *state;
	static const char text[] = NEEDED "[server]\nthreads = many\n[limits]\norder_max.GBP = 9\n";

	stage_write(s, text, strlen(text));
	stage_read(s, variables);
	assert_non_null(s->config);
	assert_int_equal(s->config->threads, 3);
	assert_int_equal(s->config->limit_count, 2);
	assert_int_equal(s->config->limits[0].order_max_minor, 750);
	assert_string_equal(s->config->limits[1].currency, "JPY");
	assert_int_equal(s->config->limits[1].month_minor, 700);
}

static void variables_alone_are_enough(void **state)
{
	char *variables[] = { "PAYOUTDESK_RUNA_BASE_URL=https://playground.runa.io/v2",
	                      "PAYOUTDESK_RUNA_API_KEY_FILE=/run/secrets/runa", NULL };
	struct stage *s = *state;

	if (access(CONFIG_DEFAULT_FILE, F_OK) == 0)
		skip();
	s->config = config_read(NULL, variables, &s->problems);
	assert_non_null(s->config);
	assert_string_equal(s->config->file, "");
	assert_string_equal(s->config->api_key_file, "/run/secrets/runa");
}

static void a_wrong_variable_is_named_as_the_source(void **state)
{
	static const struct { char *variable; const char *says; } rows[] = {
		{ "PAYOUTDESK_SERVER_THREADS=0", "PAYOUTDESK_SERVER_THREADS (environment): [server] threads: '0' is not "
		  "allowed; allowed: a whole number from 1 to 256" },
		{ "PAYOUTDESK_LIMITS_ORDER_MAX_GBP=1e3",
		  "PAYOUTDESK_LIMITS_ORDER_MAX_GBP (environment): [limits] order_max.GBP: '1e3' is not allowed" },
		{ "PAYOUTDESK_LIMITS_ORDERMAX_GBP=5",
		  "'PAYOUTDESK_LIMITS_ORDERMAX_GBP' (environment): there is no such key" },
		{ "PAYOUTDESK_LIMITS_APPROVAL_ABOVE_GBP=5", "not offered by this version" },
		{ "PAYOUTDESK_IDENTITY_MODE=demo\xFF", "the value is not valid UTF-8" },
	};
	struct stage *s = *state;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char *variables[] = { rows[i].variable, NULL };

		stage_write(s, NEEDED, strlen(NEEDED));
		stage_read(s, variables);
		assert_null(s->config);
		assert_int_equal(s->problems.count, 1);
		if (strstr(s->problems.lines[0].text, rows[i].says) == NULL)
			fail_msg("%s", s->problems.lines[0].text);
	}
}

static void a_wrong_variable_is_named_also_where_the_file_says_something(void **state)
{
	char *variables[] = { "PAYOUTDESK_SERVER_THREADS=none", NULL };
	static const char text[] = NEEDED "[server]\nthreads = 3\n";
	struct stage *s = *state;

	stage_write(s, text, strlen(text));
	stage_read(s, variables);
	assert_null(s->config);
	assert_non_null(strstr(s->problems.lines[0].text, "SERVER_THREADS (environment): [server] threads: 'none'"));
}

/* ---- rules between keys ---------------------------------------------------------------------- */

#define LIVE "[runa]\nbase_url = https://api.runa.io/v2\napi_key_file = /k\n"

static void the_made_up_user_may_not_spend_real_money(void **state)
{
	stage_read_text(*state, LIVE "[identity]\nmode = demo\n");
	stage_says(*state, ":5: [identity] mode: 'demo' is not allowed here", "allowed: proxy");
	assert_true(stage_config(*state, NEEDED "[identity]\nmode = demo\n")->is_demo);
	assert_true(stage_config(*state, "[runa]\nbase_url = https://playground.runa.io/v2\napi_key_file = /k\n"
	                                 "[identity]\nmode = demo\n")->is_demo);
}

static void a_header_is_believed_from_listed_proxies_only(void **state)
{
	static const char *const names[] = { "user", "name", "email", "groups" };
	char text[400], begins[100];

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		assert_true(snprintf(text, sizeof text, NEEDED "[identity]\n%s_param = HTTP_X_USER\n", names[i]) > 0);
		assert_true(snprintf(begins, sizeof begins, ":5: [identity] %s_param: 'HTTP_X_USER'", names[i]) > 0);
		stage_read_text(*state, text);
		stage_says(*state, begins, "trusted_proxies");
		assert_true(snprintf(text, sizeof text, NEEDED "[identity]\n%s_param = HTTP_X_USER\n"
		                     "trusted_proxies = 10.0.0.0/8, ::1\n", names[i]) > 0);
		assert_non_null(stage_config(*state, text));
	}
	assert_string_equal(stage_config(*state, NEEDED "[identity]\nuser_param = REMOTE_USER\n")->user_param,
	                    "REMOTE_USER");
}

static void the_longest_pause_may_not_be_shorter_than_the_first(void **state)
{
	struct config *config;

	stage_read_text(*state, NEEDED "retry_first_ms = 500\nretry_max_ms = 400\n");
	stage_says(*state, ":5: [runa] retry_max_ms: '400' is not allowed here",
	           "allowed: at least [runa] retry_first_ms");
	config = stage_config(*state, NEEDED "retry_max_ms = 400\n");
	assert_int_equal(config->retry_first_ms, 400);
	config = stage_config(*state, NEEDED "retry_first_ms = 400000\n");
	assert_int_equal(config->retry_max_ms, 400000);
}

/* ---- reading again --------------------------------------------------------------------------- */

static const char *needing[8];
static size_t needing_count;

static void note_restart(const struct config_key *key)
{
	assert_in_range(needing_count, 0, COUNT_OF(needing) - 1);
	needing[needing_count++] = key->name;
}

static struct config *read_again(struct stage *s, const char *text)
{
	stage_write(s, text, strlen(text));
	needing_count = 0;
	return config_read_again(s->config, NULL, &s->problems, note_restart);
}

static void a_reload_keeps_what_needs_a_restart(void **state)
{
	struct stage *s = *state;
	struct config *again, *third;

	(void)stage_config(s, NEEDED "timeout_ms = 900\n");
	again = read_again(s, "[runa]\nbase_url = https://api.runa.io/v2\napi_key_file = /k\norders_per_minute = 7\n"
	                      "[server]\nthreads = 5\n[roles]\nviewer = *\n");
	assert_non_null(again);
	assert_string_equal(again->base_url, "http://127.0.0.1:8081/v2");
	assert_string_equal(again->api_key_file, "/etc/payoutdesk/api-key");
	assert_int_equal(again->threads, 16);
	assert_int_equal(again->timeout_ms, 900);
	assert_int_equal(again->orders_per_minute, 7);
	assert_int_equal(again->viewer.count, 1);
	assert_int_equal(needing_count, 4);
	assert_string_equal(needing[0], "threads");
	assert_string_equal(needing[1], "base_url");
	config_drop(s->config);
	s->config = again;
	third = read_again(s, NEEDED "timeout_ms = 900\n"); /* back to what it runs with: nothing to restart for */
	assert_non_null(third);
	assert_int_equal(needing_count, 0);
	config_drop(third);
}

static void a_reload_names_what_is_wrong_even_where_a_restart_is_needed(void **state)
{
	struct stage *s = *state;
	struct config *again;

	(void)stage_config(s, NEEDED);
	again = read_again(s, NEEDED "[server]\nthreads = many\n");
	assert_null(again);
	assert_int_equal(s->problems.count, 1);
	assert_non_null(strstr(s->problems.lines[0].text, ":5: [server] threads: 'many' is not allowed"));
}

/* Kept base_url, new mode: they are checked together, not each with the other's old partner. */
static void a_reload_checks_the_values_that_will_hold_together(void **state)
{
	struct stage *s = *state;

	(void)stage_config(s, LIVE);
	assert_null(read_again(s, NEEDED "[identity]\nmode = demo\n"));
	assert_non_null(strstr(s->problems.lines[0].text, ":5: [identity] mode: 'demo' is not allowed here"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_STAGE(a_short_file_is_enough),
		ON_STAGE(key_files_stand_next_to_the_ledger),
		ON_STAGE(comments_blank_lines_and_a_mark_at_the_beginning_are_allowed),
		ON_STAGE(a_value_may_be_long),
		ON_STAGE(each_wrong_file_is_told_with_line_key_and_what_is_allowed),
		ON_STAGE(all_that_is_wrong_is_told_at_once),
		ON_STAGE(more_wrong_lines_than_there_is_room_for_are_counted),
		ON_STAGE(a_value_that_is_too_long_is_named_and_not_cut),
		ON_STAGE(a_line_without_end_is_named),
		ON_STAGE(a_long_comment_is_no_fault),
		ON_STAGE(a_nul_byte_is_named),
		ON_STAGE(a_huge_or_missing_file_and_a_folder_are_named),
		ON_STAGE(what_may_be_a_secret_is_never_printed),
		ON_STAGE(a_variable_wins_over_the_file),
		ON_STAGE(variables_alone_are_enough),
		ON_STAGE(a_wrong_variable_is_named_as_the_source),
		ON_STAGE(a_wrong_variable_is_named_also_where_the_file_says_something),
		ON_STAGE(the_made_up_user_may_not_spend_real_money),
		ON_STAGE(a_header_is_believed_from_listed_proxies_only),
		ON_STAGE(the_longest_pause_may_not_be_shorter_than_the_first),
		ON_STAGE(a_reload_keeps_what_needs_a_restart),
		ON_STAGE(a_reload_names_what_is_wrong_even_where_a_restart_is_needed),
		ON_STAGE(a_reload_checks_the_values_that_will_hold_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
