/* journal.c: a ring of requests, each one kept as the JSON text it is shown as. */
#include "sandbox/journal.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

void journal_begin(struct journal *journal)
{
	memset(journal, 0, sizeof *journal);
	journal->first = 1;
}

static size_t weight(const struct journal_entry *entry)
{
	return (entry->told ? strlen(entry->told) : 0) +
	       (entry->answer_base64 ? strlen(entry->answer_base64) : 0) + sizeof *entry;
}

static struct journal_entry *entry_of(const struct journal *journal, uint64_t number)
{
	return &journal->ring[(number - 1) % journal->room];
}

static void drop_first(struct journal *journal)
{
	struct journal_entry *entry = entry_of(journal, journal->first++);

	if (entry->told)
		journal->bytes -= weight(entry);
	free(entry->method);
	free(entry->path);
	free(entry->told);
	free(entry->answer_base64);
	free(entry->order_id);
	memset(entry, 0, sizeof *entry);
}

void journal_end(struct journal *journal)
{
	while (journal->first <= journal->asked)
		drop_first(journal);
	free(journal->ring);
	memset(journal, 0, sizeof *journal);
}

/* Room for one more: twice as much until the ring is full, then the oldest goes. */
static void make_room(struct journal *journal)
{
	size_t kept = (size_t)(journal->asked - journal->first + 1);

	if (kept == journal->room && journal->room < JOURNAL_REQUESTS_MAX) {
		size_t room = journal->room ? journal->room * 2 : 1024;
		struct journal_entry *ring;

		if (room > JOURNAL_REQUESTS_MAX)
			room = JOURNAL_REQUESTS_MAX;
		ring = memory_array(room, sizeof *ring);
		for (uint64_t n = journal->first; n <= journal->asked; n++)
			ring[(n - 1) % room] = *entry_of(journal, n);
		free(journal->ring);
		journal->ring = ring;
		journal->room = room;
	} else if (kept == journal->room) {
		drop_first(journal);
	}
	while (journal->bytes > JOURNAL_BYTES_MAX && journal->first <= journal->asked)
		drop_first(journal);
}

static char *base64_of(struct arena *mem, const char *bytes, size_t count)
{
	size_t room = sodium_base64_encoded_len(count, sodium_base64_VARIANT_ORIGINAL);
	char *text = arena_alloc(mem, room);

	return sodium_bin2base64(text, room, (const unsigned char *)bytes, count, sodium_base64_VARIANT_ORIGINAL);
}

/* Bytes that aren't UTF-8 would spoil the whole list. */
static const char *readable(const char *text)
{
	return text_is_utf8(text, strlen(text)) ? text : "(not UTF-8)";
}

static struct json_object *show_headers(const struct request *request)
{
	struct json_object *headers = json_object_new_object();

	for (size_t i = 0; i < request->headers.count; i++) {
		const struct field *field = &request->headers.list[i];
		const char *before = json_get_text(headers, field->name);

		if (!strcmp(field->name, "x-api-key"))
			json_put_text(headers, field->name, "(key)");
		else if (before) /* sent twice: both, as HTTP would join them */
			json_put_text(headers, field->name,
			              arena_print(request->mem, "%s, %s", before, readable(field->value)));
		else
			json_put_text(headers, readable(field->name), readable(field->value));
	}
	return headers;
}

/* The request as JSON members without the braces. */
static char *tell(const struct request *request, int64_t at_ms, bool is_key_right)
{
	struct json_object *json = json_object_new_object();
	char *text;

	json_put(json, "at_ms", json_object_new_int64(at_ms));
	json_put_text(json, "method", readable(request->method));
	json_put_text(json, "path", readable(request->path));
	json_put_text(json, "query", readable(request->query));
	json_put(json, "headers", show_headers(request));
	json_put(json, "key_ok", json_object_new_boolean(is_key_right));
	json_put_text(json, "body_base64", base64_of(request->mem, request->body, request->body_bytes));
	text = json_write(request->mem, json_keep(request->mem, json));
	text[strlen(text) - 1] = '\0';
	return memory_text(text + 1);
}

uint64_t journal_ask(struct journal *journal, const struct request *request, int64_t at_ms,
                     bool is_key_right, bool is_kept)
{
	struct journal_entry *entry;

	make_room(journal);
	entry = entry_of(journal, ++journal->asked);
	*entry = (struct journal_entry){ .number = journal->asked };
	if (is_kept) {
		entry->method = memory_text(request->method);
		entry->path = memory_text(request->path);
		entry->told = tell(request, at_ms, is_key_right);
		journal->bytes += weight(entry);
	}
	return journal->asked;
}

void journal_answer(struct journal *journal, uint64_t number, const struct answer *answer, int status)
{
	struct journal_entry *entry;
	struct arena *mem;
	size_t count = answer->body_bytes < JOURNAL_ANSWER_MAX ? answer->body_bytes : JOURNAL_ANSWER_MAX;

	journal->answered++;
	if (number < journal->first || number > journal->asked)
		return; /* dropped, or from before a reset */
	entry = entry_of(journal, number);
	if (!entry->told)
		return;
	mem = arena_open();
	journal->bytes -= weight(entry);
	entry->status = status;
	entry->answer_base64 = memory_text(base64_of(mem, answer->body, count));
	entry->is_answer_cut = count < answer->body_bytes;
	entry->order_id = memory_text(answer->order_id);
	journal->bytes += weight(entry);
	arena_close(mem);
}

static bool is_wanted(const struct journal_entry *entry, const struct journal_filter *filter)
{
	return entry->told && (!filter->method || !strcmp(filter->method, entry->method)) &&
	       (!filter->path || !strcmp(filter->path, entry->path));
}

char *journal_show(const struct journal *journal, struct arena *mem, const struct journal_filter *filter)
{
	uint64_t from = filter->from > journal->first ? filter->from : journal->first;
	struct text text;
	size_t shown = 0;

	text_begin(&text, mem, 0);
	text_add_text(&text, "[");
	for (uint64_t n = from; n <= journal->asked && shown < filter->limit; n++) {
		const struct journal_entry *entry = entry_of(journal, n);

		if (!is_wanted(entry, filter))
			continue;
		/* Base64 and ids need no escaping. */
		text_print(&text, "%s{\"n\":%" PRIu64 ",", shown++ ? ",\n" : "", entry->number);
		text_add_text(&text, entry->told);
		text_print(&text, ",\"status\":%d,\"response_base64\":\"", entry->status);
		text_add_text(&text, entry->answer_base64 ? entry->answer_base64 : "");
		text_print(&text, "\",\"response_cut\":%s,\"order_id\":", entry->is_answer_cut ? "true" : "false");
		if (entry->order_id)
			text_print(&text, "\"%s\"}", entry->order_id);
		else
			text_add_text(&text, "null}");
	}
	text_add_text(&text, "]");
	return text.bytes;
}
