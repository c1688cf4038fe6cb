/* seal_key.c: the key file: read with suspicion, made whole or not at all.
 * Must not know what the key is used for. Sentences name the file, never its content. */
#include "base/seal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "base/file.h"
#include "base/log.h"

enum { KEY_FILE_MOST_BYTES = 4096 };

static void key_name(struct seal_key *key)
{
	unsigned char hash[32];

	/* Derived, not merely hashed: says nothing about what is sealed or signed with the key. */
	if (crypto_kdf_derive_from_key(hash, sizeof hash, 0, "payoutdk", key->bytes) != 0)
		log_die("seal_broken", "what=id");
	sodium_bin2hex(key->id, sizeof key->id, hash, SEAL_ID_SIZE / 2);
	sodium_memzero(hash, sizeof hash);
}

static bool key_take(int fd, const char *path, struct seal_key *key, struct problem *why)
{
	unsigned char bytes[KEY_FILE_MOST_BYTES + 1];
	ssize_t count = file_read(fd, bytes, sizeof bytes);
	bool ok = false;

	if (count < 0) {
		problem_set(why, "cannot read the key file %s: %s", path, strerror(errno));
	} else if (count < SEAL_KEY_BYTES) {
		problem_set(why, "the key file %s has %zd bytes; it must have %d", path, count,
		            SEAL_KEY_BYTES);
	} else if (count > KEY_FILE_MOST_BYTES) {
		problem_set(why, "the key file %s is longer than %d bytes", path, KEY_FILE_MOST_BYTES);
	} else {
		if (count == SEAL_KEY_BYTES)
			memcpy(key->bytes, bytes, SEAL_KEY_BYTES);
		else if (crypto_generichash(key->bytes, SEAL_KEY_BYTES, bytes, (size_t)count, NULL, 0) != 0)
			log_die("seal_broken", "what=key");
		key_name(key);
		ok = true;
	}
	sodium_memzero(bytes, sizeof bytes);
	return ok;
}

static bool key_open(const char *path, struct seal_key *key, struct problem *why)
{
	bool ok = false;
	struct stat about;
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK); /* a pipe must not hold us up */

	if (fd < 0 && errno == ELOOP)
		problem_set(why, "the key file %s is a link; name the file itself", path);
	else if (fd < 0)
		problem_set(why, "cannot open the key file %s: %s", path, strerror(errno));
	else if (fstat(fd, &about) != 0)
		problem_set(why, "cannot look at the key file %s: %s", path, strerror(errno));
	else if (!S_ISREG(about.st_mode))
		problem_set(why, "the key file %s is not a regular file", path);
	else if (about.st_mode & (S_IRWXG | S_IRWXO))
		problem_set(why, "the key file %s may be used by others (mode %04o); make it mode 0600", path,
		            (unsigned)(about.st_mode & 07777));
	else
		ok = key_take(fd, path, key, why);
	if (fd >= 0)
		close(fd);
	return ok;
}

static bool key_write(const char *path)
{
	unsigned char bytes[SEAL_KEY_BYTES];
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	bool ok = false;

	if (fd < 0)
		return false;
	randombytes_buf(bytes, sizeof bytes);
	ok = fchmod(fd, 0600) == 0 && file_write(fd, bytes, sizeof bytes) && fsync(fd) == 0;
	sodium_memzero(bytes, sizeof bytes);

	int errno_before = errno;

	close(fd);
	errno = errno_before;
	return ok;
}

/* Written under another name and then linked into place: nobody ever sees half a key, and where another
 * process was first, its key stays. True also then. */
static bool key_make(const char *path, struct problem *why)
{
	char draft[PATH_MAX];
	int count = snprintf(draft, sizeof draft, "%s.%08x", path, (unsigned)randombytes_random());
	bool ok = false;

	if (count < 0 || (size_t)count >= sizeof draft) {
		problem_set(why, "the name of the key file is too long: %.200s", path);
		return false;
	}
	if (!key_write(draft) || (link(draft, path) != 0 && errno != EEXIST) || !file_sync_folder_of(path))
		problem_set(why, "cannot make the key file %s: %s", path, strerror(errno));
	else
		ok = true;
	unlink(draft);
	return ok;
}

bool seal_key_read(const char *path, bool may_make, struct seal_key *key, struct problem *why)
{
	struct stat about;
	bool is_absent = lstat(path, &about) != 0 && errno == ENOENT;
	bool ok = (!is_absent || !may_make || key_make(path, why)) && key_open(path, key, why);

	if (!ok)
		seal_key_forget(key);
	return ok;
}
