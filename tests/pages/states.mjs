/* states.mjs: every page and state that a person can meet, and how it comes about, with the sandbox behind it and nothing
 * made up. Whoever looks at pages (looks.test.mjs, the bench, tools/pictures.mjs) takes them from here.
 *
 * A story is a stage to which things happen one after another. It yields rows, which are looked at before it goes on:
 *   name     of the state, and of its pictures
 *   as       who looks: one of PEOPLE, where the stage has people; 'nobody' has not signed in
 *   at       the address
 *   act      what is then done in the page, up to the state
 *   says     words on the page: it is this state and no other
 *   status   of the answer that is shown (200)
 *   plain    true: its markup differs without scripts, so it is looked at without them too
 *   main     true: looked at in forced colours too; print: true, on paper too
 *   quality  true: Lighthouse looks at it; last: the selector of the button that brings the page, where no address does
 *   doc      the name of its picture in doc/
 * A new state is a row here, in the story whose stage it fits. */
import fs from 'node:fs';
import path from 'node:path';
import { lives_at, no_faketime, time_is } from '../support/faketime.mjs';
import { fill, number_of } from '../support/many.mjs';
import { no_trace, Process, run } from '../support/process.mjs';
import { content, IS_SANITIZED, LINK, MAIL, Stage, TOP } from '../support/stage.mjs';
import { until } from '../support/until.mjs';

const POST = ['POST', '/v2/order'], FOR_EVER = { times: 0 };
const MUCH_LATER = { retry_first_ms: 600000, retry_max_ms: 600000 };
const FILLED_IN = `/orders/new?${new URLSearchParams(LINK)}`;
const WITH_NOTE = `/orders/new?${new URLSearchParams({ ...LINK, description: 'Thank you for the workshop' })}`;
const MAILED_IN = `/orders/new?${new URLSearchParams({ ...MAIL, description: 'Thank you for the workshop' })}`;
const REVIEW = 'main button[value=review]', PLACE = 'main form#review button[value=place]';

export const PEOPLE = {
	alice: { 'X-Signed-On-User': 'alice', 'X-Signed-On-Name': 'Alice Adams', 'X-Signed-On-Email': 'alice@example.org' },
	bob: { 'X-Signed-On-User': 'bob', 'X-Signed-On-Name': 'Bob Baker' },
	vera: { 'X-Signed-On-User': 'vera', 'X-Signed-On-Name': 'Vera Viewer' },
	dave: { 'X-Signed-On-User': 'dave', 'X-Signed-On-Name': 'Dave Admin' },
	eve: { 'X-Signed-On-User': 'eve' },
	nobody: {},
};
const ROLES = { viewer: 'user:alice,user:bob,user:vera,user:dave', orderer: 'user:alice,user:bob', approver: 'user:alice,user:bob', auditor: null, admin: 'user:dave' };

/* ---- what fingers do ------------------------------------------------------------------------------------------------ */

/* The form's own button leads to the review; the review's own places the order. */
const press = (page) => page.click(REVIEW);
async function place(page) {
	await press(page);
	await page.click(PLACE);
}
const type = (values) => async (page) => {
	for (const [name, value] of Object.entries(values)) await page.fill(`#${name}`, value);
	await press(page);
};
const find = (words) => async (page) => {
	await page.fill('#product', words);
	await page.click('button[value=find]');
	await page.waitForSelector('.results, .seek ~ [role=status]');
};
/* The token is the form's key: another form's content under it is another content of one form. */
const set_token = (page, token) => page.locator('main form input[name=token]').evaluate((input, value) => { input.value = value; }, token);

const token_of = async (stage, client = stage.client) => (await client.form('/orders/new')).fields.get('token');

async function with_fault(stage, fault, wish, wanted, client, options) {
	await stage.sandbox.fault(...POST, fault, options);
	const number = await stage.place(wish, { client });
	// the fault is this order's: the next one is placed once it has been met
	await until('it was sent', async () => (await stage.sandbox.sends()).some((send) => content(send).includes(number)));
	if (wanted) await until(`order is ${wanted}`, async () => (await stage.see(number, client)).status === wanted);
	return number;
}

/* ---- a desk on its first day -------------------------------------------------------------------------------------- */

async function* first_day(t) {
	const stage = await Stage.open(t, { config: { runa: MUCH_LATER } });
	yield { stage, rows: [
		{ name: 'overview-first-day', at: '/', says: /No orders yet/, main: true },
		{ name: 'orders-none-yet', at: '/orders', says: /No orders yet/ },
		{ name: 'products', at: '/products', says: /1 to 50 of/, main: true, plain: true },
		{ name: 'products-last-page', at: '/products', act: (page) => page.click('nav.pager a[rel=next]'), says: /51 to/ },
		{ name: 'products-found', at: '/products?q=amazonia', says: /best first/ },
		{ name: 'products-found-none', at: '/products?q=qqqqqq', says: /Nothing found for/ },
		{ name: 'form-empty', at: '/orders/new', says: /Search by name/, main: true, plain: true },
		{ name: 'form-search-open', at: '/orders/new', act: async (page) => {
			await page.focus('#product');
			await page.keyboard.type('amazonya');
			await page.waitForSelector('.popup [role=option][aria-selected=true]');
		}, says: /Amazonia/, main: true },
		{ name: 'form-search-none', at: '/orders/new', act: async (page) => {
			await page.focus('#product');
			await page.keyboard.type('qqqqqq');
			await page.waitForSelector('.popup [role=option]');
		}, says: /Nothing found/ },
		{ name: 'form-found', at: '/orders/new', act: find('amazonia'), says: /the best match first/, plain: true },
		{ name: 'form-found-none', at: '/orders/new', act: find('qqqqqq'), says: /Nothing was found for/, plain: true },
		{ name: 'form-find-what', at: '/orders/new', act: find(''), says: /Type a name/, plain: true },
		{ name: 'form-fixed-values', at: '/orders/new?product=ABC-GB&face_value=25.00', says: /in these values only/, main: true, plain: true },
		{ name: 'form-range', at: FILLED_IN, says: /1\.00.*500\.00/ },
		{ name: 'form-errors', at: '/orders/new', act: type({ product: 'AMZ-GB', face_value: '10.001', currency: 'EUR', email: 'not an address', description: 'x'.repeat(120) }),
			says: /Please look at these fields/, status: 422, main: true, plain: true },
		{ name: 'form-nothing-typed', at: '/orders/new', act: press, says: /Choose a product/, status: 422 },
		{ name: 'form-value-not-offered', at: '/orders/new?product=ABC-GB&face_value=12', act: press, says: /12 \(as typed, not offered\).*|comes in these values only/, status: 422, plain: true },
		{ name: 'form-two-readings', at: FILLED_IN, act: type({ face_value: '1.234' }), says: /can be read in two ways/, status: 422 },
		{ name: 'error-no-such-page', at: '/nowhere', says: /no such page/, status: 404, main: true },
		{ name: 'error-no-such-order', at: '/orders/AAAAAAAAAAAAAAAA', says: /no such order/, status: 404 },
		{ name: 'error-wrong-method', at: '/orders/AAAAAAAAAAAAAAAA/retry', says: /cannot be used that way/, status: 405 },
		{ name: 'error-too-long', at: '/orders/new', act: type({ product: 'AMZ-GB', description: 'x'.repeat(70000) }), says: /form is too long/, status: 413 },
		{ name: 'error-form-not-ours', at: FILLED_IN, act: async (page) => { await set_token(page, 'a.b.c'); await press(page); }, says: /not one of the desk's/, status: 403 },
		{ name: 'error-by-web-server', at: '/%00', says: /could not be taken/, status: 400 },
		{ name: 'error-missing-file', at: '/missing.html', file: 'deploy/errors/missing.html', says: /no such page/ },
		{ name: 'review-link', at: FILLED_IN, act: press, says: /10\.00 GBP/, main: true },
	] };
	await stage.sandbox.settings({ estimate: false });
	yield { stage, rows: [{ name: 'review-no-estimate', at: FILLED_IN, act: press, says: /offers no estimates/ }] };
	await stage.sandbox.settings({ estimate: true });
	const number = await with_fault(stage, { kind: 'rate', retry_after: '600' });
	await until('Runa asked to slow down', async () => /slow down/.test((await stage.client.get('/')).words));
	yield { stage, rows: [
		{ name: 'overview-slowed-down', at: '/', says: /Runa asked the desk to slow down/ },
		{ name: 'order-slowed-down', at: `/orders/${number}`, says: /turned the order away for now/, plain: true },
	] };
}

/* ---- Runa has never been reached ------------------------------------------------------------------------------------- */

async function* without_runa(t) {
	const stage = await Stage.open(t, { sandbox: false, ready: false });
	yield { stage, rows: [
		{ name: 'overview-runa-never-reached', at: '/', says: /Not known yet/ },
		{ name: 'form-no-catalogue', at: '/orders/new', says: /has not been fetched from Runa yet/ },
		{ name: 'products-no-catalogue', at: '/products', says: /has not been fetched yet/ },
	] };
}

/* ---- a desk at work ------------------------------------------------------------------------------------------------------ */

const REFUSALS = ['insufficient_funds', 'product_validation_error', 'currency_mismatch', 'validation_error', 'bad_request', 'payment_method_unavailable',
	'invalid_card_id', 'currency_not_supported', 'ordering_restricted', 'not_found', 'pagination_error'];

async function* at_work(t) {
	const stage = await Stage.open(t, { portal: false, config: { runa: { ...MUCH_LATER, timeout_ms: 600000 }, identity: { mode: 'proxy' }, roles: ROLES } });
	await fill(stage, 800);
	await stage.sandbox.settings({ balances: { GBP: '300.00', EUR: '5000.00', USD: '12.50', PLN: '80.00' } });
	await stage.start_portal();
	await stage.ready();
	const alice = stage.person('alice', { name: 'Alice Adams' }), bob = stage.person('bob');
	const settled = async (number) => { await until('it is completed', async () => (await stage.see(number, alice)).status === 'completed'); return number; };
	const mail = await settled(await stage.place({ ...MAIL, email: 'grace@example.org', face_value: '25.00' }, { client: alice }));
	await settled(await stage.place({ product: 'ABC-GB', face_value: '50' }, { client: bob }));
	const claimed = await settled(await stage.place({ description: 'for Ada' }, { client: alice }));
	await stage.sandbox.change_order((await stage.see(claimed, alice)).runa_order_id, { payout_status: 'CLAIMED' });
	const link = await settled(await stage.place({ description: 'Thank you for the workshop' }, { client: alice }));
	const form = (await alice.form()).fill({ ...LINK, description: 'sent twice' });
	const repeated = await settled((await form.send(alice)).order);
	const bobs_form = await token_of(stage, bob);
	const asked = async (page) => {
		await page.click('button:has-text("Ask Runa now")');
		await until('the page says that it was claimed', async () => /Claimed/.test(await page.innerText('main').catch(() => '')));
	};
	await until('the balances are there', async () => /Low:/.test((await alice.get('/')).words));
	yield { stage, rows: [
		{ name: 'overview-low-balance', as: 'alice', at: '/', says: /Low: less than/, main: true, plain: true, quality: true, doc: 'overview' },
		{ name: 'form-with-own-products', as: 'alice', at: '/orders/new', says: /You ordered before/, plain: true, quality: true },
		{ name: 'form-again', as: 'alice', at: `/orders/new?again=${link}&form=a`, says: /Filled in from order/ },
		{ name: 'form-filled-in', as: 'alice', at: WITH_NOTE, says: /GBP left/, quality: true, doc: 'form' },
		{ name: 'form-of-another', as: 'alice', at: FILLED_IN, act: async (page) => { await set_token(page, bobs_form); await press(page); }, says: /opened under another sign-in/, status: 422 },
		{ name: 'form-used-otherwise', as: 'alice', at: FILLED_IN, act: async (page) => { await set_token(page, form.fields.get('token')); await press(page); },
			says: /already used/, status: 409, main: true },
		{ name: 'order-repeated', as: 'alice', at: `/orders/${repeated}?repeat=1`, says: /nothing more was ordered/ },
		{ name: 'order-link', as: 'alice', at: `/orders/${link}`, says: /The order is completed/, main: true, plain: true, print: true, quality: true, doc: 'order' },
		{ name: 'order-email', as: 'alice', at: `/orders/${mail}`, says: /handed to Runa/, print: true },
		{ name: 'order-link-of-another', as: 'vera', at: `/orders/${link}`, says: /Shown to the person who placed the order/ },
		{ name: 'order-claimed', as: 'alice', at: `/orders/${claimed}`, act: asked, says: /Claimed/ },
		{ name: 'orders', as: 'alice', at: '/orders', says: /50 of 80\d orders/, main: true, plain: true, quality: true },
		{ name: 'orders-second-page', as: 'alice', at: '/orders', act: (page) => page.click('nav.pager a[rel=next]'), says: /50 orders on this page|50 of/ },
		{ name: 'orders-filtered', as: 'alice', at: '/orders?q=workshop&status=completed&currency=GBP&by=alice', says: /1 order, newest first/, plain: true },
		{ name: 'orders-none-fits', as: 'alice', at: '/orders?by=zoe', says: /No order fits/ },
		{ name: 'orders-wrong-filter', as: 'alice', at: '/orders?from=yesterday', says: /cannot be shown like that/, status: 400 },
		{ name: 'orders-wrong-page', as: 'alice', at: '/orders?page=nonsense', says: /place in the list/, status: 400 },
		{ name: 'products-to-order', as: 'alice', at: '/products?q=gb', says: /Order this/, quality: true },
		{ name: 'overview-of-a-viewer', as: 'vera', at: '/', says: /Overview/ },
		{ name: 'error-not-allowed', as: 'vera', at: '/orders/new', says: /Your roles do not include this/, status: 403 },
		{ name: 'error-no-role', as: 'eve', at: '/', says: /Your roles do not include this/, status: 403 },
		{ name: 'error-not-signed-in', as: 'nobody', at: '/', says: /Not signed in/, status: 401 },
		{ name: 'error-at-work', as: 'alice', at: '/nowhere', says: /no such page/, status: 404, quality: true },
		{ name: 'review-low-balance', as: 'alice', at: `/orders/new?${new URLSearchParams({ ...LINK, face_value: '400.00' })}`, act: press, says: /balance is not enough/ },
		{ name: 'review-repeat', as: 'alice', at: `/orders/new?${new URLSearchParams({ ...MAIL, email: 'grace@example.org', face_value: '25.00' })}`, act: press,
			says: /You ordered the same for this recipient/ },
		{ name: 'review-email', as: 'alice', at: MAILED_IN, act: press, says: /recipient@domain\.invalid/, plain: true, quality: true, last: REVIEW, doc: 'review' },
	] };

	const failed = {};
	for (const kind of REFUSALS) failed[kind] = await with_fault(stage, { kind: 'error', type: kind }, { description: 'a refused wish' }, 'failed', alice);
	const setup = await with_fault(stage, { kind: 'error', type: 'version_removed' }, {}, undefined, alice, { times: 2 });
	await until('it was refused twice', async () => {
		const page = await stage.page(setup, alice);
		if (/Try again now/.test(page.words)) await page.form(`/orders/${setup}/retry`).send(alice);
		return (await stage.see(setup, alice)).status === 'failed';
	}, { every_ms: 200 });
	const later = await with_fault(stage, { kind: 'fail' }, {}, 'failed', alice);
	const stuck = await with_fault(stage, { kind: 'error', type: 'idempotency_validation_error' }, {}, 'needs_attention', alice);
	const accepted = await with_fault(stage, { kind: 'async', ms: 3600000 }, {}, undefined, alice);
	const sent = await with_fault(stage, { kind: 'none', delay_ms: 590000 }, { product: 'ABC-GB', face_value: '10' }, undefined, alice);
	const unknown = await with_fault(stage, { kind: 'status', status: 502, body: 'no' }, {}, undefined, alice);
	await until('each says what is known', async () => /no clear answer/i.test((await stage.page(unknown, alice)).words) && /accepted the order/.test((await stage.page(accepted, alice)).words));
	yield { stage, rows: [
		...Object.entries(failed).map(([kind, number], i) => ({ name: `order-refused-${kind}`, as: 'alice', at: `/orders/${number}`, says: /Runa refused this order/, main: i === 0, plain: i === 0 })),
		{ name: 'order-refused-while-set-up-wrong', as: 'alice', at: `/orders/${setup}`, says: /access was not in order/ },
		{ name: 'order-failed-after-accepted', as: 'alice', at: `/orders/${later}`, says: /later said that it failed/ },
		{ name: 'order-needs-attention-own', as: 'alice', at: `/orders/${stuck}`, says: /something else under this order's key/ },
		{ name: 'order-needs-attention-settled-elsewhere', as: 'bob', at: `/orders/${stuck}`, says: /settle it in Runa's web portal/ },
		{ name: 'order-with-runa', as: 'alice', at: `/orders/${sent}`, says: /answer has not come yet/, main: true, plain: true },
		{ name: 'order-accepted', as: 'alice', at: `/orders/${accepted}`, says: /accepted the order and is working/, plain: true },
		{ name: 'order-no-clear-answer', as: 'alice', at: `/orders/${unknown}`, says: /no clear answer/i, main: true, plain: true, print: true },
		{ name: 'form-again-while-open', as: 'alice', at: `/orders/new?again=${unknown}&form=b`, says: /not settled yet/ },
		{ name: 'overview-needs-attention', as: 'bob', at: '/', says: /Needs attention: 1/, main: true },
	] };

	await stage.sandbox.fault('GET', '/v2/*', { kind: 'error', type: 'invalid_api_key' }, FOR_EVER);
	await stage.sandbox.fault(...POST, { kind: 'error', type: 'invalid_api_key' }, FOR_EVER);
	const waits = await stage.place({}, { client: alice });
	await until('sending is stopped', async () => JSON.parse((await stage.client.get('/readyz')).text).sending === 'stopped');
	const unsent = await stage.place({}, { client: alice });
	yield { stage, rows: [
		{ name: 'overview-stopped', as: 'vera', at: '/', says: /access to Runa needs mending/ },
		{ name: 'overview-stopped-for-admin', as: 'dave', at: '/', says: /Runa's word for it/ },
		{ name: 'order-stopped', as: 'alice', at: `/orders/${waits}`, says: /access to Runa needs mending/ },
		{ name: 'order-stopped-unsent', as: 'alice', at: `/orders/${unsent}`, says: /sends it once its access to Runa is mended/ },
	] };

	const old_form = await token_of(stage, alice);
	await stage.portal.stop();
	fs.rmSync(path.join(stage.dir, 'form-secret'));
	fs.writeFileSync(stage.config_file, fs.readFileSync(stage.config_file, 'utf8').replace(/base_url = http:\/\/127.0.0.1/, 'base_url = http://localhost'));
	await stage.start_portal();
	yield { stage, rows: [
		{ name: 'order-placed-elsewhere', as: 'alice', at: `/orders/${unknown}`, says: /another address of Runa/, plain: true },
		{ name: 'form-renewed', as: 'alice', at: FILLED_IN, act: async (page) => { await set_token(page, old_form); await press(page); }, says: /form secret was replaced/, status: 422 },
	] };

	if (no_faketime) return;
	const day_old = await token_of(stage, alice);
	await stage.portal.stop();
	await stage.sandbox.fault('GET', '/v2/*', { kind: 'cut_before' }, FOR_EVER);
	await stage.start_portal({ env: lives_at('+30h') });
	yield { stage, rows: [
		{ name: 'overview-runa-away-for-a-day', as: 'alice', at: '/', says: /has not been able to ask again since/ },
		{ name: 'form-older-than-a-day', as: 'alice', at: FILLED_IN, act: async (page) => { await set_token(page, day_old); await press(page); }, says: /more than a day old/, status: 422 },
	] };
}

/* ---- an order that was looked for twice and not found ------------------------------------------------------------------ */

async function* looked_for_in_vain(t) {
	if (no_faketime) return;
	const stage = await Stage.open(t, { portal: false, config: { runa: { give_up_after_s: 1 }, identity: { mode: 'proxy' }, roles: ROLES } });
	const alice = stage.person('alice', { name: 'Alice Adams' });
	await stage.start_portal({ env: time_is('+0') });
	await stage.ready();
	await stage.sandbox.settings({ store_5xx: true });
	const number = await with_fault(stage, { kind: 'error', type: 'internal_server_error' }, {}, undefined, alice);
	await until('the first of two looks has found nothing', async () => {
		const [attempt] = await stage.rows('SELECT task, polls FROM attempts');
		return attempt.task === 'search' && attempt.polls === 1;
	});
	yield { stage, rows: [{ name: 'order-looked-for', as: 'alice', at: `/orders/${number}`, says: /looking for this order/, plain: true }] };
	await stage.portal.stop();
	await stage.start_portal({ env: time_is('+20m') });
	await stage.ready();
	await until('it needs attention', async () => (await stage.see(number, alice)).status === 'needs_attention');
	yield { stage, rows: [
		{ name: 'order-not-found-own', as: 'alice', at: `/orders/${number}`, says: /another approver has to decide/ },
		{ name: 'order-needs-attention', as: 'bob', at: `/orders/${number}`, says: /Open a new attempt/, main: true, plain: true, print: true },
		{ name: 'order-new-attempt-why', as: 'bob', at: `/orders/${number}`, act: (page) => page.click('button:has-text("Open a new attempt")'), says: /Say why a new attempt is right/, status: 422 },
		{ name: 'order-new-attempt-opened', as: 'bob', at: `/orders/${number}`, act: async (page) => {
			await page.fill('form[action$="/attempt"] [name=why]', 'Looked up in the portal: there is no such order');
			await page.click('button:has-text("Open a new attempt")');
		}, says: /under a new key/ },
	] };
}

/* ---- states that take days to come about, or luck -------------------------------------------------------------------- */

/* What the ledger says of an order then, written into the ledger of a desk that has nothing to drive: the words of the
 * page, the status, whether money moved, the advice, the state of its attempt, and what else is so. */
const WRITTEN = [
	['order-waiting-unsent', /is about to send it/, 'placing', 'no', 'waiting_unsent', 'ready'],
	['order-waiting-unreachable', /Runa cannot be reached/, 'placing', 'no', 'waiting_unreachable', 'ready'],
	['order-waiting-busy', /still working on this order/, 'placing', 'unknown', 'waiting_busy', 'unknown'],
	['order-searching-unsent', /looks at Runa whether this order is there/, 'placing', 'no', 'searching', 'ready'],
	['order-refused-after-unknown', /An earlier one was never settled/, 'needs_attention', 'unknown', 'refused_after_unknown', 'refused'],
	['order-stuck-unsent', /the desk stopped trying/, 'needs_attention', 'no', 'stuck_unsent', 'stuck_unsent'],
	['order-stuck-foreign', /an order that is not this one/, 'needs_attention', 'unknown', 'stuck_foreign', 'stuck'],
	['order-stuck-key-old-unsent', /never sent: nothing was bought/, 'needs_attention', 'no', 'stuck_key_old', 'stuck_unsent'],
	['order-stuck-key-old', /could buy a second time/, 'needs_attention', 'unknown', 'stuck_key_old', 'stuck'],
	['order-stuck-unread', /its final answer cannot be read/, 'needs_attention', 'unknown', 'stuck_unread', 'stuck'],
	['order-stuck-unsearched-unsent', /looked for this order at Runa for a day/, 'needs_attention', 'no', 'stuck_unsearched', 'stuck_unsent'],
	['order-stuck-unsearched', /looked for the order at Runa for a day/, 'needs_attention', 'unknown', 'stuck_unsearched', 'stuck'],
	['order-refused-new-type', /a reason that the desk has no words for/, 'failed', 'no', 'refused', 'refused', "error_type = 'moon_is_full', error_message = 'Ask again tomorrow'"],
	['order-refused-no-type', /tell an administrator, with the order's number/, 'failed', 'no', 'refused', 'refused'],
	['order-bought-twice', /was bought twice/, 'completed', 'yes', 'completed_twice', 'completed'],
	['order-payout-cancelled', /Cancelled/, 'completed', 'yes', 'completed', 'completed', "payout_status = 'CANCELLED'"],
	['order-payout-expired', /Expired/, 'completed', 'yes', 'completed', 'completed', "payout_status = 'EXPIRED'"],
	['order-link-broken', /cannot be opened/, 'completed', 'yes', 'completed', 'completed', "link_sealed = x'00'"],
	['order-recipient-blanked', /not kept|blanked|no longer kept/i, 'completed', 'yes', 'completed', 'completed', "email = ''", 7],
	['order-try-lost', /No answer was recorded/, 'needs_attention', 'unknown', 'stuck_absent', 'stuck', undefined, undefined, "UPDATE tries SET ended_at_ms = 0, http_status = 0"],
];
const RETRIED = { now: /asks|sent|again/, final: /./, old: /./, looking: /./, busy: /./ };

async function* as_written(t) {
	const stage = await Stage.open(t, { portal: false, config: { identity: { mode: 'proxy' }, roles: ROLES } });
	const mails = 7, of = (i) => WRITTEN[i][7] ?? i * mails + 1; // every 7th was sent by e-mail
	await fill(stage, WRITTEN.length * mails);
	const unsettled = 'completed_at_ms = 0, price_minor = 0, price_currency = \'\', discount_minor = 0, discount_currency = \'\', runa_order_id = NULL, payout_status = NULL';
	await spoil(stage, WRITTEN.map(([, , status, money, advice, attempt, more, , tries], i) =>
		`UPDATE orders SET status = '${status}', money_moved = '${money}', advice = '${advice}'${status === 'completed' ? '' : `, ${unsettled}`}${more ? `, ${more}` : ''} WHERE id = ${of(i)};
		UPDATE attempts SET state = '${attempt}', task = 'none' WHERE order_id = ${of(i)};
		UPDATE tries SET meaning = '${{ completed: 'completed', failed: 'refused' }[status] ?? (money === 'no' ? 'not_sent' : 'unknown')}' WHERE attempt_id = ${of(i)}; ${tries ? `${tries} WHERE attempt_id = ${of(i)};` : ''}`).join('\n'));
	await stage.start_portal();
	await stage.ready();
	const waits = number_of(of(2));
	yield { stage, rows: [
		...WRITTEN.map(([name, says], i) => ({ name, as: 'alice', at: `/orders/${number_of(of(i))}`, says })),
		...Object.entries(RETRIED).map(([value, says]) => ({ name: `order-retried-${value}`, as: 'alice', at: `/orders/${value === 'final' ? number_of(of(12)) : waits}?retried=${value}`, says })),
	] };
}

/* ---- the desk's own records fail ---------------------------------------------------------------------------------- */

async function spoil(stage, sql) {
	const { code, output } = await run('sqlite3', ['-cmd', '.timeout 5000', stage.ledger, sql]);
	if (code !== 0) throw new Error(`sqlite3: ${output}`);
}

async function* broken_records(t) {
	const stage = await Stage.open(t, { config: { runa: MUCH_LATER }, env: IS_SANITIZED ? { ASAN_OPTIONS: 'detect_leaks=0:abort_on_error=1' } : undefined });
	const number = await with_fault(stage, { kind: 'status', status: 502, body: 'no' });
	await until('a try is over', async () => /no clear answer/i.test((await stage.page(number)).words));
	await spoil(stage, "CREATE TRIGGER spoilt BEFORE UPDATE ON attempts BEGIN SELECT RAISE(ABORT, 'spoilt'); END");
	yield { stage, rows: [
		{ name: 'error-cannot-store', at: `/orders/${number}`, act: (page) => page.click('button:has-text("Try again now")'), says: /cannot store anything just now/, status: 503 },
	] };
	await spoil(stage, 'DROP TRIGGER spoilt; ALTER TABLE orders RENAME TO elsewhere');
	yield { stage, rows: [
		{ name: 'error-records-unreadable', at: `/orders/${number}`, says: /records cannot be read/, status: 503 },
		{ name: 'overview-records-unreadable', at: '/', says: /cannot be read just now/ },
	] };
	await spoil(stage, 'ALTER TABLE elsewhere RENAME TO orders');
	if (!no_trace) {
		const inject = async (calls, what) => {
			const strace = new Process('strace', 'strace', ['-f', '-p', String(stage.portal.pid), '-e', `trace=${calls}`, '-e', `inject=${calls}:${what}`], {});
			await strace.says(/attached/);
			return () => strace.stop('SIGINT').catch(() => strace.kill());
		};
		const undo_full = await inject('pwrite64,fallocate,ftruncate', 'error=ENOSPC');
		yield { stage, rows: [{ name: 'form-no-room', at: FILLED_IN, act: place, says: /no room to store orders/, status: 503 }] };
		await undo_full();
		const undo = await inject('fdatasync,fsync', 'error=EIO');
		yield { stage, rows: [{ name: 'order-unsure', at: FILLED_IN, act: place, says: /not known whether the order was stored/, status: 503, main: true }] };
		await undo();
		yield { stage, rows: [
			{ name: 'overview-records-read-only', at: '/', says: /cannot store anything at the moment/ },
			{ name: 'form-records-read-only', at: '/orders/new', says: /cannot store anything at the moment/ },
			{ name: 'orders-records-read-only', at: '/orders', says: /cannot store anything at the moment/ },
		] };
	}
	await stage.portal.stop();
	yield { stage, rows: [{ name: 'error-portal-down', at: '/', says: /does not answer just now/, status: 502, main: true }] };
}

export const STORIES = { 'a desk on its first day': first_day, 'Runa was never reached': without_runa, 'a desk at work': at_work, 'an order was looked for in vain': looked_for_in_vain, 'states that take days, or luck': as_written, 'the desk cannot use its records': broken_records };

/* ---- the way to a state -------------------------------------------------------------------------------------------- */

export const headers_of = (row) => PEOPLE[row.as] ?? {};

/* Brings `page` to the row's state. Fails where it is another one. */
export async function reach(page, stage, row) {
	let status;
	const seen = (answer) => { if (answer.request().isNavigationRequest()) status = answer.status(); };
	page.on('response', seen);
	if (row.file) await page.route(stage.url(row.at), (route) => route.fulfill({ path: path.join(TOP, row.file), contentType: 'text/html' }));
	await page.goto(stage.url(row.at));
	if (row.act) {
		await row.act(page);
		await until(`${row.name} says ${row.says}`, async () => row.says.test(await page.innerText('main').catch(() => '')), { within_ms: 8000 });
		await page.waitForLoadState();
	}
	page.off('response', seen);
	const words = await page.innerText('main');
	if (!row.says.test(words)) throw new Error(`${row.name} does not say ${row.says}: ${words.slice(0, 600)}`);
	if (status !== (row.status ?? 200)) throw new Error(`${row.name} has status ${status}, not ${row.status ?? 200}`);
}
