/* serve.c: the steps of one API request. What a client can observe hangs on their order:
 * 1. counted and journalled, fault taken, headers checked, key held   (a repeat is 'in progress' from here)
 * 2. pause delay_ms
 * 3. the API answers: an order is made or not
 * 4. pause delay_after_ms
 * 5. the answer stays with the key, is journalled, and goes out. */
#include "sandbox/serve.h"

#include <string.h>

#include "base/ids.h"
#include "sandbox/call.h"

static bool is_key_right(const struct world *world, const struct request *request)
{
	const char *key = request_header(request, "x-api-key");

	return key && !strcmp(key, world->settings.api_key);
}

/* What a replay hands out belongs to the store, which a reset may give back: take a copy. */
static void own_answer(struct call *call)
{
	struct arena *mem = call->request->mem;
	struct answer *answer = &call->answer;
	struct fields headers = { 0 };

	for (size_t i = 0; i < answer->headers.count; i++)
		fields_add(&headers, mem, arena_text(mem, answer->headers.list[i].name),
		           arena_text(mem, answer->headers.list[i].value));
	answer->headers = headers;
	answer->body = arena_copy(mem, answer->body ? answer->body : "", answer->body_bytes);
	answer->content_type = arena_text(mem, answer->content_type);
	answer->order_id = arena_text(mem, answer->order_id);
}

static void enter(struct call *call)
{
	struct world *world = call->world;

	pthread_mutex_lock(&world->lock);
	call->generation = world->generation;
	call->now_ms = world_now_ms(world);
	call->number = journal_ask(&world->journal, call->request, call->now_ms, is_key_right(world, call->request),
	                           world->settings.keep_requests);
	faults_take(&world->faults, call->request, &call->action);
	call_enter(call);
	own_answer(call);
	pthread_cond_broadcast(&world->changed);
	pthread_mutex_unlock(&world->lock);
}

/* Step 3: *kept is what the key shall remember (status 0: nothing). */
static void run(struct call *call, struct answer *kept)
{
	struct world *world = call->world;
	const struct fault_kind *kind = call->action.kind;
	bool is_real;

	pthread_mutex_lock(&world->lock);
	call->now_ms = world_now_ms(world);
	if (call->generation != world->generation)
		call->held_key = NULL; /* a reset came between: the key isn't ours any more */
	if (call->action.runs_api)
		call_run(call);
	is_real = call->action.runs_api && call->answer.status;
	own_answer(call);
	if (is_real && call->answer.is_kept)
		*kept = call->answer;
	if (kind && kind->change)
		kind->change(&call->action, &world->settings, call->request, &call->answer);
	if (kind && kind->change && (call->action.store_answer == WANTED_YES ||
	    (!is_real && call->action.store_answer == WANTED_UNSAID && call->answer.is_kept)))
		*kept = call->answer;
	if (kind && call->answer.how.manner == MANNER_WHOLE)
		call->answer.how = call->action.how;
	pthread_cond_broadcast(&world->changed);
	pthread_mutex_unlock(&world->lock);
}

/* 0 where no whole status line goes out. */
static int status_sent(const struct answer *answer)
{
	switch (answer->how.manner) {
	case MANNER_CUT:
	case MANNER_CUT_IN_HEADER:
	case MANNER_SILENCE:
		return 0;
	case MANNER_INTERIM:
		return answer->how.then == MANNER_WHOLE ? answer->status : 0;
	default:
		return answer->status;
	}
}

static void leave(struct call *call, const struct answer *kept)
{
	struct world *world = call->world;

	pthread_mutex_lock(&world->lock);
	if (call->generation == world->generation) {
		if (call->held_key)
			store_key_answer(&world->store, call->held_key, call->number, kept->status ? kept : NULL);
		journal_answer(&world->journal, call->number, &call->answer, status_sent(&call->answer));
	}
	pthread_cond_broadcast(&world->changed);
	pthread_mutex_unlock(&world->lock);
}

static void add_headers(struct call *call)
{
	struct arena *mem = call->request->mem;
	struct answer *answer = &call->answer;
	char id[ID_KEY_SIZE];

	ids_key(&chance_of_machine, id);
	fields_add(&answer->headers, mem, "X-Amzn-Requestid", arena_text(mem, id));
	/* Absent on recorded 401 and 403 (runa-api 3). */
	if (!answer->is_from_before && answer->status != 401 && answer->status != 403)
		fields_add(&answer->headers, mem, "X-Api-Version", "2024-02-05");
}

bool serve_request(struct world *world, struct request *request, struct answer *out)
{
	struct call call = { .world = world, .request = request };
	struct answer kept = { 0 };

	enter(&call);
	if (!world_pause(world, call.action.delay_ms))
		return false;
	run(&call, &kept);
	if (!world_pause(world, call.action.delay_after_ms))
		return false;
	leave(&call, &kept);
	add_headers(&call);
	*out = call.answer;
	return true;
}
