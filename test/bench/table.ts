import { MANY_AT_A_TIME } from './lanes';
import type { Measured } from './rounds';
import { cpu, largest, medianOf, peak, ratioPerItem, wall } from './stats';

const MEGABYTE = 1024 * 1024;
const HEAD = ['', 'Commands', 'Time', 'Times the loop\'s', 'CPU per item', 'Peak memory', 'Connections', 'At once, at most'];

/** How the lanes compare, as a Markdown table. A lane is put beside the loop at the same parallelism, if there is one. */
export function table(measured: readonly Measured[]): string {
	const rows = measured.map((row) => {
		const { subject, parallel } = row.lane;
		const floor = measured.find(({ lane }) => lane.subject === 'helper' && lane.parallel === (subject.startsWith('httpRequest') || parallel === MANY_AT_A_TIME ? 10 : parallel));
		return [
			row.lane.name,
			String(row.items),
			`${(medianOf(row, wall) / 1000).toFixed(1)} s`,
			floor === undefined ? '' : ratioPerItem(row, floor, wall).toFixed(2),
			`${(medianOf(row, cpu) / row.items).toFixed(2)} ms`,
			`${(medianOf(row, peak) / MEGABYTE).toFixed(0)} MB`,
			String(medianOf(row, ({ server }) => server.connectionsOpened)),
			String(largest(row, ({ server }) => server.maxOpenConnections)),
		];
	});
	const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
	return [line(HEAD), line(HEAD.map((_, column) => (column === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}
