import { startSandbox, type Sandbox } from '../sandbox';
import { fastClock } from './fastClock';
import { begin, CLOSE, expectHonestWire, failure, STATUS, success, wire, work, workOn } from './workbench';

let sandbox: Sandbox;
beforeEach(async () => {
	sandbox = await startSandbox({ unknownCards: 'accept' });
});
afterEach(async () => {
	expectHonestWire(sandbox);
	await sandbox.stop();
});

const cards = (count: number) => Array.from({ length: count }, (_, index) => ({ card: `c-${index}` }));

describe('waiting for completion', () => {
	test('asks until the command is done', async () => {
		sandbox.settings.processingMs = 150;
		const json = success(await workOn(sandbox));
		expect(json).toMatchObject({ card_id: 'card-1001', request_status: 'success' });
		expect(json).not.toHaveProperty('recovered');
		expect(wire(sandbox)[0]).toBe('close');
		expect(wire(sandbox).slice(1).every((path) => path === 'status')).toBe(true);
		expect(sandbox.ledger.all).toHaveLength(1);
	});

	test('asks after one second, then backs off to five', async () => {
		const clock = fastClock({ random: () => 0 });
		sandbox.faults.add({ path: CLOSE, kind: 'processForever' });
		await workOn(sandbox, { clock });
		const sleeps = clock.sleeps.slice(0, 6);
		expect(sleeps[0]).toBe(1_000);
		expect(sleeps).toEqual([...sleeps].sort((a, b) => a - b));
		expect(sleeps.at(-1)).toBe(5_000);
		expect(sleeps[2]).toBeLessThan(4_000);
	});

	test('off: goes on as soon as the command is accepted', async () => {
		sandbox.settings.processingMs = 50;
		const json = success(await workOn(sandbox, { parameters: { waitForCompletion: false } }));
		expect(json.request_status).toBe('process');
		expect(wire(sandbox)).toEqual(['close']);
	});

	test('still processing when the wait ends: an ordinary item', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'processForever' });
		const json = success(await workOn(sandbox, { options: { maxWaitSeconds: 12 } }));
		expect(json).toMatchObject({ card_id: 'card-1001', request_status: 'process' });
		expect(json.request_id).toEqual(expect.any(String));
	});

	test('a command that fails while processing: failed', async () => {
		sandbox.settings.processingMs = 20;
		await work(sandbox, { items: [{ card: 'c-1' }] });
		const { details } = failure(await workOn(sandbox, { items: [{ card: 'c-1' }], run: { executionId: '2' } }));
		expect(details.outcome).toBe('failed');
	});

	test.each(['dropBefore', 'http500Before', 'html200After', 'rateLimit'] as const)('a question that meets %s is asked again', async (kind) => {
		sandbox.settings.processingMs = 40;
		sandbox.faults.add({ path: STATUS, kind, times: 2 });
		expect(success(await workOn(sandbox)).request_status).toBe('success');
	});

	test('a lost answer to a command that is processing: recovered and waited for', async () => {
		sandbox.settings.processingMs = 40;
		sandbox.faults.add({ path: CLOSE, kind: 'dropAfter' });
		expect(success(await workOn(sandbox))).toMatchObject({ request_status: 'success', recovered: true });
		expect(sandbox.ledger.all).toHaveLength(1);
	});

	test('asking holds no slot: many settle together', async () => {
		sandbox.settings.processingMs = 50;
		const began = performance.now();
		const outcome = await workOn(sandbox, { items: cards(60), options: { maxParallelRequests: 2 } });
		expect(outcome.items[0]?.every(({ json }) => json.request_status === 'success')).toBe(true);
		// One after another they would take 60 × 50 ms.
		expect(performance.now() - began).toBeLessThan(60 * 50);
	});
});

describe('parallel requests', () => {
	test.each([1, 3, 10])('never more than %d at once, questions included', async (maxParallelRequests) => {
		sandbox.settings.latencyMs = 3;
		sandbox.settings.processingMs = 20;
		sandbox.faults.random({ seed: 1, rate: 0.2, kinds: ['dropAfter', 'http500Before'] });
		const outcome = await workOn(sandbox, { items: cards(80), options: { maxParallelRequests } });
		expect(outcome.items.flat()).toHaveLength(80);
		expect(sandbox.gauges.maxInFlight).toBeLessThanOrEqual(maxParallelRequests);
		expect(sandbox.gauges.maxInFlight).toBe(maxParallelRequests);
	});

	test('results keep the order of the input, whoever is first', async () => {
		sandbox.faults.plan(({ cardId }) => (cardId !== undefined && Number(cardId.slice(2)) % 3 === 0 ? { kind: 'delayAfter', delayMs: 15 } : undefined));
		const outcome = await workOn(sandbox, { items: cards(30) });
		expect(outcome.items[0]?.map(({ json, pairedItem }) => [json.card_id, pairedItem])).toEqual(cards(30).map(({ card }, item) => [card, { item }]));
	});

	test('the credential is looked up once', async () => {
		const outcome = await workOn(sandbox, { items: cards(25) });
		expect(outcome.credentialLookups).toBe(1);
		expect(outcome.authentications).toBe(25);
	});
});

describe('cancelling', () => {
	const quiet = async (ms: number) => await new Promise((resolve) => setTimeout(resolve, ms));

	test('with requests in flight: nothing new is sent, settled within a second', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'stallBefore', times: 'always' });
		const { done, cancel } = await begin(sandbox, { items: cards(50), options: { maxParallelRequests: 4 }, clock: fastClock({ speed: 1 }) });
		while (sandbox.journal.all.length < 4) await quiet(2);
		const began = performance.now();
		cancel();
		await done;
		expect(performance.now() - began).toBeLessThan(1_000);
		await quiet(60);
		expect(sandbox.journal.all).toHaveLength(4);
	});

	test.each([
		['a wait for completion', () => sandbox.faults.add({ path: CLOSE, kind: 'processForever', times: 'always' })],
		['a pause after 429', () => sandbox.faults.add({ path: CLOSE, kind: 'rateLimit', retryAfter: 50, times: 'always' })],
		['a backoff', () => sandbox.faults.add({ path: STATUS, kind: 'dropBefore', times: 'always' }, { path: CLOSE, kind: 'dropBefore', times: 'always' })],
	])('during %s: it ends at once, nothing is retried', async (_, misbehave) => {
		misbehave();
		const slow = fastClock({ speed: 1, random: () => 0.999 });
		const { done, cancel } = await begin(sandbox, { items: cards(3), options: { maxParallelRequests: 3 }, clock: slow });
		while (slow.sleeps.length < 1) await quiet(2);
		await quiet(20);
		const sent = sandbox.journal.all.length;
		const began = performance.now();
		cancel();
		await done;
		expect(performance.now() - began).toBeLessThan(1_000);
		await quiet(60);
		expect(sandbox.journal.all).toHaveLength(sent);
	});
});
