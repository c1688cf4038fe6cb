/* plot.h: a bar for each number, as plain geometry that a template draws as SVG. Pure. */
#ifndef PAGES_PLOT_H
#define PAGES_PLOT_H

#include "web/template.h"

enum {
	PLOT_WIDTH = 360, PLOT_HEIGHT = 150, /* of the template's viewBox */
	PLOT_LEFT = 30, PLOT_TOP = 14, PLOT_FLOOR = 128, /* room for the scale's words, the top line and the zero line */
};

struct plot_bar {
	int64_t number;    /* 0 or more */
	const char *label; /* what the bar stands for: its title */
};

/* Adds to `values`: TOP (the scale's end, a round number), a row HALF_WAY (HALF, HALF_Y) where half of it is whole, and
 * a row BAR for each bar: X, Y, W, H, LABEL, NUMBER. A number above 0 is never drawn as nothing. */
void plot_show(struct values *values, struct arena *mem, const struct plot_bar *bars, size_t count);
/* The least of 1, 2, 5, 10, 20, 50 ... that is not below `number`. */
MUST_USE int64_t plot_top(int64_t number);

#endif
