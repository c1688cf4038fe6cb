/* faketime.mjs: the wall clock of one process, set by the test. The monotonic clock is left alone, as when somebody sets
 * the time; libfaketime is loaded by hand, because its command stays in front of the program and takes its signals. */
import fs from 'node:fs';
import path from 'node:path';
import { IS_SANITIZED } from './stage.mjs';

const LIBRARY = fs.readdirSync('/usr/lib').map((name) => `/usr/lib/${name}/faketime/libfaketimeMT.so.1`).find((file) => fs.existsSync(file));

/* For a test's `skip`: a reason, or false. */
export const no_faketime = IS_SANITIZED ? 'libfaketime and the sanitizer want the same place' : !LIBRARY && 'libfaketime is not there';

/* Environment of a process that lives at '+25h', say. */
export const lives_at = (offset) => ({ LD_PRELOAD: LIBRARY, FAKETIME: offset, FAKETIME_DONT_FAKE_MONOTONIC: '1' });

/* ... and so do all its clocks: time has passed. Processes that follow one another all need it: the first lives at '+0'. */
export const time_is = (offset) => ({ LD_PRELOAD: LIBRARY, FAKETIME: offset });

/* A clock that can be moved while the process runs. */
export function settable_clock(dir) {
	const file = path.join(dir, 'time');
	const set = (offset) => { fs.writeFileSync(`${file}.new`, `${offset}\n`); fs.renameSync(`${file}.new`, file); };
	set('+0');
	return { set, env: { LD_PRELOAD: LIBRARY, FAKETIME_TIMESTAMP_FILE: file, FAKETIME_NO_CACHE: '1', FAKETIME_DONT_FAKE_MONOTONIC: '1' } };
}
