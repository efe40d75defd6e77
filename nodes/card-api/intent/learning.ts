import type { DeliveryFailure, Outcome } from '../delivery/protocol';
import type { JsonObject } from '../json/exactJson';
import type { Beginning } from './beginnings';
import type { Intent } from './intents';
import type { Entry, Learnt, Parent, Place, Records } from './records';
import { requestIdOfItem, type Origin } from './requestIds';

/** How many ids that refusals have used up are passed over in one run. */
const MAX_WALK = 20;

/** Whether FreedomPay refused it, rather than its gateway, or nobody. */
export function isJudged({ effect, verdict }: DeliveryFailure): boolean {
	return effect === 'failed' || (effect === 'rejected' && (verdict?.is === 'rejected' || verdict?.is === 'failed'));
}

/**
 * What an outcome teaches about a command, for a rerun.
 * @param outcome without secrets
 * @param by the execution that was told
 * @param withoutSecrets masks what an answer may repeat
 * @returns undefined when it surely left no trace, so that a rerun may send it
 */
export function learntFrom(outcome: Outcome, { requestId, begins }: Intent, by: string, withoutSecrets: (answer: JsonObject) => JsonObject): Learnt | undefined {
	const isOwn = requestId?.source === 'node' || begins === 'inDoubt' || begins === 'accepted';
	// Under an event, what another execution did is asked for again, under the id that the item has then.
	if (outcome.from === 'another' || (outcome.from === 'earlier' && !isOwn && begins !== 'rechecking' && requestId !== undefined)) return undefined;
	if (outcome.is !== 'failure') return { is: outcome.is === 'done' ? 'done' : 'accepted', answer: outcome.answer };
	const { effect, verdict } = outcome;
	if (effect === 'unknown') return { is: 'sent' };
	if (effect === 'notSent' || !isJudged(outcome)) return undefined;
	if (requestId !== undefined) return { is: 'refused', recorded: outcome.recorded, by };
	const answer = withoutSecrets(verdict !== undefined && 'answer' in verdict ? (verdict.answer ?? {}) : {});
	const httpStatus = verdict !== undefined && 'httpStatus' in verdict ? (verdict.httpStatus ?? 200) : 200;
	return { is: 'refused', recorded: false, by, refusal: { effect, answer, httpStatus } };
}

/**
 * The intent under its next id, where FreedomPay has recorded an earlier request under the present one as refused: what hindered it may
 * be mended. One whose answer was lost is found by asking, and may be an earlier one. Undefined where the outcome is its own, or somebody
 * else made the id.
 */
export function walkedOn(outcome: Outcome, intent: Intent, origin: Origin): Leg | undefined {
	const { requestId, n, m = 0, intended } = intent;
	if (outcome.is !== 'failure' || outcome.from === 'answer' || !outcome.recorded) return undefined;
	// Whose answer came, though not in documented words, knows that it was its own.
	if (outcome.from === 'asked' && outcome.verdict?.is === 'unclear') return undefined;
	if (requestId?.source !== 'node' || n === undefined || m >= MAX_WALK) return undefined;
	return { ...intent, begins: 'walking', m: m + 1, requestId: requestIdOfItem(origin, intended, n, m + 1) };
}

function failedBefore(effect: DeliveryFailure['effect'], verdict: DeliveryFailure['verdict']): DeliveryFailure {
	return { is: 'failure', effect, from: 'earlier', recorded: false, verdict, lookup: undefined };
}

/** Of a command that may have been carried out before, and cannot be asked about. */
export const UNKNOWN_BEFORE = failedBefore('unknown', { is: 'unknown', code: 'EARLIER_TRY' });

/** What is known of a command that is not sent now, as its outcome; undefined when nothing is. */
export function toldOf(learnt: Learnt | undefined): Outcome | undefined {
	switch (learnt?.is) {
		case undefined:
			return undefined;
		case 'done':
			return { is: 'done', answer: learnt.answer, from: 'earlier', isUndocumented: false };
		case 'accepted':
			return { is: 'processing', answer: learnt.answer, from: 'earlier', isUndocumented: false };
		case 'sent':
			return UNKNOWN_BEFORE;
		case 'refused': {
			if (learnt.refusal === undefined) return undefined;
			const { effect, answer, httpStatus } = learnt.refusal;
			return failedBefore(effect, effect === 'failed' ? { is: 'failed', answer, httpStatus } : { is: 'rejected', answer, httpStatus, text: '' });
		}
	}
}

/** Where an item is, and comes from. */
interface Where {
	place: Place;
	parent: Parent | undefined;
}

/** Keeps what was learnt of an intent, or forgets it. */
export function noteLearnt(records: Records, intent: Intent & Where, learnt: Learnt | undefined): void {
	const { key, place, parent, requestId, n, m, begins } = intent;
	const before = intent.learnt?.is === 'refused' ? intent.learnt : undefined;
	if (learnt === undefined) {
		// What did not go out leaves what is known of the request before it, under the id that this has.
		if (requestId === undefined && before !== undefined) records.note(place, { key, learnt: before }, parent);
		else if (begins !== 'walking' && before === undefined) records.forget(place, key);
		return;
	}
	const entry: Entry = { key, learnt, ...(requestId !== undefined && { id: requestId.id, source: requestId.source }), ...(n !== undefined && { n }), ...(m !== undefined && { m }) };
	records.note(place, entry, parent);
}

/** What a course goes by; others only to test the tests. */
const TEACHING = { learntFrom, walkedOn, noteLearnt };

/** An intent that has to be delivered. */
export type Leg = Intent & { begins: Exclude<Beginning, 'tell'> };

/** Where and as whom a command goes out. */
export interface Course {
	records: Records;
	executionId: string;
	origin: Origin;
	/** Masks what an answer may repeat. */
	mask: (answer: JsonObject) => JsonObject;
	/** Whether anything was sent or asked so far. */
	wasUsed: () => boolean;
}

/**
 * The course of a command: gives the intent each time that it has to be delivered, with what it begins with then, takes what came of
 * that, and returns what became of it at last. Keeps what is learnt, also where it is left before its end.
 */
export function* courseOf(intent: Intent, { records, executionId, origin, mask, wasUsed }: Course, teaching = TEACHING): Generator<Leg, Outcome, Outcome> {
	const { begins } = intent;
	if (begins === 'tell') return toldOf(intent.learnt) ?? UNKNOWN_BEFORE;
	// Before it goes out: whatever happens then, it is not repeated.
	if (intent.requestId === undefined) teaching.noteLearnt(records, intent, { is: 'sent' });
	let current: Leg = { ...intent, begins };
	let came: Outcome | undefined;
	try {
		for (;;) {
			came = yield current;
			const next = teaching.walkedOn(came, current, origin);
			if (next === undefined) return came;
			// Should the next one not go out, it is known that this one is used up.
			teaching.noteLearnt(records, current, teaching.learntFrom(came, current, executionId, mask));
			[current, came] = [next, undefined];
		}
	} finally {
		const afterDefect: Learnt | undefined = wasUsed() ? { is: 'sent' } : intent.learnt;
		teaching.noteLearnt(records, current, came === undefined ? afterDefect : teaching.learntFrom(came, current, executionId, mask));
	}
}
