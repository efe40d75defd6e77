import type { INodeParameters } from 'n8n-workflow';

import { FreedomPayApi } from '../../credentials/FreedomPayApi.credentials';
import { FreedomPayCard } from '../../nodes/FreedomPayCard/FreedomPayCard.node';
import { runNode, type NodeOutcome, type NodeSettings, type NodeToRun } from '../engine/harness';

const node = new FreedomPayCard();
const credential = new FreedomPayApi();

/** The three ways in which a node may go on after a failure. */
export const errorModes = ['stopWorkflow', 'continueRegularOutput', 'continueErrorOutput'] as const;

export const CLOSE = '/v5/card-api/card/close';

/** A card to close by item, its id in the field `card`. */
export const closeEach: INodeParameters = {
	resource: 'card',
	operation: 'close',
	cardId: '={{ $json.card }}',
	description: 'Lost by the cardholder',
};

/** Runs the FreedomPay Card node in n8n's engine. */
export async function runCard(
	credentialData: object,
	parameters: INodeParameters,
	items: NodeToRun['items'],
	onError: NonNullable<NodeSettings['onError']> = 'stopWorkflow',
	more: Partial<NodeToRun> = {},
): Promise<NodeOutcome> {
	return await runNode({ node, credential, credentialData: credentialData as never, parameters, items, settings: { onError }, ...more });
}

/** The items of both outputs as plain data: what n8n would store. */
export function stored({ items }: NodeOutcome): Array<Array<{ json: Record<string, unknown>; pairedItem: unknown }>> {
	return items.map((output) => output.map(({ json, pairedItem }) => ({ json: structuredClone(json), pairedItem })));
}
