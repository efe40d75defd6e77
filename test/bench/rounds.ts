import type { Lane } from './lanes';
import type { Measurement, Setting } from './measure';
import type { Job, Network } from './protocol';

/** The measurements of one lane, one for each round. */
export interface Measured {
	lane: Lane;
	/** How many commands each was of. */
	items: number;
	rounds: Measurement[];
}

export interface Race {
	lanes: readonly Lane[];
	items: number;
	warmUpItems: number;
	rounds: number;
	network: Network;
}

/** For how many turns at most a bare pool is warmed up: it has little code to get used to. */
const WARM_UP_TURNS = 30;

/** One at a time is measured with this part of the commands, for it takes ten times as long. */
const SLOW_SHARE = 5;

/**
 * Measures the lanes side by side: each round runs every lane once, one after the other, in the
 * opposite order of the round before, so that what changes on the machine meanwhile hits all alike.
 */
export async function race(
	setting: Setting,
	{ lanes, items, warmUpItems, rounds, network }: Race,
	about: Pick<Job, 'dist' | 'n8nFolder' | 'root'>,
	tell: (line: string) => void,
): Promise<Measured[]> {
	const measured = lanes.map((lane): Measured => ({ lane, items: lane.parallel === 1 ? Math.ceil(items / SLOW_SHARE) : items, rounds: [] }));
	for (let round = 0; round < rounds; round++) {
		for (const { lane, items: count, rounds: done } of round % 2 === 0 ? measured : measured.toReversed()) {
			const { subject, parallel, waitForCompletion } = lane;
			const expected = network.processingMs === 0 || waitForCompletion ? 'success' : 'process';
			const warmUp = subject === 'pool' ? Math.min(warmUpItems, WARM_UP_TURNS * parallel) : warmUpItems;
			const job = { ...about, subject, items: count, warmUpItems: warmUp, parallel, waitForCompletion, expected } as const;
			const measurement = await setting.measure(job, network);
			done.push(measurement);
			tell(`${count} items, round ${round + 1} of ${rounds}: ${lane.name}: ${(measurement.wallMs / 1000).toFixed(2)} s, ${(measurement.cpuMs / count).toFixed(2)} ms of CPU per item`);
		}
	}
	return measured;
}
