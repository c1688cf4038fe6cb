/* Finding an old order among many, and taking the list along, in every way. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, test } from 'node:test';
import { close_browser, go_back, picture } from '../support/browser.mjs';
import { fill, number_of } from '../support/many.mjs';
import { Stage } from '../support/stage.mjs';
import { open_way, WAYS } from '../support/ways.mjs';

after(close_browser);

const ORDERS = 3000;
const words = (page) => page.innerText('main');

async function old_desk(t) {
	const stage = await Stage.open(t, { portal: false });
	await fill(stage, ORDERS, { note: "CASE WHEN i % 500 = 0 THEN 'for the spring survey' WHEN i = 7 THEN '=cmd|x' END" });
	await stage.start_portal();
	await stage.ready();
	return stage;
}

const PLAINLY = WAYS.find(({ scripts }) => !scripts);
const open = (stage, t, way, target) => open_way(t, way, stage.url(target), { acceptDownloads: true });

/* Nothing stands beside the window's edge: what is wide scrolls in its own box. */
async function fits(page) {
	const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
	assert.ok(content <= window, `${page.url()} is ${content} px wide in ${window}`);
}

const numbers_shown = (page) => page.locator('table.orders tbody tr td:nth-child(2) a').allInnerTexts();

for (const way of WAYS) {
	test(`journey: an old order is found by what is remembered of it, and the list is exported (${way.how})`, async (t) => {
		const stage = await old_desk(t);
		const page = await open(stage, t, way, '/');
		assert.match(await words(page), /Needs attention: 3/);
		await fits(page);
		await picture(page, `journey-overview-${way.name}`);
		await page.press_on('a:text("See all orders")');
		await page.waitForURL(/\/orders$/);
		assert.match(await words(page), /50 of 3,000 orders, newest first/);
		assert.equal((await numbers_shown(page))[0], number_of(ORDERS));
		await fits(page);

		await page.type_into('#q', 'SPRING survey');
		await page.press_on('main form button[type=submit]');
		await page.waitForURL(/\?q=SPRING/);
		assert.deepEqual(await numbers_shown(page), [3000, 2500, 2000, 1500, 1000, 500].map(number_of));
		assert.match(page.url(), /\?q=SPRING\+survey/);
		assert.equal(await page.inputValue('#q'), 'SPRING survey');
		await picture(page, `journey-orders-found-${way.name}`);

		await page.press_on('main summary');
		await page.type_into('#by', 'bob');
		await page.type_into('#currency', 'eur');
		await page.press('#currency', 'Enter');
		await page.waitForURL(/by=bob/);
		assert.deepEqual(await numbers_shown(page), [3000, 1500].map(number_of));
		assert.match(await words(page), /2 orders, newest first/);
		await fits(page);

		const [file] = await Promise.all([page.waitForEvent('download'), page.press_on('a:text("Save as CSV")')]);
		const lines = fs.readFileSync(await file.path(), 'utf8').split('\r\n');
		assert.match(file.suggestedFilename(), /^orders-\d{4}-\d\d-\d\d\.csv$/);
		assert.deepEqual(lines.slice(1, -1).map((line) => line.split(',')[0]), [3000, 1500].map(number_of));

		await page.press_on(`a:has-text("${number_of(1500)}")`);
		await page.waitForURL(new RegExp(`/orders/${number_of(1500)}`));
		await go_back(page);
		await page.press_on('a:text("Clear all filters")');
		await page.waitForURL(/\/orders$/);
		assert.match(await words(page), /50 of 3,000 orders/);
		assert.deepEqual(page.complaints, []);
	});
}

test('journey: pages of the list are turned to the end and back, and each order stands there once', async (t) => {
	const stage = await old_desk(t);
	const page = await open(stage, t, PLAINLY, '/orders?status=failed');
	const seen = [];
	for (;;) {
		seen.push(...await numbers_shown(page));
		if (!(await page.locator('nav.pager a[rel=next]').count())) break;
		await page.click('nav.pager a[rel=next]');
	}
	assert.deepEqual(seen, Array.from({ length: 60 }, (_, i) => (60 - i) * 50).filter((i) => i % 1000).map(number_of));
	await page.click('nav.pager >> text=Newest');
	assert.equal((await numbers_shown(page))[0], number_of(2950));
});

test('journey: an empty desk and a filter that fits nothing say what to do', async (t) => {
	const stage = await Stage.open(t);
	const page = await open(stage, t, { scripts: true, width: 375 }, '/orders');
	assert.match(await words(page), /No orders yet/);
	await picture(page, 'orders-empty');
	await page.goto(stage.url('/'));
	assert.match(await words(page), /No orders yet/);
	await picture(page, 'overview-empty');
	await stage.place();
	await page.goto(stage.url('/orders?by=zoe'));
	assert.match(await words(page), /No order fits/);
	await picture(page, 'orders-none-fits');
	await page.click('.empty >> text=Clear all filters');
	assert.equal((await numbers_shown(page)).length, 1);
	await page.goto(stage.url('/orders?from=yesterday'));
	assert.match(await page.title(), /^Error: /);
	await picture(page, 'orders-wrong-filter');
	await page.click('.summary a');
	assert.equal(await page.evaluate(() => document.activeElement.id), 'from');
});
