/* find.c: what a search costs: the catalogue's list of words made once, then queries of many kinds against it.
 *
 *     find [PRODUCTS]
 *
 * Prints for each query the microseconds of the middle and of the slowest of its runs. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "desk/find.h"

enum { RUNS = 50, PRODUCTS = 5000, MOST_PRODUCTS = 100000 };

static const char *const firsts[] = {
	"Amazonia", "Starlight", "Northern", "Green", "Caf\xC3\xA9", "Royal", "Blue", "Little", "Happy", "Silver", "Grand",
	"Velo", "Hotel", "Kino", "Buch", "Sport", "Mode", "Garten", "Spiel", "Musik", "Reise", "Super", "Alpen", "Nordic",
	"Pizza", "Taco", "Sushi", "Burger", "Coffee", "Bakery", "Play", "Game", "Cinema", "Theatre", "Outdoor", "Travel",
};
static const char *const seconds[] = {
	"Books", "Market", "Store", "Kitchen", "Fashion", "Toys", "Electronics", "Flowers", "Shoes", "Optics", "Music",
	"Cinema", "Travel", "Sports", "Garden", "Home", "Beauty", "Jewels", "Station", "World", "Express", "Online",
};
static const struct { const char *code, *currency; } countries[] = {
	{ "GB", "GBP" }, { "DE", "EUR" }, { "US", "USD" }, { "FR", "EUR" }, { "SE", "SEK" }, { "PL", "PLN" }, { "JP", "JPY" },
	{ "CH", "CHF" }, { "CA", "CAD" }, { "AU", "AUD" }, { "ES", "EUR" }, { "IT", "EUR" }, { "NL", "EUR" }, { "CZ", "CZK" },
};
static const char *const queries[] = {
	"a", "amazonia", "amazonai", "starlight markt", "united kingdom", "eur", "shp00042-gb", "electronics germany eur",
	"zzzzzzzz", "coffe bakry store play game cinema travel world", "",
};

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static int by_size(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

static struct product *make(struct arena *mem, size_t count)
{
	struct product *products = arena_array(mem, count, sizeof *products);

	for (size_t i = 0; i < count; i++) {
		size_t country = i % COUNT_OF(countries);

		products[i] = (struct product){
			.code = arena_print(mem, "SHP%05zu-%s", i, countries[country].code), .is_orderable = true,
			.name = arena_print(mem, "%s %s %zu", firsts[i % COUNT_OF(firsts)], seconds[i / 7 % COUNT_OF(seconds)], i),
			.category = "department-stores",
		};
		snprintf(products[i].currency, sizeof products[i].currency, "%s", countries[country].currency);
		snprintf(products[i].country, sizeof products[i].country, "%s", countries[country].code);
	}
	return products;
}

static void measure(const struct catalogue *catalogue, const char *query)
{
	int64_t runs[RUNS];
	size_t count = 0;

	for (int i = 0; i < RUNS; i++) {
		struct arena *mem = arena_open();
		const struct product **found;

		runs[i] = now_ns();
		find_products(catalogue, mem, query, true, 20, &found, &count);
		runs[i] = now_ns() - runs[i];
		arena_close(mem);
	}
	qsort(runs, RUNS, sizeof *runs, by_size);
	printf("%8" PRId64 " %8" PRId64 "  %2zu  '%s'\n", runs[RUNS / 2] / 1000, runs[RUNS - 1] / 1000, count, query);
}

int main(int argc, char **argv)
{
	long count = argc > 1 ? strtol(argv[1], NULL, 10) : PRODUCTS;
	struct arena *mem = arena_open();
	struct catalogue catalogue = { .product_count = count > 0 && count <= MOST_PRODUCTS ? (size_t)count : PRODUCTS };
	int64_t began;

	catalogue.products = make(mem, catalogue.product_count);
	began = now_ns();
	catalogue.find = find_index_new(mem, catalogue.products, catalogue.product_count);
	began = (now_ns() - began) / 1000;
	printf("%zu products; their words in %" PRId64 " us\n", catalogue.product_count, began);
	printf("  middle  slowest  found  query (us)\n");
	for (size_t i = 0; i < COUNT_OF(queries); i++)
		measure(&catalogue, queries[i]);
	arena_close(mem);
	return 0;
}
