/* sqlite_attempts.c: who drives which attempt: claims, leases, and what moves due times. Knows no meaning
 * of an answer: sqlite_record.c stores what desk/ made of it. */
#include "ledger/sqlite.h"

#include <stdlib.h>
#include <string.h>

/* Written out as in the schema's partial indexes, or SQLite would not use them. */
#define IS_WAITING "task <> 'none'"
#define IS_OPEN "state NOT IN ('completed', 'failed', 'refused')"

/* What a claim makes of a state. SENT and RESENT come here only from a claimer that is gone. */
static const enum attempt_state states_when_sent[ATTEMPT_STATES] = {
	[ATTEMPT_READY] = ATTEMPT_SENT,         [ATTEMPT_SENT] = ATTEMPT_UNKNOWN,
	[ATTEMPT_HELD] = ATTEMPT_RESENT,        [ATTEMPT_RESENT] = ATTEMPT_UNKNOWN,
	[ATTEMPT_UNKNOWN] = ATTEMPT_UNKNOWN,    [ATTEMPT_ACCEPTED] = ATTEMPT_ACCEPTED,
	[ATTEMPT_COMPLETED] = ATTEMPT_COMPLETED, [ATTEMPT_FAILED] = ATTEMPT_FAILED,
	[ATTEMPT_REFUSED] = ATTEMPT_REFUSED,    [ATTEMPT_STUCK_UNSENT] = ATTEMPT_STUCK_UNSENT,
	[ATTEMPT_STUCK] = ATTEMPT_STUCK,
};
static const enum attempt_state states_when_asked[ATTEMPT_STATES] = {
	[ATTEMPT_READY] = ATTEMPT_READY,        [ATTEMPT_SENT] = ATTEMPT_UNKNOWN,
	[ATTEMPT_HELD] = ATTEMPT_HELD,          [ATTEMPT_RESENT] = ATTEMPT_UNKNOWN,
	[ATTEMPT_UNKNOWN] = ATTEMPT_UNKNOWN,    [ATTEMPT_ACCEPTED] = ATTEMPT_ACCEPTED,
	[ATTEMPT_COMPLETED] = ATTEMPT_COMPLETED, [ATTEMPT_FAILED] = ATTEMPT_FAILED,
	[ATTEMPT_REFUSED] = ATTEMPT_REFUSED,    [ATTEMPT_STUCK_UNSENT] = ATTEMPT_STUCK_UNSENT,
	[ATTEMPT_STUCK] = ATTEMPT_STUCK,
};
_Static_assert(ATTEMPT_STATES == 11, "both tables above need a cell for each state");

/* ---- looking for due attempts ---------------------------------------------------------------- */

#define DUE_COLUMNS "SELECT id, task, due_at_ms, created_at_ms, lease_owner, leased_until_ms FROM attempts"
#define DUE_ORDER " ORDER BY due_at_ms, id"

/* Sends whose key is young enough; their index brings the earliest first. */
static const char DUE_SENDS[] =
	DUE_COLUMNS " INDEXED BY attempts_due WHERE task = 'send' AND " IS_WAITING " AND upstream = :upstream"
	" AND due_at_ms <= :now AND created_at_ms >= :oldest" DUE_ORDER;
static const char DUE_OLD_SENDS[] =
	DUE_COLUMNS " INDEXED BY attempts_open WHERE task = 'send' AND upstream = :upstream"
	" AND due_at_ms <= :now AND created_at_ms < :oldest AND " IS_OPEN DUE_ORDER;
static const char DUE_POLLS[] =
	DUE_COLUMNS " INDEXED BY attempts_due WHERE task = 'poll' AND " IS_WAITING " AND upstream = :upstream"
	" AND due_at_ms <= :now" DUE_ORDER;
static const char DUE_SEARCHES[] =
	DUE_COLUMNS " INDEXED BY attempts_due WHERE task = 'search' AND " IS_WAITING " AND upstream = :upstream"
	" AND due_at_ms <= :now" DUE_ORDER;
static const char DUE_OF_ORDER[] =
	DUE_COLUMNS " WHERE order_id = (SELECT id FROM orders WHERE number = :only_order)"
	" AND " IS_WAITING " AND upstream = :upstream AND due_at_ms <= :now" DUE_ORDER;

/* One attempt that may be claimed. */
struct due {
	int64_t id, due_at_ms;
	enum task task; /* what is to be done now: a search in place of a send that came too late */
};

/* At most `most` of them, earliest first. */
struct due_list {
	struct due *of;
	size_t count, most;
};

struct claim_work {
	const struct ledger_claim *claim;
	struct arena *mem;
	struct ledger_claimed *out;
	size_t *count;
};

static bool may_claim(const struct ledger *ledger, int64_t owner, int64_t until_ms, int64_t now_ms)
{
	if (owner == 0) return true;
	if (owner == ledger->owner) return false; /* in flight here, whatever the clock says */
	return until_ms <= now_ms || !owner_is_alive(ledger, owner);
}

static enum task task_of_row(struct sql *sql, int column)
{
	enum task task = TASK_NONE;
	char word[16];

	sql_text_into(sql, column, word, sizeof word);
	if (!attempt_task_from_name(word, &task)) sql_fail_word(sql);
	return task;
}

/* Room for `most` more: one source may fill a list that another has begun. */
static void due_look(struct ledger *ledger, struct sql *sql, const struct ledger_claim *claim,
                     struct due_list *sends, struct due_list *others)
{
	size_t sends_before = sends->count, others_before = others->count;

	while ((sends->count - sends_before < sends->most || others->count - others_before < others->most) &&
	       sql_row(sql)) {
		struct due due = { sql_number(sql, 0), sql_number(sql, 2), task_of_row(sql, 1) };
		struct due_list *list;

		if (!may_claim(ledger, sql_number(sql, 4), sql_number(sql, 5), claim->now_ms)) continue;
		if (due.task == TASK_SEND && sql_number(sql, 3) < claim->oldest_key_ms) due.task = TASK_SEARCH;
		list = due.task == TASK_SEND ? sends : others;
		if (list->count - (list == sends ? sends_before : others_before) < list->most)
			list->of[list->count++] = due;
	}
	sql_end(sql);
}

static int due_compare(const void *a, const void *b)
{
	const struct due *x = a, *y = b;

	if (x->due_at_ms != y->due_at_ms) return x->due_at_ms < y->due_at_ms ? -1 : 1;
	return x->id < y->id ? -1 : x->id > y->id;
}

/* Which of the two lists a source can fill; the one that cannot is left out of the reckoning. */
static const struct due_source {
	const char *text;
	bool has_sends, has_others, is_of_order, has_oldest;
} due_sources[] = {
	{ DUE_SENDS,     true,  false, false, true  },
	{ DUE_OLD_SENDS, false, true,  false, true  },
	{ DUE_POLLS,     false, true,  false, false },
	{ DUE_SEARCHES,  false, true,  false, false },
	{ DUE_OF_ORDER,  true,  true,  true,  false },
};

static void due_find(struct ledger *ledger, struct connection *on, const struct ledger_claim *claim,
                     struct due_list *sends, struct due_list *others)
{
	for (size_t i = 0; i < COUNT_OF(due_sources); i++) {
		const struct due_source *source = &due_sources[i];
		size_t most_sends = sends->most, most_others = others->most;
		struct sql sql;

		if (source->is_of_order != (claim->only_order != NULL)) continue;
		if (!source->has_sends) sends->most = 0;
		if (!source->has_others) others->most = 0;
		sql = sql_begin(on, source->text);
		sql_bind_text(&sql, ":upstream", claim->upstream);
		sql_bind_number(&sql, ":now", claim->now_ms);
		if (source->has_oldest) sql_bind_number(&sql, ":oldest", claim->oldest_key_ms);
		if (source->is_of_order) sql_bind_text(&sql, ":only_order", claim->only_order);
		due_look(ledger, &sql, claim, sends, others);
		sends->most = most_sends;
		others->most = most_others;
	}
	/* The sources of `others` each brought their earliest: the earliest of all are among them. */
	qsort(others->of, others->count, sizeof *others->of, due_compare);
	if (others->count > others->most) others->count = others->most;
}

/* ---- claiming -------------------------------------------------------------------------------- */

static const char ATTEMPT_OF_ID[] =
	"SELECT " ATTEMPT_COLUMNS ", orders.status = 'completed' FROM attempts JOIN orders ON orders.id = attempts.order_id"
	" WHERE attempts.id = :id";
static const char CLAIM[] =
	"UPDATE attempts SET state = :state, task = :task, tries = :tries, first_sent_at_ms = :first_sent_at_ms,"
	" lease_owner = :owner, leased_until_ms = :until WHERE id = :id";
static const char TRY_ADD[] =
	"INSERT INTO tries (attempt_id, task, begun_at_ms) VALUES (:attempt_id, :task, :begun_at_ms)";

/* Until now not a byte had left; from here on nobody may say that no money moved. */
static const char ORDER_IS_SENT[] =
	"UPDATE orders SET money_moved = 'unknown', advice = coalesce(:advice, advice)"
	" WHERE number = :number AND money_moved = 'no'";

static void order_is_sent(struct connection *on, const char *number, const char *advice)
{
	struct sql sql = sql_begin(on, ORDER_IS_SENT);

	sql_bind_text(&sql, ":advice", advice);
	sql_bind_text(&sql, ":number", number);
	sql_do(&sql);
}

/* The order was bought meanwhile by another of its attempts: this one's key must not buy a second time. */
static const char REST[] = "UPDATE attempts SET task = " LEDGER_TASK_INSTEAD_OF_SEND " WHERE id = :id";

static void rest_one(struct connection *on, int64_t id)
{
	struct sql sql = sql_begin(on, REST);

	sql_bind_number(&sql, ":id", id);
	sql_do(&sql);
}

static void claim_one(struct ledger *ledger, struct connection *on, const struct claim_work *work,
                      const struct due *due)
{
	struct ledger_claimed *out = &work->out[*work->count];
	struct attempt *attempt = &out->attempt;
	int64_t now_ms = work->claim->now_ms;
	struct sql sql = sql_begin(on, ATTEMPT_OF_ID);
	bool is_bought = false;

	sql_bind_number(&sql, ":id", due->id);
	if (sql_row(&sql)) {
		attempt_from_row(&sql, work->mem, attempt);
		is_bought = sql_number(&sql, ATTEMPT_COLUMNS_COUNT) != 0;
	}
	sql_end(&sql);
	if (on->rc != SQLITE_OK) return;
	if (due->task == TASK_SEND && is_bought) {
		rest_one(on, due->id);
		return;
	}

	attempt->task = due->task;
	if (due->task == TASK_SEND) {
		attempt->state = states_when_sent[attempt->state];
		attempt->tries++;
		if (attempt->first_sent_at_ms == 0) attempt->first_sent_at_ms = now_ms;
		order_is_sent(on, attempt->order_number, work->claim->sent_advice);
	} else {
		attempt->state = states_when_asked[attempt->state];
	}
	sql = sql_begin(on, CLAIM);
	sql_bind_text(&sql, ":state", attempt_state_name(attempt->state));
	sql_bind_text(&sql, ":task", attempt_task_name(attempt->task));
	sql_bind_number(&sql, ":tries", attempt->tries);
	sql_bind_number(&sql, ":first_sent_at_ms", attempt->first_sent_at_ms);
	sql_bind_number(&sql, ":owner", ledger->owner);
	sql_bind_number(&sql, ":until", now_ms + work->claim->lease_ms);
	sql_bind_number(&sql, ":id", due->id);
	sql_do(&sql);
	sql = sql_begin(on, TRY_ADD);
	sql_bind_number(&sql, ":attempt_id", due->id);
	sql_bind_text(&sql, ":task", attempt_task_name(attempt->task));
	sql_bind_number(&sql, ":begun_at_ms", now_ms);
	if (sql_do(&sql)) out->try_id = sqlite3_last_insert_rowid(on->db);
	(*work->count)++;
}

static size_t sends_left(const struct ledger_claim *claim, const struct ledger_pace *pace)
{
	int64_t left = claim->sends_a_minute - pace->sent_in_minute;

	if (claim->sends_a_minute == 0) return claim->max_sends;
	if (left <= 0) return 0;
	return (size_t)left < claim->max_sends ? (size_t)left : claim->max_sends;
}

static size_t sends_of(const struct claim_work *work)
{
	size_t sends = 0;

	for (size_t i = 0; i < *work->count; i++)
		if (work->out[i].attempt.task == TASK_SEND) sends++;
	return sends;
}

static enum ledger_result claim_run(struct ledger *ledger, struct connection *on, void *what)
{
	const struct claim_work *work = what;
	const struct ledger_claim *claim = work->claim;
	/* Room for what each source may bring: three of them bring others. */
	struct due_list sends = { .most = claim->max_sends }, others = { .most = claim->max_others };
	struct ledger_pace pace = pace_read(on, claim->now_ms);
	struct due *all;

	*work->count = 0;
	if (pace.pause_until_ms > claim->now_ms) return LEDGER_OK;
	sends.most = sends_left(claim, &pace);
	sends.of = arena_array(ledger->scratch, claim->max_sends + 1, sizeof *sends.of);
	others.of = arena_array(ledger->scratch, 3 * claim->max_others + 1, sizeof *others.of);
	due_find(ledger, on, claim, &sends, &others);
	all = arena_array(ledger->scratch, sends.count + others.count + 1, sizeof *all);
	for (size_t i = 0; i < sends.count; i++)
		all[i] = sends.of[i];
	for (size_t i = 0; i < others.count; i++)
		all[sends.count + i] = others.of[i];
	qsort(all, sends.count + others.count, sizeof *all, due_compare);
	for (size_t i = 0; i < sends.count + others.count && on->rc == SQLITE_OK; i++)
		claim_one(ledger, on, work, &all[i]);
	pace_add(on, claim->now_ms, sends_of(work));
	return LEDGER_OK;
}

/* ---- when the next is due -------------------------------------------------------------------- */

static const char OPEN_OF_TASK[] =
	"SELECT due_at_ms, lease_owner, leased_until_ms FROM attempts INDEXED BY attempts_due"
	" WHERE task = :task AND " IS_WAITING " AND upstream = :upstream ORDER BY due_at_ms";

static int64_t next_due_of_task(struct ledger *ledger, struct connection *on, const char *task,
                                const char *upstream)
{
	struct sql sql = sql_begin(on, OPEN_OF_TASK);
	int64_t earliest = INT64_MAX;

	sql_bind_text(&sql, ":task", task);
	sql_bind_text(&sql, ":upstream", upstream);
	while (sql_row(&sql)) {
		int64_t due_at_ms = sql_number(&sql, 0), owner = sql_number(&sql, 1);
		int64_t until_ms = sql_number(&sql, 2);

		if (due_at_ms >= earliest) break;
		if (owner == ledger->owner) continue; /* ours already: ledger_record brings its news */
		if (owner != 0 && until_ms > due_at_ms && owner_is_alive(ledger, owner)) due_at_ms = until_ms;
		if (due_at_ms < earliest) earliest = due_at_ms;
	}
	sql_end(&sql);
	return earliest;
}

static bool next_due_read(struct ledger *ledger, const char *upstream, int64_t *earliest)
{
	static const enum task tasks[] = { TASK_SEND, TASK_POLL, TASK_SEARCH };
	struct connection *on = reader_hold(ledger);

	*earliest = INT64_MAX;
	if (!on) return false;
	for (size_t i = 0; i < COUNT_OF(tasks); i++) {
		int64_t due_at_ms = next_due_of_task(ledger, on, attempt_task_name(tasks[i]), upstream);

		if (due_at_ms < *earliest) *earliest = due_at_ms;
	}
	return reader_drop(ledger, on) == LEDGER_OK;
}

int64_t ledger_next_due_ms(struct ledger *ledger, const char *upstream)
{
	int64_t earliest;

	if (next_due_read(ledger, upstream, &earliest)) return earliest;
	/* Not known: soon, but no storm of looks at a ledger that cannot be read. */
	return clock_wall_ms(ledger->clock) + MS_A_SECOND;
}

enum ledger_result ledger_claim_due(struct ledger *ledger, struct arena *mem,
                                    const struct ledger_claim *claim, struct ledger_claimed *out,
                                    size_t *count)
{
	struct claim_work work = { claim, mem, out, count };
	enum ledger_result result;
	int64_t earliest;

	*count = 0;
	/* A look costs no transaction of its own: mostly nothing is due. */
	if (ledger_is_sound(ledger) && next_due_read(ledger, claim->upstream, &earliest) &&
	    earliest > claim->now_ms)
		return LEDGER_OK;
	result = ledger_write(ledger, claim_run, &work);
	if (result != LEDGER_OK) *count = 0;
	return result;
}

/* ---- all open attempts at once --------------------------------------------------------------- */

static const char LEASED_SENDS[] =
	"SELECT id, lease_owner FROM attempts WHERE task = 'send' AND created_at_ms <= :before"
	" AND lease_owner <> 0 AND " IS_OPEN;
static const char SEARCH_FIRST[] =
	"UPDATE attempts SET task = 'search', due_at_ms = :now WHERE task = 'send'"
	" AND created_at_ms <= :before AND lease_owner = :owner AND " IS_OPEN;

struct search_first {
	int64_t before_ms, now_ms;
};

static void search_first_of(struct connection *on, const struct search_first *search, int64_t owner)
{
	struct sql sql = sql_begin(on, SEARCH_FIRST);

	sql_bind_number(&sql, ":now", search->now_ms);
	sql_bind_number(&sql, ":before", search->before_ms);
	sql_bind_number(&sql, ":owner", owner);
	sql_do(&sql);
}

/* What a living claimer has in flight is left alone: its answer is on the way. */
static enum ledger_result search_first_run(struct ledger *ledger, struct connection *on, void *what)
{
	const struct search_first *search = what;
	struct sql sql = sql_begin(on, LEASED_SENDS);
	int64_t *dead = NULL;
	size_t count = 0, room = 0;

	sql_bind_number(&sql, ":before", search->before_ms);
	while (sql_row(&sql)) {
		int64_t owner = sql_number(&sql, 1);

		if (owner_is_alive(ledger, owner) || (count > 0 && dead[count - 1] == owner)) continue;
		dead = arena_grow(ledger->scratch, dead, count, &room, sizeof *dead);
		dead[count++] = owner;
	}
	sql_end(&sql);
	search_first_of(on, search, 0);
	for (size_t i = 0; i < count; i++)
		search_first_of(on, search, dead[i]);
	return LEDGER_OK;
}

enum ledger_result ledger_search_first(struct ledger *ledger, int64_t before_ms, int64_t now_ms)
{
	struct search_first search = { before_ms, now_ms };

	return ledger_write(ledger, search_first_run, &search);
}
