import { setImmediate } from 'node:timers/promises';

import type { Clock } from '../../nodes/card-api/delivery/clock';
import { useSandbox } from '../support/bench';
import { accountOf, fatesOf } from '../support/items';
import { CLOSE } from '../support/paths';
import { runJob, startJob, until } from '../support/runs';
import { HANGS_AFTER_MS, isFull, sizeOf } from '../support/size';
import { virtualClock } from '../support/virtualClock';

/* Lists so long that checking them, or ending them, takes a while. */

const sandbox = useSandbox({ unknownIds: 'accept', journal: 'counts' });

const COUNT = 2_000;
const cards = (count = COUNT, name = 'card') => Array.from({ length: count }, (_, index) => ({ card: `${name}-${index}` }));
const going = { onError: 'continueErrorOutput' } as const;

/** A clock on which each look takes a millisecond, so that the node finds its own work to take time, on any machine. */
class SlowClock implements Clock {
	breaks = 0;

	private time = 0;

	constructor(
		private readonly onBreak: () => void = () => {},
		private readonly answerMs = 0,
	) {}

	now = () => this.time++;

	wallClock = () => Date.now();

	random = () => 0.5;

	limit = (ms: number) => ({ signal: AbortSignal.timeout(ms), met() {} });

	deadline = (ms: number) => {
		this.time += this.answerMs;
		return { signal: AbortSignal.timeout(ms), met() {} };
	};

	sleep = async () => {
		this.breaks++;
		this.onBreak();
		await setImmediate();
	};
}

/** n8n gets its turn after 40 ms at the latest, here after as many items. */
const ENOUGH_BREAKS = COUNT / 50;

test('others have their turn while the items are checked', async () => {
	const clock = new SlowClock();
	await runJob(sandbox, { items: [...cards(), { card: '' }], clock });
	expect(clock.breaks).toBeGreaterThan(ENOUGH_BREAKS);
	expect(sandbox.journal.counts().received).toBe(0);
});

test.each([
	['that are bad', cards().map(() => ({ card: '' })), () => {}],
	['after the one at which the credential was refused', cards(), () => sandbox.faults.add({ path: CLOSE, kind: 'unauthorized', times: 'always' })],
])('others have their turn while the items %s are told as failed', async (_, items, misbehave) => {
	misbehave();
	const clock = new SlowClock();
	const fates = fatesOf(await runJob(sandbox, { items, clock, settings: going, options: { maxParallelRequests: 1 } }), COUNT);
	expect(fates.every(({ failed }) => failed !== undefined)).toBe(true);
	expect(clock.breaks).toBeGreaterThan(2 * ENOUGH_BREAKS);
});

test('others have their turn while answers come in at once', async () => {
	const count = 500;
	const clock = new SlowClock();
	const fates = fatesOf(await runJob(sandbox, { items: cards(count), clock, options: { maxParallelRequests: 100 } }), count);
	expect(fates.every(({ done }) => done !== undefined)).toBe(true);
	// While they are checked, thirteen.
	expect(clock.breaks).toBeGreaterThan(30);
});

test('waiting for answers is break enough', async () => {
	const clock = new SlowClock(undefined, 20);
	const fates = fatesOf(await runJob(sandbox, { items: cards(100), clock, options: { maxParallelRequests: 1 } }), 100);
	expect(fates.every(({ done }) => done !== undefined)).toBe(true);
	// While they are checked.
	expect(clock.breaks).toBeLessThan(7);
});

test.each([['while it continues on errors', going], ['while it stops on errors', {}]])('cancelled while the items are checked, nothing is sent, %s', async (_, settings) => {
	let cancel = () => {};
	const clock = new SlowClock(() => cancel());
	const running = await startJob(sandbox, { items: cards(), clock, settings });
	({ cancel } = running);
	const outcome = await running.done;
	expect(outcome.status).toBe('canceled');
	expect(clock.breaks).toBe(1);
	expect(fatesOf(outcome, settings === going ? COUNT : 0).map(({ failed }) => [failed?.message, failed?.outcome])).toEqual(
		settings === going ? cards().map(() => ['Not sent: the execution was canceled', 'not_done']) : [],
	);
	expect(sandbox.journal.counts().received).toBe(0);
});

const MANY = isFull ? 100_000 : 5_000;

test(sizeOf(`cancelled in the middle of ${MANY} items, each is told as what it is`), async () => {
	const running = await startJob(sandbox, { items: cards(MANY), settings: going, options: { maxParallelRequests: 20 }, clock: virtualClock() });
	await until(() => sandbox.ledger.all.length >= 300);
	running.cancel();
	const fates = fatesOf(await running.done, MANY);
	const count = (kind: string) => fates.filter(({ failed }) => (failed?.outcome ?? 'done') === kind).length;
	const [done, unknown] = [count('done'), count('unknown')];
	expect(done + unknown + count('not_done')).toBe(MANY);
	expect(done).toBeGreaterThan(200);
	expect(unknown).toBeLessThanOrEqual(20);
	expect(sandbox.ledger.all.length).toBeGreaterThanOrEqual(done);
	expect(sandbox.ledger.all.length).toBeLessThanOrEqual(done + unknown);
}, HANGS_AFTER_MS);

test(sizeOf(`cancelled in the middle of ${MANY} items that stop on errors, the message says how many were done`), async () => {
	const running = await startJob(sandbox, { items: cards(MANY, 'other'), options: { maxParallelRequests: 20 }, clock: virtualClock() });
	// Some of the test before may still arrive.
	const acted = () => sandbox.ledger.all.filter(({ target }) => String(target.card_id).startsWith('other')).length;
	await until(() => acted() >= 300);
	running.cancel();
	const { error } = await running.done;
	const account = accountOf(error);
	const [done, unknown, notSent] = (['Done', 'Unknown', 'Not sent'] as const).map((kind) => account[kind]?.[0] ?? 0) as [number, number, number];
	expect(done + unknown + notSent).toBe(MANY);
	expect(done).toBeGreaterThan(200);
	expect(acted() - done).toBeGreaterThanOrEqual(0);
	expect(acted() - done).toBeLessThanOrEqual(unknown);
}, HANGS_AFTER_MS);
