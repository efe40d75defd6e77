import type { Clock } from '../../card-api/delivery/clock';

/** How long this package works without a break: n8n answers its health checks and renews its workers' locks in between. */
const LONGEST_MS = 40;

/** A time without answers that others had for their turn. A shorter one tells nothing: a hundred answers may come in one turn of the event loop. */
const QUIET_MS = 10;

/** Gives everything else that waits in the process its turn, from time to time. */
export class Breather {
	private since: number;

	private heardAt: number;

	constructor(private readonly clock: Clock) {
		this.since = this.heardAt = clock.now();
	}

	/** For long loops to call between two steps. Undefined while no break is due. */
	breathe(): Promise<void> | undefined {
		return this.clock.now() - this.since < LONGEST_MS ? undefined : this.pause();
	}

	/** Says that an answer came. One that was waited for is break enough, and requests that go out together cost less than one by one. */
	heard(): void {
		const now = this.clock.now();
		if (now - this.heardAt > QUIET_MS) this.since = now;
		this.heardAt = now;
	}

	private async pause(): Promise<void> {
		await this.clock.sleep(0);
		this.since = this.clock.now();
	}
}
