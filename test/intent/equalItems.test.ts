import fc from 'fast-check';

import { useSandbox } from '../support/bench';
import { refund, refunded } from '../support/executions';
import { accountOf, fatesOf } from '../support/items';
import { CLOSE, REFUND, SET_PIN, STATUS } from '../support/paths';
import { runJob, runJobContinuing, type Job } from '../support/runs';
import { virtualClock } from '../support/virtualClock';

/* Equal commands in one list: what they mean is said by the method. */

const sandbox = useSandbox({ unknownIds: 'accept' });

const refunds = (amounts: number[], more: Job = {}): Job => ({ items: amounts.map((amount, index) => ({ amount, event: `e-${index}` })), parameters: refund, ...more });
const closes = (...cards: string[]): Job => ({ items: cards.map((card) => ({ card })) });

describe('refunds, each of which adds to the other', () => {
	test('twelve equal ones: none is sent, and the items are named', async () => {
		const outcome = await runJobContinuing(sandbox, refunds(Array<number>(12).fill(10)));
		const fates = fatesOf(outcome, 12);
		expect(new Set(fates.map(({ failed }) => failed?.outcome))).toEqual(new Set(['not_done']));
		expect(fates[3]?.failed?.message).toContain('items 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more');
		expect(fates[3]?.failed?.next_step).toContain('Event ID');
		expect(sandbox.journal.all).toEqual([]);
	});

	test('two equal ones among others stop a run before anything is sent', async () => {
		const { error } = await runJob(sandbox, refunds([10, 20, 10]));
		expect(error?.message).toMatch(/items 0, 2 .*\[item 0\]|items 0, 2 \[item 0\]/);
		expect(sandbox.journal.all).toEqual([]);
	});

	test('the others go out while the node continues', async () => {
		const fates = fatesOf(await runJobContinuing(sandbox, refunds([10, 20, 10])), 3);
		expect(fates.map(({ failed }) => failed?.outcome)).toEqual(['not_done', undefined, 'not_done']);
		expect(refunded(sandbox)).toEqual([20]);
	});

	test('Event IDs tell them apart', async () => {
		await runJobContinuing(sandbox, refunds([10, 10, 10], { parameters: { ...refund, eventId: '={{ $json.event }}' } }));
		expect(refunded(sandbox)).toEqual([10, 10, 10]);
	});

	test('one event that is there twice is one refund', async () => {
		const fates = fatesOf(await runJobContinuing(sandbox, refunds([10, 10], { parameters: { ...refund, eventId: 'e-1' } })), 2);
		expect(fates.map(({ done }) => done?.outcome)).toEqual(['done', 'done_before']);
		expect(refunded(sandbox)).toEqual([10]);
	});
});

describe('closes, which mean the same', () => {
	test('three equal ones: one is sent, the others take its outcome over', async () => {
		const fates = fatesOf(await runJobContinuing(sandbox, closes('card-1001', 'card-1001', 'card-1001')), 3);
		expect(fates.map(({ done }) => [done?.card_id, done?.request_status, done?.outcome])).toEqual([
			['card-1001', 'success', 'done'], ['card-1001', 'success', 'done_before'], ['card-1001', 'success', 'done_before'],
		]);
		expect(new Set(fates.map(({ done }) => done?.request_id)).size).toBe(1);
		expect(sandbox.journal.to(CLOSE)).toHaveLength(1);
	});

	test('if it fails, all fail alike', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'refuse', times: 'always' });
		const fates = fatesOf(await runJobContinuing(sandbox, closes('card-1001', 'card-1001', 'card-1001')), 3);
		expect(fates.map(({ failed }) => failed?.outcome)).toEqual(['refused', 'refused', 'refused']);
		expect(sandbox.journal.to(CLOSE)).toHaveLength(1);
	});

	test.each([
		['without Event IDs', {}],
		['of one event', { eventId: 'e-1' }],
		['without a request ID', { operation: 'setPin' }],
	])('if it is refused, all are told why, and not what asking about it said, %s', async (_, parameters) => {
		for (const path of [CLOSE, SET_PIN]) sandbox.faults.add({ path, kind: 'refuse', times: 'always' });
		const fates = fatesOf(await runJobContinuing(sandbox, { ...closes('card-1001', 'card-1001', 'card-1001'), parameters }), 3);
		const [first, ...others] = fates.map(({ failed }) => failed);
		expect(first).toMatchObject({ message: 'FreedomPay answered that the request failed: refused' });
		for (const other of others) {
			expect(other?.message).toBe('FreedomPay answered that the request failed: refused. This is the outcome of an earlier request; nothing was done now');
			expect(other?.next_step).not.toContain('1006');
		}
	});

	test('one slot is enough', async () => {
		const fates = fatesOf(await runJobContinuing(sandbox, { ...closes('card-1001', 'card-1002', 'card-1001', 'card-1002'), options: { maxParallelRequests: 1 } }), 4);
		expect(fates.every(({ done }) => done !== undefined)).toBe(true);
		expect(sandbox.journal.to(CLOSE)).toHaveLength(2);
	});

	test('what the first did not get to, the others do not either', async () => {
		sandbox.faults.add({ path: CLOSE, card: 'card-1002', kind: 'refuse' });
		const { error } = await runJob(sandbox, { ...closes('card-1002', 'card-1001', 'card-1001'), options: { maxParallelRequests: 1 } });
		expect(accountOf(error)).toEqual({ Failed: [1, 'card-1002'], 'Not sent': [2, 'card-1001, card-1001'] });
	});

	test('an equal one of a command that this package failed at is as unknown as that', async () => {
		const clock = virtualClock({ sandbox });
		sandbox.faults.add({ path: CLOSE, kind: 'dropAfter' }, { path: STATUS, kind: 'dropBefore', times: 'always' });
		const sleep = () => Promise.reject(new Error('no sleep'));
		const fates = fatesOf(await runJobContinuing(sandbox, { ...closes('card-1001', 'card-1001'), clock: { ...clock, sleep } }), 2);
		expect(fates.map(({ failed }) => [failed?.outcome, failed?.cause, failed?.try_again])).toEqual([['unknown', 'defect', 'after_check'], ['unknown', 'defect', 'after_check']]);
		expect(sandbox.ledger.effectsOn('card-1001', CLOSE)).toHaveLength(1);
	});

	test('equal PINs, which carry no request ID, are one', async () => {
		const fates = fatesOf(await runJobContinuing(sandbox, { ...closes('card-1001', 'card-1001'), parameters: { operation: 'setPin' } }), 2);
		expect(fates.every(({ done }) => done !== undefined)).toBe(true);
		expect(sandbox.journal.to(SET_PIN)).toHaveLength(1);
	});
});

/** Accounts of a card, with the currency that makes one content another. */
const updates = (...currencies: string[]): Job => ({
	items: currencies.map((currency) => ({ card: 'card-1001', currency })),
	parameters: { operation: 'update', accounts: { account: [{ iban: 'KZ86125KZT5004100100', currency: '={{ $json.currency }}', type: 'IBAN' }] } },
});

test('to and fro, nobody can say what is meant: the items are named, and nothing is sent for them', async () => {
	const fates = fatesOf(await runJobContinuing(sandbox, updates('KZT', 'USD', 'KZT')), 3);
	expect(fates.map(({ failed }) => failed?.outcome)).toEqual(['not_done', 'not_done', 'not_done']);
	expect(fates[0]?.failed?.message).toContain('Items 0, 1, 2');
	expect(sandbox.journal.all).toEqual([]);
});

test.each([
	['1001 1001 1001', '3 of the custom requests are equal to another one'],
	['1001 1002 1001 1002 1003', '4 of the custom requests are equal to another one'],
	['1001 1002', undefined],
	['1001:once 1001:twice', undefined],
])('custom requests about %s go out as they are asked for, with a hint on those that nothing tells apart', async (list, hint) => {
	const cards = ['card-1001', 'card-1002', 'card-1003'];
	const items = list.split(' ').map((entry) => ({ card: `card-${entry.split(':')[0]}`, event: entry.split(':')[1] }));
	const { hints } = await runJobContinuing(sandbox, {
		items,
		parameters: { ...(list.includes(':') && { eventId: '={{ $json.event }}' }), resource: 'custom', operation: 'send', path: 'card-api/card/reset_counter_pin', retryRule: 'command', takesRequestId: true, body: '={{ JSON.stringify({ card_id: $json.card }) }}' },
	});
	expect(cards.map((card) => sandbox.ledger.effectsOn(card).length)).toEqual(cards.map((name) => items.filter(({ card }) => card === name).length));
	const told = hints.map(({ message }) => message);
	if (hint === undefined) expect(told).toEqual([]);
	else expect(told).toEqual([`${hint}, and each is a request of its own. If equal ones are one event, give them its Event ID.`]);
});

test('whatever list: a card is closed once, and each item is told what became of it', async () => {
	const list = fc.array(fc.record({ card: fc.nat(4), event: fc.option(fc.nat(2), { nil: undefined }) }), { minLength: 1, maxLength: 12 });
	await fc.assert(
		fc.asyncProperty(list, fc.integer({ min: 1, max: 5 }), async (items, maxParallelRequests) => {
			sandbox.reset();
			const rows = items.map(({ card }) => ({ card: `c-${card}` }));
			const fates = fatesOf(await runJobContinuing(sandbox, { items: rows, options: { maxParallelRequests } }), rows.length);
			expect(fates.map(({ done }) => done?.request_status)).toEqual(rows.map(() => 'success'));
			for (const { card } of rows) expect(sandbox.journal.about(card, CLOSE)).toHaveLength(1);
			expect(sandbox.journal.to(REFUND)).toEqual([]);
		}),
		{ numRuns: 40 },
	);
});

test('PINs to and fro: nobody can say what is meant, and none is set', async () => {
	const items = ['AAAA', 'BBBB', 'AAAA'].map((pin) => ({ card: 'card-1001', pin }));
	const fates = fatesOf(await runJobContinuing(sandbox, { items, parameters: { operation: 'setPin', additionalFields: { pin: '={{ $json.pin }}' } } }), 3);
	expect(fates.map(({ failed }) => failed?.message)).toEqual(items.map((_, item) => `Items 0, 1, 2 change the same thing to and fro (Set PIN) [item ${item}]`));
	expect(sandbox.journal.to(SET_PIN)).toEqual([]);
});

test('several things changed to and fro: each item names those that it has to do with', async () => {
	const rows = [['a', 'KZT'], ['b', 'KZT'], ['a', 'USD'], ['b', 'USD'], ['a', 'KZT'], ['b', 'EUR'], ['a', 'EUR']] as const;
	const job = updates(...rows.map(([, currency]) => currency));
	const fates = fatesOf(await runJobContinuing(sandbox, { ...job, items: rows.map(([card, currency]) => ({ card: `card-${card}`, currency })) }), 7);
	expect(fates.map(({ failed }) => failed?.message.slice(0, 17))).toEqual([
		'Items 0, 2, 4 cha', undefined, 'Items 0, 2, 4 cha', undefined, 'Items 0, 2, 4 cha', undefined, undefined,
	]);
	expect(sandbox.journal.about('card-b')).toHaveLength(3);
});

test.each([{}, { onError: 'continueErrorOutput' } as const])('what the first had done before the run ended counts for the others, with %p', async (settings) => {
	sandbox.faults.add({ path: CLOSE, card: 'card-1002', kind: 'unauthorized' });
	const outcome = await runJob(sandbox, { ...closes('card-1001', 'card-1002', 'card-1001'), options: { maxParallelRequests: 1 }, settings });
	if ('onError' in settings) expect(fatesOf(outcome, 3).map(({ done }) => done?.request_status)).toEqual(['success', undefined, 'success']);
	else expect(accountOf(outcome.error)).toEqual({ Done: [2, 'card-1001, card-1001'], Failed: [1, 'card-1002'] });
	expect(sandbox.journal.to(CLOSE)).toHaveLength(2);
});

test('one code for two gift cards is refused, and no card is told to be confirmed that was not', async () => {
	const items = [555, 556].map((id) => ({ id }));
	const confirm = (cardId: string): Job => ({ items, parameters: { resource: 'giftCard', operation: 'confirm', otp: '={{ "12" + 34 }}', cardId } });
	const fates = fatesOf(await runJobContinuing(sandbox, confirm('={{ $json.id }}')), 2);
	const message = 'Items 0, 1 have the same One-Time Code (OTP), but not the same Card ID (Confirm)';
	const step = 'Nothing was sent for these items: they are one command, and nobody can tell which of them is right. Correct the One-Time Code (OTP) or the Card ID.';
	for (const { failed } of fates) expect(failed).toMatchObject({ outcome: 'not_done', message: expect.stringContaining(message) as string, next_step: step });
	expect(sandbox.journal.all).toEqual([]);
	expect(fatesOf(await runJobContinuing(sandbox, confirm('')), 2).every(({ done }) => done !== undefined)).toBe(true);
	expect(sandbox.journal.all).toHaveLength(1);
});
