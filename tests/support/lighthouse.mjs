/* lighthouse.mjs: what Lighthouse says of a page, in Chromium as it comes from Debian. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import lighthouse, { navigation } from 'lighthouse';
import puppeteer from 'puppeteer-core';
import { ARGS, PROGRAM } from './browser.mjs';

/* Performance is a time, and so for the bench alone: tests assert no times. */
export const CATEGORIES = ['performance', 'accessibility', 'best-practices'];

/* A browser of Lighthouse's own, with an empty profile. close() ends it. */
export async function open_lighthouse() {
	const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'lighthouse-'));
	const browser = await puppeteer.launch({ executablePath: PROGRAM, headless: true, args: ARGS, userDataDir: profile });

	return {
		/* The page at this address, or the one that the button `last` on it leads to.
		 * { scores: { category: 0 to 100 }, lost: what cost points, a line each } */
		async look(url, { headers, last, status, categories = CATEGORIES } = {}) {
			const page = await browser.newPage();
			// an error page is looked at like any other; that the console names its status is the browser's own remark
			const flags = { onlyCategories: categories, extraHeaders: headers, logLevel: 'silent', ignoreStatusCode: true,
				skipAudits: status ? ['errors-in-console'] : null };
			let result;
			if (last) {
				if (headers) await page.setExtraHTTPHeaders(headers);
				await page.goto(url);
				result = await navigation(page, () => page.click(last), { flags });
			} else {
				result = await lighthouse(url, flags, undefined, page);
			}
			await page.close();
			const { categories: found, audits, runtimeError } = result.lhr;
			if (runtimeError) throw new Error(`${url}: ${runtimeError.message}`);
			const scores = Object.fromEntries(categories.map((name) => [name, Math.round(100 * found[name].score)]));
			const lost = categories.flatMap((name) => found[name].auditRefs
				.filter(({ id, weight }) => weight > 0 && audits[id].score !== null && audits[id].score < 0.98)
				.map(({ id }) => `${name}: ${id}: ${audits[id].title} (${audits[id].displayValue ?? audits[id].score})`));
			return { scores, lost };
		},
		async close() {
			await browser.close();
			fs.rmSync(profile, { recursive: true, force: true });
		},
	};
}
