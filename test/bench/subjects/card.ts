import { createRequire } from 'node:module';
import { join } from 'node:path';

import type { INodeType } from 'n8n-workflow';

import type { NodeToMeasure } from '../engine';
import type { Job } from '../protocol';

const load = createRequire(__filename);

/** This package's node, as it was built. */
export function card({ dist, parallel, waitForCompletion }: Pick<Job, 'dist' | 'parallel' | 'waitForCompletion'>): NodeToMeasure & { type: INodeType } {
	const { FreedomPayCard } = load(join(dist, 'nodes', 'FreedomPayCard', 'FreedomPayCard.node.js')) as {
		FreedomPayCard: new () => INodeType;
	};
	return {
		typeName: 'n8n-nodes-freedompay.freedomPayCard',
		type: new FreedomPayCard(),
		parameters: {
			resource: 'card',
			operation: 'close',
			cardId: '={{ $json.card_id }}',
			reason: '={{ $json.description }}',
			waitForCompletion,
			options: { maxParallelRequests: parallel },
		},
	};
}
