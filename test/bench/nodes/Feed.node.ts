import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { PerformanceObserver } from 'node:perf_hooks';

import type { IExecuteFunctions, INodeExecutionData, INodeType, INodeTypeDescription } from 'n8n-workflow';

const EVERY_MS = 10;
const LATE_MS = 50;
const LONG_COLLECTION_MS = 20;

let stopsFile = '';

/**
 * Writes a line to a file, from now on, for whatever holds this process up: `block` for a time in which no timer had its turn, `collection`
 * for one in which V8 collected garbage. Each with its end and its length, in milliseconds.
 */
function tellStops(file: string): void {
	const isWatched = stopsFile !== '';
	stopsFile = file;
	if (isWatched) return;
	const tell = (what: string, end: number, ms: number) => appendFileSync(stopsFile, `${what} ${(performance.timeOrigin + end).toFixed(0)} ${ms.toFixed(0)}\n`);
	let due = performance.now() + EVERY_MS;
	setInterval(() => {
		const now = performance.now();
		if (now - due > LATE_MS) tell('block', now, now - due);
		due = performance.now() + EVERY_MS;
	}, EVERY_MS).unref();
	new PerformanceObserver((list) => {
		for (const { startTime, duration } of list.getEntries()) if (duration > LONG_COLLECTION_MS) tell('collection', startTime + duration, duration);
	}).observe({ entryTypes: ['gc'] });
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
			{ displayName: 'Stops File', name: 'stopsFile', type: 'string', default: '', description: 'Where to write from now on what holds n8n up' },
		],
	};

	execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const file = this.getNodeParameter('stopsFile', 0) as string;
		if (file !== '') tellStops(file);
		const command = () => ({ json: { card_id: randomUUID(), request_id: randomUUID(), description: 'Lost by the cardholder' } });
		return Promise.resolve([Array.from({ length: this.getNodeParameter('count', 0) as number }, command)]);
	}
}
