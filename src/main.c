/* main.c: the command line, and what holds for the whole process. Must not know what a command does. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/seal.h"
#include "commands/commands.h"
#include "web/server.h"

static void print_usage(FILE *out)
{
	(void)fprintf(out, "payoutdesk [--config FILE] [COMMAND]\n\n");
	for (const struct command *command = commands; command->name != NULL; command++)
		(void)fprintf(out, "  %-13s %-5s %s\n", command->name,
		              command->argument != NULL ? command->argument : "", command->help);
	(void)fprintf(out, "\n  --config FILE        settings; else $PAYOUTDESK_CONFIG, else\n"
	              "                       " CONFIG_DEFAULT_FILE "\n"
	              "  --version, --help    say so and end\n\n"
	              "Exit status: 0 done, 1 the work failed, 2 wrong usage or configuration.\n");
}

static enum command_result wrong_usage(const char *what, const char *word)
{
	(void)fprintf(stderr, "payoutdesk: %s%s%s\n\n", what, word != NULL ? ": " : "", word != NULL ? word : "");
	print_usage(stderr);
	return COMMAND_WRONG;
}

/* The process holds the API key and opened payout links: no core file, and no other process of this user may
 * look into it. PAYOUTDESK_ALLOW_CORE=1 is for those who debug it. */
static void guard_memory(void)
{
	const struct rlimit none = { 0, 0 };

	if (getenv("PAYOUTDESK_ALLOW_CORE") != NULL)
		return;
	if (prctl(PR_SET_DUMPABLE, 0) != 0 || setrlimit(RLIMIT_CORE, &none) != 0)
		log_line(LOG_WARN, "core_not_forbidden", "a crash could write secrets to disk");
}

/* A web server may put the words of a query without '=' on a CGI program's command line (RFC 3875, 4.4), so a
 * stranger writes them: then none is read. */
static bool line_is_from_stranger(void)
{
	const char *query = getenv("QUERY_STRING");

	return query != NULL && *query != '\0' && strchr(query, '=') == NULL;
}

enum { OPTION_CONFIG = 'c', OPTION_VERSION = 'V', OPTION_HELP = 'h' };

static const struct option options[] = {
	{ "config", required_argument, NULL, OPTION_CONFIG },
	{ "version", no_argument, NULL, OPTION_VERSION },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ NULL, 0, NULL, 0 },
};

/* True: go on with a command; false: *result is how the program ends. */
static bool read_options(int argc, char **argv, struct command_line *line, enum command_result *result)
{
	int option;

	*result = COMMAND_DONE;
	while ((option = getopt_long(argc, argv, "+c:Vh", options, NULL)) >= 0) {
		switch (option) {
		case OPTION_CONFIG:
			line->config_file = optarg;
			continue;
		case OPTION_VERSION:
			(void)printf("payoutdesk " PACKAGE_VERSION "\n");
			return false;
		case OPTION_HELP:
			print_usage(stdout);
			return false;
		default: /* getopt said which */
			*result = COMMAND_WRONG;
			print_usage(stderr);
			return false;
		}
	}
	return true;
}

static enum command_result run_command(int count, char **words, struct command_line *line)
{
	const struct command *command = command_find(count > 0 ? words[0] : "serve");
	int wanted;

	if (command == NULL)
		return wrong_usage("there is no such command", words[0]);
	wanted = command->argument != NULL ? 2 : 1;
	if (count > wanted)
		return wrong_usage("too many words", words[wanted]);
	if (command->argument != NULL && count < wanted)
		return wrong_usage("a word is missing behind", command->name);
	line->argument = command->argument != NULL ? words[1] : NULL;
	return command->run(line);
}

int main(int argc, char **argv)
{
	struct command_line line = { .config_file = getenv("PAYOUTDESK_CONFIG") };
	bool is_cgi = web_is_cgi();
	enum command_result result;

	(void)umask(S_IRWXG | S_IRWXO);
	guard_memory();
	if (line.config_file != NULL && *line.config_file == '\0')
		line.config_file = NULL;
	if (is_cgi && line_is_from_stranger())
		argc = 1;
	if (!read_options(argc, argv, &line, &result))
		return result;
	if (!seal_begin())
		log_die("no_sodium", "libsodium cannot work on this machine");
	/* A web server that starts us as CGI gives no command; any that is there would be a stranger's. */
	if (is_cgi)
		return command_cgi(&line);
	return run_command(argc - optind, argv + optind, &line);
}
