/* settle.c: the one way from state to state: what an outcome means for its attempt is decided (attempt.c's
 * table), written to the ledger with its audit line, logged, and told to whoever waits. An outcome that
 * cannot be written yet is kept. Sends nothing. */
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "desk/calls.h"

enum { NO_ROOM_PAUSE_MS = 1000, STALE_TRIES = 4 };

/* An outcome that waits to be recorded: for room in the ledger, or for a check of the set-up. Should the
 * process die first, the attempt is found UNKNOWN, and the same key brings the same answer. */
struct kept_outcome {
	struct kept_outcome *next;
	struct arena *mem;
	struct outcome outcome; /* all it points to is in mem or here */
	struct ledger_claimed claimed;
	struct runa_answer answer; /* without its body */
};

/* ---- what to write --------------------------------------------------------------------------------- */

/* Sends that were not settled, in a row: they grow the back-off. */
static int next_mute(const struct attempt *attempt, enum task done, const struct attempt_step *next)
{
	if (next->task != TASK_SEND && next->task != TASK_SEARCH) return 0;
	return done == TASK_SEND || attempt->state != ATTEMPT_UNKNOWN ? attempt->mute + 1 : attempt->mute;
}

static void take_news(struct dispatcher *dispatcher, struct arena *mem, struct ledger_step *step,
                      const struct attempt *attempt, const struct runa_read *read)
{
	const struct runa_order *order = &read->order;

	step->error_type = read->error.type;
	step->error_message = read->error.message;
	/* An order that isn't ours is never adopted: not even its id (design 3, row FOREIGN). */
	if (read->meaning == MEANING_FOREIGN || read->meaning == MEANING_NO_NEWS) return;
	step->runa_order_id = order->id;
	if (read->meaning != MEANING_COMPLETED) return;
	step->price = order->price;
	step->discount = order->discount;
	step->payout_status = order->payout_status;
	step->payout_expiry = order->payout_expiry;
	step->payout_due_at_ms = payout_due_ms(order->payout_status, 0, step->now_ms, step->now_ms);
	step->completed_at_ms = order->completed_at_ms > 0 ? order->completed_at_ms : step->now_ms;
	if (order->link != NULL) {
		unsigned char *sealed;

		seal_close(dispatcher->desk->link_key, attempt->order_number, order->link, mem, &sealed,
		           &step->link_sealed_bytes);
		step->link_sealed = sealed;
	}
}

static int64_t due_after(struct dispatcher *dispatcher, const struct attempt_step *next,
                         const struct attempt *attempt, const struct desk_rules *rules, int64_t now_ms)
{
	int64_t wait = attempt_pause_ms(next->pause, attempt, rules, ids_below(dispatcher->desk->chance, 1000));
	int64_t pause = dispatcher->pause_until_ms - clock_steady_ms(dispatcher->desk->clock);

	return now_ms + (next->pause == PAUSE_SLOW && pause > wait ? pause : wait);
}

/* Runa once answered this attempt with an order that isn't ours: it may be ours under another name. So that none is
 * found by our own doesn't say that nothing was bought, and nobody may order again because of it. */
static bool had_foreign_answer(struct dispatcher *dispatcher, struct arena *mem, const struct attempt *attempt)
{
	struct attempt_try *tries = NULL;
	size_t count = 0;

	if (ledger_tries(dispatcher->desk->ledger, mem, attempt->order_number, &tries, &count) != LEDGER_OK) return true;
	for (size_t i = 0; i < count; i++)
		if (tries[i].attempt_no == attempt->no && tries[i].ended_at_ms != 0 &&
		    (tries[i].meaning == MEANING_FOREIGN || tries[i].meaning == MEANING_MISMATCH))
			return true;
	return false;
}

/* What to write for this meaning, from the attempt as it is now. */
static struct ledger_step step_of(struct dispatcher *dispatcher, struct arena *mem,
                                  const struct outcome *outcome, const struct attempt *attempt,
                                  bool earlier_unknown, bool *is_loud)
{
	struct desk_rules *rules = desk_hold_rules(dispatcher->desk);
	enum meaning meaning = outcome->meaning;
	int64_t now = clock_wall_ms(dispatcher->desk->clock);
	struct attempt_step next = attempt_step_for(attempt, meaning, rules, now);
	enum task done = outcome->claimed->attempt.task; /* the attempt may have been given another one since */
	bool looks_again = next.task == done && (next.task == TASK_POLL || next.task == TASK_SEARCH);
	struct attempt counted = *attempt;
	struct ledger_step step = {
		.attempt_id = attempt->id, .from = attempt->state, .from_task = attempt->task, .to = next.to,
		.task = next.task, .now_ms = now,
		.polls = looks_again ? attempt->polls + 1 : 0,
		.setup_refusals = attempt->setup_refusals + (meaning == MEANING_SETUP),
		.mute = next_mute(attempt, done, &next),
		.order_status = attempt_order_status(next.to, earlier_unknown),
		.money_moved = attempt_money_moved(next.to, earlier_unknown),
		.advice = next.advice != NULL ? next.advice : "waiting_unknown",
		.try_id = outcome->claimed->try_id, .meaning = meaning, .who = "dispatcher", .act = "answered",
	};

	if (meaning == MEANING_NO_NEWS && done == TASK_SEARCH) step.polls = attempt->polls;
	counted.polls = step.polls; /* this look counts, or the first pause would come twice */
	step.due_at_ms = due_after(dispatcher, &next, &counted, rules, now);
	if (earlier_unknown && (next.to == ATTEMPT_REFUSED || next.to == ATTEMPT_FAILED))
		step.advice = "refused_after_unknown";
	if (next.to == ATTEMPT_STUCK && meaning == MEANING_ABSENT && had_foreign_answer(dispatcher, mem, attempt))
		step.advice = "stuck_foreign";
	step.detail = arena_print(mem, "attempt %d %s: %s -> %s", attempt->no, meaning_name(meaning),
	                          attempt_state_name(attempt->state), attempt_state_name(next.to));
	*is_loud = next.is_loud;
	if (outcome->answer != NULL) {
		step.http_status = outcome->answer->status;
		step.request_id = outcome->answer->request_id[0] != '\0' ? outcome->answer->request_id : NULL;
	}
	if (outcome->read != NULL) take_news(dispatcher, mem, &step, attempt, outcome->read);
	if (outcome->found_id != NULL) step.runa_order_id = outcome->found_id;
	shared_drop(&rules->shared);
	return step;
}

/* The attempt as the ledger has it now, and whether an earlier one of its order may have bought something. */
static bool attempt_now(struct dispatcher *dispatcher, struct arena *mem, const struct attempt *was,
                        struct attempt *out, bool *earlier_unknown)
{
	struct attempt *attempts = NULL;
	size_t count = 0;

	if (ledger_attempts(dispatcher->desk->ledger, mem, was->order_number, &attempts, &count) != LEDGER_OK)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (attempts[i].id != was->id) continue;
		*out = attempts[i];
		/* What another search counted since this one began was a look at the same time, not a second one. */
		if (was->task == TASK_SEARCH && out->polls > was->polls) out->polls = was->polls;
		*earlier_unknown = desk_earlier_unknown(attempts, i);
		return true;
	}
	return false;
}

/* ---- writing it ------------------------------------------------------------------------------------ */

static void log_step(const struct ledger_step *step, const struct attempt *attempt, const struct outcome *outcome,
                     bool is_loud)
{
	const char *strange = outcome->read != NULL ? outcome->read->strange : NULL;

	log_line(is_loud ? LOG_WARN : LOG_NOTE, "attempt",
	         "order=%s no=%d %s: %s -> %s advice=%s http=%d request=%s %s%s%s", attempt->order_number, attempt->no,
	         meaning_name(step->meaning), attempt_state_name(step->from), attempt_state_name(step->to), step->advice,
	         step->http_status, step->request_id != NULL ? step->request_id : "-",
	         outcome->answer != NULL ? outcome->answer->trouble : "", strange != NULL ? " strange: " : "",
	         strange != NULL ? strange : "");
}

/* A search that found nothing says nothing that a person, or a process whose lease took over, did not know when
 * they gave the attempt something else to do: 'try again now' stays as it was asked for. */
static bool is_overtaken(const struct outcome *outcome, const struct attempt *attempt)
{
	return outcome->claimed->attempt.task == TASK_SEARCH && attempt->task != TASK_SEARCH &&
	       (outcome->meaning == MEANING_ABSENT || outcome->meaning == MEANING_NO_NEWS);
}

static enum ledger_result end_try_only(struct dispatcher *dispatcher, struct arena *mem,
                                       const struct outcome *outcome, const struct attempt *attempt)
{
	struct ledger_step step = {
		.attempt_id = attempt->id, .from = attempt->state, .from_task = attempt->task,
		.now_ms = clock_wall_ms(dispatcher->desk->clock),
		.try_id = outcome->claimed->try_id, .meaning = outcome->meaning, .ends_try_only = true,
		.who = "dispatcher", .act = "answered",
	};
	enum ledger_result result;

	step.detail = arena_print(mem, "attempt %d %s: overtaken, stays %s", attempt->no, meaning_name(outcome->meaning),
	                          attempt_state_name(attempt->state));
	result = ledger_record(dispatcher->desk->ledger, &step);
	if (result == LEDGER_OK)
		log_line(LOG_NOTE, "search_overtaken", "order=%s no=%d %s: has another task now", attempt->order_number,
		         attempt->no, meaning_name(outcome->meaning));
	return result;
}

static enum ledger_result settle_once(struct dispatcher *dispatcher, struct arena *mem,
                                      const struct outcome *outcome, const struct attempt *attempt,
                                      bool earlier_unknown)
{
	struct ledger_step step;
	enum ledger_result result;
	bool is_loud;

	if (is_overtaken(outcome, attempt)) return end_try_only(dispatcher, mem, outcome, attempt);
	step = step_of(dispatcher, mem, outcome, attempt, earlier_unknown, &is_loud);
	result = ledger_record(dispatcher->desk->ledger, &step);
	if (result == LEDGER_OK) {
		log_step(&step, attempt, outcome, is_loud);
		desk_tell_news(dispatcher->desk, attempt->order_number);
		if (step.order_status == ORDER_COMPLETED) fetch_balances_soon(dispatcher);
	}
	return result;
}

static struct kept_outcome *keep(const struct outcome *outcome);

void settle(struct dispatcher *dispatcher, struct arena *mem, const struct outcome *outcome)
{
	const struct attempt *was = &outcome->claimed->attempt;
	struct attempt attempt = *was;
	enum ledger_result result = LEDGER_STALE;
	bool earlier_unknown = false;

	if (attempt.no > 1 && !attempt_now(dispatcher, mem, was, &attempt, &earlier_unknown)) earlier_unknown = true;
	/* Stale: a person, or another process whose lease took over, was faster: decide again from there. */
	for (int tries = 0; tries < STALE_TRIES && result == LEDGER_STALE && !attempt_is_final(attempt.state); tries++) {
		result = settle_once(dispatcher, mem, outcome, &attempt, earlier_unknown);
		if (result == LEDGER_STALE && !attempt_now(dispatcher, mem, was, &attempt, &earlier_unknown))
			result = LEDGER_FULL;
	}
	if (result == LEDGER_FULL || (result == LEDGER_STALE && !attempt_is_final(attempt.state))) {
		struct kept_outcome *kept = keep(outcome);

		kept->next = dispatcher->unrecorded;
		dispatcher->unrecorded = kept;
		if (result == LEDGER_FULL) /* no room: nothing new is begun either */
			dispatcher->hold_off_ms = clock_steady_ms(dispatcher->desk->clock) + NO_ROOM_PAUSE_MS;
		log_line(LOG_BROKEN, "answer_waits", "order=%s %s", attempt.order_number,
		         result == LEDGER_FULL ? "for room in the ledger" : "for another who drives it");
	} else if (result != LEDGER_OK) {
		log_line(LOG_WARN, "answer_not_recorded", "order=%s no=%d %s result=%d", attempt.order_number, attempt.no,
		         meaning_name(outcome->meaning), result);
	}
}

/* ---- outcomes that wait ------------------------------------------------------------------------------ */

static const struct runa_read *read_copy(struct arena *mem, const struct runa_read *read)
{
	struct runa_read *copy = ARENA_NEW(mem, struct runa_read);

	*copy = *read;
	copy->strange = arena_text(mem, read->strange);
	copy->error.type = arena_text(mem, read->error.type);
	copy->error.message = arena_text(mem, read->error.message);
	copy->order.id = arena_text(mem, read->order.id);
	copy->order.status = arena_text(mem, read->order.status);
	copy->order.description = arena_text(mem, read->order.description);
	copy->order.link = arena_text(mem, read->order.link);
	copy->order.payout_status = arena_text(mem, read->order.payout_status);
	copy->order.payout_expiry = arena_text(mem, read->order.payout_expiry);
	copy->order.item_product = copy->order.strange = NULL;
	return copy;
}

static struct kept_outcome *keep(const struct outcome *outcome)
{
	struct arena *mem = arena_open();
	struct kept_outcome *kept = ARENA_NEW(mem, struct kept_outcome);

	kept->mem = mem;
	kept->outcome = *outcome;
	call_keep_claimed(mem, outcome->claimed, &kept->claimed);
	kept->outcome.claimed = &kept->claimed;
	kept->outcome.found_id = arena_text(mem, outcome->found_id);
	if (outcome->answer != NULL) {
		kept->answer = *outcome->answer;
		kept->answer.body = NULL;
		kept->outcome.answer = &kept->answer;
	}
	if (outcome->read != NULL) kept->outcome.read = read_copy(mem, outcome->read);
	return kept;
}

static void settle_list(struct dispatcher *dispatcher, struct kept_outcome *list)
{
	while (list != NULL) {
		struct kept_outcome *first = list;

		list = first->next;
		settle(dispatcher, first->mem, &first->outcome);
		arena_close(first->mem);
	}
}

void settle_kept(struct dispatcher *dispatcher)
{
	struct kept_outcome *list = dispatcher->unrecorded;

	if (list == NULL || clock_steady_ms(dispatcher->desk->clock) < dispatcher->hold_off_ms) return;
	dispatcher->unrecorded = NULL;
	settle_list(dispatcher, list);
}

void settle_doubt(struct dispatcher *dispatcher, const struct outcome *outcome)
{
	struct kept_outcome *kept = keep(outcome);

	kept->next = dispatcher->doubted;
	dispatcher->doubted = kept;
}

static void settle_all_as(struct dispatcher *dispatcher, struct kept_outcome *list, enum meaning meaning)
{
	for (struct kept_outcome *kept = list; kept != NULL; kept = kept->next) kept->outcome.meaning = meaning;
	settle_list(dispatcher, list);
}

void settle_doubted(struct dispatcher *dispatcher, bool set_up_is_right)
{
	struct kept_outcome *list = dispatcher->doubted;

	if (list == NULL) return;
	dispatcher->doubted = NULL;
	if (!set_up_is_right) {
		const char *type = list->outcome.read->error.type;

		desk_stop_sending(dispatcher->desk, type != NULL ? type : "refused_by_runa");
	}
	settle_all_as(dispatcher, list, set_up_is_right ? MEANING_SETUP_STORED : MEANING_SETUP);
}

static void drop_list(struct kept_outcome *list)
{
	while (list != NULL) {
		struct kept_outcome *first = list;

		list = first->next;
		log_line(LOG_BROKEN, "answer_dropped", "order=%s %s: its attempt counts as unknown",
		         first->claimed.attempt.order_number, meaning_name(first->outcome.meaning));
		arena_close(first->mem);
	}
}

/* The last chance to record what is known. A refusal that still waits for its check bought nothing, whichever way
 * the check would have gone: its attempt waits for the next start, and nobody else is stopped by it. */
void settle_close(struct dispatcher *dispatcher)
{
	struct kept_outcome *doubted = dispatcher->doubted, *unrecorded = dispatcher->unrecorded;

	dispatcher->doubted = dispatcher->unrecorded = NULL;
	settle_list(dispatcher, unrecorded);
	settle_all_as(dispatcher, doubted, MEANING_SETUP);
	drop_list(dispatcher->unrecorded); /* what there was no room for again */
	dispatcher->unrecorded = NULL;
}
