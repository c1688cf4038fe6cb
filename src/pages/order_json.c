/* order_json.c: GET /orders/ID.json: the order for programs, exactly as contract.md says it. */
#include <json-c/json.h>

#include "pages/order.h"

static void put_text(struct json_object *object, const char *name, const char *value)
{
	json_object_object_add(object, name, value ? json_object_new_string(value) : NULL);
}

/* An amount that Runa has not said yet is null. */
static void put_money(struct json_object *object, const char *name, struct arena *mem, struct money amount)
{
	put_text(object, name, *amount.currency ? money_text(mem, amount) : NULL);
}

static void put_time(struct json_object *object, const char *name, struct arena *mem, int64_t wall_ms)
{
	put_text(object, name, wall_ms ? clock_rfc3339(mem, wall_ms) : NULL);
}

static struct json_object *payout_of(const struct order *order, bool may_see_link, const char *link)
{
	struct json_object *payout;

	if (order->status != ORDER_COMPLETED)
		return NULL;
	payout = json_object_new_object();
	put_text(payout, "status", order->payout_status);
	if (may_see_link)
		put_text(payout, "url", link);
	put_text(payout, "expiry_date", order->payout_expiry);
	return payout;
}

static struct json_object *error_of(const struct order *order)
{
	struct json_object *error;

	if (!order->error_type && !order->error_message)
		return NULL;
	error = json_object_new_object();
	put_text(error, "type", order->error_type);
	put_text(error, "message", order->error_message);
	return error;
}

char *order_json_text(struct arena *mem, const struct order *order, bool may_see_link, const char *link,
                      size_t *bytes)
{
	struct json_object *object = json_object_new_object();
	const char *text;
	char *copy = NULL;

	put_text(object, "id", order->number);
	put_text(object, "status", order_status_name(order->status));
	put_text(object, "product", order->product_code);
	put_money(object, "face_value", mem, order->face_value);
	put_text(object, "currency", order->face_value.currency);
	put_text(object, "distribution", order_distribution_name(order->distribution));
	put_text(object, "email", order->email);
	put_text(object, "description", order->description);
	put_money(object, "price", mem, order->price);
	put_money(object, "discount", mem, order->discount);
	json_object_object_add(object, "payout", payout_of(order, may_see_link, link));
	put_text(object, "money_moved", order_money_moved_name(order->money_moved));
	put_text(object, "runa_order_id", order->runa_order_id);
	json_object_object_add(object, "error", error_of(order));
	json_object_object_add(object, "attempts", json_object_new_int(order->attempts));
	put_text(object, "placed_by", order->placed_by);
	put_time(object, "placed_at", mem, order->placed_at_ms);
	put_time(object, "completed_at", mem, order->completed_at_ms);
	text = json_object_to_json_string_length(object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE,
	                                         bytes);
	if (text)
		copy = arena_copy(mem, text, *bytes);
	json_object_put(object);
	return copy;
}

enum web_status page_order_json(struct web_request *req, struct web_page *page)
{
	struct person person = person_of(req);
	struct order order;
	enum ledger_result found = order_page_find(req, &order);
	const char *link;
	bool may_see;
	char *text;
	size_t bytes;

	if (found != LEDGER_OK)
		return order_page_fail(page, found);
	may_see = order_link_is_for(&order, &person);
	link = may_see ? order_link(desk_of(req), req->mem, &order) : NULL;
	text = order_json_text(req->mem, &order, may_see, link, &bytes);
	if (!text)
		return web_fail(page, WEB_INTERNAL_ERROR, "broken_here");
	return web_send(page, "application/json", text, bytes);
}
