/* show.c: plain values as text for people. Must not know what a page does with it; prints no tags. */
#include "pages/show.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"

enum { VALUES_SHOWN = 12 }; /* of a fixed list */

/* Commas between thousands, in a text that begins with digits. */
static char *grouped(struct arena *mem, const char *digits)
{
	struct text text;
	size_t left = strspn(digits, "-0123456789");

	text_begin(&text, mem, 0);
	for (; left > 0; left--, digits++) {
		text_add(&text, digits, 1);
		if (*digits != '-' && left % 3 == 1 && left > 1)
			text_add(&text, ",", 1);
	}
	text_add_text(&text, digits);
	return text.bytes;
}

char *show_amount(struct arena *mem, struct money amount)
{
	return grouped(mem, money_text(mem, amount));
}

char *show_money(struct arena *mem, struct money amount)
{
	if (!*amount.currency)
		return arena_text(mem, "");
	return arena_print(mem, "%s %s", show_amount(mem, amount), amount.currency);
}

char *show_count(struct arena *mem, int64_t count)
{
	return grouped(mem, arena_print(mem, "%lld", (long long)count));
}

char *show_time(struct arena *mem, int64_t wall_ms)
{
	const char *iso; /* "2026-11-23T09:00:00Z" */

	if (wall_ms == 0)
		return arena_text(mem, "");
	iso = clock_rfc3339(mem, wall_ms);
	return arena_print(mem, "%.*s %.8s UTC", (int)strcspn(iso, "T"), iso, iso + strcspn(iso, "T") + 1);
}

void show_time_in(struct values *values, struct arena *mem, const char *name, int64_t wall_ms)
{
	if (wall_ms == 0)
		return;
	values_set(values, name, show_time(mem, wall_ms));
	values_set(values, arena_print(mem, "%s_ISO", name), clock_rfc3339(mem, wall_ms));
}

char *show_span(struct arena *mem, int64_t ms)
{
	static const struct { int64_t below_ms, unit_ms; const char *unit; } spans[] = {
		{ 2 * MS_A_MINUTE, MS_A_SECOND, "s" },
		{ 2 * (int64_t)MS_AN_HOUR, MS_A_MINUTE, "min" },
		{ INT64_MAX, MS_AN_HOUR, "h" },
	};
	size_t i = 0;

	while (ms >= spans[i].below_ms && i + 1 < COUNT_OF(spans))
		i++;
	return arena_print(mem, "%lld %s", (long long)(ms / spans[i].unit_ms), spans[i].unit);
}

const char *show_runa_time(struct arena *mem, const char *text)
{
	int64_t wall_ms;

	return clock_parse(text, &wall_ms) ? show_time(mem, wall_ms) : text;
}

static char *show_list(struct arena *mem, const struct product *product)
{
	struct text text;

	text_begin(&text, mem, 0);
	for (size_t i = 0; i < product->fixed_count && i < VALUES_SHOWN; i++) {
		struct money value = money_of(product->fixed_minor[i], product->currency);

		text_print(&text, "%s%s", i ? ", " : "", show_amount(mem, value));
	}
	text_print(&text, " %s", product->currency);
	if (product->fixed_count > VALUES_SHOWN)
		text_print(&text, " (+%zu)", product->fixed_count - VALUES_SHOWN);
	return text.bytes;
}

char *show_product_values(struct arena *mem, const struct product *product)
{
	char *least;

	if (product->fixed_minor && product->fixed_count > 0)
		return show_list(mem, product);
	least = show_amount(mem, money_of(product->least_minor, product->currency));
	if (product->most_minor == 0)
		return arena_print(mem, "%s+ %s", least, product->currency);
	return arena_print(mem, "%s \xE2\x80\x93 %s %s", least,
	                   show_amount(mem, money_of(product->most_minor, product->currency)), product->currency);
}

static bool is_unreserved(unsigned char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
	       byte == '-' || byte == '.' || byte == '_' || byte == '~';
}

char *show_query(struct arena *mem, const char *text)
{
	static const char hex[] = "0123456789ABCDEF";
	char *out = arena_alloc(mem, 3 * strlen(text) + 1);
	char *at = out;

	for (const unsigned char *byte = (const unsigned char *)text; *byte; byte++) {
		if (is_unreserved(*byte)) {
			*at++ = (char)*byte;
		} else {
			*at++ = '%';
			*at++ = hex[*byte >> 4];
			*at++ = hex[*byte & 15];
		}
	}
	return out;
}

/* The fill whose name stands between the braces at `open`, or NULL. */
static const struct show_fill *fill_at(const char *open, size_t name_bytes, const struct show_fill *fills,
                                       size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strlen(fills[i].name) == name_bytes && memcmp(fills[i].name, open + 1, name_bytes) == 0)
			return &fills[i];
	return NULL;
}

char *show_filled(struct arena *mem, const char *sentence, const struct show_fill *fills, size_t count)
{
	struct text text;

	text_begin(&text, mem, 0);
	while (*sentence) {
		size_t plain = strcspn(sentence, "{");
		size_t name_bytes;
		const struct show_fill *fill;

		text_add(&text, sentence, plain);
		sentence += plain;
		if (!*sentence)
			break;
		name_bytes = strcspn(sentence + 1, "}");
		fill = fill_at(sentence, name_bytes, fills, count);
		if (fill && sentence[1 + name_bytes] == '}') {
			text_add_text(&text, fill->value);
			sentence += name_bytes + 2;
		} else {
			text_add(&text, sentence++, 1);
		}
	}
	return text.bytes;
}
