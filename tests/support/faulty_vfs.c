/* faulty_vfs.c: machines whose disk is memory, as SQLite's VFS: files, locks, the log's shared memory,
 * crashes and arranged failures. */
#include "support/faulty_vfs.h"

#include <pthread.h>
#include <sched.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "support/faulty_disk.h"

enum { KINDS = 4 };

struct faulty_vfs {
	sqlite3_vfs base; /* pAppData is this struct */
	char *name;
	pthread_mutex_t lock;
	struct disk disk;
	long generation; /* a crash begins the next */
	long counts[KINDS];
	unsigned fail_calls;
	long fail_in;
	int fail_code;
	bool is_lasting, has_failed;
};

struct handle {
	sqlite3_file base;
	struct faulty_vfs *vfs;
	struct node *node;
	long generation;
	int level;
	bool is_temporary;
	struct shared_memory *memory;
	unsigned shared_locks, exclusive_locks;
};

static int kind_index(unsigned kind)
{
	return __builtin_ctz(kind);
}

/* Counts the call; the code it has to fail with, else SQLITE_OK. */
static int call(struct faulty_vfs *vfs, unsigned kind)
{
	vfs->counts[kind_index(kind)]++;
	if (vfs->fail_code == SQLITE_OK || !(vfs->fail_calls & kind)) return SQLITE_OK;
	if (vfs->fail_in > 0) vfs->fail_in--;
	if (vfs->fail_in > 0 || (vfs->has_failed && !vfs->is_lasting)) return SQLITE_OK;
	vfs->has_failed = true;
	return vfs->fail_code;
}

/* ---- a file's calls -------------------------------------------------------------------------- */

/* Takes the machine's lock. SQLITE_OK: go on. In any case handle_end gives it back. */
static int handle_begin(struct handle *handle, unsigned kind)
{
	pthread_mutex_lock(&handle->vfs->lock);
	if (handle->generation != handle->vfs->generation) return SQLITE_IOERR; /* from before a crash */
	return kind ? call(handle->vfs, kind) : SQLITE_OK;
}

static int handle_end(struct handle *handle, int rc)
{
	pthread_mutex_unlock(&handle->vfs->lock);
	return rc;
}

static int file_read(sqlite3_file *file, void *out, int count, sqlite3_int64 at)
{
	struct handle *handle = (struct handle *)file;
	int rc = handle_begin(handle, FAULTY_READS);
	struct bytes *now = &handle->node->now;
	size_t from = (size_t)at, there;

	if (rc != SQLITE_OK) return handle_end(handle, rc);
	there = from >= now->count ? 0 : now->count - from;
	if (there > (size_t)count) there = (size_t)count;
	if (there > 0) memcpy(out, now->at + from, there);
	if (there == (size_t)count) return handle_end(handle, SQLITE_OK);
	memset((char *)out + there, 0, (size_t)count - there);
	return handle_end(handle, SQLITE_IOERR_SHORT_READ);
}

static int file_write(sqlite3_file *file, const void *what, int count, sqlite3_int64 at)
{
	struct handle *handle = (struct handle *)file;
	bool is_ours = handle->generation == handle->vfs->generation;
	int rc = handle_begin(handle, FAULTY_WRITES);
	size_t writes = rc == SQLITE_OK ? (size_t)count : (size_t)count / 2;

	if (rc == SQLITE_OK || (is_ours && !handle->vfs->is_lasting)) {
		disk_put(&handle->node->now, (size_t)at, what, writes);
		disk_note_written(handle->node, (size_t)at, (size_t)at + writes);
	}
	return handle_end(handle, rc);
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 count)
{
	struct handle *handle = (struct handle *)file;
	int rc = handle_begin(handle, FAULTY_OTHERS);
	struct node *node = handle->node;

	if (rc == SQLITE_OK && (size_t)count < node->now.count) {
		disk_resize(&node->now, (size_t)count);
		if (!node->is_cut || (size_t)count < node->cut_to) node->cut_to = (size_t)count;
		node->is_cut = true;
	}
	return handle_end(handle, rc);
}

static int file_sync(sqlite3_file *file, int flags)
{
	struct handle *handle = (struct handle *)file;
	bool is_ours = handle->generation == handle->vfs->generation;
	int rc = handle_begin(handle, FAULTY_SYNCS);

	(void)flags;
	if (rc == SQLITE_OK)
		disk_sync(handle->node);
	else if (is_ours && !handle->vfs->is_lasting)
		disk_forget_written(handle->node); /* the kernel calls those pages clean from now on */
	return handle_end(handle, rc);
}

static int file_size(sqlite3_file *file, sqlite3_int64 *out)
{
	struct handle *handle = (struct handle *)file;
	int rc = handle_begin(handle, 0);

	*out = (sqlite3_int64)handle->node->now.count;
	return handle_end(handle, rc);
}

static int file_lock(sqlite3_file *file, int level)
{
	struct handle *handle = (struct handle *)file;
	int rc = handle_begin(handle, 0);
	struct node *node = handle->node;

	if (rc != SQLITE_OK || handle->level >= level) return handle_end(handle, rc);
	if (level == SQLITE_LOCK_SHARED) {
		if (node->pending || node->exclusive) return handle_end(handle, SQLITE_BUSY);
		node->shared++;
	} else if (level == SQLITE_LOCK_RESERVED) {
		if (node->reserved && node->reserved != handle) return handle_end(handle, SQLITE_BUSY);
		node->reserved = handle;
	} else {
		if (node->pending && node->pending != handle) return handle_end(handle, SQLITE_BUSY);
		node->pending = handle;
		handle->level = SQLITE_LOCK_PENDING;
		if (node->shared > 1) return handle_end(handle, SQLITE_BUSY);
		node->exclusive = handle;
	}
	handle->level = level;
	return handle_end(handle, SQLITE_OK);
}

static void handle_unlock(struct handle *handle, int level)
{
	struct node *node = handle->node;

	if (handle->level <= level) return;
	if (node->reserved == handle) node->reserved = NULL;
	if (node->pending == handle) node->pending = NULL;
	if (node->exclusive == handle) node->exclusive = NULL;
	if (level == SQLITE_LOCK_NONE) node->shared--;
	handle->level = level;
}

static int file_unlock(sqlite3_file *file, int level)
{
	struct handle *handle = (struct handle *)file;

	if (handle_begin(handle, 0) == SQLITE_OK) handle_unlock(handle, level);
	return handle_end(handle, SQLITE_OK);
}

static int file_is_reserved(sqlite3_file *file, int *out)
{
	struct handle *handle = (struct handle *)file;
	int rc = handle_begin(handle, 0);

	*out = handle->node->reserved != NULL;
	return handle_end(handle, rc);
}

static int file_control(sqlite3_file *file, int what, void *with)
{
	(void)file;
	(void)what;
	(void)with;
	return SQLITE_NOTFOUND;
}

static int file_sector_size(sqlite3_file *file)
{
	(void)file;
	return DISK_SECTOR;
}

/* As on Debian's file systems: a write never harms the bytes beside it. */
static int file_traits(sqlite3_file *file)
{
	(void)file;
	return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

/* ---- shared memory --------------------------------------------------------------------------- */

static void memory_unlock(struct handle *handle)
{
	for (int i = 0; i < DISK_LOCKS; i++) {
		if (handle->shared_locks & 1u << i) handle->memory->readers[i]--;
		if (handle->exclusive_locks & 1u << i) handle->memory->writer[i] = NULL;
	}
	handle->shared_locks = handle->exclusive_locks = 0;
}

static void memory_let_go(struct handle *handle)
{
	if (!handle->memory) return;
	memory_unlock(handle);
	disk_drop_memory(handle->memory);
	handle->memory = NULL;
}

static void memory_take(struct handle *handle)
{
	struct node *node = handle->node;

	if (handle->memory) return;
	if (!node->memory) {
		node->memory = memory_alloc(sizeof *node->memory);
		node->memory->holders = 1; /* the file itself */
	}
	handle->memory = node->memory;
	handle->memory->holders++;
}

static int memory_map(sqlite3_file *file, int region, int bytes, int extends, void volatile **out)
{
	struct handle *handle = (struct handle *)file;
	int rc = handle_begin(handle, 0);
	struct shared_memory *memory;

	*out = NULL;
	if (rc != SQLITE_OK) return handle_end(handle, rc);
	memory_take(handle);
	memory = handle->memory;
	if (region >= memory->region_count && extends) {
		rc = call(handle->vfs, FAULTY_OTHERS);
		if (rc != SQLITE_OK) return handle_end(handle, rc);
		memory->regions = memory_resize(memory->regions, (size_t)region + 1, sizeof *memory->regions);
		while (memory->region_count <= region)
			memory->regions[memory->region_count++] = memory_alloc((size_t)bytes);
	}
	if (region < memory->region_count) *out = memory->regions[region];
	return handle_end(handle, SQLITE_OK);
}

static int memory_lock(sqlite3_file *file, int first, int count, int flags)
{
	struct handle *handle = (struct handle *)file;
	int rc = handle_begin(handle, 0);
	struct shared_memory *memory = handle->memory;
	unsigned mask = ((1u << count) - 1) << first;

	if (rc != SQLITE_OK || !memory) return handle_end(handle, rc);
	for (int i = first; i < first + count; i++) {
		unsigned bit = 1u << i;
		int others = memory->readers[i] - ((handle->shared_locks & bit) != 0);

		if (flags & SQLITE_SHM_UNLOCK) {
			if (handle->shared_locks & bit) memory->readers[i]--;
			if (handle->exclusive_locks & bit) memory->writer[i] = NULL;
		} else if (memory->writer[i] && memory->writer[i] != handle) {
			return handle_end(handle, SQLITE_BUSY);
		} else if ((flags & SQLITE_SHM_EXCLUSIVE) && others > 0) {
			return handle_end(handle, SQLITE_BUSY);
		}
	}
	if (flags & SQLITE_SHM_UNLOCK) {
		handle->shared_locks &= ~mask;
		handle->exclusive_locks &= ~mask;
	} else if (flags & SQLITE_SHM_EXCLUSIVE) {
		for (int i = first; i < first + count; i++)
			memory->writer[i] = handle;
		handle->exclusive_locks |= mask;
	} else if (!(handle->shared_locks & mask)) {
		memory->readers[first]++; /* shared locks are taken one at a time */
		handle->shared_locks |= mask;
	}
	return handle_end(handle, SQLITE_OK);
}

static void memory_barrier(sqlite3_file *file)
{
	(void)handle_begin((struct handle *)file, 0);
	handle_end((struct handle *)file, SQLITE_OK);
}

static int memory_unmap(sqlite3_file *file, int is_last)
{
	struct handle *handle = (struct handle *)file;
	bool is_alive = handle_begin(handle, 0) == SQLITE_OK;

	memory_let_go(handle);
	/* The last one out: the index is made anew from the log by the next one in. */
	if (is_alive && is_last && handle->node->memory && handle->node->memory->holders == 1) {
		disk_drop_memory(handle->node->memory);
		handle->node->memory = NULL;
	}
	return handle_end(handle, SQLITE_OK);
}

/* ---- a machine's calls ----------------------------------------------------------------------- */

static int file_close(sqlite3_file *file)
{
	struct handle *handle = (struct handle *)file;
	bool is_alive = handle_begin(handle, 0) == SQLITE_OK;

	memory_let_go(handle);
	if (is_alive) handle_unlock(handle, SQLITE_LOCK_NONE);
	handle->node->holders--;
	if (handle->is_temporary) handle->node->is_removed = true;
	disk_drop(&handle->vfs->disk, handle->node);
	return handle_end(handle, SQLITE_OK);
}

static const sqlite3_io_methods methods = {
	.iVersion = 2,
	.xClose = file_close,
	.xRead = file_read,
	.xWrite = file_write,
	.xTruncate = file_truncate,
	.xSync = file_sync,
	.xFileSize = file_size,
	.xLock = file_lock,
	.xUnlock = file_unlock,
	.xCheckReservedLock = file_is_reserved,
	.xFileControl = file_control,
	.xSectorSize = file_sector_size,
	.xDeviceCharacteristics = file_traits,
	.xShmMap = memory_map,
	.xShmLock = memory_lock,
	.xShmBarrier = memory_barrier,
	.xShmUnmap = memory_unmap,
};

/* Names are durable at once: a machine that loses them too would need a tree of its own. */
static int machine_open(sqlite3_vfs *base, const char *name, sqlite3_file *file, int flags, int *out_flags)
{
	struct faulty_vfs *vfs = base->pAppData;
	struct handle *handle = (struct handle *)file;
	struct node *node;
	int rc;

	memset(handle, 0, sizeof *handle);
	pthread_mutex_lock(&vfs->lock);
	rc = call(vfs, FAULTY_OTHERS);
	node = name ? disk_find(&vfs->disk, name) : NULL;
	if (rc == SQLITE_OK && !node && !(flags & SQLITE_OPEN_CREATE)) rc = SQLITE_CANTOPEN;
	if (rc == SQLITE_OK && !node) node = disk_add(&vfs->disk, name);
	if (rc == SQLITE_OK) {
		node->holders++;
		handle->vfs = vfs;
		handle->node = node;
		handle->generation = vfs->generation;
		handle->is_temporary = !name || (flags & SQLITE_OPEN_DELETEONCLOSE);
		handle->base.pMethods = &methods;
		if (out_flags) *out_flags = flags;
	}
	pthread_mutex_unlock(&vfs->lock);
	return rc;
}

static int machine_delete(sqlite3_vfs *base, const char *name, int syncs)
{
	struct faulty_vfs *vfs = base->pAppData;
	struct node *node;
	int rc;

	(void)syncs;
	pthread_mutex_lock(&vfs->lock);
	rc = call(vfs, FAULTY_OTHERS);
	node = disk_find(&vfs->disk, name);
	if (rc == SQLITE_OK && !node) rc = SQLITE_IOERR_DELETE_NOENT;
	if (rc == SQLITE_OK) disk_remove(&vfs->disk, node);
	pthread_mutex_unlock(&vfs->lock);
	return rc;
}

static int machine_access(sqlite3_vfs *base, const char *name, int flags, int *out)
{
	struct faulty_vfs *vfs = base->pAppData;
	struct node *node;

	pthread_mutex_lock(&vfs->lock);
	node = disk_find(&vfs->disk, name);
	/* As on disks: a log or journal without a byte is as good as none. */
	*out = node && (flags != SQLITE_ACCESS_EXISTS || node->now.count > 0);
	pthread_mutex_unlock(&vfs->lock);
	return SQLITE_OK;
}

static int machine_full_path(sqlite3_vfs *base, const char *name, int room, char *out)
{
	(void)base;
	sqlite3_snprintf(room, out, "%s", name);
	return SQLITE_OK;
}

static int machine_randomness(sqlite3_vfs *base, int count, char *out)
{
	struct faulty_vfs *vfs = base->pAppData;

	pthread_mutex_lock(&vfs->lock);
	for (int i = 0; i < count; i++)
		out[i] = (char)disk_chance(&vfs->disk);
	pthread_mutex_unlock(&vfs->lock);
	return count;
}

static int machine_sleep(sqlite3_vfs *base, int microseconds)
{
	(void)base;
	sched_yield();
	return microseconds;
}

static int machine_time(sqlite3_vfs *base, sqlite3_int64 *out)
{
	(void)base;
	*out = 212000000000000;
	return SQLITE_OK;
}

static int machine_last_error(sqlite3_vfs *base, int room, char *out)
{
	(void)base;
	if (room > 0) out[0] = '\0';
	return 0;
}

/* ---- for tests ------------------------------------------------------------------------------- */

struct faulty_vfs *faulty_vfs_open(const char *name, uint64_t seed)
{
	struct faulty_vfs *vfs = memory_alloc(sizeof *vfs);

	vfs->name = memory_text(name);
	vfs->disk.seed = seed;
	pthread_mutex_init(&vfs->lock, NULL);
	vfs->base = (sqlite3_vfs){
		.iVersion = 2,
		.szOsFile = sizeof(struct handle),
		.mxPathname = 512,
		.zName = vfs->name,
		.pAppData = vfs,
		.xOpen = machine_open,
		.xDelete = machine_delete,
		.xAccess = machine_access,
		.xFullPathname = machine_full_path,
		.xRandomness = machine_randomness,
		.xSleep = machine_sleep,
		.xGetLastError = machine_last_error,
		.xCurrentTimeInt64 = machine_time,
	};
	if (sqlite3_vfs_register(&vfs->base, 0) != SQLITE_OK) abort();
	return vfs;
}

void faulty_vfs_close(struct faulty_vfs *vfs)
{
	sqlite3_vfs_unregister(&vfs->base);
	while (vfs->disk.nodes) {
		if (vfs->disk.nodes->holders > 0) abort(); /* something is still open */
		disk_remove(&vfs->disk, vfs->disk.nodes);
	}
	pthread_mutex_destroy(&vfs->lock);
	free(vfs->name);
	free(vfs);
}

void faulty_vfs_crash(struct faulty_vfs *vfs, enum faulty_kept kept)
{
	pthread_mutex_lock(&vfs->lock);
	vfs->generation++;
	vfs->fail_code = SQLITE_OK;
	for (struct node *node = vfs->disk.nodes; node; node = node->next) {
		node->shared = 0;
		node->reserved = node->pending = node->exclusive = NULL;
		disk_drop_memory(node->memory);
		node->memory = NULL;
		if (kept != FAULTY_KEEP_ALL) disk_lose_power(&vfs->disk, node, kept == FAULTY_KEEP_SOME);
	}
	pthread_mutex_unlock(&vfs->lock);
}

void faulty_vfs_fail(struct faulty_vfs *vfs, unsigned calls, long nth, int code, bool is_lasting)
{
	pthread_mutex_lock(&vfs->lock);
	vfs->fail_calls = calls;
	vfs->fail_in = nth;
	vfs->fail_code = code;
	vfs->is_lasting = is_lasting;
	vfs->has_failed = false;
	pthread_mutex_unlock(&vfs->lock);
}

bool faulty_vfs_has_failed(struct faulty_vfs *vfs)
{
	bool has_failed;

	pthread_mutex_lock(&vfs->lock);
	has_failed = vfs->has_failed;
	pthread_mutex_unlock(&vfs->lock);
	return has_failed;
}

long faulty_vfs_count(struct faulty_vfs *vfs, unsigned calls)
{
	long count = 0;

	pthread_mutex_lock(&vfs->lock);
	for (int i = 0; i < KINDS; i++)
		if (calls & 1u << i) count += vfs->counts[i];
	pthread_mutex_unlock(&vfs->lock);
	return count;
}

long faulty_vfs_size(struct faulty_vfs *vfs, const char *path)
{
	struct node *node = disk_find(&vfs->disk, path);

	return node ? (long)node->now.count : -1;
}

bool faulty_vfs_copy(struct faulty_vfs *vfs, const char *from, const char *to)
{
	struct node *source = disk_find(&vfs->disk, from), *target;

	if (!source) return false;
	faulty_vfs_remove(vfs, to);
	target = disk_add(&vfs->disk, to);
	disk_put(&target->now, 0, source->now.at, source->now.count);
	disk_put(&target->durable, 0, source->now.at, source->now.count);
	return true;
}

void faulty_vfs_remove(struct faulty_vfs *vfs, const char *path)
{
	struct node *node = disk_find(&vfs->disk, path);

	if (node) disk_remove(&vfs->disk, node);
}

void faulty_vfs_damage(struct faulty_vfs *vfs, const char *path, size_t offset, size_t count)
{
	struct node *node = disk_find(&vfs->disk, path);

	for (size_t i = offset; node && i < offset + count && i < node->now.count; i++)
		node->now.at[i] = node->durable.at[i] ^= 0xff;
}
