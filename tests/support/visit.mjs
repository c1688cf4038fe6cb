/* visit.mjs: what a first visit of a page costs: an empty cache, no connection yet. */
import { open_window } from './browser.mjs';

/* { requests: [{ path, bytes }], bytes: over the wire with heads, connections } */
export async function first_visit(t, url, options) {
	const window = await open_window(t, options), page = await window.newPage();
	const wire = await window.newCDPSession(page), seen = new Map();

	wire.on('Network.responseReceived', ({ requestId, response }) => seen.set(requestId, { path: new URL(response.url).pathname, connection: response.connectionId }));
	wire.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => { seen.get(requestId).bytes = encodedDataLength; });
	await wire.send('Network.enable');
	await page.goto(url);
	await page.waitForLoadState('networkidle');
	await window.close();
	const requests = [...seen.values()].filter(({ connection }) => connection !== 0); // 0: from the browser's own memory
	return { requests, bytes: requests.reduce((sum, { bytes }) => sum + bytes, 0), connections: new Set(requests.map(({ connection }) => connection)).size };
}

/* Is the page painted, with all its words, although its script never comes? */
export async function paints_without_script(t, url, words, options) {
	const window = await open_window(t, options), page = await window.newPage();
	await page.route('**/static/desk.*.js', () => {}); // never answered
	await page.goto(url, { waitUntil: 'commit' });
	await page.waitForSelector(`text=${words}`);
	await page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint').length > 0, undefined, { polling: 50 });
	const is_waited_for = await page.evaluate(() => document.readyState !== 'complete');
	await window.close();
	return is_waited_for;
}
