/* ways.mjs: the ways in which people use a page: with scripts and without, wide and narrow, by mouse or touch, and by
 * the keyboard alone. A journey that holds in each of them is told once, in the words of `hands`. */
import { open_window, watch } from './browser.mjs';
import { IS_SANITIZED } from './stage.mjs';

const WIDE = 1280, NARROW = 375, MOST_TABS = 150;

/* Where the pointer is all it takes. */
const pointer = {
	press: (page, what) => page.click(what),
	go_to: (page, what) => page.click(what),
	type: (page, what, text) => page.fill(what, text),
	choose: (page, what) => page.locator(what).check(),
};

const has_focus = (one) => one === document.activeElement;

/* By Tab alone, from wherever the focus is, and round the page where it lies before. */
async function reach(page, what, is_there = has_focus) {
	const one = page.locator(what).first();
	await one.waitFor();
	for (let tabs = 0; !(await one.evaluate(is_there)); tabs++) {
		if (tabs === MOST_TABS) throw new Error(`Tab does not lead to ${what}`);
		await page.keyboard.press('Tab');
	}
}

const keyboard = {
	go_to: reach,
	async press(page, what) {
		await reach(page, what);
		await page.keyboard.press('Enter');
	},
	async type(page, what, text) {
		await reach(page, what);
		await page.keyboard.press('Control+A');
		await page.keyboard.press('Delete');
		await page.keyboard.type(text);
	},
	/* One of a group of radio buttons: Tab leads to the group, the arrows to the one. */
	async choose(page, what) {
		const one = page.locator(what);
		await reach(page, what, (button) => document.activeElement.name === button.name && document.activeElement.form === button.form);
		await page.keyboard.press('Space');
		for (let presses = 0; !(await one.isChecked()); presses++) {
			if (presses === 20) throw new Error(`the arrows do not lead to ${what}`);
			await page.keyboard.press('ArrowDown');
		}
	},
};

const ALL_WAYS = [
	...[true, false].flatMap((scripts) => [WIDE, NARROW].map((width) => ({ scripts, width, hands: pointer, how: `${scripts ? 'with' : 'without'} scripts, ${width} px` }))),
	...[true, false].map((scripts) => ({ scripts, width: WIDE, hands: keyboard, how: `by the keyboard alone, ${scripts ? 'with' : 'without'} scripts` })),
].map((way) => ({ ...way, name: `${way.hands === keyboard ? 'keys' : way.width}-${way.scripts ? 'scripts' : 'plain'}` }));

/* A sanitized portal sees no difference between windows: one way with scripts and one without will do. */
export const WAYS = IS_SANITIZED ? [ALL_WAYS[0], ALL_WAYS[3]] : ALL_WAYS;

/* A page of a window of its own, at this address. page.press_on, .go_to, .type_into and .choose act in the way; page.complaints is
 * what the console says. */
export async function open_way(t, way, url, options = {}) {
	const touch = way.width === NARROW ? { isMobile: true, hasTouch: true } : {};
	const page = await (await open_window(t, { scripts: way.scripts, viewport: { width: way.width, height: 900 }, ...touch, ...options })).newPage();
	page.complaints = watch(page);
	page.way = way;
	page.press_on = (what) => way.hands.press(page, what);
	page.go_to = (what) => way.hands.go_to(page, what);
	page.type_into = (what, text) => way.hands.type(page, what, text);
	page.choose = (what) => way.hands.choose(page, what);
	await page.goto(url);
	return page;
}
