/* fcgi.mjs: FastCGI spoken by hand, so that a test can say what no web server would: doubled parameters, broken
 * records, silence. */
import net from 'node:net';

export const BEGIN = 1, ABORT = 2, END = 3, PARAMS = 4, STDIN = 5, STDOUT = 6, STDERR = 7;

export function record(type, content = Buffer.alloc(0), { id = 1, version = 1, length = content.length, padding = 0 } = {}) {
	const head = Buffer.from([version, type, id >> 8, id & 255, length >> 8, length & 255, padding, 0]);
	return Buffer.concat([head, content, Buffer.alloc(padding)]);
}

export const begin = ({ keep = false, role = 1 } = {}) => record(BEGIN, Buffer.from([0, role, keep ? 1 : 0, 0, 0, 0, 0, 0]));

const size = (n) => {
	if (n < 128) return Buffer.from([n]);
	const bytes = Buffer.alloc(4);
	bytes.writeUInt32BE((n | 0x80000000) >>> 0);
	return bytes;
};

export function pairs(list) {
	return Buffer.concat(list.flatMap(([name, value]) => {
		const n = Buffer.from(name), v = Buffer.from(value);
		return [size(n.length), size(v.length), n, v];
	}));
}

export function params(method, path, { query = '', extra = [], body = Buffer.alloc(0), without = [] } = {}) {
	const list = [
		['GATEWAY_INTERFACE', 'CGI/1.1'], ['SERVER_PROTOCOL', 'HTTP/1.1'], ['REQUEST_METHOD', method],
		['REQUEST_URI', path + (query && `?${query}`)], ['QUERY_STRING', query], ['SCRIPT_NAME', ''], ['PATH_INFO', path],
		['CONTENT_TYPE', body.length ? 'application/x-www-form-urlencoded' : ''], ['CONTENT_LENGTH', String(body.length || '')],
		['REQUEST_SCHEME', 'http'], ['SERVER_NAME', 'localhost'], ['SERVER_PORT', '80'], ['REMOTE_ADDR', '127.0.0.1'],
		['HTTP_HOST', 'localhost'], ...(method === 'POST' ? [['HTTP_ORIGIN', 'http://localhost']] : []),
	];
	return [...list.filter(([name]) => !without.includes(name)), ...extra];
}

/* Sends bytes to a socket and gives what came back once the other side is done or closes. */
export function exchange(path, bytes, { within_ms = 10000, half_close = false } = {}) {
	return new Promise((resolve, reject) => {
		const socket = net.connect(typeof path === 'number' ? { port: path, host: '127.0.0.1' } : { path });
		const pieces = [];
		AbortSignal.timeout(within_ms).addEventListener('abort', () => { socket.destroy(); reject(new Error('the portal stays silent')); });
		socket.on('connect', () => (half_close ? socket.end(bytes) : socket.write(bytes)));
		socket.on('data', (piece) => {
			pieces.push(piece);
			if (parse(Buffer.concat(pieces)).is_over) socket.end();
		});
		socket.on('error', () => {});
		socket.on('close', () => resolve(parse(Buffer.concat(pieces))));
	});
}

export function parse(bytes) {
	let at = 0, is_over = false;
	const out = [], err = [];
	while (at + 8 <= bytes.length) {
		const type = bytes[at + 1], length = bytes.readUInt16BE(at + 4), padding = bytes[at + 6];
		const content = bytes.subarray(at + 8, at + 8 + length);
		if (at + 8 + length > bytes.length) break;
		if (type === STDOUT) out.push(content);
		if (type === STDERR) err.push(content);
		if (type === END) is_over = true;
		at += 8 + length + padding;
	}
	const text = Buffer.concat(out).toString();
	const split = text.indexOf('\r\n\r\n');
	const head = split < 0 ? text : text.slice(0, split);
	const status = Number(head.match(/^Status: (\d+)/mi)?.[1] ?? (head ? 200 : 0));
	return { is_over, status, head, text: split < 0 ? '' : text.slice(split + 4), stderr: Buffer.concat(err).toString(), bytes };
}

/* One whole request. */
export function ask(path, method, target, { body = '', extra = [], query = '', without = [], ...options } = {}) {
	const bytes = Buffer.from(body);
	const list = pairs(params(method, target, { query, extra, body: bytes, without }));
	const stdin = [];
	for (let at = 0; at < bytes.length; at += 65535) stdin.push(record(STDIN, bytes.subarray(at, at + 65535)));
	return exchange(path, Buffer.concat([begin(), record(PARAMS, list), record(PARAMS), ...stdin, record(STDIN)]), options);
}
