import { after, before, suite } from 'node:test';

import { closes } from './closes.ts';
import { startCluster } from './cluster.ts';
import { resumed } from './resumed.ts';

suite('n8n in queue mode', () => {
	/** @type {import('./cluster.ts').Cluster} */
	let cluster;

	before(async () => {
		cluster = await startCluster({ workers: 2 });
	});
	after(() => cluster?.stop());

	closes(() => cluster);
	resumed(() => cluster);
});
