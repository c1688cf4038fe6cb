/* openapi.mjs: the maker's own description of the API as a judge of requests and answers. Not part of the project: where
 * the file is not there, the tests that need it are skipped. */
import fs from 'node:fs';
import path from 'node:path';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { TOP } from './stage.mjs';

export const OPENAPI = path.resolve(TOP, '../shared/runa-openapi.json');

/* Where the document contradicts its own words, its guides or what was recorded (runa-api 4, 6.6, 11): what it then says. */
const MENDED = {
	'PayoutDetails/properties/expiry_date': { type: ['string', 'null'], format: 'date-time' }, // its description says null
	'TransactionDetailEntry/properties/fx': { anyOf: [{ $ref: '#/components/schemas/TransactionDetailFXDetails' }, { type: 'null' }] },
	ProductDiscountMultiplier: { type: 'string', pattern: '^[0-9]+\\.[0-9]+$' }, // recorded: "0.0130", "0.0"
	BalanceForAccount: { type: 'string', pattern: '^[0-9]+(\\.[0-9]{2})?$' }, // the guide: "45000" for JPY
};

function mend(schemas) {
	for (const [place, schema] of Object.entries(MENDED)) {
		const names = place.split('/'), last = names.pop();
		names.reduce((at, name) => at[name], schemas)[last] = schema;
	}
}

export class OpenApi {
	constructor() {
		this.api = JSON.parse(fs.readFileSync(OPENAPI, 'utf8'));
		mend(this.api.components.schemas);
		this.ajv = new Ajv2020.default({ strict: false, allErrors: true });
		addFormats.default(this.ajv);
		this.ajv.addFormat('html', true);
		this.ajv.addFormat('decimal', /^-?\d+(\.\d+)?$/);
		this.judges = new Map();
		this.ajv.addSchema(this.api, 'api');
		this.paths = Object.keys(this.api.paths).map((template) => ({
			template, literal: !template.includes('{'),
			pattern: new RegExp(`^/v2${template.replace(/\{[^}]+\}/g, '[^/]+')}$`),
		})).sort((a, b) => b.literal - a.literal);
	}

	#deref(thing) { return thing.$ref ? thing.$ref.slice(2).split('/').reduce((at, name) => at[name], this.api) : thing; }

	/* A schema cut out of the document, compiled once; its references point into the document again. */
	#compiled(schema) {
		const text = JSON.stringify(schema);
		if (!this.judges.has(text)) this.judges.set(text, this.ajv.compile(JSON.parse(text.replaceAll('"$ref":"#/', '"$ref":"api#/'))));
		return this.judges.get(text);
	}

	/* The schema at a JSON pointer of the document, compiled once. */
	#judge(pointer, value) {
		const judge = this.ajv.getSchema(`api#${pointer}`) ?? this.ajv.compile({ $ref: `api#${pointer}` });
		return judge(value) ? [] : judge.errors.map((error) => `${error.instancePath || '/'} ${error.message} ${JSON.stringify(error.params)}`);
	}

	/* What is wrong with a request of the sandbox's log, and with its answer; [] where all is well. */
	judge(request) {
		const route = this.paths.find(({ pattern }) => pattern.test(request.path));
		const operation = route && this.api.paths[route.template][request.method.toLowerCase()];
		if (!operation) return [`${request.method} ${request.path} is not in the API`];
		const at = `/paths/${route.template.replaceAll('~', '~0').replaceAll('/', '~1').replaceAll('{', '%7B').replaceAll('}', '%7D')}/${request.method.toLowerCase()}`;
		return [...this.#judge_request(operation, at, request).map((bad) => `request: ${bad}`), ...this.judge_answer(request, operation).map((bad) => `answer ${request.status}: ${bad}`)];
	}

	#judge_request(operation, at, request) {
		const bad = [];
		const query = new URLSearchParams(request.query);
		const known = new Set();
		for (const parameter of [...(operation.parameters ?? [])].map((one) => this.#deref(one))) {
			const value = parameter.in === 'header' ? request.headers[parameter.name.toLowerCase()] : parameter.in === 'query' ? query.get(parameter.name) : undefined;
			if (parameter.in === 'query') known.add(parameter.name);
			if (parameter.in === 'path') continue;
			if (value === undefined || value === null) { if (parameter.required) bad.push(`${parameter.name} is missing`); continue; }
			const schema = this.#deref(parameter.schema ?? {});
			const typed = schema.type === 'integer' ? Number(value) : schema.type === 'boolean' ? value === 'true' : value;
			const judge = this.#compiled(schema);
			if (!judge(typed)) bad.push(`${parameter.name}=${value}: ${this.ajv.errorsText(judge.errors)}`);
		}
		for (const name of query.keys()) if (!known.has(name)) bad.push(`the query parameter ${name} is not in the API`);
		if (request.headers['x-api-key'] === undefined) bad.push('no API key');
		if (operation.requestBody) {
			if (!/^application\/json/.test(request.headers['content-type'] ?? '')) bad.push('the body is not sent as JSON');
			bad.push(...this.#judge(`${at}/requestBody/content/application~1json/schema`, JSON.parse(Buffer.from(request.body_base64, 'base64').toString())));
		} else if (request.body_base64) {
			bad.push('a body that nobody asked for');
		}
		return bad;
	}

	judge_answer(request, operation) {
		const answer = operation.responses[String(request.status)];
		if (!answer) return [];
		if (request.response_cut) return [];
		const schema = this.#deref(answer).content?.['application/json']?.schema;
		if (!schema) return [];
		const judge = this.#compiled(schema);
		const body = JSON.parse(Buffer.from(request.response_base64, 'base64').toString());
		return judge(body) ? [] : judge.errors.map((error) => `${error.instancePath || '/'} ${error.message} ${JSON.stringify(error.params)}`);
	}
}
