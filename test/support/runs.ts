import { setImmediate } from 'node:timers/promises';

import type { IExecuteFunctions, INodeParameters } from 'n8n-workflow';

import { FreedomPayApi } from '../../credentials/FreedomPayApi.credentials';
import type { Clock } from '../../nodes/card-api/delivery/clock';
import type { Sandbox } from '../sandbox';
import { startNode, type NodeOutcome, type NodeSettings, type NodeToRun, type Running } from './engine';
import { stored } from './items';
import { nodeWith } from './nodeWith';
import { virtualClock } from './virtualClock';

/** The three ways in which a node may go on after a failure. */
export const errorModes = ['stopWorkflow', 'continueRegularOutput', 'continueErrorOutput'] as const;

/** A card to close by item, its ID in the field `card`. */
export const closeEach: INodeParameters = { resource: 'card', operation: 'close', cardId: '={{ $json.card }}', reason: 'Lost' };

/** What the node is run with, where it differs from closing `card-1001`. */
export interface Job {
	parameters?: INodeParameters;
	options?: INodeParameters;
	items?: NodeToRun['items'];
	settings?: NodeSettings;
	clock?: Clock;
	/** What stands between the node and n8n. */
	surroundings?: (context: IExecuteFunctions) => IExecuteFunctions;
	/** Fields of the credential that differ from the sandbox's. */
	credential?: Record<string, unknown>;
	run?: Partial<NodeToRun>;
}

/** Starts the node against a sandbox: by default it closes `card-1001`. */
export async function startJob(sandbox: Sandbox, job: Job = {}): Promise<Running<NodeOutcome>> {
	const { parameters = {}, options = {}, items = [{ card: 'card-1001' }], settings = {}, credential = {} } = job;
	const { clock = virtualClock({ sandbox }) } = job;
	return await startNode({
		node: nodeWith(clock, job.surroundings),
		credential: new FreedomPayApi(),
		credentialData: { ...sandbox.credential, ...credential },
		// Another resource has fields of the same names, and means something else by them.
		parameters: { ...(parameters.resource === undefined && closeEach), options, ...parameters },
		items,
		settings,
		...job.run,
	});
}

/** Runs the node to the end of the execution. */
export async function runJob(sandbox: Sandbox, job: Job = {}): Promise<NodeOutcome> {
	return await (await startJob(sandbox, job)).done;
}

/** Runs the node with failed items on its second output. */
export async function runJobContinuing(sandbox: Sandbox, job: Job = {}): Promise<NodeOutcome> {
	return await runJob(sandbox, { ...job, settings: { onError: 'continueErrorOutput', ...job.settings } });
}

/** Runs one item; gives what came out of it, or why it was refused. */
export async function runItem(sandbox: Sandbox, parameters: INodeParameters, json: object = {}): Promise<{ json?: Record<string, unknown>; refusal?: string }> {
	const outcome = await runJob(sandbox, { parameters, items: [json] as never });
	const message = outcome.error?.message;
	return message === undefined ? { json: stored(outcome)[0]?.[0]?.json ?? {} } : { refusal: message };
}

let executions = 0;

/** Runs the node in an execution of its own, one item at a time: what was sent has the order of the items. */
export async function runInTurn(sandbox: Sandbox, parameters: INodeParameters, items: unknown[] = [{}]): Promise<NodeOutcome> {
	executions += 1;
	const options = { maxParallelRequests: 1, ...(parameters.options as INodeParameters | undefined) };
	return await runJob(sandbox, { parameters: { ...parameters, options }, items: items as never, run: { executionId: `in turn ${executions}` } });
}

/** Waits until something is reached, however long that takes. */
export async function until(isReached: () => boolean): Promise<void> {
	while (!isReached()) await setImmediate();
}
