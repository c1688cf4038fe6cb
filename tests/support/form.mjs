/* form.mjs: a person at the order form in a browser: fills it in, goes on to the review, and orders there. */
import { until } from './until.mjs';

/* The fields of the form that are typed into. */
export const FIELDS = ['product', 'face_value', 'currency', 'email', 'description'];
/* The buttons that people see. The form has a hidden one besides, for Enter. */
export const REVIEW = 'button[name=action][value=review]';
export const ORDER = 'main button[name=action][value=place]';

export const words = (page) => page.innerText('body');
export const token_of = (page) => page.inputValue('input[name=token]');
export const number_of = (page) => page.url().match(/\/orders\/([^/?]+)/)?.[1];
export const typed = async (page) => Object.fromEntries(await Promise.all(FIELDS.map(async (name) => [name, await page.inputValue(`#${name}`)])));
export const typed_of = (wish) => Object.fromEntries(FIELDS.map((name) => [name, wish[name] ?? '']));

export async function fill(page, wish) {
	for (const name of ['product', 'face_value', 'currency', 'description']) await page.fill(`#${name}`, wish[name]);
	await page.locator(`input[name=distribution][value=${wish.distribution}]`).check();
	if (wish.email) await page.fill('#email', wish.email);
}

/* From the form to what it leads to: the review, where nothing speaks against it. */
export async function review(page) {
	await Promise.all([page.waitForEvent('framenavigated'), page.click(REVIEW)]);
	await page.waitForLoadState();
}

export const is_review = async (page) => (await page.locator('form#review').count()) > 0;

/* Over the review to the order; a form that leads elsewhere (mistakes, used before) leads there. */
export async function place(page) {
	await review(page);
	if (await is_review(page)) await page.click(ORDER);
}

/* At an order's page, however many of the navigations before it were cut off by the next press. */
export async function arrived(page) {
	await until('the page is the order\'s', () => /\/orders\/[A-Z0-9]+$/.test(new URL(page.url()).pathname));
	await page.waitForLoadState();
}
