import type { INodeParameters } from 'n8n-workflow';

/** A parameter that the model fills in. */
export const fromAi = (key: string, type = 'string') => `={{ $fromAI('${key}', '', '${type}') }}`;

/** Money goes back with every refund that the API takes: doubling one shows. */
export const refund: INodeParameters = {
	resource: 'transaction',
	operation: 'refund',
	orderId: fromAi('order'),
	transactionId: 'transaction-1',
	refund: 'part',
	amount: fromAi('amount', 'number'),
	reason: fromAi('reason'),
	options: {},
};

/** A command without a request ID. */
export const setPin: INodeParameters = { resource: 'card', operation: 'setPin', cardId: fromAi('card'), options: {} };
