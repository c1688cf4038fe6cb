/* template.h: ctemplate behind a C face; template.cc is the only C++ file. No exception crosses, no
 * C++ type is named. Every template opens with {{%AUTOESCAPE context="HTML"}}; values are escaped
 * for where they stand. */
#ifndef WEB_TEMPLATE_H
#define WEB_TEMPLATE_H

#include "base/arena.h"
#include "base/base.h"
#include "base/problem.h"

/* All templates of a directory, parsed; immutable, so any thread may expand. Counted outside. */
struct templates;

/* Reads every *.html of `dir`. NULL: *why names the file (and line, where ctemplate says it), also
 * where the AUTOESCAPE line is missing. */
MUST_USE struct templates *templates_open(const char *dir, struct problem *why);
void templates_close(struct templates *templates);

/* What a page says, as names and values. Belongs to an arena: ends with it. Names are the markers of
 * the template, and not copied: constants. A later value takes an earlier one's place. Values are copied,
 * UTF-8, unescaped. */
struct values;

MUST_USE struct values *values_new(struct arena *mem);
void values_set(struct values *values, const char *name, const char *value); /* NULL value: "" */
void values_number(struct values *values, const char *name, int64_t value);
void values_show(struct values *values, const char *section);                /* show it once, no values of its own */
MUST_USE struct values *values_row(struct values *values, const char *section); /* one more row of a section */
MUST_USE struct values *values_include(struct values *values, const char *marker, const char *file); /* {{>MARKER}} */

/* Expands `file` ("order.html") into `mem`. NULL: no such template, or no memory: *why says it. */
MUST_USE char *templates_expand(struct templates *templates, const char *file, struct values *values,
                                struct arena *mem, size_t *bytes, struct problem *why);

#endif
