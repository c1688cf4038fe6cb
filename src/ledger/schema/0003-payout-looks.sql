-- 0003: what became of a payout after its order was completed is looked at again, ever more seldom.

ALTER TABLE orders ADD COLUMN payout_due_at_ms INTEGER NOT NULL DEFAULT 0; -- the next look; 0: none any more
ALTER TABLE orders ADD COLUMN payout_looks INTEGER NOT NULL DEFAULT 0;
CREATE INDEX orders_payout_due ON orders (payout_due_at_ms) WHERE payout_due_at_ms <> 0;

-- Orders from before: once, and from there on as all others.
UPDATE orders SET payout_due_at_ms = 1 WHERE status = 'completed' AND runa_order_id IS NOT NULL;
