/* fuzz_messages.c: every reader of Runa's answers, and the meaning of them, fed with anything.
 *   make fuzz                      in the build's directory: builds it with clang and runs it for a minute
 *   make fuzz FUZZ_SECONDS=3600    for an hour, on from where the last run stopped (tests/fuzz/corpus)
 * What must hold beyond 'no crash' is asserted: what was read is bounded, and a link is https. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/sizes.h"
#include "base/text.h"
#include "runa/meaning.h"
#include "runa/messages.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void check_read(const struct runa_read *read)
{
	const struct runa_order *order = &read->order;

	must(read->meaning < MEANINGS);
	must(order->id == NULL || (strlen(order->id) <= SIZE_RUNA_ID && order->id[0] != '.'));
	must(order->link == NULL || (strncasecmp(order->link, "https://", 8) == 0 && strlen(order->link) <= SIZE_LINK));
	must(read->meaning != MEANING_COMPLETED ||
	     (order->id != NULL && order->link != NULL && order->payout_status != NULL && order->price.minor >= 0 &&
	      strcmp(order->price.currency, "EUR") == 0));
	must(read->meaning != MEANING_ACCEPTED || order->id != NULL);
	must(read->error.type == NULL || strlen(read->error.type) <= SIZE_RUNA_TYPE);
	must(read->error.message == NULL || strlen(read->error.message) <= SIZE_RUNA_MESSAGE);
	must(read->error.message == NULL || text_is_utf8(read->error.message, strlen(read->error.message)));
}

static void read_lists(struct arena *mem, const char *body, size_t bytes)
{
	struct runa_order_entry *entries;
	struct product *products;
	struct balance *balances;
	const char *next;
	size_t count, skipped;

	if (runa_read_orders(mem, body, bytes, &entries, &count, &next))
		for (size_t i = 0; i < count; i++)
			must(entries[i].id != NULL);
	if (runa_read_products(mem, body, bytes, &products, &count, &skipped, &next))
		for (size_t i = 0; i < count; i++)
			must(products[i].code != NULL && products[i].name != NULL && products[i].least_minor > 0 &&
			     text_is_utf8(products[i].name, strlen(products[i].name)));
	if (runa_read_balances(mem, body, bytes, &balances, &count))
		for (size_t i = 0; i < count; i++)
			must(money_is_currency(balances[i].amount.currency));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	static const int statuses[] = { 200, 202, 400, 401, 403, 404, 410, 422, 429, 500 };
	static const struct runa_expected expected = { "R-1", NULL, "XYZ-DE", { 2500, "EUR" } };
	static const struct runa_expected asked = { "R-1", "O-1", "XYZ-DE", { 2500, "EUR" } };
	struct runa_answer answer = { .transport = RUNA_ANSWERED, .body = (char *)data, .body_bytes = bytes };
	struct arena *mem = arena_open();
	struct runa_read read;

	for (size_t i = 0; i < COUNT_OF(statuses); i++) {
		answer.status = statuses[i];
		runa_meaning_of_order(mem, &answer, &expected, &read);
		check_read(&read);
		runa_meaning_of_poll(mem, &answer, &asked, &read);
		check_read(&read);
		must(runa_meaning_of_read(mem, &answer) < MEANINGS);
	}
	read_lists(mem, (const char *)data, bytes);
	arena_close(mem);
	return 0;
}
