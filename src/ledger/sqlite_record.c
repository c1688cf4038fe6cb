/* sqlite_record.c: an attempt's step, with what it means for order, try row, audit and budget, in one
 * transaction. What the step should be was decided in desk/. */
#include "ledger/sqlite.h"

#include <string.h>

#include "base/log.h"

/* What the step begins from. */
struct before {
	int64_t order_id, lease_owner, placed_at_ms;
	char order_number[ID_NUMBER_SIZE];
	int attempt_no;
	enum attempt_state state;
	enum task task;
	enum order_status status;
	struct money face, price;
	const char *placed_by;
	bool is_latest; /* of its order's attempts */
};

static const char BEFORE[] =
	"SELECT orders.id, attempts.lease_owner, orders.placed_at_ms, orders.number, attempts.no,"
	" attempts.state, orders.status, orders.face_minor, orders.currency, orders.price_minor,"
	" orders.price_currency, orders.placed_by, attempts.task,"
	" attempts.no = (SELECT max(no) FROM attempts AS of_order WHERE of_order.order_id = orders.id)"
	" FROM attempts JOIN orders ON orders.id = attempts.order_id WHERE attempts.id = :id";

static bool before_read(struct ledger *ledger, struct connection *on, int64_t attempt_id, struct before *out)
{
	struct sql sql = sql_begin(on, BEFORE);
	char state[32], status[32], task[16];
	bool is_there;

	*out = (struct before){ 0 };
	sql_bind_number(&sql, ":id", attempt_id);
	is_there = sql_row(&sql);
	if (is_there) {
		out->order_id = sql_number(&sql, 0);
		out->lease_owner = sql_number(&sql, 1);
		out->placed_at_ms = sql_number(&sql, 2);
		sql_text_into(&sql, 3, out->order_number, sizeof out->order_number);
		out->attempt_no = (int)sql_number(&sql, 4);
		sql_text_into(&sql, 5, state, sizeof state);
		sql_text_into(&sql, 6, status, sizeof status);
		out->face.minor = sql_number(&sql, 7);
		sql_text_into(&sql, 8, out->face.currency, sizeof out->face.currency);
		out->price.minor = sql_number(&sql, 9);
		sql_text_into(&sql, 10, out->price.currency, sizeof out->price.currency);
		out->placed_by = sql_text(&sql, 11, ledger->scratch);
		sql_text_into(&sql, 12, task, sizeof task);
		out->is_latest = sql_number(&sql, 13) != 0;
		if (!attempt_state_from_name(state, &out->state) || !order_status_from_name(status, &out->status) ||
		    !attempt_task_from_name(task, &out->task))
			sql_fail_word(&sql);
	}
	sql_end(&sql);
	return is_there && on->rc == SQLITE_OK;
}

/* A call's answer counts even if our lease ran out, unless somebody else who lives drives it by now. A person acts on
 * the latest attempt: once there is a later one, the one before must not be sent beside it. */
static bool is_stale(const struct ledger *ledger, const struct before *before, const struct ledger_step *step)
{
	if (before->state != step->from || before->task != step->from_task) return true;
	if (step->try_id == 0) return !before->is_latest;
	return before->lease_owner != 0 && before->lease_owner != ledger->owner &&
	       owner_is_alive(ledger, before->lease_owner);
}

/* The lease goes back with a call's answer, unless a later call is under way; a person's act leaves it. */
#define GIVES_LEASE_BACK \
	":try_id <> 0 AND NOT EXISTS (SELECT 1 FROM tries WHERE attempt_id = :id AND id > :try_id AND ended_at_ms = 0)"

static const char ATTEMPT_STEP[] =
	"UPDATE attempts SET state = :state, task = :task, due_at_ms = :due_at_ms, polls = :polls,"
	" setup_refusals = :setup_refusals, mute = :mute,"
	" runa_order_id = coalesce(:runa_order_id, runa_order_id),"
	" lease_owner = CASE WHEN " GIVES_LEASE_BACK " THEN 0 ELSE lease_owner END,"
	" leased_until_ms = CASE WHEN " GIVES_LEASE_BACK " THEN 0 ELSE leased_until_ms END WHERE id = :id";

static void attempt_step(struct ledger *ledger, struct connection *on, const struct ledger_step *step)
{
	struct sql sql = sql_begin(on, ATTEMPT_STEP);

	sql_bind_text(&sql, ":state", attempt_state_name(step->to));
	sql_bind_text(&sql, ":task", attempt_task_name(step->task));
	sql_bind_number(&sql, ":due_at_ms", step->due_at_ms - clock_went_back_ms(ledger, step->now_ms));
	sql_bind_number(&sql, ":polls", step->polls);
	sql_bind_number(&sql, ":setup_refusals", step->setup_refusals);
	sql_bind_number(&sql, ":mute", step->mute);
	sql_bind_text(&sql, ":runa_order_id", step->runa_order_id);
	sql_bind_number(&sql, ":try_id", step->try_id);
	sql_bind_number(&sql, ":id", step->attempt_id);
	sql_do(&sql);
}

/* What its lease kept back may be claimed now. */
static const char LEASE_BACK[] =
	"UPDATE attempts SET lease_owner = 0, leased_until_ms = 0 WHERE id = :id AND " GIVES_LEASE_BACK;

static void lease_back(struct connection *on, const struct ledger_step *step)
{
	struct sql sql = sql_begin(on, LEASE_BACK);

	sql_bind_number(&sql, ":try_id", step->try_id);
	sql_bind_number(&sql, ":id", step->attempt_id);
	sql_do(&sql);
}

static const char ORDER_STEP[] =
	"UPDATE orders SET status = :status, money_moved = :money_moved, advice = :advice,"
	" error_type = :error_type, error_message = :error_message,"
	" runa_order_id = coalesce(:runa_order_id, runa_order_id),"
	" price_minor = :price_minor, price_currency = :price_currency,"
	" discount_minor = CASE :has_price WHEN 0 THEN discount_minor ELSE :discount_minor END,"
	" discount_currency = CASE :has_price WHEN 0 THEN discount_currency ELSE :discount_currency END,"
	" payout_status = coalesce(:payout_status, payout_status),"
	" payout_checked_at_ms = CASE WHEN :payout_status IS NULL THEN payout_checked_at_ms ELSE :now END,"
	" payout_due_at_ms = :payout_due,"
	" payout_expiry = coalesce(:payout_expiry, payout_expiry),"
	" link_sealed = coalesce(:link_sealed, link_sealed),"
	" completed_at_ms = CASE :completed_at_ms WHEN 0 THEN completed_at_ms ELSE :completed_at_ms END"
	" WHERE id = :id";

static void order_step(struct connection *on, const struct before *before, const struct ledger_step *step,
                       struct money price)
{
	struct sql sql = sql_begin(on, ORDER_STEP);

	sql_bind_text(&sql, ":status", order_status_name(step->order_status));
	sql_bind_text(&sql, ":money_moved", order_money_moved_name(step->money_moved));
	sql_bind_text(&sql, ":advice", step->advice);
	sql_bind_text(&sql, ":error_type", step->error_type);
	sql_bind_text(&sql, ":error_message", step->error_message);
	sql_bind_text(&sql, ":runa_order_id", step->runa_order_id);
	sql_bind_number(&sql, ":price_minor", price.minor);
	sql_bind_text(&sql, ":price_currency", price.currency);
	sql_bind_number(&sql, ":has_price", step->price.currency[0] != '\0');
	sql_bind_number(&sql, ":discount_minor", step->discount.minor);
	sql_bind_text(&sql, ":discount_currency", step->discount.currency);
	sql_bind_text(&sql, ":payout_status", step->payout_status);
	sql_bind_number(&sql, ":payout_due", step->payout_due_at_ms);
	sql_bind_text(&sql, ":payout_expiry", step->payout_expiry);
	sql_bind_number(&sql, ":now", step->now_ms);
	sql_bind_bytes(&sql, ":link_sealed", step->link_sealed, step->link_sealed ? step->link_sealed_bytes : 0);
	sql_bind_number(&sql, ":completed_at_ms", step->completed_at_ms);
	sql_bind_number(&sql, ":id", before->order_id);
	sql_do(&sql);
}

static const char TRY_STEP[] =
	"UPDATE tries SET ended_at_ms = :now, meaning = :meaning, http_status = :http_status,"
	" error_type = :error_type, request_id = :request_id"
	" WHERE id = :try_id AND attempt_id = :attempt_id AND ended_at_ms = 0 RETURNING 1";

/* False: there is no such open try; this answer was recorded before. */
static bool try_step(struct connection *on, const struct ledger_step *step)
{
	struct sql sql = sql_begin(on, TRY_STEP);
	bool is_there;

	sql_bind_number(&sql, ":now", step->now_ms);
	sql_bind_text(&sql, ":meaning", meaning_name(step->meaning));
	sql_bind_number(&sql, ":http_status", step->http_status);
	sql_bind_text(&sql, ":error_type", step->error_type);
	sql_bind_text(&sql, ":request_id", step->request_id);
	sql_bind_number(&sql, ":try_id", step->try_id);
	sql_bind_number(&sql, ":attempt_id", step->attempt_id);
	is_there = sql_row(&sql);
	sql_end(&sql);
	return is_there;
}

/* The order is bought: no other attempt of it is sent any more. Whether one that was sent has bought it a second time
 * is looked for: somebody has to know. */
static const char SIBLINGS_REST[] =
	"UPDATE attempts SET task = " LEDGER_TASK_INSTEAD_OF_SEND
	" WHERE order_id = :order_id AND id <> :id AND task = 'send' AND lease_owner = 0";

static void siblings_rest(struct connection *on, int64_t order_id, int64_t attempt_id)
{
	struct sql sql = sql_begin(on, SIBLINGS_REST);

	sql_bind_number(&sql, ":order_id", order_id);
	sql_bind_number(&sql, ":id", attempt_id);
	sql_do(&sql);
}

static void audit_step(struct ledger *ledger, struct connection *on, const struct before *before,
                       const struct ledger_step *step)
{
	audit_add(ledger, on,
	          &(struct audit_line){ .at_ms = step->now_ms, .order_number = before->order_number,
	                                .attempt_no = before->attempt_no, .who = step->who, .act = step->act,
	                                .detail = step->detail });
}

/* What another attempt says afterwards changes nothing of an order that was bought, nor does a late word about an
 * attempt that was given up for a later one; but a second purchase is told. */
static bool is_beside(const struct before *before, const struct ledger_step *step)
{
	return before->status == ORDER_COMPLETED || (!before->is_latest && step->order_status != ORDER_COMPLETED);
}

static const char ORDER_TWICE[] = "UPDATE orders SET advice = '" LEDGER_ADVICE_TWICE "' WHERE id = :id";

static void record_beside(struct connection *on, const struct before *before, const struct ledger_step *step)
{
	bool is_second = before->status == ORDER_COMPLETED && step->to == ATTEMPT_COMPLETED;
	struct sql sql;

	log_line(is_second ? LOG_BROKEN : LOG_WARN, is_second ? "order_bought_twice" : "answer_beside", "order=%s no=%d",
	         before->order_number, before->attempt_no);
	if (!is_second) return;
	sql = sql_begin(on, ORDER_TWICE);
	sql_bind_number(&sql, ":id", before->order_id);
	sql_do(&sql);
}

static enum ledger_result record_run(struct ledger *ledger, struct connection *on, void *what)
{
	const struct ledger_step *step = what;
	struct budget_part was, is;
	struct before before;
	struct money price;

	if (!before_read(ledger, on, step->attempt_id, &before)) return LEDGER_NONE;
	if (is_stale(ledger, &before, step)) return LEDGER_STALE;
	if (step->try_id != 0 && !try_step(on, step)) return LEDGER_STALE;
	if (step->ends_try_only) {
		lease_back(on, step);
		audit_step(ledger, on, &before, step);
		return LEDGER_OK;
	}
	attempt_step(ledger, on, step);
	if (step->to == ATTEMPT_COMPLETED) siblings_rest(on, before.order_id, step->attempt_id);
	if (is_beside(&before, step)) {
		record_beside(on, &before, step);
		audit_step(ledger, on, &before, step);
		return LEDGER_OK;
	}
	price = step->price.currency[0] ? step->price : before.price;
	order_step(on, &before, step, price);

	was = budget_part_of(before.status, before.face, before.price);
	is = budget_part_of(step->order_status, before.face, price);
	budget_add(on, before.placed_by, before.face.currency, before.placed_at_ms,
	           (struct budget_part){ is.reserved_minor - was.reserved_minor,
	                                 is.spent_minor - was.spent_minor });
	audit_step(ledger, on, &before, step);
	return LEDGER_OK;
}

enum ledger_result ledger_record(struct ledger *ledger, const struct ledger_step *step)
{
	return ledger_write(ledger, record_run, (void *)step);
}
