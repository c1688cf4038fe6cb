/* plot.c: numbers as bars: where each stands, in whole units of the drawing. Must not know what is counted; the lines
 * and the bars themselves are the template's. */
#include "pages/plot.h"

enum { PLOT_GAP = 3, PLOT_LEAST = 2 };

int64_t plot_top(int64_t number)
{
	int64_t unit = 1;

	for (;; unit *= 10) {
		if (number <= unit)
			return unit;
		if (unit > INT64_MAX / 10)
			return number;
		if (number <= 2 * unit)
			return 2 * unit;
		if (number <= 5 * unit)
			return 5 * unit;
	}
}

/* In two steps where one would overflow: a bar needs no more than its height's exactness. */
static int64_t height_of(int64_t number, int64_t top)
{
	enum { MOST = PLOT_FLOOR - PLOT_TOP };
	int64_t height = number <= INT64_MAX / MOST ? number * MOST / top : number / (top / MOST);

	return height > MOST ? MOST : number > 0 && height < PLOT_LEAST ? PLOT_LEAST : height;
}

void plot_show(struct values *values, struct arena *mem, const struct plot_bar *bars, size_t count)
{
	int64_t most = 0, top;
	int64_t step = count ? (PLOT_WIDTH - PLOT_LEFT) / (int64_t)count : 0;

	for (size_t i = 0; i < count; i++)
		if (bars[i].number > most)
			most = bars[i].number;
	top = plot_top(most);
	values_number(values, "TOP", top);
	if (top % 2 == 0) {
		struct values *half = values_row(values, "HALF_WAY");

		values_number(half, "HALF", top / 2);
		values_number(half, "HALF_Y", (PLOT_TOP + PLOT_FLOOR) / 2);
	}
	for (size_t i = 0; i < count; i++) {
		struct values *bar = values_row(values, "BAR");
		int64_t height = height_of(bars[i].number, top);

		values_number(bar, "X", PLOT_LEFT + (int64_t)i * step);
		values_number(bar, "Y", PLOT_FLOOR - height);
		values_number(bar, "W", step > PLOT_GAP + 1 ? step - PLOT_GAP : 1);
		values_number(bar, "H", height);
		values_set(bar, "LABEL", bars[i].label);
		values_set(bar, "NUMBER", arena_print(mem, "%lld", (long long)bars[i].number));
	}
}
