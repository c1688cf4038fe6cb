/* control.c: one table of what can be asked; every handler runs under the world's lock. */
#include "sandbox/control.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/text.h"

#define ROOT "/_sandbox/"

struct turn {
	struct world *world;
	struct request *request;
	struct json_object *body; /* NULL: none */
	const char *rest;         /* what stands for '*' */
	struct answer *out;
};

static void answer_problem(struct turn *turn, int status, const char *why)
{
	struct json_object *json = json_object_new_object();

	json_put_text(json, "error", why);
	answer_json(turn->out, turn->request->mem, status, json);
}

static void answer_ok(struct turn *turn)
{
	answer_text(turn->out, turn->request->mem, 200, "{\"ok\":true}");
}

static int64_t number_arg(const struct turn *turn, const char *name, int64_t otherwise)
{
	const char *text = request_arg(turn->request, name);
	int64_t number = otherwise;

	if (text && !text_number(text, INT64_MAX, &number))
		number = otherwise;
	return number;
}

/* --- looking ------------------------------------------------------------------------------- */

static void answer_state(struct turn *turn)
{
	struct world *world = turn->world;
	struct arena *mem = turn->request->mem;
	struct json_object *json = json_object_new_object();

	json_put(json, "orders_made", json_object_new_int64((int64_t)world->store.orders_made));
	json_put(json, "orders", json_object_new_int64((int64_t)world->store.order_count));
	json_put(json, "requests", json_object_new_int64((int64_t)world->journal.asked));
	json_put(json, "answered", json_object_new_int64((int64_t)world->journal.answered));
	json_put(json, "replays", json_object_new_int64((int64_t)world->store.replays));
	json_put(json, "faults", json_object_new_int64((int64_t)world->faults.count));
	json_put(json, "products", json_object_new_int64((int64_t)world->catalogue.count));
	json_put_text(json, "now", clock_rfc3339(mem, world_now_ms(world)));
	json_put(json, "settings", settings_show(&world->settings, mem));
	answer_json(turn->out, mem, 200, json);
}

static struct json_object *show_order(struct arena *mem, const struct order *order)
{
	struct json_object *json = json_object_new_object();
	const struct order_item *first = &order->items[0];

	json_put_text(json, "id", order->id);
	json_put_text(json, "idempotency_key", order->key);
	json_put_text(json, "description", order->description);
	json_put_text(json, "status", order_state_name(order->state));
	json_put_text(json, "payout_status", payout_state_name(first->payout));
	json_put_text(json, "face_value", money_text(mem, first->face_value));
	json_put_text(json, "currency", first->face_value.currency);
	json_put_text(json, "total_price", money_text(mem, order->total_price));
	json_put_text(json, "product", first->code);
	json_put(json, "items", json_object_new_int64((int64_t)order->item_count));
	json_put_text(json, "created_at", world_time_text(mem, order->created_ms));
	return json;
}

static void look_orders(struct turn *turn)
{
	struct store *store = &turn->world->store;
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < store->order_count; i++) {
		store_settle(store->orders[i], world_now_ms(turn->world));
		json_object_array_add(list, show_order(turn->request->mem, store->orders[i]));
	}
	answer_json(turn->out, turn->request->mem, 200, list);
}

static void look_requests(struct turn *turn)
{
	struct journal_filter filter = {
		.method = request_arg(turn->request, "method"), .path = request_arg(turn->request, "path"),
		.from = (uint64_t)number_arg(turn, "from", 1), .limit = (size_t)number_arg(turn, "limit", INT64_MAX),
	};

	answer_text(turn->out, turn->request->mem, 200,
	            journal_show(&turn->world->journal, turn->request->mem, &filter));
}

static void look_faults(struct turn *turn)
{
	answer_json(turn->out, turn->request->mem, 200, faults_show(&turn->world->faults, turn->request->mem));
}

static bool is_reached(const struct turn *turn)
{
	const struct world *world = turn->world;

	return (int64_t)world->store.orders_made >= number_arg(turn, "orders", 0) &&
	       (int64_t)world->journal.asked >= number_arg(turn, "requests", 0) &&
	       (int64_t)world->journal.answered >= number_arg(turn, "answered", 0) &&
	       (int64_t)world->store.replays >= number_arg(turn, "replays", 0);
}

/* 200 once the counts are reached, 408 when the time is over; the state either way. */
static void look_wait(struct turn *turn)
{
	enum { LONGEST_MS = 600000 };
	int64_t timeout_ms = number_arg(turn, "timeout_ms", 10000);
	struct timespec until;
	int ended = 0;

	timeout_ms = timeout_ms < LONGEST_MS ? timeout_ms : LONGEST_MS;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += timeout_ms / 1000;
	until.tv_nsec += timeout_ms % 1000 * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	while (!is_reached(turn) && !turn->world->is_stopping && ended != ETIMEDOUT)
		ended = pthread_cond_timedwait(&turn->world->changed, &turn->world->lock, &until);
	answer_state(turn);
	if (!is_reached(turn))
		turn->out->status = 408;
}

/* --- arranging ----------------------------------------------------------------------------- */

static void add_fault(struct turn *turn)
{
	struct problem why;
	bool is_list = json_object_is_type(turn->body, json_type_array);
	size_t count = is_list ? json_object_array_length(turn->body) : 1;

	for (size_t i = 0; i < count; i++) {
		struct json_object *fault = is_list ? json_object_array_get_idx(turn->body, i) : turn->body;

		if (faults_add(&turn->world->faults, turn->request->mem, fault, &why))
			continue;
		answer_problem(turn, 400, why.text);
		return;
	}
	answer_ok(turn);
}

static void clear_faults(struct turn *turn)
{
	faults_clear(&turn->world->faults);
	answer_ok(turn);
}

static void move_clock(struct turn *turn)
{
	const int64_t most_s = INT64_C(86400) * 366 * 100;
	struct json_object *advance = json_get_typed(turn->body, "advance_s", json_type_int);
	int64_t seconds = advance ? json_object_get_int64(advance) : INT64_MAX;

	if (seconds > most_s || seconds < -most_s || turn->world->ahead_ms / 1000 + seconds > most_s ||
	    turn->world->ahead_ms / 1000 + seconds < -most_s / 10) {
		answer_problem(turn, 400, "advance_s must be a whole number of seconds");
		return;
	}
	turn->world->ahead_ms += seconds * 1000;
	answer_state(turn);
}

static void change_settings(struct turn *turn)
{
	static const char *const shown_in_catalogue[] = { "products", "withdrawn", "quirks" };
	struct world *world = turn->world;
	struct problem why;

	if (!settings_change(&world->settings, turn->request->mem, turn->body, &why)) {
		answer_problem(turn, 400, why.text);
		return;
	}
	for (size_t i = 0; i < COUNT_OF(shown_in_catalogue); i++) {
		if (!json_object_object_get_ex(turn->body, shown_in_catalogue[i], NULL))
			continue;
		catalogue_end(&world->catalogue);
		catalogue_begin(&world->catalogue, &world->settings);
		break;
	}
	answer_state(turn);
}

static void change_order(struct turn *turn)
{
	int64_t now_ms = world_now_ms(turn->world);
	struct order *order = store_find_order(&turn->world->store, turn->rest, now_ms);
	const char *status = json_get_text(turn->body, "status");
	const char *payout = json_get_text(turn->body, "payout_status");
	enum order_state state;
	enum payout_state payout_state;

	if (!order) {
		answer_problem(turn, 404, "there is no such order");
		return;
	}
	if ((!status && !payout) || (status && !order_state_named(status, &state)) ||
	    (payout && !payout_state_named(payout, &payout_state))) {
		answer_problem(turn, 400, "status or payout_status must be one of Runa's");
		return;
	}
	if (status) {
		order->state = state;
		order->outcome = state == ORDER_PROCESSING ? ORDER_COMPLETED : state;
		/* Back in PROCESSING it stays there, until the next word from here. */
		order->done_ms = state == ORDER_PROCESSING ? INT64_MAX / 2 : now_ms;
	}
	for (size_t i = 0; payout && i < order->item_count; i++) {
		order->items[i].payout = payout_state;
		order->items[i].payout_at_ms = now_ms;
	}
	answer_json(turn->out, turn->request->mem, 200, show_order(turn->request->mem, order));
}

static void reset_all(struct turn *turn)
{
	world_reset(turn->world);
	answer_state(turn);
}

/* --- the table ----------------------------------------------------------------------------- */

static const struct {
	const char *method, *path; /* below /_sandbox/; a '*' at the end stands for one word */
	void (*handler)(struct turn *turn);
	bool needs_body;
} routes[] = {
	{ "GET",    "state",    answer_state,    false },
	{ "GET",    "orders",   look_orders,     false },
	{ "POST",   "orders/*", change_order,    true  },
	{ "GET",    "requests", look_requests,   false },
	{ "GET",    "wait",     look_wait,       false },
	{ "GET",    "faults",   look_faults,     false },
	{ "POST",   "faults",   add_fault,       true  },
	{ "DELETE", "faults",   clear_faults,    false },
	{ "POST",   "clock",    move_clock,      true  },
	{ "POST",   "settings", change_settings, true  },
	{ "POST",   "reset",    reset_all,       false },
};

bool control_is_for(const char *path)
{
	return text_begins(path, ROOT);
}

static bool is_route(size_t row, struct turn *turn)
{
	const char *path = turn->request->path + strlen(ROOT);
	size_t star = strcspn(routes[row].path, "*");

	if (strcmp(routes[row].method, turn->request->method))
		return false;
	if (!routes[row].path[star])
		return !strcmp(routes[row].path, path);
	turn->rest = path + star;
	return !strncmp(routes[row].path, path, star);
}

void control_answer(struct world *world, struct request *request, struct answer *out)
{
	struct turn turn = { .world = world, .request = request, .out = out };
	size_t row = 0;

	while (row < COUNT_OF(routes) && !is_route(row, &turn))
		row++;
	if (row == COUNT_OF(routes)) {
		answer_problem(&turn, 404, "see doc/sandbox-control.md");
		return;
	}
	turn.body = json_read(request->mem, request->body, request->body_bytes);
	if (routes[row].needs_body && !turn.body) {
		answer_problem(&turn, 400, "the body must be JSON");
		return;
	}
	pthread_mutex_lock(&world->lock);
	routes[row].handler(&turn);
	pthread_mutex_unlock(&world->lock);
}
