/* file.h: whole reads and writes, and what makes a file and its name last. Wherever one fails, errno says why. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <sys/types.h>

#include "base/base.h"

enum { FILE_PATH_SIZE = 4096 };

/* Reads on until `room` bytes are there, or the end; the bytes read, -1: failed. */
MUST_USE ssize_t file_read(int fd, void *out, size_t room);
/* Writes all of it. */
MUST_USE bool file_write(int fd, const void *bytes, size_t count);
/* The folder that a path names a thing in: "." for a bare name. False: it is too long. */
MUST_USE bool file_folder_of(const char *path, char out[FILE_PATH_SIZE]);
/* What was written to it is on the disk. */
MUST_USE bool file_sync(const char *path);
/* A name that was made or changed in its folder is on the disk: without, a power cut could take it away again. */
MUST_USE bool file_sync_folder_of(const char *path);

#endif
