/* messages_out.c: what goes to Runa: bodies, headers and paths (runa-api 3, 6, 9, 11, 12). The bytes
 * for an order are always the same (runa-api 23 no. 4). It knows no answer. */
#include "runa/messages.h"

#include <string.h>

#include "base/sizes.h"
#include "base/text.h"

/* Characters at Runa; kept in bytes, since how Runa counts is not said (runa-api 23 no. 25). */
enum { DESCRIPTION = 128 };
static const char JOINT[] = " · ";
static const char CUT[] = "…";

/* ---- JSON ---- */

static void add_string(struct text *out, const char *utf8)
{
	text_add(out, "\"", 1);
	for (const char *at = utf8; *at != '\0'; at++) {
		if (*at == '"' || *at == '\\') {
			text_add(out, "\\", 1);
			text_add(out, at, 1);
		} else if ((unsigned char)*at < 0x20) {
			text_print(out, "\\u%04x", (unsigned)*at);
		} else {
			text_add(out, at, 1);
		}
	}
	text_add(out, "\"", 1);
}

static void add_member(struct text *out, const char *name, const char *utf8)
{
	text_print(out, "\"%s\":", name);
	add_string(out, utf8);
}

static void add_distribution(struct text *out, const struct order *order)
{
	text_add_text(out, "\"distribution_method\":{");
	if (order->distribution == DISTRIBUTION_EMAIL) {
		text_add_text(out, "\"type\":\"EMAIL\",");
		add_member(out, "email_address", order->email != NULL ? order->email : "");
	} else {
		text_add_text(out, "\"type\":\"PAYOUT_LINK\"");
	}
	text_add_text(out, "}");
}

/* The item's first half: paid from the balance of its own currency. */
static void begin_item(struct text *out, struct arena *mem, struct money face_value)
{
	text_begin(out, mem, 0);
	text_add_text(out, "{\"payment_method\":{\"type\":\"ACCOUNT_BALANCE\",");
	add_member(out, "currency", face_value.currency);
	text_print(out, "},\"items\":[{\"face_value\":%s,", money_text_short(mem, face_value));
}

static void end_item(struct text *out, const char *product_code)
{
	text_add_text(out, "\"products\":{\"type\":\"SINGLE\",");
	add_member(out, "value", product_code);
	text_add_text(out, "}}]");
}

char *runa_order_body(struct arena *mem, const struct order *order, const char *reference)
{
	struct text out;

	begin_item(&out, mem, order->face_value);
	add_distribution(&out, order);
	text_add_text(&out, ",");
	end_item(&out, order->product_code);
	text_add_text(&out, ",");
	add_member(&out, "description", runa_description(mem, order->description, reference));
	text_add_text(&out, ",\"metadata\":{");
	add_member(&out, "desk_order", reference);
	text_add_text(&out, "}}");
	return out.bytes;
}

/* ---- the description ---- */

/* Ours is cut where both don't fit; the reference never is: an order is found again by it. */
char *runa_description(struct arena *mem, const char *description, const char *reference)
{
	char *ours = text_trim(mem, description != NULL ? description : "");
	size_t taken = strlen(reference) + sizeof JOINT - 1, room, keep;

	room = taken < DESCRIPTION ? DESCRIPTION - taken : 0;
	if (ours[0] == '\0' || room < sizeof CUT)
		return arena_text(mem, reference);
	if (strlen(ours) <= room)
		return arena_print(mem, "%s%s%s", ours, JOINT, reference);
	keep = room - (sizeof CUT - 1);
	while (keep > 0 && ((unsigned char)ours[keep] & 0xc0) == 0x80) /* not within a character */
		keep--;
	return arena_print(mem, "%.*s%s%s%s", (int)keep, ours, CUT, JOINT, reference);
}

bool runa_description_has(const char *description, const char *reference)
{
	size_t length, wanted;

	if (description == NULL || reference == NULL || reference[0] == '\0')
		return false;
	length = strlen(description);
	wanted = strlen(reference);
	while (length > 0 && strchr(" \t\r\n", description[length - 1]) != NULL)
		length--;
	if (length < wanted || memcmp(description + length - wanted, reference, wanted) != 0)
		return false;
	return length == wanted || description[length - wanted - 1] == ' '; /* a whole word */
}

/* ---- headers and paths ---- */

char *runa_order_headers(struct arena *mem, const char *key, const char *api_version)
{
	/* The mode is always said: without it an order is asynchronous (runa-api 3). */
	return arena_print(mem,
	                   "Content-Type: application/json\n"
	                   "X-Api-Version: %s\n"
	                   "X-Idempotency-Key: %s\n"
	                   "X-Execution-Mode: sync\n",
	                   api_version, key);
}

/* What a stranger named, as part of an address: all but RFC 3986's unreserved is encoded. */
static void add_encoded(struct text *out, const char *bytes)
{
	static const char unreserved[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

	for (const char *at = bytes; *at != '\0'; at++) {
		if (strchr(unreserved, *at) != NULL)
			text_add(out, at, 1);
		else
			text_print(out, "%%%02X", (unsigned)(unsigned char)*at);
	}
}

static struct runa_request request_get(struct arena *mem, const char *path, const char *after,
                                       const char *api_version, size_t max_answer_bytes)
{
	struct text out;

	text_begin(&out, mem, 0);
	text_add_text(&out, path);
	if (after != NULL)
		add_encoded(&out, after);
	return (struct runa_request){ "GET", out.bytes, arena_print(mem, "X-Api-Version: %s\n", api_version),
	                              NULL, 0, max_answer_bytes };
}

struct runa_request runa_request_order(const char *headers, const char *body, size_t body_bytes)
{
	return (struct runa_request){ "POST", "/order", headers, body, body_bytes, SIZE_ANSWER_BYTES };
}

struct runa_request runa_request_poll(struct arena *mem, const char *runa_order_id, const char *api_version)
{
	return request_get(mem, "/order/", runa_order_id, api_version, SIZE_ANSWER_BYTES);
}

struct runa_request runa_request_orders(struct arena *mem, const char *after, const char *api_version)
{
	return request_get(mem, after != NULL ? "/order?limit=500&after=" : "/order?limit=500", after, api_version,
	                   SIZE_ANSWER_BYTES);
}

struct runa_request runa_request_products(struct arena *mem, const char *after, const char *api_version)
{
	/* 'false' asks for all products, not for those that cannot be ordered (runa-api 12.1). */
	return request_get(mem, after != NULL ? "/product?is_orderable=false&limit=500&after="
	                                      : "/product?is_orderable=false&limit=500",
	                   after, api_version, SIZE_CATALOGUE_PAGE_BYTES);
}

struct runa_request runa_request_balances(struct arena *mem, const char *api_version)
{
	return request_get(mem, "/balance", NULL, api_version, SIZE_ANSWER_BYTES);
}

struct runa_request runa_request_estimate(struct arena *mem, const char *product_code, struct money face_value,
                                          const char *api_version)
{
	struct text body;

	begin_item(&body, mem, face_value);
	end_item(&body, product_code);
	text_add_text(&body, "}");
	return (struct runa_request){ "POST", "/order/estimate",
	                              arena_print(mem, "Content-Type: application/json\nX-Api-Version: %s\n", api_version),
	                              body.bytes, body.count, SIZE_ANSWER_BYTES };
}

struct runa_request runa_request_ping(struct arena *mem, const char *api_version)
{
	return request_get(mem, "/ping", NULL, api_version, SIZE_ANSWER_BYTES);
}
