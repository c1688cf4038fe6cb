/* payouts.c: looks again at what became of a payout: claimed, cancelled, expired. Ever more seldom, one at a time and
 * within a budget, for Runa has no event that would tell (runa-api 18), and orders come first. */
#include "base/log.h"
#include "base/text.h"
#include "desk/calls.h"

enum {
	PAYOUT_PAUSE_MS = 6 * MS_A_SECOND, /* ten a minute: the limits of GET endpoints are not documented (runa-api 17) */
	PAYOUT_HOLD_MS = MS_AN_HOUR,       /* should this process end before the answer */
};

static const int64_t pauses[] = {
	10 * MS_A_MINUTE, MS_AN_HOUR, 6 * MS_AN_HOUR, MS_A_DAY, 2 * (int64_t)MS_A_DAY, 4 * (int64_t)MS_A_DAY,
	7 * (int64_t)MS_A_DAY,
};
static const int64_t MOST_AGE_MS = (int64_t)400 * MS_A_DAY;

/* Nothing comes after these (runa-api 19). */
static bool is_final(const char *status)
{
	static const char *const finals[] = { "CLAIMED", "CANCELLED", "EXPIRED" };

	for (size_t i = 0; i < COUNT_OF(finals); i++)
		if (text_is_same(status, finals[i])) return true;
	return false;
}

int64_t payout_due_ms(const char *status, int looks, int64_t completed_at_ms, int64_t now_ms)
{
	int last = (int)COUNT_OF(pauses) - 1;

	if (is_final(status) || now_ms - completed_at_ms > MOST_AGE_MS) return 0;
	return now_ms + pauses[looks < last ? looks : last];
}

/* ---- one look --------------------------------------------------------------------------------- */

static void on_payout(struct dispatcher *dispatcher, struct call *call, const struct runa_answer *answer)
{
	struct desk *desk = dispatcher->desk;
	struct runa_expected expected = { .reference = call->claimed.attempt.reference };
	struct ledger_payout payout = { .number = call->claimed.attempt.order_number,
		                        .now_ms = clock_wall_ms(desk->clock) };
	struct runa_read read;
	struct order order;

	dispatcher->payout_is_asked = false;
	if (ledger_order(desk->ledger, call->mem, payout.number, &order) != LEDGER_OK) return; /* when its hold ends */
	expected.runa_order_id = call->claimed.attempt.runa_order_id;
	expected.product_code = order.product_code;
	expected.face_value = order.face_value;
	runa_meaning_of_poll(call->mem, answer, &expected, &read);
	dispatcher_heed(dispatcher, call, answer, read.meaning, read.error.type);
	if (read.meaning == MEANING_COMPLETED) {
		payout.status = read.order.payout_status;
		payout.expiry = read.order.payout_expiry;
	}
	payout.looks = order.payout_looks + 1;
	payout.due_at_ms = payout_due_ms(payout.status != NULL ? payout.status : order.payout_status, payout.looks,
	                                 order.completed_at_ms, payout.now_ms);
	if (ledger_record_payout(desk->ledger, &payout) != LEDGER_OK)
		log_line(LOG_WARN, "payout_not_recorded", "order=%s", payout.number);
	else if (payout.status != NULL && !text_is_same(payout.status, order.payout_status))
		log_line(LOG_NOTE, "payout", "order=%s status=%s", payout.number, payout.status);
	desk_tell_news(desk, payout.number);
}

/* The attempt that bought it; its reference proves that an answer is about this order. */
static const struct attempt *attempt_that_bought(struct dispatcher *dispatcher, struct arena *mem, const char *number)
{
	struct attempt *attempts = NULL;
	size_t count = 0;

	if (ledger_attempts(dispatcher->desk->ledger, mem, number, &attempts, &count) != LEDGER_OK) return NULL;
	for (size_t i = 0; i < count; i++)
		if (attempts[i].state == ATTEMPT_COMPLETED && attempts[i].runa_order_id != NULL) return &attempts[i];
	return NULL;
}

/* Where there is nothing to ask, the hold's end brings it back: another address may be set by then. */
static void ask(struct dispatcher *dispatcher, const char *number)
{
	struct call *call = dispatcher_new_call(dispatcher);
	const struct attempt *attempt = attempt_that_bought(dispatcher, call->mem, number);
	struct runa_request request;

	if (attempt == NULL || !desk_talks_to(dispatcher->desk, attempt->upstream)) {
		arena_close(call->mem);
		return;
	}
	call->claimed.attempt = *attempt;
	call->on_answer = on_payout;
	request = runa_request_poll(call->mem, attempt->runa_order_id, dispatcher_api_version(dispatcher, call->mem));
	dispatcher->payout_is_asked = true;
	dispatcher_begin_call(dispatcher, call, &request);
}

void payouts_begin_due(struct dispatcher *dispatcher)
{
	int64_t now = clock_wall_ms(dispatcher->desk->clock), steady = clock_steady_ms(dispatcher->desk->clock);
	char number[ID_NUMBER_SIZE];

	if (payouts_next_due_ms(dispatcher) > steady) return;
	dispatcher->payout_due_ms = steady + PAYOUT_PAUSE_MS;
	if (ledger_claim_payout(dispatcher->desk->ledger, now, now + PAYOUT_HOLD_MS, number) == LEDGER_OK)
		ask(dispatcher, number);
}

int64_t payouts_next_due_ms(const struct dispatcher *dispatcher)
{
	int64_t steady = clock_steady_ms(dispatcher->desk->clock), due, next = INT64_MAX / 2;

	if (!dispatcher->looks_at_payouts || dispatcher->payout_is_asked || desk_is_stopped(dispatcher->desk)) return next;
	due = ledger_next_payout_ms(dispatcher->desk->ledger);
	if (due == INT64_MAX) return next;
	next = steady + due - clock_wall_ms(dispatcher->desk->clock);
	if (next < dispatcher->payout_due_ms) next = dispatcher->payout_due_ms;
	return next < dispatcher->pause_until_ms ? dispatcher->pause_until_ms : next;
}
