import type { INodeParameters } from 'n8n-workflow';

import { useSandboxWithClock } from '../support/bench';
import { agoOn, CARD, HOUR, MINUTE, N8n, OTHER } from './n8n';

/* What comes out of the polls of a trigger, in n8n's own executor: each operation once. */

const { sandbox, clock } = useSandboxWithClock();


const agoOf = agoOn(clock);

async function published(parameters: INodeParameters = {}): Promise<N8n> {
	const n8n = new N8n({ sandbox, clock, parameters: { cardIds: [CARD], ...parameters } });
	await n8n.publish();
	return n8n;
}

test('an operation comes out once, in the shape of Get Operations', async () => {
	const n8n = await published();
	sandbox.book({ card_id: CARD, amount: 1500.5 });
	await n8n.tickAfter();
	await n8n.tickAfter();
	expect(n8n.executions).toHaveLength(1);
	expect(n8n.items.map((item) => Object.keys(item))).toEqual([['card_id', 'type', 'amount', 'commission', 'currency', 'mcc', 'datetime', 'rrn', 'merchant']]);
	expect(n8n.items).toEqual([expect.objectContaining({ card_id: CARD, amount: 1500.5, merchant: { name: 'Alma Market', city: 'Almaty' } })]);
	expect(n8n.errors).toEqual([]);
});

test('nothing new starts nothing', async () => {
	const n8n = await published();
	await n8n.tickAfter();
	expect([n8n.executions, n8n.errors]).toEqual([[], []]);
});

test('those of several cards are one execution, oldest first', async () => {
	const n8n = await published({ cardIds: [CARD, OTHER, CARD] });
	await clock.sleep(10 * MINUTE);
	sandbox.book({ card_id: OTHER, amount: 2, datetime: agoOf(8 * MINUTE) });
	sandbox.book({ card_id: CARD, amount: 3, datetime: agoOf(5 * MINUTE) });
	sandbox.book({ card_id: CARD, amount: 1, datetime: agoOf(9 * MINUTE) });
	await n8n.tick();
	expect(n8n.executions).toHaveLength(1);
	expect(n8n.items.map(({ card_id, amount }) => [card_id, amount])).toEqual([[CARD, 1], [OTHER, 2], [CARD, 3]]);
});

test('one that is booked late comes out as far as Look Back reaches', async () => {
	const n8n = await published({ options: { lookBackHours: 2 } });
	sandbox.book({ card_id: CARD, amount: 1 });
	await n8n.tickAfter(3 * HOUR);
	sandbox.book({ card_id: CARD, amount: 2, datetime: agoOf(HOUR) });
	sandbox.book({ card_id: CARD, amount: 3, datetime: agoOf(2 * HOUR + MINUTE) });
	await n8n.tickAfter();
	await n8n.tickAfter();
	expect(n8n.amounts).toEqual([1, 2]);
});

test('equal operations of one second all count, whether they are booked at once or one after the other', async () => {
	const n8n = await published();
	const twin = { card_id: CARD, amount: 7, rrn: '500000000001', datetime: agoOf(0) };
	sandbox.book(twin);
	sandbox.book(twin);
	await n8n.tickAfter();
	expect(n8n.amounts).toEqual([7, 7]);
	sandbox.book(twin);
	await n8n.tickAfter();
	await n8n.tickAfter();
	expect(n8n.amounts).toEqual([7, 7, 7]);
});

test('of equal ones, that comes out which was not seen', async () => {
	const n8n = await published();
	const twin = { amount: 7, rrn: '500000000001', datetime: agoOf(0) };
	const [one, other] = ['A', 'B'].map((name) => ({ ...twin, merchant: { name } }));
	const answering = (...operations: unknown[]) =>
		sandbox.faults.add({ kind: 'rawBefore', path: 'card/statement', body: { status: 'ok', request_status: 'success', dt: agoOf(0), operations } });
	answering(other);
	await n8n.tickAfter();
	answering(one, other);
	await n8n.tickAfter();
	expect(n8n.items.map(({ merchant }) => merchant)).toEqual([{ name: 'B' }, { name: 'A' }]);
});

test.each([
	['its commission', { commission: 15 }],
	['its type', { type: 'withdrawal' }],
	['its merchant', { merchant: { name: 'Another' } }],
	['the form of its amount', { amount: '1000.00' as unknown as number }],
] as const)('is silent about one that changes afterwards: %s', async (_, change) => {
	const n8n = await published();
	const booked = sandbox.book({ card_id: CARD });
	await n8n.tickAfter();
	Object.assign(booked, change);
	await n8n.tickAfter();
	expect(n8n.items).toHaveLength(1);
});

test('what an answer leaves out once does not come out again', async () => {
	const n8n = await published();
	sandbox.book({ card_id: CARD });
	await n8n.tickAfter();
	sandbox.faults.add({ kind: 'rawBefore', path: 'card/statement', body: { status: 'ok', request_status: 'success', dt: agoOf(0), operations: [] } });
	await n8n.tickAfter();
	await n8n.tickAfter();
	expect(n8n.items).toHaveLength(1);
});

test('nor does one of two equal ones that an answer leaves out', async () => {
	const n8n = await published();
	const twin = { amount: 7, rrn: '500000000001', datetime: agoOf(0) };
	for (const operations of [[twin, twin], [twin], [twin, twin]]) {
		sandbox.faults.add({ kind: 'rawBefore', path: 'card/statement', body: { status: 'ok', request_status: 'success', dt: agoOf(0), operations } });
		await n8n.tickAfter();
	}
	expect(n8n.items).toHaveLength(2);
});

test.each([
	['without a time', { amount: 5, rrn: '1' }],
	['with a time that is none', { amount: 5, rrn: '1', datetime: 'yesterday' }],
	['with nothing', {}],
	['that is no object', 'pay'],
	['of other names', { sum: 5, deep: { card: [1, { two: null }] } }],
])('an operation %s comes out once as well', async (_, entry) => {
	const n8n = await published();
	const answering = (operations: unknown[]) =>
		sandbox.faults.add({ kind: 'rawBefore', path: 'card/statement', times: 3, body: { status: 'ok', request_status: 'success', dt: agoOf(0), operations } });
	answering([entry]);
	await n8n.tickAfter();
	await n8n.tickAfter(30 * HOUR);
	await n8n.tickAfter(30 * HOUR);
	expect(n8n.items).toEqual([{ card_id: CARD, ...(typeof entry === 'string' ? { operations: entry } : entry) }]);
	answering([entry, entry]);
	await n8n.tickAfter();
	expect(n8n.items).toHaveLength(2);
});

test('an answer that reaches further back than it was asked for tells nothing twice', async () => {
	const n8n = await published({ options: { lookBackHours: 1 } });
	const booked = sandbox.book({ card_id: CARD, amount: 1, datetime: agoOf(0) });
	await n8n.tickAfter();
	await n8n.tickAfter(5 * HOUR);
	const { type, amount, commission, currency, mcc, rrn, merchant } = booked;
	const whole = [{ type, amount, commission, currency, mcc, datetime: new Date(booked.at).toISOString(), rrn, merchant }];
	sandbox.faults.add({ kind: 'rawBefore', path: 'card/statement', body: { status: 'ok', request_status: 'success', dt: agoOf(0), operations: whole } });
	await n8n.tickAfter();
	expect(n8n.amounts).toEqual([1]);
});

test('a field that would look like an error, and one that looks like a secret, come out as everywhere', async () => {
	const n8n = await published();
	const entry = { datetime: agoOf(0), amount: 1, error: 'declined', pin: '1234' };
	sandbox.faults.add({ kind: 'rawBefore', path: 'card/statement', body: { status: 'ok', request_status: 'success', dt: agoOf(0), operations: [entry] } });
	await n8n.tickAfter();
	expect(n8n.items).toEqual([{ card_id: CARD, datetime: entry.datetime, amount: 1, api_error: 'declined', pin: '******' }]);
});

describe('filters', () => {
	const least = { leastAmounts: { leastAmount: [{ amount: '5000', currency: 'KZT' }, { amount: '10', currency: 'USD' }] } };

	test.each([
		['a least amount, by its currency', least, [['KZT', 5000], ['USD', 10], ['EUR', 1]]],
		['types, whatever their capitals', { operationTypes: 'Withdrawal, REFUND' }, [['KZT', 4999.99], ['EUR', 1]]],
		['both', { ...least, operationTypes: 'pay' }, [['KZT', 5000], ['USD', 10]]],
		['none', {}, [['KZT', 4999.99], ['KZT', 5000], ['USD', 9], ['USD', 10], ['EUR', 1]]],
	])('let through by %s', async (_, filters, expected) => {
		const n8n = await published({ filters });
		sandbox.book({ card_id: CARD, amount: 4999.99, type: 'withdrawal' });
		sandbox.book({ card_id: CARD, amount: 5000 });
		sandbox.book({ card_id: CARD, amount: 9, currency: 'USD' });
		sandbox.book({ card_id: CARD, amount: 10, currency: 'USD' });
		sandbox.book({ card_id: CARD, amount: 1, currency: 'EUR', type: 'refund' });
		await n8n.tickAfter();
		expect(n8n.items.map(({ currency, amount }) => [currency, amount])).toEqual(expected);
	});

	test('what is filtered out is remembered too', async () => {
		const n8n = await published({ filters: least });
		sandbox.book({ card_id: CARD, amount: 1 });
		sandbox.book({ card_id: CARD, amount: 9000 });
		await n8n.tickAfter();
		n8n.change({ filters: {} });
		await n8n.publish();
		await n8n.tickAfter();
		expect(n8n.amounts).toEqual([9000]);
	});

	test('an amount that goes out with a sign, and one that cannot be compared', async () => {
		const n8n = await published({ filters: least });
		const operations = [-6000, -1, '-1', 'much', '7000.50', null, '', ' ', [], {}, false, undefined].map((amount, index) => ({ datetime: agoOf(0), rrn: String(index), currency: 'KZT', amount }));
		sandbox.faults.add({ kind: 'rawBefore', path: 'card/statement', body: { status: 'ok', request_status: 'success', dt: agoOf(0), operations } });
		await n8n.tickAfter();
		expect(n8n.amounts).toEqual([-6000, 'much', '7000.50', null, '', ' ', [], {}, false, undefined]);
	});
});
