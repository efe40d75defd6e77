import { attempt, type Reply, type SendRequest } from './attempt';
import { backoffMs, type Clock } from './clock';
import { Lease, Slots } from './slots';

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

	/** A new item's hold on the wire. */
	lease(): Lease {
		return new Lease(this.slots);
	}

	/** Sends one request and waits for its whole answer. The slot stays with the item. */
	async send(lease: Lease, path: string, body: Buffer, timeoutMs: number): Promise<Reply> {
		await lease.hold();
		await this.passPause();
		const { clock, cancel } = this;
		return await attempt(this.sendRequest, this.origin + path, body, { timeoutMs, cancel, clock });
	}

	/** Waits without a slot. */
	async sleep(lease: Lease, ms: number): Promise<void> {
		lease.release();
		await this.clock.sleep(ms, this.cancel);
	}

	/** Waits before another try of the same request. */
	async backOff(lease: Lease, attempts: number): Promise<void> {
		await this.sleep(lease, backoffMs(this.clock, attempts));
	}

	/** Holds back every request of the run, as a 429 asks. */
	async obeyLimit(lease: Lease, retryAfter: string | undefined, attempts: number): Promise<void> {
		const { clock } = this;
		const pause = retryAfterMs(retryAfter, clock.wallClock()) ?? backoffMs(clock, attempts, 2_000, 30_000);
		this.resumeAt = Math.max(this.resumeAt, clock.now() + pause);
		lease.release();
		await this.passPause();
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
