import { setImmediate } from 'node:timers/promises';

import type { IDataObject, IExecuteFunctions, INodeParameters } from 'n8n-workflow';

import { FreedomPayApi } from '../../credentials/FreedomPayApi.credentials';
import type { Clock } from '../../nodes/card-api/delivery/clock';
import { startNode, type NodeOutcome, type NodeSettings, type NodeToRun, type Running } from './engine';
import { assumptions, type Sandbox } from '../sandbox';
import { failedOf, type Failed } from './failed';
import { nodeWith } from './nodeWith';
import { virtualClock } from './virtualClock';

export { failedOf, type Failed } from './failed';
export { nodeWith } from './nodeWith';

export const CLOSE = '/v5/card-api/card/close';
export const STATUS = '/v5/card-api/request/status';
export const GIFT = '/v5/cards/activate_card';

/** n8n's context with some of its methods replaced. */
export function contextWith(context: IExecuteFunctions, replaced: Partial<IExecuteFunctions>): IExecuteFunctions {
	return Object.create(context, Object.getOwnPropertyDescriptors(replaced)) as IExecuteFunctions;
}

type Request = IExecuteFunctions['helpers']['httpRequestWithAuthentication'];

/** n8n's context with another way out. `send` makes the request after all. */
export function contextSending(context: IExecuteFunctions, request: (send: () => Promise<unknown>) => Promise<unknown>): IExecuteFunctions {
	const { helpers } = context;
	const replaced: Request = async function (this, ...rest) {
		// The helper's own answer is of any type.
		return (await request(async () => (await helpers.httpRequestWithAuthentication.call(this, ...rest)) as unknown)) as never;
	};
	return contextWith(context, { helpers: { ...helpers, httpRequestWithAuthentication: replaced } });
}

/** n8n's error with its cause: an error of Node.js itself is none for a library that Jest loads, so that n8n leaves it out. */
export const withCause = (context: IExecuteFunctions): IExecuteFunctions =>
	contextSending(context, async (send) => {
		try {
			return await send();
		} catch (error) {
			throw Object.assign(error as Error, { cause: (error as { errorResponse?: unknown }).errorResponse });
		}
	});

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
export async function begin(sandbox: Sandbox, job: Job = {}): Promise<Running<NodeOutcome>> {
	const { parameters = {}, options = {}, items = [{ card: 'card-1001' }], settings = {}, credential = {} } = job;
	const { clock = virtualClock({ sandbox }) } = job;
	return await startNode({
		node: nodeWith(clock, job.surroundings),
		credential: new FreedomPayApi(),
		credentialData: { ...sandbox.credential, ...credential },
		parameters: { resource: 'card', operation: 'close', cardId: '={{ $json.card }}', reason: 'Lost', options, ...parameters },
		items,
		settings,
		...job.run,
	});
}

/** Runs the node to the end of the execution. */
export async function work(sandbox: Sandbox, job: Job = {}): Promise<NodeOutcome> {
	return await (await begin(sandbox, job)).done;
}

/** Waits until something is reached, however long that takes. */
export async function until(isReached: () => boolean): Promise<void> {
	while (!isReached()) await setImmediate();
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

/** Ends a test: checks the wire, and puts the sandbox back whatever there is to complain about. */
export function conclude(sandbox: Sandbox): void {
	try {
		expectHonestWire(sandbox);
	} finally {
		sandbox.reset();
		Object.assign(sandbox.settings, { ...assumptions, processingMs: 0, latencyMs: 0, statusLagMs: 0 });
	}
}

function onlyItem(outcome: NodeOutcome, output: 0 | 1): Record<string, unknown> {
	const other = outcome.items[1 - output] ?? [];
	expect(other).toEqual([]);
	expect(outcome.items[output]).toHaveLength(1);
	const item = outcome.items[output]?.[0];
	expect([0, { item: 0 }]).toContainEqual(item?.pairedItem);
	return item?.json ?? {};
}

/** The one item, which is on the first output. */
export function success(outcome: NodeOutcome): Record<string, unknown> {
	return onlyItem(outcome, 0);
}

/** What became of an item that went in: it failed, or it came out with these fields. */
export type Fate = { failed: Failed; done?: undefined } | { done: IDataObject; failed?: undefined };

/**
 * What became of each of the items that went in, in their order. Every one came out once and paired, those that
 * failed where failed ones belong, and none as if it were done without an answer.
 */
export function fatesOf({ items, error, status }: NodeOutcome, count: number): Fate[] {
	const fates = new Map<number, Fate>();
	const problems: unknown[] = error === undefined || status === 'canceled' ? [] : [error.message];
	for (const [output, list] of items.entries()) {
		for (const { json, pairedItem } of list) {
			const index = typeof pairedItem === 'number' ? pairedItem : ((pairedItem as { item?: number } | undefined)?.item ?? -1);
			const failed = failedOf(json);
			if (fates.has(index)) problems.push({ 'came out twice': index });
			if (failed === undefined && typeof json.request_status !== 'string' && json.card_mask === undefined) problems.push({ 'no answer': json });
			// Where there is an output for failed items, they are there, and nothing else is. It shows the fields of the input, too.
			if (items.length > 1 && (failed !== undefined) !== (output === 1)) problems.push({ 'wrong output': output, json });
			if (items.length === 1 && failed !== undefined && Object.keys(json).length > 1) problems.push({ 'more than an error': json });
			fates.set(index, failed === undefined ? { done: json } : { failed });
		}
	}
	expect(problems).toEqual([]);
	const indexes = Array.from({ length: count }, (_, index) => index);
	expect([...fates.keys()].sort((a, b) => a - b)).toEqual(indexes);
	return indexes.map((index) => fates.get(index) as Fate);
}

/** What the one item says, which failed. */
export function failed(outcome: NodeOutcome): Failed {
	const [fate] = fatesOf(outcome, 1);
	if (fate?.failed === undefined) throw new Error(`The item did not fail: ${JSON.stringify(fate)}`);
	return fate.failed;
}

/** The fields of the one item, which is done or being processed. */
export function done(outcome: NodeOutcome): IDataObject {
	const [fate] = fatesOf(outcome, 1);
	if (fate?.done === undefined) throw new Error(`The item failed: ${JSON.stringify(fate)}`);
	return fate.done;
}

/** What became of items, as the message of a run that stops names it. */
type Kind = 'Done' | 'Still being processed' | 'Failed' | 'Unknown' | 'Not sent';

/** What the message of a run that stops says of its items: how many came to what, and their names as they stand there. */
export function accountOf(error: { description?: string | null | undefined } | undefined): Partial<Record<Kind, [count: number, names: string]>> {
	const lines = (error?.description ?? '').split('<br>\n').map((line) => /^(Done|Still being processed|Failed|Unknown|Not sent) \((\d+)\): (.*)$/.exec(line));
	return Object.fromEntries(lines.flatMap((line) => (line === null ? [] : [[line[1], [Number(line[2]), line[3]]]]))) as Partial<Record<Kind, [number, string]>>;
}
