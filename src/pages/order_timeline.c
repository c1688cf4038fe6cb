/* order_timeline.c: what happened to an order and when, oldest first: tries in short, then each of them for those who
 * have to ask Runa's support. Decides nothing. */
#include "pages/order.h"

#include "base/text.h"
#include "pages/show.h"
#include "pages/texts.h"

enum { GROUPS_MOST = 12, GROUPS_FIRST = 4 }; /* tries in short; the rest between them is counted */

/* Tries one after the other that did the same and came to the same. */
struct group {
	const struct attempt_try *first, *last;
	size_t tries;
};

/* ---- one row ----------------------------------------------------------------------------------- */

/* until_ms: where it went on for a while, else 0. */
static struct values *lasting_event(struct web_page *page, const char *mark, const char *section, int64_t at_ms,
                                    int64_t until_ms)
{
	struct values *row = values_row(page->values, "EVENT"), *at;

	values_set(row, "MARK", mark);
	if (section)
		values_show(row, section);
	if (at_ms) {
		at = values_row(row, "AT");
		show_time_in(at, page->mem, "TIME", at_ms);
		if (until_ms > at_ms)
			show_time_in(values_row(at, "UNTIL"), page->mem, "TIME", until_ms);
	}
	return row;
}

static struct values *event(struct web_page *page, const char *mark, const char *section, int64_t at_ms)
{
	return lasting_event(page, mark, section, at_ms, 0);
}

/* ---- tries in short ---------------------------------------------------------------------------- */

static bool is_alike(const struct attempt_try *a, const struct attempt_try *b)
{
	return a->attempt_no == b->attempt_no && a->task == b->task && (a->ended_at_ms != 0) == (b->ended_at_ms != 0) &&
	       (!a->ended_at_ms || a->meaning == b->meaning);
}

static size_t group_tries(struct arena *mem, const struct attempt_try *tries, size_t count, struct group **out)
{
	struct group *groups = arena_array(mem, count, sizeof *groups);
	size_t made = 0;

	for (size_t i = 0; i < count; i++) {
		if (made == 0 || !is_alike(groups[made - 1].last, &tries[i]))
			groups[made++].first = &tries[i];
		groups[made - 1].last = &tries[i];
		groups[made - 1].tries++;
	}
	*out = groups;
	return made;
}

/* The order's own row says it again. */
static bool is_said_by_outcome(const struct order *order, enum meaning meaning)
{
	return (order->status == ORDER_COMPLETED && meaning == MEANING_COMPLETED) ||
	       (order->status == ORDER_FAILED && (meaning == MEANING_REFUSED || meaning == MEANING_FAILED));
}

static void show_group(struct web_page *page, const struct order *order, const struct group *group,
                       bool is_first_of_key, bool is_last)
{
	const struct attempt_try *last = group->last;
	bool is_now = is_last && !last->ended_at_ms && order->status == ORDER_PLACING;
	struct values *row = lasting_event(page, is_now ? "now" : last->ended_at_ms ? "done" : "", NULL,
	                                   group->first->begun_at_ms, last->begun_at_ms);
	struct values *try = values_row(row, "EVENT_TRY");

	values_set(try, "TASK", texts_task(last->task));
	if (is_first_of_key && last->attempt_no > 1)
		values_show(try, "NEW_KEY");
	if (group->tries > 1)
		values_number(values_row(try, "TIMES"), "N", (int64_t)group->tries);
	if (!last->ended_at_ms)
		values_show(row, is_now ? "TRY_UNDER_WAY" : "TRY_LOST");
	else if (!is_last || !is_said_by_outcome(order, last->meaning))
		values_set(values_row(row, "EVENT_SAYS"), "WORDS", texts_meaning(last->meaning));
}

static void show_groups(struct web_page *page, const struct order *order, const struct group *groups, size_t count)
{
	size_t left_out = count > GROUPS_MOST ? count - GROUPS_MOST : 0, skipped = 0;

	for (size_t i = 0; i < count; i++) {
		if (i >= GROUPS_FIRST && i < GROUPS_FIRST + left_out) {
			skipped += groups[i].tries;
			if (i + 1 == GROUPS_FIRST + left_out)
				values_number(values_row(event(page, "done", NULL, 0), "EVENT_MORE"), "N", (int64_t)skipped);
			continue;
		}
		show_group(page, order, &groups[i], i == 0 || groups[i].first->attempt_no != groups[i - 1].first->attempt_no,
		           i + 1 == count);
	}
}

/* ---- the order itself -------------------------------------------------------------------------- */

static void show_end(struct web_page *page, const struct order *order, const struct attempt_try *last)
{
	int64_t ended_at_ms = last ? last->ended_at_ms : 0;

	switch (order->status) {
	case ORDER_COMPLETED:
		event(page, "done", order->distribution == DISTRIBUTION_EMAIL ? "EVENT_MAILED" : "EVENT_COMPLETED",
		      order->completed_at_ms);
		break;
	case ORDER_FAILED:
		event(page, "bad", order->money_moved == MONEY_MOVED_NO ? "EVENT_REFUSED" : "EVENT_FAILED", ended_at_ms);
		break;
	case ORDER_REJECTED:
		event(page, "bad", "EVENT_REJECTED", 0);
		break;
	case ORDER_NEEDS_ATTENTION:
		event(page, "bad", "EVENT_STOPPED", ended_at_ms);
		break;
	case ORDER_AWAITING_APPROVAL:
		event(page, "now", "EVENT_AWAITS_APPROVAL", 0);
		break;
	default:
		if (!last || ended_at_ms)
			event(page, "now", last ? "EVENT_WAITS" : "EVENT_WAITS_UNSENT", 0);
	}
}

/* Runa says what a payout is, and never since when: the time is that of the look. At its completion it was new. */
static void show_payout(struct web_page *page, const struct order *order)
{
	const char *status = order->payout_status;
	bool is_open = text_is_same(status, "ACTIVE");
	const char *mark = is_open ? "now" : text_is_same(status, "CLAIMED") ? "done" : "bad";
	struct values *row;

	if (order->status != ORDER_COMPLETED || !status || (is_open && order->payout_looks == 0))
		return;
	row = event(page, mark, "EVENT_PAYOUT_SEEN", order->payout_checked_at_ms);
	values_set(values_row(row, "EVENT_PAYOUT"), "STATUS", texts_payout(status));
}

/* ---- every try --------------------------------------------------------------------------------- */

static void show_try(struct web_page *page, const struct attempt_try *try, bool is_under_way)
{
	struct values *row = values_row(page->values, "TRY");

	show_time_in(row, page->mem, "TIME", try->begun_at_ms);
	values_number(row, "ATTEMPT", try->attempt_no);
	values_set(row, "TASK", texts_task(try->task));
	if (try->ended_at_ms)
		values_set(values_row(row, "ENDED"), "RESULT", texts_meaning(try->meaning));
	else
		values_show(row, is_under_way ? "UNDER_WAY" : "LOST");
	if (try->http_status)
		values_number(values_row(row, "TRY_HTTP"), "CODE", try->http_status);
	if (try->error_type)
		values_set(values_row(row, "TRY_ERROR"), "TYPE", try->error_type);
	if (try->request_id)
		values_set(values_row(row, "TRY_REQUEST"), "ID", try->request_id);
}

void order_timeline_show(struct web_page *page, const struct order *order, const struct attempt_try *tries,
                         size_t count)
{
	struct group *groups;
	size_t group_count = group_tries(page->mem, tries, count, &groups);

	web_show(page, "TIMELINE");
	if (count)
		web_show(page, "TRIES");
	values_set(values_row(event(page, "done", NULL, order->placed_at_ms), "EVENT_PLACED"), "BY", order->placed_by_name);
	show_groups(page, order, groups, group_count);
	show_end(page, order, count ? &tries[count - 1] : NULL);
	show_payout(page, order);
	for (size_t i = 0; i < count; i++)
		show_try(page, &tries[i], i + 1 == count && order->status == ORDER_PLACING);
}
