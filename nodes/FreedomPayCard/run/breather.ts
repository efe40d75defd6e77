import type { Clock } from '../delivery/clock';

/** How long this package works without a break: n8n answers its health checks and renews its workers' locks in between. */
const LONGEST_MS = 40;

/** Makes what long loops call between two steps: from time to time it lets everything else that waits in the process go on. */
export function breather(clock: Clock): () => Promise<void> {
	let since = clock.now();
	return async () => {
		if (clock.now() - since < LONGEST_MS) return;
		await clock.sleep(0);
		since = clock.now();
	};
}
