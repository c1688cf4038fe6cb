/* texts.c: the words C chooses among. Knows the keys of the desk's, Runa's and the web's outcomes, and decides
 * nothing. First what happened, then the money, then what to do; calm, no blame. */
#include "pages/texts.h"

#include <string.h>

#include "base/sizes.h"
#include "base/text.h"
#include "desk/attempt.h"
#include "pages/show.h"

/* ---- outcomes -------------------------------------------------------------------------------- */

#define WAIT_HERE N_("Nothing needs doing: this page refreshes itself. Please do not order again meanwhile.")
/* Only where attempt_may_be_renewed says so: no page promises what would be refused. */
#define LOOK_FIRST N_("Please do not order again: that could buy it twice. An approver looks the order up in Runa's web " \
	"portal, and may then open a new attempt on this page.")
#define LOOK_ONLY N_("Please do not order again: that could buy it twice. An approver looks the order up in Runa's web " \
	"portal, and settles it there.")
#define ASK_OR_LOOK N_("Please do not order again: that could buy it twice. 'Try again now' asks Runa once more what " \
	"became of it. If that brings nothing, an approver looks the order up in Runa's web portal, and settles it there."), \
	N_("Please do not order again: that could buy it twice. Someone who may order can press 'Try " \
	"again now', which asks Runa once more what became of it. If that brings nothing, an approver looks the order up in " \
	"Runa's web portal, and settles it there.")
#define AFTER_MENDING N_("An administrator mends the desk's access; the order then goes on by itself. Please do not order again.")
/* The same whether 'Try again now' is on the page or not. */
#define ALIKE(next) next, NULL

static const struct texts_advice advices[] = {
	{ "waiting_unsent", MONEY_MOVED_NO, N_("The desk has your order and is about to send it to Runa."), NULL,
	  N_("Nothing was sent to Runa yet."), ALIKE(WAIT_HERE) },
	{ "waiting_unreachable", MONEY_MOVED_NO, N_("Runa cannot be reached. The desk keeps trying."), NULL,
	  N_("Not a byte of this order left the desk, so it has cost nothing so far."), ALIKE(WAIT_HERE) },
	{ "waiting_sent", MONEY_MOVED_UNKNOWN, N_("The order is with Runa. Its answer has not come yet."), NULL,
	  N_("Runa may be buying it at this moment."), ALIKE(WAIT_HERE) },
	{ "waiting_slow", MONEY_MOVED_UNKNOWN, N_("Runa turned the order away for now. It waits its turn and is sent again."), NULL,
	  N_("The order was turned away at the door, so most likely nothing was bought; it is certain once Runa answers."),
	  ALIKE(WAIT_HERE) },
	{ "waiting_setup", MONEY_MOVED_UNKNOWN, N_("The desk's access to Runa needs mending. The order waits."), NULL,
	  N_("The order was turned away at the door, so most likely nothing was bought; it is certain once Runa answers."),
	  ALIKE(AFTER_MENDING) },
	{ "waiting_unknown", MONEY_MOVED_UNKNOWN, N_("The order was sent, and no clear answer came back."), NULL,
	  N_("Runa may have bought it or not. The desk keeps asking with the same key, which cannot buy twice."),
	  ALIKE(WAIT_HERE) },
	{ "waiting_busy", MONEY_MOVED_UNKNOWN, N_("Runa is still working on this order."), NULL,
	  N_("Runa has the order and has not said yet whether it was bought."), ALIKE(WAIT_HERE) },
	{ "waiting_accepted", MONEY_MOVED_UNKNOWN, N_("Runa accepted the order and is working on it."), NULL,
	  N_("It is certain once Runa says that the order is completed."), ALIKE(WAIT_HERE) },
	{ "searching", MONEY_MOVED_NO, N_("Before it is sent, the desk looks at Runa whether this order is there already."),
	  NULL, N_("As far as the desk's records go, nothing was sent."), ALIKE(WAIT_HERE) },
	{ "searching", MONEY_MOVED_UNKNOWN, N_("No clear answer came, so the desk is looking for this order at Runa."), NULL,
	  N_("It is certain once the order was found, or was looked for twice."), ALIKE(WAIT_HERE) },
	{ "completed", MONEY_MOVED_YES, N_("The order is completed."), NULL,
	  N_("Runa took the price from the balance."), ALIKE(N_("Nothing more needs doing here.")) },
	{ "completed_twice", MONEY_MOVED_YES, N_("The order is completed, and was bought twice."), NULL,
	  N_("Runa took a price for each of two attempts. The first one's price and reward are shown below."),
	  ALIKE(N_("An approver looks this order's number up in Runa's web portal, and cancels the second payout there.")) },
	{ "failed_accepted", MONEY_MOVED_UNKNOWN, N_("Runa accepted the order, and later said that it failed."), NULL,
	  N_("Runa does not document whether it gives the money back."),
	  ALIKE(N_("Someone compares the balance in Runa's web portal before the reward is ordered again.")) },
	{ "refused", MONEY_MOVED_NO, N_("Runa refused this order."), NULL, N_("Nothing was bought."), ALIKE(NULL) },
	{ "refused_setup", MONEY_MOVED_NO, N_("Runa refused this order while the desk's access was not in order."), NULL,
	  N_("Nothing was bought. Runa keeps that refusal with this order, so it cannot be sent again."),
	  ALIKE(N_("The desk's access works now. 'Order again' starts a new order with the same content.")) },
	{ "refused_after_unknown", MONEY_MOVED_UNKNOWN,
	  N_("The latest attempt came to nothing at Runa. An earlier one was never settled."), NULL,
	  N_("What the earlier attempt did is not known: it may have bought the reward."), ALIKE(LOOK_FIRST) },
	{ "stuck_unsent", MONEY_MOVED_NO, N_("Runa could not be reached for too long, so the desk stopped trying."), NULL,
	  N_("Not a byte of this order left the desk: nothing was bought."),
	  N_("Press 'Try again now' when Runa can be reached again."),
	  N_("Someone who may order can press 'Try again now' when Runa can be reached again.") },
	{ "stuck_absent", MONEY_MOVED_UNKNOWN,
	  N_("No clear answer came. The desk looked for the order at Runa twice and did not find it."), NULL,
	  N_("Most likely nothing was bought, but only a person can settle it."), ALIKE(LOOK_FIRST) },
	{ "stuck_mismatch", MONEY_MOVED_UNKNOWN,
	  N_("Runa says that it got something else under this order's key. That must not happen."), NULL,
	  N_("An order may exist at Runa."), ASK_OR_LOOK },
	{ "stuck_foreign", MONEY_MOVED_UNKNOWN, N_("Runa answered with an order that is not this one."), NULL,
	  N_("The desk did not take that order for its own. Whether this one was bought is not known."), ASK_OR_LOOK },
	{ "stuck_key_old", MONEY_MOVED_NO,
	  N_("The order's key is 29 days old and must not be sent any more, so the desk stopped."), NULL,
	  N_("The order was never sent: nothing was bought."), ALIKE(N_("An approver may open a new attempt on this page.")) },
	{ "stuck_key_old", MONEY_MOVED_UNKNOWN,
	  N_("The order's key is 29 days old. Sending it again could buy a second time, so the desk stopped."), NULL,
	  N_("Runa may have bought it or not."), ALIKE(LOOK_FIRST) },
	{ "stuck_unread", MONEY_MOVED_UNKNOWN, N_("Runa accepted the order, and its final answer cannot be read."), NULL,
	  N_("Most likely the order was bought."), ASK_OR_LOOK },
	{ "stuck_unsearched", MONEY_MOVED_NO,
	  N_("Before it was sent, the desk looked for this order at Runa for a day, and could not finish looking."), NULL,
	  N_("As far as the desk's records go, nothing was sent."),
	  N_("'Try again now' sends it with the same key."),
	  N_("Someone who may order can press 'Try again now': that sends it with the same key.") },
	{ "stuck_unsearched", MONEY_MOVED_UNKNOWN,
	  N_("No clear answer came. The desk looked for the order at Runa for a day, and could not finish looking."), NULL,
	  N_("Runa may have bought it or not."),
	  N_("Please do not order again: that could buy it twice. 'Try again now' asks Runa once more, and cannot buy twice."),
	  N_("Please do not order again: that could buy it twice. Someone who may order can press 'Try again now': that asks "
	  "Runa once more, and cannot buy twice.") },
};

/* Where desk/attempt's advice goes with other money than the order has, or is a key we have no words for. */
static const struct texts_advice by_money[] = {
	[MONEY_MOVED_NO] = { "", MONEY_MOVED_NO, N_("The order has not been bought."), NULL, N_("Nothing was bought."),
		ALIKE(N_("What happened stands below.")) },
	[MONEY_MOVED_YES] = { "", MONEY_MOVED_YES, N_("The order was bought."), NULL,
		N_("Runa took the price from the balance."), ALIKE(N_("What happened stands below.")) },
	[MONEY_MOVED_UNKNOWN] = { "", MONEY_MOVED_UNKNOWN, N_("It is not settled what became of this order."), NULL,
		N_("A try of this order never had a clear answer: it may have been bought."), ALIKE(LOOK_ONLY) },
};

const struct texts_advice *texts_advice_find(const char *key, enum money_moved money)
{
	for (size_t i = 0; key && i < COUNT_OF(advices); i++)
		if (advices[i].money == money && strcmp(advices[i].key, key) == 0)
			return &advices[i];
	return NULL;
}

/* An order that waits goes on by itself, so its advice stays; any other's could lead to a second purchase. */
struct texts_advice texts_advice_for(const struct order *order)
{
	const struct texts_advice *advice = texts_advice_find(order->advice, order->money_moved);
	struct texts_advice general = by_money[order->money_moved];

	if (advice)
		return *advice;
	if (order->money_moved == MONEY_MOVED_UNKNOWN && order->status == ORDER_NEEDS_ATTENTION &&
	    attempt_may_be_renewed(order->advice))
		general.next = LOOK_FIRST;
	for (size_t i = 0; order->status == ORDER_PLACING && i < COUNT_OF(advices); i++) {
		if (!text_is_same(advices[i].key, order->advice))
			continue;
		general.headline = advices[i].headline;
		general.next = advices[i].next;
		break;
	}
	return general;
}

struct texts_advice texts_advice_elsewhere(const struct order *order)
{
	struct texts_advice advice = by_money[order->money_moved];

	advice.headline = N_("The order waits: it is not being sent at the moment.");
	return advice;
}

/* What would promise that something goes on; NULL: the usual words are true meanwhile. */
static const struct { const char *key, *headline, *money_words; } stopped[] = {
	{ "waiting_unsent", N_("The desk has your order, and sends it once its access to Runa is mended."), NULL },
	{ "waiting_unreachable", N_("Runa could not be reached, and now the desk's access to Runa needs mending. The order waits."),
	  NULL },
	{ "waiting_slow", N_("Runa turned the order away, and now the desk's access to Runa needs mending. The order waits."), NULL },
	{ "waiting_unknown", NULL, N_("Runa may have bought it or not. Once its access is mended, the desk asks again with the same "
	  "key, which cannot buy twice.") },
	{ "searching", N_("The desk looks for this order at Runa once its access is mended. The order waits."), NULL },
};

struct texts_advice texts_advice_stopped(const struct order *order)
{
	struct texts_advice advice = texts_advice_for(order);

	advice.next = AFTER_MENDING;
	advice.next_without = NULL;
	for (size_t i = 0; i < COUNT_OF(stopped); i++) {
		if (!text_is_same(stopped[i].key, order->advice))
			continue;
		advice.headline = stopped[i].headline ? stopped[i].headline : advice.headline;
		if (stopped[i].money_words && texts_advice_find(order->advice, order->money_moved))
			advice.money_words = stopped[i].money_words;
	}
	return advice;
}

/* ---- Runa's error types, in the order of runa-api 16.2 ----------------------------------------- */

#define NEW_ORDER N_("Correct it with 'Order again': that starts a new order, filled in from this one.")
#define MEND_SETUP N_("An administrator mends the desk's access to Runa; after that, 'Order again' starts a new order.")
#define REPORT_IT N_("This is a fault of the desk. Please tell an administrator, with the order's number.")
#define RUNAS_FAULT N_("Please tell an administrator, with the order's number, before it is ordered again. Runa's own support is " \
	"ordersupport@runa.io.")

static const struct texts_error errors[] = {
	{ "unauthorized", N_("Runa did not accept the desk's API key: it is missing or not valid."), MEND_SETUP },
	{ "invalid_api_key", N_("Runa did not accept the desk's API key: it is not valid."), MEND_SETUP },
	{ "forbidden", N_("The desk's API key may not do this: a wrong key, a missing permission, or an address that Runa "
	  "does not allow."), MEND_SETUP },
	{ "ordering_restricted", N_("Runa has stopped ordering for this account because a spending limit was reached."),
	  N_("The person responsible for the account answers Runa's compliance team (compliance@runa.io); after its "
	  "release, 'Order again' starts a new order.") },
	{ "bad_request", N_("Runa could not read the order."), REPORT_IT },
	{ "validation_error", N_("Runa did not accept a value of the order."), NEW_ORDER },
	{ "invalid_version", N_("Runa does not know the API version that the desk is set to."), MEND_SETUP },
	{ "version_removed", N_("Runa has retired the API version that the desk is set to."), MEND_SETUP },
	{ "invalid_execution_mode", N_("Runa did not accept the way the desk asked for the order to be carried out."),
	  REPORT_IT },
	{ "insecure_protocol", N_("The desk is set to an address of Runa's without encryption, which Runa refuses."),
	  MEND_SETUP },
	{ "not_found", N_("Runa does not know the address that the desk used."), MEND_SETUP },
	{ "not-found", N_("Runa does not know the address that the desk used."), MEND_SETUP },
	{ "pagination_error", N_("Runa could not read the page of the list that the desk asked for."), REPORT_IT },
	{ "idempotency_validation_error", N_("Runa has other content stored under this order's key."), REPORT_IT },
	{ "idempotency_in_progress", N_("Runa is still working on an earlier try of this order."),
	  N_("Please wait: the desk asks again by itself.") },
	{ "insufficient_funds", N_("The balance at Runa is too low for this order."),
	  N_("Have the balance topped up; then 'Order again' starts a new order.") },
	{ "product_validation_error", N_("Runa does not allow this product, or this value of it, to be ordered now."),
	  NEW_ORDER },
	{ "currency_mismatch", N_("The balance that should pay has another currency than the product."), NEW_ORDER },
	{ "payment_method_unavailable", N_("Runa says that the way of paying is not available to this account."),
	  N_("An administrator asks Runa about the account; after that, 'Order again' starts a new order.") },
	{ "invalid_card_id", N_("Runa says that a payment card is not valid, although the desk pays from a balance."),
	  REPORT_IT },
	{ "currency_not_supported", N_("Runa says that it cannot pay in this currency."), NEW_ORDER },
	{ "timeout", N_("Runa did not finish in time. That says nothing about whether the order was bought."), RUNAS_FAULT },
	{ "internal_server_error", N_("Runa had a fault of its own. That says nothing about whether the order was bought."),
	  RUNAS_FAULT },
};

static const struct texts_error error_without_type = { "", N_("Runa gave no reason that the desk could read."),
	RUNAS_FAULT };
static const struct texts_error error_of_new_type = { "", N_("Runa gave a reason that the desk has no words for. It is "
	"shown below as Runa wrote it."), RUNAS_FAULT };

const struct texts_error *texts_error_for(const char *type)
{
	if (!type || !*type)
		return &error_without_type;
	for (size_t i = 0; i < COUNT_OF(errors); i++)
		if (strcmp(errors[i].type, type) == 0)
			return &errors[i];
	return &error_of_new_type;
}

/* ---- what a rule says ------------------------------------------------------------------------ */

/* {product} {currency} {values} {least} {most} {decimals} {reading} {other_reading} are filled in from the error. */
static const char *const rules[RULES] = {
	[RULE_PRODUCT_MISSING] = N_("Choose a product."),
	[RULE_PRODUCT_UNKNOWN] = N_("The catalogue has no product with this code."),
	[RULE_PRODUCT_NOT_ORDERABLE] = N_("Runa does not offer {product} at the moment. Choose another product."),
	[RULE_CATALOGUE_EMPTY] = N_("The desk has not been able to fetch Runa's catalogue yet, so it cannot check any order. "
		"Try again in a few minutes."),
	[RULE_VALUE_MISSING] = N_("Enter the face value."),
	[RULE_VALUE_NOT_A_NUMBER] = N_("Write the face value in digits, with a point before decimals, like 10 or 12.50."),
	[RULE_VALUE_UNSURE] = N_("Did you mean {reading}? Then write it like that: digits, with a point before decimals."),
	[RULE_VALUE_TWO_READINGS] = N_("This can be read in two ways. If you mean {reading}, write it like that. If you mean "
		"{other_reading}, write it with at most {decimals} decimals."),
	[RULE_VALUE_TOO_PRECISE] = N_("Write the face value with at most {decimals} decimals."),
	[RULE_VALUE_TOO_LARGE] = N_("This face value is too large."),
	[RULE_VALUE_ZERO] = N_("The face value must be more than zero."),
	[RULE_VALUE_NOT_IN_LIST] = N_("{product} comes in these values only: {values}."),
	[RULE_VALUE_BELOW_RANGE] = N_("{product} starts at {least}."),
	[RULE_VALUE_ABOVE_RANGE] = N_("{product} goes up to {most}."),
	[RULE_VALUE_ABOVE_LIMIT] = N_("The desk allows at most {most} in one order."),
	[RULE_VALUE_OVER_USER_DAY] = N_("With this order you would spend more than {most} today, the most the desk allows "
		"one person in a day."),
	[RULE_VALUE_OVER_MONTH] = N_("With this order everyone together would spend more than {most} this month, the most "
		"the desk allows."),
	[RULE_CURRENCY_MISSING] = N_("Choose the currency of the balance that pays."),
	[RULE_CURRENCY_UNKNOWN] = N_("Write the currency as three capital letters, like GBP."),
	[RULE_CURRENCY_DIFFERS] = N_("{product} is in {currency}. Paying from a balance in another currency would silently "
		"cost foreign exchange, so choose {currency}."),
	[RULE_CURRENCY_NO_BALANCE] = N_("The account at Runa has no balance in this currency."),
	[RULE_DISTRIBUTION_MISSING] = N_("Choose how the reward is handed over."),
	[RULE_DISTRIBUTION_UNKNOWN] = N_("Choose one of the two ways to hand over the reward."),
	[RULE_EMAIL_MISSING] = N_("Enter the address that Runa sends the reward to."),
	[RULE_EMAIL_INVALID] = N_("Write one complete e-mail address, like name@example.com."),
	[RULE_EMAIL_UNPRINTABLE] = N_("The address holds a character that cannot be seen. Type it by hand instead of pasting it."),
	[RULE_EMAIL_UNWANTED] = N_("A payout link is not sent to anyone: leave the address empty, or choose e-mail."),
	[RULE_DESCRIPTION_TOO_LONG] = N_("The note may have at most 100 characters."),
	[RULE_DESCRIPTION_UNPRINTABLE] = N_("The note holds a character that cannot be seen, such as a line break or a mark "
		"that turns the direction of writing. Type it by hand instead of pasting it."),
};
static const char value_reads_whole[] = N_("This can be read in two ways. If you mean {reading}, write it like that. If you "
	"mean {other_reading}: this currency has no decimals, so enter a whole amount.");
static const char value_needs_whole[] = N_("This currency has no decimals: enter a whole amount.");
static const char this_product[] = N_("This product");
_Static_assert(SIZE_DESCRIPTION == 100, "the sentence about the note says 100");

const char *texts_rule_raw(enum rule rule)
{
	return rules[rule];
}

char *texts_rule(struct arena *mem, const struct field_error *error)
{
	const struct product *product = error->product;
	const char *sentence = rules[error->rule];
	const struct show_fill fills[] = {
		{ "product", product ? product->name : this_product },
		{ "currency", product ? product->currency : "" },
		{ "values", product ? show_product_values(mem, product) : "" },
		{ "least", show_money(mem, error->least) },
		{ "most", show_money(mem, error->most) },
		{ "decimals", arena_print(mem, "%d", error->decimals) },
		{ "reading", error->reading ? error->reading : "" },
		{ "other_reading", error->other_reading ? error->other_reading : "" },
	};

	if (error->rule == RULE_VALUE_TOO_PRECISE && error->decimals == 0)
		sentence = value_needs_whole;
	if (error->rule == RULE_VALUE_TWO_READINGS && error->decimals == 0)
		sentence = value_reads_whole;
	return show_filled(mem, sentence, fills, COUNT_OF(fills));
}

/* ---- words ------------------------------------------------------------------------------------- */

static const char *const statuses[ORDER_STATUSES] = {
	[ORDER_AWAITING_APPROVAL] = N_("Waits for approval"),
	[ORDER_PLACING] = N_("Being placed"),
	[ORDER_COMPLETED] = N_("Completed"),
	[ORDER_FAILED] = N_("Failed"),
	[ORDER_REJECTED] = N_("Rejected"),
	[ORDER_NEEDS_ATTENTION] = N_("Needs attention"),
};

const char *texts_status(enum order_status status)
{
	return statuses[status];
}

static const char *const moneys[] = {
	[MONEY_MOVED_NO] = N_("no"),
	[MONEY_MOVED_YES] = N_("yes"),
	[MONEY_MOVED_UNKNOWN] = N_("not known yet"),
};

const char *texts_money_moved(enum money_moved moved)
{
	return moneys[moved];
}

static const char *const meanings[MEANINGS] = {
	[MEANING_COMPLETED] = N_("Completed: Runa bought it."),
	[MEANING_ACCEPTED] = N_("Runa has the order and is working on it."),
	[MEANING_FAILED] = N_("Runa says that the order failed."),
	[MEANING_REFUSED] = N_("Refused: this try bought nothing."),
	[MEANING_SETUP] = N_("Turned away: the desk's access to Runa needs mending."),
	[MEANING_SETUP_STORED] = N_("Turned away as before: Runa keeps that refusal with the order."),
	[MEANING_BUSY] = N_("Runa is still working on an earlier try."),
	[MEANING_MISMATCH] = N_("Runa has other content stored under this key."),
	[MEANING_SLOW_DOWN] = N_("Turned away: Runa asked the desk to slow down."),
	[MEANING_UNKNOWN] = N_("No clear answer: it is not known whether this try bought anything."),
	[MEANING_NOT_SENT] = N_("Runa could not be reached: not a byte was sent."),
	[MEANING_FOREIGN] = N_("An order came back that is not this one."),
	[MEANING_FOUND] = N_("The order was found at Runa."),
	[MEANING_ABSENT] = N_("The order was not found at Runa."),
	[MEANING_NO_NEWS] = N_("Nothing new was learned."),
};

const char *texts_meaning(enum meaning meaning)
{
	return meanings[meaning];
}

static const char *const tasks[TASKS] = {
	[TASK_NONE] = N_("Nothing"),
	[TASK_SEND] = N_("Sent the order"),
	[TASK_POLL] = N_("Asked for news"),
	[TASK_SEARCH] = N_("Looked for the order"),
};

const char *texts_task(enum task task)
{
	return tasks[task];
}

static const struct { const char *name, *words; } distributions[] = {
	{ "PAYOUT_LINK", N_("As a payout link") },
	{ "EMAIL", N_("By e-mail, sent by Runa") },
};

const char *texts_distribution(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(distributions); i++)
		if (strcmp(distributions[i].name, name) == 0)
			return distributions[i].words;
	return name;
}

static const struct { const char *status, *words; } payouts[] = { /* runa-api 19 */
	{ "ACTIVE", N_("Active: not claimed yet") },
	{ "CLAIMED", N_("Claimed") },
	{ "CANCELLED", N_("Cancelled") },
	{ "EXPIRED", N_("Expired") },
};

const char *texts_payout(const char *payout_status)
{
	for (size_t i = 0; i < COUNT_OF(payouts); i++)
		if (strcmp(payouts[i].status, payout_status) == 0)
			return payouts[i].words;
	return payout_status;
}

static const struct { const char *file, *title; } titles[] = {
	{ "overview.html", N_("Overview") },
	{ "order_form.html", N_("Order a reward") },
	{ "order.html", N_("Order") },
	{ "order_conflict.html", N_("This form was already used") },
	{ "order_review.html", N_("Review your order") },
	{ "order_unsure.html", N_("Not known whether the order was stored") },
	{ "orders.html", N_("Orders") },
	{ "products.html", N_("Products") },
};

const char *texts_title(const char *template_file)
{
	for (size_t i = 0; template_file && i < COUNT_OF(titles); i++)
		if (strcmp(titles[i].file, template_file) == 0)
			return titles[i].title;
	return NULL;
}

static const struct texts_environment environments[] = {
	[RUNA_SANDBOX] = { N_("SANDBOX"), N_("a local stand-in for Runa: nothing is real") },
	[RUNA_PLAYGROUND] = { N_("PLAYGROUND"), N_("Runa's own test system: nothing is real") },
	[RUNA_LIVE] = { N_("LIVE"), N_("every order costs real money") },
};

const struct texts_environment *texts_environment(enum runa_environment environment)
{
	return &environments[environment];
}

/* ---- error pages ------------------------------------------------------------------------------- */

/* A row without a reason serves every other one of its status. */
static const struct texts_fail fails[] = {
	{ WEB_BAD_REQUEST, "bad_request", N_("The request could not be read"),
	  N_("The browser sent something the desk could not read. Nothing was ordered.") },
	{ WEB_BAD_REQUEST, "bad_form", N_("The form could not be read"),
	  N_("The form did not arrive as the desk had made it. Nothing was ordered. Please open the form anew.") },
	{ WEB_BAD_REQUEST, "form_cut_short", N_("The form did not arrive whole"),
	  N_("The connection ended before the whole form had arrived. Nothing was ordered by it. Please send it again.") },
	{ WEB_BAD_REQUEST, "unknown_action", N_("The form asked for something unknown"),
	  N_("The desk does not know this button. Nothing was ordered. Please open the form anew.") },
	{ WEB_BAD_REQUEST, "bad_filter", N_("The list cannot be saved like that"),
	  N_("A filter in the address has a value that cannot be used. Open the list of orders: there the filter is named, "
	  "and can be mended.") },
	{ WEB_BAD_REQUEST, NULL, N_("The request could not be read"), N_("Nothing was ordered by it.") },
	{ WEB_UNAUTHORIZED, NULL, N_("Not signed in"),
	  N_("The web server did not say who you are. Nothing was ordered. Please sign in and try again.") },
	{ WEB_FORBIDDEN, "identity_refused", N_("Not allowed"),
	  N_("What the web server said about who you are could not be trusted, so nothing was done.") },
	{ WEB_FORBIDDEN, "not_allowed", N_("Not allowed"),
	  N_("Your roles do not include this. Nothing was done. An administrator of the desk can change your roles.") },
	{ WEB_FORBIDDEN, "foreign_form", N_("This form came from another site"),
	  N_("The desk takes only forms that were sent from its own pages. Nothing was done.") },
	{ WEB_FORBIDDEN, "form_not_ours", N_("This form is not one of the desk's"),
	  N_("The form's seal is missing or was changed on the way. Nothing was done. Please open the form anew.") },
	{ WEB_FORBIDDEN, NULL, N_("Not allowed"), N_("Nothing was done.") },
	{ WEB_NOT_FOUND, "no_such_order", N_("There is no such order"),
	  N_("No order has this number. It may be incomplete, or of another desk.") },
	{ WEB_NOT_FOUND, NULL, N_("There is no such page"), N_("The address may be mistyped, or the page may have moved.") },
	{ WEB_METHOD_NOT_ALLOWED, NULL, N_("This page cannot be used that way"), N_("Nothing was done.") },
	{ WEB_CONFLICT, "attempt_not_now", N_("No new attempt was opened"),
	  N_("This order cannot have a new attempt now: it needs no decision any more, or Runa may have an order for it. "
	  "Nothing was done.") },
	{ WEB_FORBIDDEN, "attempt_own", N_("No new attempt was opened"),
	  N_("This is your own order: someone else has to decide about a new attempt. Nothing was done.") },
	{ WEB_TOO_LARGE, NULL, N_("The form is too long"), N_("The desk does not take forms this long. Nothing was ordered.") },
	{ WEB_URI_TOO_LONG, NULL, N_("The address is too long"), N_("The desk does not take addresses this long.") },
	{ WEB_UNSUPPORTED_TYPE, NULL, N_("The form came in a way the desk does not read"),
	  N_("Nothing was ordered. Please use the desk's own form.") },
	{ WEB_INTERNAL_ERROR, NULL, N_("Something went wrong in the desk"),
	  N_("It is not known whether anything was stored, so it is not known whether money will move. Look in the list of "
	  "orders before you send it again.") },
	{ WEB_UNAVAILABLE, "ledger_unreadable", N_("The desk's records cannot be read just now"),
	  N_("Nothing was changed. Orders that were accepted are kept. Please try again in a moment.") },
	{ WEB_UNAVAILABLE, "ledger_not_writable", N_("The desk cannot store anything just now"),
	  N_("Nothing was changed. Orders that were accepted are kept. Please try again in a moment.") },
	{ WEB_UNAVAILABLE, NULL, N_("The desk cannot do this just now"), N_("Please try again in a moment.") },
};

static const struct texts_fail fail_of_all = { WEB_INTERNAL_ERROR, NULL, N_("This did not work"),
	N_("Nothing was done. Please try again in a moment.") };

const struct texts_fail *texts_fail_for(enum web_status status, const char *reason)
{
	for (size_t i = 0; reason && i < COUNT_OF(fails); i++)
		if (fails[i].status == status && fails[i].reason && strcmp(fails[i].reason, reason) == 0)
			return &fails[i];
	for (size_t i = 0; i < COUNT_OF(fails); i++)
		if (fails[i].status == status && !fails[i].reason)
			return &fails[i];
	return &fail_of_all;
}
