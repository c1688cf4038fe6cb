/* qr.h: a text as a QR code: one path of an SVG drawing, whose unit is a module. Pure. */
#ifndef PAGES_QR_H
#define PAGES_QR_H

#include "base/arena.h"

enum {
	QR_QUIET = 4,         /* white modules on each side that readers need (ISO/IEC 18004, 9.1) */
	QR_MOST_VERSION = 25, /* 117 modules: more are too fine for a telephone before a screen */
};

struct qr {
	int side;         /* of the drawing, the quiet zone included */
	const char *path; /* the black modules; the rest is white */
};

/* The code of `text`, in `mem`. false: the text is longer than a code takes (997 bytes), or there is no memory. */
MUST_USE bool qr_draw(struct arena *mem, const char *text, struct qr *out);

#endif
