import { NodeConnectionTypes, type IExecuteFunctions, type INodeExecutionData, type INodeType, type INodeTypeDescription } from 'n8n-workflow';

import { systemClock } from './delivery/clock';
import { properties } from './panel/properties';
import { execute } from './run/execute';

export class FreedomPayCard implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'FreedomPay Card',
		name: 'freedomPayCard',
		icon: { light: 'file:freedomPayCard.svg', dark: 'file:freedomPayCard.dark.svg' },
		group: ['output'],
		version: 1,
		subtitle: '={{ $parameter["operation"] + ": " + $parameter["resource"] }}',
		description: 'Manage cards through the Card API of Freedom Pay of Kazakhstan (freedompay.kz)',
		defaults: { name: 'FreedomPay Card' },
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		usableAsTool: true,
		credentials: [{ name: 'freedomPayApi', required: true }],
		properties: properties(),
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await execute(this, systemClock);
	}
}
