import type { Contract } from '../contract';
import { CARD, CARD_ID, STATUSES } from '../samples';

export const contract: Contract = {
	documented: {
		path: '/v5/card-api/card/link',
		id: true,
		fields: { client_id: ['string', true], ...CARD_ID },
		answer: STATUSES,
	},
	kind: 'command',
	parameters: { cardId: CARD, clientId: 'client-2001' },
	body: { client_id: 'client-2001', card_id: CARD },
	ids: { client_id: 'client-2001', card_id: CARD },
	identity: ['card_id', 'client_id'],
	alreadySo: {
		said: ['client is already linked', 'Card is already linked to a client', 'карта уже привязана'],
		cause: 'already_linked',
		nextStep: 'FreedomPay says that the card is linked already. If that is to this client, nothing is left to do; if not, ask FreedomPay.',
	},
};
