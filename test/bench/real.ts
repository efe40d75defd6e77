import type { Network } from './protocol';
import type { Setting } from './measure';
import type { Measured } from './rounds';
import { median } from './stats';

/** How an n8n did while it ran a long list once. */
export interface LongRun {
	/** How long the node took. */
	wallMs: number;
	/** How often n8n was asked for its health meanwhile, and the longest that it took to answer, then and afterwards, when it stores what came of it. */
	asked: number;
	longestCheckMs: number;
	longestCheckAfterMs: number;
	/** The longest that nothing else in its process had its turn while the node ran, and how much of that V8 took to collect garbage. */
	longestBlockMs: number;
	collectedMs: number;
	peakBytes: number;
}

/** How an n8n does with a long list: the runs of this node, and those of the loop between them. */
export interface Health {
	items: number;
	node: LongRun[];
	loop: LongRun[];
}

/** Measures in a whole n8n: lanes side by side, and its health during a long list of this node's and of the loop's, in turn. */
export type RealN8n = (wanted: {
	setting: Setting;
	items: number;
	rounds: number;
	long: number;
	longRounds: number;
	network: Network;
	tell: (line: string) => void;
}) => Promise<{ measured: Measured[]; health: Health | undefined }>;

const MEGABYTE = 1024 * 1024;

const medianIn = (runs: readonly LongRun[], figure: (run: LongRun) => number) => median(runs.map(figure));

/** The health of an n8n, as Markdown. */
export function healthTable(health: Health | undefined): string {
	if (health === undefined) return '';
	const { items, node, loop } = health;
	const row = (words: string, figure: (run: LongRun) => number, unit: string) =>
		`| ${words} | ${[node, loop].map((runs) => `${medianIn(runs, figure).toFixed(0)} ${unit}`).join(' | ')} |`;
	return [
		`| A list of ${items.toLocaleString('en')}, 100 at a time, medians of ${node.length} | This node | Loop over n8n's helper |`,
		'| --- | ---: | ---: |',
		row('it took', ({ wallMs }) => wallMs / 1000, 's'),
		row('the longest block of the event loop meanwhile', ({ longestBlockMs }) => longestBlockMs, 'ms'),
		row('of that, V8 collected garbage for', ({ collectedMs }) => collectedMs, 'ms'),
		row(`the slowest of ${medianIn(node, ({ asked }) => asked).toFixed(0)} health checks meanwhile`, ({ longestCheckMs }) => longestCheckMs, 'ms'),
		row('the slowest afterwards, while n8n stores the execution', ({ longestCheckAfterMs }) => longestCheckAfterMs, 'ms'),
		row('peak memory of n8n', ({ peakBytes }) => peakBytes / MEGABYTE, 'MB'),
	].join('\n');
}

type Runner = 'node' | 'loop';

/** How long an n8n was held up at most while one of the two ran, in milliseconds. */
export const longestBlockOf = (runner: Runner) => (health: Health) => medianIn(health[runner], ({ longestBlockMs }) => longestBlockMs);

/** How long an n8n took at most to answer for its health meanwhile, in milliseconds. */
export const slowestCheckOf = (runner: Runner) => (health: Health) => medianIn(health[runner], ({ longestCheckMs }) => longestCheckMs);
