// @ts-check
/**
 * `npm start`: a sandbox of the Card API and a real n8n with the packed package, ready to click. Runs on Node.js 20 or newer
 * and goes on under the Node.js 24 that n8n needs.
 */
import { fileURLToPath } from 'node:url';

import { runUnderNode24, runsOnNode24 } from './node24.mjs';
import { runAsProgram } from './problem.mjs';

await runAsProgram(async () => {
	if (runsOnNode24()) {
		const { playground } = await import('./playground.ts');
		await playground();
	} else {
		runUnderNode24('node', [fileURLToPath(import.meta.url)]);
	}
});
