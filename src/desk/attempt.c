/* attempt.c: what follows from an answer, as one table of (state, meaning) and the few rules that time adds.
 * Pure: no ledger, no network, no clock of its own. */
#include "desk/attempt.h"

#include "base/text.h"

/* An attempt is looked for at Runa whenever so many tries in a row were not answered: about 15 minutes
 * with the default pauses (runa-api 23 no. 3). */
enum { MUTE_TRIES_TO_SEARCH = 10, SEARCHES_TO_BELIEVE = 2 };

#define WAITS(state, task, pause, advice) { ATTEMPT_##state, TASK_##task, PAUSE_##pause, advice, false }
#define ENDS(state, advice) { ATTEMPT_##state, TASK_NONE, PAUSE_NONE, advice, false }
#define ALARMS(state, advice) { ATTEMPT_##state, TASK_NONE, PAUSE_NONE, advice, true }

/* What settles an attempt in whichever open state it is: a late answer must never be lost. */
#define SETTLED_BY_RUNA                                                     \
	[MEANING_COMPLETED] = ENDS(COMPLETED, "completed"),                 \
	[MEANING_ACCEPTED] = WAITS(ACCEPTED, POLL, POLL, "waiting_accepted"), \
	[MEANING_FAILED] = ENDS(FAILED, "failed_accepted"),                 \
	[MEANING_FOUND] = WAITS(ACCEPTED, POLL, NOW, "waiting_accepted")

/* A cell left out cannot happen; the test walks every cell. */
static const struct attempt_step steps[ATTEMPT_STATES][MEANINGS] = {
	[ATTEMPT_READY] = { /* a search before the first try, for a ledger that may be a restored one */
		SETTLED_BY_RUNA,
		[MEANING_ABSENT]    = WAITS(READY, SEND, NOW, "waiting_unsent"),
		[MEANING_NO_NEWS]   = WAITS(READY, SEARCH, BACKOFF, "searching"),
	},
	[ATTEMPT_SENT] = { /* no earlier try of this attempt is unknown */
		SETTLED_BY_RUNA,
		[MEANING_REFUSED]   = ENDS(REFUSED, "refused"),
		[MEANING_SETUP]     = WAITS(HELD, SEND, BACKOFF, "waiting_setup"),
		[MEANING_SETUP_STORED] = ENDS(REFUSED, "refused_setup"),
		[MEANING_BUSY]      = WAITS(UNKNOWN, SEND, BUSY, "waiting_busy"),
		[MEANING_MISMATCH]  = ALARMS(STUCK, "stuck_mismatch"),
		[MEANING_SLOW_DOWN] = WAITS(HELD, SEND, SLOW, "waiting_slow"),
		[MEANING_UNKNOWN]   = WAITS(UNKNOWN, SEND, BACKOFF, "waiting_unknown"),
		[MEANING_NOT_SENT]  = WAITS(READY, SEND, BACKOFF, "waiting_unreachable"),
		[MEANING_FOREIGN]   = ALARMS(STUCK, "stuck_foreign"),
	},
	[ATTEMPT_HELD] = { /* a search, as with READY */
		SETTLED_BY_RUNA,
		[MEANING_ABSENT]    = WAITS(HELD, SEND, NOW, "waiting_slow"),
		[MEANING_NO_NEWS]   = WAITS(HELD, SEARCH, BACKOFF, "searching"),
	},
	[ATTEMPT_RESENT] = { /* earlier tries were turned away at the door: they bought nothing */
		SETTLED_BY_RUNA,
		[MEANING_REFUSED]   = ENDS(REFUSED, "refused"),
		[MEANING_SETUP]     = WAITS(HELD, SEND, BACKOFF, "waiting_setup"),
		[MEANING_SETUP_STORED] = ENDS(REFUSED, "refused_setup"),
		[MEANING_BUSY]      = WAITS(UNKNOWN, SEND, BUSY, "waiting_busy"),
		[MEANING_MISMATCH]  = ALARMS(STUCK, "stuck_mismatch"),
		[MEANING_SLOW_DOWN] = WAITS(HELD, SEND, SLOW, "waiting_slow"),
		[MEANING_UNKNOWN]   = WAITS(UNKNOWN, SEND, BACKOFF, "waiting_unknown"),
		[MEANING_NOT_SENT]  = WAITS(HELD, SEND, BACKOFF, "waiting_slow"),
		[MEANING_FOREIGN]   = ALARMS(STUCK, "stuck_foreign"),
	},
	[ATTEMPT_UNKNOWN] = { /* a refusal now says nothing about the try that was never answered */
		SETTLED_BY_RUNA,
		[MEANING_REFUSED]   = WAITS(UNKNOWN, SEND, BACKOFF, "waiting_unknown"),
		[MEANING_SETUP]     = WAITS(UNKNOWN, SEND, BACKOFF, "waiting_setup"),
		[MEANING_SETUP_STORED] = WAITS(UNKNOWN, SEND, BACKOFF, "waiting_unknown"),
		[MEANING_BUSY]      = WAITS(UNKNOWN, SEND, BUSY, "waiting_busy"),
		[MEANING_MISMATCH]  = ALARMS(STUCK, "stuck_mismatch"),
		[MEANING_SLOW_DOWN] = WAITS(UNKNOWN, SEND, SLOW, "waiting_unknown"),
		[MEANING_UNKNOWN]   = WAITS(UNKNOWN, SEND, BACKOFF, "waiting_unknown"),
		[MEANING_NOT_SENT]  = WAITS(UNKNOWN, SEND, BACKOFF, "waiting_unknown"),
		[MEANING_FOREIGN]   = ALARMS(STUCK, "stuck_foreign"),
		[MEANING_ABSENT]    = WAITS(UNKNOWN, SEND, BACKOFF, "waiting_unknown"),
		[MEANING_NO_NEWS]   = WAITS(UNKNOWN, SEARCH, BACKOFF, "searching"),
	},
	[ATTEMPT_ACCEPTED] = { /* polled by its id */
		SETTLED_BY_RUNA,
		[MEANING_FOREIGN]   = ALARMS(STUCK, "stuck_foreign"),
		[MEANING_NO_NEWS]   = WAITS(ACCEPTED, POLL, POLL, "waiting_accepted"),
	},
	/* A late answer of another process to a try that it began before trying stopped. */
	[ATTEMPT_STUCK_UNSENT] = { SETTLED_BY_RUNA },
	[ATTEMPT_STUCK] = { SETTLED_BY_RUNA },
};

const char *const attempt_advice_keys[] = {
	"waiting_unsent", "waiting_unreachable", "waiting_sent", "waiting_slow", "waiting_setup",
	"waiting_unknown", "waiting_busy", "waiting_accepted", "searching", "completed", "completed_twice",
	"failed_accepted", "refused", "refused_setup", "refused_after_unknown", "stuck_unsent", "stuck_absent", "stuck_mismatch", "stuck_foreign",
	"stuck_key_old", "stuck_unread", "stuck_unsearched", NULL,
};

const struct attempt_step *attempt_cell(enum attempt_state state, enum meaning meaning)
{
	const struct attempt_step *cell = &steps[state][meaning];

	return cell->advice != NULL ? cell : NULL;
}

/* Counted from the first try: while the desk itself was down or stopped, nobody had been asked. */
static int64_t tried_for_ms(const struct attempt *attempt, int64_t now_ms)
{
	return now_ms - (attempt->first_sent_at_ms > 0 ? attempt->first_sent_at_ms : attempt->created_at_ms);
}

static bool is_given_up(const struct attempt *attempt, const struct desk_rules *rules, int64_t now_ms)
{
	return tried_for_ms(attempt, now_ms) >= rules->give_up_after_ms;
}

static bool key_is_old(const struct attempt *attempt, int64_t now_ms)
{
	return now_ms - attempt->created_at_ms >= ATTEMPT_KEY_AGE_MS;
}

/* A day of searches that could not be finished: a person must look. */
static bool is_past_searching(const struct attempt *attempt, const struct desk_rules *rules, int64_t now_ms)
{
	return tried_for_ms(attempt, now_ms) >= rules->give_up_after_ms + MS_A_DAY;
}

/* Not there. Before we give up that only means: go on with the same key. After that, or with a key that may
 * not be sent any more, twice not there is believed, and a person decides. */
static struct attempt_step after_absent(const struct attempt *attempt, struct attempt_step step,
                                        const struct desk_rules *rules, int64_t now_ms)
{
	bool was_sent = attempt->state != ATTEMPT_READY;
	bool is_old = key_is_old(attempt, now_ms);

	if (!is_old && (!was_sent || !is_given_up(attempt, rules, now_ms)))
		return step;
	if (attempt->polls + 1 < SEARCHES_TO_BELIEVE)
		return (struct attempt_step)WAITS(READY, SEARCH, AGAIN_15, "searching");
	if (!was_sent)
		return (struct attempt_step)ALARMS(STUCK_UNSENT, "stuck_key_old");
	if (is_old)
		return (struct attempt_step)ALARMS(STUCK, "stuck_key_old");
	return (struct attempt_step)ALARMS(STUCK, "stuck_absent");
}

/* What time adds to a step that would send again: give up, look first, or stop at an old key. */
static struct attempt_step before_sending(const struct attempt *attempt, enum meaning meaning,
                                          struct attempt_step step, const struct desk_rules *rules,
                                          int64_t now_ms)
{
	bool is_old = key_is_old(attempt, now_ms);

	/* A desk that is set up wrong stays patient: its orders wait until it is mended. */
	if (meaning == MEANING_SETUP && !is_old) return step;
	if (step.to == ATTEMPT_READY && is_given_up(attempt, rules, now_ms))
		return (struct attempt_step)ALARMS(STUCK_UNSENT, "stuck_unsent");
	/* Of what never left there is nothing to find. */
	if (step.to != ATTEMPT_READY &&
	    (is_old || is_given_up(attempt, rules, now_ms) ||
	     (step.pause == PAUSE_BACKOFF && (attempt->mute + 1) % MUTE_TRIES_TO_SEARCH == 0))) {
		step.task = TASK_SEARCH;
		step.advice = "searching";
	}
	return step;
}

struct attempt_step attempt_step_for(const struct attempt *attempt, enum meaning meaning,
                                     const struct desk_rules *rules, int64_t now_ms)
{
	const struct attempt_step *cell = attempt_cell(attempt->state, meaning);
	struct attempt_step step;

	if (cell == NULL) { /* keeps its state and its task: nothing is concluded from what cannot be */
		step = (struct attempt_step){ attempt->state, attempt->task, PAUSE_BACKOFF, NULL, true };
		if (attempt->task == TASK_NONE) step.pause = PAUSE_NONE;
		return step;
	}
	step = *cell;
	if (meaning == MEANING_NO_NEWS && step.task == TASK_SEARCH && is_past_searching(attempt, rules, now_ms))
		/* Never 'stuck_unsent': where the ledger is a restored one, it doesn't know what was bought since,
		 * and only a search that was finished may lead to a second purchase. */
		return attempt->state == ATTEMPT_READY
		               ? (struct attempt_step)ALARMS(STUCK_UNSENT, "stuck_unsearched")
		               : (struct attempt_step)ALARMS(STUCK, "stuck_unsearched");
	if (meaning == MEANING_ABSENT) {
		step = after_absent(attempt, step, rules, now_ms);
		if (step.task == TASK_SEARCH) step.to = attempt->state;
		return step;
	}
	if (step.to == ATTEMPT_ACCEPTED && attempt->state == ATTEMPT_ACCEPTED &&
	    is_given_up(attempt, rules, now_ms) && attempt->polls > 0)
		return (struct attempt_step)ALARMS(STUCK, "stuck_unread");
	if (step.task == TASK_SEND) step = before_sending(attempt, meaning, step, rules, now_ms);
	return step;
}

int64_t attempt_pause_ms(enum pause pause, const struct attempt *attempt, const struct desk_rules *rules,
                         uint32_t jitter)
{
	static const int64_t polls[] = { 2000, 4000, 8000, 16000, 30000, 60000 };
	int64_t wait = rules->retry_first_ms;
	int i;

	switch (pause) {
	case PAUSE_NONE:
	case PAUSE_NOW:
	case PAUSE_SLOW: /* the dispatcher's own pause for everyone decides */
		return 0;
	case PAUSE_BACKOFF:
		for (i = 0; i < attempt->mute && wait < rules->retry_max_ms; i++) wait *= 2;
		if (wait > rules->retry_max_ms) wait = rules->retry_max_ms;
		return wait / 2 + wait / 2 * jitter / 1000 + 1;
	case PAUSE_BUSY: /* 3 to 10 s, or sooner where the operator set shorter pauses */
		wait = rules->retry_max_ms < 3000 ? rules->retry_max_ms : 3000;
		return wait + (wait < 3000 ? 0 : (int64_t)7000 * jitter / 1000);
	case PAUSE_POLL:
		i = attempt->polls < (int)COUNT_OF(polls) ? attempt->polls : (int)COUNT_OF(polls) - 1;
		return polls[i];
	case PAUSE_AGAIN_15:
		return (int64_t)15 * MS_A_MINUTE;
	}
	return wait;
}

enum order_status attempt_order_status(enum attempt_state state, bool earlier_unknown)
{
	switch (state) {
	case ATTEMPT_COMPLETED:
		return ORDER_COMPLETED;
	case ATTEMPT_FAILED:
	case ATTEMPT_REFUSED: /* what an earlier attempt did is still not known: not shown as failed */
		return earlier_unknown ? ORDER_NEEDS_ATTENTION : ORDER_FAILED;
	case ATTEMPT_STUCK:
	case ATTEMPT_STUCK_UNSENT:
		return ORDER_NEEDS_ATTENTION;
	default:
		return ORDER_PLACING;
	}
}

enum money_moved attempt_money_moved(enum attempt_state state, bool earlier_unknown)
{
	switch (state) {
	case ATTEMPT_COMPLETED:
		return MONEY_MOVED_YES;
	case ATTEMPT_READY:
	case ATTEMPT_REFUSED:
	case ATTEMPT_STUCK_UNSENT:
		return earlier_unknown ? MONEY_MOVED_UNKNOWN : MONEY_MOVED_NO;
	default: /* FAILED too: whether Runa gave the money back is not documented (runa-api 23 no. 9) */
		return MONEY_MOVED_UNKNOWN;
	}
}

bool attempt_may_be_renewed(const char *advice)
{
	static const char *const may[] = { "stuck_unsent", "stuck_absent", "stuck_key_old", "refused_after_unknown" };

	for (size_t i = 0; i < COUNT_OF(may); i++)
		if (text_is_same(advice, may[i])) return true;
	return false;
}

enum task attempt_retry_task(const struct attempt *attempt, const char *advice, int64_t now_ms)
{
	if (attempt_is_final(attempt->state)) return TASK_NONE;
	/* Sending or asking again cannot mend these two: only a look at Runa's list can. */
	if (text_is_same(advice, "stuck_mismatch") || text_is_same(advice, "stuck_foreign")) return TASK_SEARCH;
	if (attempt->runa_order_id != NULL) return TASK_POLL;
	if (key_is_old(attempt, now_ms)) return TASK_SEARCH;
	return TASK_SEND;
}
