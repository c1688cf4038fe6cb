/* Bad input: requests and forms that are wrong in one way each. Always a clear answer of the 4xx kind; never a crash, a
 * hang, or a call to Runa. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { raw } from '../support/client.mjs';
import * as fcgi from '../support/fcgi.mjs';
import { check_upstream, LINK, MAIL, Stage } from '../support/stage.mjs';

/* What the form refuses: [field, value, why]. 422, the field named, the value kept, the same form usable after. */
const values = [
	['face_value', '1e3', 'an exponent'], ['face_value', '0x10', 'hexadecimal'], ['face_value', '10,00', 'a comma'], ['face_value', '10.001', 'three decimals'],
	['face_value', '-0', 'minus nothing'], ['face_value', '-5', 'negative'], ['face_value', '+5', 'a plus'], ['face_value', '1' + '0'.repeat(30), '10^30'],
	['face_value', '9'.repeat(18), 'over any range'], ['face_value', '92233720368547758.08', 'over int64 in minor units'], ['face_value', '18446744073709551616', '2^64'],
	['face_value', '1 000', 'a blank inside'], ['face_value', '.5', 'no digit before the point'], ['face_value', '5.', 'no digit after the point'], ['face_value', '', 'empty'],
	['face_value', '   ', 'blanks'], ['face_value', 'ten', 'a word'], ['face_value', '१०', 'digits of another script'], ['face_value', '１０', 'wide digits'], ['face_value', 'NaN', 'NaN'],
	['face_value', 'Infinity', 'Infinity'], ['face_value', '1/2', 'a fraction'], ['face_value', '10%', 'a percentage'], ['face_value', '£10', 'a currency sign'],
	['face_value', '0', 'zero'], ['face_value', '0.00', 'zero in decimals'], ['face_value', '0.001', 'below the smallest unit'], ['face_value', '100000', 'above the range'],
	['face_value', '1.2.3', 'two points'], ['face_value', '--5', 'two signs'], ['face_value', '10;DROP TABLE orders', 'SQL'], ['face_value', "10' OR '1'='1", 'more SQL'],
	['product', '', 'no product'], ['product', 'NO-SUCH', 'an unknown product'], ['product', 'GLD-GB', 'not on sale'], ['product', 'amz-gb\u0301', 'another letter'], ['product', 'x'.repeat(4000), 'a very long code'],
	['product', '../../etc/passwd', 'a path'], ['product', '{{NAME}}', 'a template marker'], ['product', '%00', 'a percent'],
	['currency', '', 'no currency'], ['currency', 'EUR', 'foreign exchange'], ['currency', 'XXX', 'an unknown currency'], ['currency', 'gb', 'two letters'], ['currency', 'GBPX', 'four letters'],
	['distribution', '', 'no distribution'], ['distribution', 'SMS', 'an unknown distribution'], ['distribution', 'email', 'other letters'],
	['description', 'x'.repeat(101), '101 letters'], ['description', 'x'.repeat(4097), '4,097 letters'], ['product', 'x'.repeat(60000), 'a whole form of code'], ['description', 'é'.repeat(101), '101 two-byte letters'], ['description', 'a\nb', 'a line break'], ['description', 'a\u0007b', 'a bell'],
	['description', 'for \u202eeciLA', 'an override of direction'], ['description', '\u2066for Bob\u2069', 'an isolate'], ['description', 'a\u200bb', 'a blank without width'], ['product', 'AMZ\u200b-GB', 'a blank without width'],
];
const mails = ['', 'nobody', '@domain.invalid', 'a@', 'a b@domain.invalid', 'a@domain.invalid\nBcc: b@domain.invalid', 'a@domain.invalid, b@domain.invalid', 'ä@domain.invalid',
	`${'a'.repeat(250)}@domain.invalid`, 'a@@domain.invalid', '<a@domain.invalid>', 'a@domain..invalid', '"a b"@domain.invalid', '\u202ea@domain.invalid', 'a@domain.invalid\u200b'];

describe('bad input', () => {
	let stage, form;
	const fake = { after: (close) => { fake.close = close; } };
	before(async () => { stage = await Stage.open(fake); form = (await stage.client.form()).fill(LINK); });
	after(async () => {
		await check_upstream(stage, 0);
		assert.equal((await stage.rows('SELECT count(*) AS n FROM orders'))[0].n, 0);
		assert.ok(stage.portal.is_alive);
		await fake.close();
	});

	for (const [field, value, why] of values) {
		it(`${field} ${why} is refused beside its field, and nothing typed is lost`, async () => {
			const answer = await form.copy().fill({ [field]: value }).send(stage.client);
			assert.equal(answer.status, 422, answer.words.slice(0, 300));
			const back = answer.form('/orders');
			assert.equal(back.fields.get('token'), form.fields.get('token'), 'the form keeps its key');
			if (!/[\n\u0007]/.test(value) && field !== 'distribution') assert.equal(back.fields.get(field), value);
			const summary = answer.doc.querySelectorAll('a').map((a) => a.getAttribute('href'));
			assert.ok(summary.includes(`#${field}`), `the summary links to ${field}`);
			assert.ok(answer.doc.querySelector(`#${field}[aria-invalid]`) || field === 'distribution', 'the field is marked');
			assert.ok(answer.doc.querySelector(`#${field}-error`), 'the error stands beside it');
		});
	}

	for (const email of mails) {
		it(`e-mail address '${email.slice(0, 30).replace(/\n/g, '\\n')}' is refused`, async () => {
			const answer = await form.copy().fill({ ...MAIL, email }).send(stage.client);
			assert.equal(answer.status, 422);
			assert.ok(answer.doc.querySelectorAll('a').some((a) => a.getAttribute('href') === '#email'));
		});
	}

	it('an address where a link was asked for is refused', async () => {
		assert.equal((await form.copy().fill({ email: 'a@domain.invalid' }).send(stage.client)).status, 422);
	});

	const body = (change) => form.body.replace(/$/, change);
	const post = (text, headers) => stage.client.post('/orders', text, headers);
	/* Bodies that are no form: [what, body, status]. */
	for (const [what, make, status] of [
		['a field twice', () => body('&face_value=10.00'), 400], ['the token twice', () => body(`&token=${encodeURIComponent(form.fields.get('token'))}`), 400],
		['the action twice', () => body('&action=place&action=place'), 400], ['a NUL in a value', () => body('&x=a%00b'), 400], ['a NUL in a name', () => body('&x%00y=a'), 400],
		['broken UTF-8', () => body('&x=%C3%28'), 400], ['a lone surrogate', () => body('&x=%ED%A0%80'), 400], ['an overlong slash', () => body('&x=%C0%AF'), 400], ['bytes beyond UTF-8', () => body('&x=%FF%FE'), 400],
		['half an escape', () => body('&x=%4'), 400], ['no hex escape', () => body('&x=%zz'), 400], ['a raw NUL', () => `${form.body}&x=\0`, 400], ['an empty name', () => body('&=x'), 400],
		['201 fields', () => body(Array.from({ length: 201 }, (_, i) => `&f${i}=1`).join('')), 413], ['a name of 100 bytes', () => body(`&${'n'.repeat(100)}=1`), 400],
		['70,000 bytes', () => body(`&x=${'v'.repeat(70000)}`), 413], ['nothing', () => '', 403],
		['JSON', () => JSON.stringify(LINK), 400], ['an unknown action', () => form.body.replace('action=place', 'action=steal'), 400], ['ampersands', () => '&'.repeat(150), 400],
	]) {
		it(`a body with ${what} is ${status}`, async () => {
			const answer = await post(make());
			assert.equal(answer.status, status, answer.words.slice(0, 200));
			assert.ok(answer.doc.querySelector('h1'), 'as a page of the desk');
		});
	}

	for (const [what, type] of [['multipart', 'multipart/form-data; boundary=x'], ['JSON', 'application/json'], ['text', 'text/plain'], ['no type', ''], ['another charset', 'application/x-www-form-urlencoded; charset=utf-16']]) {
		it(`a form sent as ${what} is 415`, async () => {
			assert.equal((await post(form.body, { 'Content-Type': type })).status, 415);
		});
	}

	/* [what, method, path, status] */
	for (const [what, method, path, status] of [
		['an unknown path', 'GET', '/nowhere', 404], ['an order that is not there', 'GET', '/orders/AAAAAAAAAAAAAAAAAAAA', 404], ['a number that is none', 'GET', '/orders/%27--', 404], ['its JSON', 'GET', '/orders/nope.json', 404],
		['a PUT', 'PUT', '/orders', 405], ['a DELETE', 'DELETE', '/orders/new', 405], ['a PATCH', 'PATCH', '/', 405], ['a POST to a page', 'POST', '/orders/new', 405], ['a GET of a form target', 'GET', '/orders/x/retry', 405],
		['an OPTIONS', 'OPTIONS', '/orders', 405], ['an encoded slash', 'GET', '/orders%2fnew', 400], ['an encoded NUL', 'GET', '/orders/%00', 400], ['broken UTF-8 in the path', 'GET', '/orders/%ff', 400],
		['half an escape in the path', 'GET', '/orders/%4', 400], ['two slashes', 'GET', '//orders', 404], ['dots', 'GET', '/orders/../orders', 404], ['encoded dots', 'GET', '/orders/%2e%2e/', 404],
		['a parameter twice', 'GET', '/orders?status=placing&status=failed', 400], ['broken UTF-8 in the query', 'GET', '/orders?status=%C3%28', 400], ['a NUL in the query', 'GET', '/orders?q=%00', 400],
		['9,000 bytes of query', 'GET', `/orders?q=${'x'.repeat(9000)}`, 414], ['1,100 bytes of path', 'GET', `/${'x'.repeat(1100)}`, 414], ['an unknown status in the filter', 'GET', '/orders?status=lost', 400],
		['a page cursor that is rubbish', 'GET', '/orders?page=rubbish', 400], ['walking out of static', 'GET', '/static/../../etc/passwd', 404], ['walking out, encoded', 'GET', '/static/..%2f..%2fetc%2fpasswd', 400],
	]) {
		it(`${what} (${method} ${path.slice(0, 40)}) is ${status}`, async () => {
			const answer = await raw(stage.port, `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1:${stage.port}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
			assert.ok(!answer.is_late, 'no hang');
			const all = [status].concat(what.includes('static') || /[%.]|^\/\//.test(path) ? [400, 404] : []).concat(status === 400 && path.includes('page=') ? [422] : []).concat(status === 414 ? [400, 414] : []);
			assert.ok(all.includes(answer.status), `${answer.status}: ${answer.text.slice(0, 200)}`);
			if (answer.status === 405) assert.match(answer.text, /^Allow: /mi);
		});
	}

	/* Requests that no browser makes: nginx refuses them, but for blank lines, at which it closes without a word. */
	const host = () => `Host: 127.0.0.1:${stage.port}\r\n`;
	for (const [what, make] of [
		['no request line', () => '\r\n\r\n\r\n'], ['rubbish', () => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n'], ['no host', () => 'GET /orders HTTP/1.1\r\n\r\n'], ['two hosts', () => `GET / HTTP/1.1\r\n${host()}Host: evil\r\n\r\n`],
		['two lengths', () => `POST /orders HTTP/1.1\r\n${host()}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!`], ['length and chunks', () => `POST /orders HTTP/1.1\r\n${host()}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
		['a negative length', () => `POST /orders HTTP/1.1\r\n${host()}Content-Length: -1\r\n\r\n`], ['a length in hex', () => `POST /orders HTTP/1.1\r\n${host()}Content-Length: 0x10\r\n\r\n`], ['broken chunks', () => `POST /orders HTTP/1.1\r\n${host()}Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n`],
		['a header of 40 KiB', () => `GET /orders HTTP/1.1\r\n${host()}X: ${'x'.repeat(40000)}\r\n\r\n`], ['HTTP/9', () => `GET / HTTP/9.9\r\n${host()}\r\n`], ['a blank in the path', () => `GET /orders /new HTTP/1.1\r\n${host()}\r\n`], ['a NUL in a header', () => `GET /orders HTTP/1.1\r\n${host()}X: a\0b\r\n\r\n`],
	]) {
		it(`through nginx: ${what} is refused`, async () => {
			const answer = await raw(stage.port, make(), { half_close: true });
			assert.ok(!answer.is_late);
			if (what === 'no request line') return assert.equal(answer.status, 0);
			assert.ok((answer.status >= 400 && answer.status < 500) || [501, 505].includes(answer.status), `${what}: ${answer.status} ${answer.text.slice(0, 200)}`);
		});
	}

	/* Straight to the portal: parameters that no web server would set. */
	for (const [what, options, statuses] of [
		['two request URIs', { extra: [['REQUEST_URI', '/orders/new']] }, [400]], ['two methods', { extra: [['REQUEST_METHOD', 'POST']] }, [400]], ['two query strings', { extra: [['QUERY_STRING', 'a=b']] }, [200, 400]],
		['no method', { without: ['REQUEST_METHOD'] }, [400]], ['a URI without a slash', { without: ['REQUEST_URI'], extra: [['REQUEST_URI', 'orders']] }, [400, 404]],
		['a whole address as URI', { without: ['REQUEST_URI'], extra: [['REQUEST_URI', 'http://evil/orders']] }, [400, 404]], ['a control character in the URI', { without: ['REQUEST_URI'], extra: [['REQUEST_URI', '/orders\n']] }, [400]],
		['10,000 parameters', { extra: Array.from({ length: 10000 }, (_, i) => [`X${i}`, 'y']) }, [0, 200, 400, 431]], ['a parameter of 60 KiB', { extra: [['HTTP_X', 'y'.repeat(60000)]] }, [0, 200, 400]],
	]) {
		it(`straight to the portal: ${what} is no crash`, async () => {
			const answer = await fcgi.ask(stage.socket, 'GET', '/orders', options);
			assert.ok(statuses.includes(answer.status), `${answer.status} ${answer.head}`);
			assert.ok(stage.portal.is_alive);
		});
	}

	it('a HEAD is answered like its GET, without the body', async () => {
		const head = await raw(stage.port, `HEAD /orders/new HTTP/1.1\r\n${host()}Connection: close\r\n\r\n`);
		assert.equal(head.status, 200);
		assert.equal(head.text.split('\r\n\r\n')[1], '');
	});

	it('every answer has the security headers', async () => {
		for (const [method, path] of [['GET', '/'], ['GET', '/orders'], ['GET', '/orders/new'], ['GET', '/nowhere'], ['PUT', '/orders'], ['POST', '/orders'], ['GET', '/healthz'], ['GET', '/orders/x.json']]) {
			const { headers } = await stage.client.request(method, path);
			const csp = headers['content-security-policy'];
			assert.ok(csp, `${method} ${path}`);
			assert.doesNotMatch(csp, /unsafe-/);
			assert.match(csp, /frame-ancestors 'none'/);
			assert.equal(headers['referrer-policy'], 'no-referrer');
			assert.equal(headers['x-content-type-options'], 'nosniff');
			// The form is kept for Back, on purpose: fetched anew it would have a fresh key under what was typed.
			if (path === '/orders/new') assert.equal(headers['cache-control'], 'private, no-cache');
			else if (!path.includes('healthz')) assert.match(headers['cache-control'], /no-store/, path);
		}
	});

});
