import type { INodeParameters } from 'n8n-workflow';

import { FreedomPayApi } from '../../credentials/FreedomPayApi.credentials';
import { runNode, type NodeOutcome, type NodeSettings, type NodeToRun } from './engine';
import { failedOf, type Failed } from './failed';
import { nodeWith } from './nodeWith';
import { virtualClock } from './virtualClock';

const credential = new FreedomPayApi();

/** The three ways in which a node may go on after a failure. */
export const errorModes = ['stopWorkflow', 'continueRegularOutput', 'continueErrorOutput'] as const;

export const CLOSE = '/v5/card-api/card/close';

/** A card to close by item, its id in the field `card`. */
export const closeEach: INodeParameters = {
	resource: 'card',
	operation: 'close',
	cardId: '={{ $json.card }}',
	reason: 'Lost by the cardholder',
};

/** Runs the FreedomPay Card node in n8n's engine, by a clock of its own: its waits take no time, and no request is too slow. */
export async function runCard(
	credentialData: object,
	parameters: INodeParameters,
	items: NodeToRun['items'],
	onError: NonNullable<NodeSettings['onError']> = 'stopWorkflow',
	more: Partial<NodeToRun> = {},
): Promise<NodeOutcome> {
	return await runNode({ node: nodeWith(virtualClock()), credential, credentialData: credentialData as never, parameters, items, settings: { onError }, ...more });
}

/**
 * The failed items, each by the number of the item that went in. They are where such items belong: on the second output, where n8n
 * adds the fields of the item that went in, or alone with their error.
 */
export function failedItems({ items }: NodeOutcome): Array<[item: number, told: Failed]> {
	return items.flatMap((list, output) =>
		list.flatMap(({ json, pairedItem }): Array<[number, Failed]> => {
			const told = failedOf(json);
			const isMisplaced = items.length > 1 ? (told === undefined) !== (output === 0) : told !== undefined && Object.keys(json).length > 1;
			if (isMisplaced || (told === undefined && 'error' in json)) throw new Error(`Not a failed item, or not in its place: ${JSON.stringify(json)}`);
			return told === undefined ? [] : [[typeof pairedItem === 'number' ? pairedItem : (pairedItem as { item: number }).item, told]];
		}),
	);
}

/** The items of both outputs as plain data: what n8n would store. */
export function stored({ items }: NodeOutcome): Array<Array<{ json: Record<string, unknown>; pairedItem: unknown }>> {
	return items.map((output) => output.map(({ json, pairedItem }) => ({ json: structuredClone(json), pairedItem })));
}
