/* sqlite.c: opening a ledger's file, refusing what isn't a sound ledger of ours, bringing its schema up to
 * date, closing it. Knows no orders. */
#include "ledger/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"

/* ---- making the file ------------------------------------------------------------------------- */

static bool run_step(struct connection *on, const struct schema_step *step)
{
	char *number = sqlite3_mprintf("PRAGMA user_version = %d", step->number);

	if (!number) on->rc = SQLITE_NOMEM;
	sql_command(on, "BEGIN IMMEDIATE");
	/* Another process may have been faster. */
	if (sql_command(on, "PRAGMA user_version") < step->number) {
		if (on->rc == SQLITE_OK) on->rc = sqlite3_exec(on->db, step->sql, NULL, NULL, NULL);
		sql_command(on, number);
	}
	sql_command(on, "COMMIT");
	sqlite3_free(number);
	if (on->rc == SQLITE_OK) return true;
	if (!sqlite3_get_autocommit(on->db)) sqlite3_exec(on->db, "ROLLBACK", NULL, NULL, NULL);
	return false;
}

static bool run_steps(struct connection *on, struct problem *why)
{
	for (size_t i = 0; i < schema_step_count; i++) {
		if (sql_command(on, "PRAGMA user_version") >= schema_steps[i].number) continue;
		if (on->rc == SQLITE_OK && run_step(on, &schema_steps[i])) continue;
		problem_set(why, "cannot bring the ledger's schema to %s: %s", schema_steps[i].name,
		            sqlite3_errmsg(on->db));
		return false;
	}
	return on->rc == SQLITE_OK;
}

static bool mark_as_ours(struct connection *on)
{
	char *mark = sqlite3_mprintf("PRAGMA application_id = %d", LEDGER_APPLICATION_ID);

	if (!mark) on->rc = SQLITE_NOMEM;
	/* The log first: it is a property of the file, and every later write goes through it. */
	sql_command(on, "PRAGMA journal_mode = WAL");
	sql_command(on, mark);
	sqlite3_free(mark);
	return on->rc == SQLITE_OK;
}

/* A whole ledger under another name: `path` appears only when it is complete, so an empty or half-made
 * file under that name is always somebody's loss and never a beginning. */
static bool make_file(struct ledger *ledger, const char *fresh, struct problem *why)
{
	struct connection *on = memory_alloc(sizeof *on);
	int fd = open(fresh, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool ok = false;

	if (fd < 0 || fchmod(fd, 0600) != 0)
		problem_set(why, "cannot make %s: %s", fresh, strerror(errno));
	else if (!connection_open(on, ledger, fresh) || !mark_as_ours(on))
		problem_set(why, "cannot make %s: %s", fresh, sqlite3_errmsg(on->db));
	else
		ok = run_steps(on, why);
	connection_close(on); /* empties the log into the file */
	free(on);
	if (ok && (!file_sync(fresh) || rename(fresh, ledger->path) != 0 || !file_sync_folder_of(ledger->path))) {
		problem_set(why, "cannot make %s: %s", ledger->path, strerror(errno));
		ok = false;
	}
	if (fd >= 0) close(fd);
	return ok;
}

static void remove_fresh(const char *fresh)
{
	static const char *const ends[] = { "", "-wal", "-shm", "-journal" };

	for (size_t i = 0; i < COUNT_OF(ends); i++) {
		char *name = sqlite3_mprintf("%s%s", fresh, ends[i]);

		if (name) unlink(name);
		sqlite3_free(name);
	}
}

/* A fresh ledger under an old log would take the log's pages for its own. */
static bool has_log_alone(const struct ledger *ledger)
{
	char *log = sqlite3_mprintf("%s-wal", ledger->path);
	struct stat now;
	bool is_there = log != NULL && stat(log, &now) == 0 && now.st_size > 0;

	sqlite3_free(log);
	return is_there;
}

static bool file_is_there(struct ledger *ledger, struct problem *why)
{
	char *fresh;
	struct stat now;
	bool ok = false;

	if (ledger->vfs) return true; /* a test's VFS makes files as they are opened */
	if (stat(ledger->path, &now) == 0) {
		if (S_ISREG(now.st_mode) && now.st_size > 0) return true;
		problem_set(why, S_ISREG(now.st_mode)
		                         ? "the ledger %s is empty: restore it, or remove it to begin a new one"
		                         : "the ledger %s is not a file",
		            ledger->path);
		return false;
	}
	if (errno != ENOENT) {
		problem_set(why, "cannot look at the ledger %s: %s", ledger->path, strerror(errno));
		return false;
	}
	if (owner_was_ledger_here(ledger)) {
		problem_set(why, "the ledger %s is missing, and %s.owners says that it was here: put it back. If orders, payout"
		                 " links and all are to be forgotten, remove that file too", ledger->path, ledger->path);
		return false;
	}
	if (has_log_alone(ledger)) {
		problem_set(why, "the ledger %s is missing, but its log %s-wal is there: put the ledger back, or move the log"
		                 " away to begin a new one", ledger->path, ledger->path);
		return false;
	}
	fresh = sqlite3_mprintf("%s.new", ledger->path);
	if (fresh) {
		remove_fresh(fresh); /* what a crash left of an earlier beginning */
		ok = make_file(ledger, fresh, why);
		if (!ok) remove_fresh(fresh);
		sqlite3_free(fresh);
	}
	if (ok) log_line(LOG_NOTE, "ledger_made", "schema=%d", schema_steps[schema_step_count - 1].number);
	return ok;
}

/* ---- refusing what isn't sound --------------------------------------------------------------- */

static bool say_unreadable(struct ledger *ledger, struct problem *why)
{
	int rc = ledger->writer.rc & 0xff;

	if (rc == SQLITE_NOTADB)
		problem_set(why, "%s is not a ledger", ledger->path);
	else if (rc == SQLITE_CORRUPT)
		problem_set(why, "the ledger %s is damaged: restore it from a copy", ledger->path);
	else
		problem_set(why, "cannot open the ledger %s: %s", ledger->path,
		            sqlite3_errstr(ledger->writer.rc));
	return false;
}

static bool is_ours(struct ledger *ledger, const struct ledger_options *options, struct problem *why)
{
	struct connection *on = &ledger->writer;
	int newest = schema_steps[schema_step_count - 1].number;
	int64_t application, version, tables;

	application = sql_command(on, "PRAGMA application_id");
	version = sql_command(on, "PRAGMA user_version");
	tables = sql_command(on, "SELECT count(*) FROM sqlite_schema");
	if (on->rc != SQLITE_OK) return say_unreadable(ledger, why);
	if (ledger->vfs && version == 0 && tables == 0) {
		/* A test's VFS has no rename: a crash may have left the beginning of a beginning. */
		return (mark_as_ours(on) && run_steps(on, why)) || say_unreadable(ledger, why);
	}
	if (application != LEDGER_APPLICATION_ID || version < 1) {
		problem_set(why, "%s is a file of another program, not a ledger", ledger->path);
		return false;
	}
	if (version > newest) {
		problem_set(why, "the ledger %s has schema %lld, newer than this program's %d", ledger->path,
		            (long long)version, newest);
		return false;
	}
	if (version < newest && !options->may_migrate) {
		problem_set(why, "the ledger %s has schema %lld, older than %d: run 'payoutdesk migrate'",
		            ledger->path, (long long)version, newest);
		return false;
	}
	return true;
}

static bool is_writable(struct ledger *ledger, struct problem *why)
{
	struct connection *on = &ledger->writer;

	/* SQLite opens a file that we may not write for reading, without a word. */
	if (sqlite3_db_readonly(on->db, "main") == 0) return true;
	problem_set(why, "the ledger %s is not writable", ledger->path);
	return false;
}

/* After a stop that wasn't clean, unless another process has it open: that one looked. */
static bool is_whole(struct ledger *ledger, struct problem *why)
{
	struct connection *on = &ledger->writer;
	sqlite3_stmt *stmt = NULL;
	bool ok = false;

	if (ledger->was_clean || owner_is_there_another(ledger)) return true;
	on->rc = sqlite3_prepare_v2(on->db, "PRAGMA quick_check(1)", -1, &stmt, NULL);
	if (on->rc == SQLITE_OK) {
		on->rc = sqlite3_step(stmt);
		if (on->rc == SQLITE_ROW) {
			const char *said = (const char *)sqlite3_column_text(stmt, 0);

			ok = said && strcmp(said, "ok") == 0;
			on->rc = ok ? SQLITE_OK : SQLITE_CORRUPT;
		}
	}
	sqlite3_finalize(stmt);
	return ok || say_unreadable(ledger, why);
}

static const char STATE[] =
	"SELECT is_clean, clean_stop_ms, seal_key_id FROM ledger WHERE id = 1";
static const char HAS_LINK[] = "SELECT 1 FROM orders WHERE link_sealed IS NOT NULL LIMIT 1";
static const char PUT_SEAL_KEY[] = "UPDATE ledger SET seal_key_id = :id WHERE id = 1";

static bool seal_key_fits(struct ledger *ledger, const char *stored, const char *given, struct problem *why)
{
	struct connection *on = &ledger->writer;
	struct sql sql;
	bool has_link;

	if (!given || (stored && strcmp(stored, given) == 0)) return true;
	sql = sql_begin(on, HAS_LINK);
	has_link = stored && sql_row(&sql);
	sql_end(&sql);
	if (has_link) {
		problem_set(why, "the ledger's payout links are sealed with key %s, and key_file holds %s", stored,
		            given);
		return false;
	}
	sql = sql_begin(on, PUT_SEAL_KEY);
	sql_bind_text(&sql, ":id", given);
	return sql_do(&sql) || say_unreadable(ledger, why);
}

static bool read_state(struct ledger *ledger, const struct ledger_options *options, struct problem *why)
{
	struct connection *on = &ledger->writer;
	struct sql sql = sql_begin(on, STATE);
	const char *stored = NULL;
	bool is_there = sql_row(&sql);

	if (is_there) {
		ledger->was_clean = sql_number(&sql, 0) != 0;
		ledger->last_clean_stop_ms = sql_number(&sql, 1);
		stored = sql_text(&sql, 2, ledger->scratch);
	}
	sql_end(&sql);
	if (on->rc == SQLITE_OK && !is_there) on->rc = SQLITE_CORRUPT;
	if (on->rc != SQLITE_OK) return say_unreadable(ledger, why);
	return is_whole(ledger, why) && seal_key_fits(ledger, stored, options->seal_key_id, why);
}

/* ---- open and close -------------------------------------------------------------------------- */

static bool open_file(struct ledger *ledger, const struct ledger_options *options, struct problem *why)
{
	struct connection *on = &ledger->writer;

	if (!file_is_there(ledger, why)) return false;
	if (!connection_open(on, ledger, ledger->path)) return say_unreadable(ledger, why);
	if (!is_ours(ledger, options, why) || !is_writable(ledger, why)) return false;
	owner_note_ledger(ledger);
	sql_command(on, "PRAGMA journal_mode = WAL"); /* a copy comes without */
	sql_command(on, "PRAGMA cache_size = -8192"); /* there is only one that writes */
	if (on->rc != SQLITE_OK) return say_unreadable(ledger, why);
	sqlite3_wal_autocheckpoint(on->db, 0); /* sqlite_writer.c does it */
	return run_steps(on, why) && read_state(ledger, options, why);
}

static void give_back(struct ledger *ledger)
{
	connection_close(&ledger->writer);
	owner_end(ledger);
	pthread_mutex_destroy(&ledger->readers_lock);
	pthread_cond_destroy(&ledger->has_work);
	pthread_mutex_destroy(&ledger->lock);
	arena_close(ledger->scratch);
	free(ledger->vfs);
	free(ledger->path);
	free(ledger);
}

/* Before anything else is written, and before anybody looks at what is due. Where there is no room just now, the first
 * write minds it; reading goes on. */
static void mend_times(struct ledger *ledger)
{
	if (clock_has_jumped(ledger) && ledger_mind_clock(ledger) != LEDGER_OK)
		log_line(LOG_WARN, "clock_jumped", "the ledger's times are moved along once it can be written");
}

struct ledger *ledger_open(const struct ledger_options *options, struct problem *why)
{
	struct ledger *ledger = memory_alloc(sizeof *ledger);

	ledger->path = memory_text(options->path);
	ledger->vfs = memory_text(options->vfs);
	ledger->clock = options->clock;
	ledger->is_inline = options->is_inline;
	ledger->is_sound = true;
	ledger->owners_fd = -1;
	ledger->boot = clock_boot(ledger->clock);
	ledger->scratch = arena_open();
	pthread_mutex_init(&ledger->lock, NULL);
	pthread_cond_init(&ledger->has_work, NULL);
	pthread_mutex_init(&ledger->readers_lock, NULL);
	if (!owner_begin(ledger, why) || !open_file(ledger, options, why)) {
		give_back(ledger);
		return NULL;
	}
	arena_clear(ledger->scratch);
	writer_begin(ledger);
	mend_times(ledger);
	owner_unlock_file(ledger);
	return ledger;
}

static const char CLEAN_STOP[] = "UPDATE ledger SET is_clean = 1, clean_stop_ms = :now WHERE id = 1";

/* A short-lived process that only read leaves what is there: nothing was begun, nothing has to be ended. */
static bool has_to_note_stop(const struct ledger *ledger)
{
	return ledger->has_written || !ledger->was_clean || ledger->last_clean_stop_ms == 0;
}

static void note_clean_stop(struct ledger *ledger)
{
	struct connection *on = &ledger->writer;
	struct sql sql = sql_begin(on, CLEAN_STOP);

	sql_bind_number(&sql, ":now", clock_wall_ms(ledger->clock));
	if (!sql_do(&sql))
		log_line(LOG_WARN, "ledger_stop", "code=%d what=\"%s\" clean=no", on->rc, sqlite3_errstr(on->rc));
}

static void close_readers(struct ledger *ledger)
{
	struct connection *next;

	for (struct connection *on = ledger->idle_readers; on; on = next) {
		next = on->next;
		connection_close(on);
		free(on);
	}
	ledger->idle_readers = NULL;
}

void ledger_close(struct ledger *ledger)
{
	bool notes_stop = !ledger->is_inline || has_to_note_stop(ledger);

	writer_end(ledger);
	close_readers(ledger);
	/* While another process has it open, the ledger hasn't stopped. Of two that close at once one is the last. */
	if (ledger->is_sound && notes_stop && owner_lock_file(ledger) && !owner_is_there_another(ledger))
		note_clean_stop(ledger);
	/* A broken one is left as it is for the next opening to read: the close would copy and sync again. */
	if (!ledger->is_sound) sqlite3_db_config(ledger->writer.db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	give_back(ledger);
}

bool ledger_is_sound(const struct ledger *ledger)
{
	return ledger->is_sound;
}

int64_t ledger_last_clean_stop_ms(const struct ledger *ledger)
{
	return ledger->last_clean_stop_ms;
}
