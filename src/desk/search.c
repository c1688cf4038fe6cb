/* search.c: looks for orders in GET /order by our own reference in their description: one walk through all
 * pages for as many attempts as wait (runa-api 8.4). */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/sizes.h"
#include "base/text.h"
#include "desk/calls.h"

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

/* True: every attempt of this walk was found. */
static bool search_look(struct search *search, const struct runa_order_entry *entries, size_t count)
{
	bool all_found = true;

	for (size_t i = 0; i < count; i++)
		/* Finished ones say all there is (runa-api 9): no description means that it isn't ours. */
		if (entries[i].description == NULL && !text_is_same(entries[i].status, "COMPLETED") &&
		    !text_is_same(entries[i].status, "FAILED"))
			search->has_hidden = true;
	for (struct sought *sought = search->sought; sought != NULL; sought = sought->next) {
		for (size_t i = 0; i < count && sought->found_id == NULL; i++)
			if (entries[i].id != NULL && entries[i].description != NULL &&
			    runa_description_has(entries[i].description, sought->claimed.attempt.reference))
				sought->found_id = arena_text(search->mem, entries[i].id);
		if (sought->found_id == NULL) all_found = false;
	}
	return all_found;
}

static void search_ask(struct dispatcher *dispatcher);

static void on_orders_page(struct dispatcher *dispatcher, struct call *call, const struct runa_answer *answer)
{
	struct search *search = dispatcher->search;
	enum meaning meaning = runa_meaning_of_read(call->mem, answer);
	struct runa_order_entry *entries = NULL;
	const char *next = NULL;
	size_t count = 0;

	dispatcher_heed(dispatcher, call, answer, meaning, "search_refused");
	if (meaning != MEANING_COMPLETED ||
	    !runa_read_orders(call->mem, answer->body, answer->body_bytes, &entries, &count, &next)) {
		search_end(dispatcher, false);
	} else if (search_look(search, entries, count) || count == 0) {
		search_end(dispatcher, true); /* the end is an empty page (runa-api 4) */
	} else if (next == NULL || text_is_same(next, search->after) || ++search->pages >= SIZE_LOOKUP_PAGES) {
		log_line(LOG_WARN, "search_not_finished", "pages=%d", search->pages);
		search_end(dispatcher, false);
	} else {
		search->after = arena_text(search->mem, next);
		search_ask(dispatcher);
	}
}

static void search_ask(struct dispatcher *dispatcher)
{
	struct call *call = dispatcher_new_call(dispatcher);
	struct runa_request request = runa_request_orders(call->mem, dispatcher->search->after,
	                                                  dispatcher_api_version(dispatcher, call->mem));

	call->on_answer = on_orders_page;
	dispatcher_begin_call(dispatcher, call, &request);
}

void search_begin_next(struct dispatcher *dispatcher)
{
	if (dispatcher->search != NULL || dispatcher->waiting_search == NULL) return;
	struct arena *mem = arena_open();

	dispatcher->search = ARENA_NEW(mem, struct search);
	dispatcher->search->mem = mem;
	dispatcher->search->sought = dispatcher->waiting_search;
	dispatcher->waiting_search = NULL;
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
