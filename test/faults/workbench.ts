import type { IExecuteFunctions, INodeExecutionData, INodeParameters } from 'n8n-workflow';

import { FreedomPayApi } from '../../credentials/FreedomPayApi.credentials';
import type { Clock } from '../../nodes/FreedomPayCard/delivery/clock';
import { FreedomPayCard } from '../../nodes/FreedomPayCard/FreedomPayCard.node';
import { execute } from '../../nodes/FreedomPayCard/run/execute';
import { startNode, type NodeOutcome, type NodeSettings, type NodeToRun, type Running } from '../engine/harness';
import type { Sandbox } from '../sandbox';
import { fastClock } from './fastClock';

export const CLOSE = '/v5/card-api/card/close';
export const STATUS = '/v5/card-api/request/status';
export const GIFT = '/v5/cards/activate_card';

/** The node with another clock; everything else is the very node. */
export function nodeWith(clock: Clock): FreedomPayCard {
	const node = new FreedomPayCard();
	node.execute = async function (this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await execute(this, clock);
	};
	return node;
}

export interface Job {
	parameters?: INodeParameters;
	options?: INodeParameters;
	items?: NodeToRun['items'];
	settings?: NodeSettings;
	clock?: Clock;
	/** Fields of the credential that differ from the sandbox's. */
	credential?: Record<string, unknown>;
	run?: Partial<NodeToRun>;
}

/** Starts the node against a sandbox: by default it closes `card-1001`. */
export async function begin(sandbox: Sandbox, job: Job = {}): Promise<Running<NodeOutcome>> {
	const { parameters = {}, options = {}, items = [{ card: 'card-1001' }], settings = {}, clock = fastClock(), credential = {} } = job;
	return await startNode({
		node: nodeWith(clock),
		credential: new FreedomPayApi(),
		credentialData: { ...sandbox.credential, ...credential },
		parameters: { resource: 'card', operation: 'close', cardId: '={{ $json.card }}', description: 'Lost', options, ...parameters },
		items,
		settings,
		...job.run,
	});
}

/** Runs the node to the end of the execution. */
export async function work(sandbox: Sandbox, job: Job = {}): Promise<NodeOutcome> {
	return await (await begin(sandbox, job)).done;
}

/** Runs the node with failed items on its second output. */
export async function workOn(sandbox: Sandbox, job: Job = {}): Promise<NodeOutcome> {
	return await work(sandbox, { ...job, settings: { onError: 'continueErrorOutput', ...job.settings } });
}

/** The paths requested, oldest first, by their last part. */
export function wire(sandbox: Sandbox): string[] {
	return sandbox.journal.all.map(({ path }) => path.split('/').at(-1) ?? '');
}

/** Every request of the journal was signed rightly, and all commands of one id were the same bytes. */
export function expectHonestWire(sandbox: Sandbox): void {
	const bytes = new Map<string, string>();
	for (const { path, requestId, rawBody, signature } of sandbox.journal.all) {
		expect(signature).toEqual(expect.objectContaining({ verified: true }));
		if (path === STATUS || requestId === undefined) continue;
		const body = rawBody.toString('utf8');
		expect(bytes.get(requestId) ?? body).toBe(body);
		bytes.set(requestId, body);
	}
}

function onlyItem(outcome: NodeOutcome, output: 0 | 1): Record<string, unknown> {
	const other = outcome.items[1 - output] ?? [];
	expect(other).toEqual([]);
	expect(outcome.items[output]).toHaveLength(1);
	const item = outcome.items[output]?.[0];
	expect(item?.pairedItem).toEqual({ item: 0 });
	return item?.json ?? {};
}

/** The one item, which is on the first output. */
export function success(outcome: NodeOutcome): Record<string, unknown> {
	return onlyItem(outcome, 0);
}

export interface FailedItem {
	error: string;
	details: {
		outcome: string;
		next_step: string;
		request_id?: string;
		card_id?: string;
		http_status?: number;
		response?: string;
	};
}

/** The one item, which is on the error output. */
export function failure(outcome: NodeOutcome): FailedItem {
	return onlyItem(outcome, 1) as unknown as FailedItem;
}
