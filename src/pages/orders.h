/* orders.h: the list of orders: what was asked for, read from the query. */
#ifndef PAGES_ORDERS_H
#define PAGES_ORDERS_H

#include "desk/order.h"
#include "pages/pages.h"

/* "MS-NUMBER": the last order of a page, where the next page goes on. */
MUST_USE char *orders_cursor_text(struct arena *mem, int64_t placed_at_ms, const char *number);
/* False: not one of ours; outputs untouched. */
MUST_USE bool orders_cursor_read(const char *text, int64_t *placed_at_ms, char number[ID_NUMBER_SIZE]);
/* "2026-11-23" as the first moment of that day in UTC. */
MUST_USE bool orders_day_read(const char *text, int64_t *wall_ms);
/* Reads the filters of contract.md; absent and empty ones are no filter. The name of the first that cannot be
 * read, or NULL. */
MUST_USE const char *orders_filter_read(const struct web_request *req, struct ledger_filter *out);
/* How many orders of a list may be looked at for a page where an index of its own doesn't lead to those that fit. */
enum { ORDERS_LOOKS_A_PAGE = 20000 };
/* One row a placed order, in the section ORDER_ROW of any page or part of it. */
void orders_show_rows(struct values *values, struct arena *mem, const struct order *orders, size_t count);
/* Lines of orders.csv: the columns' names, and one order. */
void orders_csv_names(struct text *out);
void orders_csv_line(struct text *out, const struct order *order);

#endif
