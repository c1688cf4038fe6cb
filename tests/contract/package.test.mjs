/* What is handed out: the tarball holds each file of the project and nothing that was built, builds by itself, and leaves
 * nothing behind when it is uninstalled. (The units run from it with `make distcheck`; here they were run before.) */
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { BUILD } from '../support/sandbox.mjs';
import { run } from '../support/process.mjs';
import { IS_SANITIZED, TOP } from '../support/stage.mjs';

const MADE = /^(aclocal\.m4|configure|config\.h\.in|Makefile\.in|build-aux\/.*)$/; // by autoreconf

test('the tarball holds the project and nothing else, builds, installs and uninstalls without a trace', { skip: IS_SANITIZED && 'it is the same' }, async (t) => {
	const { code: is_no_clone, output: listed } = await run('git', ['-C', TOP, 'ls-files', '--cached', '--others', '--exclude-standard']);
	if (is_no_clone) return t.skip('this is no clone');
	const made = await run('make', ['-C', BUILD, 'distcheck', 'TESTS=', 'check_PROGRAMS=', 'check_LIBRARIES='], { within_ms: 300000 });
	assert.equal(made.code, 0, made.output.slice(-3000));
	const [archive] = made.output.match(/payoutdesk-[\w.]+\.tar\.xz/);
	const { output } = await run('tar', ['-tJf', path.join(BUILD, archive)]);
	const packed = output.split('\n').map((name) => name.replace(/^[^/]+\//, '')).filter((name) => name && !name.endsWith('/') && !MADE.test(name));
	const tracked = listed.split('\n').filter((name) => name && name !== '.gitignore');
	assert.deepEqual(packed.sort(), tracked.sort());
});
