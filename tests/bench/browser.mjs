/* browser.mjs: what a person's browser makes of the pages: the first visit of the form, and what Lighthouse says. */
import { close_browser } from '../support/browser.mjs';
import { CATEGORIES, open_lighthouse } from '../support/lighthouse.mjs';
import { first_visit, paints_without_script } from '../support/visit.mjs';
import { headers_of, STORIES } from '../pages/states.mjs';

/* { visit: as first_visit() of the form, and paints: without its script; scores: [{ name, scores, lost }] of each kind of page }.
 * `rounds` of Lighthouse: the median counts. */
export async function in_browser(t, { rounds, note }) {
	const lighthouse = await open_lighthouse(), scores = [];
	t.after(() => lighthouse.close());
	t.after(close_browser);
	for await (const { stage, rows } of STORIES['a desk at work'](t)) {
		const form = rows.find(({ name }) => name === 'form-with-own-products'), url = stage.url(form.at), options = { extraHTTPHeaders: headers_of(form) };
		const visit = { ...await first_visit(t, url, options), paints: await paints_without_script(t, url, 'Continue to review', options) };
		for (const row of rows.filter((one) => one.quality)) {
			const looks = [];
			for (let round = 0; round < rounds; round++) {
				note(`lighthouse, ${row.name}, round ${round + 1} of ${rounds}`);
				looks.push(await lighthouse.look(stage.url(row.at), { headers: headers_of(row), last: row.last, status: row.status }));
			}
			const median = (category) => looks.map((look) => look.scores[category]).sort((a, b) => a - b)[Math.floor((rounds - 1) / 2)];
			scores.push({ name: row.name, scores: Object.fromEntries(CATEGORIES.map((category) => [category, median(category)])), lost: looks.flatMap(({ lost }) => lost) });
		}
		return { visit, scores };
	}
}
