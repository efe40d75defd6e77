import { randomUUID } from 'node:crypto';

import type { IExecuteFunctions, INodeExecutionData, INodeType, INodeTypeDescription } from 'n8n-workflow';

/** Gives as many commands as one wants. */
export class Feed implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Feed',
		name: 'feed',
		group: ['input'],
		version: 1,
		description: 'Gives commands',
		defaults: { name: 'Feed' },
		inputs: ['main'],
		outputs: ['main'],
		properties: [{ displayName: 'Count', name: 'count', type: 'number', default: 1 }],
	};

	execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const command = () => ({ json: { card_id: randomUUID(), request_id: randomUUID(), description: 'Lost by the cardholder' } });
		return Promise.resolve([Array.from({ length: this.getNodeParameter('count', 0) as number }, command)]);
	}
}
