/* messages_in.c: orders, lists of orders, and errors, as Runa says them (runa-api 6.6, 9, 16). What is
 * there is read, what isn't is left out and named; what follows from it is meaning.c's. */
#include "runa/messages.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/sizes.h"
#include "base/text.h"
#include "runa/json.h"

enum { WORD = 64, CURSOR = 1024, DESCRIPTION_BYTES = 2048 };

/* ---- parts ---- */

/* It becomes part of a path when asked for, hence no dot in front. */
static const char *read_id(struct arena *mem, struct json_object *order)
{
	char *id = runa_json_word(mem, runa_json_member(order, "id"), SIZE_RUNA_ID);

	return id != NULL && id[0] != '.' ? id : NULL;
}

static bool is_port(const char *text)
{
	return *text != '\0' && strspn(text, "0123456789") == strlen(text);
}

/* https, a plain host, no user part, printable ASCII without blanks: nothing else is ever shown as a
 * link (runa-api 14: any host may be Runa's). Read as a word, so bytes above 0x7e are gone already. */
static bool is_link(struct arena *mem, const char *text)
{
	static const char scheme[] = "https://";
	const char *host = text + sizeof scheme - 1, *end;

	if (strncasecmp(text, scheme, sizeof scheme - 1) != 0 || !isalnum((unsigned char)*host))
		return false;
	for (end = host; isalnum((unsigned char)*end) || *end == '.' || *end == '-'; end++)
		;
	if (*end == ':') {
		size_t length = strcspn(end + 1, "/?#");

		if (!is_port(arena_copy(mem, end + 1, length)))
			return false;
		end += 1 + length;
	}
	return *end == '\0' || *end == '/' || *end == '?' || *end == '#';
}

static const char *read_link(struct arena *mem, struct json_object *payout)
{
	const char *link = runa_json_word(mem, runa_json_member(payout, "url"), SIZE_LINK);

	return link != NULL && is_link(mem, link) ? link : NULL;
}

static int64_t read_time(struct arena *mem, struct json_object *value)
{
	const char *text = runa_json_word(mem, value, WORD);
	int64_t wall_ms;

	return text != NULL && clock_parse(text, &wall_ms) ? wall_ms : 0;
}

static const char *read_currency(struct arena *mem, struct json_object *object)
{
	const char *currency = runa_json_word(mem, runa_json_member(object, "currency"), CURRENCY_SIZE - 1);

	return currency != NULL && money_is_currency(currency) ? currency : "";
}

/* An amount that was charged or given is never below zero. */
static void read_amount(struct arena *mem, struct json_object *object, const char *name, const char *currency,
                        struct money *out)
{
	if (runa_json_money(mem, runa_json_member(object, name), currency, out) && out->minor < 0)
		*out = (struct money){ 0, "" };
}

static void note(struct runa_order *order, bool is_strange, const char *what)
{
	if (is_strange && order->strange == NULL)
		order->strange = what;
}

/* ---- an order ---- */

/* With one item, which is all we ever order. Its currency was not always said (runa-api 6.6). */
static void read_item(struct arena *mem, struct json_object *item, const char *order_currency,
                      struct runa_order *out)
{
	struct json_object *payout = runa_json_object(item, "payout");
	struct json_object *products = runa_json_object(item, "products");
	const char *kind = runa_json_word(mem, runa_json_member(products, "type"), WORD);
	const char *currency = order_currency;

	if (runa_json_member(item, "currency") != NULL)
		currency = read_currency(mem, item);
	read_amount(mem, item, "face_value", currency, &out->item_face_value);
	if (text_is_same(kind, "SINGLE"))
		out->item_product = runa_json_word(mem, runa_json_member(products, "value"), SIZE_PRODUCT_CODE);
	out->payout_status = runa_json_word(mem, runa_json_member(payout, "status"), WORD);
	out->payout_expiry = runa_json_word(mem, runa_json_member(payout, "expiry_date"), WORD);
	out->link = read_link(mem, payout);
	note(out, out->link == NULL && runa_json_member(payout, "url") != NULL, "a payout link that isn't https");
}

/* What a completed order must have (runa-api 6.6); a partial one has none of it (runa-api 9.1). */
static void note_what_misses(struct runa_order *out)
{
	note(out, out->item_count == 0, "no items");
	note(out, out->item_count > 1, "more than one item");
	note(out, out->price.currency[0] == '\0', "no readable price");
	note(out, out->discount.currency[0] == '\0', "no readable discount");
	note(out, out->item_face_value.currency[0] == '\0', "no readable face value");
	note(out, out->payout_status == NULL, "no payout status");
	note(out, out->link == NULL, "no payout link");
	note(out, out->description == NULL, "no description");
}

static void read_order(struct arena *mem, struct json_object *root, struct runa_order *out)
{
	struct json_object *items = runa_json_array(root, "items");
	struct json_object *description = runa_json_member(root, "description");
	const char *currency = read_currency(mem, root);

	out->id = read_id(mem, root);
	out->status = runa_json_word(mem, runa_json_member(root, "status"), WORD);
	out->description = runa_json_text(mem, description, DESCRIPTION_BYTES);
	out->completed_at_ms = read_time(mem, runa_json_member(root, "completed_at"));
	read_amount(mem, root, "total_price", currency, &out->price);
	read_amount(mem, root, "total_discount", currency, &out->discount);
	out->item_count = (int)runa_json_count(items);
	if (out->item_count == 1)
		read_item(mem, runa_json_item(items, 0), currency, out);
	note(out, out->id == NULL, "no readable id");
	note(out, out->status == NULL, "no readable status");
	/* What is there and cannot be read must not pass for 'none': it may be another order's. */
	if (description != NULL && out->description == NULL) {
		out->description = "";
		note(out, true, "an unreadable description");
	}
	if (text_is_same(out->status, "COMPLETED"))
		note_what_misses(out);
}

bool runa_read_order(struct arena *mem, const char *body, size_t bytes, struct runa_order *out)
{
	struct runa_json json;
	bool is_object;

	*out = (struct runa_order){ .id = NULL };
	if (!runa_json_open(body, bytes, &json))
		return false;
	is_object = runa_json_is_object(json.root);
	if (is_object)
		read_order(mem, json.root, out);
	/* Nothing in it can be believed then; by the id it can be asked for again. */
	if (json.has_twins)
		*out = (struct runa_order){ .id = out->id, .strange = "a field that comes twice" };
	runa_json_close(&json);
	return is_object;
}

/* ---- an estimate ---- */

static bool is_same_money(struct money a, struct money b)
{
	return a.minor == b.minor && strcmp(a.currency, b.currency) == 0;
}

/* What isn't said is no sign either way, as the currencies of an item and of its payment. */
static bool says_currency(struct arena *mem, struct json_object *object, const char *currency)
{
	return runa_json_member(object, "currency") == NULL || strcmp(read_currency(mem, object), currency) == 0;
}

static bool is_about(struct arena *mem, struct json_object *root, const char *product_code, struct money face_value)
{
	struct json_object *items = runa_json_array(root, "items"), *item = runa_json_item(items, 0);
	struct runa_order said = { .id = NULL };

	if (runa_json_count(items) != 1)
		return false;
	read_item(mem, item, face_value.currency, &said);
	return text_is_same(said.item_product, product_code) && is_same_money(said.item_face_value, face_value) &&
	       says_currency(mem, runa_json_object(root, "payment_method"), face_value.currency) &&
	       strcmp(read_currency(mem, root), face_value.currency) == 0;
}

bool runa_read_estimate(struct arena *mem, const char *body, size_t bytes, const char *product_code,
                        struct money face_value, struct runa_estimate *out)
{
	struct runa_json json;
	bool ok;

	*out = (struct runa_estimate){ .price = { 0, "" } };
	if (!runa_json_open(body, bytes, &json))
		return false;
	ok = !json.has_twins && is_about(mem, json.root, product_code, face_value);
	if (ok) {
		read_amount(mem, json.root, "total_price", face_value.currency, &out->price);
		read_amount(mem, json.root, "total_discount", face_value.currency, &out->discount);
	}
	runa_json_close(&json);
	return out->price.currency[0] != '\0' && out->discount.currency[0] != '\0';
}

/* ---- an error ---- */

bool runa_read_error(struct arena *mem, const char *body, size_t bytes, struct runa_error *out)
{
	struct runa_json json;
	bool is_object;

	*out = (struct runa_error){ NULL, NULL };
	if (!runa_json_open(body, bytes, &json))
		return false;
	is_object = runa_json_is_object(json.root);
	if (is_object && !json.has_twins) { /* with two types, which of them to believe? */
		out->type = runa_json_word(mem, runa_json_member(json.root, "type"), SIZE_RUNA_TYPE);
		out->message = runa_json_prose(mem, runa_json_member(json.root, "message"), SIZE_RUNA_MESSAGE);
	}
	runa_json_close(&json);
	return is_object;
}

/* ---- a page of orders ---- */

/* False: the entry might be ours and could not be told, so the page must not count as read. A text that
 * is empty, or longer than any of ours, is read as "": somebody else's. */
static bool read_entry(struct arena *mem, struct json_object *entry, struct runa_order_entry *out)
{
	struct json_object *description = runa_json_member(entry, "description");

	if (!runa_json_is_object(entry))
		return false;
	out->id = read_id(mem, entry);
	out->status = runa_json_word(mem, runa_json_member(entry, "status"), WORD);
	out->description = runa_json_text(mem, description, DESCRIPTION_BYTES);
	if (description != NULL && out->description == NULL)
		out->description = "";
	return out->id != NULL && (description == NULL || runa_json_is_string(description));
}

static const char *read_next(struct arena *mem, struct json_object *root)
{
	struct json_object *cursors = runa_json_object(runa_json_object(root, "pagination"), "cursors");

	return runa_json_text(mem, runa_json_member(cursors, "after"), CURSOR);
}

bool runa_read_orders(struct arena *mem, const char *body, size_t bytes, struct runa_order_entry **out,
                      size_t *count, const char **next)
{
	struct runa_json json;
	struct json_object *items;
	bool ok;

	*out = NULL;
	*count = 0;
	*next = NULL;
	if (!runa_json_open(body, bytes, &json))
		return false;
	items = runa_json_array(json.root, "items");
	ok = items != NULL && !json.has_twins;
	*count = ok ? runa_json_count(items) : 0;
	*out = arena_array(mem, *count + 1, sizeof **out);
	for (size_t i = 0; ok && i < *count; i++)
		ok = read_entry(mem, runa_json_item(items, i), &(*out)[i]);
	if (ok && *count > 0) /* a cursor beside an empty page is not to be used (runa-api 23 no. 26) */
		*next = read_next(mem, json.root);
	if (!ok)
		*count = 0;
	runa_json_close(&json);
	return ok;
}
