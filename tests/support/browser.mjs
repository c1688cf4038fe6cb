/* browser.mjs: Chromium, driven by playwright-core, with pictures of what people see in build/screenshots. */
import fs from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { BUILD } from './sandbox.mjs';

let shared;

export async function open_browser() {
	shared ??= chromium.launch({
		executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', headless: true,
		args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
	});
	return shared;
}

export async function close_browser() {
	if (shared) await (await shared).close();
	shared = undefined;
}

/* A window of its own (cookies, cache) that ends with the test. */
export async function open_window(t, { scripts = true, ...options } = {}) {
	const browser = await open_browser();
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
