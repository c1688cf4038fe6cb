/* site.h: what the portal is to the web room: the callbacks of struct web_site. */
#ifndef PAGES_SITE_H
#define PAGES_SITE_H

#include "pages/pages.h"

/* Fills in routes, layout and the callbacks of pages; the rest (templates, paths, secret, identity, roles, app,
 * clock) is the caller's. */
void site_fill(struct web_site *site);

void site_furnish(struct web_request *req, struct web_page *page);
void site_describe_error(struct web_page *page, enum web_status status, const char *reason);
MUST_USE bool site_renew_form(struct web_request *req, struct web_page *page, enum web_status *status);
MUST_USE const char *site_token_purpose(struct web_request *req);

#endif
