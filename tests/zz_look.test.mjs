import { after, test } from 'node:test';
import fs from 'node:fs';
import { close_browser, open_browser } from './support/browser.mjs';
import { LINK, MAIL, Stage } from './support/stage.mjs';
after(close_browser);
const AXE = fs.readFileSync('/tmp/build5-lists/package/axe.min.js', 'utf8');
const OUT = '/tmp/shots';
test('look', async (t) => {
	const stage = await Stage.open(t);
	const done = await stage.place(LINK);
	await stage.settled(done);
	const mail = await stage.place({ ...MAIL, description: 'A thank-you for the autumn volunteers' });
	await stage.settled(mail);
	await stage.sandbox.fault('POST', '/v2/order', { kind: 'error', type: 'insufficient_funds' });
	const failed = await stage.place(LINK); await stage.settled(failed);
	await stage.sandbox.fault('POST', '/v2/order', { kind: 'status', status: 502, body: 'no' }, { times: 0 });
	const waits = await stage.place(LINK);
	const form = (await stage.client.form()).fill(LINK);
	await form.send(stage.client);
	const used = form.copy().fill({ face_value: '11' });
	const browser = await open_browser();
	const findings = [];
	for (const scheme of ['light', 'dark']) for (const width of process.env.QUICK ? [1280, 375] : [1280, 375, 320]) {
		if (width === 320 && scheme === 'dark') continue;
		const window = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: scheme });
		const page = await window.newPage();
		const bad = [];
		page.on('console', (m) => bad.push(m.text()));
		page.on('requestfailed', (r) => bad.push(r.url()));
		const shoot = async (name) => {
			await page.waitForLoadState();
			await page.evaluate(AXE);
			const seen = await page.evaluate(() => axe.run(document, { resultTypes: ['violations'] }));
			for (const v of seen.violations) findings.push(`${name} ${width} ${scheme} axe ${v.id}: ${v.nodes.slice(0, 2).map((n) => n.target.join(' ')).join(' | ')}`);
			const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
			const small = await page.evaluate(() => [...document.querySelectorAll('a,button,input,select,textarea,summary')].filter((e) => { const r = e.getBoundingClientRect(); return r.width && e.type !== 'hidden' && (r.height < 24 || r.width < 24) && !e.classList.contains('skip'); }).map((e) => `${e.outerHTML.slice(0, 70)} ${Math.round(e.getBoundingClientRect().height)}`));
			if (wide > 0) findings.push(`${name} ${width}: sideways ${wide}`);
			if (small.length && width !== 320) findings.push(`${name} ${width}: small ${small.slice(0, 6).join(' | ')}`);
			await page.screenshot({ path: `${OUT}/${name}-${width}-${scheme}.png`, fullPage: true });
		};
		for (const [name, target] of [['overview', '/'], ['orders', '/orders'], ['done', `/orders/${done}`], ['failed', `/orders/${failed}`], ['waits', `/orders/${waits}`], ['form', '/orders/new'], ['missing', '/nowhere'], ['badfilter', '/orders?from=x'], ['products', '/products']]) {
			await page.goto(stage.url(target));
			await shoot(name);
		}
		await page.goto(stage.url('/orders/new'));
		await page.locator('form[method=post] button[type=submit]').first().click().catch(() => {});
		await shoot('formerrors');
				await page.setContent('<p>').catch(() => {});
		await page.goto(stage.url('/healthz'));
		findings.push(...bad);
		if (width === 1280 && scheme === 'light') {
			await page.goto(stage.url(`/orders/${done}`));
			await page.pdf({ path: `${OUT}/order.pdf` }).catch((e) => findings.push(String(e)));
			await page.emulateMedia({ media: 'print' });
			await page.screenshot({ path: `${OUT}/done-print.png`, fullPage: true });
			await page.emulateMedia({ media: 'screen', forcedColors: 'active' });
			await page.screenshot({ path: `${OUT}/done-forced.png`, fullPage: true });
			await page.goto(stage.url('/orders/new'));
			await page.screenshot({ path: `${OUT}/form-forced.png`, fullPage: true });
			await page.emulateMedia({ forcedColors: 'none' });
			await page.goto(stage.url('/')); await page.keyboard.press('Tab'); await page.keyboard.press('Tab');
			await page.screenshot({ path: `${OUT}/focus.png` });
		}
		await window.close();
	}
	{ // 200 %: 1280 wide becomes 640; the answer to a used form, with other content
		const answer = await used.send(stage.client);
		fs.writeFileSync(`${OUT}/conflict.html`, answer.text);
		const window = await browser.newContext({ viewport: { width: 640, height: 450 }, deviceScaleFactor: 2 });
		const page = await window.newPage();
		for (const [name, target] of [['zoom-overview', '/'], ['zoom-form', '/orders/new'], ['zoom-done', `/orders/${done}`]]) {
			await page.goto(stage.url(target));
			const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
			if (wide > 0) findings.push(`${name}: sideways ${wide}`);
			await page.screenshot({ path: `${OUT}/${name}.png` });
		}
		await page.route('**/conflict', (route) => route.fulfill({ contentType: 'text/html', body: answer.text }));
		await page.setViewportSize({ width: 1000, height: 800 });
		await page.goto(stage.url('/conflict'));
		await page.screenshot({ path: `${OUT}/conflict.png`, fullPage: true });
		await page.goto(`file:///tmp/shots/x.html`).catch(() => {});
		await window.close();
		await stage.portal.stop();
		const down = await browser.newContext({ viewport: { width: 800, height: 500 } });
		const broken = await down.newPage();
		await broken.goto(stage.url('/'));
		await broken.screenshot({ path: `${OUT}/down.png` });
		await down.close();
	}
	fs.writeFileSync(`${OUT}/findings.txt`, [...new Set(findings)].join('\n'));
});
