/* Finding a product: on its own page and in the form, with scripts and without, with the keyboard alone, and with
 * thousands of products. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { close_browser, open_window, picture, watch } from '../support/browser.mjs';
import { arrived, is_review, ORDER, place, words } from '../support/form.mjs';
import { check_upstream, Stage } from '../support/stage.mjs';
import { until } from '../support/until.mjs';

after(close_browser);

const sizes = { wide: { width: 1280, height: 900 }, narrow: { width: 375, height: 800 } };
async function open_page(stage, window, path) {
	const page = await window.newPage();
	page.complaints = watch(page);
	await page.goto(stage.url(path));
	return page;
}

async function placed(page, stage) {
	await place(page);
	await arrived(page);
	await stage.settled(page.url().match(/\/orders\/([A-Z0-9]+)/)[1], 'completed');
}

for (const scripts of [true, false]) {
	for (const [size, viewport] of Object.entries(sizes)) {
		const how = `${scripts ? 'with scripts' : 'without scripts'}, ${size}`;

		test(`products: one is found on its page and leads to the form filled in (${how})`, async (t) => {
			const stage = await Stage.open(t);
			const page = await open_page(stage, await open_window(t, { scripts, viewport }), '/products');
			if (scripts) await picture(page, `products-${size}`);
			await page.fill('#q', 'cafe mueler austria');
			await page.press('#q', 'Enter');
			await page.waitForURL(/q=cafe/);
			assert.match(await words(page), /Café Müller/);
			await page.click('text=Order this');
			await page.waitForURL(/\/orders\/new/);
			assert.equal(await page.inputValue('#product'), 'CAF-AT');
			assert.equal(await page.inputValue('#currency'), 'EUR');
			assert.match(await words(page), /60 months/);
			await page.goto(stage.url('/products?q=qqqqqq'));
			assert.match(await words(page), /Nothing found for/);
			if (scripts) await picture(page, `products-nothing-${size}`);
			assert.deepEqual(page.complaints, []);
		});

		test(`products: a fixed value is ordered by search, and the person's own comes first next time (${how})`, async (t) => {
			const stage = await Stage.open(t);
			const page = await open_page(stage, await open_window(t, { scripts, viewport }), '/orders/new');
			const token = await page.inputValue('[name=token]');
			await page.check('[value=PAYOUT_LINK]');
			await page.fill('#description', 'kept all along');
			if (scripts) {
				await page.focus('#product');
				await page.keyboard.type('abc boks');
				await page.waitForSelector('.popup [role=option]');
				await picture(page, `form-search-${size}`);
				await page.click('.popup [role=option]:has-text("ABC Books")');
			} else {
				await page.fill('#product', 'abc boks');
				await page.click('button[value=find]');
				await page.waitForSelector('.results');
				await picture(page, `form-search-plain-${size}`);
				await page.click('.results button:has-text("ABC Books")');
			}
			await page.waitForSelector('.picked');
			if (scripts) assert.match(page.url(), /\/orders\/new$/, 'in place');
			assert.equal(await page.inputValue('[name=token]'), token, 'the form keeps its key');
			assert.equal(await page.inputValue('#description'), 'kept all along');
			assert.ok(await page.isChecked('[value=PAYOUT_LINK]'));
			assert.equal(await page.inputValue('#currency'), 'GBP');
			assert.match(await words(page), /GBP left, as of/);
			await page.check('[name=face_value][value="25.00"]', { force: true });
			await picture(page, `form-picked-${scripts ? 'scripts' : 'plain'}-${size}`);
			await placed(page, stage);
			await check_upstream(stage, 1);
			await page.goto(stage.url('/orders/new'));
			await page.click('.results button:has-text("ABC Books")');
			await page.waitForSelector('.picked');
			assert.equal(await page.inputValue('#product'), 'ABC-GB');
			assert.deepEqual(page.complaints, []);
		});
	}
}

test('products: the keyboard alone finds, picks and orders, with scripts', async (t) => {
	const stage = await Stage.open(t);
	const page = await open_page(stage, await open_window(t), '/orders/new');
	await page.focus('#product');
	await page.keyboard.type('qqqqqq');
	await page.keyboard.press('Enter');
	await page.waitForSelector('.seek ~ [role=status]');
	assert.match(await words(page), /Nothing was found for .qqqqqq./);
	assert.equal(await page.evaluate(() => document.activeElement.id), 'product');
	await page.keyboard.press('Control+A');
	await page.keyboard.type('amazonya');
	await page.waitForSelector('.popup [role=option][aria-selected=true]');
	assert.equal(await page.getAttribute('#product', 'aria-expanded'), 'true');
	assert.equal(await page.getAttribute('#product', 'aria-activedescendant'), 'product-option-0');
	await page.keyboard.press('ArrowDown');
	await page.keyboard.press('ArrowUp');
	await page.keyboard.press('Escape');
	assert.equal(await page.getAttribute('#product', 'aria-expanded'), 'false');
	assert.equal(await page.inputValue('#product'), 'amazonya');
	await page.keyboard.press('ArrowDown');
	await page.waitForSelector('.popup [role=option][aria-selected=true]');
	await page.keyboard.press('Enter');
	await page.waitForSelector('.picked');
	await until('the focus is on what was chosen', () => page.evaluate(() => document.activeElement.id === 'product-picked'));
	await page.keyboard.press('Enter'); // pressed twice by mistake: nothing is sent
	await page.keyboard.press('Tab');
	assert.equal(await page.evaluate(() => document.activeElement.id), 'face_value');
	await page.keyboard.type('1,0');
	await page.keyboard.press('Tab');
	await page.keyboard.press('Tab');
	await page.keyboard.press('Space');
	assert.ok(await page.isChecked('[value=PAYOUT_LINK]'));
	await page.keyboard.press('Enter');
	await page.waitForSelector('#face_value-error');
	assert.match(await page.title(), /^Error: /);
	assert.ok(await page.evaluate(() => document.activeElement.classList.contains('summary')), 'the focus is on the summary');
	await picture(page, 'form-error-wide');
	await page.keyboard.press('Tab');
	await page.keyboard.press('Enter');
	assert.equal(await page.evaluate(() => document.activeElement.id), 'face_value');
	await page.keyboard.press('Control+A');
	await page.keyboard.type('10');
	await page.keyboard.press('Enter');
	await page.waitForSelector('form#review');
	await page.focus(ORDER);
	await page.keyboard.press('Enter');
	await arrived(page);
	await check_upstream(stage, 1);
});

test('products: the keyboard alone picks without scripts', async (t) => {
	const stage = await Stage.open(t);
	const page = await open_page(stage, await open_window(t, { scripts: false }), '/orders/new');
	await page.focus('#product');
	await page.keyboard.type('amazonia gb');
	await page.keyboard.press('Tab');
	await page.keyboard.press('Enter');
	await page.waitForSelector('.results');
	await page.keyboard.press('Tab');
	await page.keyboard.press('Enter');
	await page.waitForSelector('.picked');
	assert.equal(await page.inputValue('#product'), 'AMZ-GB');
	assert.equal(await page.evaluate(() => document.activeElement.id), 'product-picked');
	await page.keyboard.press('Tab');
	await page.keyboard.type('10');
	assert.equal(await page.inputValue('#face_value'), '10', 'the value comes next');
});

test('products: where the search cannot be asked, the form works as without scripts', async (t) => {
	const stage = await Stage.open(t);
	const page = await open_page(stage, await open_window(t), '/orders/new');
	const token = await page.inputValue('[name=token]');
	await page.route('**/products.json*', (route) => route.abort());
	await page.fill('#product', 'abc books');
	await until('the field is plain again', async () => (await page.getAttribute('#product', 'role')) === null);
	let is_cut = true;
	await page.route('**/orders', (route) => (is_cut && route.request().resourceType() === 'fetch' ? route.abort() : route.continue()));
	await page.click('button[value=find]');
	await page.waitForURL(/\/orders$/);
	is_cut = false;
	assert.equal(await page.inputValue('[name=token]'), token);
	await page.click('.results button');
	await page.waitForSelector('.picked');
	await check_upstream(stage, 0);
});

test('products: what was typed while the answer was on its way is kept', async (t) => {
	const stage = await Stage.open(t);
	const page = await open_page(stage, await open_window(t), '/orders/new');
	let go;
	const gate = new Promise((resolve) => { go = resolve; });
	await page.route('**/orders', async (route) => { await gate; await route.continue(); });
	await page.fill('#product', 'AMZ-GB');
	await page.click('button[value=find]');
	await page.fill('#face_value', '12.34');
	go();
	await page.waitForSelector('.picked');
	assert.equal(await page.inputValue('#face_value'), '12.34');
});

test('products: with 5,000 of them the pages stay small', async (t) => {
	const stage = await Stage.open(t, { sandbox: { args: ['--products', '5000'] } });
	for (const path of ['/orders/new', '/products', '/products?q=shop', '/orders/new?product=ABC-GB']) {
		const answer = await stage.client.get(path);
		assert.equal(answer.status, 200);
		assert.ok(Buffer.byteLength(answer.text) < 65536, `${path}: ${Buffer.byteLength(answer.text)} bytes`);
	}
	const found = await stage.client.json('/products.json?q=amazonja');
	assert.ok(found.products.some(({ code }) => code === 'AMZ-GB'));
	const window = await open_window(t);
	const page = await open_page(stage, window, '/products');
	assert.match(await words(page), /1 to 50 of \d{4}/);
	await page.click('text=Next page');
	await page.waitForURL(/after=/);
	assert.match(await words(page), /51 to 100 of \d{4}/);
	await picture(page, 'products-5000');
});

/* All but the product is filled in, as by 'Order again'. */
async function almost_filled(stage, t) {
	const page = await open_page(stage, await open_window(t), '/orders/new');
	await page.fill('#face_value', '50');
	await page.fill('#currency', 'GBP');
	await page.check('[value=PAYOUT_LINK]');
	await page.focus('#product');
	await page.keyboard.type('amazonia');
	await page.waitForSelector('.popup [role=option][aria-selected=true]');
	return page;
}

test('products: Enter held down or pressed twice picks the product and places nothing', async (t) => {
	const stage = await Stage.open(t);
	const page = await almost_filled(stage, t);
	for (let i = 0; i < 6; i++) await page.keyboard.down('Enter');
	await page.waitForSelector('.picked');
	for (let i = 0; i < 6; i++) await page.keyboard.down('Enter');
	await page.keyboard.up('Enter');
	await page.keyboard.press('Enter');
	assert.ok(!(await is_review(page)));
	await place(page);
	await arrived(page);
	await check_upstream(stage, 1);
});

test('products: while one is being picked nothing is placed, least of all the one typed before', async (t) => {
	const stage = await Stage.open(t);
	const page = await almost_filled(stage, t);
	const posted = [];
	let go_on;
	const held = new Promise((resolve) => { go_on = resolve; });
	await page.route('**/orders', async (route) => {
		posted.push(new URLSearchParams(route.request().postData()).get('action'));
		if (posted.at(-1).startsWith('pick:')) await held;
		await route.continue();
	});
	await page.keyboard.press('Enter');
	await until('the product is being picked', () => posted.length === 1);
	await page.click('text=Continue to review');
	await page.click('text=Continue to review');
	go_on();
	await page.waitForSelector('.picked');
	assert.deepEqual(posted.map((action) => action.replace(/:.*/, '')), ['pick']);
	assert.equal((await stage.rows('SELECT count(*) AS n FROM orders'))[0].n, 0);
	await place(page);
	await arrived(page);
	await check_upstream(stage, 1);
});
