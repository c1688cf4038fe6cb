/* bench.mjs: what the desk reaches beside what could be reached at all, in one table. `./dev bench` builds and runs
 * it; with BENCH_ROUNDS=1 it is quick and rough, with more it is calmer (5).
 *
 * Each figure and its floor are measured in turns (A B A B ...) in one run, on the same disk and behind the same
 * delivered nginx file, and the median of the rounds counts: whatever else the machine does then hits both. CPU is
 * that of the measured program alone, from /proc, without nginx and the client; RSS is its peak. Everything is
 * private: own ports, own directory under build/, no system service.
 *
 *   pages       GET of the form, a search, the list, an order, with 5,000 products and 100,000 orders, 64 connections
 *               of wrk; floor of each: hello.c, a bare libfcgi program whose page has the same size
 *   order       POST /orders to its 303, 64 clients (load.c), each form opened beforehand, the dispatcher at work
 *               against the sandbox as in production; floor: commits.c, one SQLite commit an order
 *               (where the disk syncs in well under a millisecond, see the floor's p50, orders are limited by the CPUs,
 *               which they share with nginx and the client; where it is slower, by how many share a commit)
 *   silence     four pages, 4 clients, while Runa answers nothing and 1,000 orders wait, and while it is idle
 *   lists       the pages that look at orders, 4 clients, with 100 orders in the ledger and with 100,000; and the whole
 *               of the latter as orders.csv
 *   browser     the first visit of the form in Chromium, and Lighthouse on each kind of page (as a slow telephone, which
 *               is its default) */
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Process } from '../support/process.mjs';
import { fill, number_of } from '../support/many.mjs';
import { BUILD } from '../support/sandbox.mjs';
import { Stage, TOP } from '../support/stage.mjs';
import { until } from '../support/until.mjs';
import { in_browser } from './browser.mjs';

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);
const CLIENTS = 64, THREADS = 16;
// libfcgi holds a thread for each connection that nginx keeps open.
const HELLO_THREADS = 64;
const WRK_S = 3, ORDERS = 6000;
const FEW_ORDERS = 100, MANY_ORDERS = 100000, LIST_PAGES = 1000, MANY_PRODUCTS = 5000;
const SEARCHES = ['amazonja', 'starlight markt', 'united kingdom', 'eur', 'zzzzzzzz', 'coffe bakry store play game cinema travel world'];
const FEW_CLIENTS = 4, PAGES = 2000, WAITING = 1000, SILENCE_S = 20, SILENCE_ROUNDS = 3, LIGHTHOUSE_ROUNDS = 3;
const FIELDS = 'product=AMZ-GB&face_value=10.00&currency=GBP&distribution=PAYOUT_LINK&email=&description=&action=place';
const SCHEMA = fs.readdirSync(path.join(TOP, 'src/ledger/schema')).filter((name) => name.endsWith('.sql')).sort()
	.map((name) => path.join(TOP, 'src/ledger/schema', name));
const AIMS = { form: 0.60, orders: 3, rss_kib: 40 * 1024, silence_us: 5000, list: 1.3, search_us: 20000, visit_requests: 4, visit_bytes: 60000, score: 98 };

/* As an operator gets it: the configuration's own defaults, and not the tests' quick ones. */
const AS_DELIVERED = { server: { threads: THREADS }, runa: { connect_timeout_ms: null, timeout_ms: null, retry_first_ms: null, retry_max_ms: null,
	give_up_after_s: null, orders_per_minute: null } };

/* The portal's log goes to a file and not through this process, which would take CPU from what is measured. */
const LOGGED = { wrap: ['sh', '-c', 'exec "$0" "$@" >"${2%/*}/portal.log" 2>&1'] };

const program = (name) => path.join(BUILD, 'tests/bench', name);
const note = (text) => process.stderr.write(`bench: ${text}\n`);

function median(values) {
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[Math.floor((sorted.length - 1) / 2)];
}

/* The median of each figure. */
const medians = (rounds) => Object.fromEntries(Object.keys(rounds[0]).map((name) => [name, median(rounds.map((round) => round[name]))]));

/* ---- measuring ---------------------------------------------------------------------------------------- */

const TICKS_PER_S = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

function cpu_us(pid) {
	const fields = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ');
	return (Number(fields[11]) + Number(fields[12])) * 1e6 / TICKS_PER_S;
}

const rss_kib = (pid, what = 'VmHWM') => Number(fs.readFileSync(`/proc/${pid}/status`, 'utf8').match(new RegExp(`${what}:\\s+(\\d+)`))[1]);

function output_of(command, args) {
	return new Promise((resolve, reject) => {
		const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
		let text = '';
		child.stdout.setEncoding('utf8').on('data', (piece) => { text += piece; });
		child.on('error', reject);
		child.on('close', (code) => (code === 0 ? resolve(text) : reject(new Error(`${command} ${args.join(' ')}: ${code}`))));
	});
}

/* { answers, took_us, p50_us, p99_us }, and the watched process's CPU an answer. */
async function watched(pid, work) {
	const before = cpu_us(pid);
	const seen = await work();
	const cpu = cpu_us(pid) - before;
	return { rate: seen.answers * 1e6 / seen.took_us, p50_us: seen.p50_us, p99_us: seen.p99_us,
		cpu_s: cpu / 1e6, cpu_each_us: cpu / seen.answers, rss_kib: rss_kib(pid) };
}

const load = async (...args) => JSON.parse(await output_of(program('load'), args.map(String)));

function in_us(text) {
	const [, number, unit] = text.match(/^([\d.]+)(us|ms|s|m)$/) ?? [];
	if (!unit) throw new Error(`wrk says ${text}`);
	return Number(number) * { us: 1, ms: 1e3, s: 1e6, m: 6e7 }[unit];
}

async function wrk(url) {
	const text = await output_of('wrk', ['-t2', `-c${CLIENTS}`, `-d${WRK_S}s`, '--latency', url]);
	if (/Non-2xx|Socket errors/.test(text)) throw new Error(`wrk: ${text}`);
	const [, answers, took] = text.match(/(\d+) requests in ([\d.]+s)/);
	return { answers: Number(answers), took_us: in_us(took), p50_us: in_us(text.match(/^ +50%\s+(\S+)/m)[1]), p99_us: in_us(text.match(/^ +99%\s+(\S+)/m)[1]) };
}

/* ---- the measurements --------------------------------------------------------------------------- */

/* A page beside a hello of its very size, in turns. */
async function beside_hello(floor, desk, name, target) {
	const size = Buffer.byteLength((await desk.client.get(target)).text);
	const hello = new Process('hello', program('hello'), [floor.socket, String(HELLO_THREADS), String(size)]);
	const rounds = { desk: [], floor: [] };
	await until('hello answers', async () => Buffer.byteLength((await floor.client.get('/')).text) === size);
	for (let round = 0; round < ROUNDS; round++) {
		note(`${name}, round ${round + 1} of ${ROUNDS}`);
		rounds.floor.push(await watched(hello.pid, () => wrk(floor.url('/'))));
		rounds.desk.push(await watched(desk.portal.pid, () => wrk(desk.url(target))));
	}
	await hello.kill();
	return { size, desk: medians(rounds.desk), floor: medians(rounds.floor) };
}

/* The pages of a desk as a large company has it, and how long its searches take when few ask. */
async function pages(t) {
	const desk = await filled_desk(t, MANY_ORDERS, { args: ['--products', String(MANY_PRODUCTS)] });
	const floor = await Stage.open(t, { sandbox: false, portal: false });
	const targets = {
		'form page': '/orders/new', 'form page, product picked': '/orders/new?product=AMZ-GB',
		'search (JSON)': '/products.json?q=amazonja', 'search (page)': '/products?q=amazonja',
		'list': '/orders', 'order page': `/orders/${number_of(MANY_ORDERS / 2)}`,
	};
	const seen = {}, searches = [];
	for (const [name, target] of Object.entries(targets)) seen[name] = await beside_hello(floor, desk, name, target);
	for (const words of SEARCHES)
		searches.push(await load(desk.port, 1, 'get', `/products.json?q=${encodeURIComponent(words)}`, LIST_PAGES));
	return { seen, slowest_search_us: Math.max(...searches.map(({ p99_us }) => p99_us)) };
}

async function orders(t) {
	const desk = await Stage.open(t, { config: AS_DELIVERED, ...LOGGED });
	const rounds = { desk: [], floor: [] };
	const forms = path.join(desk.dir, 'forms');
	for (let round = 0; round < ROUNDS; round++) {
		note(`orders, round ${round + 1} of ${ROUNDS}`);
		await load(desk.port, CLIENTS, 'forms', forms, ORDERS, FIELDS);
		const floor = JSON.parse(await output_of(program('commits'), [path.join(desk.dir, 'floor.db'), String(ORDERS), ...SCHEMA]));
		rounds.floor.push({ rate: floor.answers * 1e6 / floor.took_us, p50_us: floor.p50_us, p99_us: floor.p99_us,
			cpu_s: floor.cpu_us / 1e6, cpu_each_us: floor.cpu_us / floor.answers, rss_kib: floor.rss_kib });
		rounds.desk.push(await watched(desk.portal.pid, async () => {
			const seen = await load(desk.port, CLIENTS, 'post', forms, ORDERS);
			if (seen.places !== ORDERS) throw new Error(`${ORDERS} forms made ${seen.places} orders`);
			return seen;
		}));
	}
	const [{ stored }] = await desk.rows('SELECT count(*) AS stored FROM orders');
	if (stored !== ROUNDS * ORDERS) throw new Error(`${ROUNDS * ORDERS} orders were accepted, ${stored} are stored`);
	return { desk: medians(rounds.desk), floor: medians(rounds.floor) };
}

/* 1,000 orders are posted; `silent` says whether they wait for answers that don't come, or have all been bought. */
async function place_many(desk, silent) {
	const forms = path.join(desk.dir, 'forms');
	await load(desk.port, CLIENTS, 'forms', forms, WAITING, FIELDS);
	if (silent) await desk.sandbox.fault('POST', '/v2/order', { kind: 'none', delay_ms: SILENCE_S * 1000 }, { times: 0 });
	await load(desk.port, CLIENTS, 'post', forms, WAITING);
}

async function how_many_wait(desk) {
	return (await desk.rows("SELECT count(*) AS waiting FROM attempts WHERE task <> 'none'"))[0].waiting;
}

async function silence(t) {
	/* Sends quickly, so that what waited is bought before the next round. */
	const desk = await Stage.open(t, { config: { ...AS_DELIVERED, runa: { ...AS_DELIVERED.runa, orders_per_minute: 60000 } }, ...LOGGED });
	const done = await desk.place();
	const pages = { form: '/orders/new', list: '/orders', overview: '/', order: `/orders/${done}` };
	const rounds = Object.fromEntries(Object.keys(pages).map((name) => [name, { idle: [], silent: [] }]));
	const look = async (when) => {
		for (const [name, target] of Object.entries(pages))
			rounds[name][when].push(await load(desk.port, FEW_CLIENTS, 'get', target, PAGES));
	};
	const all_bought = () => until('nothing waits', async () => (await how_many_wait(desk)) === 0, { within_ms: 3 * SILENCE_S * 1000, every_ms: 250 });

	await place_many(desk, false); // the list is as long in the first round as in the others
	await all_bought();
	for (let round = 0; round < Math.min(ROUNDS, SILENCE_ROUNDS); round++) {
		note(`silence, round ${round + 1} of ${Math.min(ROUNDS, SILENCE_ROUNDS)}`);
		await look('idle');
		const since = performance.now();
		await place_many(desk, true);
		await look('silent');
		const took_s = (performance.now() - since) / 1000, waiting = await how_many_wait(desk);
		if (took_s > SILENCE_S || waiting !== WAITING)
			throw new Error(`no silence: ${waiting} orders waited, and the pages took ${took_s.toFixed(1)} s`);
		await desk.sandbox.no_faults();
		await all_bought();
	}
	return Object.fromEntries(Object.entries(rounds).map(([name, found]) => [name, { idle: medians(found.idle), silent: medians(found.silent) }]));
}

async function filled_desk(t, count, sandbox = {}) {
	const desk = await Stage.open(t, { config: AS_DELIVERED, portal: false, sandbox, ...LOGGED });
	await fill(desk, count);
	await desk.start_portal();
	await desk.ready();
	return desk;
}

async function lines_of(url) {
	let lines = 0;
	for await (const piece of (await fetch(url)).body)
		for (let at = piece.indexOf(10); at >= 0; at = piece.indexOf(10, at + 1)) lines++;
	return lines;
}

/* The same pages with few orders and with many, in turns; an order of the middle, a search that finds nothing. */
async function lists(t) {
	const desks = { few: await filled_desk(t, FEW_ORDERS), many: await filled_desk(t, MANY_ORDERS) };
	const counts = { few: FEW_ORDERS, many: MANY_ORDERS };
	const pages = {
		'list': () => '/orders', 'list of a status': () => '/orders?status=completed', 'list of a person': () => '/orders?by=alice',
		'order found by recipient': () => '/orders?q=person70@example.org', 'order': (count) => `/orders/${number_of(count / 2)}`, 'overview': () => '/',
	};
	const rounds = Object.fromEntries(Object.keys(pages).map((name) => [name, { few: [], many: [] }]));
	const files = [];
	for (let round = 0; round < Math.min(ROUNDS, SILENCE_ROUNDS); round++) {
		note(`lists, round ${round + 1} of ${Math.min(ROUNDS, SILENCE_ROUNDS)}`);
		for (const [name, target] of Object.entries(pages))
			for (const size of ['few', 'many'])
				rounds[name][size].push(await load(desks[size].port, FEW_CLIENTS, 'get', target(counts[size]), LIST_PAGES));
		const before_us = cpu_us(desks.many.portal.pid), since = performance.now();
		const lines = await lines_of(desks.many.url('/orders.csv'));
		if (lines !== MANY_ORDERS + 1) throw new Error(`orders.csv has ${lines} lines`);
		files.push({ rate: MANY_ORDERS / ((performance.now() - since) / 1000), cpu_each_us: (cpu_us(desks.many.portal.pid) - before_us) / MANY_ORDERS });
	}
	return { pages: Object.fromEntries(Object.entries(rounds).map(([name, found]) => [name, { few: medians(found.few), many: medians(found.many) }])),
		file: { ...medians(files), rss_kib: rss_kib(desks.many.portal.pid) } };
}

/* ---- the table ---------------------------------------------------------------------------------------- */

const count = (value) => Math.round(value).toLocaleString('en-GB');
const ms = (us) => (us / 1000).toFixed(us < 10000 ? 2 : 1);
const mib = (kib) => (kib / 1024).toFixed(1);
const verdict = (ok) => (ok ? 'reached' : 'MISSED');

function print_rows(head, rows) {
	const all = [head, ...rows], widths = head.map((_, i) => Math.max(...all.map((row) => row[i].length)));
	for (const row of all) console.log(row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  ').trimEnd());
	console.log();
}

const rate_row = (name, seen) => [name, count(seen.rate), ms(seen.p50_us), ms(seen.p99_us), seen.cpu_s.toFixed(2), count(seen.cpu_each_us), mib(seen.rss_kib)];

function print(page, order, quiet, list, browser) {
	const form = page.seen['form page'], form_share = form.desk.rate / form.floor.rate, order_share = order.desk.rate / order.floor.rate;
	const worst_kib = Math.max(order.desk.rss_kib, ...Object.values(page.seen).map(({ desk }) => desk.rss_kib));
	const slower_us = Math.max(...Object.values(quiet).map(({ idle, silent }) => silent.p99_us - idle.p99_us));

	console.log(`payoutdesk beside its floors: ${os.cpus().length} CPUs (${os.cpus()[0].model.trim()}), ${THREADS} threads, medians of ${ROUNDS} rounds, load ${os.loadavg()[0].toFixed(1)}\n`);
	print_rows(['', 'a second', 'p50 ms', 'p99 ms', 'CPU s', 'CPU us each', 'RSS MiB'], [
		rate_row(`orders, ${CLIENTS} clients`, order.desk),
		rate_row('  floor: one commit an order', order.floor),
	]);
	print_rows([`page, ${CLIENTS} clients, ${count(MANY_PRODUCTS)} products, ${count(MANY_ORDERS)} orders`, 'bytes', 'a second', 'hello', 'share', 'p99 ms', 'CPU us each'],
		Object.entries(page.seen).map(([name, { size, desk, floor }]) =>
			[`  ${name}`, count(size), count(desk.rate), count(floor.rate), `${(100 * desk.rate / floor.rate).toFixed(0)} %`, ms(desk.p99_us), count(desk.cpu_each_us)]));
	print_rows([`page, ${FEW_CLIENTS} clients`, 'p50 idle ms', 'Runa silent', 'p99 idle ms', 'Runa silent', 'p99 differs'], Object.entries(quiet).map(([name, { idle, silent }]) =>
		[`  ${name}`, ms(idle.p50_us), ms(silent.p50_us), ms(idle.p99_us), ms(silent.p99_us), ms(silent.p99_us - idle.p99_us)]));
	print_rows([`page, ${FEW_CLIENTS} clients`, `p50 of ${count(FEW_ORDERS)} ms`, `of ${count(MANY_ORDERS)}`, 'times', `p99 of ${count(FEW_ORDERS)} ms`, `of ${count(MANY_ORDERS)}`],
		Object.entries(list.pages).map(([name, { few, many }]) => [`  ${name}`, ms(few.p50_us), ms(many.p50_us), (many.p50_us / few.p50_us).toFixed(2), ms(few.p99_us), ms(many.p99_us)]));
	print_rows(['orders.csv', 'orders a second', 'CPU us each', 'RSS MiB'], [[`  ${count(MANY_ORDERS)} orders`, count(list.file.rate), list.file.cpu_each_us.toFixed(1), mib(list.file.rss_kib)]]);
	print_rows(['first visit of the form', 'bytes over the wire'], [...browser.visit.requests.map((one) => [`  ${one.path}`, count(one.bytes)]), ['  in all', count(browser.visit.bytes)]]);
	print_rows(['page in a browser (Lighthouse)', 'performance', 'accessibility', 'best practices'], browser.scores.map(({ name, scores }) => [`  ${name}`, ...Object.values(scores).map(String)]));
	for (const { name, lost } of browser.scores) for (const line of new Set(lost)) console.log(`  ${name}: ${line}`);
	const worst_score = Math.min(...browser.scores.flatMap(({ scores }) => Object.values(scores)));
	const list_times = list.pages.list.many.p50_us / list.pages.list.few.p50_us;
	print_rows(['aim', 'wanted', 'measured', ''], [
		['form page beside the hello', `>= ${AIMS.form * 100} %`, `${(form_share * 100).toFixed(0)} %`, verdict(form_share >= AIMS.form)],
		['orders beside one commit an order', `>= ${AIMS.orders} x`, `${order_share.toFixed(1)} x`, verdict(order_share >= AIMS.orders)],
		[`RSS with ${THREADS} threads`, `< ${mib(AIMS.rss_kib)} MiB`, `${mib(worst_kib)} MiB`, verdict(worst_kib < AIMS.rss_kib)],
		[`search among ${count(MANY_PRODUCTS)} products, p99 of the slowest words`, `< ${ms(AIMS.search_us)} ms`, `${ms(page.slowest_search_us)} ms`, verdict(page.slowest_search_us < AIMS.search_us)],
		[`list of ${count(MANY_ORDERS)} orders beside that of ${count(FEW_ORDERS)}`, `<= ${AIMS.list} x`, `${list_times.toFixed(2)} x`, verdict(list_times <= AIMS.list)],
		['p99 of other pages while Runa is silent', `+ ${ms(AIMS.silence_us)} ms`, `${slower_us < 0 ? '-' : '+'} ${ms(Math.abs(slower_us))} ms`, verdict(slower_us <= AIMS.silence_us)],
		['requests of the first visit of the form', `<= ${AIMS.visit_requests}`, `${browser.visit.requests.length}`, verdict(browser.visit.requests.length <= AIMS.visit_requests)],
		['its bytes over the wire', `<= ${count(AIMS.visit_bytes)}`, count(browser.visit.bytes), verdict(browser.visit.bytes <= AIMS.visit_bytes)],
		['its first paint without its script', 'yes', browser.visit.paints ? 'yes' : 'no', verdict(browser.visit.paints)],
		['Lighthouse, the least of each page and category', `>= ${AIMS.score}`, `${worst_score}`, verdict(worst_score >= AIMS.score)],
	]);
}

/* ---- one run ------------------------------------------------------------------------------------------ */

/* A stage ends with what it was opened for, as in the tests. */
async function staged(measure) {
	const ends = [];
	try {
		return await measure({ after: (end) => ends.push(end) });
	} finally {
		for (const end of ends.reverse()) await end();
	}
}

print(await staged(pages), await staged(orders), await staged(silence), await staged(lists),
	await staged((t) => in_browser(t, { rounds: Math.min(ROUNDS, LIGHTHOUSE_ROUNDS), note })));
