/* fetch.c: keeps products and balances fresh, and checks whether a desk that was set up wrong is mended:
 * GET /ping, then GET /balance (design 3). */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/sizes.h"
#include "base/text.h"
#include "desk/calls.h"

enum {
	FETCH_RETRY_FIRST_MS = 2000,
	FETCH_RETRY_MAX_MS = 5 * MS_A_MINUTE,
	CHECK_FIRST_MS = 1000,
	CHECK_MAX_MS = MS_A_MINUTE,
	BALANCES_SOON_MS = 15 * MS_A_SECOND, /* four a minute at most, however much is bought */
};

static int64_t steady_now(const struct dispatcher *dispatcher)
{
	return clock_steady_ms(dispatcher->desk->clock);
}

static int64_t growing(int failures, int64_t first_ms, int64_t most_ms)
{
	int64_t wait = first_ms;

	for (int i = 1; i < failures && wait < most_ms; i++) wait *= 2;
	return wait < most_ms ? wait : most_ms;
}

static void fetch_end(struct dispatcher *dispatcher, struct fetch *fetch, bool is_done, int64_t every_ms)
{
	arena_close(fetch->mem);
	fetch->mem = NULL;
	fetch->products = NULL;
	fetch->count = fetch->room = fetch->skipped = 0;
	fetch->after = NULL;
	fetch->pages = 0;
	fetch->is_under_way = false;
	fetch->failures = is_done ? 0 : fetch->failures + 1;
	fetch->due_ms = steady_now(dispatcher) +
	                (is_done ? every_ms : growing(fetch->failures, FETCH_RETRY_FIRST_MS, FETCH_RETRY_MAX_MS));
}

static void fetch_failed(struct dispatcher *dispatcher, struct fetch *fetch, const char *what,
                         const struct runa_answer *answer)
{
	log_line(LOG_WARN, "fetch_failed", "what=%s http=%d %s what was known before stays", what, answer->status,
	         answer->trouble);
	fetch_end(dispatcher, fetch, false, 0);
}

static void ask(struct dispatcher *dispatcher, struct call *call, const struct runa_request *request,
                void (*on_answer)(struct dispatcher *, struct call *, const struct runa_answer *))
{
	call->on_answer = on_answer;
	dispatcher_begin_call(dispatcher, call, request);
}

/* ---- products --------------------------------------------------------------------------------------- */

/* Copies what belongs to the page's call into the fetch's own memory. */
static void keep_product(struct fetch *fetch, const struct product *product)
{
	struct product *kept;

	fetch->products = arena_grow(fetch->mem, fetch->products, fetch->count, &fetch->room, sizeof *kept);
	kept = &fetch->products[fetch->count++];
	*kept = *product;
	kept->code = arena_text(fetch->mem, product->code);
	kept->name = arena_text(fetch->mem, product->name);
	kept->state = arena_text(fetch->mem, product->state);
	kept->discount_text = arena_text(fetch->mem, product->discount_text);
	kept->expiry_type = arena_text(fetch->mem, product->expiry_type);
	kept->category = arena_text(fetch->mem, product->category);
	if (product->fixed_count > 0) {
		kept->fixed_minor = arena_array(fetch->mem, product->fixed_count, sizeof *kept->fixed_minor);
		memcpy(kept->fixed_minor, product->fixed_minor, product->fixed_count * sizeof *kept->fixed_minor);
	}
}

static void on_products(struct dispatcher *dispatcher, struct call *call, const struct runa_answer *answer);

static void ask_products(struct dispatcher *dispatcher)
{
	struct call *call = dispatcher_new_call(dispatcher);
	struct runa_request request = runa_request_products(call->mem, dispatcher->products.after,
	                                                    dispatcher_api_version(dispatcher, call->mem));

	ask(dispatcher, call, &request, on_products);
}

static void products_done(struct dispatcher *dispatcher)
{
	struct fetch *fetch = &dispatcher->products;
	struct desk_rules *rules = desk_hold_rules(dispatcher->desk);

	log_line(LOG_NOTE, "catalogue", "products=%zu skipped=%zu", fetch->count, fetch->skipped);
	catalogue_store_products(dispatcher->desk, fetch->products, fetch->count,
	                         clock_wall_ms(dispatcher->desk->clock));
	fetch_end(dispatcher, fetch, true, rules->catalogue_every_ms);
	shared_drop(&rules->shared);
}

/* Paging that repeats, never ends, or brings nothing at all keeps the last good catalogue (fault 46). */
static void on_products(struct dispatcher *dispatcher, struct call *call, const struct runa_answer *answer)
{
	struct fetch *fetch = &dispatcher->products;
	enum meaning meaning = runa_meaning_of_read(call->mem, answer);
	struct product *products = NULL;
	size_t count = 0, skipped = 0;
	const char *next = NULL;

	dispatcher_heed(dispatcher, call, answer, meaning, "catalogue_refused");
	if (meaning != MEANING_COMPLETED ||
	    !runa_read_products(call->mem, answer->body, answer->body_bytes, &products, &count, &skipped, &next)) {
		fetch_failed(dispatcher, fetch, "products", answer);
		return;
	}
	if (fetch->mem == NULL) fetch->mem = arena_open();
	for (size_t i = 0; i < count; i++) keep_product(fetch, &products[i]);
	fetch->skipped += skipped;
	if (count + skipped == 0) {
		if (fetch->count > 0)
			products_done(dispatcher);
		else
			fetch_failed(dispatcher, fetch, "products_empty", answer);
	} else if (next == NULL || text_is_same(next, fetch->after) || ++fetch->pages >= SIZE_CATALOGUE_PAGES ||
	           fetch->count > SIZE_CATALOGUE_PRODUCTS) {
		fetch_failed(dispatcher, fetch, "products_paging", answer);
	} else {
		fetch->after = arena_text(fetch->mem, next);
		ask_products(dispatcher);
	}
}

/* ---- balances --------------------------------------------------------------------------------------- */

static void on_balances(struct dispatcher *dispatcher, struct call *call, const struct runa_answer *answer)
{
	struct fetch *fetch = &dispatcher->balances;
	enum meaning meaning = runa_meaning_of_read(call->mem, answer);
	struct desk_rules *rules = desk_hold_rules(dispatcher->desk);
	struct balance *balances = NULL;
	size_t count = 0;

	/* A playground may have no balances (runa-api 23 no. 24): a refusal here stops nothing by itself. */
	dispatcher_heed(dispatcher, call, answer, meaning == MEANING_SETUP ? MEANING_NO_NEWS : meaning, NULL);
	if (meaning == MEANING_COMPLETED &&
	    runa_read_balances(call->mem, answer->body, answer->body_bytes, &balances, &count)) {
		catalogue_store_balances(dispatcher->desk, balances, count, clock_wall_ms(dispatcher->desk->clock));
		fetch_end(dispatcher, fetch, true, rules->balance_every_ms);
	} else {
		fetch_failed(dispatcher, fetch, "balances", answer);
	}
	shared_drop(&rules->shared);
}

static void ask_balances(struct dispatcher *dispatcher,
                         void (*on_answer)(struct dispatcher *, struct call *, const struct runa_answer *))
{
	struct call *call = dispatcher_new_call(dispatcher);
	struct runa_request request = runa_request_balances(call->mem, dispatcher_api_version(dispatcher, call->mem));

	ask(dispatcher, call, &request, on_answer);
}

/* ---- is the set-up mended? ----------------------------------------------------------------------------- */

static void check_end(struct dispatcher *dispatcher, bool passed)
{
	struct fetch *check = &dispatcher->check;

	check->is_under_way = false;
	check->failures = passed ? 0 : check->failures + 1;
	check->due_ms = steady_now(dispatcher) + growing(check->failures, CHECK_FIRST_MS, CHECK_MAX_MS);
	settle_doubted(dispatcher, passed);
	if (passed) desk_go_on_sending(dispatcher->desk);
}

static bool is_playground(struct dispatcher *dispatcher)
{
	struct desk_rules *rules = desk_hold_rules(dispatcher->desk);
	bool is_playground = rules->environment == RUNA_PLAYGROUND;

	shared_drop(&rules->shared);
	return is_playground;
}

static void on_check_balances(struct dispatcher *dispatcher, struct call *call, const struct runa_answer *answer)
{
	enum meaning meaning = runa_meaning_of_read(call->mem, answer);

	if (meaning == MEANING_SLOW_DOWN) dispatcher_heed(dispatcher, call, answer, meaning, NULL);
	/* Whether the playground has balances is not documented (runa-api 23 no. 24): there ping alone decides. */
	check_end(dispatcher, meaning == MEANING_COMPLETED ||
	                              (is_playground(dispatcher) && answer->transport == RUNA_ANSWERED));
}

static void on_check_ping(struct dispatcher *dispatcher, struct call *call, const struct runa_answer *answer)
{
	enum meaning meaning = runa_meaning_of_read(call->mem, answer);

	if (meaning == MEANING_SLOW_DOWN) dispatcher_heed(dispatcher, call, answer, meaning, NULL);
	if (meaning == MEANING_COMPLETED)
		ask_balances(dispatcher, on_check_balances);
	else
		check_end(dispatcher, false);
}

void fetch_check_soon(struct dispatcher *dispatcher)
{
	struct fetch *check = &dispatcher->check;

	if (check->is_under_way || check->due_ms > steady_now(dispatcher)) return;
	check->due_ms = steady_now(dispatcher) + growing(check->failures, CHECK_FIRST_MS, CHECK_MAX_MS);
}

void fetch_balances_soon(struct dispatcher *dispatcher)
{
	int64_t soon_ms = steady_now(dispatcher) + BALANCES_SOON_MS;

	if (dispatcher->balances.failures == 0 && soon_ms < dispatcher->balances.due_ms)
		dispatcher->balances.due_ms = soon_ms;
}

/* ---- timers ------------------------------------------------------------------------------------------ */

static bool is_due(const struct dispatcher *dispatcher, struct fetch *fetch)
{
	if (fetch->is_under_way || steady_now(dispatcher) < fetch->due_ms) return false;
	fetch->is_under_way = true;
	return true;
}

void fetch_begin_due(struct dispatcher *dispatcher)
{
	if (steady_now(dispatcher) < dispatcher->pause_until_ms) return;
	if (desk_is_stopped(dispatcher->desk) || dispatcher->doubted != NULL) {
		if (is_due(dispatcher, &dispatcher->check)) {
			struct call *call = dispatcher_new_call(dispatcher);
			struct runa_request request =
				runa_request_ping(call->mem, dispatcher_api_version(dispatcher, call->mem));

			ask(dispatcher, call, &request, on_check_ping);
		}
		if (desk_is_stopped(dispatcher->desk)) return;
	}
	if (!dispatcher->fetches_catalogue) return;
	if (is_due(dispatcher, &dispatcher->products)) ask_products(dispatcher);
	if (is_due(dispatcher, &dispatcher->balances)) ask_balances(dispatcher, on_balances);
}

int64_t fetch_next_due_ms(const struct dispatcher *dispatcher)
{
	const struct fetch *fetches[] = { &dispatcher->products, &dispatcher->balances };
	int64_t next = INT64_MAX / 2;

	if (desk_is_stopped(dispatcher->desk) || dispatcher->doubted != NULL) {
		if (!dispatcher->check.is_under_way) next = dispatcher->check.due_ms;
	} else if (dispatcher->fetches_catalogue) {
		for (size_t i = 0; i < COUNT_OF(fetches); i++)
			if (!fetches[i]->is_under_way && fetches[i]->due_ms < next) next = fetches[i]->due_ms;
	}
	return next < dispatcher->pause_until_ms ? dispatcher->pause_until_ms : next;
}

void fetch_close(struct dispatcher *dispatcher)
{
	arena_close(dispatcher->products.mem);
	arena_close(dispatcher->balances.mem);
}
