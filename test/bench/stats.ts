import type { Measurement } from './measure';
import type { Measured } from './rounds';

/** A figure of one measurement. */
export type Figure = (measurement: Measurement) => number;

export const wall: Figure = ({ wallMs }) => wallMs;
export const cpu: Figure = ({ cpuMs }) => cpuMs;
export const peak: Figure = ({ peakBytes }) => peakBytes;

export function median(values: readonly number[]): number {
	const sorted = [...values].sort((a, b) => a - b);
	const middle = Math.floor(sorted.length / 2);
	const upper = sorted[middle] ?? NaN;
	return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

/** The median of a figure over the rounds. */
export function medianOf({ rounds }: Measured, figure: Figure): number {
	return median(rounds.map(figure));
}

/** The median of what a figure of one is to that of another, taken round by round. */
export function ratio(one: Measured, other: Measured, figure: Figure): number {
	const values = one.rounds.flatMap((measurement, round) => {
		const beside = other.rounds[round];
		return beside === undefined ? [] : [figure(measurement) / figure(beside)];
	});
	return median(values);
}

/** The same per command. */
export function ratioPerItem(one: Measured, other: Measured, figure: Figure): number {
	return (ratio(one, other, figure) * other.items) / one.items;
}

/** The largest of a figure over the rounds. */
export function largest({ rounds }: Measured, figure: Figure): number {
	return Math.max(...rounds.map(figure));
}
