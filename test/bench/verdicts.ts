import type { SubjectName } from './protocol';
import { longestBlockOf, slowestCheckOf, type Health } from './real';
import type { Measured } from './rounds';
import { bytesPerItem, cpuPerItem, longestBlock, untilCanceled, wordlessCancels, type Size } from './sizes';
import { cpu, largest, medianOf, peak, ratio, ratioPerItem, wall, type Figure } from './stats';

/** What each part of the benchmark found. */
export interface Found {
	many: readonly Measured[];
	thousands: readonly Measured[];
	waiting: readonly Measured[];
	sizes: readonly Size[];
	real: readonly Measured[];
	long: Health;
}

export type PartName = keyof Found;

/** A requirement, and whether the figures meet it. */
export interface Verdict {
	part: PartName;
	what: string;
	/** Undefined: not measured. */
	holds: boolean | undefined;
	/** In words. */
	bound: string;
	measured: string;
}

interface Requirement<Findings> {
	what: string;
	/** At most this. */
	bound: number;
	unit: keyof typeof UNITS;
	/** Gives undefined where what it takes was not measured. */
	measure: (found: Findings) => number | undefined;
	/** The bound is at least this many times what the same is for the loop. */
	timesTheLoops?: { factor: number; measure: (found: Findings) => number };
}

type Find = (rows: readonly Measured[]) => Measured | undefined;

const UNITS = {
	times: (value: number) => `${Number(value.toFixed(3))}`,
	ms: (value: number) => `${value.toFixed(0)} ms`,
	s: (value: number) => `${value.toFixed(1)} s`,
	count: (value: number) => value.toFixed(0),
};

const found =
	(subject: SubjectName, parallel: number, waits = true): Find =>
	(rows) =>
		rows.find(({ lane }) => lane.subject === subject && lane.parallel === parallel && lane.waitForCompletion === waits);

const nodeAt1 = found('card', 1);
const nodeAt10 = found('card', 10);
const nodeAt100 = found('card', 100);
const nodeNotWaiting = found('card', 10, false);
const loopAt10 = found('helper', 10);
const burst = found('httpRequest', 10);
const batches = found('httpRequestBatches', 10);

/** What a figure of one is to that of another, of those that were measured. */
function between(one: Find, other: Find, figure: Figure, inMedian = ratio): (rows: readonly Measured[]) => number | undefined {
	return (rows) => {
		const [row, beside] = [one(rows), other(rows)];
		return row === undefined || beside === undefined ? undefined : inMedian(row, beside, figure);
	};
}

const mostOf = (values: readonly number[]) => (values.length === 0 ? undefined : Math.max(...values));

/**
 * The bound on the wire, as the server saw it. The sender's own sockets are not what counts: one that is being closed
 * is among them a little longer.
 */
function connectionsOf(find: Find, bound: number): Requirement<readonly Measured[]> {
	return {
		what: `connections, and requests under way, ${bound} at a time`,
		bound,
		unit: 'count',
		measure(rows) {
			const row = find(rows);
			return row && Math.max(largest(row, ({ server }) => server.maxOpenConnections), largest(row, ({ server }) => server.maxInFlight));
		},
	};
}

/**
 * What a command may cost beside the same one in the hand-built loop. The CPU is that of the promises: asking, cutting answers off, checking,
 * recovering take 6 to 10 %.
 */
const BESIDE_THE_LOOP: ReadonlyArray<Requirement<readonly Measured[]>> = [
	{ what: 'CPU, times the loop\'s, 10 at a time', bound: 1.12, unit: 'times', measure: between(nodeAt10, loopAt10, cpu) },
	{ what: 'time, times the loop\'s, 10 at a time', bound: 1.03, unit: 'times', measure: between(nodeAt10, loopAt10, wall) },
];

const NO_LONGER_THAN_THE_BURST: Requirement<readonly Measured[]> = {
	what: 'time, times that of the HTTP Request node\'s burst, 100 at a time',
	bound: 1,
	unit: 'times',
	measure: between(nodeAt100, burst, wall),
};

/** Wider than 1.03, the bound of the time: the longest of anything is noisier than a sum. */
const HELD_UP_TIMES_THE_LOOPS = 1.25;

/** All that is required of the package's speed: the one place of the bounds. docs/benchmarks.md shows this table. */
const REQUIREMENTS: { [Part in PartName]: ReadonlyArray<Requirement<Found[Part]>> } = {
	many: [
		...BESIDE_THE_LOOP,
		{ what: 'time per command, 10 at a time, times that of one at a time', bound: 1 / 9, unit: 'times', measure: between(nodeAt10, nodeAt1, wall, ratioPerItem) },
		connectionsOf(nodeAt10, 10),
	],
	thousands: [
		...BESIDE_THE_LOOP,
		NO_LONGER_THAN_THE_BURST,
		// Both run as soon as they are warm: whoever waits for others gives memory back meanwhile.
		{ what: 'peak memory, times that of the HTTP Request node\'s burst, 100 at a time', bound: 1, unit: 'times', measure: between(nodeAt100, burst, peak) },
		connectionsOf(nodeAt10, 10),
		connectionsOf(nodeAt100, 100),
	],
	// Each command takes a question of its own, which counts like a command: with a round trip so long that the questions alone take
	// more than the bound, only the time after the last command tells how well the waiting is done.
	waiting: [
		{
			what: 'time beyond that of sending without waiting',
			bound: 8,
			unit: 's',
			measure(rows) {
				const [waiting, sending] = [nodeAt10(rows), nodeNotWaiting(rows)];
				return waiting && sending && (medianOf(waiting, wall) - medianOf(sending, wall)) / 1000;
			},
		},
		{
			what: 'time after the last command was sent',
			bound: 8,
			unit: 's',
			measure(rows) {
				const waiting = nodeAt10(rows);
				return waiting && medianOf(waiting, ({ wallMs, lastCommandMs }) => wallMs - (lastCommandMs ?? 0)) / 1000;
			},
		},
		connectionsOf(nodeAt10, 10),
	],
	sizes: [
		{
			what: 'CPU per item of the longest list, times that of the shortest',
			bound: 1.25,
			unit: 'times',
			measure: ([shortest, ...others]) => {
				const longest = others.at(-1);
				return shortest && longest && cpuPerItem(longest) / cpuPerItem(shortest);
			},
		},
		{
			what: 'memory for each further item of the longest list, times that for each before',
			bound: 1.25,
			unit: 'times',
			measure(sizes) {
				const [third, second, longest] = sizes.slice(-3);
				return third && second && longest && bytesPerItem(second, longest) / bytesPerItem(third, second);
			},
		},
		{ what: 'longest block of the event loop', bound: 200, unit: 'ms', measure: (sizes) => mostOf(sizes.map(longestBlock)) },
		{ what: 'a cancelled run ends after', bound: 2_000, unit: 'ms', measure: (sizes) => mostOf(sizes.map(untilCanceled)) },
		{ what: 'cancelled runs that do not say how many were done', bound: 0, unit: 'count', measure: (sizes) => mostOf(sizes.map((size) => wordlessCancels(size).length)) },
	],
	real: [
		{ what: 'CPU, times the loop\'s, 10 at a time', bound: 0.9, unit: 'times', measure: between(nodeAt10, loopAt10, cpu) },
		{ what: 'time per command, times the HTTP Request node\'s with batches, 10 at a time', bound: 0.4, unit: 'times', measure: between(nodeAt10, batches, wall, ratioPerItem) },
		NO_LONGER_THAN_THE_BURST,
		connectionsOf(nodeAt10, 10),
		connectionsOf(nodeAt100, 100),
	],
	// There, V8 collects what n8n's connections leave behind, whoever asks for them. A health check takes time of its own on a busy machine,
	// so its bound is wider than that of a block.
	long: [
		{
			what: 'longest block of the event loop',
			bound: 200,
			unit: 'ms',
			measure: longestBlockOf('node'),
			timesTheLoops: { factor: HELD_UP_TIMES_THE_LOOPS, measure: longestBlockOf('loop') },
		},
		{
			what: 'slowest health check',
			bound: 500,
			unit: 'ms',
			measure: slowestCheckOf('node'),
			timesTheLoops: { factor: HELD_UP_TIMES_THE_LOOPS, measure: slowestCheckOf('loop') },
		},
	],
};

/** What the parts are, for a reader of their verdicts. */
const PARTS: Record<PartName, string> = {
	many: 'hundreds, n8n-core',
	thousands: 'thousands, n8n-core',
	waiting: 'waiting',
	sizes: 'lists of any size',
	real: 'a whole n8n',
	long: 'a long list in a whole n8n',
};

const boundInWords = ({ bound, unit, timesTheLoops }: Requirement<never>) =>
	`${UNITS[unit](bound)}${timesTheLoops === undefined ? '' : `, or ${timesTheLoops.factor} times the loop's`}`;

/**
 * Holds what a part found against what is required.
 * @param findings undefined where the part could not be measured
 */
export function judge<Part extends PartName>(part: Part, findings: Found[Part] | undefined): Verdict[] {
	return REQUIREMENTS[part].map((requirement: Requirement<Found[Part]>) => {
		const { what, bound, unit, measure, timesTheLoops } = requirement;
		const value = findings && measure(findings);
		const verdict = { part, what, bound: boundInWords(requirement) };
		if (findings === undefined || value === undefined) return { ...verdict, holds: undefined, measured: '' };
		const loops = timesTheLoops?.measure(findings);
		const raised = Math.max(bound, (timesTheLoops?.factor ?? 0) * (loops ?? 0));
		return { ...verdict, holds: value <= raised, measured: `${UNITS[unit](value)}${loops === undefined ? '' : `, the loop ${UNITS[unit](loops)}`}` };
	});
}

const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;

/** All requirements, as a Markdown table. */
export function tabulateRequirements(): string {
	const parts = Object.keys(PARTS) as PartName[];
	const rows = parts.flatMap((part) => judge(part, undefined).map(({ what, bound }) => [PARTS[part], what, bound]));
	return [['', 'What', 'At most'], ['---', '---', '---:'], ...rows].map(row).join('\n');
}

const wordOf = ({ holds }: Verdict) => (holds === undefined ? 'not measured' : holds ? 'pass' : 'FAIL');

/** Verdicts as a Markdown table. */
export function tabulateVerdicts(verdicts: readonly Verdict[]): string {
	const rows = verdicts.map((verdict) => [PARTS[verdict.part], verdict.what, verdict.bound, verdict.measured, wordOf(verdict)]);
	return [['', 'What', 'At most', 'Measured', ''], ['---', '---', '---:', '---:', '---'], ...rows].map(row).join('\n');
}
