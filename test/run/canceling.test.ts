import { useSandboxWithClock } from '../support/bench';
import { fatesOf } from '../support/items';
import { CLOSE, STATUS } from '../support/paths';
import { runJob, startJob, until } from '../support/runs';
import { virtualClock, type VirtualClock } from '../support/virtualClock';

/* An execution that is cancelled: nothing new is sent, and what is on its way is unknown. */

const { sandbox } = useSandboxWithClock({ unknownIds: 'accept' });

const cards = (count: number) => Array.from({ length: count }, (_, index) => ({ card: `c-${index}` }));

describe('cancelling, while time stands still', () => {
	let still: VirtualClock;
	beforeEach(() => {
		still = virtualClock({ sandbox, random: () => 0.999, isStopped: true });
	});

	/** Nobody waits any longer and nothing was sent since: what was is there before the answer to a later request is. */
	async function expectQuiet(sent: number): Promise<void> {
		expect([still.waiting, still.requests]).toEqual([0, 0]);
		sandbox.faults.clear();
		await runJob(sandbox, { items: [{ card: 'later' }], run: { executionId: '2' } });
		expect(sandbox.journal.all.slice(sent).map(({ body }) => (body as { card_id?: unknown }).card_id)).toEqual(['later']);
	}

	test('with requests in flight: nothing new is sent', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'stallBefore', times: 'always' });
		const running = await startJob(sandbox, { items: cards(50), options: { maxParallelRequests: 4 }, clock: still });
		await until(() => sandbox.journal.all.length === 4);
		running.cancel();
		await running.done;
		await expectQuiet(4);
	});

	test.each<[string, number, () => void]>([
		['a wait for completion', 3, () => sandbox.faults.add({ path: CLOSE, kind: 'processForever', times: 'always' })],
		['a pause after 429', 3, () => sandbox.faults.add({ path: CLOSE, kind: 'rateLimit', retryAfter: 50, times: 'always' })],
		['a backoff', 6, () => sandbox.faults.add({ path: STATUS, kind: 'dropBefore', times: 'always' }, { path: CLOSE, kind: 'dropBefore', times: 'always' })],
	])('during %s: it ends at once, nothing is retried', async (_, sent, misbehave) => {
		misbehave();
		sandbox.gate.hold(3, CLOSE);
		const running = await startJob(sandbox, { items: cards(3), options: { maxParallelRequests: 3 }, clock: still });
		await until(() => still.waiting === 3);
		expect(sandbox.journal.all).toHaveLength(sent);
		running.cancel();
		await running.done;
		await expectQuiet(sent);
	});

	test.each<[string, number, () => void]>([
		['while a status that may be behind is waited for', 1, () => sandbox.faults.add({ path: CLOSE, kind: 'conflict', times: 'always' })],
		['while new items wait for a question', 3, () => sandbox.faults.add({ path: CLOSE, kind: 'redirect', times: 'always' })],
	])('%s: it ends at once, no new item starts', async (_, items, misbehave) => {
		misbehave();
		const running = await startJob(sandbox, { items: cards(items), options: { maxParallelRequests: 1 }, clock: still });
		await until(() => still.waiting === 1);
		expect(sandbox.journal.all).toHaveLength(2);
		running.cancel();
		await running.done;
		await expectQuiet(2);
	});

	test('after the request left: it is unknown, the others were not sent', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'stallAfter', times: 'always' });
		const running = await startJob(sandbox, { items: cards(3), options: { maxParallelRequests: 1 }, clock: still, settings: { onError: 'continueErrorOutput' } });
		await until(() => sandbox.journal.all.length === 1);
		running.cancel();
		const fates = fatesOf(await running.done, 3);
		expect(fates.map(({ failed: told }) => told?.outcome)).toEqual(['unknown', 'not_done', 'not_done']);
		await expectQuiet(1);
	});
});
