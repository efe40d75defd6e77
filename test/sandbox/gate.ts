import { matchesPath } from './faults';

/** A request that was still on its way when the sandbox was reset or stopped: it never acts. */
export class Forgotten extends Error {}

/**
 * Holds requests back until a test lets them go on, so that it can wait for what must be reached instead of
 * hoping for a fast machine.
 */
export class Gate {
	private readonly waiting = new Set<() => void>();
	private readonly late = new Map<(error?: Forgotten) => void, NodeJS.Timeout | undefined>();
	private closed: { until: number; path: string | undefined } | undefined;

	/**
	 * Holds the answer to every request from now on until `count` are held at once. Then all go on, and
	 * none is held any more.
	 * @param path a whole path, or its end such as `card/close`; absent: every path
	 */
	hold(count: number, path?: string): void {
		this.closed = { until: count, path };
	}

	/** How many answers are being held. */
	get held(): number {
		return this.waiting.size;
	}

	/** Lets every answer go that is held, and every request act that is `late`. */
	open(): void {
		this.closed = undefined;
		for (const goOn of this.waiting) goOn();
		for (const arrive of this.late.keys()) arrive();
	}

	/** As `open`, but what is late never acts. */
	reset(): void {
		for (const arrive of this.late.keys()) arrive(new Forgotten());
		this.open();
	}

	/** Holds an answer for as long as it takes. Only the sandbox does. */
	async pass(path: string): Promise<void> {
		const { closed, waiting } = this;
		if (closed === undefined || (closed.path !== undefined && !matchesPath(path, closed.path))) return;
		await new Promise<void>((resolve) => {
			const goOn = () => {
				waiting.delete(goOn);
				resolve();
			};
			waiting.add(goOn);
			if (waiting.size < closed.until) return;
			this.closed = undefined;
			for (const each of waiting) each();
		});
	}

	/**
	 * Keeps a request on its way for a time, or until the gate is opened. Only the sandbox does.
	 * @throws {Forgotten}
	 */
	async takeTime(ms: number | undefined): Promise<void> {
		const { late } = this;
		await new Promise<void>((resolve, reject) => {
			const arrive = (error?: Forgotten) => {
				clearTimeout(late.get(arrive));
				late.delete(arrive);
				if (error === undefined) resolve();
				else reject(error);
			};
			late.set(arrive, ms === undefined ? undefined : setTimeout(arrive, ms));
		});
	}
}
