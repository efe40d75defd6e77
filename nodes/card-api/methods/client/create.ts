import * as z from 'zod/v4-mini';

import { partialAnswer, requestFields, sampleAnswer } from '../answers';
import { FREEDOM_WALLET, forFreedomWallet, product } from '../clientProduct';
import type { BoxField, Command } from '../define';
import { box, countryCode, dateTime, day, email, group, languageCode, latin, oneOf, pdf, phone, reference, text } from '../fields';
import type { InDocs } from '../inDocs';
import type { SandboxCommand, SandboxPerson } from '../inSandbox';

/** The parts of an address, all required (page "Dictionaries", for product 1000). */
function address(facts: Pick<BoxField, 'key' | 'label' | 'description'>): BoxField {
	return box(
		{ name: 'address', label: 'Address' },
		[
			countryCode({ key: 'country', label: 'Country', description: 'Country as a code of three letters (ISO 3166-1 alpha-3)', placeholder: 'e.g. KAZ' }),
			reference({ key: 'postal_code', label: 'Postal Code', description: 'Postal code of the street', placeholder: 'e.g. 050000' }),
			text({ key: 'address_line1', parameter: 'city', label: 'City', description: 'City or town', placeholder: 'e.g. Almaty' }),
			text({ key: 'address_line2', parameter: 'street', label: 'Street', description: 'Name of the street', placeholder: 'e.g. Abay Avenue' }),
			text({ key: 'address_line3', parameter: 'building', label: 'Building', description: 'Building and premises', placeholder: 'e.g. 10, apt. 5' }),
		],
		{ ...facts, ...forFreedomWallet },
	);
}

export const createClient: Command = {
	resource: 'client',
	operation: 'create',
	name: 'Create',
	action: 'Create a client',
	description: 'Create a client, who can then be linked to cards',
	path: '/v5/card-api/client/add',
	source: 'https://docs.freedompay.kz/api-12074751',
	is: 'command',
	answers: 'request',
	fields: [
		product('Product that the client is created for. A Freedom Wallet Card needs more fields.'),
		reference({ key: 'branch_id', label: 'Branch ID', description: 'ID of the branch', required: false, blank: 'leftOut' }),
		group(
			[
				phone({ key: 'phone', label: 'Phone', description: 'Phone number of the client with its country code' }),
				oneOf(
					[
						{ name: 'Individual', value: 1 },
						{ name: 'Individual Entrepreneur', value: 3 },
						{ name: 'Legal Entity', value: 2 },
					],
					{
						key: 'type',
						label: 'Type',
						description: 'What the client is',
						default: 1,
					},
				),
				oneOf(
					[
						{ name: 'Non-Resident', value: 2 },
						{ name: 'Resident', value: 1 },
					],
					{
						key: 'resident',
						label: 'Resident',
						description: 'Whether the client is a resident of the country',
						default: 1,
					},
				),
				latin({ key: 'first_name', label: 'First Name', description: 'First name of the client, in Latin letters' }),
				latin({ key: 'last_name', label: 'Last Name', description: 'Last name of the client, in Latin letters' }),
				latin({
					key: 'middle_name',
					label: 'Middle Name',
					description: 'Middle name of the client, in Latin letters',
					required: false,
					blank: 'leftOut',
				}),
				day({ key: 'birthdate', label: 'Birthdate', description: 'Date of birth of the client (YYYY-MM-DD)', required: false }),
				email({ key: 'email', label: 'Email', description: 'Email address of the client', required: false, blank: 'leftOut' }),
				countryCode({
					key: 'country',
					label: 'Country',
					description: 'Country of residence, as a code of three letters (ISO 3166-1 alpha-3)',
					placeholder: 'e.g. KAZ',
					...forFreedomWallet,
				}),
				reference({
					key: 'person_id',
					label: 'Person ID',
					description: 'ID of the client in the country of residence, such as the IIN in Kazakhstan',
					placeholder: 'e.g. 900131300123',
					...forFreedomWallet,
				}),
				languageCode({
					key: 'language',
					label: 'Language',
					description: 'Language of the client, as a code of two letters (alpha-2)',
					placeholder: 'e.g. en',
					required: false,
					blank: 'leftOut',
				}),
				pdf({
					key: 'document',
					label: 'Document',
					description: 'Name of the input field with the scan of the identity document: a PDF file of at most 2 MB',
					placeholder: 'e.g. data',
					...forFreedomWallet,
				}),
				reference({
					key: 'external_user_id',
					label: 'External User ID',
					description: 'ID of the client in your own system',
					required: false,
				}),
				address({ key: 'address1', label: 'Registration Address', description: 'Where the client is registered' }),
				address({ key: 'address2', label: 'Residential Address', description: 'Where the client lives' }),
				box(
					{ name: 'info', label: 'Identification' },
					[
						dateTime({
							key: 'idn_date',
							label: 'Identification Date',
							description: "When the client was identified. A date alone is the beginning of the day. A time without a zone is in the workflow's time zone.",
							placeholder: 'e.g. 2025-01-31',
						}),
						text({ key: 'identified_by', label: 'Identified By', description: 'Who identified the client' }),
					],
					{
						key: 'identification_info',
						label: 'Identification Info',
						description: 'When and by whom the client was identified',
						required: false,
					},
				),
			],
			{ key: 'client', label: 'Client', description: 'Who the client is' },
		),
	],
	ids: ['product_id'],
	// Not the document, which may be made anew each time, nor when and by whom the client was identified.
	identity: [
		'product_id',
		'branch_id',
		...[
			'phone', 'type', 'resident', 'first_name', 'last_name', 'middle_name', 'birthdate', 'email', 'country', 'person_id', 'language',
			'external_user_id', 'address1', 'address2',
		].map((key) => `client.${key}`),
	],
	repeat: 'same',
	object: [],
	refusals: [
		{
			says: /already exists|exists already|уже существует|уже зарегистрирован/,
			example: 'client already exists',
			cause: 'already_exists',
			step: 'FreedomPay says that it exists already. Use the ID of that client instead; ask FreedomPay for it if you do not have it.',
		},
	],
	// The page of the answer is cut after `status`; a later page says that a client ID results.
	answer: partialAnswer({ status: requestFields.status, client_id: z.optional(z.string()) }),
	sample: {
		request: {
			product_id: FREEDOM_WALLET,
			client: {
				phone: 77077070707,
				type: 1,
				resident: 1,
				first_name: 'Ivan',
				last_name: 'Ivanov',
				country: 'KAZ',
				person_id: '900131300123',
				document: Buffer.from('%PDF-1.4\n%%EOF\n').toString('base64'),
				external_user_id: 'crm-4711',
				address1: { country: 'KAZ', postal_code: '050000', address_line1: 'Almaty', address_line2: 'Abay Avenue', address_line3: '10' },
				address2: { country: 'KAZ', postal_code: '050000', address_line1: 'Almaty', address_line2: 'Dostyk Avenue', address_line3: '5, apt. 12' },
				identification_info: { idn_date: '2025-01-31T09:30:00+05:00', identified_by: 'Branch 7' },
			},
		},
		answer: { ...sampleAnswer, client_id: '0190f3b2-7c1e-7d55-9f0a-3f2b8f5f7a10' },
	},
};

export const inSandbox: SandboxCommand = {
	act: ({ body, addClient }) => ({ client_id: addClient(Number(body.product_id), body.client as SandboxPerson).id }),
};

export const inDocs: InDocs = {
	russian: 'создаёт клиента с адресами и документом',
	title: 'Create Client',
	input: { phone: '+7 707 707 07 07', first_name: 'Ivan', last_name: 'Ivanov', birthdate: '1990-01-31', crm_id: 'crm-4711' },
	parameters: {
		productId: 2000,
		phone: '={{ $json.phone }}',
		firstName: '={{ $json.first_name }}', lastName: '={{ $json.last_name }}',
		eventId: '={{ $json.crm_id }}',
		additionalFields: { birthdate: '={{ $json.birthdate }}', externalUserId: '={{ $json.crm_id }}' },
	},
};
