import { answer, sampleAnswer } from '../answers';
import type { Command } from '../define';
import { amount, idOf, oneOf, prose } from '../fields';
import type { InDocs } from '../inDocs';
import type { SandboxCommand } from '../inSandbox';

const FULL = 'full';
const PART = 'part';

export const refundTransaction: Command = {
	resource: 'transaction',
	operation: 'refund',
	name: 'Refund',
	action: 'Refund a transaction in full or in part',
	description: 'Give the money of a transaction back, in full or in part',
	path: '/v5/card-api/transaction/refund',
	source: 'https://docs.freedompay.kz/api-14318477',
	is: 'command',
	answers: 'request',
	fields: [
		idOf('order', { description: 'ID of the order of the transaction', placeholder: 'e.g. 100045' }),
		idOf('transaction', { description: 'ID of the transaction to refund', placeholder: 'e.g. 789012' }),
		oneOf(
			[
				{ name: 'Full', value: FULL, description: 'The whole transaction is refunded' },
				{ name: 'Part', value: PART, description: 'The amount given is refunded' },
			],
			{ key: 'refund', label: 'Refund', description: 'How much of the transaction to refund', default: PART, sentAs: false },
		),
		prose({
			key: 'description',
			parameter: 'reason',
			label: 'Reason',
			description: 'Why the transaction is refunded. FreedomPay gets these words.',
			placeholder: 'e.g. Returned goods',
			required: false,
			blank: 'leftOut',
			beside: true,
		}),
		amount({
			key: 'amount',
			label: 'Amount',
			description: 'How much to refund, in the currency of the transaction',
			placeholder: 'e.g. 1500.50',
			required: false,
			requiredWhen: {
				key: 'refund',
				in: [PART],
				of: [FULL, PART],
				why: 'for a part',
				otherwise: 'is given, but Refund is Full. Choose Part to refund an amount, or clear Amount',
			},
		}),
	],
	ids: ['order_id', 'transaction_id', 'amount'],
	// The API takes a refund without an amount as one of the whole transaction.
	absent: { amount: { refund: FULL } },
	// Two partial refunds of one transaction are two intents.
	identity: ['order_id', 'transaction_id', 'amount'],
	repeat: 'adds',
	object: ['order_id', 'transaction_id'],
	refusals: [
		{
			says: /already (?:been )?(?:refunded|returned)|уже (?:был[аи]? )?возвращен/,
			example: 'transaction is already refunded',
			cause: 'already_refunded',
			step: 'FreedomPay says that this is refunded already. Check with Card: Get Operations what was returned before you refund more.',
		},
	],
	answer: answer(),
	sample: {
		request: { order_id: 'order-1', transaction_id: 'transaction-1', description: 'Returned goods', amount: 1500.5 },
		answer: sampleAnswer,
	},
};

export const inSandbox: SandboxCommand = {
	refusal({ body, transaction, takesUnknownIds }) {
		if (transaction === undefined) return takesUnknownIds ? undefined : 'transaction not found';
		const { isPurchase, refundable } = transaction;
		if (!isPurchase) return 'transaction cannot be refunded';
		if (refundable <= 0) return 'transaction is already refunded';
		return Number(body.amount ?? refundable) > refundable ? `amount is more than is left to refund (${refundable})` : undefined;
	},
	act: ({ body, transaction }) => ({
		fin_document_id: transaction?.refund(Number(body.amount ?? transaction.refundable)) ?? `document-${String(body.transaction_id)}`,
	}),
};

export const inDocs: InDocs = {
	russian: 'возврат платежа: Full — полностью, Part — на указанную сумму',
	foundBy: ['refund'],
	title: 'Refund Transaction',
	input: { order_id: 'order-1', transaction_id: 'transaction-1', refund: 1500.5, ticket: 'TKT-42' },
	parameters: {
		orderId: '={{ $json.order_id }}',
		transactionId: '={{ $json.transaction_id }}',
		refund: 'part',
		amount: '={{ $json.refund }}',
		eventId: '={{ $json.ticket }}',
	},
};
