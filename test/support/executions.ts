import type { IExecuteFunctions, INodeExecutionData, INodeParameters, INodeType, IRun } from 'n8n-workflow';

import { FreedomPayApi } from '../../credentials/FreedomPayApi.credentials';
import type { Sandbox } from '../sandbox';
import { retryDataOf, runWorkflow, UNDER_TEST, type NodeOutcome, type WorkflowOutcome } from './engine';
import { nodeWith } from './nodeWith';
import { REFUND, SET_PIN } from './paths';
import { runJob, type Job } from './runs';
import { virtualClock } from './virtualClock';

const NODE = 'n8n-nodes-freedompay.freedomPayCard';
const NEXT = 'test.next';

/** A refund of part of a transaction, the amount of each item its own. */
export const refund: INodeParameters = {
	resource: 'transaction', operation: 'refund', orderId: 'order-1', transactionId: 'transaction-1', reason: 'Returned', ...ofAmount('={{ $json.amount }}'),
};

/** The parameters of a refund of a part. */
export function ofAmount(amount: string): INodeParameters {
	return { refund: 'part', amount };
}

/** The amounts that were refunded, in order. */
export function refunded(sandbox: Sandbox): number[] {
	const byRequest = new Map(sandbox.journal.all.map((entry) => [entry.n, entry.body as { amount?: number } | undefined]));
	return sandbox.ledger.all.filter(({ path }) => path === REFUND).map(({ request }) => byRequest.get(request)?.amount ?? Number.NaN);
}

/** Sets the PIN of each card, one after the other: a command that carries no request ID. */
export const setPins = (...cards: string[]): Job => ({
	items: cards.map((card) => ({ card })),
	parameters: { operation: 'setPin' },
	options: { maxParallelRequests: 1 },
});

/** How often each card's PIN was asked for, and was set. */
export const pinsOf = (sandbox: Sandbox, ...cards: string[]) => cards.map((card) => [sandbox.journal.about(card, SET_PIN).length, sandbox.ledger.effectsOn(card, SET_PIN).length]);

/** How an execution is run again. */
export interface Again {
	parameters?: INodeParameters;
	options?: INodeParameters;
	credential?: Job['credential'];
	items?: Job['items'];
	nodeId?: string;
}

/** Runs n8n's Retry of a failed execution, the node set as it is by then. */
export async function retry(sandbox: Sandbox, first: Job, { run }: { run: IRun }, { parameters, options, credential, nodeId, items }: Again = {}): Promise<NodeOutcome> {
	return await runJob(sandbox, {
		...first,
		...(items !== undefined && { items }),
		...(credential !== undefined && { credential }),
		parameters: { ...first.parameters, ...parameters },
		options: { ...first.options, ...options },
		run: { ...first.run, executionId: '2', mode: 'retry', resume: retryDataOf(run), loadWorkflow: true, ...(nodeId !== undefined && { nodeId }) },
	});
}

/** Runs n8n's Retry of an execution whose process was killed: all steps run again, and nothing but the execution's token is left. */
export async function retryAfterCrash(sandbox: Sandbox, first: Job, { run }: { run: IRun }, again: Again = {}): Promise<NodeOutcome> {
	const { items = first.items, parameters, options } = again;
	return await runJob(sandbox, {
		...first,
		...(items !== undefined && { items }),
		parameters: { ...first.parameters, ...parameters },
		options: { ...first.options, ...options },
		run: { ...first.run, executionId: '2', mode: 'retry', resumeToken: (run.data as { resumeToken?: string }).resumeToken ?? '' },
	});
}

/** What a node in between makes of the items. */
type Change = (items: INodeExecutionData[], run: number) => INodeExecutionData[];

function between(change: Change): INodeType {
	return {
		description: {
			displayName: 'Next', name: 'next', group: ['transform'], version: 1, description: 'Hands items on', defaults: { name: 'Next' }, inputs: ['main'], outputs: ['main'], properties: [],
		},
		execute(this: IExecuteFunctions) {
			const run = Number(this.getWorkflowDataProxy(0).$runIndex);
			return Promise.resolve([change(this.getInputData(), run)]);
		},
	};
}

export interface LoopJob extends Job {
	/** How often failed items come back to the node. */
	turns?: number;
	/** What happens to them on the way; by default nothing. */
	change?: Change;
}

/** Each item as one that comes from the one that came in, as n8n's own nodes give them. */
export const paired = (items: INodeExecutionData[]): INodeExecutionData[] => items.map(({ json }, item) => ({ json, pairedItem: { item } }));

/** Runs a workflow whose error output leads back to the node. Gives the last run of the node as its outcome, and all of them. */
export async function loop(sandbox: Sandbox, { turns = 1, change = paired, items = [{ card: 'card-1001' }], ...job }: LoopJob): Promise<WorkflowOutcome & { runs: INodeExecutionData[][][] }> {
	const outcome = await runWorkflow({
		items,
		executionId: '1',
		credentials: [{ type: new FreedomPayApi(), data: { ...sandbox.credential } }],
		extraNodes: { [NODE]: nodeWith(virtualClock({ sandbox })), [NEXT]: between((came, run) => (run < turns ? change(came, run) : [])) },
		nodes: [
			{
				name: UNDER_TEST,
				type: NODE,
				parameters: { resource: 'card', operation: 'close', cardId: '={{ $json.card }}', reason: 'Lost', options: job.options ?? {}, ...job.parameters },
				settings: { onError: 'continueErrorOutput', ...job.settings },
			},
			{ name: 'Next', type: NEXT },
		],
		connections: {
			Feed: { main: [[{ node: UNDER_TEST, type: 'main', index: 0 }]] },
			[UNDER_TEST]: { main: [[], [{ node: 'Next', type: 'main', index: 0 }]] },
			Next: { main: [[{ node: UNDER_TEST, type: 'main', index: 0 }]] },
		},
		...job.run,
	});
	const runs = (outcome.runData[UNDER_TEST] ?? []).map(({ data }) => (data?.main ?? []).map((list) => list ?? []));
	return { ...outcome, runs };
}
