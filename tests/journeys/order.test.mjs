/* A person and a browser: from the form to the payout link, and all that fingers do on the way. Rows 1, 2 and 12 of
 * faults.md. */
import assert from 'node:assert/strict';
import http from 'node:http';
import { once } from 'node:events';
import { after, test } from 'node:test';
import { close_browser, go_back, open_profile, open_window, picture, watch } from '../support/browser.mjs';
import { arrived, fill, is_review, number_of, ORDER, place, token_of, typed, typed_of, words } from '../support/form.mjs';
import { check_upstream, LINK, Stage } from '../support/stage.mjs';
import { until } from '../support/until.mjs';

after(close_browser);

const WISH = { ...LINK, description: 'for Ada' };

async function form(stage, window) {
	const page = await window.newPage();
	page.complaints = watch(page);
	await page.goto(stage.url('/orders/new'));
	return page;
}

for (const scripts of [true, false]) {
	const how = scripts ? 'with scripts' : 'without scripts';

	test(`fault 1: a double click on the real button ${how} makes one order and leads to its page`, async (t) => {
		const stage = await Stage.open(t);
		const page = await form(stage, await open_window(t, { scripts }));
		await fill(page, LINK);
		await stage.sandbox.fault('POST', '/v2/order', { kind: 'none', delay_after_ms: 300 });
		await page.dblclick('button[name=action][value=review]');
		await until('the review is there', () => is_review(page).catch(() => false));
		await page.waitForLoadState();
		assert.equal((await stage.rows('SELECT count(*) AS n FROM orders'))[0].n, 0, 'two clicks on the form only lead to the review');
		await page.dblclick(ORDER);
		await arrived(page);
		await until('it is completed', async () => /The order is completed/.test(await words(page)));
		await check_upstream(stage, 1);
		assert.equal((await stage.rows('SELECT count(*) AS n FROM orders'))[0].n, 1);
	});

	test(`fault 1: Enter pressed again and again, and held, ${how} orders nothing on the form and once on the review`, async (t) => {
		const stage = await Stage.open(t);
		const page = await form(stage, await open_window(t, { scripts }));
		await fill(page, LINK);
		await page.focus('#face_value');
		for (let i = 0; i < 8; i++) await page.keyboard.press('Enter', { noWaitAfter: true }).catch(() => {});
		await until('the review is there', () => is_review(page).catch(() => false));
		await page.waitForLoadState();
		for (let i = 0; i < 8; i++) await page.keyboard.down('Enter');
		await page.keyboard.up('Enter');
		assert.ok(await is_review(page), 'Enter that came along from the form presses nothing');
		assert.equal((await stage.rows('SELECT count(*) AS n FROM orders'))[0].n, 0);
		await page.focus(ORDER);
		for (let i = 0; i < 8; i++) await page.keyboard.down('Enter', { noWaitAfter: true }).catch(() => {});
		await page.keyboard.up('Enter').catch(() => {});
		await arrived(page);
		await until('it is completed', async () => /The order is completed/.test(await words(page)));
		await check_upstream(stage, 1);
	});

	test(`fault 2: Back and again, and reload of the answer, ${how} lead to the same order with one calm line`, async (t) => {
		const stage = await Stage.open(t);
		const page = await form(stage, await open_window(t, { scripts }));
		await fill(page, WISH);
		const token = await token_of(page);
		await place(page);
		await page.waitForURL(/\/orders\/[A-Z0-9]+/);
		const first = number_of(page);
		await page.reload();
		assert.equal(number_of(page), first);
		await go_back(page);
		assert.ok(await is_review(page));
		assert.equal(await token_of(page), token);
		await page.click(ORDER);
		await page.waitForURL(/repeat=1/);
		assert.equal(number_of(page), first);
		assert.match(await words(page), /nothing more was ordered/);
		await go_back(page);
		await go_back(page);
		assert.match(page.url(), /\/orders\/new$/);
		assert.equal(await token_of(page), token);
		assert.deepEqual(await typed(page), typed_of(WISH), 'what was typed is still there');
		await place(page);
		await page.waitForURL(/repeat=1/);
		assert.equal(number_of(page), first);
		assert.match(await words(page), /nothing more was ordered/);
		await picture(page, `repeat-${scripts ? 'scripts' : 'plain'}`);
		await stage.settled(first, 'completed');
		await check_upstream(stage, 1);
	});

	test(`fault 2: Back to a form that the browser did not keep as it was ${how} comes empty with its key, and orders nothing`, async (t) => {
		const stage = await Stage.open(t);
		const page = await form(stage, await open_window(t, { scripts, keeps_pages: false }));
		await fill(page, WISH);
		const token = await token_of(page);
		await place(page);
		await page.waitForURL(/\/orders\/[A-Z0-9]+/);
		const first = number_of(page);
		await page.goBack();
		assert.ok(await is_review(page));
		assert.equal(await token_of(page), token);
		await page.goBack();
		assert.match(page.url(), /\/orders\/new$/);
		assert.equal(await token_of(page), token, 'the page itself is still in the cache');
		assert.deepEqual(await typed(page), typed_of({}));
		await place(page);
		await page.waitForSelector('h1:text("This form was already used")');
		assert.match(await words(page), /Nothing was ordered by sending it just now/);
		assert.match(await words(page), new RegExp(`Order ${first}.*Money moved by it`));
		await picture(page, `used-${scripts ? 'scripts' : 'plain'}`);
		await stage.settled(first, 'completed');
		// Filled in once more with the same, it is the same form.
		await page.goBack();
		await fill(page, WISH);
		await place(page);
		await page.waitForURL(/repeat=1/);
		assert.equal(number_of(page), first);
		await check_upstream(stage, 1);
	});

	test(`fault 2: Back to a form that is fetched anew ${how} brings another key and empty fields: one press orders nothing`, async (t) => {
		const stage = await Stage.open(t);
		const window = await open_window(t, { scripts, keeps_pages: false });
		await window.route('**', (route) => route.continue()); // that switches the cache off
		const page = await form(stage, window);
		await fill(page, WISH);
		const token = await token_of(page);
		await place(page);
		await page.waitForURL(/\/orders\/[A-Z0-9]+/);
		await page.goBack().catch(() => {}); // the review, which the browser does not send anew unasked
		await page.goBack();
		assert.notEqual(await token_of(page), token);
		assert.deepEqual(await typed(page), typed_of({}), 'filled in, one press would order a second time');
		await place(page);
		await page.waitForSelector('.summary');
		assert.match(await words(page), /Nothing was ordered/);
		await check_upstream(stage, 1);
	});

	test(`fault 2: Back to the form of 'Order again' ${how} orders once`, async (t) => {
		const stage = await Stage.open(t);
		const first = await stage.place(WISH);
		await stage.settled(first, 'completed');
		const page = await (await open_window(t, { scripts, keeps_pages: false })).newPage();
		await page.goto(stage.url(`/orders/${first}`));
		await page.click('a:text("Order again")');
		await page.waitForSelector('#product');
		const token = await token_of(page);
		await place(page);
		await page.waitForURL(/\/orders\/[A-Z0-9]+$/);
		const second = number_of(page);
		assert.notEqual(second, first);
		await page.goBack();
		assert.ok(await is_review(page));
		await page.goBack();
		assert.notEqual(await token_of(page), token, 'it was fetched anew');
		assert.equal((await token_of(page)).split('.')[0], token.split('.')[0], 'and has the key it had');
		await place(page);
		await page.waitForURL(/repeat=1/);
		assert.equal(number_of(page), second);
		await stage.settled(second, 'completed');
		await check_upstream(stage, 2);
	});
}

test('fault 2: a duplicated tab has the same form and leads to the same order', async (t) => {
	const stage = await Stage.open(t);
	const browser = await open_profile(t, stage.dir, { duplicates: true });
	const page = await form(stage, browser);
	await fill(page, WISH);
	const copy = await browser.duplicate(page);
	assert.match(copy.url(), /\/orders\/new$/);
	assert.equal(await token_of(copy), await token_of(page));
	await fill(copy, WISH);
	await Promise.all([place(page), place(copy)]);
	for (const tab of [page, copy]) await arrived(tab);
	assert.equal(number_of(page), number_of(copy));
	assert.equal([page, copy].filter((tab) => tab.url().includes('repeat=1')).length, 1);
	const number = number_of(page);
	await browser.close();
	await stage.settled(number, 'completed');
	await check_upstream(stage, 1);
});

test('fault 2: a restored session has the same form and leads to the same order', async (t) => {
	const stage = await Stage.open(t);
	const before = await open_profile(t, stage.dir);
	const page = await form(stage, before);
	await fill(page, WISH);
	const token = await token_of(page);
	await place(page);
	await page.waitForURL(/\/orders\/[A-Z0-9]+/);
	const first = number_of(page);
	await go_back(page);
	await go_back(page);
	assert.equal(await token_of(page), token);
	await before.close();
	const after = await open_profile(t, stage.dir, { restores: true });
	const restored = await until('the tab is back', () => after.pages().find((tab) => tab.url().endsWith('/orders/new')));
	await restored.waitForSelector('#product');
	assert.equal(await token_of(restored), token);
	await fill(restored, WISH);
	await place(restored);
	await restored.waitForURL(/repeat=1/);
	assert.equal(number_of(restored), first);
	await after.close();
	await stage.settled(first, 'completed');
	await check_upstream(stage, 1);
});

test('fault 2: the answer of a POST, asked for again, makes no second order', async (t) => {
	const stage = await Stage.open(t);
	const page = await form(stage, await open_window(t));
	// A form with a mistake is answered by the POST itself: reload sends it again.
	await fill(page, { ...LINK, face_value: '10.001' });
	await place(page);
	await page.waitForSelector('#face_value-error');
	await page.reload();
	await page.waitForSelector('#face_value-error');
	await page.fill('#face_value', '10.00');
	await place(page);
	await page.waitForURL(/\/orders\/[A-Z0-9]+/);
	await stage.settled(number_of(page), 'completed');
	await check_upstream(stage, 1);
});

test('fault 2: a second tab with the same form leads to the same order', async (t) => {
	const stage = await Stage.open(t);
	const window = await open_window(t);
	const page = await form(stage, window);
	await fill(page, LINK);
	// What 'duplicate tab' or a restored session does: the same form, the same hidden fields.
	const second = await window.newPage();
	await second.goto(stage.url('/orders/new'));
	await second.locator('input[name=token]').evaluate((input, token) => { input.value = token; }, await page.inputValue('input[name=token]'));
	await fill(second, LINK);
	await Promise.all([place(page), place(second)]);
	for (const tab of [page, second]) await tab.waitForURL(/\/orders\/[A-Z0-9]+/);
	assert.equal(number_of(page), number_of(second));
	const repeats = [page, second].filter((tab) => tab.url().includes('repeat=1'));
	assert.equal(repeats.length, 1);
	assert.match(await words(repeats[0]), /nothing more was ordered/);
	await stage.settled(number_of(page), 'completed');
	await check_upstream(stage, 1);
});

test("fault 4: a used form with other content shows both versions, and 'Place a second order' starts a form with a new key", async (t) => {
	const stage = await Stage.open(t);
	const window = await open_window(t);
	const page = await form(stage, window);
	const token = await page.inputValue('input[name=token]');
	await fill(page, LINK);
	await place(page);
	await page.waitForURL(/\/orders\/[A-Z0-9]+/);
	const second = await form(stage, window);
	await second.locator('input[name=token]').evaluate((input, old) => { input.value = old; }, token);
	await fill(second, { ...LINK, face_value: '55.00' });
	await place(second);
	await second.waitForSelector('table');
	const text = await words(second);
	assert.match(text, /already used/);
	assert.match(text, /10\.00/);
	assert.match(text, /55\.00/);
	await picture(second, 'order-conflict');
	await check_upstream(stage, 1);
	await second.click('button[value=edit]');
	await second.waitForSelector('#face_value');
	assert.equal(await second.inputValue('#face_value'), '55.00');
	assert.notEqual(await second.inputValue('input[name=token]'), token);
	await place(second);
	await second.waitForURL(/\/orders\/[A-Z0-9]+/);
	await stage.settled(number_of(second), 'completed');
	await check_upstream(stage, 2);
});

test("journey: 'Order again' from a refused order starts a filled-in form with a new key", async (t) => {
	const stage = await Stage.open(t);
	const page = await form(stage, await open_window(t));
	const token = await page.inputValue('input[name=token]');
	await stage.sandbox.fault('POST', '/v2/order', { kind: 'error', type: 'insufficient_funds' });
	await fill(page, { ...LINK, description: 'second try' });
	await place(page);
	await page.waitForURL(/\/orders\/[A-Z0-9]+/);
	await until('it is refused', async () => /Money moved: no\b/.test(await words(page)) && /balance at Runa is too low/.test(await words(page)));
	await picture(page, 'order-refused');
	await page.click('a:text("Order again")');
	await page.waitForSelector('#product');
	assert.equal(await page.inputValue('#description'), 'second try');
	assert.notEqual(await page.inputValue('input[name=token]'), token);
	await place(page);
	await until('it is completed', async () => /The order is completed/.test(await words(page)));
	await check_upstream(stage, 1);
});

/* A page of another site, on an origin of its own. */
async function other_site(t, html) {
	const server = http.createServer((_, answer) => answer.writeHead(200, { 'Content-Type': 'text/html' }).end(html()));
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.after(() => server.close());
	return `http://localhost:${server.address().port}/`;
}

test('fault 12: a form on another site, even with a good token, is refused with 403', async (t) => {
	const stage = await Stage.open(t);
	const { fields } = (await stage.client.form()).fill(LINK);
	const inputs = [...fields].map(([name, value]) => `<input name="${name}" value="${value}">`).join('');
	const site = await other_site(t, () => `<form method="post" action="${stage.url('/orders')}">${inputs}<button>win a prize</button></form>`);
	const page = await (await open_window(t)).newPage();
	await page.goto(site);
	const [answer] = await Promise.all([page.waitForResponse((one) => one.request().method() === 'POST'), page.click('button')]);
	assert.equal(answer.status(), 403);
	assert.match(await words(page), /another site/);
	await picture(page, 'foreign-form');
	// Origin: null, as a sandboxed frame sends it.
	const opaque = await other_site(t, () => `<iframe sandbox="allow-forms allow-top-navigation" srcdoc='<form target="_top" method="post" action="${stage.url('/orders')}">${inputs}<button>go</button></form>'></iframe>`);
	await page.goto(opaque);
	const [second] = await Promise.all([page.waitForResponse((one) => one.request().method() === 'POST'), page.frameLocator('iframe').locator('button').click()]);
	assert.equal(second.status(), 403);
	await check_upstream(stage, 0);
	assert.equal((await stage.rows('SELECT count(*) AS n FROM orders'))[0].n, 0);
});

test('fault 12: a frame on a foreign page shows nothing', async (t) => {
	const stage = await Stage.open(t);
	const site = await other_site(t, () => `<iframe src="${stage.url('/orders/new')}" width="800" height="600"></iframe>`);
	const page = await (await open_window(t)).newPage();
	const complaints = watch(page);
	await page.goto(site);
	await until('the browser refuses it', () => complaints.some((text) => /frame-ancestors|refused to (frame|display)/i.test(text)));
	for (const frame of page.frames().slice(1)) assert.doesNotMatch(await frame.content().catch(() => ''), /Order a reward/);
});

test('journey: an unknown page and an unknown order are told within the layout', async (t) => {
	const stage = await Stage.open(t);
	const page = await (await open_window(t)).newPage();
	for (const [path, says] of [['/nowhere', /no such page/i], ['/orders/AAAAAAAAAAAAAAAA', /no such order/i]]) {
		const answer = await page.goto(stage.url(path));
		assert.equal(answer.status(), 404);
		assert.match(await words(page), says);
		assert.match(await words(page), /SANDBOX/);
	}
	await picture(page, 'error-page');
	await page.click('nav >> text=Orders');
	assert.match(page.url(), /\/orders$/);
});

test('journey: mounted below a path, every link and form stays below it', async (t) => {
	const stage = await Stage.open(t, { config: { server: { base_path: '/desk' } } });
	const page = await form(stage, await open_window(t));
	for (const link of await page.locator('a[href^="/"], link[href^="/"]').evaluateAll((all) => all.map((one) => one.getAttribute('href'))))
		assert.ok(link.startsWith('/desk/'), link);
	await fill(page, LINK);
	await place(page);
	await page.waitForURL(/\/desk\/orders\/[A-Z0-9]+/);
	await until('it is completed', async () => /The order is completed/.test(await words(page)));
	await check_upstream(stage, 1);
});

test('journey: query parameters fill the form in, and place nothing', async (t) => {
	const stage = await Stage.open(t);
	const page = await (await open_window(t)).newPage();
	await page.goto(stage.url('/orders/new?product=AMZ-GB&face_value=25&distribution=EMAIL&email=recipient%40domain.invalid&description=%3Cb%3Ebold%3C%2Fb%3E'));
	assert.equal(await page.inputValue('#product'), 'AMZ-GB');
	assert.equal(await page.inputValue('#face_value'), '25');
	assert.equal(await page.inputValue('#currency'), 'GBP');
	assert.equal(await page.inputValue('#email'), 'recipient@domain.invalid');
	assert.equal(await page.inputValue('#description'), '<b>bold</b>');
	await check_upstream(stage, 0);
});
