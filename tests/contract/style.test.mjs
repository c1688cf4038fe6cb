/* The style sheet, the script and the icons: small enough, every text legible in light and dark, and nothing that a page
 * uses is missing. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { TOP } from '../support/stage.mjs';

const read = (name) => fs.readFileSync(path.join(TOP, name), 'utf8');
const css = read('static/desk.css');
const pages = fs.readdirSync(path.join(TOP, 'templates')).map((name) => [name, read(`templates/${name}`)]);

/* The colours by name: of the first :root, and over them those of the dark one. */
function colours() {
	const [light, dark] = [...css.matchAll(/:root \{(.*?)\}/gs)].map(([, text]) => Object.fromEntries([...text.matchAll(/--([a-z-]+): (#[0-9a-f]{3,6})/g)].map(([, name, value]) => [name, value])));
	return { light, dark: { ...light, ...dark } };
}

/* WCAG 2.2, 'contrast ratio' and 'relative luminance'. */
function luminance(colour) {
	const digits = colour.length === 4 ? [...colour.slice(1)].map((digit) => digit + digit).join('') : colour.slice(1);
	const [red, green, blue] = digits.match(/../g).map((pair) => parseInt(pair, 16) / 255).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
	return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
function contrast(a, b) {
	const [less, more] = [luminance(a), luminance(b)].sort((x, y) => x - y);
	return (more + 0.05) / (less + 0.05);
}

test('text has a contrast of 4.5 on every ground it stands on, the edges of controls 3', () => {
	assert.ok(contrast('#fff', '#000') === 21 && contrast('#777777', '#fff') < 4.5);
	const grounds = ['back', 'card', 'sunk', 'accent-tint', 'unknown-tint', 'wrong-tint', 'yes-tint'];
	const rows = [
		...['ink', 'quiet', 'accent', 'deep', 'wrong'].flatMap((text) => grounds.map((ground) => [text, ground, 4.5])),
		['on-accent', 'accent', 4.5], ['on-accent', 'deep', 4.5], ['yes', 'yes-tint', 4.5], ['no', 'sunk', 4.5],
		...['unknown-tint', 'card', 'back'].map((ground) => ['unknown', ground, 4.5]),
		...['edge', 'accent', 'wrong'].flatMap((edge) => ['card', 'back'].map((ground) => [edge, ground, 3])),
	];
	for (const [scheme, of] of Object.entries(colours())) {
		for (const [front, back, least] of rows) {
			assert.ok(of[front] && of[back], `${front}, ${back}`);
			assert.ok(contrast(of[front], of[back]) >= least, `${scheme}: ${front} on ${back}: ${contrast(of[front], of[back]).toFixed(2)}`);
		}
	}
});

test('the style sheet is under 20 KB, the script under 15 KB, and each token that is used is there', () => {
	assert.ok(Buffer.byteLength(css) < 20_000, `${Buffer.byteLength(css)}`);
	assert.ok(Buffer.byteLength(read('static/desk.js')) < 15_000);
	for (const [, name] of css.matchAll(/var\((--[a-z0-9-]+)/g)) assert.ok(css.includes(`${name}:`), name);
	assert.doesNotMatch(css, /url\(|@import/);
});

test('each icon that a page draws is in the sprite, and no page has a style or a script of its own', () => {
	const icons = [...read('static/icons.svg').matchAll(/<symbol id="([a-z-]+)"/g)].map(([, id]) => id);
	for (const [name, text] of pages) {
		for (const [, icon] of text.matchAll(/\{\{ICONS_SVG\}\}#([a-z-]+)"/g)) assert.ok(icons.includes(icon), `${name}: ${icon}`);
		assert.doesNotMatch(text, /<style|\sstyle=|\son[a-z]+=|<script(?! type="module" src=)/, name);
	}
	for (const name of ['missing', 'refused', 'unreachable']) assert.doesNotMatch(read(`deploy/errors/${name}.html`), /<style|\sstyle=|<script/, name);
});
