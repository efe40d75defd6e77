import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';

import type { IExecuteFunctions, INodeExecutionData, INodeType, INodeTypeDescription } from 'n8n-workflow';

const EVERY_MS = 10;
const LATE_MS = 50;

/** Writes a line to a file whenever this process lets a timer wait: when it was let go, and for how long it had waited, in milliseconds. */
function tellBlocks(file: string): void {
	let due = performance.now() + EVERY_MS;
	setInterval(() => {
		const late = performance.now() - due;
		if (late > LATE_MS) appendFileSync(file, `${Date.now()} ${late.toFixed(0)}\n`);
		due = performance.now() + EVERY_MS;
	}, EVERY_MS).unref();
}

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
		properties: [
			{ displayName: 'Count', name: 'count', type: 'number', default: 1 },
			{ displayName: 'Blocks File', name: 'blocksFile', type: 'string', default: '', description: 'Where to write from now on when n8n is held up' },
		],
	};

	execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const blocksFile = this.getNodeParameter('blocksFile', 0) as string;
		if (blocksFile !== '') tellBlocks(blocksFile);
		const command = () => ({ json: { card_id: randomUUID(), request_id: randomUUID(), description: 'Lost by the cardholder' } });
		return Promise.resolve([Array.from({ length: this.getNodeParameter('count', 0) as number }, command)]);
	}
}
