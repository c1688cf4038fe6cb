/* sqlite.h: what the files of the SQLite ledger share; nobody outside this room includes it.
 * sqlite.c opens and closes, sqlite_writer.c commits, sqlite_sql.c is the thin layer over statements,
 * sqlite_owner.c tells living claimers from dead ones; each other file has operations of ledger.h. */
#ifndef LEDGER_SQLITE_H
#define LEDGER_SQLITE_H

#include <pthread.h>
#include <sqlite3.h>

#include "ledger/ledger.h"

enum {
	LEDGER_APPLICATION_ID = 0x70646c67, /* "pdlg" in the file's header: this file is ours */
	LEDGER_BUSY_MS = 5000,              /* another process writes: we wait so long */
	LEDGER_BUSY_ROUNDS = 3,             /* ... so many times */
	LEDGER_WAL_PAGES = 1000,            /* the log is copied into the file from this length on */
	LEDGER_WAL_PAGES_LONG = 20000,      /* ... and waits for readers from this one on */
	LEDGER_CLOCK_JUMP_MS = 5000,        /* less is an ordinary correction */
	LEDGER_KEPT_STATEMENTS = 256,       /* slots; a connection prepares about 70 */
};

/* What is said of an order of which not a byte has left (a key of desk's sentences). */
#define LEDGER_ADVICE_UNSENT "waiting_unsent"
/* ... and of one that two of its attempts have bought. */
#define LEDGER_ADVICE_TWICE "completed_twice"

/* What becomes of a sending that is not wanted any more. */
#define LEDGER_TASK_INSTEAD_OF_SEND "CASE WHEN state IN ('sent', 'resent', 'unknown') THEN 'search' ELSE 'none' END"

/* ---- schema steps (made by tools/embed-schema) ----------------------------------------------- */

struct schema_step {
	int number; /* user_version once it is done */
	const char *name, *sql;
};

extern const struct schema_step schema_steps[];
extern const size_t schema_step_count;

/* ---- connections and statements (sqlite_sql.c) ----------------------------------------------- */

struct connection {
	sqlite3 *db;
	int rc; /* first failure of the operation under way, else SQLITE_OK: later steps do nothing */
	struct kept_statement {
		const char *text; /* a constant: told apart by its address */
		sqlite3_stmt *stmt;
	} kept[LEDGER_KEPT_STATEMENTS];
	struct connection *next;
};

/* One use of a statement: sql_begin, binds, rows, sql_end. Where the connection has failed, or fails on
 * the way, all of it does nothing and every value is 0 or NULL; on->rc says why. */
struct sql {
	struct connection *on;
	sqlite3_stmt *stmt;
	int bound; /* place of the value bound last */
};

struct sql sql_begin(struct connection *on, const char *text);
void sql_bind_number(struct sql *sql, const char *name, int64_t value);
/* NULL binds NULL. Texts and bytes are borrowed until sql_end. */
void sql_bind_text(struct sql *sql, const char *name, const char *value);
void sql_bind_bytes(struct sql *sql, const char *name, const void *bytes, size_t count);
/* The next row. False: no more, or failed. */
MUST_USE bool sql_row(struct sql *sql);
MUST_USE int64_t sql_number(struct sql *sql, int column);
/* A copy in `mem`; NULL for NULL. */
MUST_USE char *sql_text(struct sql *sql, int column, struct arena *mem);
/* A copy of at most size - 1 bytes; a longer one means a damaged ledger. */
void sql_text_into(struct sql *sql, int column, char *out, size_t size);
MUST_USE char *sql_bytes(struct sql *sql, int column, struct arena *mem, size_t *count);
/* The word is none that we know: the ledger is damaged. */
void sql_fail_word(struct sql *sql);
void sql_end(struct sql *sql);
/* Runs to the end and ends. False: failed. */
bool sql_do(struct sql *sql);
/* A pragma or command without values; its first column of the first row, 0 where there is none. */
int64_t sql_command(struct connection *on, const char *text);

/* Opens, sets what every connection needs. False: on->rc, and on->db may be NULL. */
MUST_USE bool connection_open(struct connection *on, const struct ledger *ledger, const char *path);
void connection_close(struct connection *on);

/* ---- the ledger ------------------------------------------------------------------------------ */

struct write;

struct ledger {
	char *path, *vfs; /* vfs NULL: the machine's own */
	const struct clock *clock;
	bool is_inline;
	_Atomic bool is_sound;
	bool has_written; /* this opening; the writing thread's */
	bool was_clean;   /* before this opening */
	int64_t boot;     /* which start of the machine this is; 0: not known */
	int64_t last_clean_stop_ms;

	struct known_clock { /* the writing thread's; others may read is_known and offset_ms */
		_Atomic bool is_known;
		_Atomic int64_t offset_ms; /* as stored: of the wall clock from the steady one */
		bool is_news; /* the rest is of the transaction under way, and counts once it is durable */
		int64_t next_offset_ms, jump_ms;
	} known_clock;

	int64_t owner;  /* this opening's number in leases */
	int owners_fd;  /* holds a lock on byte `owner` while we live; -1 with a VFS of the tests */

	struct connection writer; /* the writing thread's; is_inline: whoever holds `lock` */
	struct arena *scratch;    /* the writing thread's, cleared after each operation */
	int wal_pages;            /* length of the log after the last commit */

	pthread_mutex_t lock;
	pthread_cond_t has_work;
	pthread_t thread;
	struct write *first_waiting, **last_waiting;
	bool is_stopping;

	pthread_mutex_t readers_lock;
	struct connection *idle_readers;
};

/* ---- the file's place (sqlite_file.c) --------------------------------------------------------- */

/* The f_type of statfs(2) is that of a network's file system. */
MUST_USE bool file_kind_is_remote(long kind);

/* ---- writing (sqlite_writer.c) --------------------------------------------------------------- */

/* Hands `run` to the writing thread, which calls it inside a transaction; returns after the commit.
 * What `run` writes is kept where it says LEDGER_OK and taken back where it says anything else. It may run
 * more than once, so it sets its results anew each time. LEDGER_FULL and LEDGER_BROKEN as in ledger.h,
 * whatever `run` said. */
MUST_USE enum ledger_result ledger_write(struct ledger *ledger,
                                         enum ledger_result (*run)(struct ledger *ledger,
                                                                   struct connection *on, void *what),
                                         void *what);
void writer_begin(struct ledger *ledger);
/* Finishes what waits. */
void writer_end(struct ledger *ledger);
/* From now on nothing more is written. */
void writer_break(struct ledger *ledger, const char *event, int rc);

/* ---- clock and pace (sqlite_clock.c, sqlite_pace.c) ------------------------------------------- */

/* Begins each transaction: where the wall clock has jumped since the ledger was last written, by whomever, moves
 * times along. */
void clock_mind(struct ledger *ledger, struct connection *on);
/* ... and that transaction is durable. */
void clock_minded(struct ledger *ledger);
/* How far the wall clock went back since an operation that is run now took its time; 0: it did not jump. */
MUST_USE int64_t clock_went_back_ms(const struct ledger *ledger, int64_t then_ms);
/* At the opening, before the first transaction. */
MUST_USE bool clock_has_jumped(struct ledger *ledger);

MUST_USE struct ledger_pace pace_read(struct connection *on, int64_t now_ms);
/* So many requests for orders begin now. */
void pace_add(struct connection *on, int64_t now_ms, size_t sends);
/* The wall clock jumped to now_ms. */
void pace_move(struct connection *on, int64_t now_ms, int64_t jump_ms);

/* ---- reading (sqlite_read.c) ----------------------------------------------------------------- */

/* A connection of the caller's own until reader_drop; NULL: none could be opened. */
MUST_USE struct connection *reader_hold(struct ledger *ledger);
/* Gives it back; LEDGER_OK, or what on->rc means for a reader. */
enum ledger_result reader_drop(struct ledger *ledger, struct connection *on);

/* A growing array in an arena, of things of so many bytes: for rows that nobody has counted. */
struct rows {
	struct arena *mem;
	void *of;
	size_t count, room, bytes;
};
MUST_USE void *rows_add(struct rows *rows);

#define ATTEMPT_COLUMNS                                                                                     \
	"attempts.id, orders.number, attempts.no, attempts.key, attempts.reference, attempts.upstream,"     \
	" attempts.headers, attempts.body, attempts.state, attempts.task, attempts.created_at_ms,"          \
	" attempts.first_sent_at_ms, attempts.due_at_ms, attempts.tries, attempts.polls,"                   \
	" attempts.setup_refusals, attempts.mute, attempts.runa_order_id, attempts.opened_by"

enum { ATTEMPT_COLUMNS_COUNT = 19 };

/* Reads a row of ATTEMPT_COLUMNS. */
void attempt_from_row(struct sql *sql, struct arena *mem, struct attempt *out);

/* ---- audit and budget (sqlite_care.c, sqlite_place.c) ---------------------------------------- */

struct audit_line {
	int64_t at_ms;
	const char *order_number;
	int attempt_no;
	const char *who, *act, *detail; /* detail NULL: none */
};

/* Adds a line to the chain, in the caller's transaction. */
void audit_add(struct ledger *ledger, struct connection *on, const struct audit_line *line);

/* What an order takes of the budget of the day it was placed on. */
struct budget_part {
	int64_t reserved_minor, spent_minor;
};

MUST_USE struct budget_part budget_part_of(enum order_status status, struct money face, struct money price);
/* Adds the difference for the person and for everyone. */
void budget_add(struct connection *on, const char *person, const char *currency, int64_t placed_at_ms,
                struct budget_part change);

/* ---- claimers (sqlite_owner.c) --------------------------------------------------------------- */

/* Waits until no other process makes, opens or closes this ledger; takes a number for this opening, and holds it
 * while the process lives. owner_unlock_file lets others go on. */
MUST_USE bool owner_begin(struct ledger *ledger, struct problem *why);
/* Waits again, for the closing. False: logged, and nothing is known of others. */
MUST_USE bool owner_lock_file(struct ledger *ledger);
void owner_unlock_file(struct ledger *ledger);
/* A ledger once was at this path: the file of the owners keeps that. */
MUST_USE bool owner_was_ledger_here(const struct ledger *ledger);
void owner_note_ledger(struct ledger *ledger);
void owner_end(struct ledger *ledger);
MUST_USE bool owner_is_alive(const struct ledger *ledger, int64_t owner);
/* Somebody else has the ledger open. */
MUST_USE bool owner_is_there_another(const struct ledger *ledger);

#endif
