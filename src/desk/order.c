/* order.c: placing orders and looking at them. Sends nothing: the dispatcher does. */
#include "desk/order.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "desk/attempt.h"
#include "desk/inside.h"
#include "runa/messages.h"

/* ---- placing ------------------------------------------------------------------------------------ */

static const char *words(struct arena *mem, const char *typed)
{
	char *text = typed == NULL ? NULL : text_trim(mem, typed);

	return text == NULL || *text == '\0' ? NULL : text;
}

/* Does the wish say what this order says? Asked without the catalogue, which may have changed since. */
static bool wish_is(struct arena *mem, const struct wish *wish, const struct order *order)
{
	struct order wished = { .face_value = order->face_value };
	const char *currency = words(mem, wish->currency), *distribution = words(mem, wish->distribution);

	wished.product_code = words(mem, wish->product);
	wished.email = words(mem, wish->email);
	wished.description = words(mem, wish->description);
	if (wished.product_code == NULL || currency == NULL || distribution == NULL || wish->face_value == NULL)
		return false;
	/* A blanked recipient (keep_recipients_days) can no longer be told from another. */
	if (order->email != NULL && *order->email == '\0' && wished.email != NULL) wished.email = order->email;
	return text_is_same(currency, order->face_value.currency) &&
	       order_distribution_from_name(distribution, &wished.distribution) &&
	       money_parse(wish->face_value, order->face_value.currency, &wished.face_value) == MONEY_OK &&
	       order_same_content(&wished, order);
}

static void limits_of(const struct desk_rules *rules, const char *currency, struct ledger_limits *out)
{
	memset(out, 0, sizeof *out);
	for (size_t i = 0; i < rules->limit_count; i++) {
		if (strcmp(rules->limits[i].currency, currency) != 0) continue;
		out->user_day_minor = rules->limits[i].user_day_minor;
		out->month_minor = rules->limits[i].month_minor;
	}
}

static void over_limit(struct field_errors *errors, enum rule rule, int64_t most_minor, const char *currency)
{
	errors->count = 1;
	errors->lines[0] = (struct field_error){ .field = "face_value", .rule = rule };
	errors->lines[0].most = money_of(most_minor, currency);
}

static enum placed placed_of(enum ledger_placed said, const struct ledger_limits *limits, const char *currency,
                               struct field_errors *errors)
{
	switch (said) {
	case LEDGER_PLACED_NEW:
		return PLACED_NEW;
	case LEDGER_OVER_USER_DAY:
		over_limit(errors, RULE_VALUE_OVER_USER_DAY, limits->user_day_minor, currency);
		return PLACED_NOT;
	case LEDGER_OVER_MONTH:
		over_limit(errors, RULE_VALUE_OVER_MONTH, limits->month_minor, currency);
		return PLACED_NOT;
	case LEDGER_PLACED_BEFORE:
		return PLACED_BEFORE;
	case LEDGER_PLACED_OTHERWISE:
		return PLACED_OTHERWISE;
	case LEDGER_PLACED_FULL:
		return PLACED_FULL;
	case LEDGER_PLACED_UNSURE:
		break;
	}
	return PLACED_UNSURE;
}

/* The exact bytes that will go out under `key`, for the order's `no`-th attempt. */
static void attempt_make(struct desk *desk, const struct desk_rules *rules, struct arena *mem,
                         const struct order *order, int no, const char *key, struct attempt *out)
{
	memset(out, 0, sizeof *out);
	memcpy(out->order_number, order->number, sizeof out->order_number);
	memcpy(out->key, key, sizeof out->key);
	out->no = no;
	out->reference = no == 1 ? arena_text(mem, order->number) : arena_print(mem, "%s-%d", order->number, no);
	out->upstream = rules->base_url;
	out->headers = runa_order_headers(mem, key, rules->api_version);
	out->body = runa_order_body(mem, order, out->reference);
	out->body_bytes = strlen(out->body);
	out->state = ATTEMPT_READY;
	out->task = TASK_SEND;
	out->created_at_ms = out->due_at_ms = clock_wall_ms(desk->clock);
}

static enum placed store(struct desk *desk, const struct desk_rules *rules, struct arena *mem,
                         const struct order *wanted, struct order *out, struct field_errors *errors)
{
	struct ledger_limits limits;
	struct attempt first;
	enum placed placed;

	limits_of(rules, wanted->face_value.currency, &limits);
	attempt_make(desk, rules, mem, wanted, 1, wanted->form_key, &first);
	placed = placed_of(ledger_place(desk->ledger, mem, wanted, &first, &limits, out), &limits,
	                   wanted->face_value.currency, errors);
	if (placed == PLACED_NEW) {
		log_line(LOG_NOTE, "order_placed", "order=%s product=%s", out->number, out->product_code);
		find_forget_own(desk, out->placed_by);
		desk_wake(desk);
	}
	return placed;
}

enum placed order_placed_before(struct desk *desk, struct arena *mem, const struct wish *wish, struct order *out)
{
	switch (ledger_order_of_form(desk->ledger, mem, wish->form_key, out)) {
	case LEDGER_OK:
		return wish_is(mem, wish, out) ? PLACED_BEFORE : PLACED_OTHERWISE;
	case LEDGER_NONE:
		return PLACED_NOT;
	default:
		return PLACED_UNSURE;
	}
}

/* The order that the wish would be; false: a rule says no. */
static bool order_of_wish(struct desk *desk, const struct desk_rules *rules, struct arena *mem, const struct wish *wish,
                          const struct person *person, struct order *out, struct field_errors *errors)
{
	*out = (struct order){ .status = ORDER_PLACING, .money_moved = MONEY_MOVED_NO, .advice = "waiting_unsent" };
	if (!rules_check(catalogue_in(desk, mem), rules, mem, wish, out, errors)) return false;
	snprintf(out->form_key, sizeof out->form_key, "%s", wish->form_key);
	out->placed_by = person->user;
	out->placed_by_name = person->name;
	out->placed_at_ms = clock_wall_ms(desk->clock);
	return true;
}

/* As if the form were a new one. */
static enum placed place_as_new(struct desk *desk, struct arena *mem, const struct wish *wish,
                                const struct person *person, struct order *out, struct field_errors *errors)
{
	struct desk_rules *rules = desk_hold_rules(desk);
	enum placed placed = PLACED_NOT;
	struct order wanted;

	if (order_of_wish(desk, rules, mem, wish, person, &wanted, errors)) {
		ids_number(desk->chance, wanted.number);
		placed = store(desk, rules, mem, &wanted, out, errors);
	}
	shared_drop(&rules->shared);
	return placed;
}

static enum placed check_limits(struct desk *desk, const struct desk_rules *rules, const struct order *wanted,
                                struct field_errors *errors)
{
	struct ledger_limits limits;

	limits_of(rules, wanted->face_value.currency, &limits);
	return placed_of(ledger_over_limits(desk->ledger, wanted, &limits), &limits, wanted->face_value.currency, errors);
}

enum placed order_check(struct desk *desk, struct arena *mem, const struct wish *wish, const struct person *person,
                        struct order *out, struct field_errors *errors)
{
	enum placed placed = order_placed_before(desk, mem, wish, out);
	struct desk_rules *rules;

	errors->count = 0;
	if (placed != PLACED_NOT) return placed;
	rules = desk_hold_rules(desk);
	if (order_of_wish(desk, rules, mem, wish, person, out, errors)) placed = check_limits(desk, rules, out, errors);
	shared_drop(&rules->shared);
	return placed;
}

/* The ledger looks whether the form was used where it stores, so nearly every order is placed without a look
 * beforehand. A form that was used leads to its order whatever has changed since: the catalogue, the limits, the room
 * on the disk. A ledger that takes nothing any more is asked first, so that nothing it is unsure of is ever read back
 * as placed. */
enum placed order_place(struct desk *desk, struct arena *mem, const struct wish *wish,
                        const struct person *person, struct order *out, struct field_errors *errors)
{
	bool is_sound = ledger_is_sound(desk->ledger);
	enum placed before = is_sound ? PLACED_NOT : order_placed_before(desk, mem, wish, out), placed;

	errors->count = 0;
	if (before != PLACED_NOT) return before;
	placed = place_as_new(desk, mem, wish, person, out, errors);
	if (placed == PLACED_NEW || placed == PLACED_UNSURE || !is_sound) return placed;
	before = order_placed_before(desk, mem, wish, out);
	return before == PLACED_NOT ? placed : before;
}

/* ---- looking ------------------------------------------------------------------------------------ */

enum ledger_result order_find(struct desk *desk, struct arena *mem, const char *number, struct order *out)
{
	if (!ids_is_number(number)) return LEDGER_NONE;
	return ledger_order(desk->ledger, mem, number, out);
}

enum ledger_result order_tries(struct desk *desk, struct arena *mem, const char *number, struct attempt_try **out,
                               size_t *count)
{
	return ledger_tries(desk->ledger, mem, number, out, count);
}

enum ledger_result order_list(struct desk *desk, struct arena *mem, const struct ledger_filter *filter, size_t max,
                              struct order **out, size_t *count)
{
	return ledger_orders(desk->ledger, mem, filter, max, out, count);
}

bool order_link_is_for(const struct order *order, const struct person *person)
{
	return text_is_same(order->placed_by, person->user) || person_has(person, ROLE_APPROVER);
}

char *order_link(struct desk *desk, struct arena *mem, const struct order *order)
{
	char *link;

	if (order->link_sealed == NULL) return NULL;
	link = seal_open(desk->link_key, order->number, order->link_sealed, order->link_sealed_bytes, mem);
	if (link == NULL)
		log_line(LOG_WARN, "link_not_opened", "order=%s sealed with another key, or altered", order->number);
	return link;
}

const char *order_elsewhere(struct desk *desk, struct arena *mem, const struct order *order)
{
	struct attempt *attempts = NULL;
	size_t count = 0;

	if (!order_is_open(order->status) ||
	    ledger_attempts(desk->ledger, mem, order->number, &attempts, &count) != LEDGER_OK || count == 0 ||
	    desk_talks_to(desk, attempts[count - 1].upstream))
		return NULL;
	return attempts[count - 1].upstream;
}

/* ---- a person's acts ------------------------------------------------------------------------------ */

enum ledger_result order_ask_payout(struct desk *desk, const char *number)
{
	enum ledger_result asked = ledger_ask_payout(desk->ledger, number);

	if (asked == LEDGER_OK) desk_wake(desk);
	return asked;
}

bool order_may_retry(const struct order *order)
{
	/* The latest attempt has its final answer; the order is open because of an earlier one. */
	static const char *const settled[] = { "refused_after_unknown", "failed_accepted" };

	for (size_t i = 0; i < COUNT_OF(settled); i++)
		if (text_is_same(order->advice, settled[i])) return false;
	return order->status == ORDER_NEEDS_ATTENTION || order->status == ORDER_PLACING;
}

/* The order's latest attempt; `earlier_unknown`: one before it may have bought something. */
static bool latest_attempt(struct desk *desk, struct arena *mem, const char *number, struct attempt *out,
                           bool *earlier_unknown)
{
	struct attempt *attempts = NULL;
	size_t count = 0;

	if (ledger_attempts(desk->ledger, mem, number, &attempts, &count) != LEDGER_OK || count == 0) return false;
	*out = attempts[count - 1];
	*earlier_unknown = desk_earlier_unknown(attempts, count - 1);
	return true;
}

bool desk_earlier_unknown(const struct attempt *attempts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (attempts[i].state != ATTEMPT_STUCK_UNSENT && attempts[i].state != ATTEMPT_REFUSED) return true;
	return false;
}

static enum attempt_state retried_state(const struct attempt *attempt, enum task task)
{
	if (task == TASK_POLL) return ATTEMPT_ACCEPTED;
	if (attempt->state == ATTEMPT_STUCK_UNSENT) return ATTEMPT_READY;
	if (attempt->state == ATTEMPT_STUCK) return ATTEMPT_UNKNOWN;
	return attempt->state;
}

static enum retried retry_attempt(struct desk *desk, const struct attempt *attempt, const struct order *order,
                                  bool earlier_unknown, const struct person *person)
{
	int64_t now = clock_wall_ms(desk->clock);
	enum task task = attempt_retry_task(attempt, order->advice, now);
	enum attempt_state to = retried_state(attempt, task);
	struct ledger_step step = {
		.attempt_id = attempt->id, .from = attempt->state, .from_task = attempt->task, .to = to, .task = task,
		.now_ms = now, .due_at_ms = now,
		.setup_refusals = attempt->setup_refusals,
		.order_status = attempt_order_status(to, earlier_unknown),
		.money_moved = attempt_money_moved(to, earlier_unknown),
		.advice = to == ATTEMPT_READY ? "waiting_unsent" : task == TASK_SEARCH ? "searching" : "waiting_sent",
		.error_type = order->error_type, .error_message = order->error_message,
		.who = person->user, .act = "retry",
	};
	char by[LOG_QUOTED_SIZE];

	if (task == TASK_NONE) return RETRIED_FINAL;
	if (!desk_talks_to(desk, attempt->upstream)) return RETRIED_ELSEWHERE;
	if (attempt->state == ATTEMPT_SENT || attempt->state == ATTEMPT_RESENT) return RETRIED_BUSY;
	switch (ledger_record(desk->ledger, &step)) {
	case LEDGER_OK:
		log_line(LOG_NOTE, "order_retried", "order=%s by=%s", order->number, log_quoted(by, person->user));
		desk_wake(desk);
		if (task == TASK_SEND) return RETRIED;
		if (task == TASK_SEARCH && now - attempt->created_at_ms >= ATTEMPT_KEY_AGE_MS) return RETRIED_TOO_OLD;
		return RETRIED_LOOKING;
	case LEDGER_STALE:
		return RETRIED_BUSY;
	case LEDGER_NONE:
		return RETRIED_NONE;
	default:
		return RETRIED_NOT;
	}
}

enum task order_retry_task(struct desk *desk, struct arena *mem, const struct order *order)
{
	struct attempt attempt;
	bool earlier_unknown;

	if (!order_may_retry(order) || !latest_attempt(desk, mem, order->number, &attempt, &earlier_unknown))
		return TASK_NONE;
	return attempt_retry_task(&attempt, order->advice, clock_wall_ms(desk->clock));
}

enum retried order_retry(struct desk *desk, const char *number, const struct person *person)
{
	struct arena *mem = arena_open();
	enum retried retried = RETRIED_NONE;
	struct attempt attempt;
	struct order order;
	bool earlier_unknown;
	/* First: should an answer come between the two, the ledger finds the attempt changed, whatever the order says. */
	bool has_attempt = latest_attempt(desk, mem, number, &attempt, &earlier_unknown);

	switch (order_find(desk, mem, number, &order)) {
	case LEDGER_OK:
		retried = !order_may_retry(&order) ? RETRIED_FINAL
		          : has_attempt            ? retry_attempt(desk, &attempt, &order, earlier_unknown, person)
		                                   : RETRIED_NOT;
		break;
	case LEDGER_NONE:
		break;
	default:
		retried = RETRIED_NOT;
	}
	arena_close(mem);
	return retried;
}

/* Has this key opened an attempt of this order? LEDGER_OK or LEDGER_NONE; else the ledger cannot tell now. */
static enum ledger_result find_key(struct desk *desk, struct arena *mem, const char *number, const char *key)
{
	struct attempt *attempts = NULL;
	size_t count = 0;
	enum ledger_result result = ledger_attempts(desk->ledger, mem, number, &attempts, &count);

	if (result != LEDGER_OK) return LEDGER_BROKEN;
	for (size_t i = 0; i < count; i++)
		if (text_is_same(attempts[i].key, key)) return LEDGER_OK;
	return LEDGER_NONE;
}

/* The same form came twice at once, or the key is of another order. */
static enum renewed renewed_by_whom(struct desk *desk, struct arena *mem, const char *number, const char *key)
{
	switch (find_key(desk, mem, number, key)) {
	case LEDGER_OK:
		return RENEWED_BEFORE;
	case LEDGER_NONE:
		return RENEWED_NOT_NOW;
	default:
		return RENEWED_NOT;
	}
}

static enum renewed open_next(struct desk *desk, struct arena *mem, const struct order *order, const char *key,
                              const struct person *person, const char *why)
{
	struct desk_rules *rules = desk_hold_rules(desk);
	enum renewed renewed = RENEWED_NOT;
	struct attempt last, next;
	char by[LOG_QUOTED_SIZE];
	bool earlier_unknown;

	if (latest_attempt(desk, mem, order->number, &last, &earlier_unknown)) {
		attempt_make(desk, rules, mem, order, last.no + 1, key, &next);
		next.opened_by = person->user;
		switch (ledger_open_attempt(desk->ledger, order->number, &next, person->user, why, next.created_at_ms)) {
		case LEDGER_OK:
			log_line(LOG_NOTE, "attempt_opened", "order=%s attempt=%d by=%s", order->number, next.no,
			         log_quoted(by, person->user));
			desk_wake(desk);
			renewed = RENEWED;
			break;
		case LEDGER_USED:
			renewed = renewed_by_whom(desk, mem, order->number, key);
			break;
		case LEDGER_STALE:
			renewed = RENEWED_NOT_NOW;
			break;
		default:
			break;
		}
	}
	shared_drop(&rules->shared);
	return renewed;
}

/* The key first: the form's own attempt is why the order may not need attention any more. */
static enum renewed renew(struct desk *desk, struct arena *mem, const struct order *order, const char *key,
                          const struct person *person, const char *why)
{
	enum ledger_result used = find_key(desk, mem, order->number, key);

	if (used != LEDGER_NONE) return used == LEDGER_OK ? RENEWED_BEFORE : RENEWED_NOT;
	if (order->status != ORDER_NEEDS_ATTENTION || !attempt_may_be_renewed(order->advice)) return RENEWED_NOT_NOW;
	if (text_is_same(order->placed_by, person->user)) return RENEWED_OWN;
	return open_next(desk, mem, order, key, person, why);
}

enum renewed order_new_attempt(struct desk *desk, const char *number, const char *key, const struct person *person,
                               const char *why)
{
	struct arena *mem = arena_open();
	enum renewed renewed = RENEWED_NONE;
	struct order order;

	switch (order_find(desk, mem, number, &order)) {
	case LEDGER_OK:
		renewed = renew(desk, mem, &order, key, person, why);
		break;
	case LEDGER_NONE:
		break;
	default:
		renewed = RENEWED_NOT;
	}
	arena_close(mem);
	return renewed;
}
