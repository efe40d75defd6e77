import type { Field } from './define';
import { group, id, oneOf } from './fields';

/** What limits are set on or listed for. */
export const limitedObject: Field = group(
	[
		oneOf(
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
		),
		id({
			key: 'value',
			parameter: 'objectValue',
			label: 'Object ID',
			description: 'ID of the card, account or client',
			placeholder: 'e.g. 123456789',
		}),
	],
	{ key: 'object', label: 'Object', description: 'What the limits are about' },
);
