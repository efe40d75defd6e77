import * as z from 'zod/v4-mini';

import { exactNumber, requestFields } from '../answers';
import type { Read } from '../define';
import { phoneText, text, uuid } from '../fields';
import type { InDocs } from '../inDocs';
import type { SandboxRead } from '../inSandbox';

export const validateCardholder: Read = {
	resource: 'card',
	operation: 'validateCardholder',
	name: 'Validate Cardholder',
	action: 'Validate a name and phone number of a cardholder',
	description: 'Get in percent how well a name and a phone number match those of the cardholder',
	// The page's example line says /v5/partner/external/cardholder_validate; its URL and its curl say this.
	path: '/v5/card-api/external/cardholder_validate',
	source: 'https://docs.freedompay.kz/api-17842385',
	is: 'read',
	requestId: 'fresh',
	answers: 'request',
	fields: [
		phoneText({
			key: 'user_phone',
			label: 'Phone',
			description: 'Phone number of the person, sent as it is typed. The documentation shows one without a country code.',
			placeholder: 'e.g. 7077070707',
		}),
		text({
			key: 'first_name',
			label: 'First Name',
			description: 'First name of the person',
			placeholder: 'e.g. Ivan',
		}),
		text({
			key: 'last_name',
			label: 'Last Name',
			description: 'Last name of the person',
			placeholder: 'e.g. Ivanov',
		}),
		uuid({
			key: 'card_token',
			label: 'Card Token',
			description: 'Token of the card, a UUID',
			placeholder: 'e.g. 9a1c6959-2188-4292-a48e-aeb586204676',
			typeOptions: { password: true },
		}),
	],
	ids: ['card_token'],
	answer: z.looseObject({
		status: requestFields.status,
		score: z.string(),
		fishy: z.optional(exactNumber()),
		dt: z.string(),
	}),
	sample: {
		request: {
			user_phone: '7077070707',
			first_name: 'Ivan',
			last_name: 'Ivanov',
			card_token: '00000000-0000-0000-0000-000000000000',
		},
		answer: { status: 'ok', score: '44.37%', fishy: 0, dt: '2025-01-01T00:01:01+00:30' },
	},
};

export const inSandbox: SandboxRead = {};

export const inDocs: InDocs = {
	russian: 'показывает, насколько имя и телефон совпадают с данными держателя по токену карты',
	title: 'Validate Cardholder',
	input: { phone: '7077070707', first_name: 'Ivan', last_name: 'Ivanov', token: '00000000-0000-0000-0000-000000000000' },
	parameters: {
		userPhone: '={{ $json.phone }}',
		firstName: '={{ $json.first_name }}', lastName: '={{ $json.last_name }}',
		cardToken: '={{ $json.token }}',
	},
};
