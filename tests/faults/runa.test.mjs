/* Faults between the desk and Runa: rows 32 to 48 of faults.md. (44 needs 29 days: the simulation, and
 * fault_44 in the units of the desk.) */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import path from 'node:path';
import { once } from 'node:events';
import { test } from 'node:test';
import { lives_at, no_faketime, time_is } from '../support/faketime.mjs';
import { run } from '../support/process.mjs';
import { check_upstream, content, header, Stage } from '../support/stage.mjs';
import { until } from '../support/until.mjs';

const POST = ['POST', '/v2/order'];
const tries_of = (stage, meaning) => stage.rows(`SELECT count(*) AS n FROM tries WHERE meaning = '${meaning}'`).then((rows) => rows[0].n);

test("fault 32: a name that doesn't resolve costs nothing, and it is tried again", async (t) => {
	const stage = await Stage.open(t, { portal: false });
	stage.configure();
	await stage.start_portal();
	await stage.ready();
	await stage.portal.stop();
	// The catalogue is known; now the name is gone.
	stage.configure({ runa: { base_url: 'https://runa.invalid/v2' }, identity: { mode: 'proxy', user_param: 'DESK_USER' } });
	await stage.start_portal();
	const alice = stage.person('alice');
	const number = await stage.place({}, { client: alice });
	await until('two tries are over', async () => await tries_of(stage, 'not_sent') >= 2);
	const order = await stage.see(number, alice);
	assert.equal(order.status, 'placing');
	assert.equal(order.money_moved, 'no');
	assert.match((await stage.page(number, alice)).words, /LIVE/);
});

for (const [what, openssl, trust, made_at] of [
	['not trusted', ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2'], false],
	['made for another name', ['-subj', '/CN=elsewhere', '-addext', 'subjectAltName=DNS:elsewhere.invalid', '-days', '2'], true],
	['expired', ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2'], true, '-10d'],
]) {
	test(`fault 32: a TLS certificate ${what} is a setup fault that is never bypassed and costs nothing`, { skip: made_at && no_faketime }, async (t) => {
		const stage = await Stage.open(t, { portal: false });
		stage.configure();
		await stage.start_portal();
		await stage.ready();
		await stage.portal.stop();
		const key = path.join(stage.dir, 'tls.key'), cert = path.join(stage.dir, 'tls.crt');
		const made = await run('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key, '-out', cert, ...openssl], { env: made_at ? lives_at(made_at) : {} });
		assert.equal(made.code, 0, made.output);
		let asked = 0;
		const server = https.createServer({ key: fs.readFileSync(key), cert: fs.readFileSync(cert) }, (_, answer) => { asked++; answer.end('{}'); });
		server.listen(0, '127.0.0.1');
		await once(server, 'listening');
		t.after(() => server.close());
		stage.configure({ runa: { base_url: `https://127.0.0.1:${server.address().port}/v2`, ca_file: trust ? cert : null } });
		await stage.start_portal();
		const number = await stage.place();
		await until('sending is stopped', async () => JSON.parse((await stage.client.get('/readyz')).text).sending === 'stopped');
		const order = await stage.see(number);
		assert.equal(order.status, 'placing');
		assert.equal(order.money_moved, 'no');
		assert.equal(asked, 0, 'not a byte of a request');
		assert.match(stage.portal.output, /tls_not_trusted/);
	});
}

for (const [what, plan, sent_at_least] of [
	['before a byte', { refuse: true }, 0], ['after one byte of the request', { cut_request_at: 1 }, 0],
	['in the request', { cut_request_at: 60 }, 0], ['after the request', { cut_after_request: true }, 1],
	['in the header of the answer', { cut_answer_at: 20 }, 1], ['in the body of the answer', { cut_answer_at: 400 }, 1],
]) {
	test(`fault 33: a connection cut ${what} ends in one order under one key`, async (t) => {
		const stage = await Stage.open(t, { relay: true });
		const before = stage.relay.connections;
		stage.relay.reset_all(); // what was kept open is gone: the next call connects anew
		stage.relay.plan = (n) => (n <= before + 2 ? plan : {});
		const number = await stage.place();
		const order = await stage.settled(number, 'completed');
		assert.equal(order.money_moved, 'yes');
		const { keys, sends } = await check_upstream(stage, 1);
		assert.equal(keys.length, 1);
		assert.ok(sends.length > sent_at_least);
		if (!plan.refuse) assert.equal(await tries_of(stage, 'not_sent'), 0, "'not sent' is said only where not a byte left");
	});
}

test('fault 34: silence ends at timeout_ms, other pages are answered meanwhile, and it stays unknown', async (t) => {
	const stage = await Stage.open(t, { config: { runa: { timeout_ms: 6000 } } });
	await stage.sandbox.fault(...POST, { kind: 'silence' }, { times: 2 });
	const numbers = await Promise.all([stage.place(), stage.place()]);
	await until('they are sent', async () => (await stage.sandbox.sends()).length >= 2);
	// More pages than the portal has threads: would one wait for Runa, the last of these would come after its silence.
	for (let i = 0; i < 40; i++) assert.equal((await stage.client.get('/orders/new')).status, 200);
	for (const number of numbers) assert.equal((await stage.page(number)).status, 200);
	assert.equal((await stage.rows('SELECT count(*) AS n FROM tries WHERE ended_at_ms = 0'))[0].n, 2, 'both calls are still waiting for their answer');
	assert.equal((await stage.sandbox.sends()).length, 2, 'and nothing was sent again yet');
	for (const number of numbers) {
		const order = await stage.settled(number, 'completed');
		assert.equal(order.money_moved, 'yes');
	}
	assert.ok(await tries_of(stage, 'unknown') >= 2);
	const { keys } = await check_upstream(stage, 2);
	assert.equal(keys.length, 2);
});

test('fault 35: an answer that comes after we gave up is found under the same key', async (t) => {
	const stage = await Stage.open(t, { config: { runa: { timeout_ms: 500 } } });
	await stage.sandbox.fault(...POST, { kind: 'none', delay_after_ms: 1500 });
	const number = await stage.place();
	const order = await stage.settled(number, 'completed');
	assert.equal(order.money_moved, 'yes');
	await check_upstream(stage, 1);
	assert.ok(await tries_of(stage, 'unknown') + await tries_of(stage, 'busy') >= 1);
});

for (const [what, fault] of [
	['102 and then the answer', { kind: 'interim', status: 102, count: 1 }], ['a thousand 102s and then the answer', { kind: 'interim', status: 102, count: 1000 }],
	['103 and then the answer', { kind: 'interim', status: 103, count: 1 }], ['100 and then the answer', { kind: 'interim', status: 100, count: 1 }],
]) {
	test(`fault 36: ${what} succeeds with one key`, async (t) => {
		const stage = await Stage.open(t);
		await stage.sandbox.fault(...POST, fault);
		await stage.settled(await stage.place(), 'completed');
		const { sends, keys } = await check_upstream(stage, 1);
		// A thousand are more header than the client takes: then it is a second try with the same key.
		assert.ok(sends.length === 1 || (fault.count === 1000 && keys.length === 1));
	});
}

for (const [what, fault] of [
	['102 and a closed connection', { kind: 'interim', status: 102, then: 'close' }], ['102 and silence', { kind: 'interim', status: 102, then: 'silence' }],
	['a thousand 102s and silence', { kind: 'interim', status: 102, count: 1000, then: 'silence' }],
]) {
	test(`fault 36: ${what} ends the try quickly and never counts as final`, async (t) => {
		const stage = await Stage.open(t, { config: { runa: { timeout_ms: 60000 } } });
		await stage.sandbox.fault(...POST, fault);
		const number = await stage.place();
		await stage.settled(number, 'completed', { within_ms: 15000 }); // far less than timeout_ms
		assert.equal(await tries_of(stage, 'busy'), 1);
		assert.equal((await check_upstream(stage, 1)).keys.length, 1);
	});
}

test('fault 37: in progress ten times is asked ten times with the same key', async (t) => {
	const stage = await Stage.open(t);
	await stage.sandbox.fault(...POST, { kind: 'in_progress', as: 400 }, { times: 10 });
	await stage.settled(await stage.place(), 'completed');
	const { sends, keys } = await check_upstream(stage, 1);
	assert.equal(sends.length, 11);
	assert.equal(keys.length, 1);
});

test('fault 38: a 5xx that Runa stores with the key is looked up, and never shown as failed', async (t) => {
	const stage = await Stage.open(t, { config: { runa: { give_up_after_s: 1 } } });
	await stage.sandbox.settings({ store_5xx: true });
	await stage.sandbox.fault(...POST, { kind: 'error', type: 'internal_server_error' });
	const number = await stage.place();
	await until('it was looked for', async () => (await stage.rows("SELECT count(*) AS n FROM tries WHERE task = 'search' AND meaning = 'absent'"))[0].n >= 1);
	const order = await stage.see(number);
	assert.equal(order.status, 'placing');
	assert.equal(order.money_moved, 'unknown');
	assert.match((await stage.page(number)).words, /looking for this order/);
	const { keys } = await check_upstream(stage, 0);
	assert.equal(keys.length, 1);
});

test('fault 38: looked for twice, 15 minutes apart, and not found: a person decides, and a new attempt has a new key', { skip: no_faketime }, async (t) => {
	const stage = await Stage.open(t, { portal: false, config: { identity: { mode: 'proxy' }, runa: { give_up_after_s: 1 } } });
	const alice = stage.person('alice'), bob = stage.person('bob');
	await stage.start_portal({ env: time_is('+0') });
	await stage.ready();
	await stage.sandbox.settings({ store_5xx: true });
	await stage.sandbox.fault(...POST, { kind: 'error', type: 'internal_server_error' });
	const number = await stage.place({}, { client: alice });
	// A look that comes before giving up counts for nothing: then the order is sent on.
	await until('the first of two looks has found nothing', async () => {
		const [attempt] = await stage.rows('SELECT task, polls FROM attempts');
		return attempt.task === 'search' && attempt.polls === 1;
	});
	await stage.portal.stop();
	await stage.start_portal({ env: time_is('+20m') });
	await stage.ready();
	await until('it needs attention', async () => (await stage.see(number, alice)).status === 'needs_attention');
	assert.equal((await stage.see(number, alice)).money_moved, 'unknown');
	assert.match((await stage.page(number, alice)).words, /did not find it/);
	const attempt = `/orders/${number}/attempt`;
	const own = await stage.page(number, alice);
	assert.throws(() => own.form(attempt), 'not for one\'s own order');
	const page = await stage.page(number, bob);
	const form = page.form(attempt).fill({ why: 'Runa says that it is not there' });
	// A double click and more: the form's key is the attempt's.
	const answers = await Promise.all(Array.from({ length: 20 }, () => form.send(bob)));
	for (const answer of answers) assert.equal(answer.status, 303, answer.words);
	assert.equal(answers.filter((answer) => answer.location === `/orders/${number}?attempt=opened`).length, 1);
	assert.equal(answers.filter((answer) => answer.location === `/orders/${number}?repeat=1`).length, 19);
	await until('it is bought', async () => (await stage.see(number, alice)).status === 'completed');
	assert.equal((await form.send(bob)).location, `/orders/${number}?repeat=1`);
	const order = await stage.see(number, alice);
	assert.equal(order.attempts, 2);
	const { keys } = await check_upstream(stage, 1);
	assert.equal(keys.length, 2);
	assert.match(JSON.stringify(await stage.rows("SELECT * FROM audit WHERE detail LIKE '%it is not there%'")), /bob/);
});

test('fault 38: an order that exists after all is found by its number and adopted', async (t) => {
	const stage = await Stage.open(t, { config: { runa: { give_up_after_s: 1 } } });
	await stage.sandbox.fault(...POST, { kind: 'cut_after' });
	await stage.sandbox.fault(...POST, { kind: 'status', status: 502, content_type: 'text/html', body: '<h1>no</h1>' }, { times: 0 });
	const number = await stage.place();
	const order = await stage.settled(number, 'completed');
	assert.equal(order.money_moved, 'yes');
	assert.match(order.payout.url, /^https:/);
	assert.ok(await tries_of(stage, 'found') >= 1);
	await check_upstream(stage, 1);
});

for (const [what, retry_after] of [['no Retry-After', null], ['Retry-After in seconds', '1'], ['Retry-After as a date', 'date'], ['rubbish in Retry-After', 'soon, my friend; -1']]) {
	test(`fault 39: 429 with ${what} makes everyone pause, and no storm follows`, async (t) => {
		const stage = await Stage.open(t);
		const value = retry_after === 'date' ? new Date(Date.now() + 2000).toUTCString() : retry_after;
		await stage.sandbox.fault(...POST, { kind: 'rate', ...(value ? { retry_after: value } : {}) }, { times: 3 });
		const numbers = await Promise.all(Array.from({ length: 12 }, (_, i) => stage.place({ description: `one of many ${i}` })));
		for (const number of numbers) assert.equal((await stage.settled(number, 'completed')).attempts, 1);
		const { sends } = await check_upstream(stage, 12);
		assert.ok(sends.length <= 12 + 3, `${sends.length} sends`);
		// With a pause of a second, none is sent within it once it has begun and the calls under way are back.
		if (value && retry_after !== 'soon, my friend; -1') {
			const refused = sends.filter((send) => send.status === 429).at(-1);
			const next = sends.filter((send) => send.at_ms > refused.at_ms + 100).at(0);
			const until_ms = retry_after === 'date' ? Date.parse(value) : refused.at_ms + 800;
			assert.ok(!next || next.at_ms >= until_ms, `${until_ms - next?.at_ms} ms too early`);
		}
	});
}

/* Answers that are cut, too long or too deep stand in meanings.test.mjs. These are whole, and say strange things. */
for (const [what, patch, ends] of [
	['the price is a word', { set: { '/total_price': 'cheap' } }], ['the price has 400 digits', { set: { '/total_price': '9'.repeat(400) } }],
	['the price is NaN', { raw_replace: [['"total_price":"', '"total_price":NaN,"x":"']] }], ['the price is a list', { set: { '/total_price': [1] } }],
	['the price is negative', { set: { '/total_price': '-5.00' } }],
	['the currency is another', { set: { '/currency': 'EUR' } }], ['items are missing', { remove: ['/items'] }],
	['items is an empty list', { set: { '/items': [] } }], ['items is a text', { set: { '/items': 'one' } }],
	['status comes twice', { raw_replace: [['"status":"COMPLETED"', '"status":"COMPLETED","status":"FAILED"']] }],
	['the status is new', { set: { '/status': 'PONDERING' } }], ['the status is a number', { set: { '/status': 7 } }],
	['the link is http', { set: { '/items/0/payout/url': 'http://127.0.0.1/steal' } }],
	['the link is javascript', { set: { '/items/0/payout/url': 'javascript:alert(1)' } }],
	['the link has quotes and tags', { set: { '/items/0/payout/url': 'https://x/"><script>alert(1)</script>' } }],
	['the payout is missing', { remove: ['/items/0/payout'] }], ['the id is missing', { remove: ['/id'] }],
	['the description is another', { set: { '/description': 'somebody else 000000' } }, 'needs_attention'],
	['the product is another', { set: { '/items/0/products/value': 'XYZ-GB' } }, 'needs_attention'],
	['the face value is another', { set: { '/items/0/face_value': '500.00' } }, 'needs_attention'],
]) {
	test(`${ends ? 'fault 41' : 'fault 40'}: an answer where ${what} is ${ends ? 'never adopted' : 'looked up, and what was really bought is shown'}`, async (t) => {
		const stage = await Stage.open(t);
		await stage.sandbox.fault(...POST, { kind: 'patch', ...patch });
		const number = await stage.place();
		const order = await stage.settled(number, ends ?? ['completed', 'failed']);
		const page = await stage.page(number);
		for (const bad of ['javascript:', 'http://127.0.0.1/steal', '<script>alert(1)']) assert.ok(!page.text.includes(bad), `${bad} is nowhere on the page`);
		if (ends) {
			assert.equal(order.money_moved, 'unknown');
			assert.equal(order.price, null);
			assert.equal(order.payout, null);
		} else {
			// 'status twice': which of the two a reader takes is open, but nothing bought may be shown as failed.
			assert.equal(order.status, 'completed');
			assert.equal(order.price, '9.50');
			assert.match(order.payout.url, /^https:\/\//);
		}
		const { keys } = await check_upstream(stage, 1);
		assert.equal(keys.length, 1);
		assert.ok(!/https:\/\/|XX0test|recipient@/.test(stage.portal.output.replace(/base_url=\S+/g, '')), `the log keeps secrets:\n${stage.portal.output}`);
	});
}

test("fault 40: an answer with another order's id is not taken for ours", async (t) => {
	const stage = await Stage.open(t);
	const first = await stage.settled(await stage.place({ description: 'the other' }), 'completed');
	await stage.sandbox.fault(...POST, { kind: 'patch', set: { '/id': first.runa_order_id, '/status': 'PROCESSING' } });
	const number = await stage.place({ face_value: '20.00' });
	// Polled by that id, it is an order of another value and description.
	const order = await stage.settled(number, 'needs_attention');
	assert.equal(order.money_moved, 'unknown');
	assert.equal(order.payout, null);
	await check_upstream(stage, 2);
});

test('fault 42: a refusal after a try that is unknown says nothing about it: it stays unknown', async (t) => {
	const stage = await Stage.open(t);
	await stage.sandbox.fault(...POST, { kind: 'cut_after' });
	await stage.sandbox.fault(...POST, { kind: 'error', type: 'bad_request', store_answer: false }, { times: 3 });
	const number = await stage.place();
	await until('it was refused', async () => await tries_of(stage, 'refused') >= 1);
	const order = await stage.see(number);
	assert.notEqual(order.status, 'failed');
	if (order.status === 'placing') assert.equal(order.money_moved, 'unknown');
	assert.equal((await stage.settled(number, 'completed')).money_moved, 'yes');
	await check_upstream(stage, 1);
});

for (const [what, break_it, mend] of [
	['the key is revoked', (stage) => stage.sandbox.settings({ api_key: 'XX0other.key' }), (stage) => stage.sandbox.settings({ api_key: stage.sandbox.key })],
	['the IP is no longer allowed', (stage) => stage.sandbox.settings({ ip_allowed: false }), (stage) => stage.sandbox.settings({ ip_allowed: true })],
]) {
	test(`fault 43: ${what} in the middle: sending stops for everyone, says so, and goes on by itself`, async (t) => {
		const stage = await Stage.open(t);
		await stage.settled(await stage.place({ description: 'before' }), 'completed');
		await break_it(stage);
		const numbers = await Promise.all(Array.from({ length: 5 }, (_, i) => stage.place({ description: `during ${i}` })));
		await until('sending is stopped', async () => JSON.parse((await stage.client.get('/readyz')).text).sending === 'stopped');
		for (const number of numbers) assert.equal((await stage.see(number)).status, 'placing');
		const sent = (await stage.sandbox.sends()).length;
		assert.ok(sent <= 1 + 5);
		await mend(stage);
		for (const number of numbers) assert.equal((await stage.settled(number, 'completed')).attempts, 1);
		await check_upstream(stage, 6);
	});
}

test('fault 45: what was really paid is shown, and a withdrawn product is explained', async (t) => {
	const stage = await Stage.open(t);
	await stage.sandbox.fault(...POST, { kind: 'patch', set: { '/total_price': '9.99', '/items/0/price': '9.99', '/total_discount': '0.01' } });
	const order = await stage.settled(await stage.place(), 'completed');
	assert.equal(order.price, '9.99');
	const form = await stage.client.form();
	await stage.sandbox.settings({ withdrawn: ['AMZ-GB'] });
	const answer = await stage.send({}, { form });
	if (answer.status === 303) {
		const failed = await stage.settled(answer.order, 'failed');
		assert.equal(failed.money_moved, 'no');
		assert.match((await stage.page(answer.order)).words, /does not allow this product/);
	} else {
		assert.equal(answer.status, 422);
	}
	await stage.sandbox.settings({ withdrawn: [], funds: true, balances: { GBP: '1.00' } });
	const poor = await stage.settled(await stage.place(), 'failed');
	assert.equal(poor.error.type, 'insufficient_funds');
	assert.equal(poor.money_moved, 'no');
	await check_upstream(stage, 1);
});

for (const kind of ['repeat_page', 'endless_pages', 'empty_page']) {
	test(`fault 46: a catalogue with ${kind} keeps the last good one, with its age`, async (t) => {
		const stage = await Stage.open(t);
		const before = await stage.rows('SELECT count(*) AS n FROM products');
		assert.ok(before[0].n >= 60);
		await stage.portal.stop();
		await stage.sandbox.fault('GET', '/v2/product', { kind }, { times: 0 });
		await stage.start_portal();
		await stage.portal.says(/fetch_failed.*products/, { within_ms: 60000 });
		assert.equal((await stage.rows('SELECT count(*) AS n FROM products'))[0].n, before[0].n);
		const fetched = new Date((await stage.rows("SELECT fetched_at_ms AS ms FROM fetches WHERE what = 'products'"))[0].ms).toISOString().replace(/\.\d+Z/, 'Z');
		const form = await stage.client.get('/orders/new');
		assert.ok(form.text.includes(`catalogue as of <time datetime="${fetched}">`), 'the form says how old its catalogue is');
		assert.match((await stage.client.get('/')).words, /As Runa said (less than a minute|\d+ minutes?) ago, at \d{4}-/);
		await stage.settled(await stage.place(), 'completed');
	});
}

test('fault 46: an empty catalogue, never fetched, refuses every order and says why', async (t) => {
	const stage = await Stage.open(t, { portal: false });
	await stage.sandbox.fault('GET', '/v2/product', { kind: 'cut_before' }, { times: 0 });
	await stage.start_portal();
	const answer = await stage.send();
	assert.equal(answer.status, 422);
	assert.match(answer.words, /catalogue/);
	await check_upstream(stage, 0);
});

test('fault 46: 5,000 products, some with hostile names, are shown escaped', async (t) => {
	const stage = await Stage.open(t, { sandbox: { args: ['--products', '5000'] } });
	await until('all are there', async () => (await stage.rows('SELECT count(*) AS n FROM products'))[0].n >= 5000, { within_ms: 60000 });
	const page = await stage.client.get('/orders/new?product=BOX-FR');
	assert.equal(page.status, 200);
	assert.ok(!page.text.includes("<script>alert('payout')"));
	assert.ok(page.text.includes('&lt;/script&gt;&lt;script&gt;alert'));
	for (const product of ['BLD-DE', 'BOX-FR', 'RTL-US', 'EIS-CH', 'DOT-AU']) {
		const currency = { DE: 'EUR', FR: 'EUR', US: 'USD', CH: 'CHF', AU: 'AUD' }[product.slice(-2)];
		const number = await stage.place({ product, currency, face_value: '20' });
		await stage.settled(number, 'completed');
		const shown = await stage.page(number);
		assert.ok(!/<b>"O'Neil|<script>alert/.test(shown.text), product);
	}
	const list = await stage.client.get('/orders');
	assert.ok(!/<b>"O'Neil|<script>alert/.test(list.text));
});

test('fault 47: a redirect to another host is not followed', async (t) => {
	const stage = await Stage.open(t);
	let visits = 0;
	const trap = http.createServer((_, answer) => { visits++; answer.end('{}'); }).listen(0, '127.0.0.1');
	await once(trap, 'listening');
	t.after(() => trap.close());
	for (const status of [301, 302, 307, 308])
		await stage.sandbox.fault(...POST, { kind: 'redirect', status, location: `http://127.0.0.1:${trap.address().port}/v2/order` });
	await stage.settled(await stage.place(), 'completed');
	assert.equal(visits, 0);
	const { sends } = await check_upstream(stage, 1);
	assert.equal(sends.length, 5);
});

test('fault 47: a kept connection that died is noticed, and the order is bought once with the same bytes', async (t) => {
	const stage = await Stage.open(t, { relay: true });
	for (let i = 0; i < 5; i++) {
		await stage.settled(await stage.place({ description: `round ${i}` }), 'completed');
		stage.relay.reset_all();
	}
	const { keys } = await check_upstream(stage, 5);
	assert.equal(keys.length, 5);
});

test('fault 48: proxy variables in the environment are ignored', async (t) => {
	let visits = 0;
	const proxy = http.createServer((_, answer) => { visits++; answer.end('{}'); }).listen(0, '127.0.0.1');
	proxy.on('connect', (_, socket) => { visits++; socket.destroy(); });
	await once(proxy, 'listening');
	t.after(() => proxy.close());
	const there = `http://127.0.0.1:${proxy.address().port}`;
	const stage = await Stage.open(t, { env: { http_proxy: there, https_proxy: there, HTTPS_PROXY: there, HTTP_PROXY: there, ALL_PROXY: there, all_proxy: there } });
	await stage.settled(await stage.place(), 'completed');
	assert.equal(visits, 0);
	await check_upstream(stage, 1);
});

test("what goes to Runa is one item, synchronous, with the order's number in its description and the key once", async (t) => {
	const stage = await Stage.open(t);
	const number = await stage.place({ description: 'thank you' });
	await stage.settled(number, 'completed');
	const [send] = await stage.sandbox.sends();
	const body = JSON.parse(content(send));
	assert.equal(body.items.length, 1);
	assert.ok(body.description.startsWith('thank you') && body.description.includes(number));
	assert.equal(header(send, 'x-execution-mode'), 'sync');
	assert.equal(header(send, 'x-api-version'), '2024-02-05');
	assert.match(header(send, 'x-idempotency-key'), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
	assert.ok(!number.includes(header(send, 'x-idempotency-key')));
});
