/* test_faults.c: which request a fault meets, how often, and what its edits make of an answer. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "sandbox/changes.h"
#include "sandbox/faults.h"
#include "sandbox/settings.h"

struct stage {
	struct fault_queue queue;
	struct arena *mem;
	struct settings settings;
};

static struct stage the_stage;

static int begin(void **state)
{
	faults_begin(&the_stage.queue);
	the_stage.mem = arena_open();
	settings_begin(&the_stage.settings);
	*state = &the_stage;
	return 0;
}

static int end(void **state)
{
	struct stage *stage = *state;

	faults_end(&stage->queue);
	arena_close(stage->mem);
	settings_end(&stage->settings);
	return 0;
}

static bool add(struct stage *stage, const char *json)
{
	struct problem why;

	return faults_add(&stage->queue, stage->mem, json_read(stage->mem, json, strlen(json)), &why);
}

static struct request request_of(struct stage *stage, const char *method, const char *path, const char *body)
{
	return (struct request){
		.mem = stage->mem, .method = method, .path = path, .query = "",
		.body = arena_text(stage->mem, body), .body_bytes = strlen(body),
	};
}

/* The name of the kind that meets such a request; "-" where none does. */
static const char *meets(struct stage *stage, const char *method, const char *path, const char *body)
{
	struct request request = request_of(stage, method, path, body);
	struct action action;

	faults_take(&stage->queue, &request, &action);
	return action.kind ? action.kind->name : "-";
}

static void faults_are_met_in_turn_and_used_up(void **state)
{
	assert_true(add(*state, "{\"method\":\"POST\",\"path\":\"/v2/order\",\"do\":{\"kind\":\"cut_before\"}}"));
	assert_true(add(*state, "{\"method\":\"POST\",\"path\":\"/v2/order\",\"times\":2,\"do\":{\"kind\":\"rate\"}}"));
	assert_string_equal(meets(*state, "GET", "/v2/order", ""), "-");
	assert_string_equal(meets(*state, "POST", "/v2/order", ""), "cut_before");
	assert_string_equal(meets(*state, "POST", "/v2/order", ""), "rate");
	assert_string_equal(meets(*state, "POST", "/v2/order", ""), "rate");
	assert_string_equal(meets(*state, "POST", "/v2/order", ""), "-");
}

static void times_zero_is_for_ever_and_after_skips(void **state)
{
	assert_true(add(*state, "{\"times\":0,\"after\":2,\"do\":{\"kind\":\"silence\"}}"));
	assert_string_equal(meets(*state, "GET", "/v2/ping", ""), "-");
	assert_string_equal(meets(*state, "GET", "/v2/ping", ""), "-");
	for (int i = 0; i < 50; i++)
		assert_string_equal(meets(*state, "GET", "/v2/ping", ""), "silence");
	faults_clear(&the_stage.queue);
	assert_string_equal(meets(*state, "GET", "/v2/ping", ""), "-");
}

static void path_and_body_choose(void **state)
{
	assert_true(add(*state, "{\"path\":\"/v2/order/*\",\"times\":0,\"do\":{\"kind\":\"rate\"}}"));
	assert_true(add(*state, "{\"match_body\":\"unlucky\",\"times\":0,\"do\":{\"kind\":\"async\"}}"));
	assert_string_equal(meets(*state, "GET", "/v2/order/O-1", ""), "rate");
	assert_string_equal(meets(*state, "POST", "/v2/order", "an unlucky one"), "async");
	assert_string_equal(meets(*state, "POST", "/v2/order", "a lucky one"), "-");
}

static void a_fault_that_is_mistyped_is_refused(void **state)
{
	static const char *const wrong[] = {
		"{}", "{\"do\":5}", "{\"do\":{\"kind\":\"nope\"}}", "{\"do\":{\"kind\":\"rate\",\"retry\":1}}",
		"{\"do\":{\"kind\":\"error\"}}", "{\"do\":{\"kind\":\"error\",\"type\":\"nope\"}}",
		"{\"do\":{\"kind\":\"status\",\"status\":102}}", "{\"do\":{\"kind\":\"interim\",\"status\":200}}",
	};

	for (size_t i = 0; i < COUNT_OF(wrong); i++)
		assert_false(add(*state, wrong[i]));
	assert_int_equal(the_stage.queue.count, 0);
}

/* What a patch makes of `body`. */
static const char *patched(struct stage *stage, const char *spec, const char *body)
{
	struct request request = request_of(stage, "POST", "/v2/order", "");
	struct action action = { .spec = json_read(stage->mem, spec, strlen(spec)) };
	struct answer answer = { 0 };

	answer_text(&answer, stage->mem, 200, body);
	change_patch(&action, &stage->settings, &request, &answer);
	assert_int_equal(answer.body_bytes, strlen(answer.body));
	return answer.body;
}

static void a_patch_sets_removes_and_replaces(void **state)
{
	static const struct { const char *spec, *before, *after; } rows[] = {
		{ "{\"set\":{\"/a\":1}}", "{\"a\":\"x\"}", "{\"a\":1}" },
		{ "{\"set\":{\"/a/0/b\":null}}", "{\"a\":[{\"b\":2}]}", "{\"a\":[{\"b\":null}]}" },
		{ "{\"set\":{\"/new\":{\"c\":[]}}}", "{}", "{\"new\":{\"c\":[]}}" },
		{ "{\"remove\":[\"/a\"]}", "{\"a\":1,\"b\":2}", "{\"b\":2}" },
		{ "{\"remove\":[\"/a/0\",\"/x/y\",\"nonsense\",\"\"]}", "{\"a\":[1,2]}", "{\"a\":[2]}" },
		{ "{\"raw_replace\":[[\"\\\"10.00\\\"\",\"NaN\"]]}", "{\"p\":\"10.00\",\"q\":\"10.00\"}", "{\"p\":NaN,\"q\":NaN}" },
		{ "{\"raw_replace\":[[\"a\",\"aa\"],[\"\",\"x\"]]}", "aba", "aabaa" },
		{ "{\"set\":{\"/a\":1}}", "not json", "not json" },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_string_equal(patched(*state, rows[i].spec, rows[i].before), rows[i].after);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(faults_are_met_in_turn_and_used_up, begin, end),
		cmocka_unit_test_setup_teardown(times_zero_is_for_ever_and_after_skips, begin, end),
		cmocka_unit_test_setup_teardown(path_and_body_choose, begin, end),
		cmocka_unit_test_setup_teardown(a_fault_that_is_mistyped_is_refused, begin, end),
		cmocka_unit_test_setup_teardown(a_patch_sets_removes_and_replaces, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
