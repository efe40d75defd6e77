import type { Clock } from '../delivery/clock';

/** How long this package works without a break: n8n answers its health checks and renews its workers' locks in between. */
const LONGEST_MS = 40;

/** Lets everything else that waits in the process go on, where it is time to. */
export type Breathe = () => Promise<void> | undefined;

/** Makes what long loops call between two steps. */
export function breather(clock: Clock): Breathe {
	let since = clock.now();
	const pause = async () => {
		await clock.sleep(0);
		since = clock.now();
	};
	return () => (clock.now() - since < LONGEST_MS ? undefined : pause());
}
