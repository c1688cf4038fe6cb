/* config.h: every setting of the portal, read from one INI file and the environment. Each key stands in one
 * table (config_keys): its name, what is allowed, its default and its help; parsing, errors and the man
 * page all come from there. */
#ifndef CONFIG_H
#define CONFIG_H

#include "base/arena.h"
#include "base/problem.h"
#include "base/shared.h"
#include "desk/desk.h"
#include "ledger/ledger.h"
#include "runa/client.h"
#include "web/identity.h"
#include "web/request.h"

#define CONFIG_DEFAULT_FILE "/etc/payoutdesk/payoutdesk.conf"
#define CONFIG_ENVIRONMENT "PAYOUTDESK_" /* before SECTION_KEY */

enum {
	CONFIG_VALUE_MOST = 4096,       /* bytes of one value */
	CONFIG_FILE_MOST = 256 * 1024,  /* bytes of the file */
	CONFIG_PROBLEMS_MOST = 32,      /* named; the others are counted */
};

/* One entry of a role: everyone, one user or one group. */
enum config_whom { CONFIG_EVERYONE, CONFIG_USER, CONFIG_GROUP };
struct config_grant {
	enum config_whom whom;
	const char *name; /* "" for everyone */
};
struct config_grants {
	struct config_grant *list;
	size_t count;
};

struct config_key;

/* What was said for one key, and where: a file and line, or a variable. */
struct config_setting {
	struct config_setting *next;
	const struct config_key *key;
	const char *suffix; /* of a family: the currency; "" otherwise */
	const char *text;
	const char *source; /* file, or the variable's name */
	int line;           /* 0: a variable */
};

/* All settings, checked. Immutable once read; counted (shared.h). Texts are never NULL, and "" where a
 * setting was left out that may be. */
struct config {
	struct shared shared;
	struct arena *mem;
	const char *file; /* "" where the default file is absent and all came from variables */
	struct config_setting *settings;

	/* [server] */
	const char *listen; /* "": descriptor 0 */
	int64_t threads;
	const char *base_path, *public_url, *template_dir, *static_dir, *secret_file;
	/* [runa] */
	const char *base_url, *api_key_file, *api_version, *ca_file, *proxy;
	int64_t connect_timeout_ms, timeout_ms, retry_first_ms, retry_max_ms, give_up_after_s, orders_per_minute;
	/* [ledger] */
	const char *ledger_url;
	const char *ledger_path; /* of a sqlite: url */
	const char *key_file;
	int64_t keep_recipients_days;
	/* [identity] */
	int64_t is_demo; /* 0 or 1 */
	const char *user_param, *name_param, *email_param, *groups_param, *trusted_proxies, *logout_url;
	char groups_separator;
	/* [roles] */
	struct config_grants viewer, orderer, approver, auditor, admin;
	/* [limits] */
	struct desk_limit *limits;
	size_t limit_count;
};

/* All that is wrong, in the order of the file. */
struct config_problems {
	struct problem lines[CONFIG_PROBLEMS_MOST];
	size_t count; /* may be more than there are lines */
};

/* Reads `file`, then `environment` ("NAME=value" entries, NULL at the end), whose values win. file NULL: the
 * default file, which may be absent. NULL: `problems` has a sentence for each thing that is wrong, with
 * file, line, key and what is allowed. A secret, or a value that might be one, is never in it. */
MUST_USE struct config *config_read(const char *file, char *const *environment,
                                    struct config_problems *problems);

/* The same for a program that runs as `old` says: keys that need a restart keep the old value, and each of
 * them that was changed is named through `needs_restart`. */
MUST_USE struct config *config_read_again(const struct config *old, char *const *environment,
                                          struct config_problems *problems,
                                          void (*needs_restart)(const struct config_key *key));

/* One more hold; config_drop gives it back. */
struct config *config_keep(struct config *config);
void config_drop(struct config *config); /* NULL is allowed */

/* ---- what the rooms take from it. Texts are borrowed from the config. ------------------------ */

/* A new snapshot that holds the config; shared_drop(&rules->shared) ends it. */
MUST_USE struct desk_rules *config_desk_rules(struct config *config);
struct ledger_options config_ledger_options(const struct config *config);
struct runa_client_options config_runa_options(const struct config *config);
struct identity_rules config_identity(const struct config *config);
/* Roles of a user: of enum role; whoever may order, approve or administer may view. NULL: none. */
MUST_USE unsigned config_roles_of(const struct config *config, const struct web_user *user);

/* ---- the table ------------------------------------------------------------------------------- */

enum config_flags {
	CONFIG_REQUIRED = 1 << 0,
	CONFIG_SECRET = 1 << 1,    /* a wrong value is never printed: it may be the secret itself */
	CONFIG_RESTART = 1 << 2,   /* a reload keeps the old value */
	CONFIG_NOT_BUILT = 1 << 3, /* not offered by this version */
};

/* How the text of a setting becomes a value. */
struct config_kind {
	const char *allowed; /* in words; NULL: from the key's `least` and `most` */
	/* False: the text is not allowed. */
	bool (*take)(struct config *config, const struct config_key *key, const char *suffix, const char *text);
};

struct config_key {
	const char *section;
	const char *name;         /* ends with '.' where a currency follows */
	const struct config_kind *kind;
	size_t member;            /* offset in struct config; in struct desk_limit for [limits] */
	const char *fallback;     /* as it would stand in the file; "" none */
	int64_t least, most;      /* of numbers */
	unsigned flags;
	const char *help;
};

extern const struct config_key config_keys[]; /* ends with a row whose section is NULL */

/* What is allowed there, in words. */
MUST_USE const char *config_allowed(struct arena *mem, const struct config_key *key);
/* "PAYOUTDESK_LEDGER_URL"; of a family without the currency, with '_' at its end. */
MUST_USE const char *config_variable(struct arena *mem, const struct config_key *key);

/* For config*.c alone: the kinds the table names, and the rules between keys. */
extern const struct config_kind config_kind_number, config_kind_text, config_kind_path, config_kind_listen,
	config_kind_base_path, config_kind_origin, config_kind_base_url, config_kind_date, config_kind_proxy,
	config_kind_ledger_url, config_kind_mode, config_kind_param, config_kind_separator,
	config_kind_networks, config_kind_link, config_kind_grants, config_kind_limit;

struct config_rule {
	const char *section, *name; /* the key it is said about */
	bool (*is_broken)(const struct config *config);
	const char *allowed;
};
extern const struct config_rule config_rules[]; /* ends with a row whose section is NULL */

#endif
