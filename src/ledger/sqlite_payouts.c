/* sqlite_payouts.c: which payouts of completed orders are looked at next, and what was seen. Knows no word of Runa's:
 * desk/ decides when the next look is due. */
#include "ledger/sqlite.h"

#include <string.h>

static const char FIRST_DUE[] =
	"SELECT number, payout_due_at_ms FROM orders INDEXED BY orders_payout_due WHERE payout_due_at_ms <> 0"
	" ORDER BY payout_due_at_ms LIMIT 1";
static const char HOLD[] = "UPDATE orders SET payout_due_at_ms = :again WHERE number = :number";

struct payout_claim {
	int64_t now_ms, again_at_ms;
	char *number;
};

static enum ledger_result claim_run(struct ledger *ledger, struct connection *on, void *what)
{
	struct payout_claim *claim = what;
	struct sql sql = sql_begin(on, FIRST_DUE);
	bool is_due = sql_row(&sql) && sql_number(&sql, 1) <= claim->now_ms;

	(void)ledger;
	if (is_due) sql_text_into(&sql, 0, claim->number, ID_NUMBER_SIZE);
	sql_end(&sql);
	if (!is_due) return LEDGER_NONE;
	sql = sql_begin(on, HOLD);
	sql_bind_number(&sql, ":again", claim->again_at_ms);
	sql_bind_text(&sql, ":number", claim->number);
	sql_do(&sql);
	return LEDGER_OK;
}

enum ledger_result ledger_claim_payout(struct ledger *ledger, int64_t now_ms, int64_t again_at_ms,
                                       char number[ID_NUMBER_SIZE])
{
	struct payout_claim claim = { now_ms, again_at_ms, number };

	/* A look costs no transaction of its own: mostly nothing is due. */
	if (ledger_next_payout_ms(ledger) > now_ms) return LEDGER_NONE;
	return ledger_write(ledger, claim_run, &claim);
}

int64_t ledger_next_payout_ms(struct ledger *ledger)
{
	struct connection *on = reader_hold(ledger);
	int64_t due_at_ms = INT64_MAX;
	struct sql sql;

	if (!on) return INT64_MAX;
	sql = sql_begin(on, FIRST_DUE);
	if (sql_row(&sql)) due_at_ms = sql_number(&sql, 1);
	sql_end(&sql);
	return reader_drop(ledger, on) == LEDGER_OK ? due_at_ms : INT64_MAX;
}

/* ---- what was seen --------------------------------------------------------------------------- */

static const char STATUS[] = "SELECT payout_status FROM orders WHERE number = :number";
static const char RECORD[] =
	"UPDATE orders SET payout_status = coalesce(:status, payout_status),"
	" payout_expiry = CASE WHEN :status IS NULL THEN payout_expiry ELSE :expiry END,"
	" payout_checked_at_ms = CASE WHEN :status IS NULL THEN payout_checked_at_ms ELSE :now END,"
	" payout_due_at_ms = :due, payout_looks = :looks WHERE number = :number AND status = 'completed'";

/* "ACTIVE -> CLAIMED"; NULL: nothing changed. */
static const char *change_of(struct ledger *ledger, struct connection *on, const struct ledger_payout *payout)
{
	struct sql sql = sql_begin(on, STATUS);
	const char *was = NULL, *change = NULL;

	sql_bind_text(&sql, ":number", payout->number);
	if (sql_row(&sql)) was = sql_text(&sql, 0, ledger->scratch);
	if (payout->status && (!was || strcmp(was, payout->status) != 0))
		change = arena_print(ledger->scratch, "%s -> %s", was ? was : "-", payout->status);
	sql_end(&sql);
	return change;
}

static enum ledger_result record_run(struct ledger *ledger, struct connection *on, void *what)
{
	const struct ledger_payout *payout = what;
	const char *change = change_of(ledger, on, payout);
	struct sql sql = sql_begin(on, RECORD);

	sql_bind_text(&sql, ":status", payout->status);
	sql_bind_text(&sql, ":expiry", payout->expiry);
	sql_bind_number(&sql, ":now", payout->now_ms);
	sql_bind_number(&sql, ":due", payout->due_at_ms);
	sql_bind_number(&sql, ":looks", payout->looks);
	sql_bind_text(&sql, ":number", payout->number);
	sql_do(&sql);
	if (sqlite3_changes(on->db) == 0) return LEDGER_NONE;
	if (change)
		audit_add(ledger, on,
		          &(struct audit_line){ .at_ms = payout->now_ms, .order_number = payout->number,
		                                .who = "dispatcher", .act = "payout", .detail = change });
	return LEDGER_OK;
}

enum ledger_result ledger_record_payout(struct ledger *ledger, const struct ledger_payout *payout)
{
	return ledger_write(ledger, record_run, (void *)payout);
}

static const char ASK[] =
	"UPDATE orders SET payout_due_at_ms = :now WHERE number = :number AND status = 'completed'"
	" AND runa_order_id IS NOT NULL";

static enum ledger_result ask_run(struct ledger *ledger, struct connection *on, void *what)
{
	struct sql sql = sql_begin(on, ASK);

	(void)ledger;
	sql_bind_number(&sql, ":now", LEDGER_PAYOUT_ASKED);
	sql_bind_text(&sql, ":number", what);
	sql_do(&sql);
	return sqlite3_changes(on->db) > 0 ? LEDGER_OK : LEDGER_NONE;
}

enum ledger_result ledger_ask_payout(struct ledger *ledger, const char *number)
{
	return ledger_write(ledger, ask_run, (void *)number);
}
