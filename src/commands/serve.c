/* serve.c: `payoutdesk serve`: the portal as a FastCGI responder, with its standing dispatcher. The main
 * thread opens everything, then waits for signals: SIGTERM and SIGINT end it, SIGHUP reloads. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "commands/drive.h"
#include "commands/site.h"
#include "desk/dispatcher.h"

enum {
	TURN_MS = 1000,
	BLANK_EVERY_MS = MS_AN_HOUR,
	STOP_PATIENCE_MS = 10 * MS_A_SECOND, /* for calls to Runa that are under way; they are durable anyhow */
};

struct serve {
	struct running running;
	struct config *config;   /* the latest one, held */
	struct shared_slot slot; /* the site */
	struct web_server *_Atomic server;
	struct dispatcher *dispatcher;
	pthread_t main_thread, dispatcher_thread;
	bool is_driving;
	_Atomic bool is_stopping, has_no_patience;
};

/* ---- the dispatcher's thread ----------------------------------------------------------------- */

static void *drive(void *whom)
{
	struct serve *serve = whom;
	int64_t blank_at_ms = 0;

	while (!serve->is_stopping) {
		dispatcher_turn(serve->dispatcher, TURN_MS);
		if (clock_steady_ms(&clock_of_machine) < blank_at_ms)
			continue;
		drive_blank_recipients(&serve->running);
		blank_at_ms = clock_steady_ms(&clock_of_machine) + BLANK_EVERY_MS;
	}
	dispatcher_stop_claiming(serve->dispatcher);
	while (dispatcher_in_flight(serve->dispatcher) > 0 && !serve->has_no_patience)
		dispatcher_turn(serve->dispatcher, TURN_MS);
	pthread_kill(serve->main_thread, SIGUSR1); /* main waits for it (end_driving) */
	return NULL;
}

static void wake(void *whom)
{
	dispatcher_wake(whom);
}

static bool begin_driving(struct serve *serve, struct problem *why)
{
	const struct dispatcher_options options = {
		.desk = serve->running.desk, .line = serve->running.line, .fetches_catalogue = true,
		.looks_at_payouts = true,
		.is_standing = true,
	};

	serve->dispatcher = dispatcher_open(&options);
	serve->main_thread = pthread_self();
	serve->is_driving = pthread_create(&serve->dispatcher_thread, NULL, drive, serve) == 0;
	if (serve->is_driving)
		desk_set_wake(serve->running.desk, wake, serve->dispatcher);
	else
		problem_set(why, "cannot start the dispatcher's thread");
	return serve->is_driving;
}

/* Waits for calls under way; a second signal, or the end of patience, leaves them: their attempts count as
 * unknown, and the next start sends the same bytes under the same key. */
static void end_driving(struct serve *serve, const sigset_t *signals)
{
	const struct timespec patience = { .tv_sec = STOP_PATIENCE_MS / 1000 };
	sigset_t ends = *signals;

	sigdelset(&ends, SIGHUP);
	if (serve->is_driving) {
		desk_set_wake(serve->running.desk, NULL, NULL);
		serve->is_stopping = true;
		dispatcher_wake(serve->dispatcher);
		if (sigtimedwait(&ends, NULL, &patience) != SIGUSR1)
			log_line(LOG_WARN, "calls_left", "the next start looks after them");
		serve->has_no_patience = true;
		dispatcher_wake(serve->dispatcher);
		pthread_join(serve->dispatcher_thread, NULL);
	}
	if (serve->dispatcher != NULL)
		dispatcher_close(serve->dispatcher);
}

/* ---- opening --------------------------------------------------------------------------------- */

static int busy(void *hand, int64_t *longest_ms)
{
	struct serve *serve = hand;

	return serve->server != NULL ? web_server_busy(serve->server, longest_ms) : 0;
}

static struct web_site *make_site(struct serve *serve, struct config *config, struct problem *why)
{
	const struct pages_app app = { .desk = serve->running.desk, .busy = busy, .hand = serve };

	return site_open(config, &app, why);
}

static bool open_server(struct serve *serve, struct problem *why)
{
	const struct config *config = serve->config;
	const struct web_server_options options = {
		.listen = *config->listen != '\0' ? config->listen : NULL, .threads = (int)config->threads,
	};

	return (serve->server = web_server_open(&options, &serve->slot, why)) != NULL;
}

/* COMMAND_DONE: all is open. */
static enum command_result open_all(struct serve *serve, struct problem *why)
{
	struct web_site *site;

	if (ledger_is_on_network(serve->config->ledger_path))
		log_line(LOG_WARN, "ledger_on_network", "SQLite needs a file system of this machine: orders may be lost");
	if (!running_open_ledger(&serve->running, serve->config, false, true, why))
		return COMMAND_FAILED;
	if (!running_open_line(&serve->running, why))
		return COMMAND_WRONG;
	/* At most half of the threads wait for an outcome, so the other half answers at once (design 2). */
	running_open_desk(&serve->running, (int)serve->config->threads / 2);
	site = make_site(serve, serve->config, why);
	if (site == NULL)
		return COMMAND_WRONG;
	shared_swap(&serve->slot, &site->shared);
	if (!open_server(serve, why)) /* without `listen`, whoever started us had to hand us the socket */
		return *serve->config->listen == '\0' ? COMMAND_WRONG : COMMAND_FAILED;
	return begin_driving(serve, why) ? COMMAND_DONE : COMMAND_FAILED;
}

static void close_all(struct serve *serve, const sigset_t *signals)
{
	if (serve->server != NULL)
		web_server_close(serve->server);
	end_driving(serve, signals);
	shared_swap(&serve->slot, NULL);
	running_close(&serve->running);
	config_drop(serve->config);
}

/* ---- reloading ------------------------------------------------------------------------------- */

static void say_needs_restart(const struct config_key *key)
{
	log_line(LOG_WARN, "reload_needs_restart", "key=\"[%s] %s\" the old value stays until then", key->section,
	         key->name);
}

static void refuse_reload(const struct problem *why)
{
	log_line(LOG_BROKEN, "reload_refused", "%s; what was there before stays", why->text);
}

/* All of the new or all of the old: rules and site are swapped once both are made. */
static void reload(struct serve *serve)
{
	struct config_problems problems;
	struct problem why = { "" };
	struct config *config = config_read_again(serve->config, environ, &problems, say_needs_restart);
	struct web_site *site = config != NULL ? make_site(serve, config, &why) : NULL;

	for (size_t i = 0; i < problems.count && i < CONFIG_PROBLEMS_MOST; i++)
		refuse_reload(&problems.lines[i]);
	if (config != NULL && site == NULL)
		refuse_reload(&why);
	if (site == NULL) {
		config_drop(config);
		return;
	}
	desk_use_rules(serve->running.desk, config_desk_rules(config));
	shared_swap(&serve->slot, &site->shared);
	config_drop(serve->config);
	serve->config = config;
	log_line(LOG_NOTE, "reloaded", "file=%s", config->file);
}

/* ---- running --------------------------------------------------------------------------------- */

static void wait_for_end(struct serve *serve, const sigset_t *signals)
{
	int signal_no = 0;

	while (signal_no != SIGTERM && signal_no != SIGINT) {
		if (sigwait(signals, &signal_no) != 0)
			signal_no = SIGTERM;
		if (signal_no == SIGHUP)
			reload(serve);
	}
	log_line(LOG_NOTE, "stopping", "signal=%s", signal_no == SIGTERM ? "TERM" : "INT");
}

/* Blocked before the first thread starts, so that each thread inherits it and main alone takes signals. */
static void take_signals(sigset_t *signals)
{
	static const int ours[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1 };

	sigemptyset(signals);
	for (size_t i = 0; i < COUNT_OF(ours); i++)
		sigaddset(signals, ours[i]);
	pthread_sigmask(SIG_BLOCK, signals, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
}

static const char *environment_word(const struct config *config)
{
	static const char *const words[] = {
		[RUNA_SANDBOX] = "SANDBOX", [RUNA_PLAYGROUND] = "PLAYGROUND", [RUNA_LIVE] = "LIVE",
	};

	return words[runa_environment_of(config->base_url)];
}

enum command_result command_serve(const struct command_line *line)
{
	static struct serve serve = { .slot = SHARED_SLOT_EMPTY };
	struct problem why = { "" };
	enum command_result result;
	sigset_t signals;

	take_signals(&signals);
	serve.config = command_read_config(line);
	if (serve.config == NULL)
		return COMMAND_WRONG;
	result = open_all(&serve, &why);
	if (result == COMMAND_DONE) {
		log_line(LOG_NOTE, "ready", "listen=%s environment=%s",
		         *serve.config->listen != '\0' ? serve.config->listen : "descriptor-0",
		         environment_word(serve.config));
		wait_for_end(&serve, &signals);
	} else {
		log_line(LOG_BROKEN, "not_started", "%s", why.text);
	}
	close_all(&serve, &signals);
	if (result == COMMAND_DONE)
		log_line(LOG_NOTE, "stopped", "all that was accepted is kept");
	return result;
}
