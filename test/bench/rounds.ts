import type { Lane } from './lanes';
import type { Measurement, Sender, Setting } from './measure';
import type { Job, Network } from './protocol';

/** The measurements of one lane, one for each round. */
export interface Measured {
	lane: Lane;
	/** How many commands each was of. */
	items: number;
	rounds: Measurement[];
}

export interface Race {
	/** Lanes of one group are measured in turn with each other, since they are to be compared closely. */
	groups: ReadonlyArray<readonly Lane[]>;
	items: number;
	warmUpItems: number;
	rounds: number;
	/** How often each lane of a group of several has its turn within a round. */
	turns: number;
	/**
	 * Whether senders are started once, all of them, and have their turns with each other in every round: quicker than new ones, a group at a
	 * time, in each.
	 */
	startsOnce: boolean;
	network: Network;
}

/** How many times its bound of commands at once a bare pool is warmed up with at most: it has little code to get used to. */
const POOL_WARM_UPS = 30;

/** One at a time is measured with this part of the commands, for it takes ten times as long. */
const SLOW_SHARE = 5;

interface Runner {
	row: Measured;
	sender: Sender;
	runs: Measurement[];
}

/** What the turns of one round come to: the mean of what adds up, the most of what is a peak. */
function meanOf([first, ...others]: readonly Measurement[]): Measurement {
	if (first === undefined) throw new RangeError('Nothing was measured');
	const runs = [first, ...others];
	const mean = (figure: (run: Measurement) => number) => runs.reduce((sum, run) => sum + figure(run), 0) / runs.length;
	const most = (figure: (run: Measurement) => number) => Math.max(...runs.map(figure));
	return {
		...first,
		wallMs: mean(({ wallMs }) => wallMs),
		cpuMs: mean(({ cpuMs }) => cpuMs),
		peakBytes: most(({ peakBytes }) => peakBytes),
		maxConnections: most(({ maxConnections }) => maxConnections),
		server: {
			...first.server,
			maxOpenConnections: most(({ server }) => server.maxOpenConnections),
			maxInFlight: most(({ server }) => server.maxInFlight),
		},
	};
}

/** Runs the lanes of a group once each per turn, in the opposite order of the turn, and of the round, before. */
async function takeTurns(runners: readonly Runner[], turns: number, round: number): Promise<void> {
	for (let turn = 0; turn < turns; turn++) {
		for (const { sender, runs } of (round + turn) % 2 === 0 ? runners : runners.toReversed()) runs.push(await sender.measure());
	}
}

/**
 * Measures the lanes side by side: each round runs every lane, one after the other, in the opposite order of the round before, so that
 * what changes on the machine meanwhile hits all alike.
 */
export async function race(
	setting: Setting,
	{ groups, items, warmUpItems, rounds, turns, startsOnce, network }: Race,
	about: Pick<Job, 'dist' | 'n8nFolder'>,
	tell: (line: string) => void,
): Promise<Measured[]> {
	const rows = groups.map((group) => group.map((lane): Measured => ({ lane, items: lane.parallel === 1 ? Math.ceil(items / SLOW_SHARE) : items, rounds: [] })));
	const start = async (row: Measured, runs: number): Promise<Runner> => {
		const { subject, parallel, waitForCompletion } = row.lane;
		const expected = network.processingMs === 0 || waitForCompletion ? 'success' : 'process';
		const warmUp = subject === 'pool' ? Math.min(warmUpItems, POOL_WARM_UPS * parallel) : warmUpItems;
		const job = { ...about, subject, items: row.items, warmUpItems: warmUp, parallel, waitForCompletion, expected } as const;
		return { row, sender: await setting.start(job, network, runs), runs: [] };
	};
	/** Starts the senders of a group, lets them run some rounds, and stops them. */
	const run = async (group: readonly Measured[], from: number, to: number) => {
		const turnsHere = group.length === 1 ? 1 : turns;
		const runners: Runner[] = [];
		try {
			// One by one: a warm-up would slow down another's.
			for (const row of group) runners.push(await start(row, turnsHere * group.length * (to - from)));
			for (let round = from; round < to; round++) {
				await takeTurns(runners, turnsHere, round);
				for (const { row, runs } of runners) {
					const measurement = meanOf(runs.splice(0));
					row.rounds.push(measurement);
					const { wallMs, cpuMs } = measurement;
					tell(`${row.items} items, round ${round + 1} of ${rounds}: ${row.lane.name}: ${(wallMs / 1000).toFixed(2)} s, ${(cpuMs / row.items).toFixed(2)} ms of CPU per item`);
				}
			}
		} finally {
			await Promise.all(runners.map(async ({ sender }) => await sender.stop()));
		}
	};
	if (startsOnce) {
		await run(rows.flat(), 0, rounds);
	} else {
		for (let round = 0; round < rounds; round++) {
			for (const group of round % 2 === 0 ? rows : rows.toReversed()) await run(group, round, round + 1);
		}
	}
	return rows.flat();
}
