/* The same program as plain CGI under lighttpd: each request is a process of its own, and `payoutdesk dispatch` drives what
 * the pages left. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { raw } from '../support/client.mjs';
import { Process, run } from '../support/process.mjs';
import { check_upstream, free_port, LINK, MAIL, PORTAL, Stage, TOP } from '../support/stage.mjs';
import { until } from '../support/until.mjs';

async function open_cgi(t, { wrap = [], ...options } = {}) {
	const stage = await Stage.open(t, { portal: false, nginx: false, ...options });
	stage.port = await free_port();
	const site = fs.readFileSync(path.join(TOP, 'deploy/lighttpd/payoutdesk.conf'), 'utf8')
		.replace('/usr/local/share/payoutdesk/static/', `${TOP}/static/`).replace('/usr/local/share/payoutdesk/errors/', `${TOP}/deploy/errors/`)
		.replace('/usr/local/bin/payoutdesk', PORTAL).replace('/etc/payoutdesk/payoutdesk.conf', stage.config_file);
	const file = path.join(stage.dir, 'lighttpd.conf'), log = path.join(stage.dir, 'cgi.log');
	fs.writeFileSync(file, `server.document-root = "${stage.dir}"\nserver.bind = "127.0.0.1"\nserver.port = ${stage.port}\nserver.breakagelog = "${log}"\n${site}`);
	const program = process.env.LIGHTTPD ?? '/usr/sbin/lighttpd';
	// Unpacked from its package, its modules stand beside it.
	const modules = path.resolve(path.dirname(program), '../lib/lighttpd');
	const [first, ...others] = [...wrap, program];
	const lighttpd = new Process('lighttpd', first, [...others, '-D', '-f', file, ...(fs.existsSync(modules) ? ['-m', modules] : [])]);
	stage.processes.push(lighttpd);
	stage.portal = lighttpd;
	stage.client = stage.new_client();
	await until('lighttpd answers', async () => (await stage.client.get('/healthz').catch(() => ({}))).status === 200);
	t.after(() => { if (fs.existsSync(log)) assert.doesNotMatch(fs.readFileSync(log, 'utf8'), /Sanitizer|runtime error/); });
	return stage;
}

test('as plain CGI an order is placed and driven by its own request, and a repeat leads to it', async (t) => {
	const stage = await open_cgi(t);
	await until('the catalogue is there', async () => { await stage.command('dispatch'); return (await stage.client.get('/orders/new?product=AMZ-GB')).text.includes('product-picked'); });
	const form = (await stage.client.form()).fill(LINK);
	const first = await form.send(stage.client);
	assert.equal(first.status, 303, first.words);
	const order = await stage.see(first.order);
	assert.equal(order.status, 'completed', 'the POST drove its own attempt');
	assert.equal(order.money_moved, 'yes');
	const again = await form.send(stage.client);
	assert.equal(again.location, `/orders/${first.order}?repeat=1`);
	assert.equal((await form.copy().fill({ face_value: '11' }).send(stage.client)).status, 409);
	const page = await stage.page(first.order);
	assert.match(page.words, /Money moved: yes/);
	assert.ok(page.headers['content-security-policy']);
	const { sends } = await check_upstream(stage, 1);
	assert.equal(sends.length, 1);
	assert.equal((await stage.client.get('/nowhere')).status, 404);
	assert.equal((await stage.client.request('PUT', '/orders')).status, 405);
	const style = await stage.client.get('/static/desk.css');
	assert.equal(style.status, 200);
	assert.match(style.headers['content-security-policy'], /default-src 'none'/);
	assert.equal(style.headers['x-content-type-options'], 'nosniff');
	const [named] = page.text.match(/\/static\/desk\.[0-9a-f]{8}\.css/);
	const kept = await stage.client.get(named);
	assert.equal(kept.text, style.text);
	assert.equal(kept.headers['cache-control'], 'public, max-age=31536000, immutable');
	assert.equal((await stage.client.get('/static/desk.00000000.css')).status, 404);
});

test('as plain CGI the first person who orders has the catalogue fetched, and what cannot start says so with every header', async (t) => {
	const stage = await open_cgi(t);
	assert.ok((await stage.client.get('/orders/new?product=AMZ-GB')).text.includes('product-picked'));
	fs.appendFileSync(stage.config_file, '\n[server]\nthreads = many\n');
	for (const method of ['GET', 'HEAD']) {
		const answer = await stage.client.request(method, '/orders');
		assert.equal(answer.status, 503);
		assert.match(answer.headers['content-security-policy'], /frame-ancestors 'none'/);
		assert.equal(answer.headers['x-frame-options'], 'DENY');
		assert.equal(answer.text.includes('Nothing was ordered'), method === 'GET');
	}
});

test("lighttpd's own errors say whether anything was ordered, as safe to read as the portal's pages", async (t) => {
	const stage = await open_cgi(t);
	const own = (await stage.client.get('/orders')).headers;
	const names = Object.keys(own).filter((name) => /^(content-security|referrer|x-content|x-frame|cross-origin|permissions)/.test(name));
	const host = `Host: 127.0.0.1:${stage.port}\r\nConnection: close\r\n\r\n`;
	const long = 'x'.repeat(70000);
	assert.equal(names.length, 7);
	for (const [request, status, says, is_early] of [
		[`POST /orders HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${long.length}\r\n${host}${long}`, 413, /Nothing was ordered.*See the orders/s],
		[`POST /orders HTTP/1.1\r\nContent-Length: 2000000\r\n${host}`, 413, /Nothing was ordered by it/, true],
		[`GET /orders HTTP/1.1\r\nno colon\r\n${host}`, 400, /Nothing was ordered by it/, true],
		[`GET /orders HTTP/1.1\r\nX-Long: ${long}\r\n${host}`, 431, /Nothing was ordered by it/, true],
		[`GET /static/nope.css HTTP/1.1\r\n${host}`, 404, /no such page/],
	]) {
		const answer = await raw(stage.port, request), what = request.slice(0, 40);
		assert.equal(answer.status, status, what);
		assert.match(answer.text, says, what);
		if (is_early) {
			assert.match(answer.text, /<meta http-equiv="Content-Security-Policy" content="default-src 'none';/, what);
			continue;
		}
		const lines = answer.text.split('\r\n\r\n')[0].split('\r\n');
		for (const name of names) assert.deepEqual(lines.filter((line) => line.toLowerCase().startsWith(`${name}:`)).map((line) => line.slice(name.length + 2)), [own[name]], `${what}: ${name}`);
	}
});

// Its children live there, not lighttpd itself.
const ASLEEP = ['unshare', '-T', '--boottime', '3600'];
const no_time_namespace = spawnSync(ASLEEP[0], [...ASLEEP.slice(1), 'true']).status === 0 ? false : 'no time namespace can be made here';

test('as plain CGI on a machine that was asleep for an hour a POST is driven at once', { skip: no_time_namespace }, async (t) => {
	const stage = await open_cgi(t, { wrap: ASLEEP });
	await stage.client.get('/orders/new');
	assert.equal((await stage.see(await stage.place(LINK))).status, 'completed');
});

test('as plain CGI twenty parallel posts of one form make one order', async (t) => {
	const stage = await open_cgi(t);
	await until('the catalogue is there', async () => { await stage.command('dispatch'); return (await stage.client.get('/orders/new?product=AMZ-GB')).text.includes('product-picked'); });
	const form = (await stage.client.form()).fill(LINK);
	const answers = await Promise.all(Array.from({ length: 20 }, () => form.send(stage.client)));
	assert.deepEqual([...new Set(answers.map((answer) => `${answer.status} ${answer.order}`))].length, 1, answers.map((answer) => `${answer.status} ${answer.words.slice(0, 80)}`).join('\n'));
	await check_upstream(stage, 1);
});

test('as plain CGI without a timer recipients are blanked once they are no longer kept', async (t) => {
	const stage = await open_cgi(t, { config: { ledger: { keep_recipients_days: 1 } } });
	await until('the catalogue is there', async () => (await stage.client.get('/orders/new?product=AMZ-GB')).text.includes('product-picked'));
	const { order } = await (await stage.client.form()).fill(MAIL).send(stage.client);
	const email = async () => (await stage.rows('SELECT email FROM orders'))[0].email;
	assert.equal((await stage.see(order)).status, 'completed');
	await stage.client.get('/orders');
	assert.equal(await email(), MAIL.email, 'young ones are kept');
	const { code, output } = await run('sqlite3', [stage.ledger, `DROP TRIGGER orders_keep_their_wish; UPDATE orders SET placed_at_ms = placed_at_ms - 2 * 86400000`]);
	assert.equal(code, 0, output);
	await stage.client.get('/orders');
	await until('it is blanked', async () => await email() === '');
	assert.match((await stage.page(order)).words, /the address is not kept any more/);
});

test('as plain CGI the pause after a 429 and the limit of a minute hold for all processes together', async (t) => {
	const stage = await open_cgi(t, { config: { runa: { retry_first_ms: 2000, retry_max_ms: 2000, orders_per_minute: 2 } } });
	await stage.client.get('/orders/new'); // fetches the catalogue
	await stage.sandbox.fault('POST', '/v2/order', { kind: 'rate' }, { times: 1 });
	const first = stage.place(LINK);
	await until('it was refused', async () => (await stage.sandbox.sends())[0]?.status === 429);
	const numbers = [await stage.place(LINK), await first];
	const states = await Promise.all(numbers.map(async (number) => (await stage.see(number)).status));
	assert.deepEqual(states.sort(), ['completed', 'placing'], 'two requests have begun in this minute');
	const { sends } = await check_upstream(stage, 1);
	assert.equal(sends.length, 2);
	assert.ok(sends[1].at_ms - sends[0].at_ms >= 5000, `${sends[1].at_ms - sends[0].at_ms} ms apart`);
});

test('as plain CGI an order without an answer is driven on by `payoutdesk dispatch`', async (t) => {
	const stage = await open_cgi(t, { config: { runa: { retry_first_ms: 500, retry_max_ms: 1000, timeout_ms: 2000 } } });
	await until('the catalogue is there', async () => { await stage.command('dispatch'); return (await stage.client.get('/orders/new?product=AMZ-GB')).text.includes('product-picked'); });
	await stage.sandbox.fault('POST', '/v2/order', { kind: 'status', status: 502, body: 'no' }, { times: 0 });
	const placed = await (await stage.client.form()).fill(LINK).send(stage.client);
	assert.equal(placed.status, 303);
	const order = await stage.see(placed.order);
	assert.equal(order.status, 'placing');
	assert.equal(order.money_moved, 'unknown');
	await stage.sandbox.no_faults();
	await until('it is completed', async () => {
		const { code, output } = await stage.command('dispatch');
		assert.equal(code, 0, output);
		return (await stage.see(placed.order)).status === 'completed';
	}, { within_ms: 30000 });
	await check_upstream(stage, 1);
});

test('as plain CGI what became of a payout is asked for now, and looked at by `payoutdesk dispatch`', async (t) => {
	const stage = await open_cgi(t);
	await stage.client.get('/orders/new'); // fetches the catalogue
	const number = await stage.place(LINK);
	const order = await stage.see(number);
	assert.equal(order.status, 'completed');
	await stage.sandbox.change_order(order.runa_order_id, { payout_status: 'CLAIMED' });
	const asked = await (await stage.page(number)).form(`/orders/${number}/check`).send(stage.client);
	assert.equal(asked.status, 303);
	await until('it was asked', async () => (await stage.see(number)).payout.status === 'CLAIMED');
	assert.match((await stage.client.get(asked.location)).words, /this is what is known of the payout/);
	const other = await stage.place({ ...LINK, description: 'another' });
	await stage.sandbox.change_order((await stage.see(other)).runa_order_id, { payout_status: 'EXPIRED' });
	const { code } = await run('sqlite3', ['-cmd', '.timeout 5000', stage.ledger, `UPDATE orders SET payout_due_at_ms = 2 WHERE number = '${other}'`]);
	assert.equal(code, 0);
	assert.equal((await stage.command('dispatch')).code, 0);
	assert.equal((await stage.see(other)).payout.status, 'EXPIRED');
});
