import { setImmediate } from 'node:timers/promises';

import { startSandbox } from '../sandbox';
import { virtualClock } from './virtualClock';

/* The clock that most tests go by: when it stands still, and when it jumps. */

const HOUR_MS = 3_600_000;

/** Gives whatever may happen the time to happen. */
async function turns(): Promise<void> {
	for (let turn = 0; turn < 50; turn++) await setImmediate();
}

test('jumps from the end of one wait to that of the next, which is no time at all', async () => {
	const clock = virtualClock();
	const began = clock.wallClock();
	const ends: number[] = [];
	await Promise.all([3, 1, 2].map(async (hours) => {
		await clock.sleep(hours * HOUR_MS);
		ends.push(clock.now());
	}));
	expect(ends).toEqual([HOUR_MS, 2 * HOUR_MS, 3 * HOUR_MS]);
	expect(clock.wallClock() - began).toBe(3 * HOUR_MS);
	expect(clock.sleeps).toEqual([3 * HOUR_MS, HOUR_MS, 2 * HOUR_MS]);
});

test('stands still while a request is on its way, and fires no deadline then', async () => {
	const clock = virtualClock();
	const deadline = clock.deadline(1_000);
	const waiting = clock.sleep(HOUR_MS);
	await turns();
	expect([clock.now(), clock.waiting, clock.requests]).toEqual([0, 1, 1]);
	deadline.met();
	await waiting;
	await turns();
	expect([clock.now(), clock.waiting, clock.requests, deadline.signal.aborted]).toEqual([HOUR_MS, 0, 0, false]);
});

test('fires the deadline of a request that the sandbox leaves unanswered, when all else waits', async () => {
	const sandbox = await startSandbox();
	const clock = virtualClock({ sandbox });
	sandbox.faults.add({ kind: 'stallBefore', nth: 2 });
	const post = async (ms: number) => {
		const { signal, met } = clock.deadline(ms);
		const told = await fetch(`${sandbox.url}/v5/card-api/card/close`, { method: 'POST', body: '{}', signal }).then(({ status }) => status, () => 'no answer');
		met();
		return [told, clock.now()];
	};
	expect(await post(10)).toEqual([401, 0]);
	const ends = Promise.all([post(30_000), clock.sleep(20_000).then(async () => [await post(1), clock.now()])]);
	expect(await ends).toEqual([['no answer', 30_000], [[401, 20_000], 20_000]]);
	await sandbox.stop();
});

test('wakes many at once with a tick', async () => {
	const clock = virtualClock({ tickMs: 250 });
	const ends = [0, 1, 200, 250, 251].map(async (ms) => {
		await clock.sleep(ms);
		return clock.now();
	});
	expect(await Promise.all(ends)).toEqual([0, 250, 250, 250, 500]);
});

test('stands still for ever when it is stopped, but for those who are called off', async () => {
	const clock = virtualClock({ isStopped: true });
	const controller = new AbortController();
	const waiting = clock.sleep(1, controller.signal);
	await turns();
	expect([clock.now(), clock.waiting]).toEqual([0, 1]);
	controller.abort();
	await waiting;
	await clock.sleep(1, controller.signal);
	expect([clock.now(), clock.waiting]).toEqual([0, 0]);
});
