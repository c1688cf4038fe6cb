/* drive.c: drives orders for a while. Must not know what an order is about: the desk's dispatcher does. */
#include "commands/drive.h"

#include <signal.h>
#include <time.h>

#include "base/log.h"
#include "desk/dispatcher.h"
#include "desk/order.h"

enum {
	TURN_MS = 250, /* how soon a signal or the end of time is seen */
	LOOK_AGAIN_MS = 50,
};

void drive_mind_signals(void)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
}

static bool has_to_end(void)
{
	sigset_t pending;

	return sigpending(&pending) == 0 && (sigismember(&pending, SIGTERM) || sigismember(&pending, SIGINT));
}

static int64_t steady_ms(void)
{
	return clock_steady_ms(&clock_of_machine);
}

static int turn_ms(int64_t until_ms)
{
	int64_t left = until_ms - steady_ms();

	return left < 0 ? 0 : left < TURN_MS ? (int)left : TURN_MS;
}

/* Nothing new; what is under way comes to its end, or time does. */
static void finish_calls(struct dispatcher *dispatcher, int64_t grace_ms)
{
	int64_t until_ms = steady_ms() + grace_ms;

	dispatcher_stop_claiming(dispatcher);
	while (dispatcher_in_flight(dispatcher) > 0 && steady_ms() < until_ms)
		dispatcher_turn(dispatcher, turn_ms(until_ms));
}

static bool is_stopped(struct running *running)
{
	struct desk_health health;

	desk_health(running->desk, &health);
	return health.is_stopped || !health.ledger_is_sound;
}

/* When everyone's pause ends (steady). */
static int64_t pause_end_ms(struct running *running)
{
	struct desk_health health;

	desk_health(running->desk, &health);
	return health.pause_until_ms - clock_wall_ms(&clock_of_machine) + steady_ms();
}

enum drive_end drive_due(struct running *running, const struct drive_options *options)
{
	const struct dispatcher_options with = {
		.desk = running->desk, .line = running->line, .fetches_catalogue = options->fetches_catalogue,
		.looks_at_payouts = options->looks_at_payouts,
	};
	struct dispatcher *dispatcher = dispatcher_open(&with);
	int64_t until_ms = steady_ms() + options->most_ms;
	enum drive_end end = DRIVE_LEFT;

	while (steady_ms() < until_ms && !has_to_end()) {
		dispatcher_turn(dispatcher, turn_ms(until_ms));
		/* Only when nothing is under way: a stop that was kept from before is checked by the first calls. */
		if (dispatcher_in_flight(dispatcher) == 0 && is_stopped(running)) {
			end = DRIVE_STOPPED;
			break;
		}
		if (dispatcher_is_idle(dispatcher, 0)) {
			end = DRIVE_IDLE;
			break;
		}
		if (dispatcher_in_flight(dispatcher) == 0 && pause_end_ms(running) >= until_ms) break;
	}
	finish_calls(dispatcher, options->grace_ms);
	dispatcher_close(dispatcher);
	return end;
}

/* When the order's attempt is due (steady); INT64_MAX: it needs nobody, or nobody can tell. */
static int64_t order_due_ms(struct running *running, const char *number)
{
	struct arena *mem = arena_open();
	struct attempt *attempts = NULL;
	struct order order;
	size_t count = 0;
	int64_t due_ms = INT64_MAX;

	if (order_find(running->desk, mem, number, &order) == LEDGER_OK && order.status == ORDER_PLACING &&
	    ledger_attempts(running->ledger, mem, number, &attempts, &count) == LEDGER_OK && count > 0)
		due_ms = attempts[count - 1].due_at_ms - clock_wall_ms(&clock_of_machine) + steady_ms();
	arena_close(mem);
	return due_ms < pause_end_ms(running) ? pause_end_ms(running) : due_ms;
}

static void wait_until(int64_t steady)
{
	struct timespec when = { .tv_sec = steady / 1000, .tv_nsec = (steady % 1000) * 1000000 };

	while (clock_nanosleep(CLOCK_BOOTTIME, TIMER_ABSTIME, &when, NULL) != 0)
		;
}

/* A dispatcher for one call: while it waits it claims nothing more, so other orders that are due don't keep
 * it turning. */
static void drive_once(struct drive_own *own, const char *number, int64_t until_ms)
{
	const struct dispatcher_options with = {
		.desk = own->running->desk, .line = own->running->line, .only_order = number,
	};

	own->dispatcher = dispatcher_open(&with);
	dispatcher_turn(own->dispatcher, 0);
	finish_calls(own->dispatcher, until_ms - steady_ms());
	if (dispatcher_in_flight(own->dispatcher) > 0)
		return;
	dispatcher_close(own->dispatcher);
	own->dispatcher = NULL;
}

void drive_order(struct drive_own *own, struct running *running, const char *number, int64_t most_ms)
{
	int64_t until_ms = steady_ms() + most_ms, next_ms = order_due_ms(running, number);

	*own = (struct drive_own){ .running = running };
	while (own->dispatcher == NULL && !is_stopped(running) && next_ms < until_ms) {
		int64_t due_ms;

		wait_until(next_ms);
		next_ms = steady_ms() + LOOK_AGAIN_MS;
		drive_once(own, number, until_ms);
		/* One that is due stays so while another process has it, or while the minute's limit is reached. */
		due_ms = order_due_ms(running, number);
		if (due_ms > next_ms) next_ms = due_ms;
	}
}

void drive_order_end(struct drive_own *own, int64_t grace_ms)
{
	int64_t until_ms = steady_ms() + grace_ms;

	if (own->dispatcher == NULL)
		return;
	while (dispatcher_in_flight(own->dispatcher) > 0 && steady_ms() < until_ms && !has_to_end())
		dispatcher_turn(own->dispatcher, turn_ms(until_ms));
	dispatcher_close(own->dispatcher);
	own->dispatcher = NULL;
}

void drive_blank_recipients(struct running *running)
{
	struct desk_rules *rules = desk_hold_rules(running->desk);
	int64_t before_ms = clock_wall_ms(&clock_of_machine) - rules->keep_recipients_ms;

	if (rules->keep_recipients_ms > 0 && ledger_blank_recipients(running->ledger, before_ms) != LEDGER_OK)
		log_line(LOG_WARN, "recipients_not_blanked", "tried again later");
	shared_drop(&rules->shared);
}

bool drive_has_stale_catalogue(struct running *running)
{
	struct desk_rules *rules = desk_hold_rules(running->desk);
	int64_t now_ms = clock_wall_ms(&clock_of_machine);
	struct desk_health health;
	bool is_stale;

	desk_health(running->desk, &health);
	is_stale = now_ms - health.catalogue_fetched_ms > rules->catalogue_every_ms ||
	           now_ms - health.balances_fetched_ms > rules->balance_every_ms;
	shared_drop(&rules->shared);
	return is_stale;
}
