/* verify_audit.c: `payoutdesk verify-audit`: has anybody changed who did what, and do all sums add up? */
#include "commands/running.h"

#include <stdio.h>

enum command_result command_verify_audit(const struct command_line *line)
{
	struct config *config = command_read_config(line);
	struct running running = { .config = NULL };
	struct problem why = { "" };
	int64_t lines = 0;
	bool ok;

	if (config == NULL)
		return COMMAND_WRONG;
	ok = running_open_ledger(&running, config, true, false, &why) &&
	     ledger_verify_audit(running.ledger, &lines, &why) && ledger_verify_budget(running.ledger, &why);
	if (ok)
		(void)printf("%lld audit lines follow on each other, and reserved and spent money equals the orders\n",
		             (long long)lines);
	else
		command_say(&why);
	running_close(&running);
	config_drop(config);
	return ok ? COMMAND_DONE : COMMAND_FAILED;
}
