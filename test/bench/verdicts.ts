import type { Measured } from './rounds';
import { cpu, largest, medianOf, peak, ratio, ratioPerItem, wall } from './stats';

/** A requirement, and whether the figures meet it. */
export interface Verdict {
	/** Undefined: could not be measured. */
	holds: boolean | undefined;
	words: string;
}

/** A figure against its bound. */
export function atMost(what: string, value: number, bound: number, unit = ''): Verdict {
	return { holds: value <= bound, words: `${what}: ${value.toFixed(3)}${unit}, at most ${bound.toFixed(3)}${unit}` };
}

const MAX_BESIDE_THE_LOOP = 1.03;

/**
 * The bound on the wire, as the server saw it. The sender's own sockets are told besides: one that is being closed
 * counts there a little longer.
 */
function connections(name: string, row: Measured): Verdict {
	const open = largest(row, ({ server }) => server.maxOpenConnections);
	const inFlight = largest(row, ({ server }) => server.maxInFlight);
	const held = largest(row, ({ maxConnections }) => maxConnections);
	const words = `${name}: never more than ${row.lane.parallel} connections at once: ${open} open at the server, ${inFlight} requests in flight (${held} sockets of the node's, closing ones included)`;
	return { holds: Math.max(open, inFlight) <= row.lane.parallel, words };
}

/** The hand-built loops. */
export interface Loops {
	/** The least that a node can do. */
	floor: Measured;
	/** The same, cutting answers off as this node has to. */
	cutting: Measured;
}

/** What a command may cost beside the same one in the hand-built loop. */
function besideTheLoop(name: string, node: Measured, { floor, cutting }: Loops): Verdict[] {
	const ofCutting = ratio(cutting, floor, cpu).toFixed(3);
	return [
		atMost(`${name}: this node to the loop, time`, ratio(node, floor, wall), MAX_BESIDE_THE_LOOP),
		atMost(`${name}: this node to the loop, CPU per item (the loop that cuts answers off: ${ofCutting})`, ratio(node, floor, cpu), MAX_BESIDE_THE_LOOP),
	];
}

/** What a small number of commands must cost. */
export function verdictsOfMany(name: string, at10: Measured, at1: Measured, loops: Loops): Verdict[] {
	return [
		atMost(`${name}: 10 at a time to one at a time, time per command`, ratioPerItem(at10, at1, wall), 1 / 9),
		...besideTheLoop(name, at10, loops),
		connections(name, at10),
	];
}

/** What thousands of commands must cost. */
export function verdictsOfThousands(name: string, node: Measured, at100: Measured, loops: Loops, http: Measured | undefined): Verdict[] {
	return [
		...besideTheLoop(name, node, loops),
		...(http === undefined
			? [{ holds: undefined, words: `${name}: beside the HTTP Request node: n8n is not installed` }]
			: [
					// Both run as soon as they are warm: whoever waits for others gives memory back meanwhile.
				{ holds: ratio(at100, http, peak) < 1, words: `${name}: 100 at a time, peak memory below the HTTP Request node's: ${ratio(at100, http, peak).toFixed(3)} of it` },
					atMost(`${name}: 100 at a time to the HTTP Request node's burst, time`, ratio(at100, http, wall), 1),
				]),
		connections(name, node),
		connections(name, at100),
	];
}

const SETTLING_BOUND_S = 8;

/**
 * What waiting for commands that take their time must cost. Each takes a question of its own, which counts like a
 * command: with a round trip so long that the questions alone take more than the bound, no schedule can hold it
 * against the time of sending alone, and only the time after the last command tells how well the waiting is done.
 */
export function verdictsOfWaiting(name: string, waiting: Measured, sending: Measured): Verdict[] {
	const extra = (medianOf(waiting, wall) - medianOf(sending, wall)) / 1000;
	const tail = medianOf(waiting, ({ wallMs, lastCommandMs }) => wallMs - (lastCommandMs ?? 0)) / 1000;
	return [
		atMost(`${name}: beyond the time of sending without waiting`, extra, SETTLING_BOUND_S, ' s'),
		atMost(`${name}: after the last command was sent`, tail, SETTLING_BOUND_S, ' s'),
		connections(name, waiting),
	];
}
