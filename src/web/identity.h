/* identity.h: who is asking, from parameters that only the web server can set (design 6). */
#ifndef WEB_IDENTITY_H
#define WEB_IDENTITY_H

#include "base/arena.h"
#include "web/request.h"

struct identity_rules {
	bool is_demo;               /* one made-up user: "demo", in group "demo" */
	const char *user_param, *name_param, *email_param, *groups_param;
	char groups_separator;
	const char *trusted_proxies; /* comma list of CIDRs; needed for HTTP_ parameters; "" none */
};

enum identity_result {
	IDENTITY_KNOWN,
	IDENTITY_NOBODY,    /* no user: 401 */
	IDENTITY_REFUSED,   /* doubled, control characters, too long, or from an untrusted proxy: 403 */
};

/* `params` is the FastCGI environment, "NAME=value" entries, NULL at the end: doubled names are still
 * doubled in it. On IDENTITY_REFUSED *reason is a word for the log. */
MUST_USE enum identity_result identity_read(const struct identity_rules *rules, char *const *params,
                                            struct arena *mem, struct web_user *out, const char **reason);
/* Is `address` (text) in the comma list of CIDRs? A broken list is never a match; identity_list_is_valid tells. */
MUST_USE bool identity_list_has(const char *cidrs, const char *address);
MUST_USE bool identity_list_is_valid(const char *cidrs);

#endif
