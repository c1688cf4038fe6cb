/* estimate.c: the table of wanted estimates between the pages' threads and the dispatcher. Whoever waits owns its
 * place, and leaves it when its time is over; an answer that finds nobody is dropped. Calls nobody: estimates.c
 * does. */
#include "desk/estimate.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "desk/inside.h"

/* ---- whoever waits ---------------------------------------------------------------------------- */

static bool is_playground(struct desk *desk)
{
	struct desk_rules *rules = desk_hold_rules(desk);
	bool is_playground = rules->environment == RUNA_PLAYGROUND;

	shared_drop(&rules->shared);
	return is_playground;
}

/* How many in this minute: our own limit, so that idle pressing costs nobody anything (runa-api 17 says none). */
static bool is_paced(struct estimates *estimates, int64_t steady_ms)
{
	if (steady_ms - estimates->minute_ms >= MS_A_MINUTE || estimates->minute_ms == 0) {
		estimates->minute_ms = steady_ms;
		estimates->in_minute = 0;
	}
	return ++estimates->in_minute <= ESTIMATES_A_MINUTE;
}

static struct estimate_place *free_place(struct desk *desk)
{
	size_t most = (size_t)desk->most_waiting / 2;

	for (size_t i = 0; i < ESTIMATES_MOST && i < most; i++)
		if (desk->estimates.places[i].state == ESTIMATE_FREE) return &desk->estimates.places[i];
	return NULL;
}

/* A place, or why there is none. Under the lock. */
static enum estimated take_place(struct desk *desk, struct estimate_place **out)
{
	*out = NULL;
	if (desk->wake == NULL || desk->estimates.is_closing) return ESTIMATE_NOBODY;
	if (desk->is_stopped) return ESTIMATE_STOPPED;
	if (desk->pause_until_ms > clock_wall_ms(desk->clock)) return ESTIMATE_PAUSED;
	*out = free_place(desk);
	if (*out == NULL || !is_paced(&desk->estimates, clock_steady_ms(desk->clock))) {
		*out = NULL;
		return ESTIMATE_BUSY;
	}
	return ESTIMATE_LATE;
}

enum estimated estimate_ask(struct desk *desk, const char *product_code, struct money face_value, struct estimate *out)
{
	struct timespec until;
	struct estimate_place *place;
	enum estimated outcome;

	memset(out, 0, sizeof *out);
	if (is_playground(desk)) return ESTIMATE_NOT_OFFERED;
	pthread_mutex_lock(&desk->lock);
	outcome = take_place(desk, &place);
	if (place != NULL) {
		place->state = ESTIMATE_WANTED;
		place->wanted.no = ++desk->estimates.last_no;
		place->wanted.face_value = face_value;
		snprintf(place->wanted.product_code, sizeof place->wanted.product_code, "%s", product_code);
		desk->wake(desk->wake_whom);
		until = desk_steady_after(ESTIMATE_WAIT_MS);
		while (place->state != ESTIMATE_ANSWERED &&
		       pthread_cond_timedwait(&desk->estimates.came, &desk->lock, &until) != ETIMEDOUT)
			;
		if (place->state == ESTIMATE_ANSWERED) {
			outcome = place->outcome;
			*out = place->answer;
		}
		place->state = ESTIMATE_FREE;
		pthread_cond_broadcast(&desk->estimates.came); /* desk_close may wait for the last one */
	}
	pthread_mutex_unlock(&desk->lock);
	return outcome;
}

/* ---- the dispatcher --------------------------------------------------------------------------- */

bool estimate_take(struct desk *desk, struct estimate_wanted *out)
{
	struct estimate_place *first = NULL;

	pthread_mutex_lock(&desk->lock);
	for (size_t i = 0; i < ESTIMATES_MOST; i++) {
		struct estimate_place *place = &desk->estimates.places[i];

		if (place->state == ESTIMATE_WANTED && (first == NULL || place->wanted.no < first->wanted.no)) first = place;
	}
	if (first != NULL) {
		first->state = ESTIMATE_ASKED;
		*out = first->wanted;
	}
	pthread_mutex_unlock(&desk->lock);
	return first != NULL;
}

void estimate_give(struct desk *desk, uint64_t no, enum estimated outcome, const struct estimate *answer)
{
	static const struct estimate nothing;

	pthread_mutex_lock(&desk->lock);
	for (size_t i = 0; i < ESTIMATES_MOST; i++) {
		struct estimate_place *place = &desk->estimates.places[i];

		if (place->state != ESTIMATE_ASKED || place->wanted.no != no) continue;
		place->state = ESTIMATE_ANSWERED;
		place->outcome = outcome;
		place->answer = answer != NULL ? *answer : nothing;
		pthread_cond_broadcast(&desk->estimates.came);
	}
	pthread_mutex_unlock(&desk->lock);
}

/* ---- the end ---------------------------------------------------------------------------------- */

/* Nobody answers any more. Under the lock. */
static void answer_all(struct desk *desk)
{
	for (size_t i = 0; i < ESTIMATES_MOST; i++) {
		struct estimate_place *place = &desk->estimates.places[i];

		if (place->state != ESTIMATE_WANTED && place->state != ESTIMATE_ASKED) continue;
		place->state = ESTIMATE_ANSWERED;
		place->outcome = ESTIMATE_NOBODY;
		memset(&place->answer, 0, sizeof place->answer);
	}
	pthread_cond_broadcast(&desk->estimates.came);
}

void estimates_end(struct desk *desk)
{
	pthread_mutex_lock(&desk->lock);
	answer_all(desk);
	pthread_mutex_unlock(&desk->lock);
}

static bool is_waited_for(const struct estimates *estimates)
{
	for (size_t i = 0; i < ESTIMATES_MOST; i++)
		if (estimates->places[i].state != ESTIMATE_FREE) return true;
	return false;
}

void estimates_open(struct estimates *estimates)
{
	desk_cond_begin(&estimates->came);
}

void estimates_close(struct desk *desk)
{
	pthread_mutex_lock(&desk->lock);
	desk->estimates.is_closing = true;
	answer_all(desk);
	while (is_waited_for(&desk->estimates)) pthread_cond_wait(&desk->estimates.came, &desk->lock);
	pthread_mutex_unlock(&desk->lock);
	pthread_cond_destroy(&desk->estimates.came);
}
