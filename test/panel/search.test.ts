import { sublimeSearch } from '@n8n/utils/search/sublime-search';

import codex from '../../nodes/FreedomPayCard/FreedomPayCard.node.json';
import { FreedomPayCard } from '../../nodes/FreedomPayCard/FreedomPayCard.node';
import triggerCodex from '../../nodes/FreedomPayCardTrigger/FreedomPayCardTrigger.node.json';
import { FreedomPayCardTrigger } from '../../nodes/FreedomPayCardTrigger/FreedomPayCardTrigger.node';
import { operations } from '../../nodes/card-api/methods';
import { sendCustomRequest } from '../../nodes/card-api/methods/custom/send';
import { namedOnly } from '../../nodes/card-api/methods/namedOnly';
import { methodFileOf } from '../support/methodFiles';

/*
 * What people search for who do not know the names of things. They find the node by its name and aliases, with the function that n8n's
 * node creator searches with; then they read the list of its actions, which has no search of its own where the node is a community one.
 * That it is among n8n's own nodes, the browser's tests see.
 */

const NODE = { properties: { displayName: new FreedomPayCard().description.displayName, codex: { alias: codex.alias } } };

const RUSSIAN = ['карта', 'закрыть карту', 'реквизиты', 'заблокировать карту', 'баланс', 'выписка', 'счёт', 'счет', 'возврат', 'лимиты', 'статус карты'];

/** By an operation: what it is searched for by. */
async function searches(): Promise<Array<[text: string, action: string]>> {
	const known = await Promise.all(operations.map(async (method) => ((await methodFileOf(method)).inDocs.foundBy ?? []).map((text): [string, string] => [text, method.action])));
	const missing = namedOnly.flatMap(({ foundBy = [] }) => foundBy.map((text): [string, string] => [text, sendCustomRequest.action]));
	return [...known.flat(), ...missing];
}

/** A node that is found by words, not by scattered letters. */
function expectFound(text: string): void {
	expect([text, sublimeSearch(text, [NODE]).length]).toEqual([text, 1]);
	expect([text, codex.alias.some((alias) => alias.toLowerCase().includes(text.toLowerCase()))]).toEqual([text, true]);
}

test.each(RUSSIAN)('"%s" finds the node by words', expectFound);

test('what an operation is searched for by finds the node, and stands in its action word for word', async () => {
	const all = await searches();
	expect(all.length).toBeGreaterThan(15);
	const wordsOf = (text: string) => text.toLowerCase().split(/[^a-z]+/).map((word) => word.replace(/s$/, ''));
	for (const [text, action] of all) {
		expectFound(text);
		for (const word of wordsOf(text)) expect([text, action, wordsOf(action)]).toEqual([text, action, expect.arrayContaining([word])]);
	}
});

/* n8n shows a node and its trigger as one, which is searched by what the node says; the trigger by itself is where only triggers are wanted of it. */
test.each(['card used', 'new transaction', 'card spending', 'new operation', 'операция по карте', 'новая операция'])('"%s" finds the trigger, be it by its node', (text) => {
	expectFound(text);
	const trigger = { properties: { displayName: new FreedomPayCardTrigger().description.displayName, codex: { alias: triggerCodex.alias } } };
	expect(sublimeSearch(text, [trigger])).toHaveLength(1);
});
