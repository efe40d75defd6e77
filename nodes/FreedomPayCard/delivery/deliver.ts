import { jsonBytes } from '../json/jsonBytes';
import type { AnswerKind } from '../methods/define';
import { REQUEST_STATUS_PATH } from '../methods/paths';
import type { Route } from './attempt';
import { judge, judgeLookup, type About, type Lookup, type Verdict } from './judge';
import { begin, next, type Event, type Outcome, type Pause } from './protocol';
import type { Lease } from './slots';
import type { Wire } from './wire';

const FIRST_POLL_MS = 1_000;
const LAST_POLL_MS = 5_000;
const POLL_GROWTH = 1.5;
const POLL_JITTER = 0.1;

/** One item's request, ready to go. */
export interface Intent {
	itemIndex: number;
	route: Route;
	path: string;
	answers: AnswerKind;
	/** What is known of it: see `begin` of the protocol. */
	known: Parameters<typeof begin>[0];
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
 * @param lease the item's hold on a slot, which the caller gives back when it has taken note
 */
export async function deliver(intent: Intent, wire: Wire, lease: Lease): Promise<Outcome> {
	const { clock, cancel } = wire;
	const began = clock.now();
	let [state, action] = begin(intent.known, intent.maxWaitMs, began);
	while (action.do !== 'end') {
		if (action.after !== undefined) await pause(action.after, wire, lease, began);
		const isOver = action.after !== undefined && cancel?.aborted === true;
		let event: Event;
		if (action.do === 'send') {
			const verdict: Verdict = isOver ? { is: 'cancelled', sent: false } : await send(intent, wire, lease);
			event = { of: 'send', verdict, at: clock.now() };
		} else {
			const lookup: Lookup = isOver ? { is: 'cancelled', verdict: { is: 'cancelled', sent: false } } : await ask(intent, wire, lease);
			event = { of: 'answer', lookup, at: clock.now() };
			if (lookup.is === 'process') wire.sawProcessing(event.at - began);
		}
		[state, action] = next(state, event);
	}
	return action.outcome;
}

async function send(intent: Intent, wire: Wire, lease: Lease): Promise<Verdict> {
	const { route, path, bytes, timeoutMs, answers, known } = intent;
	let body: Buffer;
	try {
		body = await bytes();
	} catch (error) {
		return { is: 'blocked', by: 'file', code: 'UNREADABLE', reason: error instanceof Error ? error.message : String(error), host: new URL(route.origin).hostname };
	}
	const verdict = judge(await wire.send(lease, route, path, body, timeoutMs), answers, known === 'read');
	barIfRefused(intent, wire, verdict);
	return verdict;
}

async function ask(intent: Intent, wire: Wire, lease: Lease): Promise<Lookup> {
	const { route, requestId = '', about, timeoutMs } = intent;
	const reply = await wire.send(lease, route, REQUEST_STATUS_PATH, jsonBytes({ request_id: requestId }), timeoutMs);
	const lookup = judgeLookup(reply, requestId, about);
	if (lookup.is === 'turnedAway') barIfRefused(intent, wire, lookup.verdict);
	return lookup;
}

function barIfRefused({ route, itemIndex }: Intent, wire: Wire, verdict: Verdict): void {
	if (verdict.is === 'barred') wire.bar(route, verdict.httpStatus, itemIndex);
}

async function pause(after: Pause, wire: Wire, lease: Lease, began: number): Promise<void> {
	switch (after.for) {
		case 'backOff':
			return await wire.backOff(lease, after.tries);
		case 'limit':
			return await wire.obeyLimit(lease, after.retryAfter, after.tries);
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
