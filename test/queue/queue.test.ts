import { after, before, suite } from 'node:test';

import { closes } from './closes.ts';
import { startCluster, type Cluster } from './cluster.ts';
import { polled } from './polled.ts';
import { resumed } from './resumed.ts';

suite('n8n in queue mode', () => {
	let cluster: Cluster;

	before(async () => {
		cluster = await startCluster();
	});
	after(async () => await (cluster as Cluster | undefined)?.stop());

	closes(() => cluster);
	resumed(() => cluster);
	polled(() => cluster);
});
