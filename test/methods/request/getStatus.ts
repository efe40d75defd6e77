import type { Contract } from '../contract';
import { REQUEST } from '../samples';

export const contract: Contract = {
	documented: {
		path: '/v5/card-api/request/status',
		id: false,
		fields: { request_id: ['string', true] },
		answer: ['status', 'request_status', 'cards', 'cards.card_id', 'client_id', 'dt'],
		example: { request_id: '828cf71d-a447-4a67-a149-c1df8bc197ca' },
	},
	kind: 'read none',
	parameters: { requestId: REQUEST },
	body: { request_id: REQUEST },
	ids: { request_id: REQUEST },
};
