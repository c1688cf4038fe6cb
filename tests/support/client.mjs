/* client.mjs: people's side. A client without scripts that reads forms and sends back what it was served, and a
 * raw one for requests that no library would make. */
import http from 'node:http';
import net from 'node:net';
import { parse } from 'node-html-parser';

export class Client {
	/* headers: sent with each request (a test's sign-on, say). */
	constructor(port, { headers = {}, most = 256 } = {}) {
		this.port = port;
		this.headers = headers;
		this.origin = `http://127.0.0.1:${port}`;
		this.agent = new http.Agent({ keepAlive: true, maxSockets: most });
	}

	request(method, target, { headers = {}, body } = {}) {
		return new Promise((resolve, reject) => {
			const bytes = body === undefined ? undefined : Buffer.from(body);
			const all = { ...this.headers, ...headers };
			if (bytes) all['Content-Length'] ??= bytes.length;
			const request = http.request({ host: '127.0.0.1', port: this.port, method, path: target, headers: all, agent: this.agent }, (answer) => {
				const pieces = [];
				answer.on('data', (piece) => pieces.push(piece));
				answer.on('error', reject);
				answer.on('end', () => resolve(new Answer(answer, Buffer.concat(pieces))));
			});
			// A kept connection may be closed just as it is used again: a GET is then sent anew, as browsers do (RFC 9110, 9.2.2).
			request.on('error', (error) => {
				if (method === 'GET' && request.reusedSocket && error.code === 'ECONNRESET') resolve(this.request(method, target, { headers }));
				else reject(error);
			});
			request.end(bytes);
		});
	}

	get(target, headers) { return this.request('GET', target, { headers }); }

	/* As a browser would: the form's own encoding, and the page's Origin. */
	post(target, fields, headers = {}) {
		return this.request('POST', target, {
			headers: { 'Content-Type': 'application/x-www-form-urlencoded', Origin: this.origin, 'Sec-Fetch-Site': 'same-origin', ...headers },
			body: fields instanceof URLSearchParams || typeof fields === 'string' ? String(fields) : new URLSearchParams(fields).toString(),
		});
	}

	async json(target) {
		const answer = await this.get(target);
		if (answer.status !== 200) throw new Error(`${target}: ${answer.status} ${answer.text.slice(0, 200)}`);
		return JSON.parse(answer.text);
	}

	/* The order form as served, where it is: that of 'Order again' has an address of its own. */
	async form(target = '/orders/new') {
		let page = await this.get(target);
		if (page.status === 303) page = await this.get(page.location);
		if (page.status !== 200) throw new Error(`${target}: ${page.status} ${page.words}`);
		return page.form('/orders');
	}

	close() { this.agent.destroy(); }
}

class Answer {
	constructor(answer, bytes) {
		this.status = answer.statusCode;
		this.headers = answer.headers;
		this.raw_headers = answer.rawHeaders;
		this.text = bytes.toString();
	}
	get location() { return this.headers.location && this.headers.location.replace(/^https?:\/\/[^/]*/, ''); }
	/* The number of the order that a 303 leads to. */
	get order() { return this.location?.match(/\/orders\/([^/?]+)/)?.[1]; }
	get doc() { return (this.parsed ??= parse(this.text)); }
	/* What a person reads, without tags. */
	get words() {
		return this.doc.querySelectorAll('body').map((body) => body.structuredText).join('\n').replace(/\s+/g, ' ').trim() || this.text;
	}
	form(action) {
		const found = this.doc.querySelectorAll('form').find((form) => (form.getAttribute('action') ?? '').replace(/^https?:\/\/[^/]*/, '').split('?')[0].endsWith(action));
		if (!found) throw new Error(`no form with action ${action} on this page: ${this.words.slice(0, 300)}`);
		return new Form(found);
	}
}

/* What a client without scripts holds after reading a form: each field with the value as served. */
export class Form {
	constructor(element) {
		this.action = element.getAttribute('action');
		this.method = (element.getAttribute('method') ?? 'get').toUpperCase();
		this.fields = new URLSearchParams();
		this.buttons = [];
		for (const input of element.querySelectorAll('input, select, textarea, button')) this.#take(input);
	}

	#take(input) {
		const name = input.getAttribute('name'), type = (input.getAttribute('type') ?? '').toLowerCase(), tag = input.tagName;
		if (tag === 'BUTTON' || type === 'submit') {
			this.buttons.push({ name, value: input.getAttribute('value') ?? '', text: input.text.trim() });
			return;
		}
		if (!name || input.hasAttribute('disabled')) return;
		if (tag === 'SELECT') {
			const options = input.querySelectorAll('option');
			const chosen = options.find((option) => option.hasAttribute('selected')) ?? options[0];
			this.fields.set(name, chosen ? (chosen.getAttribute('value') ?? chosen.text) : '');
		} else if (tag === 'TEXTAREA') {
			this.fields.set(name, input.text.replace(/^\n/, ''));
		} else if (type === 'radio' || type === 'checkbox') {
			if (input.hasAttribute('checked')) this.fields.set(name, input.getAttribute('value') ?? 'on');
		} else {
			this.fields.set(name, input.getAttribute('value') ?? '');
		}
	}

	fill(values) {
		for (const [name, value] of Object.entries(values)) {
			if (value === undefined || value === null) this.fields.delete(name);
			else this.fields.set(name, value);
		}
		return this;
	}

	/* The body, with the first button pressed. That of the order form leads to the review, and the review's orders; here it
	 * orders at once, as the contract lets every client: most tests are about what comes of that. */
	get body() { return this.pressed(this.buttons[0]?.value === 'review' ? 'place' : this.buttons[0]?.value); }

	/* The body, with the button of this value pressed. */
	pressed(value) {
		const all = new URLSearchParams(this.fields), button = this.buttons[0];
		if (button?.name && !all.has(button.name)) all.set(button.name, value);
		return all.toString();
	}

	press(client, value, headers) { return client.post(this.action, this.pressed(value), headers); }

	copy() {
		const other = Object.create(Form.prototype);
		Object.assign(other, this, { fields: new URLSearchParams(this.fields) });
		return other;
	}

	send(client, headers) { return client.post(this.action, this.body, headers); }
}

/* Bytes in, bytes out. Ends when the server closes, or an answer is complete. */
export function raw(port, bytes, { within_ms = 20000, half_close = false } = {}) {
	return new Promise((resolve) => {
		const socket = net.connect(port, '127.0.0.1');
		let text = '', is_late = false;
		let is_closed = false;
		AbortSignal.timeout(within_ms).addEventListener('abort', () => { is_late = !is_closed; socket.destroy(); });
		socket.setEncoding('latin1');
		socket.on('connect', () => { if (half_close) socket.end(bytes); else socket.write(bytes); });
		socket.on('data', (piece) => {
			text += piece;
			if (is_whole(text)) socket.end();
		});
		socket.on('error', () => {});
		socket.on('close', () => {
			is_closed = true;
			const status = Number(text.match(/^HTTP\/1\.[01] (\d{3})/)?.[1] ?? 0);
			resolve({ status, text, is_late });
		});
	});
}

function is_whole(text) {
	const end = text.indexOf('\r\n\r\n');
	if (end < 0) return false;
	const head = text.slice(0, end), body = text.slice(end + 4);
	const length = head.match(/^content-length: *(\d+)/im);
	if (length) return body.length >= Number(length[1]);
	if (/^transfer-encoding: *chunked/im.test(head)) return body.endsWith('0\r\n\r\n');
	return /^HTTP\/1\.[01] (204|304|303)/.test(head) && !/^connection: *close/im.test(head);
}
