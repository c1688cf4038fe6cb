/* dispatcher.c: takes due attempts, sends them, records what the answers mean. Which request and which
 * meaning is the runa room's; what follows from a meaning is attempt.c's; this file only drives. */
#include "desk/dispatcher.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/sizes.h"
#include "base/text.h"
#include "desk/calls.h"
#include "desk/order.h"

enum {
	MOST_IN_FLIGHT = 64,
	MOST_OTHERS = 64, /* polls and searches claimed at once */
	LEASE_BEYOND_TIMEOUT_MS = 30000,
	BEAT_EVERY_MS = MS_AN_HOUR,
	SLOW_DOWN_LEAST_MS = 5000, /* runa-api 17 */
	RETRY_FIRST_DEFAULT_MS = 1000,
	NO_ROOM_PAUSE_MS = 1000,
	ANSWERS_AT_ONCE = 32,
};

static int64_t steady_now(const struct dispatcher *dispatcher)
{
	return clock_steady_ms(dispatcher->desk->clock);
}

static int64_t wall_now(const struct dispatcher *dispatcher)
{
	return clock_wall_ms(dispatcher->desk->clock);
}

/* ---- open and close ------------------------------------------------------------------------------- */

/* Before anything is sent: what a ledger that came back from a backup may not know of. */
static bool search_first(struct dispatcher *dispatcher)
{
	struct ledger *ledger = dispatcher->desk->ledger;

	if (!dispatcher->is_standing || ledger_last_clean_stop_ms(ledger) == 0) return true;
	if (steady_now(dispatcher) < dispatcher->hold_off_ms) return false;
	if (ledger_search_first(ledger, ledger_last_clean_stop_ms(ledger), wall_now(dispatcher)) == LEDGER_OK) return true;
	dispatcher->hold_off_ms = steady_now(dispatcher) + NO_ROOM_PAUSE_MS;
	return false;
}

/* What was made for another address of Runa waits for that address: at a start this is said once. */
static void tell_of_others(struct dispatcher *dispatcher, const struct desk_rules *rules)
{
	int64_t count = 0;

	if (dispatcher->is_standing &&
	    ledger_count_elsewhere(dispatcher->desk->ledger, rules->base_url, &count) == LEDGER_OK && count > 0)
		log_line(LOG_WARN, "orders_elsewhere",
		         "attempts=%lld made for another [runa] base_url: not sent, and not asked about, until it is set again",
		         (long long)count);
}

struct dispatcher *dispatcher_open(const struct dispatcher_options *options)
{
	struct dispatcher *dispatcher = memory_alloc(sizeof *dispatcher);

	dispatcher->desk = options->desk;
	dispatcher->line = options->line;
	dispatcher->only_order = options->only_order;
	dispatcher->fetches_catalogue = options->fetches_catalogue;
	dispatcher->looks_at_payouts = options->looks_at_payouts;
	dispatcher->is_standing = options->is_standing;
	dispatcher->window = MOST_IN_FLIGHT;
	return dispatcher;
}

static void end_call(struct dispatcher *dispatcher, struct call *call)
{
	if (call->next != NULL) call->next->before = call->before;
	*(call->before != NULL ? &call->before->next : &dispatcher->calls) = call->next;
	arena_close(call->mem);
}

void dispatcher_close(struct dispatcher *dispatcher)
{
	estimates_end(dispatcher->desk);
	while (dispatcher->calls != NULL) end_call(dispatcher, dispatcher->calls);
	settle_close(dispatcher);
	search_close(dispatcher);
	fetch_close(dispatcher);
	free(dispatcher);
}

/* ---- calls ---------------------------------------------------------------------------------------- */

struct call *dispatcher_new_call(struct dispatcher *dispatcher)
{
	struct arena *mem = arena_open();
	struct call *call = ARENA_NEW(mem, struct call);

	call->mem = mem;
	call->begun_ms = steady_now(dispatcher);
	return call;
}

void dispatcher_begin_call(struct dispatcher *dispatcher, struct call *call, const struct runa_request *request)
{
	dispatcher->in_flight++;
	call->next = dispatcher->calls;
	if (call->next != NULL) call->next->before = call;
	dispatcher->calls = call;
	dispatcher->line->begin(dispatcher->line, request, call);
}

void call_keep_claimed(struct arena *mem, const struct ledger_claimed *claimed, struct ledger_claimed *out)
{
	*out = *claimed;
	out->attempt.reference = arena_text(mem, claimed->attempt.reference);
	out->attempt.runa_order_id = arena_text(mem, claimed->attempt.runa_order_id);
	/* The bytes to send end with the claim's memory: the line took its copy. */
	out->attempt.upstream = out->attempt.headers = out->attempt.body = out->attempt.opened_by = NULL;
}

const char *dispatcher_api_version(struct dispatcher *dispatcher, struct arena *mem)
{
	struct desk_rules *rules = desk_hold_rules(dispatcher->desk);
	const char *version = arena_text(mem, rules->api_version);

	shared_drop(&rules->shared);
	return version;
}

/* ---- what an answer does to everyone ---------------------------------------------------------------- */

/* The pause of a new jam: longer for each in a row. */
static int64_t next_pause_ms(const struct dispatcher *dispatcher, const struct desk_rules *rules)
{
	int64_t least = rules->retry_first_ms < RETRY_FIRST_DEFAULT_MS ? rules->retry_first_ms : SLOW_DOWN_LEAST_MS;
	int64_t wait = least;

	for (int i = 0; i < dispatcher->pace.pauses && wait < rules->retry_max_ms; i++) wait *= 2;
	if (wait > rules->retry_max_ms) wait = rules->retry_max_ms;
	return wait > least ? wait : least;
}

/* For all processes; wait_ms 0: it goes well again. Where it cannot be kept, this one pauses all the same. */
static void set_pause(struct dispatcher *dispatcher, int64_t wait_ms, int pauses)
{
	dispatcher->pace.pauses = pauses;
	if (wait_ms > 0) dispatcher->pause_until_ms = steady_now(dispatcher) + wait_ms;
	if (ledger_pause(dispatcher->desk->ledger, wait_ms, pauses) != LEDGER_OK)
		log_line(LOG_WARN, "pause_not_kept", "pause_ms=%lld", (long long)wait_ms);
}

/* Answers to calls begun before the pause belong to the same jam: they don't lengthen it by themselves, but
 * what they say of their own time counts. */
static void slow_down(struct dispatcher *dispatcher, const struct desk_rules *rules, bool is_same_jam,
                      int64_t retry_after_ms)
{
	int64_t wait = is_same_jam ? 0 : next_pause_ms(dispatcher, rules);

	if (retry_after_ms > wait) wait = retry_after_ms;
	dispatcher->window = 1;
	if (steady_now(dispatcher) + wait <= dispatcher->pause_until_ms) return;
	set_pause(dispatcher, wait, dispatcher->pace.pauses + !is_same_jam);
	log_line(LOG_WARN, "slow_down", "pause_ms=%lld", (long long)wait);
}

void dispatcher_heed(struct dispatcher *dispatcher, const struct call *call, const struct runa_answer *answer,
                     enum meaning meaning, const char *reason)
{
	struct desk_rules *rules = desk_hold_rules(dispatcher->desk);

	desk_heard_runa(dispatcher->desk, answer->transport == RUNA_ANSWERED);
	if (answer->transport == RUNA_NOT_TRUSTED) {
		desk_stop_sending(dispatcher->desk, "tls_not_trusted");
		fetch_check_soon(dispatcher);
	} else if (meaning == MEANING_SETUP) {
		desk_stop_sending(dispatcher->desk, reason != NULL ? reason : "refused_by_runa");
		fetch_check_soon(dispatcher);
	} else if (meaning == MEANING_SLOW_DOWN) {
		slow_down(dispatcher, rules, call->begun_ms < dispatcher->pause_until_ms, answer->retry_after_ms);
	} else if (answer->transport == RUNA_ANSWERED && call->begun_ms >= dispatcher->pause_until_ms) {
		if (dispatcher->pace.pauses > 0) set_pause(dispatcher, 0, 0);
		if (dispatcher->window < MOST_IN_FLIGHT) dispatcher->window *= 2;
	}
	shared_drop(&rules->shared);
}

/* ---- sends and polls -------------------------------------------------------------------------------- */

/* What the answer means for its attempt, once everyone has heeded it: a word that is about the set-up, the pace or
 * one sending only says nothing about an order asked for by its id, nor about an earlier sending. */
static enum meaning meaning_for_attempt(enum meaning meaning, const struct attempt *attempt, bool is_resent)
{
	bool is_turned_away = meaning == MEANING_SETUP || meaning == MEANING_SLOW_DOWN;

	if (attempt->task == TASK_POLL) return is_turned_away ? MEANING_NO_NEWS : meaning;
	return is_resent && (is_turned_away || meaning == MEANING_REFUSED) ? MEANING_UNKNOWN : meaning;
}

static void on_attempt_answer(struct dispatcher *dispatcher, struct call *call, const struct runa_answer *answer)
{
	const struct attempt *attempt = &call->claimed.attempt;
	struct runa_expected expected = { .reference = attempt->reference };
	struct runa_read read;
	struct order order;
	struct outcome outcome = { .claimed = &call->claimed, .answer = answer, .read = &read };

	if (ledger_order(dispatcher->desk->ledger, call->mem, attempt->order_number, &order) == LEDGER_OK) {
		expected.product_code = order.product_code;
		expected.face_value = order.face_value;
	}
	if (attempt->task == TASK_POLL) {
		expected.runa_order_id = attempt->runa_order_id;
		runa_meaning_of_poll(call->mem, answer, &expected, &read);
	} else {
		runa_meaning_of_order(call->mem, answer, &expected, &read);
	}
	/* A set-up refusal that this key has had before: only a check made now tells whether the desk is set up
	 * wrong (again), or whether Runa repeats what it keeps with the key (design 3). */
	outcome.meaning = meaning_for_attempt(read.meaning, attempt, answer->is_resent);
	if (outcome.meaning == MEANING_SETUP && attempt->setup_refusals > 0) {
		settle_doubt(dispatcher, &outcome);
		fetch_check_soon(dispatcher);
		return;
	}
	dispatcher_heed(dispatcher, call, answer, read.meaning, read.error.type);
	read.meaning = outcome.meaning;
	settle(dispatcher, call->mem, &outcome);
}

static void begin_attempt(struct dispatcher *dispatcher, const struct ledger_claimed *claimed)
{
	struct call *call = dispatcher_new_call(dispatcher);
	const struct attempt *attempt = &claimed->attempt;
	struct runa_request request;

	call_keep_claimed(call->mem, claimed, &call->claimed);
	call->on_answer = on_attempt_answer;
	if (attempt->task == TASK_POLL) {
		request = runa_request_poll(call->mem, attempt->runa_order_id,
		                            dispatcher_api_version(dispatcher, call->mem));
	} else {
		request = runa_request_order(attempt->headers, attempt->body, attempt->body_bytes);
		dispatcher->pace.sent_in_minute++;
	}
	dispatcher_begin_call(dispatcher, call, &request);
}

/* Sends that the minute's limit and the window leave. */
static size_t sends_left(const struct dispatcher *dispatcher, const struct desk_rules *rules)
{
	int64_t left = rules->orders_per_minute - dispatcher->pace.sent_in_minute;
	int64_t room = dispatcher->window - (dispatcher->in_flight - dispatcher->estimates_in_flight);

	if (room < left) left = room;
	return left > 0 ? (size_t)left : 0;
}

static void claim_due(struct dispatcher *dispatcher, const struct desk_rules *rules)
{
	struct ledger_claim claim = {
		.now_ms = wall_now(dispatcher), .lease_ms = rules->timeout_ms + LEASE_BEYOND_TIMEOUT_MS,
		.oldest_key_ms = wall_now(dispatcher) - ATTEMPT_KEY_AGE_MS, .upstream = rules->base_url,
		.max_sends = sends_left(dispatcher, rules), .sends_a_minute = rules->orders_per_minute,
		.max_others = MOST_OTHERS, .only_order = dispatcher->only_order,
		.sent_advice = "waiting_sent",
	};
	struct ledger_claimed claimed[MOST_IN_FLIGHT + MOST_OTHERS];
	struct arena *mem;
	size_t count = 0;

	if (dispatcher->in_flight >= MOST_IN_FLIGHT + MOST_OTHERS) return;
	mem = arena_open();
	if (ledger_claim_due(dispatcher->desk->ledger, mem, &claim, claimed, &count) != LEDGER_OK) {
		count = 0;
		dispatcher->hold_off_ms = steady_now(dispatcher) + NO_ROOM_PAUSE_MS;
	}
	for (size_t i = 0; i < count; i++) {
		if (claimed[i].attempt.task == TASK_SEARCH)
			search_add(dispatcher, &claimed[i]);
		else
			begin_attempt(dispatcher, &claimed[i]);
	}
	arena_close(mem);
}

/* Does only time keep it from claiming? What is due in a broken ledger stays due, and nobody waits for it. */
static bool is_claiming(const struct dispatcher *dispatcher)
{
	return !dispatcher->is_stopping && !desk_is_stopped(dispatcher->desk) &&
	       ledger_is_sound(dispatcher->desk->ledger);
}

static bool may_claim(struct dispatcher *dispatcher, const struct desk_rules *rules)
{
	int64_t now = steady_now(dispatcher);

	return dispatcher->has_begun && is_claiming(dispatcher) &&
	       now >= dispatcher->pause_until_ms && now >= dispatcher->hold_off_ms &&
	       ledger_next_due_ms(dispatcher->desk->ledger, rules->base_url) <= wall_now(dispatcher);
}

/* ---- a turn ----------------------------------------------------------------------------------------- */

/* Pauses are true pauses and ages true ages, whatever is done to the wall clock and by whichever process the rest
 * was sent. */
static void look_at_ledger(struct dispatcher *dispatcher)
{
	struct ledger_pace pace;
	int64_t left_ms;

	if (ledger_mind_clock(dispatcher->desk->ledger) != LEDGER_OK ||
	    !ledger_pace(dispatcher->desk->ledger, wall_now(dispatcher), &pace)) {
		dispatcher->hold_off_ms = steady_now(dispatcher) + NO_ROOM_PAUSE_MS; /* seen again in the next turn */
		return;
	}
	dispatcher->pace = pace;
	left_ms = pace.pause_until_ms - wall_now(dispatcher);
	if (left_ms <= 0 || steady_now(dispatcher) + left_ms <= dispatcher->pause_until_ms) return;
	dispatcher->pause_until_ms = steady_now(dispatcher) + left_ms;
	dispatcher->window = 1;
}

/* Writes the time now and then even where nothing else is written: should the process end and the clock go back
 * meanwhile, the ledger knows how late it was (ledger_open moves the ages of keys along from there). */
static void beat(struct dispatcher *dispatcher)
{
	struct arena *mem;

	if (steady_now(dispatcher) < dispatcher->beat_due_ms || !ledger_is_sound(dispatcher->desk->ledger)) return;
	dispatcher->beat_due_ms = steady_now(dispatcher) + BEAT_EVERY_MS;
	mem = arena_open();
	if (ledger_put_fact(dispatcher->desk->ledger, "dispatcher_beat", clock_rfc3339(mem, wall_now(dispatcher))) !=
	    LEDGER_OK)
		log_line(LOG_WARN, "fact_not_kept", "name=dispatcher_beat");
	arena_close(mem);
}

static int how_long(struct dispatcher *dispatcher, const struct desk_rules *rules, int max_wait_ms)
{
	int64_t now = steady_now(dispatcher), wait = max_wait_ms, due, fetch = fetch_next_due_ms(dispatcher) - now;
	int64_t search = search_next_due_ms(dispatcher) - now, payout = payouts_next_due_ms(dispatcher) - now;

	if (!dispatcher->is_stopping && fetch < wait) wait = fetch;
	if (!dispatcher->is_stopping && payout < wait) wait = payout;
	if (search < wait) wait = search;
	if (is_claiming(dispatcher)) {
		due = ledger_next_due_ms(dispatcher->desk->ledger, rules->base_url) - wall_now(dispatcher);
		if (dispatcher->pause_until_ms - now > due) due = dispatcher->pause_until_ms - now;
		if (dispatcher->hold_off_ms - now > due) due = dispatcher->hold_off_ms - now;
		if (sends_left(dispatcher, rules) == 0 && due < 50) due = 50;
		if (due < wait) wait = due;
	}
	return wait < 0 ? 0 : (int)wait;
}

static void take_answers(struct dispatcher *dispatcher, int timeout_ms)
{
	struct runa_answer answers[ANSWERS_AT_ONCE];
	size_t count = dispatcher->line->wait(dispatcher->line, timeout_ms, answers, COUNT_OF(answers));

	for (size_t i = 0; i < count; i++) {
		struct call *call = answers[i].tag;

		dispatcher->in_flight--;
		call->on_answer(dispatcher, call, &answers[i]);
		runa_answer_drop(&answers[i]);
		end_call(dispatcher, call);
	}
}

void dispatcher_turn(struct dispatcher *dispatcher, int max_wait_ms)
{
	struct desk_rules *rules = desk_hold_rules(dispatcher->desk);
	int64_t pause;

	look_at_ledger(dispatcher);
	pause = dispatcher->pause_until_ms - steady_now(dispatcher);
	if (!dispatcher->has_begun && (dispatcher->has_begun = search_first(dispatcher)))
		tell_of_others(dispatcher, rules);
	if (dispatcher->is_standing) beat(dispatcher);
	settle_kept(dispatcher);
	if (may_claim(dispatcher, rules)) claim_due(dispatcher, rules);
	search_go_on(dispatcher);
	if (!dispatcher->is_stopping) {
		fetch_begin_due(dispatcher);
		payouts_begin_due(dispatcher);
	}
	estimates_begin_wanted(dispatcher);
	desk_seen_dispatching(dispatcher->desk, wall_now(dispatcher), pause > 0 ? wall_now(dispatcher) + pause : 0);
	take_answers(dispatcher, how_long(dispatcher, rules, max_wait_ms));
	shared_drop(&rules->shared);
}

bool dispatcher_is_idle(struct dispatcher *dispatcher, int64_t within_ms)
{
	struct desk_rules *rules = desk_hold_rules(dispatcher->desk);
	bool is_idle = dispatcher->in_flight == 0 && dispatcher->search == NULL &&
	               dispatcher->waiting_search == NULL && dispatcher->unrecorded == NULL &&
	               dispatcher->doubted == NULL &&
	               ledger_next_due_ms(dispatcher->desk->ledger, rules->base_url) >
	                       wall_now(dispatcher) + within_ms;

	shared_drop(&rules->shared);
	return is_idle;
}

int dispatcher_in_flight(const struct dispatcher *dispatcher)
{
	return dispatcher->in_flight + search_is_between_pages(dispatcher);
}

void dispatcher_stop_claiming(struct dispatcher *dispatcher)
{
	dispatcher->is_stopping = true;
}

void dispatcher_wake(struct dispatcher *dispatcher)
{
	dispatcher->line->wake(dispatcher->line);
}
