/* site.h: what the web room serves, made from one configuration: a snapshot that a reload swaps. */
#ifndef COMMANDS_SITE_H
#define COMMANDS_SITE_H

#include "config.h"
#include "pages/pages.h"
#include "web/server.h"

/* Reads templates and form secret. `app` is copied; its logout_url comes from the configuration. NULL: *why.
 * One hold is the caller's: shared_drop(&site->shared). */
MUST_USE struct web_site *site_open(struct config *config, const struct pages_app *app, struct problem *why);

#endif
