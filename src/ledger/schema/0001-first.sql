-- 0001: the first shape. Times are milliseconds since 1970 in UTC, 0 where there is none; money is in
-- minor units; words of states are those of model/. Each file here is one transaction, run once.

-- The one row about the file itself.
CREATE TABLE ledger (
	id INTEGER PRIMARY KEY CHECK (id = 1),
	seal_key_id TEXT,                            -- of the key that payout links are sealed with
	is_clean INTEGER NOT NULL,                   -- nothing was written since the last clean stop
	clean_stop_ms INTEGER NOT NULL,
	last_write_ms INTEGER NOT NULL
) STRICT;
INSERT INTO ledger (id, is_clean, clean_stop_ms, last_write_ms) VALUES (1, 1, 0, 0);

CREATE TABLE orders (
	id INTEGER PRIMARY KEY,
	number TEXT NOT NULL UNIQUE,
	form_key TEXT NOT NULL UNIQUE,               -- one form, one order
	status TEXT NOT NULL,
	money_moved TEXT NOT NULL,
	product_code TEXT NOT NULL,
	product_name TEXT NOT NULL,
	face_minor INTEGER NOT NULL,
	currency TEXT NOT NULL,
	distribution TEXT NOT NULL,
	email TEXT,                                  -- '' once blanked
	description TEXT,
	placed_by TEXT NOT NULL CHECK (placed_by <> ''),
	placed_by_name TEXT NOT NULL,
	placed_at_ms INTEGER NOT NULL,
	completed_at_ms INTEGER NOT NULL DEFAULT 0,
	price_minor INTEGER NOT NULL DEFAULT 0,
	price_currency TEXT NOT NULL DEFAULT '',     -- '' where the price isn't known
	discount_minor INTEGER NOT NULL DEFAULT 0,
	discount_currency TEXT NOT NULL DEFAULT '',
	runa_order_id TEXT,
	payout_status TEXT,
	payout_checked_at_ms INTEGER NOT NULL DEFAULT 0,
	payout_expiry TEXT,
	link_sealed BLOB,
	error_type TEXT,
	error_message TEXT,
	advice TEXT NOT NULL
) STRICT;
-- Lists run newest first by key set (placed_at_ms, number), so each filter has an index in that order.
CREATE INDEX orders_newest ON orders (placed_at_ms, number);
CREATE INDEX orders_status ON orders (status, placed_at_ms, number);
CREATE INDEX orders_product ON orders (product_code, placed_at_ms, number);
CREATE INDEX orders_currency ON orders (currency, placed_at_ms, number);
CREATE INDEX orders_by ON orders (placed_by, placed_at_ms, number);
CREATE INDEX orders_recipients ON orders (placed_at_ms) WHERE email <> '';

CREATE TRIGGER orders_keep_their_wish
BEFORE UPDATE OF number, form_key, product_code, product_name, face_minor, currency, distribution,
	description, placed_by, placed_by_name, placed_at_ms ON orders
BEGIN SELECT RAISE(ABORT, 'the wish of an order never changes'); END;

-- Orders of each status, so that nobody has to count them.
CREATE TABLE counts (
	status TEXT PRIMARY KEY,
	orders INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER orders_are_counted AFTER INSERT ON orders
BEGIN
	INSERT INTO counts (status, orders) VALUES (new.status, 1)
	ON CONFLICT (status) DO UPDATE SET orders = orders + 1;
END;
CREATE TRIGGER orders_are_counted_again AFTER UPDATE OF status ON orders WHEN old.status <> new.status
BEGIN
	UPDATE counts SET orders = orders - 1 WHERE status = old.status;
	INSERT INTO counts (status, orders) VALUES (new.status, 1)
	ON CONFLICT (status) DO UPDATE SET orders = orders + 1;
END;

CREATE TABLE attempts (
	id INTEGER PRIMARY KEY,
	order_id INTEGER NOT NULL REFERENCES orders (id),
	no INTEGER NOT NULL,
	key TEXT NOT NULL UNIQUE,
	reference TEXT NOT NULL,
	upstream TEXT NOT NULL,
	headers TEXT NOT NULL,
	body BLOB NOT NULL,
	state TEXT NOT NULL,
	task TEXT NOT NULL,
	created_at_ms INTEGER NOT NULL,
	first_sent_at_ms INTEGER NOT NULL DEFAULT 0,
	due_at_ms INTEGER NOT NULL,
	tries INTEGER NOT NULL DEFAULT 0,
	polls INTEGER NOT NULL DEFAULT 0,
	setup_refusals INTEGER NOT NULL DEFAULT 0,
	mute INTEGER NOT NULL DEFAULT 0,
	runa_order_id TEXT,
	opened_by TEXT NOT NULL,
	lease_owner INTEGER NOT NULL DEFAULT 0,      -- 0: nobody's; else the number of an opened ledger
	leased_until_ms INTEGER NOT NULL DEFAULT 0,
	UNIQUE (order_id, no)
) STRICT;
CREATE INDEX attempts_due ON attempts (task, upstream, due_at_ms) WHERE task <> 'none';
CREATE INDEX attempts_open ON attempts (created_at_ms) WHERE state NOT IN ('completed', 'failed', 'refused');

-- What was sent under a key is sent again byte for byte or not at all. A body holds the recipient, so it
-- may be emptied where it will never be sent again.
CREATE TRIGGER attempts_keep_their_bytes
BEFORE UPDATE OF order_id, no, key, reference, upstream, headers, body ON attempts
WHEN NOT (new.order_id = old.order_id AND new.no = old.no AND new.key = old.key
	AND new.reference = old.reference AND new.upstream = old.upstream AND new.headers = old.headers
	AND (new.body = old.body
	     OR new.body = x'' AND new.state IN ('completed', 'failed', 'refused')))
BEGIN SELECT RAISE(ABORT, 'the bytes of an attempt never change'); END;

CREATE TABLE tries (
	id INTEGER PRIMARY KEY,
	attempt_id INTEGER NOT NULL REFERENCES attempts (id),
	task TEXT NOT NULL,
	begun_at_ms INTEGER NOT NULL,
	ended_at_ms INTEGER NOT NULL DEFAULT 0,
	meaning TEXT,
	http_status INTEGER NOT NULL DEFAULT 0,
	error_type TEXT,
	request_id TEXT
) STRICT;
CREATE INDEX tries_of_attempt ON tries (attempt_id);

-- What a person's orders of one day (in UTC, by placing) have reserved and spent; person '' is everyone.
CREATE TABLE budgets (
	person TEXT NOT NULL,
	currency TEXT NOT NULL,
	day INTEGER NOT NULL,
	reserved_minor INTEGER NOT NULL,
	spent_minor INTEGER NOT NULL,
	PRIMARY KEY (person, currency, day)
) STRICT, WITHOUT ROWID;

-- Who did what. hash: of the line before and of this one's text (sqlite_care.c), so that a line that was
-- altered or taken out shows.
CREATE TABLE audit (
	id INTEGER PRIMARY KEY,
	at_ms INTEGER NOT NULL,
	order_number TEXT NOT NULL,
	attempt_no INTEGER NOT NULL,
	who TEXT NOT NULL,
	act TEXT NOT NULL,
	detail TEXT,
	hash TEXT NOT NULL
) STRICT;
CREATE TRIGGER audit_stays_as_written BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'audit lines never change'); END;
CREATE TRIGGER audit_stays_whole BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'audit lines stay'); END;

CREATE TABLE products (
	code TEXT PRIMARY KEY,
	name TEXT NOT NULL,
	currency TEXT NOT NULL,
	country TEXT NOT NULL,
	kind TEXT NOT NULL,
	is_orderable INTEGER NOT NULL,
	state TEXT NOT NULL,
	fixed TEXT NOT NULL,                         -- minor units with a blank behind each; '' for a range
	least_minor INTEGER NOT NULL,
	most_minor INTEGER NOT NULL,
	discount_text TEXT NOT NULL,
	expiry_type TEXT NOT NULL,
	expiry_months INTEGER NOT NULL,
	category TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE balances (
	currency TEXT PRIMARY KEY,
	minor INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE fetches (
	what TEXT PRIMARY KEY,                       -- 'products', 'balances'
	fetched_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE facts (
	name TEXT PRIMARY KEY,
	value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
