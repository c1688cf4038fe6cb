/* Each row of design 3 and each error type of runa-api 16, caused by the sandbox: what the page says, whether money
 * moved, whether the key was kept, how often Runa was called. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { check_upstream, Stage } from '../support/stage.mjs';
import { until } from '../support/until.mjs';

const FOR_EVER = { times: 0 };
const POST = ['POST', '/v2/order'];
const SAYS = {
	yes: /money (has )?moved[:? ]+ *yes/i, no: /money (has )?moved[:? ]+ *no\b(?! ?t known)/i, unknown: /money (has )?moved[:? ]+ *not known/i,
};

async function page_says(stage, number, money, words) {
	const page = await stage.page(number);
	assert.equal(page.status, 200);
	assert.match(page.words, /SANDBOX/, 'the page says where orders go');
	assert.match(page.words, SAYS[money], 'the page says whether money moved');
	if (words) assert.match(page.words, words);
	return page;
}

async function sends_of(stage, count) {
	return until(`${count} sends`, async () => {
		const sends = await stage.sandbox.sends();
		return sends.length >= count ? sends : undefined;
	});
}

/* ---- refused for good: one call, no money, a new form has a new key ---------------------------------------- */

const refusals = [
	['insufficient_funds', /balance at Runa is too low/],
	['product_validation_error', /does not allow this product/],
	['currency_mismatch', /another currency/],
	['validation_error', /did not accept a value/],
	['bad_request', /could not read the order/],
	['payment_method_unavailable', /way of paying is not available/],
	['invalid_card_id', /payment card is not valid/],
	['currency_not_supported', /cannot pay in this currency/],
	['ordering_restricted', /spending limit/],
	['not_found', /does not know the address/],
	['pagination_error', /page of the list/],
];

describe('a final refusal ends in one call, with no money moved, and a new form has a new key', { concurrency: 3 }, () => {
	for (const [type, words] of refusals) {
		it(`meaning: ${type} is refused`, async (t) => {
			const stage = await Stage.open(t);
			await stage.sandbox.fault(...POST, { kind: 'error', type });
			const number = await stage.place({ description: `wish of ${type}` });
			const order = await stage.settled(number, 'failed');
			assert.equal(order.money_moved, 'no');
			assert.equal(order.error.type, type);
			assert.equal(order.attempts, 1);
			assert.equal(order.price, null);
			const page = await page_says(stage, number, 'no', words);
			assert.equal((await stage.sandbox.sends()).length, 1);
			const again = page.doc.querySelectorAll('a').find((a) => /again=/.test(a.getAttribute('href') ?? ''));
			assert.ok(again, "'Order again' is offered");
			const second = await stage.client.form(again.getAttribute('href'));
			assert.equal(second.fields.get('description'), `wish of ${type}`);
			await stage.settled((await second.send(stage.client)).order, 'completed');
			const { keys } = await check_upstream(stage, 1);
			assert.equal(keys.length, 2, 'ordering again is a new key');
		});
	}
});

/* ---- set up wrong: sending stops for all, the key is kept, it goes on by itself ------------------------------ */

const setups = ['unauthorized', 'invalid_api_key', 'forbidden', 'version_removed', 'invalid_version', 'invalid_execution_mode', 'insecure_protocol'];

describe('a desk that is set up wrong stops sending, says so, and goes on by itself', { concurrency: 3 }, () => {
	for (const type of setups) {
		it(`meaning: ${type} stops all sending until ping and balance pass`, async (t) => {
			const stage = await Stage.open(t);
			await stage.sandbox.fault('GET', '/v2/*', { kind: 'error', type }, FOR_EVER);
			await stage.sandbox.fault(...POST, { kind: 'error', type }, FOR_EVER);
			const number = await stage.place();
			await sends_of(stage, 1);
			await until('sending is stopped', async () => JSON.parse((await stage.client.get('/readyz')).text).sending === 'stopped');
			const other = await stage.place({ description: 'waits too' });
			const [waiting] = await Promise.all([
				stage.see(number), page_says(stage, number, 'unknown', /access to Runa needs mending/), page_says(stage, other, 'no'),
			]);
			assert.equal(waiting.status, 'placing');
			assert.equal(waiting.money_moved, 'unknown');
			assert.match((await stage.client.get('/orders')).words, /needs mending/, 'every page says so');
			assert.equal((await stage.sandbox.sends()).length, 1, 'nobody sends meanwhile');
			await stage.sandbox.no_faults();
			assert.equal((await stage.settled(number, 'completed')).money_moved, 'yes');
			await stage.settled(other, 'completed');
			const { sends, keys } = await check_upstream(stage, 2);
			assert.equal(sends.length, 3);
			assert.equal(keys.length, 2, 'the keys are kept');
		});
		it(`meaning: ${type} again with this key while ping and balance pass is stored with it, and refused`, async (t) => {
			const stage = await Stage.open(t);
			await stage.sandbox.fault(...POST, { kind: 'error', type }, FOR_EVER);
			const number = await stage.place();
			const order = await stage.settled(number, 'failed');
			assert.equal(order.money_moved, 'no');
			await page_says(stage, number, 'no', /access was not in order/);
			assert.equal((await stage.sandbox.sends()).length, 2);
			await stage.sandbox.no_faults();
			await stage.settled(await stage.place(), 'completed');
			await check_upstream(stage, 1);
		});
	}
});

/* ---- unknown or not yet: the same key until it is settled ---------------------------------------------------- */

/* [what, fault, money while it lasts, words while it lasts] */
const waits = [
	['400 idempotency_in_progress', { kind: 'in_progress', as: 400 }, 'unknown', /still working/],
	['a status 102 with nothing behind it', { kind: 'in_progress', as: 102 }, 'unknown', /still working/],
	['429 with its odd body', { kind: 'rate' }, 'unknown', /slow down|turned away/],
	['500 internal_server_error', { kind: 'error', type: 'internal_server_error' }, 'unknown', /no clear answer|looking for this order/],
	['504 timeout', { kind: 'error', type: 'timeout' }, 'unknown', /no clear answer|looking for this order/],
	['502 in HTML', { kind: 'status', status: 502, content_type: 'text/html', body: '<html><h1>Bad Gateway</h1></html>' }, 'unknown', /no clear answer|looking for this order/],
	['503 with Retry-After', { kind: 'status', status: 503, headers: { 'Retry-After': '1' }, body: 'busy' }, 'unknown', /no clear answer|looking for this order/],
	['a 4xx of no known type', { kind: 'status', status: 418, body: '{"type":"teapot","message":"no"}', store_answer: false }, 'unknown', /no clear answer|looking for this order/],
	['a redirect', { kind: 'redirect', location: 'http://127.0.0.1:9/' }, 'unknown', /no clear answer|looking for this order/],
	['not JSON', { kind: 'status', status: 200, body: 'fine' }, 'unknown', /no clear answer|looking for this order/],
	['an empty object', { kind: 'status', status: 200, body: '{}' }, 'unknown', /no clear answer|looking for this order/],
	['a connection cut before the order is stored', { kind: 'cut_before' }, 'unknown', /no clear answer|looking for this order/],
	['a connection reset before the order is stored', { kind: 'cut_before', reset: true }, 'unknown', /no clear answer|looking for this order/],
];

describe('while nothing settles it, the same bytes go out under the same key', { concurrency: 3 }, () => {
	for (const [what, fault, money, words] of waits) {
		it(`meaning: ${what} is tried again with the same key until it is bought once`, async (t) => {
			const stage = await Stage.open(t);
			await stage.sandbox.fault(...POST, fault, FOR_EVER);
			const number = await stage.place();
			await sends_of(stage, 3);
			const [waiting, page] = await Promise.all([stage.see(number), page_says(stage, number, money, words)]);
			assert.equal(waiting.status, 'placing');
			assert.equal(waiting.money_moved, money);
			assert.match(page.text, /http-equiv="?refresh/i, 'it refreshes itself without scripts');
			await stage.sandbox.no_faults();
			const order = await stage.settled(number, 'completed');
			assert.equal(order.money_moved, 'yes');
			assert.equal(order.attempts, 1);
			await page_says(stage, number, 'yes', /The order is completed/);
			const { keys } = await check_upstream(stage, 1);
			assert.equal(keys.length, 1);
		});
	}
});

/* ---- settled by what comes later ------------------------------------------------------------------------------- */

describe('an answer that got lost comes back under the same key', { concurrency: 3 }, () => {
	for (const [what, fault] of [
		['cut after the order is stored', { kind: 'cut_after' }], ['cut in the header', { kind: 'cut_in_header' }],
		['cut in the body', { kind: 'truncate', bytes: 40 }], ['silent for ever', { kind: 'silence' }],
		['one byte a second', { kind: 'drip', ms: 1000 }], ['endless', { kind: 'endless' }], ['1 GiB long', { kind: 'big', mib: 1024 }],
		['a bomb when unpacked', { kind: 'gzip_bomb' }], ['nested 10,000 deep', { kind: 'nested', depth: 10000 }],
		['102 and then nothing', { kind: 'interim', status: 102, then: 'silence' }],
	]) {
		it(`meaning: an answer ${what} leaves it unknown, and the same key brings the stored one`, async (t) => {
			const stage = await Stage.open(t);
			await stage.sandbox.fault(...POST, fault);
			const number = await stage.place();
			const order = await stage.settled(number, 'completed');
			assert.equal(order.money_moved, 'yes');
			const { sends, keys } = await check_upstream(stage, 1);
			assert.equal(keys.length, 1);
			assert.equal(sends.length, 2, 'two calls');
		});
	}
});

describe('the other rows of design 3', { concurrency: 3 }, () => {
	it('meaning: COMPLETED is bought, with price, discount, payout link and status', async (t) => {
		const stage = await Stage.open(t);
		const number = await stage.place({ face_value: '10.00' });
		const order = await stage.settled(number, 'completed');
		assert.equal(order.money_moved, 'yes');
		assert.equal(order.face_value, '10.00');
		assert.equal(order.price, '9.50');
		assert.equal(order.discount, '0.50');
		assert.match(order.payout.url, /^https:\/\//);
		assert.equal(order.payout.status, 'ACTIVE');
		assert.match(order.runa_order_id, /^O-/);
		assert.equal(order.error, null);
		const page = await page_says(stage, number, 'yes', /completed/i);
		for (const words of ['9.50', '0.50', '10.00', order.payout.url, order.runa_order_id]) assert.ok(page.text.includes(words), words);
		assert.equal((await check_upstream(stage, 1)).sends.length, 1);
	});

	it("meaning: by e-mail it is 'handed to Runa', never 'delivered'", async (t) => {
		const stage = await Stage.open(t);
		const number = await stage.place({ distribution: 'EMAIL', email: 'recipient@domain.invalid' });
		assert.equal((await stage.settled(number, 'completed')).email, 'recipient@domain.invalid');
		const page = await page_says(stage, number, 'yes', /handed to Runa/i);
		assert.doesNotMatch(page.words, /delivered/i);
	});

	it('meaning: PROCESSING is polled until it is COMPLETED', async (t) => {
		const stage = await Stage.open(t);
		await stage.sandbox.fault(...POST, { kind: 'async', ms: 100 });
		const number = await stage.place();
		await sends_of(stage, 1);
		const order = await stage.settled(number, 'completed');
		assert.equal(order.money_moved, 'yes');
		const { sends } = await check_upstream(stage, 1);
		assert.equal(sends.length, 1);
		assert.ok((await stage.sandbox.requests({ method: 'GET', path: `/v2/order/${order.runa_order_id}` })).length >= 1);
	});

	it('meaning: PROCESSING without an end stays placing, money unknown', async (t) => {
		const stage = await Stage.open(t);
		await stage.sandbox.fault(...POST, { kind: 'async', ms: 3600000 });
		const number = await stage.place();
		const order = await until('its id is known', async () => { const seen = await stage.see(number); return seen.runa_order_id && seen; });
		assert.equal(order.status, 'placing');
		await page_says(stage, number, 'unknown', /accepted the order/);
		assert.equal((await stage.sandbox.sends()).length, 1);
	});

	for (const [what, fault] of [['at once', { kind: 'fail' }], ['after it was accepted', { kind: 'fail', async: true, ms: 50 }]]) {
		it(`meaning: FAILED ${what} is failed, money not known, and never ordered again by itself`, async (t) => {
			const stage = await Stage.open(t);
			await stage.sandbox.fault(...POST, fault);
			const number = await stage.place();
			const order = await stage.settled(number, 'failed');
			assert.equal(order.money_moved, 'unknown', 'whether Runa gives it back is not documented');
			await page_says(stage, number, 'unknown', /later said that it failed/);
			assert.equal((await stage.sandbox.sends()).length, 1);
		});
	}

	it('meaning: idempotency_validation_error needs attention at once, loud in the log', async (t) => {
		const stage = await Stage.open(t);
		await stage.sandbox.fault(...POST, { kind: 'error', type: 'idempotency_validation_error' }, FOR_EVER);
		const number = await stage.place();
		const order = await stage.settled(number, 'needs_attention');
		assert.equal(order.money_moved, 'unknown');
		await page_says(stage, number, 'unknown', /something else under this order's key/);
		assert.equal((await stage.sandbox.sends()).length, 1);
		assert.match(stage.portal.output, /warn.*attempt.*mismatch|mismatch.*stuck/i);
	});

	it('meaning: no connection at all is known to have cost nothing', async (t) => {
		const stage = await Stage.open(t, { relay: true });
		await stage.portal.stop(); // it keeps no connection that could have taken a byte
		await stage.relay.stop_listening();
		await stage.start_portal();
		const number = await stage.place();
		await until('two tries are over', async () => (await stage.rows("SELECT count(*) AS n FROM tries WHERE meaning = 'not_sent'"))[0].n >= 2);
		// During a try nobody can know; between two it is known.
		await until('the page says that no money moved', async () => page_says(stage, number, 'no', /cannot be reached/));
		await until('and so do programs read', async () => { const order = await stage.see(number); return order.status === 'placing' && order.money_moved === 'no'; });
		await stage.relay.listen_again();
		await stage.settled(number, 'completed');
		const { sends, keys } = await check_upstream(stage, 1);
		assert.equal(sends.length, 1);
		assert.equal(keys.length, 1);
	});
});
