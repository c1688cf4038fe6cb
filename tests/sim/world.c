/* world.c: time, chance, and the network between the desk and Runa. */
#include "sim/world.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/sizes.h"

/* ---- chance and time -------------------------------------------------------------------------------- */

static uint64_t next_random(uint64_t *state) /* splitmix64 */
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

uint32_t world_below(struct world *world, uint32_t below)
{
	return (uint32_t)(next_random(&world->seed_state) % below);
}

bool world_happens(struct world *world, int percent)
{
	return (int)world_below(world, 100) < percent;
}

static int64_t wall_ms(const struct clock *clock)
{
	const struct world *world = (const struct world *)clock;

	return world->true_ms + world->wall_off_ms;
}

static int64_t steady_ms(const struct clock *clock)
{
	const struct world *world = (const struct world *)clock;

	return world->true_ms - world->halted_ms;
}

static int64_t boot(const struct clock *clock)
{
	return ((const struct world *)clock)->boot;
}

static void fill(const struct chance *chance, void *out, size_t bytes)
{
	struct world *world = (struct world *)((char *)chance - offsetof(struct world, chance));
	unsigned char *at = out;

	for (size_t i = 0; i < bytes; i++) at[i] = (unsigned char)(next_random(&world->desk_state) >> 24);
}

void world_note(struct world *world, const char *what, int64_t number)
{
	uint64_t state = world->fingerprint;

	while (*what != '\0') state = (state ^ (unsigned char)*what++) * 0x100000001b3u;
	state ^= (uint64_t)number + (uint64_t)world->true_ms;
	world->fingerprint = next_random(&state);
}

void world_violated(struct world *world, const char *format, ...)
{
	va_list arguments;

	if (world->violation.text[0] != '\0') return;
	va_start(arguments, format);
	vsnprintf(world->violation.text, sizeof world->violation.text, format, arguments);
	va_end(arguments);
}

static char *copy(const char *text)
{
	return text == NULL ? NULL : strdup(text);
}

/* ---- the network ------------------------------------------------------------------------------------ */

static void plan(struct world *world, struct flight *flight)
{
	int64_t now = world->true_ms;

	flight->twin_ms = -1;
	flight->arrives_ms = now + 5;
	flight->answers_ms = now + 10 + world_below(world, 200);
	flight->transport = RUNA_LOST;
	if (!world_happens(world, world->storm)) return;
	switch (world_below(world, 8)) {
	case 0: /* never left */
		flight->arrives_ms = -1;
		flight->transport = RUNA_NOT_SENT;
		break;
	case 1: /* lost on the way there */
		flight->arrives_ms = -1;
		flight->answers_ms = now + WORLD_CALL_TIMEOUT_MS;
		break;
	case 2: /* the answer is lost */
		flight->cut = -1;
		flight->answers_ms = now + 1000 + world_below(world, WORLD_CALL_TIMEOUT_MS);
		break;
	case 3: /* cut */
		flight->cut = 1 + (int)world_below(world, 60);
		break;
	case 4: /* late: arrives long after we gave up */
		flight->arrives_ms = now + world_below(world, WORLD_LATE_MS);
		flight->answers_ms = flight->arrives_ms + 10;
		break;
	case 5: /* doubled */
		flight->twin_ms = now + 10 + world_below(world, WORLD_LATE_MS);
		break;
	default: /* slow */
		flight->answers_ms = now + world_below(world, WORLD_CALL_TIMEOUT_MS);
	}
	if (flight->answers_ms < flight->arrives_ms) flight->answers_ms = flight->arrives_ms;
}

static void line_begin(struct runa_line *line, const struct runa_request *request, void *tag)
{
	struct world_line *from = (struct world_line *)line;
	struct world *world = from->world;
	struct flight *flight;

	if (from->begins_left == 0) from->is_dead = true;
	if (from->begins_left > 0) from->begins_left--;
	flight = calloc(1, sizeof *flight);
	flight->line = from;
	flight->tag = tag;
	flight->method = copy(request->method);
	flight->path = copy(request->path);
	flight->headers = copy(request->headers);
	flight->body = copy(request->body);
	world->requests++;
	plan(world, flight);
	if (from->is_dead) { /* it died at this very call: nothing left, nobody listens */
		flight->arrives_ms = flight->twin_ms = -1;
		flight->transport = RUNA_NOT_SENT;
	}
	flight->next = world->flights;
	world->flights = flight;
}

static void flight_free(struct flight *flight)
{
	free(flight->method);
	free(flight->path);
	free(flight->headers);
	free(flight->body);
	free(flight->answer);
	free(flight);
}

static void arrivals(struct world *world)
{
	for (struct flight *flight = world->flights; flight != NULL; flight = flight->next) {
		if (flight->arrives_ms >= 0 && flight->arrives_ms <= world->true_ms) {
			flight->arrives_ms = -1;
			runa_takes(world, flight);
		}
		if (flight->twin_ms >= 0 && flight->twin_ms <= world->true_ms) {
			struct flight twin = *flight; /* its answer goes nowhere */

			flight->twin_ms = -1;
			twin.answer = NULL;
			twin.is_twin = true;
			runa_takes(world, &twin);
			free(twin.answer);
		}
	}
}

/* The time of the next thing to happen, at most `until`; answers for `line` alone, where it isn't NULL. */
static int64_t next_event(const struct world *world, const struct world_line *line, int64_t until)
{
	for (const struct flight *flight = world->flights; flight != NULL; flight = flight->next) {
		if (flight->arrives_ms >= 0 && flight->arrives_ms < until) until = flight->arrives_ms;
		if (flight->twin_ms >= 0 && flight->twin_ms < until) until = flight->twin_ms;
		if (flight->tag != NULL && (line == NULL || flight->line == line) && flight->answers_ms < until)
			until = flight->answers_ms;
	}
	return until;
}

void world_pass(struct world *world, int64_t ms)
{
	int64_t until = world->true_ms + ms;

	do {
		int64_t next = next_event(world, NULL, until);

		if (next > world->true_ms) world->true_ms = next;
		arrivals(world);
		if (next >= until) break;
		for (struct flight *flight = world->flights; flight != NULL; flight = flight->next)
			if (flight->tag != NULL && flight->answers_ms <= world->true_ms) /* waits to be fetched */
				flight->answers_ms = until;
	} while (world->true_ms < until);
}

static void hand_over(struct world *world, struct flight *flight, struct runa_answer *out)
{
	memset(out, 0, sizeof *out);
	out->tag = flight->tag;
	out->transport = flight->transport;
	out->retry_after_ms = -1;
	snprintf(out->trouble, sizeof out->trouble, "%s", flight->transport == RUNA_LOST ? "lost" : "");
	if (flight->transport == RUNA_ANSWERED) {
		out->status = flight->status;
		if (flight->cut < 0) {
			out->transport = RUNA_LOST;
			out->status = 0;
		} else {
			out->body = strdup(flight->answer);
			out->body_bytes = strlen(out->body);
			if (flight->cut > 0 && (size_t)flight->cut < out->body_bytes) { /* looks whole to curl, is not */
				out->body_bytes -= (size_t)flight->cut;
				out->body[out->body_bytes] = '\0';
			}
		}
	}
	world_note(world, "answer", out->status);
	flight->tag = NULL;
}

static size_t fetch_answers(struct world_line *line, struct runa_answer *out, size_t max)
{
	struct world *world = line->world;
	size_t count = 0;

	for (struct flight **at = &world->flights; *at != NULL;) {
		struct flight *flight = *at;

		if (flight->tag != NULL && flight->line == line && flight->answers_ms <= world->true_ms && count < max)
			hand_over(world, flight, &out[count++]);
		if (flight->tag == NULL && flight->arrives_ms < 0 && flight->twin_ms < 0) {
			*at = flight->next;
			flight_free(flight);
		} else {
			at = &flight->next;
		}
	}
	return count;
}

static size_t line_wait(struct runa_line *line, int timeout_ms, struct runa_answer *out, size_t max)
{
	struct world_line *for_whom = (struct world_line *)line;
	struct world *world = for_whom->world;
	int64_t until = world->true_ms + timeout_ms;
	size_t count;

	world->written_ms = world->true_ms;
	if (for_whom->is_dead) return 0;
	while ((count = fetch_answers(for_whom, out, max)) == 0 && world->true_ms < until) {
		int64_t next = next_event(world, for_whom, until);

		if (next > world->true_ms) world->true_ms = next;
		arrivals(world);
	}
	return count;
}

static void line_wake(struct runa_line *line)
{
	(void)line;
}

static void line_close(struct runa_line *line)
{
	(void)line;
}

/* ---- begin, crash, end -------------------------------------------------------------------------------- */

void world_begin(struct world *world, uint64_t seed)
{
	memset(world, 0, sizeof *world);
	world->clock = (struct clock){ wall_ms, steady_ms, boot };
	world->chance = (struct chance){ fill };
	world->seed_state = seed * 2654435761u + 17;
	world->desk_state = seed ^ 0xdecade5eed;
	world->true_ms = 1000000;
	world->wall_off_ms = 1800000000000;
	world->written_ms = world->true_ms;
	world->boot = 1;
}

void world_line_open(struct world *world, struct world_line *line)
{
	*line = (struct world_line){ .line = { line_begin, line_wait, line_wake, line_close }, .world = world,
	                             .begins_left = -1 };
}

void world_line_cut(struct world_line *line)
{
	for (struct flight *flight = line->world->flights; flight != NULL; flight = flight->next)
		if (flight->line == line) flight->tag = NULL;
	line->is_dead = false;
	line->begins_left = -1;
	world_note(line->world, "cut", 0);
}

void world_halt(struct world *world, int64_t ms)
{
	world_pass(world, ms);
	world->halted_ms += ms;
}

/* Should the wall clock have gone back meanwhile, nobody can tell how long it took. */
void world_boot(struct world *world)
{
	world->boot++;
	world->untold_ms += world->true_ms - world->written_ms;
	world->halted_ms = world->true_ms - 1000;
	world_note(world, "boot", world->boot);
}

void world_end(struct world *world)
{
	while (world->flights != NULL) {
		struct flight *flight = world->flights;

		world->flights = flight->next;
		flight_free(flight);
	}
	for (size_t i = 0; i < world->key_count; i++) {
		free(world->keys[i].headers);
		free(world->keys[i].body);
		free(world->keys[i].answer);
	}
	for (size_t i = 0; i < world->order_count; i++) {
		free(world->orders[i].description);
		free(world->orders[i].product);
		free(world->orders[i].value);
		free(world->orders[i].currency);
	}
	free(world->keys);
	free(world->orders);
}
