/* log.h: one line an event on standard error: level prefix (sd-daemon's <3>..<7>), event word, then
 * key=value. Never a secret, a payout link, a recipient or a form's text: values are numbers, names
 * of ours, or go through log_quoted and stand last. Any thread. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/base.h"

enum log_level { LOG_BROKEN = 3, LOG_WARN = 4, LOG_NOTE = 5, LOG_DETAIL = 7 };

/* Lines above `level` are dropped; LOG_NOTE at first. */
void log_set_level(enum log_level level);

/* log_line(LOG_NOTE, "order_placed", "order=%s product=%s", number, code): control characters in the
 * printed text, and those that turn the direction of writing, become '?', and a line is cut at 1 KiB. */
void log_line(enum log_level level, const char *event, const char *format, ...) FORMAT_LIKE(3, 4);

enum { LOG_QUOTED_SIZE = 132 };
/* A name that a stranger may have chosen: "alice" with its quotes, a quote within it as '?', cut. So no name looks
 * like another value of the line. In `out`, which is returned. */
const char *log_quoted(char out[LOG_QUOTED_SIZE], const char *name);

/* Says the line, then ends the process without running exit handlers. For broken assumptions of our
 * own and for no memory; never for bad input, a full disk or Runa's moods. */
_Noreturn void log_die(const char *event, const char *format, ...) FORMAT_LIKE(2, 3);

#endif
