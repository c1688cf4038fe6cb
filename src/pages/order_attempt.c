/* order_attempt.c: POST /orders/ID/attempt: an approver opens a new attempt, and says why (design 3). */
#include "base/text.h"
#include "pages/order.h"

/* Line breaks of the text field become blanks: the audit keeps one line. */
static char *read_why(struct web_request *req)
{
	const char *typed = web_field(req, "why");
	char *why = arena_text(req->mem, typed ? typed : "");

	for (char *at = why; *at; at++)
		if (*at == '\r' || *at == '\n' || *at == '\t')
			*at = ' ';
	return text_trim(req->mem, why);
}

static const char *why_error_of(const char *why)
{
	if (!*why)
		return "WHY_MISSING";
	if (text_length(why) > WHY_MOST)
		return "WHY_TOO_LONG";
	return text_is_printable(why) ? NULL : "WHY_UNPRINTABLE";
}

static const struct { enum renewed renewed; enum web_status status; const char *reason; } fails[] = {
	{ RENEWED_NOT_NOW, WEB_CONFLICT, "attempt_not_now" },
	{ RENEWED_OWN, WEB_FORBIDDEN, "attempt_own" },
	{ RENEWED_NONE, WEB_NOT_FOUND, "no_such_order" },
	{ RENEWED_NOT, WEB_UNAVAILABLE, "ledger_not_writable" },
};

enum web_status page_order_attempt(struct web_request *req, struct web_page *page)
{
	const char *number = web_path(req, "ID");
	struct person person = person_of(req);
	const char *why = read_why(req);
	struct order_page state = { .why = web_field(req, "why"), .why_error = why_error_of(why) };
	enum renewed renewed;

	if (state.why_error) {
		enum web_status status = order_page_show(req, page, &state);

		return status == WEB_OK ? WEB_UNPROCESSABLE : status;
	}
	renewed = ids_is_number(number) ? order_new_attempt(desk_of(req), number, req->token_key, &person, why)
	                                : RENEWED_NONE;
	for (size_t i = 0; i < COUNT_OF(fails); i++)
		if (fails[i].renewed == renewed)
			return web_fail(page, fails[i].status, fails[i].reason);
	return web_redirect(page, arena_print(req->mem, "/orders/%s?%s", number,
	                                      renewed == RENEWED_BEFORE ? "repeat=1" : "attempt=opened"));
}
