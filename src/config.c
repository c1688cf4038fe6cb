/* config.c: reads the settings: file first, then the environment, then the table's defaults; says what is
 * wrong and where. Must not know what a single key means (config_table.c, config_kinds.c). */
#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* inih cuts longer lines in two. Debian's build takes its limit from this variable; another build may lack
 * it, and then its own limit is the one that is named. */
extern int ini_max_line __attribute__((weak));
enum { CONFIG_LINE_MOST = 16 * 1024, CONFIG_SHOWN_MOST = 80 };

struct reader {
	struct config *config;
	struct config_problems *problems;
	const char *at, *end; /* what is left of the file */
	int line;             /* of the line inih is at */
	bool is_indented;
	struct config_setting **last;
	char *const *variables;
	const struct config *old; /* of a reload, or NULL */
	void (*needs_restart)(const struct config_key *key);
};

/* ---- saying what is wrong -------------------------------------------------------------------- */

/* A line of its own, or NULL where there are too many: then it is only counted. */
static struct problem *next_problem(struct config_problems *problems)
{
	size_t at = problems->count++;

	return at < CONFIG_PROBLEMS_MOST ? &problems->lines[at] : NULL;
}

/* Where a setting comes from: "FILE:LINE", or the variable. */
static const char *place_of(struct arena *mem, const char *source, int line)
{
	return line > 0 ? arena_print(mem, "%s:%d", source, line) : arena_print(mem, "%s (environment)", source);
}

/* The text as it may be printed: cut, harmless, in quotes; a secret not at all. */
static const char *shown(struct arena *mem, const struct config_key *key, const char *text)
{
	size_t count = strnlen(text, CONFIG_SHOWN_MOST);
	char *copy;
	bool has_login = strchr(text, '@') != NULL && strstr(text, "://") != NULL;

	if (has_login || (key != NULL && key->flags & CONFIG_SECRET))
		return "the value (not shown)";
	copy = arena_copy(mem, text, count);
	for (size_t i = 0; i < count; i++)
		if ((unsigned char)copy[i] < ' ' || (unsigned char)copy[i] >= 0x7F)
			copy[i] = '?';
	return arena_print(mem, "'%s'%s", copy, text[count] != '\0' ? " (cut here)" : "");
}

static const char *full_name(struct arena *mem, const struct config_setting *setting)
{
	return arena_print(mem, "[%s] %s%s", setting->key->section, setting->key->name, setting->suffix);
}

/* FILE:LINE: [section] key: WHAT; allowed: ... */
static void complain(struct reader *reader, const struct config_setting *setting, const char *what,
                     const char *allowed)
{
	struct arena *mem = reader->config->mem;

	problem_set(next_problem(reader->problems), "%s: %s: %s; allowed: %s",
	            place_of(mem, setting->source, setting->line), full_name(mem, setting), what, allowed);
}

/* A line that is no setting at all. */
static void complain_of_line(struct reader *reader, int line, const char *what, const char *allowed)
{
	problem_set(next_problem(reader->problems), "%s:%d: %s; allowed: %s", reader->config->file, line, what,
	            allowed);
}

const char *config_allowed(struct arena *mem, const struct config_key *key)
{
	if (key->flags & CONFIG_NOT_BUILT)
		return "to leave it out, as it is not offered by this version";
	if (key->kind->allowed != NULL)
		return key->kind->allowed;
	return arena_print(mem, "a whole number from %lld to %lld", (long long)key->least, (long long)key->most);
}

/* ---- finding a key --------------------------------------------------------------------------- */

static bool is_family(const struct config_key *key)
{
	return text_ends(key->name, ".");
}

/* *suffix: what follows the dot of a family. */
static const struct config_key *find_key(const char *section, const char *name, const char **suffix)
{
	for (const struct config_key *key = config_keys; key->section != NULL; key++) {
		if (!text_is_same(key->section, section))
			continue;
		*suffix = is_family(key) && text_begins(name, key->name) ? name + strlen(key->name) : "";
		if (is_family(key) ? **suffix != '\0' : text_is_same(key->name, name))
			return key;
	}
	return NULL;
}

/* The names that are allowed: keys of `section`, or all sections where there is no such one. */
static const char *names_of(struct arena *mem, const char *section, bool *is_section)
{
	struct text keys, sections;
	const char *before = "";

	text_begin(&keys, mem, 0);
	text_begin(&sections, mem, 0);
	for (const struct config_key *key = config_keys; key->section != NULL; key++) {
		if (!text_is_same(key->section, before))
			text_print(&sections, "%s[%s]", sections.count > 0 ? ", " : "", key->section);
		before = key->section;
		if (text_is_same(key->section, section) && !(key->flags & CONFIG_NOT_BUILT))
			text_print(&keys, "%s%s%s", keys.count > 0 ? ", " : "", key->name, is_family(key) ? "CUR" : "");
		if (text_is_same(key->section, section))
			*is_section = true;
	}
	if (*is_section && keys.count == 0)
		return "nothing, as it is not offered by this version";
	return *is_section ? keys.bytes : sections.bytes;
}

static void complain_of_name(struct reader *reader, const char *section, const char *name)
{
	struct arena *mem = reader->config->mem;
	bool is_section = false;
	const char *allowed = names_of(mem, section, &is_section);
	const char *what;

	if (is_section)
		what = arena_print(mem, "[%s] %s: there is no such key", section, shown(mem, NULL, name));
	else if (*section == '\0')
		what = arena_print(mem, "%s stands before any [section]", shown(mem, NULL, name));
	else
		what = arena_print(mem, "there is no section %s", shown(mem, NULL, section));
	complain_of_line(reader, reader->line, what, allowed);
}

/* ---- the file -------------------------------------------------------------------------------- */

static struct config_setting *find_setting(const struct config *config, const struct config_key *key,
                                           const char *suffix)
{
	for (struct config_setting *at = config->settings; at != NULL; at = at->next)
		if (at->key == key && text_is_same(at->suffix, suffix))
			return at;
	return NULL;
}

static struct config_setting *add_setting(struct reader *reader, const struct config_setting *setting)
{
	struct config_setting *added = ARENA_NEW(reader->config->mem, struct config_setting);

	*added = *setting;
	added->next = NULL;
	added->suffix = arena_text(reader->config->mem, setting->suffix);
	added->text = arena_text(reader->config->mem, setting->text);
	*reader->last = added;
	reader->last = &added->next;
	return added;
}

/* Called by inih for each "key = value"; what is wrong is kept here, so it is always told to go on. */
static int take_line(void *whom, const char *section, const char *name, const char *text)
{
	struct reader *reader = whom;
	struct config_setting setting = { .text = text, .source = reader->config->file, .line = reader->line };
	const struct config_setting *first;

	setting.key = find_key(section, name, &setting.suffix);
	if (setting.key == NULL) {
		complain_of_name(reader, section, name);
	} else if (reader->is_indented) { /* inih takes it for more of the value above: hardly ever what was meant */
		complain(reader, &setting, "the line begins with a blank", "lines that begin at the left edge");
	} else if ((first = find_setting(reader->config, setting.key, setting.suffix)) != NULL) {
		complain(reader, &setting, "the key comes twice",
		         arena_print(reader->config->mem, "once; it is in line %d already", first->line));
	} else {
		(void)add_setting(reader, &setting);
	}
	return 1;
}

/* Hands inih one line a call, so that counting calls counts lines. */
static char *next_line(char *out, int room, void *whom)
{
	struct reader *reader = whom;
	const char *start = reader->at;
	const char *newline;
	size_t count;
	bool is_comment;

	if (start == reader->end)
		return NULL;
	newline = memchr(start, '\n', (size_t)(reader->end - start));
	reader->at = newline != NULL ? newline + 1 : reader->end;
	reader->line++;
	count = (size_t)(reader->at - start);
	reader->is_indented = *start == ' ' || *start == '\t';
	is_comment = count > 0 && strchr(";#", start[strspn(start, " \t")]) != NULL;

	if (!is_comment && count + 2 >= (size_t)room)
		complain_of_line(reader, reader->line, "the line is too long",
		                 arena_print(reader->config->mem, "less than %d bytes", room - 2));
	else if (memchr(start, '\0', count) != NULL)
		complain_of_line(reader, reader->line, "the line holds a NUL byte", "text");
	else if (!is_comment) {
		memcpy(out, start, count);
		out[count] = '\0';
		return out;
	}
	memcpy(out, "\n", 2);
	return out;
}

/* The whole file; NULL where it cannot be read, and then errno says why. */
static char *read_whole(struct arena *mem, const char *path, size_t *count)
{
	FILE *file = fopen(path, "re");
	char *bytes;
	bool is_whole;
	int errno_before;

	if (file == NULL)
		return NULL;
	bytes = arena_alloc(mem, CONFIG_FILE_MOST + 2);
	*count = fread(bytes, 1, CONFIG_FILE_MOST + 1, file);
	is_whole = !ferror(file) && *count <= CONFIG_FILE_MOST;
	errno_before = ferror(file) ? errno : EFBIG;
	(void)fclose(file);
	errno = errno_before;
	return is_whole ? bytes : NULL;
}

/* False: there is nothing to go on with. */
static bool read_file(struct reader *reader, const char *path, bool may_be_absent)
{
	size_t count = 0;
	char *bytes = read_whole(reader->config->mem, path, &count);
	int broken_line;

	if (bytes == NULL && errno == ENOENT && may_be_absent)
		return true;
	reader->config->file = arena_text(reader->config->mem, path);
	if (bytes == NULL) {
		problem_set(next_problem(reader->problems),
		            "%s: cannot be read: %s; allowed: a file of at most %d bytes that this user may read", path,
		            strerror(errno), CONFIG_FILE_MOST);
		return false;
	}
	reader->at = bytes;
	reader->end = bytes + count;
	if (&ini_max_line != NULL)
		ini_max_line = CONFIG_LINE_MOST;
	broken_line = ini_parse_stream(next_line, reader, take_line, reader);
	if (broken_line > 0)
		complain_of_line(reader, broken_line, "this is no setting",
		                 "[section], key = value, or a comment after #");
	else if (broken_line < 0)
		problem_set(next_problem(reader->problems), "%s: cannot be read: no memory", path);
	return broken_line >= 0;
}

/* ---- the environment ------------------------------------------------------------------------- */

const char *config_variable(struct arena *mem, const struct config_key *key)
{
	char *name = arena_print(mem, CONFIG_ENVIRONMENT "%s_%s", key->section, key->name);

	for (char *at = name; *at != '\0'; at++)
		*at = *at == '.' ? '_' : (char)toupper((unsigned char)*at);
	return name;
}

/* Does a variable named like this belong to the key? *suffix: the currency, or "". */
static bool is_variable_of(struct arena *mem, const struct config_key *key, const char *name,
                           const char **suffix)
{
	const char *wanted = config_variable(mem, key);

	*suffix = is_family(key) && text_begins(name, wanted) ? name + strlen(wanted) : "";
	return is_family(key) ? **suffix != '\0' : text_is_same(name, wanted);
}

static void take_variable(struct reader *reader, const char *name, const char *text)
{
	struct arena *mem = reader->config->mem;
	struct config_setting setting = { .text = text, .source = name };
	const struct config_key *key = config_keys;
	struct config_setting *from_file;
	bool is_ours = false;

	while (key->section != NULL && !is_variable_of(mem, key, name, &setting.suffix)) {
		struct config_key section = { .section = key->section, .name = "" };

		is_ours = is_ours || text_begins(name, config_variable(mem, &section));
		key++;
	}
	setting.key = key;
	if (key->section != NULL && (from_file = find_setting(reader->config, key, setting.suffix)) != NULL) {
		from_file->text = arena_text(mem, text);
		from_file->source = name;
		from_file->line = 0;
	} else if (key->section != NULL) {
		(void)add_setting(reader, &setting);
	} else if (is_ours) { /* a misspelt limit must not pass in silence */
		problem_set(next_problem(reader->problems), "%s (environment): there is no such key; allowed: "
		            CONFIG_ENVIRONMENT "SECTION_KEY with a key of the configuration", shown(mem, NULL, name));
	}
}

static void read_variables(struct reader *reader)
{
	for (char *const *at = reader->variables; at != NULL && *at != NULL; at++) {
		const char *equals = strchr(*at, '=');

		if (equals != NULL && text_begins(*at, CONFIG_ENVIRONMENT))
			take_variable(reader, arena_copy(reader->config->mem, *at, (size_t)(equals - *at)), equals + 1);
	}
}

/* ---- from texts to values -------------------------------------------------------------------- */

static void take_setting(struct reader *reader, const struct config_setting *setting)
{
	struct arena *mem = reader->config->mem;
	const struct config_key *key = setting->key;
	const char *allowed = config_allowed(mem, key);

	if (key->flags & CONFIG_NOT_BUILT)
		complain(reader, setting, "the key is not offered by this version", "to leave it out");
	else if (strlen(setting->text) > CONFIG_VALUE_MOST)
		complain(reader, setting, "the value is too long",
		         arena_print(mem, "at most %d bytes: %s", CONFIG_VALUE_MOST, allowed));
	else if (!text_is_utf8(setting->text, strlen(setting->text)))
		complain(reader, setting, "the value is not valid UTF-8", allowed);
	else if (!text_is_printable(setting->text))
		complain(reader, setting, "the value holds a control character", allowed);
	else if (!key->kind->take(reader->config, key, setting->suffix, setting->text))
		complain(reader, setting, arena_print(mem, "%s is not allowed", shown(mem, key, setting->text)), allowed);
	else if (*setting->text == '\0' && key->flags & CONFIG_REQUIRED)
		complain(reader, setting, "is required and empty", allowed);
}

/* A key left out. */
static void take_fallback(struct reader *reader, const struct config_key *key)
{
	struct arena *mem = reader->config->mem;
	const char *file = *reader->config->file != '\0' ? reader->config->file : CONFIG_DEFAULT_FILE;

	if (key->flags & CONFIG_REQUIRED)
		problem_set(next_problem(reader->problems), "%s: [%s] %s: is required and not there; allowed: %s", file,
		            key->section, key->name, config_allowed(mem, key));
	else if (!(key->flags & CONFIG_NOT_BUILT) && !is_family(key) &&
	         !key->kind->take(reader->config, key, "", key->fallback))
		problem_set(next_problem(reader->problems), "[%s] %s: the default '%s' is not allowed; allowed: %s",
		            key->section, key->name, key->fallback, config_allowed(mem, key));
}

/* A running program cannot change these: they stay, and it is said that they do. */
static void keep_what_needs_restart(struct reader *reader)
{
	for (const struct config_key *key = config_keys; key->section != NULL; key++) {
		struct config_setting *now = find_setting(reader->config, key, "");
		const struct config_setting *before = find_setting(reader->old, key, "");
		const char *text_now = now != NULL ? now->text : key->fallback;
		const char *text_before = before != NULL ? before->text : key->fallback;

		if (!(key->flags & CONFIG_RESTART) || text_is_same(text_now, text_before))
			continue;
		reader->needs_restart(key);
		if (now == NULL)
			now = add_setting(reader, &(struct config_setting){ .key = key, .suffix = "", .text = "",
			                                                    .source = reader->config->file });
		now->text = arena_text(reader->config->mem, text_before);
		if (!key->kind->take(reader->config, key, "", now->text))
			complain(reader, now, "the old value is not allowed any more",
			         config_allowed(reader->config->mem, key));
	}
}

/* The folder of the ledger, for what stands next to it. */
static const char *beside_ledger(const struct config *config, const char *name)
{
	const char *slash = strrchr(config->ledger_path, '/');

	return arena_print(config->mem, "%.*s/%s", (int)(slash - config->ledger_path), config->ledger_path, name);
}

static bool is_set(const struct config *config, const char *section, const char *name)
{
	const char *suffix;

	return find_setting(config, find_key(section, name, &suffix), "") != NULL;
}

/* Defaults that follow from other values. */
static void take_derived(struct config *config)
{
	if (*config->secret_file == '\0')
		config->secret_file = beside_ledger(config, "form-secret");
	if (*config->key_file == '\0')
		config->key_file = beside_ledger(config, "link-key");
	/* Who lowers one of two must not be told that the other's default is wrong. */
	if (!is_set(config, "runa", "retry_first_ms") && config->retry_first_ms > config->retry_max_ms)
		config->retry_first_ms = config->retry_max_ms;
	if (!is_set(config, "runa", "retry_max_ms") && config->retry_max_ms < config->retry_first_ms)
		config->retry_max_ms = config->retry_first_ms;
	if (config->connect_timeout_ms > config->timeout_ms)
		config->connect_timeout_ms = config->timeout_ms;
}

static void check_rules(struct reader *reader)
{
	for (const struct config_rule *rule = config_rules; rule->section != NULL; rule++) {
		struct config_setting setting = { .suffix = "", .source = reader->config->file };
		const struct config_setting *said;

		if (!rule->is_broken(reader->config))
			continue;
		setting.key = find_key(rule->section, rule->name, &setting.suffix);
		said = find_setting(reader->config, setting.key, "");
		if (said == NULL)
			said = &setting;
		complain(reader, said, arena_print(reader->config->mem, "%s is not allowed here",
		         shown(reader->config->mem, setting.key, said->text != NULL ? said->text : setting.key->fallback)),
		         rule->allowed);
	}
}

/* ---- the whole ------------------------------------------------------------------------------- */

static void give_back(struct shared *thing)
{
	struct config *config = (struct config *)thing;
	struct arena *mem = config->mem;

	free(config);
	arena_close(mem);
}

static struct config *config_new(void)
{
	struct config *config = memory_alloc(sizeof *config);

	shared_begin(&config->shared, give_back);
	config->mem = arena_open();
	config->file = "";
	return config;
}

static void take_all(struct reader *reader)
{
	struct config *config = reader->config;

	for (const struct config_setting *setting = config->settings; setting != NULL; setting = setting->next)
		take_setting(reader, setting);
	for (const struct config_key *key = config_keys; key->section != NULL; key++)
		if (find_setting(config, key, "") == NULL)
			take_fallback(reader, key);
	if (reader->problems->count == 0 && reader->old != NULL)
		keep_what_needs_restart(reader);
	if (reader->problems->count == 0) {
		take_derived(config);
		check_rules(reader);
	}
}

static struct config *read_all(struct reader *reader, const char *file)
{
	struct config *config = config_new();

	reader->config = config;
	reader->last = &config->settings;
	reader->problems->count = 0;
	if (read_file(reader, file != NULL ? file : CONFIG_DEFAULT_FILE, file == NULL)) {
		read_variables(reader);
		take_all(reader);
	}
	if (reader->problems->count > 0) {
		config_drop(config);
		return NULL;
	}
	return config;
}

struct config *config_read(const char *file, char *const *environment, struct config_problems *problems)
{
	struct reader reader = { .problems = problems, .variables = environment };

	return read_all(&reader, file);
}

struct config *config_read_again(const struct config *old, char *const *environment,
                                 struct config_problems *problems,
                                 void (*needs_restart)(const struct config_key *key))
{
	struct reader reader = {
		.problems = problems, .variables = environment, .old = old, .needs_restart = needs_restart,
	};

	return read_all(&reader, *old->file != '\0' ? old->file : NULL);
}

struct config *config_keep(struct config *config)
{
	config->shared.holders++;
	return config;
}

void config_drop(struct config *config)
{
	if (config != NULL)
		shared_drop(&config->shared);
}
