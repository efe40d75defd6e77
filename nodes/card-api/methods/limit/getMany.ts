import { partialAnswer, sampleAnswer } from '../answers';
import type { Read } from '../define';
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
