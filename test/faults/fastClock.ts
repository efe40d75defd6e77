import type { Clock } from '../../nodes/FreedomPayCard/delivery/clock';

/** How many times faster than real time the tests' clock runs. */
export const SPEED = 100;

export interface FastClock extends Clock {
	/** Every wait asked for, in the clock's own milliseconds. */
	readonly sleeps: number[];
}

/**
 * A clock that runs fast: a wait of a minute takes as long as a blink, while requests over a real
 * socket stay as they are. Its time of day can be set to jump.
 */
export function fastClock({ speed = SPEED, random = Math.random, wallClock = () => Date.now() }: { speed?: number; random?: () => number; wallClock?: () => number } = {}): FastClock {
	const sleeps: number[] = [];
	return {
		sleeps,
		now: () => performance.now() * speed,
		wallClock,
		random,
		async sleep(ms, signal) {
			sleeps.push(ms);
			if (signal?.aborted === true) return;
			await new Promise<void>((resolve) => {
				const wake = () => {
					clearTimeout(timer);
					signal?.removeEventListener('abort', wake);
					resolve();
				};
				const timer = setTimeout(wake, ms / speed);
				signal?.addEventListener('abort', wake);
			});
		},
		deadline: (ms) => AbortSignal.timeout(Math.ceil(ms / speed)),
	};
}
