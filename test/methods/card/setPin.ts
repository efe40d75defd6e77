import type { Contract } from '../contract';
import { CARD, CARD_ID, STATUSES } from '../samples';

export const contract: Contract = {
	documented: {
		path: '/v5/card-api/card/set_pin',
		id: false,
		fields: { ...CARD_ID, pin: ['string', false] },
		answer: STATUSES,
	},
	kind: 'oneTimeCommand',
	parameters: { cardId: CARD, additionalFields: { pin: '' } },
	body: { card_id: CARD },
	ids: { card_id: CARD },
	identity: ['card_id', 'pin'],
	alreadySo: 'never',
};
