/** Who waits for a slot: work on a request that was sent comes before a new one. */
type Turn = 'ongoing' | 'new';

/** Bounds how many requests are on the wire at once. */
export class Slots {
	private readonly waiting: Record<Turn, Array<() => void>> = { ongoing: [], new: [] };

	constructor(private free: number) {}

	async take(turn: Turn): Promise<void> {
		if (this.free > 0) {
			this.free--;
			return;
		}
		await new Promise<void>((resolve) => this.waiting[turn].push(resolve));
	}

	release(): void {
		const next = this.waiting.ongoing.shift() ?? this.waiting.new.shift();
		if (next === undefined) this.free++;
		else next();
	}
}

/**
 * One item's hold on a slot: from its first request until it waits or is finished, so that nobody
 * else starts between a request and what follows from its answer at once.
 */
export class Lease {
	private held = false;

	constructor(private readonly slots: Slots) {}

	/** Waits for a slot, unless this item has one. */
	async hold(turn: Turn = 'ongoing'): Promise<void> {
		if (this.held) return;
		await this.slots.take(turn);
		this.held = true;
	}

	/** Gives the slot back, if this item has one. */
	release(): void {
		if (!this.held) return;
		this.held = false;
		this.slots.release();
	}
}
