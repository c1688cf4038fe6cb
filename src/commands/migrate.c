/* migrate.c: `payoutdesk migrate`: makes the ledger, or brings an older one up to date. */
#include "commands/running.h"

#include <stdio.h>

enum command_result command_migrate(const struct command_line *line)
{
	struct config *config = command_read_config(line);
	struct running running = { .config = NULL };
	struct problem why = { "" };
	bool ok;

	if (config == NULL)
		return COMMAND_WRONG;
	ok = running_open_ledger(&running, config, true, true, &why);
	if (ok)
		(void)printf("%s is up to date\n", config->ledger_path);
	else
		command_say(&why);
	running_close(&running);
	config_drop(config);
	return ok ? COMMAND_DONE : COMMAND_FAILED;
}
