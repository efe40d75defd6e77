import { answer, sampleAnswer } from '../answers';
import type { Method } from '../define';
import { amount, id, text } from '../fields';

export const refundTransaction: Method = {
	resource: 'transaction',
	operation: 'refund',
	name: 'Refund',
	action: 'Refund a transaction',
	description: 'Refund a transaction: money goes back, in full unless an amount is given. FreedomPay marks this method as still developing.',
	path: '/v5/card-api/transaction/refund',
	source: 'https://docs.freedompay.kz/api-14318477',
	kind: 'command',
	requestId: 'idempotent',
	answers: 'request',
	fields: [
		id({ key: 'order_id', label: 'Order ID', description: 'ID of the order of the transaction', placeholder: 'e.g. 100045' }),
		id({ key: 'transaction_id', label: 'Transaction ID', description: 'ID of the transaction to refund', placeholder: 'e.g. 789012' }),
		text({ key: 'description', label: 'Reason', description: 'Why the transaction is refunded', required: false }),
		amount({
			key: 'amount',
			label: 'Amount',
			description:
				'How much to refund. Remove the field to leave it to FreedomPay, which the documentation suggests means in full. If the field is there, an empty value is refused.',
			required: false,
			neverBlank: true,
		}),
	],
	ids: ['order_id', 'transaction_id'],
	// Two partial refunds of one transaction are two intents.
	identity: ['order_id', 'transaction_id', 'amount'],
	answer: answer(),
	caveat: "FreedomPay's documentation marks this method as 'Developing': it may change.",
	sample: {
		request: { order_id: 'order-1', transaction_id: 'transaction-1', description: 'Returned goods', amount: 1500.5 },
		answer: sampleAnswer,
	},
};
