/* site.c: what every page shows, what an error page says, and how an old form comes back. */
#include "pages/site.h"

#include <string.h>

#include "base/text.h"
#include "pages/order.h"
#include "pages/order_form.h"
#include "pages/show.h"
#include "pages/texts.h"
#include "web/token.h"

enum { CATALOGUE_OLD_MS = MS_A_DAY };

static const char *const environment_sections[] = {
	[RUNA_SANDBOX] = "ENVIRONMENT_IS_SANDBOX",
	[RUNA_PLAYGROUND] = "ENVIRONMENT_IS_PLAYGROUND",
	[RUNA_LIVE] = "ENVIRONMENT_IS_LIVE",
};

/* What keeps the desk from its work, on every page; the reason is for those who can mend it (design 3). */
static void show_health(struct web_request *req, struct web_page *page, const struct desk_health *health)
{
	if (!health->ledger_is_sound)
		web_show(page, "TROUBLE_LEDGER");
	if (health->is_stopped) {
		struct values *stopped = values_row(page->values, "TROUBLE_STOPPED");

		if (req->roles & ROLE_ADMIN) {
			struct values *why = values_row(stopped, "FOR_ADMIN");

			values_set(why, "SAYS", texts_error_for(health->stop_reason)->says);
			values_set(why, "REASON", health->stop_reason);
		}
	}
	if (pages_is_unseen(health, req->now_ms))
		web_show(page, "TROUBLE_UNSEEN");
	if (pages_sending(health, req->now_ms) == SENDING_AWAY)
		show_time_in(values_row(page->values, "TROUBLE_AWAY"), req->mem, "TIME", health->away_since_ms);
	if (health->catalogue_fetched_ms != 0 && req->now_ms - health->catalogue_fetched_ms > CATALOGUE_OLD_MS)
		show_time_in(values_row(page->values, "TROUBLE_CATALOGUE_OLD"), req->mem, "TIME", health->catalogue_fetched_ms);
	if (health->pause_until_ms > req->now_ms)
		show_time_in(values_row(page->values, "TROUBLE_PAUSED"), req->mem, "TIME", health->pause_until_ms);
}

/* Where a person is, for the links above each page: the first row that fits. A page below the one that is linked to
 * is within it, and not it (aria-current "true"). */
static const struct { const char *path, *section; bool is_whole; } places[] = {
	{ "/",           "HERE_OVERVIEW", true },
	{ "/orders/new", "HERE_NEW",      true },
	{ "/orders",     "HERE_ORDERS",   true },
	{ "/orders/",    "HERE_ORDERS",   false },
	{ "/products",   "HERE_PRODUCTS", true },
	{ "/products/",  "HERE_PRODUCTS", false },
};

static void show_place(struct web_request *req, struct web_page *page)
{
	/* what a form's address answers with is the form again, or what goes with it */
	const char *path = req->method == WEB_POST && strcmp(req->path, "/orders") == 0 ? "/orders/new" : req->path;

	for (size_t i = 0; i < COUNT_OF(places); i++) {
		bool is_here = places[i].is_whole ? strcmp(path, places[i].path) == 0 : text_begins(path, places[i].path);

		if (is_here) {
			values_set(values_row(page->values, places[i].section), "CURRENT", places[i].is_whole ? "page" : "true");
			return;
		}
	}
}

static void show_person(struct web_request *req, struct web_page *page)
{
	struct values *person = values_row(page->values, "PERSON");
	const char *logout_url = app_of(req)->logout_url;

	values_set(person, "NAME", req->user->name);
	if (logout_url && *logout_url)
		values_set(values_row(person, "SIGN_OUT"), "URL", logout_url);
	if (req->roles & ROLE_VIEWER)
		web_show(page, "LINKS");
	if (req->roles & ROLE_ORDERER)
		web_show(page, "ORDER_LINK");
}

void site_furnish(struct web_request *req, struct web_page *page)
{
	const char *title = texts_title(page->template_file);
	const struct texts_environment *environment;
	struct desk_health health;

	desk_health(desk_of(req), &health);
	environment = texts_environment(health.environment);
	web_set(page, "BASE", req->site->base_path);
	web_set(page, "ENVIRONMENT", environment->word);
	web_set(page, "ENVIRONMENT_MEANS", environment->means);
	web_show(page, environment_sections[health.environment]);
	if (title)
		web_set(page, "TITLE", title);
	if (req->user) {
		show_person(req, page);
		show_place(req, page);
		show_health(req, page, &health);
	}
}

void site_describe_error(struct web_page *page, enum web_status status, const char *reason)
{
	const struct texts_fail *fail = texts_fail_for(status, reason);

	web_set(page, "TITLE", fail->title);
	web_set(page, "ERROR_TEXT", fail->text);
	values_number(page->values, "ERROR_STATUS", (int64_t)status);
}

const char *site_token_purpose(struct web_request *req)
{
	return strcmp(req->path, "/orders") == 0 ? PAGES_ORDER_PURPOSE : req->path;
}

char *pages_asked(const struct web_request *req, const char *name)
{
	const char *value = web_query(req, name);

	return text_trim(req->mem, value ? value : "");
}

/* ---- tokens of forms --------------------------------------------------------------------------- */

static void pages_key(const struct web_request *req, char out[ID_KEY_SIZE])
{
	const struct chance *chance = app_of(req)->chance;

	ids_key(chance ? chance : &chance_of_machine, out);
}

char *pages_token_of(const struct web_request *req, const char *purpose, const char *key)
{
	char *token = arena_alloc(req->mem, TOKEN_SIZE);

	token_make(&req->site->token_secret, purpose, req->user->user, key, req->now_ms, token);
	return token;
}

char *pages_token(const struct web_request *req, const char *purpose)
{
	char key[ID_KEY_SIZE];

	pages_key(req, key);
	return pages_token_of(req, purpose, key);
}

char *pages_again_word(const struct web_request *req)
{
	char *word = arena_alloc(req->mem, ID_KEY_SIZE);

	pages_key(req, word);
	return word;
}

/* ---- a form that is too old, another person's, or of a replaced secret (faults 5, 25) ---------- */

/* What is said above the form that comes back. */
static const char *const renewed_notices[] = {
	[TOKEN_OLD] = "FORM_OLD",
	[TOKEN_OF_OTHER] = "FORM_OF_OTHER",
	[TOKEN_OF_OTHER_SECRET] = "FORM_OF_OTHER_SECRET",
};

static bool renew_order_form(struct web_request *req, struct web_page *page, enum web_status *status)
{
	const struct seal_key *secret = &req->site->token_secret;
	const char *token = web_field(req, PAGES_TOKEN_FIELD);
	char key[ID_KEY_SIZE], fresh[ID_KEY_SIZE];
	enum token_state state = token_read(secret, PAGES_ORDER_PURPOSE, req->user->user, token ? token : "",
	                                    req->now_ms, key);
	struct order_form form = { .wish = order_form_read(req) };

	if (state == TOKEN_GOOD || state == TOKEN_BAD)
		return false;
	form.notice = renewed_notices[state];
	token_renewed_key(secret, key, req->user->user, fresh);
	/* Where it had been used, or the form that came back for it, it leads to that order: with another key it
	 * would order a second time. Another person's order is not this person's. */
	if ((state != TOKEN_OF_OTHER && order_place_repeat(req, page, &form.wish, key, status)) ||
	    order_place_repeat(req, page, &form.wish, fresh, status))
		return true;
	form.token = pages_token_of(req, PAGES_ORDER_PURPOSE, fresh);
	order_form_show(req, page, &form);
	*status = WEB_UNPROCESSABLE;
	return true;
}

static bool renew_order_page(struct web_request *req, struct web_page *page, enum web_status *status)
{
	const struct order_page state = { .notice = "NOTICE_FORM_OLD", .why = web_field(req, "why") };
	enum web_status shown = order_page_show(req, page, &state);

	*status = shown == WEB_OK ? WEB_UNPROCESSABLE : shown;
	return true;
}

bool site_renew_form(struct web_request *req, struct web_page *page, enum web_status *status)
{
	if (strcmp(req->path, "/orders") == 0)
		return renew_order_form(req, page, status);
	if (text_begins(req->path, "/orders/"))
		return renew_order_page(req, page, status);
	return false;
}

void site_fill(struct web_site *site)
{
	site->routes = pages_routes;
	site->layout = "layout.html";
	site->furnish = site_furnish;
	site->describe_error = site_describe_error;
	site->renew_form = site_renew_form;
	site->token_purpose = site_token_purpose;
}
