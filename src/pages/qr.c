/* qr.c: a text as a QR code. libqrencode finds the modules; here they become runs of one path, a row at a time. Must
 * not know what the text is for; prints no tags. */
#include "pages/qr.h"

#include <qrencode.h>

#include "base/text.h"

static bool is_black(const QRcode *code, int x, int y)
{
	return code->data[y * code->width + x] & 1; /* the lowest bit is the colour, the others say what a module is for */
}

/* "M4 4h7v1h-7z": a run of seven black modules. */
static void draw_row(struct text *path, const QRcode *code, int y)
{
	for (int x = 0; x < code->width; x++) {
		int from = x;

		while (x < code->width && is_black(code, x, y))
			x++;
		if (x > from)
			text_print(path, "M%d %dh%dv1h-%dz", from + QR_QUIET, y + QR_QUIET, x - from, x - from);
	}
}

bool qr_draw(struct arena *mem, const char *text, struct qr *out)
{
	/* level M: a screen needs no more, and a print may be creased */
	QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
	bool fits = code && code->version <= QR_MOST_VERSION;
	struct text path;

	if (fits) {
		text_begin(&path, mem, 0);
		for (int y = 0; y < code->width; y++)
			draw_row(&path, code, y);
		*out = (struct qr){ .side = code->width + 2 * QR_QUIET, .path = path.bytes };
	}
	QRcode_free(code);
	return fits;
}
