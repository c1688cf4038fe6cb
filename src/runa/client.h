/* client.h: the real line to Runa: one curl_multi loop, HTTP/2 where offered, connections reused,
 * TLS checked, no redirects, no proxy from the environment. The API key stays out of every log and
 * error text, and the process's core leaves it out (MADV_DONTDUMP). */
#ifndef RUNA_CLIENT_H
#define RUNA_CLIENT_H

#include "base/problem.h"
#include "runa/line.h"

struct runa_client_options {
	const char *base_url;     /* no trailing slash; http:// for loopback addresses only */
	const char *api_key_file; /* read at open; blanks at its ends are dropped */
	const char *ca_file;      /* NULL: the machine's */
	const char *proxy;        /* NULL: none, whatever the environment says */
	int connect_timeout_ms, timeout_ms;
	int interim_timeout_ms;   /* after a 1xx that nothing follows; 0: 3000 */
};

/* NULL: *why says which option, or what about the key file, is wrong. */
MUST_USE struct runa_line *runa_client_open(const struct runa_client_options *options, struct problem *why);

/* https://..., or http:// with a loopback address (127.0.0.0/8, [::1], localhost). */
MUST_USE bool runa_base_url_is_allowed(const char *base_url);
enum runa_environment { RUNA_SANDBOX, RUNA_PLAYGROUND, RUNA_LIVE };
/* Loopback: sandbox; playground.runa.io: playground; all else: live. */
MUST_USE enum runa_environment runa_environment_of(const char *base_url);

#endif
