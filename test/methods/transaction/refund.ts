import type { Contract } from '../contract';
import { STATUSES } from '../samples';

export const contract: Contract = {
	documented: {
		path: '/v5/card-api/transaction/refund',
		id: true,
		fields: {
			order_id: ['string', true],
			transaction_id: ['string', true],
			description: ['string', false],
			amount: ['number', false],
		},
		answer: STATUSES,
	},
	kind: 'command',
	parameters: { orderId: 'order-1', transactionId: 'tx-1', refund: 'part', amount: '10.50', reason: 'Returned' },
	body: { order_id: 'order-1', transaction_id: 'tx-1', description: 'Returned', amount: 10.5 },
	ids: { order_id: 'order-1', transaction_id: 'tx-1', amount: 10.5 },
	identity: ['amount', 'order_id', 'transaction_id'],
	besideIdentity: ['description'],
	mayComeOutBlank: ['description'],
	alreadySo: {
		said: ['already refunded', 'Transaction is already refunded'],
		cause: 'already_refunded',
		nextStep: 'FreedomPay says that this is refunded already. Check with Card: Get Operations what was returned before you refund more.',
	},
};
