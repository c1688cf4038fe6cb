/* The papers are true: every command of README, CONTRIBUTING, doc/ and the manual pages is read from the paper and run;
 * every setting, page, log event and error is in its place; the units of systemd start the portal as they say. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it, test } from 'node:test';
import { apply_diff, blocks, BUILD, commands, KNOWN, Machine, papers, PORTAL, programs, read, run_to_end, TOP } from '../support/papers.mjs';
import { Process, run } from '../support/process.mjs';
import { check_upstream, free_port, Stage } from '../support/stage.mjs';
import { until } from '../support/until.mjs';

const MANUALS = ['doc/payoutdesk.8', 'doc/payoutdesk-sandbox.1'];
const CONF_PAGE = path.join(BUILD, 'doc/payoutdesk.conf.5');
const has = (program) => process.env.PATH.split(':').some((folder) => fs.existsSync(path.join(folder, program)));
const matches = (text, pattern) => [...text.matchAll(pattern)].map((match) => match[1]);
const sources = (folder) => fs.readdirSync(path.join(TOP, folder), { recursive: true, withFileTypes: true })
	.filter((entry) => entry.isFile() && /\.cc?$/.test(entry.name)).map((entry) => path.join(entry.parentPath ?? entry.path, entry.name));

/* ---- what the papers list is what there is ------------------------------------------------------------------------ */

/* [section, name, is it offered?] of each row of config_table.c. */
function settings() {
	const table = read('src/config_table.c').match(/config_keys\[\] = \{\n(.*?)\n\};/s)[1];
	return [...table.matchAll(/^\t\{ "(\w+)", "([\w.]+)",(.*?)\},$/gms)].map(([, section, name, rest]) => ({ section, name, is_offered: !rest.includes('CONFIG_NOT_BUILT') }));
}

test('every setting is in payoutdesk.conf(5), and every one that is offered in the delivered file', () => {
	const page = fs.readFileSync(CONF_PAGE, 'utf8'), delivered = read('deploy/payoutdesk.conf');
	assert.ok(settings().length > 35, 'the table was read');
	for (const { section, name, is_offered } of settings()) {
		const of_section = page.split(`.Ss [${section}]\\&`)[1]?.split(/^\.S[sh] /m)[0] ?? '';
		assert.ok(of_section.includes(`.It Ic ${name.replace(/\.$/, '.CUR')}\n`), `[${section}] ${name} is in the manual page`);
		const of_file = delivered.split(`[${section}]`)[1]?.split(/^\[/m)[0] ?? '';
		if (is_offered) assert.match(of_file, new RegExp(`^#?${name.replace('.', '\\.')}(\\w+)? =`, 'm'), `[${section}] ${name} is in deploy/payoutdesk.conf`);
	}
});

test('the manual pages are clean', { skip: !has('mandoc') && 'there is no mandoc' }, async () => {
	for (const page of [...MANUALS.map((name) => path.join(TOP, name)), CONF_PAGE]) {
		const { output } = await run('mandoc', ['-T', 'lint', page]);
		assert.deepEqual(output.split('\n').filter((line) => line && !/referenced manual not found|outdated mandoc.db|lacks mandoc.db/.test(line)), [], page);
	}
});

test('the manual page and --help name the same commands and options', async () => {
	const help = (await run(PORTAL, ['--help'])).output, page = read('doc/payoutdesk.8');
	const offered = matches(help, /^ {2}([a-z][a-z-]+)\s/gm);
	assert.ok(offered.length >= 6);
	assert.deepEqual(matches(page.split('.Sh COMMANDS')[1].split('.Sh')[0], /^\.It Ic ([a-z-]+)/gm), offered);
	const sandbox = (await run(path.join(BUILD, 'payoutdesk-sandbox'), ['--help'])).output;
	for (const option of matches(sandbox, /--([a-z-]+)/g)) assert.ok(read('doc/payoutdesk-sandbox.1').includes(`Fl -${option}`), `--${option}`);
});

test('the reference names every page, every log event and every name of the JSON', () => {
	const text = read('doc/reference.md');
	const routes = matches(read('src/pages/routes.c'), /^\t\{ (WEB_\w+, "[^"]+")/gm).map((row) => row.match(/WEB_(\w+), "([^"]+)"/));
	assert.ok(routes.length > 8);
	const missing = routes.map(([, method, target]) => `${method} ${target.replace('{ID}', 'ID')}`).filter((row) => !text.includes(`| \`${row}\` |`));
	const events = new Set();
	for (const file of sources('src')) {
		const code = fs.readFileSync(file, 'utf8');
		for (const event of [...matches(code, /log_line\([^"(),]+, "(\w+)"/g), ...matches(code, /log_person\(\w+, \w+, "(\w+)"/g), ...matches(code, /writer_break\(\w+, "(\w+)"/g)]) events.add(event);
	}
	assert.ok(events.size > 50);
	for (const event of events) if (!new RegExp(`^\\| .*\`${event}\``, 'm').test(text)) missing.push(`log event ${event}`);
	for (const name of matches(read('src/pages/order_json.c'), /put_(?:text|money|time)\(\w+, "(\w+)"/g)) if (!new RegExp(`\\b${name}\\b`).test(text)) missing.push(`JSON ${name}`);
	assert.deepEqual(missing, []);
});

test('every error has its row, with the page that shows it and a test that is there', async () => {
	const { code, output } = await run(path.join(TOP, 'tools/errors-doc'), ['--check']);
	assert.equal(code, 0, output);
});

test('every link of the papers leads somewhere', () => {
	const anchors = (name) => matches(read(name), /^#+ (.*)$/gm).map((title) => title.toLowerCase().replace(/[^\w\- ]/g, '').replaceAll(' ', '-'));
	for (const paper of papers) {
		for (const link of matches(read(paper).replace(/^```.*?^```$/gms, ''), /\]\(([^)]+)\)/g).filter((target) => !/^https?:/.test(target))) {
			const [file, anchor] = link.split('#'), target = file ? path.join(path.dirname(paper), file) : paper;
			assert.ok(fs.existsSync(path.join(TOP, target)), `${paper}: ${link}`);
			if (anchor) assert.ok(anchors(target).includes(anchor), `${paper}: there is no heading for ${link}`);
		}
	}
});

/* Where a package asks for 'latest' (a part of lighthouse does), npm writes that into the lock file anew: put the version
 * there that is installed, or the tests fail on the day on which a newer one comes out. */
test("the tests' lock file names versions alone, and no place they come from", () => {
	const lock = read('tests/package-lock.json');
	assert.doesNotMatch(lock, /": "(latest|next)"/);
	assert.doesNotMatch(lock, /"resolved"/);
});

test('each file has a licence, and its text is there', () => {
	const text = read('REUSE.toml');
	assert.match(text, /^version = 1$/m);
	assert.match(text, /path = "\*\*"/);
	for (const licence of matches(text, /SPDX-License-Identifier = "([^"]+)"/g)) assert.ok(fs.existsSync(path.join(TOP, 'LICENSES', `${licence}.txt`)), licence);
	assert.equal(read('LICENSE').split('\n').slice(4).join('\n'), read('LICENSES/MIT.txt').split('\n').slice(4).join('\n'));
});

/* ---- every command of every paper --------------------------------------------------------------------------------- */

describe('every command of every paper runs', () => {
	let dir, installed, stage, number;
	const fake = { after: (close) => { fake.close = close; } };

	before(async () => {
		dir = fs.mkdtempSync(path.join(os.tmpdir(), 'papers-'));
		const made = await run_to_end('make', ['-C', BUILD, '-s', 'install', `DESTDIR=${dir}/installed`]);
		assert.equal(made.code, 0, made.output);
		installed = path.join(dir, 'installed/usr/local');
		stage = await Stage.open(fake);
		number = await stage.place();
	});
	after(async () => {
		await fake.close?.();
		fs.rmSync(dir, { recursive: true, force: true });
	});

	const live = () => [[/http:\/\/localhost:8080/g, `http://127.0.0.1:${stage.port}`], [/http:\/\/localhost:8081/g, `http://127.0.0.1:${stage.sandbox.port}`], [/\bNUMBER\b/g, number], [/^curl /, 'curl --fail '],
		[/\bmake -C build install\b/g, `make -C ${BUILD} -s install DESTDIR=$root`]];

	/* `./dev VERB`: the verb is there. It is run where the build is dev's own, and where it ends by itself. */
	async function dev(line) {
		const [, verb, word] = line.match(/^\.\/dev (\w+) ?(\w*)$/);
		const usage = await run_to_end('./dev', ['help']);
		assert.match(usage.output, new RegExp(`\\./dev ${verb}\\b`));
		assert.ok(!word || verb === 'test');
		if (verb === 'build' && path.dirname(BUILD) === TOP) assert.equal((await run_to_end('./dev', ['build'])).code, 0);
		if (verb === 'run' && BUILD === path.join(TOP, 'build')) await dev_run();
	}

	/* With the sandbox, and with another address of Runa. Ctrl-C ends all of it: nothing listens any more. */
	async function dev_run() {
		for (const other of [{}, { RUNA_BASE_URL: `http://127.0.0.1:${stage.sandbox.port}/v2`, RUNA_API_KEY_FILE: stage.key_file }]) {
			const port = await free_port(), sandbox_port = await free_port();
			const desk = new Process('dev run', path.join(TOP, 'dev'), ['run'], { env: { PAYOUTDESK_PORT: String(port), PAYOUTDESK_SANDBOX_PORT: String(sandbox_port), ...other } });
			try {
				await desk.says(/payoutdesk runs on/, { within_ms: 60000 });
				assert.match(desk.output, new RegExp(`orders go to ${other.RUNA_BASE_URL ?? `http://127.0.0.1:${sandbox_port}/v2`};`));
				assert.equal((await fetch(`http://127.0.0.1:${port}/`)).status, 200);
				if (other.RUNA_BASE_URL) await assert.rejects(fetch(`http://127.0.0.1:${sandbox_port}/_sandbox/state`), 'there is no sandbox then');
			} finally {
				await desk.stop('SIGINT');
				fs.rmSync(path.join(BUILD, `run-${port}`), { recursive: true, force: true });
			}
			for (const one of [port, sandbox_port]) await assert.rejects(fetch(`http://127.0.0.1:${one}/`), `nothing listens on ${one} any more`);
		}
	}

	async function run_line(machine, line) {
		for (const program of programs(line)) assert.ok(KNOWN.includes(program), `it is not known how to run '${program}': ${line}`);
		if (line.startsWith('./dev ') && !line.includes('&&')) { await dev(line); return; }
		const rest = line.replace(/^\.\/dev build && /, '').replace('$root', machine.root);
		if (rest !== line && line.startsWith('./dev')) await dev('./dev build');
		const { code, output } = await machine.run(rest.replace(/ # fails$/, ''));
		if (line.endsWith('# fails')) assert.notEqual(code, 0, `it passes: ${line}`);
		else assert.equal(code, 0, `${line}\n${output}`);
	}

	for (const paper of [...papers, ...MANUALS].filter((name) => name !== 'CONTRIBUTING.md' && commands(name).length > 0)) {
		it(`${paper}: ${commands(paper).length} commands`, async () => {
			const is_from_nothing = commands(paper).some((line) => /\binstall\b.*payoutdesk\.conf$/.test(line) && line.includes('/etc/payoutdesk/'));
			const machine = new Machine(dir, { installed: paper === 'README.md' ? undefined : installed, sandbox_port: stage.sandbox.port, places: live().map(([pattern, words]) => [pattern, words]) });
			machine.places.push([/\$root/g, machine.root], [/^payoutdesk-sandbox (.*)$/, `timeout -s INT 1 ${PORTAL}-sandbox $1 || [ $? = 124 ]`]);
			if (!is_from_nothing) await machine.set_up();
			if (paper.endsWith('.md')) for (const { language, text } of blocks(read(paper))) if (language === 'ini') machine.set(text);
			for (const line of commands(paper)) await run_line(machine, line);
			if (paper === 'README.md') assert.equal((await machine.run('nginx -t')).code, 0, 'and nginx takes what was installed');
		});
	}

	// Entry by entry: the copy may lie below what is copied, in a folder that the filter leaves out.
	function copy_inside(from, to, filter) {
		fs.mkdirSync(to, { recursive: true });
		for (const name of fs.readdirSync(from))
			if (filter(path.join(from, name)))
				fs.cpSync(path.join(from, name), path.join(to, name), { recursive: true, preserveTimestamps: true, filter });
	}

	it('CONTRIBUTING.md: the worked change, from the failing test to the passing one', async () => {
		const top = path.join(dir, 'clone'), build = path.join(dir, 'clone-build');
		const foreign = new RegExp(`^${TOP}/(build.*|\\.git|autom4te\\.cache|tests/node_modules)$`);
		copy_inside(TOP, top, (from) => !foreign.test(from));
		const skip = /\/(tmp|stage|screenshots|log|npm|home|tools\/(nginx|lighttpd)|run(-\d+)?|tests\/(unit|torture|sim)\/.*\/?test_\w+|payoutdesk(-sandbox)?|clone.*)$/;
		copy_inside(BUILD, build, (from) => !skip.test(from) && !fs.lstatSync(from).isSocket());
		const make = `make -C ${build} -s srcdir=${top} top_srcdir=${top} VPATH=${top} -o Makefile -o config.h -o ${top}/configure -o ${top}/Makefile.in -o ${top}/aclocal.m4 -o config.status`;
		const machine = new Machine(dir, { cwd: top, places: [[/^make -C build/, make], [/^build\//, `${build}/`], [/ build\//g, ` ${build}/`]] });
		const changes = blocks(read('CONTRIBUTING.md')).filter(({ language }) => language === 'diff');
		assert.equal(changes.length, 2);
		for (const block of blocks(read('CONTRIBUTING.md')).filter(({ language }) => ['sh', 'diff'].includes(language))) {
			if (block.language === 'diff') apply_diff(block.text, top);
			else for (const line of block.text.split('\n').filter(Boolean)) await run_line(machine, line);
		}
	});

	it("the sign-on blocks fit the delivered nginx file", async () => {
		const parts = read('doc/sso.md').split(/^## /m).filter((part) => part.includes('```nginx'));
		assert.equal(parts.length, 3);
		for (const part of parts) {
			const machine = new Machine(dir, { installed }), [server, location] = blocks(part).map((block) => block.text);
			for (const file of ['payoutdesk.params', 'payoutdesk.headers']) fs.copyFileSync(path.join(TOP, 'deploy/nginx', file), machine.at(`etc/nginx/${file}`));
			let site = read('deploy/nginx/payoutdesk.conf').replace('\n\tlocation / {\n', () => `\n${server}\n\tlocation / {\n${location ?? ''}`);
			if (/^set \$desk_user/m.test(server)) site = site.replace('set $desk_user   "";', '');
			fs.writeFileSync(machine.at('etc/nginx/conf.d/payoutdesk.conf'), site);
			const { code, output } = await machine.run('nginx -t');
			assert.equal(code, 0, `${part.split('\n')[0]}: ${output}`);
		}
	});
});

test('what papers say in passing exists: commands of payoutdesk, settings, files', async () => {
	const help = (await run(PORTAL, ['--help'])).output, sections = new Set(settings().map(({ section }) => section));
	for (const paper of papers) {
		const text = read(paper);
		for (const verb of matches(text, /`payoutdesk ([a-z][a-z-]+)/g)) assert.match(help, new RegExp(`^  ${verb} `, 'm'), `${paper}: payoutdesk ${verb}`);
		for (const [, section, name] of text.matchAll(/`\[(\w+)\](?: (\w+))?/g)) {
			if (/^\[(Service|Unit)\]/.test(`[${section}]`)) continue;
			assert.ok(sections.has(section), `${paper}: [${section}]`);
			if (name) assert.ok(settings().some((key) => key.section === section && key.name.replace(/\.$/, '') === name), `${paper}: [${section}] ${name}`);
		}
		for (const file of matches(text, /`((?:src|deploy|tests|tools|templates|doc|static)\/[\w./-]+)`/g)) assert.ok(fs.existsSync(path.join(TOP, file)), `${paper}: ${file}`);
	}
});

/* ---- systemd ------------------------------------------------------------------------------------------------------ */

/* Settings of a unit: name -> list of values. */
function unit(name) {
	const found = {};
	for (const [, key, value] of read(`deploy/systemd/${name}`).replace(/\\\n\s*/g, ' ').matchAll(/^(\w+)=(.*)$/gm)) (found[key] ??= []).push(value);
	return found;
}

test('the units are right as systemd reads them', { skip: !has('systemd-analyze') && 'there is no systemd-analyze' }, async (t) => {
	const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'units-'));
	t.after(() => fs.rmSync(dir, { recursive: true }));
	const names = fs.readdirSync(path.join(TOP, 'deploy/systemd')).filter((name) => /\.(service|socket|timer)$/.test(name));
	for (const name of names) fs.writeFileSync(path.join(dir, name), read(`deploy/systemd/${name}`).replaceAll('/usr/local/bin/payoutdesk', PORTAL));
	const { code, output } = await run_to_end('systemd-analyze', ['verify', '--man=no', '--recursive-errors=no', ...names.map((name) => path.join(dir, name))], { env: { SYSTEMD_UNIT_PATH: `${dir}:` } });
	assert.equal(code, 0, output);
	assert.doesNotMatch(output, new RegExp(dir), output);
	// What it reads must not be hidden from it.
	assert.ok(sources('src').some((file) => fs.readFileSync(file, 'utf8').includes('"/proc/sys/')));
	for (const name of names) assert.equal(unit(name).ProcSubset, undefined, name);
});

/* Does what systemd does: holds the socket, and starts the program with it as descriptor 0 whenever it has ended. */
const HOLDER = `
import os, signal, socket, subprocess, sys
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
os.chmod(sys.argv[1], int(sys.argv[2], 8))
listener.listen(1024)
os.dup2(listener.fileno(), 3, inheritable=True)
stopping = False
def stop(*_):
    global stopping
    stopping = True
    child.terminate()
signal.signal(signal.SIGTERM, stop)
while not stopping:
    child = subprocess.Popen(sys.argv[3:], stdin=3, pass_fds=(3,), preexec_fn=lambda: os.environ.update(LISTEN_FDS='1', LISTEN_PID=str(os.getpid())))
    print('child', child.pid, flush=True)
    child.wait()
sys.exit(child.returncode)
`;

test('as payoutdesk.socket and payoutdesk.service start it, the portal serves on descriptor 0, and a restart refuses nobody', async (t) => {
	const socket = unit('payoutdesk.socket'), service = unit('payoutdesk.service');
	assert.deepEqual(socket.Accept, ['no']);
	assert.deepEqual(service.StandardInput, ['socket']);
	assert.ok(read('deploy/systemd/tmpfiles.d/payoutdesk.conf').includes(`d ${path.dirname(socket.ListenStream[0])} `) && !service.RuntimeDirectory, 'its folder is not the service\'s to give away');
	assert.ok(read('deploy/nginx/payoutdesk.conf').includes(`server unix:${socket.ListenStream[0]};`), 'nginx looks for it there');
	const stage = await Stage.open(t, { portal: false });
	const holder = path.join(stage.dir, 'holder.py'), env = Object.fromEntries(service.Environment.map((text) => text.split(/=(.*)/s).slice(0, 2)));
	fs.writeFileSync(holder, HOLDER);
	const command = service.ExecStart[0].replace('/usr/local/bin/payoutdesk', PORTAL).split(' ');
	stage.portal = new Process('holder', 'python3', [holder, stage.socket, socket.SocketMode[0], ...command], { env: { ...env, PAYOUTDESK_CONFIG: stage.config_file } });
	stage.processes.push(stage.portal);
	await stage.portal.says(/ready listen=descriptor-0/);
	await stage.ready();
	await stage.settled(await stage.place(), 'completed');
	const form = await stage.client.form();
	process.kill(Number(stage.portal.output.match(/child (\d+)/)[1]), 'SIGTERM');
	await stage.portal.says(/stopping signal=TERM/);
	const placed = await stage.send({ description: 'sent while it started anew' }, { form });
	assert.equal(placed.status, 303, placed.words);
	await stage.settled(placed.order, 'completed');
	await until('it runs anew', () => stage.portal.output.match(/ready listen=descriptor-0/g).length === 2);
	await check_upstream(stage, 2);
});

test('payoutdesk-backup.service makes a copy that is looked over, and keeps the older ones', async (t) => {
	const stage = await Stage.open(t), folder = path.join(stage.dir, 'backups'), service = unit('payoutdesk-backup.service');
	await stage.settled(await stage.place(), 'completed');
	fs.mkdirSync(folder);
	for (const [name, days] of [['ledger-old.db', 40], ['ledger-young.db', 3]]) {
		fs.writeFileSync(path.join(folder, name), '');
		fs.utimesSync(path.join(folder, name), new Date(), new Date(Date.now() - days * 86400000));
	}
	const script = service.ExecStart[0].match(/^\/bin\/sh -euc '(.*)'$/)[1].replaceAll('$$', '$').replaceAll('%%', '%').replaceAll('/usr/local/bin/payoutdesk', PORTAL);
	const env = { FOLDER: folder, PAYOUTDESK_CONFIG: stage.config_file };
	const { code, output } = await run_to_end('/bin/sh', ['-euc', script], { env });
	assert.equal(code, 0, output);
	const names = fs.readdirSync(folder).sort();
	assert.equal(names.length, 2, names.join());
	assert.match(names[0], /^ledger-\d{8}T\d{6}Z\.db$/);
	assert.equal(names[1], 'ledger-young.db');
	assert.match((await run('sqlite3', ['-readonly', path.join(folder, names[0]), 'PRAGMA integrity_check; SELECT count(*) FROM orders'])).output, /^ok\n1\n/);
	fs.utimesSync(path.join(folder, names[1]), new Date(), new Date(0));
	const failed = await run_to_end('/bin/sh', ['-euc', script], { env: { ...env, PAYOUTDESK_CONFIG: '/nowhere' } });
	assert.notEqual(failed.code, 0);
	assert.ok(fs.existsSync(path.join(folder, names[1])), 'nothing is removed when no copy was made');
});

/* ---- errors that only a spoilt ledger causes ---------------------------------------------------------------------- */

async function spoil(stage, sql) {
	const { code, output } = await run('sqlite3', [stage.ledger, sql]);
	assert.equal(code, 0, output);
}

test('records that cannot be read are said to be so, and nothing else is made of them', async (t) => {
	const stage = await Stage.open(t);
	const number = await stage.place();
	await stage.settled(number, 'completed');
	const [{ columns }] = await stage.rows("SELECT group_concat(name) AS columns FROM pragma_table_info('orders')");
	const link = columns.split(',').find((name) => /link|sealed/.test(name));
	await spoil(stage, `UPDATE orders SET ${link} = x'${'00'.repeat(80)}' WHERE number = '${number}'`);
	assert.match((await stage.page(number)).words, /It is stored and cannot be opened/);
	await spoil(stage, 'ALTER TABLE tries RENAME TO away');
	assert.match((await stage.page(number)).words, /cannot be read just now/);
	await spoil(stage, 'ALTER TABLE away RENAME TO tries; ALTER TABLE orders RENAME TO elsewhere');
	const page = await stage.page(number);
	assert.equal(page.status, 503);
	assert.match(page.words, /records cannot be read just now/);
	assert.match((await stage.client.get('/')).words, /cannot be read just now/);
	await spoil(stage, 'ALTER TABLE elsewhere RENAME TO orders');
	await until('it heals by itself', async () => (await stage.page(number)).status === 200);
});

test('records that cannot be written are said to be so, and nothing is done', async (t) => {
	const stage = await Stage.open(t, { config: { runa: { retry_first_ms: 600000, retry_max_ms: 600000 } } });
	await stage.sandbox.fault('POST', '/v2/order', { kind: 'status', status: 502, body: 'no' }, { times: 0 });
	const number = await stage.place();
	const form = await until('a try is over', async () => {
		const page = await stage.page(number);
		return /no clear answer/.test(page.words) && page.form(`/orders/${number}/retry`);
	});
	await spoil(stage, "CREATE TRIGGER spoilt BEFORE UPDATE ON attempts BEGIN SELECT RAISE(ABORT, 'spoilt'); END");
	const answer = await form.send(stage.client);
	assert.equal(answer.status, 503, answer.words);
	assert.match(answer.words, /cannot store anything just now/);
	assert.match(answer.words, /Nothing was changed/);
	assert.equal((await stage.sandbox.sends()).length, 1);
});
