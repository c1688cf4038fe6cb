/* show.h: amounts, times and the like as text, the same on every page. Pure. */
#ifndef PAGES_SHOW_H
#define PAGES_SHOW_H

#include "base/arena.h"
#include "model/money.h"
#include "model/product.h"
#include "web/template.h"

/* "1,000.00 GBP"; "" where the currency is not said. */
MUST_USE char *show_money(struct arena *mem, struct money amount);
/* "1,000.00": the same without the currency. */
MUST_USE char *show_amount(struct arena *mem, struct money amount);
/* "12,345" */
MUST_USE char *show_count(struct arena *mem, int64_t count);
/* "2026-11-23 09:00:00 UTC"; "" for 0, which stands for never. */
MUST_USE char *show_time(struct arena *mem, int64_t wall_ms);
/* NAME as people read it and NAME_ISO for <time datetime>; neither for 0. */
void show_time_in(struct values *values, struct arena *mem, const char *name, int64_t wall_ms);
/* How long something took so far: "12 s", "3 min", "5 h"; the same in desk.js, which counts on. */
MUST_USE char *show_span(struct arena *mem, int64_t ms);
/* A time as Runa wrote it: as show_time where it can be read, else as it is. */
MUST_USE const char *show_runa_time(struct arena *mem, const char *text);
/* "10.00, 25.00 or 50.00 GBP", "1.00 to 500.00 GBP", "from 1.00 GBP"; long lists are cut and say so. */
MUST_USE char *show_product_values(struct arena *mem, const struct product *product);
/* The bytes of `text` for a query value: all but unreserved characters as %XX. */
MUST_USE char *show_query(struct arena *mem, const char *text);

struct show_fill { const char *name, *value; };
/* `sentence` with each {name} replaced; an unknown {name} stays as it is. */
MUST_USE char *show_filled(struct arena *mem, const char *sentence, const struct show_fill *fills, size_t count);

#endif
