import { NodeConnectionTypes, type INodeExecutionData, type INodeType, type INodeTypeDescription, type IPollFunctions } from 'n8n-workflow';

import { loadOptions } from '../FreedomPayCard/panel/loadOptions';
import { systemClock } from '../card-api/delivery/clock';
import { properties } from './panel/properties';
import { poll } from './poll/poll';
import { testEvent } from './poll/testEvent';

export class FreedomPayCardTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'FreedomPay Card Trigger',
		name: 'freedomPayCardTrigger',
		icon: { light: 'file:../FreedomPayCard/freedomPayCard.svg', dark: 'file:../FreedomPayCard/freedomPayCard.dark.svg' },
		group: ['trigger'],
		version: 1,
		subtitle: '={{ $parameter["event"] === "newOperation" ? "On new operation of a card" : "" }}',
		description: 'Starts the workflow when a card of Freedom Pay of Kazakhstan (freedompay.kz) is used',
		defaults: { name: 'FreedomPay Card Trigger' },
		polling: true,
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'freedomPayApi', required: true }],
		properties: properties(),
	};

	methods = { loadOptions };

	async poll(this: IPollFunctions): Promise<INodeExecutionData[][] | null> {
		return this.getMode() === 'manual' ? await testEvent(this, systemClock) : await poll(this, systemClock);
	}
}
