/* browser.mjs: Chromium, driven by playwright-core, with pictures of what people see in build/screenshots. */
import fs from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { BUILD } from './sandbox.mjs';

export const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
export const PROGRAM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const LAUNCH = { executablePath: PROGRAM, headless: true, args: ARGS };
const KEEPING = '--disable-back-forward-cache'; // playwright's own choice; people's browsers keep pages for Back
const shared = new Map();

/* keeps_pages: false is a browser that had to give up the pages it kept for Back. */
export async function open_browser({ keeps_pages = true } = {}) {
	if (!shared.has(keeps_pages)) shared.set(keeps_pages, chromium.launch({ ...LAUNCH, ignoreDefaultArgs: keeps_pages ? [KEEPING] : [] }));
	return shared.get(keeps_pages);
}

export async function close_browser() {
	for (const browser of shared.values()) await (await browser).close();
	shared.clear();
}

/* Back. A page that was kept comes back as it was: nothing is loaded, and so nothing says that it was. */
export const go_back = (page) => page.goBack({ waitUntil: 'commit' });

/* A person's own browser, with a profile that outlives it. duplicates: true gives it what it takes to duplicate a tab
 * (browser.duplicate(page)); restores: true opens the tabs of the last session. */
export async function open_profile(t, dir, { duplicates = false, restores = false } = {}) {
	const extension = path.join(dir, 'extension'), args = [...ARGS];
	if (duplicates) {
		fs.mkdirSync(extension, { recursive: true });
		fs.writeFileSync(path.join(extension, 'manifest.json'), JSON.stringify({ manifest_version: 3, name: 'tabs', version: '1', background: { service_worker: 'tabs.js' } }));
		fs.writeFileSync(path.join(extension, 'tabs.js'), '');
		args.push(`--disable-extensions-except=${extension}`, `--load-extension=${extension}`);
	}
	if (restores) args.push('--restore-last-session');
	const browser = await chromium.launchPersistentContext(path.join(dir, 'profile'), { ...LAUNCH, args, ignoreDefaultArgs: [KEEPING, ...(duplicates ? ['--disable-extensions'] : [])] });
	browser.setDefaultTimeout(15000);
	t.after(() => browser.close());
	browser.duplicate = async (page) => {
		const worker = browser.serviceWorkers()[0] ?? await browser.waitForEvent('serviceworker');
		await page.bringToFront();
		const [copy] = await Promise.all([
			browser.waitForEvent('page'),
			worker.evaluate(async () => chrome.tabs.duplicate((await chrome.tabs.query({ active: true, lastFocusedWindow: true }))[0].id)),
		]);
		await copy.waitForLoadState();
		return copy;
	};
	return browser;
}

/* A window of its own (cookies, cache) that ends with the test. */
export async function open_window(t, { scripts = true, keeps_pages = true, ...options } = {}) {
	const browser = await open_browser({ keeps_pages });
	const window = await browser.newContext({ javaScriptEnabled: scripts, viewport: { width: 1280, height: 900 }, ...options });
	window.setDefaultTimeout(15000);
	t.after(() => window.close());
	return window;
}

export async function picture(page, name) {
	const room = path.join(BUILD, 'screenshots');
	fs.mkdirSync(room, { recursive: true });
	await page.screenshot({ path: path.join(room, `${name}.png`), fullPage: true });
}

/* What the console and the network had to complain about: nothing, on a page that is right. */
export function watch(page) {
	const complaints = [];
	page.on('console', (message) => {
		// Browsers ask for an icon by themselves; the pages say which one there is.
		if (message.type() === 'error' && !message.location().url.endsWith('/favicon.ico')) complaints.push(message.text());
	});
	page.on('pageerror', (error) => complaints.push(String(error)));
	return complaints;
}
