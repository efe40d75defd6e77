import { setTimeout as delay } from 'node:timers/promises';

const RESTART_DELAY_MS = 500;

/** A program that is kept running. */
export interface Supervised<Program> {
	/** The running program; undefined while it is down. */
	readonly present: Program | undefined;
	/** How often it had to be started again. */
	readonly restarts: number;
	/** Starts it unless it is wanted already, and throws when that fails. */
	start: () => Promise<void>;
	/** Stops it, and starts it no more until it is asked to. */
	stop: () => Promise<void>;
}

/**
 * Keeps a program running, as a service manager does that always restarts.
 *
 * @param start starts it; `life` counts from 1
 */
export function supervised<Program extends { ended: Promise<unknown>; stop: () => Promise<void> }>(
	start: (life: number) => Promise<Program>,
): Supervised<Program> {
	let lives = 0;
	let present: Program | undefined;
	let wanted = false;
	let looking: Promise<void> = Promise.resolve();

	async function live(): Promise<void> {
		lives += 1;
		present = await start(lives);
	}

	async function lookAfter(): Promise<void> {
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
		get present() {
			return present;
		},
		get restarts() {
			return Math.max(0, lives - 1);
		},
		async start() {
			if (wanted) return;
			wanted = true;
			await live();
			looking = lookAfter();
		},
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
