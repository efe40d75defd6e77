import type { Clock } from '../delivery/clock';

/** How long this package works without a break: n8n answers its health checks and renews its workers' locks in between. */
const LONGEST_MS = 40;

/** Gives everything else that waits in the process its turn, from time to time. */
export class Breather {
	private since: number;

	constructor(private readonly clock: Clock) {
		this.since = clock.now();
	}

	/** For long loops to call between two steps. Undefined while no break is due. */
	breathe(): Promise<void> | undefined {
		return this.clock.now() - this.since < LONGEST_MS ? undefined : this.pause();
	}

	/** Says that others have just had their turn, as they have while an answer is waited for. */
	hasRested(): void {
		this.since = this.clock.now();
	}

	private async pause(): Promise<void> {
		await this.clock.sleep(0);
		this.hasRested();
	}
}
