/* estimates.c: asks Runa for the estimates that people wait for, beside the dispatcher's own calls: never more than a
 * few at once, never while Runa wants a pause, and never in an order's place. */
#include <stdio.h>

#include "base/log.h"
#include "desk/calls.h"
#include "desk/estimate.h"

/* A set-up refusal stops nothing by itself: a key may be allowed to order and not to estimate. */
static enum estimated outcome_of(struct dispatcher *dispatcher, struct call *call,
                                 const struct runa_answer *answer, struct estimate *out)
{
	const struct estimate_wanted *wanted = call->estimate;
	struct runa_estimate said;
	struct runa_error why;
	enum meaning meaning = runa_meaning_of_estimate(call->mem, answer, wanted->product_code, wanted->face_value,
	                                                &said, &why);

	dispatcher_heed(dispatcher, call, answer, meaning == MEANING_SETUP ? MEANING_NO_NEWS : meaning, NULL);
	*out = (struct estimate){ .at_ms = clock_wall_ms(dispatcher->desk->clock) };
	switch (meaning) {
	case MEANING_COMPLETED:
		out->price = said.price;
		out->discount = said.discount;
		return ESTIMATE_KNOWN;
	case MEANING_REFUSED:
		snprintf(out->error_type, sizeof out->error_type, "%s", why.type != NULL ? why.type : "");
		return ESTIMATE_REFUSED;
	case MEANING_ABSENT:
		return ESTIMATE_NOT_OFFERED;
	case MEANING_SLOW_DOWN:
		return ESTIMATE_PAUSED;
	default:
		log_line(LOG_WARN, "estimate_unclear", "http=%d %s", answer->status, answer->trouble);
		return ESTIMATE_UNCLEAR;
	}
}

static void on_estimate(struct dispatcher *dispatcher, struct call *call, const struct runa_answer *answer)
{
	struct estimate estimate;
	enum estimated outcome = outcome_of(dispatcher, call, answer, &estimate);

	dispatcher->estimates_in_flight--;
	estimate_give(dispatcher->desk, call->estimate->no, outcome, &estimate);
}

static void ask(struct dispatcher *dispatcher, const struct estimate_wanted *wanted)
{
	struct call *call = dispatcher_new_call(dispatcher);
	struct runa_request request;

	call->estimate = ARENA_NEW(call->mem, struct estimate_wanted);
	*call->estimate = *wanted;
	call->on_answer = on_estimate;
	request = runa_request_estimate(call->mem, wanted->product_code, wanted->face_value,
	                                dispatcher_api_version(dispatcher, call->mem));
	dispatcher->estimates_in_flight++;
	dispatcher_begin_call(dispatcher, call, &request);
}

/* Calls that nobody waits for any more are still under way, and count. While the window is small after a 429, whatever
 * is under way goes first. */
static enum estimated why_not(const struct dispatcher *dispatcher)
{
	if (dispatcher->is_stopping) return ESTIMATE_NOBODY;
	if (desk_is_stopped(dispatcher->desk)) return ESTIMATE_STOPPED;
	if (clock_steady_ms(dispatcher->desk->clock) < dispatcher->pause_until_ms) return ESTIMATE_PAUSED;
	if (dispatcher->estimates_in_flight >= ESTIMATES_MOST || dispatcher->in_flight >= dispatcher->window)
		return ESTIMATE_BUSY;
	return ESTIMATE_KNOWN;
}

void estimates_begin_wanted(struct dispatcher *dispatcher)
{
	struct estimate_wanted wanted;

	while (estimate_take(dispatcher->desk, &wanted)) {
		enum estimated not = why_not(dispatcher);

		if (not == ESTIMATE_KNOWN)
			ask(dispatcher, &wanted);
		else
			estimate_give(dispatcher->desk, wanted.no, not, NULL);
	}
}
