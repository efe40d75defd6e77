import { useSandbox, wire } from '../support/bench';
import { retryDataOf } from '../support/engine';
import { loop, ofAmount, paired, refund, refunded } from '../support/executions';
import { accountOf, failedOf } from '../support/items';
import { CLOSE, GIFT, REFUND, SET_PIN, STATUS } from '../support/paths';
import type { Job } from '../support/runs';

/* A workflow that leads failed items back to the node: what may still be carried out goes on, and is not sent a second time. */

const sandbox = useSandbox({ unknownIds: 'accept' });

const acted = (path: string) => sandbox.ledger.all.filter((effect) => effect.path === path).length;
const ids = (path: string) => new Set(sandbox.journal.to(path).map(({ requestId }) => requestId)).size;

/** The answer is lost, and the questions about it are, too. */
const unheard = (path: string, kind: 'dropAfter' | 'dropBefore' = 'dropAfter') =>
	sandbox.faults.add({ path, kind }, { path: STATUS, kind: 'dropBefore', times: 3 });

const jobs: Array<[string, string, Job]> = [
	['a refund', REFUND, { parameters: refund, items: [{ amount: 10 }] }],
	['a new PIN', SET_PIN, { parameters: { operation: 'setPin', cardId: 'card-1001' } }],
	['a confirmation', GIFT, { parameters: { resource: 'giftCard', operation: 'confirm', otp: '1234', cardId: 555 } }],
];

test.each(jobs)('%s whose outcome is unknown comes back from the error output: done once', async (_, path, job) => {
	unheard(path);
	const { runs, error } = await loop(sandbox, { ...job, turns: 2 });
	expect(error).toBeUndefined();
	expect(acted(path)).toBe(1);
	expect(sandbox.journal.to(path)).toHaveLength(1);
	if (path === REFUND) expect(runs.at(-1)?.[0]?.[0]?.json).toMatchObject({ request_status: 'success' });
	else expect(failedOf(runs.at(-1)?.[1]?.[0]?.json ?? {})?.outcome).toBe('unknown');
});

test('a refund that did not arrive is sent under its own ID when it comes back', async () => {
	unheard(REFUND, 'dropBefore');
	const { runs } = await loop(sandbox, { parameters: refund, items: [{ amount: 10 }] });
	expect(runs.at(-1)?.[0]?.[0]?.json).toMatchObject({ request_status: 'success' });
	expect([acted(REFUND), ids(REFUND)]).toEqual([1, 1]);
});

test('an item that is replaced whole on the way comes from the same one', async () => {
	unheard(REFUND);
	await loop(sandbox, { parameters: refund, items: [{ amount: 10 }], change: (items) => items.map((_, item) => ({ json: { amount: 10 }, pairedItem: item })) });
	expect([acted(REFUND), ids(REFUND)]).toEqual([1, 1]);
});

test('two equal refunds of two events, of which one is lost, come to two', async () => {
	sandbox.faults.add({ path: REFUND, kind: 'dropBefore', nth: 2, times: 'always' }, { path: STATUS, kind: 'dropBefore', times: 3 });
	const items = ['a', 'b'].map((event) => ({ amount: 10, event }));
	await loop(sandbox, {
		parameters: { ...refund, eventId: '={{ $json.event }}' },
		items,
		options: { maxParallelRequests: 1 },
		change: (came, run) => {
			if (run === 0) sandbox.faults.clear();
			return paired(came);
		},
	});
	expect(refunded(sandbox)).toEqual([10, 10]);
	expect(ids(REFUND)).toBe(2);
});

test('a loop of several turns goes on under the one ID', async () => {
	sandbox.faults.add({ path: REFUND, kind: 'dropBefore', times: 2 }, { path: STATUS, kind: 'dropBefore', times: 9 });
	const { runs } = await loop(sandbox, { parameters: refund, items: [{ amount: 10 }], turns: 4 });
	expect(runs.at(-1)?.[0]?.[0]?.json).toMatchObject({ request_status: 'success' });
	expect([acted(REFUND), ids(REFUND)]).toEqual([1, 1]);
});

test('an item that is changed on the way is another command, with a hint that the first may still come', async () => {
	unheard(REFUND);
	const { runData } = await loop(sandbox, {
		parameters: refund,
		items: [{ amount: 10 }],
		change: (items) => items.map((_, item) => ({ json: { amount: 15 }, pairedItem: { item } })),
	});
	expect(refunded(sandbox)).toEqual([10, 15]);
	expect(runData['Node under test']?.at(-1)?.hints?.map(({ message }) => message).join()).toMatch(/may still be carried out/);
});

test('an equal one of which nobody knows where it comes from is not sent, and names the earlier one', async () => {
	sandbox.faults.add({ path: REFUND, kind: 'dropAfter', times: 3 }, { path: STATUS, kind: 'dropBefore', times: 9 });
	const { runs } = await loop(sandbox, {
		parameters: refund,
		items: [{ amount: 10 }, { amount: 20 }, { amount: 30 }],
		options: { maxParallelRequests: 1 },
		// As a node does that puts items together and keeps no pairs.
		change: () => [{ json: { amount: 10 } }, { json: { amount: 40 } }],
	});
	const told = failedOf(runs.at(-1)?.[1]?.[0]?.json ?? {});
	expect(told).toMatchObject({ outcome: 'unknown', request_id: sandbox.journal.to(REFUND)[0]?.requestId });
	expect(told?.next_step).toMatch(/Event ID/);
	expect(refunded(sandbox)).toEqual([10, 20, 30, 40]);
});

test('a batch after one that went well is a new one, though it is equal', async () => {
	const { runs } = await loop(sandbox, { parameters: { ...refund, ...ofAmount('={{ $json.amount ?? 10 }}') }, items: [{ amount: 10 }, { amount: '-' }], options: { maxParallelRequests: 1 } , change: (items) => items.map((_, item) => ({ json: { amount: 10 }, pairedItem: { item } })) });
	expect(runs).toHaveLength(2);
	expect(refunded(sandbox)).toEqual([10, 10]);
	expect(ids(REFUND)).toBe(2);
});

test('closing a card is done before where it comes back after it was done', async () => {
	sandbox.faults.add({ path: CLOSE, kind: 'refuse' });
	const { runs } = await loop(sandbox, {});
	expect(runs.at(-1)?.[0]?.[0]?.json).toMatchObject({ request_status: 'success' });
	expect(wire(sandbox).filter((path) => path === 'close')).toHaveLength(2);
	expect(acted(CLOSE)).toBe(1);
});

test.each([
	['a new PIN', SET_PIN, { parameters: { operation: 'setPin', cardId: 'card-1001' }, items: [{}, {}] }],
	['a confirmation', GIFT, { parameters: { resource: 'giftCard', operation: 'confirm', otp: '1234', cardId: 555 }, items: [{}, {}] }],
	['a close', CLOSE, { parameters: {}, items: [{ card: 'card-1001' }, { card: 'card-1001' }] }],
] as Array<[string, string, Job]>)('%s that is there twice and unknown: the second one comes back alone, and is not another command', async (_, path, job) => {
	unheard(path);
	// As a filter between does.
	const { runs } = await loop(sandbox, { ...job, change: (items) => paired(items).slice(1) });
	expect(runs).toHaveLength(2);
	expect(sandbox.journal.to(path)).toHaveLength(1);
	if (path === CLOSE) expect(runs.at(-1)?.[0]?.[0]?.json).toMatchObject({ request_status: 'success' });
	else expect(failedOf(runs.at(-1)?.[1]?.[0]?.json ?? {})?.outcome).toBe('unknown');
});

test('both come back: they are the one command still', async () => {
	unheard(CLOSE, 'dropBefore');
	const { runs } = await loop(sandbox, { items: [{ card: 'card-1001' }, { card: 'card-1001' }] });
	expect(runs.at(-1)?.[0]?.map(({ json }) => json.request_status)).toEqual(['success', 'success']);
	expect([sandbox.journal.to(CLOSE).length, ids(CLOSE)]).toEqual([2, 1]);
});

test('a refund that is there twice after it came back goes on once', async () => {
	unheard(REFUND, 'dropBefore');
	const { runs } = await loop(sandbox, { parameters: refund, items: [{ amount: 10 }], change: (items) => paired(items).flatMap((item) => [item, item]) });
	expect(runs.at(-1)?.[0]?.map(({ json }) => json.request_status)).toEqual(['success', 'success']);
	expect([sandbox.journal.to(REFUND).length, ids(REFUND)]).toEqual([2, 1]);
});

test('what was found out at last is known of all turns: an equal one after it is another command', async () => {
	sandbox.faults.add({ path: REFUND, kind: 'dropAfter' }, { path: STATUS, kind: 'dropBefore', times: 6 });
	const { runs } = await loop(sandbox, {
		parameters: refund,
		items: [{ amount: 10 }, { amount: '-' }, { amount: '-' }],
		turns: 3,
		// The next batch: nothing tells where its items come from.
		change: (items, run) => (run < 2 ? paired(items) : [10, 40, 50, 60].map((amount) => ({ json: { amount } }))),
	});
	expect(runs.map(([done = []]) => done.length)).toEqual([0, 0, 1, 4]);
	expect(refunded(sandbox).sort()).toEqual([10, 10, 40, 50, 60]);
});

const here = { node: 'Node under test', type: 'main', index: 0 } as const;
const next = { node: 'Next', type: 'main', index: 0 } as const;
/** A loop by the success output, as of batches. */
const batches = {
	mode: 'webhook',
	connections: { Feed: { main: [[here]] }, 'Node under test': { main: [[next]] }, Next: { main: [[here]] } },
} as NonNullable<Job['run']>;

test('a batch in which nothing was done does not deny the batches before it', async () => {
	const { error } = await loop(sandbox, {
		parameters: refund,
		items: [{ amount: 10 }, { amount: 20 }],
		options: { maxParallelRequests: 1 },
		settings: { onError: 'stopWorkflow' },
		run: batches,
		change: () => {
			sandbox.faults.add({ path: REFUND, kind: 'refuse' });
			return [{ json: { amount: 30 } }, { json: { amount: 40 } }];
		},
	});
	expect(refunded(sandbox)).toEqual([10, 20]);
	expect(accountOf(error)).toEqual({ Failed: [1, 'transaction-1'], 'Not sent': [1, 'transaction-1'] });
	expect(error?.description).not.toMatch(/Nothing was done|simply run it again/);
	expect(error?.description).toMatch(/What this execution sent before stands\. Retry On Fail and n8n's Retry of this failed execution pick up.* A new execution sends everything again, since no Event ID is set\./);
});

test('a batch that follows in a Retry comes after no crash', async () => {
	const job: Job = { parameters: refund, items: [{ amount: 10 }, { amount: 20 }], options: { maxParallelRequests: 1 }, settings: { onError: 'stopWorkflow' } };
	const change = () => [30, 30, 40].map((amount) => ({ json: { amount } }));
	sandbox.faults.add({ path: REFUND, kind: 'refuse', nth: 2 });
	const { run } = await loop(sandbox, { ...job, change, run: batches });
	const { error } = await loop(sandbox, { ...job, change, run: { ...batches, mode: 'retry', executionId: '2', resume: retryDataOf(run), loadWorkflow: true } });
	expect(refunded(sandbox)).toEqual([10, 20]);
	expect(error?.message).toBe('Refund is the same command in items 0, 1 [item 0]');
});
