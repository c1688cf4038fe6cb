/* seed.c: products written by hand, and a recipe for any number more. The shops are made up. */
#include "sandbox/seed.h"

#define GIFT OFFERING_GIFT_CARD
#define OPEN false
#define FIXED true

const struct seed seeds[] = {
	{ "AMZ-GB", "Amazonia", "GBP", "GB", "department-stores", "electricals", GIFT, OPEN, "1 500.00", 500, OFFERING_LIVE, 0, false, { { 0 } } },
	{ "AMZ-DE", "Amazonia", "EUR", "DE", "department-stores", NULL, GIFT, OPEN, "1.00 500", 200, OFFERING_LIVE, 0, false, { { 0 } } },
	{ "AMZ-US", "Amazonia", "USD", "US", "department-stores", NULL, GIFT, OPEN, "1.0 2000.0", 0, OFFERING_LIVE, 0, false, { { 0 } } },
	{ "AMZ-JP", "アマゾニア", "JPY", "JP", "department-stores", NULL, GIFT, OPEN, "100 100000", 100, OFFERING_LIVE, 0, false, { { 0 } } },
	{ "ABC-GB", "ABC Books", "GBP", "GB", "booksellers", NULL, GIFT, FIXED, "5 10.0 20 25.00 50 100", 300, OFFERING_LIVE, 24, false, { { 0 } } },
	{ "XYZ-GB", "Example Shop", "GBP", "GB", "fashion", "womens-fashion", GIFT, OPEN, "5.00 250.00", 500, OFFERING_LIVE, 12, false, { { 0 } } },
	{ "XYZ-DE", "Example Shop", "EUR", "DE", "fashion", NULL, GIFT, FIXED, "10 25 50.00", 200, OFFERING_LIVE, 36, false, { { 0 } } },
	{ "XYZ-US", "Example Shop", "USD", "US", "fashion", NULL, GIFT, FIXED, "12.95 15.0 20 30 5.00 100", 0, OFFERING_LIVE, 12, false, { { 0 } } },
	{ "BLD-DE", "<b>\"O'Neil\" & Söhne</b>", "EUR", "DE", "home-and-diy", NULL, GIFT, OPEN, "5 150", 300, OFFERING_LIVE, 36, false, { { 0 } } },
	{ "BOX-FR", "</script><script>alert('payout')</script>", "EUR", "FR", "entertainment", NULL, GIFT, OPEN, "10 100", 0, OFFERING_LIVE, 12, false, { { 0 } } },
	{ "CAF-AT", "Café Müller & Töchter", "EUR", "AT DE", "food-and-drink", NULL, GIFT, FIXED, "10 20 30", 400, OFFERING_LIVE, 60, false, { { 0 } } },
	{ "DOT-AU", "=1+1|cmd' /C calc'!A0", "AUD", "AU", "leisure-and-sports", NULL, GIFT, OPEN, "10 200", 0, OFFERING_LIVE, 36, false, { { 0 } } },
	{ "EIS-CH", "Eis & Schnee {{NAME}} ${7*7}", "CHF", "CH", "food-and-drink", NULL, GIFT, FIXED, "10.00 20.0 50", 100, OFFERING_LIVE, 24, false, { { 0 } } },
	{ "GLD-GB", "Gold & Silver (not on sale)", "GBP", "GB", "jewellers", NULL, GIFT, OPEN, "50 1000", 0, OFFERING_DISABLED, 12, false, { { 0 } } },
	{ "HOT-ES", "Hoteles Ñandú", "EUR", "ES", "travel", "experiences", GIFT, FIXED, "100 250 500", 600, OFFERING_LIVE, 12, false, { { 0 } } },
	{ "KIN-SE", "Kino Åäö", "SEK", "SE", "entertainment", NULL, GIFT, FIXED, "100 200 500", 150, OFFERING_LIVE, 24, false, { { 0 } } },
	{ "LNG-CA", "A shop whose name goes on and on, because somebody in marketing thought that a name should say everything "
	  "there is to say about the shop, its founders, its town, and the weather on the day it opened its doors", "CAD", "CA",
	  "toys-and-games", NULL, GIFT, OPEN, "10 500", 250, OFFERING_LIVE, 12, false, { { 0 } } },
	{ "MOJ-PL", "Mój Żółty Sklep", "PLN", "PL", "supermarkets", NULL, GIFT, OPEN, "20.00 1000.00", 100, OFFERING_LIVE, 12, false, { { 0 } } },
	{ "OLD-US", "Olde Curiosities (degraded)", "USD", "US", "booksellers", NULL, GIFT, OPEN, "5 100", 0, OFFERING_DEGRADED, 12, false, { { 0 } } },
	{ "P2C-US", "Push to card", "USD", "US", "prepaid-card", NULL, OFFERING_PAYMENT, OPEN, "5.00 2000.00", 0, OFFERING_LIVE, 0, true, { { 0 } } },
	{ "RTL-US", "مكتبة \u202eevil\u202c 🎁", "USD", "US", "booksellers", NULL, GIFT, OPEN, "5 50", 0, OFFERING_LIVE, 0, false, { { 0 } } },
	{ "SPA-IT", "Spa \"Bella\" \\ Vita\ttab", "EUR", "IT", "beauty-and-lifestyle", NULL, GIFT, FIXED, "25 50 75", 800, OFFERING_LIVE, 18, false, { { 0 } } },
	{ "STR-GB", "Streamly", "GBP", "GB", "entertainment", NULL, OFFERING_SUBSCRIPTION, FIXED, "", 0, OFFERING_LIVE, 0, false,
	  { { "STR-GB-1M", "Streamly, one month", "MONTHS", "9.99", 1 }, { "STR-GB-3M", "Streamly, three months", "MONTHS", "27.50", 3 },
	    { "STR-GB-30D", "Streamly, thirty days", "DAYS", "9.5", 30 } } },
	{ "STR-US", "Streamly", "USD", "US", "entertainment", NULL, OFFERING_SUBSCRIPTION, FIXED, "", 0, OFFERING_LIVE, 0, false,
	  { { "STR-US-1M", "Streamly, one month", "MONTHS", "12.99", 1 }, { 0 }, { 0 } } },
	{ "SUS-JP", "寿司ダイレクト", "JPY", "JP", "food-and-drink", NULL, GIFT, FIXED, "1000 3000 5000.0", 200, OFFERING_LIVE, 12, false, { { 0 } } },
	{ "VISARL-USD", "Prepaid Visa, reloadable", "USD", "US", "prepaid-card", NULL, GIFT, OPEN, "1 1000", 0, OFFERING_LIVE, 0, true, { { 0 } } },
	{ "VISASL-3M-USD", "Prepaid Visa, three months", "USD", "US CA MX", "prepaid-card", NULL, GIFT, OPEN, "1 1000", 0, OFFERING_LIVE, 3, false, { { 0 } } },
};
const size_t seed_count = COUNT_OF(seeds);

/* What one unit of choice is worth in each market: a card of 10 is a card of 1000 in yen. */
static const struct { const char *country, *currency; int unit; } markets[] = {
	{ "GB", "GBP", 1 }, { "DE", "EUR", 1 }, { "FR", "EUR", 1 }, { "US", "USD", 1 }, { "CA", "CAD", 1 },
	{ "AU", "AUD", 1 }, { "JP", "JPY", 100 }, { "PL", "PLN", 5 }, { "SE", "SEK", 10 }, { "CH", "CHF", 1 },
	{ "NO", "NOK", 10 }, { "DK", "DKK", 10 }, { "NZ", "NZD", 1 }, { "IT", "EUR", 1 }, { "ES", "EUR", 1 },
	{ "ZA", "ZAR", 20 }, { "CZ", "CZK", 20 }, { "RO", "RON", 5 }, { "HU", "HUF", 300 }, { "NL", "EUR", 1 },
};
static const char *const first_words[] = {
	"North", "Blue", "Garden", "Royal", "Happy", "Silver", "Urban", "Little", "Grand", "Prime", "Süd", "Élan",
};
static const char *const second_words[] = {
	"Market", "Kitchen", "Travel", "Sports", "Toys", "Books", "Optics", "Fashion", "Cinema", "Flowers", "Shoes",
};

void seed_make(struct seed *out, struct arena *mem, size_t index)
{
	size_t market = index % COUNT_OF(markets);
	const char *country = markets[market].country;
	int unit = markets[market].unit;
	size_t categories = 0;
	bool is_fixed = (index * 7 / 3) % 2 == 0;

	while (catalogue_categories[categories])
		categories++;
	*out = (struct seed){
		.code = arena_print(mem, "SHOP%05zu-%s", index, country),
		.name = arena_print(mem, "%s %s %zu", first_words[index % COUNT_OF(first_words)],
		                    second_words[index % COUNT_OF(second_words)], index),
		.currency = markets[market].currency,
		.countries = country,
		.category = catalogue_categories[index % categories],
		.kind = OFFERING_GIFT_CARD,
		.is_fixed = is_fixed,
		/* Scales vary on purpose (runa-api 12.2). */
		.values = is_fixed ? arena_print(mem, "%d %d.0 %d.00 %d", 10 * unit, 25 * unit, 50 * unit, 100 * unit)
		                   : arena_print(mem, "%d %d.00", 5 * unit, 500 * unit),
		.discount_bp = (int)(index % 9) * 100,
		.state = index % 50 == 49 ? OFFERING_DISABLED : OFFERING_LIVE,
		.expiry_months = (int)(index % 4) * 12,
	};
}
