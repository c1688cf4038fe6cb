/* What people come for, each told once and gone in every way: with and without scripts, wide and narrow, by the keyboard
 * alone. (Finding an old order and exporting the list: orders.test.mjs.) */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { close_browser, go_back, picture } from '../support/browser.mjs';
import { number_of, ORDER, token_of, typed, typed_of, words } from '../support/form.mjs';
import { check_upstream, LINK, MAIL, Stage } from '../support/stage.mjs';
import { until } from '../support/until.mjs';
import { open_way, WAYS } from '../support/ways.mjs';

after(close_browser);

const POST = ['POST', '/v2/order'], NOTED = { ...LINK, description: 'for Ada' };
const NEXT = 'main form.order p > button[value=review]';

/* ---- steps ------------------------------------------------------------------------------------------------------- */

async function fill_in(page, wish) {
	for (const name of ['product', 'face_value', 'currency']) await page.type_into(`#${name}`, wish[name]);
	await page.choose(`input[name=distribution][value=${wish.distribution}]`);
	for (const name of ['email', 'description']) if (wish[name]) await page.type_into(`#${name}`, wish[name]);
}

async function go_on(page) {
	await page.press_on(NEXT);
	await page.waitForSelector('form#review, .summary');
}

async function order(page) {
	await page.press_on(ORDER);
	await page.waitForURL(/\/orders\/[A-Z0-9]+(\?repeat=1)?$/);
}

const it_says = (page, what) => until(`the page says ${what}`, async () => what.test(await words(page).catch(() => '')), { within_ms: 30000 });

/* The browser itself remarks on a status of 400 and more. */
async function is_right(page, name, status) {
	assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth), 'nothing sticks out');
	assert.deepEqual(page.complaints.filter((text) => !text.includes(`a status of ${status}`)), []);
	await picture(page, `journey-${name}-${page.way.name}`);
}

/* ---- journeys ---------------------------------------------------------------------------------------------------- */

const journeys = {
	"a reward is ordered by e-mail, and is said to be handed to Runa, never 'delivered'": async (t, way) => {
		const stage = await Stage.open(t), page = await open_way(t, way, stage.url('/'));
		assert.match(await words(page), /SANDBOX/);
		await page.press_on('main a:text("Order a reward")');
		await page.waitForURL(/\/orders\/new$/);
		await fill_in(page, MAIL);
		await go_on(page);
		assert.match(await words(page), /10\.00 British pounds[^]*recipient@domain\.invalid[^]*Nothing is ordered until you press this button/);
		assert.equal((await page.innerText(ORDER)).trim(), 'Order 10.00 GBP for recipient@domain.invalid');
		assert.equal((await stage.rows('SELECT count(*) AS n FROM orders'))[0].n, 0, 'nothing was ordered yet');
		await is_right(page, 'review');
		await order(page);
		await it_says(page, /The order is completed/);
		assert.match(await words(page), /Money moved: yes[^]*handed to Runa/);
		assert.doesNotMatch(await words(page), /delivered/i);
		await is_right(page, 'by-email');
		await check_upstream(stage, 1);
	},

	'a payout link is ordered, copied and opened': async (t, way) => {
		const stage = await Stage.open(t);
		const page = await open_way(t, way, stage.url('/orders/new'), { permissions: ['clipboard-read', 'clipboard-write'] });
		await fill_in(page, NOTED);
		await go_on(page);
		assert.equal((await page.innerText(ORDER)).trim(), 'Order 10.00 GBP as a payout link');
		await order(page);
		await it_says(page, /The order is completed/);
		const { payout } = await stage.see(number_of(page));
		assert.match(await words(page), /Money moved: yes[^]*9\.50 GBP[^]*for Ada/);
		assert.equal(await page.inputValue('#link'), payout.url);
		if (way.scripts) {
			await page.press_on('button:text("Copy the link")');
			await page.waitForSelector('button:text("Copied")');
		} else {
			await page.go_to('#link');
			await page.keyboard.press('Control+A');
			await page.keyboard.press('Control+C');
			assert.equal(await page.isVisible('button:text("Copy the link")'), false, 'a button that could do nothing is not shown');
		}
		assert.equal(await page.evaluate(() => navigator.clipboard.readText()), payout.url);
		await is_right(page, 'link');
		const [opened] = await Promise.all([page.waitForRequest((request) => request.isNavigationRequest()), page.press_on('a:text("Open it")')]);
		assert.equal(opened.url(), payout.url);
		assert.equal(opened.headers().referer, undefined);
		await check_upstream(stage, 1);
	},

	'mistakes stand beside their fields and in a summary that leads to them, what was typed stays, and mended it is ordered': async (t, way) => {
		const wrong = { ...MAIL, face_value: '10,00', currency: 'EUR', email: 'not an address', description: 'a long story' };
		const stage = await Stage.open(t), page = await open_way(t, way, stage.url('/orders/new'));
		await fill_in(page, wrong);
		await go_on(page);
		assert.match(await page.title(), /^Error: /);
		assert.ok(await page.evaluate(() => document.activeElement.matches('.summary')), 'the focus is on the summary');
		assert.match(await words(page), /Nothing was ordered/);
		assert.deepEqual(await typed(page), typed_of(wrong));
		assert.ok(await page.isChecked('input[name=distribution][value=EMAIL]'));
		await is_right(page, 'mistakes', 422);
		for (const name of ['face_value', 'currency', 'email']) {
			assert.ok(await page.isVisible(`#${name}-error`));
			await page.press_on(`.summary a[href="#${name}"]`);
			assert.equal(await page.evaluate(() => document.activeElement.id), name, 'the summary leads to the field');
			await page.type_into(`#${name}`, MAIL[name]);
		}
		await go_on(page);
		// a fact is changed from the review, and nothing else is lost
		await page.press_on('button[value="edit:description"]');
		await page.waitForSelector('#description');
		assert.equal(await page.evaluate(() => document.activeElement.id), 'description');
		assert.deepEqual(await typed(page), typed_of({ ...MAIL, description: wrong.description }));
		await page.type_into('#description', 'short');
		await go_on(page);
		await order(page);
		assert.equal((await stage.settled(number_of(page), 'completed')).description, 'short');
		await check_upstream(stage, 1);
	},

	'Back and again leads to the same order with one calm line': async (t, way) => {
		const stage = await Stage.open(t), page = await open_way(t, way, stage.url('/orders/new'));
		const token = await token_of(page);
		await fill_in(page, NOTED);
		await go_on(page);
		await order(page);
		const first = number_of(page);
		await go_back(page);
		await page.waitForSelector('form#review');
		await order(page);
		assert.match(page.url(), new RegExp(`/orders/${first}\\?repeat=1$`));
		assert.match(await words(page), /nothing more was ordered/);
		await is_right(page, 'repeat');
		await go_back(page);
		await go_back(page);
		await page.waitForSelector(NEXT);
		assert.equal(await token_of(page), token, 'it is the same form');
		assert.deepEqual(await typed(page), typed_of(NOTED), 'what was typed is still there');
		await page.press_on(NEXT); // a form that was used leads to its order at once
		await page.waitForURL(/repeat=1$/);
		assert.equal(number_of(page), first);
		await stage.settled(first, 'completed');
		await check_upstream(stage, 1);
	},

	'while Runa is slow the page says that it waits and for how long, and shows the end by itself': async (t, way) => {
		const stage = await Stage.open(t, { config: { runa: { timeout_ms: 60000 } } });
		await stage.sandbox.fault(...POST, { kind: 'none', delay_ms: way.scripts ? 4000 : 9000 });
		const page = await open_way(t, way, stage.url('/orders/new'));
		await fill_in(page, LINK);
		await go_on(page);
		await order(page);
		assert.match(await words(page), /Money moved: not known yet/);
		const waited = async () => Number((await page.innerText('.progress')).match(/^Waiting for Runa for (\d+) s$/)[1]);
		const first = await waited();
		await until('it counts on', async () => await waited() > first);
		await is_right(page, 'waiting');
		await it_says(page, /The order is completed/);
		assert.match(await words(page), /Money moved: yes/);
		assert.equal(await page.locator('.progress').count(), 0);
		await check_upstream(stage, 1);
	},

	'an unknown outcome is never called a failure, is asked for again with the same key, and comes to its end': async (t, way) => {
		const stage = await Stage.open(t, { config: { runa: { retry_first_ms: 60000, retry_max_ms: 300000 } } });
		await stage.sandbox.fault(...POST, { kind: 'status', status: 502, body: 'no', store_order: true });
		const page = await open_way(t, way, stage.url('/orders/new'));
		await fill_in(page, LINK);
		await go_on(page);
		await order(page);
		await it_says(page, /no clear answer came back/);
		assert.match(await words(page), /Money moved: not known yet/);
		assert.doesNotMatch(await words(page), /failed/i);
		await is_right(page, 'unknown');
		await page.press_on('button:text("Try again now")');
		await it_says(page, /The order is completed/);
		assert.match(await words(page), /Money moved: yes/);
		const { keys, sends } = await check_upstream(stage, 1);
		assert.equal(keys.length, 1);
		assert.equal(sends.length, 2, 'what the first try bought was found by the second, under its key');
	},
};

for (const way of WAYS)
	for (const [what, journey] of Object.entries(journeys)) test(`journey: ${what} (${way.how})`, (t) => journey(t, way));
