/* runa.c: the model of Runa: orders, keys that are kept for 30 days, and what it says of them (runa-api 8). */
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/world.h"

enum { KEY_LIFE_DAYS = 30, LIST_PAGE = 3 };

static char *copy(const char *text)
{
	return text == NULL ? NULL : strdup(text);
}

int world_bought(const struct world *world, const char *number)
{
	int bought = 0;

	for (size_t i = 0; i < world->order_count; i++)
		if (!world->orders[i].fails && !world->orders[i].is_strangers &&
		    strcmp(world->orders[i].number, number) == 0)
			bought++;
	return bought;
}

static const char *text_at(json_object *from, const char *pointer)
{
	json_object *found = NULL;

	return json_pointer_get(from, pointer, &found) == 0 && found != NULL ? json_object_get_string(found) : "";
}

static struct made_order *new_order(struct world *world)
{
	struct made_order *order;

	world->orders = realloc(world->orders, (world->order_count + 1) * sizeof *world->orders);
	order = &world->orders[world->order_count];
	memset(order, 0, sizeof *order);
	snprintf(order->id, sizeof order->id, "O-%026zu", ++world->order_count);
	order->final_ms = world->true_ms;
	return order;
}

static int make_order(struct world *world, const char *body)
{
	json_object *wish = json_tokener_parse(body);
	struct made_order *order = new_order(world);
	const char *number;

	order->description = copy(text_at(wish, "/description"));
	order->product = copy(text_at(wish, "/items/0/products/value"));
	order->value = copy(text_at(wish, "/items/0/face_value"));
	order->currency = copy(text_at(wish, "/payment_method/currency"));
	number = strrchr(order->description, ' ');
	number = number == NULL ? order->description : number + 1;
	snprintf(order->number, sizeof order->number, "%.16s", number);
	order->listed_ms = world->true_ms + world_below(world, world->storm > 0 ? WORLD_LISTED_MS : 1000);
	json_object_put(wish);
	world_note(world, "made", (int64_t)world->order_count);
	if (world_bought(world, order->number) > 1)
		world_violated(world, "bought twice: order %s, %s and an earlier one", order->number, order->id);
	return (int)world->order_count - 1;
}

void runa_stranger_orders(struct world *world)
{
	struct made_order *order = new_order(world);

	order->is_strangers = true;
	order->description = copy(world_happens(world, 50) ? "Marketing, week 12" : "payoutdesk 0000000000000000");
	order->product = copy("AMZ-GB");
	order->value = copy("10.00");
	order->currency = copy("GBP");
	/* Some are processed for days, and don't say whose they are until then. */
	if (world_happens(world, 30)) order->final_ms += world_below(world, 4 * MS_A_DAY);
	world_note(world, "stranger", (int64_t)world->order_count);
}

void runa_ends_all(struct world *world)
{
	for (size_t i = 0; i < world->order_count; i++)
		if (world->orders[i].final_ms > world->true_ms) world->orders[i].final_ms = world->true_ms;
}

static char *order_json(const struct made_order *order, const char *status)
{
	char text[2000];

	snprintf(text, sizeof text,
	         "{\"id\":\"%s\",\"status\":\"%s\",\"created_at\":\"2026-03-02T09:15:04.120331+00:00\","
	         "\"completed_at\":\"2026-03-02T09:15:05.120331+00:00\",\"description\":\"%s\","
	         "\"payment_method\":{\"type\":\"ACCOUNT_BALANCE\",\"currency\":\"%s\"},\"currency\":\"%s\","
	         "\"total_discount\":\"0.00\",\"total_price\":\"%s\",\"items\":[{\"id\":\"E-1\","
	         "\"distribution_method\":{\"type\":\"PAYOUT_LINK\"},\"products\":{\"type\":\"SINGLE\",\"value\":\"%s\"},"
	         "\"face_value\":\"%s\",\"price\":\"%s\",\"currency\":\"%s\",\"payout\":{\"status\":\"ACTIVE\","
	         "\"status_updated_at\":\"2026-03-02T09:15:05.120331+00:00\","
	         "\"url\":\"https://spend.example/%s\",\"expiry_date\":null}}]}",
	         order->id, status, order->description, order->currency, order->currency, order->value, order->product,
	         order->value, order->value, order->currency, order->id);
	return strdup(text);
}

static char *partial_json(const struct made_order *order, const char *status)
{
	char text[200];

	snprintf(text, sizeof text, "{\"id\":\"%s\",\"status\":\"%s\",\"message\":\"In progress.\"}", order->id, status);
	return strdup(text);
}

static const char *status_now(const struct world *world, const struct made_order *order)
{
	if (world->true_ms < order->final_ms) return "PROCESSING";
	return order->fails ? "FAILED" : "COMPLETED";
}

static char *error_json(const char *type)
{
	char text[200];

	snprintf(text, sizeof text, "{\"type\":\"%s\",\"message\":\"said the model\",\"help\":null}", type);
	return strdup(text);
}

/* What a new key brings: an order at once, one that is processed, a refusal or a server fault that is stored
 * with the key, with or without an order behind it. */
static void decide(struct world *world, struct kept_key *kept, const char *body)
{
	static const char *const refusals[] = { "insufficient_funds", "product_validation_error", "validation_error" };
	bool storm = world_happens(world, world->storm);
	uint32_t lot = storm ? world_below(world, 100) : 0;

	kept->order = -1;
	kept->ready_ms = world->true_ms + (storm ? world_below(world, WORLD_MAKING_MS) : 0);
	if (lot < 60) {
		kept->order = make_order(world, body);
		kept->status = 200;
	} else if (lot < 75) { /* accepted; some fail later */
		kept->order = make_order(world, body);
		kept->status = 202;
		world->orders[kept->order].final_ms = world->true_ms + world_below(world, 120000);
		world->orders[kept->order].fails = lot < 64;
	} else if (lot < 85) {
		kept->answer = error_json(refusals[lot % 3]);
		kept->status = lot % 3 == 2 ? 422 : 400;
	} else if (lot < 92) { /* rule A of runa-api 8.2: a stored 5xx, and the order is there */
		kept->order = make_order(world, body);
		kept->answer = error_json("internal_server_error");
		kept->status = 500;
	} else if (lot < 97) {
		kept->answer = error_json("timeout");
		kept->status = 504;
	} else { /* a set-up refusal that is stored with the key */
		kept->answer = error_json("unauthorized");
		kept->status = 401;
	}
}

static const char *header(const char *headers, const char *name)
{
	static char value[200];
	const char *at = headers == NULL ? NULL : strcasestr(headers, name);

	value[0] = '\0';
	if (at != NULL) snprintf(value, sizeof value, "%.*s", (int)strcspn(at + strlen(name), "\r\n"), at + strlen(name));
	return value;
}

static struct kept_key *key_of(struct world *world, const char *key)
{
	for (size_t i = world->key_count; i-- > 0;)
		if (strcmp(world->keys[i].key, key) == 0) return &world->keys[i];
	return NULL;
}

static void judge_bytes(struct world *world, const struct kept_key *kept, const struct flight *flight)
{
	if (strcmp(kept->headers, flight->headers) != 0 || strcmp(kept->body, flight->body) != 0)
		world_violated(world, "the bytes under key %s changed", kept->key);
}

static struct kept_key *new_key(struct world *world, const char *key, const struct flight *flight)
{
	struct kept_key *kept;

	world->keys = realloc(world->keys, (world->key_count + 1) * sizeof *world->keys);
	kept = &world->keys[world->key_count++];
	memset(kept, 0, sizeof *kept);
	snprintf(kept->key, sizeof kept->key, "%.36s", key);
	kept->headers = copy(flight->headers);
	kept->body = copy(flight->body);
	kept->first_ms = world->true_ms;
	kept->by_twin = flight->is_twin;
	return kept;
}

static void answer_with(struct flight *flight, int status, char *body)
{
	flight->transport = RUNA_ANSWERED;
	flight->status = status;
	free(flight->answer);
	flight->answer = body;
}

/* Now and then the answer is about somebody else's order: it says nothing about ours. */
static char *completed_json(struct world *world, const struct made_order *order)
{
	if (world_happens(world, world->storm / 10)) {
		struct made_order other = *order;

		snprintf(other.id, sizeof other.id, "O-%026d", 0);
		other.description = "Marketing, week 12";
		return order_json(&other, "COMPLETED");
	}
	return order_json(order, "COMPLETED");
}

static void answer_kept(struct world *world, const struct kept_key *kept, struct flight *flight)
{
	if (world->true_ms < kept->ready_ms) {
		if (world_happens(world, 50)) {
			flight->transport = RUNA_INTERIM;
		} else {
			answer_with(flight, 400, error_json("idempotency_in_progress"));
		}
	} else if (kept->answer != NULL) {
		answer_with(flight, kept->status, strdup(kept->answer));
	} else if (kept->status == 202) {
		answer_with(flight, 202, partial_json(&world->orders[kept->order], "PROCESSING"));
	} else {
		answer_with(flight, 200, completed_json(world, &world->orders[kept->order]));
	}
}

static void take_order(struct world *world, struct flight *flight)
{
	const char *key = header(flight->headers, "X-Idempotency-Key: ");
	struct kept_key *kept = key_of(world, key);
	int64_t life_ms = (int64_t)KEY_LIFE_DAYS * MS_A_DAY;

	if (kept != NULL) {
		judge_bytes(world, kept, flight);
		if (world->true_ms - kept->first_ms > (int64_t)29 * MS_A_DAY + WORLD_LATE_MS + world->untold_ms)
			world_violated(world, "key %s was sent after 29 days", key);
	}
	if (kept == NULL || world->true_ms - kept->first_ms > life_ms) { /* forgotten: it buys again */
		kept = new_key(world, key, flight);
		decide(world, kept, flight->body);
		if (world->true_ms < kept->ready_ms) { /* slow: the caller waits for the end */
			flight->answers_ms += kept->ready_ms - world->true_ms;
			if (kept->answer != NULL)
				answer_with(flight, kept->status, strdup(kept->answer));
			else if (kept->status == 202)
				answer_with(flight, 202, partial_json(&world->orders[kept->order], "PROCESSING"));
			else
				answer_with(flight, 200, order_json(&world->orders[kept->order], "COMPLETED"));
			return;
		}
	} else if (strcmp(kept->body, flight->body) != 0) {
		answer_with(flight, 400, error_json("idempotency_validation_error"));
		return;
	}
	answer_kept(world, kept, flight);
}

static void tell_order(struct world *world, struct flight *flight, const char *id)
{
	for (size_t i = 0; i < world->order_count; i++) {
		const char *status = status_now(world, &world->orders[i]);

		if (strcmp(world->orders[i].id, id) != 0) continue;
		answer_with(flight, 200, strcmp(status, "PROCESSING") == 0 ? partial_json(&world->orders[i], status)
		                                                           : order_json(&world->orders[i], status));
		return;
	}
	answer_with(flight, 404, error_json("not_found"));
}

static void tell_list(struct world *world, struct flight *flight)
{
	const char *after = strstr(flight->path, "after=");
	size_t at = after == NULL ? 0 : (size_t)strtoul(after + 6, NULL, 10), count = 0;
	char *text = strdup("{\"items\":["), *more;

	for (; at < world->order_count && count < LIST_PAGE; at++) {
		const struct made_order *order = &world->orders[at];
		char *entry;

		if (order->listed_ms > world->true_ms) continue;
		entry = strcmp(status_now(world, order), "PROCESSING") == 0
		                ? partial_json(order, "PROCESSING")
		                : order_json(order, status_now(world, order));
		if (asprintf(&more, "%s%s%s", text, count > 0 ? "," : "", entry) < 0) abort();
		free(entry);
		free(text);
		text = more;
		count++;
	}
	if (asprintf(&more, "%s],\"pagination\":{\"cursors\":{\"after\":%s%zu\",\"before\":null},\"page\":{\"limit\":3}}}",
	             text, count > 0 ? "\"" : "null,\"x\":\"", at) < 0)
		abort();
	free(text);
	answer_with(flight, 200, more);
}

/* A gateway says no to a request whose like has already reached the ordering service: such a refusal says
 * nothing about the earlier try. */
static bool gateway_refuses(struct world *world, const struct flight *flight)
{
	const struct kept_key *kept;

	if (flight->body == NULL || !world_happens(world, world->storm / 4)) return false;
	kept = key_of(world, header(flight->headers, "X-Idempotency-Key: "));
	return kept != NULL && !kept->by_twin && kept->order >= 0;
}

/* In front of the ordering service: nothing is stored with the key. */
static bool turned_away(struct world *world, struct flight *flight)
{
	if (world->key_is_revoked) {
		answer_with(flight, 403, error_json("forbidden"));
	} else if (world_happens(world, world->storm / 8)) {
		answer_with(flight, 429, strdup("{\"error\":\"rate exceeded\"}"));
	} else if (gateway_refuses(world, flight)) {
		answer_with(flight, 400, error_json("bad_request"));
	} else if (world_happens(world, world->storm / 8)) {
		answer_with(flight, 502, strdup("<html><body>Bad Gateway</body></html>"));
	} else {
		return false;
	}
	return true;
}

void runa_takes(struct world *world, struct flight *flight)
{
	world_note(world, flight->path, flight->body == NULL ? 0 : (int64_t)strlen(flight->body));
	if (turned_away(world, flight)) {
		flight->twin_ms = -1; /* the network's copy goes the way of the first */
		return;
	}
	if (strcmp(flight->method, "POST") == 0)
		take_order(world, flight);
	else if (strncmp(flight->path, "/order/", 7) == 0)
		tell_order(world, flight, flight->path + 7);
	else if (strncmp(flight->path, "/order", 6) == 0)
		tell_list(world, flight);
	else if (strncmp(flight->path, "/ping", 5) == 0)
		answer_with(flight, 200, strdup("{\"message\":\"pong\"}"));
	else if (strncmp(flight->path, "/balance", 8) == 0)
		answer_with(flight, 200, strdup("[{\"balance\":\"1000.00\",\"currency\":\"GBP\"}]"));
	else
		answer_with(flight, 404, error_json("not_found"));
}
