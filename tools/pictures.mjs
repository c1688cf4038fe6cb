#!/usr/bin/env node
/* pictures: takes the pictures of the papers anew, doc/*.png, from the real pages with the sandbox behind them: those rows
 * of tests/pages/states.mjs that name one. After a build and a test run: `node tools/pictures.mjs` (BUILD_DIR names another
 * build than build/). */
import path from 'node:path';
import { close_browser, open_browser } from '../tests/support/browser.mjs';
import { TOP } from '../tests/support/stage.mjs';
import { headers_of, reach, STORIES } from '../tests/pages/states.mjs';

const SIZE = { width: 1120, height: 800 };
const ends = [];
const t = { after: (act) => ends.unshift(act) };

try {
	for await (const { stage, rows } of STORIES['a desk at work'](t)) {
		for (const row of rows.filter((one) => one.doc)) {
			const window = await (await open_browser()).newContext({ viewport: SIZE, colorScheme: 'light', locale: 'en-GB', timezoneId: 'Europe/London', extraHTTPHeaders: headers_of(row) });
			const page = await window.newPage();
			await reach(page, stage, row);
			await page.screenshot({ path: path.join(TOP, 'doc', `${row.doc}.png`), clip: { x: 0, y: 0, ...SIZE } });
			await window.close();
		}
		break; // they all come first
	}
} finally {
	await close_browser();
	for (const end of ends) await end();
}
