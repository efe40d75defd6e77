import { partialAnswer, sampleAnswer } from '../answers';
import type { Command } from '../define';
import { countryCode, day, email, group, integer, phone, reference, text } from '../fields';
import type { InDocs } from '../inDocs';
import type { SandboxCommand, SandboxPerson } from '../inSandbox';

export const issueCard: Command = {
	resource: 'card',
	operation: 'issue',
	name: 'Issue',
	action: 'Issue a card',
	description: 'Issue a new card to a cardholder',
	path: '/v5/card-api/card/issue',
	source: 'https://freedompay.kz/fdss',
	is: 'command',
	answers: 'request',
	fields: [
		integer({ key: 'product_id', label: 'Product ID', description: 'Code of the product of the card to issue' }),
		group(
			[
				text({ key: 'first_name', label: 'First Name', description: 'First name of the cardholder' }),
				text({ key: 'last_name', label: 'Last Name', description: 'Last name of the cardholder' }),
				text({ key: 'middle_name', label: 'Middle Name', description: 'Middle name of the cardholder', required: false, blank: 'leftOut' }),
				day({ key: 'birthdate', label: 'Birthdate', description: 'Date of birth of the cardholder (YYYY-MM-DD)', required: false }),
				phone({ key: 'phone', label: 'Phone', description: 'Phone number of the cardholder with its country code' }),
				email({ key: 'email', label: 'Email', description: 'Email address of the cardholder', required: false, blank: 'leftOut' }),
				countryCode({
					key: 'country',
					label: 'Country',
					description: 'Country of residence of the cardholder, as a code of three letters (ISO 3166-1 alpha-3)',
					placeholder: 'e.g. KAZ',
				}),
				reference({
					key: 'person_id',
					label: 'Person ID',
					description: 'ID of the cardholder in the country of residence',
				}),
			],
			{ key: 'cardholder', label: 'Cardholder', description: 'Who gets the card' },
		),
	],
	ids: ['product_id'],
	identity: ['product_id', 'cardholder'],
	repeat: 'adds',
	object: ['cardholder'],
	refusals: [],
	answer: partialAnswer(),
	notice: 'Only an old draft of this request is public. For fields that are missing here, use the resource Custom Request.',
	sample: {
		request: {
			product_id: 1000,
			cardholder: {
				first_name: 'Ivan',
				last_name: 'Ivanov',
				birthdate: '1990-01-31',
				phone: 77077070707,
				country: 'KAZ',
				person_id: '900131300123',
			},
		},
		answer: sampleAnswer,
	},
};

export const inSandbox: SandboxCommand = {
	act({ body, addCard, addClient }) {
		const card = addCard();
		card.linkTo(addClient(Number(body.product_id), body.cardholder as SandboxPerson).id);
		return { cards: [{ card_id: card.id }] };
	},
};

export const inDocs: InDocs = {
	russian: 'выпускает карту (описана в документации частично)',
	foundBy: ['issue card'],
	title: 'Issue Card',
	input: { phone: '+7 707 707 07 07', first_name: 'Ivan', last_name: 'Ivanov', country: 'KAZ', iin: '900131300123', order: 'order-7' },
	parameters: {
		productId: 1000,
		firstName: '={{ $json.first_name }}',
		lastName: '={{ $json.last_name }}',
		phone: '={{ $json.phone }}',
		country: '={{ $json.country }}',
		personId: '={{ $json.iin }}',
		eventId: '={{ $json.order }}',
	},
};
