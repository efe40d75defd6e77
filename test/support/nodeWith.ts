import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import type { Clock } from '../../nodes/card-api/delivery/clock';
import { FreedomPayCard } from '../../nodes/FreedomPayCard/FreedomPayCard.node';
import { execute } from '../../nodes/FreedomPayCard/run/execute';

/** The node with another clock, and in other surroundings where a test wants so; everything else is the very node. */
export function nodeWith(clock: Clock, surroundings: (context: IExecuteFunctions) => IExecuteFunctions = (context) => context): FreedomPayCard {
	const node = new FreedomPayCard();
	node.execute = async function (this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await execute(surroundings(this), clock);
	};
	return node;
}
