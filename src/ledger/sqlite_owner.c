/* sqlite_owner.c: which openings of a ledger still live. Each has a random number and holds a lock on the
 * byte at that place of `<ledger>.owners`; the kernel gives the lock back when the process dies, however
 * it dies, so that what it had claimed is free at once. The file holds a mark once there was a ledger beside
 * it. Knows no orders. */
#include "ledger/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"

enum { LOCK_LOOKS_EVERY_MS = 5 };

static const off_t FILE_LOCK = 0; /* the byte for making, opening and closing; owners start at 1 */

static struct flock one_byte(off_t at, short type)
{
	return (struct flock){ .l_type = type, .l_whence = SEEK_SET, .l_start = at, .l_len = 1 };
}

static int owners_open(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	struct stat now;

	/* Of our own making only: the machine's umask may have taken bits that we need. */
	if (fd >= 0 && fstat(fd, &now) == 0 && (now.st_mode & 0777) == 0) (void)!fchmod(fd, 0600);
	return fd;
}

/* ---- on a machine of the tests there are no processes: an owner lives until it is closed -------- */

static struct {
	pthread_mutex_t lock;
	int64_t last, living[16];
} simulated = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* The first place that holds `was` holds `is` from now on; false: none does. */
static bool simulated_swap(int64_t was, int64_t is)
{
	size_t i = 0;

	pthread_mutex_lock(&simulated.lock);
	while (i < COUNT_OF(simulated.living) && simulated.living[i] != was) i++;
	if (i < COUNT_OF(simulated.living)) simulated.living[i] = is;
	pthread_mutex_unlock(&simulated.lock);
	return i < COUNT_OF(simulated.living);
}

static void simulated_begin(struct ledger *ledger)
{
	pthread_mutex_lock(&simulated.lock);
	ledger->owner = ++simulated.last;
	pthread_mutex_unlock(&simulated.lock);
	if (!simulated_swap(0, ledger->owner)) log_die("simulated_owners", "too many ledgers are open");
}

static bool simulated_is_there_another(const struct ledger *ledger)
{
	bool is_there = false;

	pthread_mutex_lock(&simulated.lock);
	for (size_t i = 0; i < COUNT_OF(simulated.living); i++)
		is_there |= simulated.living[i] != 0 && simulated.living[i] != ledger->owner;
	pthread_mutex_unlock(&simulated.lock);
	return is_there;
}

/* ---- begin and end --------------------------------------------------------------------------- */

/* Nobody holds it for long. One who was stopped while holding it must not hang everyone else for ever. */
static bool lock_file(const struct ledger *ledger)
{
	static const struct timespec a_moment = { .tv_nsec = LOCK_LOOKS_EVERY_MS * 1000000L };
	struct flock lock = one_byte(FILE_LOCK, F_WRLCK);
	int looks = LEDGER_BUSY_MS * LEDGER_BUSY_ROUNDS / LOCK_LOOKS_EVERY_MS;

	if (ledger->owners_fd < 0) return true;
	while (fcntl(ledger->owners_fd, F_OFD_SETLK, &lock) < 0) {
		if (errno != EAGAIN && errno != EACCES && errno != EINTR) return false;
		if (looks-- == 0) {
			errno = EBUSY;
			return false;
		}
		(void)nanosleep(&a_moment, NULL);
	}
	return true;
}

bool owner_begin(struct ledger *ledger, struct problem *why)
{
	char path[4096];
	int printed;

	ledger->owners_fd = -1;
	if (ledger->vfs) {
		simulated_begin(ledger);
		return true;
	}
	printed = snprintf(path, sizeof path, "%s.owners", ledger->path);
	if (printed < 0 || (size_t)printed >= sizeof path) {
		problem_set(why, "the ledger's path is too long");
		return false;
	}
	ledger->owners_fd = owners_open(path);
	/* The file before the number: or two that start at once would each take the other for one that runs. */
	while (ledger->owners_fd >= 0 && lock_file(ledger)) {
		struct flock lock;
		uint64_t chance;

		/* Not SQLite's own randomness: after a fork it draws the same numbers in both processes. */
		chance_of_machine.fill(&chance_of_machine, &chance, sizeof chance);
		ledger->owner = (int64_t)(chance >> 2) + 1;
		lock = one_byte(ledger->owner, F_WRLCK);
		if (fcntl(ledger->owners_fd, F_OFD_SETLK, &lock) == 0) return true;
		if (errno != EAGAIN && errno != EACCES) break; /* else somebody else's number: take another */
	}
	if (errno == EBUSY)
		problem_set(why, "another process has been opening or closing the ledger %s for %d seconds", ledger->path,
		            LEDGER_BUSY_MS * LEDGER_BUSY_ROUNDS / MS_A_SECOND);
	else
		problem_set(why, "cannot hold %s: %s", path, strerror(errno));
	owner_end(ledger);
	return false;
}

void owner_end(struct ledger *ledger)
{
	if (ledger->vfs && ledger->owner != 0) (void)!simulated_swap(ledger->owner, 0);
	if (ledger->owners_fd >= 0) close(ledger->owners_fd);
	ledger->owners_fd = -1;
}

bool owner_lock_file(struct ledger *ledger)
{
	if (lock_file(ledger)) return true;
	log_line(LOG_WARN, "ledger_lock", "errno=%d", errno);
	return false;
}

/* One byte, whatever it is. */
static const char MARK[] = "\n";

bool owner_was_ledger_here(const struct ledger *ledger)
{
	struct stat now;

	return ledger->owners_fd >= 0 && fstat(ledger->owners_fd, &now) == 0 && now.st_size > 0;
}

void owner_note_ledger(struct ledger *ledger)
{
	if (ledger->owners_fd < 0 || owner_was_ledger_here(ledger)) return;
	/* Where there is no room just now, the next opening notes it. */
	if (pwrite(ledger->owners_fd, MARK, 1, 0) != 1) log_line(LOG_WARN, "ledger_not_noted", "errno=%d", errno);
}

void owner_unlock_file(struct ledger *ledger)
{
	struct flock lock = one_byte(FILE_LOCK, F_UNLCK);

	if (ledger->owners_fd >= 0) (void)!fcntl(ledger->owners_fd, F_OFD_SETLK, &lock);
}

/* ---- others ------------------------------------------------------------------------------------ */

/* Where the question itself fails we say yes: the lease's end still frees what it holds. */
static bool is_locked(const struct ledger *ledger, struct flock lock)
{
	return fcntl(ledger->owners_fd, F_OFD_GETLK, &lock) < 0 || lock.l_type != F_UNLCK;
}

bool owner_is_alive(const struct ledger *ledger, int64_t owner)
{
	if (owner == ledger->owner) return true;
	if (owner <= 0) return false;
	return ledger->vfs ? simulated_swap(owner, owner) : is_locked(ledger, one_byte(owner, F_WRLCK));
}

bool owner_is_there_another(const struct ledger *ledger)
{
	struct flock all = one_byte(1, F_WRLCK);

	if (ledger->vfs) return simulated_is_there_another(ledger);
	all.l_len = 0; /* to the end; our own lock doesn't stand in our way */
	return is_locked(ledger, all);
}
