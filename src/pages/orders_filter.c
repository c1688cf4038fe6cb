/* orders_filter.c: the query of the list of orders. All of it comes from strangers: nothing is guessed. */
#include <string.h>

#include "base/sizes.h"
#include "base/text.h"
#include "pages/orders.h"

#define LAST_MS INT64_C(253402300799999) /* end of the year 9999: what RFC 3339 can say */

char *orders_cursor_text(struct arena *mem, int64_t placed_at_ms, const char *number)
{
	return arena_print(mem, "%lld-%s", (long long)placed_at_ms, number);
}

bool orders_cursor_read(const char *text, int64_t *placed_at_ms, char number[ID_NUMBER_SIZE])
{
	const char *dash = strchr(text, '-');
	char digits[20];
	size_t bytes = dash ? (size_t)(dash - text) : 0;
	int64_t ms;

	if (bytes == 0 || bytes >= sizeof digits || !ids_is_number(dash + 1))
		return false;
	memcpy(digits, text, bytes);
	digits[bytes] = '\0';
	if (!text_number(digits, LAST_MS, &ms) || ms == 0)
		return false;
	*placed_at_ms = ms;
	memcpy(number, dash + 1, ID_NUMBER_SIZE);
	return true;
}

bool orders_day_read(const char *text, int64_t *wall_ms)
{
	static const char shape[] = "dddd-dd-dd";
	char moment[] = "dddd-dd-ddT00:00:00Z";
	int64_t ms;

	if (strlen(text) != strlen(shape))
		return false;
	for (size_t i = 0; shape[i]; i++)
		if (shape[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != shape[i])
			return false;
	memcpy(moment, text, strlen(shape));
	if (!clock_parse(moment, &ms) || ms < 0)
		return false;
	*wall_ms = ms;
	return true;
}

static bool read_status(char *text, struct ledger_filter *out)
{
	out->has_status = order_status_from_name(text, &out->status);
	return out->has_status;
}

static bool read_product(char *text, struct ledger_filter *out)
{
	text_upper(text); /* as codes are */
	out->product = text;
	return strlen(text) <= SIZE_PRODUCT_CODE && text_is_printable(text);
}

/* 'gbp' can mean one thing only. */
static bool read_currency(char *text, struct ledger_filter *out)
{
	text_upper(text);
	out->currency = text;
	return money_is_currency(text);
}

static bool read_by(char *text, struct ledger_filter *out)
{
	out->by = text;
	return strlen(text) <= SIZE_USER && text_is_printable(text);
}

static bool read_from(char *text, struct ledger_filter *out)
{
	return orders_day_read(text, &out->from_ms);
}

/* The last day is meant whole. */
static bool read_to(char *text, struct ledger_filter *out)
{
	if (!orders_day_read(text, &out->to_ms))
		return false;
	out->to_ms += MS_A_DAY;
	return true;
}

static bool read_page(char *text, struct ledger_filter *out)
{
	return orders_cursor_read(text, &out->before_ms, out->before_number);
}

/* An order's number as people copy it, an address, or words: looked for as it is. */
static bool read_words(char *text, struct ledger_filter *out)
{
	out->find = text;
	return strlen(text) <= SIZE_DESCRIPTION_BYTES && text_is_printable(text);
}

static const struct {
	const char *name;
	bool (*read)(char *text, struct ledger_filter *out);
} filters[] = {
	{ "status", read_status },
	{ "product", read_product },
	{ "currency", read_currency },
	{ "by", read_by },
	{ "from", read_from },
	{ "to", read_to },
	{ "q", read_words },
	{ "page", read_page },
};

const char *orders_filter_read(const struct web_request *req, struct ledger_filter *out)
{
	*out = (struct ledger_filter){ .has_status = false };
	for (size_t i = 0; i < COUNT_OF(filters); i++) {
		char *text = pages_asked(req, filters[i].name);

		if (*text && !filters[i].read(text, out))
			return filters[i].name;
	}
	return NULL;
}
