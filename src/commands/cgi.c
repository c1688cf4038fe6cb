/* cgi.c: answers the one request of a process that a web server started as plain CGI (design 2): no standing
 * dispatcher, so a POST drives its own attempt, and what else is due is driven when the answer is out. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "base/log.h"
#include "commands/drive.h"
#include "commands/site.h"
#include "web/texts.h"

enum {
	OWN_ORDER_MS = 10 * MS_A_SECOND, /* the person waits so long for the answer about their order */
	FIRST_CATALOGUE_MS = 5 * MS_A_SECOND,
	AFTERWARDS_MS = 5 * MS_A_SECOND,
	GRACE_MS = 2 * MS_A_SECOND, /* Apache kills a script 3 s after its SIGTERM */
};

/* One request a process, so there is one of these. */
static struct {
	struct running running;
	struct drive_own own;
} cgi;

static bool line_is_open(struct running *running)
{
	struct problem why = { "" };

	if (running->line == NULL && !running_open_line(running, &why))
		log_line(LOG_BROKEN, "line_not_open", "%s", why.text);
	return running->line != NULL;
}

static void drive_placed(struct pages_app *app, const char *number)
{
	(void)app;
	if (line_is_open(&cgi.running))
		drive_order(&cgi.own, &cgi.running, number, OWN_ORDER_MS);
}

/* The very first person who may order waits for the catalogue: a form can't be checked against nothing. */
static void fetch_catalogue(struct pages_app *app)
{
	static const struct drive_options options = { .most_ms = FIRST_CATALOGUE_MS, .fetches_catalogue = true };
	struct desk_health health;

	desk_health(app->desk, &health);
	if (!health.is_stopped && line_is_open(&cgi.running))
		(void)drive_due(&cgi.running, &options);
}

/* The web server sends the answer on when it is whole: at the end of our output. */
static void end_output(void)
{
	int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);

	(void)fflush(stdout);
	if (nothing < 0 || dup2(nothing, STDIN_FILENO) < 0 || dup2(nothing, STDOUT_FILENO) < 0)
		log_line(LOG_WARN, "output_not_ended", "the answer is out when this process ends");
	if (nothing > STDERR_FILENO)
		(void)close(nothing);
}

static void drive_afterwards(struct running *running)
{
	const struct drive_options options = {
		.most_ms = AFTERWARDS_MS, .grace_ms = GRACE_MS, .fetches_catalogue = drive_has_stale_catalogue(running),
		.looks_at_payouts = true,
	};
	int64_t now_ms = clock_wall_ms(&clock_of_machine);
	bool is_due = ledger_next_due_ms(running->ledger, running->config->base_url) <= now_ms ||
	              ledger_next_payout_ms(running->ledger) <= now_ms;

	drive_order_end(&cgi.own, running->config->timeout_ms);
	if ((is_due || options.fetches_catalogue) && line_is_open(running))
		(void)drive_due(running, &options);
	drive_blank_recipients(running); /* or nobody would, where no timer runs `payoutdesk dispatch` */
}

/* Said to whoever asked; the reason is in the web server's log. */
static void answer_broken(const struct problem *why)
{
	if (*why->text != '\0')
		log_line(LOG_BROKEN, "not_started", "%s", why->text);
	web_refuse_cgi(WEB_TEXT_NOT_STARTED);
}

static bool answer(struct config *config, struct problem *why)
{
	struct pages_app app = { .after_place = drive_placed, .fetch_catalogue = fetch_catalogue };
	struct web_site *site;

	if (!running_open_ledger(&cgi.running, config, true, true, why))
		return false;
	running_open_desk(&cgi.running, 0);
	app.desk = cgi.running.desk;
	site = site_open(config, &app, why);
	if (site == NULL)
		return false;
	web_answer_cgi(site);
	end_output();
	shared_drop(&site->shared);
	drive_afterwards(&cgi.running);
	return true;
}

enum command_result command_cgi(const struct command_line *line)
{
	struct config *config = command_read_config(line);
	struct problem why = { "" };
	bool ok;

	(void)signal(SIGPIPE, SIG_IGN); /* whoever asked may be gone: the order is driven all the same */
	drive_mind_signals();
	ok = config != NULL && answer(config, &why);
	if (!ok)
		answer_broken(&why);
	running_close(&cgi.running);
	config_drop(config);
	return ok ? COMMAND_DONE : config == NULL ? COMMAND_WRONG : COMMAND_FAILED;
}
