/* order.c: GET /orders/ID: what happened, whether money moved, and what can be done now. Knows no rule about
 * who may see or do what: the desk is asked. */
#include "pages/order.h"

#include "base/text.h"
#include "desk/attempt.h"
#include "pages/qr.h"
#include "pages/show.h"
#include "pages/texts.h"

enum {
	WAIT_MS = 2000,              /* for an answer, before the page is shown (design 2) */
	QR_MODULE_PX = 4,
	WAIT_YOUNG_MS = MS_A_MINUTE, /* older orders are shown at once: their answer is not a moment away */
};

/* The older the order, the calmer the page reloads itself. */
static const struct { int64_t younger_than_ms; int refresh_s; } refreshes[] = {
	{ 20 * MS_A_SECOND, 2 },
	{ MS_A_MINUTE, 4 },
	{ 5 * MS_A_MINUTE, 10 },
	{ 15 * MS_A_MINUTE, 20 },
	{ INT64_MAX, 30 },
};

static int refresh_for(int64_t age_ms)
{
	size_t i = 0;

	while (age_ms >= refreshes[i].younger_than_ms && i + 1 < COUNT_OF(refreshes))
		i++;
	return refreshes[i].refresh_s;
}

static bool is_stopped(struct web_request *req)
{
	struct desk_health health;

	desk_health(desk_of(req), &health);
	return health.is_stopped;
}

/* ?checked=LOOKS: somebody asked when there had been so many looks at the payout, the last that learned something at
 * ?before=MS. */
static bool is_payout_asked(const struct web_request *req, const struct order *order)
{
	const char *looks = web_query(req, "checked");

	return looks && order->status == ORDER_COMPLETED && order->payout_due_at_ms != 0 &&
	       text_is_same(looks, arena_print(req->mem, "%d", order->payout_looks));
}

/* ... and Runa is being asked: while sending is stopped, nobody asks. */
static bool is_payout_awaited(struct web_request *req, const struct order *order)
{
	return is_payout_asked(req, order) && !is_stopped(req);
}

/* ?live=1: the page's own script asks, and asks again: no request of its is held open. */
static bool is_awaited(struct web_request *req, const struct order *order)
{
	if (web_query(req, "live"))
		return false;
	return is_payout_awaited(req, order) ||
	       (order->status == ORDER_PLACING && req->now_ms - order->placed_at_ms < WAIT_YOUNG_MS);
}

enum ledger_result order_page_find(struct web_request *req, struct order *out)
{
	const char *number = web_path(req, "ID");
	const struct clock *clock = req->site->clock;
	int64_t until_ms = clock_steady_ms(clock) + WAIT_MS;
	struct desk *desk = desk_of(req);

	if (!ids_is_number(number))
		return LEDGER_NONE;
	for (;;) {
		uint64_t seen = desk_news(desk, number);
		enum ledger_result found = order_find(desk, req->mem, number, out);
		int64_t left_ms = until_ms - clock_steady_ms(clock);

		if (found != LEDGER_OK || !is_awaited(req, out) || left_ms <= 0 || req->is_cgi)
			return found;
		desk_wait(desk, number, seen, (int)left_ms);
		/* No news: too many wait, or the time is over. Still it may have been sent meanwhile, which is no news. */
		if (desk_news(desk, number) == seen)
			return order_find(desk, req->mem, number, out);
	}
}

enum web_status order_page_fail(struct web_page *page, enum ledger_result result)
{
	if (result == LEDGER_NONE)
		return web_fail(page, WEB_NOT_FOUND, "no_such_order");
	return web_fail(page, WEB_UNAVAILABLE, "ledger_unreadable");
}

/* ---- what happened --------------------------------------------------------------------------- */

static const char *const money_sections[] = {
	[MONEY_MOVED_NO] = "MONEY_IS_NO",
	[MONEY_MOVED_YES] = "MONEY_IS_YES",
	[MONEY_MOVED_UNKNOWN] = "MONEY_IS_UNKNOWN",
};

struct texts_advice order_page_advice(struct web_request *req, const struct order *order, const char *elsewhere)
{
	if (order->status != ORDER_PLACING)
		return texts_advice_for(order);
	if (elsewhere)
		return texts_advice_elsewhere(order);
	return is_stopped(req) ? texts_advice_stopped(order) : texts_advice_for(order);
}

static bool has_retry(const struct web_request *req, const struct order *order)
{
	return (req->roles & ROLE_ORDERER) && order_may_retry(order);
}

/* It was placed for an address of Runa that the desk doesn't talk to now: the usual advice would promise too much. */
static void show_elsewhere(struct web_page *page, const char *upstream, bool waits)
{
	struct values *elsewhere = values_row(page->values, "ELSEWHERE");

	values_set(elsewhere, "UPSTREAM", upstream);
	values_show(elsewhere, waits ? "WAITS_THERE" : "STOPPED_THERE");
}

/* What the page's script compares with ID.json: at the first difference it fetches the page anew. */
static void show_wait(struct web_request *req, struct web_page *page, const struct order *order, bool is_moving)
{
	int64_t now_ms = clock_wall_ms(req->site->clock); /* the answer may have been waited for */
	int64_t waited_ms = now_ms > order->placed_at_ms ? now_ms - order->placed_at_ms : 0;
	struct values *wait;

	if (req->method == WEB_POST || (order->status != ORDER_PLACING && !is_payout_awaited(req, order)))
		return;
	page->refresh_s = refresh_for(order->status == ORDER_PLACING ? waited_ms : 0);
	wait = values_row(page->values, "WAIT");
	if (order->status != ORDER_PLACING)
		return;
	values_set(values_row(wait, "WAIT_JSON"), "SEEN",
	           arena_print(req->mem, "%s %s %d", order_status_name(order->status),
	                       order_money_moved_name(order->money_moved), order->attempts));
	if (is_moving) {
		struct values *progress = values_row(page->values, "PROGRESS");

		values_number(progress, "WAITED_S", waited_ms / 1000);
		values_set(progress, "ELAPSED", show_span(req->mem, waited_ms));
	}
}

static void show_outcome(struct web_request *req, struct web_page *page, const struct order *order,
                         const char *elsewhere)
{
	bool waits_elsewhere = elsewhere && order->status == ORDER_PLACING;
	struct texts_advice advice = order_page_advice(req, order, elsewhere);
	const struct texts_error *error = texts_error_for(order->error_type);
	bool is_without = advice.next_without && !has_retry(req, order);
	const char *next = is_without ? advice.next_without : advice.next;
	struct values *says;

	web_show(page, money_sections[order->money_moved]);
	web_set(page, "STATUS", texts_status(order->status));
	web_set(page, "MONEY", texts_money_moved(order->money_moved));
	web_set(page, "HEADLINE", advice.headline);
	web_set(page, "MONEY_WORDS", advice.money_words);
	if (elsewhere)
		show_elsewhere(page, elsewhere, waits_elsewhere);
	else
		values_set(values_row(page->values, "NEXT_STEP"), "NEXT", next ? next : error->next);
	if (!order->error_type && !order->error_message)
		return;
	says = values_row(page->values, "ERROR_SAYS");
	values_set(says, "SAYS", error->says);
	if (order->error_type)
		values_set(values_row(page->values, "ERROR_TYPE"), "TYPE", order->error_type);
	if (order->error_message)
		values_set(values_row(page->values, "ERROR_MESSAGE"), "MESSAGE", order->error_message);
}

/* ---- what was ordered ------------------------------------------------------------------------ */

/* A row of the details that is left out where there is nothing to say. */
static void show_detail(struct web_page *page, const char *section, const char *value)
{
	if (value && *value)
		values_set(values_row(page->values, section), "VALUE", value);
}

/* Runa never says that a mail arrived, only that it was asked to send one (runa-api 23 no. 19). */
static const char *mail_section(const struct order *order)
{
	if (order->status == ORDER_COMPLETED)
		return "HANDED_OVER";
	if (order_is_open(order->status))
		return "NOT_YET";
	return order->money_moved == MONEY_MOVED_NO ? "NEVER" : "NOT_KNOWN";
}

static void show_link(struct web_page *page, const struct order *order, const char *link)
{
	struct values *row = values_row(page->values, "LINK");
	struct qr qr;

	values_set(row, "URL", link);
	if (order->distribution == DISTRIBUTION_EMAIL)
		values_show(row, "MAILED");
	if (qr_draw(page->mem, link, &qr)) {
		struct values *code = values_row(row, "QR");

		values_number(code, "SIDE", qr.side);
		values_number(code, "WIDTH", (int64_t)qr.side * QR_MODULE_PX);
		values_set(code, "PATH", qr.path);
	}
}

static void show_delivery(struct web_request *req, struct web_page *page, const struct order *order)
{
	struct person person = person_of(req);
	bool is_for = order_link_is_for(order, &person);
	const char *link = is_for ? order_link(desk_of(req), req->mem, order) : NULL;
	struct values *email;

	if (order->distribution == DISTRIBUTION_EMAIL) {
		email = values_row(page->values, "BY_EMAIL");
		values_show(email, mail_section(order));
		if (order->email && *order->email)
			values_set(values_row(email, "ADDRESS"), "EMAIL", order->email);
		else
			values_show(email, "BLANKED");
	} else {
		web_show(page, "BY_LINK");
	}
	if (link) {
		show_link(page, order, link);
	} else if (order->status == ORDER_COMPLETED && order->link_sealed) {
		web_show(page, is_for ? "LINK_BROKEN" : "LINK_NOT_YOURS");
	}
}

static void show_content(struct web_page *page, const struct order *order)
{
	web_set(page, "NUMBER", order->number);
	web_set(page, "PRODUCT_NAME", order->product_name);
	web_set(page, "PRODUCT_CODE", order->product_code);
	web_set(page, "FACE_VALUE", show_money(page->mem, order->face_value));
	web_set(page, "PLACED_BY", order->placed_by_name);
	if (!text_is_same(order->placed_by, order->placed_by_name))
		values_set(values_row(page->values, "PLACED_USER"), "USER", order->placed_by);
	show_time_in(page->values, page->mem, "PLACED_TIME", order->placed_at_ms);
	show_detail(page, "PRICE_ROW", show_money(page->mem, order->price));
	show_detail(page, "DISCOUNT_ROW", show_money(page->mem, order->discount));
	show_detail(page, "DESCRIPTION_ROW", order->description);
	show_detail(page, "RUNA_ID_ROW", order->runa_order_id);
	web_set(page, "STATUS_NAME", order_status_name(order->status));
	if (order->payout_expiry)
		show_detail(page, "EXPIRY_ROW", show_runa_time(page->mem, order->payout_expiry));
	else if (order->status == ORDER_COMPLETED)
		web_show(page, "NO_EXPIRY"); /* null: the account's links do not expire (runa-api 6.4) */
	if (order->completed_at_ms)
		show_time_in(values_row(page->values, "COMPLETED_ROW"), page->mem, "TIME", order->completed_at_ms);
	if (order->payout_status) {
		struct values *payout = values_row(page->values, "PAYOUT_ROW");

		values_set(payout, "VALUE", texts_payout(order->payout_status));
		if (order->payout_checked_at_ms)
			show_time_in(values_row(payout, "CHECKED"), page->mem, "TIME", order->payout_checked_at_ms);
	}
}

static void show_tries(struct web_request *req, struct web_page *page, const struct order *order)
{
	struct attempt_try *tries;
	size_t count;

	if (order_tries(desk_of(req), req->mem, order->number, &tries, &count) == LEDGER_OK)
		order_timeline_show(page, order, tries, count);
	else
		web_show(page, "TRIES_UNREADABLE");
}

/* ---- what can be done ------------------------------------------------------------------------ */

static const char *const retry_sections[TASKS] = {
	[TASK_SEND] = "RETRY_SENDS", [TASK_POLL] = "RETRY_ASKS", [TASK_SEARCH] = "RETRY_LOOKS",
};

static void show_retry(struct web_request *req, struct web_page *page, const struct order *order,
                       const char *elsewhere)
{
	const char *path = arena_print(req->mem, "/orders/%s/retry", order->number);
	enum task task = order_retry_task(desk_of(req), req->mem, order);
	struct values *retry;

	if (!has_retry(req, order) || elsewhere || task == TASK_NONE)
		return;
	retry = values_row(page->values, "RETRY");
	values_set(retry, "TOKEN", pages_token(req, path));
	values_show(retry, retry_sections[task]);
}

/* Cancelling and sending anew are done in Runa's own portal (runa-api 19), by Runa's number. */
static void show_payout_acts(struct web_request *req, struct web_page *page, const struct order *order)
{
	const char *path = arena_print(req->mem, "/orders/%s/check", order->number);
	struct values *acts;

	if (order->status != ORDER_COMPLETED || !order->runa_order_id)
		return;
	acts = values_row(page->values, "PAYOUT_ACTS");
	values_set(acts, "RUNA_ID", order->runa_order_id);
	if (order->payout_due_at_ms > LEDGER_PAYOUT_ASKED)
		show_time_in(values_row(acts, "NEXT_LOOK"), req->mem, "TIME", order->payout_due_at_ms);
	if (req->roles & ROLE_ORDERER)
		values_set(values_row(acts, "CHECK"), "TOKEN", pages_token(req, path));
}

static void show_attempt(struct web_request *req, struct web_page *page, const struct order *order,
                         const struct order_page *state)
{
	const char *path = arena_print(req->mem, "/orders/%s/attempt", order->number);
	struct values *form;

	if (order->status != ORDER_NEEDS_ATTENTION || !(req->roles & ROLE_APPROVER))
		return;
	if (!attempt_may_be_renewed(order->advice)) {
		web_show(page, "ATTEMPT_NOT");
	} else if (text_is_same(order->placed_by, req->user->user)) {
		web_show(page, "ATTEMPT_OWN");
	} else {
		form = values_row(page->values, "ATTEMPT_FORM");
		values_set(form, "TOKEN", pages_token(req, path));
		values_set(form, "WHY", state->why);
		if (order->money_moved == MONEY_MOVED_UNKNOWN)
			values_show(form, "MAY_BUY_TWICE");
		if (state->why_error) {
			web_show(page, "IS_ERROR");
			web_show(page, "WHY_IS_WRONG");
			web_show(page, state->why_error);
		}
	}
}

static void show_again(struct web_request *req, struct web_page *page, const struct order *order)
{
	bool is_over = order->status == ORDER_COMPLETED || order->status == ORDER_FAILED ||
	               order->status == ORDER_REJECTED;

	if (is_over && (req->roles & ROLE_ORDERER))
		values_set(values_row(page->values, "AGAIN"), "WORD", pages_again_word(req));
}

/* ---- what came of a POST that led back here ---------------------------------------------------- */

/* The page reloads itself and may be kept as a bookmark: a line is shown only while the order bears it out. */
static bool is_always(struct web_request *req, const struct order *order)
{
	(void)req, (void)order;
	return true;
}

static bool is_final(struct web_request *req, const struct order *order)
{
	(void)req;
	return !order_may_retry(order);
}

static bool is_under_way(struct web_request *req, const struct order *order)
{
	return order->status == ORDER_PLACING && !is_stopped(req);
}

static bool is_renewed(struct web_request *req, const struct order *order)
{
	(void)req;
	return order->status == ORDER_PLACING && order->attempts > 1;
}

static bool is_asked_later(struct web_request *req, const struct order *order)
{
	return is_payout_asked(req, order) && is_stopped(req);
}

static bool is_asked_in_vain(struct web_request *req, const struct order *order)
{
	const char *checked = arena_print(req->mem, "%lld", (long long)order->payout_checked_at_ms);

	return order->status == ORDER_COMPLETED && text_is_same(web_query(req, "before"), checked);
}

static bool is_asked(struct web_request *req, const struct order *order)
{
	(void)req;
	return order->status == ORDER_COMPLETED;
}

/* One calm line each. */
static const struct {
	const char *name, *value, *section; /* value NULL: any */
	bool (*is_true)(struct web_request *req, const struct order *order);
} notices[] = {
	{ "repeat", "1", "NOTICE_REPEAT", is_always },
	{ "retried", "now", "NOTICE_RETRIED", is_under_way },
	{ "retried", "final", "NOTICE_RETRIED_FINAL", is_final },
	{ "retried", "old", "NOTICE_RETRIED_OLD", is_under_way },
	{ "retried", "looking", "NOTICE_RETRIED_LOOKING", is_under_way },
	{ "retried", "busy", "NOTICE_RETRIED_BUSY", is_under_way },
	{ "attempt", "opened", "NOTICE_ATTEMPT", is_renewed },
	{ "checked", NULL, "NOTICE_CHECK_WAITS", is_asked_later },
	{ "checked", NULL, "NOTICE_CHECKING", is_payout_awaited },
	{ "checked", NULL, "NOTICE_CHECKED_IN_VAIN", is_asked_in_vain },
	{ "checked", NULL, "NOTICE_CHECKED", is_asked },
};

static bool is_said(const struct web_request *req, const char *name, const char *value)
{
	const char *said = web_query(req, name);

	return said && (!value || text_is_same(said, value));
}

static void show_notice(struct web_request *req, struct web_page *page, const struct order *order,
                        const struct order_page *state)
{
	const char *notice = state->notice;

	for (size_t i = 0; i < COUNT_OF(notices) && !notice; i++)
		if (is_said(req, notices[i].name, notices[i].value) && notices[i].is_true(req, order))
			notice = notices[i].section;
	if (!notice)
		return;
	web_show(page, "NOTICE");
	web_show(page, notice);
}

enum web_status order_page_show(struct web_request *req, struct web_page *page,
                                const struct order_page *state)
{
	struct order order;
	enum ledger_result found = order_page_find(req, &order);
	const char *elsewhere;

	if (found != LEDGER_OK)
		return order_page_fail(page, found);
	elsewhere = order_elsewhere(desk_of(req), req->mem, &order);
	page->template_file = "order.html";
	values_set(values_row(page->values, "TITLE_OF"), "NUMBER", order.number);
	show_outcome(req, page, &order, elsewhere);
	show_content(page, &order);
	show_delivery(req, page, &order);
	show_tries(req, page, &order);
	show_retry(req, page, &order, elsewhere);
	show_payout_acts(req, page, &order);
	show_attempt(req, page, &order, state);
	show_again(req, page, &order);
	show_notice(req, page, &order, state);
	show_wait(req, page, &order, !elsewhere && !is_stopped(req));
	return WEB_OK;
}

enum web_status page_order(struct web_request *req, struct web_page *page)
{
	static const struct order_page nothing_beside = { .notice = NULL };

	return order_page_show(req, page, &nothing_beside);
}
