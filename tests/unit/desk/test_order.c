/* test_order.c: placing: what is stored, when nothing is, and what the same form does again. What people do
 * with an order later is in test_order_acts.c. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <sqlite3.h>

#include "support/stage.h"

static size_t count_orders(struct stage *s)
{
	struct ledger_filter all = { 0 };
	struct order *orders;
	size_t count;

	assert_int_equal(order_list(s->desk, s->mem, &all, 100, &orders, &count), LEDGER_OK);
	return count;
}

static enum placed post_as(struct stage *s, const struct person *person, const struct wish *wish,
                           struct order *out, struct field_errors *errors)
{
	return order_place(s->desk, s->mem, wish, person, out, errors);
}

/* ---- placing ------------------------------------------------------------------------------------- */

static int wakes;

static void count_wake(void *whom)
{
	(void)whom;
	wakes++;
}

static void a_placed_order_is_stored_and_nothing_was_sent(void **state)
{
	struct stage *s = *state;
	struct wish wish = wish_for(s, "AMZ-GB", "10.00");
	struct attempt attempt;
	struct order out, order;

	wakes = 0;
	desk_set_wake(s->desk, count_wake, NULL);
	assert_int_equal(post(s, &wish, &out), PLACED_NEW);
	stage_crash(s, FAULTY_KEEP_SYNCED);
	order = order_now(s, out.number);
	assert_int_equal(order.status, ORDER_PLACING);
	assert_int_equal(order.money_moved, MONEY_MOVED_NO);
	assert_string_equal(order.advice, "waiting_unsent");
	assert_string_equal(order.placed_by, "alice");
	assert_string_equal(order.form_key, wish.form_key);
	assert_int_equal(order.placed_at_ms, s->wall_ms);
	attempt = attempt_latest(s, out.number);
	assert_string_equal(attempt.key, wish.form_key);
	assert_string_equal(attempt.reference, out.number);
	assert_int_equal(attempt.state, ATTEMPT_READY);
	assert_non_null(strstr(attempt.headers, wish.form_key));
	assert_non_null(strstr(attempt.body, out.number));
	assert_int_equal(runa_request_count(s), 0);
	assert_int_equal(wakes, 1);
	stage_holds(s);
}

static void every_order_has_a_number_of_its_own(void **state)
{
	struct stage *s = *state;
	struct order first = place(s, "AMZ-GB", "10.00"), second = place(s, "AMZ-GB", "10.00");

	assert_true(ids_is_number(first.number));
	assert_string_not_equal(first.number, second.number);
	assert_int_equal(count_orders(s), 2);
}

static void what_a_rule_refuses_is_not_stored_and_the_form_stays_good(void **state)
{
	struct stage *s = *state;
	struct wish wish = wish_for(s, "TES-GB", "11.00");
	struct field_errors errors;
	struct order out;

	assert_int_equal(post_as(s, &alice, &wish, &out, &errors), PLACED_NOT);
	assert_int_equal(errors.count, 1);
	assert_int_equal(errors.lines[0].rule, RULE_VALUE_NOT_IN_LIST);
	assert_int_equal(count_orders(s), 0);
	wish.face_value = "10.00";
	assert_int_equal(post(s, &wish, &out), PLACED_NEW);
}

/* ---- the same form again --------------------------------------------------------------------------- */

static void the_same_form_again_is_the_same_order(void **state)
{
	struct stage *s = *state;
	struct wish wish = wish_for(s, "AMZ-GB", "10.00");
	struct order first, again;

	wish.description = "prize";
	assert_int_equal(post(s, &wish, &first), PLACED_NEW);
	assert_int_equal(post(s, &wish, &again), PLACED_BEFORE);
	assert_string_equal(again.number, first.number);
	wish.face_value = " 10 "; /* the same amount, written otherwise */
	wish.description = " prize";
	assert_int_equal(post(s, &wish, &again), PLACED_BEFORE);
	assert_int_equal(count_orders(s), 1);
	settle_order(s, first.number);
	assert_int_equal(post(s, &wish, &again), PLACED_BEFORE);
	assert_int_equal(again.status, ORDER_COMPLETED);
	stage_run(s, MS_AN_HOUR);
	assert_int_equal(runa_request_count(s), 1);
}

static void a_used_form_with_other_content_is_told_apart_in_every_field(void **state)
{
	struct stage *s = *state;
	struct wish used = wish_for(s, "AMZ-GB", "10.00"), wish;
	struct order first, again;

	used.distribution = "EMAIL";
	used.email = "ada@example.org";
	assert_int_equal(post(s, &used, &first), PLACED_NEW);
	for (int field = 0; field < 8; field++) {
		wish = used;
		switch (field) {
		case 0: wish.product = "TES-GB"; break;
		case 1: wish.face_value = "10.01"; break;
		case 2: wish.currency = "JPY"; break;
		case 3: wish.distribution = "PAYOUT_LINK"; wish.email = NULL; break;
		case 4: wish.email = "bob@example.org"; break;
		case 5: wish.description = "now with words"; break;
		case 6: wish.face_value = "nonsense"; break;
		default: wish.product = NULL;
		}
		if (post(s, &wish, &again) != PLACED_OTHERWISE) fail_msg("field %d", field);
		assert_string_equal(again.number, first.number);
	}
	assert_int_equal(count_orders(s), 1);
}

static void a_repeat_is_recognised_after_the_product_is_withdrawn(void **state)
{
	struct stage *s = *state;
	struct wish wish = wish_for(s, "AMZ-GB", "10.00"), fresh = wish_for(s, "AMZ-GB", "10.00");
	struct product left = { .code = "XYZ-GB", .name = "X", .currency = "GBP", .is_orderable = true, .least_minor = 1,
		                .state = "", .discount_text = "", .expiry_type = "", .category = "" };
	struct field_errors errors;
	struct order first, again;

	assert_int_equal(post(s, &wish, &first), PLACED_NEW);
	catalogue_store_products(s->desk, &left, 1, s->wall_ms);
	assert_int_equal(post_as(s, &alice, &fresh, &again, &errors), PLACED_NOT);
	assert_int_equal(errors.lines[0].rule, RULE_PRODUCT_UNKNOWN);
	assert_int_equal(post(s, &wish, &again), PLACED_BEFORE);
	assert_string_equal(again.number, first.number);
}

static void a_repeat_is_recognised_after_its_recipient_was_blanked(void **state)
{
	struct stage *s = *state;
	struct wish wish = wish_for(s, "AMZ-GB", "10.00");
	struct order first, again;

	wish.distribution = "EMAIL";
	wish.email = "ada@example.org";
	assert_int_equal(post(s, &wish, &first), PLACED_NEW);
	settle_order(s, first.number);
	assert_int_equal(ledger_blank_recipients(s->ledger, s->wall_ms + 1), LEDGER_OK);
	assert_int_equal(post(s, &wish, &again), PLACED_BEFORE);
	assert_string_equal(again.email, "");
}

/* Which person may use a form is the token's business; the order stays with who placed it. */
static void a_form_that_comes_from_somebody_else_does_not_change_hands(void **state)
{
	struct stage *s = *state;
	struct wish wish = wish_for(s, "AMZ-GB", "10.00");
	struct field_errors errors;
	struct order first, again;

	assert_int_equal(post(s, &wish, &first), PLACED_NEW);
	assert_int_equal(post_as(s, &bob, &wish, &again, &errors), PLACED_BEFORE);
	assert_string_equal(again.placed_by, "alice");
	assert_int_equal(count_orders(s), 1);
}

/* ---- limits ------------------------------------------------------------------------------------------ */

static void limit(struct stage *s, int64_t user_day_minor, int64_t month_minor)
{
	s->rules->limits = memory_array(1, sizeof *s->rules->limits);
	s->rules->limit_count = 1;
	s->rules->limits[0] = (struct desk_limit){ .currency = "GBP", .user_day_minor = user_day_minor,
		                                   .month_minor = month_minor };
}

static enum placed try_to_spend(struct stage *s, const struct person *person, const char *value,
                                struct field_errors *errors)
{
	struct wish wish = wish_for(s, "AMZ-GB", value);
	struct order out;

	return post_as(s, person, &wish, &out, errors);
}

static void a_person_may_spend_so_much_in_a_day_and_not_a_penny_more(void **state)
{
	struct stage *s = *state;
	struct field_errors errors;

	limit(s, 3000, 0);
	assert_int_equal(try_to_spend(s, &alice, "10.00", &errors), PLACED_NEW);
	assert_int_equal(try_to_spend(s, &alice, "20.01", &errors), PLACED_NOT);
	assert_int_equal(errors.count, 1);
	assert_string_equal(errors.lines[0].field, "face_value");
	assert_int_equal(errors.lines[0].rule, RULE_VALUE_OVER_USER_DAY);
	assert_int_equal(errors.lines[0].most.minor, 3000);
	assert_int_equal(try_to_spend(s, &alice, "20.00", &errors), PLACED_NEW);
	assert_int_equal(try_to_spend(s, &alice, "1.00", &errors), PLACED_NOT);
	assert_int_equal(try_to_spend(s, &bob, "30.00", &errors), PLACED_NEW);
	stage_sleep(s, MS_A_DAY);
	assert_int_equal(try_to_spend(s, &alice, "30.00", &errors), PLACED_NEW);
}

static void everyone_together_may_spend_so_much_in_a_month(void **state)
{
	struct stage *s = *state;
	struct field_errors errors;

	limit(s, 0, 5000);
	assert_int_equal(try_to_spend(s, &alice, "30.00", &errors), PLACED_NEW);
	stage_sleep(s, MS_A_DAY);
	assert_int_equal(try_to_spend(s, &bob, "20.01", &errors), PLACED_NOT);
	assert_int_equal(errors.lines[0].rule, RULE_VALUE_OVER_MONTH);
	assert_int_equal(errors.lines[0].most.minor, 5000);
	assert_int_equal(try_to_spend(s, &bob, "20.00", &errors), PLACED_NEW);
	stage_sleep(s, (int64_t)31 * MS_A_DAY);
	assert_int_equal(try_to_spend(s, &bob, "50.00", &errors), PLACED_NEW);
}

static void a_limit_counts_its_own_currency_only(void **state)
{
	struct stage *s = *state;
	struct field_errors errors;

	limit(s, 1000, 1000);
	place(s, "QUO-JP", "9000");
	assert_int_equal(try_to_spend(s, &alice, "10.00", &errors), PLACED_NEW);
}

static void a_refused_order_gives_its_money_back_to_the_limit_and_a_completed_one_does_not(void **state)
{
	struct stage *s = *state;
	struct field_errors errors;

	limit(s, 1000, 0);
	runa_will_answer(s, REFUSAL(400, "insufficient_funds"));
	assert_int_equal(place_and_settle(s, "AMZ-GB", "10.00").status, ORDER_FAILED);
	assert_int_equal(place_and_settle(s, "AMZ-GB", "10.00").status, ORDER_COMPLETED);
	assert_int_equal(try_to_spend(s, &alice, "1.00", &errors), PLACED_NOT);
	stage_holds(s);
}

static void the_repeat_of_an_order_is_not_counted_against_the_limit(void **state)
{
	struct stage *s = *state;
	struct wish wish = wish_for(s, "AMZ-GB", "10.00");
	struct order out;

	limit(s, 1000, 1000);
	assert_int_equal(post(s, &wish, &out), PLACED_NEW);
	assert_int_equal(post(s, &wish, &out), PLACED_BEFORE);
}

/* ---- a ledger that cannot ------------------------------------------------------------------------------ */

static void without_room_nothing_is_ordered_and_the_same_form_works_later(void **state)
{
	struct stage *s = *state;
	struct wish wish = wish_for(s, "AMZ-GB", "10.00");
	struct order out;

	faulty_vfs_fail(s->vfs, FAULTY_WRITES, 1, SQLITE_FULL, true);
	assert_int_equal(post(s, &wish, &out), PLACED_FULL);
	assert_int_equal(count_orders(s), 0); /* reading goes on */
	stage_run(s, MS_A_MINUTE);
	assert_int_equal(runa_request_count(s), 0);
	faulty_vfs_fail(s->vfs, 0, 0, 0, false);
	assert_int_equal(post(s, &wish, &out), PLACED_NEW);
	assert_int_equal(settle_order(s, out.number).status, ORDER_COMPLETED);
	stage_holds(s);
}

static void after_a_failed_sync_it_is_not_known_and_the_same_form_places_once(void **state)
{
	static const enum faulty_kept kept[] = { FAULTY_KEEP_ALL, FAULTY_KEEP_SYNCED, FAULTY_KEEP_SOME };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(kept); i++) {
		struct stage *s = stage_open();
		struct wish wish = wish_for(s, "AMZ-GB", "10.00"), other = wish_for(s, "AMZ-GB", "20.00");
		struct order out;
		enum placed placed;

		faulty_vfs_fail(s->vfs, FAULTY_SYNCS, 1, SQLITE_IOERR_FSYNC, false);
		assert_int_equal(post(s, &wish, &out), PLACED_UNSURE);
		/* no more orders, and nothing is sent, until it starts anew */
		assert_int_equal(post(s, &other, &out), PLACED_UNSURE);
		assert_false(ledger_is_sound(s->ledger));
		stage_run(s, 10 * MS_A_MINUTE);
		assert_int_equal(runa_request_count(s), 0);
		stage_crash(s, kept[i]);
		placed = post(s, &wish, &out);
		assert_true(placed == PLACED_NEW || placed == PLACED_BEFORE);
		assert_int_equal(count_orders(s), 1);
		assert_int_equal(settle_order(s, out.number).status, ORDER_COMPLETED);
		assert_int_equal(post(s, &other, &out), PLACED_NEW);
		stage_holds(s);
		stage_close(s);
	}
}

static void without_room_a_repeat_is_still_recognised_and_told_from_other_content(void **state)
{
	struct stage *s = *state;
	struct wish wish = wish_for(s, "AMZ-GB", "10.00"), changed;
	struct order first, again;

	assert_int_equal(post(s, &wish, &first), PLACED_NEW);
	faulty_vfs_fail(s->vfs, FAULTY_CHANGES | FAULTY_SYNCS, 1, SQLITE_FULL, true);
	assert_int_equal(post(s, &wish, &again), PLACED_BEFORE);
	assert_string_equal(again.number, first.number);
	changed = wish;
	changed.description = "now with words";
	assert_int_equal(post(s, &changed, &again), PLACED_OTHERWISE);
	assert_string_equal(again.number, first.number);
	faulty_vfs_fail(s->vfs, 0, 0, 0, false);
	stage_restart(s); /* what the writing connection cannot read, another can: the writer says "nothing stored" */
	faulty_vfs_fail(s->vfs, FAULTY_READS, 1, SQLITE_IOERR_READ, false);
	assert_int_equal(post(s, &wish, &again), PLACED_BEFORE);
	assert_true(faulty_vfs_has_failed(s->vfs));
}

static void a_ledger_that_broke_still_recognises_what_was_placed_before_and_nothing_else(void **state)
{
	struct stage *s = *state;
	struct wish wish = wish_for(s, "AMZ-GB", "10.00"), lost = wish_for(s, "AMZ-GB", "20.00");
	struct order first, again;

	assert_int_equal(post(s, &wish, &first), PLACED_NEW);
	faulty_vfs_fail(s->vfs, FAULTY_SYNCS, 1, SQLITE_IOERR_FSYNC, false);
	assert_int_equal(post(s, &lost, &again), PLACED_UNSURE);
	assert_false(ledger_is_sound(s->ledger));
	assert_int_equal(post(s, &lost, &again), PLACED_UNSURE);
	assert_int_equal(post(s, &wish, &again), PLACED_BEFORE);
	assert_string_equal(again.number, first.number);
}

static void a_repeat_that_a_rule_refuses_by_now_is_the_same_order_and_other_content_is_not(void **state)
{
	struct stage *s = *state;
	struct wish wish = wish_for(s, "AMZ-GB", "10.00"), changed;
	struct field_errors errors;
	struct order first, again;

	assert_int_equal(post(s, &wish, &first), PLACED_NEW);
	limit(s, 500, 500);
	s->rules->limits[0].order_max_minor = 500;
	assert_int_equal(post_as(s, &alice, &wish, &again, &errors), PLACED_BEFORE);
	changed = wish;
	changed.face_value = "11.00";
	assert_int_equal(post_as(s, &alice, &changed, &again, &errors), PLACED_OTHERWISE);
	assert_string_equal(again.number, first.number);
	assert_int_equal(count_orders(s), 1);
}

/* ---- looking ---------------------------------------------------------------------------------------------- */

static void what_is_no_number_is_no_order(void **state)
{
	struct stage *s = *state;
	static const char *const numbers[] = { "", "0000000000000000", "' OR 1=1 --", "abc",
	                                       "0000000000000000000000000000" };
	struct order order;

	place(s, "AMZ-GB", "10.00");
	for (size_t i = 0; i < COUNT_OF(numbers); i++)
		assert_int_equal(order_find(s->desk, s->mem, numbers[i], &order), LEDGER_NONE);
}

static void a_payout_link_is_for_who_placed_it_and_for_approvers(void **state)
{
	struct order order = { .placed_by = "alice" };
	struct person person = { "dave", "Dave", "", 0 };

	(void)state;
	assert_true(order_link_is_for(&order, &alice));
	assert_true(order_link_is_for(&order, &bob));
	assert_false(order_link_is_for(&order, &carol));
	person.roles = ROLE_VIEWER | ROLE_ORDERER | ROLE_AUDITOR;
	assert_false(order_link_is_for(&order, &person));
	person.roles = ROLE_ADMIN;
	assert_false(order_link_is_for(&order, &person));
}

static void a_payout_link_is_sealed_with_its_order(void **state)
{
	struct stage *s = *state;
	struct order order = place_and_settle(s, "AMZ-GB", "10.00"), other = place_and_settle(s, "AMZ-GB", "10.00");

	assert_string_equal(order_link(s->desk, s->mem, &order), "https://spend.runa.test/O-1");
	assert_null(memmem(order.link_sealed, order.link_sealed_bytes, "spend", 5));
	/* moved to another order it does not open */
	other.link_sealed = order.link_sealed;
	other.link_sealed_bytes = order.link_sealed_bytes;
	assert_null(order_link(s->desk, s->mem, &other));
	order.link_sealed = NULL;
	assert_null(order_link(s->desk, s->mem, &order));
}

int main(void)
{
#define ON_STAGE(test) cmocka_unit_test_setup_teardown(test, stage_set_up, stage_tear_down)
	const struct CMUnitTest tests[] = {
		ON_STAGE(a_placed_order_is_stored_and_nothing_was_sent),
		ON_STAGE(every_order_has_a_number_of_its_own),
		ON_STAGE(what_a_rule_refuses_is_not_stored_and_the_form_stays_good),
		ON_STAGE(the_same_form_again_is_the_same_order),
		ON_STAGE(a_used_form_with_other_content_is_told_apart_in_every_field),
		ON_STAGE(a_repeat_is_recognised_after_the_product_is_withdrawn),
		ON_STAGE(a_repeat_is_recognised_after_its_recipient_was_blanked),
		ON_STAGE(a_form_that_comes_from_somebody_else_does_not_change_hands),
		ON_STAGE(a_person_may_spend_so_much_in_a_day_and_not_a_penny_more),
		ON_STAGE(everyone_together_may_spend_so_much_in_a_month),
		ON_STAGE(a_limit_counts_its_own_currency_only),
		ON_STAGE(a_refused_order_gives_its_money_back_to_the_limit_and_a_completed_one_does_not),
		ON_STAGE(the_repeat_of_an_order_is_not_counted_against_the_limit),
		ON_STAGE(without_room_nothing_is_ordered_and_the_same_form_works_later),
		cmocka_unit_test(after_a_failed_sync_it_is_not_known_and_the_same_form_places_once),
		ON_STAGE(without_room_a_repeat_is_still_recognised_and_told_from_other_content),
		ON_STAGE(a_ledger_that_broke_still_recognises_what_was_placed_before_and_nothing_else),
		ON_STAGE(a_repeat_that_a_rule_refuses_by_now_is_the_same_order_and_other_content_is_not),
		ON_STAGE(what_is_no_number_is_no_order),
		cmocka_unit_test(a_payout_link_is_for_who_placed_it_and_for_approvers),
		ON_STAGE(a_payout_link_is_sealed_with_its_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
