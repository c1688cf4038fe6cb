/* search.c: looks for orders in GET /order by our own reference in their description: one walk through all
 * pages for as many attempts as wait (runa-api 8.4). */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/sizes.h"
#include "base/text.h"
#include "desk/calls.h"

enum {
	PAGE_PAUSE_MS = 500,  /* the limits of GET endpoints are not documented (runa-api 23 no. 23) */
	SLOW_DOWNS_A_WALK = 5,
	LOOKUPS_A_WALK = 200, /* in the ledger, of entries that don't say what they are */
};

static void sought_drop(struct sought *list)
{
	while (list != NULL) {
		struct sought *first = list;

		list = first->next;
		free((char *)first->claimed.attempt.reference);
		free(first);
	}
}

void search_add(struct dispatcher *dispatcher, const struct ledger_claimed *claimed)
{
	struct sought *sought = memory_alloc(sizeof *sought);

	sought->claimed = *claimed;
	sought->claimed.attempt.reference = memory_text(claimed->attempt.reference);
	/* The bytes to send end with the claim's memory; a search needs none of them. */
	sought->claimed.attempt.upstream = sought->claimed.attempt.headers = sought->claimed.attempt.body = NULL;
	sought->claimed.attempt.runa_order_id = sought->claimed.attempt.opened_by = NULL;
	sought->next = dispatcher->waiting_search;
	dispatcher->waiting_search = sought;
}

static void search_end(struct dispatcher *dispatcher, bool is_complete)
{
	struct search *search = dispatcher->search;

	dispatcher->search = NULL;
	for (struct sought *sought = search->sought; sought != NULL; sought = sought->next) {
		struct outcome outcome = { .claimed = &sought->claimed, .found_id = sought->found_id };

		outcome.meaning = sought->found_id != NULL             ? MEANING_FOUND
		                  : is_complete && !search->has_hidden ? MEANING_ABSENT
		                                                       : MEANING_NO_NEWS;
		settle(dispatcher, search->mem, &outcome);
	}
	sought_drop(search->sought);
	arena_close(search->mem);
}

/* ---- a page ----------------------------------------------------------------------------------------- */

/* Has Runa said this id for another attempt of ours? Those sought have none, or they'd be polled. More such entries
 * than are worth a look each prove nothing. */
static bool is_of_another(struct dispatcher *dispatcher, const char *id)
{
	return dispatcher->search->lookups++ < LOOKUPS_A_WALK &&
	       ledger_has_runa_order(dispatcher->desk->ledger, id);
}

/* An entry that doesn't say what it is: one that is not finished has an id, a status and a message, and no more
 * (runa-api 9.2). Asked for by its id it would say the same three (runa-api 9.1), and of its age nothing is said at
 * all. So one thing is left to tell that it isn't what is looked for: that it is another order of ours. */
static void search_heed_hidden(struct dispatcher *dispatcher, const char *id)
{
	struct search *search = dispatcher->search;

	if (search->has_hidden || is_of_another(dispatcher, id)) return;
	search->has_hidden = true;
}

/* Finished ones say all there is (runa-api 9): no description means that it isn't ours. */
static bool is_hidden(const struct runa_order_entry *entry)
{
	return entry->description == NULL && !text_is_same(entry->status, "COMPLETED") &&
	       !text_is_same(entry->status, "FAILED");
}

/* True: every attempt of this walk was found. */
static bool search_look(struct dispatcher *dispatcher, const struct runa_order_entry *entries, size_t count)
{
	struct search *search = dispatcher->search;
	bool all_found = true;

	for (struct sought *sought = search->sought; sought != NULL; sought = sought->next) {
		for (size_t i = 0; i < count && sought->found_id == NULL; i++)
			if (entries[i].id != NULL && entries[i].description != NULL &&
			    runa_description_has(entries[i].description, sought->claimed.attempt.reference))
				sought->found_id = arena_text(search->mem, entries[i].id);
		if (sought->found_id == NULL) all_found = false;
	}
	for (size_t i = 0; i < count && !all_found; i++)
		if (is_hidden(&entries[i])) search_heed_hidden(dispatcher, entries[i].id);
	return all_found;
}

static void on_orders_page(struct dispatcher *dispatcher, struct call *call, const struct runa_answer *answer)
{
	struct search *search = dispatcher->search;
	enum meaning meaning = runa_meaning_of_read(call->mem, answer);
	struct runa_order_entry *entries = NULL;
	const char *next = NULL;
	size_t count = 0;

	search->is_asking = false;
	dispatcher->search_due_ms = clock_steady_ms(dispatcher->desk->clock) + PAGE_PAUSE_MS;
	dispatcher_heed(dispatcher, call, answer, meaning, "search_refused");
	if (meaning == MEANING_SLOW_DOWN && search->slow_downs++ < SLOW_DOWNS_A_WALK)
		return; /* the same page again, once the pause for everyone is over */
	if (meaning != MEANING_COMPLETED ||
	    !runa_read_orders(call->mem, answer->body, answer->body_bytes, &entries, &count, &next)) {
		search_end(dispatcher, false);
	} else if (search_look(dispatcher, entries, count) || count == 0) {
		search_end(dispatcher, true); /* the end is an empty page (runa-api 4) */
	} else if (next == NULL || text_is_same(next, search->after) || ++search->pages >= SIZE_LOOKUP_PAGES) {
		log_line(LOG_WARN, "search_not_finished", "pages=%d", search->pages);
		search_end(dispatcher, false);
	} else {
		search->after = arena_text(search->mem, next);
	}
}

/* ---- the walk --------------------------------------------------------------------------------------- */

static void search_ask(struct dispatcher *dispatcher)
{
	struct call *call = dispatcher_new_call(dispatcher);
	struct runa_request request = runa_request_orders(call->mem, dispatcher->search->after,
	                                                  dispatcher_api_version(dispatcher, call->mem));

	dispatcher->search->is_asking = true;
	call->on_answer = on_orders_page;
	dispatcher_begin_call(dispatcher, call, &request);
}

static void search_begin(struct dispatcher *dispatcher)
{
	struct arena *mem = arena_open();

	dispatcher->search = ARENA_NEW(mem, struct search);
	dispatcher->search->mem = mem;
	dispatcher->search->sought = dispatcher->waiting_search;
	dispatcher->waiting_search = NULL;
}

/* A standing dispatcher that stops leaves its walk: the next start searches anew. One that was opened for an
 * order or a round might never come to a walk's end that way. */
bool search_is_between_pages(const struct dispatcher *dispatcher)
{
	if (dispatcher->is_stopping && dispatcher->is_standing) return false;
	return dispatcher->search != NULL ? !dispatcher->search->is_asking : dispatcher->waiting_search != NULL;
}

/* Where the desk was stopped meanwhile, the walk ends at once. */
int64_t search_next_due_ms(const struct dispatcher *dispatcher)
{
	if (!search_is_between_pages(dispatcher)) return INT64_MAX / 2;
	if (desk_is_stopped(dispatcher->desk)) return 0;
	return dispatcher->search_due_ms > dispatcher->pause_until_ms ? dispatcher->search_due_ms
	                                                              : dispatcher->pause_until_ms;
}

void search_go_on(struct dispatcher *dispatcher)
{
	if (search_next_due_ms(dispatcher) > clock_steady_ms(dispatcher->desk->clock)) return;
	if (dispatcher->search == NULL) search_begin(dispatcher);
	if (desk_is_stopped(dispatcher->desk))
		search_end(dispatcher, false);
	else
		search_ask(dispatcher);
}

void search_close(struct dispatcher *dispatcher)
{
	sought_drop(dispatcher->waiting_search);
	dispatcher->waiting_search = NULL;
	if (dispatcher->search == NULL) return;
	sought_drop(dispatcher->search->sought);
	arena_close(dispatcher->search->mem);
	dispatcher->search = NULL;
}
