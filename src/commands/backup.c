/* backup.c: `payoutdesk backup FILE`: a consistent copy of the ledger while others write. */
#include "commands/running.h"

#include <stdio.h>

enum command_result command_backup(const struct command_line *line)
{
	struct config *config = command_read_config(line);
	struct running running = { .config = NULL };
	struct problem why = { "" };
	bool ok;

	if (config == NULL)
		return COMMAND_WRONG;
	ok = running_open_ledger(&running, config, true, false, &why) &&
	     ledger_backup(running.ledger, line->argument, &why);
	if (ok)
		(void)printf("%s holds a copy. Keep %s with it: without that key no payout link opens.\n",
		             line->argument, config->key_file);
	else
		command_say(&why);
	running_close(&running);
	config_drop(config);
	return ok ? COMMAND_DONE : COMMAND_FAILED;
}
