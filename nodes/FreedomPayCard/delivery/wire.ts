import { attempt, type Reply, type SendRequest } from './attempt';
import { backoffMs, type Clock } from './clock';
import { Slots } from './slots';

/** The longest that a `Retry-After` is obeyed for. */
const MAX_RETRY_AFTER_MS = 60_000;

/**
 * Reads a `Retry-After` header (RFC 9110, section 10.2.3): seconds, or a date.
 * @returns milliseconds, at most a minute; undefined when absent or absurd
 */
export function retryAfterMs(value: string | undefined, wallClock: number): number | undefined {
	if (value === undefined) return undefined;
	const text = value.trim();
	const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - wallClock;
	if (Number.isNaN(ms) || ms < 0) return undefined;
	return Math.min(ms, MAX_RETRY_AFTER_MS);
}

/** The way to the API that the items of a run share: its slots, its pauses, its end. */
export class Wire {
	private readonly slots: Slots;

	private resumeAt = 0;

	/** The longest age, in ms, at which a request was seen still processing. */
	private processingAt = 0;

	/** Set when no new item may start: the credential was refused, or an item failed. */
	closed = false;

	constructor(
		private readonly origin: string,
		private readonly sendRequest: SendRequest,
		readonly clock: Clock,
		readonly cancel: AbortSignal | undefined,
		parallel: number,
	) {
		this.slots = new Slots(parallel);
		// Whoever waits for a slot is let through to find out that the run is over.
		cancel?.addEventListener('abort', () => (this.closed = true), { once: true });
	}

	/** Waits for a slot for a new item; {@link send} with `slotHeld` uses it and gives it back. */
	async startItem(): Promise<void> {
		await this.slots.take('new');
	}

	/** Gives back a slot that no request was sent with. */
	skipItem(): void {
		this.slots.release();
	}

	/** Sends one request and waits for its whole answer. */
	async send(path: string, body: Buffer, timeoutMs: number, slotHeld = false): Promise<Reply> {
		if (!slotHeld) await this.slots.take('ongoing');
		try {
			await this.passPause();
			return await attempt(this.sendRequest, this.origin + path, body, {
				timeoutMs,
				cancel: this.cancel,
				clock: this.clock,
			});
		} finally {
			this.slots.release();
		}
	}

	/** Holds back every request of the run, as a 429 asks, then the sender of this one a little more. */
	async obeyLimit(retryAfter: string | undefined, attempts: number): Promise<void> {
		const { clock } = this;
		const pause = retryAfterMs(retryAfter, clock.wallClock()) ?? backoffMs(clock, attempts, 2_000, 30_000);
		this.resumeAt = Math.max(this.resumeAt, clock.now() + pause);
		await this.passPause();
	}

	/** Waits before another try of the same request. */
	async backOff(attempts: number): Promise<void> {
		await this.clock.sleep(backoffMs(this.clock, attempts), this.cancel);
	}

	/** Notes that a request of this age was still processing. */
	sawProcessing(ageMs: number): void {
		this.processingAt = Math.max(this.processingAt, ageMs);
	}

	/** The age at which others were last seen processing: asking about a younger request is in vain. */
	get knownProcessingTime(): number {
		return this.processingAt;
	}

	private async passPause(): Promise<void> {
		for (let left = this.resumeAt - this.clock.now(); left > 0; left = this.resumeAt - this.clock.now()) {
			await this.clock.sleep(left, this.cancel);
			if (this.cancel?.aborted) return;
		}
	}
}
