import { useSandbox } from '../support/bench';
import { accountOf, fatesOf } from '../support/items';
import { CLOSE, STATUS } from '../support/paths';
import { runJob, runJobContinuing, startJob, until } from '../support/runs';

/* How many requests are on their way at once: what has to be reached is waited for, with the sandbox's gate. */

const HOUR_MS = 3_600_000;
let now = 0;
const sandbox = useSandbox({ unknownIds: 'accept', now: () => now });

beforeEach(() => {
	now = Date.parse('2025-01-31T09:30:00Z');
});

const cards = (count: number) => Array.from({ length: count }, (_, index) => ({ card: `c-${index}` }));
const closings = () => sandbox.journal.to(CLOSE).length;

test.each([1, 3, 10, 25])('up to %d at once, and never more', async (maxParallelRequests) => {
	sandbox.faults.random({ seed: 1, rate: 0.2, kinds: ['dropAfter'], paths: [CLOSE] });
	sandbox.gate.hold(maxParallelRequests);
	const outcome = await runJobContinuing(sandbox, { items: cards(80), options: { maxParallelRequests } });
	fatesOf(outcome, 80);
	expect(sandbox.gauges.maxInFlight).toBe(maxParallelRequests);
	expect(sandbox.ledger.all).toHaveLength(80);
});

test('up to 5 at once with questions among them, and never more', async () => {
	sandbox.settings.processingMs = HOUR_MS;
	sandbox.gate.hold(5, STATUS);
	const { done } = await startJob(sandbox, {
		items: cards(30),
		options: { maxParallelRequests: 5, maxWaitSeconds: 86_400 },
		settings: { onError: 'continueErrorOutput' },
	});
	await until(() => closings() === 30 && sandbox.journal.to(STATUS).length > 5);
	now += HOUR_MS;
	const fates = fatesOf(await done, 30);
	expect(fates.every(({ done: json }) => json?.request_status === 'success')).toBe(true);
	expect(sandbox.gauges.maxInFlight).toBe(5);
});

test('waiting for completion keeps nobody else from being sent', async () => {
	sandbox.settings.processingMs = HOUR_MS;
	const { done } = await startJob(sandbox, {
		items: cards(60),
		options: { maxParallelRequests: 2, maxWaitSeconds: 86_400 },
		settings: { onError: 'continueErrorOutput' },
	});
	// None of them is done before the last one is sent.
	await until(() => closings() === 60);
	expect(sandbox.ledger.all).toEqual([]);
	now += HOUR_MS;
	expect(fatesOf(await done, 60).every(({ done: json }) => json?.request_status === 'success')).toBe(true);
	expect(sandbox.ledger.all).toHaveLength(60);
});

test('a stopped run lets those finish that are on their way, and its account is true', async () => {
	sandbox.faults.add({ path: CLOSE, card: 'c-1', kind: 'refuse' });
	sandbox.gate.hold(4);
	const { error } = await runJob(sandbox, { items: cards(40), options: { maxParallelRequests: 4 } });
	expect(error?.message).toMatch(/\[item 1\]/);
	const done = sandbox.ledger.all.length;
	expect(closings()).toBe(done + 1);
	const { Done, Failed, 'Not sent': notSent } = accountOf(error);
	expect([Done?.[0], Failed, notSent?.[0] ?? 0]).toEqual([done, [1, 'c-1'], 39 - done]);
});
