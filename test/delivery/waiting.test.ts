import { createRequire } from 'node:module';

import { useSandboxWithClock, wire } from '../support/bench';
import { done, failed, fatesOf } from '../support/items';
import { CLOSE, STATUS } from '../support/paths';
import { runJobContinuing, type Job } from '../support/runs';
import { virtualClock } from '../support/virtualClock';

/* Waiting for completion, by the sandbox's clock: what it takes to process a command passes while the node waits. */

const { sandbox, clock } = useSandboxWithClock({ unknownIds: 'accept' });

const cards = (count: number) => Array.from({ length: count }, (_, index) => ({ card: `c-${index}` }));

/** Two commands for one card, told apart by their events. */
const TWO_EVENTS = ['e-1', 'e-2'].map((event) => ({ card: 'c-1', event }));
const BY_EVENT = { eventId: '={{ $json.event }}' };
const run = async (job: Job = {}) => await runJobContinuing(sandbox, { clock, ...job });

describe('waiting for completion', () => {
	test('asks until the command is done', async () => {
		sandbox.settings.processingMs = 15_000;
		const json = done(await run());
		expect(json).toMatchObject({ card_id: 'card-1001', request_status: 'success' });
		expect(json).toHaveProperty('outcome', 'done');
		expect(wire(sandbox)[0]).toBe('close');
		expect(wire(sandbox).length).toBeGreaterThan(4);
		expect(wire(sandbox).slice(1).every((path) => path === 'status')).toBe(true);
		expect(sandbox.ledger.all).toHaveLength(1);
	});

	test('asks after one second, then backs off to five', async () => {
		const steady = virtualClock({ sandbox, random: () => 0 });
		sandbox.faults.add({ path: CLOSE, kind: 'processForever' });
		await run({ clock: steady });
		const sleeps = steady.sleeps.slice(0, 6);
		expect(sleeps[0]).toBe(1_000);
		expect(sleeps).toEqual([...sleeps].sort((a, b) => a - b));
		expect(sleeps.at(-1)).toBe(5_000);
		expect(sleeps[2]).toBeLessThan(4_000);
	});

	test('off: goes on as soon as the command is accepted', async () => {
		sandbox.settings.processingMs = 5_000;
		const json = done(await run({ parameters: { waitForCompletion: false } }));
		expect(json.request_status).toBe('process');
		expect(wire(sandbox)).toEqual(['close']);
		expect(clock.now()).toBe(0);
	});

	test('still processing when the wait ends: a failed item', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'processForever' });
		const told = failed(await run({ options: { maxWaitSeconds: 12 } }));
		expect(told).toMatchObject({ outcome: 'processing', try_again: 'after_check', card_id: 'card-1001', answer: { request_status: 'process' } });
		expect(told.request_id).toEqual(expect.any(String));
		expect(clock.now()).toBeCloseTo(12_000);
	});

	test('a command that fails while processing: failed', async () => {
		sandbox.settings.processingMs = 2_000;
		// Both are taken for processing, and the second finds the card closed.
		sandbox.gate.hold(2, CLOSE);
		const fates = fatesOf(await run({ items: TWO_EVENTS, parameters: BY_EVENT }), 2);
		expect(fates.map(({ done: json, failed: told }) => told?.outcome ?? json?.request_status).sort()).toEqual(['refused', 'success']);
		expect(sandbox.journal.to(CLOSE).map(({ answer }) => (answer as { request_status: unknown }).request_status)).toEqual(['process', 'process']);
		expect(sandbox.ledger.all).toHaveLength(1);
	});

	test.each(['dropBefore', 'http500Before', 'html200After', 'rateLimit'] as const)('a question that meets %s is asked again', async (kind) => {
		sandbox.settings.processingMs = 4_000;
		sandbox.faults.add({ path: STATUS, kind, times: 2 });
		expect(done(await run()).request_status).toBe('success');
		expect(sandbox.journal.to(STATUS).length).toBeGreaterThanOrEqual(3);
	});

	test('a question that is not answered in time is asked again', async () => {
		sandbox.settings.processingMs = 4_000;
		sandbox.faults.add({ path: STATUS, kind: 'stallBefore' });
		expect(done(await run({ options: { requestTimeoutSeconds: 7 } })).request_status).toBe('success');
		expect(sandbox.journal.to(STATUS)).toHaveLength(2);
		expect(clock.now()).toBeGreaterThan(8_000);
	});

	test('the time limit that n8n has of its own does not cut a request off', async () => {
		await run();
		sandbox.reset();
		const { defaults } = createRequire(require.resolve('n8n-core'))('axios') as { defaults: { timeout: number } };
		const { timeout } = defaults;
		defaults.timeout = 20;
		sandbox.settings.latencyMs = 200;
		try {
			expect(done(await run({ options: { requestTimeoutSeconds: 600 } }))).toHaveProperty('outcome', 'done');
		} finally {
			defaults.timeout = timeout;
		}
		expect(wire(sandbox)).toEqual(['close']);
	});

	test('a lost answer to a command that is processing: found and waited for', async () => {
		sandbox.settings.processingMs = 4_000;
		sandbox.faults.add({ path: CLOSE, kind: 'dropAfter' });
		expect(done(await run())).toMatchObject({ request_status: 'success', outcome: 'done' });
		expect(sandbox.ledger.all).toHaveLength(1);
	});

	test('asking holds no slot: many settle together', async () => {
		sandbox.settings.processingMs = 4_000;
		const fates = fatesOf(await run({ items: cards(40), options: { maxParallelRequests: 2 } }), 40);
		expect(fates.every(({ done: json }) => json?.request_status === 'success')).toBe(true);
		// All are sent before the first one is done, and one after another they would take 40 × 4 s.
		const sent = sandbox.journal.to(CLOSE).map(({ at }) => at);
		expect(Math.max(...sent)).toBeLessThan(Math.min(...sandbox.ledger.all.map(({ at }) => at)));
		expect(clock.now()).toBeLessThan(3 * 4_000);
	});
});

describe('Get Status with Wait for Completion', () => {
	const CLOSED = { parameters: { waitForCompletion: false } };
	const lookUp = (requestId: unknown, more: Job = {}): Job => ({
		...more,
		parameters: { resource: 'request', operation: 'getStatus', requestId: requestId as string, waitForCompletion: true, ...more.parameters },
	});

	test.each(['request', 'transaction'])('%s: asks until what was left in process is done', async (resource) => {
		sandbox.settings.processingMs = 15_000;
		const { request_id: requestId, request_status: left } = done(await run(CLOSED));
		expect(left).toBe('process');
		expect(done(await run(lookUp(requestId, { parameters: { resource } })))).toMatchObject({ request_id: requestId, request_status: 'success' });
		expect(wire(sandbox).filter((path) => path === 'status').length).toBeGreaterThan(3);
		expect(clock.now()).toBeGreaterThanOrEqual(15_000);
		expect(clock.now()).toBeLessThan(21_000);
	});

	test('off: tells how far it is, at once', async () => {
		sandbox.settings.processingMs = 15_000;
		const { request_id: requestId } = done(await run(CLOSED));
		expect(done(await run(lookUp(requestId, { parameters: { waitForCompletion: false } })))).toMatchObject({ request_id: requestId, request_status: 'process' });
		expect(wire(sandbox)).toEqual(['close', 'status']);
	});

	test('still processing when Max Wait ends: an ordinary item', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'processForever' });
		const { request_id: requestId } = done(await run(CLOSED));
		expect(done(await run(lookUp(requestId, { options: { maxWaitSeconds: 12 } })))).toMatchObject({ request_status: 'process' });
		expect(clock.now()).toBeCloseTo(12_000);
	});

	test('one that failed in the meantime: failed', async () => {
		sandbox.settings.processingMs = 4_000;
		sandbox.gate.hold(2, CLOSE);
		const left = fatesOf(await run({ items: TWO_EVENTS, parameters: { ...CLOSED.parameters, ...BY_EVENT } }), 2);
		const fates = fatesOf(await run(lookUp('={{ $json.id }}', { items: left.map(({ done: json }) => ({ id: json?.request_id ?? '' })) })), 2);
		expect(fates.map(({ done: json, failed: told }) => told?.outcome ?? json?.request_status).sort()).toEqual(['refused', 'success']);
	});

	test.each(['dropBefore', 'http500Before', 'rateLimit'] as const)('goes on after %s', async (kind) => {
		sandbox.settings.processingMs = 6_000;
		const { request_id: requestId } = done(await run(CLOSED));
		sandbox.faults.add({ path: STATUS, kind, nth: 2, times: 2 });
		expect(done(await run(lookUp(requestId)))).toMatchObject({ request_status: 'success' });
	});

	test('a request that nobody knows is told at once', async () => {
		const fate = fatesOf(await run(lookUp('0190f3b2-7c1e-7d55-9f0a-3f2b8f5f7a10')), 1)[0];
		expect(fate?.failed?.outcome).toBe('refused');
		expect(wire(sandbox)).toEqual(['status']);
	});

	test('many settle together, and hold no slot while they wait', async () => {
		sandbox.settings.processingMs = 20_000;
		const items = cards(30);
		const ids = fatesOf(await run({ ...CLOSED, items }), 30).map(({ done: json }) => ({ id: json?.request_id ?? '' }));
		const fates = fatesOf(await run(lookUp('={{ $json.id }}', { items: ids, options: { maxParallelRequests: 2 } })), 30);
		expect(fates.every(({ done: json }) => json?.request_status === 'success')).toBe(true);
		expect(clock.now()).toBeLessThan(40_000);
	});

	test('a custom request that only reads is handed on as it is: it has no such switch', async () => {
		sandbox.faults.add({ path: STATUS, kind: 'rawAfter', body: '{"status":"ok","request_status":"process","dt":"x"}', times: 'always' });
		const custom = { resource: 'custom', operation: 'send', path: 'card-api/request/status', retryRule: 'read', takesRequestId: false, body: '{"request_id":"828cf71d-a447-4a67-a149-c1df8bc197ca"}' };
		expect(done(await run({ parameters: custom }))).toMatchObject({ request_status: 'process' });
		expect(wire(sandbox)).toEqual(['status']);
		expect(clock.now()).toBe(0);
	});
});
