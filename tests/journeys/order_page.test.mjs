/* The page of one order: the link with its copy button and its QR code, what happened and when, waiting that shows by
 * itself how it ends, the receipt. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { close_browser, open_window, picture, watch } from '../support/browser.mjs';
import { run } from '../support/process.mjs';
import { LINK, MAIL, Stage } from '../support/stage.mjs';
import { until } from '../support/until.mjs';

after(close_browser);

const words = (page) => page.innerText('main');
const WIDE = { width: 1280, height: 900 }, NARROW = { width: 375, height: 700 };
const ways = [true, false].flatMap((scripts) => [WIDE, NARROW].map((viewport) => ({ scripts, viewport, how: `${scripts ? 'with' : 'without'} scripts at ${viewport.width} px` })));

async function open_order(t, stage, number, options = {}) {
	const page = await (await open_window(t, options)).newPage();
	page.complaints = watch(page);
	await page.goto(stage.url(`/orders/${number}`));
	return page;
}

/* An order that has no answer before no_faults(). */
async function place_waiting(stage) {
	await stage.sandbox.fault('POST', '/v2/order', { kind: 'cut_before' }, { times: 0 });
	const number = await stage.place(LINK);
	await until('it is not known yet', async () => (await stage.see(number)).money_moved === 'unknown');
	return number;
}

for (const { scripts, viewport, how } of ways) {
	test(`journey: the payout link stands on its order's page, opens, and its QR code leads to it, ${how}`, async (t) => {
		const stage = await Stage.open(t);
		const number = await stage.place(LINK);
		const { payout } = await stage.settled(number, 'completed');
		for (const colorScheme of ['light', 'dark']) {
			const page = await open_order(t, stage, number, { scripts, viewport, colorScheme });
			assert.equal(await page.inputValue('#link'), payout.url);
			assert.equal(await page.getAttribute('a.link', 'href'), payout.url);
			assert.equal(await page.isVisible('button:text("Copy the link")'), scripts, 'a button that could do nothing is not shown');
			const shot = path.join(stage.dir, `${colorScheme}.png`);
			await page.screenshot({ path: shot, fullPage: true });
			const { code, output } = await run('zbarimg', ['--quiet', '--nodbus', '--raw', '-Sdisable', '-Sqrcode.enable', shot]);
			assert.equal(code, 0, `no code is found on the ${colorScheme} page`);
			assert.equal(output.trim(), payout.url);
			assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), viewport.width, 'nothing sticks out');
			assert.deepEqual(page.complaints, []);
			await picture(page, `order-link-${scripts ? 'scripts' : 'plain'}-${viewport.width}-${colorScheme}`);
		}
	});

}

test('journey: the link and Runa\'s number are copied, and that is said', async (t) => {
	const stage = await Stage.open(t);
	const number = await stage.place(MAIL);
	const order = await stage.settled(number, 'completed');
	const page = await open_order(t, stage, number, { permissions: ['clipboard-read', 'clipboard-write'] });
	for (const [button, text, said] of [['Copy the link', order.payout.url, 'The payout link was copied.'], ['Copy the number', order.runa_order_id, "Runa's number was copied."]]) {
		await page.click(`button:text("${button}")`);
		await until(`${button} says so`, async () => await page.locator('[role=status].unseen').textContent() === said);
		assert.equal(await page.evaluate(() => navigator.clipboard.readText()), text);
		await page.waitForSelector('button:text("Copied")');
	}
	// by the keyboard alone
	await page.evaluate(() => navigator.clipboard.writeText(''));
	await page.focus('a:text("Order again")');
	await page.keyboard.press('Tab'); // the link
	await page.keyboard.press('Tab'); // its button
	await page.keyboard.press('Enter');
	await until('it is copied', async () => await page.evaluate(() => navigator.clipboard.readText()) === order.payout.url);
	assert.match(await words(page), /A payout is cancelled, or its mail sent anew, in Runa's own portal only/);
});

test('journey: where a page has no clipboard, the link is copied as one copies by hand', async (t) => {
	const stage = await Stage.open(t);
	const number = await stage.place(LINK);
	const { payout } = await stage.settled(number, 'completed');
	const page = await open_order(t, stage, number, { permissions: ['clipboard-read'] });
	const read = await page.evaluateHandle(() => navigator.clipboard);
	await page.evaluate(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }));
	await page.click('button:text("Copy the link")');
	await page.waitForSelector('button:text("Copied")');
	assert.equal(await read.evaluate((clipboard) => clipboard.readText()), payout.url);
});

test('journey: the end of an order comes into the page that waits for it: no reload, nothing jumps, the focus stays, and it is said', async (t) => {
	const stage = await Stage.open(t);
	const number = await place_waiting(stage);
	const page = await open_order(t, stage, number, { viewport: NARROW });
	await page.click('summary');
	await page.focus('a:text("The order as JSON")');
	await page.evaluate(() => {
		window.is_same_document = true;
		window.said = [];
		new MutationObserver(() => window.said.push(document.querySelector('[role=status].unseen')?.textContent)).observe(document.body, { childList: true, subtree: true });
		document.querySelector('#timeline').scrollIntoView();
	});
	const top = () => page.evaluate(() => document.querySelector('#timeline').getBoundingClientRect().top);
	const before = await top(), title = await page.title();
	await stage.sandbox.no_faults();
	await until('the end is there', async () => /The order is completed/.test(await words(page)));
	assert.equal(await page.evaluate(() => window.is_same_document), true);
	assert.ok(Math.abs(await top() - before) <= 1, `${before} px, then ${await top()} px`);
	assert.ok(await page.evaluate(() => scrollY > 300), 'more stands above it now');
	assert.equal(await page.evaluate(() => document.activeElement.textContent), 'The order as JSON');
	assert.equal(await page.evaluate(() => document.querySelector('details').open), true);
	assert.equal(await page.title(), title);
	await until('it is said', () => page.evaluate(() => window.said.includes('The order is completed. Money moved: yes. Runa took the price from the balance.')));
	assert.ok(await page.isVisible('button:text("Copy the link")'), 'what came later works too');
	assert.equal(await page.evaluate(() => document.querySelectorAll('[role=status].unseen').length), 1);
	assert.deepEqual(page.complaints, []);
});

test('journey: without scripts, too, the page that waits comes again where it was read', async (t) => {
	const stage = await Stage.open(t);
	const number = await place_waiting(stage);
	const page = await open_order(t, stage, number, { viewport: NARROW, scripts: false });
	await page.evaluate(() => document.querySelector('#timeline').scrollIntoView());
	const before = await page.evaluate(() => scrollY);
	assert.ok(before > 100, `${before} px`);
	await page.waitForEvent('framenavigated');
	await page.waitForLoadState();
	await until('it is where it was', async () => await page.evaluate(() => scrollY) === before);
});

test('journey: the focus goes to the outcome when what had it is gone; at the top of the page nothing moves', async (t) => {
	const stage = await Stage.open(t, { config: { runa: { retry_first_ms: 1000, retry_max_ms: 1000 } } });
	const number = await place_waiting(stage);
	const page = await open_order(t, stage, number);
	await page.focus('button:text("Try again now")');
	await stage.sandbox.no_faults();
	await until('the end is there', async () => /The order is completed/.test(await words(page)));
	assert.equal(await page.evaluate(() => document.activeElement.className), 'outcome yes');
	assert.equal(await page.evaluate(() => scrollY), 0);
});

test('journey: while an order waits its page asks in small polls that nothing holds open; none while hidden, none after the end', async (t) => {
	const stage = await Stage.open(t);
	const number = await place_waiting(stage);
	const page = await (await open_window(t)).newPage();
	const polls = [];
	page.on('requestfinished', async (request) => {
		if (request.url().includes('live=1')) polls.push({ url: new URL(request.url()), took_ms: request.timing().responseEnd });
	});
	await page.clock.install();
	await page.goto(stage.url(`/orders/${number}`));
	const polled = async (ms, count) => {
		await page.clock.fastForward(ms);
		await until(`${count} polls`, () => polls.length === count);
	};
	// after 1 s, 2 s more, 3 s more ... 10 s, and then each 10 s
	for (let i = 1; i <= 6; i++) {
		await polled(1000 * i - 1, i - 1);
		await polled(1, i);
		await page.evaluate(() => new Promise((done) => { fetch('/healthz').then(done); })); // its answer was read
	}
	assert.ok(polls.every(({ url }) => url.pathname === `/orders/${number}.json`), polls.map(({ url }) => url.pathname).join());
	assert.ok(polls.every(({ took_ms }) => took_ms < 1500), 'the server would hold a page for 2 s');
	const hide = (hidden) => page.evaluate((value) => {
		Object.defineProperty(document, 'hidden', { configurable: true, value });
		document.dispatchEvent(new Event('visibilitychange'));
	}, hidden);
	await hide(true);
	await page.clock.fastForward(120_000);
	await page.evaluate(() => fetch('/healthz'));
	assert.equal(polls.length, 6, 'a hidden page asks nothing');
	await hide(false);
	await stage.sandbox.no_faults();
	await stage.settled(number, 'completed');
	await page.clock.fastForward(1000);
	await until('the end is there', async () => /The order is completed/.test(await words(page)));
	const asked = polls.length;
	await page.clock.fastForward(600_000);
	await page.evaluate(() => fetch('/healthz'));
	assert.equal(polls.length, asked, 'nothing is asked after the end');
});

test('journey: a page that cannot renew itself stops, says so, and goes on when asked', async (t) => {
	const stage = await Stage.open(t);
	const number = await place_waiting(stage);
	const page = await (await open_window(t)).newPage();
	await page.clock.install();
	await page.goto(stage.url(`/orders/${number}`));
	assert.doesNotMatch(await words(page), /cannot renew itself/);
	let asked = 0;
	await page.route('**/*live=1', (route) => { asked++; return route.abort(); });
	for (let i = 1; i <= 3; i++) {
		await until('it is asked', async () => { await page.clock.fastForward(1000); return asked >= i; });
	}
	await page.waitForSelector('text=The desk does not answer, so this page cannot renew itself.');
	await picture(page, 'order-not-renewed');
	await page.clock.fastForward(600_000);
	assert.equal(asked, 3, 'it stopped');
	await page.unroute('**/*live=1');
	await stage.sandbox.no_faults();
	await stage.settled(number, 'completed');
	await page.click('button:text("Look again")');
	assert.equal(await page.evaluate(() => document.activeElement.id || document.activeElement.className), 'outcome unknown');
	await until('the end is there', async () => { await page.clock.fastForward(1000); return /The order is completed/.test(await words(page)); });
});

test("journey: times are in the person's own zone, in UTC on demand, and that is remembered", async (t) => {
	const stage = await Stage.open(t);
	const number = await stage.place(LINK);
	const { placed_at } = await stage.settled(number, 'completed');
	const utc = placed_at.replace('T', ' ').replace('Z', ' UTC');
	const kolkata = `${new Date(Date.parse(placed_at) + 5.5 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ')} GMT+5:30`;
	const window = await open_window(t, { timezoneId: 'Asia/Kolkata' }), page = await window.newPage();
	const placed = (one) => one.innerText('.timeline li:first-child time');
	await page.goto(stage.url(`/orders/${number}`));
	assert.equal(await placed(page), kolkata);
	assert.match(await page.innerText('footer'), /Times are in your time zone, Asia\/(Kolkata|Calcutta)\./);
	await page.click('button:text("Times in UTC")');
	assert.equal(await placed(page), utc);
	assert.match(await page.innerText('footer'), /Times are in UTC\./);
	await page.goto(stage.url('/orders'));
	assert.equal(await page.innerText('td time'), utc.slice(0, 16), 'it is remembered, for every page');
	await page.click('button:text("Times in my time zone")');
	assert.equal(await page.innerText('td time'), kolkata.slice(0, 16));
	const plain = await open_order(t, stage, number, { scripts: false, timezoneId: 'Asia/Kolkata' });
	assert.equal(await placed(plain), utc);
	assert.match(await plain.innerText('footer'), /Times are in UTC\./);
});

test('journey: an order prints as a receipt: who, when, what, price, numbers, link and code, and nothing to press', async (t) => {
	const stage = await Stage.open(t);
	const number = await stage.place({ ...LINK, description: 'for Ada' });
	const order = await stage.settled(number, 'completed');
	for (const scripts of [true, false]) {
		const page = await open_order(t, stage, number, { scripts, colorScheme: 'dark', viewport: { width: 720, height: 1000 } });
		await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
		const text = await page.innerText('body');
		for (const piece of ['receipt', number, order.runa_order_id, order.payout.url, '9.50 GBP', '10.00 GBP', 'Amazonia', 'by demo', 'for Ada', 'SANDBOX', 'Money moved: yes'])
			assert.ok(text.includes(piece), `${piece} is on the receipt`);
		assert.doesNotMatch(text, /Order again|Ask Runa|Copy|Overview|JSON|Every try/);
		assert.equal(await page.locator('button:visible, nav:visible, form:visible').count(), 0);
		assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), 'rgb(255, 255, 255)');
		const shot = path.join(stage.dir, 'receipt.png');
		await page.screenshot({ path: shot, fullPage: true });
		assert.equal((await run('zbarimg', ['--quiet', '--nodbus', '--raw', shot])).output.trim(), order.payout.url);
		if (scripts) await picture(page, 'order-receipt');
	}
	assert.ok(fs.existsSync(stage.dir));
});

test('journey: who may not see the link gets neither link nor code nor button, on the screen and on the receipt', async (t) => {
	const stage = await Stage.open(t, { config: { identity: { mode: 'proxy' }, roles: { viewer: '*', orderer: 'user:alice', approver: null, auditor: null, admin: null } } });
	const alice = stage.person('alice');
	const number = await stage.place(LINK, { client: alice });
	const { payout } = await until('completed', async () => {
		const order = await stage.see(number, alice);
		return order.status === 'completed' && order;
	});
	const page = await (await open_window(t, { extraHTTPHeaders: { 'X-Signed-On-User': 'victor' } })).newPage();
	await page.goto(stage.url(`/orders/${number}`));
	assert.match(await words(page), /Shown to the person who placed the order and to approvers/);
	assert.ok(!(await page.content()).includes(payout.url));
	assert.equal(await page.locator('.qr, [data-from="#link"]').count(), 0);
});

test('journey: with forced colours and without motion the code keeps its contrast and the page stands still', async (t) => {
	const stage = await Stage.open(t);
	const number = await stage.place(LINK);
	const { payout } = await stage.settled(number, 'completed');
	const page = await open_order(t, stage, number, { forcedColors: 'active', colorScheme: 'dark', reducedMotion: 'reduce', viewport: { width: 320, height: 700 } });
	assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 320);
	const shot = path.join(stage.dir, 'forced.png');
	await page.screenshot({ path: shot, fullPage: true });
	assert.equal((await run('zbarimg', ['--quiet', '--nodbus', '--raw', shot])).output.trim(), payout.url);
	const waits = await place_waiting(stage);
	await page.goto(stage.url(`/orders/${waits}`));
	assert.equal(await page.evaluate(() => document.getAnimations().length), 0);
});
