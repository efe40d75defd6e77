import { answer, sampleAnswer } from '../answers';
import type { Command } from '../define';
import { cardId, prose } from '../fields';
import type { InDocs } from '../inDocs';
import type { SandboxCommand } from '../inSandbox';
import { CLOSED, says } from '../refusals';

export const closeCard: Command = {
	resource: 'card',
	operation: 'close',
	name: 'Close',
	action: 'Close a card for good',
	description: 'Close a card for good, which cannot be undone',
	path: '/v5/card-api/card/close',
	source: 'https://docs.freedompay.kz/api-12075208',
	is: 'command',
	answers: 'request',
	fields: [
		cardId,
		prose({
			key: 'description',
			parameter: 'reason',
			label: 'Reason',
			description: 'Why the card is closed. FreedomPay gets these words.',
			placeholder: 'e.g. Lost by the cardholder',
		}),
	],
	ids: ['card_id'],
	identity: ['card_id'],
	repeat: 'same',
	object: ['card_id'],
	refusals: [
		{
			says: new RegExp(`${says('card', CLOSED, 'уже закрыта').source}|^(?:already closed|уже закрыт)`, 'u'),
			example: 'card is already closed',
			cause: 'already_closed',
			step: 'FreedomPay says that the card is closed already: nothing is left to do.',
			then: 'nothing',
		},
	],
	answer: answer(),
	notice: 'Closing a card cannot be undone.',
	sample: {
		request: { card_id: '019ab688-bef2-72c4-6a29-d0e08be76d95', description: 'Lost by the cardholder' },
		answer: sampleAnswer,
	},
};

export const inSandbox: SandboxCommand = { needs: ['card'], act: ({ card }) => card.stop('closed') };

export const inDocs: InDocs = {
	russian: 'закрывает карту навсегда, отменить это нельзя',
	foundBy: ['close card'],
	title: 'Close Card',
	input: { card_id: 'card-1005', reason: 'Lost by the cardholder', event_id: 'evt-17' },
	parameters: { cardId: '={{ $json.card_id }}', reason: '={{ $json.reason }}', eventId: '={{ $json.event_id }}' },
};
