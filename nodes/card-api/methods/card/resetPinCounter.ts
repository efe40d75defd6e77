import { answer, sampleAnswer } from '../answers';
import type { Command } from '../define';
import { cardId } from '../fields';
import type { InDocs } from '../inDocs';
import type { SandboxCommand } from '../inSandbox';

export const resetPinCounter: Command = {
	resource: 'card',
	operation: 'resetPinCounter',
	name: 'Reset PIN Counter',
	action: 'Reset the PIN counter of a card',
	description: 'Reset the count of wrong PIN attempts of a card. The PIN stays the same.',
	path: '/v5/card-api/card/reset_counter_pin',
	source: 'https://docs.freedompay.kz/api-12075070',
	is: 'command',
	answers: 'request',
	fields: [cardId],
	ids: ['card_id'],
	identity: ['card_id'],
	repeat: 'same',
	object: ['card_id'],
	refusals: [],
	answer: answer(),
	sample: { request: { card_id: '019ab688-bef2-72c4-6a29-d0e08be76d95' }, answer: sampleAnswer },
};

export const inSandbox: SandboxCommand = { needs: ['card'] };

export const inDocs: InDocs = {
	russian: 'обнуляет счётчик неверно введённых ПИН-кодов',
	foundBy: ['PIN'],
	title: 'Reset PIN Counter',
	input: { card_id: 'card-1002', ticket: 'TKT-41' },
	parameters: { cardId: '={{ $json.card_id }}', eventId: '={{ $json.ticket }}' },
};
