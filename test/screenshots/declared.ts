import { createRequire } from 'node:module';
import { join } from 'node:path';

import type { INodeProperties, INodeType } from 'n8n-workflow';

import { ROOT } from '../n8n/paths.mjs';

/** A resource of the node with its operations. */
export interface DeclaredResource {
	resource: string;
	name: string;
	operations: Array<{ operation: string; name: string }>;
}

/** The resources of the built node, each with its operations, in the panel's order. */
export function declared(): DeclaredResource[] {
	const { FreedomPayCard } = createRequire(join(ROOT, 'package.json'))('./dist/nodes/FreedomPayCard/FreedomPayCard.node.js') as {
		FreedomPayCard: new () => INodeType;
	};
	const { properties } = new FreedomPayCard().description;
	const named = (wanted: string) => properties.filter(({ name }) => name === wanted);
	return named('resource').flatMap(choicesOf).map(({ name, value: resource }) => ({
		resource,
		name,
		operations: named('operation')
			.filter(({ displayOptions }) => displayOptions?.show?.resource?.includes(resource))
			.flatMap(choicesOf)
			.map((choice) => ({ operation: choice.value, name: choice.name })),
	}));
}

/** What a dropdown of this node offers: its values are words. */
const choicesOf = ({ options = [] }: INodeProperties) => options as Array<{ name: string; value: string }>;
