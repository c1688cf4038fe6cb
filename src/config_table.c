/* config_table.c: every key of the configuration, once: the contract with those who run a desk. Must not know
 * how a file is read (config.c) or a value is checked (config_kinds.c). */
#include "config.h"

#include <string.h>

#include "base/text.h"

#define AT(member) offsetof(struct config, member)
#define IN_LIMIT(member) offsetof(struct desk_limit, member)

const struct config_key config_keys[] = {
	{ "server", "listen", &config_kind_listen, AT(listen), "", 0, 0, CONFIG_RESTART,
	  "Where the web server reaches the desk. Left out: descriptor 0 (spawn-fcgi, systemd socket)." },
	{ "server", "threads", &config_kind_number, AT(threads), "16", 1, 256, CONFIG_RESTART,
	  "Request threads. Each holds one order until it is on the disk; idle connections hold none." },
	{ "server", "base_path", &config_kind_base_path, AT(base_path), "", 0, 0, 0,
	  "The path the portal is mounted at." },
	{ "server", "public_url", &config_kind_origin, AT(public_url), "", 0, 0, 0,
	  "Scheme and host that people use; forms must come from there. Left out: taken from Host." },
	{ "server", "template_dir", &config_kind_path, AT(template_dir), TEMPLATE_DIR, 0, 0, 0,
	  "Where the page templates are." },
	{ "server", "static_dir", &config_kind_path, AT(static_dir), STATIC_DIR, 0, 0, 0,
	  "Where style sheet, script and icons are." },
	{ "server", "secret_file", &config_kind_path, AT(secret_file), "", 0, 0, CONFIG_SECRET,
	  "32 or more random bytes that sign forms; made on the first start. Left out: form-secret, next to the "
	  "ledger." },

	{ "runa", "base_url", &config_kind_base_url, AT(base_url), "", 0, 0, CONFIG_REQUIRED | CONFIG_RESTART,
	  "Which Runa: https://api.runa.io/v2 spends real money, https://playground.runa.io/v2 does not." },
	{ "runa", "api_key_file", &config_kind_path, AT(api_key_file), "", 0, 0,
	  CONFIG_REQUIRED | CONFIG_SECRET | CONFIG_RESTART, "The file that holds the API key, and nothing else." },
	{ "runa", "api_version", &config_kind_date, AT(api_version), "2024-02-05", 0, 0, 0,
	  "X-Api-Version of new orders; an order keeps the one it was placed with." },
	{ "runa", "ca_file", &config_kind_path, AT(ca_file), "", 0, 0, CONFIG_RESTART,
	  "Certificate authorities to trust instead of the machine's." },
	{ "runa", "proxy", &config_kind_proxy, AT(proxy), "", 0, 0, CONFIG_RESTART,
	  "Proxy on the way to Runa. Proxy variables of the environment are not used." },
	{ "runa", "connect_timeout_ms", &config_kind_number, AT(connect_timeout_ms), "5000", 10, 600000,
	  CONFIG_RESTART, "Longest wait for a connection." },
	{ "runa", "timeout_ms", &config_kind_number, AT(timeout_ms), "60000", 10, 600000, CONFIG_RESTART,
	  "Longest time one call may take." },
	{ "runa", "retry_first_ms", &config_kind_number, AT(retry_first_ms), "1000", 1, 3600000, 0,
	  "First pause between tries with the same key; doubled each time." },
	{ "runa", "retry_max_ms", &config_kind_number, AT(retry_max_ms), "300000", 1, 86400000, 0,
	  "Longest pause between tries with the same key." },
	{ "runa", "give_up_after_s", &config_kind_number, AT(give_up_after_s), "3600", 1, 28 * 86400, 0,
	  "An order without an answer for so long is looked up at Runa, then shown to a person." },
	{ "runa", "orders_per_minute", &config_kind_number, AT(orders_per_minute), "180", 1, 60000, 0,
	  "Most orders sent in a minute, tries included. Runa allows 300; it said 180 until mid 2026." },

	{ "ledger", "url", &config_kind_ledger_url, AT(ledger_url), "sqlite:/var/lib/payoutdesk/ledger.db", 0, 0,
	  CONFIG_RESTART, "Where orders are kept. Not on a network file system." },
	{ "ledger", "key_file", &config_kind_path, AT(key_file), "", 0, 0, CONFIG_SECRET | CONFIG_RESTART,
	  "32 bytes that seal payout links; made on the first start, part of every backup. Left out: link-key, "
	  "next to the ledger." },
	{ "ledger", "keep_recipients_days", &config_kind_number, AT(keep_recipients_days), "0", 0, 36500, 0,
	  "Recipients of finished orders are blanked after so many days; 0 keeps them." },

	{ "identity", "mode", &config_kind_mode, AT(is_demo), "proxy", 0, 0, 0,
	  "proxy: the web server says who it is. demo: one made-up user, for the sandbox and the playground." },
	{ "identity", "user_param", &config_kind_param, AT(user_param), "DESK_USER", 0, 0, 0,
	  "The parameter that holds the user's name." },
	{ "identity", "name_param", &config_kind_param, AT(name_param), "DESK_NAME", 0, 0, 0,
	  "The parameter that holds the name to show." },
	{ "identity", "email_param", &config_kind_param, AT(email_param), "DESK_EMAIL", 0, 0, 0,
	  "The parameter that holds the user's address." },
	{ "identity", "groups_param", &config_kind_param, AT(groups_param), "DESK_GROUPS", 0, 0, 0,
	  "The parameter that holds the user's groups." },
	{ "identity", "groups_separator", &config_kind_separator, AT(groups_separator), ",", 0, 0, 0,
	  "What stands between two groups." },
	{ "identity", "trusted_proxies", &config_kind_networks, AT(trusted_proxies), "", 0, 0, 0,
	  "From where parameters named HTTP_... are believed." },
	{ "identity", "logout_url", &config_kind_link, AT(logout_url), "", 0, 0, 0,
	  "Where 'Sign out' leads. Left out: it is not offered." },

	{ "roles", "viewer", &config_kind_grants, AT(viewer), "", 0, 0, 0, "Who may look." },
	{ "roles", "orderer", &config_kind_grants, AT(orderer), "", 0, 0, 0, "Who may order; may look too." },
	{ "roles", "approver", &config_kind_grants, AT(approver), "", 0, 0, 0,
	  "Who may decide on other people's orders; may look too." },
	{ "roles", "auditor", &config_kind_grants, AT(auditor), "", 0, 0, 0, "Who may read who did what." },
	{ "roles", "admin", &config_kind_grants, AT(admin), "", 0, 0, 0, "Who runs the desk; may look too." },

	{ "limits", "order_max.", &config_kind_limit, IN_LIMIT(order_max_minor), "", 0, 0, 0,
	  "Most that one order may spend." },
	{ "limits", "user_day_max.", &config_kind_limit, IN_LIMIT(user_day_minor), "", 0, 0, 0,
	  "Most that one person may spend in a day." },
	{ "limits", "month_max.", &config_kind_limit, IN_LIMIT(month_minor), "", 0, 0, 0,
	  "Most that everyone together may spend in a month." },
	{ "limits", "approval_above.", &config_kind_limit, 0, "", 0, 0, CONFIG_NOT_BUILT,
	  "Above this a second person must approve." },

	{ "embed", "origins", &config_kind_text, 0, "", 0, 0, CONFIG_NOT_BUILT, "Sites that may frame the portal." },
	{ NULL, NULL, NULL, 0, NULL, 0, 0, 0, NULL },
};

/* ---- what must fit between keys -------------------------------------------------------------- */

/* A made-up user who may spend real money would be anyone at all. */
static bool demo_is_live(const struct config *config)
{
	return config->is_demo && runa_environment_of(config->base_url) == RUNA_LIVE;
}

/* HTTP_ parameters are request headers: whoever can reach the web server can write them (design 6). */
static bool is_header(const struct config *config, const char *param)
{
	return strncmp(param, "HTTP_", 5) == 0 && config->trusted_proxies[0] == '\0';
}

static bool user_is_header(const struct config *config) { return is_header(config, config->user_param); }
static bool name_is_header(const struct config *config) { return is_header(config, config->name_param); }
static bool email_is_header(const struct config *config) { return is_header(config, config->email_param); }
static bool groups_are_header(const struct config *config) { return is_header(config, config->groups_param); }

/* A browser leaves the scheme's own port out of the Origin it says: a public_url with it would refuse every form. */
static bool public_url_has_default_port(const struct config *config)
{
	const char *url = config->public_url, *colon = strrchr(url, ':');
	int64_t port;

	return colon != NULL && text_number(colon + 1, UINT16_MAX, &port) &&
	       port == (text_begins(url, "https:") ? 443 : 80);
}

static bool pauses_are_turned_round(const struct config *config)
{
	return config->retry_max_ms < config->retry_first_ms;
}

#define NO_HEADER "a name without HTTP_ in front, or first list in [identity] trusted_proxies who may send it"

const struct config_rule config_rules[] = {
	{ "server", "public_url", public_url_has_default_port,
	  "the same without :443 behind https:// and without :80 behind http://, because a browser leaves that port out "
	  "when it says where a form comes from, and no form would be taken" },
	{ "identity", "mode", demo_is_live,
	  "proxy (demo only where [runa] base_url is a loopback address or the playground)" },
	{ "identity", "user_param", user_is_header, NO_HEADER },
	{ "identity", "name_param", name_is_header, NO_HEADER },
	{ "identity", "email_param", email_is_header, NO_HEADER },
	{ "identity", "groups_param", groups_are_header, NO_HEADER },
	{ "runa", "retry_max_ms", pauses_are_turned_round, "at least [runa] retry_first_ms" },
	{ NULL, NULL, NULL, NULL },
};
