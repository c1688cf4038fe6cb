/* template.cc: what templates see, and that nothing goes out unescaped. */
#include "unit/web/site.h"

static char *expand(struct stage *s, const char *file, struct values *values)
{
	struct problem why = { "" };
	size_t bytes;
	char *out = templates_expand(s->site.templates, file, values, s->mem, &bytes, &why);

	if (out)
		assert_int_equal(strlen(out), bytes);
	else
		assert_true(why.text[0]);
	return out;
}

static void reload(struct stage *s)
{
	struct problem why = { "" };

	templates_close(s->site.templates);
	s->site.templates = templates_open(s->dir, &why);
	if (!s->site.templates)
		fail_msg("%s", why.text);
}

static void an_included_template_and_its_rows_see_the_page_s_values(void **state)
{
	struct stage *s = *state;
	struct values *page = values_new(s->mem);

	site_write(s, "page.html", SITE_FIRST "[{{TITLE}}|{{#ROW}}{{X}}{{TITLE}}{{>PIECE}};{{/ROW}}]");
	site_write(s, "piece.html", SITE_FIRST "({{X}}{{T}}{{#SHOWN}}!{{/SHOWN}}{{>PIECE}}{{>BODY}})");
	reload(s);
	values_set(page, "TITLE", "first");
	values_set(page, "TITLE", "t");
	values_show(page, "SHOWN");
	(void)!values_include(page, "BODY", "page.html");
	values_set(values_include(page, "PIECE", "piece.html"), "T", "own");
	values_set(values_row(page, "ROW"), "X", "1");
	values_set(values_row(page, "ROW"), "X", "2");
	assert_non_null(strstr(expand(s, "layout.html", page), "[t|1t(own!);2t(own!);]"));
}

static void a_row_s_own_piece_sees_the_row(void **state)
{
	struct stage *s = *state;
	struct values *page = values_new(s->mem), *row;

	site_write(s, "page.html", SITE_FIRST "{{#ROW}}{{>PIECE}}{{/ROW}}{{#NONE}}none{{/NONE}}");
	site_write(s, "piece.html", SITE_FIRST "({{X}}{{N}})");
	reload(s);
	row = values_row(page, "ROW");
	values_number(row, "N", -42);
	values_set(row, "X", NULL);
	(void)!values_include(row, "PIECE", "piece.html");
	(void)!values_include(row, "PIECE", "piece.html");
	assert_string_equal(expand(s, "page.html", page), "(-42)(-42)");
}

static void values_are_escaped_for_where_they_stand(void **state)
{
	struct stage *s = *state;
	struct values *page = values_new(s->mem);
	char *out;

	site_write(s, "page.html", SITE_FIRST "<p>{{X}}</p><a href=\"{{X}}\">{{>PIECE}}</a>");
	site_write(s, "piece.html", SITE_FIRST "<b title=\"{{X}}\">{{X}}</b>");
	reload(s);
	values_set(page, "X", "javascript:alert(\"<1>\")");
	(void)!values_include(page, "PIECE", "piece.html");
	out = expand(s, "page.html", page);
	assert_null(strstr(out, "<1>"));
	assert_null(strstr(out, "href=\"javascript"));
	assert_null(strstr(out, "\"<"));
}

static void a_template_that_is_not_there_is_said_and_nothing_comes_out(void **state)
{
	struct stage *s = *state;
	struct values *page = values_new(s->mem);

	assert_null(expand(s, "gone.html", page));
	assert_null(expand(s, "../etc/passwd", page));
	(void)!values_include(page, "BODY", "gone.html");
	assert_null(expand(s, "layout.html", page));
}

static void fault_09_a_wrong_template_is_refused_with_its_file_and_line(void **state)
{
	static const struct { const char *content, *said; } rows[] = {
		{ "", "bad.html:1: a template begins with" },
		{ "<p>{{X}}", "bad.html:1: a template begins with" },
		{ "\n" SITE_FIRST, "bad.html:1: a template begins with" },
		{ SITE_FIRST "\n<p>\n{{#A}}\n{{/B}}", "bad.html:4: {{/B}} closes {{#A}}" },
		{ SITE_FIRST "\n{{/A}}", "bad.html:2: {{/A}} closes nothing" },
		{ SITE_FIRST "\n\n{{#A}}\n\n", "bad.html:3: {{#A}} is never closed" },
		{ SITE_FIRST "\n{{X", "bad.html:2: {{ has no }}" },
		{ SITE_FIRST "\n{{x y}}", "bad.html:2: {{x y}} is no marker" },
		{ SITE_FIRST "\n{{}}", "bad.html:2: {{}} is no marker" },
		{ SITE_FIRST "\n{{X:none}}", "bad.html:2: {{X:none}}: nothing goes out unescaped" },
		{ SITE_FIRST "\n{{!two\nlines}}\n{{x}}", "bad.html:4: {{x}} is no marker" },
		{ SITE_FIRST "\n<a href={{X}} {{Y}}=1><script {{Z}}>", "bad.html: " }, /* ctemplate's own words */
	};
	struct stage *s = *state;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct problem why = { "" };
		struct templates *templates;

		site_write(s, "bad.html", rows[i].content);
		templates = templates_open(s->dir, &why);
		if (templates || !strstr(why.text, rows[i].said))
			fail_msg("row %zu: %s", i, templates ? "was taken" : why.text);
	}
}

static void fault_09_templates_in_use_stay_when_the_files_go_wrong(void **state)
{
	struct stage *s = *state;
	struct values *page = values_new(s->mem);
	struct problem why;

	site_write(s, "page.html", "broken {{");
	assert_null(templates_open(s->dir, &why));
	values_set(page, "TITLE", "still");
	assert_string_equal(expand(s, "page.html", page), "<h1>still</h1><p></p>\n");
}

static void a_directory_without_templates_is_a_problem(void **state)
{
	struct problem why = { "" };

	(void)state;
	assert_null(templates_open("/nonexistent-templates", &why));
	assert_non_null(strstr(why.text, "/nonexistent-templates"));
}

static void a_thousand_rows_come_out_in_their_order(void **state)
{
	struct stage *s = *state;
	struct values *page = values_new(s->mem);
	struct text wanted;

	site_write(s, "page.html", SITE_FIRST "{{#ROW}}{{N}} {{/ROW}}");
	reload(s);
	text_begin(&wanted, s->mem, 0);
	for (int i = 0; i < 1000; i++) {
		values_number(values_row(page, "ROW"), "N", i);
		text_print(&wanted, "%d ", i);
	}
	assert_string_equal(expand(s, "page.html", page), wanted.bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WEB_TEST(an_included_template_and_its_rows_see_the_page_s_values),
		WEB_TEST(a_row_s_own_piece_sees_the_row),
		WEB_TEST(values_are_escaped_for_where_they_stand),
		WEB_TEST(a_template_that_is_not_there_is_said_and_nothing_comes_out),
		WEB_TEST(fault_09_a_wrong_template_is_refused_with_its_file_and_line),
		WEB_TEST(fault_09_templates_in_use_stay_when_the_files_go_wrong),
		WEB_TEST(a_directory_without_templates_is_a_problem),
		WEB_TEST(a_thousand_rows_come_out_in_their_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
