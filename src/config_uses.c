/* config_uses.c: the settings as each room takes them. Must not know how they were read. */
#include "config.h"

#include <stdlib.h>

#include "base/text.h"

/* The catalogue changes weekly or more (runa-api 12); balances move with each order. */
enum { CATALOGUE_EVERY_MS = 30 * MS_A_MINUTE, BALANCE_EVERY_MS = 5 * MS_A_MINUTE };

struct rules_of_config {
	struct desk_rules rules; /* first: it is the shared thing */
	struct config *config;
};

static void give_back_rules(struct shared *thing)
{
	struct rules_of_config *rules = (struct rules_of_config *)thing;

	config_drop(rules->config);
	free(rules);
}

struct desk_rules *config_desk_rules(struct config *config)
{
	struct rules_of_config *out = memory_alloc(sizeof *out);

	out->config = config_keep(config);
	out->rules = (struct desk_rules){
		.base_url = config->base_url,
		.api_version = config->api_version,
		.environment = runa_environment_of(config->base_url),
		.retry_first_ms = config->retry_first_ms,
		.retry_max_ms = config->retry_max_ms,
		.give_up_after_ms = config->give_up_after_s * MS_A_SECOND,
		.timeout_ms = config->timeout_ms,
		.orders_per_minute = (int)config->orders_per_minute,
		.catalogue_every_ms = CATALOGUE_EVERY_MS,
		.balance_every_ms = BALANCE_EVERY_MS,
		.keep_recipients_ms = config->keep_recipients_days * (int64_t)MS_A_DAY,
		.limits = config->limits,
		.limit_count = config->limit_count,
	};
	shared_begin(&out->rules.shared, give_back_rules);
	return &out->rules;
}

struct ledger_options config_ledger_options(const struct config *config)
{
	return (struct ledger_options){ .path = config->ledger_path, .clock = &clock_of_machine };
}

static const char *or_null(const char *text)
{
	return *text != '\0' ? text : NULL;
}

struct runa_client_options config_runa_options(const struct config *config)
{
	return (struct runa_client_options){
		.base_url = config->base_url,
		.api_key_file = config->api_key_file,
		.ca_file = or_null(config->ca_file),
		.proxy = or_null(config->proxy),
		.connect_timeout_ms = (int)config->connect_timeout_ms,
		.timeout_ms = (int)config->timeout_ms,
	};
}

struct identity_rules config_identity(const struct config *config)
{
	return (struct identity_rules){
		.is_demo = config->is_demo,
		.user_param = config->user_param,
		.name_param = config->name_param,
		.email_param = config->email_param,
		.groups_param = config->groups_param,
		.groups_separator = config->groups_separator,
		.trusted_proxies = config->trusted_proxies,
	};
}

static bool is_granted(const struct config_grant *grant, const struct web_user *user)
{
	if (grant->whom == CONFIG_EVERYONE)
		return true;
	if (grant->whom == CONFIG_USER)
		return text_is_same(grant->name, user->user);
	for (size_t i = 0; i < user->group_count; i++)
		if (text_is_same(grant->name, user->groups[i]))
			return true;
	return false;
}

/* An auditor reads who did what, and nothing more comes with it. */
static const struct { size_t member; unsigned roles; } granted[] = {
	{ offsetof(struct config, viewer), ROLE_VIEWER },
	{ offsetof(struct config, orderer), ROLE_ORDERER | ROLE_VIEWER },
	{ offsetof(struct config, approver), ROLE_APPROVER | ROLE_VIEWER },
	{ offsetof(struct config, auditor), ROLE_AUDITOR },
	{ offsetof(struct config, admin), ROLE_ADMIN | ROLE_VIEWER },
};

unsigned config_roles_of(const struct config *config, const struct web_user *user)
{
	unsigned roles = 0;

	if (user == NULL)
		return 0;
	for (size_t row = 0; row < COUNT_OF(granted); row++) {
		const struct config_grants *grants =
			(const struct config_grants *)((const char *)config + granted[row].member);

		for (size_t i = 0; i < grants->count; i++)
			if (is_granted(&grants->list[i], user))
				roles |= granted[row].roles;
	}
	return roles;
}
