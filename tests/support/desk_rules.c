/* desk_rules.c: see desk_rules.h. */
#include "support/desk_rules.h"

#include <stdlib.h>
#include <string.h>

static void rules_give_back(struct shared *thing)
{
	struct desk_rules *rules = (struct desk_rules *)thing;

	free(rules->limits);
	free(rules);
}

struct desk_rules *desk_rules_make(void)
{
	struct desk_rules *rules = memory_alloc(sizeof *rules);

	shared_begin(&rules->shared, rules_give_back);
	rules->base_url = "http://127.0.0.1:1/v2";
	rules->api_version = "2024-02-05";
	rules->environment = RUNA_SANDBOX;
	rules->retry_first_ms = 1000;
	rules->retry_max_ms = 300000;
	rules->give_up_after_ms = MS_AN_HOUR;
	rules->timeout_ms = MS_A_MINUTE;
	rules->orders_per_minute = 180;
	rules->catalogue_every_ms = MS_AN_HOUR;
	rules->balance_every_ms = 10 * MS_A_MINUTE;
	return rules;
}

void stock_fill(struct product out[STOCK_COUNT])
{
	static int64_t fixed[] = { 1000, 2500 };
	const struct product stock[STOCK_COUNT] = {
		{ .code = "TES-GB", .name = "Tesco", .currency = "GBP", .is_orderable = true, .fixed_minor = fixed,
		  .fixed_count = 2, .least_minor = 1000, .most_minor = 2500 },
		{ .code = "AMZ-GB", .name = "Amazon.co.uk", .currency = "GBP", .is_orderable = true, .least_minor = 100,
		  .most_minor = 50000 },
		{ .code = "OFF-GB", .name = "Off", .currency = "GBP", .least_minor = 100, .most_minor = 50000 },
		{ .code = "QUO-JP", .name = "Quo", .currency = "JPY", .is_orderable = true, .least_minor = 100,
		  .most_minor = 10000 },
		{ .code = "PAY-EU", .name = "Pay", .currency = "EUR", .is_orderable = true, .least_minor = 1 },
	};

	memcpy(out, stock, sizeof stock);
	for (size_t i = 0; i < STOCK_COUNT; i++)
		out[i].state = out[i].discount_text = out[i].expiry_type = out[i].category = "";
}
