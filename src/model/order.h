/* order.h: what a person asked for. An order never changes its content; attempt.h says what became
 * of it. Plain values, no I/O. */
#ifndef MODEL_ORDER_H
#define MODEL_ORDER_H

#include "base/base.h"
#include "base/ids.h"
#include "model/money.h"

#define ORDER_STATUS_LIST(X)                                                                     \
	X(AWAITING_APPROVAL, "awaiting_approval")                                                \
	X(PLACING, "placing")                 /* accepted here, no final answer yet          */  \
	X(COMPLETED, "completed")                                                                \
	X(FAILED, "failed")                   /* Runa refused it, or accepted and then failed */ \
	X(REJECTED, "rejected")               /* by an approver                               */ \
	X(NEEDS_ATTENTION, "needs_attention") /* no final answer, and trying stopped          */

enum order_status {
#define ORDER_STATUS_ENUM(name, word) ORDER_##name,
	ORDER_STATUS_LIST(ORDER_STATUS_ENUM)
#undef ORDER_STATUS_ENUM
	ORDER_STATUSES
};

enum distribution { DISTRIBUTION_LINK, DISTRIBUTION_EMAIL };

/* The first question of every message about an outcome (design 3). */
enum money_moved { MONEY_MOVED_NO, MONEY_MOVED_YES, MONEY_MOVED_UNKNOWN };

struct order {
	char number[ID_NUMBER_SIZE];
	char form_key[ID_KEY_SIZE]; /* the form it came from; also the first attempt's key: never shown as ID */
	enum order_status status;
	enum money_moved money_moved;

	/* the wish, unchangeable */
	const char *product_code, *product_name; /* the name as it was when ordered */
	struct money face_value;                 /* its currency is that of the balance that pays */
	enum distribution distribution;
	const char *email;       /* NULL for a link; "" once blanked */
	const char *description; /* NULL where none */
	const char *placed_by, *placed_by_name;
	int64_t placed_at_ms;

	/* what became of it */
	int64_t completed_at_ms;         /* 0: not */
	struct money price, discount;    /* valid once completed; price.currency "" where not said */
	const char *runa_order_id;       /* NULL where not known */
	const char *payout_status;       /* ACTIVE, CLAIMED, ..., NULL where not known */
	int64_t payout_checked_at_ms;    /* 0: never */
	int64_t payout_due_at_ms;        /* of the next look at it; 0: none any more */
	int payout_looks;                /* so far */
	const char *payout_expiry;       /* as Runa wrote it, NULL where none */
	const unsigned char *link_sealed; /* NULL where there is none; seal.h opens it */
	size_t link_sealed_bytes;
	const char *error_type, *error_message; /* of a refusal or the last strange answer; NULL where none */
	const char *advice;              /* key of the sentence to show (desk/attempt), never NULL */
	int attempts;
	int tries;
};

MUST_USE const char *order_status_name(enum order_status status);
MUST_USE bool order_status_from_name(const char *name, enum order_status *out);
MUST_USE const char *order_distribution_name(enum distribution distribution); /* EMAIL, PAYOUT_LINK */
MUST_USE bool order_distribution_from_name(const char *name, enum distribution *out);
MUST_USE const char *order_money_moved_name(enum money_moved moved); /* yes, no, unknown */
MUST_USE bool order_money_moved_from_name(const char *name, enum money_moved *out);

/* Placed, and no final word yet: its money is reserved. */
MUST_USE bool order_is_open(enum order_status status);
/* The words of the wish are the same: product, value, currency, distribution, email, description. */
MUST_USE bool order_same_content(const struct order *a, const struct order *b);

#endif
