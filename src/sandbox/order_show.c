/* order_show.c: orders as JSON. */
#include <string.h>

#include "sandbox/basket.h"
#include "sandbox/orders.h"
#include "sandbox/world.h"

/* Amounts come in varying scale where quirks are on (runa-api 4): "10.00", "10.0", "10". Which one hangs
 * on the order's id, so that one order always looks the same. */
static char *amount(struct arena *mem, const struct order *order, struct money money, bool quirks)
{
	char *text = money_text(mem, money), *plain = money_text_short(mem, money);

	if (!quirks)
		return text;
	switch (order->id[STORE_ID_SIZE - 2] % 3) {
	case 0: return text;
	case 1: return plain;
	default: return strchr(plain, '.') ? plain : arena_print(mem, "%s.0", plain);
	}
}

static void show_head(struct json_object *json, struct arena *mem, const struct order *order, bool quirks)
{
	struct json_object *payment = json_object_new_object();

	json_put_text(json, "id", order->id);
	json_put_text(json, "status", order_state_name(order->state));
	json_put_text(json, "created_at", world_time_text(mem, order->created_ms));
	json_put_text(json, "completed_at", world_time_text(mem, order->done_ms));
	json_put_text(json, "description", order->description);
	json_put_text(payment, "type", "ACCOUNT_BALANCE");
	if (!quirks) /* missing in recorded answers (runa-api 6.6) */
		json_put_text(payment, "currency", order->total_price.currency);
	json_put(json, "payment_method", payment);
	json_put_text(json, "currency", order->total_price.currency);
	json_put_text(json, "total_discount", amount(mem, order, order->total_discount, quirks));
	json_put_text(json, "total_price", amount(mem, order, order->total_price, quirks));
}

static struct json_object *show_item(struct arena *mem, const struct order *order, const struct order_item *item,
                                     bool quirks)
{
	struct json_object *json = json_object_new_object(), *payout = json_object_new_object();

	json_put_text(json, "id", item->id);
	json_put(json, "distribution_method",
	         json_object_get(json_read(mem, item->distribution, strlen(item->distribution))));
	json_put(json, "products", json_object_get(json_read(mem, item->products, strlen(item->products))));
	json_put_text(json, "face_value", amount(mem, order, item->face_value, quirks));
	json_put_text(json, "price", amount(mem, order, item->price, quirks));
	json_put_text(payout, "status", payout_state_name(item->payout));
	json_put_text(payout, "status_updated_at", world_time_text(mem, item->payout_at_ms));
	json_put_text(payout, "url", item->link);
	json_put_text(payout, "expiry_date", NULL); /* link expiry is off for this account */
	json_put(json, "payout", payout);
	json_put_text(json, "currency", item->face_value.currency);
	if (quirks) {
		json_put_text(json, "redemption_url", item->link);
		json_put_text(json, "discount_multiplier", "0.0");
	}
	return json;
}

struct json_object *order_show_basic(struct arena *mem, const struct order *order, bool quirks)
{
	struct json_object *json = json_object_new_object();

	show_head(json, mem, order, quirks);
	return json;
}

struct json_object *order_show_full(struct arena *mem, const struct order *order, bool quirks)
{
	struct json_object *json = order_show_basic(mem, order, quirks), *items = json_object_new_array();
	struct money face = money_of(0, order->items[0].face_value.currency);

	/* What a FAILED order holds isn't documented (runa-api 23 no. 12): here no items, thus no links. */
	for (size_t i = 0; i < order->item_count; i++) {
		if (order->state != ORDER_FAILED)
			json_object_array_add(items, show_item(mem, order, &order->items[i], quirks));
		(void)!money_add(face, order->items[i].face_value, &face);
	}
	json_put(json, "items", items);
	json_put(json, "transaction_detail",
	         basket_show_detail(mem, face, &order->fx, order->total_price.currency));
	json_put(json, "metadata", order->metadata
	         ? json_object_get(json_read(mem, order->metadata, strlen(order->metadata))) : NULL);
	if (quirks)
		json_put_text(json, "execution_mode", "sync");
	return json;
}

struct json_object *order_show_partial(const struct order *order)
{
	struct json_object *json = json_object_new_object();

	json_put_text(json, "id", order->id);
	json_put_text(json, "status", order_state_name(order->state));
	json_put_text(json, "message", "The order has been accepted and is being processed.");
	return json;
}

struct json_object *order_show_listed(struct arena *mem, const struct order *order, bool quirks)
{
	return order->state == ORDER_PROCESSING ? order_show_partial(order) : order_show_basic(mem, order, quirks);
}
