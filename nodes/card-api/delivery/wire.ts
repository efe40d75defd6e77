import { attempt, type Reply, type Route, type Stop } from './attempt';
import { backoffMs, type Clock, type Deadline } from './clock';
import { Lease, Slots } from './slots';

/** The longest that a `Retry-After` is obeyed for. */
const MAX_RETRY_AFTER_MS = 60_000;

/**
 * Reads a `Retry-After` header (RFC 9110, section 10.2.3): seconds, or a date.
 * @returns milliseconds; undefined when absent or absurd
 */
export function retryAfterMs(value: string | undefined, wallClock: number): number | undefined {
	if (value === undefined) return undefined;
	const text = value.trim();
	const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - wallClock;
	return Number.isFinite(ms) && ms >= 0 ? ms : undefined;
}

/** Why no new item may start. */
export type Closed =
	| { by: 'cancel' }
	/** An item failed, and a failure ends the run. */
	| { by: 'failure' }
	/** A defect of this package. */
	| { by: 'defect' }
	/** The API refused the credential, or something before it turns all away (`host`), here for the item that met it first. */
	| { by: 'credential' | 'host'; httpStatus: number; itemIndex: number };

/** New items that wait to learn whether requests are let through. */
interface Hold {
	/** How many ask. */
	askers: number;
	isOver: Promise<void>;
	end: () => void;
}

/** What the items of a run share on their way to the API: its slots, its pauses, its end. */
export class Wire {
	private readonly slots: Slots;

	private resumeAt = 0;

	/** The longest age, in ms, at which a request was seen still processing. */
	private processingAt = 0;

	private closed: Closed | undefined;

	private last: { deadline: Deadline; stop: Stop } | undefined;

	/** Credentials with which no new item may start. */
	private readonly barred = new Map<string, Closed>();

	/** Credentials of which a request may have been let through to the API, and the latest time that it told then. */
	private readonly heard = new Map<string, number | undefined>();

	private readonly holds = new Map<string, Hold>();

	constructor(
		readonly clock: Clock,
		readonly cancel: AbortSignal | undefined,
		parallel: number,
	) {
		this.slots = new Slots(parallel);
		// Whoever waits for a slot is let through to find out that the run is over.
		if (cancel?.aborted) this.close('cancel');
		cancel?.addEventListener('abort', () => this.close('cancel'), { once: true });
	}

	/** Lets no new item start. The first reason counts, but a cancellation goes before all. */
	close(by: 'cancel' | 'failure' | 'defect'): void {
		if (by === 'cancel' || this.closed === undefined) this.closed = { by };
	}

	/** Lets no new item start with a credential that the API refused, or that something before it turns away. */
	bar(by: 'credential' | 'host', { key }: Route, httpStatus: number, itemIndex: number): void {
		if (!this.barred.has(key)) this.barred.set(key, { by, httpStatus, itemIndex });
	}

	/** Notes that a request may have been let through to the API, and the time that it told, in ms since 1970. */
	noteHeard({ key }: Route, time: number | undefined): void {
		const last = this.heard.get(key);
		this.heard.set(key, last === undefined || (time !== undefined && time > last) ? time : last);
	}

	/** Whether any request of a credential may have been let through to the API in this run. */
	wasLetThrough({ key }: Route): boolean {
		return this.heard.has(key);
	}

	/** The latest time that the API told in this run, in ms since 1970. */
	toldAt({ key }: Route): number | undefined {
		return this.heard.get(key);
	}

	/**
	 * Lets new items with a credential wait, since a request was turned away before the API, until one is let through.
	 * @returns what to call when the request's outcome is there
	 */
	holdBack(route: Route): () => void {
		let end = () => {};
		const isOver = new Promise<void>((resolve) => (end = resolve));
		const hold = this.holds.get(route.key) ?? { askers: 0, isOver, end };
		this.holds.set(route.key, hold);
		hold.askers++;
		return () => {
			hold.askers--;
			if (hold.askers === 0 && this.holds.get(route.key) === hold) this.letGo(route);
		};
	}

	/** Lets new items with a credential start again. */
	letGo({ key }: Route): void {
		this.holds.get(key)?.end();
		this.holds.delete(key);
	}

	/** Waits while new items with a credential are held back; without the slot, which the item has again afterwards. */
	async passHold({ key }: Route, lease: Lease): Promise<void> {
		for (let hold = this.holds.get(key); hold !== undefined; hold = this.holds.get(key)) {
			lease.release();
			await hold.isOver;
			await lease.hold('new');
		}
	}

	/** Why no new item may start, with a credential or, without one given, at all. */
	whyClosed(route?: Route): Closed | undefined {
		return this.closed ?? (route === undefined ? undefined : this.barred.get(route.key));
	}

	/** A new item's hold on the wire. */
	lease(): Lease {
		return new Lease(this.slots);
	}

	/** Sends one request and waits for its whole answer. The slot stays with the item. */
	async send(lease: Lease, { origin, send }: Route, path: string, body: Buffer, timeoutMs: number): Promise<Reply> {
		if (!lease.isHeld) await lease.hold();
		if (this.resumeAt > 0) await this.passPause();
		lease.wasUsed = true;
		const { deadline, stop } = this.stopIn(timeoutMs);
		const reply = await attempt(send, origin + path, body, stop);
		deadline.met();
		return reply;
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
		const after = retryAfterMs(retryAfter, clock.wallClock());
		const pause = after === undefined ? backoffMs(clock, attempts, 2_000, 30_000) : Math.min(after, MAX_RETRY_AFTER_MS);
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

	private stopIn(timeoutMs: number): { deadline: Deadline; stop: Stop } {
		const { clock, cancel } = this;
		const deadline = clock.deadline(timeoutMs);
		if (this.last?.deadline === deadline) return this.last;
		const { signal } = deadline;
		this.last = { deadline, stop: { deadline: signal, cancel, signal: cancel === undefined ? signal : AbortSignal.any([signal, cancel]) } };
		return this.last;
	}

	private async passPause(): Promise<void> {
		for (let left = this.resumeAt - this.clock.now(); left > 0; left = this.resumeAt - this.clock.now()) {
			await this.clock.sleep(left, this.cancel);
			if (this.cancel?.aborted) return;
		}
	}
}
