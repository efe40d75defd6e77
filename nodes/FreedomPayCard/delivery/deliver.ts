import { REQUEST_STATUS_PATH } from '../methods/paths';
import type { AnswerKind } from '../methods/define';
import { jsonBytes } from '../signing/jsonBytes';
import type { JsonObject } from './exactJson';
import { judge, judgeLookup, nextStep, type Lookup, type RetryClass, type Verdict } from './judge';
import type { Lease } from './slots';
import type { Wire } from './wire';

/** How often one item may be sent, and how often one question about it may be asked. */
const MAX_SENDS = 3;
const MAX_ASKS = 3;

/** How often in a row an error that may be the question's own is taken for the request's. */
const AMBIGUOUS_IS_FAILED = 2;

const FIRST_POLL_MS = 1_000;
const LAST_POLL_MS = 5_000;
const POLL_GROWTH = 1.5;
const POLL_JITTER = 0.1;

/** One item's request, ready to go. */
export interface Intent {
	path: string;
	answers: AnswerKind;
	retryClass: RetryClass;
	/** The id of the command, if it has one. */
	requestId: string | undefined;
	/**
	 * Whether an answer to this id can only be about this request: it was made by the node, or this run
	 * already sent it.
	 */
	idIsOurs: boolean;
	/** The bytes of an attempt: always the same for a command, a fresh id each time for a read that carries one. */
	bytes: () => Buffer;
	timeoutMs: number;
	/** How long to wait for a command that is processing; 0 for not at all. */
	maxWaitMs: number;
}

/** What became of an item. */
export type Outcome =
	| { is: 'done' | 'processing'; answer: JsonObject; recovered: boolean; odd: boolean }
	| Failure;

/** What asking came to in the end. */
export type Decided = Exclude<Lookup, { is: 'ambiguous' }>;

/** An item that is not known to be done. */
export interface Failure {
	is: 'failure';
	/**
	 * `notSent` and `rejected`: surely without effect; `failed`: the API says that it failed;
	 * `unknown`: it may have been carried out.
	 */
	effect: 'notSent' | 'rejected' | 'failed' | 'unknown';
	verdict: Verdict;
	/** What `request/status` said, when it was asked. */
	lookup?: Decided;
	/** Whether a typed request id turned out to be known to the API already. */
	alreadyUsed?: boolean;
}

/**
 * Delivers one request: sends it, asks for its outcome when that is unknown, waits for it. Never
 * throws and never sends a command whose outcome it could not find out.
 * @param lease the item's hold on a slot, which the caller gives back when it has taken note
 */
export async function deliver(intent: Intent, wire: Wire, lease: Lease): Promise<Outcome> {
	/** Whether an earlier send may have arrived. */
	let inDoubt = false;
	for (let sends = 1; ; sends++) {
		const began = wire.clock.now();
		const reply = await wire.send(lease, intent.path, intent.bytes(), intent.timeoutMs);
		const verdict = judge(reply, intent.answers, intent.retryClass === 'read');
		if (verdict.is === 'barred') wire.closed = true;
		switch (nextStep(verdict, intent.retryClass)) {
			case 'report':
				return report(verdict, intent.retryClass, inDoubt);
			case 'poll':
				return await poll(intent, wire, lease, verdict as Verdict & { is: 'processing' }, false, began);
			case 'sendAgain':
				if (sends === MAX_SENDS) return report(verdict, intent.retryClass, inDoubt);
				await wire.backOff(lease, sends);
				break;
			case 'wait':
				if (sends === MAX_SENDS) return report(verdict, intent.retryClass, inDoubt);
				await wire.obeyLimit(lease, (verdict as Verdict & { is: 'limited' }).retryAfter, sends);
				break;
			case 'ask': {
				const refused = verdict.is === 'failed' || verdict.is === 'rejected';
				const trusted = intent.idIsOurs || inDoubt || !refused;
				// A refusal that follows a send in doubt means that the API has the request.
				const lookup = await ask(intent, wire, lease, refused && inDoubt);
				inDoubt ||= !refused;
				if (lookup.is === 'known') {
					if (!trusted) return { is: 'failure', effect: 'rejected', verdict, lookup, alreadyUsed: true };
					return await takeOver(intent, wire, lease, lookup.verdict, began);
				}
				if (refused) return { is: 'failure', effect: effectOfRefusal(verdict, lookup, trusted, inDoubt), verdict, lookup };
				if (lookup.is === 'unanswered' || sends === MAX_SENDS) return { is: 'failure', effect: 'unknown', verdict, lookup };
				await wire.backOff(lease, sends);
				break;
			}
		}
		if (wire.cancel?.aborted) {
			return report({ is: 'cancelled', sent: inDoubt }, intent.retryClass, inDoubt);
		}
	}
}

/** The outcome that a verdict amounts to when nothing more is to be tried. */
function report(verdict: Verdict, retryClass: RetryClass, inDoubt: boolean): Outcome {
	const harmless = retryClass === 'read';
	switch (verdict.is) {
		case 'done':
			return { is: 'done', answer: verdict.answer, recovered: false, odd: verdict.odd };
		case 'processing':
			return { is: 'processing', answer: verdict.answer, recovered: false, odd: false };
		case 'failed':
			return { is: 'failure', effect: 'failed', verdict };
		case 'unknown':
			return { is: 'failure', effect: harmless ? 'failed' : 'unknown', verdict };
		case 'notSent':
		case 'limited':
			return { is: 'failure', effect: inDoubt ? 'unknown' : 'notSent', verdict };
		case 'cancelled':
			return { is: 'failure', effect: (verdict.sent || inDoubt) && !harmless ? 'unknown' : 'notSent', verdict };
		case 'barred':
		case 'redirected':
		case 'misdirected':
		case 'rejected':
			return { is: 'failure', effect: inDoubt ? 'unknown' : 'rejected', verdict };
	}
}

/** What a refused command has surely done, when asking found no earlier request that it repeats. */
function effectOfRefusal(verdict: Verdict, lookup: Decided, trusted: boolean, inDoubt: boolean): Failure['effect'] {
	// Refused, and yet unknown to the API: an earlier send may still be the reason.
	if (inDoubt || (trusted && lookup.is === 'unanswered')) return 'unknown';
	return verdict.is === 'rejected' ? 'rejected' : 'failed';
}

/**
 * Asks `request/status` for the outcome of a request, with bounded tries.
 * @param accepted whether the API surely has the request. Then an ambiguous error, given twice, is the
 *   request's own; else it counts as "not known".
 */
async function ask(intent: Intent, wire: Wire, lease: Lease, accepted: boolean): Promise<Decided> {
	for (let asks = 1, ambiguous = 0; ; asks++) {
		const lookup = await askOnce(intent, wire, lease);
		if (lookup.is === 'ambiguous') {
			if (!accepted) return { is: 'notKnown', answer: lookup.verdict.answer };
			if (++ambiguous === AMBIGUOUS_IS_FAILED) return { is: 'known', verdict: lookup.verdict };
			if (asks >= MAX_ASKS) return { is: 'unanswered', verdict: lookup.verdict };
		} else if (lookup.is !== 'unanswered' || asks >= MAX_ASKS || wire.cancel?.aborted) return lookup;
		if (lookup.verdict.is === 'limited') await wire.obeyLimit(lease, lookup.verdict.retryAfter, asks);
		else if (lookup.is === 'ambiguous' || nextStep(lookup.verdict, 'read') === 'sendAgain') await wire.backOff(lease, asks);
		else return lookup;
	}
}

async function askOnce({ requestId = '', timeoutMs }: Intent, wire: Wire, lease: Lease): Promise<Lookup> {
	const reply = await wire.send(lease, REQUEST_STATUS_PATH, jsonBytes({ request_id: requestId }), timeoutMs);
	const lookup = judgeLookup(reply, requestId);
	if (lookup.is === 'unanswered' && lookup.verdict.is === 'barred') wire.closed = true;
	return lookup;
}

/** Takes the outcome that the API knows for the outcome of this item. */
async function takeOver(
	intent: Intent,
	wire: Wire,
	lease: Lease,
	verdict: (Decided & { is: 'known' })['verdict'],
	began: number,
): Promise<Outcome> {
	switch (verdict.is) {
		case 'done':
			return { is: 'done', answer: verdict.answer, recovered: true, odd: verdict.odd };
		case 'failed':
			return { is: 'failure', effect: 'failed', verdict };
		case 'processing':
			return await poll(intent, wire, lease, verdict, true, began);
	}
}

/**
 * Asks until the request is settled or the wait ends; an end without a result is no failure. Asking
 * backs off from one second to five and holds no slot in between.
 * @param began when the request was sent
 */
async function poll(
	intent: Intent,
	wire: Wire,
	lease: Lease,
	first: Verdict & { is: 'processing' },
	recovered: boolean,
	began: number,
): Promise<Outcome> {
	const { clock, cancel } = wire;
	const end = clock.now() + intent.maxWaitMs;
	let answer = first.answer;
	let interval = FIRST_POLL_MS;
	let ambiguous = 0;
	while (clock.now() < end && !cancel?.aborted) {
		// Others of this run were still processing at an age: asking before it is in vain.
		const patience = POLL_GROWTH * wire.knownProcessingTime - (clock.now() - began);
		const wait = Math.min(LAST_POLL_MS, Math.max(interval, patience) * (1 + POLL_JITTER * clock.random()));
		await wire.sleep(lease, Math.min(wait, end - clock.now()));
		if (cancel?.aborted) break;
		await lease.hold('question');
		const lookup = await askOnce(intent, wire, lease);
		ambiguous = lookup.is === 'ambiguous' ? ambiguous + 1 : 0;
		if (lookup.is === 'ambiguous') {
			if (ambiguous === AMBIGUOUS_IS_FAILED) return { is: 'failure', effect: 'failed', verdict: lookup.verdict };
		} else if (lookup.is === 'known') {
			if (lookup.verdict.is !== 'processing') {
				const outcome = await takeOver(intent, wire, lease, lookup.verdict, began);
				if (outcome.is === 'failure') return outcome;
				return { ...outcome, answer: { ...answer, ...outcome.answer }, recovered };
			}
			answer = { ...answer, ...lookup.verdict.answer };
			wire.sawProcessing(clock.now() - began);
		} else if (lookup.is === 'unanswered') {
			if (lookup.verdict.is === 'limited') await wire.obeyLimit(lease, lookup.verdict.retryAfter, 1);
			else if (nextStep(lookup.verdict, 'read') !== 'sendAgain') break;
		}
		interval = Math.min(LAST_POLL_MS, interval * POLL_GROWTH);
	}
	return { is: 'processing', answer, recovered, odd: false };
}
