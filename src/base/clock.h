/* clock.h: the only source of time, so that tests and the simulation can set it. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include "base/arena.h"
#include "base/base.h"

/* wall: milliseconds since 1970 in UTC, may jump. steady: monotonic, for pauses and lengths; it counts from the
 * machine's start, whose number `boot` is (0: not known). NULL: there is only one start. */
struct clock {
	int64_t (*wall_ms)(const struct clock *clock);
	int64_t (*steady_ms)(const struct clock *clock);
	int64_t (*boot)(const struct clock *clock);
};

/* The machine's own clocks. */
extern const struct clock clock_of_machine;

static inline int64_t clock_wall_ms(const struct clock *clock) { return clock->wall_ms(clock); }
static inline int64_t clock_steady_ms(const struct clock *clock) { return clock->steady_ms(clock); }

static inline int64_t clock_boot(const struct clock *clock) { return clock->boot ? clock->boot(clock) : 1; }

enum {
	MS_A_SECOND = 1000,
	MS_A_MINUTE = 60 * MS_A_SECOND,
	MS_AN_HOUR = 60 * MS_A_MINUTE,
	MS_A_DAY = 24 * MS_AN_HOUR, /* 86,400,000: more days than 24 need int64_t arithmetic */
};

/* "2026-11-23T09:00:00Z" (RFC 3339, UTC, whole seconds). */
MUST_USE char *clock_rfc3339(struct arena *mem, int64_t wall_ms);
/* Reads ISO 8601 as Runa writes it: fraction, Z, +00:00, or no zone at all, which is UTC (runa-api 4). */
MUST_USE bool clock_parse(const char *text, int64_t *wall_ms);
/* Days since 1970-01-01 in UTC. */
static inline int64_t clock_day(int64_t wall_ms)
{
	return (wall_ms >= 0 ? wall_ms : wall_ms - (MS_A_DAY - 1)) / MS_A_DAY;
}

#endif
