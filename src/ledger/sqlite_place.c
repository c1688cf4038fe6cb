/* sqlite_place.c: a new order with its first attempt, a further attempt, and the money they reserve.
 * Knows no rules but those of the budget: desk/ has decided that the order may be placed. */
#include "ledger/sqlite.h"

#include <string.h>
#include <time.h>

/* ---- budget ---------------------------------------------------------------------------------- */

static const char BUDGET_ADD[] =
	"INSERT INTO budgets (person, currency, day, reserved_minor, spent_minor)"
	" VALUES (:person, :currency, :day, :reserved, :spent)"
	" ON CONFLICT (person, currency, day) DO UPDATE SET"
	" reserved_minor = reserved_minor + excluded.reserved_minor,"
	" spent_minor = spent_minor + excluded.spent_minor";
/* Days from :first to before :after; at most a month of them. Summed here and not by sum(), which fails
 * where we want to say 'too much'. */
static const char BUDGET_DAYS[] =
	"SELECT reserved_minor, spent_minor FROM budgets"
	" WHERE person = :person AND currency = :currency AND day >= :first AND day < :after";

struct budget_part budget_part_of(enum order_status status, struct money face, struct money price)
{
	struct budget_part part = { 0, 0 };

	if (order_is_open(status))
		part.reserved_minor = face.minor;
	else if (status == ORDER_COMPLETED) /* a price that isn't known, or in other money: what was asked for */
		part.spent_minor = price.currency[0] && memcmp(price.currency, face.currency, CURRENCY_SIZE) == 0
		                           ? price.minor
		                           : face.minor;
	return part;
}

static void budget_add_for(struct connection *on, const char *person, const char *currency, int64_t day,
                           struct budget_part change)
{
	struct sql sql = sql_begin(on, BUDGET_ADD);

	sql_bind_text(&sql, ":person", person);
	sql_bind_text(&sql, ":currency", currency);
	sql_bind_number(&sql, ":day", day);
	sql_bind_number(&sql, ":reserved", change.reserved_minor);
	sql_bind_number(&sql, ":spent", change.spent_minor);
	sql_do(&sql);
}

void budget_add(struct connection *on, const char *person, const char *currency, int64_t placed_at_ms,
                struct budget_part change)
{
	if (change.reserved_minor == 0 && change.spent_minor == 0) return;
	budget_add_for(on, person, currency, clock_day(placed_at_ms), change);
	budget_add_for(on, "", currency, clock_day(placed_at_ms), change);
}

/* Would `more` go over `most`? */
static bool is_over(struct connection *on, const char *person, const struct money *more, int64_t most,
                    int64_t first_day, int64_t after_day)
{
	struct sql sql = sql_begin(on, BUDGET_DAYS);
	int64_t sum = more->minor;
	bool is_too_much = false;

	sql_bind_text(&sql, ":person", person);
	sql_bind_text(&sql, ":currency", more->currency);
	sql_bind_number(&sql, ":first", first_day);
	sql_bind_number(&sql, ":after", after_day);
	while (sql_row(&sql))
		is_too_much = __builtin_add_overflow(sum, sql_number(&sql, 0), &sum) ||
		              __builtin_add_overflow(sum, sql_number(&sql, 1), &sum) || is_too_much;
	sql_end(&sql);
	return is_too_much || sum > most;
}

/* The days of the UTC month that `wall_ms` is in. */
static void month_of(int64_t wall_ms, int64_t *first_day, int64_t *after_day)
{
	time_t seconds = (time_t)(clock_day(wall_ms) * (MS_A_DAY / MS_A_SECOND));
	struct tm begin, end;

	gmtime_r(&seconds, &begin);
	begin.tm_mday = 1;
	end = begin;
	end.tm_mon++;
	*first_day = clock_day((int64_t)timegm(&begin) * MS_A_SECOND);
	*after_day = clock_day((int64_t)timegm(&end) * MS_A_SECOND);
}

/* ---- placing --------------------------------------------------------------------------------- */

static const char ORDER_OF_FORM[] = "SELECT 1 FROM orders WHERE form_key = :form_key";
static const char ORDER_ADD[] =
	"INSERT INTO orders (number, form_key, status, money_moved, product_code, product_name, face_minor,"
	" currency, distribution, email, description, placed_by, placed_by_name, placed_at_ms, advice)"
	" VALUES (:number, :form_key, :status, :money_moved, :product_code, :product_name, :face_minor,"
	" :currency, :distribution, :email, :description, :placed_by, :placed_by_name, :placed_at_ms, :advice)";
static const char ATTEMPT_ADD[] =
	"INSERT INTO attempts (order_id, no, key, reference, upstream, headers, body, state, task,"
	" created_at_ms, due_at_ms, opened_by)"
	" VALUES (:order_id, :no, :key, :reference, :upstream, :headers, :body, :state, :task,"
	" :created_at_ms, :due_at_ms, :opened_by)";

struct place {
	const struct order *wish;
	const struct attempt *first;
	const struct ledger_limits *limits;
	const char *advice;
	enum ledger_placed placed;
};

static bool form_was_used(struct connection *on, const char *form_key)
{
	struct sql sql = sql_begin(on, ORDER_OF_FORM);
	bool was_used;

	sql_bind_text(&sql, ":form_key", form_key);
	was_used = sql_row(&sql);
	sql_end(&sql);
	return was_used;
}

static int64_t order_add(struct connection *on, const struct place *place)
{
	const struct order *wish = place->wish;
	struct sql sql = sql_begin(on, ORDER_ADD);

	sql_bind_text(&sql, ":number", wish->number);
	sql_bind_text(&sql, ":form_key", wish->form_key);
	sql_bind_text(&sql, ":status", order_status_name(ORDER_PLACING));
	sql_bind_text(&sql, ":money_moved", order_money_moved_name(MONEY_MOVED_NO));
	sql_bind_text(&sql, ":product_code", wish->product_code);
	sql_bind_text(&sql, ":product_name", wish->product_name);
	sql_bind_number(&sql, ":face_minor", wish->face_value.minor);
	sql_bind_text(&sql, ":currency", wish->face_value.currency);
	sql_bind_text(&sql, ":distribution", order_distribution_name(wish->distribution));
	sql_bind_text(&sql, ":email", wish->email);
	sql_bind_text(&sql, ":description", wish->description);
	sql_bind_text(&sql, ":placed_by", wish->placed_by);
	sql_bind_text(&sql, ":placed_by_name", wish->placed_by_name);
	sql_bind_number(&sql, ":placed_at_ms", wish->placed_at_ms);
	sql_bind_text(&sql, ":advice", place->advice);
	return sql_do(&sql) ? sqlite3_last_insert_rowid(on->db) : 0;
}

static void attempt_add(struct ledger *ledger, struct connection *on, int64_t order_id, int no,
                        const struct attempt *attempt, const char *opened_by)
{
	int64_t created_at_ms = attempt->created_at_ms - clock_went_back_ms(ledger, attempt->created_at_ms);
	struct sql sql = sql_begin(on, ATTEMPT_ADD);

	sql_bind_number(&sql, ":order_id", order_id);
	sql_bind_number(&sql, ":no", no);
	sql_bind_text(&sql, ":key", attempt->key);
	sql_bind_text(&sql, ":reference", attempt->reference);
	sql_bind_text(&sql, ":upstream", attempt->upstream);
	sql_bind_text(&sql, ":headers", attempt->headers);
	sql_bind_bytes(&sql, ":body", attempt->body, attempt->body_bytes);
	sql_bind_text(&sql, ":state", attempt_state_name(ATTEMPT_READY));
	sql_bind_text(&sql, ":task", attempt_task_name(TASK_SEND));
	sql_bind_number(&sql, ":created_at_ms", created_at_ms);
	sql_bind_number(&sql, ":due_at_ms", created_at_ms);
	sql_bind_text(&sql, ":opened_by", opened_by);
	sql_do(&sql);
}

static enum ledger_placed place_over_limit(struct connection *on, const struct order *wish,
                                           const struct ledger_limits *limits)
{
	int64_t day = clock_day(wish->placed_at_ms), first_day, after_day;

	if (limits->user_day_minor > 0 &&
	    is_over(on, wish->placed_by, &wish->face_value, limits->user_day_minor, day, day + 1))
		return LEDGER_OVER_USER_DAY;
	month_of(wish->placed_at_ms, &first_day, &after_day);
	if (limits->month_minor > 0 &&
	    is_over(on, "", &wish->face_value, limits->month_minor, first_day, after_day))
		return LEDGER_OVER_MONTH;
	return LEDGER_PLACED_NEW;
}

enum ledger_placed ledger_over_limits(struct ledger *ledger, const struct order *wish,
                                      const struct ledger_limits *limits)
{
	struct connection *on = reader_hold(ledger);
	enum ledger_placed placed;

	if (!on) return LEDGER_PLACED_UNSURE;
	placed = place_over_limit(on, wish, limits);
	return reader_drop(ledger, on) == LEDGER_OK ? placed : LEDGER_PLACED_UNSURE;
}

static enum ledger_result place_run(struct ledger *ledger, struct connection *on, void *what)
{
	struct place *place = what;
	const struct order *wish = place->wish;
	struct money none = { 0 };

	place->placed = LEDGER_PLACED_BEFORE;
	if (form_was_used(on, wish->form_key)) return LEDGER_OK;
	place->placed = place_over_limit(on, wish, place->limits);
	if (place->placed != LEDGER_PLACED_NEW) return LEDGER_OK;
	attempt_add(ledger, on, order_add(on, place), 1, place->first, wish->placed_by);
	budget_add(on, wish->placed_by, wish->face_value.currency, wish->placed_at_ms,
	           budget_part_of(ORDER_PLACING, wish->face_value, none));
	audit_add(ledger, on,
	          &(struct audit_line){ .at_ms = wish->placed_at_ms, .order_number = wish->number,
	                                .attempt_no = 1, .who = wish->placed_by, .act = "placed" });
	return LEDGER_OK;
}

/* The order as it is now stored, without asking the ledger again. */
static void order_as_placed(struct arena *mem, const struct order *wish, const char *advice,
                            struct order *out)
{
	*out = (struct order){ .status = ORDER_PLACING, .money_moved = MONEY_MOVED_NO,
	                       .face_value = wish->face_value, .distribution = wish->distribution,
	                       .placed_at_ms = wish->placed_at_ms, .attempts = 1 };
	memcpy(out->number, wish->number, sizeof out->number);
	memcpy(out->form_key, wish->form_key, sizeof out->form_key);
	out->product_code = arena_text(mem, wish->product_code);
	out->product_name = arena_text(mem, wish->product_name);
	out->email = arena_text(mem, wish->email);
	out->description = arena_text(mem, wish->description);
	out->placed_by = arena_text(mem, wish->placed_by);
	out->placed_by_name = arena_text(mem, wish->placed_by_name);
	out->advice = arena_text(mem, advice);
}

enum ledger_placed ledger_place(struct ledger *ledger, struct arena *mem, const struct order *wish,
                                const struct attempt *first, const struct ledger_limits *limits,
                                struct order *out)
{
	struct place place = { .wish = wish, .first = first, .limits = limits,
	                       .advice = wish->advice ? wish->advice : LEDGER_ADVICE_UNSENT };
	enum ledger_result result = ledger_write(ledger, place_run, &place);

	if (result != LEDGER_OK) return result == LEDGER_FULL ? LEDGER_PLACED_FULL : LEDGER_PLACED_UNSURE;
	if (place.placed == LEDGER_PLACED_NEW) order_as_placed(mem, wish, place.advice, out);
	if (place.placed != LEDGER_PLACED_BEFORE) return place.placed;
	if (ledger_order_of_form(ledger, mem, wish->form_key, out) != LEDGER_OK) return LEDGER_PLACED_UNSURE;
	return order_same_content(wish, out) ? LEDGER_PLACED_BEFORE : LEDGER_PLACED_OTHERWISE;
}

/* ---- a further attempt ----------------------------------------------------------------------- */

static const char LATEST_ATTEMPT[] =
	"SELECT orders.id, attempts.no, attempts.state, orders.status FROM orders"
	" JOIN attempts ON attempts.order_id = orders.id WHERE orders.number = :number ORDER BY attempts.no DESC LIMIT 1";
static const char ORDER_PLACING_AGAIN[] =
	"UPDATE orders SET status = :status, advice = :advice WHERE id = :id";

struct further {
	const char *order_number;
	const struct attempt *next;
	const char *who, *why;
	int64_t now_ms;
};

static const char ATTEMPT_OF_KEY[] = "SELECT 1 FROM attempts WHERE key = :key";

static bool key_was_used(struct connection *on, const char *key)
{
	struct sql sql = sql_begin(on, ATTEMPT_OF_KEY);
	bool was_used;

	sql_bind_text(&sql, ":key", key);
	was_used = sql_row(&sql);
	sql_end(&sql);
	return was_used;
}

/* What its order's latest attempt must have come to before a person may open a further one. */
static const bool may_be_followed[ATTEMPT_STATES] = {
	[ATTEMPT_STUCK] = true, [ATTEMPT_STUCK_UNSENT] = true,
	[ATTEMPT_REFUSED] = true, [ATTEMPT_FAILED] = true, /* while an earlier attempt keeps the order open */
};

/* LEDGER_OK: the order may have one, and these are its id and its latest attempt's number. */
static enum ledger_result further_may(struct connection *on, const char *number, int64_t *order_id, int *no)
{
	struct sql sql = sql_begin(on, LATEST_ATTEMPT);
	enum ledger_result result = LEDGER_NONE;
	enum attempt_state state = ATTEMPT_READY;
	enum order_status status = ORDER_FAILED;
	char state_word[32], status_word[32];

	sql_bind_text(&sql, ":number", number);
	if (sql_row(&sql)) {
		*order_id = sql_number(&sql, 0);
		*no = (int)sql_number(&sql, 1);
		sql_text_into(&sql, 2, state_word, sizeof state_word);
		sql_text_into(&sql, 3, status_word, sizeof status_word);
		if (!attempt_state_from_name(state_word, &state)) sql_fail_word(&sql);
		if (!order_status_from_name(status_word, &status)) sql_fail_word(&sql);
		/* An earlier attempt may have been found completed: that order never opens again. */
		result = may_be_followed[state] && status == ORDER_NEEDS_ATTENTION ? LEDGER_OK : LEDGER_STALE;
	}
	sql_end(&sql);
	return result;
}

static enum ledger_result further_run(struct ledger *ledger, struct connection *on, void *what)
{
	const struct further *further = what;
	int64_t order_id = 0;
	int no = 0;
	enum ledger_result result;
	struct sql sql;

	if (key_was_used(on, further->next->key)) return LEDGER_USED;
	result = further_may(on, further->order_number, &order_id, &no);
	if (result != LEDGER_OK) return result;
	attempt_add(ledger, on, order_id, no + 1, further->next, further->who);
	sql = sql_begin(on, ORDER_PLACING_AGAIN);
	sql_bind_text(&sql, ":status", order_status_name(ORDER_PLACING));
	sql_bind_text(&sql, ":advice", LEDGER_ADVICE_UNSENT);
	sql_bind_number(&sql, ":id", order_id);
	sql_do(&sql);
	audit_add(ledger, on,
	          &(struct audit_line){ .at_ms = further->now_ms, .order_number = further->order_number,
	                                .attempt_no = no + 1, .who = further->who, .act = "new attempt",
	                                .detail = further->why });
	return LEDGER_OK;
}

enum ledger_result ledger_open_attempt(struct ledger *ledger, const char *order_number,
                                       const struct attempt *next, const char *who, const char *why,
                                       int64_t now_ms)
{
	struct further further = { order_number, next, who, why, now_ms };

	return ledger_write(ledger, further_run, &further);
}
