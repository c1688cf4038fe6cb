/* What becomes of a payout: asked for on the order's page, with and without scripts. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { close_browser, open_window } from '../support/browser.mjs';
import { LINK, Stage } from '../support/stage.mjs';
import { until } from '../support/until.mjs';

after(close_browser);

for (const scripts of [true, false]) {
	test(`journey: a payout that was claimed is seen so when Runa is asked, ${scripts ? 'with' : 'without'} scripts`, async (t) => {
		const stage = await Stage.open(t);
		const number = await stage.place(LINK);
		const order = await stage.settled(number, 'completed');
		await stage.sandbox.change_order(order.runa_order_id, { payout_status: 'CLAIMED' });
		const page = await (await open_window(t, { scripts })).newPage();
		await page.goto(stage.url(`/orders/${number}`));
		assert.match(await page.innerText('main'), /Active: not claimed yet/);
		await page.click('button:has-text("Ask Runa now")');
		await until('the page says that it was claimed', async () => /Claimed/.test(await page.innerText('main')));
		assert.equal((await stage.see(number)).payout.status, 'CLAIMED');
	});
}
