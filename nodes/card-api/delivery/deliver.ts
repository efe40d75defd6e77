import { jsonBytes } from '../json/jsonBytes';
import type { AnswerKind } from '../methods/define';
import { REQUEST_STATUS_PATH } from '../methods/paths';
import type { Route } from './attempt';
import { judge, judgeLookup, timeOf, type About, type Lookup, type Verdict } from './judge';
import { begin, next, type Event, type Known, type Outcome, type Pause } from './protocol';
import type { Lease } from './slots';
import type { Wire } from './wire';

const FIRST_POLL_MS = 1_000;
const LAST_POLL_MS = 5_000;
const POLL_GROWTH = 1.5;
const POLL_JITTER = 0.1;

/** One item's request, ready to go. */
export interface Delivery {
	itemIndex: number;
	route: Route;
	path: string;
	answers: AnswerKind;
	/** What is known of it: see `begin` of the protocol. */
	known: Known;
	/** Whether its request id comes from an Event ID, so that other executions may send it, too. */
	isEvent: boolean;
	/** The id of a command that carries one. */
	requestId: string | undefined;
	about: About;
	/**
	 * The bytes of an attempt: always the same for a command, a fresh id each time for a read that carries one.
	 * @throws when a file among them cannot be read any more
	 */
	bytes: () => Buffer | Promise<Buffer>;
	timeoutMs: number;
	/** How long to wait for what is processing; 0 for not at all. */
	maxWaitMs: number;
}

/**
 * Delivers one request: does what the protocol says until that ends. Never throws for anything that the network or the API does.
 *
 * An item may be delivered under one request id after the other, by one lease: it is sent no more often for that.
 * @param lease the item's hold on a slot, which the caller gives back when it has taken note
 */
export async function deliver(delivery: Delivery, wire: Wire, lease: Lease): Promise<Outcome> {
	const holding: Holding = {};
	try {
		return await carryOn(delivery, wire, lease, holding);
	} finally {
		holding.end?.();
	}
}

/** An item's hold on new ones, if it has one. */
interface Holding {
	end?: () => void;
}

async function carryOn(delivery: Delivery, wire: Wire, lease: Lease, holding: Holding): Promise<Outcome> {
	const { clock, cancel } = wire;
	const { known, isEvent, maxWaitMs, route } = delivery;
	const began = clock.now();
	const toldAt = wire.toldAt(route);
	let [state, action] = begin({ known, isEvent, sends: lease.sends, ...(toldAt !== undefined && { toldAt }) }, maxWaitMs, began);
	while (action.do !== 'end') {
		if (action.after !== undefined) await pause(action.after, wire, lease, began);
		const isOver = action.after !== undefined && cancel?.aborted === true;
		let event: Event;
		if (action.do === 'send') {
			const verdict: Verdict = isOver ? { is: 'cancelled', sent: false } : await send(delivery, wire, lease);
			if (isTurnedAway(verdict) && delivery.requestId !== undefined) holding.end ??= wire.holdBack(route);
			event = { of: 'send', verdict, at: clock.now() };
		} else {
			const lookup: Lookup = isOver ? { is: 'cancelled', verdict: { is: 'cancelled', sent: false } } : await ask(delivery, wire, lease);
			event = { of: 'lookup', lookup, at: clock.now() };
			if (lookup.is === 'process') wire.sawProcessing(event.at - began);
		}
		[state, action] = next(state, event);
	}
	return action.outcome;
}

type TurnedAway = Extract<Verdict, { is: 'deflected' | 'elsewhere' }>;

function isTurnedAway(verdict: Verdict): verdict is TurnedAway {
	return verdict.is === 'deflected' || verdict.is === 'elsewhere';
}

/** Says what an answer means. One that cannot be looked at, however odd, costs its own item only: it is as if it were lost. */
function read<Meaning>(meaning: () => Meaning, orElse: (verdict: Verdict & { is: 'unknown' }) => Meaning): Meaning {
	try {
		return meaning();
	} catch (error) {
		const text = error instanceof Error ? error.message : String(error);
		return orElse({ is: 'unknown', code: 'UNREADABLE', text });
	}
}

/** Notes what an answer tells of the way to the API. */
function noteHeard({ route }: Delivery, wire: Wire, verdict: Verdict): void {
	switch (verdict.is) {
		case 'done':
		case 'processing':
		case 'failed':
		case 'rejected':
		case 'unclear':
			wire.noteHeard(route, timeOf(verdict.answer));
			return;
		case 'unknown':
			wire.noteHeard(route, undefined);
			return;
		default:
			return;
	}
}

async function send(delivery: Delivery, wire: Wire, lease: Lease): Promise<Verdict> {
	const { route, path, bytes, timeoutMs, answers, known, requestId, about } = delivery;
	let body: Buffer;
	try {
		body = await bytes();
	} catch (error) {
		return { is: 'blocked', by: 'file', code: 'UNREADABLE', reason: error instanceof Error ? error.message : String(error), host: new URL(route.origin).hostname };
	}
	const isRead = known === 'read';
	if (!isRead) lease.sends++;
	const reply = await wire.send(lease, route, path, body, timeoutMs);
	const verdict = read(() => judge(reply, { kind: answers, isRead, ...(!isRead && { of: { requestId, about } }) }), (lost): Verdict => lost);
	noteHeard(delivery, wire, verdict);
	if (verdict.is === 'barred') wire.bar('credential', route, verdict.httpStatus, delivery.itemIndex);
	return verdict;
}

async function ask(delivery: Delivery, wire: Wire, lease: Lease): Promise<Lookup> {
	const { route, requestId = '', about, timeoutMs, itemIndex } = delivery;
	const reply = await wire.send(lease, route, REQUEST_STATUS_PATH, jsonBytes({ request_id: requestId }), timeoutMs);
	const wasLetThrough = wire.wasLetThrough(route);
	const lookup = read(() => judgeLookup(reply, requestId, about, wasLetThrough), (verdict): Lookup => ({ is: 'noAnswer', verdict }));
	if ('answer' in lookup) {
		// Its time is that of the request asked about.
		wire.noteHeard(route, undefined);
		wire.letGo(route);
	} else {
		const { verdict } = lookup;
		if (verdict.is === 'unknown') wire.noteHeard(route, undefined);
		if (verdict.is === 'barred') wire.bar('credential', route, verdict.httpStatus, itemIndex);
		if (isTurnedAway(verdict)) wire.bar('host', route, verdict.httpStatus, itemIndex);
	}
	return lookup;
}

async function pause(after: Pause, wire: Wire, lease: Lease, began: number): Promise<void> {
	switch (after.for) {
		case 'backOff':
			return await wire.backOff(lease, after.tries);
		case 'limit':
			return await wire.obeyLimit(lease, after.retryAfter, after.tries);
		case 'status':
			return await wire.sleep(lease, after.ms);
		case 'poll': {
			const { clock, cancel } = wire;
			const now = clock.now();
			const interval = Math.min(LAST_POLL_MS, FIRST_POLL_MS * POLL_GROWTH ** after.number);
			// Others of this run were still processing at an age: asking before it is in vain.
			const patience = POLL_GROWTH * wire.knownProcessingTime - (now - began);
			const wait = Math.min(LAST_POLL_MS, Math.max(interval, patience) * (1 + POLL_JITTER * clock.random()));
			await wire.sleep(lease, Math.min(wait, after.until - now));
			if (cancel?.aborted !== true) await lease.hold('question');
		}
	}
}
