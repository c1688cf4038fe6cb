/* Rows 14 to 17 of faults.md, for real: the process is killed at a chosen system call, and at random under load. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { no_trace, Process } from '../support/process.mjs';
import { check_upstream, content, IS_SANITIZED, LINK, Stage } from '../support/stage.mjs';
import { let_pass, until } from '../support/until.mjs';

/* Runs the portal under strace, which kills it at the n-th call of that name (on that file, where one is said). With
 * -D the portal itself is our child, and strace stands beside it. */
function killed_at(stage, call, n, { file } = {}) {
	const where = file ? ['-P', file] : [];
	return ['strace', '-D', '-f', '-qq', '-o', path.join(stage.dir, 'strace.log'), ...where, '-e', `trace=${call}`, '-e', `inject=${call}:signal=KILL:when=${n}`];
}

/* The same from now on: calls from before count for nothing. */
async function kill_from_now_on(portal, call, n, file) {
	const strace = new Process('strace', 'strace', ['-f', '-p', String(portal.pid), ...(file ? ['-P', file] : []), '-e', `trace=${call}`, '-e', `inject=${call}:signal=KILL:when=${n}`]);
	await strace.says(/attached/);
}

/* strace and the leak check both trace: only one can. */
const TRACED = { ASAN_OPTIONS: 'detect_leaks=0:abort_on_error=1' };

/* Kills at the n-th, (n+1)-th, ... such call until a run passes without dying; each time the same form is sent again
 * to the desk that came up, and the order must be there once. `name` says when the kill came. */
async function torture(t, call, { file, first = 1, most = 12, fault, from_the_form = false } = {}) {
	const stage = await Stage.open(t, { config: { runa: { timeout_ms: 2000 } } });
	if (file) file = path.join(stage.dir, file);
	let orders = 0, deaths = 0, before_answer = 0, after_send = 0, is_through = false;
	for (let n = first; n < first + most && !is_through; n++) {
		await stage.portal.stop();
		const portal = await stage.start_portal({ wrap: from_the_form ? undefined : killed_at(stage, call, n, { file }), env: TRACED, wait: false });
		const up = await until('it is up, or dead', async () => !portal.is_alive || (await stage.client.get('/healthz').catch(() => ({}))).status === 200, { within_ms: 30000 });
		assert.ok(up);
		if (fault && portal.is_alive) await stage.sandbox.fault(...fault);
		const form = portal.is_alive ? await stage.client.form().catch(() => undefined) : undefined;
		const wish = { ...LINK, description: `killed at ${call} ${n}` };
		const sent = (await stage.sandbox.sends()).length;
		let answer;
		if (form && from_the_form) await kill_from_now_on(portal, call, n, file);
		if (form) answer = await form.fill(wish).send(stage.client);
		if (answer?.status === 303)
			await until('it is settled, or dead', async () => !portal.is_alive || (await stage.see(answer.order).catch(() => ({}))).status === 'completed', { within_ms: 20000 });
		else
			await until('it is dead', () => !portal.is_alive); // nothing else keeps an answer back
		const died = !portal.is_alive;
		if (died) deaths++;
		if (died && form && answer?.status !== 303) before_answer++;
		if (died && (await stage.sandbox.sends()).length > sent) after_send++;
		is_through = !died;
		await portal.stop();
		await stage.sandbox.no_faults();
		await stage.start_portal();
		if (form) {
			// The same form again: it was accepted before, or it is now; either way it is one order.
			const again = await form.send(stage.client);
			assert.equal(again.status, 303, again.words);
			if (answer?.status === 303) assert.equal(again.order, answer.order);
			orders++;
			const order = await stage.settled(again.order, 'completed');
			assert.equal(order.money_moved, 'yes');
		}
		await check_upstream(stage, orders);
	}
	assert.equal((await stage.rows('SELECT count(*) AS n FROM orders'))[0].n, orders);
	assert.ok(deaths > 0, `strace never hit ${call}`);
	assert.ok(orders > 0);
	assert.equal((await stage.command('verify-audit')).code, 0, 'the audit chain holds');
	return { before_answer, after_send, is_through };
}

const most = IS_SANITIZED ? 6 : 14;

test('fault 14: killed at any write to the WAL, from the form to its recorded answer: the same form again places once', { skip: no_trace }, async (t) => {
	const seen = await torture(t, 'pwrite64', { file: 'ledger.db-wal', from_the_form: true, most: IS_SANITIZED ? 20 : 150 });
	assert.ok(seen.before_answer > 0, 'some kills came before the order was stored');
	if (IS_SANITIZED) return;
	assert.ok(seen.after_send > 0, 'some came after it was sent');
	assert.ok(seen.is_through, 'until a whole order had no more writes');
});
test('fault 14: killed at any sync: the same form again places once', (t) => torture(t, 'fdatasync', { most }));
test('fault 15: killed while the answer is written: the same form again leads to the order', { skip: no_trace }, async (t) => {
	const stage = await Stage.open(t, { env: TRACED });
	let lost = 0;
	for (let n = 1; n <= 3; n++) { // the first writes after the form was sent are log lines and the answer
		const form = (await stage.client.form()).fill({ ...LINK, description: `answer lost ${n}` });
		const strace = new Process('strace', 'strace', ['-f', '-p', String(stage.portal.pid), '-e', 'trace=write,sendto', '-e', `inject=write,sendto:signal=KILL:when=${n}`]);
		await strace.says(/attached/);
		const answer = await form.send(stage.client);
		if (answer.status !== 303) lost++;
		await stage.portal.kill();
		await strace.ended;
		await stage.start_portal();
		const again = await form.send(stage.client);
		assert.equal(again.status, 303, again.words);
		assert.match((await stage.client.get(again.location)).words, /nothing more was ordered|The order is completed/);
		await stage.settled(again.order, 'completed');
		await check_upstream(stage, n);
	}
	assert.ok(lost > 0, 'an answer was lost');
});
test('fault 16: killed at any connect: resent byte-identical, once upstream', (t) => torture(t, 'connect', { most: 6 }));
test('fault 16: killed at any send: resent byte-identical, once upstream', (t) => torture(t, 'sendto', { most }));
test('fault 16: killed at any receive: resent byte-identical, once upstream', (t) => torture(t, 'recvfrom', { most }));
test('fault 16: killed while Runa is silent after storing: resent byte-identical, once upstream', async (t) => {
	const stage = await Stage.open(t);
	await stage.sandbox.fault('POST', '/v2/order', { kind: 'silence' });
	const number = await stage.place();
	await stage.sandbox.wait({ orders: 1 });
	await stage.portal.kill();
	await stage.start_portal();
	assert.equal((await stage.settled(number, 'completed')).money_moved, 'yes');
	const { sends } = await check_upstream(stage, 1);
	assert.ok(sends.length >= 2);
	assert.equal(content(sends[0]), content(sends.at(-1)));
});

test('fault 17: fifty kills at random under load from eight clients: each accepted order ends exactly once upstream', { timeout: 600000 }, async (t) => {
	const kills_wanted = IS_SANITIZED ? 15 : 50;
	const stage = await Stage.open(t);
	const forms = new Map(); // form -> number, once it was accepted
	let is_over = false, kills = 0, served = 0;
	const client = async (who) => {
		for (let i = 0; !is_over; i++) {
			let form;
			try {
				form = (await stage.client.form()).fill({ ...LINK, description: `client ${who} order ${i}` });
			} catch { await let_pass(5); continue; }
			// A person who gets no answer sends the same form again until there is one.
			for (;;) {
				const answer = await form.send(stage.client).catch(() => undefined);
				if (answer?.status === 303) {
					assert.ok(answer.order);
					forms.set(form, answer.order);
					served++;
					break;
				}
				assert.ok(!answer || [502, 503, 504].includes(answer.status), `${answer?.status} ${answer?.words}`);
				await let_pass(5);
			}
		}
	};
	const clients = Array.from({ length: 8 }, (_, who) => client(who));
	while (kills < kills_wanted) {
		const goal = served + 2 + Math.floor(Math.random() * 20);
		await until('some orders are placed', () => served >= goal, { within_ms: 60000, every_ms: 3 });
		await let_pass(Math.random() * 40);
		await stage.portal.kill();
		kills++;
		await stage.start_portal();
	}
	is_over = true;
	await Promise.all(clients);
	await until('all are settled', async () => (await stage.rows("SELECT count(*) AS n FROM orders WHERE status <> 'completed'"))[0].n === 0, { within_ms: 120000, every_ms: 200 });
	assert.equal(new Set(forms.values()).size, forms.size, 'one order a form');
	const { keys } = await check_upstream(stage, forms.size);
	assert.equal(keys.length, forms.size);
	assert.equal((await stage.rows('SELECT count(*) AS n FROM orders'))[0].n, forms.size);
	assert.equal((await stage.command('verify-audit')).code, 0);
	assert.deepEqual(await stage.rows('SELECT * FROM budgets WHERE reserved_minor <> 0'), [], 'nothing is reserved any more');
	t.diagnostic(`${kills} kills, ${forms.size} orders`);
	assert.ok(!fs.existsSync(path.join(stage.dir, 'core')));
});
