/* Faults between the person and the desk: rows 3 to 13 of faults.md (1, 2 and 12 need a browser: journeys). */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { raw } from '../support/client.mjs';
import { lives_at, no_faketime } from '../support/faketime.mjs';
import * as fcgi from '../support/fcgi.mjs';
import { check_upstream, LINK, Stage, TOP } from '../support/stage.mjs';
import { until } from '../support/until.mjs';

test('fault 3: a hundred parallel posts of one form make one order, and all hundred lead to it', async (t) => {
	const stage = await Stage.open(t);
	const form = (await stage.client.form()).fill(LINK);
	const answers = await Promise.all(Array.from({ length: 100 }, () => form.send(stage.client)));
	const places = new Set(answers.map((answer) => `${answer.status} ${answer.order}`));
	assert.equal(places.size, 1, [...places].join('\n'));
	assert.equal(answers[0].status, 303);
	assert.equal(answers.filter((answer) => !answer.location.endsWith('?repeat=1')).length, 1, 'one answer is the first');
	const order = await stage.settled(answers[0].order, 'completed');
	assert.equal(order.attempts, 1);
	const { sends } = await check_upstream(stage, 1);
	assert.equal(sends.length, 1);
});

test('fault 4: a used form with other content is refused with both versions, and nothing is sent', async (t) => {
	const stage = await Stage.open(t);
	const form = (await stage.client.form()).fill({ ...LINK, description: 'the first wish' });
	const first = await form.send(stage.client);
	await stage.settled(first.order, 'completed');
	const other = await form.copy().fill({ face_value: '77.25', description: 'the second wish' }).send(stage.client);
	assert.equal(other.status, 409);
	for (const words of ['10.00', '77.25', 'the first wish', 'the second wish', first.order]) assert.ok(other.text.includes(words), `${words} is on the page`);
	await check_upstream(stage, 1);
	assert.equal((await stage.rows('SELECT count(*) AS n FROM orders'))[0].n, 1);

	const second = other.form('/orders');
	assert.notEqual(second.fields.get('token'), form.fields.get('token'), "'place a second order' has a new key");
	assert.equal(second.fields.get('face_value'), '77.25');
	if (second.buttons[0]?.value === 'edit') { // back to the form, filled in
		const again = await second.send(stage.client);
		assert.equal(again.status, 200);
		const placed = await again.form('/orders').send(stage.client);
		assert.equal(placed.status, 303);
		await stage.settled(placed.order, 'completed');
	} else {
		const placed = await second.send(stage.client);
		assert.equal(placed.status, 303);
		await stage.settled(placed.order, 'completed');
	}
	await check_upstream(stage, 2);
});

const OTHERS = { config: { identity: { mode: 'proxy' } } };

test("fault 5: another person's form comes back with what was typed and a fresh key", async (t) => {
	const stage = await Stage.open(t, OTHERS);
	const alice = stage.person('alice'), bob = stage.person('bob');
	const form = (await alice.form()).fill({ ...LINK, face_value: '12.34', description: 'typed by someone' });
	const answer = await form.send(bob);
	assert.equal(answer.status, 422, answer.words);
	const fresh = answer.form('/orders');
	assert.equal(fresh.fields.get('face_value'), '12.34');
	assert.equal(fresh.fields.get('description'), 'typed by someone');
	assert.notEqual(fresh.fields.get('token'), form.fields.get('token'));
	await check_upstream(stage, 0);
	const placed = await fresh.send(bob);
	assert.equal(placed.status, 303);
	assert.equal((await stage.see(placed.order, bob)).placed_by, 'bob');
	await stage.sandbox.wait({ orders: 1 });
});

test('fault 5: a form older than 24 h comes back with what was typed and a fresh key', { skip: no_faketime }, async (t) => {
	const stage = await Stage.open(t);
	const form = (await stage.client.form()).fill({ ...LINK, face_value: '12.34' });
	await stage.portal.stop();
	// The same portal, a day and a bit later.
	await stage.start_portal({ env: lives_at('+25h') });
	const answer = await form.send(stage.client);
	assert.equal(answer.status, 422, answer.words);
	const fresh = answer.form('/orders');
	assert.equal(fresh.fields.get('face_value'), '12.34');
	assert.notEqual(fresh.fields.get('token'), form.fields.get('token'));
	await check_upstream(stage, 0);
});

test('fault 5: an altered token, or none, is refused with 403', async (t) => {
	const stage = await Stage.open(t);
	const form = (await stage.client.form()).fill(LINK);
	const token = form.fields.get('token');
	for (let at = 0; at < token.length; at += 7) {
		const bytes = Buffer.from(token);
		bytes[at] ^= 1;
		const answer = await form.copy().fill({ token: bytes.toString('latin1') }).send(stage.client);
		assert.equal(answer.status, 403, `bit of letter ${at}: ${answer.status}`);
	}
	for (const bad of [null, '', token.slice(0, -1), `${token}A`, token.split('.').reverse().join('.'), 'a.b.c'])
		assert.equal((await form.copy().fill({ token: bad }).send(stage.client)).status, 403, `token ${bad}`);
	await check_upstream(stage, 0);
	assert.equal((await form.send(stage.client)).status, 303, 'the right one still works');
	assert.equal((await form.send(stage.client, { Origin: 'http://evil.invalid' })).status, 403);
	await stage.portal.says(/form_not_ours reason=token route=\/orders user="demo"/);
	await stage.portal.says(/foreign_form reason=other_origin route=\/orders user="demo"/);
});

test('fault 6: a browser that goes away after sending finds its order in the list, made once', async (t) => {
	const stage = await Stage.open(t);
	const body = (await stage.client.form()).fill({ ...LINK, description: 'gone away' }).body;
	const socket = net.connect(stage.port, '127.0.0.1');
	socket.on('error', () => {});
	socket.end(`POST /orders HTTP/1.1\r\nHost: 127.0.0.1:${stage.port}\r\nOrigin: ${stage.client.origin}\r\n` +
		`Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
	() => socket.destroy());
	await stage.sandbox.wait({ orders: 1 });
	const number = await until('the list has the order', async () => {
		const list = await stage.client.get('/orders');
		return list.doc.querySelectorAll('a').map((a) => a.getAttribute('href')?.match(/\/orders\/(?!new)([\w-]+)$/)?.[1]).find(Boolean);
	});
	assert.equal((await stage.settled(number, 'completed')).description, 'gone away');
	await check_upstream(stage, 1);
});

test('fault 7: a POST repeated to a second instance makes one order', async (t) => {
	const stage = await Stage.open(t, { sockets: 2, portal: false, nginx: false });
	await stage.start_portal();
	const second = await stage.start_second();
	await stage.start_nginx();
	await stage.ready();
	const form = (await stage.client.form()).fill(LINK);
	const first = await form.send(stage.client);
	assert.equal(first.status, 303);
	// What a proxy would do that repeats: the same bytes to the other instance.
	const again = await fcgi.ask(second.socket, 'POST', '/orders', { body: form.body });
	const once_more = await fcgi.ask(stage.portal.socket, 'POST', '/orders', { body: form.body });
	for (const answer of [again, once_more]) {
		assert.equal(answer.status, 303, answer.text);
		assert.match(answer.head, new RegExp(`Location: .*/orders/${first.order}\\?repeat=1`, 'i'));
	}
	await stage.settled(first.order, 'completed');
	// One instance is gone: nginx turns to the other, and the form is still good for one order.
	await second.kill();
	for (let i = 0; i < 6; i++) assert.equal((await form.send(stage.client)).order, first.order);
	await check_upstream(stage, 1);
});

test('fault 7: the instance that dies with a POST in its hands leaves one order', async (t) => {
	const stage = await Stage.open(t, { sockets: 2, portal: false, nginx: false });
	await stage.start_portal();
	const second = await stage.start_second();
	await stage.start_nginx();
	await stage.ready();
	// At rest: one that is stopped with the ledger's lock in its hands would hold up everyone, rightly.
	for (const portal of [stage.portal, second]) await portal.says(/catalogue products/);
	await until('balances are there', async () => (await stage.rows('SELECT count(*) AS n FROM balances'))[0].n > 0);
	const form = (await stage.client.form()).fill(LINK);
	second.signal('SIGSTOP');
	const posts = Array.from({ length: 6 }, () => form.send(stage.client));
	await stage.sandbox.wait({ orders: 1 });
	await second.kill();
	const answers = await Promise.all(posts);
	const orders = new Set(answers.filter((answer) => answer.status === 303).map((answer) => answer.order));
	assert.equal(orders.size, 1);
	assert.ok(answers.every((answer) => [303, 502].includes(answer.status)), answers.map((answer) => answer.status).join());
	for (const answer of answers) if (answer.status === 502) assert.match(answer.words, /not known/);
	assert.equal((await form.send(stage.client)).order, [...orders][0]);
	await check_upstream(stage, 1);
});

test('fault 8: a body cut short, slow, too long, or with a length that lies places nothing', async (t) => {
	const stage = await Stage.open(t, { body_timeout: '1s' });
	const body = (await stage.client.form()).fill(LINK).body;
	const head = (length) => `POST /orders HTTP/1.1\r\nHost: 127.0.0.1:${stage.port}\r\nOrigin: ${stage.client.origin}\r\n` +
		`Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${length}\r\n\r\n`;
	const cut = await raw(stage.port, head(body.length) + body.slice(0, -5), { half_close: true });
	assert.ok([0, 400].includes(cut.status), `cut: ${cut.text}`);
	const slow = await raw(stage.port, head(body.length) + body.slice(0, 5));
	assert.ok(!slow.is_late && [0, 408].includes(slow.status), 'nginx ends it (and logs 408)');
	const long = await stage.client.post('/orders', `${body}&description=${'x'.repeat(70000)}`);
	assert.equal(long.status, 413);
	assert.match(long.words, /too long/i, 'in words of the desk');
	assert.ok(long.headers['content-security-policy'], 'and with its headers');
	const chunked = await raw(stage.port, `POST /orders HTTP/1.1\r\nHost: 127.0.0.1:${stage.port}\r\nTransfer-Encoding: chunked\r\n` +
		`Content-Type: application/x-www-form-urlencoded\r\n\r\n11170\r\n${'x'.repeat(70000)}\r\n0\r\n\r\n`);
	assert.equal(chunked.status, 413);
	// Lies that no web server tells: straight to the portal.
	const lie = (length, sent) => fcgi.ask(stage.socket, 'POST', '/orders', { body: sent, without: ['CONTENT_LENGTH'], extra: [['CONTENT_LENGTH', length]] });
	assert.equal((await lie(String(body.length + 10), body)).status, 400);
	assert.equal((await lie(String(body.length - 10), body)).status, 400);
	assert.equal((await lie('99999999999999999999', body)).status, 413);
	for (const length of ['-1', '1e3', 'abc', '', '0x10', ' 12']) assert.equal((await lie(length, body)).status, 400, `length '${length}'`);
	await check_upstream(stage, 0);
	assert.equal((await stage.rows('SELECT count(*) AS n FROM orders'))[0].n, 0);
});

test('fault 9: SIGTERM while pages are made cuts no answer and loses no order', async (t) => {
	const stage = await Stage.open(t);
	const forms = await Promise.all(Array.from({ length: 24 }, () => stage.client.form()));
	await stage.sandbox.fault('POST', '/v2/order', { kind: 'none', delay_after_ms: 200 }, { times: 0 });
	const sent = forms.map((form) => form.fill(LINK).send(stage.client).then((answer) => answer, (error) => error));
	await stage.sandbox.wait({ requests: 4 });
	stage.portal.signal('SIGTERM');
	const end = await stage.portal.ended;
	assert.deepEqual(end, { code: 0, signal: null });
	const answers = await Promise.all(sent);
	// Each either came out whole, or was never taken (nginx says 502); none is a torso.
	for (const answer of answers) {
		assert.ok(!(answer instanceof Error), String(answer));
		assert.ok([303, 502, 503].includes(answer.status), `${answer.status} ${answer.text}`);
	}
	await stage.sandbox.no_faults();
	await stage.start_portal();
	await stage.ready();
	const accepted = answers.filter((answer) => answer.status === 303);
	assert.ok(accepted.length > 0);
	for (const answer of accepted) await stage.settled(answer.order, 'completed');
	// Those that got no answer: the same form again orders once.
	for (const [i, answer] of answers.entries())
		if (answer.status !== 303) await stage.settled((await forms[i].send(stage.client)).order, 'completed');
	await check_upstream(stage, 24);
});

test('fault 9: SIGHUP with a wrong configuration keeps the old one and names file and line', async (t) => {
	const stage = await Stage.open(t);
	const right = fs.readFileSync(stage.config_file, 'utf8');
	fs.writeFileSync(stage.config_file, right.replace(/retry_first_ms = \d+/, 'retry_first_ms = soon'));
	stage.portal.signal('SIGHUP');
	const line = right.split('\n').findIndex((text) => text.startsWith('retry_first_ms')) + 1;
	await stage.portal.says(new RegExp(`payoutdesk\\.conf:${line}\\b.*retry_first_ms|retry_first_ms.*payoutdesk\\.conf:${line}\\b`));
	assert.equal((await stage.settled(await stage.place(), 'completed')).status, 'completed');
});

test('fault 9: SIGHUP with a wrong template keeps the old ones and names the file', async (t) => {
	const stage = await Stage.open(t, { portal: false });
	const templates = path.join(stage.dir, 'templates');
	fs.cpSync(path.join(TOP, 'templates'), templates, { recursive: true });
	stage.configure({ server: { template_dir: templates } });
	await stage.start_portal();
	await stage.ready();
	const file = path.join(templates, 'order_form.html');
	const right = fs.readFileSync(file, 'utf8');
	fs.writeFileSync(file, right.replace('{{%AUTOESCAPE context="HTML"}}', ''));
	stage.portal.signal('SIGHUP');
	await stage.portal.says(/order_form\.html/);
	assert.equal((await stage.client.get('/orders/new')).status, 200);
	// The right one again, with a mark: now it is taken.
	fs.writeFileSync(file, right.replace('<form', '<p>a new sentence</p><form'));
	stage.portal.signal('SIGHUP');
	await until('the new template is used', async () => (await stage.client.get('/orders/new')).text.includes('a new sentence'));
});

test('fault 10: more requests than threads and 200 silent connections wait or get 503, and all is well at once after', async (t) => {
	const stage = await Stage.open(t, { config: { server: { threads: 4 } } });
	const silent = Array.from({ length: 200 }, () => {
		const socket = net.connect(stage.socket);
		socket.on('error', () => {});
		return socket;
	});
	await until('they are connected', () => silent.every((socket) => !socket.connecting));
	const during = await Promise.all(Array.from({ length: 40 }, () => stage.client.get('/orders')));
	assert.ok(during.every((answer) => [200, 502, 503, 504].includes(answer.status)), during.map((answer) => answer.status).join());
	for (const socket of silent) socket.destroy();
	await until('it recovers', async () => (await stage.client.get('/orders')).status === 200, { within_ms: 10000 });
	const after = await Promise.all(Array.from({ length: 100 }, () => stage.client.get('/orders/new')));
	assert.ok(after.every((answer) => answer.status === 200), after.map((answer) => answer.status).join());
});

test('fault 11: an identity that a client made up gives no page', async (t) => {
	const stage = await Stage.open(t, OTHERS);
	const stranger = stage.new_client();
	assert.equal((await stranger.get('/orders')).status, 401);
	for (const headers of [
		{ DESK_USER: 'alice' }, { 'Desk-User': 'alice' }, { HTTP_DESK_USER: 'alice' }, { 'HTTP-DESK-USER': 'alice' },
		{ REMOTE_USER: 'alice' }, { 'Remote-User': 'alice' }, { Authorization: `Basic ${Buffer.from('alice:x').toString('base64')}` },
		{ 'X-Remote-User': 'alice' }, { 'Desk_User': 'alice' }, { 'X-Forwarded-User': 'alice' },
	]) {
		const answer = await stranger.get('/orders', headers);
		assert.equal(answer.status, 401, JSON.stringify(headers));
		assert.ok(!answer.text.includes('alice'));
	}
	assert.equal((await stage.person('alice').get('/orders')).status, 200);
	// Straight to the portal: what a web server might hand on.
	const ask = (extra) => fcgi.ask(stage.socket, 'GET', '/orders', { extra });
	assert.equal((await ask([['DESK_USER', 'alice']])).status, 200);
	for (const [extra, status] of [
		[[], 401], [[['DESK_USER', '']], 401],
		[[['DESK_USER', 'alice'], ['DESK_USER', 'bob']], 403], [[['DESK_USER', 'alice'], ['DESK_USER', 'alice']], 403],
		[[['DESK_USER', 'alice'], ['DESK_GROUPS', 'a'], ['DESK_GROUPS', 'b']], 403],
		[[['DESK_USER', 'ali\nce']], 403], [[['DESK_USER', 'ali\x01ce']], 403], [[['DESK_USER', 'x'.repeat(500)]], 403],
		[[['DESK_USER', Buffer.from([0xc3, 0x28])]], 403], [[['HTTP_DESK_USER', 'alice']], 401], [[['REMOTE_USER', 'alice']], 401],
	]) assert.equal((await ask(extra)).status, status, JSON.stringify(extra));
	assert.match(stage.portal.output, /identity_refused/);
	assert.ok(!/ali.?ce.*identity_refused|identity_refused.*ali/.test(stage.portal.output), 'the log has no value of a stranger');
});

test('fault 11: roles decide who may look and order, and a denial is logged', async (t) => {
	const stage = await Stage.open(t, { config: { identity: { mode: 'proxy' }, roles: { viewer: 'group:staff', orderer: 'user:alice', approver: null, auditor: null, admin: null } } });
	const alice = stage.person('alice'), bob = stage.person('bob', { groups: 'people,staff' }), eve = stage.person('eve');
	assert.equal((await bob.get('/orders')).status, 200);
	assert.equal((await bob.get('/orders/new')).status, 403);
	assert.equal((await eve.get('/orders')).status, 403);
	const form = (await alice.form()).fill(LINK);
	const placed = await form.send(alice);
	assert.equal(placed.status, 303);
	assert.equal((await form.send(bob)).status, 403);
	await until('it is completed', async () => (await stage.see(placed.order, alice)).status === 'completed');
	assert.ok((await stage.see(placed.order, alice)).payout.url);
	const seen = await stage.see(placed.order, bob);
	assert.equal(seen.payout.url, undefined, 'the link is for who ordered it');
	assert.ok(!(await stage.page(placed.order, bob)).text.includes('https://'), 'nor on the page');
	assert.match(stage.portal.output, /denied.*user="bob"/);
});

test('fault 13: broken FastCGI records close the connection, and the process lives', async (t) => {
	const stage = await Stage.open(t);
	const { begin, record, pairs, params, PARAMS, STDIN } = fcgi;
	const good = pairs(params('GET', '/orders'));
	const random = Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 7919 + 13) & 255));
	const broken = [
		Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'), random, Buffer.alloc(64), Buffer.alloc(4096, 0xff),
		record(1, Buffer.alloc(3)), record(1, Buffer.alloc(8), { version: 9 }),
		Buffer.concat([begin(), record(PARAMS, Buffer.from([0x80, 0, 0x10])), record(PARAMS), record(STDIN)]),
		Buffer.concat([begin(), record(PARAMS, Buffer.from([5, 200, 0x41])), record(PARAMS), record(STDIN)]),
		Buffer.concat([begin(), record(PARAMS, good, { length: 65535 })]),
		Buffer.concat([begin(), record(PARAMS, good.subarray(0, 30)), record(PARAMS), record(STDIN)]),
		Buffer.concat([begin({ role: 77 }), record(PARAMS, good), record(PARAMS), record(STDIN)]),
		Buffer.concat([begin(), record(99, good), record(PARAMS, good), record(PARAMS), record(STDIN)]),
		Buffer.concat([begin(), begin(), begin()]), Buffer.concat([record(STDIN, Buffer.from('x')), begin()]),
		Buffer.concat([begin(), record(PARAMS, good, { padding: 255 }), record(PARAMS), record(2)]),
	];
	for (const [i, bytes] of broken.entries()) {
		await fcgi.exchange(stage.socket, bytes, { half_close: true, within_ms: 15000 }).catch((error) => { throw new Error(`sample ${i}: ${error.message}`); });
	}
	await until('it serves', async () => (await stage.client.get('/orders')).status === 200);
	assert.ok(stage.portal.is_alive, stage.portal.output);
	await check_upstream(stage, 0);
});

test('fault 13: lengths of parameters that overflow close the connection, and the process lives', async (t) => {
	const stage = await Stage.open(t);
	const { begin, record, PARAMS, STDIN } = fcgi;
	for (const lengths of [
		[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], [0xff, 0xff, 0xff, 0xfe, 0x01], [0xff, 0xff, 0xff, 0xf0, 0xff, 0xff, 0xff, 0x20],
		[0xff, 0xff, 0xff, 0x00, 0x80, 0xff, 0xff, 0x00], [0xc0, 0, 0, 0, 0xc0, 0, 0, 0], [0x01, 0xff, 0xff, 0xff, 0xff], [0x90, 0, 0, 0, 0x90, 0, 0, 0],
	]) {
		await fcgi.exchange(stage.socket, Buffer.concat([begin(), record(PARAMS, Buffer.concat([Buffer.from(lengths), Buffer.from('HTTP_X')])), record(PARAMS), record(STDIN)]),
			{ half_close: true, within_ms: 15000 });
	}
	await until('it serves', async () => (await stage.client.get('/orders')).status === 200);
	assert.ok(stage.portal.is_alive, stage.portal.output);
});
