/* until.mjs: waiting for a condition, with a deadline. The only place in the tests that lets time pass by itself. */
import { scheduler } from 'node:timers/promises';

const pause = (ms) => scheduler.wait(ms);

/* Calls `look` until it gives something truthy, which is the result. */
export async function until(what, look, { within_ms = 15000, every_ms = 15 } = {}) {
	const deadline = performance.now() + within_ms;
	let trouble;
	for (;;) {
		try {
			const seen = await look();
			if (seen) return seen;
			trouble = undefined;
		} catch (error) {
			trouble = error;
		}
		if (performance.now() > deadline)
			throw new Error(`waited ${within_ms} ms in vain until ${what}${trouble ? `: ${trouble.message}` : ''}`);
		await pause(every_ms);
	}
}

/* Time as a part of a scenario ('ten requests in flight for a moment'), never as a way to wait for something. */
export const let_pass = pause;
