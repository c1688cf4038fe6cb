/* order_place.c: POST /orders: places what the form says, once, whatever is sent how often, or takes another step with
 * it. Decides nothing about orders: the desk says what came of it, and this says where that leads. */
#include <string.h>

#include "base/text.h"
#include "pages/order_conflict.h"
#include "pages/order_form.h"

enum { RETRY_AFTER_S = 30 }; /* of a ledger that takes or says nothing at the moment */

#define EDIT "edit:" /* what the button of a reviewed fact says, before its field */

static enum web_status answer_not(struct web_request *req, struct web_page *page, const struct wish *wish,
                                  const struct field_errors *errors)
{
	/* Nothing was stored under this form's key, so the form keeps it. */
	const struct order_form form = { .wish = *wish, .token = web_field(req, PAGES_TOKEN_FIELD),
	                                 .errors = errors };

	order_form_show(req, page, &form);
	return WEB_UNPROCESSABLE;
}

enum web_status order_form_later(struct web_request *req, struct web_page *page, const struct wish *wish,
                                 const char *notice)
{
	const struct order_form form = { .wish = *wish, .token = web_field(req, PAGES_TOKEN_FIELD), .notice = notice };

	order_form_show(req, page, &form);
	page->retry_after_s = RETRY_AFTER_S;
	return WEB_UNAVAILABLE;
}

static enum web_status answer_unsure(struct web_request *req, struct web_page *page, const struct wish *wish)
{
	page->template_file = "order_unsure.html";
	web_set(page, "PRODUCT_SHOWN", wish->product);
	web_set(page, "VALUE_SHOWN", wish->face_value);
	order_form_hide(values_include(page->values, "HIDDEN", "order_hidden.html"), wish,
	                web_field(req, PAGES_TOKEN_FIELD));
	page->retry_after_s = RETRY_AFTER_S;
	return WEB_UNAVAILABLE;
}

enum web_status order_place_answer(struct web_request *req, struct web_page *page, const struct wish *wish,
                                   enum placed placed, const struct order *order, const struct field_errors *errors)
{
	switch (placed) {
	case PLACED_NEW:
		return web_redirect(page, arena_print(req->mem, "/orders/%s", order->number));
	case PLACED_BEFORE:
		return web_redirect(page, arena_print(req->mem, "/orders/%s?repeat=1", order->number));
	case PLACED_OTHERWISE:
		return order_conflict_show(req, page, order, wish);
	case PLACED_NOT:
		return answer_not(req, page, wish, errors);
	case PLACED_FULL:
		return order_form_later(req, page, wish, "LEDGER_FULL");
	case PLACED_UNSURE:
		return answer_unsure(req, page, wish);
	}
	return web_fail(page, WEB_INTERNAL_ERROR, "broken_here");
}

static enum web_status place(struct web_request *req, struct web_page *page, const struct wish *wish)
{
	struct person person = person_of(req);
	struct field_errors errors = { .count = 0 };
	struct order order;
	enum placed placed = order_place(desk_of(req), req->mem, wish, &person, &order, &errors);

	if (placed == PLACED_NEW && app_of(req)->after_place)
		app_of(req)->after_place(app_of(req), order.number);
	return order_place_answer(req, page, wish, placed, &order, &errors);
}

bool order_place_repeat(struct web_request *req, struct web_page *page, const struct wish *wish, const char *key,
                        enum web_status *status)
{
	struct wish used = *wish;
	struct order order;

	used.form_key = key;
	switch (order_placed_before(desk_of(req), req->mem, &used, &order)) {
	case PLACED_BEFORE:
		*status = web_redirect(page, arena_print(req->mem, "/orders/%s?repeat=1", order.number));
		return true;
	case PLACED_OTHERWISE:
		*status = order_conflict_show(req, page, &order, wish);
		return true;
	case PLACED_UNSURE: /* while nobody knows, no fresh key is handed out */
		*status = web_fail(page, WEB_UNAVAILABLE, "ledger_unreadable");
		return true;
	default:
		return false;
	}
}

/* Back to the form, with the key it had, and to this field of it: nothing is placed and nothing checked. */
static enum web_status edit_field(struct web_request *req, struct web_page *page, const struct wish *wish,
                                  const char *field)
{
	const struct order_form form = { .wish = *wish, .token = web_field(req, PAGES_TOKEN_FIELD), .focus = field };

	order_form_show(req, page, &form);
	page->cache = ORDER_FORM_CACHE;
	return WEB_OK;
}

static enum web_status edit(struct web_request *req, struct web_page *page, const struct wish *wish)
{
	return edit_field(req, page, wish, NULL);
}

static const struct action {
	const char *name;
	enum web_status (*take)(struct web_request *req, struct web_page *page, const struct wish *wish);
} actions[] = {
	{ "place", place },
	{ "review", order_review },
	{ "edit", edit },
};

enum web_status page_order_place(struct web_request *req, struct web_page *page)
{
	const char *name = web_field(req, "action");
	struct wish wish;

	order_form_want_catalogue(req);
	wish = order_form_read(req);
	if (!name)
		return place(req, page, &wish);
	if (order_form_is_step(name))
		return order_form_step(req, page, &wish, name);
	if (text_begins(name, EDIT) && order_form_has(name + strlen(EDIT)))
		return edit_field(req, page, &wish, name + strlen(EDIT));
	for (size_t i = 0; i < COUNT_OF(actions); i++)
		if (strcmp(actions[i].name, name) == 0)
			return actions[i].take(req, page, &wish);
	return web_fail(page, WEB_BAD_REQUEST, "unknown_action");
}
