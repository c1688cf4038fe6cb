-- 0002: what tells a jump of the wall clock, the pace of all processes together, and which bytes may be emptied.

-- How far the wall clock was from the steady one when times were last written, and which start of the machine the
-- steady one counts from (0: not known).
ALTER TABLE ledger ADD COLUMN boot INTEGER NOT NULL DEFAULT 0;
ALTER TABLE ledger ADD COLUMN clock_offset_ms INTEGER NOT NULL DEFAULT 0;
-- Runa asked everyone to slow down: until when, and how often in a row.
ALTER TABLE ledger ADD COLUMN pause_until_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE ledger ADD COLUMN pauses INTEGER NOT NULL DEFAULT 0;

-- How many requests for orders began in each second; older seconds than the last minute's are taken out.
CREATE TABLE sends (
	second INTEGER PRIMARY KEY,                  -- since 1970
	sends INTEGER NOT NULL
) STRICT;

-- As before, but of an order that is over each body may be emptied that is not to be sent: stuck ones too.
DROP TRIGGER attempts_keep_their_bytes;
CREATE TRIGGER attempts_keep_their_bytes
BEFORE UPDATE OF order_id, no, key, reference, upstream, headers, body ON attempts
WHEN NOT (new.order_id = old.order_id AND new.no = old.no AND new.key = old.key
	AND new.reference = old.reference AND new.upstream = old.upstream AND new.headers = old.headers
	AND (new.body = old.body
	     OR new.body = x'' AND new.task = 'none' AND
	        (SELECT status FROM orders WHERE id = new.order_id) IN ('completed', 'failed', 'rejected')))
BEGIN SELECT RAISE(ABORT, 'the bytes of an attempt never change'); END;
