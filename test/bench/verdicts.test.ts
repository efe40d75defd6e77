import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { lane } from './lanes';
import type { Measurement } from './measure';
import type { SubjectName } from './protocol';
import type { LongRun } from './real';
import type { Measured } from './rounds';
import { judge, tabulateRequirements, tabulateVerdicts, type PartName, type Verdict } from './verdicts';

const GUIDE = readFileSync(join(__dirname, '../../docs/benchmarks.md'), 'utf8');

const server = { requests: {}, unverified: 0, connectionsOpened: 0, maxOpenConnections: 1, maxInFlight: 1 };

/** A sender's rounds, each of 100 ms, 100 ms of CPU and 100 bytes, but for what is given. */
function measured(subject: SubjectName, parallel: number, ...rounds: ReadonlyArray<Partial<Measurement>>): Measured {
	const usual = { wallMs: 100, cpuMs: 100, peakBytes: 100, startBytes: 0, maxConnections: 1, lastCommandMs: undefined, server };
	return { lane: lane(subject, parallel), items: 10, rounds: (rounds.length === 0 ? [{}] : rounds).map((round) => ({ ...usual, ...round })) };
}

const longRun = (figures: Partial<LongRun>): LongRun => ({
	wallMs: 0, asked: 1, longestCheckMs: 0, longestCheckAfterMs: 0, longestBlockMs: 0, collectedMs: 0, peakBytes: 0, ...figures,
});

function verdictOn(verdicts: readonly Verdict[], words: string): boolean | undefined {
	const found = verdicts.filter(({ what }) => what.includes(words));
	expect(found.map(({ what }) => what)).toHaveLength(1);
	return found[0]?.holds;
}

test('the guide shows the bounds as they are', () => {
	expect(GUIDE).toContain(tabulateRequirements());
});

describe('a figure holds up to its bound', () => {
	const loop = measured('helper', 10);
	const burst = measured('httpRequest', 10);
	const batches = measured('httpRequestBatches', 10);

	test.each<[PartName & ('many' | 'thousands' | 'real'), string, SubjectName, number, keyof Measurement, number, Measured]>([
		['many', 'CPU, times the loop', 'card', 10, 'cpuMs', 112, loop],
		['many', 'time, times the loop', 'card', 10, 'wallMs', 103, loop],
		['thousands', 'CPU, times the loop', 'card', 10, 'cpuMs', 112, loop],
		['thousands', 'time, times the loop', 'card', 10, 'wallMs', 103, loop],
		['thousands', 'time, times that of the HTTP Request node\'s burst', 'card', 100, 'wallMs', 100, burst],
		['thousands', 'peak memory', 'card', 100, 'peakBytes', 100, burst],
		['real', 'CPU, times the loop', 'card', 10, 'cpuMs', 90, loop],
		['real', 'time per command, times the HTTP Request node\'s with batches', 'card', 10, 'wallMs', 40, batches],
		['real', 'time, times that of the HTTP Request node\'s burst', 'card', 100, 'wallMs', 100, burst],
	])('%s: %s', (part, words, subject, parallel, figure, most, beside) => {
		const verdictAt = (value: number) => verdictOn(judge(part, [measured(subject, parallel, { [figure]: value }), beside]), words);
		expect(verdictAt(most)).toBe(true);
		expect(verdictAt(most + 1)).toBe(false);
	});

	test('connections, and requests under way, at the server', () => {
		const verdictAt = (seen: Partial<typeof server>) => verdictOn(judge('waiting', [measured('card', 10, {}, { server: { ...server, ...seen } })]), 'connections');
		expect(verdictAt({ maxOpenConnections: 10, maxInFlight: 10 })).toBe(true);
		expect(verdictAt({ maxOpenConnections: 11 })).toBe(false);
		expect(verdictAt({ maxInFlight: 11 })).toBe(false);
	});

	test('a long list may hold n8n up for longer where the loop does', () => {
		const verdictAt = (node: number, beside: number) =>
			verdictOn(judge('long', { items: 1, node: [longRun({ longestBlockMs: node })], loop: [longRun({ longestBlockMs: beside })] }), 'longest block');
		expect(verdictAt(200, 10)).toBe(true);
		expect(verdictAt(201, 10)).toBe(false);
		expect(verdictAt(500, 400)).toBe(true);
		expect(verdictAt(501, 400)).toBe(false);
	});
});

test('a cancelled run accounts for all its items, and says how many were done', () => {
	const report = { items: 1000, cpuMs: 1, longestBlockMs: 1, cancelMs: 1, cancelWords: '' };
	const verdictAt = (cancelWords: string) => verdictOn(judge('sizes', [{ items: 1000, runs: [report], canceled: [{ ...report, cancelWords }] }]), 'cancelled runs');
	expect(verdictAt('Done (100): card-1, card-2 …<br>\nNot sent (900): card-101, card-102 …<br>\nA new execution sends everything again.')).toBe(true);
	expect(verdictAt('Done (100): card-1, card-2 …<br>\nNot sent (899): card-101, card-102 …')).toBe(false);
	expect(verdictAt('Not sent (1000): card-101, card-102 …')).toBe(false);
	expect(verdictAt('')).toBe(false);
});

test('rounds are compared one by one, and one that went astray does not decide', () => {
	const node = measured('card', 10, { cpuMs: 100 }, { cpuMs: 1000 }, { cpuMs: 210 });
	const loop = measured('helper', 10, { cpuMs: 100 }, { cpuMs: 100 }, { cpuMs: 200 });
	expect(verdictOn(judge('many', [node, loop]), 'CPU, times the loop')).toBe(true);
});

test('what was not measured has not passed', () => {
	const parts = ['many', 'thousands', 'waiting', 'sizes', 'real', 'long'] as const;
	for (const part of parts) expect(judge(part, undefined).map(({ holds }) => holds)).not.toContain(true);
	expect(judge('thousands', []).map(({ holds }) => holds)).not.toContain(true);
	expect(judge('sizes', []).filter(({ holds }) => holds).map(({ what }) => what)).toEqual([]);
	expect(tabulateVerdicts(judge('real', undefined))).toContain('not measured');
});
