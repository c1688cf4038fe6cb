/* test_base_url.c: which addresses may be Runa's. */
#include "runa/client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static const struct { const char *url; bool is_allowed; enum runa_environment environment; } rows[] = {
	{ "https://api.runa.io/v2", true, RUNA_LIVE },
	{ "https://playground.runa.io/v2", true, RUNA_PLAYGROUND },
	{ "https://PLAYGROUND.runa.io/v2", true, RUNA_PLAYGROUND },
	{ "https://playground.runa.io:8443", true, RUNA_PLAYGROUND },
	{ "https://playground.runa.io.example.org/v2", true, RUNA_LIVE },
	{ "https://example.org/playground.runa.io", true, RUNA_LIVE },
	{ "https://localhost:8443/v2", true, RUNA_SANDBOX },
	{ "http://127.0.0.1:8081/v2", true, RUNA_SANDBOX },
	{ "http://127.255.255.254/v2", true, RUNA_SANDBOX },
	{ "http://[::1]:8081/v2", true, RUNA_SANDBOX },
	{ "http://localhost:8081/v2", true, RUNA_SANDBOX },
	{ "http://api.runa.io/v2", false, RUNA_LIVE },
	{ "http://playground.runa.io/v2", false, RUNA_PLAYGROUND },
	{ "http://127.0.0.1.example.org/v2", false, RUNA_LIVE },
	{ "http://localhost.example.org/v2", false, RUNA_LIVE },
	{ "http://localhost@example.org/v2", false, RUNA_LIVE },
	{ "http://example.org#localhost", false, RUNA_LIVE },
	{ "http://128.0.0.1/v2", false, RUNA_LIVE },
	{ "http://[::2]/v2", false, RUNA_LIVE },
	{ "http://[::ffff:127.0.0.1]/v2", false, RUNA_LIVE },
	{ "http://0.0.0.0/v2", false, RUNA_LIVE },
	{ "https://user@api.runa.io/v2", false, RUNA_LIVE },
	{ "https://user:secret@api.runa.io/v2", false, RUNA_LIVE },
	{ "https://api.runa.io/v2?x=1", false, RUNA_LIVE },
	{ "https://api.runa.io/v2#x", false, RUNA_LIVE },
	{ "ftp://127.0.0.1/v2", false, RUNA_SANDBOX },
	{ "file:///etc/passwd", false, RUNA_LIVE },
	{ "api.runa.io/v2", false, RUNA_LIVE },
	{ "https://", false, RUNA_LIVE },
	{ "", false, RUNA_LIVE },
};

static void plain_http_is_for_this_machine_alone(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (runa_base_url_is_allowed(rows[i].url) != rows[i].is_allowed)
			fail_msg("%s", rows[i].url);
}

static void what_is_not_known_counts_as_live(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (runa_environment_of(rows[i].url) != rows[i].environment)
			fail_msg("%s", rows[i].url);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_http_is_for_this_machine_alone),
		cmocka_unit_test(what_is_not_known_counts_as_live),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
