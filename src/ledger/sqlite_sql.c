/* sqlite_sql.c: a thin layer over SQLite's statements: prepared once a connection, bound by name, and a
 * failure that sticks to the connection, so that an operation looks once, at its end.
 * Knows no orders. */
#include "ledger/sqlite.h"

#include <string.h>

#include "base/log.h"

/* trusted_schema: a ledger file that somebody else made must not run functions through its schema.
 * journal_size_limit: after a long log its room goes back to the disk. temp_store: no temporary files,
 * whose disk may be full too. cache_size (KiB): a reader's; there may be one for each request thread. */
static const char PREPARE_CONNECTION[] =
	"PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA synchronous = FULL;"
	" PRAGMA temp_store = MEMORY; PRAGMA journal_size_limit = 16777216; PRAGMA cell_size_check = ON;"
	" PRAGMA cache_size = -512;";

/* SQLite's own count of its memory takes one lock for each allocation of any thread, and nobody reads it; Debian's
 * SQLite is built without lookaside, so a statement allocates dozens of times. Before main(), since it is refused
 * after SQLite's first use, and one printed file name is such a use. */
__attribute__((constructor)) static void stop_counting_memory(void)
{
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

bool connection_open(struct connection *on, const struct ledger *ledger, const char *path)
{
	/* NOMUTEX: a connection is used by one thread at a time. */
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;

	if (ledger->vfs) flags |= SQLITE_OPEN_CREATE; /* the tests' VFS: sqlite.c makes real files itself */
	on->rc = sqlite3_open_v2(path, &on->db, flags, ledger->vfs);
	if (on->rc == SQLITE_OK) {
		sqlite3_busy_timeout(on->db, LEDGER_BUSY_MS);
		sqlite3_db_config(on->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
		on->rc = sqlite3_exec(on->db, PREPARE_CONNECTION, NULL, NULL, NULL);
	}
	return on->rc == SQLITE_OK;
}

void connection_close(struct connection *on)
{
	for (size_t i = 0; i < LEDGER_KEPT_STATEMENTS; i++) {
		if (!on->kept[i].text) continue;
		sqlite3_finalize(on->kept[i].stmt);
		on->kept[i] = (struct kept_statement){ 0 };
	}
	sqlite3_close(on->db);
	on->db = NULL;
}

static struct kept_statement *kept_slot(struct connection *on, const char *text)
{
	size_t first = ((uintptr_t)text >> 3) % LEDGER_KEPT_STATEMENTS;

	for (size_t i = 0; i < LEDGER_KEPT_STATEMENTS; i++) {
		struct kept_statement *slot = &on->kept[(first + i) % LEDGER_KEPT_STATEMENTS];

		if (!slot->text || slot->text == text) return slot;
	}
	log_die("ledger_statements", "more than %d statements", LEDGER_KEPT_STATEMENTS);
}

struct sql sql_begin(struct connection *on, const char *text)
{
	struct sql sql = { .on = on };
	struct kept_statement *slot;

	if (on->rc != SQLITE_OK) return sql;
	slot = kept_slot(on, text);
	if (!slot->text) {
		on->rc = sqlite3_prepare_v3(on->db, text, -1, SQLITE_PREPARE_PERSISTENT, &slot->stmt, NULL);
		if (on->rc != SQLITE_OK) return sql;
		slot->text = text;
	}
	sql.stmt = slot->stmt;
	return sql;
}

static int place_of(struct sql *sql, const char *name)
{
	/* Mostly values are bound in the order of their names, and then there is nothing to search. */
	const char *next = sqlite3_bind_parameter_name(sql->stmt, sql->bound + 1);
	int place = next && strcmp(next, name) == 0 ? sql->bound + 1 : sqlite3_bind_parameter_index(sql->stmt, name);

	sql->bound = place;
	if (place == 0) log_die("ledger_statement", "no value %s in: %s", name, sqlite3_sql(sql->stmt));
	return place;
}

static void keep_failure(struct sql *sql, int rc)
{
	if (rc != SQLITE_OK && sql->on->rc == SQLITE_OK) sql->on->rc = rc;
}

void sql_bind_number(struct sql *sql, const char *name, int64_t value)
{
	if (sql->stmt) keep_failure(sql, sqlite3_bind_int64(sql->stmt, place_of(sql, name), value));
}

void sql_bind_text(struct sql *sql, const char *name, const char *value)
{
	if (sql->stmt)
		keep_failure(sql, sqlite3_bind_text(sql->stmt, place_of(sql, name), value, -1, SQLITE_STATIC));
}

void sql_bind_bytes(struct sql *sql, const char *name, const void *bytes, size_t count)
{
	if (!sql->stmt) return;
	if (!bytes && count == 0)
		keep_failure(sql, sqlite3_bind_null(sql->stmt, place_of(sql, name)));
	else
		keep_failure(sql, sqlite3_bind_blob64(sql->stmt, place_of(sql, name), bytes, count,
		                                      SQLITE_STATIC));
}

bool sql_row(struct sql *sql)
{
	int rc;

	if (!sql->stmt || sql->on->rc != SQLITE_OK) return false;
	rc = sqlite3_step(sql->stmt);
	if (rc == SQLITE_ROW) return true;
	if (rc != SQLITE_DONE) keep_failure(sql, rc);
	return false;
}

int64_t sql_number(struct sql *sql, int column)
{
	return sql->stmt ? sqlite3_column_int64(sql->stmt, column) : 0;
}

char *sql_text(struct sql *sql, int column, struct arena *mem)
{
	const char *text;

	if (!sql->stmt || sqlite3_column_type(sql->stmt, column) == SQLITE_NULL) return NULL;
	text = (const char *)sqlite3_column_text(sql->stmt, column);
	if (text) return arena_text(mem, text);
	keep_failure(sql, SQLITE_NOMEM);
	return NULL;
}

void sql_text_into(struct sql *sql, int column, char *out, size_t size)
{
	const char *text = sql->stmt ? (const char *)sqlite3_column_text(sql->stmt, column) : NULL;
	size_t count = text ? strlen(text) : 0;

	out[0] = '\0';
	if (count >= size)
		keep_failure(sql, SQLITE_CORRUPT);
	else if (count)
		memcpy(out, text, count + 1);
}

char *sql_bytes(struct sql *sql, int column, struct arena *mem, size_t *count)
{
	const void *bytes;

	*count = 0;
	if (!sql->stmt || sqlite3_column_type(sql->stmt, column) == SQLITE_NULL) return NULL;
	bytes = sqlite3_column_blob(sql->stmt, column);
	*count = (size_t)sqlite3_column_bytes(sql->stmt, column);
	return arena_copy(mem, bytes ? bytes : "", *count);
}

void sql_fail_word(struct sql *sql)
{
	keep_failure(sql, SQLITE_CORRUPT);
}

void sql_end(struct sql *sql)
{
	if (!sql->stmt) return;
	/* A statement that was left in the middle reports nothing new here; a failed step was kept. */
	sqlite3_reset(sql->stmt);
	sqlite3_clear_bindings(sql->stmt);
	sql->stmt = NULL;
}

bool sql_do(struct sql *sql)
{
	while (sql_row(sql))
		;
	sql_end(sql);
	return sql->on->rc == SQLITE_OK;
}

int64_t sql_command(struct connection *on, const char *text)
{
	sqlite3_stmt *stmt = NULL;
	int64_t value = 0;
	int rc;

	if (on->rc != SQLITE_OK) return 0;
	on->rc = sqlite3_prepare_v2(on->db, text, -1, &stmt, NULL);
	if (on->rc != SQLITE_OK) return 0;
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW) value = sqlite3_column_int64(stmt, 0);
	while (rc == SQLITE_ROW)
		rc = sqlite3_step(stmt);
	if (rc != SQLITE_DONE) on->rc = rc;
	sqlite3_finalize(stmt);
	return value;
}
