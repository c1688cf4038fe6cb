/* people.c: persons who click, repeat, and approve a new attempt; and the process that lives and dies. */
#include "sim/people.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/desk_rules.h"

static const char DISK[] = "simulated";
static const struct person ada = { "ada", "Ada", "", ROLE_VIEWER | ROLE_ORDERER };
static const struct person bob = { "bob", "Bob", "", ROLE_VIEWER | ROLE_APPROVER };
static const char *const products[] = { "AMZ-GB", "TES-GB" };

/* ---- the process -------------------------------------------------------------------------------------- */

static struct desk_rules *rules_make(void)
{
	struct desk_rules *rules = desk_rules_make();

	rules->timeout_ms = WORLD_CALL_TIMEOUT_MS;
	rules->orders_per_minute = 30;
	rules->balance_every_ms = MS_AN_HOUR;
	return rules;
}

/* Whatever the desk needs to know before it takes an order. */
static void stock(struct ledger *ledger, int64_t now_ms)
{
	struct product list[STOCK_COUNT];

	stock_fill(list);
	/* May fail in a storm: the next start tries again. */
	if (ledger_put_products(ledger, list, COUNT_OF(list), now_ms) != LEDGER_OK) return;
}

static void process_start(struct life *life, struct process *process)
{
	struct ledger_options options = { .path = "/ledger.db", .vfs = DISK, .clock = &life->world.clock,
	                                  .is_inline = true, .may_migrate = true, .seal_key_id = life->link_key.id };
	struct dispatcher_options how = { .line = &process->line.line, .is_standing = true };
	struct problem why;

	world_line_open(&life->world, &process->line);
	process->ledger = ledger_open(&options, &why);
	if (process->ledger == NULL) {
		if (!faulty_vfs_has_failed(life->disk))
			world_violated(&life->world, "the ledger cannot be opened: %s", why.text);
		return;
	}
	stock(process->ledger, clock_wall_ms(&life->world.clock));
	process->desk = desk_open(&(struct desk_options){ .ledger = process->ledger, .clock = &life->world.clock,
	                                                  .chance = &life->world.chance,
	                                                  .link_key = &life->link_key, .rules = rules_make() });
	how.desk = process->desk;
	process->dispatcher = dispatcher_open(&how);
}

static void process_stop(struct process *process)
{
	if (process->ledger == NULL) return;
	dispatcher_close(process->dispatcher);
	desk_close(process->desk);
	ledger_close(process->ledger);
	process->ledger = NULL;
	world_line_cut(&process->line);
}

static bool process_is_over(const struct process *process)
{
	return process->ledger == NULL || process->line.is_dead || !ledger_is_sound(process->ledger);
}

bool life_is_over(struct life *life)
{
	return faulty_vfs_has_failed(life->disk) || process_is_over(&life->first) ||
	       (life->second.ledger != NULL && process_is_over(&life->second));
}

void life_toggle_second(struct life *life)
{
	if (life->second.ledger == NULL)
		process_start(life, &life->second);
	else
		process_stop(&life->second);
	life->serving = &life->first;
	if (life->second.ledger != NULL && world_happens(&life->world, 50)) life->serving = &life->second;
}

void life_turn(struct life *life, int max_wait_ms)
{
	bool is_second = life->second.ledger != NULL && world_happens(&life->world, 50);

	dispatcher_turn(is_second ? life->second.dispatcher : life->first.dispatcher, max_wait_ms);
}

void life_doom(struct life *life, long nth)
{
	faulty_vfs_fail(life->disk, FAULTY_CHANGES, nth, nth > 0 ? SQLITE_IOERR : 0, true);
}

void life_crash(struct life *life)
{
	life->crashes++;
	/* From here on nothing is written that a killed process would not have written. */
	faulty_vfs_crash(life->disk, (enum faulty_kept)world_below(&life->world, 3));
	process_stop(&life->second);
	process_stop(&life->first);
	if (world_happens(&life->world, 30)) world_boot(&life->world);
	life_doom(life, 0);
	life->serving = &life->first;
	process_start(life, &life->first);
}

void life_begin(struct life *life, uint64_t seed)
{
	memset(life, 0, sizeof *life);
	world_begin(&life->world, seed);
	memset(life->link_key.bytes, 7, sizeof life->link_key.bytes);
	snprintf(life->link_key.id, sizeof life->link_key.id, "simulated");
	life->disk = faulty_vfs_open(DISK, seed);
	life->serving = &life->first;
	process_start(life, &life->first);
}

void life_end(struct life *life)
{
	process_stop(&life->second);
	process_stop(&life->first);
	faulty_vfs_close(life->disk);
	world_end(&life->world);
}

/* ---- the people ----------------------------------------------------------------------------------------- */

static struct wish wish_of(const struct form *form)
{
	return (struct wish){ .form_key = form->key, .product = form->product, .face_value = form->value,
	                      .currency = "GBP", .distribution = "PAYOUT_LINK" };
}

static void post(struct life *life, struct form *form, struct wish wish, bool is_altered)
{
	struct arena *mem = arena_open();
	struct field_errors errors;
	struct order order;

	switch (order_place(life->serving->desk, mem, &wish, &ada, &order, &errors)) {
	case PLACED_NEW:
	case PLACED_BEFORE:
		if (is_altered) {
			world_violated(&life->world, "a used form with other content was taken");
		} else if (form->is_accepted && strcmp(form->number, order.number) != 0) {
			world_violated(&life->world, "one form made two orders: %s and %s", form->number, order.number);
		}
		form->is_accepted = true;
		snprintf(form->number, sizeof form->number, "%s", order.number);
		break;
	case PLACED_OTHERWISE:
		if (!is_altered) world_violated(&life->world, "a form was not recognised as its own repeat");
		break;
	case PLACED_NOT:
		if (form->is_accepted) world_violated(&life->world, "the repeat of an accepted form was refused by a rule");
		break;
	case PLACED_FULL:
	case PLACED_UNSURE: /* the person sends the same form again, some time */
		break;
	}
	arena_close(mem);
}

static void new_form(struct life *life)
{
	struct form *form = &life->forms[life->form_count];

	if (life->form_count == MOST_FORMS) return;
	life->form_count++;
	memset(form, 0, sizeof *form);
	ids_key(&life->world.chance, form->key);
	form->product = products[world_below(&life->world, COUNT_OF(products))];
	snprintf(form->value, sizeof form->value, "%s", world_happens(&life->world, 50) ? "10.00" : "25");
	post(life, form, wish_of(form), false);
}

static void repeat(struct life *life, struct form *form)
{
	struct wish wish = wish_of(form);

	if (form->is_accepted && world_happens(&life->world, 10)) {
		wish.description = "something else";
		post(life, form, wish, true);
	} else {
		post(life, form, wish, false);
	}
}

static void retry(struct life *life, struct form *form)
{
	if (!form->is_accepted) return;
	if (order_retry(life->serving->desk, form->number, &ada) == RETRIED_NONE && !life_is_over(life))
		world_violated(&life->world, "order %s is not there any more", form->number);
}

static void approve(struct life *life, struct form *form)
{
	enum renewed renewed;
	bool is_repeat;

	if (!form->is_accepted) return;
	/* A form is shown anew for each decision; now and then an old one is sent again. */
	is_repeat = form->approval[0] != '\0' && world_happens(&life->world, 30);
	if (!is_repeat) {
		ids_key(&life->world.chance, form->approval);
		form->has_approved = false;
	}
	renewed = order_new_attempt(life->serving->desk, form->number, form->approval, &bob, "looked into");
	if (renewed == RENEWED && form->has_approved)
		world_violated(&life->world, "one approval opened two attempts of order %s", form->number);
	if (renewed == RENEWED || renewed == RENEWED_BEFORE) form->has_approved = true;
	life->renewed += renewed == RENEWED;
}

void people_act(struct life *life)
{
	uint32_t forms = (uint32_t)life->form_count;
	struct form *form = forms == 0 ? NULL : &life->forms[world_below(&life->world, forms)];

	life->acts++;
	if (form == NULL || world_happens(&life->world, 25))
		new_form(life);
	else if (world_happens(&life->world, 50))
		repeat(life, form);
	else if (world_happens(&life->world, 50))
		retry(life, form);
	else
		approve(life, form);
}

void people_settle(struct life *life)
{
	for (size_t i = 0; i < life->form_count; i++) {
		struct form *form = &life->forms[i];

		if (!form->is_accepted) post(life, form, wish_of(form), false);
		if (world_happens(&life->world, 50)) retry(life, form);
		if (world_happens(&life->world, 50)) approve(life, form);
	}
}

bool people_are_done(struct life *life)
{
	int64_t counts[ORDER_STATUSES];

	for (size_t i = 0; i < life->form_count; i++)
		if (!life->forms[i].is_accepted) return false;
	if (ledger_counts(life->serving->ledger, counts) != LEDGER_OK) return false;
	return counts[ORDER_PLACING] == 0 && counts[ORDER_NEEDS_ATTENTION] == 0;
}
