/* exchange.c: requests, answers and JSON as plain data in an arena. */
#include "sandbox/exchange.h"

#include <string.h>

void fields_add(struct fields *fields, struct arena *mem, const char *name, const char *value)
{
	if (!fields->list)
		fields->list = arena_array(mem, EXCHANGE_FIELDS_MAX, sizeof *fields->list);
	if (fields->count < EXCHANGE_FIELDS_MAX)
		fields->list[fields->count++] = (struct field){ name, value };
}

const char *fields_get(const struct fields *fields, const char *name)
{
	for (size_t i = 0; i < fields->count; i++)
		if (!strcmp(fields->list[i].name, name))
			return fields->list[i].value;
	return NULL;
}

const char *request_header(const struct request *request, const char *lower_name)
{
	return fields_get(&request->headers, lower_name);
}

const char *request_arg(const struct request *request, const char *name)
{
	return fields_get(&request->args, name);
}

void answer_json(struct answer *answer, struct arena *mem, int status, struct json_object *json)
{
	answer_text(answer, mem, status, json_write(mem, json_keep(mem, json)));
}

void answer_text(struct answer *answer, struct arena *mem, int status, const char *json_text)
{
	(void)mem;
	answer->status = status;
	answer->content_type = "application/json";
	answer->body = json_text;
	answer->body_bytes = strlen(json_text);
}

/* --- JSON ---------------------------------------------------------------------------------- */

static void give_back(void *json)
{
	json_object_put(json);
}

struct json_object *json_keep(struct arena *mem, struct json_object *json)
{
	if (json)
		arena_at_end(mem, give_back, json);
	return json;
}

/* Even when strict, json-c takes 'single quotes', NaN and Infinity. None of ' N I stands outside of
 * strings in right JSON. */
static bool is_without_liberties(const char *bytes, size_t count)
{
	bool is_in_string = false;

	for (size_t i = 0; i < count; i++) {
		if (is_in_string && bytes[i] == '\\')
			i++;
		else if (bytes[i] == '"')
			is_in_string = !is_in_string;
		else if (!is_in_string && (bytes[i] == '\'' || bytes[i] == 'N' || bytes[i] == 'I'))
			return false;
	}
	return true;
}

struct json_object *json_read(struct arena *mem, const char *bytes, size_t count)
{
	struct json_tokener *reader;
	struct json_object *json = NULL;

	if (!bytes || count == 0 || count > EXCHANGE_BODY_MAX || !is_without_liberties(bytes, count))
		return NULL;
	reader = json_tokener_new_ex(EXCHANGE_JSON_DEPTH);
	if (!reader)
		return NULL;
	json_tokener_set_flags(reader, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	json = json_tokener_parse_ex(reader, bytes, (int)count);
	/* A bare number at the very end only ends with a NUL (json-c's own rule). */
	if (!json && json_tokener_get_error(reader) == json_tokener_continue)
		json = json_tokener_parse_ex(reader, "", 1);
	if (json_tokener_get_error(reader) != json_tokener_success) {
		json_object_put(json);
		json = NULL;
	}
	json_tokener_free(reader);
	return json_keep(mem, json);
}

char *json_write(struct arena *mem, struct json_object *json)
{
	size_t count = 0;
	const char *text = json_object_to_json_string_length(
		json, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &count);

	return arena_copy(mem, text, count);
}

struct json_object *json_get(struct json_object *object, const char *name)
{
	struct json_object *value = NULL;

	if (json_object_is_type(object, json_type_object))
		json_object_object_get_ex(object, name, &value);
	return value;
}

struct json_object *json_get_typed(struct json_object *object, const char *name, enum json_type type)
{
	struct json_object *value = json_get(object, name);

	return value && json_object_is_type(value, type) ? value : NULL;
}

const char *json_get_text(struct json_object *object, const char *name)
{
	struct json_object *value = json_get_typed(object, name, json_type_string);

	return value ? json_object_get_string(value) : NULL;
}

int64_t json_get_number(struct json_object *object, const char *name, int64_t most, int64_t otherwise)
{
	struct json_object *value = json_get_typed(object, name, json_type_int);
	int64_t number = value ? json_object_get_int64(value) : -1;

	return number >= 0 && number <= most ? number : otherwise;
}

bool json_get_bool(struct json_object *object, const char *name, bool otherwise)
{
	struct json_object *value = json_get_typed(object, name, json_type_boolean);

	return value ? json_object_get_boolean(value) : otherwise;
}

void json_put_text(struct json_object *object, const char *name, const char *text)
{
	json_object_object_add(object, name, text ? json_object_new_string(text) : NULL);
}

void json_put(struct json_object *object, const char *name, struct json_object *value)
{
	json_object_object_add(object, name, value);
}
