/* HTTP/2 between the desk and Runa, as the real one offers it: row 47 of faults.md. The server here speaks it before the
 * sandbox and ends streams and connections as a front server does when it is overloaded or restarts. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http2 from 'node:http2';
import path from 'node:path';
import { once } from 'node:events';
import { test } from 'node:test';
import { run } from '../support/process.mjs';
import { check_upstream, Stage } from '../support/stage.mjs';

const { NGHTTP2_CANCEL, NGHTTP2_INTERNAL_ERROR, NGHTTP2_NO_ERROR, NGHTTP2_REFUSED_STREAM } = http2.constants;

/* Hands each request on to the sandbox; `spoil(stream, pass)` deals with the first order instead of answering it. */
class Front {
	constructor(sandbox, spoil) {
		this.sandbox = sandbox;
		this.spoil = spoil;
		this.versions = new Set();
		this.posts = 0;
		this.sessions = new Set();
	}

	async open(stage) {
		const key = path.join(stage.dir, 'front.key');
		this.cert = path.join(stage.dir, 'front.crt');
		const made = await run('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key, '-out', this.cert,
			'-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2']);
		assert.equal(made.code, 0, made.output);
		this.server = http2.createSecureServer({ key: fs.readFileSync(key), cert: fs.readFileSync(this.cert), allowHTTP1: true });
		this.server.on('session', (session) => { this.sessions.add(session); session.on('error', () => {}); });
		this.server.on('request', (request, answer) => this.#serve(request, answer).catch(() => answer.stream?.close(NGHTTP2_INTERNAL_ERROR)));
		this.server.listen(0, '127.0.0.1');
		await once(this.server, 'listening');
		return `https://127.0.0.1:${this.server.address().port}/v2`;
	}

	async #serve(request, answer) {
		this.versions.add(request.httpVersion);
		const pieces = [];
		request.on('error', () => {});
		for await (const piece of request) pieces.push(piece);
		const pass = () => this.#pass(request, Buffer.concat(pieces));
		if (request.method === 'POST' && ++this.posts === 1 && this.spoil) {
			await this.spoil(request.stream, pass);
			return;
		}
		const { status, text } = await pass();
		answer.writeHead(status, { 'content-type': 'application/json' });
		answer.end(text);
	}

	async #pass(request, body) {
		const headers = Object.fromEntries(Object.entries(request.headers).filter(([name]) => !/^(:|host$|content-length$)/.test(name)));
		const answer = await fetch(`http://127.0.0.1:${this.sandbox.port}${request.url}`, { method: request.method, headers, body: request.method === 'POST' ? body : undefined });
		return { status: answer.status, text: await answer.text() };
	}

	close() {
		for (const session of this.sessions) session.destroy();
		this.server.close();
	}
}

async function open_behind(t, spoil) {
	const stage = await Stage.open(t, { portal: false });
	const front = new Front(stage.sandbox, spoil);
	stage.configure({ runa: { base_url: await front.open(stage), ca_file: front.cert } });
	t.after(() => front.close());
	await stage.start_portal();
	await stage.ready();
	return { stage, front };
}

/* GOAWAY, and then the connection is gone: with the streams that were open, and with word of them or without. */
const go_away = (session, last_stream) => { session.goaway(NGHTTP2_NO_ERROR, last_stream); session.destroy(); };

for (const [what, spoil, orders_before] of [
	['RST_STREAM CANCEL after the order was bought', async (stream, pass) => { await pass(); stream.close(NGHTTP2_CANCEL); }, 1],
	['RST_STREAM INTERNAL_ERROR after the order was bought', async (stream, pass) => { await pass(); stream.close(NGHTTP2_INTERNAL_ERROR); }, 1],
	['RST_STREAM INTERNAL_ERROR before it', async (stream) => stream.close(NGHTTP2_INTERNAL_ERROR), 0],
	['RST_STREAM REFUSED_STREAM, which says that nothing was done', async (stream) => stream.close(NGHTTP2_REFUSED_STREAM), 0],
	['RST_STREAM REFUSED_STREAM, which lies', async (stream, pass) => { await pass(); stream.close(NGHTTP2_REFUSED_STREAM); }, 1],
	['GOAWAY before the order was bought', async (stream) => go_away(stream.session, 0), 0],
	['GOAWAY after the order was bought', async (stream, pass) => { await pass(); go_away(stream.session); }, 1],
	['GOAWAY after the order was bought, which says that it was never seen', async (stream, pass) => { await pass(); go_away(stream.session, 0); }, 1],
]) {
	test(`fault 47: over HTTP/2, ${what}, ends in one order under one key`, async (t) => {
		let made;
		const { stage, front } = await open_behind(t, async (stream, pass) => {
			await spoil(stream, pass);
			made = (await stage.sandbox.state()).orders_made;
		});
		const number = await stage.place();
		const order = await stage.settled(number, 'completed');
		assert.equal(order.money_moved, 'yes');
		assert.equal(made, orders_before, 'the fault came where it was meant to');
		assert.deepEqual([...front.versions], ['2.0']);
		assert.ok(front.posts >= 2, 'it was sent again');
		const { keys, sends } = await check_upstream(stage, 1);
		assert.equal(keys.length, 1);
		assert.equal(sends.length, front.posts - 1 + orders_before);
		assert.equal((await stage.rows("SELECT count(*) AS n FROM tries WHERE meaning = 'not_sent'"))[0].n, 0, 'sent it was, whatever the other side says about it');
	});
}

test('fault 47: HTTP/2 is used where it is offered, on one connection', async (t) => {
	const { stage, front } = await open_behind(t);
	const connections = front.sessions.size;
	for (let i = 0; i < 5; i++) await stage.settled(await stage.place({ description: `round ${i}` }), 'completed');
	assert.deepEqual([...front.versions], ['2.0']);
	assert.equal(front.posts, 5);
	assert.equal(front.sessions.size, connections);
	await check_upstream(stage, 5);
});
