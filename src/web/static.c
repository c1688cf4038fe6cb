/* static.c: the files below /static/, so that no web server is needed for them (plain CGI hosts). One flat
 * directory, no links, and only endings that are listed here. */
#include "web/static.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "web/server.h"

enum {
	STATIC_MOST_BYTES = 4 * 1024 * 1024, /* one file                                              */
	STATIC_MOST_FILES = 64,              /* with a hash; a folder of more is not the desk's       */
	STATIC_HASH_BYTES = 4,               /* of the digest; twice as many digits in a name         */
	STATIC_NAME_BYTES = 100,
};

static const char KEPT_FOR_GOOD[] = "public, max-age=31536000, immutable"; /* RFC 8246 */
static const char ASKED_AGAIN[] = "no-cache";

struct static_file {
	const char *name;   /* "desk.css"          */
	const char *hashed; /* "desk.3f9a1c2b.css" */
	const char *value;  /* "DESK_CSS"          */
	const char *type, *etag, *body;
	size_t bytes;
};

struct static_files {
	struct arena *mem; /* holds all of it */
	size_t count;
	struct static_file items[STATIC_MOST_FILES];
};

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

/* "desk.0a1b2c3d.css". A plain file of such a name is never served: which content it has is for the hash to say. */
static bool name_has_hash(const char *name)
{
	const char *ending = strrchr(name, '.'), *hash;

	if (!ending || ending - name < 2 * STATIC_HASH_BYTES + 2)
		return false;
	hash = ending - 2 * STATIC_HASH_BYTES;
	return hash[-1] == '.' && strspn(hash, "0123456789abcdef") == 2 * STATIC_HASH_BYTES;
}

/* The regular file `name` of the directory, whole; NULL: there is none. */
static char *read_below(int dir, const char *name, struct arena *mem, struct stat *about)
{
	char *body = NULL;
	/* O_NONBLOCK: a named pipe must not hold the thread before it is looked at */
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return NULL;
	if (fstat(fd, about) == 0 && S_ISREG(about->st_mode) && about->st_size <= STATIC_MOST_BYTES) {
		body = arena_alloc(mem, (size_t)about->st_size + 1);
		if (file_read(fd, body, (size_t)about->st_size) != about->st_size)
			body = NULL;
	}
	close(fd);
	return body;
}

static int open_folder(const char *directory)
{
	return open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* ---- names with a hash ------------------------------------------------------------------------------ */

static const char *value_of(struct arena *mem, const char *name)
{
	char *value = arena_text(mem, name);

	for (char *c = value; *c; c++)
		*c = isalnum((unsigned char)*c) ? (char)toupper((unsigned char)*c) : '_';
	return value;
}

static struct static_file describe(struct arena *mem, const char *name, const char *body, size_t bytes)
{
	unsigned char digest[crypto_generichash_BYTES];
	char hash[2 * STATIC_HASH_BYTES + 1];
	const char *ending = strrchr(name, '.');

	crypto_generichash(digest, sizeof digest, (const unsigned char *)body, bytes, NULL, 0);
	sodium_bin2hex(hash, sizeof hash, digest, STATIC_HASH_BYTES);
	return (struct static_file){
		.name = arena_text(mem, name),
		.hashed = arena_print(mem, "%.*s.%s%s", (int)(ending - name), name, hash, ending),
		.value = value_of(mem, name), .etag = arena_print(mem, "\"%s\"", hash),
		.type = type_of(name), .body = body, .bytes = bytes,
	};
}

static void read_one(struct static_files *files, int dir, const char *name)
{
	struct stat about;
	const char *body;

	if (!name_is_plain(name) || !type_of(name) || name_has_hash(name))
		return;
	if (files->count == COUNT_OF(files->items)) {
		log_line(LOG_WARN, "static_too_many", "most=%zu", files->count);
		return;
	}
	body = read_below(dir, name, files->mem, &about);
	if (body)
		files->items[files->count++] = describe(files->mem, name, body, (size_t)about.st_size);
	else
		log_line(LOG_WARN, "static_unreadable", "name=%s", name);
}

struct static_files *static_files_open(const char *directory)
{
	struct arena *mem = arena_open();
	struct static_files *files = ARENA_NEW(mem, struct static_files);
	int dir = open_folder(directory);
	DIR *folder = dir < 0 ? NULL : fdopendir(dir);
	const struct dirent *entry;

	files->mem = mem;
	if (folder == NULL) {
		log_line(LOG_WARN, "static_unreadable", "folder=%s why=%s", directory, strerror(errno));
		if (dir >= 0)
			close(dir);
		return files;
	}
	while ((entry = readdir(folder)) != NULL)
		read_one(files, dirfd(folder), entry->d_name);
	closedir(folder);
	return files;
}

void static_files_close(struct static_files *files)
{
	if (files)
		arena_close(files->mem);
}

void static_files_show(const struct static_files *files, struct values *values)
{
	for (size_t i = 0; files && i < files->count; i++)
		values_set(values, files->items[i].value, files->items[i].hashed);
}

static const struct static_file *find_hashed(const struct static_files *files, const char *name)
{
	for (size_t i = 0; files && i < files->count; i++)
		if (strcmp(files->items[i].hashed, name) == 0)
			return &files->items[i];
	return NULL;
}

/* ---- the answer ------------------------------------------------------------------------------------- */

static enum web_status send_or_known(struct web_request *req, struct web_page *page, const struct static_file *file)
{
	const char *known = web_param(req, "HTTP_IF_NONE_MATCH");
	enum web_status status = web_send(page, file->type, file->body, file->bytes);

	page->etag = file->etag;
	if (known && strstr(known, page->etag)) {
		page->body = "";
		page->body_bytes = 0;
		return WEB_NOT_MODIFIED;
	}
	return status;
}

static enum web_status answer_hashed(struct web_request *req, struct web_page *page, const char *name)
{
	const struct static_file *known = find_hashed(req->site->static_files, name);
	struct static_file file;

	if (!known)
		return WEB_NOT_FOUND;
	file = *known;
	/* an answer lives as long as its arena, and a reload may take the files away before */
	file.body = arena_copy(page->mem, known->body, known->bytes);
	file.etag = arena_text(page->mem, known->etag);
	page->cache = KEPT_FOR_GOOD;
	return send_or_known(req, page, &file);
}

static enum web_status answer_plain(struct web_request *req, struct web_page *page, const char *name)
{
	int dir = open_folder(req->site->static_dir);
	struct static_file file = { .type = type_of(name) };
	struct stat about;

	if (dir < 0)
		return WEB_NOT_FOUND;
	file.body = read_below(dir, name, page->mem, &about);
	close(dir);
	if (!file.body)
		return WEB_NOT_FOUND;
	file.bytes = (size_t)about.st_size;
	file.etag = arena_print(page->mem, "\"%llx-%llx-%lx\"", (unsigned long long)about.st_size,
	                        (unsigned long long)about.st_mtim.tv_sec, (unsigned long)about.st_mtim.tv_nsec);
	page->cache = ASKED_AGAIN;
	return send_or_known(req, page, &file);
}

enum web_status static_answer(struct web_request *req, struct web_page *page)
{
	const char *name = req->path + strlen("/static/");

	if (!req->site->static_dir || !type_of(name) || !name_is_plain(name))
		return WEB_NOT_FOUND;
	return name_has_hash(name) ? answer_hashed(req, page, name) : answer_plain(req, page, name);
}
