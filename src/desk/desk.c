/* desk.c: what the desk's functions share. */
#include "desk/desk.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "base/text.h"
#include "desk/catalogue.h"
#include "desk/inside.h"

/* One call may be lost anywhere; so many one after the other, and Runa is away. */
enum { AWAY_CALLS = 3 };

void desk_cond_begin(pthread_cond_t *cond)
{
	pthread_condattr_t attributes;

	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(cond, &attributes);
	pthread_condattr_destroy(&attributes);
}

struct desk *desk_open(const struct desk_options *options)
{
	struct desk *desk = memory_alloc(sizeof *desk);

	desk->ledger = options->ledger;
	desk->clock = options->clock;
	desk->chance = options->chance;
	desk->link_key = options->link_key;
	desk->most_waiting = options->most_waiting;
	pthread_mutex_init(&desk->lock, NULL);
	pthread_mutex_init(&desk->own_lock, NULL);
	pthread_mutex_init(&desk->rules.lock, NULL);
	pthread_mutex_init(&desk->catalogue.lock, NULL);
	desk_cond_begin(&desk->news_came);
	estimates_open(&desk->estimates);
	shared_swap(&desk->rules, &options->rules->shared);
	catalogue_load(desk);
	desk_load_stop(desk);
	return desk;
}

void desk_close(struct desk *desk)
{
	estimates_close(desk);
	shared_swap(&desk->rules, NULL);
	shared_swap(&desk->catalogue, NULL);
	pthread_cond_destroy(&desk->news_came);
	pthread_mutex_destroy(&desk->own_lock);
	pthread_mutex_destroy(&desk->lock);
	free(desk);
}

void desk_set_wake(struct desk *desk, void (*wake)(void *whom), void *whom)
{
	pthread_mutex_lock(&desk->lock);
	desk->wake = wake;
	desk->wake_whom = whom;
	pthread_mutex_unlock(&desk->lock);
}

void desk_wake(struct desk *desk)
{
	pthread_mutex_lock(&desk->lock);
	if (desk->wake != NULL) desk->wake(desk->wake_whom);
	pthread_mutex_unlock(&desk->lock);
}

void desk_use_rules(struct desk *desk, struct desk_rules *rules)
{
	shared_swap(&desk->rules, &rules->shared);
}

struct desk_rules *desk_hold_rules(struct desk *desk)
{
	return (struct desk_rules *)shared_hold(&desk->rules);
}

bool desk_talks_to(struct desk *desk, const char *upstream)
{
	struct desk_rules *rules = desk_hold_rules(desk);
	bool is_here = text_is_same(upstream, rules->base_url);

	shared_drop(&rules->shared);
	return is_here;
}

/* ---- the stop for everyone ---------------------------------------------------------------------- */

static const char STOP_FACT[] = "sending_stopped";

void desk_load_stop(struct desk *desk)
{
	struct arena *mem = arena_open();
	struct ledger_pace pace;
	char *reason = NULL;

	if (ledger_pace(desk->ledger, clock_wall_ms(desk->clock), &pace)) desk->pause_until_ms = pace.pause_until_ms;
	if (ledger_fact(desk->ledger, mem, STOP_FACT, &reason) == LEDGER_OK && reason != NULL) {
		pthread_mutex_lock(&desk->lock);
		desk->is_stopped = true;
		snprintf(desk->stop_reason, sizeof desk->stop_reason, "%s", reason);
		pthread_mutex_unlock(&desk->lock);
	}
	arena_close(mem);
}

void desk_stop_sending(struct desk *desk, const char *reason)
{
	bool is_news;

	pthread_mutex_lock(&desk->lock);
	is_news = !desk->is_stopped || strcmp(desk->stop_reason, reason) != 0;
	desk->is_stopped = true;
	snprintf(desk->stop_reason, sizeof desk->stop_reason, "%s", reason);
	pthread_mutex_unlock(&desk->lock);
	if (!is_news) return;
	log_line(LOG_BROKEN, "sending_stopped", "reason=%s orders wait until the set-up is mended", reason);
	/* Best effort: it is found out again by the next call where it could not be kept. */
	if (ledger_put_fact(desk->ledger, STOP_FACT, reason) != LEDGER_OK)
		log_line(LOG_WARN, "fact_not_kept", "name=%s", STOP_FACT);
}

void desk_go_on_sending(struct desk *desk)
{
	bool was_stopped;

	pthread_mutex_lock(&desk->lock);
	was_stopped = desk->is_stopped;
	desk->is_stopped = false;
	desk->stop_reason[0] = '\0';
	pthread_mutex_unlock(&desk->lock);
	if (!was_stopped) return;
	log_line(LOG_NOTE, "sending_goes_on", "ping and balance passed");
	if (ledger_put_fact(desk->ledger, STOP_FACT, NULL) != LEDGER_OK)
		log_line(LOG_WARN, "fact_not_kept", "name=%s", STOP_FACT);
}

bool desk_is_stopped(struct desk *desk)
{
	bool is_stopped;

	pthread_mutex_lock(&desk->lock);
	is_stopped = desk->is_stopped;
	pthread_mutex_unlock(&desk->lock);
	return is_stopped;
}

void desk_seen_dispatching(struct desk *desk, int64_t now_ms, int64_t pause_until_ms)
{
	pthread_mutex_lock(&desk->lock);
	desk->dispatcher_seen_ms = now_ms;
	desk->pause_until_ms = pause_until_ms;
	pthread_mutex_unlock(&desk->lock);
}

void desk_heard_runa(struct desk *desk, bool has_answered)
{
	pthread_mutex_lock(&desk->lock);
	if (has_answered)
		desk->unanswered = 0;
	else if (desk->unanswered++ == 0)
		desk->away_since_ms = clock_wall_ms(desk->clock);
	pthread_mutex_unlock(&desk->lock);
}

void desk_health(struct desk *desk, struct desk_health *out)
{
	struct catalogue *catalogue = catalogue_hold(desk);
	struct desk_rules *rules = desk_hold_rules(desk);

	memset(out, 0, sizeof *out);
	out->environment = rules->environment;
	out->ledger_is_sound = ledger_is_sound(desk->ledger);
	out->catalogue_fetched_ms = catalogue->products_fetched_ms;
	out->balances_fetched_ms = catalogue->balances_fetched_ms;
	shared_drop(&rules->shared);
	catalogue_drop(catalogue);
	pthread_mutex_lock(&desk->lock);
	out->is_stopped = desk->is_stopped;
	memcpy(out->stop_reason, desk->stop_reason, sizeof out->stop_reason);
	out->pause_until_ms = desk->pause_until_ms;
	out->away_since_ms = desk->unanswered >= AWAY_CALLS ? desk->away_since_ms : 0;
	out->dispatcher_seen_ms = desk->dispatcher_seen_ms;
	pthread_mutex_unlock(&desk->lock);
}

/* ---- waiting for news ----------------------------------------------------------------------------- */

size_t desk_place_of(const char *text, size_t places)
{
	unsigned hash = 5381;

	while (*text != '\0') hash = hash * 33 + (unsigned char)*text++;
	return hash % places;
}

static uint64_t *news_of(struct desk *desk, const char *number)
{
	return &desk->news[desk_place_of(number, COUNT_OF(desk->news))];
}

uint64_t desk_news(struct desk *desk, const char *number)
{
	uint64_t news;

	pthread_mutex_lock(&desk->lock);
	news = *news_of(desk, number);
	pthread_mutex_unlock(&desk->lock);
	return news;
}

void desk_tell_news(struct desk *desk, const char *number)
{
	pthread_mutex_lock(&desk->lock);
	++*news_of(desk, number);
	pthread_cond_broadcast(&desk->news_came);
	pthread_mutex_unlock(&desk->lock);
}

struct timespec desk_steady_after(int ms)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += ms / 1000;
	until.tv_nsec += (long)(ms % 1000) * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	return until;
}

/* Sleeps on the machine's own monotonic clock: a person waits in real time. */
void desk_wait(struct desk *desk, const char *number, uint64_t seen, int timeout_ms)
{
	struct timespec until = desk_steady_after(timeout_ms);

	pthread_mutex_lock(&desk->lock);
	if (desk->waiting < desk->most_waiting) {
		desk->waiting++;
		while (*news_of(desk, number) == seen &&
		       pthread_cond_timedwait(&desk->news_came, &desk->lock, &until) != ETIMEDOUT)
			;
		desk->waiting--;
	}
	pthread_mutex_unlock(&desk->lock);
}
