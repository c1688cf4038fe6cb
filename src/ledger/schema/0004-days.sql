-- 0004: how many orders each day brought, and a recipient's orders, so that neither has to be looked for.

-- Orders of each day (in UTC, by placing) and currency; what they reserved and spent stands in budgets.
CREATE TABLE days (
	day INTEGER NOT NULL,                        -- since 1970
	currency TEXT NOT NULL,
	orders INTEGER NOT NULL,
	PRIMARY KEY (day, currency)
) STRICT, WITHOUT ROWID;
INSERT INTO days (day, currency, orders)
	SELECT placed_at_ms / 86400000, currency, count(*) FROM orders GROUP BY 1, 2;

CREATE TRIGGER orders_are_counted_by_day AFTER INSERT ON orders
BEGIN
	INSERT INTO days (day, currency, orders) VALUES (new.placed_at_ms / 86400000, new.currency, 1)
	ON CONFLICT (day, currency) DO UPDATE SET orders = orders + 1;
END;

-- People type an address in capitals or without.
CREATE INDEX orders_of_recipient ON orders (email COLLATE NOCASE, placed_at_ms, number) WHERE email <> '';
