/* settings.h: what can be switched while the sandbox runs (doc/sandbox-control.md). Guarded by the
 * world's lock. */
#ifndef SANDBOX_SETTINGS_H
#define SANDBOX_SETTINGS_H

#include "base/problem.h"
#include "model/money.h"
#include "sandbox/exchange.h"

enum {
	SETTINGS_KEY_SIZE = 200,
	SETTINGS_BALANCES_MAX = 40,
	SETTINGS_WITHDRAWN_MAX = 1000,
	SETTINGS_PRODUCTS_MAX = 50000,
	SETTINGS_CODE_SIZE = 64,
};

struct settings {
	char api_key[SETTINGS_KEY_SIZE];
	bool funds;               /* balances are really deducted */
	bool store_5xx, store_429;
	int64_t in_progress_as;   /* 400 or 102 */
	bool is_playground_style; /* validation details */
	int64_t processing_ms;    /* an asynchronous order's time in PROCESSING */
	bool quirks;              /* runa-api appendix A 11 */
	int64_t products;         /* size of the catalogue */
	bool estimate;            /* false: as in the playground */
	bool keep_requests;
	bool ip_allowed;          /* false: 403 for everyone */
	bool fx;                  /* single synchronous orders may be paid in another currency */
	int64_t list_lag_s;       /* before a new order appears in GET /order */
	struct money balances[SETTINGS_BALANCES_MAX];
	size_t balance_count;
	char (*withdrawn)[SETTINGS_CODE_SIZE]; /* owned; no longer orderable */
	size_t withdrawn_count;
};

void settings_begin(struct settings *settings); /* the defaults */
void settings_end(struct settings *settings);

/* Sets what `change` names. All or nothing: false with the reason, settings unchanged. An unknown
 * name is refused, so that a typing mistake in a test is noticed. */
MUST_USE bool settings_change(struct settings *settings, struct arena *mem, struct json_object *change,
                              struct problem *why);
/* As JSON for GET /_sandbox/state, without the key; the caller owns it. */
MUST_USE struct json_object *settings_show(const struct settings *settings, struct arena *mem);

/* NULL: the currency is not one that Runa keeps balances in. */
MUST_USE struct money *settings_balance(struct settings *settings, const char *currency);
MUST_USE bool settings_is_withdrawn(const struct settings *settings, const char *code);

#endif
