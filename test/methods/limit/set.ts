import type { Contract } from '../contract';

export const contract: Contract = {
	documented: {
		path: '/v5/card-api/limits/set',
		id: true,
		fields: {
			object: ['object', true],
			'object.type': ['string', true],
			'object.value': ['string', true],
			limits: ['array', true],
			'limits[].transaction_type': ['string', true],
			'limits[].region': ['string', false],
			'limits[].period': ['string', false],
			'limits[].amount': ['array', false],
			'limits[].amount[].type': ['string', null],
			'limits[].amount[].value': ['string', null],
			'limits[].amount[].currency': ['string', null],
		},
		answer: [],
		example: {
			request_id: '550e8400-e29b-41d4-a716-446655440000',
			object: { type: 'card', value: '123456789' },
			limits: [
				{ transaction_type: 'withdrawal_atm', period: 'month', amount: [{ type: 'max', value: '5000', currency: 'USD' }] },
			],
		},
	},
	kind: 'command',
	parameters: {
		objectType: 'card',
		cardId: '123456789',
		limits: {
			limit: [
				{
					transactionType: 'withdrawal_atm',
					region: '',
					period: 'month',
					amount: { amount: [{ type: 'max', value: '5000', currency: 'USD' }] },
				},
			],
		},
	},
	body: {
		object: { type: 'card', value: '123456789' },
		limits: [{ transaction_type: 'withdrawal_atm', period: 'month', amount: [{ type: 'max', value: '5000', currency: 'USD' }] }],
	},
	ids: { object: { type: 'card', value: '123456789' } },
	identity: ['limits', 'object'],
	stricter: ['limits[].amount'],
	alreadySo: 'never',
};
