/* What a first visit of the form costs. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { close_browser } from '../support/browser.mjs';
import { IS_SANITIZED, Stage } from '../support/stage.mjs';
import { first_visit, paints_without_script } from '../support/visit.mjs';

after(close_browser);

const REQUESTS = 4, BYTES = 60_000;

test('pages: the first visit of the form takes at most 4 requests and 60 KB over the wire, and its first paint needs no script', { skip: IS_SANITIZED && 'the page is the same' }, async (t) => {
	const stage = await Stage.open(t), url = stage.url('/orders/new');
	const { requests, bytes } = await first_visit(t, url);
	t.diagnostic(requests.map((one) => `${one.path}: ${one.bytes} bytes`).join(', '));
	assert.ok(requests.length <= REQUESTS, JSON.stringify(requests));
	assert.ok(bytes <= BYTES, `${bytes} bytes`);
	assert.ok(await paints_without_script(t, url, 'Continue to review'), 'the script was still on its way');
});
