/* orders_csv.c: GET /orders.csv: the filtered list as a table for other programs (RFC 4180), made while it is sent, so
 * that a million orders cost no more memory than a page of them. Never has a payout link: those are cash. The recipient
 * stands in it because the order's page shows it to the same people. */
#include <string.h>

#include "base/text.h"
#include "pages/orders.h"

enum { ROWS_A_PIECE = 200 };

/* ---- a line ---------------------------------------------------------------------------------------- */

/* A cell that begins like a formula gets an apostrophe before it, so that a spreadsheet shows it and doesn't run it.
 * So does what follows a separator of any country's spreadsheets inside a value: one that separates by semicolons takes
 * our quotes for letters, and begins a cell there. */
static void add_cell(struct text *out, const char *value)
{
	bool is_quoted = value[strcspn(value, "\",;\t\r\n")] != '\0';
	bool begins = true;

	if (is_quoted)
		text_add(out, "\"", 1);
	if (*value && strchr("\t\r\n", *value))
		text_add(out, "'", 1);
	for (; *value; value++) {
		if (begins && strchr("=+-@", *value))
			text_add(out, "'", 1);
		begins = strchr(",;\t\r\n", *value) || (begins && *value == ' ');
		if (*value == '"')
			text_add(out, "\"", 1);
		text_add(out, value, 1);
	}
	if (is_quoted)
		text_add(out, "\"", 1);
}

static const char *time_of(struct arena *mem, int64_t wall_ms)
{
	return wall_ms ? clock_rfc3339(mem, wall_ms) : "";
}

static const char *amount_of(struct arena *mem, struct money amount)
{
	return *amount.currency ? money_text(mem, amount) : "";
}

/* Name and value of each column; `order` and `mem` are the caller's. */
#define COLUMNS(X)                                                      \
	X("id", order->number)                                          \
	X("status", order_status_name(order->status))                   \
	X("money_moved", order_money_moved_name(order->money_moved))    \
	X("product", order->product_code)                               \
	X("product_name", order->product_name)                          \
	X("face_value", amount_of(mem, order->face_value))              \
	X("currency", order->face_value.currency)                       \
	X("distribution", order_distribution_name(order->distribution)) \
	X("email", order->email)                                        \
	X("description", order->description)                            \
	X("price", amount_of(mem, order->price))                        \
	X("price_currency", order->price.currency)                      \
	X("discount", amount_of(mem, order->discount))                  \
	X("discount_currency", order->discount.currency)                \
	X("runa_order_id", order->runa_order_id)                        \
	X("payout_status", order->payout_status)                        \
	X("expiry_date", order->payout_expiry)                          \
	X("error_type", order->error_type)                              \
	X("error_message", order->error_message)                        \
	X("placed_by", order->placed_by)                                \
	X("placed_by_name", order->placed_by_name)                      \
	X("placed_at", time_of(mem, order->placed_at_ms))               \
	X("completed_at", time_of(mem, order->completed_at_ms))

static void add_line(struct text *out, const char *const *cells, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			text_add(out, ",", 1);
		add_cell(out, cells[i] ? cells[i] : "");
	}
	text_add(out, "\r\n", 2);
}

void orders_csv_names(struct text *out)
{
#define NAME(name, value) name,
	static const char *const names[] = { COLUMNS(NAME) };

	add_line(out, names, COUNT_OF(names));
}

void orders_csv_line(struct text *out, const struct order *order)
{
#define VALUE(name, value) value,
	struct arena *mem = out->mem;
	const char *const values[] = { COLUMNS(VALUE) };

	add_line(out, values, COUNT_OF(values));
}

/* ---- the whole list -------------------------------------------------------------------------------- */

struct csv {
	struct desk *desk;
	struct ledger_filter filter; /* of what is still to come */
	bool has_names;
};

/* Goes on behind this order. */
static void go_on(struct ledger_filter *filter, int64_t placed_at_ms, const char *number)
{
	filter->before_ms = placed_at_ms;
	memcpy(filter->before_number, number, ID_NUMBER_SIZE);
	filter->until_ms = 0;
}

/* The next orders that fit, of which there may be none among those looked at. */
static enum web_piece next_piece(void *maker, struct text *piece)
{
	struct csv *csv = maker;
	struct ledger_filter *filter = &csv->filter;
	enum ledger_result looked = order_look(csv->desk, filter, ORDERS_LOOKS_A_PAGE);
	struct order *orders;
	size_t count;

	if ((looked != LEDGER_OK && looked != LEDGER_NONE) ||
	    order_list(csv->desk, piece->mem, filter, ROWS_A_PIECE, &orders, &count) != LEDGER_OK)
		return WEB_PIECE_BROKEN;
	if (!csv->has_names)
		orders_csv_names(piece);
	csv->has_names = true;
	for (size_t i = 0; i < count; i++)
		orders_csv_line(piece, &orders[i]);
	if (count < ROWS_A_PIECE && looked == LEDGER_NONE)
		return WEB_PIECE_LAST;
	if (count < ROWS_A_PIECE)
		go_on(filter, filter->until_ms, filter->until_number);
	else
		go_on(filter, orders[count - 1].placed_at_ms, orders[count - 1].number);
	return WEB_PIECE_MORE;
}

enum web_status page_orders_csv(struct web_request *req, struct web_page *page)
{
	struct csv *csv = ARENA_NEW(req->mem, struct csv);
	struct order *orders;
	size_t count;

	csv->desk = desk_of(req);
	if (orders_filter_read(req, &csv->filter))
		return web_fail(page, WEB_BAD_REQUEST, "bad_filter");
	/* what cannot be read now is said before the answer has begun; any order will do */
	if (order_list(csv->desk, req->mem, &(struct ledger_filter){ 0 }, 1, &orders, &count) != LEDGER_OK)
		return web_fail(page, WEB_UNAVAILABLE, "ledger_unreadable");
	return web_send_file(page, "text/csv; charset=utf-8; header=present",
	                     arena_print(req->mem, "orders-%.10s.csv", clock_rfc3339(req->mem, req->now_ms)), next_piece,
	                     csv);
}
