/* orders.csv through the delivered web server: of any length, exactly the filtered list, and never in memory. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import { test } from 'node:test';
import { fill, number_of } from '../support/many.mjs';
import { IS_SANITIZED, Stage } from '../support/stage.mjs';

const ORDERS = 10000;
/* More than are looked at for one page of a search. */
const MORE = 45000;
/* A note of 300 bytes, so that the whole file is several times what it may cost in memory. */
const LONG = "'note ' || i || ', \"quoted\"; ' || substr(hex(zeroblob(150)), 1, 280)";

/* RFC 4180, read strictly: every line ends with CRLF, a quote stands only around or doubled within a cell. */
function read_csv(text) {
	const lines = [];
	for (let at = 0; at < text.length;) {
		const line = [];
		for (;;) {
			const cell = /^(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/.exec(text.slice(at, at + 4000));
			assert.ok(cell, `no cell at ${at}: ${JSON.stringify(text.slice(at, at + 80))}`);
			line.push(cell[1] !== undefined ? cell[1].replaceAll('""', '"') : cell[2]);
			at += cell[0].length;
			if (cell[3] === '\r\n') break;
		}
		lines.push(line);
	}
	return lines;
}

async function many(t, count, note) {
	const stage = await Stage.open(t, { portal: false });
	await fill(stage, count, { note });
	await stage.start_portal();
	await stage.ready();
	return stage;
}

const peak_kib = (stage, what) => Number(fs.readFileSync(`/proc/${stage.portal.pid}/status`, 'utf8').match(new RegExp(`${what}:\\s+(\\d+)`))[1]);

function get_whole(url) {
	return new Promise((resolve, reject) => {
		http.get(url, { agent: false }, (answer) => {
			const pieces = [];
			answer.on('data', (piece) => pieces.push(piece)).on('error', reject)
				.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, complete: answer.complete, text: Buffer.concat(pieces).toString('utf8') }));
		}).on('error', reject);
	});
}

test('contract: orders.csv has 10,000 orders without needing memory for them', async (t) => {
	const stage = await many(t, ORDERS, LONG);
	await get_whole(stage.url('/orders?q=nothing-is-found')); // what a thread needs for any page is there
	const before = peak_kib(stage, 'VmRSS');
	const answer = await get_whole(stage.url('/orders.csv'));
	const grown_kib = peak_kib(stage, 'VmHWM') - before;
	assert.equal(answer.status, 200);
	assert.match(answer.headers['content-type'], /^text\/csv; charset=utf-8/);
	assert.match(answer.headers['content-disposition'], /^attachment; filename="orders-\d{4}-\d\d-\d\d\.csv"$/);
	t.diagnostic(`${answer.text.length} bytes were sent, and the portal's memory grew by ${grown_kib} KiB`);
	assert.ok(answer.text.length > 4.5e6);
	if (!IS_SANITIZED) assert.ok(grown_kib < 2048, `grew by ${grown_kib} KiB`);
	const [names, ...lines] = read_csv(answer.text);
	assert.equal(names[0], 'id');
	assert.deepEqual(lines.map((line) => line[0]), Array.from({ length: ORDERS }, (_, i) => number_of(ORDERS - i)));
	for (const line of lines) assert.equal(line.length, names.length);
	assert.ok(lines[0][names.indexOf('description')].startsWith(`note ${ORDERS}, "quoted"; 0`));
	assert.match(lines[0][names.indexOf('placed_at')], /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
});

test('contract: orders.csv of a filtered list is exactly that list, however far a search has to look', async (t) => {
	const stage = await many(t, MORE);
	const of = async (query) => read_csv((await get_whole(stage.url(`/orders.csv?${query}`))).text).slice(1).map((line) => Number(line[0]));
	const all = Array.from({ length: MORE }, (_, i) => MORE - i);
	assert.deepEqual(await of('status=needs_attention'), all.filter((i) => i % 1000 === 0));
	assert.deepEqual(await of('by=bob&currency=EUR'), all.filter((i) => i % 12 === 0));
	assert.deepEqual(await of('q=PERSON70@example.org'), [70]);
	assert.deepEqual(await of('q=note%20999'), all.filter((i) => String(i).startsWith('999')));
	assert.deepEqual(await of('by=nobody'), []);
	assert.match((await stage.client.get('/orders?q=note%2099%20')).text, /Search older orders/);
	assert.equal((await get_whole(stage.url('/orders.csv?currency=pounds'))).status, 400);
	const head = await stage.client.request('HEAD', '/orders.csv');
	assert.equal(head.status, 200);
	assert.equal(head.text, '');
	assert.match(head.headers['content-type'], /^text\/csv/);
});
