/* order.c: the words of an order, and when two wishes are the same. Must not know how an order is kept
 * or placed. */
#include "model/order.h"

#include "base/text.h"
#include "model/names.h"

static const char *const status_words[] = {
#define ORDER_STATUS_WORD(name, word) word,
	ORDER_STATUS_LIST(ORDER_STATUS_WORD)
#undef ORDER_STATUS_WORD
};

/* As contract.md has them in forms and answers. */
static const char *const distribution_words[] = {
	[DISTRIBUTION_LINK] = "PAYOUT_LINK",
	[DISTRIBUTION_EMAIL] = "EMAIL",
};

static const char *const money_moved_words[] = {
	[MONEY_MOVED_NO] = "no",
	[MONEY_MOVED_YES] = "yes",
	[MONEY_MOVED_UNKNOWN] = "unknown",
};

static const bool opens[ORDER_STATUSES] = {
	[ORDER_AWAITING_APPROVAL] = true,
	[ORDER_PLACING] = true,
	[ORDER_NEEDS_ATTENTION] = true,
};

const char *order_status_name(enum order_status status)
{
	return status_words[status];
}

bool order_status_from_name(const char *name, enum order_status *out)
{
	int found = name_find(status_words, ORDER_STATUSES, name);

	if (found >= 0)
		*out = (enum order_status)found;
	return found >= 0;
}

const char *order_distribution_name(enum distribution distribution)
{
	return distribution_words[distribution];
}

bool order_distribution_from_name(const char *name, enum distribution *out)
{
	int found = name_find(distribution_words, COUNT_OF(distribution_words), name);

	if (found >= 0)
		*out = (enum distribution)found;
	return found >= 0;
}

const char *order_money_moved_name(enum money_moved moved)
{
	return money_moved_words[moved];
}

bool order_money_moved_from_name(const char *name, enum money_moved *out)
{
	int found = name_find(money_moved_words, COUNT_OF(money_moved_words), name);

	if (found >= 0)
		*out = (enum money_moved)found;
	return found >= 0;
}

bool order_is_open(enum order_status status)
{
	return opens[status];
}

bool order_same_content(const struct order *a, const struct order *b)
{
	return text_is_same(a->product_code, b->product_code) && a->face_value.minor == b->face_value.minor &&
	       text_is_same(a->face_value.currency, b->face_value.currency) &&
	       a->distribution == b->distribution && text_is_same(a->email, b->email) &&
	       text_is_same(a->description, b->description);
}
