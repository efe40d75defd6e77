import { sublimeSearch } from '@n8n/utils/search/sublime-search';

import codex from '../../nodes/FreedomPayCard/FreedomPayCard.node.json';
import { FreedomPayCard } from '../../nodes/FreedomPayCard/FreedomPayCard.node';
import { operations } from '../../nodes/FreedomPayCard/methods';

/*
 * What people search for who do not know the names of things. First the node, by its name and aliases, then one of its actions, by their
 * names alone: with the function that n8n's own node creator searches with. Its order among n8n's nodes the browser's tests see.
 */

const NODE = { properties: { displayName: new FreedomPayCard().description.displayName, codex: { alias: codex.alias } } };
const ACTIONS = operations.map(({ resource, operation, action }) => ({ is: `${resource}.${operation}`, properties: { displayName: action } }));
const CUSTOM = 'custom.send';

/** By what is searched for: the actions of which one has to come first, and the one that has to be there as well. */
const SEARCHES: ReadonlyArray<[text: string, first: readonly string[], also: string]> = [
	['issue card', ['card.issue'], 'card.issue'],
	['card statement', ['card.getExtendedStatement', 'card.getOperations'], 'card.getOperations'],
	['statement', ['card.getExtendedStatement', 'card.getOperations'], 'card.getOperations'],
	['balance', ['card.getExtendedStatement', CUSTOM], CUSTOM],
	['freeze', [CUSTOM], CUSTOM],
	['block', [CUSTOM, 'card.unblock'], CUSTOM],
	['block card', [CUSTOM, 'card.unblock'], CUSTOM],
	['iban', ['card.update'], 'card.update'],
	['close card', ['card.close'], 'card.close'],
	['refund', ['transaction.refund'], 'transaction.refund'],
	['unblock', ['card.unblock'], 'card.unblock'],
	['limit', ['limit.set', 'limit.getMany'], 'limit.set'],
	['phone', ['client.update', 'card.validateCardholder'], 'client.update'],
	['PIN', ['card.setPin', 'card.resetPinCounter'], 'card.resetPinCounter'],
	['gift card', ['giftCard.confirm'], 'giftCard.confirm'],
	['link client', ['card.linkClient'], 'card.linkClient'],
	['status', ['card.get', 'request.getStatus', 'transaction.getStatus'], 'card.get'],
];

const RUSSIAN = ['карта', 'закрыть карту', 'реквизиты', 'заблокировать карту', 'баланс', 'выписка', 'счёт', 'счет', 'возврат', 'лимиты', 'статус карты'];

test.each([...SEARCHES.map(([text]) => text), ...RUSSIAN])('"%s" finds the node by words, not by scattered letters', (text) => {
	expect(sublimeSearch(text, [NODE])).toHaveLength(1);
	expect(NODE.properties.codex.alias.some((alias) => alias.toLowerCase().includes(text.toLowerCase()))).toBe(true);
});

test.each(SEARCHES)('"%s" finds the right action of it, or the hint to Custom Request', (text, first, also) => {
	const found = sublimeSearch(text, ACTIONS).map(({ item }) => item.is);
	expect([found, first.includes(found[0] ?? '')]).toEqual([found, true]);
	expect(found).toContain(also);
});
