import Queue from 'yocto-queue';

/**
 * Who waits for a slot: work on a request in doubt comes first; then new requests, with every fifth
 * slot for the questions of those that wait for completion. Were these first, a thousand commands
 * that take their time would be asked about in vain while others are not even sent.
 */
type Turn = 'ongoing' | 'new' | 'question';

const QUESTION_SHARE = 5;

/** Bounds how many requests are on the wire at once. */
export class Slots {
	private readonly waiting: Record<Turn, Queue<() => void>> = { ongoing: new Queue(), new: new Queue(), question: new Queue() };

	private served = 0;

	constructor(private free: number) {}

	async take(turn: Turn): Promise<void> {
		if (this.free > 0) {
			this.free--;
			return;
		}
		await new Promise<void>((resolve) => this.waiting[turn].enqueue(resolve));
	}

	release(): void {
		const next = this.next();
		if (next === undefined) this.free++;
		else next();
	}

	private next(): (() => void) | undefined {
		const { ongoing, new: notBegun, question } = this.waiting;
		if (ongoing.size > 0) return ongoing.dequeue();
		this.served++;
		const questionFirst = this.served % QUESTION_SHARE === 0;
		return questionFirst ? (question.dequeue() ?? notBegun.dequeue()) : (notBegun.dequeue() ?? question.dequeue());
	}
}

/**
 * One item's hold on a slot: from its first request until it waits or is finished, so that nobody
 * else starts between a request and what follows from its answer at once.
 */
export class Lease {
	private held = false;

	/** Whether this item has a slot. */
	get isHeld(): boolean {
		return this.held;
	}

	/** Whether a request was sent under it. */
	wasUsed = false;

	/** How often its item was sent, under whatever id; questions do not count. */
	sends = 0;

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
