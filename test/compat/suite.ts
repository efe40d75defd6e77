import { strict as assert } from 'node:assert';
import { after, afterEach, before, test } from 'node:test';

import { PATIENCE_MS } from '../n8n/patience.ts';
import { assumptions, startSandbox, type Sandbox } from '../sandbox';
import { checks } from './checks';
import { loadPackage, type Subject } from './subject';

/** The unpacked package, and what is known not to hold here. */
const { COMPAT_PACKAGE: directory = '', COMPAT_LACKS: lacks = '[]' } = process.env;
const lacking = JSON.parse(lacks) as string[];

let subject: Subject;
let sandbox: Sandbox;
before(async () => {
	sandbox = await startSandbox();
	subject = await loadPackage(directory);
});
afterEach(() => {
	sandbox.reset();
	Object.assign(sandbox.settings, { ...assumptions, processingMs: 0 });
});
after(async () => await sandbox.stop());

for (const { name, run } of checks) {
	test(name, { timeout: PATIENCE_MS }, async () => {
		// What does hold is to be promised.
		if (lacking.includes(name)) await assert.rejects(run(subject, sandbox), assert.AssertionError);
		else await run(subject, sandbox);
	});
}
