import { after, before, suite } from 'node:test';

import { closes } from './closes.mjs';
import { startCluster } from './cluster.mjs';
import { resumed } from './resumed.mjs';

suite('n8n in queue mode', () => {
	/** @type {import('./cluster.mjs').Cluster} */
	let cluster;

	before(async () => {
		cluster = await startCluster({ workers: 2 });
	});
	after(() => cluster?.stop());

	closes(() => cluster);
	resumed(() => cluster);
});
