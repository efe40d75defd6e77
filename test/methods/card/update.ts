import type { Contract } from '../contract';
import { CARD, CARD_ID, STATUSES } from '../samples';

export const contract: Contract = {
	documented: {
		path: '/v5/card-api/card/update',
		id: true,
		fields: {
			...CARD_ID,
			accounts: ['array', null],
			'accounts[].iban': ['string', null],
			'accounts[].currency': ['string', null],
			'accounts[].type': ['string', null],
		},
		answer: STATUSES,
		example: {
			request_id: '019ab688-bef2-72c4-6a29-d0e08be76d95',
			card_id: '019ab688-bef2-72c4-6a29-d0e08be76d95',
			accounts: [{ iban: 'ES7921000813610123456789', currency: 'USD', type: 'IBAN' }],
		},
	},
	kind: 'command',
	parameters: { cardId: CARD, additionalFields: { accountsJson: '={{ $json.accounts }}' } },
	body: { card_id: CARD, accounts: [{ iban: 'ES7921000813610123456789', currency: 'USD', type: 'IBAN' }] },
	ids: { card_id: CARD },
	identity: ['accounts', 'card_id'],
	alreadySo: 'never',
};
