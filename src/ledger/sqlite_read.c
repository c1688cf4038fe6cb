/* sqlite_read.c: orders, attempts and tries as values, on a connection of the reader's own.
 * A reader that cannot read (no memory, no descriptors, a disk error) says LEDGER_FULL: it may pass, and it
 * says nothing about what is stored. Only a damaged file breaks the ledger for writers too. */
#include "ledger/sqlite.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"

/* ---- connections ----------------------------------------------------------------------------- */

struct connection *reader_hold(struct ledger *ledger)
{
	struct connection *on;

	if (ledger->is_inline) {
		pthread_mutex_lock(&ledger->lock);
		return &ledger->writer;
	}
	pthread_mutex_lock(&ledger->readers_lock);
	on = ledger->idle_readers;
	if (on) ledger->idle_readers = on->next;
	pthread_mutex_unlock(&ledger->readers_lock);
	if (on) return on;
	on = memory_alloc(sizeof *on);
	if (connection_open(on, ledger, ledger->path)) sql_command(on, "PRAGMA query_only = ON");
	if (on->rc == SQLITE_OK) return on;
	log_line(LOG_WARN, "ledger_reader", "code=%d what=\"%s\"", on->rc, sqlite3_errstr(on->rc));
	connection_close(on);
	free(on);
	return NULL;
}

enum ledger_result reader_drop(struct ledger *ledger, struct connection *on)
{
	int rc = on->rc;

	on->rc = SQLITE_OK;
	if (ledger->is_inline) {
		pthread_mutex_unlock(&ledger->lock);
	} else {
		pthread_mutex_lock(&ledger->readers_lock);
		on->next = ledger->idle_readers;
		ledger->idle_readers = on;
		pthread_mutex_unlock(&ledger->readers_lock);
	}
	if (rc == SQLITE_OK) return LEDGER_OK;
	if ((rc & 0xff) == SQLITE_CORRUPT || (rc & 0xff) == SQLITE_NOTADB) {
		writer_break(ledger, "ledger_damaged", rc);
		return LEDGER_BROKEN;
	}
	log_line(LOG_WARN, "ledger_read", "code=%d what=\"%s\"", rc, sqlite3_errstr(rc));
	return LEDGER_FULL;
}

/* The result of a read of one thing. */
static enum ledger_result drop_found(struct ledger *ledger, struct connection *on, bool is_there)
{
	enum ledger_result result = reader_drop(ledger, on);

	return result == LEDGER_OK && !is_there ? LEDGER_NONE : result;
}

/* ---- rows that are not counted yet ----------------------------------------------------------- */

void *rows_add(struct rows *rows)
{
	rows->of = arena_grow(rows->mem, rows->of, rows->count, &rows->room, rows->bytes);
	return (char *)rows->of + rows->bytes * rows->count++;
}

/* ---- orders ---------------------------------------------------------------------------------- */

#define ORDER_VALUES                                                                                        \
	"SELECT number, form_key, status, money_moved, product_code, product_name, face_minor, currency,"   \
	" distribution, email, description, placed_by, placed_by_name, placed_at_ms, completed_at_ms,"      \
	" price_minor, price_currency, discount_minor, discount_currency, runa_order_id, payout_status,"    \
	" payout_checked_at_ms, payout_expiry, link_sealed, error_type, error_message, advice,"             \
	" (SELECT count(*) FROM attempts WHERE order_id = orders.id),"                                      \
	" (SELECT sum(tries) FROM attempts WHERE order_id = orders.id), payout_due_at_ms, payout_looks"
#define ORDER_COLUMNS ORDER_VALUES " FROM orders"

static const char ORDER_OF_NUMBER[] = ORDER_COLUMNS " WHERE number = :key";
static const char ORDER_OF_FORM[] = ORDER_COLUMNS " WHERE form_key = :key";

static void order_words(struct sql *sql, struct order *out)
{
	char status[32], moved[16], distribution[16];

	sql_text_into(sql, 2, status, sizeof status);
	sql_text_into(sql, 3, moved, sizeof moved);
	sql_text_into(sql, 8, distribution, sizeof distribution);
	if (!order_status_from_name(status, &out->status) ||
	    !order_money_moved_from_name(moved, &out->money_moved) ||
	    !order_distribution_from_name(distribution, &out->distribution))
		sql_fail_word(sql);
}

static void order_from_row(struct sql *sql, struct arena *mem, struct order *out)
{
	*out = (struct order){ 0 };
	sql_text_into(sql, 0, out->number, sizeof out->number);
	sql_text_into(sql, 1, out->form_key, sizeof out->form_key);
	order_words(sql, out);
	out->product_code = sql_text(sql, 4, mem);
	out->product_name = sql_text(sql, 5, mem);
	out->face_value.minor = sql_number(sql, 6);
	sql_text_into(sql, 7, out->face_value.currency, CURRENCY_SIZE);
	out->email = sql_text(sql, 9, mem);
	out->description = sql_text(sql, 10, mem);
	out->placed_by = sql_text(sql, 11, mem);
	out->placed_by_name = sql_text(sql, 12, mem);
	out->placed_at_ms = sql_number(sql, 13);
	out->completed_at_ms = sql_number(sql, 14);
	out->price.minor = sql_number(sql, 15);
	sql_text_into(sql, 16, out->price.currency, CURRENCY_SIZE);
	out->discount.minor = sql_number(sql, 17);
	sql_text_into(sql, 18, out->discount.currency, CURRENCY_SIZE);
	out->runa_order_id = sql_text(sql, 19, mem);
	out->payout_status = sql_text(sql, 20, mem);
	out->payout_checked_at_ms = sql_number(sql, 21);
	out->payout_expiry = sql_text(sql, 22, mem);
	out->link_sealed = (unsigned char *)sql_bytes(sql, 23, mem, &out->link_sealed_bytes);
	out->error_type = sql_text(sql, 24, mem);
	out->error_message = sql_text(sql, 25, mem);
	out->advice = sql_text(sql, 26, mem);
	out->attempts = (int)sql_number(sql, 27);
	out->tries = (int)sql_number(sql, 28);
	out->payout_due_at_ms = sql_number(sql, 29);
	out->payout_looks = (int)sql_number(sql, 30);
}

static enum ledger_result order_read(struct ledger *ledger, struct arena *mem, const char *text,
                                     const char *key, struct order *out)
{
	struct connection *on = reader_hold(ledger);
	struct sql sql;
	bool is_there;

	if (!on) return LEDGER_FULL;
	sql = sql_begin(on, text);
	sql_bind_text(&sql, ":key", key);
	is_there = sql_row(&sql);
	if (is_there) order_from_row(&sql, mem, out);
	sql_end(&sql);
	return drop_found(ledger, on, is_there);
}

enum ledger_result ledger_order(struct ledger *ledger, struct arena *mem, const char *number,
                                struct order *out)
{
	return order_read(ledger, mem, ORDER_OF_NUMBER, number, out);
}

enum ledger_result ledger_order_of_form(struct ledger *ledger, struct arena *mem, const char *form_key,
                                        struct order *out)
{
	return order_read(ledger, mem, ORDER_OF_FORM, form_key, out);
}

/* ---- an order like this one ------------------------------------------------------------------- */

#define ALIKE(index, same)                                                                                  \
	ORDER_COLUMNS " INDEXED BY " index " WHERE " same                                                   \
	" AND placed_by = :by AND product_code = :product AND face_minor = :face AND currency = :currency"  \
	" AND placed_at_ms >= :since AND NOT (status IN ('failed', 'rejected') AND money_moved = 'no')"      \
	" ORDER BY placed_at_ms DESC LIMIT 1"

static const char ALIKE_SENT[] =
	ALIKE("orders_of_recipient", "email <> '' AND email = :email COLLATE NOCASE");
static const char ALIKE_LINK[] =
	ALIKE("orders_alike", "distribution = 'PAYOUT_LINK' AND description IS :description");

enum ledger_result ledger_order_like(struct ledger *ledger, struct arena *mem, const struct order *wish,
                                     int64_t since_ms, struct order *out)
{
	bool is_link = wish->distribution == DISTRIBUTION_LINK, is_there;
	struct connection *on = reader_hold(ledger);
	struct sql sql;

	if (!on) return LEDGER_FULL;
	sql = sql_begin(on, is_link ? ALIKE_LINK : ALIKE_SENT);
	if (is_link)
		sql_bind_text(&sql, ":description", wish->description);
	else
		sql_bind_text(&sql, ":email", wish->email);
	sql_bind_text(&sql, ":by", wish->placed_by);
	sql_bind_text(&sql, ":product", wish->product_code);
	sql_bind_number(&sql, ":face", wish->face_value.minor);
	sql_bind_text(&sql, ":currency", wish->face_value.currency);
	sql_bind_number(&sql, ":since", since_ms);
	is_there = sql_row(&sql);
	if (is_there) order_from_row(&sql, mem, out);
	sql_end(&sql);
	return drop_found(ledger, on, is_there);
}

/* ---- attempts and tries ---------------------------------------------------------------------- */

static const char ATTEMPTS_OF_ORDER[] =
	"SELECT " ATTEMPT_COLUMNS " FROM orders JOIN attempts ON attempts.order_id = orders.id"
	" WHERE orders.number = :number ORDER BY attempts.no";
static const char TRIES_OF_ORDER[] =
	"SELECT attempts.no, tries.task, tries.begun_at_ms, tries.ended_at_ms, tries.meaning,"
	" tries.http_status, tries.error_type, tries.request_id"
	" FROM orders JOIN attempts ON attempts.order_id = orders.id JOIN tries ON tries.attempt_id = attempts.id"
	" WHERE orders.number = :number ORDER BY tries.id";

void attempt_from_row(struct sql *sql, struct arena *mem, struct attempt *out)
{
	char state[32], task[16];

	*out = (struct attempt){ .id = sql_number(sql, 0) };
	sql_text_into(sql, 1, out->order_number, sizeof out->order_number);
	out->no = (int)sql_number(sql, 2);
	sql_text_into(sql, 3, out->key, sizeof out->key);
	out->reference = sql_text(sql, 4, mem);
	out->upstream = sql_text(sql, 5, mem);
	out->headers = sql_text(sql, 6, mem);
	out->body = sql_bytes(sql, 7, mem, &out->body_bytes);
	sql_text_into(sql, 8, state, sizeof state);
	sql_text_into(sql, 9, task, sizeof task);
	if (!attempt_state_from_name(state, &out->state) || !attempt_task_from_name(task, &out->task))
		sql_fail_word(sql);
	out->created_at_ms = sql_number(sql, 10);
	out->first_sent_at_ms = sql_number(sql, 11);
	out->due_at_ms = sql_number(sql, 12);
	out->tries = (int)sql_number(sql, 13);
	out->polls = (int)sql_number(sql, 14);
	out->setup_refusals = (int)sql_number(sql, 15);
	out->mute = (int)sql_number(sql, 16);
	out->runa_order_id = sql_text(sql, 17, mem);
	out->opened_by = sql_text(sql, 18, mem);
}

static void try_from_row(struct sql *sql, struct arena *mem, struct attempt_try *out)
{
	char task[16], meaning[16];

	*out = (struct attempt_try){ .attempt_no = (int)sql_number(sql, 0) };
	sql_text_into(sql, 1, task, sizeof task);
	out->begun_at_ms = sql_number(sql, 2);
	out->ended_at_ms = sql_number(sql, 3);
	sql_text_into(sql, 4, meaning, sizeof meaning);
	if (!attempt_task_from_name(task, &out->task) ||
	    (out->ended_at_ms != 0 && !meaning_from_name(meaning, &out->meaning)))
		sql_fail_word(sql);
	out->http_status = (int)sql_number(sql, 5);
	out->error_type = sql_text(sql, 6, mem);
	out->request_id = sql_text(sql, 7, mem);
}

enum ledger_result ledger_attempts(struct ledger *ledger, struct arena *mem, const char *order_number,
                                   struct attempt **out, size_t *count)
{
	struct rows rows = { .mem = mem, .bytes = sizeof **out };
	struct connection *on = reader_hold(ledger);
	struct sql sql;

	if (!on) return LEDGER_FULL;
	sql = sql_begin(on, ATTEMPTS_OF_ORDER);
	sql_bind_text(&sql, ":number", order_number);
	while (sql_row(&sql))
		attempt_from_row(&sql, mem, rows_add(&rows));
	sql_end(&sql);
	*out = rows.of;
	*count = rows.count;
	return drop_found(ledger, on, rows.count > 0);
}

enum ledger_result ledger_tries(struct ledger *ledger, struct arena *mem, const char *order_number,
                                struct attempt_try **out, size_t *count)
{
	struct rows rows = { .mem = mem, .bytes = sizeof **out };
	struct connection *on = reader_hold(ledger);
	struct sql sql;

	if (!on) return LEDGER_FULL;
	sql = sql_begin(on, TRIES_OF_ORDER);
	sql_bind_text(&sql, ":number", order_number);
	while (sql_row(&sql))
		try_from_row(&sql, mem, rows_add(&rows));
	sql_end(&sql);
	*out = rows.of;
	*count = rows.count;
	return reader_drop(ledger, on);
}

/* Few attempts are open, so looking through them is cheap. What a poll found to be another's order is of nobody
 * that we know. */
static const char HAS_RUNA_ORDER[] =
	"SELECT count(*) FROM attempts INDEXED BY attempts_open"
	" WHERE state NOT IN ('completed', 'failed', 'refused') AND state IN ('accepted', 'stuck')"
	" AND runa_order_id = :id"
	" AND NOT EXISTS (SELECT 1 FROM tries WHERE attempt_id = attempts.id AND meaning = 'foreign')";

bool ledger_has_runa_order(struct ledger *ledger, const char *runa_order_id)
{
	struct connection *on = reader_hold(ledger);
	struct sql sql;
	bool is_one;

	if (!on) return false;
	sql = sql_begin(on, HAS_RUNA_ORDER);
	sql_bind_text(&sql, ":id", runa_order_id);
	is_one = sql_row(&sql) && sql_number(&sql, 0) == 1;
	sql_end(&sql);
	return reader_drop(ledger, on) == LEDGER_OK && is_one;
}

/* ---- lists ----------------------------------------------------------------------------------- */

/* Each list begins at one index that is in the list's order; the filters beside it are looked at row by
 * row. `lead` is the index' own filter. */
#define PLACE(index, lead)                                                                                  \
	" FROM orders INDEXED BY " index " WHERE " lead                                                     \
	" (placed_at_ms, number) < (:before_ms, :before_number)"                                            \
	" AND (placed_at_ms, number) >= (:until_ms, :until_number)"
#define NEWEST_FIRST " ORDER BY placed_at_ms DESC, number DESC"
#define LIST(index, lead)                                                                                   \
	ORDER_VALUES PLACE(index, lead)                                                                     \
	" AND (:status IS NULL OR status = :status) AND (:product IS NULL OR product_code = :product)"      \
	" AND (:currency IS NULL OR currency = :currency) AND (:by IS NULL OR placed_by = :by)"             \
	" AND (:find IS NULL OR number = upper(:find) OR email = :find COLLATE NOCASE OR"                   \
	"      :is_piece AND (instr(lower(email), lower(:find)) OR instr(lower(description), lower(:find))" \
	"                     OR runa_order_id = :find COLLATE NOCASE))"                                     \
	NEWEST_FIRST " LIMIT :max"
#define LOOK(index, lead) "SELECT placed_at_ms, number" PLACE(index, lead) NEWEST_FIRST " LIMIT 1 OFFSET :most"

/* What a filter's own index is; its list, and its place after so many rows. */
struct lead {
	const char *list, *look;
};
#define LEAD(index, where) { LIST(index, where), LOOK(index, where) }

static const struct lead LEAD_BY = LEAD("orders_by", "placed_by = :by AND");
static const struct lead LEAD_PRODUCT = LEAD("orders_product", "product_code = :product AND");
static const struct lead LEAD_STATUS = LEAD("orders_status", "status = :status AND");
static const struct lead LEAD_CURRENCY = LEAD("orders_currency", "currency = :currency AND");
static const struct lead LEAD_ALL = LEAD("orders_newest", "");
/* These two leave so few that nobody counts them. */
static const struct lead LEAD_NUMBER = { LIST("sqlite_autoindex_orders_1", "number = upper(:find) AND"), NULL };
static const struct lead LEAD_RECIPIENT = {
	LIST("orders_of_recipient", "email <> '' AND email = :find COLLATE NOCASE AND"), NULL,
};

enum find_kind { FIND_NOTHING, FIND_NUMBER, FIND_RECIPIENT, FIND_PIECE };

static enum find_kind find_kind_of(const char *find)
{
	char number[ID_NUMBER_SIZE];

	if (!find) return FIND_NOTHING;
	for (size_t i = 0; strlen(find) == ID_NUMBER_SIZE - 1 && i < ID_NUMBER_SIZE; i++)
		number[i] = find[i] >= 'a' && find[i] <= 'z' ? (char)(find[i] - 'a' + 'A') : find[i];
	if (strlen(find) == ID_NUMBER_SIZE - 1 && ids_is_number(number)) return FIND_NUMBER;
	return text_is_email(find) ? FIND_RECIPIENT : FIND_PIECE;
}

/* The filter that leaves the fewest first. Nearly all orders end completed: that filter comes last. */
static const struct lead *lead_of(const struct ledger_filter *filter)
{
	enum find_kind kind = find_kind_of(filter->find);

	if (kind == FIND_NUMBER) return &LEAD_NUMBER;
	if (kind == FIND_RECIPIENT) return &LEAD_RECIPIENT;
	if (filter->has_status && filter->status != ORDER_COMPLETED) return &LEAD_STATUS;
	if (filter->by) return &LEAD_BY;
	if (filter->product) return &LEAD_PRODUCT;
	if (filter->currency) return &LEAD_CURRENCY;
	return filter->has_status ? &LEAD_STATUS : &LEAD_ALL;
}

/* The place, and the lead's own value. */
static void place_bind(struct sql *sql, const struct ledger_filter *filter, const struct lead *lead)
{
	bool is_until = filter->until_ms > 0 && filter->until_ms >= filter->from_ms;
	int64_t before_ms = filter->to_ms > 0 ? filter->to_ms : INT64_MAX;
	const char *before_number = "";

	/* Placed before `to` is the same as coming after (to, ""), the page that begins there. */
	if (filter->before_ms > 0 && filter->before_ms < before_ms) {
		before_ms = filter->before_ms;
		before_number = filter->before_number;
	}
	if (lead == &LEAD_BY) sql_bind_text(sql, ":by", filter->by);
	if (lead == &LEAD_PRODUCT) sql_bind_text(sql, ":product", filter->product);
	if (lead == &LEAD_STATUS) sql_bind_text(sql, ":status", order_status_name(filter->status));
	if (lead == &LEAD_CURRENCY) sql_bind_text(sql, ":currency", filter->currency);
	sql_bind_number(sql, ":before_ms", before_ms);
	sql_bind_text(sql, ":before_number", before_number);
	sql_bind_number(sql, ":until_ms", is_until ? filter->until_ms : filter->from_ms > 0 ? filter->from_ms : INT64_MIN);
	sql_bind_text(sql, ":until_number", is_until ? filter->until_number : "");
}

enum ledger_result ledger_orders(struct ledger *ledger, struct arena *mem, const struct ledger_filter *filter,
                                 size_t max, struct order **out, size_t *count)
{
	struct rows rows = { .mem = mem, .bytes = sizeof **out };
	struct connection *on = reader_hold(ledger);
	const struct lead *lead = lead_of(filter);
	struct sql sql;

	if (!on) return LEDGER_FULL;
	sql = sql_begin(on, lead->list);
	place_bind(&sql, filter, lead);
	sql_bind_text(&sql, ":status", filter->has_status ? order_status_name(filter->status) : NULL);
	sql_bind_text(&sql, ":product", filter->product);
	sql_bind_text(&sql, ":currency", filter->currency);
	sql_bind_text(&sql, ":by", filter->by);
	sql_bind_text(&sql, ":find", filter->find);
	sql_bind_number(&sql, ":is_piece", find_kind_of(filter->find) == FIND_PIECE);
	sql_bind_number(&sql, ":max", (int64_t)max);
	while (sql_row(&sql))
		order_from_row(&sql, mem, rows_add(&rows));
	sql_end(&sql);
	*out = rows.of;
	*count = rows.count;
	return reader_drop(ledger, on);
}

enum ledger_result ledger_look(struct ledger *ledger, struct ledger_filter *filter, size_t most)
{
	const struct lead *lead = lead_of(filter);
	int filters = filter->has_status + !!filter->by + !!filter->product + !!filter->currency + !!filter->find;
	struct connection *on;
	struct sql sql;
	bool is_there;

	if (!lead->look || filters == (lead == &LEAD_ALL ? 0 : 1)) return LEDGER_NONE;
	on = reader_hold(ledger);
	if (!on) return LEDGER_FULL;
	sql = sql_begin(on, lead->look);
	place_bind(&sql, filter, lead);
	sql_bind_number(&sql, ":most", (int64_t)most - 1);
	is_there = sql_row(&sql);
	if (is_there) {
		filter->until_ms = sql_number(&sql, 0);
		sql_text_into(&sql, 1, filter->until_number, sizeof filter->until_number);
	}
	sql_end(&sql);
	return drop_found(ledger, on, is_there);
}

static const char COUNT_ELSEWHERE[] =
	"SELECT count(*) FROM attempts INDEXED BY attempts_due WHERE task <> 'none' AND upstream <> :upstream";

enum ledger_result ledger_count_elsewhere(struct ledger *ledger, const char *upstream, int64_t *count)
{
	struct connection *on = reader_hold(ledger);
	struct sql sql;

	*count = 0;
	if (!on) return LEDGER_FULL;
	sql = sql_begin(on, COUNT_ELSEWHERE);
	sql_bind_text(&sql, ":upstream", upstream);
	if (sql_row(&sql)) *count = sql_number(&sql, 0);
	sql_end(&sql);
	return reader_drop(ledger, on);
}

static const char COUNTS[] = "SELECT status, orders FROM counts";

enum ledger_result ledger_counts(struct ledger *ledger, int64_t counts[ORDER_STATUSES])
{
	struct connection *on = reader_hold(ledger);
	struct sql sql;

	memset(counts, 0, ORDER_STATUSES * sizeof *counts);
	if (!on) return LEDGER_FULL;
	sql = sql_begin(on, COUNTS);
	while (sql_row(&sql)) {
		enum order_status status;
		char word[32];

		sql_text_into(&sql, 0, word, sizeof word);
		if (order_status_from_name(word, &status))
			counts[status] = sql_number(&sql, 1);
		else
			sql_fail_word(&sql);
	}
	sql_end(&sql);
	return reader_drop(ledger, on);
}
