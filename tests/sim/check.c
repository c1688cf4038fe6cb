/* check.c: what must always hold (faults.md a to g), asked of both sides after every step: what the desk
 * shows, and what Runa really made. */
#include <stdio.h>
#include <string.h>

#include "sim/people.h"

static void check_order(struct life *life, const struct form *form, const struct order *order)
{
	int bought = world_bought(&life->world, form->number);

	if (bought > 1) world_violated(&life->world, "order %s was bought %d times", form->number, bought);
	if (bought > 0 && (order->status == ORDER_FAILED || order->status == ORDER_REJECTED))
		world_violated(&life->world, "order %s was bought and is shown as %s", form->number,
		               order_status_name(order->status));
	if (bought > 0 && order->money_moved == MONEY_MOVED_NO)
		world_violated(&life->world, "order %s was bought and is said to have moved no money", form->number);
	if (bought == 0 && (order->status == ORDER_COMPLETED || order->money_moved == MONEY_MOVED_YES))
		world_violated(&life->world, "order %s was not bought and is shown as completed", form->number);
	if (order->status == ORDER_COMPLETED && order->link_sealed == NULL)
		world_violated(&life->world, "order %s is completed without its link", form->number);
}

static void check_forms(struct life *life, struct arena *mem, bool at_end)
{
	for (size_t i = 0; i < life->form_count; i++) {
		struct form *form = &life->forms[i];
		struct order order;
		enum ledger_result found;

		if (!form->is_accepted) {
			if (at_end) world_violated(&life->world, "form %zu never came to an order", i);
			continue;
		}
		found = order_find(life->first.desk, mem, form->number, &order);
		if (found == LEDGER_NONE) world_violated(&life->world, "order %s is lost", form->number);
		if (found != LEDGER_OK) continue;
		check_order(life, form, &order);
		if (at_end && order_is_open(order.status))
			world_violated(&life->world, "order %s never ended: %s, %s", form->number,
			               order_status_name(order.status), order.advice);
	}
}

static void check_strangers(struct life *life)
{
	struct world *world = &life->world;

	for (size_t i = 0; i < world->order_count; i++)
		if (!world->orders[i].fails && world_bought(world, world->orders[i].number) > 1)
			world_violated(world, "order %s was bought twice", world->orders[i].number);
}

void check_all(struct life *life)
{
	struct arena *mem;
	struct problem why;

	check_strangers(life);
	if (life_is_over(life)) return;
	mem = arena_open();
	check_forms(life, mem, false);
	if (!ledger_verify_budget(life->first.ledger, &why) && !life_is_over(life))
		world_violated(&life->world, "reserved money does not add up: %s", why.text);
	arena_close(mem);
}

void check_end(struct life *life)
{
	struct arena *mem = arena_open();
	struct problem why;
	int64_t lines;

	check_strangers(life);
	check_forms(life, mem, true);
	if (!ledger_verify_budget(life->first.ledger, &why))
		world_violated(&life->world, "reserved money does not add up: %s", why.text);
	if (!ledger_verify_audit(life->first.ledger, &lines, &why))
		world_violated(&life->world, "the audit does not hold: %s", why.text);
	arena_close(mem);
}
