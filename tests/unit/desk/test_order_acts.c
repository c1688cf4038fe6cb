/* test_order_acts.c: what a person may do with an order that was placed: 'try again now' in each state, and a
 * new attempt under a new key. */
#include <pthread.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <sqlite3.h>

#include "support/stage.h"

static const char FOREIGN[] =
	"{\"id\":\"O-77\",\"status\":\"COMPLETED\",\"description\":\"somebody else's\",\"currency\":\"GBP\","
	"\"total_price\":\"10.00\",\"total_discount\":\"0\",\"items\":[]}";

static const struct reply lost = { .transport = RUNA_LOST };
static const struct reply unreachable = { .transport = RUNA_NOT_SENT };

/* Sent, never answered, looked for twice and not found. */
static struct order place_and_lose(struct stage *s)
{
	struct order order;

	runa_always_says(s, ROUTE_ORDER, &lost);
	order = place_and_settle(s, "AMZ-GB", "10.00");
	assert_int_equal(order.status, ORDER_NEEDS_ATTENTION);
	assert_string_equal(order.advice, "stuck_absent");
	runa_always_says(s, ROUTE_ORDER, NULL);
	return order;
}

/* ---- try again now --------------------------------------------------------------------------------- */

static void a_waiting_order_is_tried_at_once_when_a_person_asks(void **state)
{
	struct stage *s = *state;
	struct order order = place(s, "AMZ-GB", "10.00");

	runa_will_answer(s, CONNECTION_RESET);
	runa_will_answer(s, CONNECTION_RESET);
	runa_will_answer(s, CONNECTION_RESET);
	stage_run(s, 200);
	s->rules->retry_first_ms = s->rules->retry_max_ms; /* the next pause is long */
	stage_run(s, 2000);
	assert_int_equal(runa_request_count(s), 2);
	assert_int_equal(attempt_latest(s, order.number).state, ATTEMPT_UNKNOWN);
	assert_int_equal(order_retry(s->desk, order.number, &carol), RETRIED);
	stage_run(s, 200);
	assert_int_equal(runa_request_count(s), 3);
	assert_string_equal(runa_request(s, 0), runa_request(s, 2));
	stage_holds(s);
}

static void an_order_that_could_not_be_reached_yet_is_tried_at_once(void **state)
{
	struct stage *s = *state;
	struct order order = place(s, "AMZ-GB", "10.00");

	s->rules->retry_first_ms = s->rules->retry_max_ms;
	runa_will_answer(s, UNREACHABLE);
	stage_run(s, 200);
	assert_int_equal(attempt_latest(s, order.number).state, ATTEMPT_READY);
	assert_int_equal(order_now(s, order.number).money_moved, MONEY_MOVED_NO);
	assert_int_equal(order_retry(s->desk, order.number, &alice), RETRIED);
	assert_string_equal(order_now(s, order.number).advice, "waiting_unsent");
	stage_run(s, 200);
	assert_int_equal(order_now(s, order.number).status, ORDER_COMPLETED);
}

static void a_try_that_is_under_way_is_not_doubled(void **state)
{
	struct stage *s = *state;
	struct order order = place(s, "AMZ-GB", "10.00");

	runa_will_answer(s, (struct reply){ .makes_order = true, .after_ms = 20000 });
	stage_run(s, 1000);
	assert_int_equal(attempt_latest(s, order.number).state, ATTEMPT_SENT);
	assert_int_equal(order_retry(s->desk, order.number, &alice), RETRIED_BUSY);
	stage_run(s, MS_A_MINUTE);
	assert_int_equal(runa_request_count(s), 1);
	assert_int_equal(order_now(s, order.number).status, ORDER_COMPLETED);
}

static void a_later_try_that_is_under_way_is_not_doubled_either(void **state)
{
	struct stage *s = *state;
	struct order order = place(s, "AMZ-GB", "10.00");

	runa_will_answer(s, CONNECTION_RESET);
	runa_will_answer(s, (struct reply){ .makes_order = true, .after_ms = 20000 });
	stage_run(s, 5000);
	assert_int_equal(runa_request_count(s), 2);
	assert_int_equal(order_retry(s->desk, order.number, &alice), RETRIED); /* due now; the call goes on */
	stage_run(s, 5000);
	assert_int_equal(runa_request_count(s), 2);
	stage_run(s, MS_A_MINUTE);
	assert_int_equal(order_now(s, order.number).status, ORDER_COMPLETED);
	assert_int_equal(runa_request_count(s), 2);
	stage_holds(s);
}

static void an_accepted_order_is_asked_for_at_once(void **state)
{
	struct stage *s = *state;
	struct order order = place(s, "AMZ-GB", "10.00");

	runa_will_answer(s, PROCESSING);
	stage_run(s, 70000); /* polls at 2, 6, 14, 30, 60 s */
	assert_int_equal(runa_count(s, ROUTE_POLL), 5);
	s->runa.made[0].says = "COMPLETED";
	assert_int_equal(order_retry(s->desk, order.number, &alice), RETRIED_LOOKING);
	stage_run(s, 200);
	assert_int_equal(runa_count(s, ROUTE_POLL), 6);
	assert_int_equal(order_now(s, order.number).status, ORDER_COMPLETED);
	assert_int_equal(runa_request_count(s), 1);
}

static void a_final_answer_cannot_be_tried_again(void **state)
{
	struct stage *s = *state;
	struct order order;

	assert_int_equal(order_retry(s->desk, place_and_settle(s, "AMZ-GB", "10.00").number, &alice), RETRIED_FINAL);
	runa_will_answer(s, REFUSAL(400, "insufficient_funds"));
	assert_int_equal(order_retry(s->desk, place_and_settle(s, "AMZ-GB", "10.00").number, &alice), RETRIED_FINAL);
	runa_will_answer(s, (struct reply){ .makes_order = true, .says = "FAILED" });
	order = place_and_settle(s, "AMZ-GB", "10.00");
	assert_int_equal(order.status, ORDER_FAILED);
	assert_int_equal(order_retry(s->desk, order.number, &alice), RETRIED_FINAL);
	stage_run(s, MS_AN_HOUR);
	assert_int_equal(runa_request_count(s), 3);
}

static void a_given_up_order_is_sent_again_with_the_same_bytes(void **state)
{
	struct stage *s = *state;
	struct order order = place_and_lose(s);
	size_t sent = runa_request_count(s);

	assert_int_equal(order.money_moved, MONEY_MOVED_UNKNOWN);
	assert_int_equal(order_retry(s->desk, order.number, &alice), RETRIED);
	order = settle_order(s, order.number);
	assert_int_equal(order.status, ORDER_COMPLETED);
	assert_int_equal(runa_request_count(s), sent + 1);
	assert_string_equal(runa_request(s, 0), runa_request(s, sent));
	stage_holds(s);
}

static void an_order_that_never_left_is_sent_again(void **state)
{
	struct stage *s = *state;
	struct order order;

	runa_always_says(s, ROUTE_ORDER, &unreachable);
	order = place_and_settle(s, "AMZ-GB", "10.00");
	assert_string_equal(order.advice, "stuck_unsent");
	assert_int_equal(order.money_moved, MONEY_MOVED_NO);
	assert_int_equal(runa_count(s, ROUTE_LIST), 0); /* nothing ever left: nothing to look for */
	runa_always_says(s, ROUTE_ORDER, NULL);
	assert_int_equal(order_retry(s->desk, order.number, &alice), RETRIED);
	assert_int_equal(order_now(s, order.number).money_moved, MONEY_MOVED_NO);
	assert_int_equal(settle_order(s, order.number).status, ORDER_COMPLETED);
}

static void fault_44_a_key_of_29_days_is_looked_for_and_never_sent(void **state)
{
	struct stage *s = *state;
	struct order order = place_and_lose(s);
	size_t sent = runa_request_count(s), searches = runa_count(s, ROUTE_LIST);

	stage_sleep(s, (int64_t)29 * MS_A_DAY);
	assert_int_equal(order_retry(s->desk, order.number, &alice), RETRIED_TOO_OLD);
	assert_int_equal(order_now(s, order.number).status, ORDER_PLACING);
	order = settle_order(s, order.number);
	assert_string_equal(order.advice, "stuck_key_old");
	assert_int_equal(runa_request_count(s), sent);
	assert_int_equal(runa_count(s, ROUTE_LIST), searches + 2); /* absent twice */
}

static void a_key_is_sent_on_its_29th_day_but_not_after(void **state)
{
	struct stage *s = *state;
	struct order order = place_and_lose(s);
	size_t sent = runa_request_count(s);

	stage_sleep(s, attempt_latest(s, order.number).created_at_ms + (int64_t)29 * MS_A_DAY - 1000 - s->wall_ms);
	assert_int_equal(order_retry(s->desk, order.number, &alice), RETRIED);
	stage_run(s, 500);
	assert_int_equal(runa_request_count(s), sent + 1);
}

/* Sending cannot mend it, and the key is young: a person must not read that it is too old. */
static void a_mismatch_is_looked_for_instead(void **state)
{
	struct stage *s = *state;
	struct order order;

	runa_will_answer(s, REFUSAL(400, "idempotency_validation_error"));
	order = place_and_settle(s, "AMZ-GB", "10.00");
	assert_string_equal(order.advice, "stuck_mismatch");
	assert_int_equal(order_retry(s->desk, order.number, &alice), RETRIED_LOOKING);
	stage_run(s, 1000);
	assert_int_equal(s->runa.requests[0].route, ROUTE_ORDER);
	assert_int_equal(s->runa.requests[1].route, ROUTE_LIST);
	assert_false(s->runa.bytes_changed);
}

static void fault_41_after_a_foreign_answer_the_order_is_looked_for_by_its_own_name(void **state)
{
	struct stage *s = *state;
	struct order order;

	runa_will_answer(s, (struct reply){ .makes_order = true, .body = FOREIGN });
	order = place_and_settle(s, "AMZ-GB", "10.00");
	assert_string_equal(order.advice, "stuck_foreign");
	assert_null(order.runa_order_id);
	assert_int_equal(order_retry(s->desk, order.number, &alice), RETRIED_LOOKING);
	assert_int_equal(settle_order(s, order.number).status, ORDER_COMPLETED);
	assert_int_equal(runa_request_count(s), 1);
	assert_int_equal(s->runa.made_count, 1);
	stage_holds(s);
}

/* It may be ours under another name: the search for our own cannot tell. */
static void fault_41_after_a_foreign_answer_nobody_orders_again_because_nothing_was_found(void **state)
{
	struct stage *s = *state;
	struct order order;

	runa_always_says(s, ROUTE_ORDER, &(struct reply){ .transport = RUNA_LOST });
	runa_will_answer(s, (struct reply){ .body = FOREIGN });
	order = place_and_settle(s, "AMZ-GB", "10.00");
	assert_int_equal(order_retry(s->desk, order.number, &alice), RETRIED_LOOKING);
	order = settle_order(s, order.number);
	assert_string_equal(order.advice, "stuck_foreign");
	assert_true(runa_count(s, ROUTE_LIST) >= 3); /* and given up as any other */
	assert_int_equal(order_new_attempt(s->desk, order.number, "0d4f7f3e-4b51-4c0e-9a51-5f0c7d3e2a11", &bob, "no"),
	                 RENEWED_NOT_NOW);
	stage_holds(s);
}

static void what_was_placed_for_another_address_is_left_alone_until_it_is_back(void **state)
{
	struct stage *s = *state;
	const char *here = s->rules->base_url;
	struct order order = place(s, "AMZ-GB", "10.00");

	assert_null(order_elsewhere(s->desk, s->mem, &order));
	s->rules->base_url = "http://127.0.0.1:2/v2";
	stage_run(s, MS_A_MINUTE);
	assert_int_equal(runa_request_count(s), 0);
	assert_string_equal(order_elsewhere(s->desk, s->mem, &order), here);
	assert_int_equal(order_retry(s->desk, order.number, &alice), RETRIED_ELSEWHERE);
	s->rules->base_url = here;
	order = settle_order(s, order.number);
	assert_int_equal(order.status, ORDER_COMPLETED);
	assert_null(order_elsewhere(s->desk, s->mem, &order));
	s->rules->base_url = "http://127.0.0.1:2/v2";
	assert_null(order_elsewhere(s->desk, s->mem, &order)); /* settled: nothing waits */
	s->rules->base_url = here;
	stage_holds(s);
}

static void what_is_no_order_cannot_be_tried(void **state)
{
	struct stage *s = *state;

	assert_int_equal(order_retry(s->desk, "0000000000000000", &alice), RETRIED_NONE);
	assert_int_equal(order_retry(s->desk, "../..", &alice), RETRIED_NONE);
}

static void without_room_a_retry_changes_nothing(void **state)
{
	struct stage *s = *state;
	struct order order = place_and_lose(s);

	faulty_vfs_fail(s->vfs, FAULTY_WRITES, 1, SQLITE_FULL, true);
	assert_int_equal(order_retry(s->desk, order.number, &alice), RETRIED_NOT);
	faulty_vfs_fail(s->vfs, 0, 0, 0, false);
	assert_string_equal(order_now(s, order.number).advice, "stuck_absent");
	assert_int_equal(order_retry(s->desk, order.number, &alice), RETRIED);
}

static void trying_again_is_offered_while_an_order_is_open(void **state)
{
	struct order order = { .status = ORDER_PLACING };

	(void)state;
	for (int status = 0; status < ORDER_STATUSES; status++) {
		order.status = (enum order_status)status;
		assert_int_equal(order_may_retry(&order),
		                 status == ORDER_PLACING || status == ORDER_NEEDS_ATTENTION);
	}
	order.status = ORDER_NEEDS_ATTENTION;
	order.advice = "refused_after_unknown"; /* the latest attempt has its answer */
	assert_false(order_may_retry(&order));
	order.advice = "failed_accepted";
	assert_false(order_may_retry(&order));
	order.advice = "stuck_absent";
	assert_true(order_may_retry(&order));
}

/* ---- a new attempt ------------------------------------------------------------------------------------ */

static void a_new_attempt_has_a_new_key_and_reference_and_the_same_wish(void **state)
{
	struct stage *s = *state;
	struct order order = place_and_lose(s), after;
	struct attempt first = attempt_latest(s, order.number), second;
	const char *first_body = runa_request(s, 0);

	assert_int_equal(renew(s, order.number, &bob, "not in the web portal"), RENEWED);
	second = attempt_latest(s, order.number);
	assert_int_equal(second.no, 2);
	assert_string_not_equal(second.key, first.key);
	assert_true(ids_is_key(second.key));
	assert_string_equal(second.reference, arena_print(s->mem, "%s-2", order.number));
	assert_string_equal(second.opened_by, "bob");
	after = order_now(s, order.number);
	assert_int_equal(after.status, ORDER_PLACING);
	assert_int_equal(after.money_moved, MONEY_MOVED_UNKNOWN); /* as the first attempt left it */
	after = settle_order(s, order.number);
	assert_int_equal(after.status, ORDER_COMPLETED);
	assert_int_equal(after.attempts, 2);
	/* the same but for key and reference */
	assert_non_null(strstr(first_body, "\"value\":\"AMZ-GB\""));
	assert_non_null(strstr(second.body, "\"value\":\"AMZ-GB\""));
	assert_non_null(strstr(second.body, "\"face_value\":10,"));
	assert_non_null(strstr(second.body, second.reference));
	stage_holds(s);
}

static void one_form_opens_one_attempt_whatever_became_of_it(void **state)
{
	struct stage *s = *state;
	struct order order = place_and_lose(s);
	char key[ID_KEY_SIZE];

	ids_key(&s->chance, key);
	assert_int_equal(order_new_attempt(s->desk, order.number, key, &bob, "looked"), RENEWED);
	assert_string_equal(attempt_latest(s, order.number).key, key);
	assert_int_equal(order_new_attempt(s->desk, order.number, key, &bob, "looked"), RENEWED_BEFORE);
	runa_always_says(s, ROUTE_ORDER, &lost);
	/* attempt 2 needs a decision of its own */
	assert_string_equal(settle_order(s, order.number).advice, "stuck_absent");
	assert_int_equal(order_new_attempt(s->desk, order.number, key, &bob, "looked"), RENEWED_BEFORE);
	assert_int_equal(order_now(s, order.number).status, ORDER_NEEDS_ATTENTION);
	assert_int_equal(attempt_count(s, order.number), 2);
	assert_int_equal(renew(s, order.number, &bob, "looked again"), RENEWED);
	assert_int_equal(attempt_count(s, order.number), 3);
	stage_holds(s);
}

static void a_key_of_another_order_opens_nothing(void **state)
{
	struct stage *s = *state;
	struct order order = place_and_lose(s), other = place_and_lose(s);
	struct attempt first = attempt_latest(s, other.number);

	assert_int_equal(order_new_attempt(s->desk, order.number, first.key, &bob, "a"), RENEWED_NOT_NOW);
	assert_int_equal(attempt_count(s, order.number), 1);
}

struct presses {
	struct stage *stage;
	const char *number, *key;
	_Atomic int renewed, before, other;
};

static void *press(void *whom)
{
	struct presses *presses = whom;

	switch (order_new_attempt(presses->stage->desk, presses->number, presses->key, &bob, "pressed")) {
	case RENEWED:        presses->renewed++; break;
	case RENEWED_BEFORE: presses->before++; break;
	default:             presses->other++; break;
	}
	return NULL;
}

/* On a ledger with a writing thread of its own, as the portal has it. */
static void twenty_presses_at_once_open_one_attempt(void **state)
{
	enum { PRESSES = 20 };
	struct stage *s = *state;
	struct order order = place_and_lose(s);
	struct presses presses = { .stage = s, .number = order.number };
	char key[ID_KEY_SIZE];
	pthread_t threads[PRESSES];

	ids_key(&s->chance, key);
	presses.key = key;
	s->is_threaded = true;
	stage_restart(s);
	for (size_t i = 0; i < PRESSES; i++) assert_int_equal(pthread_create(&threads[i], NULL, press, &presses), 0);
	for (size_t i = 0; i < PRESSES; i++) assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_int_equal(presses.renewed, 1);
	assert_int_equal(presses.before, PRESSES - 1);
	assert_int_equal(presses.other, 0);
	assert_int_equal(attempt_count(s, order.number), 2);
}

static void nobody_renews_an_order_of_their_own(void **state)
{
	struct stage *s = *state;
	struct order order = place_and_lose(s);
	struct person alice_approves = alice;

	alice_approves.roles |= ROLE_APPROVER | ROLE_ADMIN;
	assert_int_equal(renew(s, order.number, &alice_approves, "I know"), RENEWED_OWN);
	assert_int_equal(attempt_count(s, order.number), 1);
}

static void only_an_order_whose_outcome_was_looked_into_is_renewed(void **state)
{
	struct stage *s = *state;
	struct order order = place(s, "AMZ-GB", "10.00");

	assert_int_equal(renew(s, order.number, &bob, "why not"), RENEWED_NOT_NOW);
	runa_will_answer(s, REFUSAL(400, "idempotency_validation_error"));
	order = settle_order(s, order.number);
	assert_string_equal(order.advice, "stuck_mismatch");
	assert_int_equal(renew(s, order.number, &bob, "why not"), RENEWED_NOT_NOW);
	order = place_and_settle(s, "AMZ-GB", "10.00");
	assert_int_equal(renew(s, order.number, &bob, "why not"), RENEWED_NOT_NOW);
	runa_will_answer(s, REFUSAL(400, "insufficient_funds"));
	order = place_and_settle(s, "AMZ-GB", "10.00");
	assert_int_equal(renew(s, order.number, &bob, "why not"), RENEWED_NOT_NOW);
	assert_int_equal(renew(s, "0000000000000000", &bob, "why not"), RENEWED_NONE);
	assert_int_equal(runa_request_count(s), 3);
}

static void while_runa_has_an_order_for_it_there_is_no_new_attempt(void **state)
{
	struct stage *s = *state;
	struct order order;

	runa_will_answer(s, PROCESSING);
	order = place_and_settle(s, "AMZ-GB", "10.00"); /* for ever */
	assert_string_equal(order.advice, "stuck_unread");
	assert_int_equal(renew(s, order.number, &bob, "it takes too long"), RENEWED_NOT_NOW);
	assert_int_equal(attempt_count(s, order.number), 1);
}

static void two_approvers_at_once_open_one_attempt(void **state)
{
	struct stage *s = *state;
	struct person dave = { "dave", "Dave", "", ROLE_APPROVER };
	struct order order = place_and_lose(s);

	assert_int_equal(renew(s, order.number, &bob, "a"), RENEWED);
	assert_int_equal(renew(s, order.number, &dave, "b"), RENEWED_NOT_NOW);
	assert_int_equal(attempt_count(s, order.number), 2);
	assert_int_equal(settle_order(s, order.number).status, ORDER_COMPLETED);
	stage_holds(s);
}

static void a_refused_second_attempt_says_nothing_about_the_first(void **state)
{
	struct stage *s = *state;
	struct order order = place_and_lose(s);

	assert_int_equal(renew(s, order.number, &bob, "a"), RENEWED);
	runa_will_answer(s, REFUSAL(400, "insufficient_funds"));
	order = settle_order(s, order.number);
	assert_int_equal(order.status, ORDER_NEEDS_ATTENTION);
	assert_int_equal(order.money_moved, MONEY_MOVED_UNKNOWN);
	assert_string_equal(order.advice, "refused_after_unknown");
	assert_string_equal(order.error_type, "insufficient_funds");
	stage_holds(s);
}

static void after_a_refused_second_attempt_a_third_may_be_opened(void **state)
{
	struct stage *s = *state;
	struct order order = place_and_lose(s);

	assert_int_equal(renew(s, order.number, &bob, "a"), RENEWED);
	runa_will_answer(s, REFUSAL(400, "insufficient_funds"));
	assert_string_equal(settle_order(s, order.number).advice, "refused_after_unknown");
	assert_int_equal(order_retry(s->desk, order.number, &alice), RETRIED_FINAL);
	assert_int_equal(renew(s, order.number, &bob, "the balance was topped up"), RENEWED);
	assert_int_equal(order_now(s, order.number).money_moved, MONEY_MOVED_UNKNOWN);
	order = settle_order(s, order.number);
	assert_int_equal(order.status, ORDER_COMPLETED);
	assert_int_equal(order.attempts, 3);
	stage_holds(s);
}

static void a_refused_second_attempt_after_one_that_never_left_is_a_plain_refusal(void **state)
{
	struct stage *s = *state;
	struct order order;

	runa_always_says(s, ROUTE_ORDER, &unreachable);
	order = place_and_settle(s, "AMZ-GB", "10.00");
	runa_always_says(s, ROUTE_ORDER, NULL);
	assert_int_equal(renew(s, order.number, &bob, "a"), RENEWED);
	assert_int_equal(order_now(s, order.number).money_moved, MONEY_MOVED_NO);
	runa_will_answer(s, REFUSAL(400, "insufficient_funds"));
	order = settle_order(s, order.number);
	assert_int_equal(order.status, ORDER_FAILED);
	assert_int_equal(order.money_moved, MONEY_MOVED_NO);
	assert_string_equal(order.advice, "refused");
}

static void without_room_there_is_no_new_attempt(void **state)
{
	struct stage *s = *state;
	struct order order = place_and_lose(s);

	faulty_vfs_fail(s->vfs, FAULTY_WRITES, 1, SQLITE_FULL, true);
	assert_int_equal(renew(s, order.number, &bob, "a"), RENEWED_NOT);
	faulty_vfs_fail(s->vfs, 0, 0, 0, false);
	assert_int_equal(attempt_count(s, order.number), 1);
	assert_string_equal(order_now(s, order.number).advice, "stuck_absent");
	assert_int_equal(renew(s, order.number, &bob, "a"), RENEWED);
}

static void the_ledgers_audit_says_who_opened_it_and_why(void **state)
{
	struct stage *s = *state;
	struct order order = place_and_lose(s);
	sqlite3_stmt *stmt;
	sqlite3 *db;

	assert_int_equal(renew(s, order.number, &bob, "not in the web portal"), RENEWED);
	assert_int_equal(sqlite3_open_v2("ledger", &db, SQLITE_OPEN_READWRITE, "desk-stage"), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, "SELECT who, detail FROM audit WHERE act = 'new attempt'", -1, &stmt, NULL),
	                 SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	assert_string_equal((const char *)sqlite3_column_text(stmt, 0), "bob");
	assert_string_equal((const char *)sqlite3_column_text(stmt, 1), "not in the web portal");
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	stage_holds(s);
}

int main(void)
{
#define ON_STAGE(test) cmocka_unit_test_setup_teardown(test, stage_set_up, stage_tear_down)
	const struct CMUnitTest tests[] = {
		ON_STAGE(a_waiting_order_is_tried_at_once_when_a_person_asks),
		ON_STAGE(an_order_that_could_not_be_reached_yet_is_tried_at_once),
		ON_STAGE(a_try_that_is_under_way_is_not_doubled),
		ON_STAGE(a_later_try_that_is_under_way_is_not_doubled_either),
		ON_STAGE(an_accepted_order_is_asked_for_at_once),
		ON_STAGE(a_final_answer_cannot_be_tried_again),
		ON_STAGE(a_given_up_order_is_sent_again_with_the_same_bytes),
		ON_STAGE(an_order_that_never_left_is_sent_again),
		ON_STAGE(fault_44_a_key_of_29_days_is_looked_for_and_never_sent),
		ON_STAGE(a_key_is_sent_on_its_29th_day_but_not_after),
		ON_STAGE(a_mismatch_is_looked_for_instead),
		ON_STAGE(fault_41_after_a_foreign_answer_the_order_is_looked_for_by_its_own_name),
		ON_STAGE(fault_41_after_a_foreign_answer_nobody_orders_again_because_nothing_was_found),
		ON_STAGE(what_was_placed_for_another_address_is_left_alone_until_it_is_back),
		ON_STAGE(what_is_no_order_cannot_be_tried),
		ON_STAGE(without_room_a_retry_changes_nothing),
		cmocka_unit_test(trying_again_is_offered_while_an_order_is_open),
		ON_STAGE(a_new_attempt_has_a_new_key_and_reference_and_the_same_wish),
		ON_STAGE(one_form_opens_one_attempt_whatever_became_of_it),
		ON_STAGE(a_key_of_another_order_opens_nothing),
		ON_STAGE(twenty_presses_at_once_open_one_attempt),
		ON_STAGE(nobody_renews_an_order_of_their_own),
		ON_STAGE(only_an_order_whose_outcome_was_looked_into_is_renewed),
		ON_STAGE(while_runa_has_an_order_for_it_there_is_no_new_attempt),
		ON_STAGE(two_approvers_at_once_open_one_attempt),
		ON_STAGE(a_refused_second_attempt_says_nothing_about_the_first),
		ON_STAGE(after_a_refused_second_attempt_a_third_may_be_opened),
		ON_STAGE(a_refused_second_attempt_after_one_that_never_left_is_a_plain_refusal),
		ON_STAGE(without_room_there_is_no_new_attempt),
		ON_STAGE(the_ledgers_audit_says_who_opened_it_and_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
