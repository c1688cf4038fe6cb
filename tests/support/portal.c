/* portal.c: see portal.h. */
#include "support/portal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "desk/attempt.h"
#include "desk/catalogue.h"
#include "desk/order.h"
#include "support/desk_rules.h"
#include "web/parts.h"
#include "web/static.h"
#include "web/token.h"

#define UPSTREAM "http://127.0.0.1:1/v2"

static int64_t now_of(const struct clock *clock)
{
	return ((const struct portal *)clock)->now_ms;
}

static void demand(bool is_so, const char *what)
{
	if (!is_so) {
		fprintf(stderr, "portal: %s\n", what);
		abort();
	}
}

static unsigned roles_of(void *app, const struct web_user *user)
{
	struct portal *portal = (struct portal *)((char *)app - offsetof(struct portal, app));

	(void)user;
	return portal->roles;
}

static void open_desk(struct portal *portal)
{
	struct ledger_options ledger = { .path = "ledger.db", .vfs = "portal", .clock = &portal->clock,
	                                 .is_inline = true, .may_migrate = true };
	struct desk_rules *rules = desk_rules_make();
	struct desk_options options = { .clock = &portal->clock, .chance = &chance_of_machine,
	                                .link_key = &portal->link_key, .rules = rules };
	struct problem why = { "" };

	portal->ledger = ledger_open(&ledger, &why);
	demand(portal->ledger != NULL, why.text);
	rules->base_url = UPSTREAM;
	options.ledger = portal->ledger;
	portal->desk = desk_open(&options);
}

static void fill_catalogue(struct portal *portal)
{
	static int64_t fixed[] = { 1000, 2500, 5000 };
	struct product products[] = {
		{ .code = "AMZ-GB", .name = "Example Shop <b>&", .currency = "GBP", .country = "GB", .is_orderable = true,
		  .state = "LIVE", .least_minor = 100, .most_minor = 50000, .discount_text = "", .expiry_type = "",
		  .category = "" },
		{ .code = "FIX-EU", .name = "Fixed Values", .currency = "EUR", .country = "DE", .is_orderable = true,
		  .state = "LIVE", .fixed_minor = fixed, .fixed_count = COUNT_OF(fixed), .discount_text = "",
		  .expiry_type = "", .category = "" },
		{ .code = "OFF-GB", .name = "Withdrawn", .currency = "GBP", .country = "GB", .is_orderable = false,
		  .state = "TEMPORARILY_DISABLED", .least_minor = 100, .discount_text = "", .expiry_type = "",
		  .category = "" },
	};
	struct balance balances[] = { { money_of(125000, "EUR") }, { money_of(250000, "GBP") } };

	catalogue_store_products(portal->desk, products, COUNT_OF(products), portal->now_ms);
	catalogue_store_balances(portal->desk, balances, COUNT_OF(balances), portal->now_ms);
}

static void open_site(struct portal *portal)
{
	const char *srcdir = getenv("srcdir");
	struct problem why = { "" };
	struct web_site *site = &portal->site;

	portal->app = (struct pages_app){ .desk = portal->desk };
	site_fill(site);
	site->templates = templates_open(arena_print(portal->mem, "%s/templates", srcdir ? srcdir : "."), &why);
	demand(site->templates != NULL, why.text);
	site->base_path = "";
	site->public_url = "";
	site->static_dir = arena_print(portal->mem, "%s/static", srcdir ? srcdir : ".");
	site->static_files = static_files_open(site->static_dir);
	site->clock = &portal->clock;
	site->app = &portal->app;
	site->roles = roles_of;
	site->identity = (struct identity_rules){ .user_param = "DESK_USER", .name_param = "DESK_NAME",
		.email_param = "DESK_EMAIL", .groups_param = "DESK_GROUPS", .groups_separator = ',',
		.trusted_proxies = "" };
	memset(site->token_secret.bytes, 7, sizeof site->token_secret.bytes);
	memcpy(site->token_secret.id, "0123456789abcdef", sizeof site->token_secret.id);
}

struct portal *portal_open(void)
{
	struct portal *portal = memory_alloc(sizeof *portal);

	demand(seal_begin(), "libsodium does not begin");
	log_set_level(LOG_BROKEN);
	portal->clock = (struct clock){ now_of, now_of, NULL };
	portal->now_ms = PORTAL_START_MS;
	portal->mem = arena_open();
	portal->roles = ROLE_VIEWER | ROLE_ORDERER;
	portal->vfs = faulty_vfs_open("portal", 1);
	memset(portal->link_key.bytes, 9, sizeof portal->link_key.bytes);
	open_desk(portal);
	fill_catalogue(portal);
	open_site(portal);
	return portal;
}

void portal_close(struct portal *portal)
{
	arena_close(portal->mem);
	templates_close(portal->site.templates);
	static_files_close(portal->site.static_files);
	desk_close(portal->desk);
	ledger_close(portal->ledger);
	faulty_vfs_close(portal->vfs);
	free(portal);
}

int open_portal(void **state)
{
	*state = portal_open();
	return 0;
}

int close_portal(void **state)
{
	portal_close(*state);
	return 0;
}

static bool add_piece(void *to, const char *bytes, size_t count)
{
	text_add(to, bytes, count);
	return true;
}

static struct portal_answer ask(struct portal *portal, const char *method, const char *user, const char *uri,
                                const char *fields)
{
	struct arena *mem = portal->mem;
	char *params[] = {
		arena_print(mem, "REQUEST_METHOD=%s", method), arena_print(mem, "REQUEST_URI=%s", uri),
		arena_print(mem, "CONTENT_TYPE=application/x-www-form-urlencoded"),
		arena_print(mem, "CONTENT_LENGTH=%zu", strlen(fields)), arena_print(mem, "HTTP_HOST=desk.example"),
		user ? arena_print(mem, "DESK_USER=%s", user) : arena_print(mem, "NOBODY=1"), NULL,
	};
	struct portal_answer answer = { .status = 200 };
	struct web_answer out;
	struct text body;

	web_answer(&portal->site, mem, params, fields, strlen(fields), false, &out);
	answer.head = arena_copy(mem, out.head, out.head_bytes);
	text_begin(&body, mem, 0);
	text_add(&body, out.body, out.body_bytes);
	answer.is_broken_off = out.stream.next && !response_send_stream(&out.stream, add_piece, &body);
	answer.body = body.bytes;
	if (text_begins(answer.head, "Status: "))
		answer.status = (int)strtol(answer.head + 8, NULL, 10);
	return answer;
}

struct portal_answer portal_get(struct portal *portal, const char *user, const char *uri)
{
	return ask(portal, "GET", user, uri, "");
}

struct portal_answer portal_head_of(struct portal *portal, const char *user, const char *uri)
{
	return ask(portal, "HEAD", user, uri, "");
}

struct portal_answer portal_post(struct portal *portal, const char *user, const char *uri, const char *fields)
{
	return ask(portal, "POST", user, uri, fields);
}

const char *portal_token(struct portal *portal, const char *purpose, const char *user)
{
	char *token = arena_alloc(portal->mem, TOKEN_SIZE);
	char key[ID_KEY_SIZE];

	ids_key(&chance_of_machine, key);
	token_make(&portal->site.token_secret, purpose, user, key, portal->now_ms, token);
	return token;
}

const char *portal_place(struct portal *portal, const char *user)
{
	struct person person = { .user = user, .name = user, .email = "", .roles = ROLE_ORDERER };
	struct wish wish = { .product = "AMZ-GB", .face_value = "10.00", .currency = "GBP",
	                     .distribution = "PAYOUT_LINK" };
	struct field_errors errors;
	struct order order;
	char key[ID_KEY_SIZE];

	ids_key(&chance_of_machine, key);
	wish.form_key = key;
	demand(order_place(portal->desk, portal->mem, &wish, &person, &order, &errors) == PLACED_NEW, "not placed");
	return arena_text(portal->mem, order.number);
}

/* Claims what is due, so that there is a try to record for. */
static int64_t claim(struct portal *portal, const char *number)
{
	struct ledger_claim claim = { .now_ms = portal->now_ms, .lease_ms = MS_A_MINUTE, .max_sends = 1,
	                              .max_others = 1, .upstream = UPSTREAM, .only_order = number,
	                              .sent_advice = "waiting_sent" };
	struct ledger_claimed claimed[2];
	size_t count = 0;

	if (ledger_claim_due(portal->ledger, portal->mem, &claim, claimed, &count) != LEDGER_OK || count == 0)
		return 0;
	return claimed[0].try_id;
}

void portal_settle(struct portal *portal, const char *number, enum attempt_state to, enum meaning meaning,
                   struct ledger_step step)
{
	struct attempt *attempts;
	size_t count;

	step.try_id = claim(portal, number);
	demand(ledger_attempts(portal->ledger, portal->mem, number, &attempts, &count) == LEDGER_OK && count > 0,
	       "no attempt");
	step.attempt_id = attempts[count - 1].id;
	step.from = attempts[count - 1].state;
	step.from_task = attempts[count - 1].task;
	step.to = to;
	step.now_ms = step.due_at_ms = portal->now_ms;
	step.meaning = meaning;
	step.order_status = attempt_order_status(to, count > 1);
	step.money_moved = attempt_money_moved(to, count > 1);
	step.who = "dispatcher";
	step.act = "answered";
	demand(ledger_record(portal->ledger, &step) == LEDGER_OK, "not recorded");
}

void portal_complete(struct portal *portal, const char *number)
{
	struct ledger_step step = { .advice = "completed", .http_status = 200, .runa_order_id = "O-01TEST",
		.price = money_of(950, "GBP"), .discount = money_of(50, "GBP"), .payout_status = "ACTIVE",
		.completed_at_ms = portal->now_ms };
	unsigned char *sealed;

	seal_close(&portal->link_key, number, "https://spend.example/redeem?a=1&b=2", portal->mem, &sealed,
	           &step.link_sealed_bytes);
	step.link_sealed = sealed;
	portal_settle(portal, number, ATTEMPT_COMPLETED, MEANING_COMPLETED, step);
}

bool portal_says(struct portal_answer answer, const char *piece)
{
	return strstr(answer.body, piece) != NULL;
}

const char *portal_head(struct portal *portal, struct portal_answer answer, const char *name)
{
	const char *line = strstr(answer.head, arena_print(portal->mem, "%s: ", name));

	if (!line)
		return NULL;
	line += strlen(name) + 2;
	return arena_copy(portal->mem, line, strcspn(line, "\r\n"));
}
