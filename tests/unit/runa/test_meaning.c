/* test_meaning.c: every row of the table of meaning with its near misses, and each thing an order that
 * comes back may say (design 3; faults 36 to 43). */
#include "runa/meaning.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <string.h>

#include "support/mem.h"

static const struct runa_expected of_post = { "R-1", NULL, "XYZ-DE", { 2500, "EUR" } };
static const struct runa_expected of_poll = { "R-1", "O-1", "XYZ-DE", { 2500, "EUR" } };

static struct runa_answer answer_of(int status, const char *body)
{
	return (struct runa_answer){ .transport = RUNA_ANSWERED, .status = status, .body = (char *)body,
	                             .body_bytes = strlen(body), .retry_after_ms = -1 };
}

static struct runa_read of_order(int status, const char *body)
{
	struct runa_answer answer = answer_of(status, body);
	struct runa_read read;

	runa_meaning_of_order(mem, &answer, &of_post, &read);
	return read;
}

static struct runa_read of_asking(int status, const char *body)
{
	struct runa_answer answer = answer_of(status, body);
	struct runa_read read;

	runa_meaning_of_poll(mem, &answer, &of_poll, &read);
	return read;
}

static enum meaning of_reading(int status, const char *body)
{
	struct runa_answer answer = answer_of(status, body);

	return runa_meaning_of_read(mem, &answer);
}

static const char *error_body(const char *type)
{
	return arena_print(mem, "{\"type\":\"%s\",\"message\":\"human readable\",\"help\":null}", type);
}

static void assert_meaning(const char *what, int status, enum meaning is, enum meaning wanted)
{
	if (is != wanted)
		fail_msg("%d %s: %s, not %s", status, what, meaning_name(is), meaning_name(wanted));
}

/* ---- errors ---- */

static const struct row {
	int status;
	const char *type;
	enum meaning meaning;
	bool is_stored_type;
} rows[] = {
	{ 400, "idempotency_in_progress", MEANING_BUSY, false },
	{ 400, "idempotency_validation_error", MEANING_MISMATCH, false },
	{ 401, "unauthorized", MEANING_SETUP, false },
	{ 401, "invalid_api_key", MEANING_SETUP, false },
	{ 403, "forbidden", MEANING_SETUP, false },
	{ 403, "ordering_restricted", MEANING_REFUSED, false },
	{ 410, "version_removed", MEANING_SETUP, false },
	{ 400, "invalid_version", MEANING_SETUP, false },
	{ 400, "invalid_execution_mode", MEANING_SETUP, false },
	{ 400, "insecure_protocol", MEANING_SETUP, false },
	{ 400, "bad_request", MEANING_REFUSED, false },
	{ 422, "validation_error", MEANING_REFUSED, true },
	{ 404, "not_found", MEANING_REFUSED, false },
	{ 404, "not-found", MEANING_REFUSED, false },
	{ 400, "pagination_error", MEANING_REFUSED, false },
	{ 400, "insufficient_funds", MEANING_REFUSED, true },
	{ 400, "product_validation_error", MEANING_REFUSED, true },
	{ 400, "currency_mismatch", MEANING_REFUSED, true },
	{ 400, "payment_method_unavailable", MEANING_REFUSED, false },
	{ 400, "invalid_card_id", MEANING_REFUSED, false },
	{ 400, "currency_not_supported", MEANING_REFUSED, false },
	{ 504, "timeout", MEANING_UNKNOWN, false },
	{ 500, "internal_server_error", MEANING_UNKNOWN, false },
};

static void each_documented_error_has_its_meaning(void **state) /* runa-api 16.2 */
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct runa_read read = of_order(rows[i].status, error_body(rows[i].type));

		assert_meaning(rows[i].type, rows[i].status, read.meaning, rows[i].meaning);
		assert_int_equal(read.is_stored_type, rows[i].is_stored_type);
		assert_string_equal(read.error.type, rows[i].type);
		assert_string_equal(read.error.message, "human readable");
		assert_null(read.strange);
	}
}

/* What fits any body, or any status, by itself. */
static enum meaning meaning_by_status(int status)
{
	return status == 401 || status == 410 ? MEANING_SETUP : MEANING_UNKNOWN;
}

static void the_right_status_with_a_type_that_is_almost_right_is_unknown(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const char *type = rows[i].type;
		char *louder = arena_text(mem, type);
		const char *const misses[] = { arena_print(mem, "%sx", type), arena_print(mem, "x%s", type), type + 1,
			                       arena_print(mem, "%s ", type), louder };

		louder[0] = (char)(louder[0] - 'a' + 'A');
		for (size_t j = 0; j < COUNT_OF(misses); j++) {
			struct runa_read read = of_order(rows[i].status, error_body(misses[j]));

			assert_meaning(misses[j], rows[i].status, read.meaning, meaning_by_status(rows[i].status));
			assert_false(read.is_stored_type);
		}
	}
}

static void the_right_type_with_another_status_is_unknown(void **state)
{
	static const int statuses[] = {
		300, 399, 402, 400, 403, 404, 405, 409, 418, 422, 499, 500, 502, 503, 504, 599
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		if (strcmp(rows[i].type, "idempotency_in_progress") == 0)
			continue;
		for (size_t j = 0; j < COUNT_OF(statuses); j++) {
			if (statuses[j] == rows[i].status)
				continue;
			assert_meaning(rows[i].type, statuses[j], of_order(statuses[j], error_body(rows[i].type)).meaning,
			               MEANING_UNKNOWN);
		}
	}
}

static void in_progress_is_believed_with_any_status(void **state)
{
	static const int statuses[] = { 200, 202, 400, 401, 403, 409, 422, 425, 500, 503 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(statuses); i++)
		assert_meaning("in progress", statuses[i],
		               of_order(statuses[i], error_body("idempotency_in_progress")).meaning, MEANING_BUSY);
}

static void too_fast_needs_no_type(void **state)
{
	static const char *const bodies[] = { "{ \"error\": \"rate exceeded\" }", "", "<html>", "{}",
		"{\"type\":\"bad_request\"}", "{\"id\":\"O-1\",\"status\":\"COMPLETED\"}" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bodies); i++)
		assert_meaning(bodies[i], 429, of_order(429, bodies[i]).meaning, MEANING_SLOW_DOWN);
	assert_meaning("rate", 400, of_order(400, "{ \"error\": \"rate exceeded\" }").meaning, MEANING_UNKNOWN);
}

static void a_status_without_a_type_is_unknown_unless_it_says_all(void **state)
{
	static const char *const bodies[] = { "",
		                                  "{}",
		                                  "<html>403</html>",
		                                  "{\"message\":\"Forbidden\"}",
		                                  "{\"type\":null}",
		                                  "{\"type\":5}",
		                                  "{\"type\":[\"forbidden\"]}",
		                                  "[{\"type\":\"forbidden\"}]",
		                                  "{\"type\":\"forbidden\"" };

	(void)state;
	for (int status = 300; status <= 599; status++)
		for (size_t i = 0; i < COUNT_OF(bodies); i++)
			if (status != 429)
				assert_meaning(bodies[i], status, of_order(status, bodies[i]).meaning, meaning_by_status(status));
}

static void a_type_that_comes_twice_is_no_type(void **state)
{
	(void)state;
	assert_meaning("twins", 400, of_order(400, "{\"type\":\"timeout\",\"type\":\"bad_request\"}").meaning,
	               MEANING_UNKNOWN);
}

static void a_success_that_says_an_error_is_not_a_refusal(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (strcmp(rows[i].type, "idempotency_in_progress") != 0)
			assert_meaning(rows[i].type, 200, of_order(200, error_body(rows[i].type)).meaning, MEANING_UNKNOWN);
}

/* ---- no answer ---- */

static void how_a_try_ended_decides_where_no_answer_came(void **state)
{
	static const struct { enum runa_transport transport; enum meaning meaning; } ends[] = {
		{ RUNA_NOT_SENT, MEANING_NOT_SENT }, { RUNA_NOT_TRUSTED, MEANING_NOT_SENT },
		{ RUNA_INTERIM, MEANING_BUSY }, { RUNA_LOST, MEANING_UNKNOWN },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(ends); i++) {
		/* A status that came before the answer was lost must not count. */
		struct runa_answer answer = { .transport = ends[i].transport, .status = 401 };
		struct runa_read read;

		runa_meaning_of_order(mem, &answer, &of_post, &read);
		assert_int_equal(read.meaning, ends[i].meaning);
		runa_meaning_of_poll(mem, &answer, &of_poll, &read);
		assert_int_equal(read.meaning, MEANING_NO_NEWS);
		assert_int_equal(runa_meaning_of_read(mem, &answer), MEANING_NO_NEWS);
	}
}

/* ---- orders ---- */

/* A completed order, with one of its parts said otherwise. NULL leaves the usual. */
struct parts {
	const char *id, *status, *description, *currency, *price, *product, *face_value, *item_currency, *payout;
};

static const char *or_usual(const char *part, const char *usual)
{
	return part != NULL ? part : usual;
}

static const char *order_body(struct parts p)
{
	return arena_print(mem,
	                   "{\"id\":%s,\"status\":%s,\"description\":%s,\"currency\":%s,\"total_price\":%s,"
	                   "\"total_discount\":\"0.50\",\"items\":[{\"products\":%s,\"face_value\":%s,\"currency\":%s,"
	                   "\"payout\":%s}]}",
	                   or_usual(p.id, "\"O-1\""), or_usual(p.status, "\"COMPLETED\""),
	                   or_usual(p.description, "\"thanks \xc2\xb7 R-1\""), or_usual(p.currency, "\"EUR\""),
	                   or_usual(p.price, "\"24.50\""),
	                   or_usual(p.product, "{\"type\":\"SINGLE\",\"value\":\"XYZ-DE\"}"),
	                   or_usual(p.face_value, "\"25.00\""), or_usual(p.item_currency, "\"EUR\""),
	                   or_usual(p.payout, "{\"status\":\"ACTIVE\",\"url\":\"https://a.example/x\"}"));
}

static const struct order_row {
	struct parts parts;
	enum meaning of_post, of_poll;
	bool is_strange;
} orders[] = {
	{ { 0 }, MEANING_COMPLETED, MEANING_COMPLETED, false },
	{ { .status = "\"PROCESSING\"" }, MEANING_ACCEPTED, MEANING_ACCEPTED, false },
	{ { .status = "\"FAILED\"" }, MEANING_FAILED, MEANING_FAILED, false },
	{ { .status = "\"CANCELLED\"" }, MEANING_ACCEPTED, MEANING_ACCEPTED, true },
	{ { .status = "\"completed\"" }, MEANING_ACCEPTED, MEANING_ACCEPTED, true },
	{ { .status = "\"failed\"" }, MEANING_ACCEPTED, MEANING_ACCEPTED, true },
	{ { .status = "null" }, MEANING_ACCEPTED, MEANING_ACCEPTED, true },
	{ { .status = "[\"COMPLETED\"]" }, MEANING_ACCEPTED, MEANING_ACCEPTED, true },
	/* an id */
	{ { .id = "null" }, MEANING_UNKNOWN, MEANING_NO_NEWS, true },
	{ { .id = "5" }, MEANING_UNKNOWN, MEANING_NO_NEWS, true },
	{ { .id = "\"../balance\"" }, MEANING_UNKNOWN, MEANING_NO_NEWS, true },
	{ { .id = "\"O-2\"" }, MEANING_COMPLETED, MEANING_NO_NEWS, false },
	/* whose order is it? (faults 41) */
	{ { .description = "\"thanks \xc2\xb7 R-2\"" }, MEANING_FOREIGN, MEANING_FOREIGN, true },
	{ { .description = "\"R-1 thanks\"" }, MEANING_FOREIGN, MEANING_FOREIGN, true },
	{ { .description = "\"XR-1\"" }, MEANING_FOREIGN, MEANING_FOREIGN, true },
	{ { .description = "\"R-2\"", .status = "\"PROCESSING\"" }, MEANING_FOREIGN, MEANING_FOREIGN, true },
	{ { .description = "\"R-2\"", .status = "\"FAILED\"" }, MEANING_FOREIGN, MEANING_FOREIGN, true },
	{ { .description = "null" }, MEANING_ACCEPTED, MEANING_COMPLETED, true },
	{ { .description = "\"\"" }, MEANING_ACCEPTED, MEANING_ACCEPTED, true },
	{ { .description = "5" }, MEANING_ACCEPTED, MEANING_ACCEPTED, true },
	{ { .product = "{\"type\":\"SINGLE\",\"value\":\"XYZ-GB\"}" }, MEANING_FOREIGN, MEANING_FOREIGN, true },
	{ { .product = "{\"type\":\"SINGLE\",\"value\":\"xyz-de\"}" }, MEANING_FOREIGN, MEANING_FOREIGN, true },
	{ { .product = "{\"type\":\"UNKNOWN\"}" }, MEANING_COMPLETED, MEANING_COMPLETED, false },
	{ { .product = "null" }, MEANING_COMPLETED, MEANING_COMPLETED, false },
	{ { .face_value = "\"25.01\"" }, MEANING_FOREIGN, MEANING_FOREIGN, true },
	{ { .face_value = "2500" }, MEANING_FOREIGN, MEANING_FOREIGN, true },
	{ { .item_currency = "\"GBP\"" }, MEANING_FOREIGN, MEANING_FOREIGN, true },
	{ { .face_value = "25" }, MEANING_COMPLETED, MEANING_COMPLETED, false },
	{ { .face_value = "2.5e1" }, MEANING_COMPLETED, MEANING_COMPLETED, false },
	/* incomplete */
	{ { .face_value = "NaN" }, MEANING_ACCEPTED, MEANING_ACCEPTED, true },
	{ { .item_currency = "5" }, MEANING_ACCEPTED, MEANING_ACCEPTED, true },
	{ { .item_currency = "null" }, MEANING_COMPLETED, MEANING_COMPLETED, false },
	{ { .price = "null" }, MEANING_ACCEPTED, MEANING_ACCEPTED, true },
	{ { .price = "\"24.505\"" }, MEANING_ACCEPTED, MEANING_ACCEPTED, true },
	{ { .price = "-24.5" }, MEANING_ACCEPTED, MEANING_ACCEPTED, true },
	{ { .price = "0" }, MEANING_COMPLETED, MEANING_COMPLETED, false },
	{ { .currency = "\"GBP\"" }, MEANING_ACCEPTED, MEANING_ACCEPTED, true },
	{ { .currency = "null" }, MEANING_ACCEPTED, MEANING_ACCEPTED, true },
	{ { .payout = "null" }, MEANING_ACCEPTED, MEANING_ACCEPTED, true },
	{ { .payout = "{\"status\":\"ACTIVE\"}" }, MEANING_ACCEPTED, MEANING_ACCEPTED, true },
	{ { .payout = "{\"url\":\"https://a.example/x\"}" }, MEANING_ACCEPTED, MEANING_ACCEPTED, true },
	{ { .payout = "{\"status\":\"ACTIVE\",\"url\":\"http://a.example/x\"}" }, MEANING_ACCEPTED, MEANING_ACCEPTED, true },
	{ { .payout = "{\"status\":\"ACTIVE\",\"url\":\"javascript:alert(1)\"}" }, MEANING_ACCEPTED, MEANING_ACCEPTED, true },
	{ { .payout = "{\"status\":\"SOMETHING\",\"url\":\"https://a.example/x\"}" }, MEANING_COMPLETED, MEANING_COMPLETED, false },
};

static void faults_40_41_each_order_that_comes_back_has_its_meaning(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(orders); i++) {
		const char *body = order_body(orders[i].parts);

		for (int status = 200; status <= 202; status++) {
			struct runa_read read = of_order(status, body);

			assert_meaning(body, status, read.meaning, orders[i].of_post);
			if ((read.strange != NULL) != orders[i].is_strange)
				fail_msg("%s: %s", body, read.strange != NULL ? read.strange : "not strange");
			assert_meaning(body, status, of_asking(status, body).meaning, orders[i].of_poll);
		}
	}
}

static void no_order_in_an_error_is_believed(void **state)
{
	(void)state;
	for (int status = 300; status <= 599; status++)
		if (status != 429)
			assert_meaning("order", status, of_order(status, order_body((struct parts){ 0 })).meaning,
			               meaning_by_status(status));
}

static void an_accepted_order_needs_nothing_but_an_id(void **state) /* runa-api 6.5, 9.1, 23 no. 12 */
{
	(void)state;
	assert_int_equal(of_order(202, "{ \"id\": \"O-1\", \"status\": \"PROCESSING\" }").meaning, MEANING_ACCEPTED);
	assert_null(of_order(202, "{ \"id\": \"O-1\", \"status\": \"PROCESSING\" }").strange);
	assert_int_equal(of_order(200, "{ \"id\": \"O-1\" }").meaning, MEANING_ACCEPTED);
	assert_int_equal(of_order(200, "{ \"id\": \"O-1\", \"status\": \"FAILED\" }").meaning, MEANING_FAILED);
	assert_int_equal(of_asking(200, "{ \"id\": \"O-1\", \"status\": \"FAILED\" }").meaning, MEANING_FAILED);
	assert_int_equal(of_asking(200, "{ \"id\": \"O-1\", \"status\": \"PROCESSING\", \"message\": \"x\" }").meaning,
	                 MEANING_ACCEPTED);
	assert_int_equal(of_asking(200, "{ \"id\": \"O-2\", \"status\": \"FAILED\" }").meaning, MEANING_NO_NEWS);
	assert_int_equal(of_asking(200, "{ \"status\": \"FAILED\" }").meaning, MEANING_NO_NEWS);
}

static void items_that_miss_or_are_too_many_are_not_taken(void **state)
{
	static const char begin[] =
		"{\"id\":\"O-1\",\"status\":\"COMPLETED\",\"description\":\"R-1\",\"currency\":\"EUR\","
		"\"total_price\":\"1\"";

	(void)state;
	assert_int_equal(of_order(200, arena_print(mem, "%s}", begin)).meaning, MEANING_ACCEPTED);
	assert_int_equal(of_order(200, arena_print(mem, "%s,\"items\":[]}", begin)).meaning, MEANING_ACCEPTED);
	assert_int_equal(of_order(200, arena_print(mem, "%s,\"items\":[{},{}]}", begin)).meaning, MEANING_FOREIGN);
}

static void a_success_that_cannot_be_read_is_unknown(void **state)
{
	static const char *const bodies[] = { "", "{}", "[]", "null", "\"O-1\"", "<html>200</html>", "{\"id\":\"O-1\"",
		"{\"id\":\"O-1\",\"status\":\"COMPLETED\"}{}", "{\"status\":\"COMPLETED\"}", "{\"id\":\"\xff\"}" };
	char deep[20001];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bodies); i++) {
		assert_meaning(bodies[i], 200, of_order(200, bodies[i]).meaning, MEANING_UNKNOWN);
		assert_non_null(of_order(200, bodies[i]).strange);
		assert_meaning(bodies[i], 200, of_asking(200, bodies[i]).meaning, MEANING_NO_NEWS);
		assert_non_null(of_asking(200, bodies[i]).strange);
	}
	memset(deep, '[', 10000);
	memset(deep + 10000, ']', 10000);
	deep[20000] = '\0';
	assert_int_equal(of_order(200, deep).meaning, MEANING_UNKNOWN);
}

static void an_order_that_says_something_twice_is_asked_for_again(void **state)
{
	struct runa_read read = of_order(200, "{\"id\":\"O-1\",\"status\":\"FAILED\",\"status\":\"FAILED\"}");

	(void)state;
	assert_int_equal(read.meaning, MEANING_ACCEPTED);
	assert_string_equal(read.order.id, "O-1");
	assert_non_null(read.strange);
}

/* The ledger cannot be read just now: no order is taken, and none is disowned. */
static void an_order_that_cannot_be_compared_with_ours_is_asked_for_again(void **state)
{
	struct runa_expected unread = { .reference = "R-1" };
	struct runa_answer answer = answer_of(200, order_body((struct parts){ 0 }));
	struct runa_read read;

	(void)state;
	runa_meaning_of_order(mem, &answer, &of_post, &read);
	assert_int_equal(read.meaning, MEANING_COMPLETED);
	runa_meaning_of_order(mem, &answer, &unread, &read);
	assert_int_equal(read.meaning, MEANING_ACCEPTED);
	assert_non_null(read.order.id);
	unread.reference = "R-2";
	runa_meaning_of_order(mem, &answer, &unread, &read);
	assert_int_equal(read.meaning, MEANING_FOREIGN);
}

/* ---- asking and reading ---- */

static void a_refusal_of_a_question_is_no_news_about_the_order(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		enum meaning wanted = rows[i].meaning == MEANING_SETUP ? MEANING_SETUP : MEANING_NO_NEWS;

		assert_meaning(rows[i].type, rows[i].status, of_asking(rows[i].status, error_body(rows[i].type)).meaning,
		               wanted);
		assert_meaning(rows[i].type, rows[i].status, of_reading(rows[i].status, error_body(rows[i].type)), wanted);
	}
	assert_int_equal(of_asking(429, "{ \"error\": \"rate exceeded\" }").meaning, MEANING_SLOW_DOWN);
	assert_int_equal(of_reading(429, "{ \"error\": \"rate exceeded\" }"), MEANING_SLOW_DOWN);
	assert_int_equal(of_asking(502, "<html>").meaning, MEANING_NO_NEWS);
	assert_int_equal(of_asking(302, "").meaning, MEANING_NO_NEWS);
}

static void only_a_200_was_read(void **state)
{
	(void)state;
	assert_int_equal(of_reading(200, "{\"message\":\"pong\"}"), MEANING_COMPLETED);
	assert_int_equal(of_reading(202, "{}"), MEANING_NO_NEWS);
	assert_int_equal(of_reading(204, ""), MEANING_NO_NEWS);
	assert_int_equal(of_reading(304, ""), MEANING_NO_NEWS);
	assert_int_equal(of_reading(500, ""), MEANING_NO_NEWS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_documented_error_has_its_meaning),
		cmocka_unit_test(the_right_status_with_a_type_that_is_almost_right_is_unknown),
		cmocka_unit_test(the_right_type_with_another_status_is_unknown),
		cmocka_unit_test(in_progress_is_believed_with_any_status),
		cmocka_unit_test(too_fast_needs_no_type),
		cmocka_unit_test(a_status_without_a_type_is_unknown_unless_it_says_all),
		cmocka_unit_test(a_type_that_comes_twice_is_no_type),
		cmocka_unit_test(a_success_that_says_an_error_is_not_a_refusal),
		cmocka_unit_test(how_a_try_ended_decides_where_no_answer_came),
		cmocka_unit_test(faults_40_41_each_order_that_comes_back_has_its_meaning),
		cmocka_unit_test(no_order_in_an_error_is_believed),
		cmocka_unit_test(an_accepted_order_needs_nothing_but_an_id),
		cmocka_unit_test(items_that_miss_or_are_too_many_are_not_taken),
		cmocka_unit_test(a_success_that_cannot_be_read_is_unknown),
		cmocka_unit_test(an_order_that_says_something_twice_is_asked_for_again),
		cmocka_unit_test(an_order_that_cannot_be_compared_with_ours_is_asked_for_again),
		cmocka_unit_test(a_refusal_of_a_question_is_no_news_about_the_order),
		cmocka_unit_test(only_a_200_was_read),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
