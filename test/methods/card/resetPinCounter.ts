import type { Contract } from '../contract';
import { CARD, CARD_ID, STATUSES } from '../samples';

export const contract: Contract = {
	documented: { path: '/v5/card-api/card/reset_counter_pin', id: true, fields: CARD_ID, answer: STATUSES },
	kind: 'command',
	parameters: { cardId: CARD },
	body: { card_id: CARD },
	ids: { card_id: CARD },
	identity: ['card_id'],
	alreadySo: 'never',
};
