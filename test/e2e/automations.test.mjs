import { after, before, suite } from 'node:test';

import { approval } from './automations/approval.mjs';
import { housekeeping } from './automations/housekeeping.mjs';
import { reconcile } from './automations/reconcile.mjs';
import { watch } from './automations/watch.mjs';
import { startPlayground } from './playground.mjs';

suite('the automations in a real n8n', () => {
	/** @type {Awaited<ReturnType<typeof startPlayground>>} */
	let playground;

	before(async () => {
		playground = await startPlayground('automations');
	});
	after(() => playground?.stop());

	housekeeping(() => playground);
	reconcile(() => playground);
	watch(() => playground);
	approval(() => playground);
});
