/* file.c: reading, writing and syncing whole. Must not know what is in a file. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

ssize_t file_read(int fd, void *out, size_t room)
{
	size_t count = 0;

	while (count < room) {
		ssize_t got = read(fd, (char *)out + count, room - count);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		count += (size_t)got;
	}
	return (ssize_t)count;
}

bool file_write(int fd, const void *bytes, size_t count)
{
	const char *at = bytes;

	while (count > 0) {
		ssize_t put = write(fd, at, count);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return false;
		at += put;
		count -= (size_t)put;
	}
	return true;
}

bool file_folder_of(const char *path, char out[FILE_PATH_SIZE])
{
	const char *slash = strrchr(path, '/');
	int count = slash ? snprintf(out, FILE_PATH_SIZE, "%.*s", slash > path ? (int)(slash - path) : 1, path)
	                  : snprintf(out, FILE_PATH_SIZE, ".");

	if (count > 0 && count < FILE_PATH_SIZE)
		return true;
	errno = ENAMETOOLONG;
	return false;
}

bool file_sync(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool ok = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	return ok;
}

bool file_sync_folder_of(const char *path)
{
	char folder[FILE_PATH_SIZE];

	return file_folder_of(path, folder) && file_sync(folder);
}
