/* find.c: looks for products by what a person types. The words of a snapshot are made into one list with the
 * products behind each; a search compares the typed words with that list, and never with each product. Must not
 * know who asks. */
#include "desk/find.h"

#include <stdlib.h>
#include <string.h>

#include "model/country.h"

enum {
	WORD_BYTES = 40,  /* of a word; the rest of a longer one is not looked at */
	NAME_WORDS = 24,  /* of a name */
	NO_WORD = UINT32_MAX,
};

/* How much a word counts by where it stands. */
enum weight { OF_CATEGORY = 1, OF_PLACE = 2, OF_PAIR = 3, OF_NAME = 4, OF_CODE = 5 };

/* How well a typed word fits one of the list. */
enum fit { FIT_NOT = 0, FIT_NEAR_BEGINNING = 20, FIT_INSIDE = 25, FIT_NEAR = 40, FIT_BEGINNING = 70, FIT_WHOLE = 100 };

/* ... and the whole of what was typed one product. */
enum { BONUS_NAME_BEGINS = 300, BONUS_NAME = 1000, BONUS_CODE = 100000 };

struct word { const char *text; uint32_t bytes, hash, first, count; };
struct posting { uint32_t product; uint32_t weight; };
struct entry { uint32_t word; struct posting posting; };

struct find_index {
	struct arena *mem, *scratch; /* scratch: while it is being made */
	const struct product *products;
	size_t product_count;
	struct word *words;
	size_t word_count, word_room;
	uint32_t *slots; /* a hash table of words; as many as slot_mask says */
	uint32_t slot_mask;
	struct entry *entries; /* in scratch */
	size_t entry_count, entry_room;
	struct posting *postings; /* those of one word side by side */
	const char **codes, **names; /* of each product, folded; codes without blanks */
	uint32_t *by_name, *rank; /* products in the order of their names, and each one's place in it */
};

/* What else people call countries. */
static const struct { const char *code, *names; } other_names[] = {
	{ "GB", "UK Great Britain England" }, { "US", "USA America" }, { "AE", "UAE" }, { "NL", "Holland" },
	{ "CZ", "Czech Republic" }, { "TR", "Turkey" }, { "KR", "Korea" },
};

/* ---- making the list -------------------------------------------------------------------------- */

static uint32_t hash_of(const char *text, size_t bytes)
{
	uint32_t hash = 2166136261u; /* FNV-1a */

	for (size_t i = 0; i < bytes; i++)
		hash = (hash ^ (unsigned char)text[i]) * 16777619u;
	return hash;
}

static void grow_words(struct find_index *index)
{
	size_t slots;

	index->words = arena_grow(index->mem, index->words, index->word_count, &index->word_room, sizeof *index->words);
	slots = 4 * index->word_room;
	index->slot_mask = (uint32_t)(slots - 1);
	index->slots = arena_array(index->mem, slots, sizeof *index->slots);
	memset(index->slots, 0xFF, slots * sizeof *index->slots);
	for (uint32_t i = 0; i < index->word_count; i++) {
		uint32_t slot = index->words[i].hash & index->slot_mask;

		while (index->slots[slot] != NO_WORD)
			slot = (slot + 1) & index->slot_mask;
		index->slots[slot] = i;
	}
}

/* The number of this word in the list, where it is put if it isn't there. */
static uint32_t word_of(struct find_index *index, const char *text, size_t bytes)
{
	uint32_t hash = hash_of(text, bytes), slot;

	if (index->word_count == index->word_room)
		grow_words(index);
	for (slot = hash & index->slot_mask; index->slots[slot] != NO_WORD; slot = (slot + 1) & index->slot_mask) {
		const struct word *word = &index->words[index->slots[slot]];

		if (word->hash == hash && word->bytes == bytes && memcmp(word->text, text, bytes) == 0)
			return index->slots[slot];
	}
	index->words[index->word_count] = (struct word){ .text = arena_copy(index->mem, text, bytes),
	                                                 .bytes = (uint32_t)bytes, .hash = hash };
	index->slots[slot] = (uint32_t)index->word_count;
	return (uint32_t)index->word_count++;
}

static void add_word(struct find_index *index, size_t product, enum weight weight, const char *text, size_t bytes)
{
	if (bytes == 0)
		return;
	index->entries = arena_grow(index->scratch, index->entries, index->entry_count, &index->entry_room,
	                            sizeof *index->entries);
	index->entries[index->entry_count++] = (struct entry){
		.word = word_of(index, text, bytes < WORD_BYTES ? bytes : WORD_BYTES),
		.posting = { (uint32_t)product, weight },
	};
}

/* Words and, so that 'playstation' finds 'Play Station', each two neighbours as one. */
static void add_folded(struct find_index *index, size_t product, enum weight weight, const char *folded)
{
	char pair[2 * WORD_BYTES];
	size_t last = 0;

	for (size_t words = 0; *folded && words < NAME_WORDS; words++) {
		size_t bytes = strcspn(folded, " "), kept = bytes < WORD_BYTES ? bytes : WORD_BYTES;

		add_word(index, product, weight, folded, bytes);
		if (weight == OF_NAME) {
			memcpy(pair + last, folded, kept);
			if (last > 0)
				add_word(index, product, OF_PAIR, pair, last + kept);
			memcpy(pair, folded, kept);
			last = kept;
		}
		folded += bytes + (folded[bytes] == ' ');
	}
}

static char *without_blanks(struct arena *mem, const char *folded)
{
	char *out = arena_text(mem, folded), *to = out;

	for (const char *from = folded; *from; from++)
		if (*from != ' ')
			*to++ = *from;
	*to = '\0';
	return out;
}

static void add_product(struct find_index *index, size_t i)
{
	const struct product *product = &index->products[i];
	const char *code = find_fold(index->mem, product->code);

	index->names[i] = find_fold(index->mem, product->name);
	index->codes[i] = without_blanks(index->mem, code);
	index->by_name[i] = (uint32_t)i;
	add_folded(index, i, OF_NAME, index->names[i]);
	add_folded(index, i, OF_CODE, code);
	add_word(index, i, OF_CODE, index->codes[i], strlen(index->codes[i]));
	add_folded(index, i, OF_PLACE, find_fold(index->mem, product->currency));
	add_folded(index, i, OF_PLACE, find_fold(index->mem, product->country));
	add_folded(index, i, OF_PLACE, find_fold(index->mem, country_name(product->country)));
	for (size_t k = 0; k < COUNT_OF(other_names); k++)
		if (strcmp(other_names[k].code, product->country) == 0)
			add_folded(index, i, OF_PLACE, find_fold(index->mem, other_names[k].names));
	if (product->category)
		add_folded(index, i, OF_CATEGORY, find_fold(index->mem, product->category));
}

/* The entries, brought to their words. */
static void collect(struct find_index *index)
{
	uint32_t first = 0;

	for (size_t i = 0; i < index->entry_count; i++)
		index->words[index->entries[i].word].count++;
	for (size_t i = 0; i < index->word_count; i++) {
		index->words[i].first = first;
		first += index->words[i].count;
		index->words[i].count = 0;
	}
	index->postings = arena_array(index->mem, index->entry_count + 1, sizeof *index->postings);
	for (size_t i = 0; i < index->entry_count; i++) {
		struct word *word = &index->words[index->entries[i].word];

		index->postings[word->first + word->count++] = index->entries[i].posting;
	}
}

static int by_name(const void *a, const void *b, void *names_of)
{
	const struct find_index *index = names_of;
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
	int order = strcmp(index->names[left], index->names[right]);

	return order ? order : (left > right) - (left < right); /* products are sorted by code */
}

struct find_index *find_index_new(struct arena *mem, const struct product *products, size_t count)
{
	struct find_index *index = ARENA_NEW(mem, struct find_index);

	index->mem = mem;
	index->scratch = arena_open();
	index->products = products;
	index->product_count = count;
	index->names = arena_array(mem, count + 1, sizeof *index->names);
	index->codes = arena_array(mem, count + 1, sizeof *index->codes);
	index->by_name = arena_array(mem, count + 1, sizeof *index->by_name);
	index->rank = arena_array(mem, count + 1, sizeof *index->rank);
	for (size_t i = 0; i < count; i++)
		add_product(index, i);
	collect(index);
	arena_close(index->scratch);
	index->scratch = NULL;
	index->entries = NULL;
	qsort_r(index->by_name, count, sizeof *index->by_name, by_name, index);
	for (size_t i = 0; i < count; i++)
		index->rank[index->by_name[i]] = (uint32_t)i;
	return index;
}

/* ---- comparing words -------------------------------------------------------------------------- */

/* Letters that are wrong, missing, too many or swapped with their neighbour, counted up to `most` + 1.
 *   is_beginning  whatever comes behind in `word` is not counted */
static int errors_between(const char *typed, size_t typed_bytes, const struct word *word, int most, bool is_beginning)
{
	int rows[3][WORD_BYTES + 1], least = most + 1;
	size_t bytes = word->bytes < typed_bytes + (size_t)most ? word->bytes : typed_bytes + (size_t)most;

	if (word->bytes + (size_t)most < typed_bytes || (!is_beginning && word->bytes > typed_bytes + (size_t)most))
		return most + 1;
	for (size_t i = 0; i <= typed_bytes; i++)
		rows[0][i] = (int)i;
	for (size_t w = 1; w <= bytes; w++) {
		int *row = rows[w % 3], *above = rows[(w + 2) % 3], *above_that = rows[(w + 1) % 3], best = (int)w;

		row[0] = (int)w;
		for (size_t t = 1; t <= typed_bytes; t++) {
			int errors = above[t - 1] + (word->text[w - 1] != typed[t - 1]);

			if (above[t] + 1 < errors) errors = above[t] + 1;
			if (row[t - 1] + 1 < errors) errors = row[t - 1] + 1;
			if (w > 1 && t > 1 && word->text[w - 1] == typed[t - 2] && word->text[w - 2] == typed[t - 1] &&
			    above_that[t - 2] + 1 < errors)
				errors = above_that[t - 2] + 1;
			row[t] = errors;
			if (errors < best) best = errors;
		}
		if (is_beginning && row[typed_bytes] < least) least = row[typed_bytes];
		if (best > most) return least;
		if (w == bytes && row[typed_bytes] < least) least = row[typed_bytes];
	}
	return least;
}

static enum fit fit_of(const char *typed, size_t bytes, const struct word *word)
{
	int most = bytes >= 8 ? 2 : bytes >= 4 ? 1 : 0;

	if (word->bytes >= bytes && memcmp(word->text, typed, bytes) == 0)
		return word->bytes == bytes ? FIT_WHOLE : FIT_BEGINNING;
	if (most > 0 && errors_between(typed, bytes, word, most, false) <= most)
		return FIT_NEAR;
	if (bytes >= 3 && word->bytes > bytes && memmem(word->text, word->bytes, typed, bytes))
		return FIT_INSIDE;
	if (bytes >= 5 && errors_between(typed, bytes, word, most, true) <= most)
		return FIT_NEAR_BEGINNING;
	return FIT_NOT;
}

/* ---- searching -------------------------------------------------------------------------------- */

struct hit { uint32_t product, score, rank; };

/* What the words typed so far say about each product. */
struct tally {
	uint32_t score, fits; /* of all words */
	uint32_t best;        /* of the word under way */
};

static void tally_word(const struct find_index *index, struct tally *tally, const char *typed, size_t bytes)
{
	bytes = bytes < WORD_BYTES ? bytes : WORD_BYTES;
	for (size_t i = 0; i < index->word_count; i++) {
		const struct word *word = &index->words[i];
		uint32_t fit = fit_of(typed, bytes, word);

		for (uint32_t k = 0; fit && k < word->count; k++) {
			const struct posting *posting = &index->postings[word->first + k];
			uint32_t score = fit * posting->weight;

			if (score > tally[posting->product].best)
				tally[posting->product].best = score;
		}
	}
	for (size_t i = 0; i < index->product_count; i++) {
		tally[i].score += tally[i].best;
		tally[i].fits += tally[i].best > 0;
		tally[i].best = 0;
	}
}

static uint32_t bonus_of(const struct find_index *index, size_t product, const char *typed, const char *joined)
{
	const char *name = index->names[product];
	size_t bytes = strlen(typed);

	if (strcmp(index->codes[product], joined) == 0)
		return BONUS_CODE;
	if (strncmp(name, typed, bytes) != 0)
		return 0;
	return name[bytes] == '\0' ? BONUS_NAME : BONUS_NAME_BEGINS;
}

static int by_score(const void *a, const void *b)
{
	const struct hit *left = a, *right = b;

	if (left->score != right->score)
		return left->score < right->score ? 1 : -1;
	return (left->rank > right->rank) - (left->rank < right->rank);
}

/* All that fit best, best first. */
static size_t search(const struct find_index *index, struct arena *mem, const char *typed, struct hit *hits)
{
	struct tally *tally = arena_array(mem, index->product_count, sizeof *tally);
	const char *joined = without_blanks(mem, typed), *at = typed;
	uint32_t most_fits = 1;
	size_t count = 0;

	for (size_t words = 0; *at && words < FIND_QUERY_WORDS; words++) {
		size_t bytes = strcspn(at, " ");

		tally_word(index, tally, at, bytes);
		at += bytes + (at[bytes] == ' ');
	}
	for (size_t i = 0; i < index->product_count; i++)
		if (tally[i].fits > most_fits)
			most_fits = tally[i].fits;
	for (size_t i = 0; i < index->product_count; i++)
		if (tally[i].fits == most_fits)
			hits[count++] = (struct hit){ (uint32_t)i, tally[i].score + bonus_of(index, i, typed, joined),
			                              index->rank[i] };
	qsort(hits, count, sizeof *hits, by_score);
	return count;
}

void find_products(const struct catalogue *catalogue, struct arena *mem, const char *query, bool only_orderable,
                   size_t max, const struct product ***out, size_t *count)
{
	const struct find_index *index = catalogue->find;
	size_t hit_count, total = index ? index->product_count : 0;
	struct hit *hits = arena_array(mem, total + 1, sizeof *hits);
	const char *typed = find_fold(mem, arena_copy(mem, query, strnlen(query, FIND_QUERY_BYTES)));

	*out = arena_array(mem, (max < total ? max : total) + 1, sizeof **out);
	*count = 0;
	for (size_t i = 0; i < total; i++)
		hits[i].product = index->by_name[i];
	hit_count = total > 0 && *typed ? search(index, mem, typed, hits) : total;
	for (size_t i = 0; i < hit_count && *count < max; i++) {
		const struct product *product = &index->products[hits[i].product];

		if (product->is_orderable || !only_orderable)
			(*out)[(*count)++] = product;
	}
}
