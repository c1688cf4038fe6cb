/* test_attempt.c: what follows from a meaning in each state, against a table written from design 3 on its
 * own, cell by cell, and what time adds to it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/text.h"
#include "desk/attempt.h"

static const int64_t NOW = 1795000000000;

static const struct desk_rules rules = { .retry_first_ms = 1000, .retry_max_ms = 300000, .give_up_after_ms = 3600000 };

static struct attempt attempt_in(enum attempt_state state, enum task task, int64_t age_ms)
{
	return (struct attempt){ .state = state, .task = task, .created_at_ms = NOW - age_ms };
}

static struct attempt_step step_of(enum attempt_state state, enum task task, int64_t age_ms, enum meaning meaning)
{
	struct attempt attempt = attempt_in(state, task, age_ms);

	return attempt_step_for(&attempt, meaning, &rules, NOW);
}

/* ---- each cell ------------------------------------------------------------------------------- */

struct expected {
	enum attempt_state state;
	enum meaning meaning;
	enum attempt_state to;
	enum task task;
	enum pause pause;
	const char *advice;
	bool is_loud;
};

#define ROW(state, meaning, to, task, pause, advice, loud)                                            \
	{ ATTEMPT_##state, MEANING_##meaning, ATTEMPT_##to, TASK_##task, PAUSE_##pause, advice, loud }
/* Whatever was believed before, what Runa says of the order settles it. */
#define SETTLES(state)                                                                                \
	ROW(state, COMPLETED, COMPLETED, NONE, NONE, "completed", false),                             \
	ROW(state, ACCEPTED,  ACCEPTED,  POLL, POLL, "waiting_accepted", false),                      \
	ROW(state, FAILED,    FAILED,    NONE, NONE, "failed_accepted", false),                       \
	ROW(state, FOUND,     ACCEPTED,  POLL, NOW,  "waiting_accepted", false)

static const struct expected expected[] = {
	SETTLES(READY), SETTLES(SENT), SETTLES(HELD), SETTLES(RESENT), SETTLES(UNKNOWN), SETTLES(ACCEPTED),
	SETTLES(STUCK_UNSENT), SETTLES(STUCK),

	/* the first try, or one after tries of which not a byte left */
	ROW(SENT, REFUSED,      REFUSED, NONE, NONE,    "refused", false),
	ROW(SENT, SETUP,        HELD,    SEND, BACKOFF, "waiting_setup", false),
	ROW(SENT, SETUP_STORED, REFUSED, NONE, NONE,    "refused_setup", false),
	ROW(SENT, BUSY,         UNKNOWN, SEND, BUSY,    "waiting_busy", false),
	ROW(SENT, MISMATCH,     STUCK,   NONE, NONE,    "stuck_mismatch", true),
	ROW(SENT, SLOW_DOWN,    HELD,    SEND, SLOW,    "waiting_slow", false),
	ROW(SENT, UNKNOWN,      UNKNOWN, SEND, BACKOFF, "waiting_unknown", false),
	ROW(SENT, NOT_SENT,     READY,   SEND, BACKOFF, "waiting_unreachable", false),
	ROW(SENT, FOREIGN,      STUCK,   NONE, NONE,    "stuck_foreign", true),

	/* a try after others that were turned away at the door: the same, but bytes have left before */
	ROW(RESENT, REFUSED,      REFUSED, NONE, NONE,    "refused", false),
	ROW(RESENT, SETUP,        HELD,    SEND, BACKOFF, "waiting_setup", false),
	ROW(RESENT, SETUP_STORED, REFUSED, NONE, NONE,    "refused_setup", false),
	ROW(RESENT, BUSY,         UNKNOWN, SEND, BUSY,    "waiting_busy", false),
	ROW(RESENT, MISMATCH,     STUCK,   NONE, NONE,    "stuck_mismatch", true),
	ROW(RESENT, SLOW_DOWN,    HELD,    SEND, SLOW,    "waiting_slow", false),
	ROW(RESENT, UNKNOWN,      UNKNOWN, SEND, BACKOFF, "waiting_unknown", false),
	ROW(RESENT, NOT_SENT,     HELD,    SEND, BACKOFF, "waiting_slow", false),
	ROW(RESENT, FOREIGN,      STUCK,   NONE, NONE,    "stuck_foreign", true),

	/* after a try without an answer no refusal, and no silence, says anything */
	ROW(UNKNOWN, REFUSED,      UNKNOWN, SEND,   BACKOFF, "waiting_unknown", false),
	ROW(UNKNOWN, SETUP,        UNKNOWN, SEND,   BACKOFF, "waiting_setup", false),
	ROW(UNKNOWN, SETUP_STORED, UNKNOWN, SEND,   BACKOFF, "waiting_unknown", false),
	ROW(UNKNOWN, BUSY,         UNKNOWN, SEND,   BUSY,    "waiting_busy", false),
	ROW(UNKNOWN, MISMATCH,     STUCK,   NONE,   NONE,    "stuck_mismatch", true),
	ROW(UNKNOWN, SLOW_DOWN,    UNKNOWN, SEND,   SLOW,    "waiting_unknown", false),
	ROW(UNKNOWN, UNKNOWN,      UNKNOWN, SEND,   BACKOFF, "waiting_unknown", false),
	ROW(UNKNOWN, NOT_SENT,     UNKNOWN, SEND,   BACKOFF, "waiting_unknown", false),
	ROW(UNKNOWN, FOREIGN,      STUCK,   NONE,   NONE,    "stuck_foreign", true),
	ROW(UNKNOWN, ABSENT,       UNKNOWN, SEND,   BACKOFF, "waiting_unknown", false),
	ROW(UNKNOWN, NO_NEWS,      UNKNOWN, SEARCH, BACKOFF, "searching", false),

	/* polls by id */
	ROW(ACCEPTED, FOREIGN, STUCK,    NONE, NONE, "stuck_foreign", true),
	ROW(ACCEPTED, NO_NEWS, ACCEPTED, POLL, POLL, "waiting_accepted", false),

	/* looked for before anything is sent: the ledger may be a restored one */
	ROW(READY, ABSENT,  READY, SEND,   NOW,     "waiting_unsent", false),
	ROW(READY, NO_NEWS, READY, SEARCH, BACKOFF, "searching", false),
	ROW(HELD,  ABSENT,  HELD,  SEND,   NOW,     "waiting_slow", false),
	ROW(HELD,  NO_NEWS, HELD,  SEARCH, BACKOFF, "searching", false),
};

static const struct expected *expected_of(int state, int meaning)
{
	for (size_t i = 0; i < COUNT_OF(expected); i++)
		if ((int)expected[i].state == state && (int)expected[i].meaning == meaning) return &expected[i];
	return NULL;
}

static void each_cell_is_what_the_design_says(void **state)
{
	(void)state;
	for (int s = 0; s < ATTEMPT_STATES; s++) {
		for (int m = 0; m < MEANINGS; m++) {
			const struct attempt_step *cell = attempt_cell((enum attempt_state)s, (enum meaning)m);
			const struct expected *row = expected_of(s, m);
			const char *at = attempt_state_name((enum attempt_state)s), *what = meaning_name((enum meaning)m);

			if ((cell == NULL) != (row == NULL)) fail_msg("(%s, %s) is %s", at, what, cell ? "there" : "missing");
			if (cell == NULL) continue;
			if (cell->to != row->to || cell->task != row->task || cell->pause != row->pause ||
			    strcmp(cell->advice, row->advice) != 0 || cell->is_loud != row->is_loud)
				fail_msg("(%s, %s) -> %s, %s, pause %d, %s", at, what, attempt_state_name(cell->to),
				         attempt_task_name(cell->task), (int)cell->pause, cell->advice);
		}
	}
}

static void a_young_attempt_takes_the_step_of_its_cell(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(expected); i++) {
		struct attempt_step step = step_of(expected[i].state, TASK_SEND, 1000, expected[i].meaning);

		assert_int_equal(step.to, expected[i].to);
		assert_int_equal(step.task, expected[i].task);
		assert_int_equal(step.pause, expected[i].pause);
	}
}

static void nothing_is_concluded_from_what_cannot_happen(void **state)
{
	(void)state;
	for (int s = 0; s < ATTEMPT_STATES; s++) {
		for (int m = 0; m < MEANINGS; m++) {
			struct attempt_step open = step_of((enum attempt_state)s, TASK_POLL, 0, (enum meaning)m);
			struct attempt_step done = step_of((enum attempt_state)s, TASK_NONE, 0, (enum meaning)m);

			if (expected_of(s, m) != NULL) continue;
			assert_int_equal(open.to, s);
			assert_int_equal(open.task, TASK_POLL);
			assert_int_equal(open.pause, PAUSE_BACKOFF);
			assert_true(open.is_loud);
			assert_int_equal(done.to, s);
			assert_int_equal(done.task, TASK_NONE);
			assert_int_equal(done.pause, PAUSE_NONE);
		}
	}
}

static void a_final_state_is_never_left(void **state)
{
	static const enum attempt_state final[] = { ATTEMPT_COMPLETED, ATTEMPT_FAILED, ATTEMPT_REFUSED };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(final); i++)
		for (int m = 0; m < MEANINGS; m++) assert_null(attempt_cell(final[i], (enum meaning)m));
}

/* ---- giving up --------------------------------------------------------------------------------- */

static void an_unknown_try_is_sent_again_until_the_last_moment_before_giving_up(void **state)
{
	struct attempt_step step = step_of(ATTEMPT_UNKNOWN, TASK_SEND, 3600000 - 1, MEANING_UNKNOWN);

	(void)state;
	assert_int_equal(step.task, TASK_SEND);
	assert_string_equal(step.advice, "waiting_unknown");
}

static void after_giving_up_it_is_looked_for(void **state)
{
	static const enum meaning meanings[] = { MEANING_UNKNOWN, MEANING_BUSY, MEANING_REFUSED, MEANING_NOT_SENT,
		                                 MEANING_SLOW_DOWN, MEANING_SETUP_STORED };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(meanings); i++) {
		struct attempt_step step = step_of(ATTEMPT_UNKNOWN, TASK_SEND, 3600000, meanings[i]);

		assert_int_equal(step.to, ATTEMPT_UNKNOWN);
		assert_int_equal(step.task, TASK_SEARCH);
		assert_string_equal(step.advice, "searching");
	}
}

/* While the desk itself was stopped, nobody had been asked. */
static void the_hour_counts_from_the_first_try(void **state)
{
	struct attempt attempt = attempt_in(ATTEMPT_UNKNOWN, TASK_SEND, 10 * MS_AN_HOUR);

	(void)state;
	attempt.first_sent_at_ms = NOW - MS_AN_HOUR + 1;
	assert_int_equal(attempt_step_for(&attempt, MEANING_UNKNOWN, &rules, NOW).task, TASK_SEND);
	attempt.first_sent_at_ms = NOW - MS_AN_HOUR;
	assert_int_equal(attempt_step_for(&attempt, MEANING_UNKNOWN, &rules, NOW).task, TASK_SEARCH);
}

static void a_wrong_set_up_is_waited_for_however_long_it_takes(void **state)
{
	struct attempt_step sent = step_of(ATTEMPT_SENT, TASK_SEND, 20 * (int64_t)MS_A_DAY, MEANING_SETUP);
	struct attempt_step unknown = step_of(ATTEMPT_UNKNOWN, TASK_SEND, 20 * (int64_t)MS_A_DAY, MEANING_SETUP);

	(void)state;
	assert_int_equal(sent.to, ATTEMPT_HELD);
	assert_int_equal(sent.task, TASK_SEND);
	assert_int_equal(unknown.to, ATTEMPT_UNKNOWN);
	assert_int_equal(unknown.task, TASK_SEND);
}

static void what_never_left_is_given_up_as_unsent(void **state)
{
	struct attempt_step before = step_of(ATTEMPT_SENT, TASK_SEND, 3600000 - 1, MEANING_NOT_SENT);
	struct attempt_step after = step_of(ATTEMPT_SENT, TASK_SEND, 3600000, MEANING_NOT_SENT);

	(void)state;
	assert_int_equal(before.to, ATTEMPT_READY);
	assert_int_equal(after.to, ATTEMPT_STUCK_UNSENT);
	assert_int_equal(after.task, TASK_NONE);
	assert_string_equal(after.advice, "stuck_unsent");
	assert_true(after.is_loud);
}

static void what_was_turned_away_and_then_not_sent_is_looked_for_when_given_up(void **state)
{
	struct attempt_step step = step_of(ATTEMPT_RESENT, TASK_SEND, 3600000, MEANING_NOT_SENT);

	(void)state;
	assert_int_equal(step.to, ATTEMPT_HELD);
	assert_int_equal(step.task, TASK_SEARCH);
}

static void an_accepted_order_is_polled_until_it_is_given_up(void **state)
{
	static const enum meaning meanings[] = { MEANING_ACCEPTED, MEANING_NO_NEWS };
	struct attempt attempt = attempt_in(ATTEMPT_ACCEPTED, TASK_POLL, 3600000);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(meanings); i++) {
		struct attempt_step step;

		attempt.polls = 0; /* adopted after it was given up: it is asked for at least once */
		assert_int_equal(attempt_step_for(&attempt, meanings[i], &rules, NOW).to, ATTEMPT_ACCEPTED);
		attempt.polls = 1;
		assert_int_equal(attempt_step_for(&attempt, meanings[i], &rules, NOW - 1).to, ATTEMPT_ACCEPTED);
		step = attempt_step_for(&attempt, meanings[i], &rules, NOW);
		assert_int_equal(step.to, ATTEMPT_STUCK);
		assert_string_equal(step.advice, "stuck_unread");
	}
}

/* ---- searches ------------------------------------------------------------------------------------ */

static struct attempt_step absent(enum attempt_state state, int64_t age_ms, int looks_before)
{
	struct attempt attempt = attempt_in(state, TASK_SEARCH, age_ms);

	attempt.polls = looks_before;
	return attempt_step_for(&attempt, MEANING_ABSENT, &rules, NOW);
}

static void not_found_before_giving_up_means_go_on_with_the_same_key(void **state)
{
	struct attempt_step step = absent(ATTEMPT_UNKNOWN, 3600000 - 1, 5);

	(void)state;
	assert_int_equal(step.to, ATTEMPT_UNKNOWN);
	assert_int_equal(step.task, TASK_SEND);
}

static void not_found_once_is_looked_for_again_after_15_minutes(void **state)
{
	static const enum attempt_state states[] = { ATTEMPT_UNKNOWN, ATTEMPT_HELD };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(states); i++) {
		struct attempt_step step = absent(states[i], 3600000, 0);

		assert_int_equal(step.to, states[i]);
		assert_int_equal(step.task, TASK_SEARCH);
		assert_int_equal(step.pause, PAUSE_AGAIN_15);
	}
}

static void not_found_twice_is_for_a_person(void **state)
{
	struct attempt_step step = absent(ATTEMPT_UNKNOWN, 3600000, 1);

	(void)state;
	assert_int_equal(step.to, ATTEMPT_STUCK);
	assert_int_equal(step.task, TASK_NONE);
	assert_string_equal(step.advice, "stuck_absent");
	assert_true(step.is_loud);
}

static void not_found_and_never_sent_is_sent_even_after_giving_up(void **state)
{
	struct attempt_step step = absent(ATTEMPT_READY, 3600000, 1);

	(void)state;
	assert_int_equal(step.to, ATTEMPT_READY);
	assert_int_equal(step.task, TASK_SEND);
}

static void a_search_that_cannot_be_finished_goes_on_for_a_day_and_no_longer(void **state)
{
	static const enum attempt_state states[] = { ATTEMPT_UNKNOWN, ATTEMPT_HELD };
	int64_t day = 3600000 + (int64_t)MS_A_DAY;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(states); i++) {
		struct attempt_step step = step_of(states[i], TASK_SEARCH, day - 1, MEANING_NO_NEWS);

		assert_int_equal(step.to, states[i]);
		assert_int_equal(step.task, TASK_SEARCH);
		step = step_of(states[i], TASK_SEARCH, day, MEANING_NO_NEWS);
		assert_int_equal(step.to, ATTEMPT_STUCK);
		assert_string_equal(step.advice, "stuck_unsearched");
	}
}

/* The ledger may be a restored one: only a search that was finished may allow a second purchase. */
static void an_unsent_attempt_whose_search_is_never_finished_may_not_be_renewed(void **state)
{
	struct attempt_step step =
		step_of(ATTEMPT_READY, TASK_SEARCH, 3600000 + (int64_t)MS_A_DAY, MEANING_NO_NEWS);

	(void)state;
	assert_int_equal(step.to, ATTEMPT_STUCK_UNSENT);
	assert_string_equal(step.advice, "stuck_unsearched");
	assert_false(attempt_may_be_renewed(step.advice));
}

static void every_tenth_mute_try_is_followed_by_a_search(void **state)
{
	(void)state;
	for (int mute = 0; mute < 40; mute++) {
		struct attempt attempt = attempt_in(ATTEMPT_UNKNOWN, TASK_SEND, 1000);
		struct attempt_step step;

		attempt.mute = mute;
		step = attempt_step_for(&attempt, MEANING_UNKNOWN, &rules, NOW);
		assert_int_equal(step.task, (mute + 1) % 10 == 0 ? TASK_SEARCH : TASK_SEND);
		/* 'still at it' is an answer: it isn't mute */
		assert_int_equal(attempt_step_for(&attempt, MEANING_BUSY, &rules, NOW).task, TASK_SEND);
	}
}

static void what_never_left_is_never_looked_for(void **state)
{
	(void)state;
	for (int mute = 0; mute < 40; mute++) {
		struct attempt attempt = attempt_in(ATTEMPT_SENT, TASK_SEND, 1000);

		attempt.mute = mute;
		assert_int_equal(attempt_step_for(&attempt, MEANING_NOT_SENT, &rules, NOW).task, TASK_SEND);
	}
}

/* ---- the key's age ------------------------------------------------------------------------------- */

static const int64_t OLD = (int64_t)29 * 86400000;

static void fault_44_a_key_of_29_days_is_never_sent_again(void **state)
{
	static const enum attempt_state states[] = { ATTEMPT_SENT, ATTEMPT_RESENT, ATTEMPT_UNKNOWN };
	static const enum meaning meanings[] = { MEANING_SETUP, MEANING_BUSY, MEANING_SLOW_DOWN, MEANING_UNKNOWN,
		                                 MEANING_NOT_SENT };

	(void)state;
	assert_int_equal(ATTEMPT_KEY_AGE_MS, OLD);
	for (size_t s = 0; s < COUNT_OF(states); s++) {
		for (size_t m = 0; m < COUNT_OF(meanings); m++)
			assert_int_not_equal(step_of(states[s], TASK_SEND, OLD, meanings[m]).task, TASK_SEND);
		assert_int_not_equal(absent(states[s], OLD, 0).task, TASK_SEND);
		assert_int_not_equal(absent(states[s], OLD, 1).task, TASK_SEND);
	}
	assert_int_equal(step_of(ATTEMPT_SENT, TASK_SEND, OLD - 1, MEANING_SETUP).task, TASK_SEND);
}

static void an_old_key_that_is_not_found_twice_is_for_a_person(void **state)
{
	(void)state;
	assert_int_equal(absent(ATTEMPT_UNKNOWN, OLD, 0).pause, PAUSE_AGAIN_15);
	assert_int_equal(absent(ATTEMPT_UNKNOWN, OLD, 1).to, ATTEMPT_STUCK);
	assert_string_equal(absent(ATTEMPT_UNKNOWN, OLD, 1).advice, "stuck_key_old");
	assert_int_equal(absent(ATTEMPT_READY, OLD - 1, 1).task, TASK_SEND);
	assert_int_equal(absent(ATTEMPT_READY, OLD, 0).task, TASK_SEARCH);
	assert_int_equal(absent(ATTEMPT_READY, OLD, 1).to, ATTEMPT_STUCK_UNSENT);
	assert_string_equal(absent(ATTEMPT_READY, OLD, 1).advice, "stuck_key_old");
}

/* ---- pauses --------------------------------------------------------------------------------------- */

static void polls_come_after_2_4_8_16_30_and_then_every_60_seconds(void **state)
{
	static const int64_t seconds[] = { 2, 4, 8, 16, 30, 60, 60, 60 };
	struct attempt attempt = attempt_in(ATTEMPT_ACCEPTED, TASK_POLL, 0);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(seconds); i++) {
		attempt.polls = (int)i;
		assert_int_equal(attempt_pause_ms(PAUSE_POLL, &attempt, &rules, 500), seconds[i] * 1000);
	}
	attempt.polls = 100000;
	assert_int_equal(attempt_pause_ms(PAUSE_POLL, &attempt, &rules, 999), 60000);
}

static void back_off_doubles_and_its_jitter_stays_within_half_and_whole(void **state)
{
	struct attempt attempt = attempt_in(ATTEMPT_UNKNOWN, TASK_SEND, 0);
	int64_t whole = 1000;

	(void)state;
	for (int mute = 0; mute < 64; mute++) {
		int64_t before = 0;

		attempt.mute = mute;
		for (uint32_t jitter = 0; jitter < 1000; jitter += 37) {
			int64_t wait = attempt_pause_ms(PAUSE_BACKOFF, &attempt, &rules, jitter);

			assert_in_range(wait, whole / 2, whole);
			assert_true(wait > before); /* it does spread */
			before = wait;
		}
		assert_in_range(attempt_pause_ms(PAUSE_BACKOFF, &attempt, &rules, 999), whole - whole / 500, whole);
		whole = whole * 2 > 300000 ? 300000 : whole * 2;
	}
}

static void a_longest_pause_below_the_first_is_the_longest(void **state)
{
	struct desk_rules short_ones = { .retry_first_ms = 1000, .retry_max_ms = 200 };
	struct attempt attempt = attempt_in(ATTEMPT_UNKNOWN, TASK_SEND, 0);

	(void)state;
	assert_in_range(attempt_pause_ms(PAUSE_BACKOFF, &attempt, &short_ones, 999), 100, 200);
	assert_int_equal(attempt_pause_ms(PAUSE_BUSY, &attempt, &short_ones, 999), 200);
}

static void still_at_it_is_asked_again_after_3_to_10_seconds(void **state)
{
	struct attempt attempt = attempt_in(ATTEMPT_UNKNOWN, TASK_SEND, 0);

	(void)state;
	assert_int_equal(attempt_pause_ms(PAUSE_BUSY, &attempt, &rules, 0), 3000);
	assert_in_range(attempt_pause_ms(PAUSE_BUSY, &attempt, &rules, 500), 6000, 7000);
	assert_in_range(attempt_pause_ms(PAUSE_BUSY, &attempt, &rules, 999), 9900, 10000);
}

static void the_other_pauses_are_what_they_say(void **state)
{
	struct attempt attempt = attempt_in(ATTEMPT_UNKNOWN, TASK_SEND, 0);

	(void)state;
	assert_int_equal(attempt_pause_ms(PAUSE_NONE, &attempt, &rules, 999), 0);
	assert_int_equal(attempt_pause_ms(PAUSE_NOW, &attempt, &rules, 999), 0);
	assert_int_equal(attempt_pause_ms(PAUSE_SLOW, &attempt, &rules, 999), 0);
	assert_int_equal(attempt_pause_ms(PAUSE_AGAIN_15, &attempt, &rules, 999), 900000);
}

/* ---- what people read ------------------------------------------------------------------------------ */

static void status_and_money_follow_from_the_latest_state_and_what_came_before(void **state)
{
	static const struct {
		enum order_status alone, after_unknown;
		enum money_moved money_alone, money_after_unknown;
	} rows[ATTEMPT_STATES] = {
#define SAYS(state, a, b, c, d) [ATTEMPT_##state] = { ORDER_##a, ORDER_##b, MONEY_MOVED_##c, MONEY_MOVED_##d }
		SAYS(READY,        PLACING,         PLACING,         NO,      UNKNOWN),
		SAYS(SENT,         PLACING,         PLACING,         UNKNOWN, UNKNOWN),
		SAYS(HELD,         PLACING,         PLACING,         UNKNOWN, UNKNOWN),
		SAYS(RESENT,       PLACING,         PLACING,         UNKNOWN, UNKNOWN),
		SAYS(UNKNOWN,      PLACING,         PLACING,         UNKNOWN, UNKNOWN),
		SAYS(ACCEPTED,     PLACING,         PLACING,         UNKNOWN, UNKNOWN),
		SAYS(COMPLETED,    COMPLETED,       COMPLETED,       YES,     YES),
		SAYS(FAILED,       FAILED,          NEEDS_ATTENTION, UNKNOWN, UNKNOWN),
		SAYS(REFUSED,      FAILED,          NEEDS_ATTENTION, NO,      UNKNOWN),
		SAYS(STUCK_UNSENT, NEEDS_ATTENTION, NEEDS_ATTENTION, NO,      UNKNOWN),
		SAYS(STUCK,        NEEDS_ATTENTION, NEEDS_ATTENTION, UNKNOWN, UNKNOWN),
#undef SAYS
	};

	(void)state;
	for (int s = 0; s < ATTEMPT_STATES; s++) {
		assert_int_equal(attempt_order_status((enum attempt_state)s, false), rows[s].alone);
		assert_int_equal(attempt_order_status((enum attempt_state)s, true), rows[s].after_unknown);
		assert_int_equal(attempt_money_moved((enum attempt_state)s, false), rows[s].money_alone);
		assert_int_equal(attempt_money_moved((enum attempt_state)s, true), rows[s].money_after_unknown);
	}
}

static bool is_known(const char *advice)
{
	for (size_t i = 0; attempt_advice_keys[i] != NULL; i++)
		if (text_is_same(attempt_advice_keys[i], advice)) return true;
	return false;
}

/* Every cell at every age, with and without looks before. */
static void every_advice_the_table_can_give_is_listed(void **state)
{
	static const int64_t ages[] = { 0, 3600000, 3600000 + (int64_t)MS_A_DAY, (int64_t)29 * MS_A_DAY };

	(void)state;
	for (int s = 0; s < ATTEMPT_STATES; s++) {
		for (int m = 0; m < MEANINGS; m++) {
			for (size_t a = 0; a < COUNT_OF(ages); a++) {
				for (int mute = 0; mute < 10; mute++) {
					struct attempt attempt = attempt_in((enum attempt_state)s, TASK_SEND, ages[a]);
					struct attempt_step step;

					attempt.mute = attempt.polls = mute;
					step = attempt_step_for(&attempt, (enum meaning)m, &rules, NOW);
					if (step.advice != NULL && !is_known(step.advice)) fail_msg("%s is not listed", step.advice);
				}
			}
		}
	}
	/* what order.c, dispatcher.c and the ledger say by themselves */
	assert_true(is_known("waiting_unsent"));
	assert_true(is_known("waiting_sent"));
	assert_true(is_known("refused_after_unknown"));
}

static void no_advice_is_listed_twice(void **state)
{
	(void)state;
	for (size_t i = 0; attempt_advice_keys[i] != NULL; i++)
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(attempt_advice_keys[i], attempt_advice_keys[k]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_cell_is_what_the_design_says),
		cmocka_unit_test(a_young_attempt_takes_the_step_of_its_cell),
		cmocka_unit_test(nothing_is_concluded_from_what_cannot_happen),
		cmocka_unit_test(a_final_state_is_never_left),
		cmocka_unit_test(an_unknown_try_is_sent_again_until_the_last_moment_before_giving_up),
		cmocka_unit_test(after_giving_up_it_is_looked_for),
		cmocka_unit_test(the_hour_counts_from_the_first_try),
		cmocka_unit_test(a_wrong_set_up_is_waited_for_however_long_it_takes),
		cmocka_unit_test(what_never_left_is_given_up_as_unsent),
		cmocka_unit_test(what_was_turned_away_and_then_not_sent_is_looked_for_when_given_up),
		cmocka_unit_test(an_accepted_order_is_polled_until_it_is_given_up),
		cmocka_unit_test(not_found_before_giving_up_means_go_on_with_the_same_key),
		cmocka_unit_test(not_found_once_is_looked_for_again_after_15_minutes),
		cmocka_unit_test(not_found_twice_is_for_a_person),
		cmocka_unit_test(not_found_and_never_sent_is_sent_even_after_giving_up),
		cmocka_unit_test(a_search_that_cannot_be_finished_goes_on_for_a_day_and_no_longer),
		cmocka_unit_test(an_unsent_attempt_whose_search_is_never_finished_may_not_be_renewed),
		cmocka_unit_test(every_tenth_mute_try_is_followed_by_a_search),
		cmocka_unit_test(what_never_left_is_never_looked_for),
		cmocka_unit_test(fault_44_a_key_of_29_days_is_never_sent_again),
		cmocka_unit_test(an_old_key_that_is_not_found_twice_is_for_a_person),
		cmocka_unit_test(polls_come_after_2_4_8_16_30_and_then_every_60_seconds),
		cmocka_unit_test(back_off_doubles_and_its_jitter_stays_within_half_and_whole),
		cmocka_unit_test(a_longest_pause_below_the_first_is_the_longest),
		cmocka_unit_test(still_at_it_is_asked_again_after_3_to_10_seconds),
		cmocka_unit_test(the_other_pauses_are_what_they_say),
		cmocka_unit_test(status_and_money_follow_from_the_latest_state_and_what_came_before),
		cmocka_unit_test(every_advice_the_table_can_give_is_listed),
		cmocka_unit_test(no_advice_is_listed_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
