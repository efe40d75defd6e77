import type { INodeParameters } from 'n8n-workflow';

import { FreedomPayApi } from '../../credentials/FreedomPayApi.credentials';
import { runNode, type NodeOutcome, type NodeSettings, type NodeToRun } from './engine';
import { nodeWith } from './nodeWith';
import { virtualClock } from './virtualClock';

export { failedItems, stored } from './items';
export { CLOSE } from './paths';

const credential = new FreedomPayApi();

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
