import { setTimeout as delay } from 'node:timers/promises';

const RESTART_DELAY_MS = 500;

/**
 * Keeps a program running, as a service manager does that always restarts.
 *
 * @template {{ ended: Promise<unknown>, stop: () => Promise<void> }} T
 * @param {(life: number) => Promise<T>} start starts it; `life` counts from 1
 */
export function supervised(start) {
	let lives = 0;
	/** @type {T | undefined} */
	let present;
	let wanted = false;
	let looking = Promise.resolve();

	async function live() {
		lives += 1;
		present = await start(lives);
	}

	async function lookAfter() {
		while (wanted) {
			const program = present;
			await program?.ended;
			present = undefined;
			await program?.stop();
			if (wanted) await delay(RESTART_DELAY_MS);
			// A start that fails, such as one without Redis, is followed by another.
			if (wanted) await live().catch(() => {});
		}
	}

	return {
		/** The running program; undefined while it is down. */
		get present() {
			return present;
		},
		/** How often it had to be started again. */
		get restarts() {
			return Math.max(0, lives - 1);
		},
		/** Starts it unless it is wanted already, and throws when that fails. */
		async start() {
			if (wanted) return;
			wanted = true;
			await live();
			looking = lookAfter();
		},
		/** Stops it, and starts it no more until it is asked to. */
		async stop() {
			wanted = false;
			await present?.stop();
			await looking;
			// One that was being started in the meantime.
			await present?.stop();
			present = undefined;
		},
	};
}
