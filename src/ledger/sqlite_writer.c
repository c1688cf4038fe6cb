/* sqlite_writer.c: the one writing thread. It takes every operation that waits, runs them in one transaction,
 * commits once, and only then tells each caller. What a failure means for the callers is the table below.
 * Knows no orders. */
#include "ledger/sqlite.h"

#include <semaphore.h>
#include <string.h>

#include "base/log.h"

/* One caller's operation; it lives on that caller's stack until `done` is posted. A semaphore, because with a
 * condition each of a batch's callers would wake into the lock that the next one needs. */
struct write {
	enum ledger_result (*run)(struct ledger *ledger, struct connection *on, void *what);
	void *what;
	enum ledger_result result;
	sem_t done;
	struct write *next;
};

/* What a failed step or commit means. */
enum failure {
	FAILURE_ALONE,  /* our own mistake in one operation (a constraint): that one is taken back */
	FAILURE_FULL,   /* nothing of the batch is stored, and it is safe to go on */
	FAILURE_BROKEN, /* something may be stored or lost: never go on as if nothing were (faults 19) */
};

/* By extended code, else by its low byte; what isn't here is FAILURE_ALONE before the commit, and
 * FAILURE_BROKEN at it. Before the commit nothing can be durable, so what only failed to read or to get
 * memory leaves nothing. At the commit a failure other than "no room for the next page" may come after the
 * last page was written and synced (say, growing the index in -shm): a later opening would find the
 * transaction, so it isn't said to be gone. A failed write or sync is broken at once: what the kernel kept
 * of it is not known. */
static const struct {
	int code;
	enum failure before, at_commit;
} failures[] = {
	{ SQLITE_FULL,             FAILURE_FULL,   FAILURE_FULL   },
	{ SQLITE_BUSY,             FAILURE_FULL,   FAILURE_FULL   },
	{ SQLITE_READONLY,         FAILURE_FULL,   FAILURE_FULL   },
	{ SQLITE_CANTOPEN,         FAILURE_FULL,   FAILURE_BROKEN },
	{ SQLITE_LOCKED,           FAILURE_FULL,   FAILURE_BROKEN },
	{ SQLITE_PROTOCOL,         FAILURE_FULL,   FAILURE_BROKEN },
	{ SQLITE_NOMEM,            FAILURE_FULL,   FAILURE_BROKEN },
	{ SQLITE_IOERR_NOMEM,      FAILURE_FULL,   FAILURE_BROKEN },
	{ SQLITE_IOERR_READ,       FAILURE_FULL,   FAILURE_BROKEN },
	{ SQLITE_IOERR_SHORT_READ, FAILURE_FULL,   FAILURE_BROKEN },
	{ SQLITE_IOERR_FSTAT,      FAILURE_FULL,   FAILURE_BROKEN },
	{ SQLITE_IOERR_ACCESS,     FAILURE_FULL,   FAILURE_BROKEN },
	{ SQLITE_IOERR_LOCK,       FAILURE_FULL,   FAILURE_BROKEN },
	{ SQLITE_IOERR_SHMOPEN,    FAILURE_FULL,   FAILURE_BROKEN },
	{ SQLITE_IOERR_SHMSIZE,    FAILURE_FULL,   FAILURE_BROKEN },
	{ SQLITE_IOERR_SHMLOCK,    FAILURE_FULL,   FAILURE_BROKEN },
	{ SQLITE_IOERR_SHMMAP,     FAILURE_FULL,   FAILURE_BROKEN },
	{ SQLITE_IOERR,            FAILURE_BROKEN, FAILURE_BROKEN },
	{ SQLITE_CORRUPT,          FAILURE_BROKEN, FAILURE_BROKEN },
	{ SQLITE_NOTADB,           FAILURE_BROKEN, FAILURE_BROKEN },
};

static enum failure failure_of(int rc, bool at_commit)
{
	const int codes[] = { rc, rc & 0xff };

	for (size_t c = 0; c < COUNT_OF(codes); c++)
		for (size_t i = 0; i < COUNT_OF(failures); i++)
			if (failures[i].code == codes[c])
				return at_commit ? failures[i].at_commit : failures[i].before;
	return at_commit ? FAILURE_BROKEN : FAILURE_ALONE;
}

static const char BEGIN[] = "BEGIN IMMEDIATE";
static const char COMMIT[] = "COMMIT";
static const char ROLLBACK[] = "ROLLBACK";
static const char STEP_BEGIN[] = "SAVEPOINT step";
static const char STEP_KEEP[] = "RELEASE step";
static const char STEP_UNDO[] = "ROLLBACK TO step";
static const char NOTE_WRITE[] = "UPDATE ledger SET last_write_ms = :now, is_clean = 0 WHERE id = 1";

static bool run_plain(struct connection *on, const char *text)
{
	struct sql sql = sql_begin(on, text);

	return sql_do(&sql);
}

void writer_break(struct ledger *ledger, const char *event, int rc)
{
	if (ledger->is_sound)
		log_line(LOG_BROKEN, event, "code=%d what=\"%s\" orders=stopped", rc, sqlite3_errstr(rc));
	ledger->is_sound = false;
}

/* Ends the transaction that failed with on->rc, for all of the batch. */
static enum ledger_result batch_give_up(struct ledger *ledger, bool at_commit)
{
	struct connection *on = &ledger->writer;
	int rc = on->rc;
	bool is_broken = failure_of(rc, at_commit) == FAILURE_BROKEN;

	if (is_broken)
		writer_break(ledger, "ledger_broken", rc);
	else
		log_line(LOG_WARN, "ledger_full", "code=%d what=\"%s\" stored=nothing", rc, sqlite3_errstr(rc));
	on->rc = SQLITE_OK;
	/* SQLite may have rolled back by itself. */
	if (!sqlite3_get_autocommit(on->db) && !run_plain(on, ROLLBACK) && !sqlite3_get_autocommit(on->db))
		writer_break(ledger, "ledger_broken", on->rc);
	on->rc = SQLITE_OK;
	return is_broken || !ledger->is_sound ? LEDGER_BROKEN : LEDGER_FULL;
}

/* False: the whole batch has failed. */
static bool batch_step(struct ledger *ledger, struct write *write)
{
	struct connection *on = &ledger->writer;

	if (!run_plain(on, STEP_BEGIN)) return false;
	write->result = write->run(ledger, on, write->what);
	arena_clear(ledger->scratch);
	if (on->rc != SQLITE_OK) {
		if (failure_of(on->rc, false) != FAILURE_ALONE || sqlite3_get_autocommit(on->db)) return false;
		log_line(LOG_BROKEN, "ledger_refused", "code=%d what=\"%s\" stored=nothing", on->rc,
		         sqlite3_errmsg(on->db));
		on->rc = SQLITE_OK;
		write->result = LEDGER_FULL;
	}
	if (write->result != LEDGER_OK && !run_plain(on, STEP_UNDO)) return false;
	return run_plain(on, STEP_KEEP);
}

static bool batch_in_steps(struct ledger *ledger, struct write *first)
{
	for (struct write *write = first; write; write = write->next)
		if (!batch_step(ledger, write)) return false;
	return true;
}

/* Without savepoints, for which SQLite copies each page that they touch. True: all are run and none has to
 * be taken back. False with on->rc SQLITE_OK: one has to be; else the batch has failed. */
static bool batch_at_once(struct ledger *ledger, struct write *first)
{
	struct connection *on = &ledger->writer;

	for (struct write *write = first; write; write = write->next) {
		int64_t changes = sqlite3_total_changes64(on->db);

		write->result = write->run(ledger, on, write->what);
		arena_clear(ledger->scratch);
		if (on->rc != SQLITE_OK) {
			if (failure_of(on->rc, false) == FAILURE_ALONE && !sqlite3_get_autocommit(on->db))
				on->rc = SQLITE_OK;
			return false;
		}
		if (write->result != LEDGER_OK && sqlite3_total_changes64(on->db) != changes) return false;
	}
	return true;
}

static bool batch_begin(struct ledger *ledger)
{
	struct connection *on = &ledger->writer;

	for (int round = 0; round < LEDGER_BUSY_ROUNDS; round++) {
		on->rc = SQLITE_OK;
		if (run_plain(on, BEGIN)) {
			clock_mind(ledger, on);
			return on->rc == SQLITE_OK;
		}
		if ((on->rc & 0xff) != SQLITE_BUSY) return false;
		log_line(LOG_WARN, "ledger_waits", "round=%d", round + 1);
	}
	return false;
}

/* The time of the last write is part of each transaction that writes. */
static bool batch_note(struct ledger *ledger, int64_t changes_before)
{
	struct connection *on = &ledger->writer;
	struct sql sql;

	if (sqlite3_total_changes64(on->db) == changes_before) return true;
	ledger->has_written = true;
	sql = sql_begin(on, NOTE_WRITE);
	sql_bind_number(&sql, ":now", clock_wall_ms(ledger->clock));
	return sql_do(&sql);
}

static enum ledger_result batch_try(struct ledger *ledger, struct write *first)
{
	struct connection *on = &ledger->writer;
	int64_t changes = sqlite3_total_changes64(on->db);

	if (!batch_begin(ledger)) return batch_give_up(ledger, false);
	if (!batch_at_once(ledger, first)) {
		/* Seldom: from the beginning, with a savepoint for each, so that only that one is taken back. */
		if (on->rc != SQLITE_OK || !run_plain(on, ROLLBACK) || !batch_begin(ledger) ||
		    !batch_in_steps(ledger, first))
			return batch_give_up(ledger, false);
	}
	if (!batch_note(ledger, changes)) return batch_give_up(ledger, false);
	if (!run_plain(on, COMMIT)) return batch_give_up(ledger, true);
	clock_minded(ledger);
	return LEDGER_OK;
}

static void batch_run(struct ledger *ledger, struct write *first)
{
	enum ledger_result all = ledger->is_sound ? batch_try(ledger, first) : LEDGER_BROKEN;

	if (all == LEDGER_OK) return;
	for (struct write *write = first; write; write = write->next)
		write->result = all;
}

/* Copies a long log into the file. Ours and not SQLite's own, for two reasons: callers have their results
 * already, and SQLite would swallow a failed sync. */
static void shorten_log(struct ledger *ledger)
{
	int mode = ledger->wal_pages < LEDGER_WAL_PAGES_LONG ? SQLITE_CHECKPOINT_PASSIVE
	                                                     : SQLITE_CHECKPOINT_RESTART;
	int rc;

	if (ledger->wal_pages < LEDGER_WAL_PAGES || !ledger->is_sound) return;
	ledger->wal_pages = 0;
	rc = sqlite3_wal_checkpoint_v2(ledger->writer.db, "main", mode, NULL, NULL);
	/* Nothing is lost while the pages are in the log; the next commit comes back here. */
	if (rc == SQLITE_OK || (rc & 0xff) == SQLITE_BUSY || (rc & 0xff) == SQLITE_LOCKED) return;
	if (failure_of(rc, false) == FAILURE_FULL)
		log_line(LOG_WARN, "ledger_log_stays", "code=%d what=\"%s\"", rc, sqlite3_errstr(rc));
	else
		writer_break(ledger, "ledger_broken", rc);
}

static int note_log_length(void *what, sqlite3 *db, const char *name, int pages)
{
	struct ledger *ledger = what;

	(void)db;
	(void)name;
	ledger->wal_pages = pages;
	return SQLITE_OK;
}

static struct write *take_waiting(struct ledger *ledger)
{
	struct write *first = ledger->first_waiting;

	ledger->first_waiting = NULL;
	ledger->last_waiting = &ledger->first_waiting;
	return first;
}

static void *writer_run(void *what)
{
	struct ledger *ledger = what;

	pthread_mutex_lock(&ledger->lock);
	for (;;) {
		struct write *first;

		while (!ledger->first_waiting && !ledger->is_stopping)
			pthread_cond_wait(&ledger->has_work, &ledger->lock);
		first = take_waiting(ledger);
		if (!first) break;
		pthread_mutex_unlock(&ledger->lock);
		batch_run(ledger, first);
		for (struct write *write = first, *next; write; write = next) {
			next = write->next; /* the write is its caller's again once it is done */
			sem_post(&write->done);
		}
		shorten_log(ledger);
		pthread_mutex_lock(&ledger->lock);
	}
	pthread_mutex_unlock(&ledger->lock);
	return NULL;
}

static void wait_for_writer(struct ledger *ledger, struct write *write)
{
	pthread_mutex_lock(&ledger->lock);
	*ledger->last_waiting = write;
	ledger->last_waiting = &write->next;
	pthread_cond_signal(&ledger->has_work);
	pthread_mutex_unlock(&ledger->lock);
	while (sem_wait(&write->done) != 0)
		; /* a signal came */
}

enum ledger_result ledger_write(struct ledger *ledger,
                                enum ledger_result (*run)(struct ledger *ledger, struct connection *on,
                                                          void *what),
                                void *what)
{
	struct write write = { .run = run, .what = what, .result = LEDGER_BROKEN };

	if (!ledger->is_sound) return LEDGER_BROKEN;
	if (ledger->is_inline) {
		pthread_mutex_lock(&ledger->lock);
		batch_run(ledger, &write);
		shorten_log(ledger);
		pthread_mutex_unlock(&ledger->lock);
		return write.result;
	}
	sem_init(&write.done, 0, 0);
	wait_for_writer(ledger, &write);
	sem_destroy(&write.done);
	return write.result;
}

void writer_begin(struct ledger *ledger)
{
	ledger->last_waiting = &ledger->first_waiting;
	sqlite3_wal_hook(ledger->writer.db, note_log_length, ledger);
	if (ledger->is_inline) return;
	if (pthread_create(&ledger->thread, NULL, writer_run, ledger) != 0)
		log_die("ledger_thread", "cannot start the writing thread");
}

void writer_end(struct ledger *ledger)
{
	if (ledger->is_inline) return;
	pthread_mutex_lock(&ledger->lock);
	ledger->is_stopping = true;
	pthread_cond_signal(&ledger->has_work);
	pthread_mutex_unlock(&ledger->lock);
	pthread_join(ledger->thread, NULL);
	ledger->is_inline = true; /* what is left to write at the close, the closing thread writes */
}
