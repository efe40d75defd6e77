import { NodeConnectionTypes, type IExecuteFunctions, type INodeExecutionData, type INodeType, type INodeTypeDescription } from 'n8n-workflow';

import { systemClock } from '../card-api/delivery/clock';
import { loadOptions } from './panel/loadOptions';
import { properties } from './panel/properties';
import { subtitle } from './panel/subtitle';
import { execute } from './run/execute';

export class FreedomPayCard implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'FreedomPay Card',
		name: 'freedomPayCard',
		icon: { light: 'file:freedomPayCard.svg', dark: 'file:freedomPayCard.dark.svg' },
		group: ['output'],
		version: 1,
		subtitle: subtitle(),
		description: 'Manage cards through the Card API of Freedom Pay of Kazakhstan (freedompay.kz)',
		defaults: { name: 'FreedomPay Card' },
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		usableAsTool: true,
		credentials: [{ name: 'freedomPayApi', required: true }],
		properties: properties(),
	};

	methods = { loadOptions };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await execute(this, systemClock);
	}
}
