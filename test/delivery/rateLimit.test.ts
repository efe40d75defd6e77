import { useSandboxWithClock, wire } from '../support/bench';
import { done, failed } from '../support/items';
import { CLOSE } from '../support/paths';
import { runJobContinuing, type Job } from '../support/runs';

/* FreedomPay says "too many requests" (HTTP 429): the command was not taken, and all items wait. */

const { sandbox, clock } = useSandboxWithClock();

const effects = () => sandbox.ledger.effectsOn('card-1001', CLOSE).length;

/** Runs the node with failed items on its second output, by the sandbox's clock. */
const run = async (job: Job = {}) => await runJobContinuing(sandbox, { clock, ...job });

describe('a rate limit', () => {
	test.each([
		['seconds', 7, 7_000],
		['a date', { inMs: 9_000 }, 9_000],
		['absurd seconds', 999_999, 60_000],
	])('Retry-After as %s is obeyed, a minute at most', async (_, retryAfter, expected) => {
		sandbox.faults.add({ path: CLOSE, kind: 'rateLimit', retryAfter });
		done(await run());
		expect(wire(sandbox)).toEqual(['close', 'close']);
		expect(Math.max(...clock.sleeps)).toBeGreaterThan(expected - 1_100);
		expect(Math.max(...clock.sleeps)).toBeLessThanOrEqual(expected);
		expect(effects()).toBe(1);
	});

	test.each([['absent', undefined], ['nonsense', 'soon'], ['in the past', { inMs: -60_000 }]])('Retry-After %s: backs off', async (_, retryAfter) => {
		sandbox.faults.add({ path: CLOSE, kind: 'rateLimit', ...(retryAfter === undefined ? {} : { retryAfter }) });
		done(await run());
		expect(wire(sandbox)).toEqual(['close', 'close']);
	});

	test('it slows all items down', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'rateLimit', retryAfter: 20, card: 'card-1001' });
		sandbox.gate.hold(2, CLOSE);
		const items = Array.from({ length: 6 }, (_, index) => ({ card: `card-100${index + 1}` }));
		await run({ items, options: { maxParallelRequests: 2 } });
		const at = sandbox.journal.to(CLOSE).map((entry) => entry.at);
		const [first = 0] = at;
		// Of the others, only those came before the pause was over that were on their way before it was asked for.
		expect(at.filter((time) => time < first + 20_000).length).toBeLessThanOrEqual(3);
		expect(at.filter((time) => time > first && time < first + 20_000)).toEqual([]);
		expect(at).toHaveLength(7);
		expect(sandbox.ledger.all).toHaveLength(6);
	});

	test('after the last try an error that says rate limit', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'rateLimit', retryAfter: 1, times: 'always' });
		const { message, outcome } = failed(await run());
		expect(message).toMatch(/rate limit/);
		expect(outcome).toBe('not_done');
		expect(wire(sandbox)).toEqual(['close', 'close', 'close']);
	});
});
