import type { Network } from './protocol';
import type { Setting } from './measure';
import type { Measured } from './rounds';
import { atMost, type Verdict } from './verdicts';

/** How an n8n did while it ran a long list. */
export interface Health {
	items: number;
	/** How long the node took. */
	wallMs: number;
	/** The longest that its health check took while the node ran, and after it, when n8n stores what came of it. */
	longestMs: number;
	longestAfterMs: number;
	/** The longest that nothing else in its process had its turn while the node ran. */
	longestBlockMs: number;
	/** How often it was asked. */
	asked: number;
	peakBytes: number;
}

/** Measures in a whole n8n: lanes side by side, and its health during one long list. */
export type RealN8n = (wanted: {
	setting: Setting;
	items: number;
	rounds: number;
	long: number;
	network: Network;
	tell: (line: string) => void;
}) => Promise<{ measured: Measured[]; health: Health | undefined }>;

const MEGABYTE = 1024 * 1024;
const MAX_BLOCK_MS = 200;
const MAX_CHECK_MS = 500;

/** The health of an n8n, as Markdown. */
export function healthTable(health: Health | undefined): string {
	if (health === undefined) return '';
	const { items, wallMs, longestMs, longestAfterMs, longestBlockMs, asked, peakBytes } = health;
	return [
		`| A list of ${items.toLocaleString('en')}, 100 at a time | |`,
		'| --- | ---: |',
		`| the node took | ${(wallMs / 1000).toFixed(0)} s |`,
		`| the longest block of the event loop meanwhile | ${longestBlockMs.toFixed(0)} ms |`,
		`| the slowest of ${asked} health checks meanwhile | ${longestMs.toFixed(0)} ms |`,
		`| the slowest after it, while n8n stores the execution | ${longestAfterMs.toFixed(0)} ms |`,
		`| peak memory of n8n | ${(peakBytes / MEGABYTE).toFixed(0)} MB |`,
	].join('\n');
}

/** What a long list may do to an n8n. A health check takes time of its own on a busy machine, so its bound is wider than that of a block. */
export function verdictsOfHealth(health: Health | undefined): Verdict[] {
	if (health === undefined) return [];
	return [
		atMost(`${health.items} items in a whole n8n: longest block of the event loop while the node runs`, health.longestBlockMs, MAX_BLOCK_MS, ' ms'),
		atMost(`${health.items} items in a whole n8n: the slowest health check while the node runs`, health.longestMs, MAX_CHECK_MS, ' ms'),
	];
}
