/* sqlite_products.c: which products a person has ordered lately. Knows no catalogue: a product may be gone since. */
#include "ledger/sqlite.h"

enum { ORDERS_LOOKED_AT = 200 }; /* the same work however many there are */

static const char PRODUCTS_OF[] =
	"SELECT product_code, count(*) AS orders, max(placed_at_ms) AS last_ms FROM"
	" (SELECT product_code, placed_at_ms FROM orders INDEXED BY orders_by WHERE placed_by = :user"
	" ORDER BY placed_at_ms DESC, number DESC LIMIT :most)"
	" GROUP BY product_code ORDER BY orders DESC, last_ms DESC, product_code";

/* The latest comes first: whoever orders a second one wants it most likely. */
static void latest_first(struct ledger_product_use *uses, size_t count)
{
	size_t latest = 0;
	struct ledger_product_use first;

	for (size_t i = 1; i < count; i++)
		if (uses[i].last_at_ms > uses[latest].last_at_ms) latest = i;
	if (latest == 0) return;
	first = uses[latest];
	for (size_t i = latest; i > 0; i--)
		uses[i] = uses[i - 1];
	uses[0] = first;
}

enum ledger_result ledger_products_of(struct ledger *ledger, struct arena *mem, const char *user,
                                      struct ledger_product_use **out, size_t *count)
{
	struct connection *on = reader_hold(ledger);
	struct sql sql;

	*out = arena_array(mem, ORDERS_LOOKED_AT, sizeof **out);
	*count = 0;
	if (!on) return LEDGER_FULL;
	sql = sql_begin(on, PRODUCTS_OF);
	sql_bind_text(&sql, ":user", user);
	sql_bind_number(&sql, ":most", ORDERS_LOOKED_AT);
	while (*count < ORDERS_LOOKED_AT && sql_row(&sql))
		(*out)[(*count)++] = (struct ledger_product_use){ .code = sql_text(&sql, 0, mem),
		                                                 .orders = sql_number(&sql, 1),
		                                                 .last_at_ms = sql_number(&sql, 2) };
	sql_end(&sql);
	latest_first(*out, *count);
	return reader_drop(ledger, on);
}
