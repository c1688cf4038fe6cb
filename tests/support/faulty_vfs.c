/* faulty_vfs.c: machines whose disk is memory. A file has the bytes that are there now and the bytes that
 * would be there after a power loss; a sync carries over the ranges that were written since the last. */
#include "support/faulty_vfs.h"

#include <pthread.h>
#include <sched.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

enum { SECTOR = 512, REGION_BYTES = 32768, KINDS = 4, LOCKS = SQLITE_SHM_NLOCK };

struct bytes {
	unsigned char *at;
	size_t count, room;
};

struct range {
	size_t from, to;
};

/* The shared memory beside a file's log. It outlives a crash for those who still point into it. */
struct shared_memory {
	int holders;
	unsigned char **regions;
	int region_count;
	int readers[LOCKS];
	const void *writer[LOCKS];
};

struct node {
	char *name; /* NULL: a temporary file */
	struct bytes now, durable;
	struct range *written; /* since the last sync */
	size_t written_count, written_room;
	bool is_cut; /* since the last sync, to cut_to at the least */
	size_t cut_to;
	int holders;
	bool is_removed;
	int shared; /* locks */
	const void *reserved, *pending, *exclusive;
	struct shared_memory *memory;
	struct node *next;
};

struct faulty_vfs {
	sqlite3_vfs base; /* pAppData is this struct */
	char *name;
	pthread_mutex_t lock;
	uint64_t seed;
	long generation; /* a crash begins the next */
	struct node *nodes;
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

/* ---- helpers --------------------------------------------------------------------------------- */

static uint64_t chance(struct faulty_vfs *vfs)
{
	uint64_t z = (vfs->seed += 0x9e3779b97f4a7c15u); /* splitmix64 */

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static void bytes_resize(struct bytes *bytes, size_t count)
{
	if (count > bytes->room) {
		bytes->room = count + count / 2 + 4096;
		bytes->at = memory_resize(bytes->at, bytes->room, 1);
	}
	if (count > bytes->count) memset(bytes->at + bytes->count, 0, count - bytes->count);
	bytes->count = count;
}

static void bytes_put(struct bytes *bytes, size_t from, const void *what, size_t count)
{
	if (from + count > bytes->count) bytes_resize(bytes, from + count);
	if (count > 0) memcpy(bytes->at + from, what, count);
}

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

static void memory_drop(struct shared_memory *memory)
{
	if (!memory || --memory->holders > 0) return;
	for (int i = 0; i < memory->region_count; i++)
		free(memory->regions[i]);
	free(memory->regions);
	free(memory);
}

static struct node *node_find(struct faulty_vfs *vfs, const char *name)
{
	struct node *node = vfs->nodes;

	while (node && !(node->name && !node->is_removed && strcmp(node->name, name) == 0))
		node = node->next;
	return node;
}

static struct node *node_add(struct faulty_vfs *vfs, const char *name)
{
	struct node *node = memory_alloc(sizeof *node);

	node->name = memory_text(name);
	node->next = vfs->nodes;
	vfs->nodes = node;
	return node;
}

static void node_forget_written(struct node *node)
{
	node->written_count = 0;
	node->is_cut = false;
}

/* Takes it off the list once nobody needs it. */
static void node_drop(struct faulty_vfs *vfs, struct node *node)
{
	struct node **at = &vfs->nodes;

	if (node->holders > 0 || !node->is_removed) return;
	while (*at != node)
		at = &(*at)->next;
	*at = node->next;
	memory_drop(node->memory);
	free(node->name);
	free(node->now.at);
	free(node->durable.at);
	free(node->written);
	free(node);
}

static void node_remove(struct faulty_vfs *vfs, struct node *node)
{
	node->is_removed = true;
	node_drop(vfs, node);
}

static void node_note_written(struct node *node, size_t from, size_t to)
{
	struct range *last = node->written_count ? &node->written[node->written_count - 1] : NULL;

	if (last && last->from <= from && from <= last->to) {
		if (to > last->to) last->to = to;
		return;
	}
	if (node->written_count == node->written_room) {
		node->written_room = 2 * node->written_room + 16;
		node->written = memory_resize(node->written, node->written_room, sizeof *node->written);
	}
	node->written[node->written_count++] = (struct range){ from, to };
}

static void node_carry(struct node *node, size_t from, size_t to)
{
	if (to > node->now.count) to = node->now.count;
	if (from < to) bytes_put(&node->durable, from, node->now.at + from, to - from);
}

static void node_sync(struct node *node)
{
	for (size_t i = 0; i < node->written_count; i++)
		node_carry(node, node->written[i].from, node->written[i].to);
	bytes_resize(&node->durable, node->now.count);
	node_forget_written(node);
}

static void node_lose_power(struct faulty_vfs *vfs, struct node *node, bool keeps_some)
{
	if (keeps_some && node->is_cut && chance(vfs) % 2 && node->durable.count > node->cut_to)
		bytes_resize(&node->durable, node->cut_to);
	for (size_t i = 0; keeps_some && i < node->written_count; i++) {
		struct range range = node->written[i];

		for (size_t from = range.from; from < range.to;) {
			size_t to = (from / SECTOR + 1) * SECTOR;

			if (to > range.to) to = range.to;
			if (chance(vfs) % 2) node_carry(node, from, to);
			from = to;
		}
	}
	bytes_resize(&node->now, 0);
	bytes_put(&node->now, 0, node->durable.at, node->durable.count);
	node_forget_written(node);
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
		bytes_put(&handle->node->now, (size_t)at, what, writes);
		node_note_written(handle->node, (size_t)at, (size_t)at + writes);
	}
	return handle_end(handle, rc);
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 count)
{
	struct handle *handle = (struct handle *)file;
	int rc = handle_begin(handle, FAULTY_OTHERS);
	struct node *node = handle->node;

	if (rc == SQLITE_OK && (size_t)count < node->now.count) {
		bytes_resize(&node->now, (size_t)count);
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
		node_sync(handle->node);
	else if (is_ours && !handle->vfs->is_lasting)
		node_forget_written(handle->node); /* the kernel calls those pages clean from now on */
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
	return SECTOR;
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
	for (int i = 0; i < LOCKS; i++) {
		if (handle->shared_locks & 1u << i) handle->memory->readers[i]--;
		if (handle->exclusive_locks & 1u << i) handle->memory->writer[i] = NULL;
	}
	handle->shared_locks = handle->exclusive_locks = 0;
}

static void memory_let_go(struct handle *handle)
{
	if (!handle->memory) return;
	memory_unlock(handle);
	memory_drop(handle->memory);
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
		memory_drop(handle->node->memory);
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
	node_drop(handle->vfs, handle->node);
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
	node = name ? node_find(vfs, name) : NULL;
	if (rc == SQLITE_OK && !node && !(flags & SQLITE_OPEN_CREATE)) rc = SQLITE_CANTOPEN;
	if (rc == SQLITE_OK && !node) node = node_add(vfs, name);
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
	node = node_find(vfs, name);
	if (rc == SQLITE_OK && !node) rc = SQLITE_IOERR_DELETE_NOENT;
	if (rc == SQLITE_OK) node_remove(vfs, node);
	pthread_mutex_unlock(&vfs->lock);
	return rc;
}

static int machine_access(sqlite3_vfs *base, const char *name, int flags, int *out)
{
	struct faulty_vfs *vfs = base->pAppData;
	struct node *node;

	pthread_mutex_lock(&vfs->lock);
	node = node_find(vfs, name);
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
		out[i] = (char)chance(vfs);
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
	vfs->seed = seed;
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
	while (vfs->nodes) {
		if (vfs->nodes->holders > 0) abort(); /* something is still open */
		node_remove(vfs, vfs->nodes);
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
	for (struct node *node = vfs->nodes; node; node = node->next) {
		node->shared = 0;
		node->reserved = node->pending = node->exclusive = NULL;
		memory_drop(node->memory);
		node->memory = NULL;
		if (kept != FAULTY_KEEP_ALL) node_lose_power(vfs, node, kept == FAULTY_KEEP_SOME);
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
	struct node *node = node_find(vfs, path);

	return node ? (long)node->now.count : -1;
}

bool faulty_vfs_copy(struct faulty_vfs *vfs, const char *from, const char *to)
{
	struct node *source = node_find(vfs, from), *target;

	if (!source) return false;
	faulty_vfs_remove(vfs, to);
	target = node_add(vfs, to);
	bytes_put(&target->now, 0, source->now.at, source->now.count);
	bytes_put(&target->durable, 0, source->now.at, source->now.count);
	return true;
}

void faulty_vfs_remove(struct faulty_vfs *vfs, const char *path)
{
	struct node *node = node_find(vfs, path);

	if (node) node_remove(vfs, node);
}

void faulty_vfs_damage(struct faulty_vfs *vfs, const char *path, size_t offset, size_t count)
{
	struct node *node = node_find(vfs, path);

	for (size_t i = offset; node && i < offset + count && i < node->now.count; i++)
		node->now.at[i] = node->durable.at[i] ^= 0xff;
}
