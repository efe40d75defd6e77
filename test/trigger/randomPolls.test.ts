import fc from 'fast-check';

import type { Fault, FaultKind } from '../sandbox';
import { useSandboxWithClock } from '../support/bench';
import { HANGS_AFTER_MS, isFull, sizeOf } from '../support/size';
import { HOUR, MINUTE, N8n } from './n8n';

/*
 * Whatever is booked and goes wrong, in whatever order, and however often n8n ends without saving: what the workflow was started with is
 * what was booked, each once. A failing scenario is shrunk to a small one.
 */

const { sandbox, clock } = useSandboxWithClock();

const CARDS = ['card-1007', 'card-1008', 'card-1009'];

const FAULTS = ['http500Before', 'http502After', 'dropBefore', 'dropAfter', 'truncatedAfter', 'invalidJsonAfter', 'empty200After', 'rateLimit', 'refuse', 'redirect', 'unauthorized', 'stallBefore', 'unknownRequestStatus'] as const satisfies readonly FaultKind[];

const card = fc.constantFrom(...CARDS);
const step = fc.oneof(
	{ weight: 8, arbitrary: fc.record({ is: fc.constant('book' as const), card, agoMs: fc.oneof(fc.constant(0), fc.nat(23 * HOUR)), amount: fc.constantFrom(100, 250.5, 999.99) }) },
	// One that is known by the same as the last one of any card.
	{ weight: 3, arbitrary: fc.record({ is: fc.constant('bookAgain' as const) }) },
	{ weight: 2, arbitrary: fc.record({ is: fc.constant('change' as const), which: fc.nat(), commission: fc.nat(50), type: fc.constantFrom('pay' as const, 'refund' as const) }) },
	{ weight: 10, arbitrary: fc.record({ is: fc.constant('poll' as const), afterMs: fc.integer({ min: MINUTE, max: 8 * HOUR }), times: fc.constantFrom(1, 1, 1, 2, 3), late: fc.array(fc.nat(25_000), { maxLength: 2 }) }) },
	{ weight: 3, arbitrary: fc.record({ is: fc.constant('fault' as const), kind: fc.constantFrom<FaultKind>(...FAULTS), card: fc.option(card, { nil: undefined }), times: fc.integer({ min: 1, max: 9 }) }) },
	{ weight: 1, arbitrary: fc.record({ is: fc.constant('end' as const), forMs: fc.nat(3 * 24 * HOUR), by: fc.constantFrom('crash' as const, 'unpublishing' as const, 'publishing' as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const faultOf = (kind: FaultKind): Fault => ({ kind, ...(kind === 'rateLimit' && { retryAfter: 1 }), ...(kind === 'redirect' && { location: 'http://127.0.0.1:1/' }) });

let polls = 0;
let operations = 0;

/** What an operation is known by, so that equal ones can be counted. */
const nameOf = (cardId: unknown, at: number, { rrn, amount, currency }: Record<string, unknown>): string => [cardId, at, rrn, amount, currency].map(String).join(' ');

/**
 * Plays it.
 * @param isScheduled whether n8n's durable scheduler polls: then some polls read what was saved before the others began, and begin after them
 */
async function play(steps: readonly Step[], isScheduled: boolean): Promise<{ told: string[]; booked: string[] }> {
	sandbox.reset();
	const n8n = new N8n({ sandbox, clock, parameters: { cardIds: CARDS }, isScheduled });
	await n8n.publish();
	const since = Math.floor(clock.wallClock() / 1000) * 1000;
	const booked: Array<{ cardId: string; operation: ReturnType<typeof sandbox.book> }> = [];
	const book = (cardId: string, at: number, told: { amount: number; rrn?: string }): void => {
		operations += 1;
		booked.push({ cardId, operation: sandbox.book({ card_id: cardId, datetime: new Date(Math.floor(at / 1000) * 1000).toISOString(), ...told }) });
	};
	// Of every card something is saved from here on.
	for (const cardId of CARDS) book(cardId, clock.wallClock(), { amount: 1 });
	await clock.sleep(MINUTE);
	await n8n.tick();

	for (const what of steps) {
		const last = booked.at(-1);
		switch (what.is) {
			case 'book':
				book(what.card, Math.max(since, clock.wallClock() - what.agoMs), { amount: what.amount });
				break;
			case 'bookAgain':
				// As late as one may be.
				if (last !== undefined && clock.wallClock() - last.operation.at < 23 * HOUR) book(last.cardId, last.operation.at, { amount: last.operation.amount, rrn: last.operation.rrn });
				break;
			case 'change':
				Object.assign(booked[what.which % booked.length]?.operation ?? {}, { commission: what.commission, type: what.type });
				break;
			case 'poll': {
				await clock.sleep(what.afterMs);
				const late = isScheduled && n8n.isAlive ? what.late : [];
				const due = await Promise.all(late.map(async () => await n8n.duePoll()));
				polls += what.times + due.length;
				await Promise.all(Array.from({ length: what.times }, () => n8n.tick()));
				for (const [index, poll] of due.entries()) {
					await clock.sleep(late[index] ?? 0);
					await poll();
				}
				break;
			}
			case 'fault':
				sandbox.faults.add({ ...faultOf(what.kind), times: what.times, ...(what.card !== undefined && { card: what.card }) });
				break;
			case 'end':
				if (what.by === 'unpublishing') n8n.unpublish();
				if (what.by !== 'publishing') await clock.sleep(what.forMs);
				if (what.by === 'crash') await n8n.restart();
				else await n8n.publish().catch(async () => await n8n.restart());
				polls += 1;
		}
	}

	sandbox.faults.clear();
	await clock.sleep(MINUTE);
	await n8n.tick();
	return {
		told: n8n.items.map((item) => nameOf(item.card_id, Date.parse(String(item.datetime)), item)).sort(),
		booked: booked.map(({ cardId, operation }) => nameOf(cardId, operation.at, { ...operation })).sort(),
	};
}

test(sizeOf('each operation comes out once, whatever happens'), async () => {
	await fc.assert(
		fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 80 }), fc.boolean(), async (steps, isScheduled) => {
			const { told, booked } = await play(steps, isScheduled);
			expect(told).toEqual(booked);
		}),
		{ numRuns: isFull ? 600 : 40 },
	);
	console.info(`${operations} operations, ${polls} polls`);
}, HANGS_AFTER_MS);
