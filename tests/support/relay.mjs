/* relay.mjs: a TCP relay between the portal and Runa that cuts, holds and slows on command. */
import net from 'node:net';
import { once } from 'node:events';
import { let_pass } from './until.mjs';

export class Relay {
	/* plan(connection number from 1) -> what to do with this connection:
	 *   { refuse: true }                 closes it before a byte
	 *   { cut_request_at: N }            hands on N bytes of the request, then resets both sides
	 *   { cut_after_request: true }      the request goes through; the answer never comes back
	 *   { cut_answer_at: N }             hands on N bytes of the answer, then resets
	 *   { delay_ms: N }                  each piece of the answer waits
	 *   {}                               hands everything on */
	static async open(port, host = '127.0.0.1') {
		const relay = new Relay();
		relay.target = { port, host };
		relay.plan = () => ({});
		relay.connections = 0;
		relay.sockets = new Set();
		relay.server = net.createServer((socket) => relay.#serve(socket));
		relay.server.listen(0, '127.0.0.1');
		await once(relay.server, 'listening');
		relay.port = relay.server.address().port;
		return relay;
	}

	#serve(near) {
		const plan = this.plan(++this.connections) ?? {};
		const cut = (...sockets) => sockets.forEach((socket) => socket.resetAndDestroy());
		this.#watch(near);
		if (plan.refuse) { cut(near); return; }
		const far = net.connect(this.target);
		this.#watch(far);
		let asked = 0, answered = 0;
		near.on('data', (bytes) => {
			if (plan.cut_request_at !== undefined && asked + bytes.length >= plan.cut_request_at) {
				const rest = bytes.subarray(0, plan.cut_request_at - asked);
				if (rest.length) far.write(rest, () => cut(near, far)); else cut(near, far);
				return;
			}
			asked += bytes.length;
			far.write(bytes);
		});
		far.on('data', (bytes) => {
			if (plan.cut_after_request) { cut(near, far); return; }
			if (plan.cut_answer_at !== undefined && answered + bytes.length >= plan.cut_answer_at) {
				const rest = bytes.subarray(0, plan.cut_answer_at - answered);
				near.write(rest, () => cut(near, far));
				return;
			}
			answered += bytes.length;
			if (plan.delay_ms) let_pass(plan.delay_ms).then(() => { if (!near.destroyed) near.write(bytes); });
			else near.write(bytes);
		});
		near.on('close', () => far.destroy());
		far.on('close', () => { if (!plan.delay_ms) near.destroy(); });
	}

	#watch(socket) {
		this.sockets.add(socket);
		socket.on('error', () => {});
		socket.on('close', () => this.sockets.delete(socket));
	}

	/* Every open connection is reset, as when a middle box forgets them. */
	reset_all() { for (const socket of this.sockets) socket.resetAndDestroy(); }
	/* Nobody answers any more: new connections are refused by the machine. */
	async stop_listening() {
		this.reset_all();
		this.server.close();
		await once(this.server, 'close');
	}
	async listen_again() {
		this.server.listen(this.port, '127.0.0.1');
		await once(this.server, 'listening');
	}
	close() {
		this.reset_all();
		if (this.server.listening) this.server.close();
	}
}
