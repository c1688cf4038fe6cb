/* scripted_runa.c: Runa as a script, and as itself where the script is silent. */
#include "support/scripted_runa.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

enum { USUAL_DELAY_MS = 100, TEXT_BYTES = 4096 };

struct flight {
	struct flight *next;
	int64_t at_ms;
	struct runa_answer answer;
};

static struct scripted_runa *runa_of(struct runa_line *line)
{
	return (struct scripted_runa *)((char *)line - offsetof(struct scripted_runa, line));
}

/* ---- orders ----------------------------------------------------------------------------------- */

static void key_of(const char *headers, char out[ID_KEY_SIZE])
{
	static const char name[] = "X-Idempotency-Key: ";
	const char *at = strstr(headers, name);

	out[0] = '\0';
	if (at != NULL) snprintf(out, ID_KEY_SIZE, "%.*s", (int)strcspn(at + sizeof name - 1, "\n"), at + sizeof name - 1);
}

static struct runa_made *made_of(struct scripted_runa *runa, const char *key)
{
	for (size_t i = 0; i < runa->made_count; i++)
		if (strcmp(runa->made[i].key, key) == 0) return &runa->made[i];
	return NULL;
}

static char *text_at(json_object *from, const char *pointer)
{
	json_object *found = NULL;

	return memory_text(json_pointer_get(from, pointer, &found) == 0 && found != NULL ? json_object_get_string(found)
	                                                                                 : "");
}

/* The key's order; made where there is none. */
static struct runa_made *make_order(struct scripted_runa *runa, const struct runa_kept *request)
{
	char key[ID_KEY_SIZE];
	struct runa_made *made;
	json_object *wish;

	key_of(request->headers, key);
	made = made_of(runa, key);
	if (made != NULL) return made;
	runa->made = memory_resize(runa->made, runa->made_count + 1, sizeof *runa->made);
	made = &runa->made[runa->made_count++];
	memset(made, 0, sizeof *made);
	memcpy(made->key, key, sizeof key);
	made->body = memory_text(request->body);
	snprintf(made->id, sizeof made->id, "O-%zu", runa->made_count);
	wish = json_tokener_parse(request->body);
	made->description = text_at(wish, "/description");
	made->product = text_at(wish, "/items/0/products/value");
	made->value = text_at(wish, "/items/0/face_value");
	made->currency = text_at(wish, "/payment_method/currency");
	made->says = "COMPLETED";
	json_object_put(wish);
	return made;
}

static char *order_text(const struct runa_made *made)
{
	char text[TEXT_BYTES];

	if (strcmp(made->says, "PROCESSING") == 0)
		snprintf(text, sizeof text, "{\"id\":\"%s\",\"status\":\"PROCESSING\",\"message\":\"In progress.\"}", made->id);
	else
		snprintf(text, sizeof text,
		         "{\"id\":\"%s\",\"status\":\"%s\",\"created_at\":\"2026-11-17T15:06:40.000000+00:00\","
		         "\"completed_at\":\"2026-11-17T15:06:41.000000+00:00\",\"description\":\"%s\","
		         "\"payment_method\":{\"type\":\"ACCOUNT_BALANCE\"},\"currency\":\"%s\","
		         "\"total_discount\":\"0.50\",\"total_price\":\"%s\",\"items\":[{\"id\":\"E-1\","
		         "\"distribution_method\":{\"type\":\"PAYOUT_LINK\"},"
		         "\"products\":{\"type\":\"SINGLE\",\"value\":\"%s\"},\"face_value\":\"%s\",\"price\":\"%s\","
		         "\"currency\":\"%s\",\"payout\":{\"status\":\"ACTIVE\","
		         "\"status_updated_at\":\"2026-11-17T15:06:41.000000+00:00\","
		         "\"url\":\"https://spend.runa.test/%s\",\"expiry_date\":null}}]}",
		         made->id, made->says, made->description, made->currency, made->value, made->product, made->value,
		         made->value, made->currency, made->id);
	return memory_text(text);
}

/* ---- what Runa says when nobody has told it what to say ------------------------------------------- */

static char *error_text(const char *type)
{
	char text[TEXT_BYTES];

	snprintf(text, sizeof text, "{\"type\":\"%s\",\"message\":\"said the script\",\"help\":null}", type);
	return memory_text(text);
}

/* One page of GET /order from the cursor on: a full order, though the true list has less of each. */
static char *list_text(const struct scripted_runa *runa, const char *path)
{
	const char *after = strstr(path, "after=");
	size_t at = after == NULL ? 0 : strtoul(after + 6, NULL, 10), most = runa->list_page, count = 0;
	char *text = memory_text("{\"items\":["), *more, cursor[40] = "null";

	for (; at < runa->made_count && count < (most == 0 ? 500 : most); at++, count++) {
		char *entry = order_text(&runa->made[at]);

		if (asprintf(&more, "%s%s%s", text, count > 0 ? "," : "", entry) < 0) abort();
		free(entry);
		free(text);
		text = more;
	}
	if (count > 0) snprintf(cursor, sizeof cursor, "\"%zu\"", at);
	if (asprintf(&more, "%s],\"pagination\":{\"cursors\":{\"after\":%s},\"page\":{\"limit\":500}}}", text, cursor) < 0)
		abort();
	free(text);
	return more;
}

static const char PRODUCTS[] =
	"{\"catalog\":[{\"name\":\"Amazon.co.uk\",\"code\":\"AMZ-GB\",\"currency\":\"GBP\",\"state\":\"LIVE\","
	"\"is_orderable\":true,\"payout_type\":\"gift_card\",\"categories\":[\"a\"],\"countries_redeemable_in\":[\"GB\"],"
	"\"discount_multiplier\":\"0.0\",\"gift_card\":{\"denominations\":{\"type\":\"open\",\"minimum_value\":\"1\","
	"\"maximum_value\":\"500\",\"available_list\":null},\"expiry\":{\"type\":\"indefinite\",\"in_months\":null}}}],"
	"\"pagination\":{\"cursors\":{\"after\":\"AMZ-GB\"}}}";
static const char NO_PRODUCTS[] = "{\"catalog\":[],\"pagination\":{\"cursors\":{\"after\":null}}}";
static const char BALANCES[] =
	"[{\"balance\":\"1000.00\",\"currency\":\"GBP\"},{\"balance\":\"9000\",\"currency\":\"JPY\"}]";

/* Of AMZ-GB for 10.00 GBP. */
static const char ESTIMATE[] =
	"{\"payment_method\":{\"type\":\"ACCOUNT_BALANCE\",\"currency\":\"GBP\"},\"currency\":\"GBP\",\"total_price\":9.5,"
	"\"total_discount\":\"0.5000\",\"items\":[{\"products\":{\"type\":\"SINGLE\",\"value\":\"AMZ-GB\"},\"face_value\":10,"
	"\"price\":9.5,\"discount_multiplier\":\"0.05\",\"currency\":\"GBP\"}],"
	"\"transaction_detail\":{\"GBP\":{\"value\":\"10.00\",\"fx\":null}}}";

/* The order a polled path names, or NULL. */
static struct runa_made *polled(struct scripted_runa *runa, const char *path)
{
	for (size_t i = 0; i < runa->made_count; i++)
		if (strcmp(runa->made[i].id, path + strlen("/order/")) == 0) return &runa->made[i];
	return NULL;
}

static struct runa_made *order_meant(struct scripted_runa *runa, const struct runa_kept *request,
                                     const struct reply *reply)
{
	char key[ID_KEY_SIZE];

	if (request->route == ROUTE_POLL) return polled(runa, request->path);
	if (request->route != ROUTE_ORDER) return NULL;
	if (reply->makes_order) return make_order(runa, request);
	key_of(request->headers, key);
	return made_of(runa, key);
}

static char *usual_body(struct scripted_runa *runa, const struct runa_kept *request, const struct runa_made *made,
                        int *status)
{
	switch (request->route) {
	case ROUTE_ORDER:
	case ROUTE_POLL:
		if (made != NULL) return order_text(made);
		*status = 404;
		return error_text("not_found");
	case ROUTE_LIST:
		return list_text(runa, request->path);
	case ROUTE_PRODUCTS:
		return memory_text(strstr(request->path, "after=") == NULL ? PRODUCTS : NO_PRODUCTS);
	case ROUTE_BALANCES:
		return memory_text(BALANCES);
	case ROUTE_ESTIMATE:
		return memory_text(ESTIMATE);
	default:
		return memory_text("{\"message\":\"pong\"}");
	}
}

static char *replaced(char *text, const char *cut_out, const char *put_in)
{
	char *at = strstr(text, cut_out), *whole;

	if (at == NULL || asprintf(&whole, "%.*s%s%s", (int)(at - text), text, put_in, at + strlen(cut_out)) < 0) {
		fprintf(stderr, "scripted_runa: no '%s' in %s\n", cut_out, text);
		abort();
	}
	free(text);
	return whole;
}

/* ---- the line ------------------------------------------------------------------------------------- */

static void answer_with(struct scripted_runa *runa, const struct runa_kept *request, const struct reply *reply,
                        struct runa_answer *out)
{
	struct runa_made *made = order_meant(runa, request, reply);
	int status = reply->status == 0 ? 200 : reply->status;

	if (made != NULL && reply->says != NULL) made->says = reply->says;
	out->transport = reply->transport;
	out->is_resent = reply->is_resent;
	out->retry_after_ms = reply->retry_after_ms > 0 ? reply->retry_after_ms : -1;
	if (reply->transport != RUNA_ANSWERED) {
		snprintf(out->trouble, sizeof out->trouble, "as the script has it");
		return;
	}
	if (reply->body != NULL)
		out->body = memory_text(reply->body);
	else if (reply->type != NULL)
		out->body = error_text(reply->type);
	else
		out->body = usual_body(runa, request, made, &status);
	if (reply->cut_out != NULL) out->body = replaced(out->body, reply->cut_out, reply->put_in);
	out->body_bytes = strlen(out->body);
	out->status = status;
	snprintf(out->request_id, sizeof out->request_id, "req-%zu", runa->request_count);
}

static enum route route_of(const struct runa_request *request)
{
	if (strcmp(request->path, "/order/estimate") == 0) return ROUTE_ESTIMATE;
	if (strcmp(request->method, "POST") == 0) return ROUTE_ORDER;
	if (strncmp(request->path, "/order/", 7) == 0) return ROUTE_POLL;
	if (strncmp(request->path, "/order", 6) == 0) return ROUTE_LIST;
	if (strncmp(request->path, "/product", 8) == 0) return ROUTE_PRODUCTS;
	return strncmp(request->path, "/balance", 8) == 0 ? ROUTE_BALANCES : ROUTE_PING;
}

static struct runa_kept *keep_request(struct scripted_runa *runa, const struct runa_request *request)
{
	struct runa_kept *kept;

	runa->requests = memory_resize(runa->requests, runa->request_count + 1, sizeof *runa->requests);
	kept = &runa->requests[runa->request_count++];
	kept->route = route_of(request);
	kept->path = memory_text(request->path);
	kept->headers = memory_text(request->headers == NULL ? "" : request->headers);
	kept->body = memory_array(request->body_bytes + 1, 1);
	if (request->body != NULL) memcpy(kept->body, request->body, request->body_bytes);
	kept->steady_ms = runa->now_ms(runa->whom);
	return kept;
}

static void judge_bytes(struct scripted_runa *runa, const struct runa_kept *now)
{
	char key[ID_KEY_SIZE], other[ID_KEY_SIZE];

	key_of(now->headers, key);
	for (size_t i = 0; i + 1 < runa->request_count; i++) {
		const struct runa_kept *then = &runa->requests[i];

		if (then->route != ROUTE_ORDER) continue;
		key_of(then->headers, other);
		if (strcmp(key, other) != 0) continue;
		if (strcmp(then->headers, now->headers) != 0 || strcmp(then->body, now->body) != 0) runa->bytes_changed = true;
	}
}

static struct reply next_reply(struct scripted_runa *runa, enum route route)
{
	if (runa->fail_from > 0 && runa->request_count >= runa->fail_from && runa->request_count <= runa->fail_to)
		return runa->failure;
	if (runa->queued_used[route] < runa->queued_count[route])
		return runa->queued[route][runa->queued_used[route]++];
	if (runa->always[route] != NULL) return *runa->always[route];
	return (struct reply){ .makes_order = route == ROUTE_ORDER };
}

static void line_begin(struct runa_line *line, const struct runa_request *request, void *tag)
{
	struct scripted_runa *runa = runa_of(line);
	struct flight *flight = memory_alloc(sizeof *flight), **last = &runa->flights;
	const struct runa_kept *kept = keep_request(runa, request);
	struct reply reply = next_reply(runa, kept->route);

	if (kept->route == ROUTE_ORDER) judge_bytes(runa, kept);
	flight->answer.tag = tag;
	flight->at_ms = runa->now_ms(runa->whom) + (reply.after_ms > 0 ? reply.after_ms : USUAL_DELAY_MS);
	answer_with(runa, kept, &reply, &flight->answer);
	while (*last != NULL && (*last)->at_ms <= flight->at_ms) last = &(*last)->next;
	flight->next = *last;
	*last = flight;
}

static size_t line_wait(struct runa_line *line, int timeout_ms, struct runa_answer *out, size_t max)
{
	struct scripted_runa *runa = runa_of(line);
	int64_t now = runa->now_ms(runa->whom), until = now + timeout_ms;
	size_t count = 0;

	if (runa->flights != NULL && runa->flights->at_ms < until) until = runa->flights->at_ms;
	if (until > now) runa->pass(runa->whom, until - now);
	now = runa->now_ms(runa->whom);
	while (count < max && runa->flights != NULL && runa->flights->at_ms <= now) {
		struct flight *flight = runa->flights;

		runa->flights = flight->next;
		out[count++] = flight->answer;
		free(flight);
	}
	return count;
}

static void line_wake(struct runa_line *line)
{
	runa_of(line)->wakes++;
}

static void line_close(struct runa_line *line)
{
	(void)line;
}

/* ---- begin and end --------------------------------------------------------------------------------- */

void scripted_runa_begin(struct scripted_runa *runa)
{
	memset(runa, 0, sizeof *runa);
	runa->line = (struct runa_line){ line_begin, line_wait, line_wake, line_close };
}

void scripted_runa_forget_calls(struct scripted_runa *runa)
{
	while (runa->flights != NULL) {
		struct flight *flight = runa->flights;

		runa->flights = flight->next;
		runa_answer_drop(&flight->answer);
		free(flight);
	}
}

void scripted_runa_end(struct scripted_runa *runa)
{
	scripted_runa_forget_calls(runa);
	for (size_t i = 0; i < runa->request_count; i++) {
		free(runa->requests[i].path);
		free(runa->requests[i].headers);
		free(runa->requests[i].body);
	}
	for (size_t i = 0; i < runa->made_count; i++) {
		free(runa->made[i].body);
		free(runa->made[i].description);
		free(runa->made[i].product);
		free(runa->made[i].value);
		free(runa->made[i].currency);
	}
	free(runa->requests);
	free(runa->made);
}

void scripted_runa_will_say(struct scripted_runa *runa, enum route route, struct reply reply)
{
	if (runa->queued_count[route] == SCRIPT_REPLIES) abort();
	runa->queued[route][runa->queued_count[route]++] = reply;
}

int scripted_runa_bought(const struct scripted_runa *runa, const char *number)
{
	int bought = 0;

	for (size_t i = 0; i < runa->made_count; i++)
		if (strstr(runa->made[i].description, number) != NULL) bought++;
	return bought;
}

size_t scripted_runa_count(const struct scripted_runa *runa, enum route route)
{
	size_t count = 0;

	for (size_t i = 0; i < runa->request_count; i++) count += runa->requests[i].route == route;
	return count;
}
