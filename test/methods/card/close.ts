import type { Contract } from '../contract';
import { CARD, CARD_ID, STATUSES } from '../samples';

export const contract: Contract = {
	documented: {
		path: '/v5/card-api/card/close',
		id: true,
		fields: { ...CARD_ID, description: ['string', true] },
		answer: STATUSES,
	},
	kind: 'command',
	parameters: { cardId: CARD, reason: 'Lost' },
	body: { card_id: CARD, description: 'Lost' },
	ids: { card_id: CARD },
	identity: ['card_id'],
	besideIdentity: ['description'],
	alreadySo: {
		said: ['card is already closed', 'Already closed', 'The card 1001 was closed.', 'Карта уже закрыта'],
		cause: 'already_closed',
		nextStep: 'FreedomPay says that the card is closed already: nothing is left to do.',
	},
};
