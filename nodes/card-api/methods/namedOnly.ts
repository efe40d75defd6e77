import { listed } from './define';
import * as registry from './registry';

/** A method whose name is public and whose page is not. */
interface NamedOnly {
	/** The operation that it would be. */
	resource: string;
	operation: string;
	/** What the provider's menu calls it. */
	name: string;
	/** What it does, as people search for it; completes "to …". Of those whose words would hide the others, none. */
	does?: string;
	russian: string;
	/** What else it is searched for by, which n8n has to find the node by. */
	foundBy?: readonly string[];
	/** The operation that people look at when they miss this one, and what its description then says. */
	beside?: { resource: string; operation: string; sentence: string };
}

/** Those that people ask for. What is declared in the registry drops out of every sentence that is made of this list. */
const KNOWN: readonly NamedOnly[] = [
	{
		resource: 'card',
		operation: 'block',
		name: 'Block card',
		does: 'freeze or block a card',
		russian: 'блокировка карты',
		foundBy: ['freeze', 'block', 'block card'],
		beside: { resource: 'card', operation: 'unblock', sentence: 'To block one, use the resource Custom Request.' },
	},
	{ resource: 'card', operation: 'getBalance', name: 'Balance', does: 'get a balance', russian: 'баланс', foundBy: ['balance'] },
	{ resource: 'card', operation: 'getSecretData', name: 'Secret data', russian: 'реквизиты карты' },
];

const isDeclared = ({ resource, operation }: NamedOnly) => Object.values(registry).some((method) => method.resource === resource && method.operation === operation);

/** The methods that only a custom request reaches: see https://docs.freedompay.kz, whose menu names them. */
export const namedOnly: readonly NamedOnly[] = KNOWN.filter((method) => !isDeclared(method));

/** What an operation's description says of one that people miss beside it; empty where they miss none. */
export function missedBeside({ resource, operation }: { resource: string; operation: string }): string {
	return namedOnly.flatMap(({ beside }) => (beside?.resource === resource && beside.operation === operation ? [` ${beside.sentence}`] : [])).join('');
}

/** Names such methods in a sentence: "such as Block card, Balance or Secret data". */
export function suchAs(count = namedOnly.length): string {
	const names = namedOnly.slice(0, count).map(({ name }) => name);
	return names.length === 0 ? '' : `, such as ${listed(names, 'or')}`;
}
