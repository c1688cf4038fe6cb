/* The sandbox as others may use it: what only the playground has (runa-api 20, appendix A 9). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Sandbox } from '../support/sandbox.mjs';

async function open(t) {
	const sandbox = await Sandbox.open();
	t.after(() => sandbox.close());
	let key = 0;
	sandbox.order = (headers) => fetch(`http://127.0.0.1:${sandbox.port}/v2/order`, { method: 'POST',
		body: JSON.stringify({ payment_method: { type: 'ACCOUNT_BALANCE', currency: 'GBP' }, items: [{ face_value: 10, distribution_method: { type: 'PAYOUT_LINK' }, products: { type: 'SINGLE', value: 'AMZ-GB' } }] }),
		headers: { 'X-Api-Key': sandbox.key, 'X-Api-Version': '2024-02-05', 'Content-Type': 'application/json', 'X-Execution-Mode': 'sync', 'X-Idempotency-Key': `key ${++key}`, ...headers } });
	return sandbox;
}

test('sandbox: X-Trigger-Error brings one of its two errors and makes no order; any other word is passed over', async (t) => {
	const sandbox = await open(t);
	for (const [trigger, status] of [['insufficient_funds', 400], ['internal_server_error', 500]]) {
		const answer = await sandbox.order({ 'X-Trigger-Error': trigger });
		assert.equal(answer.status, status);
		assert.equal((await answer.json()).type, trigger);
	}
	assert.equal((await sandbox.state()).orders_made, 0);
	assert.equal((await sandbox.order({ 'X-Trigger-Error': 'ordering_restricted' })).status, 200);
	assert.equal((await sandbox.state()).orders_made, 1);
});

test('sandbox: X-Send-Email is echoed where it was sent', async (t) => {
	const sandbox = await open(t);
	assert.equal((await sandbox.order({ 'X-Send-Email': 'true' })).headers.get('x-send-email'), 'true');
	assert.equal((await sandbox.order({})).headers.get('x-send-email'), null);
});
