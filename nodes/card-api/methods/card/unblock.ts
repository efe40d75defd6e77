import { answer, sampleAnswer } from '../answers';
import type { Command } from '../define';
import { cardId, prose } from '../fields';
import type { InDocs } from '../inDocs';
import type { SandboxCommand } from '../inSandbox';
import { says } from '../refusals';

export const unblockCard: Command = {
	resource: 'card',
	operation: 'unblock',
	name: 'Unblock',
	action: 'Unblock a card',
	description: 'Lift the block of a card',
	path: '/v5/card-api/card/unblock',
	source: 'https://docs.freedompay.kz/api-12074991',
	is: 'command',
	answers: 'request',
	fields: [
		cardId,
		prose({
			key: 'description',
			parameter: 'reason',
			label: 'Reason',
			description: 'Why the card is unblocked. FreedomPay gets these words.',
			placeholder: 'e.g. The cardholder found the card',
		}),
	],
	ids: ['card_id'],
	identity: ['card_id'],
	repeat: 'same',
	object: ['card_id'],
	refusals: [
		{
			says: new RegExp(`${says('card', '(?:is )?(?:not blocked|already (?:active|unblocked))|не (?:за)?блокирован|уже (?:активна|разблокирован)').source}|^(?:not blocked|already unblocked)`, 'u'),
			example: 'card is not blocked',
			cause: 'not_blocked',
			step: 'FreedomPay says that the card is not blocked: nothing is left to do.',
			then: 'nothing',
		},
	],
	answer: answer(),
	sample: {
		request: { card_id: '019ab688-bef2-72c4-6a29-d0e08be76d95', description: 'The cardholder found the card' },
		answer: sampleAnswer,
	},
};

/** Whether a card that is not blocked can be unblocked is not documented: here that changes nothing and is no error. */
export const inSandbox: SandboxCommand = { needs: ['card'], act: ({ card }) => card.start() };

export const inDocs: InDocs = {
	russian: 'снимает блокировку карты',
	foundBy: ['unblock card'],
	title: 'Unblock Card',
	input: { card_id: 'card-1006', reason: 'Found again', ticket: 'TKT-43' },
	parameters: { cardId: '={{ $json.card_id }}', reason: '={{ $json.reason }}', eventId: '={{ $json.ticket }}' },
};
