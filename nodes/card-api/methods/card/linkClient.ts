import { answer, sampleAnswer } from '../answers';
import type { Command } from '../define';
import { cardId, clientId } from '../fields';
import type { InDocs } from '../inDocs';
import type { SandboxCommand } from '../inSandbox';

export const linkClient: Command = {
	resource: 'card',
	operation: 'linkClient',
	name: 'Link Client',
	action: 'Link a client to a card',
	description: 'Make a client the cardholder of a card that was issued in bulk',
	path: '/v5/card-api/card/link',
	source: 'https://docs.freedompay.kz/api-12074684',
	is: 'command',
	answers: 'request',
	fields: [clientId, cardId],
	ids: ['client_id', 'card_id'],
	identity: ['client_id', 'card_id'],
	repeat: 'same',
	object: ['card_id'],
	refusals: [
		{
			says: /already (?:been )?(?:linked|bound|attached)|(?:linked|bound|attached) already|уже (?:был[аи]? )?(?:привязан|связан)/,
			example: 'client is already linked',
			cause: 'already_linked',
			step: 'FreedomPay says that the card is linked already. If that is to this client, nothing is left to do; if not, ask FreedomPay.',
		},
	],
	answer: answer(),
	sample: {
		request: {
			client_id: '0190f3b2-7c1e-7d55-9f0a-3f2b8f5f7a10',
			card_id: '019ab688-bef2-72c4-6a29-d0e08be76d95',
		},
		answer: sampleAnswer,
	},
};

export const inSandbox: SandboxCommand = { needs: ['card', 'client'], act: ({ card, client }) => card.linkTo(client.id) };

export const inDocs: InDocs = {
	russian: 'назначает клиента держателем карты из массового выпуска',
	foundBy: ['link client'],
	title: 'Link Client',
	input: { card_id: 'card-1007', client_id: 'client-2002', deal_id: 'deal-42' },
	parameters: { cardId: '={{ $json.card_id }}', clientId: '={{ $json.client_id }}', eventId: '={{ $json.deal_id }}' },
};
