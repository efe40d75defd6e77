import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Readable } from 'node:stream';

import type { IExecuteFunctions, INodeExecutionData, INodeType } from 'n8n-workflow';

import { collectGarbage } from '../garbage';
import type { SizeReport } from '../protocol';

/*
 * This package's node with every request signed, and answered in the process instead of sent: what is left is what the node and n8n
 * around it cost themselves.
 */

const ANSWER = Buffer.from(JSON.stringify({ status: 'ok', request_status: 'success', dt: '2025-01-01T00:01:01+05:00' }));
const NANOSECONDS = 1_000_000;
const MICROSECONDS = 1000;
const RESOLUTION_MS = 5;

type Sign = (options: object) => Promise<unknown>;

/** What is looked at while a run is under way. */
export interface Look {
	/** Whether to look at the memory that is really held, which takes time of its own. */
	memory: boolean;
	/** After how many requests to cancel. */
	cancelAfter: number | undefined;
}

const nextTurn = async () => await new Promise<void>((resolve) => setImmediate(resolve));

function heldBytes(): number {
	collectGarbage();
	// What was kept for the sake of the first collection.
	collectGarbage();
	const { heapUsed, external } = process.memoryUsage();
	return heapUsed + external;
}

/** The node, and what its last run cost. */
export function answered(type: INodeType, sign: Sign, look: () => Look): { type: INodeType; report: () => SizeReport } {
	let last: SizeReport | undefined;

	async function execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const { memory, cancelAfter } = look();
		const items = this.getInputData().length;
		const cancel = new AbortController();
		let canceledAt: number | undefined;
		let sent = 0;
		const before = memory ? heldBytes() : 0;
		let held = 0;
		const answer = async (_: string, options: object) => {
			sent += 1;
			// The most is held once all are checked, or when all have their results.
			if (memory && [1, Math.ceil(items / 2), items].includes(sent)) held = Math.max(held, heldBytes() - before);
			if (sent === cancelAfter) {
				canceledAt = performance.now();
				cancel.abort();
			}
			await sign(options);
			await nextTurn();
			return { statusCode: 200, headers: {}, body: Readable.from([ANSWER], { objectMode: false }) };
		};
		const context = Object.create(this, {
			helpers: { value: { ...this.helpers, httpRequestWithAuthentication: answer } },
			...(cancelAfter === undefined ? {} : { getExecutionCancelSignal: { value: () => cancel.signal } }),
		}) as IExecuteFunctions;

		const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
		delays.enable();
		// The first delay is counted from the first turn.
		await new Promise((resolve) => setTimeout(resolve, 5 * RESOLUTION_MS));
		const cpu = process.cpuUsage();
		let results: INodeExecutionData[][] = [[]];
		let words = '';
		try {
			results = (await type.execute?.call(context)) as INodeExecutionData[][];
		} catch (error) {
			if (canceledAt === undefined) throw error;
			words = (error as { description?: string }).description ?? '';
		}
		const { user, system } = process.cpuUsage(cpu);
		const endedMs = canceledAt === undefined ? 0 : performance.now() - canceledAt;
		await nextTurn();
		delays.disable();
		const longestMs = delays.max / NANOSECONDS;
		last = { items, cpuMs: (user + system) / MICROSECONDS, heldBytes: held, longestBlockMs: longestMs, cancelMs: endedMs, cancelWords: words };
		return results;
	}

	return {
		type: Object.assign(Object.create(type) as INodeType, { execute }),
		report() {
			if (last === undefined) throw new Error('Nothing was run');
			return last;
		},
	};
}
