import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Readable } from 'node:stream';

import type { IExecuteFunctions, INodeExecutionData, INodeType } from 'n8n-workflow';

import { countCpu } from '../../support/cpu';
import type { SizeReport } from '../protocol';

/*
 * This package's node with every request signed, and answered in the process instead of sent: what is left is what the node and n8n
 * around it cost themselves.
 */

const ANSWER = Buffer.from(JSON.stringify({ status: 'ok', request_status: 'success', dt: '2025-01-01T00:01:01+05:00' }));
const NANOSECONDS = 1_000_000;
const RESOLUTION_MS = 5;

type Sign = (options: object) => Promise<unknown>;

const nextTurn = async () => await new Promise<void>((resolve) => setImmediate(resolve));

/**
 * The node, and what its last run cost.
 * @param cancelAfter after how many requests to cancel
 */
export function answered(type: INodeType, sign: Sign, cancelAfter: () => number | undefined): { type: INodeType; report: () => SizeReport } {
	let last: SizeReport | undefined;

	async function execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const canceling = cancelAfter();
		const items = this.getInputData().length;
		const cancel = new AbortController();
		let canceledAt: number | undefined;
		let sent = 0;
		const answer = async (_: string, options: object) => {
			sent += 1;
			if (sent === canceling) {
				canceledAt = performance.now();
				cancel.abort();
			}
			await sign(options);
			await nextTurn();
			return { statusCode: 200, headers: {}, body: Readable.from([ANSWER], { objectMode: false }) };
		};
		const context = Object.create(this, {
			helpers: { value: { ...this.helpers, httpRequestWithAuthentication: answer } },
			...(canceling === undefined ? {} : { getExecutionCancelSignal: { value: () => cancel.signal } }),
		}) as IExecuteFunctions;

		const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
		delays.enable();
		// The first delay is counted from the first turn.
		await new Promise((resolve) => setTimeout(resolve, 5 * RESOLUTION_MS));
		const cpuMs = countCpu();
		let results: INodeExecutionData[][] = [[]];
		let words = '';
		try {
			results = (await type.execute?.call(context)) as INodeExecutionData[][];
		} catch (error) {
			if (canceledAt === undefined) throw error;
			words = (error as { description?: string }).description ?? '';
		}
		const spentMs = cpuMs();
		const endedMs = canceledAt === undefined ? 0 : performance.now() - canceledAt;
		await nextTurn();
		delays.disable();
		const longestMs = delays.max / NANOSECONDS;
		last = { items, cpuMs: spentMs, longestBlockMs: longestMs, cancelMs: endedMs, cancelWords: words };
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
