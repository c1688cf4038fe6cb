#!/usr/bin/env node
/* pictures: takes the pictures of the papers anew, from the real pages with the sandbox behind them: doc/order.png,
 * doc/form.png, doc/overview.png. After a build: `node tools/pictures.mjs` (BUILD_DIR names another build than build/). */
import path from 'node:path';
import { close_browser, open_browser } from '../tests/support/browser.mjs';
import { LINK, MAIL, Stage, TOP } from '../tests/support/stage.mjs';

const SIZE = { width: 1120, height: 800 };
const ends = [];
const t = { after: (act) => ends.unshift(act) };

async function picture(page, name) {
	await page.screenshot({ path: path.join(TOP, 'doc', `${name}.png`), clip: { x: 0, y: 0, ...SIZE } });
}

try {
	const stage = await Stage.open(t);
	for (const wish of [{ ...MAIL, email: 'grace@example.org', face_value: '25.00' }, { product: 'ABC-GB', face_value: '50' }, { product: 'XYZ-DE', face_value: '25', currency: 'EUR' }])
		await stage.settled(await stage.place(wish), 'completed');
	await stage.sandbox.fault('POST', '/v2/order', { kind: 'error', type: 'insufficient_funds' });
	await stage.settled(await stage.place({ face_value: '400.00' }), 'failed');
	const number = await stage.place({ ...LINK, description: 'Thank you for the workshop' });
	await stage.settled(number, 'completed');
	const window = await (await open_browser()).newContext({ viewport: SIZE, colorScheme: 'light', locale: 'en-GB', timezoneId: 'Europe/London' });
	const page = await window.newPage();
	for (const [name, target] of [['order', `/orders/${number}`], ['form', '/orders/new?product=AMZ-GB&face_value=10.00&currency=GBP'], ['overview', '/']]) {
		await page.goto(stage.url(target));
		await page.waitForLoadState();
		await picture(page, name);
	}
} finally {
	await close_browser();
	for (const end of ends) await end();
}
