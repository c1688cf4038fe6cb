/* qr.c: a QR code as one path. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <qrencode.h>

#include "pages/qr.h"

enum { SIDE_MOST = 256 };

/* The path painted: a byte for each module. Ends the test where the path has anything but runs of one row. */
static void paint(const struct qr *qr, unsigned char modules[SIDE_MOST][SIDE_MOST])
{
	const char *at = qr->path;

	memset(modules, 0, (size_t)SIDE_MOST * SIDE_MOST);
	while (*at) {
		int used = 0;
		char *end;
		long x, y, width;

		assert_int_equal(*at++, 'M');
		x = strtol(at, &end, 10);
		assert_int_equal(*end, ' ');
		y = strtol(end + 1, &end, 10);
		assert_int_equal(*end, 'h');
		width = strtol(end + 1, &end, 10);
		assert_int_equal(strncmp(end, "v1h-", 4), 0);
		assert_int_equal(strtol(end + 4, &end, 10), width);
		assert_int_equal(*end, 'z');
		at = end + 1;
		assert_true(x >= 0 && y >= 0 && width > 0 && x + width <= qr->side && y < qr->side);
		for (; used < width; used++)
			modules[y][x + used] = 1;
	}
}

static void each_module_is_where_the_code_has_it_within_a_quiet_zone(void **state)
{
	static const char *const texts[] = { "x", "https://spend.example/redeem?a=1&b=2",
		"https://spend.example/0123456789abcdef-0123456789abcdef-0123456789abcdef-0123456789abcdef-0123456789abcdef" };
	static unsigned char modules[SIDE_MOST][SIDE_MOST];
	struct arena *mem = arena_open();

	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		QRcode *code = QRcode_encodeString8bit(texts[i], 0, QR_ECLEVEL_M);
		struct qr qr;

		assert_true(qr_draw(mem, texts[i], &qr));
		assert_int_equal(qr.side, code->width + 8);
		paint(&qr, modules);
		for (int y = 0; y < qr.side; y++)
			for (int x = 0; x < qr.side; x++) {
				int in_x = x - 4, in_y = y - 4;
				bool is_in = in_x >= 0 && in_y >= 0 && in_x < code->width && in_y < code->width;

				assert_int_equal(modules[y][x], is_in ? code->data[in_y * code->width + in_x] & 1 : 0);
			}
		QRcode_free(code);
	}
	arena_close(mem);
}

static void a_text_that_is_too_long_has_no_code(void **state)
{
	struct arena *mem = arena_open();
	char text[4001];
	struct qr qr;

	(void)state;
	memset(text, 'a', sizeof text);
	text[997] = '\0';
	assert_true(qr_draw(mem, text, &qr));
	assert_int_equal(qr.side, 17 + 4 * QR_MOST_VERSION + 2 * QR_QUIET);
	text[997] = 'a';
	text[998] = '\0';
	assert_false(qr_draw(mem, text, &qr)); /* too fine to read */
	text[998] = 'a';
	text[4000] = '\0';
	assert_false(qr_draw(mem, text, &qr)); /* more than any code takes */
	arena_close(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_module_is_where_the_code_has_it_within_a_quiet_zone),
		cmocka_unit_test(a_text_that_is_too_long_has_no_code),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
