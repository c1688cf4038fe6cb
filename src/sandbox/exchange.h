/* exchange.h: one request and its answer as plain data. Knows no socket and no rule of the API.
 * Everything in both lives in the request's arena, and the request belongs to one thread. */
#ifndef SANDBOX_EXCHANGE_H
#define SANDBOX_EXCHANGE_H

#include <json-c/json.h>

#include "base/arena.h"
#include "base/base.h"

enum {
	EXCHANGE_FIELDS_MAX = 100,           /* headers, and likewise query arguments, of one request */
	EXCHANGE_BODY_MAX = 4 * 1024 * 1024, /* a longer request body is 413 */
	EXCHANGE_JSON_DEPTH = 32,
};

struct field {
	const char *name, *value;
};

struct fields {
	struct field *list; /* room for EXCHANGE_FIELDS_MAX, from the first fields_add() on */
	size_t count;
};

/* Adds a pair; both texts must live as long as `mem`. Past EXCHANGE_FIELDS_MAX nothing is added. */
void fields_add(struct fields *fields, struct arena *mem, const char *name, const char *value);
/* The first value of that name (exact spelling), or NULL. */
MUST_USE const char *fields_get(const struct fields *fields, const char *name);

struct request {
	struct arena *mem;
	const char *method, *path; /* path: decoded, "/v2/order" */
	const char *query;         /* as sent, without '?'; "" where there is none */
	struct fields headers;     /* names in lower case, order as sent */
	struct fields args;        /* query arguments, decoded */
	char *body;                /* NUL behind it */
	size_t body_bytes, body_room;
	bool is_too_long;          /* more than EXCHANGE_BODY_MAX came; body holds the beginning */
};

MUST_USE const char *request_header(const struct request *request, const char *lower_name);
MUST_USE const char *request_arg(const struct request *request, const char *name);

/* How the bytes of an answer go out; wire.h does each. */
enum manner {
	MANNER_WHOLE,   /* as HTTP wants it, connection kept */
	MANNER_CUT,     /* nothing is sent, the connection ends */
	MANNER_CUT_IN_HEADER,
	MANNER_TRUNCATE,
	MANNER_ENDLESS,
	MANNER_BIG,
	MANNER_GZIP_BOMB,
	MANNER_DRIP,
	MANNER_SILENCE,
	MANNER_INTERIM,
};

/* Numbers that go with a manner; each is bounded where it is read (faults.c). */
struct manner_of {
	enum manner manner;
	int64_t bytes;          /* TRUNCATE: of the body sent; BIG, ENDLESS, GZIP_BOMB: at most sent */
	int64_t pause_ms;       /* DRIP, INTERIM: between pieces */
	int interim_status;     /* INTERIM: 100..199 */
	int64_t interim_count;
	enum manner then;       /* INTERIM: WHOLE, CUT or SILENCE */
	bool with_reset;        /* CUT: RST instead of FIN */
};

struct answer {
	int status;              /* 0: not answered yet */
	const char *content_type;
	struct fields headers;
	const char *body;
	size_t body_bytes;
	const char *order_id;    /* NULL where no order is meant */
	bool is_kept;            /* the ordering service itself said it: stays with the key */
	bool is_from_before;     /* stands for something in front of the API: no X-Api-Version */
	struct manner_of how;
};

/* A JSON answer; takes over `json`. */
void answer_json(struct answer *answer, struct arena *mem, int status, struct json_object *json);
void answer_text(struct answer *answer, struct arena *mem, int status, const char *json_text);

/* --- JSON in an arena ---------------------------------------------------------------------- */

/* Gives `json` back when the arena goes; returns it. */
struct json_object *json_keep(struct arena *mem, struct json_object *json);
/* Strict JSON of at most EXCHANGE_JSON_DEPTH levels, numbers with their digits kept. NULL where it is
 * not; the result lives in `mem`. A lone `null` is refused too. */
MUST_USE struct json_object *json_read(struct arena *mem, const char *bytes, size_t count);
/* Compact text, slashes plain. */
MUST_USE char *json_write(struct arena *mem, struct json_object *json);
/* A member of an object, or NULL; of the type asked for, or NULL. */
MUST_USE struct json_object *json_get(struct json_object *object, const char *name);
MUST_USE struct json_object *json_get_typed(struct json_object *object, const char *name, enum json_type type);
/* Text member or NULL. */
MUST_USE const char *json_get_text(struct json_object *object, const char *name);
/* Whole number member within 0..most; `otherwise` where it is absent or not such a number. */
MUST_USE int64_t json_get_number(struct json_object *object, const char *name, int64_t most, int64_t otherwise);
MUST_USE bool json_get_bool(struct json_object *object, const char *name, bool otherwise);
/* object[name] = text, null where text is NULL. */
void json_put_text(struct json_object *object, const char *name, const char *text);
void json_put(struct json_object *object, const char *name, struct json_object *value);

#endif
