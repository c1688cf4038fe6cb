/* site.c: puts configuration, templates and pages together. */
#include "commands/site.h"

#include <stdlib.h>

#include "pages/site.h"
#include "web/static.h"

struct site {
	struct web_site web; /* first: it is the shared thing */
	struct pages_app app;
	struct config *config;
};

static void give_back(struct shared *thing)
{
	struct site *site = (struct site *)thing;

	if (site->web.templates != NULL)
		templates_close(site->web.templates);
	static_files_close(site->web.static_files);
	seal_key_forget(&site->web.token_secret);
	config_drop(site->config);
	free(site);
}

/* `app` is the member of a site: that is how the web room hands the configuration back. */
static unsigned roles_of(void *app, const struct web_user *user)
{
	const struct site *site = (const struct site *)((const char *)app - offsetof(struct site, app));

	return config_roles_of(site->config, user);
}

struct web_site *site_open(struct config *config, const struct pages_app *app, struct problem *why)
{
	struct site *site = memory_alloc(sizeof *site);

	shared_begin(&site->web.shared, give_back);
	site->config = config_keep(config);
	site->app = *app;
	site->app.logout_url = config->logout_url;
	site_fill(&site->web);
	site->web.base_path = config->base_path;
	site->web.public_url = config->public_url;
	site->web.static_dir = config->static_dir;
	site->web.static_files = static_files_open(config->static_dir);
	site->web.identity = config_identity(config);
	site->web.clock = &clock_of_machine;
	site->web.app = &site->app;
	site->web.roles = roles_of;
	site->web.templates = templates_open(config->template_dir, why);
	/* A lost form secret only means that open forms get a fresh token, so it may be made anew. */
	if (site->web.templates == NULL ||
	    !seal_key_read(config->secret_file, true, &site->web.token_secret, why)) {
		shared_drop(&site->web.shared);
		return NULL;
	}
	return &site->web;
}
