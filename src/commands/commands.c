/* commands.c: the table of commands, and what all of them begin with. */
#include "commands/commands.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
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

/* A first start: there is no file yet, and the environment does not stand for it. */
static bool has_begun_with_nothing(const char *file)
{
	return access(file, F_OK) != 0 && errno == ENOENT && getenv("PAYOUTDESK_RUNA_BASE_URL") == NULL;
}

static void say_how_to_begin(const char *file)
{
	(void)fprintf(stderr,
	              "payoutdesk: there is no configuration yet. Three lines are needed, in %s:\n\n"
	              "[runa]\n"
	              "base_url = https://playground.runa.io/v2\n"
	              "api_key_file = /etc/payoutdesk/api-key\n\n"
	              "and the API key in the file that the last one names. With these lines it talks to Runa's playground, "
	              "which costs nothing.\n"
	              "Then `payoutdesk check-config` says what else is left to do; each setting is in payoutdesk.conf(5).\n",
	              file);
}

struct config *command_read_config(const struct command_line *line)
{
	const char *file = line->config_file != NULL ? line->config_file : CONFIG_DEFAULT_FILE;
	struct config_problems problems;
	struct config *config = config_read(line->config_file, environ, &problems);

	if (config == NULL && has_begun_with_nothing(file)) {
		say_how_to_begin(file);
		return NULL;
	}
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
