/* sqlite_days.c: what each day brought: orders counted as they are placed (schema 0004), money as the budgets have it.
 * Knows no plots. */
#include "ledger/sqlite.h"

static const char DAYS[] =
	"SELECT days.day, days.currency, days.orders, budgets.reserved_minor, budgets.spent_minor"
	" FROM days LEFT JOIN budgets ON budgets.person = '' AND budgets.currency = days.currency"
	" AND budgets.day = days.day"
	" WHERE days.day >= :from AND days.day <= :to ORDER BY days.day, days.currency";

enum ledger_result ledger_days(struct ledger *ledger, struct arena *mem, int64_t from_day, int64_t to_day,
                               struct ledger_day **out, size_t *count)
{
	struct rows rows = { .mem = mem, .bytes = sizeof **out };
	struct connection *on = reader_hold(ledger);
	struct sql sql;

	if (!on) return LEDGER_FULL;
	sql = sql_begin(on, DAYS);
	sql_bind_number(&sql, ":from", from_day);
	sql_bind_number(&sql, ":to", to_day);
	while (sql_row(&sql)) {
		struct ledger_day *day = rows_add(&rows);

		day->day = sql_number(&sql, 0);
		sql_text_into(&sql, 1, day->currency, sizeof day->currency);
		day->orders = sql_number(&sql, 2);
		day->reserved_minor = sql_number(&sql, 3);
		day->spent_minor = sql_number(&sql, 4);
	}
	sql_end(&sql);
	*out = rows.of;
	*count = rows.count;
	return reader_drop(ledger, on);
}
