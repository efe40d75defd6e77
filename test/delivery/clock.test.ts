import { backoffMs, systemClock } from '../../nodes/card-api/delivery/clock';

/* The node's own clock, in which nothing else is replaced. Hours pass by Jest's timers. */

const HOUR_MS = 3_600_000;

beforeEach(() => {
	jest.useFakeTimers();
});
afterEach(() => {
	jest.useRealTimers();
});

/** Whether a promise is settled by now. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
	const pending = {};
	return (await Promise.race([promise, Promise.resolve().then(() => pending)])) !== pending;
}

describe('a wait', () => {
	test.each([
		['without a signal', undefined],
		['with a signal', new AbortController().signal],
	])('%s is as long as asked for', async (_, signal) => {
		const waiting = systemClock.sleep(HOUR_MS, signal);
		await jest.advanceTimersByTimeAsync(HOUR_MS - 1);
		expect(await isSettled(waiting)).toBe(false);
		await jest.advanceTimersByTimeAsync(1);
		expect(await isSettled(waiting)).toBe(true);
	});

	test('ends at once when the signal aborts, and leaves nothing on the signal', async () => {
		const controller = new AbortController();
		const removed = jest.spyOn(controller.signal, 'removeEventListener');
		const waiting = systemClock.sleep(HOUR_MS, controller.signal);
		controller.abort();
		await waiting;
		expect(removed).toHaveBeenCalledTimes(1);
	});

	test('is none when the signal has aborted before', async () => {
		await systemClock.sleep(HOUR_MS, AbortSignal.abort());
	});
});

test('a deadline aborts when it is over, and not before', async () => {
	jest.useRealTimers();
	const { signal: later } = systemClock.deadline(HOUR_MS);
	const { signal: soon } = systemClock.deadline(1);
	if (!soon.aborted) await new Promise((resolve) => soon.addEventListener('abort', resolve));
	expect([soon.aborted, later.aborted]).toEqual([true, false]);
});

test('a deadline that is asked for after another is not over any earlier for that', async () => {
	jest.useRealTimers();
	const MS = 400;
	for (const later of [0, 5, 15, 25]) {
		systemClock.deadline(MS);
		await new Promise((resolve) => setTimeout(resolve, later));
		const began = performance.now();
		const { signal } = systemClock.deadline(MS);
		await new Promise((resolve) => signal.addEventListener('abort', resolve));
		// A timer of Node.js may be early by a part of a millisecond.
		expect(performance.now() - began).toBeGreaterThan(MS - 1);
	}
});

test('the time of day may step back, the time for waits does not', async () => {
	const [day, time] = [systemClock.wallClock(), systemClock.now()];
	jest.setSystemTime(day - HOUR_MS);
	expect([systemClock.wallClock(), systemClock.now()]).toEqual([day - HOUR_MS, time]);
	await jest.advanceTimersByTimeAsync(2_000);
	expect([systemClock.wallClock(), systemClock.now()]).toEqual([day - HOUR_MS + 2_000, time + 2_000]);
});

test('a backoff doubles up to its cap, and any part of it may be waited for', () => {
	const most = (attempt: number) => backoffMs({ ...systemClock, random: () => 1 }, attempt);
	expect([0, 1, 2, 3, 4, 5, 50].map(most)).toEqual([500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000]);
	expect(backoffMs({ ...systemClock, random: () => 0 }, 3)).toBe(0);
	expect(backoffMs({ ...systemClock, random: () => 0.5 }, 1, 2_000, 30_000)).toBe(2_000);
});
