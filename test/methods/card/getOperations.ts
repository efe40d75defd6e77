import type { Contract } from '../contract';
import { CARD, CARD_ID } from '../samples';

export const contract: Contract = {
	documented: {
		path: '/v5/card-api/card/statement',
		id: false,
		fields: { ...CARD_ID, start_date: ['date-time', false], end_date: ['date-time', false] },
		answer: [
			'status',
			'request_status',
			'operations',
			'operations.type',
			'operations.amount',
			'operations.commission',
			'operations.currency',
			'operations.mcc',
			'operations.datetime',
			'operations.rrn',
			'operations.merchant',
			'dt',
		],
	},
	kind: 'read none',
	parameters: { cardId: CARD, startDate: '2025-01-01T00:00:00+05:00', endDate: '2025-01-31T23:59:59Z' },
	body: { card_id: CARD, start_date: '2025-01-01T00:00:00+05:00', end_date: '2025-01-31T23:59:59+00:00' },
	ids: { card_id: CARD },
};
