/* papers.mjs: reads the commands of a paper, and a small world in which they can be run: an installation below a
 * folder of its own, and stand-ins for what would touch the machine (sudo, systemctl, ...). */
import fs from 'node:fs';
import path from 'node:path';
import { spawn } from 'node:child_process';
import { API_KEY, BUILD } from './sandbox.mjs';
import { PORTAL, TOP } from './stage.mjs';

/* Languages of blocks; what is not here is a mistake. Only 'sh' holds commands. */
const LANGUAGES = ['sh', 'json', 'ini', 'nginx', 'diff', 'crontab'];

export const papers = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md',
	...fs.readdirSync(path.join(TOP, 'doc')).filter((name) => name.endsWith('.md')).map((name) => `doc/${name}`)];
export const read = (name) => fs.readFileSync(path.join(TOP, name), 'utf8');

/* Fenced blocks: [{ language, text }]. */
export function blocks(text) {
	const found = [...text.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(([, language, inside]) => ({ language, text: inside }));
	for (const { language } of found) if (!LANGUAGES.includes(language)) throw new Error(`a block of the language '${language}': allowed are ${LANGUAGES.join(', ')}`);
	return found;
}

/* The commands of a paper, or of a manual page (.Dl lines), in their order. */
export function commands(name) {
	const text = read(name);
	if (!name.endsWith('.md')) return [...text.matchAll(/^\.Dl (.*)$/gm)].map(([, line]) => line);
	if (/^(?: {4}|\t)\S/m.test(text.replace(/^```.*?^```$/gms, '').replace(/^ *[-*\d].*\n(?: +\S.*\n)*/gm, ''))) throw new Error(`${name} has an indented block: use a fence with its language`);
	return blocks(text).filter(({ language }) => language === 'sh')
		.flatMap((block) => block.text.replace(/\\\n\s*/g, ' ').split('\n').map((line) => line.trim()).filter((line) => line && !line.startsWith('#')));
}

/* The programs that a line starts, without sudo and variables before them. */
export function programs(line) {
	return line.replace(/'[^']*'/g, "''").split(/\s*(?:&&|\||;)\s*/).map((part) => {
		const words = part.trim().split(/\s+/);
		for (;;) {
			if (words[0] === 'sudo') words.shift();
			else if (words[0] === '-u') words.splice(0, 2);
			else if (words[0] === 'env' || /^[A-Z_]+=/.test(words[0])) words.shift();
			else return words[0];
		}
	});
}

/* What a paper may start, and so what this test knows how to run. */
export const KNOWN = ['./dev', 'make', 'tools/check', 'tools/errors-doc', 'build/tests/unit/config/test_config_kinds', 'payoutdesk', 'payoutdesk-sandbox', 'install', 'curl', 'grep', 'sed', 'tee',
	'sh', 'mkdir', 'cp', 'nginx', 'systemctl', 'journalctl', 'systemd-sysusers', 'systemd-tmpfiles', 'lighttpd-enable-mod'];

/* Runs a program; its end and all it said. */
export function run_to_end(command, args, { env = {}, cwd = TOP } = {}) {
	return new Promise((resolve) => {
		const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
		let output = '';
		for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => { output += text; });
		child.on('error', (error) => resolve({ code: -1, output: String(error) }));
		child.on('close', (code) => resolve({ code, output }));
	});
}

/* Places of a real machine, as they stand in papers and in what they install. */
const PLACES = /(?<![\w.~/])\/(etc|var|run|srv|usr\/local)\//g;

/* One paper's machine. `places`: more pairs [pattern, text] that a command is rewritten with. */
export class Machine {
	constructor(dir, { installed, sandbox_port, places = [], cwd = TOP } = {}) {
		this.cwd = cwd;
		this.root = fs.mkdtempSync(path.join(dir, 'machine-'));
		this.bin = path.join(this.root, 'stand-ins');
		this.places = places;
		fs.mkdirSync(this.bin);
		for (const folder of ['etc/nginx/conf.d', 'etc/lighttpd/conf-available', 'etc/tmpfiles.d', 'var/lib', 'var/backups', 'run', 'srv', 'usr/local']) fs.mkdirSync(path.join(this.root, folder), { recursive: true });
		if (installed) fs.cpSync(installed, path.join(this.root, 'usr/local'), { recursive: true });
		this.#stand_ins(sandbox_port);
	}

	at(place) { return path.join(this.root, place); }
	env() { return { PATH: `${this.bin}:${process.env.PATH}`, BUILD_DIR: BUILD }; }

	#stand_in(name, text) { fs.writeFileSync(path.join(this.bin, name), `#!/bin/bash\nset -eu\nroot='${this.root}'\n${text}\n`, { mode: 0o755 }); }

	#stand_ins(sandbox_port) {
		this.#stand_in('sudo', 'while [[ $1 == -* ]]; do case $1 in -u) shift 2 ;; *) exit 64 ;; esac; done; exec "$@"');
		// The configuration as installed, with this machine's places in it.
		this.#stand_in('payoutdesk', `
conf=$root/etc/payoutdesk/payoutdesk.conf
if [ "\${1:-}" = --config ]; then conf=$2; shift 2; fi
mapped=$(mktemp)
sed -E "s,= *(sqlite:|unix:)?/(etc|var|run)/,= \\1$root/\\2/," "$conf" >"$mapped"
url=$(sed -n 's/^url *= *//p' "$mapped")
export PAYOUTDESK_CONFIG=$mapped PAYOUTDESK_LEDGER_URL="\${PAYOUTDESK_LEDGER_URL:-\${url:-sqlite:$root/var/lib/payoutdesk/ledger.db}}"
export PAYOUTDESK_SERVER_TEMPLATE_DIR=$root/usr/local/share/payoutdesk/templates PAYOUTDESK_SERVER_STATIC_DIR=$root/usr/local/share/payoutdesk/static
case \${1:-} in dispatch) export PAYOUTDESK_RUNA_BASE_URL=http://127.0.0.1:${sandbox_port}/v2 ;; esac
exec "$root/usr/local/bin/payoutdesk" "$@"`);
		this.#stand_in('install', 'words=(); while [ $# -gt 0 ]; do case $1 in -g | -o) shift 2 ;; *) words+=("$1"); shift ;; esac; done; exec /usr/bin/install "${words[@]}"');
		// Each unit that is named must be there, and what is started must be able to start.
		this.#stand_in('systemctl', `
verb=$1; shift
case $verb in enable | start | stop | restart | reload | edit) ;; *) echo "systemctl $verb?" >&2; exit 64 ;; esac
for unit; do
	case $unit in
	--now) continue ;;
	nginx | lighttpd) continue ;;
	esac
	[ -f "$root/usr/local/lib/systemd/system/$unit" ] || { echo "there is no unit $unit" >&2; exit 1; }
	if [ "$unit $verb" != "payoutdesk.service stop" ] && [ "$unit" = payoutdesk.service ]; then payoutdesk check-config; fi
done`);
		this.#stand_in('journalctl', '[ "$1" = -u ] && [ -f "$root/usr/local/lib/systemd/system/$2" ]');
		this.#stand_in('systemd-sysusers', 'grep -q "^u payoutdesk " "$root/usr/local/lib/sysusers.d/$1"');
		this.#stand_in('systemd-tmpfiles', `
[ "$1" = --create ]
file=$root/etc/tmpfiles.d/$2
[ -f "$file" ] || file=$root/usr/local/lib/tmpfiles.d/$2
grep '^d ' "$file" | while read -r kind folder mode user group; do mkdir -p "$root$folder"; chmod "$mode" "$root$folder"; [ -n "$user" ] && [ -n "$group" ]; done`);
		this.#stand_in('lighttpd-enable-mod', '[ -n "$(find "$root/etc/lighttpd/conf-available" -name "[0-9][0-9]-$1.conf")" ]');
		this.#stand_in('nginx', `
[ "$1" = -t ]
echo "error_log stderr; pid $root/run/nginx.pid; events {} http { $(for kind in client_body fastcgi proxy uwsgi scgi; do echo "\${kind}_temp_path $root/run/tmp;"; done) include $root/site.conf; }" >"$root/nginx.conf"
sed -E "s,(listen) (\\[::\\]:)?80;,\\1 unix:$root/run/http\${RANDOM}.sock;,; s,/etc/nginx/,$root/etc/nginx/,g; s,/usr/local/,$root/usr/local/,g; s,/var/log/nginx/,$root/run/,; s,/run/payoutdesk/,$root/run/payoutdesk/," "$root/etc/nginx/conf.d/payoutdesk.conf" |
	awk '/listen unix/ { if (n++) next } { print }' >"$root/site.conf"
exec "\${NGINX:-/usr/sbin/nginx}" -t -e stderr -p "$root" -c "$root/nginx.conf"`);
	}

	/* As the desk stands before somebody reads on: installed, set up, with a ledger. */
	async set_up() {
		for (const folder of ['etc/payoutdesk', 'var/lib/payoutdesk', 'var/backups/payoutdesk', 'run/payoutdesk']) fs.mkdirSync(this.at(folder), { recursive: true });
		fs.copyFileSync(path.join(TOP, 'deploy/payoutdesk.conf'), this.at('etc/payoutdesk/payoutdesk.conf'));
		fs.writeFileSync(this.at('etc/payoutdesk/api-key'), `${API_KEY}\n`, { mode: 0o640 });
		const { code, output } = await this.run('payoutdesk migrate');
		if (code !== 0) throw new Error(output);
	}

	/* Puts the settings of an `ini` block into the configuration, as its reader would. */
	set(block) {
		const file = this.at('etc/payoutdesk/payoutdesk.conf');
		let text = fs.readFileSync(file, 'utf8');
		for (const [, key, value] of block.matchAll(/^(\w+) = (.*)$/gm)) {
			const line = new RegExp(`^#?${key} =.*$`, 'gm');
			if (text.match(line)?.length !== 1) throw new Error(`the delivered configuration has not one '${key} ='`);
			text = text.replace(line, `${key} = ${value}`);
		}
		fs.writeFileSync(file, text);
	}

	/* Runs a line of a paper. */
	run(line) {
		let text = line.replace(PLACES, (_, place) => `${this.root}/${place}/`);
		for (const [pattern, words] of this.places) text = text.replace(pattern, words);
		const typed = text.includes('/dev/stdin') ? `printf '%s\\n' '${API_KEY}' | ` : ''; // a pipe, as from a terminal; a socket cannot be opened by name
		return run_to_end('bash', ['-euo', 'pipefail', '-c', typed + text], { env: this.env(), cwd: this.cwd });
	}
}

/* The diffs of a paper, applied below `top`: lines that begin with - or a blank must be there, one after the other. */
export function apply_diff(diff, top) {
	const name = diff.match(/^\+\+\+ b\/(.*)$/m)[1], file = path.join(top, name);
	let text = fs.readFileSync(file, 'utf8');
	for (const hunk of diff.split(/^@@.*\n/m).slice(1)) {
		const lines = hunk.split('\n').slice(0, -1);
		const before = lines.filter((line) => !line.startsWith('+')).map((line) => `${line.slice(1)}\n`).join('');
		const after = lines.filter((line) => !line.startsWith('-')).map((line) => `${line.slice(1)}\n`).join('');
		if (text.split(before).length !== 2) throw new Error(`${name} does not hold this once:\n${before}`);
		text = text.replace(before, () => after);
	}
	fs.writeFileSync(file, text);
}

export { BUILD, PORTAL, TOP };
