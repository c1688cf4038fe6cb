/* Every page and state (states.mjs), light and dark, wide and narrow: axe finds nothing, nothing is wider than the
 * window, the console is silent; Lighthouse is content with each kind of page. The pictures in build/screenshots are for
 * whoever changes the looks. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import { after, describe, it } from 'node:test';
import { close_browser, open_window, picture, watch } from '../support/browser.mjs';
import { IS_SANITIZED } from '../support/stage.mjs';
import { open_lighthouse } from '../support/lighthouse.mjs';
import { headers_of, reach, STORIES } from './states.mjs';

let lighthouse; // of the rows that it looks at; its browser is its own
after(async () => { await close_browser(); await (await lighthouse)?.close(); });

const AXE = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const SCHEMES = ['light', 'dark'], WIDTHS = [1280, 375];
const NARROWEST = 320;
/* Every rule of axe that is not still an experiment or AAA only; the first is off by default. */
const ALL = { rules: { 'target-size': { enabled: true } } };
/* Light and dark differ in colours alone: in the second of them only these rules can find anything new. */
const OF_COLOURS = { runOnly: { type: 'rule', values: ['color-contrast', 'link-in-text-block'] } };

/* Where axe does not see the ground of a text (a plot lies around it, a list lies over it, it is one digit), the nearest
 * ground is taken, and the contrast has to be that of text. Anything else that axe cannot decide is a finding. */
const UNSEEN_GROUND = /contains an image node|too short to determine|overlapped by another element|partially overlaps|has no value/;
const CONTRAST_OF_TEXT = 4.5;

/* In the page: the contrast of the text that `selector` leads to. */
function contrast_of(selector) {
	const canvas = Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext('2d', { willReadFrequently: true });
	const bytes = (colour) => {
		canvas.clearRect(0, 0, 1, 1);
		canvas.fillStyle = colour;
		canvas.fillRect(0, 0, 1, 1);
		return canvas.getImageData(0, 0, 1, 1).data;
	};
	const light = (colour) => [0.2126, 0.7152, 0.0722].reduce((sum, share, i) => {
		const part = bytes(colour)[i] / 255;
		return sum + share * (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
	}, 0);
	const text = document.querySelector(selector), style = getComputedStyle(text);
	let ground = text;
	while (ground.parentElement && bytes(getComputedStyle(ground).backgroundColor)[3] < 255) ground = ground.parentElement;
	const [one, other] = [light(text instanceof SVGElement ? style.fill : style.color), light(getComputedStyle(ground).backgroundColor)];
	return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
}

async function is_right_after_all(page, id, message, target) {
	return id === 'color-contrast' && UNSEEN_GROUND.test(message) && await page.evaluate(contrast_of, target) >= CONTRAST_OF_TEXT;
}

/* What axe has against the page as it is now: a line each. */
async function findings_of(page, options) {
	if (!(await page.evaluate(() => Boolean(window.axe)))) await page.evaluate(AXE);
	const { violations, incomplete } = await page.evaluate((given) => window.axe.run(document, { ...given, resultTypes: ['violations', 'incomplete'] }), options);
	const lines = [];
	for (const [word, results] of [['', violations], ['undecided: ', incomplete]])
		for (const { id, impact, nodes } of results)
			for (const node of nodes) {
				const message = [...node.any, ...node.all, ...node.none].map((check) => check.message).join(' / '), target = node.target.join(' ');
				if (word && await is_right_after_all(page, id, message, target)) continue;
				lines.push(`${word}${id} (${impact}): ${target}: ${node.html.slice(0, 160)}: ${message}`);
			}
	return lines;
}

async function width_findings(page) {
	const wide = await page.evaluate(() => {
		const window_px = document.documentElement.clientWidth;
		if (document.documentElement.scrollWidth <= window_px) return undefined;
		const guilty = [...document.body.querySelectorAll('*')].filter((one) => one.getBoundingClientRect().right > window_px + 0.5);
		return `${document.documentElement.scrollWidth} px wide in ${window_px}: ${guilty.map((one) => one.outerHTML.slice(0, 80)).slice(-2).join(' | ')}`;
	});
	return wide ? [wide] : [];
}

/* What a page of this status may not say in the console. The browser itself remarks on a status of 400 and more. */
const without_status = (complaints, status = 200) => complaints.filter((text) => !(status >= 400 && text.includes(`a status of ${status}`)));

const PATIENCE_MS = 8000;

async function opened(t, stage, row, options = {}) {
	const window = await open_window(t, { extraHTTPHeaders: headers_of(row), colorScheme: 'light', reducedMotion: 'reduce', timezoneId: 'Europe/London', locale: 'en-GB', ...options });
	const page = await window.newPage();
	page.setDefaultTimeout(PATIENCE_MS);
	page.window = window;
	return page;
}

/* It stays as it is: a page that waits would come again by itself while it is looked at. */
const hold_still = (page) => page.route('**', (route) => (route.request().isNavigationRequest() ? route.abort('aborted') : route.continue()));

async function look(t, stage, row) {
	const page = await opened(t, stage, row), found = [], note = (where, lines) => found.push(...lines.map((line) => `${where}: ${line}`));
	const complaints = watch(page);
	await reach(page, stage, row);
	await hold_still(page);
	note('console', without_status(complaints, row.status));
	for (const width of WIDTHS) {
		await page.setViewportSize({ width, height: 900 });
		for (const scheme of SCHEMES) {
			await page.emulateMedia({ colorScheme: scheme });
			note(`${scheme} ${width}`, await findings_of(page, scheme === SCHEMES[0] ? ALL : OF_COLOURS));
			await picture(page, `${row.name}-${scheme}-${width}`);
		}
		note(`${width}`, await width_findings(page));
	}
	await page.setViewportSize({ width: NARROWEST, height: 700 });
	note(`${NARROWEST}`, await width_findings(page));
	await page.setViewportSize({ width: WIDTHS[0], height: 900 });
	if (row.main) {
		await page.emulateMedia({ colorScheme: 'light', forcedColors: 'active' });
		await picture(page, `${row.name}-forced`);
		await page.emulateMedia({ forcedColors: null });
	}
	if (row.print) {
		await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
		await picture(page, `${row.name}-print`);
		for (const what of ['button', 'nav', 'form'])
			for (const one of await page.locator(what).all()) if (await one.isVisible()) found.push(`print: there is a ${what}: ${await one.innerText()}`);
	}
	await page.window.close();
	return found;
}

/* As it is where no script comes. (A window without scripts could not run axe.) */
async function look_without_scripts(t, stage, row) {
	const page = await opened(t, stage, row, { viewport: { width: 375, height: 800 } });
	await page.route('**/static/desk.*.js', (route) => route.fulfill({ contentType: 'text/javascript', body: '' }));
	await reach(page, stage, row);
	const found = [...await findings_of(page, ALL), ...await width_findings(page)];
	await picture(page, `${row.name}-plain`);
	await page.window.close();
	return found;
}

/* Speed is for the bench. */
const JUDGED = ['accessibility', 'best-practices'], LEAST_SCORE = 98;
async function look_by_lighthouse(stage, row) {
	lighthouse ??= open_lighthouse();
	const { scores, lost } = await (await lighthouse).look(stage.url(row.at), { headers: headers_of(row), last: row.last, status: row.status, categories: JUDGED });
	return JUDGED.filter((name) => !(scores[name] >= LEAST_SCORE)).map((name) => `lighthouse: ${name} ${scores[name]}: ${lost.join(', ')}`);
}

describe('looks', { concurrency: 2, skip: IS_SANITIZED && 'the pages of a sanitized portal are the same' }, () => {
	for (const [story, tell] of Object.entries(STORIES)) {
		it(`looks: ${story}`, async (t) => {
			for await (const { stage, rows } of tell(t)) {
				for (const row of rows) {
					await t.test(row.name, async () => {
						const lines = await look(t, stage, row);
						if (row.plain) lines.push(...(await look_without_scripts(t, stage, row)).map((line) => `without scripts: ${line}`));
							if (row.quality) lines.push(...await look_by_lighthouse(stage, row));
						assert.deepEqual(lines, []);
					});
				}
			}
		});
	}
});
