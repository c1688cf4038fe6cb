/* json.c: the one file that knows json-c. It knows no message of Runa's. */
#include "runa/json.h"

#include <json-c/json.h>
#include <limits.h>
#include <string.h>

#include "base/sizes.h"
#include "base/text.h"

enum { DECIMAL_BYTES = 500 }; /* of an amount as a string; what is longer is none */

struct counts {
	size_t members, containers, values;
	bool has_apostrophe; /* outside of strings: json-c takes 'name' for "name", even when strict */
};

/* Counts by punctuation outside of strings, before json-c builds anything. */
static struct counts count_text(const char *body, size_t bytes)
{
	struct counts counts = { .values = 1 };
	bool is_in_string = false;

	for (size_t i = 0; i < bytes; i++) {
		if (is_in_string) {
			if (body[i] == '\\')
				i++;
			else if (body[i] == '"')
				is_in_string = false;
			continue;
		}
		switch (body[i]) {
		case '"': is_in_string = true; break;
		case '\'': counts.has_apostrophe = true; break;
		case ':': counts.members++; break;
		case ',': counts.values++; break;
		case '{':
		case '[': counts.containers++; counts.values++; break;
		}
	}
	return counts;
}

/* Members that json-c kept; it cannot nest deeper than SIZE_JSON_DEPTH. */
static size_t count_members(struct json_object *value)
{
	size_t count = 0;

	if (json_object_is_type(value, json_type_array)) {
		for (size_t i = 0; i < json_object_array_length(value); i++)
			count += count_members(json_object_array_get_idx(value, i));
	} else if (json_object_is_type(value, json_type_object)) {
		json_object_object_foreach(value, name, member) {
			(void)name;
			count += 1 + count_members(member);
		}
	}
	return count;
}

bool runa_json_open(const char *body, size_t bytes, struct runa_json *out)
{
	struct json_tokener *tokener = NULL;
	struct json_object *root = NULL;
	struct counts counts;
	bool ok = false;

	*out = (struct runa_json){ NULL, false };
	while (bytes > 0 && strchr(" \t\r\n", body[bytes - 1]) != NULL && body[bytes - 1] != '\0')
		bytes--;
	if (bytes == 0 || bytes > INT_MAX || memchr(body, '\0', bytes) != NULL || !text_is_utf8(body, bytes))
		return false;
	counts = count_text(body, bytes);
	if (counts.has_apostrophe || counts.containers > JSON_CONTAINERS || counts.values > JSON_VALUES)
		return false;
	tokener = json_tokener_new_ex(SIZE_JSON_DEPTH);
	if (tokener == NULL)
		return false;
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	root = json_tokener_parse_ex(tokener, body, (int)bytes);
	/* A bare number at the end leaves the tokener waiting for more: no message is one. */
	ok = root != NULL && json_tokener_get_error(tokener) == json_tokener_success &&
	     json_tokener_get_parse_end(tokener) == bytes;
	if (ok)
		*out = (struct runa_json){ root, count_members(root) != counts.members };
	else
		json_object_put(root);
	json_tokener_free(tokener);
	return ok;
}

void runa_json_close(struct runa_json *json)
{
	json_object_put(json->root);
	json->root = NULL;
}

bool runa_json_is_object(struct json_object *value)
{
	return json_object_is_type(value, json_type_object);
}

bool runa_json_is_array(struct json_object *value)
{
	return json_object_is_type(value, json_type_array);
}

bool runa_json_is_string(struct json_object *value)
{
	return json_object_is_type(value, json_type_string);
}

struct json_object *runa_json_member(struct json_object *object, const char *name)
{
	struct json_object *member = NULL;

	if (!runa_json_is_object(object) || !json_object_object_get_ex(object, name, &member))
		return NULL;
	return member;
}

struct json_object *runa_json_object(struct json_object *object, const char *name)
{
	struct json_object *member = runa_json_member(object, name);

	return runa_json_is_object(member) ? member : NULL;
}

struct json_object *runa_json_array(struct json_object *object, const char *name)
{
	struct json_object *member = runa_json_member(object, name);

	return runa_json_is_array(member) ? member : NULL;
}

struct json_object *runa_json_item(struct json_object *array, size_t index)
{
	return runa_json_is_array(array) ? json_object_array_get_idx(array, index) : NULL;
}

size_t runa_json_count(struct json_object *array)
{
	return runa_json_is_array(array) ? json_object_array_length(array) : 0;
}

char *runa_json_text(struct arena *mem, struct json_object *value, size_t most)
{
	const char *text;
	size_t count;

	if (!runa_json_is_string(value))
		return NULL;
	text = json_object_get_string(value);
	count = (size_t)json_object_get_string_len(value);
	if (count == 0 || count > most || memchr(text, '\0', count) != NULL || !text_is_utf8(text, count))
		return NULL;
	return arena_copy(mem, text, count);
}

char *runa_json_word(struct arena *mem, struct json_object *value, size_t most)
{
	char *text = runa_json_text(mem, value, most);

	for (const char *at = text; at != NULL && *at != '\0'; at++)
		if (*at < 0x21 || *at > 0x7e)
			return NULL;
	return text;
}

char *runa_json_prose(struct arena *mem, struct json_object *value, size_t most)
{
	size_t count = runa_json_is_string(value) ? (size_t)json_object_get_string_len(value) : 0;
	char *text = runa_json_text(mem, value, count);

	if (text == NULL)
		return NULL;
	if (count > most) {
		for (count = most; count > 0 && ((unsigned char)text[count] & 0xc0) == 0x80; count--)
			;
		text[count] = '\0';
	}
	for (unsigned char *at = (unsigned char *)text; *at != '\0'; at++) {
		if (*at < 0x20 || *at == 0x7f)
			*at = ' ';
		else if (at[0] == 0xc2 && at[1] < 0xa0) /* U+0080 to U+009F, two bytes each */
			at[0] = at[1] = ' ';
	}
	return text;
}

/* json-c keeps the text of each number with a fraction or an exponent beside its own reading of it,
 * and prints that text. Whole numbers it holds exactly, those of more than 64 bits as the nearest it
 * has: with 20 digits, that is still too large for any amount. NaN and Infinity, which it lets through,
 * come out as these words, and no reader of a decimal takes them. */
char *runa_json_decimal(struct arena *mem, struct json_object *value)
{
	const char *text;

	if (runa_json_is_string(value))
		return runa_json_text(mem, value, DECIMAL_BYTES);
	if (!json_object_is_type(value, json_type_int) && !json_object_is_type(value, json_type_double))
		return NULL;
	text = json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN);
	return arena_text(mem, text);
}

bool runa_json_money(struct arena *mem, struct json_object *value, const char *currency, struct money *out)
{
	const char *text = runa_json_decimal(mem, value);

	*out = (struct money){ 0, "" };
	if (text != NULL && money_is_currency(currency) && money_from_runa(text, currency, out) == MONEY_OK)
		return true;
	*out = (struct money){ 0, "" };
	return false;
}

bool runa_json_is_true(struct json_object *value)
{
	return json_object_is_type(value, json_type_boolean) && json_object_get_boolean(value);
}
