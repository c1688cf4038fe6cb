/* server.h: FastCGI and CGI in, answers out. Knows no orders: what a site is comes in struct web_site. */
#ifndef WEB_SERVER_H
#define WEB_SERVER_H

#include "base/clock.h"
#include "base/problem.h"
#include "base/seal.h"
#include "base/shared.h"
#include "web/identity.h"
#include "web/route.h"

#define WEB_ERROR_TEMPLATE "error.html"

/* What changes with a reload: an immutable snapshot (shared.h). Each request holds the one it began with. */
struct web_site {
	struct shared shared;
	const struct web_route *routes; /* ends with a row whose path is NULL */
	struct templates *templates;
	const char *layout;             /* "layout.html": {{>BODY}} is the page's own template */
	const char *base_path;          /* "" or "/desk" */
	const char *public_url;         /* scheme and host people use, or "": taken from Host */
	const char *static_dir;         /* served below /static/: plain CGI hosts */
	struct static_files *static_files; /* the same with hashed names, for pages (static.h); NULL: no such names */
	struct seal_key token_secret;
	struct identity_rules identity;
	const struct clock *clock;
	void *app;
	unsigned (*roles)(void *app, const struct web_user *user);
	/* Fills what every page shows (environment, user, links); also for error pages. Called after the handler
	 * and only when a template is expanded, so a 303 costs nothing. req->user may be NULL: no links then.
	 * REFRESH (a section) and REFRESH_S are set by web itself. */
	void (*furnish)(struct web_request *req, struct web_page *page);
	/* Title and advice for an error page; page->template_file is WEB_ERROR_TEMPLATE unless changed here.
	 * `reason` is what a handler gave web_fail, or one of web's own:
	 *   400 bad_request bad_form form_cut_short   401 not_signed_in
	 *   403 identity_refused not_allowed foreign_form form_not_ours
	 *   404 no_such_page   405 wrong_method   413 form_too_long   414 address_too_long
	 *   415 wrong_form_type   500 broken_here */
	void (*describe_error)(struct web_page *page, enum web_status status, const char *reason);
	/* A POST whose token is TOKEN_OLD, TOKEN_OF_OTHER or TOKEN_OF_OTHER_SECRET: the page may bring the form back
	 * (sets the page and returns true) and does nothing else; false: 403. NULL: always 403. */
	bool (*renew_form)(struct web_request *req, struct web_page *page, enum web_status *status);
	/* The purpose of this POST's token ("order", or the path). The token is the field named "token". */
	const char *(*token_purpose)(struct web_request *req);
};

struct web_server;

struct web_server_options {
	const char *listen;  /* "unix:PATH" or "HOST:PORT"; NULL: descriptor 0 */
	int threads;
};

/* True: started by a web server as plain CGI (GATEWAY_INTERFACE is set, and descriptor 0 is no listening
 * socket; some servers hand a CGI program its connection as descriptor 0). */
MUST_USE bool web_is_cgi(void);
/* Answers the one request of this process's environment. */
void web_answer_cgi(struct web_site *site);
/* The same where there is no site: a 503 with `text` and the head of every answer; a HEAD gets no body. */
void web_refuse_cgi(const char *text);

/* Listens and starts the threads. NULL: *why. `slot` holds the site and may be swapped at any time. */
MUST_USE struct web_server *web_server_open(const struct web_server_options *options, struct shared_slot *slot,
                                            struct problem *why);
/* Takes no more connections, lets each answer under way go out whole, ends the threads. */
void web_server_close(struct web_server *server);
/* How many threads are in a page now, and the longest any has been there, in ms: for /readyz. */
int web_server_busy(struct web_server *server, int64_t *longest_ms);

/* One request against a site, from parameters and body: the whole of web but the transport. Used by both
 * transports and by unit tests. `body` has body_bytes, and may be shorter or longer than CONTENT_LENGTH said:
 * that is answered with 400. The answer (header lines with the empty line behind them, then the body; none to
 * a HEAD) is in `mem`. */
struct web_answer {
	const char *head;
	size_t head_bytes;
	const char *body;
	size_t body_bytes;
	struct web_stream stream; /* next not NULL: instead of the body */
};
void web_answer(struct web_site *site, struct arena *mem, char *const *params, const char *body, size_t body_bytes,
                bool is_cgi, struct web_answer *out);

#endif
