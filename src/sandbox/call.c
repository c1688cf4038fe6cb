/* call.c: the route table and the checks in front of it. */
#include "sandbox/call.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "sandbox/check.h"
#include "sandbox/errors.h"

enum { PAGE_LIMIT_MAX = 500, IDEMPOTENCY_KEY_MAX = 255 };

static const struct {
	const char *method, *path;
	HANDLER((*handler));
} routes[] = {
	{ "GET",  "/v2/ping",               account_ping        },
	{ "GET",  "/v2/balance",            account_balance     },
	{ "GET",  "/v2/balance/",           account_balance     }, /* so spelt in the guide (runa-api 11) */
	{ "POST", "/v2/order",              orders_create       },
	{ "POST", "/v2/order/estimate",     estimate_order      },
	{ "GET",  "/v2/order",              orders_list         },
	{ "GET",  "/v2/order/*",            orders_one          },
	{ "GET",  "/v2/product",            products_list       },
	{ "GET",  "/v2/product/countries",  products_countries  },
	{ "GET",  "/v2/product/categories", products_categories },
	{ "GET",  "/v2/product/*",          products_one        },
};

/* First that matches wins (runa-api 3). */
static const struct { const char *version, *error; } versions[] = {
	{ "2024-02-05", NULL },
	{ "2023-01-16", "version_removed" },
	{ "2023-07-27", "version_removed" },
};

void call_refuse(struct call *call, const char *type, const char *message)
{
	error_answer(&call->answer, call->request->mem, &call->world->settings, type, message);
}

/* NULL: no route. *rest points into the request's path. */
static HANDLER((*find_route(const struct request *request, const char **rest)))
{
	for (size_t i = 0; i < COUNT_OF(routes); i++) {
		size_t star = strcspn(routes[i].path, "*");

		if (strcmp(routes[i].method, request->method))
			continue;
		*rest = request->path + (strlen(request->path) >= star ? star : 0);
		if (routes[i].path[star] ? !strncmp(routes[i].path, request->path, star) && **rest
		                         : !strcmp(routes[i].path, request->path))
			return routes[i].handler;
	}
	return NULL;
}

static bool is_create(const struct request *request)
{
	return !strcmp(request->method, "POST") && !strcmp(request->path, "/v2/order");
}

static bool check_key(struct call *call)
{
	const char *key = request_header(call->request, "x-api-key");
	const char *right = call->world->settings.api_key;

	if (!call->world->settings.ip_allowed)
		call_refuse(call, "forbidden", "This address is not allowed.");
	else if (!key || !*key)
		call_refuse(call, "unauthorized", NULL);
	else if (strlen(key) != strlen(right) || sodium_memcmp(key, right, strlen(right)))
		call_refuse(call, "forbidden", NULL); /* recorded: a wrong key is 403 (runa-api 16.2) */
	else
		return true;
	return false;
}

static bool check_version(struct call *call)
{
	const char *version = request_header(call->request, "x-api-version");

	for (size_t i = 0; version && i < COUNT_OF(versions); i++) {
		if (strcmp(versions[i].version, version))
			continue;
		if (versions[i].error)
			call_refuse(call, versions[i].error, NULL);
		return !versions[i].error;
	}
	if (version)
		call_refuse(call, "invalid_version", NULL);
	return !version;
}

static bool check_mode(struct call *call)
{
	const char *mode = request_header(call->request, "x-execution-mode");

	if (!mode || !strcmp(mode, "sync") || !strcmp(mode, "async"))
		return true;
	call_refuse(call, "invalid_execution_mode", NULL);
	return false;
}

static void refuse_running(struct call *call)
{
	call_refuse(call, "idempotency_in_progress", NULL);
	/* The contradiction of runa-api 8.1: 102 is interim by the rules of HTTP, so nothing follows it. */
	if (call->world->settings.in_progress_as == 102)
		call->answer.how = (struct manner_of){
			.manner = MANNER_INTERIM, .interim_status = 102, .interim_count = 1, .then = MANNER_CUT,
		};
}

/* Which error a missing key brings isn't documented: runa-api 23 no. 6. */
static void refuse_idempotency_key(struct call *call, enum complaint complaint)
{
	struct check check;

	check_begin(&check, call->request->mem, call->world->settings.is_playground_style);
	check_header(&check, "X-Idempotency-Key", complaint);
	check_answer(&check, &call->answer);
}

/* Body and answer of a key are looked at before the body is understood at all. */
static void check_idempotency(struct call *call)
{
	struct request *request = call->request;
	const char *key = request_header(request, "x-idempotency-key");
	struct keyed *keyed = NULL;

	if (!key || !*key) {
		refuse_idempotency_key(call, COMPLAINT_MISSING);
		return;
	}
	if (strlen(key) > IDEMPOTENCY_KEY_MAX || !text_is_utf8(key, strlen(key))) {
		refuse_idempotency_key(call, COMPLAINT_PATTERN);
		return;
	}
	switch (store_key_ask(&call->world->store, key, request->body, request->body_bytes, call->now_ms,
	                      call->number, &keyed)) {
	case KEYED_NEW:
		call->held_key = key;
		return;
	case KEYED_REPLAY:
		call->answer = keyed->answer;
		return;
	case KEYED_RUNNING:
		refuse_running(call);
		return;
	case KEYED_OTHERWISE:
		call_refuse(call, "idempotency_validation_error", NULL);
		return;
	}
}

void call_enter(struct call *call)
{
	if (!check_key(call) || !check_version(call))
		return;
	if (call->request->is_too_long)
		call_refuse(call, "bad_request", "The request body is too long.");
	else if (is_create(call->request) && check_mode(call))
		check_idempotency(call);
}

void call_run(struct call *call)
{
	const char *rest = "";
	HANDLER((*handler)) = find_route(call->request, &rest);

	if (call->answer.status)
		return;
	if (handler)
		handler(call, rest);
	else
		call_refuse(call, "not_found", NULL);
}

/* --- paging -------------------------------------------------------------------------------- */

bool call_page(struct call *call, size_t usual_limit, struct page *out)
{
	const char *limit = request_arg(call->request, "limit");
	int64_t number = (int64_t)usual_limit;

	*out = (struct page){
		.after = request_arg(call->request, "after"), .before = request_arg(call->request, "before"),
		.paging = call->action.paging,
	};
	if (out->paging != PAGING_RIGHT)
		out->after = out->before = NULL;
	if ((out->after && out->before) || (limit && (!text_number(limit, PAGE_LIMIT_MAX, &number) || number < 1))) {
		call_refuse(call, "pagination_error", NULL);
		return false;
	}
	out->limit = (size_t)number;
	return true;
}

struct json_object *paging_show(const struct page *page, const char *before, const char *after)
{
	struct json_object *json = json_object_new_object();
	struct json_object *cursors = json_object_new_object(), *size = json_object_new_object();

	if (after)
		json_put_text(cursors, "after", after);
	if (before)
		json_put_text(cursors, "before", before);
	json_put(size, "limit", json_object_new_int64((int64_t)page->limit));
	json_put(json, "cursors", cursors);
	json_put(json, "page", size);
	return json;
}

/* --- the smallest handlers ----------------------------------------------------------------- */

HANDLER(account_ping)
{
	(void)rest;
	answer_text(&call->answer, call->request->mem, 200, "{\"message\":\"pong\"}");
}

/* Two decimals for every currency: so the OpenAPI document has it; the guide shows "45000" for JPY. */
static struct json_object *show_balance(struct call *call, const struct money *balance)
{
	struct arena *mem = call->request->mem;
	struct json_object *json = json_object_new_object();
	const char *text = money_text(mem, *balance);

	if (money_runa_decimals(balance->currency) == 0 && !call->world->settings.quirks)
		text = arena_print(mem, "%s.00", text);
	json_put_text(json, "balance", text);
	json_put_text(json, "currency", balance->currency);
	return json;
}

HANDLER(account_balance)
{
	struct settings *settings = &call->world->settings;
	const char *currency = request_arg(call->request, "currency");
	struct money *balance = currency ? settings_balance(settings, currency) : NULL;
	struct json_object *list;

	(void)rest;
	if (currency && !balance) {
		call_refuse(call, "bad_request", "There are no balances in this currency.");
		return;
	}
	if (balance) {
		answer_json(&call->answer, call->request->mem, 200, show_balance(call, balance));
		return;
	}
	list = json_object_new_array();
	for (size_t i = 0; i < settings->balance_count; i++)
		if (settings->balances[i].minor > 0)
			json_object_array_add(list, show_balance(call, &settings->balances[i]));
	answer_json(&call->answer, call->request->mem, 200, list);
}
