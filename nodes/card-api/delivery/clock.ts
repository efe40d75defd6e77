import { sleep } from 'n8n-workflow';

/** A time by which something has to be over. */
export interface Deadline {
	/** Aborts when it has passed. */
	signal: AbortSignal;
	/** Says that it was over before. */
	met: () => void;
}

/** Time and chance, so that tests replace both. Times are milliseconds. */
export interface Clock {
	/** A monotonic time: it never steps back when the machine's clock is set. */
	now(): number;
	/** The time of day, for dates that a server names. */
	wallClock(): number;
	/** From 0 up to, not including, 1. */
	random(): number;
	/** Waits, or returns at once when the signal aborts. */
	sleep(ms: number, signal?: AbortSignal): Promise<void>;
	/** A deadline after a time, or up to a twentieth of it later. */
	deadline(ms: number): Deadline;
	/** A limit on all that is done in a time, requests and waits. */
	limit(ms: number): Deadline;
}

/** How much of its time a deadline may take longer, so that requests which begin at about the same time can share one. */
const SHARED_SPAN = 0.05;

let lastDeadline: { ms: number; at: number; deadline: Deadline } | undefined;

export const systemClock: Clock = {
	now: () => performance.now(),
	wallClock: () => Date.now(),
	random: () => Math.random(),
	async sleep(ms, signal) {
		if (signal === undefined) return await sleep(ms);
		if (signal.aborted) return;
		let wake = () => {};
		const aborted = new Promise<void>((resolve) => (wake = resolve));
		signal.addEventListener('abort', wake, { once: true });
		await Promise.race([sleep(ms), aborted]);
		signal.removeEventListener('abort', wake);
	},
	deadline(ms) {
		const at = performance.now();
		if (lastDeadline === undefined || lastDeadline.ms !== ms || at - lastDeadline.at > SHARED_SPAN * ms) {
			// A timer that keeps no process alive needs no end before its time.
			lastDeadline = { ms, at, deadline: { signal: AbortSignal.timeout(Math.ceil(ms * (1 + SHARED_SPAN))), met() {} } };
		}
		return lastDeadline.deadline;
	},
	limit: (ms) => ({ signal: AbortSignal.timeout(Math.ceil(ms)), met() {} }),
};

/** A wait before attempt `attempt + 1`: exponential backoff with full jitter. */
export function backoffMs(clock: Clock, attempt: number, baseMs = 500, capMs = 8_000): number {
	return clock.random() * Math.min(capMs, baseMs * 2 ** attempt);
}
