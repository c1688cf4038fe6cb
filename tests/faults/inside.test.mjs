/* Faults inside the desk: rows 19 to 31 of faults.md (14 to 17: kills.test.mjs; 18: in virtual time, tests/sim; 28: at the
 * n-th allocation, tests/torture). */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { lives_at, no_faketime, settable_clock, time_is } from '../support/faketime.mjs';
import { no_trace, Process, run } from '../support/process.mjs';
import { check_upstream, LINK, PORTAL, Stage } from '../support/stage.mjs';
import { until } from '../support/until.mjs';

const readyz = async (stage) => { const answer = await stage.client.get('/readyz'); return { status: answer.status, ...JSON.parse(answer.text) }; };
const TRACED = { ASAN_OPTIONS: 'detect_leaks=0:abort_on_error=1' };
const orders = (stage) => stage.rows('SELECT count(*) AS n FROM orders').then((rows) => rows[0].n);

/* From now on these calls of a running portal end otherwise. Gives what undoes it. */
async function inject(stage, calls, what, file) {
	const strace = new Process('strace', 'strace', ['-f', '-p', String(stage.portal.pid), ...(file ? ['-P', file] : []), '-e', `trace=${calls}`, '-e', `inject=${calls}:${what}`], {});
	await strace.says(/attached/);
	return () => strace.stop('SIGINT').catch(() => strace.kill());
}

test('fault 19: a sync that fails stops all ordering, says so, and nothing that was not durable is sent or shown', { skip: no_trace }, async (t) => {
	const stage = await Stage.open(t, { env: TRACED });
	const before = await stage.place({ description: 'before' });
	await stage.settled(before, 'completed');
	const form = (await stage.client.form()).fill({ ...LINK, description: 'during' });
	const other = (await stage.client.form()).fill({ ...LINK, description: 'later' });
	const undo = await inject(stage, 'fdatasync,fsync', 'error=EIO');
	const answer = await form.send(stage.client);
	assert.equal(answer.status, 503, answer.words);
	assert.match(answer.words, /not known/);
	await undo();
	// Even though the disk is well again: a failed sync is never tried again as if nothing were.
	assert.equal((await other.send(stage.client)).status, 503);
	const ready = await readyz(stage);
	assert.equal(ready.status, 503);
	assert.equal(ready.ledger, 'broken');
	assert.match((await stage.client.get('/orders')).words, /cannot store/);
	assert.equal((await stage.see(before)).status, 'completed', 'reading goes on');
	await check_upstream(stage, 1);
	await stage.portal.stop();
	await stage.start_portal();
	await stage.ready();
	const again = await form.send(stage.client);
	assert.equal(again.status, 303);
	await stage.settled(again.order, 'completed');
	await check_upstream(stage, 2);
});

test('fault 20: a full disk brings the form back with its content, reading goes on, and it heals without a restart', { skip: no_trace }, async (t) => {
	const stage = await Stage.open(t, { env: TRACED });
	const before = await stage.place();
	await stage.settled(before, 'completed');
	const form = (await stage.client.form()).fill({ ...LINK, face_value: '33.33', description: 'no room' });
	const undo = await inject(stage, 'pwrite64,fallocate,ftruncate', 'error=ENOSPC');
	const answer = await form.send(stage.client);
	assert.equal(answer.status, 503, answer.words);
	assert.match(answer.words, /Nothing was ordered/i);
	const back = answer.form('/orders');
	assert.equal(back.fields.get('face_value'), '33.33');
	assert.equal(back.fields.get('token'), form.fields.get('token'));
	assert.equal((await stage.see(before)).status, 'completed', 'reading goes on');
	assert.equal((await stage.client.get('/orders')).status, 200);
	await undo();
	const placed = await until('it heals', async () => { const again = await back.send(stage.client); return again.status === 303 && again; });
	await stage.settled(placed.order, 'completed');
	await check_upstream(stage, 2);
});

test('fault 20: a tmpfs that fills up loses nothing, and heals when there is room', async (t) => {
	const stage = await Stage.open(t, { portal: false });
	const disk = path.join(stage.dir, 'disk');
	fs.mkdirSync(disk);
	if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', disk]).status !== 0) { t.skip('a tmpfs cannot be mounted here'); return; }
	stage.at_close.push(() => spawnSync('umount', ['-l', disk]));
	const ledger = path.join(disk, 'ledger.db');
	stage.configure({ ledger: { url: `sqlite:${ledger}` } });
	await stage.start_portal();
	await stage.ready();
	await stage.settled(await stage.place(), 'completed');
	const filler = path.join(disk, 'filler');
	const fd = fs.openSync(filler, 'w');
	try { for (;;) fs.writeSync(fd, Buffer.alloc(4096)); } catch { /* full */ }
	fs.closeSync(fd);
	let full, accepted = 1;
	for (let i = 0; i < 2000 && !full; i++) {
		const form = (await stage.client.form()).fill({ ...LINK, description: `filling ${i}` });
		const answer = await form.send(stage.client);
		if (answer.status === 303) accepted++; else full = { answer, form };
	}
	assert.ok(full, 'the disk filled up');
	assert.equal(full.answer.status, 503);
	assert.match(full.answer.words, /Nothing was ordered/i);
	assert.equal((await stage.client.get('/orders')).status, 200);
	fs.rmSync(filler);
	const placed = await until('it heals', async () => { const again = await full.form.send(stage.client); return again.status === 303 && again; });
	await stage.settled(placed.order, 'completed');
	await stage.sandbox.wait({ orders: accepted + 1 });
	await check_upstream(stage, accepted + 1);
});

/* Starts the portal on a ledger that was spoilt; it must end with a reason and leave the file alone. */
async function refuses(stage, reason) {
	const bytes = fs.existsSync(stage.ledger) ? fs.readFileSync(stage.ledger) : null;
	const portal = await stage.start_portal({ wait: false });
	const { code } = await portal.ended;
	assert.ok(code === 1 || code === 2, `status ${code}: ${portal.output}`);
	assert.match(portal.output, reason);
	if (bytes) assert.ok(fs.readFileSync(stage.ledger).equals(bytes), 'the file is as it was');
}

/* A stage with one order in its ledger, stopped. */
async function with_one_order(t) {
	const stage = await Stage.open(t);
	stage.number = await stage.place();
	await stage.settled(stage.number, 'completed');
	await stage.portal.stop();
	return stage;
}

for (const [what, spoil, reason] of [
	['of another program', (stage) => { fs.rmSync(stage.ledger); return run('sqlite3', [stage.ledger, 'CREATE TABLE notes (a); INSERT INTO notes VALUES (1)']); }, /not .*ledger|another program|payoutdesk/i],
	['that is no database', (stage) => fs.writeFileSync(stage.ledger, 'Dear diary, '.repeat(1000)), /not .*(database|ledger)/i],
	['with a damaged page', (stage) => {
		const size = fs.statSync(stage.ledger).size, fd = fs.openSync(stage.ledger, 'r+');
		fs.writeSync(fd, Buffer.alloc(size / 2, 0xa5), 0, size / 2, 4096);
		fs.closeSync(fd);
	}, /damaged|malformed|corrupt/i],
	['that was cut in half', (stage) => fs.truncateSync(stage.ledger, Math.floor(fs.statSync(stage.ledger).size / 2 / 4096) * 4096), /damaged|malformed|corrupt/i],
	['that was emptied', (stage) => fs.truncateSync(stage.ledger, 0), /empty|damaged|not .*ledger|key/i],
	['of a newer schema', (stage) => run('sqlite3', [stage.ledger, 'PRAGMA user_version = 9999']), /newer/i],
]) {
	test(`fault 21: a ledger ${what} is refused with the reason, and never replaced`, async (t) => {
		const stage = await with_one_order(t);
		for (const extra of ['-wal', '-shm']) fs.rmSync(stage.ledger + extra, { force: true });
		await spoil(stage);
		await refuses(stage, reason);
	});
}

test('fault 21: a ledger that may only be read is refused with the reason', async (t) => {
	const stage = await with_one_order(t);
	for (const extra of ['-wal', '-shm']) fs.rmSync(stage.ledger + extra, { force: true });
	// nobody is kept from writing by the file's mode where he is root
	if (spawnSync('mount', ['--bind', stage.ledger, stage.ledger]).status !== 0) { t.skip('nothing can be mounted here'); return; }
	stage.at_close.push(() => spawnSync('umount', ['-l', stage.ledger]));
	assert.equal(spawnSync('mount', ['-o', 'remount,bind,ro', stage.ledger]).status, 0);
	await refuses(stage, /ledger\.db is not writable/);
});

test('fault 21: a ledger that vanished is missed: it refuses to start, and begins no new one', async (t) => {
	const stage = await with_one_order(t);
	for (const extra of ['', '-wal', '-shm']) fs.rmSync(stage.ledger + extra, { force: true });
	const portal = await stage.start_portal({ wait: false });
	assert.equal((await portal.ended).code, 1);
	assert.match(portal.output, /ledger\.db is missing.*put it back/);
	assert.ok(!fs.existsSync(stage.ledger));
});

test('fault 22: a ledger on a network file system is warned of once, at the start, and by check-config', async (t) => {
	const stage = await Stage.open(t, { portal: false, env: TRACED });
	/* statfs(2) says NFS: a real one cannot be mounted here. */
	const nfs = ['strace', '-D', '-f', '-qq', '-o', '/dev/null', '-e', 'trace=statfs', '-e', 'inject=statfs:poke_exit=@arg2=6969000000000000'];
	await stage.start_portal({ wrap: nfs });
	await stage.ready();
	await stage.settled(await stage.place(), 'completed');
	assert.equal(stage.portal.output.match(/ledger_on_network/g)?.length, 1, stage.portal.output);
	assert.doesNotMatch(stage.portal.output, /ledger_remote/);
	const told = await run(nfs[0], [...nfs.slice(1), PORTAL, '--config', stage.config_file, 'check-config'], { env: TRACED });
	assert.match(told.output, /move the ledger to a disk of this machine/);
	assert.doesNotMatch((await stage.command('check-config')).output, /move the ledger/);
});

test('fault 23: a second process on the same ledger: each attempt is driven by one at a time', async (t) => {
	const stage = await Stage.open(t, { sockets: 2, portal: false, nginx: false });
	await stage.start_portal();
	const second = await stage.start_second();
	await stage.start_nginx();
	await stage.ready();
	await stage.sandbox.fault('POST', '/v2/order', { kind: 'none', delay_ms: 30 }, { times: 0 });
	const placed = Promise.all(Array.from({ length: 60 }, async (_, i) => {
		const answer = await stage.send({ description: `two hands ${i}` });
		assert.equal(answer.status, 303, answer.words);
		return answer.order;
	}));
	const commands = [];
	for (let i = 0; i < 4; i++) commands.push(stage.command('dispatch'));
	const numbers = await placed;
	for (const { code, output } of await Promise.all(commands)) assert.equal(code, 0, output);
	for (const number of numbers) await stage.settled(number, 'completed');
	const { sends } = await check_upstream(stage, 60);
	assert.equal(sends.length, 60, 'each was sent once');
	for (const process of [stage.portal, second]) assert.doesNotMatch(process.output, /locked|SQLITE_BUSY/i);
});

test('fault 24: a ledger restored from an older backup looks orders up before it sends them', async (t) => {
	const stage = await Stage.open(t, { relay: true });
	await stage.settled(await stage.place({ description: 'settled' }), 'completed');
	await stage.relay.stop_listening();
	const number = await stage.place({ description: 'waiting when the backup was made' });
	await until('a try is over', async () => (await stage.rows("SELECT count(*) AS n FROM tries WHERE meaning = 'not_sent'"))[0].n >= 1);
	await stage.portal.stop();
	const backup = path.join(stage.dir, 'backup.db');
	for (const extra of ['-wal', '-shm']) fs.rmSync(stage.ledger + extra, { force: true });
	fs.copyFileSync(stage.ledger, backup);
	await stage.relay.listen_again();
	await stage.start_portal();
	await stage.settled(number, 'completed');
	await stage.portal.stop();
	const { sends } = await check_upstream(stage, 2);
	// The disaster: yesterday's ledger is put back, which knows nothing of the purchase.
	for (const extra of ['-wal', '-shm']) fs.rmSync(stage.ledger + extra, { force: true });
	fs.copyFileSync(backup, stage.ledger);
	await stage.start_portal();
	const order = await stage.settled(number, 'completed');
	assert.equal(order.money_moved, 'yes');
	const after = await check_upstream(stage, 2);
	assert.equal(after.sends.length, sends.length, 'found, not sent again');
	assert.ok((await stage.sandbox.requests({ method: 'GET', path: '/v2/order' })).length >= 1);
});

test('fault 24: `backup` while orders come in is a whole ledger', async (t) => {
	const stage = await Stage.open(t);
	const file = path.join(stage.dir, 'copy.db');
	const placing = Promise.all(Array.from({ length: 30 }, (_, i) => stage.place({ description: `during backup ${i}` })));
	const made = await stage.command('backup', file);
	assert.equal(made.code, 0, made.output);
	await placing;
	const { output } = await run('sqlite3', ['-readonly', file, 'PRAGMA integrity_check; SELECT count(*) FROM orders']);
	assert.match(output, /^ok\n\d+/);
	assert.equal((await stage.command('backup', file)).code, 1, 'an existing file is never written over');
});

test('fault 25: without the key that seals the links, or with another, it refuses to start and says which file', async (t) => {
	const stage = await with_one_order(t);
	const key = path.join(stage.dir, 'link-key'), right = fs.readFileSync(key);
	fs.rmSync(key);
	await refuses(stage, /link-key/);
	assert.ok(!fs.existsSync(key), 'no new key is made beside an old ledger');
	fs.writeFileSync(key, Buffer.alloc(32, 7), { mode: 0o600 });
	await refuses(stage, /key/);
	fs.writeFileSync(key, right, { mode: 0o600 });
	await stage.start_portal();
	assert.match((await stage.see(stage.number)).payout.url, /^https:/);
});

test('fault 25: with the form secret lost, an old form comes back with what was typed and a fresh token', async (t) => {
	const stage = await Stage.open(t);
	const form = (await stage.client.form()).fill({ ...LINK, face_value: '12.34', description: 'typed before' });
	const used = (await stage.client.form()).fill(LINK);
	const number = (await used.send(stage.client)).order;
	await stage.settled(number, 'completed');
	await stage.portal.stop();
	fs.rmSync(path.join(stage.dir, 'form-secret'));
	await stage.start_portal();
	await stage.ready();
	const answer = await form.send(stage.client);
	assert.equal(answer.status, 422, answer.words);
	assert.equal(await orders(stage), 1);
	const fresh = answer.form('/orders');
	assert.equal(fresh.fields.get('face_value'), '12.34');
	assert.equal(fresh.fields.get('description'), 'typed before');
	await stage.settled((await fresh.send(stage.client)).order, 'completed');
	assert.equal((await used.send(stage.client)).location, `/orders/${number}?repeat=1`, 'one that was used leads to its order');
	await check_upstream(stage, 2);
});

for (const [what, offset] of [['an hour forth', '+1h'], ['an hour back', '-1h'], ['a year forth', '+365d'], ['a year back', '-365d']]) {
	test(`fault 26: the clock jumps ${what} while an order waits: it is sent once, and not in a storm`, { skip: no_faketime }, async (t) => {
		const stage = await Stage.open(t, { portal: false, relay: true, config: { runa: { retry_first_ms: 200, retry_max_ms: 1000 } } });
		const clock = settable_clock(stage.dir);
		await stage.start_portal({ env: clock.env });
		await stage.ready();
		await stage.relay.stop_listening();
		// Without a kept connection: on one that just died nobody could tell whether a byte had left.
		await stage.portal.stop();
		await stage.start_portal({ env: clock.env });
		const number = await stage.place();
		const tries = async () => (await stage.rows('SELECT count(*) AS n FROM tries WHERE ended_at_ms <> 0'))[0].n;
		await until('a try is over', async () => await tries() >= 1);
		clock.set(offset);
		const before = await tries(), begun = performance.now();
		await until('more tries follow', async () => await tries() >= before + 2, { within_ms: 20000 });
		assert.ok(await tries() - before <= 3 + (performance.now() - begun) / 90, 'not in a storm');
		assert.equal((await stage.see(number)).status, 'placing', 'nothing was given up because of it');
		await stage.relay.listen_again();
		assert.equal((await stage.settled(number, 'completed')).money_moved, 'yes');
		const { sends, keys } = await check_upstream(stage, 1);
		assert.equal(sends.length, 1);
		assert.equal(keys.length, 1);
	});
}

test('fault 27: a process that stood still while another took over harms nothing when it goes on', { skip: no_faketime }, async (t) => {
	const stage = await Stage.open(t, { sockets: 2, portal: false, nginx: false });
	await stage.start_portal({ env: time_is('+0') });
	await stage.start_nginx();
	await stage.ready();
	await stage.sandbox.fault('POST', '/v2/order', { kind: 'none', delay_after_ms: 500 });
	const number = await stage.place();
	await stage.sandbox.wait({ requests: 1 });
	await until('it is sent', async () => (await stage.sandbox.sends()).length === 1);
	stage.portal.signal('SIGSTOP');
	// Ten minutes later by the clock of the second: the lease is over.
	const second = await stage.start_second({ env: time_is('+10m') });
	await until('the second has settled it', async () => (await stage.rows(`SELECT status FROM orders WHERE number = '${number}'`))[0].status === 'completed', { within_ms: 60000 });
	stage.portal.signal('SIGCONT');
	await until('the first serves', async () => (await stage.client.get('/orders')).status === 200);
	assert.equal((await stage.see(number)).money_moved, 'yes');
	const { keys } = await check_upstream(stage, 1);
	assert.equal(keys.length, 1);
	await second.stop();
	assert.equal((await stage.see(number)).status, 'completed');
});

test('fault 29: with no descriptors left requests wait or get 503, and it recovers', { skip: no_trace }, async (t) => {
	const stage = await Stage.open(t);
	await stage.settled(await stage.place(), 'completed');
	const open = fs.readdirSync(`/proc/${stage.portal.pid}/fd`).length;
	const limit = (n) => run('prlimit', ['--pid', String(stage.portal.pid), `--nofile=${n}:65536`]);
	await limit(open);
	const during = await Promise.all(Array.from({ length: 30 }, () => stage.client.get('/orders/new').catch((error) => ({ status: error.code }))));
	for (const answer of during) assert.ok([200, 500, 502, 503, 504].includes(answer.status), String(answer.status));
	assert.ok(stage.portal.is_alive, stage.portal.output);
	await limit(1024);
	await until('it recovers', async () => (await stage.client.get('/orders/new')).status === 200, { within_ms: 20000 });
	await stage.settled(await stage.place(), 'completed');
	await check_upstream(stage, 2);
});

test('fault 30: a thread that is stuck in a page leaves the others serving', { skip: no_trace }, async (t) => {
	const stage = await Stage.open(t, { env: TRACED, config: { server: { threads: 4 } } });
	let stuck = 0;
	// One thread stands still where it writes its next answer. Which threads answer pages isn't said: each is tried.
	const threads = fs.readdirSync(`/proc/${stage.portal.pid}/task`).reverse();
	for (const thread of [...threads, ...threads, ...threads]) {
		const strace = new Process('strace', 'strace', ['-p', thread, '-e', 'trace=write,sendto', '-e', 'inject=write,sendto:delay_enter=4000000:when=1'], {});
		await strace.says(/attached/);
		const done = [];
		const pages = Array.from({ length: 120 }, () => stage.new_client().get('/orders').then((answer) => done.push(answer.status)));
		await until('all but one are served', () => done.length >= 119, { within_ms: 3500 });
		const is_stuck = done.length < 120 && /(write|sendto)\(/.test(strace.output);
		await Promise.all(pages);
		assert.ok(done.every((status) => status === 200));
		await strace.stop('SIGINT').catch(() => strace.kill());
		if (is_stuck) { stuck++; break; }
	}
	assert.ok(stuck > 0, 'a thread stood still in a page, and the others served');
	assert.equal((await readyz(stage)).status, 200);
});

test('fault 31: roles edited while orders wait count from the next request on; placed orders keep what was decided', async (t) => {
	const stage = await Stage.open(t, { relay: true, config: { identity: { mode: 'proxy' } } });
	const alice = stage.person('alice'), bob = stage.person('bob');
	await stage.relay.stop_listening();
	const number = await stage.place({}, { client: alice });
	const form = (await alice.form()).fill(LINK);
	stage.configure({ identity: { mode: 'proxy' }, roles: { viewer: 'user:bob', orderer: 'user:bob', approver: null, auditor: null, admin: null } });
	stage.portal.signal('SIGHUP');
	await until('the new roles count', async () => (await alice.get('/orders')).status === 403);
	assert.equal((await form.send(alice)).status, 403);
	assert.equal((await bob.get('/orders')).status, 200);
	await stage.relay.listen_again();
	await until('it is bought', async () => (await stage.see(number, bob)).status === 'completed');
	await check_upstream(stage, 1);
});

test('orders placed for another base_url wait, the log counts them, their pages say so, and they go on when it is back', async (t) => {
	const stage = await Stage.open(t, { config: { runa: { timeout_ms: 500 } } });
	await stage.sandbox.fault('POST', '/v2/order', { kind: 'status', status: 502, body: 'no' }, { times: 0 });
	const number = await stage.place();
	await until('it was sent', async () => (await stage.sandbox.sends()).length > 0);
	await stage.portal.stop();
	await stage.sandbox.no_faults();
	const sent = (await stage.sandbox.sends()).length;
	const here = fs.readFileSync(stage.config_file, 'utf8');
	fs.writeFileSync(stage.config_file, here.replace(/base_url = http:\/\/127.0.0.1/, 'base_url = http://localhost'));
	await stage.start_portal();
	await stage.ready();
	await stage.portal.says(/orders_elsewhere attempts=1 /);
	await stage.settled(await stage.place(), 'completed'); // what is placed for this address goes out
	assert.equal((await stage.sandbox.sends()).length, sent + 1);
	const page = await stage.page(number);
	assert.match(page.words, /another address of Runa \(http:\/\/127\.0\.0\.1:\d+\/v2\).*ask an administrator/);
	assert.match(page.words, /Money moved: not known/);
	await stage.portal.stop();
	fs.writeFileSync(stage.config_file, here);
	await stage.start_portal();
	await stage.settled(number, 'completed');
	assert.doesNotMatch(stage.portal.output, /orders_elsewhere/);
	await check_upstream(stage, 2);
});

test('the first start with no configuration at all says the three lines that are needed, and these are enough', async (t) => {
	const stage = await Stage.open(t, { portal: false, nginx: false });
	const file = path.join(stage.dir, 'first.conf');
	for (const command of [[], ['serve'], ['check-config']]) {
		const { code, output } = await run(PORTAL, ['--config', file, ...command], { env: {} });
		assert.equal(code, 2, output);
		const [lines] = output.match(/^\[runa\]\nbase_url = .*\napi_key_file = .*\n/m);
		assert.ok(output.includes(`Three lines are needed, in ${file}`));
		fs.writeFileSync(file, lines);
		assert.match((await run(PORTAL, ['--config', file, 'check-config'])).output, /every setting is allowed\n1\. /);
		fs.rmSync(file);
	}
});

test('no core of the portal is ever written, for it would hold the API key and payout links', async (t) => {
	const stage = await Stage.open(t);
	assert.match(fs.readFileSync(`/proc/${stage.portal.pid}/limits`, 'utf8'), /^Max core file size +0 +0 /m);
});

test('a wrong configuration names file, line, key and what is allowed, and ends with status 2', async (t) => {
	const stage = await Stage.open(t, { portal: false, nginx: false });
	const right = fs.readFileSync(stage.config_file, 'utf8');
	for (const [from, to, says] of [
		[/threads = \d+/, 'threads = many', /threads/], [/timeout_ms = \d+/, 'timeout_ms = -1', /timeout_ms/], [/mode = demo/, 'mode = open', /mode/],
		[/base_url = .*/, 'base_url = http://api.runa.io/v2', /base_url/], [/\[roles\]/, '[rules]', /rules/], [/viewer = \*/, 'vewer = *', /vewer/], [/base_url = .*/, 'base_url = https://api.runa.io/v2', /mode|demo/],
	]) {
		fs.writeFileSync(stage.config_file, right.replace(from, to));
		const { code, output } = await stage.command('check-config');
		assert.equal(code, 2, `${to}: ${output}`);
		assert.match(output, says);
		assert.match(output, /payoutdesk\.conf:\d+/);
	}
	fs.writeFileSync(stage.config_file, right);
	const unnamed = await stage.command('check-config');
	assert.equal(unnamed.code, 0);
	assert.match(unnamed.output, /\[server\] public_url/, 'the own name is asked for');
	fs.writeFileSync(stage.config_file, right.replace('[server]', '[server]\npublic_url = https://desk.example.org'));
	assert.doesNotMatch((await stage.command('check-config')).output, /public_url/);
	fs.writeFileSync(stage.config_file, right.replace('[server]', '[server]\npublic_url = https://desk.example.org:443'));
	assert.match((await stage.command('check-config')).output, /public_url.*browser leaves that port out/s);
	const { code } = await run(PORTAL, ['--no-such-thing']);
	assert.equal(code, 2);
});

