import * as z from 'zod/v4-mini';

import { Seen } from './memory';
import type { Operation } from './operation';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const LONGEST_MS = 31 * DAY_MS;

/** What is remembered of a card. Times are ms since 1970, of n8n's clock. */
export interface CardState {
	/** Since when it is watched: what was before is not told. */
	since: number;
	/** Its last statement; absent until there is one. */
	last?: {
		/** When it was asked for. */
		at: number;
		/** From when on all that was seen is remembered. */
		from: number;
		seen: Seen;
	};
}

/** As n8n keeps it, a card's operations as one text. */
const keptCard = z.strictObject({
	card_id: z.string(),
	since: z.number(),
	at: z.optional(z.number()),
	from: z.optional(z.number()),
	seen: z.optional(z.string()),
});

const kept = z.strictObject({ version: z.literal(1), given: z.number(), partner: z.string(), cards: z.array(keptCard) });

/** What n8n keeps of all cards of one partner. */
export type KeptCards = z.infer<typeof kept>;

/** What is remembered between polls. */
export interface Remembered {
	/** How many polls gave operations until then, by which an older memory is told from a newer one. */
	given: number;
	/** By their ids. */
	cards: ReadonlyMap<string, CardState>;
}

/** A statement's worth of time, in ms since 1970. */
export interface Reach {
	from: number;
	/** What lies before it and is not told, since it is too long ago; undefined for nothing. */
	missedFrom: number | undefined;
}

/** A card that is watched from now on. */
export function newCard(now: number): CardState {
	return { since: now };
}

const inWholeSeconds = (ms: number): number => Math.floor(ms / 1000) * 1000;

/** From when on a statement is asked for at most: after a time without polls, and for a test event. */
export function earliestFrom(now: number): number {
	return inWholeSeconds(now - LONGEST_MS);
}

/** From when on a card's statement is to be asked for. */
export function reachOf({ since, last }: CardState, now: number, lookBackMs: number): Reach {
	// A clock that was set back must not make a gap.
	const wanted = Math.min(last?.at ?? since, now) - lookBackMs;
	const from = inWholeSeconds(Math.max(wanted, last?.from ?? wanted));
	const earliest = earliestFrom(now);
	return from < earliest ? { from: earliest, missedFrom: from } : { from, missedFrom: undefined };
}

/**
 * Takes note of a card's statement.
 * @param from when it was asked for from
 * @param now when it was asked for
 * @returns what is remembered then, and the operations that are new
 */
export function noteStatement(card: CardState, operations: readonly Operation[], { from, now, lookBackMs }: { from: number; now: number; lookBackMs: number }): { card: CardState; unseen: Operation[] } {
	const { since, last } = card;
	// What is from before was seen, or is too old: an answer may reach further back than it was asked for.
	const within = operations.filter(({ instant }) => instant === undefined || instant >= from);
	const { seen, unseen } = (last?.seen ?? Seen.nothing).withAll(within, now);
	const next = Math.max(from, inWholeSeconds(now - lookBackMs));
	// Statements tell whole seconds: one that began before the first poll is told, too, rather than not at all.
	const isTold = ({ instant }: Operation) => last !== undefined || (instant !== undefined && instant >= inWholeSeconds(since));
	return { card: { since, last: { at: now, from: next, seen: seen.since(next) } }, unseen: unseen.filter(isTold) };
}

/** What n8n is to keep of a partner's cards. */
export function toKept({ given, cards }: Remembered, partner: string): KeptCards {
	const entries = [...cards].map(([card_id, { since, last }]) => ({
		card_id,
		since,
		...(last !== undefined && { at: last.at, from: last.from, seen: last.seen.toText() }),
	}));
	return { version: 1, given, partner, cards: entries };
}

function cardOf({ since, at, from, seen }: z.infer<typeof keptCard>, now: number): CardState | undefined {
	// Nothing was ever read after tomorrow: a clock was wrong, and what it forgot cannot be told from what is new.
	if (Math.max(since, at ?? 0, from ?? 0) > now + DAY_MS) return undefined;
	if (at === undefined || from === undefined || seen === undefined) return { since };
	const read = Seen.fromText(seen);
	return read && { since, last: { at, from, seen: read } };
}

/**
 * What n8n kept of a partner's cards, and the ids of those that cannot be read, which are watched anew.
 * @param value of n8n's static data, whatever it is
 */
export function fromKept(value: unknown, partner: string, now: number): Remembered & { unreadable: string[] } {
	const cards = new Map<string, CardState>();
	const unreadable: string[] = [];
	const parsed = kept.safeParse(value);
	if (!parsed.success) return { given: 0, cards, unreadable };
	const { given } = parsed.data;
	// Of another partner's cards nothing was seen.
	if (parsed.data.partner !== partner) return { given, cards, unreadable };
	for (const entry of parsed.data.cards) {
		const card = cardOf(entry, now);
		if (card === undefined) unreadable.push(entry.card_id);
		else cards.set(entry.card_id, card);
	}
	return { given, cards, unreadable };
}
