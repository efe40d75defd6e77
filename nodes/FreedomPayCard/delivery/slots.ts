/** Who waits for a slot: work on a request that was sent comes before a new one. */
type Turn = 'ongoing' | 'new';

/**
 * Bounds how many requests are on the wire at once. A slot is held for one request and its answer,
 * never while waiting.
 */
export class Slots {
	private readonly waiting: Record<Turn, Array<() => void>> = { ongoing: [], new: [] };

	constructor(private free: number) {}

	/** Waits for a slot. The caller gives it back with {@link release}. */
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
