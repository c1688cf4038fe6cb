/* faulty_vfs.h: machines whose disk is memory, for SQLite: they lose power, tear what was not synced, run
 * out of room, and fail their n-th call. Deterministic: the same calls and seed give the same bytes.
 * Several connections and threads may use one machine; the log's shared memory works as on a disk. Never
 * sleeps: who finds a lock taken is told 'busy' at once, over and over. Each machine is one SQLite VFS, by
 * its name: hand the name to ledger_options.vfs; paths are any text. Knows no ledger. */
#ifndef TESTS_FAULTY_VFS_H
#define TESTS_FAULTY_VFS_H

#include <stddef.h>
#include <stdint.h>

#include "base/base.h"

struct faulty_vfs;

/* A machine without files. `name` is its own among those open. */
struct faulty_vfs *faulty_vfs_open(const char *name, uint64_t seed);
/* Everything that used it is closed before. */
void faulty_vfs_close(struct faulty_vfs *vfs);

/* ---- crashes --------------------------------------------------------------------------------- */

enum faulty_kept {
	FAULTY_KEEP_ALL,    /* the process was killed: the machine lives on with all that was written */
	FAULTY_KEEP_SYNCED, /* power loss: only what was synced is there */
	FAULTY_KEEP_SOME,   /* power loss: of the rest, each 512 bytes may be there or not (seeded) */
};

/* What is open now never reads nor writes again (each call fails), so a ledger that was open is closed
 * before or after without touching a thing. Arranged failures are over; locks are free. */
void faulty_vfs_crash(struct faulty_vfs *vfs, enum faulty_kept kept);

/* ---- failures -------------------------------------------------------------------------------- */

enum faulty_calls {
	FAULTY_READS = 1,
	FAULTY_WRITES = 2,
	FAULTY_SYNCS = 4,
	FAULTY_OTHERS = 8, /* open, delete, truncate, growing shared memory */
	FAULTY_CHANGES = FAULTY_WRITES | FAULTY_SYNCS | FAULTY_OTHERS,
	FAULTY_ALL = FAULTY_READS | FAULTY_CHANGES,
};

/* The `nth` (1: the next) of these calls from now on returns `code` (SQLITE_FULL, SQLITE_IOERR_WRITE,
 * ...); `is_lasting`: each later one too, as if the process had died there. Else a write that fails leaves
 * its first half behind, and what a failed sync should have kept is lost at a power loss although later
 * syncs succeed: as Linux does. code 0: no more failures. */
void faulty_vfs_fail(struct faulty_vfs *vfs, unsigned calls, long nth, int code, bool is_lasting);
/* The arranged failure came to pass. */
MUST_USE bool faulty_vfs_has_failed(struct faulty_vfs *vfs);
/* How many of these calls there were since the machine was made. */
MUST_USE long faulty_vfs_count(struct faulty_vfs *vfs, unsigned calls);

/* ---- files ----------------------------------------------------------------------------------- */

/* Bytes of a file; -1: there is none. */
MUST_USE long faulty_vfs_size(struct faulty_vfs *vfs, const char *path);
/* Puts a copy of the file in place of another (an old backup comes back). False: there is no `from`. */
MUST_USE bool faulty_vfs_copy(struct faulty_vfs *vfs, const char *from, const char *to);
void faulty_vfs_remove(struct faulty_vfs *vfs, const char *path);
/* Turns over the bits of `count` bytes. */
void faulty_vfs_damage(struct faulty_vfs *vfs, const char *path, size_t offset, size_t count);

#endif
