/* faults.c: the table of kinds, reading a fault, and the queue. */
#include "sandbox/faults.h"

#include <stdlib.h>
#include <string.h>

#include "sandbox/changes.h"
#include "sandbox/errors.h"

#define GIB (INT64_C(1) << 30)
#define MIB (INT64_C(1) << 20)
enum { DELAY_MAX_MS = 3600 * 1000, TIMES_MAX = 1000000000 };

static const struct fault_kind kinds[] = {
	/* name              runs_api manner                change             */
	{ "none",               true,  MANNER_WHOLE,         NULL },
	{ "cut_before",         false, MANNER_CUT,           NULL },
	{ "cut_after",          true,  MANNER_CUT,           NULL },
	{ "cut_in_header",      true,  MANNER_CUT_IN_HEADER, NULL },
	{ "truncate",           true,  MANNER_TRUNCATE,      NULL },
	{ "endless",            true,  MANNER_ENDLESS,       NULL },
	{ "big",                true,  MANNER_BIG,           NULL },
	{ "gzip_bomb",          true,  MANNER_GZIP_BOMB,     NULL },
	{ "nested",             true,  MANNER_WHOLE,         change_nested },
	{ "drip",               true,  MANNER_DRIP,          NULL },
	{ "silence",            true,  MANNER_SILENCE,       NULL },
	{ "interim",            true,  MANNER_INTERIM,       NULL },
	{ "status",             false, MANNER_WHOLE,         change_status },
	{ "rate",               false, MANNER_WHOLE,         change_rate },
	{ "error",              false, MANNER_WHOLE,         change_error },
	{ "redirect",           false, MANNER_WHOLE,         change_redirect },
	{ "in_progress",        false, MANNER_WHOLE,         change_in_progress },
	{ "wrong_content_type", true,  MANNER_WHOLE,         change_content_type },
	{ "patch",              true,  MANNER_WHOLE,         change_patch },
	{ "async",              true,  MANNER_WHOLE,         NULL },
	{ "fail",               true,  MANNER_WHOLE,         NULL },
	{ "processing_ms",      true,  MANNER_WHOLE,         NULL },
	{ "repeat_page",        true,  MANNER_WHOLE,         NULL },
	{ "endless_pages",      true,  MANNER_WHOLE,         NULL },
	{ "empty_page",         true,  MANNER_WHOLE,         NULL },
};

static const char *const members[] = {
	"kind", "delay_ms", "delay_after_ms", "store", "store_order", "store_answer", "bytes", "mib", "ms", "status",
	"count", "then", "headers", "content_type", "body", "retry_after", "type", "message", "set", "remove",
	"raw_replace", "location", "as", "depth", "reset", "async",
};

/* The queue keeps a fault as JSON text: requests read it into their own arena. */
struct fault {
	char *method, *path, *match_body; /* NULL: any. A path that ends in '*' matches what begins so */
	char *spec;
	int64_t after, times;             /* times 0: for ever */
};

void faults_begin(struct fault_queue *queue)
{
	memset(queue, 0, sizeof *queue);
}

static void fault_end(struct fault *fault)
{
	free(fault->method);
	free(fault->path);
	free(fault->match_body);
	free(fault->spec);
}

void faults_clear(struct fault_queue *queue)
{
	for (size_t i = 0; i < queue->count; i++)
		fault_end(&queue->list[i]);
	queue->count = 0;
}

void faults_end(struct fault_queue *queue)
{
	faults_clear(queue);
	free(queue->list);
	faults_begin(queue);
}

/* --- reading ------------------------------------------------------------------------------- */

static const struct fault_kind *find_kind(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		if (!strcmp(kinds[i].name, name))
			return &kinds[i];
	return NULL;
}

static bool are_members_known(struct json_object *spec, struct problem *why)
{
	json_object_object_foreach(spec, name, value) {
		size_t i = 0;

		(void)value;
		while (i < COUNT_OF(members) && strcmp(members[i], name))
			i++;
		if (i == COUNT_OF(members)) {
			problem_set(why, "do: there is no '%.60s'", name);
			return false;
		}
	}
	return true;
}

static enum manner manner_then(const char *then)
{
	if (then && !strcmp(then, "close"))
		return MANNER_CUT;
	return then && !strcmp(then, "silence") ? MANNER_SILENCE : MANNER_WHOLE;
}

static void read_manner(struct manner_of *how, enum manner manner, struct json_object *spec)
{
	int64_t mib = json_get_number(spec, "mib", 4096, -1);
	int64_t fallback = 10;

	if (manner == MANNER_ENDLESS || manner == MANNER_BIG)
		fallback = 64 * MIB;
	else if (manner == MANNER_GZIP_BOMB)
		fallback = GIB;

	how->manner = manner;
	how->bytes = mib >= 0 ? mib * MIB : json_get_number(spec, "bytes", 4 * GIB, fallback);
	how->pause_ms = json_get_number(spec, "ms", DELAY_MAX_MS, manner == MANNER_DRIP ? 1000 : 0);
	how->interim_status = (int)json_get_number(spec, "status", 199, 102);
	how->interim_count = json_get_number(spec, "count", 1000000, 1);
	how->then = manner_then(json_get_text(spec, "then"));
	how->with_reset = json_get_bool(spec, "reset", false);
}

static enum paging paging_of(const char *kind)
{
	return !strcmp(kind, "repeat_page") ? PAGING_REPEATS
	     : !strcmp(kind, "endless_pages") ? PAGING_ENDLESS
	     : !strcmp(kind, "empty_page") ? PAGING_EMPTY : PAGING_RIGHT;
}

static void read_action(struct action *out, const struct fault_kind *kind, struct json_object *spec)
{
	struct json_object *store_answer = json_get_typed(spec, "store_answer", json_type_boolean);
	bool is_async = !strcmp(kind->name, "async"), is_fail = !strcmp(kind->name, "fail");

	*out = (struct action){ .kind = kind, .spec = spec };
	out->delay_ms = json_get_number(spec, "delay_ms", DELAY_MAX_MS, 0);
	out->delay_after_ms = json_get_number(spec, "delay_after_ms", DELAY_MAX_MS, 0);
	out->runs_api = json_get_bool(spec, "store_order", json_get_bool(spec, "store", kind->runs_api));
	if (store_answer)
		out->store_answer = json_object_get_boolean(store_answer) ? WANTED_YES : WANTED_NO;
	read_manner(&out->how, kind->manner, spec);
	out->is_async = is_async || (is_fail && json_get_bool(spec, "async", false));
	out->will_fail = is_fail;
	/* "processing_ms" is its own kind; "async" and "fail" may say their time too. */
	out->processing_ms = is_async || is_fail || !strcmp(kind->name, "processing_ms")
		? json_get_number(spec, "ms", INT64_C(86400000) * 365, -1) : -1;
	out->paging = paging_of(kind->name);
}

static bool is_spec_right(struct json_object *spec, struct problem *why)
{
	const char *name = json_get_text(spec, "kind");
	const char *type = json_get_text(spec, "type");
	int64_t status = json_get_number(spec, "status", INT32_MAX, -1);

	if (!spec) {
		problem_set(why, "'do' must be an object");
		return false;
	}
	if (!are_members_known(spec, why))
		return false;
	if (name && !find_kind(name))
		problem_set(why, "do: there is no kind '%.60s'", name);
	else if (name && !strcmp(name, "error") && !(type && error_find(type)))
		problem_set(why, "do: 'type' must be a documented error type");
	else if (name && !strcmp(name, "status") && (status < 200 || status > 599))
		problem_set(why, "do: 'status' must be 200 to 599 (see kind interim)");
	else if (name && !strcmp(name, "interim") && status != -1 && (status < 100 || status > 199))
		problem_set(why, "do: 'status' must be 100 to 199");
	else
		return true;
	return false;
}

bool faults_add(struct fault_queue *queue, struct arena *mem, struct json_object *fault, struct problem *why)
{
	struct json_object *spec = json_get_typed(fault, "do", json_type_object);

	if (!is_spec_right(spec, why))
		return false;
	if (queue->count == FAULTS_MAX) {
		problem_set(why, "at most %d faults wait", FAULTS_MAX);
		return false;
	}
	if (queue->count == queue->room) {
		queue->room = queue->room ? queue->room * 2 : 16;
		queue->list = memory_resize(queue->list, queue->room, sizeof *queue->list);
	}
	queue->list[queue->count++] = (struct fault){
		.method = memory_text(json_get_text(fault, "method")),
		.path = memory_text(json_get_text(fault, "path")),
		.match_body = memory_text(json_get_text(fault, "match_body")),
		.spec = memory_text(json_write(mem, spec)),
		.after = json_get_number(fault, "after", TIMES_MAX, 0),
		.times = json_get_number(fault, "times", TIMES_MAX, 1),
	};
	return true;
}

/* --- matching ------------------------------------------------------------------------------ */

static bool is_match(const struct fault *fault, const struct request *request)
{
	size_t path = fault->path ? strlen(fault->path) : 0;

	if (fault->method && strcmp(fault->method, request->method))
		return false;
	if (path && fault->path[path - 1] == '*') {
		if (strncmp(fault->path, request->path, path - 1))
			return false;
	} else if (fault->path && strcmp(fault->path, request->path)) {
		return false;
	}
	return !fault->match_body ||
	       memmem(request->body, request->body_bytes, fault->match_body, strlen(fault->match_body));
}

static void drop(struct fault_queue *queue, size_t at)
{
	fault_end(&queue->list[at]);
	memmove(&queue->list[at], &queue->list[at + 1], (--queue->count - at) * sizeof *queue->list);
}

void faults_take(struct fault_queue *queue, const struct request *request, struct action *out)
{
	*out = (struct action){ .runs_api = true, .processing_ms = -1 };
	for (size_t i = 0; i < queue->count; i++) {
		struct fault *fault = &queue->list[i];
		struct json_object *spec;
		const char *name;

		if (!is_match(fault, request))
			continue;
		if (fault->after > 0) {
			fault->after--;
			continue;
		}
		spec = json_read(request->mem, fault->spec, strlen(fault->spec));
		name = json_get_text(spec, "kind");
		read_action(out, find_kind(name ? name : "none"), spec);
		if (fault->times == 1)
			drop(queue, i);
		else if (fault->times > 1)
			fault->times--;
		return;
	}
}

struct json_object *faults_show(const struct fault_queue *queue, struct arena *mem)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < queue->count; i++) {
		const struct fault *fault = &queue->list[i];
		struct json_object *json = json_object_new_object();

		json_put_text(json, "method", fault->method);
		json_put_text(json, "path", fault->path);
		json_put_text(json, "match_body", fault->match_body);
		json_put(json, "times", json_object_new_int64(fault->times));
		json_put(json, "after", json_object_new_int64(fault->after));
		json_put(json, "do", json_object_get(json_read(mem, fault->spec, strlen(fault->spec))));
		json_object_array_add(list, json);
	}
	return list;
}
