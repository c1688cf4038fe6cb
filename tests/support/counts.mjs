/* counts.mjs: a node:test reporter that says three numbers: passed, failed, skipped. Files and suites, which
 * older Nodes report like tests, don't count, nor do tests that nobody asked for; a file that fell over before its tests does. */
export default async function* counts(events) {
	let passed = 0, failed = 0, skipped = 0;
	for await (const { type, data } of events) {
		if (type !== 'test:pass' && type !== 'test:fail') continue;
		const is_frame = data.details?.type === 'suite' || /\.test\.mjs$/.test(data.name);
		if (type === 'test:fail') {
			if (data.details?.error?.failureType === 'subtestsFailed' && is_frame) continue;
			failed++;
		} else if (!is_frame) {
			if (data.skip === undefined || data.skip === false) passed++;
			else if (data.skip !== 'test name does not match pattern') skipped++;
		}
	}
	yield `${passed} ${failed} ${skipped}\n`;
}
