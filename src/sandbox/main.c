/* main.c: payoutdesk-sandbox, a local stand-in for the Runa Payouts API. It contacts nothing, listens on
 * loopback addresses only, and forgets everything when it ends. */
#include <getopt.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/text.h"
#include "sandbox/server.h"

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "0.1.0"
#endif

enum { EXIT_WORK = 1, EXIT_USAGE = 2 };

struct wish {
	const char *listen;
	bool is_quiet;
	struct settings settings;
};

static const char usage[] =
	"Usage: payoutdesk-sandbox [OPTION]...\n"
	"A local stand-in for the Runa Payouts API, for trying, training and tests.\n"
	"\n"
	"  --listen ADDRESS:PORT  loopback address; port 0 takes a free one (127.0.0.1:8089)\n"
	"  --api-key KEY          the key that is accepted (XXsandbox.local-key)\n"
	"  --products N           size of the catalogue, up to 50000 (64)\n"
	"  --processing-ms N      how long an asynchronous order is PROCESSING (1000)\n"
	"  --quiet                no line for each request on stderr\n"
	"  --version, --help\n"
	"\n"
	"Faults, clock and settings: see doc/sandbox-control.md.\n";

static bool read_number(const char *text, int64_t most, int64_t *out, const char *name)
{
	if (text_number(text, most, out))
		return true;
	fprintf(stderr, "payoutdesk-sandbox: %s must be a number up to %lld\n", name, (long long)most);
	return false;
}

/* Exit status, or -1: go on. */
static int read_options(int argc, char **argv, struct wish *wish)
{
	static const struct option options[] = {
		{ "listen", required_argument, NULL, 'l' }, { "api-key", required_argument, NULL, 'k' },
		{ "products", required_argument, NULL, 'p' }, { "processing-ms", required_argument, NULL, 'm' },
		{ "quiet", no_argument, NULL, 'q' }, { "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' }, { NULL, 0, NULL, 0 },
	};
	bool ok = true;
	int option;

	while (ok && (option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'l':
			wish->listen = optarg;
			ok = server_may_listen(optarg);
			if (!ok)
				fputs("payoutdesk-sandbox: --listen takes a loopback address and a port, 127.0.0.1:8089\n",
				      stderr);
			break;
		case 'q': wish->is_quiet = true; break;
		case 'p': ok = read_number(optarg, SETTINGS_PRODUCTS_MAX, &wish->settings.products, "--products"); break;
		case 'm': ok = read_number(optarg, INT64_C(86400000), &wish->settings.processing_ms, "--processing-ms"); break;
		case 'k':
			ok = *optarg && strlen(optarg) < SETTINGS_KEY_SIZE;
			if (ok)
				memcpy(wish->settings.api_key, optarg, strlen(optarg) + 1);
			else
				fputs("payoutdesk-sandbox: --api-key is empty or too long\n", stderr);
			break;
		case 'V': puts("payoutdesk-sandbox " PACKAGE_VERSION); return 0;
		case 'h': fputs(usage, stdout); return 0;
		default: ok = false;
		}
	}
	if (ok && optind == argc)
		return -1;
	fputs("Try 'payoutdesk-sandbox --help'.\n", stderr);
	return EXIT_USAGE;
}

static void take_descriptors(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files))
		return;
	files.rlim_cur = files.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &files);
}

static int run(const struct wish *wish, const sigset_t *ends)
{
	struct world world;
	struct problem why;
	struct server *server;
	int got;

	if (!world_begin(&world, &wish->settings, &why)) {
		fprintf(stderr, "payoutdesk-sandbox: %s\n", why.text);
		return EXIT_WORK;
	}
	server = server_open(&world, wish->listen, wish->is_quiet, &why);
	if (server) {
		printf("payoutdesk-sandbox: listening on %s/v2\n", server_url(server));
		fflush(stdout);
		(void)sigwait(ends, &got);
		world_stop(&world);
		server_close(server);
	} else {
		fprintf(stderr, "payoutdesk-sandbox: %s\n", why.text);
	}
	world_end(&world);
	return server ? 0 : EXIT_WORK;
}

int main(int argc, char **argv)
{
	struct wish wish = { .listen = "127.0.0.1:8089" };
	sigset_t ends;
	int status;

	settings_begin(&wish.settings);
	status = read_options(argc, argv, &wish);
	if (status >= 0)
		return status;
	if (sodium_init() < 0)
		return EXIT_WORK;
	take_descriptors();
	signal(SIGPIPE, SIG_IGN);
	/* Blocked here and thus in every thread; run() waits for them. */
	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	pthread_sigmask(SIG_BLOCK, &ends, NULL);
	return run(&wish, &ends);
}
