/* What nginx says by itself, with the delivered files: it is as safe to read as the portal's pages, and keeps no
 * recipient in its log. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { raw } from '../support/client.mjs';
import { check_upstream, LINK, Stage } from '../support/stage.mjs';
import { until } from '../support/until.mjs';

const host = (stage) => `Host: localhost:${stage.port}\r\nConnection: close\r\n\r\n`;

function check_headers(text, what) {
	const head = text.split('\r\n\r\n')[0];
	for (const line of [/^content-security-policy: default-src 'none'/gmi, /^referrer-policy: no-referrer/gmi, /^x-content-type-options: nosniff/gmi,
		/^x-frame-options: DENY/gmi, /^cross-origin-opener-policy: same-origin/gmi, /^cross-origin-resource-policy: same-origin/gmi, /^permissions-policy: camera/gmi])
		assert.equal(head.match(line)?.length, 1, `${what}: ${line}`);
}

test("nginx's own refusals and static files carry the security headers", async (t) => {
	const stage = await Stage.open(t);
	for (const [request, status] of [
		['GET /static/desk.css HTTP/1.1', 200], ['GET /static/icons.svg HTTP/1.1', 200], ['GET /static/desk.00000000.css HTTP/1.1', 404], ['GET /static/nope.css HTTP/1.1', 404], ['GET /static/ HTTP/1.1', 404],
		['TRACE / HTTP/1.1', 405], ['POST /static/desk.css HTTP/1.1', 405], [`GET /${'x'.repeat(9000)} HTTP/1.1`, 414], ['GET /%00 HTTP/1.1', 400],
	]) {
		const answer = await raw(stage.port, `${request}\r\n${host(stage)}`);
		assert.equal(answer.status, status, request.slice(0, 40));
		check_headers(answer.text, request.slice(0, 40));
		if ([400, 414].includes(status)) assert.match(answer.text, /Nothing was ordered by it/);
	}
});

test('the files that a page names are kept for good, and another hash is nothing that is here', async (t) => {
	const stage = await Stage.open(t);
	const page = await stage.client.get('/');
	const names = [...page.text.matchAll(/(?:href|src)="(\/static\/[^"#]+)/g)].map(([, name]) => name);
	assert.deepEqual([...new Set(names.map((name) => name.replace(/\.[0-9a-f]{8}\./, '.HASH.')))].sort(),
		['/static/desk.HASH.css', '/static/desk.HASH.js', '/static/icons.HASH.svg']);
	for (const name of new Set(names)) {
		const answer = await raw(stage.port, `GET ${name} HTTP/1.1\r\nAccept-Encoding: gzip\r\n${host(stage)}`);
		const head = answer.text.split('\r\n\r\n')[0];
		assert.equal(answer.status, 200, name);
		assert.match(head, /^cache-control: public, max-age=31536000, immutable\r?$/mi, name);
		assert.match(head, /^content-encoding: gzip\r?$/mi, name);
		check_headers(answer.text, name);
		const plain = name.replace(/\.[0-9a-f]{8}\./, '.');
		assert.equal((await stage.client.get(name)).text, (await stage.client.get(plain)).text, name);
		const other = await stage.client.get(name.replace(/[0-9a-f]{8}/, '00000000'));
		assert.equal(other.status, 404);
		assert.equal(other.headers['cache-control'], 'no-store');
	}
	// a page may show somebody's order: it is never compressed
	assert.doesNotMatch((await raw(stage.port, `GET /orders HTTP/1.1\r\nAccept-Encoding: gzip\r\n${host(stage)}`)).text.split('\r\n\r\n')[0], /content-encoding/i);
});

test('a portal that says nothing in time: not known here, and the same form again is the same order', async (t) => {
	const stage = await Stage.open(t, { read_timeout: '1s' });
	const form = (await stage.client.form()).fill(LINK);
	stage.portal.signal('SIGSTOP');
	const answer = await form.send(stage.client);
	stage.portal.signal('SIGCONT');
	assert.equal(answer.status, 504);
	assert.match(answer.words, /not known here whether it was accepted/);
	assert.equal(answer.doc.querySelector('a').getAttribute('href'), '/orders');
	assert.ok(answer.headers['content-security-policy']);
	assert.equal((await form.send(stage.client)).status, 303);
	await check_upstream(stage, 1);
	assert.equal((await stage.rows('SELECT count(*) AS n FROM orders'))[0].n, 1);
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
		for (const [, address] of answer.text.matchAll(/<link[^>]* href="(\/static\/[^"]+)"/g)) assert.equal((await stage.client.get(address)).status, 200, address);
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
