/* orders.c: POST /order, GET /order, GET /order/ID, POST /order/estimate. */
#include "sandbox/orders.h"

#include <string.h>

#include "base/text.h"
#include "sandbox/basket.h"
#include "sandbox/check.h"

enum { ORDERS_PAGE = 100, CURSOR_PREFIX = 3 };

static bool is_sync(const struct request *request)
{
	const char *mode = request_header(request, "x-execution-mode");

	return mode && !strcmp(mode, "sync"); /* absent means async (runa-api 3) */
}

/* --- creating ------------------------------------------------------------------------------ */

/* The body as far as the schema goes; NULL: refused. */
static struct json_object *read_body(struct call *call, void (*look)(struct check *, struct json_object *))
{
	struct request *request = call->request;
	struct json_object *body = json_read(request->mem, request->body, request->body_bytes);
	struct check check;

	if (!body) {
		call_refuse(call, "bad_request", "The body is not JSON.");
		return NULL;
	}
	check_begin(&check, request->mem, call->world->settings.is_playground_style);
	look(&check, body);
	if (check_is_right(&check))
		return body;
	check_answer(&check, &call->answer);
	return NULL;
}

/* The playground's headers (runa-api 20). True: the call has its answer. */
static bool obey_playground(struct call *call)
{
	const char *trigger = request_header(call->request, "x-trigger-error");

	if (!trigger || (strcmp(trigger, "insufficient_funds") && strcmp(trigger, "internal_server_error")))
		return false;
	call_refuse(call, trigger, NULL);
	return true;
}

/* Charges the balance where funds are real. False: refused. */
static bool charge(struct call *call, struct money total)
{
	struct money *balance = settings_balance(&call->world->settings, total.currency);

	if (!call->world->settings.funds)
		return true;
	if (!balance || balance->minor < total.minor) {
		call_refuse(call, "insufficient_funds", NULL);
		return false;
	}
	balance->minor -= total.minor;
	return true;
}

static void fill_items(struct store *store, struct order *order, const struct basket *basket)
{
	for (size_t i = 0; i < basket->count; i++) {
		const struct line *line = &basket->lines[i];
		struct order_item *item = &order->items[i];
		struct arena *mem = arena_open();

		item->distribution = arena_text(store->mem, json_write(mem, json_get(line->item, "distribution_method")));
		item->products = arena_text(store->mem, line->products);
		item->code = arena_text(store->mem, line->first->code);
		item->face_value = line->face_value;
		item->price = line->price;
		item->discount = line->discount;
		item->payout_at_ms = order->done_ms;
		arena_close(mem);
	}
}

static struct order *make_order(struct call *call, struct json_object *body, const struct basket *basket,
                                bool is_at_once)
{
	struct store *store = &call->world->store;
	struct order *order = store_new_order(store, basket->count, call->now_ms);
	struct json_object *metadata = json_get_typed(body, "metadata", json_type_object);
	int64_t processing_ms = call->action.processing_ms >= 0 ? call->action.processing_ms
	                                                        : call->world->settings.processing_ms;

	order->key = arena_text(store->mem, request_header(call->request, "x-idempotency-key"));
	order->description = arena_text(store->mem, json_get_text(body, "description"));
	order->metadata = metadata ? arena_text(store->mem, json_write(call->request->mem, metadata)) : NULL;
	order->total_price = basket->total_price;
	order->total_discount = basket->total_discount;
	order->fx = basket->fx;
	order->done_ms = order->created_ms + (is_at_once ? 0 : processing_ms);
	order->outcome = call->action.will_fail ? ORDER_FAILED : ORDER_COMPLETED;
	order->state = is_at_once ? order->outcome : ORDER_PROCESSING;
	fill_items(store, order, basket);
	store_add_order(store, order);
	return order;
}

static void answer_order(struct call *call, struct order *order, bool is_at_once)
{
	struct arena *mem = call->request->mem;
	const char *send_email = request_header(call->request, "x-send-email");
	struct json_object *accepted;

	if (is_at_once) {
		answer_json(&call->answer, mem, 200, order_show_full(mem, order, call->world->settings.quirks));
	} else {
		accepted = json_object_new_object();
		json_put_text(accepted, "id", order->id);
		json_put_text(accepted, "status", order_state_name(order->state));
		answer_json(&call->answer, mem, 202, accepted);
	}
	call->answer.is_kept = true;
	call->answer.order_id = order->id;
	if (send_email)
		fields_add(&call->answer.headers, mem, "X-Send-Email", strcmp(send_email, "true") ? "false" : "true");
}

HANDLER(orders_create)
{
	struct json_object *body = read_body(call, check_order);
	bool is_at_once = is_sync(call->request) && !call->action.is_async;
	struct basket basket;
	struct order *order;

	(void)rest;
	if (!body)
		return;
	if (is_sync(call->request) && json_object_array_length(json_get(body, "items")) != 1) {
		call_refuse(call, "bad_request", "A synchronous order has exactly one item.");
		return;
	}
	if (!basket_fill(call, body, is_sync(call->request), &basket) || obey_playground(call) ||
	    !charge(call, basket.total_price))
		return;
	order = make_order(call, body, &basket, is_at_once);
	answer_order(call, order, is_at_once);
}

/* --- reading ------------------------------------------------------------------------------- */

HANDLER(orders_one)
{
	struct arena *mem = call->request->mem;
	struct order *order = store_find_order(&call->world->store, rest, call->now_ms);

	if (!order) {
		call_refuse(call, "not_found", NULL);
		return;
	}
	call->answer.order_id = order->id;
	answer_json(&call->answer, mem, 200, order->state == ORDER_PROCESSING
	            ? order_show_partial(order) : order_show_full(mem, order, call->world->settings.quirks));
}

/* A cursor is an order's id in disguise, so that nobody takes it for one. False: no such order. */
static bool find_cursor(struct call *call, const char *cursor, size_t *out)
{
	struct store *store = &call->world->store;
	struct order *order = strncmp(cursor, "cur", CURSOR_PREFIX) ? NULL
		: store_find_order(store, cursor + CURSOR_PREFIX, call->now_ms);

	if (order)
		*out = order->place;
	return order != NULL;
}

/* With endless pages nobody comes to an end: each page is the first one, with cursors never seen. */
static struct json_object *page_of_orders(struct call *call, const struct page *page, const struct order *first,
                                          const struct order *last)
{
	struct arena *mem = call->request->mem;

	if (page->paging == PAGING_ENDLESS) {
		char *cursor = arena_print(mem, "cur-%llu", (unsigned long long)++call->world->made_up_pages);

		return paging_show(page, cursor, cursor);
	}
	return paging_show(page, first ? arena_print(mem, "cur%s", first->id) : NULL,
	                 last ? arena_print(mem, "cur%s", last->id) : NULL);
}

/* Newest first; `after` leads to older ones. Orders younger than list_lag_s aren't shown yet. */
HANDLER(orders_list)
{
	struct store *store = &call->world->store;
	struct arena *mem = call->request->mem;
	int64_t shown_until_ms = call->now_ms - call->world->settings.list_lag_s * 1000;
	struct json_object *json, *items;
	struct order *first = NULL, *last = NULL;
	size_t from = 0, to = store->order_count, at; /* [from, to) in the order of making */
	struct page page;

	(void)rest;
	if (!call_page(call, ORDERS_PAGE, &page))
		return;
	if ((page.after && !find_cursor(call, page.after, &to)) || (page.before && !find_cursor(call, page.before, &at))) {
		call_refuse(call, "pagination_error", NULL);
		return;
	}
	while (to > from && store->orders[to - 1]->created_ms > shown_until_ms)
		to--;
	if (page.before) { /* the `limit` orders that are just newer than the cursor's */
		from = at + 1;
		to = to > from + page.limit ? from + page.limit : to > from ? to : from;
	}
	items = json_object_new_array();
	for (at = to; at > from && json_object_array_length(items) < page.limit && page.paging != PAGING_EMPTY; at--) {
		last = store->orders[at - 1];
		first = first ? first : last;
		store_settle(last, call->now_ms);
		json_object_array_add(items, order_show_listed(mem, last, call->world->settings.quirks));
	}
	json = json_object_new_object();
	json_put(json, "items", items);
	json_put(json, "pagination", page_of_orders(call, &page, first, last));
	answer_json(&call->answer, mem, 200, json);
}

/* --- estimating ---------------------------------------------------------------------------- */

/* The OpenAPI document has numbers here; the digits are ours, no binary fraction is involved. */
static struct json_object *number(struct arena *mem, struct money money)
{
	return json_object_new_double_s(0, money_text_short(mem, money));
}

static struct json_object *show_line(struct arena *mem, const struct line *line)
{
	struct json_object *json = json_object_new_object();

	json_put(json, "products", json_object_get(json_get(line->item, "products")));
	json_put(json, "face_value", number(mem, line->face_value));
	json_put(json, "price", number(mem, line->price));
	json_put_text(json, "discount_multiplier", arena_print(mem, "%d.%02d", line->discount_bp / 10000,
	                                                       line->discount_bp % 10000 / 100));
	json_put_text(json, "currency", line->face_value.currency);
	return json;
}

HANDLER(estimate_order)
{
	struct arena *mem = call->request->mem;
	struct json_object *body, *json, *items, *payment;
	struct basket basket;
	struct money face;

	(void)rest;
	if (!call->world->settings.estimate) { /* as in the playground (runa-api 20) */
		call_refuse(call, "not_found", NULL);
		return;
	}
	body = read_body(call, check_estimate);
	if (!body || !basket_fill(call, body, true, &basket))
		return;
	json = json_object_new_object();
	payment = json_object_new_object();
	items = json_object_new_array();
	face = money_of(0, basket.currency);
	for (size_t i = 0; i < basket.count; i++) {
		json_object_array_add(items, show_line(mem, &basket.lines[i]));
		(void)!money_add(face, basket.lines[i].face_value, &face);
	}
	json_put_text(payment, "type", "ACCOUNT_BALANCE");
	json_put_text(payment, "currency", basket.payment_currency);
	json_put(json, "payment_method", payment);
	json_put_text(json, "currency", basket.payment_currency);
	json_put(json, "total_price", number(mem, basket.total_price));
	json_put(json, "total_discount", number(mem, basket.total_discount));
	json_put(json, "items", items);
	json_put(json, "transaction_detail", basket_show_detail(mem, face, &basket.fx, basket.payment_currency));
	answer_json(&call->answer, mem, 200, json);
}
