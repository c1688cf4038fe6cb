/* test_config_uses.c: what the rooms are handed. */
#include "stage.h"

#include "base/text.h"

static unsigned roles(const struct config *config, const char *user, const char *group)
{
	const char *groups[] = { group };
	const struct web_user who = { .user = user, .name = user, .email = "", .groups = groups,
	                              .group_count = group != NULL };

	return config_roles_of(config, &who);
}

static void roles_come_from_user_group_and_star(void **state)
{
	struct config *config = stage_config(*state, NEEDED "[roles]\nviewer = *\napprover = user:bob\n"
	                                             "orderer = user:alice, group:staff\n");

	assert_int_equal(roles(config, "alice", NULL), ROLE_ORDERER | ROLE_VIEWER);
	assert_int_equal(roles(config, "carol", "staff"), ROLE_ORDERER | ROLE_VIEWER);
	assert_int_equal(roles(config, "carol", "alice"), ROLE_VIEWER);
	assert_int_equal(roles(config, "staff", NULL), ROLE_VIEWER);
	assert_int_equal(roles(config, "bob", "staff"), ROLE_ORDERER | ROLE_APPROVER | ROLE_VIEWER);
	assert_int_equal(roles(config, "Alice", NULL), ROLE_VIEWER);
	assert_int_equal(config_roles_of(config, NULL), 0);
}

static void nobody_has_a_role_that_was_not_given(void **state)
{
	struct config *config = stage_config(*state, NEEDED);

	assert_int_equal(roles(config, "alice", "staff"), 0);
	assert_int_equal(roles(config, "*", "*"), 0);
}

static void who_orders_approves_or_administers_may_look_and_an_auditor_may_not(void **state)
{
	static const struct { const char *role; unsigned roles; } rows[] = {
		{ "viewer", ROLE_VIEWER },
		{ "orderer", ROLE_ORDERER | ROLE_VIEWER },
		{ "approver", ROLE_APPROVER | ROLE_VIEWER },
		{ "auditor", ROLE_AUDITOR },
		{ "admin", ROLE_ADMIN | ROLE_VIEWER },
	};
	char text[300];

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		assert_true(snprintf(text, sizeof text, NEEDED "[roles]\n%s = user:a\n", rows[i].role) > 0);
		assert_int_equal(roles(stage_config(*state, text), "a", NULL), rows[i].roles);
		assert_int_equal(roles(((struct stage *)*state)->config, "b", NULL), 0);
	}
}

static void the_desk_gets_rules_that_outlive_the_reader(void **state)
{
	struct stage *s = *state;
	struct desk_rules *rules;

	(void)stage_config(s, NEEDED "retry_first_ms = 7\nretry_max_ms = 70\ngive_up_after_s = 90\n"
	                             "timeout_ms = 800\norders_per_minute = 60\n"
	                             "[ledger]\nkeep_recipients_days = 30\n"
	                             "[limits]\norder_max.GBP = 1.50\nuser_day_max.GBP = 2\nmonth_max.EUR = 3\n");
	rules = config_desk_rules(s->config);
	config_drop(s->config);
	s->config = NULL;
	assert_string_equal(rules->base_url, "http://127.0.0.1:8081/v2");
	assert_int_equal(rules->environment, RUNA_SANDBOX);
	assert_int_equal(rules->retry_first_ms, 7);
	assert_int_equal(rules->retry_max_ms, 70);
	assert_int_equal(rules->give_up_after_ms, 90000);
	assert_int_equal(rules->timeout_ms, 800);
	assert_int_equal(rules->orders_per_minute, 60);
	assert_int_equal(rules->keep_recipients_ms, INT64_C(2592000000));
	assert_true(rules->catalogue_every_ms > 0 && rules->balance_every_ms > 0);
	assert_int_equal(rules->limit_count, 2);
	assert_string_equal(rules->limits[0].currency, "GBP");
	assert_int_equal(rules->limits[0].order_max_minor, 150);
	assert_int_equal(rules->limits[0].user_day_minor, 200);
	assert_int_equal(rules->limits[0].month_minor, 0);
	assert_int_equal(rules->limits[1].month_minor, 300);
	shared_drop(&rules->shared);
}

static void the_line_to_runa_gets_no_proxy_and_no_other_authorities_unless_asked(void **state)
{
	struct runa_client_options options = config_runa_options(stage_config(*state, NEEDED "timeout_ms = 300\n"));

	assert_null(options.ca_file);
	assert_null(options.proxy);
	assert_int_equal(options.timeout_ms, 300);
	assert_int_equal(options.connect_timeout_ms, 300); /* never longer than the call */
	options = config_runa_options(stage_config(*state, NEEDED "ca_file = /ca\nproxy = http://p:1\n"));
	assert_string_equal(options.ca_file, "/ca");
	assert_string_equal(options.proxy, "http://p:1");
}

static void identity_and_ledger_get_their_parts(void **state)
{
	struct config *config = stage_config(*state, NEEDED "[identity]\ngroups_separator = semicolon\n"
	                                             "user_param = U\n[ledger]\nurl = sqlite:/l.db\n");
	struct identity_rules identity = config_identity(config);

	assert_string_equal(identity.user_param, "U");
	assert_string_equal(identity.groups_param, "DESK_GROUPS");
	assert_string_equal(identity.trusted_proxies, "");
	assert_int_equal(identity.groups_separator, ';');
	assert_false(identity.is_demo);
	assert_string_equal(config_ledger_options(config).path, "/l.db");
	assert_false(config_ledger_options(config).may_migrate);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_STAGE(roles_come_from_user_group_and_star),
		ON_STAGE(nobody_has_a_role_that_was_not_given),
		ON_STAGE(who_orders_approves_or_administers_may_look_and_an_auditor_may_not),
		ON_STAGE(the_desk_gets_rules_that_outlive_the_reader),
		ON_STAGE(the_line_to_runa_gets_no_proxy_and_no_other_authorities_unless_asked),
		ON_STAGE(identity_and_ledger_get_their_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
