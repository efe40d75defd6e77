import { answer, sampleAnswer } from '../answers';
import type { Command } from '../define';
import { cardId, currency, documentedOr, iban, list } from '../fields';
import type { InDocs } from '../inDocs';
import type { SandboxAccount, SandboxCommand } from '../inSandbox';

export const updateCard: Command = {
	resource: 'card',
	operation: 'update',
	name: 'Update',
	action: 'Replace accounts of a card by IBAN',
	description: 'Replace accounts of a card, or add ones of another type or currency',
	path: '/v5/card-api/card/update',
	source: 'https://docs.freedompay.kz (page "Card update")',
	is: 'command',
	answers: 'request',
	fields: [
		cardId,
		list(
			{ name: 'account', label: 'Account' },
			[
				iban({
					key: 'iban',
					label: 'IBAN',
					description: 'Number of the account',
					placeholder: 'e.g. KZ86125KZT5004100100',
				}),
				currency({ key: 'currency' }),
				...documentedOr([{ name: 'IBAN', value: 'IBAN' }], { key: 'type', label: 'Type', description: 'Type of the account' }),
			],
			{
				key: 'accounts',
				label: 'Accounts',
				description: 'The accounts to replace or add. Accounts that are not named here stay as they are.',
			},
		),
	],
	ids: ['card_id'],
	identity: ['card_id', 'accounts'],
	repeat: 'same',
	object: ['card_id'],
	refusals: [],
	answer: answer(),
	notice: 'An account of the same type and currency as one given here is replaced. Other accounts of the card stay.',
	sample: {
		request: {
			card_id: '019ab688-bef2-72c4-6a29-d0e08be76d95',
			accounts: [{ iban: 'ES7921000813610123456789', currency: 'USD', type: 'IBAN' }],
		},
		answer: sampleAnswer,
	},
};

export const inSandbox: SandboxCommand = { needs: ['card'], act: ({ card, body }) => card.replaceAccounts(body.accounts as SandboxAccount[]) };

export const inDocs: InDocs = {
	russian: 'заменяет или добавляет счета карты',
	foundBy: ['iban'],
	title: 'Update Card',
	input: { card_id: 'card-1004', iban: 'KZ86125KZT5004100100', change: 'chg-9' },
	parameters: {
		cardId: '={{ $json.card_id }}',
		accounts: { account: [{ iban: '={{ $json.iban }}', currency: 'KZT', type: 'IBAN' }] },
		eventId: '={{ $json.change }}',
	},
};
