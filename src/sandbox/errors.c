/* errors.c: the table of runa-api 16.2, in its order. */
#include "sandbox/errors.h"

#include <string.h>

#include "sandbox/settings.h"

static const struct error_type types[] = {
	{ "unauthorized", 401, KEPT_NOT, "No API key was sent.", "Send the key in X-Api-Key." },
	{ "invalid_api_key", 401, KEPT_NOT, "The API key is not valid.", NULL },
	{ "forbidden", 403, KEPT_NOT, "Not allowed with this API key.", NULL },
	{ "ordering_restricted", 403, KEPT_ALWAYS, "Ordering is restricted: the spending limit is reached.",
	  "Contact compliance@runa.io." },
	{ "bad_request", 400, KEPT_ALWAYS, "The request is not understood.", NULL },
	{ "validation_error", 422, KEPT_ALWAYS, "Problems were found, see details.", NULL },
	{ "invalid_version", 400, KEPT_NOT, "This X-Api-Version is not known.", "The current version is 2024-02-05." },
	{ "version_removed", 410, KEPT_NOT, "This X-Api-Version was removed.", "The current version is 2024-02-05." },
	{ "invalid_execution_mode", 400, KEPT_NOT, "X-Execution-Mode must be sync or async.", NULL },
	{ "insecure_protocol", 400, KEPT_NOT, "HTTPS is required.", NULL },
	{ "not_found", 404, KEPT_ALWAYS, "There is no such resource.", NULL },
	{ "pagination_error", 400, KEPT_ALWAYS, "The paging parameters are not valid.", NULL },
	{ "idempotency_validation_error", 400, KEPT_NOT,
	  "This idempotency key was used before with another request body.", NULL },
	{ "idempotency_in_progress", 400, KEPT_NOT, "The original request is still being processed.",
	  "Wait a few seconds and send the same request again." },
	{ "insufficient_funds", 400, KEPT_ALWAYS, "The balance is too low for this order.", "Top up the balance." },
	{ "product_validation_error", 400, KEPT_ALWAYS, "These products cannot be ordered like this.", NULL },
	{ "currency_mismatch", 400, KEPT_ALWAYS, "The payment currency differs from the products' currency.", NULL },
	{ "payment_method_unavailable", 400, KEPT_ALWAYS, "This payment method is not available.", NULL },
	{ "invalid_card_id", 400, KEPT_ALWAYS, "Card payments are gone.", NULL },
	{ "currency_not_supported", 400, KEPT_ALWAYS, "This currency is not supported.", NULL },
	{ "timeout", 504, KEPT_IF_5XX, "The request was not processed in time.", "Contact ordersupport@runa.io." },
	{ "internal_server_error", 500, KEPT_IF_5XX, "Something went wrong.", "Contact ordersupport@runa.io." },
};

const struct error_type *error_find(const char *type)
{
	for (size_t i = 0; i < COUNT_OF(types); i++)
		if (!strcmp(types[i].type, type))
			return &types[i];
	return NULL;
}

static bool is_kept(const struct settings *settings, enum keeping keeping)
{
	switch (keeping) {
	case KEPT_NOT: return false;
	case KEPT_ALWAYS: return true;
	case KEPT_IF_5XX: return settings->store_5xx;
	case KEPT_IF_429: return settings->store_429;
	}
	return false;
}

bool error_status_is_kept(const struct settings *settings, int status)
{
	if (status == 429)
		return settings->store_429;
	if (status >= 500)
		return settings->store_5xx;
	/* 401, 403, 410: said before the ordering service is reached. */
	return status >= 400 && status != 401 && status != 403 && status != 410;
}

void error_answer(struct answer *answer, struct arena *mem, const struct settings *settings,
                  const char *type, const char *message)
{
	const struct error_type *row = error_find(type);
	struct json_object *body = json_object_new_object();

	if (!row)
		row = &types[COUNT_OF(types) - 1]; /* internal_server_error */
	json_put_text(body, "type", row->type);
	json_put_text(body, "message", message ? message : row->message);
	if (row->help)
		json_put_text(body, "help", row->help);
	answer_json(answer, mem, row->status, body);
	answer->is_kept = is_kept(settings, row->keeping);
	/* Recorded on exactly these two (runa-api 3). */
	if (row->status == 401)
		fields_add(&answer->headers, mem, "X-Amzn-Errortype", "UnauthorizedException");
	if (row->status == 403)
		fields_add(&answer->headers, mem, "X-Amzn-Errortype", "AccessDeniedException");
}

void error_rate(struct answer *answer, struct arena *mem, const struct settings *settings)
{
	answer_text(answer, mem, 429, "{\"error\":\"rate exceeded\"}");
	answer->is_kept = is_kept(settings, KEPT_IF_429);
}
