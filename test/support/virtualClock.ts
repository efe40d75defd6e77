import type { Clock } from '../../nodes/card-api/delivery/clock';
import type { FaultKind, Sandbox } from '../sandbox';

export interface VirtualClock extends Clock {
	/** Every wait asked for, in milliseconds. */
	readonly sleeps: number[];
	/** How many are waiting now. */
	readonly waiting: number;
	/** How many requests are on their way now. */
	readonly requests: number;
}

interface Surroundings {
	/** Where the requests go. Without it none of them is known to stall, so that no deadline fires. */
	sandbox?: Sandbox;
	random?: () => number;
	/** By default it goes on with the clock. */
	wallClock?: () => number;
	/** Who waits is woken at the next multiple of this, so that many go on at once. */
	tickMs?: number;
	/** Whether time stands still, whoever waits. */
	isStopped?: boolean;
}

/** The faults after which no answer comes in a test's lifetime. */
const STALLS: readonly FaultKind[] = ['stallBefore', 'stallAfter', 'trickleHeadersAfter', 'trickleBodyAfter'];

/** How often to look whether the sandbox leaves requests unanswered, which nobody is told of. */
const LOOK_MS = 2;

interface Request {
	at: number;
	hasExpired: boolean;
	expire: () => void;
}

interface Sleeper {
	at: number;
	wake: () => void;
}

/**
 * A clock for tests that no machine is too slow for. Its time stands still while anything is going on, a request on its way
 * included, and jumps to the next wait's end when all are waiting. So requests take no time, waits take none of the test's, and a
 * deadline fires only for a request that the sandbox leaves unanswered.
 */
export function virtualClock({ sandbox, random = Math.random, wallClock, tickMs = 0, isStopped = false }: Surroundings = {}): VirtualClock {
	const start = Date.now();
	const sleeps: number[] = [];
	const sleepers = new Set<Sleeper>();
	const requests = new Set<Request>();
	let time = 0;
	let hasNews = false;
	let next: NodeJS.Immediate | undefined;
	let look: NodeJS.Timeout | undefined;

	let stalledSoFar = sandbox === undefined ? 0 : stallsOf(sandbox);
	let stalled = 0;
	const countStalled = (): number => {
		const now = sandbox === undefined ? 0 : stallsOf(sandbox);
		// Less than before: the journal was cleared.
		stalled += now < stalledSoFar ? now : now - stalledSoFar;
		stalledSoFar = now;
		return stalled;
	};

	/** Lets time jump, unless something happened since that was decided. */
	const turn = (isDecided: boolean): void => {
		next = undefined;
		if (hasNews) {
			hasNews = false;
			check(false);
			return;
		}
		const unanswered = countStalled() + (sandbox?.gate.held ?? 0);
		const hasWaiters = sleepers.size > 0 || stalled > 0;
		if (hasWaiters && requests.size <= unanswered) {
			if (isDecided) jump();
			else check(true);
		} else if (requests.size > 0) {
			look ??= setTimeout(() => {
				look = undefined;
				check(false);
			}, LOOK_MS);
		}
	};

	const check = (isDecided: boolean): void => {
		if (isStopped) return;
		next ??= setImmediate(() => turn(isDecided));
	};

	const report = (): void => {
		hasNews = true;
		check(false);
	};

	const jump = (): void => {
		const open = stalled > 0 ? [...requests].filter(({ hasExpired }) => !hasExpired) : [];
		const earliest = Math.min(...[...sleepers, ...open].map(({ at }) => at));
		time = Math.max(earliest, tickMs === 0 ? 0 : Math.ceil(earliest / tickMs) * tickMs);
		for (const { at, wake } of [...sleepers]) if (at <= time) wake();
		for (const request of open) if (request.at <= time) request.expire();
		report();
	};

	return {
		sleeps,
		get waiting() {
			return sleepers.size;
		},
		get requests() {
			return requests.size;
		},
		now: () => time,
		wallClock: wallClock ?? (() => start + time),
		random,
		async sleep(ms, signal) {
			sleeps.push(ms);
			if (signal?.aborted === true) return;
			await new Promise<void>((resolve) => {
				const wake = () => {
					sleepers.delete(sleeper);
					signal?.removeEventListener('abort', wake);
					resolve();
				};
				const sleeper = { at: time + ms, wake };
				sleepers.add(sleeper);
				signal?.addEventListener('abort', wake);
				report();
			});
		},
		limit(ms) {
			const controller = new AbortController();
			const sleeper = {
				at: time + ms,
				wake: () => {
					sleepers.delete(sleeper);
					controller.abort();
				},
			};
			sleepers.add(sleeper);
			return { signal: controller.signal, met: () => void sleepers.delete(sleeper) };
		},
		deadline(ms) {
			const controller = new AbortController();
			const request: Request = {
				at: time + ms,
				hasExpired: false,
				expire() {
					request.hasExpired = true;
					stalled -= 1;
					controller.abort();
				},
			};
			requests.add(request);
			report();
			return {
				signal: controller.signal,
				met() {
					requests.delete(request);
					stalled = Math.min(stalled, requests.size);
					report();
				},
			};
		},
	};
}

function stallsOf({ journal }: Sandbox): number {
	const { byFault } = journal.counts();
	return STALLS.reduce((sum, kind) => sum + (byFault[kind] ?? 0), 0);
}
