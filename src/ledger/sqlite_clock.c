/* sqlite_clock.c: jumps of the wall clock. The ledger's times are the wall clock's. Beside them stands how far that
 * clock was from the steady one: whoever writes next, in whichever process, finds out that it jumped, and in the
 * same transaction moves the times of open attempts along, once for all processes. Knows no meaning of an answer. */
#include "ledger/sqlite.h"

#include <stdlib.h>

#include "base/log.h"

static const int64_t READ_WITHIN_MS = 1000;

/* A process that was stopped between its two looks would take the time in between for a jump. */
static int64_t offset_now(const struct clock *clock)
{
	int64_t before, wall;

	do {
		before = clock_steady_ms(clock);
		wall = clock_wall_ms(clock);
	} while (clock_steady_ms(clock) - before > READ_WITHIN_MS);
	return wall - before;
}

static bool is_jump(int64_t ms)
{
	return llabs(ms) >= LEDGER_CLOCK_JUMP_MS;
}

static const char STORED[] = "SELECT boot, clock_offset_ms, last_write_ms FROM ledger WHERE id = 1";

struct stored_clock {
	int64_t boot, offset_ms, last_write_ms;
};

static struct stored_clock stored_read(struct connection *on)
{
	struct stored_clock stored = { 0 };
	struct sql sql = sql_begin(on, STORED);

	if (sql_row(&sql)) {
		stored.boot = sql_number(&sql, 0);
		stored.offset_ms = sql_number(&sql, 1);
		stored.last_write_ms = sql_number(&sql, 2);
	}
	sql_end(&sql);
	return stored;
}

/* Where it has no name: this opening has written to the ledger, so what is stored is of this start. */
static bool is_same_boot(const struct ledger *ledger, const struct stored_clock *stored)
{
	return (ledger->boot != 0 || ledger->known_clock.is_known) && stored->boot == ledger->boot;
}

/* Since another start of the machine only one thing can be told: that it is earlier than it once was. */
static int64_t jump_since(const struct ledger *ledger, const struct stored_clock *stored, int64_t offset_ms)
{
	int64_t ahead_ms;

	if (is_same_boot(ledger, stored)) return offset_ms - stored->offset_ms;
	ahead_ms = clock_wall_ms(ledger->clock) - stored->last_write_ms;
	return ahead_ms < 0 ? ahead_ms : 0;
}

/* Pauses and patience stay as long as they are: due times, leases and the time of the first try go along. So do
 * births of keys where the clock went back. But a leap forth may be true time: a virtual machine that was halted for
 * weeks doesn't notice, and Runa counts on. So a key is not made younger (runa-api 8: after 30 days the same key buys
 * again); unless, as far as the ledger knows, not a byte of it has left: that one is looked for before it is sent,
 * for the machine may have been put back to a day when it had not been sent yet. */
#define IS_LEAP_OVER_UNSENT "state = 'ready' AND :jump >= 86400000"
static const char MOVE_ATTEMPTS[] =
	"UPDATE attempts SET due_at_ms = due_at_ms + :jump,"
	" created_at_ms = created_at_ms + CASE WHEN " IS_LEAP_OVER_UNSENT " THEN :jump ELSE min(:jump, 0) END,"
	" task = CASE WHEN " IS_LEAP_OVER_UNSENT " AND task = 'send' THEN 'search' ELSE task END,"
	" first_sent_at_ms = CASE first_sent_at_ms WHEN 0 THEN 0 ELSE first_sent_at_ms + :jump END,"
	" leased_until_ms = CASE lease_owner WHEN 0 THEN 0 ELSE leased_until_ms + :jump END"
	" WHERE state NOT IN ('completed', 'failed', 'refused')";
static const char MOVE_PAUSE[] =
	"UPDATE ledger SET pause_until_ms = pause_until_ms + :jump WHERE id = 1 AND pause_until_ms <> 0";
static const char MOVE_PAYOUTS[] =
	"UPDATE orders SET payout_due_at_ms = max(payout_due_at_ms + :jump, 1) WHERE payout_due_at_ms <> 0";
static const char PUT_CLOCK[] = "UPDATE ledger SET boot = :boot, clock_offset_ms = :offset WHERE id = 1";

static void move_by(struct connection *on, const char *text, int64_t jump_ms)
{
	struct sql sql = sql_begin(on, text);

	sql_bind_number(&sql, ":jump", jump_ms);
	sql_do(&sql);
}

static void put_clock(struct connection *on, int64_t boot, int64_t offset_ms)
{
	struct sql sql = sql_begin(on, PUT_CLOCK);

	sql_bind_number(&sql, ":boot", boot);
	sql_bind_number(&sql, ":offset", offset_ms);
	sql_do(&sql);
}

void clock_mind(struct ledger *ledger, struct connection *on)
{
	struct known_clock *known = &ledger->known_clock;
	int64_t offset_ms = offset_now(ledger->clock);
	struct stored_clock stored;

	known->is_news = false;
	if (known->is_known && !is_jump(offset_ms - known->offset_ms)) return;
	stored = stored_read(on);
	known->jump_ms = jump_since(ledger, &stored, offset_ms);
	known->is_news = true;
	/* Small steps add up until they count. */
	known->next_offset_ms = stored.offset_ms;
	if (!is_jump(known->jump_ms) && is_same_boot(ledger, &stored)) return;
	known->next_offset_ms = offset_ms;
	put_clock(on, ledger->boot, offset_ms);
	if (!is_jump(known->jump_ms)) return;
	move_by(on, MOVE_ATTEMPTS, known->jump_ms);
	move_by(on, MOVE_PAUSE, known->jump_ms);
	move_by(on, MOVE_PAYOUTS, known->jump_ms);
	pace_move(on, clock_wall_ms(ledger->clock), known->jump_ms);
}

void clock_minded(struct ledger *ledger)
{
	struct known_clock *known = &ledger->known_clock;

	if (!known->is_news) return;
	known->is_news = false;
	known->is_known = true;
	known->offset_ms = known->next_offset_ms;
	if (is_jump(known->jump_ms)) log_line(LOG_WARN, "clock_jumped", "ms=%lld", (long long)known->jump_ms);
}

int64_t clock_went_back_ms(const struct ledger *ledger, int64_t then_ms)
{
	int64_t back_ms = then_ms - clock_wall_ms(ledger->clock);

	return back_ms >= LEDGER_CLOCK_JUMP_MS ? back_ms : 0;
}

bool clock_has_jumped(struct ledger *ledger)
{
	struct connection *on = &ledger->writer;
	struct stored_clock stored = stored_read(on);

	return on->rc == SQLITE_OK && is_jump(jump_since(ledger, &stored, offset_now(ledger->clock)));
}

static enum ledger_result mind_run(struct ledger *ledger, struct connection *on, void *what)
{
	(void)ledger;
	(void)on;
	(void)what;
	return LEDGER_OK; /* each transaction minds the clock before anything else */
}

enum ledger_result ledger_mind_clock(struct ledger *ledger)
{
	struct known_clock *known = &ledger->known_clock;

	if (known->is_known && !is_jump(offset_now(ledger->clock) - known->offset_ms)) return LEDGER_OK;
	return ledger_write(ledger, mind_run, NULL);
}
