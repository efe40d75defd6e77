import type { INodeParameters } from 'n8n-workflow';

import { useSandboxWithClock } from '../support/bench';
import { agoOn, CARD, DAY, N8n, OTHER } from './n8n';

/* What the editor's Fetch Test Event gives. */

const { sandbox, clock } = useSandboxWithClock();


const agoOf = agoOn(clock);
const n8nFor = (parameters: INodeParameters = {}): N8n => new N8n({ sandbox, clock, parameters: { cardIds: [CARD, OTHER], ...parameters } });
const newestOf = async (n8n: N8n): Promise<unknown> => (await n8n.fetchTestEvent())?.map((items) => items.map(({ json }) => json));

test('is the newest operation of all cards', async () => {
	sandbox.book({ card_id: CARD, amount: 1, datetime: agoOf(3 * DAY) });
	sandbox.book({ card_id: OTHER, amount: 2, datetime: agoOf(2 * DAY) });
	sandbox.book({ card_id: CARD, amount: 3, datetime: agoOf(30 * DAY) });
	expect(await newestOf(n8nFor())).toEqual([[expect.objectContaining({ card_id: OTHER, amount: 2 })]]);
});

test('is one that the filters let through', async () => {
	sandbox.book({ card_id: CARD, amount: 1, type: 'withdrawal', datetime: agoOf(3 * DAY) });
	sandbox.book({ card_id: OTHER, amount: 2, datetime: agoOf(2 * DAY) });
	expect(await newestOf(n8nFor({ filters: { operationTypes: 'withdrawal' } }))).toEqual([[expect.objectContaining({ amount: 1 })]]);
});

test('is nothing where there was none in 31 days', async () => {
	sandbox.book({ card_id: CARD, datetime: agoOf(32 * DAY) });
	expect(await n8nFor().fetchTestEvent()).toBeNull();
});

test('changes nothing of what the published trigger remembers', async () => {
	const n8n = n8nFor();
	await n8n.publish();
	sandbox.book({ card_id: CARD, amount: 1 });
	await clock.sleep(60_000);
	const before = JSON.stringify([n8n.memory, n8n.saved]);
	await n8n.fetchTestEvent();
	expect(JSON.stringify([n8n.memory, n8n.saved])).toBe(before);
	await n8n.tick();
	expect(n8n.items).toHaveLength(1);
});

test('comes from the cards that can be read', async () => {
	sandbox.book({ card_id: CARD, amount: 1 });
	await clock.sleep(5_000);
	sandbox.faults.add({ kind: 'http500Before', card: OTHER, times: 'always' });
	expect(await newestOf(n8nFor())).toEqual([[expect.objectContaining({ card_id: CARD })]]);
});

test.each([
	['a card that is not known', { cardIds: ['card-9999'] }, /^FreedomPay answered that the request failed: card not found \(Card ID card-9999\)$/],
	['no card', { cardIds: [] }, /^Card IDs must not be empty$/],
])('says at once what is wrong: %s', async (_, parameters, message) => {
	await expect(n8nFor(parameters).fetchTestEvent()).rejects.toThrow(message);
});

test('says so when the network is down', async () => {
	sandbox.faults.add({ kind: 'http502Before', times: 'always' });
	await expect(n8nFor().fetchTestEvent()).rejects.toMatchObject({ message: '2 of 2 cards could not be read: FreedomPay gave no usable answer (card-1007)', description: expect.not.stringContaining('Polling') as string });
});
