import { createRequire } from 'node:module';
import { join } from 'node:path';

import { ROOT } from '../n8n/paths.mjs';

/**
 * The resources of the built node, each with its operations, in the panel's order.
 *
 * @returns {Array<{ resource: string, name: string, operations: Array<{ operation: string, name: string }> }>}
 */
export function declared() {
	const { FreedomPayCard } = createRequire(join(ROOT, 'package.json'))('./dist/nodes/FreedomPayCard/FreedomPayCard.node.js');
	const { properties } = new FreedomPayCard().description;
	const named = (wanted) => properties.filter(({ name }) => name === wanted);
	return named('resource')[0].options.map(({ name, value: resource }) => ({
		resource,
		name,
		operations: named('operation')
			.filter(({ displayOptions }) => displayOptions.show.resource.includes(resource))
			.flatMap(({ options }) => options.map((option) => ({ operation: option.value, name: option.name }))),
	}));
}
