import type { Contract } from '../contract';

export const contract: Contract = {
	documented: {
		path: '/v5/card-api/external/cardholder_validate',
		id: true,
		fields: {
			user_phone: ['string', true],
			first_name: ['string', true],
			last_name: ['string', true],
			card_token: ['string', true],
		},
		answer: ['status', 'score', 'fishy', 'dt'],
		example: {
			user_phone: '7077070707',
			first_name: 'Ivan',
			last_name: 'Ivanov',
			card_token: '00000000-0000-0000-0000-000000000000',
			request_id: '9a1c6959-2188-4292-a48e-aeb586204676',
		},
	},
	kind: 'read fresh',
	parameters: {
		userPhone: '7077070707',
		firstName: 'Ivan',
		lastName: 'Ivanov',
		cardToken: '00000000-0000-0000-0000-000000000000',
	},
	body: {
		user_phone: '7077070707',
		first_name: 'Ivan',
		last_name: 'Ivanov',
		card_token: '00000000-0000-0000-0000-000000000000',
	},
	ids: { card_token: '00000000-0000-0000-0000-000000000000' },
};
