import type { Contract } from '../contract';
import { REQUEST } from '../samples';

export const contract: Contract = {
	documented: {
		path: '/v5/card-api/request/status',
		id: false,
		fields: { request_id: ['string', true] },
		answer: ['status', 'request_status', 'transaction_id', 'fin_document_id', 'dt'],
	},
	kind: 'read none',
	parameters: { requestId: REQUEST },
	body: { request_id: REQUEST },
	ids: { request_id: REQUEST },
};
