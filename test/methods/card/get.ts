import type { Contract } from '../contract';
import { CARD_ID, REQUEST } from '../samples';

export const contract: Contract = {
	documented: {
		path: '/v5/card-api/card/info',
		id: true,
		fields: CARD_ID,
		answer: [],
		example: { request_id: '828cf71d-a447-4a67-a149-c1df8bc197ca', card_id: '828cf71d-a447-4a67-a149-c1df8bc197ca' },
	},
	kind: 'read fresh',
	parameters: { cardId: REQUEST, simplify: false },
	body: { card_id: REQUEST },
	ids: { card_id: REQUEST },
};
