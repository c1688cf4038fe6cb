/* What nginx says by itself, with the delivered files: it is as safe to read as the portal's pages, and keeps no
 * recipient in its log. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { raw } from '../support/client.mjs';
import { Stage } from '../support/stage.mjs';
import { until } from '../support/until.mjs';

const host = (stage) => `Host: localhost:${stage.port}\r\nConnection: close\r\n\r\n`;

function check_headers(text, what) {
	const head = text.split('\r\n\r\n')[0];
	assert.match(head, /^content-security-policy: default-src 'none'/mi, what);
	assert.match(head, /^referrer-policy: no-referrer/mi, what);
	assert.match(head, /^x-content-type-options: nosniff/mi, what);
	assert.equal(head.match(/^content-security-policy:/gmi).length, 1, what);
}

test("nginx's own refusals and static files carry the security headers", async (t) => {
	const stage = await Stage.open(t);
	for (const [request, status] of [
		['GET /static/desk.css HTTP/1.1', 200], ['GET /static/nope.css HTTP/1.1', 404], ['GET /static/ HTTP/1.1', 404],
		['TRACE / HTTP/1.1', 405], ['POST /static/desk.css HTTP/1.1', 405], [`GET /${'x'.repeat(9000)} HTTP/1.1`, 414], ['GET /%00 HTTP/1.1', 400],
	]) {
		const answer = await raw(stage.port, `${request}\r\n${host(stage)}`);
		assert.equal(answer.status, status, request.slice(0, 40));
		check_headers(answer.text, request.slice(0, 40));
	}
});

test('a GET whose body nobody wants is answered as one without', async (t) => {
	const stage = await Stage.open(t);
	for (const target of ['/', '/static/desk.css']) {
		const answer = await raw(stage.port, `GET ${target} HTTP/1.1\r\nHost: localhost:${stage.port}\r\nContent-Length: 70000\r\nConnection: close\r\n\r\n${'x'.repeat(70000)}`);
		assert.equal(answer.status, 200, target);
	}
});

test('while the portal is down every request is told that the same form may be sent again', async (t) => {
	const stage = await Stage.open(t);
	await stage.portal.stop();
	const long = `POST /orders HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 70000\r\n${host(stage)}`;
	for (const request of [`GET / HTTP/1.1\r\n${host(stage)}`, long]) {
		const answer = await raw(stage.port, request);
		assert.equal(answer.status, 502);
		assert.match(answer.text, /send the <em>same<\/em> form again/);
		check_headers(answer.text, request.slice(0, 20));
	}
});

test("nginx's log names no recipient", async (t) => {
	const stage = await Stage.open(t);
	const log = path.join(stage.dir, 'access.log');
	await stage.client.get('/orders/new?product=AMZ-GB&email=ada%40example.org');
	await stage.client.request('GET', '/orders', { headers: { Referer: 'http://localhost/orders/new?email=ada%40example.org' } });
	await until('the log has the last request', () => /"GET \/orders"/.test(fs.readFileSync(log, 'utf8')));
	assert.doesNotMatch(fs.readFileSync(log, 'utf8'), /ada/);
});
