/* sqlite_care.c: what keeps a ledger trustworthy over years: the audit's chain, sums recomputed, copies,
 * and recipients that are no longer needed. */
#include "ledger/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/seal.h"

/* ---- audit ----------------------------------------------------------------------------------- */

static const char AUDIT_LAST[] = "SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1";
static const char AUDIT_ADD[] =
	"INSERT INTO audit (id, at_ms, order_number, attempt_no, who, act, detail, hash)"
	" VALUES (:id, :at_ms, :order_number, :attempt_no, :who, :act, :detail, :hash)";
static const char AUDIT_ALL[] =
	"SELECT id, at_ms, order_number, attempt_no, who, act, detail, hash FROM audit ORDER BY id";

/* What is hashed: each text with its length before it, so that no two lines read the same. */
static void audit_hash(struct arena *mem, int64_t id, const struct audit_line *line, const char *previous,
                       char out[SEAL_HASH_SIZE])
{
	const char *detail = line->detail ? line->detail : "";
	char *text = arena_print(mem, "%lld %lld %zu:%s %d %zu:%s %zu:%s %c%zu:%s", (long long)id,
	                         (long long)line->at_ms, strlen(line->order_number), line->order_number,
	                         line->attempt_no, strlen(line->who), line->who, strlen(line->act), line->act,
	                         line->detail ? '+' : '-', strlen(detail), detail);

	seal_hash(previous, text, out);
}

void audit_add(struct ledger *ledger, struct connection *on, const struct audit_line *line)
{
	struct sql sql = sql_begin(on, AUDIT_LAST);
	char previous[SEAL_HASH_SIZE] = "", hash[SEAL_HASH_SIZE];
	int64_t id = 1;

	if (sql_row(&sql)) {
		id = sql_number(&sql, 0) + 1;
		sql_text_into(&sql, 1, previous, sizeof previous);
	}
	sql_end(&sql);
	audit_hash(ledger->scratch, id, line, previous, hash);
	sql = sql_begin(on, AUDIT_ADD);
	sql_bind_number(&sql, ":id", id);
	sql_bind_number(&sql, ":at_ms", line->at_ms);
	sql_bind_text(&sql, ":order_number", line->order_number);
	sql_bind_number(&sql, ":attempt_no", line->attempt_no);
	sql_bind_text(&sql, ":who", line->who);
	sql_bind_text(&sql, ":act", line->act);
	sql_bind_text(&sql, ":detail", line->detail);
	sql_bind_text(&sql, ":hash", hash);
	sql_do(&sql);
}

/* Does the row carry on the chain? `previous` becomes this line's hash. */
static bool audit_row_fits(struct sql *sql, struct arena *mem, int64_t expected_id,
                           char previous[SEAL_HASH_SIZE])
{
	struct audit_line line = { .at_ms = sql_number(sql, 1), .attempt_no = (int)sql_number(sql, 3) };
	char hash[SEAL_HASH_SIZE], stored[SEAL_HASH_SIZE];

	line.order_number = sql_text(sql, 2, mem);
	line.who = sql_text(sql, 4, mem);
	line.act = sql_text(sql, 5, mem);
	line.detail = sql_text(sql, 6, mem);
	sql_text_into(sql, 7, stored, sizeof stored);
	if (sql->on->rc != SQLITE_OK || sql_number(sql, 0) != expected_id) return false;
	audit_hash(mem, expected_id, &line, previous, hash);
	memcpy(previous, hash, SEAL_HASH_SIZE);
	return strcmp(hash, stored) == 0;
}

bool ledger_verify_audit(struct ledger *ledger, int64_t *lines, struct problem *why)
{
	struct connection *on = reader_hold(ledger);
	char previous[SEAL_HASH_SIZE] = "";
	bool fits = true;
	struct arena *mem;
	struct sql sql;

	*lines = 0;
	if (!on) {
		problem_set(why, "the ledger cannot be read");
		return false;
	}
	mem = arena_open();
	sql = sql_begin(on, AUDIT_ALL);
	while (fits && sql_row(&sql)) {
		fits = audit_row_fits(&sql, mem, *lines + 1, previous);
		if (fits) ++*lines;
		arena_clear(mem);
	}
	sql_end(&sql);
	arena_close(mem);
	if (!fits)
		problem_set(why, "audit line %lld is not as it was written, or a line before it is missing",
		            (long long)*lines + 1);
	if (reader_drop(ledger, on) != LEDGER_OK) {
		if (fits) problem_set(why, "the ledger cannot be read to its end");
		return false;
	}
	return fits;
}

/* ---- budget ---------------------------------------------------------------------------------- */

/* The sums as the orders have them (budget_part_of, in SQL), beside the sums that are kept. */
#define BUDGET_TRUE(person)                                                                                 \
	"SELECT " person " AS person, currency, placed_at_ms / 86400000 AS day,"                            \
	" sum(CASE WHEN status IN ('awaiting_approval', 'placing', 'needs_attention')"                      \
	"     THEN face_minor ELSE 0 END) AS reserved,"                                                     \
	" sum(CASE WHEN status <> 'completed' THEN 0"                                                       \
	"     WHEN price_currency = currency THEN price_minor ELSE face_minor END) AS spent"                \
	" FROM orders GROUP BY 1, 2, 3"
#define BUDGET_KEPT "SELECT person, currency, day, reserved_minor, spent_minor FROM budgets"
#define BUDGET_WRONG                                                                                        \
	"WITH told AS (" BUDGET_TRUE("placed_by") " UNION ALL " BUDGET_TRUE("''") "),"                      \
	" kept AS (" BUDGET_KEPT " WHERE reserved_minor <> 0 OR spent_minor <> 0),"                         \
	" so AS (SELECT * FROM told WHERE reserved <> 0 OR spent <> 0)"
static const char BUDGET_DIFFERENCE[] =
	BUDGET_WRONG " SELECT currency, day FROM (SELECT * FROM so EXCEPT SELECT * FROM kept)"
	" UNION SELECT currency, day FROM (SELECT * FROM kept EXCEPT SELECT * FROM so) ORDER BY 2 LIMIT 1";

bool ledger_verify_budget(struct ledger *ledger, struct problem *why)
{
	struct connection *on = reader_hold(ledger);
	char currency[CURRENCY_SIZE];
	bool fits = true;
	struct sql sql;

	if (!on) {
		problem_set(why, "the ledger cannot be read");
		return false;
	}
	sql = sql_begin(on, BUDGET_DIFFERENCE);
	if (sql_row(&sql)) {
		fits = false;
		sql_text_into(&sql, 0, currency, sizeof currency);
		problem_set(why, "the %s reserved or spent of day %lld (since 1970) isn't what the orders say",
		            currency, (long long)sql_number(&sql, 1));
	}
	sql_end(&sql);
	if (reader_drop(ledger, on) == LEDGER_OK) return fits;
	if (fits) problem_set(why, "the ledger cannot be read");
	return false;
}

/* ---- recipients ------------------------------------------------------------------------------ */

enum { BLANKED_AT_ONCE = 500 }; /* orders that are placed meanwhile don't wait for all of them */

#define IS_FINISHED "status IN ('completed', 'failed', 'rejected')"
/* The body that was sent holds the recipient too. */
static const char BLANK_FIND[] =
	"SELECT id FROM orders INDEXED BY orders_recipients WHERE email <> '' AND placed_at_ms < :before"
	" AND placed_at_ms >= :from AND " IS_FINISHED
	" AND NOT EXISTS (SELECT 1 FROM attempts WHERE order_id = orders.id AND task <> 'none')"
	" ORDER BY placed_at_ms LIMIT :most";
static const char BLANK_ORDER[] = "UPDATE orders SET email = '' WHERE id = :id";
static const char BLANK_BODIES[] = "UPDATE attempts SET body = x'' WHERE order_id = :id AND task = 'none'";

struct blank {
	int64_t before_ms;
	size_t blanked;
};

static void blank_one(struct connection *on, const char *text, int64_t order_id)
{
	struct sql sql = sql_begin(on, text);

	sql_bind_number(&sql, ":id", order_id);
	sql_do(&sql);
}

static size_t blank_find(struct connection *on, int64_t before_ms, int64_t *ids, size_t most)
{
	struct sql sql = sql_begin(on, BLANK_FIND);
	size_t count = 0;

	sql_bind_number(&sql, ":before", before_ms);
	sql_bind_number(&sql, ":from", INT64_MIN);
	sql_bind_number(&sql, ":most", (int64_t)most);
	while (count < most && sql_row(&sql)) ids[count++] = sql_number(&sql, 0);
	sql_end(&sql);
	return count;
}

static enum ledger_result blank_run(struct ledger *ledger, struct connection *on, void *what)
{
	struct blank *blank = what;
	int64_t *ids = arena_array(ledger->scratch, BLANKED_AT_ONCE, sizeof *ids);

	blank->blanked = blank_find(on, blank->before_ms, ids, BLANKED_AT_ONCE);
	for (size_t i = 0; i < blank->blanked; i++) {
		blank_one(on, BLANK_ORDER, ids[i]);
		blank_one(on, BLANK_BODIES, ids[i]);
	}
	return LEDGER_OK;
}

/* Mostly there is none, and then nobody has to wait for a transaction. */
static enum ledger_result blank_look(struct ledger *ledger, int64_t before_ms, bool *is_one)
{
	struct connection *on = reader_hold(ledger);
	int64_t id;

	if (!on) return LEDGER_FULL;
	*is_one = blank_find(on, before_ms, &id, 1) == 1;
	return reader_drop(ledger, on);
}

enum ledger_result ledger_blank_recipients(struct ledger *ledger, int64_t before_ms)
{
	struct blank blank = { .before_ms = before_ms };
	bool is_one = false;
	enum ledger_result result = blank_look(ledger, before_ms, &is_one);

	if (result != LEDGER_OK || !is_one) return result;
	do
		result = ledger_write(ledger, blank_run, &blank);
	while (result == LEDGER_OK && blank.blanked == BLANKED_AT_ONCE);
	return result;
}

/* ---- copies ---------------------------------------------------------------------------------- */

static const char COPY[] = "VACUUM INTO :path";

static bool copy_into(struct ledger *ledger, const char *path, struct problem *why)
{
	/* A connection of its own: a copy takes long, and query_only would refuse it. */
	struct connection *on = memory_alloc(sizeof *on);
	bool ok = connection_open(on, ledger, ledger->path);
	struct sql sql;

	if (ok) {
		sql = sql_begin(on, COPY);
		sql_bind_text(&sql, ":path", path);
		ok = sql_do(&sql);
	}
	if (!ok) problem_set(why, "cannot copy the ledger to %s: %s", path, sqlite3_errstr(on->rc));
	connection_close(on);
	free(on);
	return ok;
}

/* An empty file of the right mode: the umask may have taken bits, and SQLite would leave more. */
static bool make_empty(const char *path, struct problem *why)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool ok = fd >= 0 && fchmod(fd, 0600) == 0;

	if (!ok) problem_set(why, "cannot make %s: %s", path, strerror(errno));
	if (fd >= 0) close(fd);
	return ok;
}

/* The name `path` appears only once the copy is whole and on the disk; SQLite leaves the syncing to us. */
static bool copy_to_disk(struct ledger *ledger, const char *path, const char *part, struct problem *why)
{
	bool ok = false;

	if (!make_empty(part, why)) return false;
	if (copy_into(ledger, part, why)) {
		ok = file_sync(part) && link(part, path) == 0 && file_sync_folder_of(path);
		if (!ok) problem_set(why, "cannot write %s: %s", path, strerror(errno));
	}
	unlink(part);
	return ok;
}

bool ledger_backup(struct ledger *ledger, const char *path, struct problem *why)
{
	char part[4096];
	int printed = snprintf(part, sizeof part, "%s.part", path);

	if (ledger->vfs) return copy_into(ledger, path, why);
	if (printed < 0 || (size_t)printed >= sizeof part) {
		problem_set(why, "the path of the copy is too long");
		return false;
	}
	if (access(path, F_OK) == 0) {
		problem_set(why, "%s exists already", path);
		return false;
	}
	return copy_to_disk(ledger, path, part, why);
}
