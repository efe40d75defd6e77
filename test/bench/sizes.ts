import { talkTo } from './child';
import type { FromSizer, SizeJob, SizeReport, ToSizer } from './protocol';
import { median } from './stats';

/** What a list of one size cost, one report for each round. */
export interface Size {
	items: number;
	runs: SizeReport[];
	/** Cancelled in the middle. */
	canceled: SizeReport[];
}

const KILOBYTE = 1024;
const MEGABYTE = KILOBYTE * KILOBYTE;
const PARALLEL = 10;
const START_MS = 120_000;
const MS_PER_ITEM = 4;

/** Runs lists of each size, each in a process of its own. */
export async function measureSizes(
	program: string,
	{ dist, root }: Pick<SizeJob, 'dist' | 'root'>,
	{ sizes, rounds }: { sizes: readonly number[]; rounds: number },
	tell: (line: string) => void,
): Promise<Size[]> {
	const one = async (job: Pick<SizeJob, 'items' | 'cancelAfter'>) => {
		const sizer = talkTo<ToSizer, FromSizer>(program, process.env, START_MS + job.items * MS_PER_ITEM);
		try {
			const { report } = await sizer.ask({ say: 'measure', job: { dist, root, parallel: PARALLEL, ...job } }, 'done');
			return report;
		} finally {
			await sizer.stop();
		}
	};
	const measured = sizes.map((items): Size => ({ items, runs: [], canceled: [] }));
	for (let round = 0; round < rounds; round++) {
		for (const { items, runs, canceled } of round % 2 === 0 ? measured : measured.toReversed()) {
			runs.push(await one({ items, cancelAfter: undefined }));
			canceled.push(await one({ items, cancelAfter: Math.ceil(items / 10) }));
			tell(`${items} items answered in the process, round ${round + 1} of ${rounds}`);
		}
	}
	return measured;
}

/** In milliseconds. */
export const cpuPerItem = ({ runs, items }: Size) => median(runs.map(({ cpuMs }) => cpuMs / items));
const peakOf = ({ runs }: Size) => median(runs.map(({ peakBytes = 0 }) => peakBytes));

/** What each further item costs in memory, from one size to a larger one: what the process holds anyway does not count. */
export const bytesPerItem = (smaller: Size, larger: Size) => (peakOf(larger) - peakOf(smaller)) / (larger.items - smaller.items);

/** The longest time that nothing else had its turn, in milliseconds. */
export const longestBlock = ({ runs, canceled }: Size) => median([...runs, ...canceled].map(({ longestBlockMs }) => longestBlockMs));

/** How long a cancelled run went on, in milliseconds. */
export const untilCanceled = ({ canceled }: Size) => median(canceled.map(({ cancelMs }) => cancelMs));

/** The cancelled runs that do not say how many were done, in an account of all items. */
export function wordlessCancels({ canceled, items }: Size): SizeReport[] {
	return canceled.filter(({ cancelWords }) => {
		const counts = [...cancelWords.matchAll(/^([A-Z][\w ]*) \((\d+)\): /gm)].map(([, what, count]) => ({ what, count: Number(count) }));
		return !counts.some(({ what }) => what === 'Done') || counts.reduce((sum, { count }) => sum + count, 0) !== items;
	});
}

/** What sizes cost, as a Markdown table. */
export function sizesTable(measured: readonly Size[]): string {
	const head = ['Items', 'CPU per item', 'Peak memory of the process', 'For each further item', 'Longest block', 'Cancelled: ends after'];
	const rows = measured.map((size, index) => [
		size.items.toLocaleString('en'),
		`${cpuPerItem(size).toFixed(3)} ms`,
		`${(peakOf(size) / MEGABYTE).toFixed(0)} MB`,
		index === 0 ? '' : `${(bytesPerItem(measured[index - 1] ?? size, size) / KILOBYTE).toFixed(1)} kB`,
		`${longestBlock(size).toFixed(0)} ms`,
		`${untilCanceled(size).toFixed(0)} ms`,
	]);
	const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
	return [line(head), line(head.map(() => '---:')), ...rows.map(line)].join('\n');
}
