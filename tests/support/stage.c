/* stage.c: the whole desk on a stage. */
#include "support/stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "support/desk_rules.h"

static const char MACHINE[] = "desk-stage";
static const int64_t SETTLES_WITHIN_MS = (int64_t)2 * MS_A_DAY;
enum { TURNS_WITHOUT_TIME = 300 };

const struct person alice = { "alice", "Alice", "", ROLE_VIEWER | ROLE_ORDERER };
const struct person bob = { "bob", "Bob", "", ROLE_VIEWER | ROLE_APPROVER };
const struct person carol = { "carol", "Carol", "", ROLE_VIEWER };

/* ---- clock and chance ------------------------------------------------------------------------ */

static int64_t stage_wall_ms(const struct clock *clock)
{
	return ((const struct stage *)clock)->wall_ms;
}

static int64_t stage_steady_ms(const struct clock *clock)
{
	return ((const struct stage *)clock)->steady_ms;
}

static void stage_fill(const struct chance *chance, void *out, size_t bytes)
{
	struct stage *s = (struct stage *)((char *)chance - offsetof(struct stage, chance));
	unsigned char *at = out;

	for (size_t i = 0; i < bytes; i++) {
		uint64_t z = (s->seed += 0x9e3779b97f4a7c15u); /* splitmix64 */

		z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
		z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
		at[i] = (unsigned char)((z ^ (z >> 31)) >> 24);
	}
}

static void pass(void *whom, int64_t ms)
{
	stage_sleep(whom, ms);
}

static int64_t steady_of(void *whom)
{
	return ((struct stage *)whom)->steady_ms;
}

/* ---- the process ----------------------------------------------------------------------------- */

struct ledger *stage_open_ledger(struct stage *s)
{
	struct ledger_options options = { .path = "ledger", .vfs = MACHINE, .clock = &s->clock,
	                                  .is_inline = !s->is_threaded,
	                                  .may_migrate = true, .seal_key_id = s->link_key.id };

	return ledger_open(&options, &s->why);
}

static void stock(struct stage *s)
{
	struct product list[STOCK_COUNT];
	struct balance balances[] = { { { 100000, "GBP" } }, { { 9000, "JPY" } } };

	stock_fill(list);
	catalogue_store_products(s->desk, list, COUNT_OF(list), s->wall_ms);
	catalogue_store_balances(s->desk, balances, COUNT_OF(balances), s->wall_ms);
}

bool stage_start(struct stage *s)
{
	s->ledger = stage_open_ledger(s);
	if (s->ledger == NULL) return false;
	s->rules->shared.holders++; /* the stage keeps a hold of its own */
	s->desk = desk_open(&(struct desk_options){ .ledger = s->ledger, .clock = &s->clock, .chance = &s->chance,
	                                            .link_key = &s->link_key, .rules = s->rules, .most_waiting = 8 });
	s->dispatcher = dispatcher_open(&(struct dispatcher_options){
		.desk = s->desk, .line = &s->runa.line, .fetches_catalogue = s->fetches_catalogue,
		.looks_at_payouts = s->looks_at_payouts, .is_standing = true });
	return true;
}

void stage_stop(struct stage *s)
{
	if (s->ledger == NULL) return;
	dispatcher_close(s->dispatcher);
	desk_close(s->desk);
	ledger_close(s->ledger);
	scripted_runa_forget_calls(&s->runa);
	s->ledger = NULL;
}

static void start_again(struct stage *s)
{
	if (!stage_start(s)) fail_msg("%s", s->why.text);
}

void stage_restart(struct stage *s)
{
	stage_stop(s);
	start_again(s);
}

void stage_kill(struct stage *s, enum faulty_kept kept)
{
	/* From here on nothing is written that a killed process would not have written. */
	faulty_vfs_crash(s->vfs, kept);
	stage_stop(s);
}

void stage_crash(struct stage *s, enum faulty_kept kept)
{
	stage_kill(s, kept);
	start_again(s);
}

static struct stage *stage_make(void)
{
	struct stage *s = memory_alloc(sizeof *s);

	assert_true(seal_begin());
	log_set_level(getenv("STAGE_LOG") ? LOG_DETAIL : 0); /* failures that a test arranges need no lines */
	s->clock = (struct clock){ stage_wall_ms, stage_steady_ms, NULL };
	s->chance = (struct chance){ stage_fill };
	s->wall_ms = 1795000000000;
	s->steady_ms = 1000000;
	s->seed = 1;
	s->mem = arena_open();
	s->vfs = faulty_vfs_open(MACHINE, 1);
	s->rules = desk_rules_make();
	memset(s->link_key.bytes, 7, sizeof s->link_key.bytes);
	snprintf(s->link_key.id, sizeof s->link_key.id, "0123456789abcdef");
	scripted_runa_begin(&s->runa);
	s->runa.pass = pass;
	s->runa.now_ms = steady_of;
	s->runa.whom = s;
	return s;
}

struct stage *stage_open(void)
{
	struct stage *s = stage_make();

	start_again(s);
	stock(s);
	return s;
}

struct stage *stage_open_empty(void)
{
	struct stage *s = stage_make();

	s->fetches_catalogue = true;
	start_again(s);
	return s;
}

void stage_close(struct stage *s)
{
	stage_stop(s);
	faulty_vfs_close(s->vfs);
	scripted_runa_end(&s->runa);
	shared_drop(&s->rules->shared);
	arena_close(s->mem);
	free(s);
}

int stage_set_up(void **state)
{
	*state = stage_open();
	return 0;
}

int stage_tear_down(void **state)
{
	stage_close(*state);
	return 0;
}

/* ---- time ------------------------------------------------------------------------------------ */

void stage_sleep(struct stage *s, int64_t ms)
{
	s->wall_ms += ms;
	s->steady_ms += ms;
}

void stage_jump(struct stage *s, int64_t ms)
{
	s->wall_ms += ms;
}

/* One turn of at most `ms`. A dispatcher that turns and turns while no time goes by would burn a processor. */
static void turn(struct stage *s, int64_t ms, int *idle_turns)
{
	int64_t before = s->steady_ms;

	dispatcher_turn(s->dispatcher, ms > MS_A_MINUTE ? MS_A_MINUTE : (int)ms);
	*idle_turns = s->steady_ms == before ? *idle_turns + 1 : 0;
	if (*idle_turns > TURNS_WITHOUT_TIME) fail_msg("the dispatcher turns without end and without waiting");
}

void stage_run(struct stage *s, int64_t ms)
{
	int64_t until = s->steady_ms + ms;
	int idle_turns = 0;

	while (s->steady_ms < until) turn(s, until - s->steady_ms, &idle_turns);
	dispatcher_turn(s->dispatcher, 0); /* what has just come due */
}

/* ---- ordering -------------------------------------------------------------------------------- */

struct wish wish_for(struct stage *s, const char *product, const char *value)
{
	char *key = arena_alloc(s->mem, ID_KEY_SIZE);

	ids_key(&s->chance, key);
	return (struct wish){ .form_key = key, .product = product, .face_value = value,
	                      .currency = strcmp(product, "QUO-JP") == 0 ? "JPY" : "GBP",
	                      .distribution = "PAYOUT_LINK" };
}

enum placed post(struct stage *s, const struct wish *wish, struct order *out)
{
	struct field_errors errors;

	return order_place(s->desk, s->mem, wish, &alice, out, &errors);
}

struct order place(struct stage *s, const char *product, const char *value)
{
	struct wish wish = wish_for(s, product, value);
	struct order order;

	assert_int_equal(post(s, &wish, &order), PLACED_NEW);
	return order;
}

struct order settle_order(struct stage *s, const char *number)
{
	int64_t until = s->steady_ms + SETTLES_WITHIN_MS;
	struct order order = order_now(s, number);
	int idle_turns = 0;

	while (order.status == ORDER_PLACING) {
		if (s->steady_ms >= until) fail_msg("order %s is still placing after two days: %s", number, order.advice);
		turn(s, MS_A_MINUTE, &idle_turns);
		order = order_now(s, number);
	}
	return order;
}

struct order place_and_settle(struct stage *s, const char *product, const char *value)
{
	return settle_order(s, place(s, product, value).number);
}

enum renewed renew(struct stage *s, const char *number, const struct person *who, const char *why)
{
	char key[ID_KEY_SIZE];

	ids_key(&s->chance, key);
	return order_new_attempt(s->desk, number, key, who, why);
}

struct order order_now(struct stage *s, const char *number)
{
	struct order order;

	assert_int_equal(order_find(s->desk, s->mem, number, &order), LEDGER_OK);
	return order;
}

static struct attempt *attempts_of(struct stage *s, const char *number, size_t *count)
{
	struct attempt *attempts;

	assert_int_equal(ledger_attempts(s->ledger, s->mem, number, &attempts, count), LEDGER_OK);
	return attempts;
}

struct attempt attempt_latest(struct stage *s, const char *number)
{
	size_t count;
	struct attempt *attempts = attempts_of(s, number, &count);

	assert_true(count > 0);
	return attempts[count - 1];
}

size_t attempt_count(struct stage *s, const char *number)
{
	size_t count;

	attempts_of(s, number, &count);
	return count;
}

size_t try_count(struct stage *s, const char *number)
{
	struct attempt_try *tries;
	size_t count;

	assert_int_equal(order_tries(s->desk, s->mem, number, &tries, &count), LEDGER_OK);
	return count;
}

/* ---- Runa ------------------------------------------------------------------------------------ */

void runa_will_answer(struct stage *s, struct reply reply)
{
	scripted_runa_will_say(&s->runa, ROUTE_ORDER, reply);
}

void runa_will_say(struct stage *s, enum route route, struct reply reply)
{
	scripted_runa_will_say(&s->runa, route, reply);
}

void runa_always_says(struct stage *s, enum route route, const struct reply *reply)
{
	s->runa.always[route] = reply;
}

size_t runa_request_count(struct stage *s)
{
	return runa_count(s, ROUTE_ORDER);
}

static const struct runa_kept *order_request(struct stage *s, size_t no)
{
	for (size_t i = 0; i < s->runa.request_count; i++) {
		if (s->runa.requests[i].route != ROUTE_ORDER) continue;
		if (no-- == 0) return &s->runa.requests[i];
	}
	fail_msg("there was no such request");
	return NULL;
}

const char *runa_request(struct stage *s, size_t no)
{
	const struct runa_kept *request = order_request(s, no);

	return arena_print(s->mem, "%s\n%s", request->headers, request->body);
}

int64_t runa_request_ms(struct stage *s, size_t no)
{
	return order_request(s, no)->steady_ms;
}

size_t runa_count(struct stage *s, enum route route)
{
	return scripted_runa_count(&s->runa, route);
}

/* ---- what always holds ----------------------------------------------------------------------- */

static void order_holds(struct stage *s, const struct order *order)
{
	int bought = scripted_runa_bought(&s->runa, order->number);
	bool is_failed_there = false;

	for (size_t i = 0; i < s->runa.made_count; i++)
		if (strstr(s->runa.made[i].description, order->number) != NULL)
			is_failed_there = strcmp(s->runa.made[i].says, "FAILED") == 0;
	if (bought > 1) fail_msg("order %s was bought %d times", order->number, bought);
	if (bought == 0 && order->money_moved == MONEY_MOVED_YES) fail_msg("order %s was not bought", order->number);
	if (bought == 0 || is_failed_there) return;
	if (order->status == ORDER_FAILED) fail_msg("order %s was bought and is shown as failed", order->number);
	if (order->money_moved == MONEY_MOVED_NO) fail_msg("order %s was bought; it says no money moved", order->number);
}

void stage_holds(struct stage *s)
{
	struct ledger_filter all = { 0 };
	struct order *orders;
	size_t count;
	int64_t lines;

	assert_false(s->runa.bytes_changed);
	assert_int_equal(order_list(s->desk, s->mem, &all, 500, &orders, &count), LEDGER_OK);
	for (size_t i = 0; i < count; i++) order_holds(s, &orders[i]);
	for (size_t i = 0; i < s->runa.made_count; i++) {
		const char *number = s->runa.made[i].description;
		bool is_there = false;

		for (size_t k = 0; k < count; k++) is_there = is_there || strstr(number, orders[k].number) != NULL;
		if (!is_there && count < 500) fail_msg("%s was bought, and its order is lost", number);
	}
	if (!ledger_verify_audit(s->ledger, &lines, &s->why)) fail_msg("%s", s->why.text);
	if (!ledger_verify_budget(s->ledger, &s->why)) fail_msg("%s", s->why.text);
}
