/* sqlite_catalogue.c: what was fetched (products, balances) and small named facts. Knows no Runa: it keeps
 * what it is given and gives it back. */
#include "ledger/sqlite.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static const char FETCHED_PUT[] =
	"INSERT INTO fetches (what, fetched_at_ms) VALUES (:what, :at)"
	" ON CONFLICT (what) DO UPDATE SET fetched_at_ms = excluded.fetched_at_ms";
static const char FETCHED[] = "SELECT fetched_at_ms FROM fetches WHERE what = :what";

static void fetched_put(struct connection *on, const char *what, int64_t at_ms)
{
	struct sql sql = sql_begin(on, FETCHED_PUT);

	sql_bind_text(&sql, ":what", what);
	sql_bind_number(&sql, ":at", at_ms);
	sql_do(&sql);
}

static bool fetched_read(struct connection *on, const char *what, int64_t *at_ms)
{
	struct sql sql = sql_begin(on, FETCHED);
	bool is_there;

	sql_bind_text(&sql, ":what", what);
	is_there = sql_row(&sql);
	*at_ms = is_there ? sql_number(&sql, 0) : 0;
	sql_end(&sql);
	return is_there;
}

static enum ledger_result drop_fetched(struct ledger *ledger, struct connection *on, bool was_fetched)
{
	enum ledger_result result = reader_drop(ledger, on);

	return result == LEDGER_OK && !was_fetched ? LEDGER_NONE : result;
}

/* One snapshot for several statements: the age belongs to the rows. */
static const char READ_BEGIN[] = "BEGIN";
static const char READ_END[] = "COMMIT";

static void run_plain(struct connection *on, const char *text)
{
	struct sql sql = sql_begin(on, text);

	sql_do(&sql);
}

/* Also after a failure: the connection goes back to the others. */
static void read_end(struct connection *on)
{
	int rc = on->rc;

	on->rc = SQLITE_OK;
	if (!sqlite3_get_autocommit(on->db)) run_plain(on, READ_END);
	if (rc != SQLITE_OK) on->rc = rc;
}

static size_t rows_of(struct connection *on, const char *count_text)
{
	struct sql sql = sql_begin(on, count_text);
	size_t count = sql_row(&sql) ? (size_t)sql_number(&sql, 0) : 0;

	sql_end(&sql);
	return count;
}

/* Products, or balances. */
struct fetched_kind {
	const char *what, *count_text, *text;
	size_t bytes;
	void (*read)(struct sql *sql, struct arena *mem, void *row);
};

static enum ledger_result read_fetched(struct ledger *ledger, struct arena *mem, const struct fetched_kind *kind,
                                       void **out, size_t *count, int64_t *fetched_at_ms)
{
	struct connection *on = reader_hold(ledger);
	bool was_fetched;
	struct sql sql;
	size_t most;

	*out = NULL;
	*count = 0;
	*fetched_at_ms = 0;
	if (!on) return LEDGER_FULL;
	run_plain(on, READ_BEGIN);
	was_fetched = fetched_read(on, kind->what, fetched_at_ms);
	most = rows_of(on, kind->count_text);
	*out = arena_array(mem, most + 1, kind->bytes);
	sql = sql_begin(on, kind->text);
	while (*count < most && sql_row(&sql))
		kind->read(&sql, mem, (char *)*out + kind->bytes * (*count)++);
	sql_end(&sql);
	read_end(on);
	return drop_fetched(ledger, on, was_fetched);
}

/* ---- products -------------------------------------------------------------------------------- */

static const char *const kind_words[] = {
	[PRODUCT_GIFT_CARD] = "gift_card",
	[PRODUCT_SUBSCRIPTION] = "subscription",
	[PRODUCT_PAYMENT] = "payment",
	[PRODUCT_OTHER] = "other",
};

static const char PRODUCTS_CLEAR[] = "DELETE FROM products";
/* A catalogue that names a code twice keeps the last of the two. */
static const char PRODUCT_PUT[] =
	"INSERT OR REPLACE INTO products (code, name, currency, country, kind, is_orderable, state, fixed,"
	" least_minor, most_minor, discount_text, expiry_type, expiry_months, category)"
	" VALUES (:code, :name, :currency, :country, :kind, :is_orderable, :state, :fixed, :least_minor,"
	" :most_minor, :discount_text, :expiry_type, :expiry_months, :category)";
static const char PRODUCTS[] =
	"SELECT code, name, currency, country, kind, is_orderable, state, fixed, least_minor, most_minor,"
	" discount_text, expiry_type, expiry_months, category FROM products ORDER BY code";
static const char PRODUCTS_COUNT[] = "SELECT count(*) FROM products";

struct fetched {
	const void *of;
	size_t count;
	int64_t at_ms;
};

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

/* "500 1000 2500 ": a blank behind each. */
static const char *fixed_as_text(struct arena *mem, const struct product *product)
{
	struct text text;

	text_begin(&text, mem, 0);
	for (size_t i = 0; i < product->fixed_count; i++)
		text_print(&text, "%lld ", (long long)product->fixed_minor[i]);
	return text.bytes;
}

static void product_put(struct ledger *ledger, struct connection *on, const struct product *product)
{
	struct sql sql = sql_begin(on, PRODUCT_PUT);

	sql_bind_text(&sql, ":code", product->code);
	sql_bind_text(&sql, ":name", or_empty(product->name));
	sql_bind_text(&sql, ":currency", product->currency);
	sql_bind_text(&sql, ":country", product->country);
	sql_bind_text(&sql, ":kind", kind_words[product->kind]);
	sql_bind_number(&sql, ":is_orderable", product->is_orderable);
	sql_bind_text(&sql, ":state", or_empty(product->state));
	sql_bind_text(&sql, ":fixed", fixed_as_text(ledger->scratch, product));
	sql_bind_number(&sql, ":least_minor", product->least_minor);
	sql_bind_number(&sql, ":most_minor", product->most_minor);
	sql_bind_text(&sql, ":discount_text", or_empty(product->discount_text));
	sql_bind_text(&sql, ":expiry_type", or_empty(product->expiry_type));
	sql_bind_number(&sql, ":expiry_months", product->expiry_months);
	sql_bind_text(&sql, ":category", or_empty(product->category));
	sql_do(&sql);
}

static enum ledger_result put_products_run(struct ledger *ledger, struct connection *on, void *what)
{
	const struct fetched *fetched = what;
	const struct product *products = fetched->of;

	run_plain(on, PRODUCTS_CLEAR);
	for (size_t i = 0; i < fetched->count && on->rc == SQLITE_OK; i++)
		product_put(ledger, on, &products[i]);
	fetched_put(on, "products", fetched->at_ms);
	return LEDGER_OK;
}

enum ledger_result ledger_put_products(struct ledger *ledger, const struct product *products, size_t count,
                                       int64_t fetched_at_ms)
{
	struct fetched fetched = { products, count, fetched_at_ms };

	return ledger_write(ledger, put_products_run, &fetched);
}

static void fixed_from_text(struct sql *sql, struct arena *mem, const char *text, struct product *out)
{
	size_t most = 0;

	if (!text) return; /* the read failed: the connection knows */
	for (const char *at = text; *at; at++)
		most += *at == ' ';
	if (most == 0) return;
	out->fixed_minor = arena_array(mem, most, sizeof *out->fixed_minor);
	for (const char *at = text; *at; at++) {
		char *end;

		out->fixed_minor[out->fixed_count++] = strtoll(at, &end, 10);
		if (end == at || *end != ' ') {
			sql_fail_word(sql);
			return;
		}
		at = end;
	}
}

static enum product_kind kind_of_row(struct sql *sql, int column)
{
	char word[16];

	sql_text_into(sql, column, word, sizeof word);
	for (size_t i = 0; i < COUNT_OF(kind_words); i++)
		if (strcmp(kind_words[i], word) == 0) return (enum product_kind)i;
	sql_fail_word(sql);
	return PRODUCT_OTHER;
}

static void product_from_row(struct sql *sql, struct arena *mem, void *row)
{
	struct product *out = row;

	*out = (struct product){ 0 };
	out->code = sql_text(sql, 0, mem);
	out->name = sql_text(sql, 1, mem);
	sql_text_into(sql, 2, out->currency, sizeof out->currency);
	sql_text_into(sql, 3, out->country, sizeof out->country);
	out->kind = kind_of_row(sql, 4);
	out->is_orderable = sql_number(sql, 5) != 0;
	out->state = sql_text(sql, 6, mem);
	fixed_from_text(sql, mem, sql_text(sql, 7, mem), out);
	out->least_minor = sql_number(sql, 8);
	out->most_minor = sql_number(sql, 9);
	out->discount_text = sql_text(sql, 10, mem);
	out->expiry_type = sql_text(sql, 11, mem);
	out->expiry_months = (int)sql_number(sql, 12);
	out->category = sql_text(sql, 13, mem);
}

enum ledger_result ledger_products(struct ledger *ledger, struct arena *mem, struct product **out,
                                   size_t *count, int64_t *fetched_at_ms)
{
	static const struct fetched_kind products = { "products", PRODUCTS_COUNT, PRODUCTS, sizeof **out,
		                                     product_from_row };
	void *rows;
	enum ledger_result result = read_fetched(ledger, mem, &products, &rows, count, fetched_at_ms);

	*out = rows;
	return result;
}

/* ---- balances -------------------------------------------------------------------------------- */

static const char BALANCES_CLEAR[] = "DELETE FROM balances";
static const char BALANCE_PUT[] =
	"INSERT OR REPLACE INTO balances (currency, minor) VALUES (:currency, :minor)";
static const char BALANCES[] = "SELECT currency, minor FROM balances ORDER BY currency";
static const char BALANCES_COUNT[] = "SELECT count(*) FROM balances";

static enum ledger_result put_balances_run(struct ledger *ledger, struct connection *on, void *what)
{
	const struct fetched *fetched = what;
	const struct balance *balances = fetched->of;

	(void)ledger;
	run_plain(on, BALANCES_CLEAR);
	for (size_t i = 0; i < fetched->count; i++) {
		struct sql sql = sql_begin(on, BALANCE_PUT);

		sql_bind_text(&sql, ":currency", balances[i].amount.currency);
		sql_bind_number(&sql, ":minor", balances[i].amount.minor);
		sql_do(&sql);
	}
	fetched_put(on, "balances", fetched->at_ms);
	return LEDGER_OK;
}

enum ledger_result ledger_put_balances(struct ledger *ledger, const struct balance *balances, size_t count,
                                       int64_t fetched_at_ms)
{
	struct fetched fetched = { balances, count, fetched_at_ms };

	return ledger_write(ledger, put_balances_run, &fetched);
}

static void balance_from_row(struct sql *sql, struct arena *mem, void *row)
{
	struct balance *out = row;

	(void)mem;
	sql_text_into(sql, 0, out->amount.currency, CURRENCY_SIZE);
	out->amount.minor = sql_number(sql, 1);
}

enum ledger_result ledger_balances(struct ledger *ledger, struct arena *mem, struct balance **out,
                                   size_t *count, int64_t *fetched_at_ms)
{
	static const struct fetched_kind balances = { "balances", BALANCES_COUNT, BALANCES, sizeof **out,
		                                     balance_from_row };
	void *rows;
	enum ledger_result result = read_fetched(ledger, mem, &balances, &rows, count, fetched_at_ms);

	*out = rows;
	return result;
}

/* ---- facts ----------------------------------------------------------------------------------- */

static const char FACT_PUT[] =
	"INSERT INTO facts (name, value) VALUES (:name, :value)"
	" ON CONFLICT (name) DO UPDATE SET value = excluded.value";
static const char FACT_REMOVE[] = "DELETE FROM facts WHERE name = :name";
static const char FACT[] = "SELECT value FROM facts WHERE name = :name";

struct fact {
	const char *name, *value;
};

static enum ledger_result put_fact_run(struct ledger *ledger, struct connection *on, void *what)
{
	const struct fact *fact = what;
	struct sql sql = sql_begin(on, fact->value ? FACT_PUT : FACT_REMOVE);

	(void)ledger;
	sql_bind_text(&sql, ":name", fact->name);
	if (fact->value) sql_bind_text(&sql, ":value", fact->value);
	sql_do(&sql);
	return LEDGER_OK;
}

enum ledger_result ledger_put_fact(struct ledger *ledger, const char *name, const char *value)
{
	struct fact fact = { name, value };

	return ledger_write(ledger, put_fact_run, &fact);
}

enum ledger_result ledger_fact(struct ledger *ledger, struct arena *mem, const char *name, char **value)
{
	struct connection *on = reader_hold(ledger);
	struct sql sql;
	bool is_there;

	*value = NULL;
	if (!on) return LEDGER_FULL;
	sql = sql_begin(on, FACT);
	sql_bind_text(&sql, ":name", name);
	is_there = sql_row(&sql);
	if (is_there) *value = sql_text(&sql, 0, mem);
	sql_end(&sql);
	return drop_fetched(ledger, on, is_there);
}
