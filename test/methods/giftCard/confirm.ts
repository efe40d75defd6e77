import type { Contract } from '../contract';

export const contract: Contract = {
	documented: {
		path: '/v5/cards/activate_card',
		id: false,
		fields: { otp: ['string', true], card_id: ['integer', false] },
		answer: ['datetime', 'status', 'card_status', 'card_currency', 'card_balance', 'card_mask'],
		example: { otp: '1234', card_id: 555 },
	},
	kind: 'oneTimeCommand',
	parameters: { otp: '1234', cardId: '555' },
	body: { otp: '1234', card_id: 555 },
	ids: { card_id: 555 },
	alsoTells: { card_status_text: 'issued' },
	identity: ['otp'],
	besideIdentity: ['card_id'],
	mayComeOutBlank: ['card_id'],
	alreadySo: 'byStatus',
};
