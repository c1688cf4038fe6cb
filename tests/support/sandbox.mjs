/* sandbox.mjs: payoutdesk-sandbox and its control endpoint (doc/sandbox-control.md). */
import path from 'node:path';
import { Process } from './process.mjs';

export const API_KEY = 'XX0test.not-a-real-key';
export const BUILD = process.env.BUILD_DIR ?? path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), '../../build');

export class Sandbox {
	static async open({ args = [], key = API_KEY, port = 0 } = {}) {
		const sandbox = new Sandbox();
		sandbox.key = key;
		sandbox.process = new Process('sandbox', path.join(BUILD, 'payoutdesk-sandbox'),
			['--listen', `127.0.0.1:${port}`, '--api-key', key, '--quiet', ...args]);
		const [, where] = await sandbox.process.says(/listening on http:\/\/127\.0\.0\.1:(\d+)\/v2/);
		sandbox.port = Number(where);
		return sandbox;
	}

	async #control(method, target, body) {
		const answer = await fetch(`http://127.0.0.1:${this.port}/_sandbox/${target}`, {
			method, body: body === undefined ? undefined : JSON.stringify(body),
			headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
		});
		const text = await answer.text();
		if (!answer.ok) throw new Error(`sandbox control ${method} ${target}: ${answer.status} ${text}`);
		return text ? JSON.parse(text) : {};
	}

	state() { return this.#control('GET', 'state'); }
	async orders() { const all = await this.#control('GET', 'orders'); return all.orders ?? all; }
	async requests({ method, path: of_path, from } = {}) {
		const query = new URLSearchParams(Object.entries({ method, path: of_path, from }).filter(([, value]) => value !== undefined));
		const all = await this.#control('GET', `requests?${query}`);
		return all.requests ?? all;
	}
	/* Sends of orders: each with its exact body and headers. */
	sends() { return this.requests({ method: 'POST', path: '/v2/order' }); }
	/* fault('POST', '/v2/order', { kind: 'cut_after' }, { times: 1 }) */
	fault(method, of_path, act, { times = 1, after = 0 } = {}) {
		return this.#control('POST', 'faults', { method, path: of_path, times, after, do: act });
	}
	no_faults() { return this.#control('DELETE', 'faults'); }
	settings(change) { return this.#control('POST', 'settings', change); }
	advance(advance_s) { return this.#control('POST', 'clock', { advance_s }); }
	change_order(id, change) { return this.#control('POST', `orders/${id}`, change); }
	reset() { return this.#control('POST', 'reset', {}); }
	wait({ orders, requests, timeout_ms = 15000 }) {
		const query = new URLSearchParams(Object.entries({ orders, requests, timeout_ms }).filter(([, value]) => value !== undefined));
		return this.#control('GET', `wait?${query}`);
	}
	close() { return this.process.stop(); }
}
