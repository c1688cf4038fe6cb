/* request.c: reads what a stranger sent (parameters, address, query, form) strictly: what isn't well formed
 * is refused whole, never mended. Must not know what the fields mean. */
#include "web/request.h"

#include <string.h>

#include "base/log.h"
#include "base/sizes.h"
#include "base/text.h"
#include "web/parts.h"

/* ---- parameters: "NAME=value" entries --------------------------------------------------------------- */

size_t params_count(char *const *params, const char *name, const char **value)
{
	size_t length = strlen(name), count = 0;

	*value = NULL;
	for (; *params; params++) {
		if (**params != *name || strncmp(*params, name, length) != 0 || (*params)[length] != '=')
			continue;
		if (count++ == 0)
			*value = *params + length + 1;
	}
	return count;
}

const char *web_param(const struct web_request *req, const char *name)
{
	const char *value;

	if (params_count(req->params, name, &value) == 0 || strlen(value) > SIZE_PARAM_BYTES)
		return NULL;
	return value;
}

/* ---- pairs ------------------------------------------------------------------------------------------ */

const char *pairs_find(const struct web_pairs *pairs, const char *name)
{
	for (size_t i = 0; pairs && i < pairs->count; i++)
		if (strcmp(pairs->items[i].name, name) == 0)
			return pairs->items[i].value;
	return NULL;
}

/* Adds to pairs whose items have room for one more. */
static void append(struct web_pairs *pairs, const char *name, const char *value)
{
	pairs->items[pairs->count].name = name;
	pairs->items[pairs->count++].value = value;
}

void pairs_add(struct web_pairs *pairs, struct arena *mem, const char *name, const char *value)
{
	struct web_pair *before = pairs->items;

	pairs->items = arena_array(mem, pairs->count + 1, sizeof *before);
	if (pairs->count > 0)
		memcpy(pairs->items, before, pairs->count * sizeof *before);
	append(pairs, name, value);
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9') return c - '0';
	if (c >= 'a' && c <= 'f') return c - 'a' + 10;
	if (c >= 'A' && c <= 'F') return c - 'A' + 10;
	return -1;
}

/* Undoes %XX, and '+' where `plus_is_blank`. NULL: a raw control character, a broken escape, NUL, broken UTF-8. */
static char *decode(struct arena *mem, const char *bytes, size_t count, bool plus_is_blank)
{
	char *out = arena_alloc(mem, count + 1);
	size_t length = 0;

	for (size_t i = 0; i < count; i++) {
		unsigned char c = (unsigned char)bytes[i];

		if (c < 0x20 || c == 0x7f)
			return NULL;
		if (c == '+' && plus_is_blank) {
			c = ' ';
		} else if (c == '%') {
			if (count - i < 3 || hex_digit(bytes[i + 1]) < 0 || hex_digit(bytes[i + 2]) < 0)
				return NULL;
			c = (unsigned char)(hex_digit(bytes[i + 1]) * 16 + hex_digit(bytes[i + 2]));
			i += 2;
		}
		if (c == '\0')
			return NULL;
		out[length++] = (char)c;
	}
	out[length] = '\0';
	return text_is_utf8(out, length) ? out : NULL;
}

static enum pairs_result read_pair(struct arena *mem, const char *bytes, size_t count, struct web_pairs *pairs)
{
	const char *equals = memchr(bytes, '=', count);
	size_t name_bytes = equals ? (size_t)(equals - bytes) : count;
	char *name = decode(mem, bytes, name_bytes, true);
	char *value = equals ? decode(mem, equals + 1, count - name_bytes - 1, true) : arena_text(mem, "");

	if (!name || !value || !*name || strlen(name) > SIZE_FIELD_NAME || !text_is_printable(name))
		return PAIRS_BAD;
	if (pairs_find(pairs, name))
		return PAIRS_BAD; /* which of the two was meant is a guess, and guesses order things */
	append(pairs, name, value);
	return PAIRS_READ;
}

enum pairs_result pairs_read(struct arena *mem, const char *bytes, size_t count, struct web_pairs **out)
{
	struct web_pairs *pairs = ARENA_NEW(mem, struct web_pairs);
	size_t pieces = 1;

	*out = pairs;
	if (count == 0)
		return PAIRS_READ;
	for (size_t i = 0; i < count; i++)
		pieces += bytes[i] == '&';
	if (pieces > SIZE_FORM_FIELDS)
		return PAIRS_TOO_MANY;
	pairs->items = arena_array(mem, pieces, sizeof *pairs->items);
	for (const char *end = bytes + count; bytes <= end;) {
		const char *and = memchr(bytes, '&', (size_t)(end - bytes));
		size_t piece = (size_t)((and ? and : end) - bytes);
		enum pairs_result result = read_pair(mem, bytes, piece, pairs);

		if (result != PAIRS_READ)
			return result;
		bytes += piece + 1;
	}
	return PAIRS_READ;
}

const char *web_path(const struct web_request *req, const char *name)
{
	const char *value = pairs_find(req->path_values, name);

	if (!value)
		log_die("route_has_no_such_name", "name=%s", name);
	return value;
}

const char *web_query(const struct web_request *req, const char *name) { return pairs_find(req->query, name); }
const char *web_field(const struct web_request *req, const char *name) { return pairs_find(req->form, name); }

/* ---- the address ------------------------------------------------------------------------------------ */

/* Web servers fold "//", "." and ".." before they look up their rules for a path. A path that only means ours
 * after folding is refused, so that no rule of theirs can be walked around. */
static bool path_is_plain(const char *path)
{
	for (const char *segment = path; *segment == '/';) {
		const char *start = segment + 1;
		size_t length = strcspn(start, "/");

		if ((length == 0 && start[0] == '/') || (length == 1 && start[0] == '.') ||
		    (length == 2 && start[0] == '.' && start[1] == '.'))
			return false;
		segment = start + length;
	}
	return true;
}

/* The path behind base_path; NULL: it isn't below it. */
static const char *below_base(const char *path, const char *base)
{
	size_t length = strlen(base);

	if (strncmp(path, base, length) != 0)
		return NULL;
	if (path[length] == '\0')
		return "/";
	return path[length] == '/' ? path + length : NULL;
}

static enum web_status fail(enum web_status status, const char *word, const char **reason)
{
	*reason = word;
	return status;
}

static enum web_status read_path(struct web_request *req, const char *raw, size_t count, bool is_encoded,
                                 const char **reason)
{
	char *path;

	if (count > SIZE_PATH_BYTES)
		return fail(WEB_URI_TOO_LONG, "address_too_long", reason);
	if (count == 0 || raw[0] != '/' || memchr(raw, '#', count))
		return fail(WEB_BAD_REQUEST, "bad_request", reason);
	/* An encoded slash is a slash to one reader and a letter to the next: nobody links to one. */
	for (size_t i = 0; is_encoded && i + 2 < count; i++)
		if (raw[i] == '%' && raw[i + 1] == '2' && (raw[i + 2] == 'f' || raw[i + 2] == 'F'))
			return fail(WEB_BAD_REQUEST, "bad_request", reason);
	path = is_encoded ? decode(req->mem, raw, count, false) : arena_copy(req->mem, raw, count);
	if (!path || !text_is_utf8(path, strlen(path)) || !text_is_printable(path))
		return fail(WEB_BAD_REQUEST, "bad_request", reason);
	if (!path_is_plain(path) || !(req->path = below_base(path, req->site->base_path))) {
		req->path = "";
		return fail(WEB_NOT_FOUND, "no_such_page", reason);
	}
	return WEB_OK;
}

static enum web_status read_query(struct web_request *req, const char *raw, const char **reason)
{
	size_t count = strlen(raw);

	if (count > SIZE_QUERY_BYTES)
		return fail(WEB_URI_TOO_LONG, "address_too_long", reason);
	if (strchr(raw, '#') || pairs_read(req->mem, raw, count, &req->query) != PAIRS_READ)
		return fail(WEB_BAD_REQUEST, "bad_request", reason);
	return WEB_OK;
}

enum web_status request_read_address(struct web_request *req, const char **reason)
{
	const char *uri, *script, *info, *query, *mark;
	enum web_status status;

	if (params_count(req->params, "REQUEST_URI", &uri) > 1 || params_count(req->params, "SCRIPT_NAME", &script) > 1 ||
	    params_count(req->params, "PATH_INFO", &info) > 1 || params_count(req->params, "QUERY_STRING", &query) > 1)
		return fail(WEB_BAD_REQUEST, "bad_request", reason);
	if (uri) {
		mark = strchr(uri, '?');
		status = read_path(req, uri, mark ? (size_t)(mark - uri) : strlen(uri), true, reason);
		return status != WEB_OK ? status : read_query(req, mark ? mark + 1 : "", reason);
	}
	/* Without REQUEST_URI (RFC 3875 doesn't have it): these two were decoded by the web server. */
	script = script ? script : "";
	info = info ? info : "";
	if (strlen(script) > SIZE_PATH_BYTES || strlen(info) > SIZE_PATH_BYTES)
		return fail(WEB_URI_TOO_LONG, "address_too_long", reason);
	uri = arena_print(req->mem, "%s%s", script, info);
	status = read_path(req, uri, strlen(uri), false, reason);
	return status != WEB_OK ? status : read_query(req, query ? query : "", reason);
}
