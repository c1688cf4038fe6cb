/* running.c: opens keys, ledger, desk and line. Must not know who asks: serve, cgi and the other commands. */
#include "commands/running.h"

#include <errno.h>
#include <sys/stat.h>

static bool is_there(const char *path)
{
	struct stat about;

	return lstat(path, &about) == 0 || errno != ENOENT;
}

/* A new key beside an old ledger would lock away the links that are in it: then the old key is asked for.
 * Both missing is a first start. (faults 25) */
static bool read_link_key(struct running *running, struct problem *why)
{
	const struct config *config = running->config;
	bool is_first_start = !is_there(config->ledger_path);

	if (is_first_start || is_there(config->key_file))
		return seal_key_read(config->key_file, is_first_start, &running->link_key, why);
	problem_set(why, "the key file %s is missing, and the ledger %s is there: put the key back from the backup. "
	            "If no payout link was ever sealed with it, make a new one: 32 random bytes, mode 0600",
	            config->key_file, config->ledger_path);
	return false;
}

bool running_open_ledger(struct running *running, struct config *config, bool is_inline, bool has_key,
                         struct problem *why)
{
	struct ledger_options options = config_ledger_options(config);

	*running = (struct running){ .config = config_keep(config) };
	options.is_inline = is_inline;
	options.may_migrate = has_key;
	if (!has_key && !is_there(options.path)) {
		problem_set(why, "there is no ledger %s", options.path);
		return false;
	}
	if (has_key && !read_link_key(running, why))
		return false;
	if (has_key)
		options.seal_key_id = running->link_key.id;
	running->ledger = ledger_open(&options, why);
	return running->ledger != NULL;
}

void running_open_desk(struct running *running, int most_waiting)
{
	const struct desk_options options = {
		.ledger = running->ledger,
		.clock = &clock_of_machine,
		.chance = &chance_of_machine,
		.link_key = &running->link_key,
		.rules = config_desk_rules(running->config),
		.most_waiting = most_waiting,
	};

	running->desk = desk_open(&options);
}

bool running_open_line(struct running *running, struct problem *why)
{
	const struct runa_client_options options = config_runa_options(running->config);

	running->line = runa_client_open(&options, why);
	return running->line != NULL;
}

void running_close(struct running *running)
{
	if (running->line != NULL)
		running->line->close(running->line);
	if (running->desk != NULL)
		desk_close(running->desk);
	if (running->ledger != NULL)
		ledger_close(running->ledger);
	seal_key_forget(&running->link_key);
	config_drop(running->config);
	*running = (struct running){ .config = NULL };
}
