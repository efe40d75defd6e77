import { after, afterEach, before, test } from 'node:test';

import { startSandbox, type Sandbox } from '../sandbox';
import { checks } from './checks';
import { loadPackage, type Subject } from './subject';

/** The unpacked package. */
const { COMPAT_PACKAGE: directory = '' } = process.env;

/** Far more than a check takes: one that takes as long hangs. */
const HANGS_AFTER_MS = 60_000;

let subject: Subject;
let sandbox: Sandbox;
before(async () => {
	sandbox = await startSandbox();
	subject = await loadPackage(directory);
});
afterEach(() => {
	sandbox.reset();
	sandbox.settings.processingMs = 0;
});
after(async () => await sandbox.stop());

for (const { name, run } of checks) void test(name, { timeout: HANGS_AFTER_MS }, async () => await run(subject, sandbox));
