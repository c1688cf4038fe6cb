/* meaning.c: what an answer means (design 3; runa-api 8.3, 9.1, 16.2). It looks at the transport, the
 * status and the `type`, and at what an order's own fields say; never at a message's words. What
 * follows from a meaning is decided in desk/attempt, and earlier tries are not known here. */
#include "runa/meaning.h"

#include <string.h>

#include "base/text.h"

/* ---- errors ---- */

enum { ANY = 0 };

/* First match wins; none is MEANING_UNKNOWN: an order may have come of it. A row without a type fits
 * any body. The last column: the refusal comes from the ordering service itself (runa-api 8.3). */
static const struct {
	int status;
	const char *type;
	enum meaning meaning;
	bool is_stored_type;
} answers[] = {
	{ 429, NULL, MEANING_SLOW_DOWN, false },                          /* its body has no type at all */
	{ ANY, "idempotency_in_progress", MEANING_BUSY, false },          /* documented as 102 and as 400 */
	{ 400, "idempotency_validation_error", MEANING_MISMATCH, false }, /* other bytes under one key: our fault */

	/* the desk is set up wrong: said in front of the ordering service */
	{ 401, NULL, MEANING_SETUP, false },
	{ 403, "forbidden", MEANING_SETUP, false },
	{ 410, NULL, MEANING_SETUP, false },
	{ 400, "invalid_version", MEANING_SETUP, false },
	{ 400, "invalid_execution_mode", MEANING_SETUP, false },
	{ 400, "insecure_protocol", MEANING_SETUP, false },

	/* final: kept with the key, nothing was bought by this try */
	{ 400, "insufficient_funds", MEANING_REFUSED, true },
	{ 400, "product_validation_error", MEANING_REFUSED, true },
	{ 400, "currency_mismatch", MEANING_REFUSED, true },
	{ 422, "validation_error", MEANING_REFUSED, true },
	{ 400, "bad_request", MEANING_REFUSED, false },
	{ 400, "payment_method_unavailable", MEANING_REFUSED, false },
	{ 400, "invalid_card_id", MEANING_REFUSED, false },
	{ 400, "currency_not_supported", MEANING_REFUSED, false },
	{ 400, "pagination_error", MEANING_REFUSED, false },
	{ 403, "ordering_restricted", MEANING_REFUSED, false }, /* a limit at Runa */
	{ 404, "not_found", MEANING_REFUSED, false },
	{ 404, "not-found", MEANING_REFUSED, false },           /* one example of Runa's spells it so */
};

static enum meaning meaning_of_error(int status, const char *type, bool *is_stored_type)
{
	*is_stored_type = false;
	for (size_t i = 0; i < COUNT_OF(answers); i++) {
		if (answers[i].status != ANY && answers[i].status != status)
			continue;
		if (answers[i].type != NULL && !text_is_same(answers[i].type, type))
			continue;
		*is_stored_type = answers[i].is_stored_type;
		return answers[i].meaning;
	}
	return MEANING_UNKNOWN;
}

/* Of an answer that is not a 2xx, or whose body is no order. */
static void read_error(struct arena *mem, const struct runa_answer *answer, struct runa_read *out)
{
	if (!runa_read_error(mem, answer->body, answer->body_bytes, &out->error))
		out->strange = "an answer that is not JSON";
	out->meaning = meaning_of_error(answer->status, out->error.type, &out->is_stored_type);
}

/* ---- orders ---- */

static bool is_other_money(struct money said, struct money expected)
{
	return said.currency[0] != '\0' &&
	       (said.minor != expected.minor || strcmp(said.currency, expected.currency) != 0);
}

/* Why it is somebody else's order; NULL: nothing speaks against its being ours. What isn't said, or
 * could not be read, is no sign either way. */
static const char *why_foreign(const struct runa_order *order, const struct runa_expected *expected)
{
	if (order->description != NULL && order->description[0] != '\0' &&
	    !runa_description_has(order->description, expected->reference))
		return "an order whose description isn't ours";
	if (order->item_count > 1)
		return "an order of more than one item";
	if (expected->product_code == NULL)
		return NULL;
	if (order->item_product != NULL && strcmp(order->item_product, expected->product_code) != 0)
		return "an order for another product";
	if (is_other_money(order->item_face_value, expected->face_value))
		return "an order of another face value";
	return NULL;
}

/* Why COMPLETED cannot be taken at its word yet. Such an order is asked for again by its id, and ends
 * with a person where that doesn't help. The description is our own proof on top: an answer to our
 * key that lacks it is asked for once more, and the same order read by its id needs it no longer. */
static const char *why_incomplete(const struct runa_order *order, const struct runa_expected *expected)
{
	if (expected->product_code == NULL)
		return "a completed order that cannot be compared with ours now";
	if (order->item_count != 1)
		return "a completed order without its item";
	if (order->item_face_value.currency[0] == '\0')
		return "a completed order without a readable face value";
	if (order->price.currency[0] == '\0')
		return "a completed order without a readable price";
	if (strcmp(order->price.currency, expected->face_value.currency) != 0)
		return "a completed order paid in another currency";
	if (order->payout_status == NULL)
		return "a completed order without a payout status";
	if (order->link == NULL)
		return "a completed order without an https payout link";
	if (order->description == NULL ? expected->runa_order_id == NULL : order->description[0] == '\0')
		return "a completed order without our description";
	return NULL;
}

/* `order` has an id. */
static void judge_order(const struct runa_expected *expected, struct runa_read *out)
{
	const struct runa_order *order = &out->order;
	const char *foreign = why_foreign(order, expected), *incomplete;

	out->strange = order->strange;
	out->meaning = MEANING_ACCEPTED; /* PROCESSING, and words that we don't know (runa-api 22) */
	if (foreign != NULL) {
		out->strange = foreign;
		out->meaning = MEANING_FOREIGN;
	} else if (text_is_same(order->status, "FAILED")) {
		out->meaning = MEANING_FAILED;
	} else if (text_is_same(order->status, "COMPLETED")) {
		incomplete = why_incomplete(order, expected);
		if (incomplete != NULL)
			out->strange = incomplete;
		else
			out->meaning = MEANING_COMPLETED;
	} else if (!text_is_same(order->status, "PROCESSING") && out->strange == NULL) {
		out->strange = "an order of unknown status";
	}
}

/* ---- what each endpoint's answer means ---- */

static const enum meaning unanswered[] = {
	[RUNA_NOT_SENT] = MEANING_NOT_SENT,
	[RUNA_NOT_TRUSTED] = MEANING_NOT_SENT, /* the dispatcher looks at the transport itself */
	[RUNA_INTERIM] = MEANING_BUSY,
	[RUNA_LOST] = MEANING_UNKNOWN,
};

static bool is_success(int status)
{
	return status >= 200 && status <= 299;
}

void runa_meaning_of_order(struct arena *mem, const struct runa_answer *answer,
                           const struct runa_expected *expected, struct runa_read *out)
{
	*out = (struct runa_read){ .meaning = MEANING_UNKNOWN };
	if (answer->transport != RUNA_ANSWERED) {
		out->meaning = unanswered[answer->transport];
		return;
	}
	if (!is_success(answer->status)) {
		read_error(mem, answer, out);
		return;
	}
	if (runa_read_order(mem, answer->body, answer->body_bytes, &out->order) && out->order.id != NULL) {
		judge_order(expected, out);
		return;
	}
	read_error(mem, answer, out); /* in progress may come with any status */
	if (out->strange == NULL && out->meaning == MEANING_UNKNOWN)
		out->strange = "a success without a readable id";
}

/* What says nothing about an order that Runa has already accepted, when it was only asked for. */
static enum meaning meaning_of_asking(enum meaning meaning)
{
	return meaning == MEANING_SETUP || meaning == MEANING_SLOW_DOWN ? meaning : MEANING_NO_NEWS;
}

void runa_meaning_of_poll(struct arena *mem, const struct runa_answer *answer,
                          const struct runa_expected *expected, struct runa_read *out)
{
	*out = (struct runa_read){ .meaning = MEANING_NO_NEWS };
	if (answer->transport != RUNA_ANSWERED)
		return;
	if (!is_success(answer->status)) {
		read_error(mem, answer, out);
		out->meaning = meaning_of_asking(out->meaning);
		return;
	}
	if (!runa_read_order(mem, answer->body, answer->body_bytes, &out->order))
		out->strange = "an answer that is not JSON";
	else if (!text_is_same(out->order.id, expected->runa_order_id))
		out->strange = "another order than the one asked for";
	else
		judge_order(expected, out);
}

enum meaning runa_meaning_of_read(struct arena *mem, const struct runa_answer *answer)
{
	struct runa_read read = { .meaning = MEANING_NO_NEWS };

	if (answer->transport != RUNA_ANSWERED)
		return MEANING_NO_NEWS;
	if (answer->status == 200)
		return MEANING_COMPLETED;
	if (is_success(answer->status))
		return MEANING_NO_NEWS;
	read_error(mem, answer, &read);
	return meaning_of_asking(read.meaning);
}

enum meaning runa_meaning_of_estimate(struct arena *mem, const struct runa_answer *answer, const char *product_code,
                                      struct money face_value, struct runa_estimate *out, struct runa_error *why)
{
	struct runa_read read = { .meaning = MEANING_NO_NEWS };

	*why = (struct runa_error){ NULL, NULL };
	if (answer->transport != RUNA_ANSWERED)
		return MEANING_NO_NEWS;
	if (answer->status == 200)
		return runa_read_estimate(mem, answer->body, answer->body_bytes, product_code, face_value, out)
		               ? MEANING_COMPLETED
		               : MEANING_NO_NEWS;
	if (is_success(answer->status))
		return MEANING_NO_NEWS;
	if (answer->status == 404) /* the playground has no such endpoint (runa-api 20) */
		return MEANING_ABSENT;
	read_error(mem, answer, &read);
	*why = read.error;
	return read.meaning == MEANING_REFUSED ? MEANING_REFUSED : meaning_of_asking(read.meaning);
}
