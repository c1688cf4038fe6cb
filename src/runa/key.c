/* key.c: reads the API key file. It logs nothing, and its sentences name the file alone. libsodium's
 * guarded memory is locked and marked MADV_DONTDUMP; the copies that libcurl makes while it sends are
 * out of reach, which is why the program also switches core files off. */
#include "runa/key.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

enum { KEY_FILE_BYTES = 4096 };
static const char HEADER[] = "X-Api-Key: ";

/* Bytes read, at most `room`; -1: errno says why. */
static ssize_t read_file(const char *path, char *bytes, size_t room)
{
	/* A link is followed: that is how secrets are mounted. A pipe must not hold the start up. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat what;
	ssize_t got = -1;

	if (fd < 0 || fstat(fd, &what) < 0)
		goto done;
	if (!S_ISREG(what.st_mode)) {
		errno = EINVAL;
		goto done;
	}
	got = file_read(fd, bytes, room);
done:
	if (fd >= 0)
		close(fd);
	return got;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The header line of the `count` bytes at `key`; NULL: they are no key. */
static char *header_of(const char *key, size_t count, const char *path, struct problem *why)
{
	char *header;

	for (; count > 0 && is_blank(key[0]); key++)
		count--;
	while (count > 0 && is_blank(key[count - 1]))
		count--;
	if (count == 0) {
		problem_set(why, "%s is empty; it must hold the API key", path);
		return NULL;
	}
	for (size_t i = 0; i < count; i++) {
		if (key[i] < 0x21 || key[i] > 0x7e) {
			problem_set(why, "%s must hold the API key alone, in one line of printable ASCII", path);
			return NULL;
		}
	}
	header = sodium_malloc(sizeof HEADER + count);
	if (header == NULL) {
		problem_set(why, "no memory for the API key");
		return NULL;
	}
	memcpy(header, HEADER, sizeof HEADER - 1);
	memcpy(header + sizeof HEADER - 1, key, count);
	header[sizeof HEADER - 1 + count] = '\0';
	return header;
}

char *runa_key_read(const char *path, struct problem *why)
{
	char *bytes = NULL, *header = NULL;
	ssize_t count;

	if (sodium_init() < 0 || (bytes = sodium_malloc(KEY_FILE_BYTES + 1)) == NULL) {
		problem_set(why, "no guarded memory for the API key");
		goto done;
	}
	count = read_file(path, bytes, KEY_FILE_BYTES + 1);
	if (count < 0)
		problem_set(why, "cannot read the API key file %s: %s", path,
		            errno == EINVAL ? "not a regular file" : strerror(errno));
	else if (count > KEY_FILE_BYTES)
		problem_set(why, "%s is longer than %d bytes; it must hold the API key alone", path, KEY_FILE_BYTES);
	else
		header = header_of(bytes, (size_t)count, path, why);
done:
	sodium_free(bytes); /* wipes */
	return header;
}

void runa_key_forget(char *header)
{
	sodium_free(header);
}
