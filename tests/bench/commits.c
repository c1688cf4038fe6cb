/* commits.c: the floor of an order: what one SQLite commit an order can do on this disk. The same rows as a placed
 * order (order, attempt, budget of the person and of everyone, audit line, note of the last write) in the ledger's
 * own schema with its indexes and triggers, WAL, synchronous=FULL; no web, no checks, no hash, no other thread.
 *
 * A FILE that is there already is carried on: a ledger of the same length as the one it is compared with.
 *
 *     commits FILE COUNT SCHEMA... */
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { MOST_SCHEMA = 1024 * 1024, NAME_SIZE = 40, MINUTE_MS = 60000 };

/* ?1 the order's random number, ?2 its random key, ?3 the time, ?4 its place in the row. */
static const char *const steps[] = {
	"BEGIN IMMEDIATE",
	"INSERT INTO orders (number, form_key, status, money_moved, product_code, product_name, face_minor, currency,"
	" distribution, email, description, placed_by, placed_by_name, placed_at_ms, advice)"
	" VALUES (?1, ?2, 'placing', 'no', 'AMZ-GB', 'A shop (GB)', 1000, 'GBP', 'PAYOUT_LINK', NULL, NULL, 'demo',"
	" 'Demo user', ?3, 'waiting_unsent')",
	"INSERT INTO attempts (order_id, no, key, reference, upstream, headers, body, state, task, created_at_ms,"
	" due_at_ms, opened_by)"
	" VALUES (last_insert_rowid(), 1, ?2, ?1, 'http://127.0.0.1:8081/v2', printf('Content-Type: application/json%s"
	"X-Api-Version: 2024-02-05%sX-Idempotency-Key: %s%sX-Execution-Mode: sync%s', char(10), char(10), ?2, char(10),"
	" char(10)), CAST(printf('{\"payment_method\":{\"type\":\"ACCOUNT_BALANCE\",\"currency\":\"GBP\"},\"items\":"
	"[{\"face_value\":10,\"distribution_method\":{\"type\":\"PAYOUT_LINK\"},\"products\":{\"type\":\"SINGLE\","
	"\"value\":\"AMZ-GB\"}}],\"description\":\"%s\",\"metadata\":{\"desk_order\":\"%s\"}}', ?1, ?1) AS BLOB),"
	" 'ready', 'send', ?3, ?3, 'demo')",
	"INSERT INTO budgets (person, currency, day, reserved_minor, spent_minor) VALUES ('demo', 'GBP', ?3 / 86400000,"
	" 1000, 0) ON CONFLICT (person, currency, day) DO UPDATE SET reserved_minor = reserved_minor + 1000",
	"INSERT INTO budgets (person, currency, day, reserved_minor, spent_minor) VALUES ('', 'GBP', ?3 / 86400000,"
	" 1000, 0) ON CONFLICT (person, currency, day) DO UPDATE SET reserved_minor = reserved_minor + 1000",
	"INSERT INTO audit (id, at_ms, order_number, attempt_no, who, act, hash) VALUES (?4, ?3, ?1, 1, 'demo',"
	" 'placed', 'dc3e8ac1a5c3e5ad8bd8d3c1fd84a1f0c59ee7fc7a7ea3f0e4f2f7a6b1a8c9d0')",
	"UPDATE ledger SET last_write_ms = ?3, is_clean = 0 WHERE id = 1",
	"COMMIT",
};
enum { STEPS = sizeof steps / sizeof steps[0] };

static void die(sqlite3 *db, const char *what)
{
	fprintf(stderr, "commits: %s: %s\n", what, db ? sqlite3_errmsg(db) : "");
	exit(1);
}

static int64_t now_ns(clockid_t of)
{
	struct timespec now;

	clock_gettime(of, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Keys come in no order, as random ones do: each lands somewhere else in its index. */
static uint64_t scattered(uint64_t i)
{
	i = (i + 1) * 0x9e3779b97f4a7c15u;
	i = (i ^ i >> 30) * 0xbf58476d1ce4e5b9u;
	i = (i ^ i >> 27) * 0x94d049bb133111ebu;
	return i ^ i >> 31;
}

static void run_schema(sqlite3 *db, const char *name)
{
	char *text = calloc(1, MOST_SCHEMA);
	FILE *in = fopen(name, "r");

	if (!text || !in || fread(text, 1, MOST_SCHEMA - 1, in) == 0)
		die(NULL, name);
	fclose(in);
	if (sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK)
		die(db, name);
	free(text);
}

static int number_of(sqlite3 *db, const char *question)
{
	sqlite3_stmt *of;
	int number = 0;

	if (sqlite3_prepare_v2(db, question, -1, &of, NULL) != SQLITE_OK)
		die(db, question);
	if (sqlite3_step(of) == SQLITE_ROW)
		number = sqlite3_column_int(of, 0);
	sqlite3_finalize(of);
	return number;
}

static sqlite3 *open_ledger(const char *file, char **schemas, int count)
{
	sqlite3 *db;

	if (sqlite3_open(file, &db) != SQLITE_OK ||
	    sqlite3_exec(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
	                     " PRAGMA cache_size = -8192", NULL, NULL, NULL) != SQLITE_OK)
		die(db, file);
	for (int i = 0; i < count && number_of(db, "PRAGMA user_version") == 0; i++)
		run_schema(db, schemas[i]);
	number_of(db, "PRAGMA user_version = 1");
	return db;
}

static void place(sqlite3 *db, sqlite3_stmt *of[STEPS], int i)
{
	char number[NAME_SIZE], key[NAME_SIZE];
	uint64_t one = scattered(2 * (uint64_t)i), two = scattered(2 * (uint64_t)i + 1);
	int64_t wall_ms = now_ns(CLOCK_REALTIME) / 1000000;

	snprintf(number, sizeof number, "%016" PRIX64, one);
	snprintf(key, sizeof key, "%08" PRIx64 "-%04" PRIx64 "-4%03" PRIx64 "-8%03" PRIx64 "-%012" PRIx64, one >> 32,
	         one & 0xffff, one >> 16 & 0xfff, two >> 48 & 0xfff, two & 0xffffffffffff);
	for (int step = 0; step < STEPS; step++) {
		int values = sqlite3_bind_parameter_count(of[step]);

		if (values >= 1) sqlite3_bind_text(of[step], 1, number, -1, SQLITE_STATIC);
		if (values >= 2) sqlite3_bind_text(of[step], 2, key, -1, SQLITE_STATIC);
		if (values >= 3) sqlite3_bind_int64(of[step], 3, wall_ms);
		if (values >= 4) sqlite3_bind_int64(of[step], 4, i + 1);
		if (sqlite3_step(of[step]) != SQLITE_DONE)
			die(db, steps[step]);
		sqlite3_reset(of[step]);
	}
}

static int by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

int main(int argc, char **argv)
{
	sqlite3_stmt *of[STEPS];
	int count = argc > 3 ? (int)strtol(argv[2], NULL, 10) : 0, first;
	int64_t begun_ns, took_ns, cpu_ns, *took = calloc((size_t)count + 1, sizeof *took);
	struct rusage used;
	sqlite3 *db;

	if (count < 1 || !took) {
		fprintf(stderr, "usage: commits FILE COUNT SCHEMA...\n");
		return 2;
	}
	db = open_ledger(argv[1], argv + 3, argc - 3);
	for (int step = 0; step < STEPS; step++)
		if (sqlite3_prepare_v2(db, steps[step], -1, &of[step], NULL) != SQLITE_OK)
			die(db, steps[step]);
	first = number_of(db, "SELECT count(*) FROM audit");
	cpu_ns = now_ns(CLOCK_PROCESS_CPUTIME_ID);
	begun_ns = now_ns(CLOCK_MONOTONIC);
	for (int i = 0; i < count; i++) {
		int64_t from_ns = now_ns(CLOCK_MONOTONIC);

		place(db, of, first + i);
		took[i] = now_ns(CLOCK_MONOTONIC) - from_ns;
	}
	took_ns = now_ns(CLOCK_MONOTONIC) - begun_ns;
	cpu_ns = now_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu_ns;
	getrusage(RUSAGE_SELF, &used);
	qsort(took, (size_t)count, sizeof *took, by_size);
	printf("{\"answers\": %d, \"took_us\": %" PRId64 ", \"p50_us\": %" PRId64 ", \"p99_us\": %" PRId64
	       ", \"cpu_us\": %" PRId64 ", \"rss_kib\": %ld}\n",
	       count, took_ns / 1000, took[count / 2] / 1000, took[count - 1 - count / 100] / 1000, cpu_ns / 1000,
	       used.ru_maxrss);
	for (int step = 0; step < STEPS; step++)
		sqlite3_finalize(of[step]);
	sqlite3_close(db);
	return 0;
}
