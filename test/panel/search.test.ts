import { sublimeSearch } from '@n8n/utils/search/sublime-search';

import codex from '../../nodes/FreedomPayCard/FreedomPayCard.node.json';
import { FreedomPayCard } from '../../nodes/FreedomPayCard/FreedomPayCard.node';
import { operations } from '../../nodes/card-api/methods';

/*
 * What people search for who do not know the names of things. They find the node by its name and aliases, with the function that n8n's
 * node creator searches with; then they read the list of its actions, which has no search of its own where the node is a community one.
 * That it is among n8n's own nodes, the browser's tests see.
 */

const NODE = { properties: { displayName: new FreedomPayCard().description.displayName, codex: { alias: codex.alias } } };

/** By what is searched for: an operation whose action says so, word for word. */
const SEARCHES: ReadonlyArray<[text: string, operation: string]> = [
	['issue card', 'card.issue'],
	['card statement', 'card.getOperations'],
	['card statement', 'card.getExtendedStatement'],
	['balance', 'card.getExtendedStatement'],
	['balance', 'custom.send'],
	['freeze', 'custom.send'],
	['block', 'custom.send'],
	['block card', 'custom.send'],
	['iban', 'card.update'],
	['close card', 'card.close'],
	['unblock card', 'card.unblock'],
	['refund', 'transaction.refund'],
	['limit', 'limit.set'],
	['limit', 'limit.getMany'],
	['phone', 'client.update'],
	['PIN', 'card.setPin'],
	['PIN', 'card.resetPinCounter'],
	['gift card', 'giftCard.confirm'],
	['link client', 'card.linkClient'],
	['card status', 'card.get'],
];

const RUSSIAN = ['карта', 'закрыть карту', 'реквизиты', 'заблокировать карту', 'баланс', 'выписка', 'счёт', 'счет', 'возврат', 'лимиты', 'статус карты'];

test.each([...new Set([...SEARCHES.map(([text]) => text), ...RUSSIAN])])('"%s" finds the node by words, not by scattered letters', (text) => {
	expect(sublimeSearch(text, [NODE])).toHaveLength(1);
	expect(codex.alias.some((alias) => alias.toLowerCase().includes(text.toLowerCase()))).toBe(true);
});

test.each(SEARCHES)('"%s" stands in the action of %s', (text, operation) => {
	const action = operations.find((method) => `${method.resource}.${method.operation}` === operation)?.action ?? '';
	for (const word of text.toLowerCase().split(' ')) expect(action.toLowerCase().split(/[^a-z]+/).map((each) => each.replace(/s$/, ''))).toContain(word.replace(/s$/, ''));
});
