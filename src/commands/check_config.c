/* check_config.c: `payoutdesk check-config`: what is wrong with the settings and with what they name, and
 * what a person still has to do, in that order. Changes nothing and contacts nobody. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "commands/running.h"
#include "web/template.h"

/* One thing to look at. False: *todo says what a person has to do. */
struct check {
	bool (*is_fine)(const struct config *config, struct problem *todo);
	bool is_needed; /* without it the portal doesn't start */
};

static bool has_mode(const char *path, mode_t wanted)
{
	struct stat about;

	return stat(path, &about) == 0 && (about.st_mode & S_IFMT) == wanted;
}

static bool api_key_is_there(const struct config *config, struct problem *todo)
{
	struct stat about;

	if (stat(config->api_key_file, &about) != 0)
		problem_set(todo, "[runa] api_key_file: put the API key into the file that is named there (%s)",
		            strerror(errno));
	else if (!S_ISREG(about.st_mode) || about.st_size == 0)
		problem_set(todo, "[runa] api_key_file: the file holds no API key; put it in");
	else if (access(config->api_key_file, R_OK) != 0)
		problem_set(todo, "[runa] api_key_file: let this user read the file (%s)", strerror(errno));
	else
		return true;
	return false;
}

static bool api_key_is_private(const struct config *config, struct problem *todo)
{
	struct stat about;

	if (stat(config->api_key_file, &about) != 0 || (about.st_mode & S_IRWXO) == 0)
		return true;
	problem_set(todo, "[runa] api_key_file: every user of this machine may use the file; take that away: "
	            "chmod o= FILE");
	return false;
}

static bool templates_are_whole(const struct config *config, struct problem *todo)
{
	struct problem why = { "" };
	struct templates *templates = templates_open(config->template_dir, &why);

	if (templates == NULL) {
		problem_set(todo, "[server] template_dir: %s", why.text);
		return false;
	}
	templates_close(templates);
	return true;
}

static bool static_is_there(const struct config *config, struct problem *todo)
{
	if (has_mode(config->static_dir, S_IFDIR))
		return true;
	problem_set(todo, "[server] static_dir: there is no folder %s", config->static_dir);
	return false;
}

static bool ledger_has_place(const struct config *config, struct problem *todo)
{
	char folder[FILE_PATH_SIZE];

	if (!file_folder_of(config->ledger_path, folder))
		problem_set(todo, "[ledger] url: the path is too long");
	else if (!has_mode(folder, S_IFDIR))
		problem_set(todo, "[ledger] url: make the folder %s, owned by the user the portal runs as", folder);
	else if (access(folder, W_OK | X_OK) != 0)
		problem_set(todo, "[ledger] url: let this user write in the folder %s (%s)", folder, strerror(errno));
	else
		return true;
	return false;
}

static bool ledger_has_key(const struct config *config, struct problem *todo)
{
	if (access(config->ledger_path, F_OK) != 0 || access(config->key_file, F_OK) == 0)
		return true;
	problem_set(todo, "[ledger] key_file: the ledger is there and its key is not: put the key file back from "
	            "the backup");
	return false;
}

static bool ledger_is_here(const struct config *config, struct problem *todo)
{
	if (!ledger_is_on_network(config->ledger_path))
		return true;
	problem_set(todo, "[ledger] url: move the ledger to a disk of this machine: on a network file system orders "
	            "may be lost");
	return false;
}

static bool socket_has_place(const struct config *config, struct problem *todo)
{
	char folder[FILE_PATH_SIZE];

	if (!text_begins(config->listen, "unix:"))
		return true;
	if (file_folder_of(config->listen + strlen("unix:"), folder) && has_mode(folder, S_IFDIR))
		return true;
	problem_set(todo, "[server] listen: there is no folder for %s", config->listen);
	return false;
}

/* Who reaches the socket says who it is: identity comes over it. */
static bool socket_is_local(const struct config *config, struct problem *todo)
{
	static const char *const local[] = { "unix:", "127.", "localhost:", "[::1]:" };

	if (*config->listen == '\0')
		return true;
	for (size_t i = 0; i < COUNT_OF(local); i++)
		if (text_begins(config->listen, local[i]))
			return true;
	problem_set(todo, "[server] listen: make sure that only the web server reaches %s: whoever does may claim "
	            "to be anybody", config->listen);
	return false;
}

/* Without it the Host header says where our own forms come from, and whoever points a name at us chooses that. */
static bool own_name_is_known(const struct config *config, struct problem *todo)
{
	if (*config->public_url != '\0')
		return true;
	problem_set(todo, "[server] public_url: say how people reach the desk, like https://desk.example.org; so far each "
	            "request's own Host is believed, so the web server has to refuse other names");
	return false;
}

static bool somebody_may_order(const struct config *config, struct problem *todo)
{
	if (config->orderer.count > 0)
		return true;
	problem_set(todo, "[roles] orderer: name who may order; so far nobody may");
	return false;
}

static bool somebody_may_approve(const struct config *config, struct problem *todo)
{
	if (config->approver.count > 0)
		return true;
	problem_set(todo, "[roles] approver: name who decides about orders that need attention; so far nobody may");
	return false;
}

static bool spending_is_limited(const struct config *config, struct problem *todo)
{
	if (runa_environment_of(config->base_url) != RUNA_LIVE || config->limit_count > 0)
		return true;
	problem_set(todo, "[limits]: real money is spent here without a limit; set order_max.CUR, user_day_max.CUR "
	            "or month_max.CUR");
	return false;
}

static const struct check checks[] = {
	{ api_key_is_there, true },
	{ templates_are_whole, true },
	{ ledger_has_place, true },
	{ ledger_has_key, true },
	{ socket_has_place, true },
	{ static_is_there, false },
	{ api_key_is_private, false },
	{ ledger_is_here, false },
	{ socket_is_local, false },
	{ own_name_is_known, false },
	{ somebody_may_order, false },
	{ somebody_may_approve, false },
	{ spending_is_limited, false },
};

/* True: nothing that is needed is missing. */
static bool look(const struct config *config)
{
	int number = 0;
	bool may_start = true;

	for (size_t i = 0; i < COUNT_OF(checks); i++) {
		struct problem todo = { "" };

		if (checks[i].is_fine(config, &todo))
			continue;
		may_start = may_start && !checks[i].is_needed;
		(void)printf("%d. %s%s\n", ++number, checks[i].is_needed ? "" : "(it starts without) ", todo.text);
	}
	if (number == 0)
		(void)printf("nothing is left to do\n");
	return may_start;
}

enum command_result command_check_config(const struct command_line *line)
{
	struct config *config = command_read_config(line);
	bool may_start;

	if (config == NULL)
		return COMMAND_WRONG;
	(void)printf("%s: every setting is allowed\n", *config->file != '\0' ? config->file : "environment");
	may_start = look(config);
	config_drop(config);
	return may_start ? COMMAND_DONE : COMMAND_WRONG;
}
