import { answer, sampleAnswer } from '../answers';
import { product } from '../clientProduct';
import type { Command } from '../define';
import { clientId, group, phone } from '../fields';
import type { InDocs } from '../inDocs';
import type { SandboxCommand, SandboxPerson } from '../inSandbox';

export const updateClient: Command = {
	resource: 'client',
	operation: 'update',
	name: 'Update',
	action: 'Change the phone number that codes of a client go to',
	description: 'Change the phone number of a client, which one-time codes of 3-D Secure go to',
	path: '/v5/card-api/client/update',
	source: 'https://docs.freedompay.kz/api-12074967',
	is: 'command',
	answers: 'request',
	fields: [
		clientId,
		product('Product within which the client was created'),
		// Inside `client` by analogy with client/add: the page is flattened.
		group([phone({ key: 'phone', label: 'Phone', description: 'New phone number of the client with its country code' })], {
			key: 'client',
			label: 'Client',
			description: 'What changes',
		}),
	],
	ids: ['client_id'],
	identity: ['client_id', 'product_id', 'client'],
	repeat: 'same',
	object: ['client_id'],
	refusals: [],
	answer: answer(),
	notice: 'One-time codes go to the new number from then on.',
	sample: {
		request: { client_id: '0190f3b2-7c1e-7d55-9f0a-3f2b8f5f7a10', product_id: 2000, client: { phone: 77077070707 } },
		answer: sampleAnswer,
	},
};

export const inSandbox: SandboxCommand = {
	needs: ['client'],
	act: ({ client, body }) => client.changePhone((body.client as SandboxPerson).phone),
};

export const inDocs: InDocs = {
	russian: 'меняет номер телефона для одноразовых кодов',
	foundBy: ['phone'],
	title: 'Update Client',
	input: { client_id: 'client-2001', phone: '+7 707 707 07 08', change: 'chg-10' },
	parameters: { clientId: '={{ $json.client_id }}', productId: 2000, phone: '={{ $json.phone }}', eventId: '={{ $json.change }}' },
};
