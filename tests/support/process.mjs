/* process.mjs: a program of ours or a server under test: started, watched, stopped. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { until } from './until.mjs';

/* What no program of ours may ever say, whatever a test does to it. */
const ALARMS = /AddressSanitizer|LeakSanitizer|ThreadSanitizer|runtime error:|Assertion .* failed|stack smashing|double free|malloc\(\)/;

/* `./dev test` sees to it where it can. */
export const no_trace = process.getuid() === 0 ? false : 'strace cannot look into the portal: that needs root or a user namespace';

export class Process {
	constructor(name, command, args, { env = {}, cwd } = {}) {
		this.name = name;
		this.output = '';
		this.child = spawn(command, args, {
			cwd,
			stdio: ['ignore', 'pipe', 'pipe'],
			env: {
				PATH: process.env.PATH, LANG: 'C.UTF-8', HOME: process.env.HOME,
				ASAN_OPTIONS: 'detect_leaks=1:abort_on_error=1',
				UBSAN_OPTIONS: 'print_stacktrace=1:halt_on_error=1', ...env,
			},
		});
		for (const stream of [this.child.stdout, this.child.stderr]) {
			stream.setEncoding('utf8');
			stream.on('data', (text) => { this.output += text; });
		}
		this.child.on('error', (error) => { this.output += `${error}\n`; });
		this.ended = new Promise((resolve) => this.child.on('close', (code, signal) => resolve({ code, signal })));
	}

	get pid() { return this.child.pid; }
	get is_alive() { return this.child.exitCode === null && this.child.signalCode === null && this.pid !== undefined; }

	/* The first match of `pattern` in what it has said. */
	says(pattern, options) {
		return until(`${this.name} says ${pattern}`, () => {
			const match = this.output.match(pattern);
			if (match) return match;
			if (!this.is_alive) throw new Error(`${this.name} ended, saying:\n${this.output}`);
			return undefined;
		}, options);
	}

	signal(signal) { this.child.kill(signal); }

	async kill() {
		this.signal('SIGCONT');
		this.signal('SIGKILL');
		return this.ended;
	}

	/* Asks it to stop; throws where it doesn't within the time, or said something alarming. */
	async stop(signal = 'SIGTERM', within_ms = 20000) {
		if (this.is_alive) {
			this.signal('SIGCONT');
			this.signal(signal);
			await until(`${this.name} has ended`, () => !this.is_alive, { within_ms }).catch(async (error) => {
				await this.kill();
				throw new Error(`${error.message}; it said:\n${this.output.slice(-4000)}`);
			});
		}
		const end = await this.ended;
		this.check();
		return end;
	}

	check() {
		if (ALARMS.test(this.output)) throw new Error(`${this.name} raised an alarm:\n${this.output.slice(-12000)}`);
	}
}

/* Runs a program to its end. */
export async function run(command, args, options = {}) {
	const process = new Process(command, command, args, options);
	const { code, signal } = await process.ended;
	process.check();
	return { code, signal, output: process.output };
}

export { once };
