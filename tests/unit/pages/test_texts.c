/* texts.c: there are words for everything that can happen, and they say the same about money as the desk does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "desk/attempt.h"
#include "pages/texts.h"
#include "web/texts.h"

static int open_arena(void **state)
{
	*state = arena_open();
	return 0;
}

static int close_arena(void **state)
{
	arena_close(*state);
	return 0;
}

static void every_advice_of_the_desk_has_words(void **state)
{
	(void)state;
	for (const char *const *key = attempt_advice_keys; *key; key++) {
		bool has_words = false;

		for (int money = MONEY_MOVED_NO; money <= MONEY_MOVED_UNKNOWN; money++)
			has_words |= texts_advice_find(*key, (enum money_moved)money) != NULL;
		if (!has_words)
			fail_msg("no words for %s", *key);
	}
}

static void every_step_of_an_attempt_has_words_for_its_own_money(void **state)
{
	(void)state;
	for (int from = 0; from < ATTEMPT_STATES; from++)
		for (int meaning = 0; meaning < MEANINGS; meaning++) {
			const struct attempt_step *step = attempt_cell((enum attempt_state)from, (enum meaning)meaning);

			if (step && !texts_advice_find(step->advice, attempt_money_moved(step->to, false)))
				fail_msg("%s says other things about money than %s after %s", step->advice,
				         attempt_state_name(step->to), meaning_name((enum meaning)meaning));
		}
}

/* What time and people add to the table (desk/attempt, desk/order). */
static const struct { const char *advice; enum attempt_state state; bool earlier_unknown; } added[] = {
	{ "waiting_sent", ATTEMPT_SENT, false }, { "waiting_sent", ATTEMPT_UNKNOWN, false },
	{ "searching", ATTEMPT_READY, false }, { "searching", ATTEMPT_UNKNOWN, false },
	{ "refused_setup", ATTEMPT_REFUSED, false }, { "refused_after_unknown", ATTEMPT_REFUSED, true },
	{ "stuck_unsent", ATTEMPT_STUCK_UNSENT, false }, { "stuck_absent", ATTEMPT_STUCK, false },
	{ "stuck_key_old", ATTEMPT_STUCK_UNSENT, false }, { "stuck_key_old", ATTEMPT_STUCK, false },
	{ "stuck_unread", ATTEMPT_STUCK, false },
	{ "stuck_unsearched", ATTEMPT_STUCK_UNSENT, false }, { "stuck_unsearched", ATTEMPT_STUCK, false },
};

static void every_step_that_time_or_a_person_adds_has_words_for_its_own_money(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(added); i++)
		if (!texts_advice_find(added[i].advice, attempt_money_moved(added[i].state, added[i].earlier_unknown)))
			fail_msg("%s has no words for %s", added[i].advice, attempt_state_name(added[i].state));
}

static void an_advice_whose_money_the_order_contradicts_gives_way_to_words_that_fit(void **state)
{
	struct order order = { .status = ORDER_FAILED, .advice = "refused", .money_moved = MONEY_MOVED_UNKNOWN };
	struct texts_advice advice = texts_advice_for(&order);

	(void)state;
	assert_int_equal(advice.money, MONEY_MOVED_UNKNOWN);
	assert_null(strstr(advice.money_words, "Nothing was bought"));
	assert_non_null(advice.next); /* never 'order again' */
	assert_non_null(strstr(advice.next, "do not order again"));
	order.advice = "a key of tomorrow";
	order.money_moved = MONEY_MOVED_YES;
	assert_int_equal(texts_advice_for(&order).money, MONEY_MOVED_YES);
}

/* desk/attempt.h says where an approver may open a new attempt; a page that promises it elsewhere leads to 409. */
static void a_new_attempt_is_promised_just_where_one_may_be_opened(void **state)
{
	(void)state;
	for (const char *const *key = attempt_advice_keys; *key; key++)
		for (int status = 0; status < ORDER_STATUSES; status++)
			for (int money = MONEY_MOVED_NO; money <= MONEY_MOVED_UNKNOWN; money++) {
				struct order order = { .status = (enum order_status)status, .advice = *key,
				                       .money_moved = (enum money_moved)money };
				struct texts_advice advice = texts_advice_for(&order);
				const char *next[] = { advice.next, advice.next_without };
				bool may = attempt_may_be_renewed(*key);

				for (size_t i = 0; i < COUNT_OF(next); i++)
					if (next[i] && strstr(next[i], "open a new attempt") && !may)
						fail_msg("%s, %s: promised", *key, order_status_name(order.status));
				if (may && status == ORDER_NEEDS_ATTENTION && money == MONEY_MOVED_UNKNOWN &&
				    !strstr(advice.next, "open a new attempt"))
					fail_msg("%s: not said", *key);
			}
}

static void trying_again_is_worded_for_who_has_no_button_for_it(void **state)
{
	(void)state;
	for (const char *const *key = attempt_advice_keys; *key; key++)
		for (int money = MONEY_MOVED_NO; money <= MONEY_MOVED_UNKNOWN; money++) {
			const struct texts_advice *advice = texts_advice_find(*key, (enum money_moved)money);

			if (!advice || !advice->next || !strstr(advice->next, "'Try again now'"))
				continue;
			assert_non_null(advice->next_without);
			assert_non_null(strstr(advice->next_without, "Someone who may order can press 'Try again now'"));
		}
}

static void an_order_that_waits_keeps_its_headline_whatever_an_earlier_attempt_did(void **state)
{
	struct order order = { .status = ORDER_PLACING, .advice = "waiting_unsent", .money_moved = MONEY_MOVED_UNKNOWN };
	struct texts_advice advice = texts_advice_for(&order);

	(void)state;
	assert_string_equal(advice.headline, texts_advice_find("waiting_unsent", MONEY_MOVED_NO)->headline);
	assert_string_not_equal(advice.money_words, texts_advice_find("waiting_unsent", MONEY_MOVED_NO)->money_words);
}

/* runa-api 16.2, in its order */
static const char *const error_types[] = {
	"unauthorized", "invalid_api_key", "forbidden", "ordering_restricted", "bad_request", "validation_error",
	"invalid_version", "version_removed", "invalid_execution_mode", "insecure_protocol", "not_found", "not-found",
	"pagination_error", "idempotency_validation_error", "idempotency_in_progress", "insufficient_funds",
	"product_validation_error", "currency_mismatch", "payment_method_unavailable", "invalid_card_id",
	"currency_not_supported", "timeout", "internal_server_error",
};

static void every_error_type_of_runa_has_words_of_its_own(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(error_types); i++) {
		const struct texts_error *error = texts_error_for(error_types[i]);

		assert_string_equal(error->type, error_types[i]);
		assert_true(strlen(error->says) > 20 && strlen(error->next) > 20);
	}
}

static void an_error_without_a_type_or_of_a_new_one_has_general_words(void **state)
{
	(void)state;
	assert_string_equal(texts_error_for(NULL)->type, "");
	assert_ptr_equal(texts_error_for(NULL), texts_error_for(""));
	assert_string_equal(texts_error_for("out_of_stock")->type, "");
	assert_ptr_not_equal(texts_error_for("out_of_stock"), texts_error_for(NULL));
}

static void every_rule_has_a_sentence_and_every_blank_in_it_is_filled(void **state)
{
	int64_t fixed[] = { 1000, 2500 };
	struct product product = { .code = "X", .name = "Shop", .currency = "EUR", .fixed_minor = fixed, .fixed_count = 2 };

	for (int rule = 0; rule < RULES; rule++) {
		struct field_error error = { .field = "product", .rule = (enum rule)rule, .decimals = 2,
			.least = money_of(100, "EUR"), .most = money_of(50000, "EUR"), .product = &product };
		const char *sentence;

		assert_non_null(texts_rule_raw((enum rule)rule));
		sentence = texts_rule(*state, &error);
		assert_null(strchr(sentence, '{'));
		assert_int_equal(sentence[strlen(sentence) - 1], '.');
		error.product = NULL; /* a rule that names the product is sometimes asked before one is known */
		assert_null(strchr(texts_rule(*state, &error), '{'));
	}
}

static void the_values_of_a_rule_stand_in_its_sentence(void **state)
{
	int64_t fixed[] = { 1000, 2500 };
	struct product product = { .name = "Shop {most}", .currency = "EUR", .fixed_minor = fixed, .fixed_count = 2 };
	struct field_error list = { .rule = RULE_VALUE_NOT_IN_LIST, .product = &product };
	struct field_error limit = { .rule = RULE_VALUE_ABOVE_LIMIT, .most = money_of(50000, "JPY") };
	struct field_error decimals = { .rule = RULE_VALUE_TOO_PRECISE, .decimals = 2 };

	assert_string_equal(texts_rule(*state, &list), "Shop {most} comes in these values only: 10.00, 25.00 EUR.");
	assert_non_null(strstr(texts_rule(*state, &limit), "50,000 JPY"));
	assert_non_null(strstr(texts_rule(*state, &decimals), "at most 2 decimals"));
	decimals.decimals = 0;
	assert_non_null(strstr(texts_rule(*state, &decimals), "whole amount"));
}

static void every_word_of_the_models_has_words_for_people(void **state)
{
	(void)state;
	for (int i = 0; i < ORDER_STATUSES; i++)
		assert_non_null(texts_status((enum order_status)i));
	for (int i = 0; i < MEANINGS; i++)
		assert_non_null(texts_meaning((enum meaning)i));
	for (int i = 0; i < TASKS; i++)
		assert_non_null(texts_task((enum task)i));
	assert_string_equal(texts_money_moved(MONEY_MOVED_NO), "no");
	assert_string_equal(texts_money_moved(MONEY_MOVED_YES), "yes");
	assert_string_equal(texts_money_moved(MONEY_MOVED_UNKNOWN), "not known yet");
	assert_string_equal(texts_environment(RUNA_SANDBOX)->word, "SANDBOX");
	assert_string_equal(texts_environment(RUNA_PLAYGROUND)->word, "PLAYGROUND");
	assert_string_equal(texts_environment(RUNA_LIVE)->word, "LIVE");
	assert_string_equal(texts_payout("CLAIMED"), "Claimed");
	assert_string_equal(texts_payout("MELTED"), "MELTED");
}

static void nothing_that_mail_is_called_is_delivered(void **state)
{
	(void)state; /* Runa never says so (runa-api 23 no. 19) */
	for (const char *const *key = attempt_advice_keys; *key; key++)
		for (int money = MONEY_MOVED_NO; money <= MONEY_MOVED_UNKNOWN; money++) {
			const struct texts_advice *advice = texts_advice_find(*key, (enum money_moved)money);

			assert_true(!advice || !strstr(advice->headline, "delivered"));
			assert_true(!advice || !strstr(advice->money_words, "delivered"));
		}
}

/* web/server.h lists them */
static const struct { enum web_status status; const char *reason; } reasons[] = {
	{ WEB_BAD_REQUEST, "bad_request" }, { WEB_BAD_REQUEST, "bad_form" }, { WEB_BAD_REQUEST, "form_cut_short" },
	{ WEB_UNAUTHORIZED, "not_signed_in" }, { WEB_FORBIDDEN, "identity_refused" }, { WEB_FORBIDDEN, "not_allowed" },
	{ WEB_FORBIDDEN, "foreign_form" }, { WEB_FORBIDDEN, "form_not_ours" }, { WEB_NOT_FOUND, "no_such_page" },
	{ WEB_NOT_FOUND, "no_such_order" }, { WEB_METHOD_NOT_ALLOWED, "wrong_method" },
	{ WEB_TOO_LARGE, "form_too_long" }, { WEB_URI_TOO_LONG, "address_too_long" },
	{ WEB_UNSUPPORTED_TYPE, "wrong_form_type" }, { WEB_INTERNAL_ERROR, "broken_here" },
	{ WEB_UNAVAILABLE, "ledger_unreadable" }, { WEB_UNAVAILABLE, "ledger_not_writable" },
	{ WEB_CONFLICT, "attempt_not_now" },
};

static void every_reason_for_an_error_page_has_a_title_and_a_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(reasons); i++) {
		const struct texts_fail *fail = texts_fail_for(reasons[i].status, reasons[i].reason);

		assert_int_equal(fail->status, reasons[i].status);
		assert_true(strlen(fail->title) > 5 && strlen(fail->text) > 10);
		assert_true(!fail->reason || strcmp(fail->reason, reasons[i].reason) == 0);
	}
	assert_non_null(texts_fail_for((enum web_status)418, "a_teapot")->title);
}

static void both_pages_of_a_fault_of_our_own_say_the_same(void **state)
{
	const char *text = texts_fail_for(WEB_INTERNAL_ERROR, "broken_here")->text;

	(void)state;
	assert_non_null(strstr(text, "not known whether money will move"));
	assert_null(strstr(text, "safe"));
	assert_memory_equal(WEB_TEXT_BROKEN, text, strlen(text));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_advice_of_the_desk_has_words),
		cmocka_unit_test(every_step_of_an_attempt_has_words_for_its_own_money),
		cmocka_unit_test(every_step_that_time_or_a_person_adds_has_words_for_its_own_money),
		cmocka_unit_test(an_advice_whose_money_the_order_contradicts_gives_way_to_words_that_fit),
		cmocka_unit_test(a_new_attempt_is_promised_just_where_one_may_be_opened),
		cmocka_unit_test(trying_again_is_worded_for_who_has_no_button_for_it),
		cmocka_unit_test(an_order_that_waits_keeps_its_headline_whatever_an_earlier_attempt_did),
		cmocka_unit_test(every_error_type_of_runa_has_words_of_its_own),
		cmocka_unit_test(an_error_without_a_type_or_of_a_new_one_has_general_words),
		cmocka_unit_test(every_rule_has_a_sentence_and_every_blank_in_it_is_filled),
		cmocka_unit_test(the_values_of_a_rule_stand_in_its_sentence),
		cmocka_unit_test(every_word_of_the_models_has_words_for_people),
		cmocka_unit_test(nothing_that_mail_is_called_is_delivered),
		cmocka_unit_test(every_reason_for_an_error_page_has_a_title_and_a_text),
		cmocka_unit_test(both_pages_of_a_fault_of_our_own_say_the_same),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
