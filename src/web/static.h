/* static.h: the files below /static/. Each has two addresses: its plain one ("desk.css": from the folder, asked for
 * again each time; the web server's own error pages use it), and one with a hash of its content
 * ("desk.3f9a1c2b.css"), which pages name and browsers keep for good, because other content has another name. */
#ifndef WEB_STATIC_H
#define WEB_STATIC_H

#include "web/page.h"

/* The files of a folder as they were when it was read: a page and the style that it names are always of one time,
 * also while an update writes new ones. Immutable, so any thread may read it. */
struct static_files;

/* Reads the folder; never NULL. What cannot be read is left out, with a line in the log: pages work without. */
MUST_USE struct static_files *static_files_open(const char *directory);
void static_files_close(struct static_files *files); /* NULL is allowed */

/* The names for templates: DESK_CSS is "desk.3f9a1c2b.css". NULL files: no names. They live as long as `files`. */
void static_files_show(const struct static_files *files, struct values *values);

/* "/static/NAME": a name with a hash from site->static_files, a plain one out of site->static_dir.
 * WEB_NOT_FOUND: no such file, or another hash than its content has. */
MUST_USE enum web_status static_answer(struct web_request *req, struct web_page *page);

#endif
