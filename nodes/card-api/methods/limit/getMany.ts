import { partialAnswer, sampleAnswer } from '../answers';
import type { Read } from '../define';
import type { InDocs } from '../inDocs';
import type { SandboxRead } from '../inSandbox';
import { limitedObject } from '../limitedObject';

export const getLimits: Read = {
	resource: 'limit',
	operation: 'getMany',
	name: 'Get Many',
	action: 'Get many limits of a card or account or client',
	description: 'Get the active limits of a card, account or client with their use, one item each',
	path: '/v5/card-api/limits/list',
	source: 'https://docs.freedompay.kz/api-18614458',
	is: 'read',
	requestId: 'fresh',
	answers: 'request',
	fields: [limitedObject],
	ids: ['object'],
	// The page tells the answer in words only, without the names of its fields.
	entries: { in: undefined },
	answer: partialAnswer(),
	sample: { request: { object: { type: 'card', value: '123456789' } }, answer: sampleAnswer },
};

/**
 * The documentation tells this answer in words only: type, period, maximum amount, currency, how much is used and how much is left. One
 * flat entry per limit in the list `limits`, `used` and `remaining` are the sandbox's assumption; the other names are those of `limits/set`.
 */
export const inSandbox: SandboxRead = { needs: ['object'], tell: ({ object }) => ({ limits: object.limits() }) };

export const inDocs: InDocs = {
	russian: 'лимиты карты, счёта или клиента и сколько из них израсходовано',
	foundBy: ['limit'],
	title: 'Get Limits',
	input: { card_id: 'card-1001' },
	parameters: { objectType: 'card', cardId: '={{ $json.card_id }}' },
};
