/* commands.c: the table of commands, and what all of them begin with. */
#include "commands/commands.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

const struct command commands[] = {
	{ "serve", NULL, "answers requests and drives orders, until told to end (default)", command_serve },
	{ "check-config", NULL, "says what is wrong, and what is left to do", command_check_config },
	{ "migrate", NULL, "makes the ledger, or brings an older one up to date", command_migrate },
	{ "dispatch", NULL, "drives what is due, then ends: for plain CGI and timers", command_dispatch },
	{ "backup", "FILE", "copies the ledger while it is in use; FILE must not exist", command_backup },
	{ "verify-audit", NULL, "checks the chain of the audit, and that all sums add up", command_verify_audit },
	{ NULL, NULL, NULL, NULL },
};

const struct command *command_find(const char *name)
{
	for (const struct command *command = commands; command->name != NULL; command++)
		if (strcmp(command->name, name) == 0)
			return command;
	return NULL;
}

struct config *command_read_config(const struct command_line *line)
{
	struct config_problems problems;
	struct config *config = config_read(line->config_file, environ, &problems);

	for (size_t i = 0; i < problems.count && i < CONFIG_PROBLEMS_MOST; i++)
		command_say(&problems.lines[i]);
	if (problems.count > CONFIG_PROBLEMS_MOST)
		(void)fprintf(stderr, "... and %zu more\n", problems.count - CONFIG_PROBLEMS_MOST);
	return config;
}

void command_say(const struct problem *why)
{
	(void)fprintf(stderr, "payoutdesk: %s\n", why->text);
}
