import type { Contract } from '../contract';

export const contract: Contract = {
	documented: {
		path: '/v5/card-api/card/issue',
		id: true,
		fields: {
			product_id: ['integer', true],
			cardholder: ['object', true],
			'cardholder.first_name': ['string', true],
			'cardholder.last_name': ['string', true],
			'cardholder.middle_name': ['string', false],
			'cardholder.birthdate': ['date', false],
			'cardholder.phone': ['integer', true],
			'cardholder.email': ['string', false],
			'cardholder.country': ['string', true],
			'cardholder.person_id': ['string', true],
		},
		answer: [],
	},
	kind: 'command',
	parameters: {
		productId: '1000',
		firstName: 'Ivan',
		lastName: 'Ivanov',
		phone: '+7 707 707 07 07',
		country: 'kaz',
		personId: '900131300123',
		additionalFields: { birthdate: '1990-01-31', email: 'ivan@example.com' },
	},
	body: {
		product_id: 1000,
		cardholder: {
			first_name: 'Ivan',
			last_name: 'Ivanov',
			birthdate: '1990-01-31',
			phone: 77077070707,
			email: 'ivan@example.com',
			country: 'KAZ',
			person_id: '900131300123',
		},
	},
	ids: { product_id: 1000 },
	identity: ['cardholder', 'product_id'],
	mayComeOutBlank: ['cardholder.email', 'cardholder.middle_name'],
	alreadySo: 'never',
};
