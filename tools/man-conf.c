/* man-conf.c: prints payoutdesk.conf(5) from the table that the program itself reads (config_table.c), so that page
 * and program cannot differ. A build-time program: it is not installed. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "config.h"

#ifndef MAN_DATE
#define MAN_DATE "November 24, 2026"
#endif

static const struct { const char *name, *title, *words; } sections[] = {
	{ "server", "How people and the web server reach the desk", NULL },
	{ "runa", "The way to Runa", NULL },
	{ "ledger", "Where orders are kept", NULL },
	{ "identity", "Who is asking",
	  "The web server says who it is, in parameters that a client cannot set.\nNo user, no page." },
	{ "roles", "Who may do what", "Each is a list of grants; a role without one is nobody's." },
	{ "limits", "What may be spent",
	  "A currency stands behind the dot, and its amount is written with that\ncurrency's decimals." },
	{ "embed", "For use in other sites", NULL },
};

/* ---- roff ------------------------------------------------------------------------------------ */

enum { LINE_MOST = 79 };

/* Running text, as mdoc(7) asks: each sentence on a new line, and no line longer than 80. */
static void print_text(const char *text)
{
	size_t column = 0;

	for (const char *at = text; *at != '\0';) {
		size_t bytes = strcspn(at, " ");
		bool is_sentence = at - text > 2 && at[-2] == '.' && at[-3] != ' ';

		if (column > 0 && (is_sentence || column + 1 + bytes > LINE_MOST))
			(void)putchar('\n'), column = 0;
		else if (column > 0)
			(void)putchar(' '), column++;
		if (column == 0 && (*at == '.' || *at == '\''))
			(void)fputs("\\&", stdout);
		column += bytes;
		for (; bytes > 0; bytes--, at++)
			(void)fputs(*at == '\\' ? "\\e" : (char[2]){ *at, '\0' }, stdout);
		at += strspn(at, " ");
	}
}

static void print_line(const char *text)
{
	print_text(text);
	(void)putchar('\n');
}

/* ---- one key --------------------------------------------------------------------------------- */

static const char *shown_name(struct arena *mem, const struct config_key *key, const char *name)
{
	return text_ends(key->name, ".") ? arena_print(mem, "%sCUR", name) : name;
}

static void print_default(const struct config_key *key)
{
	if (key->flags & CONFIG_REQUIRED)
		(void)puts(".br\nRequired.");
	else if (*key->fallback != '\0')
		(void)printf(".br\nDefault:\n.Ql %s\n", key->fallback);
}

/* What is checked together with other keys. */
static void print_rules_of(struct arena *mem, const struct config_key *key)
{
	for (const struct config_rule *rule = config_rules; rule->section != NULL; rule++)
		if (strcmp(rule->section, key->section) == 0 && strcmp(rule->name, key->name) == 0)
			print_line(arena_print(mem, "Looked at beside the other keys, it must be %s.", rule->allowed));
}

static void print_key(struct arena *mem, const struct config_key *key)
{
	(void)printf(".It Ic %s\n", shown_name(mem, key, key->name));
	print_line(key->help);
	if (key->flags & CONFIG_NOT_BUILT) {
		(void)puts("This version does not offer it: leave it out.");
		return;
	}
	(void)puts(".br");
	print_line(arena_print(mem, "Allowed: %s.", config_allowed(mem, key)));
	print_rules_of(mem, key);
	print_default(key);
	if (key->flags & CONFIG_RESTART)
		(void)puts(".br\nA change needs a restart: a reload keeps the old value.");
	(void)printf(".br\nVariable:\n.Ev %s\n", shown_name(mem, key, config_variable(mem, key)));
}

static void print_section(struct arena *mem, size_t which)
{
	(void)printf(".Ss [%s]\\&\n%s.\n", sections[which].name, sections[which].title);
	if (sections[which].words != NULL)
		(void)puts(sections[which].words);
	(void)puts(".Bl -tag -width Ds");
	for (const struct config_key *key = config_keys; key->section != NULL; key++)
		if (strcmp(key->section, sections[which].name) == 0)
			print_key(mem, key);
	(void)puts(".El");
}

/* ---- the page -------------------------------------------------------------------------------- */

static const char head[] =
	".\\\" Made by tools/man-conf from src/config_table.c: change it there.\n"
	".Dd " MAN_DATE "\n"
	".Dt PAYOUTDESK.CONF 5\n"
	".Os\n"
	".Sh NAME\n"
	".Nm payoutdesk.conf\n"
	".Nd settings of the order desk\n"
	".Sh SYNOPSIS\n"
	".Nm " CONFIG_DEFAULT_FILE "\n"
	".Sh DESCRIPTION\n"
	"The settings of\n"
	".Xr payoutdesk 8\n"
	"are one INI file: sections in square brackets, then one\n"
	".Ql key = value\n"
	"a line.\n"
	"A line that begins with\n"
	".Ql #\n"
	"is a comment.\n"
	"A setting must begin at the left edge, and each key may come once.\n"
	"Nothing wrong is passed over: a key that does not exist, a value that is\n"
	"not allowed, or a key that comes twice keeps the desk from starting, and the\n"
	"message names file, line, key and what is allowed there.\n"
	".Pp\n"
	".Ic payoutdesk check-config\n"
	"reads the settings, changes nothing, contacts nobody, and says what is left\n"
	"to do.\n"
	".Pp\n"
	"Secrets stand in files of their own, never here.\n"
	".Pp\n"
	"The signal\n"
	".Dv SIGHUP\n"
	"reads the file and the templates again.\n"
	"All of the new settings are taken or none; the log says which, and names\n"
	"those that need a restart.\n"
	".Sh SETTINGS\n";

static const char tail[] =
	".Sh ENVIRONMENT\n"
	"Each setting can also come from the variable that is named with it.\n"
	"A variable wins over the file.\n"
	"One that is empty sets the key to nothing.\n"
	"A variable that begins like one of ours and fits no key is an error.\n"
	".Bl -tag -width Ds\n"
	".It Ev PAYOUTDESK_CONFIG\n"
	"The file to read, where\n"
	".Fl -config\n"
	"is not given.\n"
	".El\n"
	".Sh FILES\n"
	".Bl -tag -width Ds\n"
	".It Pa " CONFIG_DEFAULT_FILE "\n"
	"Read where no other file is named.\n"
	"It may be absent when all settings come from variables.\n"
	".El\n"
	".Sh EXAMPLES\n"
	"The least that a desk for the playground needs:\n"
	".Bd -literal -offset indent\n"
	"[runa]\n"
	"base_url = https://playground.runa.io/v2\n"
	"api_key_file = /etc/payoutdesk/api-key\n"
	"\n"
	"[roles]\n"
	"orderer = group:rewards\n"
	"approver = user:alice, user:bob\n"
	".Ed\n"
	".Sh SEE ALSO\n"
	".Xr payoutdesk-sandbox 1 ,\n"
	".Xr payoutdesk 8\n";

/* A section of the table that has no words here would be left out in silence. */
static bool is_known(const char *section)
{
	for (size_t i = 0; i < COUNT_OF(sections); i++)
		if (strcmp(sections[i].name, section) == 0)
			return true;
	return false;
}

int main(void)
{
	struct arena *mem = arena_open();
	bool is_whole = true;

	(void)fputs(head, stdout);
	for (size_t i = 0; i < COUNT_OF(sections); i++)
		print_section(mem, i);
	(void)fputs(tail, stdout);
	for (const struct config_key *key = config_keys; key->section != NULL; key++)
		is_whole = is_whole && is_known(key->section);
	if (!is_whole)
		(void)fputs("man-conf: a section of config_table.c has no row here\n", stderr);
	arena_close(mem);
	return is_whole && fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
}
