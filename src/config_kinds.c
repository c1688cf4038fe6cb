/* config_kinds.c: how the text of a setting becomes a value, one kind at a time. Must not know which keys
 * there are (config_table.c) nor where the text came from (config.c). */
#include "config.h"

#include <limits.h>
#include <string.h>

#include "base/sizes.h"
#include "base/text.h"

enum { CONFIG_PATH_MOST = 1024, CONFIG_PARAM_MOST = 64 };

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"
#define HOST_CHARACTERS LETTERS DIGITS ".-_"

static void *member_of(struct config *config, const struct config_key *key)
{
	return (char *)config + key->member;
}

static bool set_text(struct config *config, const struct config_key *key, const char *text)
{
	*(const char **)member_of(config, key) = arena_text(config->mem, text);
	return true;
}

static bool is_only(const char *text, const char *characters)
{
	return text[strspn(text, characters)] == '\0';
}

/* "HOST:PORT", "[V6]:PORT"; `needs_port` false: the port may be left out. */
static bool is_host_and_port(const char *text, bool needs_port)
{
	bool is_v6 = *text == '[';
	size_t host = is_v6 ? 1 + strspn(text + 1, DIGITS "abcdefABCDEF:.") : strspn(text, HOST_CHARACTERS);
	int64_t port;

	if (host == 0 || (is_v6 && (host == 1 || text[host++] != ']')))
		return false;
	if (text[host] == '\0')
		return !needs_port;
	return text[host] == ':' && text_number(text + host + 1, USHRT_MAX, &port) && port > 0;
}

/* Behind "http://" or "https://"; NULL: neither. */
static const char *behind_scheme(const char *text)
{
	if (text_begins(text, "https://"))
		return text + strlen("https://");
	return text_begins(text, "http://") ? text + strlen("http://") : NULL;
}

/* Every kind's function has this face; see struct config_kind. */
#define UNUSED __attribute__((unused))
#define TAKE(name) \
	static bool name(struct config *config, const struct config_key *key, UNUSED const char *suffix, \
	                 const char *text)

static bool is_path(const char *text)
{
	return *text == '/' && strlen(text) < CONFIG_PATH_MOST;
}

TAKE(take_text)
{
	return set_text(config, key, text);
}

TAKE(take_number)
{
	int64_t number;

	if (!text_number(text, key->most, &number) || number < key->least)
		return false;
	*(int64_t *)member_of(config, key) = number;
	return true;
}

/* Absolute: what a relative one is relative to differs between a shell, systemd and a CGI host. */
TAKE(take_path)
{
	return (*text == '\0' || is_path(text)) && set_text(config, key, text);
}

TAKE(take_listen)
{
	if (text_begins(text, "unix:"))
		return is_path(text + strlen("unix:")) && set_text(config, key, text);
	return (*text == '\0' || is_host_and_port(text, true)) && set_text(config, key, text);
}

/* Segments of unreserved characters (RFC 3986), so that it never needs escaping; no "." and no "..". */
TAKE(take_base_path)
{
	for (const char *at = text; *at != '\0';) {
		size_t count;

		if (*at++ != '/')
			return false;
		count = strspn(at, LETTERS DIGITS "._~-");
		if (count == 0 || (count <= 2 && strspn(at, ".") >= count))
			return false;
		at += count;
	}
	return strlen(text) < SIZE_PATH_BYTES / 2 && set_text(config, key, text);
}

TAKE(take_origin)
{
	const char *host = behind_scheme(text);

	if (*text != '\0' && (host == NULL || !is_host_and_port(host, false)))
		return false;
	return set_text(config, key, text);
}

TAKE(take_base_url)
{
	return runa_base_url_is_allowed(text) && !text_ends(text, "/") && set_text(config, key, text);
}

TAKE(take_proxy)
{
	return take_origin(config, key, suffix, text);
}

TAKE(take_date)
{
	static const char shape[] = "9999-99-99";

	if (strlen(text) != strlen(shape))
		return false;
	for (size_t i = 0; shape[i] != '\0'; i++)
		if (shape[i] == '9' ? strchr(DIGITS, text[i]) == NULL : text[i] != shape[i])
			return false;
	return set_text(config, key, text);
}

TAKE(take_ledger_url)
{
	if (!text_begins(text, "sqlite:") || !is_path(text + strlen("sqlite:")) || text_ends(text, "/"))
		return false;
	config->ledger_path = arena_text(config->mem, text + strlen("sqlite:"));
	return set_text(config, key, text);
}

TAKE(take_mode)
{
	bool is_demo = text_is_same(text, "demo");

	*(int64_t *)member_of(config, key) = is_demo;
	return is_demo || text_is_same(text, "proxy");
}

TAKE(take_param)
{
	return *text != '\0' && strlen(text) <= CONFIG_PARAM_MOST && strchr(DIGITS, *text) == NULL &&
	       is_only(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_" DIGITS) && set_text(config, key, text);
}

/* ';' and a blank cannot be written in an INI file, so they have a word. */
TAKE(take_separator)
{
	static const struct { const char *word; char character; } words[] = {
		{ "comma", ',' }, { "semicolon", ';' }, { "space", ' ' },
	};
	char *out = member_of(config, key);

	for (size_t i = 0; i < COUNT_OF(words); i++) {
		if (text_is_same(text, words[i].word)) {
			*out = words[i].character;
			return true;
		}
	}
	*out = *text;
	return strlen(text) == 1 && *text > ' ' && *text < 0x7F && strchr(LETTERS DIGITS "-_", *text) == NULL;
}

TAKE(take_networks)
{
	return (*text == '\0' || identity_list_is_valid(text)) && set_text(config, key, text);
}

/* Never javascript: or another scheme that does something else than lead somewhere. */
TAKE(take_link)
{
	const char *rest = behind_scheme(text);
	bool is_here = *text == '/' && text[1] != '/' && text[1] != '\\';

	if (*text != '\0' && !is_here && (rest == NULL || strspn(rest, HOST_CHARACTERS "[") == 0))
		return false;
	return strpbrk(text, " \t\"<>\\^`{|}") == NULL && strlen(text) < SIZE_LINK && set_text(config, key, text);
}

/* One entry of a role, already trimmed. */
static bool read_grant(const char *entry, struct config_grant *out)
{
	static const struct { const char *prefix; enum config_whom whom; size_t most; } prefixes[] = {
		{ "user:", CONFIG_USER, SIZE_USER },
		{ "group:", CONFIG_GROUP, SIZE_GROUP },
	};

	if (text_is_same(entry, "*")) {
		*out = (struct config_grant){ CONFIG_EVERYONE, "" };
		return true;
	}
	for (size_t i = 0; i < COUNT_OF(prefixes); i++) {
		const char *name = entry + strlen(prefixes[i].prefix);

		if (!text_begins(entry, prefixes[i].prefix))
			continue;
		*out = (struct config_grant){ prefixes[i].whom, name };
		return *name != '\0' && *name != ' ' && strlen(name) <= prefixes[i].most;
	}
	return false;
}

TAKE(take_grants)
{
	struct config_grants *grants = member_of(config, key);
	char *rest = arena_text(config->mem, text);
	size_t most = 1;

	*grants = (struct config_grants){ NULL, 0 };
	if (*text == '\0')
		return true;
	for (const char *at = text; (at = strchr(at, ',')) != NULL; at++)
		most++;
	grants->list = arena_array(config->mem, most, sizeof *grants->list);
	while (rest != NULL) {
		char *entry = strsep(&rest, ",");

		if (!read_grant(text_trim(config->mem, entry), &grants->list[grants->count++]))
			return false;
	}
	return true;
}

static struct desk_limit *limit_of(struct config *config, const char *currency)
{
	struct desk_limit *more;

	for (size_t i = 0; i < config->limit_count; i++)
		if (text_is_same(config->limits[i].currency, currency))
			return &config->limits[i];
	more = arena_array(config->mem, config->limit_count + 1, sizeof *more);
	if (config->limit_count > 0)
		memcpy(more, config->limits, config->limit_count * sizeof *more);
	config->limits = more;
	memcpy(more[config->limit_count].currency, currency, CURRENCY_SIZE);
	return &more[config->limit_count++];
}

/* 0 is refused: inside, 0 says 'no limit', and a person who writes 0 means the opposite. */
TAKE(take_limit)
{
	struct money amount;

	if (!money_is_currency(suffix) || money_parse(text, suffix, &amount) != MONEY_OK || amount.minor <= 0)
		return false;
	*(int64_t *)((char *)limit_of(config, suffix) + key->member) = amount.minor;
	return true;
}

const struct config_kind config_kind_number = { NULL, take_number };
const struct config_kind config_kind_text = { "any text", take_text };
const struct config_kind config_kind_path = { "a path that begins with /", take_path };
const struct config_kind config_kind_listen = {
	"unix:PATH with a PATH that begins with /, or HOST:PORT", take_listen };
const struct config_kind config_kind_base_path = {
	"empty, or a path like /desk: letters, digits and . _ ~ - between slashes, none at its end",
	take_base_path };
const struct config_kind config_kind_origin = {
	"https://HOST or http://HOST, with :PORT where needed and nothing behind it", take_origin };
const struct config_kind config_kind_base_url = {
	"https://HOST/PATH without a slash at its end, like https://playground.runa.io/v2; http:// for loopback "
	"addresses only", take_base_url };
const struct config_kind config_kind_date = { "a date like 2024-02-05", take_date };
const struct config_kind config_kind_proxy = { "http://HOST:PORT or https://HOST:PORT", take_proxy };
const struct config_kind config_kind_ledger_url = {
	"sqlite:PATH with a PATH that begins with /; postgresql:// is not offered by this version",
	take_ledger_url };
const struct config_kind config_kind_mode = { "proxy or demo", take_mode };
const struct config_kind config_kind_param = {
	"the name of a FastCGI parameter: at most 64 capitals, digits and _", take_param };
const struct config_kind config_kind_separator = {
	"one character like | or the word comma, semicolon or space", take_separator };
const struct config_kind config_kind_networks = {
	"networks and addresses with commas between, like 10.0.0.0/8, ::1", take_networks };
const struct config_kind config_kind_link = {
	"https://..., http://... or a path that begins with /", take_link };
const struct config_kind config_kind_grants = {
	"user:NAME, group:NAME or *, with commas between", take_grants };
const struct config_kind config_kind_limit = {
	"three capitals of a currency behind the dot, and an amount above 0 with that currency's decimals, like "
	"order_max.GBP = 250.00", take_limit };
