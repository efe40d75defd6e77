import type { INodeParameters } from 'n8n-workflow';

import { useSandboxWithClock } from '../support/bench';
import { agoOn, CARD, DAY, HOUR, MINUTE, N8n, OTHER, type Setup } from './n8n';

/* What a trigger remembers when it is published, when n8n starts again, and when it is unpublished in between. */

const { sandbox, clock } = useSandboxWithClock();


const agoOf = agoOn(clock);
const n8nFor = (parameters: INodeParameters = {}): N8n => new N8n({ sandbox, clock, parameters: { cardIds: [CARD], ...parameters } });

/** A trigger that has something saved, since something came out. */
async function withSaved(parameters: INodeParameters = {}): Promise<N8n> {
	const n8n = n8nFor(parameters);
	await n8n.publish();
	sandbox.book({ card_id: CARD, amount: 1 });
	await n8n.tickAfter();
	expect(n8n.amounts).toEqual([1]);
	return n8n;
}

test('the past is not told at the first publishing', async () => {
	sandbox.book({ card_id: CARD, datetime: agoOf(MINUTE) });
	sandbox.book({ card_id: CARD, datetime: agoOf(20 * HOUR) });
	const n8n = n8nFor();
	await n8n.publish();
	await n8n.tickAfter();
	await n8n.tickAfter(3 * DAY);
	expect(n8n.items).toEqual([]);
});

test('what comes in while it is published is told at once, since it is younger', async () => {
	const n8n = n8nFor({ cardIds: [CARD] });
	sandbox.settings.latencyMs = 5;
	const publishing = n8n.publish();
	sandbox.book({ card_id: CARD, amount: 3, datetime: new Date(clock.wallClock()).toISOString() });
	await clock.sleep(2_000);
	await publishing;
	sandbox.settings.latencyMs = 0;
	await n8n.tickAfter();
	expect(n8n.amounts).toEqual([3]);
});

test.each(['http500Before', 'dropBefore', 'rateLimit', 'truncatedAfter'] as const)('publishing does without the network (%s): the next poll finds out what was there before', async (kind) => {
	sandbox.book({ card_id: CARD, amount: 1, datetime: agoOf(HOUR) });
	sandbox.faults.add({ kind, times: 3 });
	const n8n = n8nFor();
	await n8n.publish();
	expect(n8n.isAlive).toBe(true);
	expect(sandbox.journal.all).toHaveLength(3);
	await clock.sleep(MINUTE);
	sandbox.book({ card_id: CARD, amount: 2 });
	await n8n.tickAfter();
	await n8n.tickAfter();
	expect(n8n.amounts).toEqual([2]);
	expect(n8n.errors).toEqual([]);
});

test('a start of n8n goes on from what was saved, and tells what came in between once', async () => {
	const n8n = await withSaved();
	await n8n.tickAfter();
	sandbox.book({ card_id: CARD, amount: 2 });
	await clock.sleep(2 * DAY);
	await n8n.restart();
	await n8n.tickAfter();
	expect(n8n.amounts).toEqual([1, 2]);
});

test('what was unpublished is told at the next publishing', async () => {
	const n8n = await withSaved();
	n8n.unpublish();
	await clock.sleep(3 * DAY);
	sandbox.book({ card_id: CARD, amount: 2 });
	await clock.sleep(3 * DAY);
	await n8n.publish();
	expect(n8n.amounts).toEqual([1, 2]);
});

test('31 days back at most, with a line in the log', async () => {
	const n8n = await withSaved();
	n8n.unpublish();
	sandbox.book({ card_id: CARD, amount: 2, datetime: agoOf(-2 * DAY) });
	sandbox.book({ card_id: CARD, amount: 3, datetime: agoOf(-20 * DAY) });
	await clock.sleep(40 * DAY);
	await n8n.publish();
	expect(n8n.amounts).toEqual([1, 3]);
	expect(n8n.logs.filter((line) => line.startsWith('warn:'))).toEqual([expect.stringMatching(/reaches back 31 days at most: operations of card-1007 from \S+ to \S+ do not start the workflow/)]);
	await n8n.tickAfter();
	expect(n8n.items).toHaveLength(2);
});

test('before anything came out, n8n has nothing saved: its start is a new beginning', async () => {
	const n8n = n8nFor();
	await n8n.publish();
	await n8n.tickAfter();
	expect(n8n.saved).toEqual({});
	sandbox.book({ card_id: CARD, amount: 1 });
	await clock.sleep(HOUR);
	await n8n.restart();
	sandbox.book({ card_id: CARD, amount: 2 });
	await n8n.tickAfter();
	expect(n8n.amounts).toEqual([2]);
});

describe("by n8n's durable scheduler, which keeps nothing of a poll without news", () => {
	const scheduled = (more: Partial<Setup> = {}): N8n => new N8n({ sandbox, clock, parameters: { cardIds: [CARD] }, isScheduled: true, ...more });

	test('what happens between the publishing and the first news is told once', async () => {
		sandbox.book({ card_id: CARD, amount: 1, datetime: agoOf(HOUR) });
		const n8n = scheduled();
		await n8n.publish();
		sandbox.book({ card_id: CARD, amount: 2 });
		await n8n.tickAfter(20_000);
		sandbox.book({ card_id: CARD, amount: 3 });
		await n8n.tickAfter();
		await n8n.tickAfter();
		expect(n8n.amounts).toEqual([2, 3]);
	});

	test('a poll that begins before n8n has saved what the last one gave tells nothing twice', async () => {
		const n8n = scheduled({ savesAfterMs: 1_000 });
		await n8n.publish();
		sandbox.book({ card_id: CARD, amount: 2 });
		await n8n.tickAfter();
		await n8n.tick();
		sandbox.book({ card_id: CARD, amount: 3 });
		await n8n.tickAfter();
		expect(n8n.amounts).toEqual([2, 3]);
	});

	test.each([10, 30_000])('a poll that read what was saved before the last one gave news, and begins %i ms after that is saved, tells nothing twice', async (ms) => {
		const n8n = scheduled();
		await n8n.publish();
		sandbox.book({ card_id: CARD, amount: 2 });
		const late = await n8n.duePoll();
		await n8n.tickAfter();
		await clock.sleep(ms);
		await late();
		sandbox.book({ card_id: CARD, amount: 3 });
		await n8n.tickAfter(10);
		expect(n8n.amounts).toEqual([2, 3]);
	});

	test('what n8n could not save is told again, and nothing is lost', async () => {
		const n8n = scheduled({ savesAfterMs: 1_000 * HOUR });
		await n8n.publish();
		sandbox.book({ card_id: CARD, amount: 2 });
		await n8n.tickAfter();
		sandbox.book({ card_id: CARD, amount: 3 });
		await n8n.tickAfter(2 * MINUTE);
		expect(n8n.amounts).toEqual([2, 2, 3]);
	});

	test('cards that cannot be read are an error from the second poll on, and forget nothing', async () => {
		const n8n = scheduled();
		await n8n.publish();
		sandbox.book({ card_id: CARD, amount: 2 });
		sandbox.faults.add({ kind: 'http500Before', times: 9 });
		for (let poll = 0; poll < 4; poll++) await n8n.tickAfter();
		expect(n8n.errors).toHaveLength(1);
		expect(n8n.amounts).toEqual([2]);
	});
});

test('a card that is added is watched from then on, the others go on', async () => {
	const n8n = await withSaved();
	sandbox.book({ card_id: OTHER, amount: 5 });
	sandbox.book({ card_id: CARD, amount: 2 });
	await clock.sleep(MINUTE);
	n8n.change({ cardIds: [CARD, OTHER] });
	await n8n.publish();
	sandbox.book({ card_id: OTHER, amount: 6 });
	await n8n.tickAfter();
	expect(n8n.amounts).toEqual([1, 2, 6]);
	n8n.change({ cardIds: [OTHER] });
	await n8n.publish();
	expect(JSON.stringify(n8n.memory)).not.toContain(CARD);
});

test('a longer Look Back tells nothing that was seen and forgotten', async () => {
	const n8n = n8nFor({ options: { lookBackHours: 1 } });
	await n8n.publish();
	for (const amount of [1, 2, 3, 4]) {
		sandbox.book({ card_id: CARD, amount });
		await n8n.tickAfter(2 * HOUR);
	}
	n8n.change({ options: { lookBackHours: 168 } });
	await n8n.publish();
	await n8n.tickAfter();
	expect(n8n.amounts).toEqual([1, 2, 3, 4]);
});

test('another partner is a new beginning, another key is none', async () => {
	const n8n = await withSaved();
	sandbox.book({ card_id: CARD, amount: 2 });
	n8n.change({}, { authId: sandbox.authId, algorithm: 'HS256' });
	await n8n.tickAfter();
	await n8n.publish();
	expect(n8n.amounts).toEqual([1, 2]);
	const { saved } = n8n;
	const [, state] = Object.entries(saved)[0] as [string, { statements: { partner: string } }];
	state.statements.partner = 'another';
	sandbox.book({ card_id: CARD, amount: 3 });
	await clock.sleep(MINUTE);
	await n8n.restart();
	await n8n.tickAfter();
	expect(n8n.amounts).toEqual([1, 2]);
});

test.each([
	['another version', { version: 2 }],
	['text', 'statements'],
	['a list', []],
	['no cards', { version: 1, partner: 'x' }],
])('what n8n kept and cannot be read (%s) is a new beginning', async (_, kept) => {
	const n8n = await withSaved();
	const [name] = Object.keys(n8n.saved);
	n8n.saved = { [String(name)]: { statements: kept } };
	await n8n.restart();
	await n8n.tickAfter();
	sandbox.book({ card_id: CARD, amount: 2 });
	await n8n.tickAfter();
	expect(n8n.amounts).toEqual([1, 2]);
	expect(n8n.errors).toEqual([]);
});

test.each([
	['half of what was seen', (card: Record<string, unknown>) => (card.seen = String(card.seen).slice(0, -4))],
	['a time of a clock that was wrong', (card: Record<string, unknown>) => (card.at = clock.wallClock() + 3 * DAY)],
])('a card of which n8n kept %s is watched anew, with a line in the log', async (_, spoil) => {
	const n8n = await withSaved();
	const [state] = Object.values(n8n.saved) as Array<{ statements: { cards: Array<Record<string, unknown>> } }>;
	spoil(state?.statements.cards[0] ?? {});
	await n8n.restart();
	sandbox.book({ card_id: CARD, amount: 2 });
	await n8n.tickAfter();
	expect(n8n.amounts).toEqual([1, 2]);
	expect(n8n.logs.join('\n')).toMatch(/cannot use what n8n kept of card-1007, and watches it anew from now on/);
});

test('what is kept holds no secret, and 12 bytes an operation', async () => {
	const n8n = await withSaved();
	const kept = JSON.stringify(n8n.saved);
	expect(kept).not.toContain(sandbox.partnerKey);
	expect(kept).not.toContain(sandbox.authId);
	const [state] = Object.values(n8n.saved) as Array<{ statements: { cards: Array<{ seen: string }> } }>;
	expect(state?.statements.cards.map(({ seen }) => Buffer.from(seen, 'base64').length)).toEqual([12]);
});

test('what is older than Look Back is forgotten', async () => {
	const n8n = await withSaved();
	for (const amount of [2, 3, 4]) {
		sandbox.book({ card_id: CARD, amount });
		await n8n.tickAfter(2 * DAY);
	}
	await n8n.tickAfter(2 * DAY);
	const { statements } = n8n.memory as unknown as { statements: { cards: Array<{ seen: string }> } };
	expect(statements.cards.map(({ seen }) => seen)).toEqual(['']);
	expect(n8n.items).toHaveLength(4);
});

test('1,000 operations a day of 50 cards take less than 1 MB', async () => {
	const cardIds = Array.from({ length: 50 }, (_, index) => `card-${index}`);
	const operations = Array.from({ length: 1_000 }, (_, index) => ({ datetime: agoOf(index * 86_000), rrn: String(index), amount: index, currency: 'KZT' }));
	const n8n = n8nFor({ cardIds });
	sandbox.faults.add({ kind: 'rawBefore', times: 'always', body: { status: 'ok', request_status: 'success', dt: agoOf(0), operations } });
	await n8n.publish();
	expect(JSON.stringify(n8n.memory).length).toBeGreaterThan(50 * 1_000 * 12);
	expect(JSON.stringify(n8n.memory).length).toBeLessThan(1_000_000);
});
