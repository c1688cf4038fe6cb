/* world.c: making, resetting and stopping the sandbox's world; its clock. */
#include "sandbox/world.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

static void fill(struct world *world)
{
	world->settings = world->start; /* start has no withdrawn codes, so nothing is shared */
	catalogue_begin(&world->catalogue, &world->settings);
	store_begin(&world->store);
	journal_begin(&world->journal);
	faults_begin(&world->faults);
	world->ahead_ms = 0;
	world->made_up_pages = 0;
}

static void empty(struct world *world)
{
	faults_end(&world->faults);
	journal_end(&world->journal);
	store_end(&world->store);
	catalogue_end(&world->catalogue);
	settings_end(&world->settings);
}

bool world_begin(struct world *world, const struct settings *start, struct problem *why)
{
	pthread_condattr_t how;

	memset(world, 0, sizeof *world);
	world->stop_fd = eventfd(0, EFD_CLOEXEC);
	if (world->stop_fd < 0) {
		problem_set(why, "eventfd: %s", strerror(errno));
		return false;
	}
	pthread_mutex_init(&world->lock, NULL);
	pthread_condattr_init(&how);
	pthread_condattr_setclock(&how, CLOCK_MONOTONIC);
	pthread_cond_init(&world->changed, &how);
	pthread_condattr_destroy(&how);
	world->start = *start;
	fill(world);
	return true;
}

void world_end(struct world *world)
{
	empty(world);
	pthread_cond_destroy(&world->changed);
	pthread_mutex_destroy(&world->lock);
	close(world->stop_fd);
}

void world_reset(struct world *world)
{
	empty(world);
	fill(world);
	world->generation++;
	pthread_cond_broadcast(&world->changed);
}

void world_stop(struct world *world)
{
	uint64_t one = 1;

	pthread_mutex_lock(&world->lock);
	world->is_stopping = true;
	pthread_cond_broadcast(&world->changed);
	pthread_mutex_unlock(&world->lock);
	if (write(world->stop_fd, &one, sizeof one) != sizeof one)
		perror("payoutdesk-sandbox: eventfd");
}

int64_t world_now_ms(const struct world *world)
{
	return clock_wall_ms(&clock_of_machine) + world->ahead_ms;
}

bool world_pause(const struct world *world, int64_t pause_ms)
{
	int64_t until = clock_steady_ms(&clock_of_machine) + pause_ms;
	int64_t left;

	while ((left = until - clock_steady_ms(&clock_of_machine)) > 0) {
		struct pollfd stop = { .fd = world->stop_fd, .events = POLLIN };

		if (poll(&stop, 1, left > 1000000 ? 1000000 : (int)left) > 0)
			return false;
	}
	return true;
}

char *world_time_text(struct arena *mem, int64_t ms)
{
	time_t seconds = (time_t)(ms / 1000);
	struct tm parts;

	gmtime_r(&seconds, &parts);
	return arena_print(mem, "%04d-%02d-%02dT%02d:%02d:%02d.%03d000+00:00", parts.tm_year + 1900,
	                   parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, (int)(ms % 1000));
}
