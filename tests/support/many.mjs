/* many.mjs: a ledger that has seen years: orders put straight into the file, before the portal opens it. What the
 * ledger keeps beside each order (an attempt with its try, budgets, an audit line not) fits what it would have written. */
import { run } from './process.mjs';

/* Order `i` of many, counted from the oldest at 1. */
export const number_of = (i) => String(i).padStart(16, '0');

/* count orders that end now, spread evenly over `days`; every 7th was sent by e-mail, every 50th failed, every 1000th needs
 * attention, every 3rd is paid in EUR; note(i) is SQL for the note. */
export async function fill(stage, count, { days = 30, note = "'note ' || i" } = {}) {
	const made = await stage.command('migrate');
	if (made.code !== 0) throw new Error(`migrate: ${made.output}`);
	const step_ms = Math.floor(days * 86400000 / count), now_ms = Date.now();
	const sql = `
PRAGMA synchronous = OFF; PRAGMA journal_mode = WAL;
BEGIN;
CREATE TEMP TABLE n AS WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < ${count}) SELECT i FROM c;
INSERT INTO orders (id, number, form_key, status, money_moved, product_code, product_name, face_minor, currency, distribution, email, description,
	placed_by, placed_by_name, placed_at_ms, completed_at_ms, price_minor, price_currency, discount_minor, discount_currency, runa_order_id, payout_status, advice)
SELECT i, printf('%016d', i), printf('00000000-0000-4000-8000-%012d', i),
	CASE WHEN i % 1000 = 0 THEN 'needs_attention' WHEN i % 50 = 0 THEN 'failed' ELSE 'completed' END,
	CASE WHEN i % 1000 = 0 THEN 'unknown' WHEN i % 50 = 0 THEN 'no' ELSE 'yes' END,
	CASE i % 3 WHEN 0 THEN 'AMZ-DE' ELSE 'AMZ-GB' END, 'Amazon.' || CASE i % 3 WHEN 0 THEN 'de' ELSE 'co.uk' END, 1000,
	CASE i % 3 WHEN 0 THEN 'EUR' ELSE 'GBP' END,
	CASE i % 7 WHEN 0 THEN 'EMAIL' ELSE 'PAYOUT_LINK' END, CASE i % 7 WHEN 0 THEN 'person' || i || '@example.org' END, ${note},
	CASE i % 4 WHEN 0 THEN 'bob' ELSE 'alice' END, CASE i % 4 WHEN 0 THEN 'Bob Baker' ELSE 'Alice Adams' END, ${now_ms} - (${count} - i) * ${step_ms},
	CASE WHEN i % 50 = 0 THEN 0 ELSE ${now_ms} - (${count} - i) * ${step_ms} + 1000 END,
	CASE WHEN i % 50 = 0 THEN 0 ELSE 950 END, CASE WHEN i % 50 = 0 THEN '' WHEN i % 3 = 0 THEN 'EUR' ELSE 'GBP' END,
	CASE WHEN i % 50 = 0 THEN 0 ELSE 50 END, CASE WHEN i % 50 = 0 THEN '' WHEN i % 3 = 0 THEN 'EUR' ELSE 'GBP' END,
	'O-' || i, CASE WHEN i % 50 = 0 THEN NULL ELSE 'ACTIVE' END,
	CASE WHEN i % 1000 = 0 THEN 'stuck' WHEN i % 50 = 0 THEN 'refused' ELSE 'completed' END FROM n;
INSERT INTO attempts (order_id, no, key, reference, upstream, headers, body, state, task, created_at_ms, first_sent_at_ms, due_at_ms, tries, opened_by)
SELECT i, 1, printf('00000000-0000-4000-8000-%012d', i), 'r' || i, 'http://127.0.0.1:${stage.runa_port ?? 9}/v2', '', x'',
	CASE WHEN i % 1000 = 0 THEN 'stuck' WHEN i % 50 = 0 THEN 'refused' ELSE 'completed' END, 'none', ${now_ms}, ${now_ms}, 0, 1, 'alice' FROM n;
INSERT INTO tries (attempt_id, task, begun_at_ms, ended_at_ms, meaning, http_status)
SELECT id, 'send', ${now_ms}, ${now_ms}, CASE WHEN state = 'refused' THEN 'refused' ELSE 'completed' END, 200 FROM attempts;
INSERT INTO budgets (person, currency, day, reserved_minor, spent_minor)
SELECT p, currency, placed_at_ms / 86400000, sum(CASE status WHEN 'needs_attention' THEN face_minor ELSE 0 END), sum(CASE status WHEN 'completed' THEN price_minor ELSE 0 END)
FROM (SELECT placed_by AS p, * FROM orders UNION ALL SELECT '' AS p, * FROM orders) GROUP BY 1, 2, 3;
COMMIT;
PRAGMA wal_checkpoint(TRUNCATE);`;
	const { code, output } = await run('sqlite3', [stage.ledger, sql]);
	if (code !== 0) throw new Error(`sqlite3: ${output}`);
}
