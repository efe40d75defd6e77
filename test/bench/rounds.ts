import type { Lane } from './lanes';
import type { Measurement, Setting } from './measure';
import type { Job, Network } from './protocol';

/** The measurements of one lane, one for each round. */
export interface Measured {
	lane: Lane;
	rounds: Measurement[];
}

export interface Race {
	lanes: readonly Lane[];
	items: number;
	warmUpItems: number;
	rounds: number;
	network: Network;
}

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
	const measured = lanes.map((lane): Measured => ({ lane, rounds: [] }));
	for (let round = 0; round < rounds; round++) {
		for (const { lane, rounds: done } of round % 2 === 0 ? measured : measured.toReversed()) {
			const { subject, parallel, waitForCompletion } = lane;
			const expected = network.processingMs === 0 || waitForCompletion ? 'success' : 'process';
			const job = { ...about, subject, items, warmUpItems, parallel, waitForCompletion, expected } as const;
			const measurement = await setting.measure(job, network);
			done.push(measurement);
			tell(`${items} items, round ${round + 1} of ${rounds}: ${lane.name}: ${(measurement.wallMs / 1000).toFixed(2)} s, ${(measurement.cpuMs / items).toFixed(2)} ms of CPU per item`);
		}
	}
	return measured;
}
