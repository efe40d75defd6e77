/*
 * What the provider's documentation says of each method's request, copied by hand from its pages:
 * the path, and for each field its type and whether it is required (`null`: not said). The request
 * id is told apart: `id` is whether the body has one.
 */

type Type = 'string' | 'integer' | 'number' | 'object' | 'array' | 'date-time' | 'date';

export interface Documented {
	path: string;
	id: boolean;
	/** By dotted path, `[]` for the entries of a list. */
	fields: Readonly<Record<string, readonly [type: Type, required: boolean | null]>>;
	/** The fields of the answer that the page shows, as dotted paths. */
	answer: readonly string[];
	/** The page's own example of a body, where it is more than the names of types. */
	example?: Readonly<Record<string, unknown>>;
}

const STATUSES = ['status', 'request_status', 'dt'] as const;
const CARD_ID = { card_id: ['string', true] } as const;

const address = (at: string): Documented['fields'] => ({
	[at]: ['object', false],
	...Object.fromEntries(['country', 'postal_code', 'address_line1', 'address_line2', 'address_line3'].map((key) => [`${at}.${key}`, ['string', true]])),
});

/** By resource and operation of the node. */
export const documented: Readonly<Record<string, Documented>> = {
	'card.unblock': {
		path: '/v5/card-api/card/unblock',
		id: true,
		fields: { ...CARD_ID, description: ['string', true] },
		answer: STATUSES,
	},
	'card.setPin': {
		path: '/v5/card-api/card/set_pin',
		id: false,
		fields: { ...CARD_ID, pin: ['string', false] },
		answer: STATUSES,
	},
	'card.resetPinCounter': { path: '/v5/card-api/card/reset_counter_pin', id: true, fields: CARD_ID, answer: STATUSES },
	'card.close': {
		path: '/v5/card-api/card/close',
		id: true,
		fields: { ...CARD_ID, description: ['string', true] },
		answer: STATUSES,
	},
	'card.linkClient': {
		path: '/v5/card-api/card/link',
		id: true,
		fields: { client_id: ['string', true], ...CARD_ID },
		answer: STATUSES,
	},
	'card.get': {
		path: '/v5/card-api/card/info',
		id: true,
		fields: CARD_ID,
		answer: [],
		example: { request_id: '828cf71d-a447-4a67-a149-c1df8bc197ca', card_id: '828cf71d-a447-4a67-a149-c1df8bc197ca' },
	},
	'card.update': {
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
	'card.getOperations': {
		path: '/v5/card-api/card/statement',
		id: false,
		fields: { ...CARD_ID, start_date: ['date-time', false], end_date: ['date-time', false] },
		answer: [
			'status',
			'request_status',
			'operations',
			'operations.type',
			'operations.amount',
			'operations.commission',
			'operations.currency',
			'operations.mcc',
			'operations.datetime',
			'operations.rrn',
			'operations.merchant',
			'dt',
		],
	},
	'card.getExtendedStatement': {
		path: '/v5/card-api/card/statement_extended',
		id: false,
		fields: { ...CARD_ID, start_date: ['date-time', true], end_date: ['date-time', true] },
		answer: [
			'status',
			'request_status',
			'client_id',
			'card',
			'card.card_id',
			'card.card_mask',
			'balances',
			'balances.accounts',
			'balances.accounts.iban',
			'balances.accounts.currency',
			'balances.accounts.debit',
			'balances.accounts.credit',
			'balances.accounts.amount',
			'balances.accounts.blocked_amount',
			'authorizations',
			'authorizations.datetime',
			'authorizations.type',
			'authorizations.amount',
			'authorizations.commission',
			'authorizations.full_amount',
			'authorizations.cashback',
			'authorizations.currency',
			'authorizations.iban',
			'authorizations.merchant',
			'authorizations.additional_parameters',
		],
	},
	'card.validateCardholder': {
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
	'card.issue': {
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
	'client.create': {
		path: '/v5/card-api/client/add',
		id: true,
		fields: {
			product_id: ['integer', true],
			branch_id: ['string', false],
			client: ['object', true],
			'client.phone': ['integer', true],
			'client.type': ['integer', true],
			'client.resident': ['integer', true],
			'client.first_name': ['string', true],
			'client.last_name': ['string', true],
			'client.middle_name': ['string', false],
			'client.birthdate': ['date', false],
			'client.email': ['string', false],
			'client.country': ['string', false],
			'client.person_id': ['string', false],
			'client.language': ['string', false],
			'client.document': ['string', false],
			'client.external_user_id': ['string', false],
			...address('client.address1'),
			...address('client.address2'),
			'client.identification_info': ['object', false],
			'client.identification_info.idn_date': ['date-time', true],
			'client.identification_info.identified_by': ['string', true],
		},
		answer: ['status'],
	},
	'client.update': {
		path: '/v5/card-api/client/update',
		id: true,
		// Inside `client` by analogy with client/add: the page is flattened.
		fields: { client_id: ['string', true], product_id: ['integer', true], client: ['object', true], 'client.phone': ['integer', true] },
		answer: STATUSES,
	},
	'limit.set': {
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
	'limit.getMany': {
		path: '/v5/card-api/limits/list',
		id: true,
		fields: { object: ['object', true], 'object.type': ['string', true], 'object.value': ['string', true] },
		answer: [],
		example: { request_id: '123e4567-e89b-12d3-a456-426614174000', object: { type: 'card', value: '123456789' } },
	},
	'transaction.refund': {
		path: '/v5/card-api/transaction/refund',
		id: true,
		fields: {
			order_id: ['string', true],
			transaction_id: ['string', true],
			description: ['string', false],
			amount: ['number', false],
		},
		answer: STATUSES,
	},
	'transaction.getStatus': {
		path: '/v5/card-api/request/status',
		id: false,
		fields: { request_id: ['string', true] },
		answer: ['status', 'request_status', 'transaction_id', 'fin_document_id', 'dt'],
	},
	'request.getStatus': {
		path: '/v5/card-api/request/status',
		id: false,
		fields: { request_id: ['string', true] },
		answer: ['status', 'request_status', 'cards', 'cards.card_id', 'client_id', 'dt'],
		example: { request_id: '828cf71d-a447-4a67-a149-c1df8bc197ca' },
	},
	'giftCard.confirm': {
		path: '/v5/cards/activate_card',
		id: false,
		fields: { otp: ['string', true], card_id: ['integer', false] },
		answer: ['datetime', 'status', 'card_status', 'card_currency', 'card_balance', 'card_mask'],
		example: { otp: '1234', card_id: 555 },
	},
};
