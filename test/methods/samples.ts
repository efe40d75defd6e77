import type { Documented } from './contract';

/** The status words of an answer. */
export const STATUSES = ['status', 'request_status', 'dt'] as const;

/** The field that most methods take. */
export const CARD_ID = { card_id: ['string', true] } as const;

/** The fields of an address, by their place. */
export const address = (at: string): Documented['fields'] => ({
	[at]: ['object', false],
	...Object.fromEntries(['country', 'postal_code', 'address_line1', 'address_line2', 'address_line3'].map((key) => [`${at}.${key}`, ['string', true]])),
});

export const PDF = Buffer.from('%PDF-1.4\n%%EOF\n');
export const CARD = 'card-1001';
export const REQUEST = '828cf71d-a447-4a67-a149-c1df8bc197ca';

export const PERSON = {
	phone: 77077070707,
	type: 1,
	resident: 2,
	first_name: 'Ivan',
	last_name: 'Ivanov',
};
