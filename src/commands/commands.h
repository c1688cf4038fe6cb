/* commands.h: what `payoutdesk COMMAND` can be: one row and one file each. A name whose work isn't built has
 * no row: it isn't offered. */
#ifndef COMMANDS_COMMANDS_H
#define COMMANDS_COMMANDS_H

#include "base/base.h"
#include "config.h"

/* Exit status of the program (contract). */
enum command_result {
	COMMAND_DONE = 0,
	COMMAND_FAILED = 1, /* the work failed */
	COMMAND_WRONG = 2,  /* wrong usage or configuration */
};

struct command_line {
	const char *config_file; /* NULL: the default one, which may be absent */
	const char *argument;    /* what stands behind the command; NULL: nothing */
};

struct command {
	const char *name;
	const char *argument; /* "FILE" where one is needed, else NULL */
	const char *help;
	enum command_result (*run)(const struct command_line *line);
};

extern const struct command commands[]; /* ends with a row whose name is NULL */
MUST_USE const struct command *command_find(const char *name);

enum command_result command_serve(const struct command_line *line);
enum command_result command_check_config(const struct command_line *line);
enum command_result command_migrate(const struct command_line *line);
enum command_result command_dispatch(const struct command_line *line);
enum command_result command_backup(const struct command_line *line);
enum command_result command_verify_audit(const struct command_line *line);
/* Not a name for people: answers the one request of a CGI process. */
enum command_result command_cgi(const struct command_line *line);

/* The configuration, or NULL after saying on standard error what is wrong with it. */
MUST_USE struct config *command_read_config(const struct command_line *line);
/* Says the sentence on standard error. */
void command_say(const struct problem *why);

#endif
