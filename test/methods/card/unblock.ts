import type { Contract } from '../contract';
import { CARD, CARD_ID, STATUSES } from '../samples';

export const contract: Contract = {
	documented: {
		path: '/v5/card-api/card/unblock',
		id: true,
		fields: { ...CARD_ID, description: ['string', true] },
		answer: STATUSES,
	},
	kind: 'command',
	parameters: { cardId: CARD, reason: 'Found' },
	body: { card_id: CARD, description: 'Found' },
	ids: { card_id: CARD },
	identity: ['card_id'],
	besideIdentity: ['description'],
	alreadySo: {
		said: ['Card is not blocked', 'card is already active', 'Not blocked'],
		cause: 'not_blocked',
		nextStep: 'FreedomPay says that the card is not blocked: nothing is left to do.',
	},
};
