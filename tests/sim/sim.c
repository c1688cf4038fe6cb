/* sim.c: the real desk and the real ledger in virtual time against a model of Runa, under a seeded storm.
 *
 *   sim [--seeds N] [--first N]     N seeds; ends with "N passed, N failed"
 *   sim --seed N                    one seed, told step by step
 *   sim --broken NAME [--seeds N]   a broken copy of a rule: exit 0 where it was caught
 *   sim --broken all                each of them
 *
 * A seed reproduces its run exactly: each is run, and every hundredth twice, with the same fingerprint. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "sim/broken.h"
#include "sim/people.h"

enum { STORM_STEPS = 120, REST_STEPS = 3000, SETTLE_EVERY = 40 };

static bool is_telling;

struct outcome {
	bool ok;
	uint64_t fingerprint;
	int64_t requests;
	int crashes, jumps, acts, renewed;
	size_t orders, made;
	char text[400];
};

static void tell(const struct life *life, const char *what)
{
	if (!is_telling) return;
	printf("%10.1f s  %-12s orders=%zu made=%zu requests=%lld\n", (double)life->world.true_ms / 1000, what,
	       life->form_count, life->world.order_count, (long long)life->world.requests);
}

/* The wall clock jumps: an hour, a day, a year, forth or back. */
static void jump(struct life *life)
{
	static const int64_t lengths[] = { 7 * MS_A_SECOND, MS_AN_HOUR, MS_A_DAY, (int64_t)365 * MS_A_DAY };
	int64_t length = lengths[world_below(&life->world, COUNT_OF(lengths))];

	life->jumps++;
	life->world.wall_off_ms += world_happens(&life->world, 50) ? length : -length;
	/* Seen by the dispatcher before anything else is done, as a second is short against a person. */
	if (!life_is_over(life)) life_turn(life, 0);
}

/* Where the process dies: at its n-th write or sync from now, or at its n-th call. */
static void plan_death(struct life *life)
{
	if (world_happens(&life->world, 50))
		life_doom(life, 1 + (long)world_below(&life->world, 40));
	else
		life->serving->line.begins_left = (int)world_below(&life->world, 3);
}

/* Time passes; a long one with a process that runs, for nobody can tell how long the machine was off where its clock
 * went back meanwhile. */
static void pass(struct life *life, int64_t ms)
{
	static const int64_t most = MS_AN_HOUR * 6;

	for (; ms > most; ms -= most) {
		if (life_is_over(life)) life_crash(life);
		life_turn(life, 0);
		world_pass(&life->world, most);
	}
	world_pass(&life->world, ms);
}

static void storm_step(struct life *life)
{
	static const int64_t skips[] = { 1000, 60 * MS_A_SECOND, 20 * MS_A_MINUTE, MS_AN_HOUR, MS_A_DAY };
	uint32_t lot = world_below(&life->world, 100);

	if (lot < 35) {
		people_act(life);
		tell(life, "person");
	} else if (lot < 80) {
		life_turn(life, (int)world_below(&life->world, 3) * 1000);
		tell(life, "turn");
	} else if (lot < 86) {
		pass(life, skips[world_below(&life->world, COUNT_OF(skips))]);
		tell(life, "time");
	} else if (lot < 87) {
		runa_stranger_orders(&life->world);
		tell(life, "stranger");
	} else if (lot < 88) {
		life_toggle_second(life);
		tell(life, "second");
	} else if (lot < 92) {
		plan_death(life);
		tell(life, "doom");
	} else if (lot < 94) {
		life->world.key_is_revoked = !life->world.key_is_revoked;
		tell(life, "key");
	} else if (lot < 95) {
		jump(life);
		tell(life, "jump");
	} else if (lot < 96) { /* a virtual machine is paused, for hours or for weeks */
		world_halt(&life->world, (int64_t)(1 + world_below(&life->world, 20)) *
		                                 (world_happens(&life->world, 50) ? MS_AN_HOUR : MS_A_DAY));
		life->jumps++;
		if (!life_is_over(life)) life_turn(life, 0);
		tell(life, "halt");
	} else if (lot < 97) { /* the 29th day comes closer */
		pass(life, (int64_t)(world_below(&life->world, 20) + 10) * MS_A_DAY);
		tell(life, "weeks");
	} else {
		life_crash(life);
		tell(life, "kill");
	}
}

/* Calm weather: all must come to an end, with people looking after what needs them. */
static void rest(struct life *life)
{
	life->world.storm = 0;
	life->world.key_is_revoked = false;
	runa_ends_all(&life->world);
	life->first.line.begins_left = life->second.line.begins_left = -1;
	if (life_is_over(life)) life_crash(life);
	life_doom(life, 0);
	for (int i = 0; i < REST_STEPS && life->world.violation.text[0] == '\0'; i++) {
		if (life_is_over(life)) life_crash(life);
		if (i % SETTLE_EVERY == 0) people_settle(life);
		life_turn(life, 60000);
		world_pass(&life->world, 30000);
		if (i % SETTLE_EVERY == SETTLE_EVERY - 1 && people_are_done(life)) break;
	}
	check_all(life);
	check_end(life);
}

static struct outcome run(uint64_t seed)
{
	struct life *life = memory_alloc(sizeof *life);
	struct outcome outcome = { .ok = true };

	life_begin(life, seed);
	life->world.storm = 10 + (int)(seed % 8) * 10;
	for (int i = 0; i < STORM_STEPS && life->world.violation.text[0] == '\0'; i++) {
		if (life_is_over(life)) life_crash(life);
		if (life->first.ledger != NULL) storm_step(life);
		check_all(life);
	}
	if (life->world.violation.text[0] == '\0') rest(life);
	outcome.ok = life->world.violation.text[0] == '\0';
	outcome.fingerprint = life->world.fingerprint;
	outcome.requests = life->world.requests;
	outcome.crashes = life->crashes;
	outcome.jumps = life->jumps;
	outcome.acts = life->acts;
	outcome.renewed = life->renewed;
	outcome.orders = life->form_count;
	outcome.made = life->world.order_count;
	memcpy(outcome.text, life->world.violation.text, sizeof outcome.text);
	life_end(life);
	free(life);
	return outcome;
}

static int run_seeds(uint64_t first, uint64_t seeds)
{
	uint64_t passed = 0, failed = 0;
	struct outcome sum = { 0 };
	int met, cells;

	for (uint64_t seed = first; seed < first + seeds; seed++) {
		struct outcome outcome = run(seed);

		if (outcome.ok && seed % 100 == 0 && run(seed).fingerprint != outcome.fingerprint) {
			outcome.ok = false;
			snprintf(outcome.text, sizeof outcome.text, "the second run of the seed went another way");
		}
		if (outcome.ok)
			passed++;
		else if (failed++ < 20)
			printf("seed %llu: %s\n", (unsigned long long)seed, outcome.text);
		sum.requests += outcome.requests;
		sum.crashes += outcome.crashes;
		sum.jumps += outcome.jumps;
		sum.renewed += outcome.renewed;
		sum.acts += outcome.acts;
		sum.orders += outcome.orders;
		sum.made += outcome.made;
	}
	printf("simulation: %llu seeds, %zu forms, %zu orders made, %lld requests, %d acts of people, %d crashes,"
	       " %d clock jumps\n", (unsigned long long)seeds, sum.orders, sum.made, (long long)sum.requests, sum.acts,
	       sum.crashes, sum.jumps);
	met = broken_cells_met(&cells);
	printf("simulation: %d of %d cells of the table met, %d attempts renewed by an approver\n", met, cells,
	       sum.renewed);
	printf("%llu passed, %llu failed\n", (unsigned long long)passed, (unsigned long long)failed);
	return failed == 0 ? 0 : 1;
}

/* 0: caught. */
static int run_broken(enum broken which, uint64_t seeds)
{
	broken = which;
	for (uint64_t seed = 1; seed <= seeds; seed++) {
		struct outcome outcome = run(seed);

		if (outcome.ok) continue;
		printf("broken rule %-20s caught at seed %llu: %s\n", broken_name(which), (unsigned long long)seed,
		       outcome.text);
		return 0;
	}
	printf("broken rule %-20s NOT caught in %llu seeds\n", broken_name(which), (unsigned long long)seeds);
	return 1;
}

static int run_all_broken(const char *name, uint64_t seeds)
{
	int missed = 0, tried = 0;

	for (int which = BROKEN_NONE + 1; which < BROKENS; which++) {
		if (strcmp(name, "all") != 0 && strcmp(name, broken_name((enum broken)which)) != 0) continue;
		missed += run_broken((enum broken)which, seeds);
		tried++;
	}
	printf("%d passed, %d failed\n", tried - missed, missed);
	return tried > 0 && missed == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "seeds", required_argument, NULL, 'n' }, { "first", required_argument, NULL, 'f' },
		{ "seed", required_argument, NULL, 's' },  { "broken", required_argument, NULL, 'b' },
		{ NULL, 0, NULL, 0 },
	};
	uint64_t seeds = 2000, first = 1;
	const char *name = NULL;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'n') seeds = strtoull(optarg, NULL, 10);
		else if (option == 'f') first = strtoull(optarg, NULL, 10);
		else if (option == 's') { first = strtoull(optarg, NULL, 10); seeds = 1; is_telling = true; }
		else if (option == 'b') name = optarg;
		else return 2;
	}
	if (!seal_begin()) return 2;
	log_set_level(is_telling ? LOG_NOTE : 0);
	return name != NULL ? run_all_broken(name, seeds) : run_seeds(first, seeds);
}
