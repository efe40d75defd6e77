import { answer, sampleAnswer } from '../answers';
import type { Command } from '../define';
import { amount, id, text } from '../fields';

export const refundTransaction: Command = {
	resource: 'transaction',
	operation: 'refund',
	name: 'Refund',
	action: 'Refund a transaction',
	description: 'Give the money of a transaction back, in full or in part',
	path: '/v5/card-api/transaction/refund',
	source: 'https://docs.freedompay.kz/api-14318477',
	is: 'command',
	answers: 'request',
	fields: [
		id({ key: 'order_id', label: 'Order ID', description: 'ID of the order of the transaction', placeholder: 'e.g. 100045' }),
		id({ key: 'transaction_id', label: 'Transaction ID', description: 'ID of the transaction to refund', placeholder: 'e.g. 789012' }),
		text({ key: 'description', label: 'Reason', description: 'Why the transaction is refunded', required: false }),
		amount({
			key: 'amount',
			label: 'Amount',
			description: 'How much to refund, in the currency of the transaction. Remove the field for a full refund. An empty value is refused.',
			required: false,
			neverBlank: true,
		}),
	],
	ids: ['order_id', 'transaction_id'],
	// Two partial refunds of one transaction are two intents.
	identity: ['order_id', 'transaction_id', 'amount'],
	repeat: 'adds',
	object: ['order_id', 'transaction_id'],
	answer: answer(),
	notice: 'Without the additional field Amount, the whole transaction is refunded.',
	sample: {
		request: { order_id: 'order-1', transaction_id: 'transaction-1', description: 'Returned goods', amount: 1500.5 },
		answer: sampleAnswer,
	},
};
