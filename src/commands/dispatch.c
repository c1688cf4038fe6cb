/* dispatch.c: `payoutdesk dispatch`: drives what is due, then ends. For plain CGI hosts, from a timer. */
#include "commands/drive.h"

#include "base/log.h"

static const struct drive_options ALL = {
	.most_ms = 10 * MS_A_MINUTE, .grace_ms = 10 * MS_A_SECOND, .fetches_catalogue = true, .looks_at_payouts = true,
};

static enum command_result drive(struct running *running)
{
	struct desk_health health;
	enum drive_end end = drive_due(running, &ALL);

	drive_blank_recipients(running);
	if (end == DRIVE_LEFT)
		log_line(LOG_NOTE, "dispatch_left", "orders are still due: the next run goes on");
	if (end != DRIVE_STOPPED)
		return COMMAND_DONE;
	desk_health(running->desk, &health);
	log_line(LOG_BROKEN, "dispatch_stopped", "ledger=%s reason=%s", health.ledger_is_sound ? "sound" : "broken",
	         health.is_stopped ? health.stop_reason : "-");
	return COMMAND_FAILED;
}

enum command_result command_dispatch(const struct command_line *line)
{
	enum command_result result = COMMAND_FAILED;
	struct config *config = command_read_config(line);
	struct running running = { .config = NULL };
	struct problem why = { "" };

	if (config == NULL)
		return COMMAND_WRONG;
	drive_mind_signals();
	if (!running_open_ledger(&running, config, true, true, &why)) {
		command_say(&why);
	} else if (!running_open_line(&running, &why)) {
		command_say(&why);
		result = COMMAND_WRONG;
	} else {
		running_open_desk(&running, 0);
		result = drive(&running);
	}
	running_close(&running);
	config_drop(config);
	return result;
}
