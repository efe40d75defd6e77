import type { Field } from './define';
import { group, id, oneOf } from './fields';

const objectType = oneOf(
	[
		{ name: 'Account', value: 'account' },
		{ name: 'Card', value: 'card' },
		{ name: 'Client', value: 'client' },
	],
	{
		key: 'type',
		parameter: 'objectType',
		label: 'Object Type',
		description: 'What the limits are about',
		default: 'card',
	},
);

/** What limits are set on or listed for. */
export const limitedObject: Field = group(
	[
		objectType,
		id({
			key: 'value',
			label: 'Object ID',
			description: 'ID of the card, account or client',
			placeholder: 'e.g. 123456789',
			calledBy: {
				choice: objectType,
				as: {
					account: { parameter: 'accountId', label: 'Account ID', description: 'ID of the account that the limits are about' },
					card: { parameter: 'cardId', label: 'Card ID', description: 'ID of the card that the limits are about' },
					client: { parameter: 'clientId', label: 'Client ID', description: 'ID of the client that the limits are about' },
				},
			},
		}),
	],
	{ key: 'object', label: 'Object', description: 'What the limits are about' },
);
