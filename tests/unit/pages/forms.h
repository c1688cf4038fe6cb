/* forms.h: sending the order form and reading what comes back, for the tests of its pages. */
#ifndef UNIT_PAGES_FORMS_H
#define UNIT_PAGES_FORMS_H

#define GOOD "product=AMZ-GB&face_value=10.00&currency=GBP&distribution=PAYOUT_LINK"

/* POST /orders with this token. */
static inline struct portal_answer send(struct portal *portal, const char *token, const char *fields)
{
	return portal_post(portal, "alice", "/orders", arena_print(portal->mem, "token=%s&%s", token, fields));
}

/* The token that a page holds. */
static inline const char *token_in(struct portal *portal, struct portal_answer answer)
{
	static const char before[] = "name=\"token\" value=\"";
	const char *at = strstr(answer.body, before);

	assert_non_null(at);
	at += strlen(before);
	return arena_copy(portal->mem, at, strcspn(at, "\""));
}

static inline size_t orders_of(struct portal *portal)
{
	struct ledger_filter all = { .has_status = false };
	struct order *orders;
	size_t count;

	assert_int_equal(ledger_orders(portal->ledger, portal->mem, &all, 1000, &orders, &count), LEDGER_OK);
	return count;
}

#endif
