import { after, before, suite } from 'node:test';

import { approval } from './automations/approval.ts';
import { housekeeping } from './automations/housekeeping.ts';
import { reconcile } from './automations/reconcile.ts';
import { watch } from './automations/watch.ts';
import { startPlayground, type Playground } from './playground.ts';

suite('the automations in a real n8n', () => {
	let playground: Playground;

	before(async () => {
		playground = await startPlayground('automations');
	});
	after(() => playground?.stop());

	housekeeping(() => playground);
	reconcile(() => playground);
	watch(() => playground);
	approval(() => playground);
});
