/* json.h: reading hostile JSON inside the runa room, over json-c. Texts are copied into an arena, and
 * numbers are read as the digits that were written, never through floating point. */
#ifndef RUNA_JSON_H
#define RUNA_JSON_H

#include "base/arena.h"
#include "base/base.h"
#include "model/money.h"

struct json_object; /* json-c's */

struct runa_json {
	struct json_object *root;
	bool has_twins; /* some object names a member twice: json-c kept the last of them */
};

enum {
	JSON_CONTAINERS = 40000, /* objects and arrays in one body: a page of 500 products has some 6,000 */
	JSON_VALUES = 500000,
};

/* One whole JSON value and nothing behind it: UTF-8, nested at most SIZE_JSON_DEPTH deep, within the
 * bounds above (each costs json-c far more memory than bytes). False: it isn't; nothing to close. */
MUST_USE bool runa_json_open(const char *body, size_t bytes, struct runa_json *out);
void runa_json_close(struct runa_json *json);

MUST_USE bool runa_json_is_object(struct json_object *value);
MUST_USE bool runa_json_is_string(struct json_object *value);
MUST_USE bool runa_json_is_array(struct json_object *value);
/* A member that is neither missing nor null, else NULL; `object` may be anything, NULL too. */
MUST_USE struct json_object *runa_json_member(struct json_object *object, const char *name);
MUST_USE struct json_object *runa_json_object(struct json_object *object, const char *name);
MUST_USE struct json_object *runa_json_array(struct json_object *object, const char *name);
MUST_USE struct json_object *runa_json_item(struct json_object *array, size_t index);
MUST_USE size_t runa_json_count(struct json_object *array); /* 0 for what is no array */

/* A string of 1 to `most` bytes without a NUL in it; NULL: missing, or not that. */
MUST_USE char *runa_json_text(struct arena *mem, struct json_object *value, size_t most);
/* The same of printable ASCII without blanks: ids, codes, words. */
MUST_USE char *runa_json_word(struct arena *mem, struct json_object *value, size_t most);
/* A string for people to read: control characters become blanks, and it is cut to `most` bytes between
 * characters. NULL: missing, empty, or not a string. */
MUST_USE char *runa_json_prose(struct arena *mem, struct json_object *value, size_t most);
/* A string, or the number as it was written: '10.10', '1e2', 400 digits, but also 'NaN': the caller
 * checks it. NULL: neither. */
MUST_USE char *runa_json_decimal(struct arena *mem, struct json_object *value);
/* An amount of either spelling. False: *out has currency "". */
MUST_USE bool runa_json_money(struct arena *mem, struct json_object *value, const char *currency,
                              struct money *out);
MUST_USE bool runa_json_is_true(struct json_object *value);

#endif
