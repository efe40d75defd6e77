import { methods } from '../../nodes/FreedomPayCard/methods';
import { answer, sampleAnswer } from '../../nodes/FreedomPayCard/methods/answers';
import type { Method } from '../../nodes/FreedomPayCard/methods/define';
import { group, id, integer, phone } from '../../nodes/FreedomPayCard/methods/fields';

const updateClient: Method = {
	resource: 'client',
	operation: 'update',
	name: 'Update',
	action: 'Update a client',
	description: 'Change the phone number of a client',
	path: '/v5/card-api/client/update',
	source: 'https://docs.freedompay.kz/api-12074967',
	kind: 'command',
	requestId: 'idempotent',
	answers: 'request',
	fields: [
		id({ key: 'client_id', label: 'Client ID', description: 'ID of the client' }),
		integer({ key: 'product_id', label: 'Product', description: 'Product that the client was created for' }),
		group([phone({ key: 'phone', label: 'Phone', description: 'The new phone number' })], {
			key: 'client',
			label: 'Client',
			description: 'What changes',
		}),
	],
	ids: ['client_id'],
	identity: ['client_id', 'product_id', 'client.phone'],
	answer: answer(),
	sample: { request: { client_id: 'client-2001', product_id: 2000, client: { phone: 77077070707 } }, answer: sampleAnswer },
};

/** The methods that the sandbox serves unless told otherwise: the declared ones, and a documented one that the node does without. */
export const served: readonly Method[] = methods.some(({ path }) => path === updateClient.path) ? methods : [...methods, updateClient];
