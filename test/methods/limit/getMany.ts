import type { Contract } from '../contract';

export const contract: Contract = {
	documented: {
		path: '/v5/card-api/limits/list',
		id: true,
		fields: { object: ['object', true], 'object.type': ['string', true], 'object.value': ['string', true] },
		answer: [],
		example: { request_id: '123e4567-e89b-12d3-a456-426614174000', object: { type: 'card', value: '123456789' } },
	},
	kind: 'read fresh',
	parameters: { objectType: 'card', cardId: 123456789 },
	body: { object: { type: 'card', value: '123456789' } },
	ids: { object: { type: 'card', value: '123456789' } },
};
