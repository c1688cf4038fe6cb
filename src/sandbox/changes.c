/* changes.c: edits of answers. What a fault's author writes is taken at its word: an answer may well
 * stop being JSON here. */
#include "sandbox/changes.h"

#include <string.h>

#include "base/text.h"
#include "sandbox/errors.h"
#include "sandbox/settings.h"

enum { NESTED_MAX = 1000000, REPLACED_MAX = 64 * 1024 * 1024 };

static void set_body(struct answer *answer, const char *body)
{
	answer->body = body;
	answer->body_bytes = strlen(body);
}

CHANGE(change_status)
{
	struct json_object *headers = json_get_typed(action->spec, "headers", json_type_object);
	struct json_object *body = json_get(action->spec, "body");
	const char *type = json_get_text(action->spec, "content_type");

	answer->status = (int)json_get_number(action->spec, "status", 599, 500);
	answer->headers = (struct fields){ 0 };
	answer->content_type = type ? type : "application/json";
	answer->is_from_before = true;
	/* A body that isn't a text is meant as JSON. */
	set_body(answer, !body ? "" : json_object_is_type(body, json_type_string)
	                              ? json_object_get_string(body) : json_write(request->mem, body));
	answer->is_kept = error_status_is_kept(settings, answer->status);
	if (headers) {
		json_object_object_foreach(headers, name, value)
			fields_add(&answer->headers, request->mem, name, json_object_get_string(value));
	}
}

CHANGE(change_rate)
{
	struct json_object *after = json_get(action->spec, "retry_after"); /* seconds, a date or rubbish */

	answer->headers = (struct fields){ 0 };
	error_rate(answer, request->mem, settings);
	answer->is_from_before = true;
	if (after)
		fields_add(&answer->headers, request->mem, "Retry-After", json_object_get_string(after));
}

CHANGE(change_error)
{
	const char *type = json_get_text(action->spec, "type");

	answer->headers = (struct fields){ 0 };
	error_answer(answer, request->mem, settings, type ? type : "internal_server_error",
	             json_get_text(action->spec, "message"));
}

CHANGE(change_redirect)
{
	const char *location = json_get_text(action->spec, "location");

	(void)settings;
	answer->status = (int)json_get_number(action->spec, "status", 399, 302);
	answer->content_type = "text/html";
	answer->is_kept = false;
	answer->is_from_before = true;
	answer->headers = (struct fields){ 0 };
	set_body(answer, "<html>moved</html>");
	fields_add(&answer->headers, request->mem, "Location", location ? location : "http://127.0.0.1:1/");
}

CHANGE(change_content_type)
{
	const char *type = json_get_text(action->spec, "content_type");

	(void)settings, (void)request;
	answer->content_type = type ? type : "text/html";
}

CHANGE(change_in_progress)
{
	int64_t as = json_get_number(action->spec, "as", 400, settings->in_progress_as);

	answer->headers = (struct fields){ 0 };
	error_answer(answer, request->mem, settings, "idempotency_in_progress", NULL);
	if (as == 102)
		answer->how = (struct manner_of){
			.manner = MANNER_INTERIM, .interim_status = 102, .interim_count = 1, .then = MANNER_CUT,
		};
}

CHANGE(change_nested)
{
	size_t depth = (size_t)json_get_number(action->spec, "depth", NESTED_MAX, 10000);
	char *deep = arena_alloc(request->mem, 2 * depth + 1);
	struct text text;

	(void)settings;
	memset(deep, '[', depth);
	memset(deep + depth, ']', depth);
	text_begin(&text, request->mem, 0);
	if (answer->body_bytes > 2 && answer->body[0] == '{') {
		text_add_text(&text, "{\"nested\":");
		text_add(&text, deep, 2 * depth);
		text_add_text(&text, ",");
		text_add(&text, answer->body + 1, answer->body_bytes - 1);
	} else {
		text_add(&text, deep, 2 * depth);
	}
	set_body(answer, text.bytes);
}

/* --- patch --------------------------------------------------------------------------------- */

/* Takes away what an RFC 6901 pointer names; absent is fine. */
static void remove_at(struct arena *mem, struct json_object *root, const char *pointer)
{
	const char *last = strrchr(pointer, '/');
	struct json_object *in = root;
	int64_t index;

	if (!last)
		return;
	if (last != pointer && json_pointer_get(root, arena_copy(mem, pointer, (size_t)(last - pointer)), &in))
		return;
	if (json_object_is_type(in, json_type_object))
		json_object_object_del(in, last + 1);
	else if (json_object_is_type(in, json_type_array) && text_number(last + 1, INT32_MAX, &index) &&
	         (size_t)index < json_object_array_length(in))
		json_object_array_del_idx(in, (size_t)index, 1);
}

static void edit_json(const struct action *action, const struct request *request, struct answer *answer)
{
	struct json_object *set = json_get_typed(action->spec, "set", json_type_object);
	struct json_object *remove = json_get_typed(action->spec, "remove", json_type_array);
	struct json_object *root = set || remove ? json_read(request->mem, answer->body, answer->body_bytes) : NULL;

	if (!root)
		return;
	if (set) {
		json_object_object_foreach(set, pointer, value) {
			struct json_object *copy = NULL;

			if (value && json_object_deep_copy(value, &copy, NULL))
				continue;
			if (!*pointer || json_pointer_set(&root, pointer, copy))
				json_object_put(copy);
		}
	}
	for (size_t i = 0; remove && i < json_object_array_length(remove); i++) {
		const char *pointer = json_object_get_string(json_object_array_get_idx(remove, i));

		if (pointer)
			remove_at(request->mem, root, pointer);
	}
	set_body(answer, json_write(request->mem, root));
}

/* Every occurrence; what was put in is not looked at again. */
static void replace(const struct request *request, struct answer *answer, const char *old, const char *new)
{
	struct text text;
	const char *from = answer->body, *found;

	if (!*old)
		return;
	text_begin(&text, request->mem, REPLACED_MAX);
	while ((found = strstr(from, old))) {
		text_add(&text, from, (size_t)(found - from));
		text_add_text(&text, new);
		from = found + strlen(old);
	}
	text_add_text(&text, from);
	set_body(answer, text.bytes);
}

CHANGE(change_patch)
{
	struct json_object *pairs = json_get_typed(action->spec, "raw_replace", json_type_array);

	(void)settings;
	edit_json(action, request, answer);
	for (size_t i = 0; pairs && i < json_object_array_length(pairs); i++) {
		struct json_object *pair = json_object_array_get_idx(pairs, i);

		if (json_object_is_type(pair, json_type_array) && json_object_array_length(pair) == 2)
			replace(request, answer, json_object_get_string(json_object_array_get_idx(pair, 0)),
			        json_object_get_string(json_object_array_get_idx(pair, 1)));
	}
}
