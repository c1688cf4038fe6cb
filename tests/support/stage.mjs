/* stage.mjs: the whole desk for one test: sandbox, portal and web server in a directory of their own, and people
 * who use it. Everything a test starts ends with the test. */
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Client } from './client.mjs';
import { Process, run } from './process.mjs';
import { Relay } from './relay.mjs';
import { API_KEY, BUILD, Sandbox } from './sandbox.mjs';
import { until } from './until.mjs';

export const TOP = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const PORTAL = path.join(BUILD, 'payoutdesk');
export const IS_SANITIZED = BUILD.endsWith('-sanitize');

/* A wish that the sandbox's catalogue allows. */
export const LINK = { product: 'AMZ-GB', face_value: '10.00', currency: 'GBP', distribution: 'PAYOUT_LINK', email: '', description: '' };
export const MAIL = { ...LINK, distribution: 'EMAIL', email: 'recipient@domain.invalid' };

/* Quick tries, so that a test of ten of them takes no time; everyone may do everything. */
const QUICK = {
	server: { threads: 16, template_dir: path.join(TOP, 'templates'), static_dir: path.join(TOP, 'static') },
	runa: { connect_timeout_ms: 1000, timeout_ms: 3000, retry_first_ms: 20, retry_max_ms: 200, give_up_after_s: 3600, orders_per_minute: 60000 },
	identity: { mode: 'demo' },
	roles: { viewer: '*', orderer: '*', approver: '*', auditor: '*', admin: '*' },
};

export async function free_port() {
	const server = net.createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address();
	server.close();
	await once(server, 'close');
	return port;
}

export class Stage {
	/* options:
	 *   config    sections over QUICK; a key that is null is left out
	 *   sandbox   false: none; else { args }
	 *   relay     true: a relay stands between portal and sandbox (stage.relay)
	 *   nginx     false: none
	 *   portal    false: not started yet (stage.start_portal() does)
	 *   ready     false: does not wait for /readyz
	 *   env, wrap for the portal: environment, and a command before it (strace, prlimit, faketime)
	 *   sockets   how many portal instances nginx knows (1)
	 *   body_timeout, read_timeout   nginx's patience with a person ('10s') and with the portal ('30s') */
	static async open(t, options = {}) {
		const stage = new Stage();
		stage.options = options;
		const room = path.join(BUILD, 'stage');
		fs.mkdirSync(room, { recursive: true });
		stage.dir = fs.mkdtempSync(path.join(room.length < 80 ? room : os.tmpdir(), 's-')); // a socket's path is short
		fs.chmodSync(stage.dir, 0o755);
		stage.processes = [];
		stage.clients = [];
		stage.at_close = []; // called once everything has ended
		t.after(() => stage.close());
		if (options.sandbox !== false) {
			stage.sandbox = await Sandbox.open(options.sandbox);
			stage.runa_port = stage.sandbox.port;
		}
		if (options.relay) {
			stage.relay = await Relay.open(stage.sandbox.port);
			stage.runa_port = stage.relay.port;
		}
		stage.configure(options.config);
		if (options.portal !== false) await stage.start_portal();
		if (options.nginx !== false) await stage.start_nginx();
		if (options.portal !== false && options.nginx !== false && options.ready !== false) await stage.ready();
		return stage;
	}

	get ledger() { return path.join(this.dir, 'ledger.db'); }
	get socket() { return path.join(this.dir, 'portal.sock'); }
	get config_file() { return path.join(this.dir, 'payoutdesk.conf'); }
	get key_file() { return path.join(this.dir, 'api-key'); }

	configure(sections = {}) {
		if (!fs.existsSync(this.key_file)) fs.writeFileSync(this.key_file, `${this.sandbox?.key ?? API_KEY}\n`, { mode: 0o600 });
		const all = {
			...QUICK,
			server: { ...QUICK.server, listen: `unix:${this.socket}` },
			runa: { base_url: `http://127.0.0.1:${this.runa_port ?? 9}/v2`, api_key_file: this.key_file, ...QUICK.runa },
			ledger: { url: `sqlite:${this.ledger}` },
		};
		for (const [section, keys] of Object.entries(sections)) all[section] = { ...all[section], ...keys };
		const text = Object.entries(all).map(([section, keys]) => `[${section}]\n${Object.entries(keys)
			.filter(([, value]) => value !== null && value !== undefined).map(([key, value]) => `${key} = ${value}\n`).join('')}`).join('\n');
		fs.writeFileSync(this.config_file, text);
		this.base_path = all.server.base_path ?? '';
	}

	/* Starts an instance; it becomes stage.portal. options: env, wrap, socket, config_file. */
	async start_portal({ env = this.options.env, wrap = this.options.wrap ?? [], socket = this.socket, config_file = this.config_file, wait = true } = {}) {
		fs.rmSync(socket, { force: true });
		const [command, ...args] = [...wrap, PORTAL, '--config', config_file];
		const portal = new Process('portal', command, args, { env });
		portal.socket = socket;
		this.processes.push(portal);
		this.portal = portal;
		if (wait) {
			await until('the portal listens', () => {
				if (!portal.is_alive) throw new Error(`it ended, saying:\n${portal.output}`);
				return can_connect(socket);
			});
		}
		return portal;
	}

	/* A second instance on the same ledger. */
	async start_second(options = {}) {
		const socket = path.join(this.dir, 'portal2.sock'), config_file = path.join(this.dir, 'second.conf'), first = this.portal;
		fs.writeFileSync(config_file, fs.readFileSync(this.config_file, 'utf8').replace(this.socket, socket));
		const second = await this.start_portal({ socket, config_file, ...options });
		this.portal = first;
		return second;
	}

	async start_nginx() {
		for (let tries = 1; ; tries++) {
			this.port = await free_port();
			this.#nginx_config();
			const nginx = new Process('nginx', process.env.NGINX ?? '/usr/sbin/nginx', ['-p', this.dir, '-c', path.join(this.dir, 'nginx.conf'), '-e', 'stderr']);
			this.processes.push(nginx);
			this.nginx = nginx;
			try {
				await until('nginx listens', () => {
					if (!nginx.is_alive) throw new Error(nginx.output);
					return can_connect(this.port);
				}, { within_ms: tries < 5 ? 3000 : 10000 });
				break;
			} catch (error) {
				if (tries >= 5 || !/Address already in use/.test(nginx.output)) throw error;
			}
		}
		this.client = this.new_client();
	}

	/* The delivered web server files, with this stage's places. A test's sign-on is a header that nginx, and only
	 * nginx, turns into the identity parameters. */
	#nginx_config() {
		const delivered = fs.readFileSync(path.join(TOP, 'deploy/nginx/payoutdesk.conf'), 'utf8');
		const sockets = [this.socket, ...(this.options.sockets === 2 ? [path.join(this.dir, 'portal2.sock')] : [])];
		const site = delivered
			.replace('listen 80;', `listen 127.0.0.1:${this.port};`).replace('listen [::]:80;', '')
			.replace('server unix:/run/payoutdesk/payoutdesk.sock;', sockets.map((socket) => `server unix:${socket};`).join('\n'))
			.replace('/usr/local/share/payoutdesk/static/', `${TOP}/static/`)
			.replaceAll('/etc/nginx/payoutdesk.', `${TOP}/deploy/nginx/payoutdesk.`)
			.replaceAll('/usr/local/share/payoutdesk/errors/', `${TOP}/deploy/errors/`)
			.replace('/var/log/nginx/payoutdesk.log', `${this.dir}/access.log`)
			.replace(/client_body_timeout +\d+s/, `client_body_timeout ${this.options.body_timeout ?? '10s'}`)
			.replace(/fastcgi_read_timeout +\d+s/, `fastcgi_read_timeout ${this.options.read_timeout ?? '30s'}`)
			.replace(/set \$desk_(user|name|email|groups) +"";/g, (_, name) => `set $desk_${name} $http_x_signed_on_${name};`);
		fs.writeFileSync(path.join(this.dir, 'site.conf'), site);
		fs.writeFileSync(path.join(this.dir, 'nginx.conf'), `${process.getuid() === 0 ? 'user root root;' : ''}
daemon off;
worker_processes 2;
pid ${this.dir}/nginx.pid;
error_log stderr error;
events { worker_connections 1024; }
http {
	client_body_temp_path ${this.dir}/tmp-body;
	fastcgi_temp_path ${this.dir}/tmp-fastcgi;
	proxy_temp_path ${this.dir}/tmp-proxy;
	uwsgi_temp_path ${this.dir}/tmp-uwsgi;
	scgi_temp_path ${this.dir}/tmp-scgi;
	include ${this.dir}/site.conf;
}
`);
	}

	new_client(options) {
		const client = new Client(this.port, options);
		this.clients.push(client);
		return client;
	}

	/* A person signed on by the test's web server (identity proxy). */
	person(user, { groups = '', name = '', email = '' } = {}) {
		return this.new_client({ headers: {
			'X-Signed-On-User': user, 'X-Signed-On-Groups': groups, 'X-Signed-On-Name': name, 'X-Signed-On-Email': email } });
	}

	url(target) { return `http://127.0.0.1:${this.port}${this.base_path}${target}`; }

	ready() {
		return until('the portal is ready', async () => {
			if (!this.portal.is_alive) throw new Error(`the portal ended, saying:\n${this.portal.output}`);
			const answer = await this.client.get(`${this.base_path}/readyz`);
			if (answer.status !== 200 || JSON.parse(answer.text).catalogue_age_s === null) throw new Error(`/readyz: ${answer.status} ${answer.text}`);
			return true;
		});
	}

	/* Fills the form in and sends it. The answer; answer.order is the order's number. */
	async send(values = {}, { client = this.client, form } = {}) {
		form ??= await client.form(`${this.base_path}/orders/new`);
		return form.fill({ ...LINK, ...values }).send(client);
	}

	/* The same, for a wish that is fine: the order's number. */
	async place(values = {}, options) {
		const answer = await this.send(values, options);
		if (answer.status !== 303 || !answer.order) throw new Error(`not placed: ${answer.status} ${answer.words.slice(0, 600)}`);
		return answer.order;
	}

	see(number, client = this.client) { return client.json(`${this.base_path}/orders/${number}.json`); }
	page(number, client = this.client) { return client.get(`${this.base_path}/orders/${number}`); }

	/* The order once its status is one of `wanted`. */
	settled(number, wanted = ['completed', 'failed', 'needs_attention', 'rejected'], options) {
		const list = [wanted].flat();
		let last;
		return until(`order is ${list.join(' or ')}`, async () => {
			const order = await this.see(number);
			last = order;
			return list.includes(order.status) ? order : undefined;
		}, { within_ms: 30000, ...options }).catch((error) => {
			throw new Error(`${error.message}; last seen: ${JSON.stringify(last)}\n${this.portal.output.slice(-3000)}`);
		});
	}

	command(...args) { return run(PORTAL, ['--config', this.config_file, ...args]); }

	/* Rows of the ledger, read by the sqlite3 program. */
	async rows(sql) {
		const { code, output } = await run('sqlite3', ['-readonly', '-json', this.ledger, sql]);
		if (code !== 0) throw new Error(`sqlite3: ${output}`);
		return output.trim() ? JSON.parse(output) : [];
	}

	/* Answers under way go out. A browser's connection that never asked anything would be waited for much longer. */
	async #end_nginx() {
		if (this.nginx.is_alive) this.nginx.signal('SIGQUIT');
		await until('nginx has ended', () => !this.nginx.is_alive, { within_ms: 300 }).catch(() => {});
		await this.nginx.stop('SIGTERM', 5000);
	}

	async close() {
		const troubles = [];
		for (const client of this.clients) client.close();
		for (const process of [...this.processes].reverse()) {
			try {
				if (process === this.nginx) await this.#end_nginx();
				else if (process.is_alive) await process.stop();
				else process.check();
			} catch (error) { troubles.push(error); }
		}
		this.relay?.close();
		if (this.sandbox) await this.sandbox.close().catch((error) => troubles.push(error));
		for (const act of this.at_close) act();
		if (troubles.length) throw new AggregateError(troubles, troubles.map((trouble) => trouble.message).join('\n'));
		fs.rmSync(this.dir, { recursive: true, force: true });
	}
}

function can_connect(where) {
	return new Promise((resolve) => {
		const socket = typeof where === 'number' ? net.connect(where, '127.0.0.1') : net.connect(where);
		socket.on('connect', () => { socket.destroy(); resolve(true); });
		socket.on('error', () => resolve(false));
	});
}

/* (a) of faults.md: each accepted form is one order upstream; the bytes under a key never change. */
export async function check_upstream(stage, orders_wanted) {
	const sends = await stage.sandbox.sends();
	const by_key = new Map();
	for (const send of sends) {
		const key = header(send, 'x-idempotency-key');
		const same = by_key.get(key) ?? [];
		same.push(send);
		by_key.set(key, same);
	}
	for (const [key, same] of by_key) {
		const first = JSON.stringify([content(same[0]), own_headers(same[0])]);
		for (const send of same)
			if (JSON.stringify([content(send), own_headers(send)]) !== first) throw new Error(`the bytes under ${key} changed`);
	}
	const { orders_made } = await stage.sandbox.state();
	if (orders_wanted !== undefined && orders_made !== orders_wanted)
		throw new Error(`${orders_made} orders were made upstream, not ${orders_wanted}`);
	return { sends, keys: [...by_key.keys()], orders_made };
}

export const header = (request, name) => {
	const list = Array.isArray(request.headers) ? request.headers : Object.entries(request.headers);
	return list.find(([found]) => found.toLowerCase() === name)?.[1];
};
export const content = (request) => (request.body_base64 !== undefined ? Buffer.from(request.body_base64, 'base64').toString() : request.body);
const own_headers = (request) => (Array.isArray(request.headers) ? request.headers : Object.entries(request.headers))
	.filter(([name]) => /^(x-(?!api-key)|content-type|accept)/i.test(name)).map(([name, value]) => `${name.toLowerCase()}: ${value}`).sort();
