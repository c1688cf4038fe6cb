/* static.c: the files below /static/, for hosts whose web server doesn't serve them itself. One flat
 * directory, no links, and only endings that are listed here. */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "web/parts.h"

enum { STATIC_MOST_BYTES = 4 * 1024 * 1024, STATIC_HASH_DIGITS = 8, STATIC_NAME_BYTES = 100 };

static const struct { const char *ending, *type; } types[] = {
	{ ".css",   "text/css; charset=utf-8" },
	{ ".js",    "text/javascript; charset=utf-8" },
	{ ".svg",   "image/svg+xml" },
	{ ".png",   "image/png" },
	{ ".ico",   "image/x-icon" },
	{ ".txt",   "text/plain; charset=utf-8" },
	{ ".map",   "application/json" },
	{ ".woff2", "font/woff2" },
};

static const char *type_of(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(types); i++)
		if (text_ends(name, types[i].ending))
			return types[i].type;
	return NULL;
}

/* Letters, digits, '-', '_' and '.', not first: no way out of the directory, nothing hidden. */
static bool name_is_plain(const char *name)
{
	size_t length = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");

	return length > 0 && length <= STATIC_NAME_BYTES && name[length] == '\0' && name[0] != '.';
}

/* "desk.0a1b2c3d.css": another content has another name, so it may be kept for ever. */
static bool name_has_hash(const char *name)
{
	const char *last = strrchr(name, '.'), *first = strchr(name, '.');

	return first && last && last > first && (size_t)(last - first - 1) >= STATIC_HASH_DIGITS &&
	       strspn(first + 1, "0123456789abcdef") == (size_t)(last - first - 1);
}

static int open_below(const char *directory, const char *name)
{
	int dir = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int fd = -1;

	if (dir >= 0) {
		/* O_NONBLOCK: a named pipe must not hold the thread before it is looked at */
		fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
		close(dir);
	}
	return fd;
}

enum web_status static_answer(struct web_request *req, struct web_page *page)
{
	const char *name = req->path + strlen("/static/");
	const char *type = type_of(name), *known;
	enum web_status status = WEB_NOT_FOUND;
	struct stat about;
	char *body;
	int fd;

	if (!req->site->static_dir || !type || !name_is_plain(name))
		return WEB_NOT_FOUND;
	fd = open_below(req->site->static_dir, name);
	if (fd < 0)
		return WEB_NOT_FOUND;
	if (fstat(fd, &about) == 0 && S_ISREG(about.st_mode) && about.st_size <= STATIC_MOST_BYTES) {
		body = arena_alloc(page->mem, (size_t)about.st_size + 1);
		if (file_read(fd, body, (size_t)about.st_size) == about.st_size)
			status = web_send(page, type, body, (size_t)about.st_size);
	}
	close(fd);
	if (status != WEB_OK)
		return status;
	page->cache = name_has_hash(name) ? "public, max-age=31536000, immutable" : "no-cache";
	page->etag = arena_print(page->mem, "\"%llx-%llx-%lx\"", (unsigned long long)about.st_size,
	                         (unsigned long long)about.st_mtim.tv_sec, (unsigned long)about.st_mtim.tv_nsec);
	known = web_param(req, "HTTP_IF_NONE_MATCH");
	if (known && strstr(known, page->etag)) {
		page->body = "";
		page->body_bytes = 0;
		return WEB_NOT_MODIFIED;
	}
	return WEB_OK;
}
