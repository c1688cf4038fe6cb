/* sqlite_pace.c: how fast all processes together may send: the requests that began in the last minute, and the pause
 * that Runa asked for. Knows neither why nor how long. */
#include "ledger/sqlite.h"

enum { SECONDS_A_MINUTE = 60 };

static const char SENT[] = "SELECT sum(sends) FROM sends WHERE second >= :from";
static const char FORGET[] = "DELETE FROM sends WHERE second < :from";
static const char ADD[] =
	"INSERT INTO sends (second, sends) VALUES (:second, :sends)"
	" ON CONFLICT (second) DO UPDATE SET sends = sends + excluded.sends";
static const char PAUSE[] = "SELECT pause_until_ms, pauses FROM ledger WHERE id = 1";
/* A good answer to one process takes nothing away of a pause that another was asked for meanwhile. */
static const char PUT_PAUSE[] =
	"UPDATE ledger SET pause_until_ms = max(pause_until_ms, :until), pauses = :pauses"
	" WHERE id = 1 AND (:until > :now OR pause_until_ms <= :now)";

/* The second that began a minute ago counts whole: rather a little less than a little more. */
static int64_t first_second(int64_t now_ms)
{
	return now_ms / MS_A_SECOND - SECONDS_A_MINUTE;
}

static int64_t sent_since(struct connection *on, int64_t from)
{
	struct sql sql = sql_begin(on, SENT);
	int64_t sent = 0;

	sql_bind_number(&sql, ":from", from);
	if (sql_row(&sql)) sent = sql_number(&sql, 0);
	sql_end(&sql);
	return sent;
}

struct ledger_pace pace_read(struct connection *on, int64_t now_ms)
{
	struct ledger_pace pace = { .sent_in_minute = sent_since(on, first_second(now_ms)) };
	struct sql sql = sql_begin(on, PAUSE);

	if (sql_row(&sql)) {
		pace.pause_until_ms = sql_number(&sql, 0);
		pace.pauses = (int)sql_number(&sql, 1);
	}
	sql_end(&sql);
	return pace;
}

static void forget_before(struct connection *on, int64_t second)
{
	struct sql sql = sql_begin(on, FORGET);

	sql_bind_number(&sql, ":from", second);
	sql_do(&sql);
}

void pace_add(struct connection *on, int64_t now_ms, size_t sends)
{
	struct sql sql;

	if (sends == 0) return;
	forget_before(on, first_second(now_ms));
	sql = sql_begin(on, ADD);
	sql_bind_number(&sql, ":second", now_ms / MS_A_SECOND);
	sql_bind_number(&sql, ":sends", (int64_t)sends);
	sql_do(&sql);
}

/* All of the last minute counts as begun now. */
void pace_move(struct connection *on, int64_t now_ms, int64_t jump_ms)
{
	int64_t sent = sent_since(on, first_second(now_ms - jump_ms));

	forget_before(on, INT64_MAX);
	pace_add(on, now_ms, (size_t)sent);
}

bool ledger_pace(struct ledger *ledger, int64_t now_ms, struct ledger_pace *out)
{
	struct connection *on = reader_hold(ledger);

	if (!on) return false;
	*out = pace_read(on, now_ms);
	return reader_drop(ledger, on) == LEDGER_OK;
}

struct pause {
	int64_t wait_ms;
	int pauses;
};

static enum ledger_result pause_run(struct ledger *ledger, struct connection *on, void *what)
{
	const struct pause *pause = what;
	int64_t now_ms = clock_wall_ms(ledger->clock);
	struct sql sql = sql_begin(on, PUT_PAUSE);

	sql_bind_number(&sql, ":now", now_ms);
	sql_bind_number(&sql, ":until", pause->wait_ms > 0 ? now_ms + pause->wait_ms : 0);
	sql_bind_number(&sql, ":pauses", pause->pauses);
	sql_do(&sql);
	return LEDGER_OK;
}

enum ledger_result ledger_pause(struct ledger *ledger, int64_t wait_ms, int pauses)
{
	struct pause pause = { wait_ms, pauses };

	return ledger_write(ledger, pause_run, &pause);
}
