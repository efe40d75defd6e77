/*
 * The protocol of one request, as three tables: how it begins, by what is known of it; and what to do after a send and after a lookup (an answer of
 * `request/status`), by what is known times what was just learnt. Nothing in here does anything; `deliver.ts` does.
 * `test/delivery/protocolModel` runs it against every behaviour of a small model of the API.
 *
 * What makes it safe: the API refuses a request id that it has seen, and does not process it again. So a repeat with the same id is
 * harmless while the API remembers it, and asking `request/status` tells what became of the first.
 */
import type { JsonObject } from '../json/exactJson';
import { isEarlierThan, isOlderThan, speaksOfRepeat, timeOf, type Lookup, type Verdict } from './judge';

/** How often one item may be sent, and how often in a row one question about it may be asked in vain. */
export const MAX_SENDS = 3;
export const MAX_ASKS = 3;

/** When an error that may be the question's own is the request's: it came so often, over so long, after the request was accepted. */
const AMBIGUOUS_TIMES = 3;
const AMBIGUOUS_SPAN_MS = 15_000;

/**
 * When "not known" is believed of a request that another one with its id may be ahead of: it came so often, over so long. A status
 * may be a while behind what was done.
 */
export const UNKNOWN_TIMES = 3;
export const UNKNOWN_SPAN_MS = 5_000;

/** The pauses between these questions. Most statuses are hardly behind, so that the second question is soon. */
const UNKNOWN_PAUSES_MS = [1_000, 4_000];

/** What is known of a request before a send of it is answered. */
export type BeforeSend =
	/** A read: it changes nothing. */
	| 'read'
	/** A command without a request id, which can be neither repeated nor asked for. */
	| 'once'
	/** A command whose id no other one can have used; as far as this execution knows, it was not sent. */
	| 'neverSent'
	/** A command under the user's own UUID, which the API said it does not know. */
	| 'checked'
	/** A command of which a send may have arrived. */
	| 'inDoubt';

/** What is known of a request before it is looked up. */
export type BeforeLookup =
	/** Nothing was sent; whether the user's UUID is used already is being asked. */
	| 'checking'
	/** As `checking`, after an earlier try of this execution that the API refused. */
	| 'rechecking'
	/** Nothing was sent under this id of the node's making; earlier requests of the same intent, under the ids before it, were refused. */
	| 'walking'
	/** The API refused it, in words that do not speak of a repeat; nobody else has its id. */
	| 'refused'
	/** The API refused it, perhaps as a repeat of another request for the same intent, whose status may be a while behind. */
	| 'refusedAsTwin'
	/** As `refusedAsTwin`, under the user's own UUID, which may be another command's. */
	| 'refusedChecked'
	/** A send may have arrived. */
	| 'inDoubt'
	/** A send may have arrived, and another one was refused. */
	| 'refusedInDoubt'
	/** Something before the API turned it away, most probably before it arrived. */
	| 'deflected'
	/** The API answered it with what tells no outcome. */
	| 'unclear'
	/** The API has it. */
	| 'accepted';

export type Standing = BeforeSend | BeforeLookup;

/** What is known of a request before this run does anything. */
export type Known = 'read' | 'once' | 'neverSent' | 'checking' | 'rechecking' | 'walking' | 'inDoubt' | 'accepted';

type AfterSend =
	/** It is done. */
	| 'done'
	/** It is being processed, and there is nothing to ask with. */
	| 'processing'
	/** What was read is still being processed: read it again later, if there is time left. */
	| 'readLater'
	/** The API has it: wait for its end. */
	| 'accept'
	/** It failed or was turned away. */
	| 'refusal'
	/** It was refused: ask whether as a repeat. */
	| 'askWhy'
	/** It may have arrived: ask. */
	| 'askWhether'
	/** It was turned away before the API: ask whether it arrived all the same. */
	| 'askAround'
	/** It was answered without an outcome: ask for that. */
	| 'askMeaning'
	/** Send it again, if there is a try left. */
	| 'again'
	/** Nobody knows what became of it. */
	| 'lost'
	/** The execution was cancelled, or nothing is let through: no further try. */
	| 'stop';

type AfterLookup =
	/** What is known of it is its outcome. */
	| 'take'
	/** It failed. */
	| 'fail'
	/** It failed, or the UUID was used before and that failed. */
	| 'failOrUsed'
	/** The API has it: wait for its end. */
	| 'accept'
	/** The UUID was used before, by this command or another one. */
	| 'used'
	/** Send it, if there is a try left. */
	| 'send'
	/** Ask again, if there is a try left. */
	| 'askAgain'
	/** The API may know of it a while later: ask again then. */
	| 'askLater'
	/** The refusal was its own. */
	| 'refusalStands'
	/** Ask again later, if there is time left. */
	| 'poll'
	/** As `poll`, but three of these over 15 seconds are a failure. */
	| 'pollDoubtfully'
	/** It is still being processed, and asking is over. */
	| 'processing'
	/** Nobody knows what became of it. */
	| 'lost'
	/** Nothing was sent. */
	| 'unsent';

/** How a request begins: with a send or a question, and whose outcome it is that asking tells. */
export const FIRST_MOVES: Readonly<Record<Known, { do: 'send' | 'ask'; from: From }>> = {
	read: { do: 'send', from: 'answer' },
	once: { do: 'send', from: 'answer' },
	neverSent: { do: 'send', from: 'earlier' },
	checking: { do: 'ask', from: 'answer' },
	rechecking: { do: 'ask', from: 'earlier' },
	walking: { do: 'ask', from: 'earlier' },
	inDoubt: { do: 'ask', from: 'earlier' },
	accepted: { do: 'ask', from: 'earlier' },
};

/** What to do after a send. */
export const AFTER_SEND: Readonly<Record<BeforeSend, Readonly<Record<Verdict['is'], AfterSend>>>> = {
	read: {
		done: 'done', processing: 'readLater', failed: 'refusal', rejected: 'refusal', unclear: 'done', unknown: 'again', notSent: 'again',
		limited: 'again', blocked: 'stop', barred: 'refusal', deflected: 'refusal', elsewhere: 'refusal', cancelled: 'stop',
	},
	once: {
		done: 'done', processing: 'processing', failed: 'refusal', rejected: 'refusal', unclear: 'lost', unknown: 'lost', notSent: 'again',
		limited: 'again', blocked: 'stop', barred: 'refusal', deflected: 'refusal', elsewhere: 'lost', cancelled: 'stop',
	},
	neverSent: {
		done: 'done', processing: 'accept', failed: 'askWhy', rejected: 'askWhy', unclear: 'askMeaning', unknown: 'askWhether', notSent: 'again',
		limited: 'again', blocked: 'stop', barred: 'refusal', deflected: 'askAround', elsewhere: 'askAround', cancelled: 'stop',
	},
	checked: {
		done: 'done', processing: 'accept', failed: 'askWhy', rejected: 'askWhy', unclear: 'askMeaning', unknown: 'askWhether', notSent: 'again',
		limited: 'again', blocked: 'stop', barred: 'refusal', deflected: 'askAround', elsewhere: 'askAround', cancelled: 'stop',
	},
	inDoubt: {
		done: 'done', processing: 'accept', failed: 'askWhy', rejected: 'askWhy', unclear: 'askMeaning', unknown: 'askWhether', notSent: 'again',
		limited: 'again', blocked: 'lost', barred: 'lost', deflected: 'askWhether', elsewhere: 'askWhether', cancelled: 'lost',
	},
};

/** Where a refusal leads to that was asked about. */
const REFUSED_AT: Readonly<Record<Exclude<BeforeSend, 'read' | 'once'>, { plain: BeforeLookup; perhapsTwin: BeforeLookup }>> = {
	neverSent: { plain: 'refused', perhapsTwin: 'refusedAsTwin' },
	checked: { plain: 'refusedChecked', perhapsTwin: 'refusedChecked' },
	inDoubt: { plain: 'refusedInDoubt', perhapsTwin: 'refusedInDoubt' },
};

type Heard = Exclude<Lookup['is'], 'otherTransaction'>;

/** What to do after a lookup: an answer of `request/status`. */
export const AFTER_LOOKUP: Readonly<Record<BeforeLookup, Readonly<Record<Heard, AfterLookup>>>> = {
	checking: {
		success: 'used', process: 'used', error: 'used', other: 'used', ambiguous: 'askAgain', vague: 'askAgain', notKnown: 'send',
		noAnswer: 'askAgain', limited: 'askAgain', turnedAway: 'unsent', cutOff: 'unsent', blocked: 'unsent', cancelled: 'unsent',
	},
	rechecking: {
		success: 'used', process: 'used', error: 'fail', other: 'used', ambiguous: 'askAgain', vague: 'askAgain', notKnown: 'send',
		noAnswer: 'askAgain', limited: 'askAgain', turnedAway: 'unsent', cutOff: 'unsent', blocked: 'unsent', cancelled: 'unsent',
	},
	walking: {
		success: 'take', process: 'accept', error: 'fail', other: 'askAgain', ambiguous: 'askAgain', vague: 'askAgain', notKnown: 'send',
		noAnswer: 'askAgain', limited: 'askAgain', turnedAway: 'unsent', cutOff: 'unsent', blocked: 'unsent', cancelled: 'unsent',
	},
	refused: {
		success: 'take', process: 'accept', error: 'fail', other: 'askAgain', ambiguous: 'askAgain', vague: 'askAgain', notKnown: 'refusalStands',
		noAnswer: 'askAgain', limited: 'askAgain', turnedAway: 'lost', cutOff: 'lost', blocked: 'lost', cancelled: 'lost',
	},
	refusedAsTwin: {
		success: 'take', process: 'accept', error: 'fail', other: 'askAgain', ambiguous: 'askLater', vague: 'askLater', notKnown: 'askLater',
		noAnswer: 'askAgain', limited: 'askAgain', turnedAway: 'lost', cutOff: 'lost', blocked: 'lost', cancelled: 'lost',
	},
	refusedChecked: {
		success: 'used', process: 'used', error: 'failOrUsed', other: 'used', ambiguous: 'askLater', vague: 'askLater', notKnown: 'askLater',
		noAnswer: 'askAgain', limited: 'askAgain', turnedAway: 'lost', cutOff: 'lost', blocked: 'lost', cancelled: 'lost',
	},
	inDoubt: {
		success: 'take', process: 'accept', error: 'fail', other: 'askAgain', ambiguous: 'send', vague: 'send', notKnown: 'send',
		noAnswer: 'askAgain', limited: 'askAgain', turnedAway: 'lost', cutOff: 'lost', blocked: 'lost', cancelled: 'lost',
	},
	refusedInDoubt: {
		success: 'take', process: 'accept', error: 'fail', other: 'askAgain', ambiguous: 'askLater', vague: 'askLater', notKnown: 'askLater',
		noAnswer: 'askAgain', limited: 'askAgain', turnedAway: 'lost', cutOff: 'lost', blocked: 'lost', cancelled: 'lost',
	},
	deflected: {
		success: 'take', process: 'accept', error: 'fail', other: 'askAgain', ambiguous: 'askLater', vague: 'askLater', notKnown: 'askLater',
		noAnswer: 'askAgain', limited: 'askAgain', turnedAway: 'refusalStands', cutOff: 'lost', blocked: 'lost', cancelled: 'lost',
	},
	unclear: {
		success: 'take', process: 'accept', error: 'fail', other: 'askAgain', ambiguous: 'askLater', vague: 'askLater', notKnown: 'askLater',
		noAnswer: 'askAgain', limited: 'askAgain', turnedAway: 'lost', cutOff: 'lost', blocked: 'lost', cancelled: 'lost',
	},
	accepted: {
		success: 'take', process: 'poll', error: 'fail', other: 'poll', ambiguous: 'pollDoubtfully', vague: 'poll', notKnown: 'poll',
		noAnswer: 'poll', limited: 'poll', turnedAway: 'processing', cutOff: 'processing', blocked: 'processing', cancelled: 'processing',
	},
};

/** As what a request goes out once it was asked about. */
const SENT_AS: Readonly<Record<'checking' | 'rechecking' | 'walking' | 'inDoubt', BeforeSend>> = {
	checking: 'checked',
	rechecking: 'checked',
	walking: 'neverSent',
	inDoubt: 'inDoubt',
};

/**
 * Where an outcome comes from:
 * - `answer`: what the API answered to this very request, or said of it once it had accepted it;
 * - `asked`: the answer was lost, and asking in this run told;
 * - `earlier`: an earlier request with the same id, for the same intent. Nothing was done now;
 * - `another`: a request with the user's own UUID that is not known to be this one. It may be this very command, sent before a crash,
 *   or another one. Nothing was done now.
 */
export type From = 'answer' | 'asked' | 'earlier' | 'another';

/** What became of an item. */
export type Outcome = { is: 'done' | 'processing'; answer: JsonObject; from: From; isUndocumented: boolean } | DeliveryFailure;

/** An item that is not known to be done. */
export interface DeliveryFailure {
	is: 'failure';
	/**
	 * `notSent` and `rejected`: surely without effect; `failed`: the API says that it failed;
	 * `unknown`: it may have been carried out.
	 */
	effect: 'notSent' | 'rejected' | 'failed' | 'unknown';
	from: From;
	/**
	 * Whether the API, asked about it, has it as failed: this very request, or with `from: 'earlier'` an earlier one under the same id.
	 * Such an id is used up, so the next try needs the next one. Without it the same id can be sent again.
	 */
	recorded: boolean;
	/** What the last send came to. */
	verdict: Verdict | undefined;
	/** What `request/status` said, when it was asked after that. */
	lookup: Lookup | undefined;
}

/** A wait before an action. */
export type Pause =
	/** Exponential backoff. `tries`: how often the same was tried in vain. */
	| { for: 'backOff'; tries: number }
	/** As a 429 asks. */
	| { for: 'limit'; tries: number; retryAfter: string | undefined }
	/** Until the API may know of it. */
	| { for: 'status'; ms: number }
	/** Until a command may have been processed; not beyond `until`, a time of the events' clock. `number` counts from 0. */
	| { for: 'poll'; number: number; until: number };

export type Action = { do: 'send' | 'ask'; after?: Pause } | { do: 'end'; outcome: Outcome };

/** What was learnt, and when: milliseconds of a monotonic clock. */
export type Event = { of: 'send'; verdict: Verdict; at: number } | { of: 'lookup'; lookup: Lookup; at: number };

/** What a request begins with. */
export interface RequestStart {
	known: Known;
	/** Whether its id comes from an Event ID, so that other executions may send it, too. */
	isEvent: boolean;
	/** How often the item was sent so far, under ids before this one; not at all, unless given. */
	sends?: number;
	/** The latest time that FreedomPay told in this run until now, in ms since 1970, if it did. */
	toldAt?: number;
}

/** All that the protocol remembers of one request. */
export interface State {
	readonly at: Standing;
	readonly isEvent: boolean;
	readonly toldAt: number | undefined;
	readonly sends: number;
	/** Questions in a row that gave nothing. */
	readonly asks: number;
	/** Where the outcome comes from, if asking tells it. */
	readonly from: From;
	readonly verdict?: Verdict;
	/** What the API said of it so far. */
	readonly answer?: JsonObject;
	/** How long to wait for what is processing, in ms, and until when. */
	readonly waitMs: number;
	readonly until: number;
	readonly polls: number;
	/** Answers in a row that may be the question's own error, and when they began. */
	readonly ambiguous: number;
	readonly ambiguousSince: number;
	/** Answers that the request is not known, or may be so, since the last send; and when they began. */
	readonly unknown: number;
	readonly unknownSince: number;
}

type Step = [State, Action];

/** The three tables: how to begin, and what to do after a send and after a lookup. */
export const TABLES = { firstMoves: FIRST_MOVES, afterSend: AFTER_SEND, afterLookup: AFTER_LOOKUP };

/**
 * Begins with what is known of a request.
 * @param waitMs how long to wait for what is processing; 0 for not at all
 * @param at the time now
 * @param tables what to do in which case; others only to test the tests
 */
export function begin({ known, isEvent, sends = 0, toldAt }: RequestStart, waitMs: number, at: number, tables = TABLES): Step {
	const { do: first, from } = tables.firstMoves[known];
	return [
		{ at: known, isEvent, toldAt, sends, asks: 0, from, waitMs, until: at + waitMs, polls: 0, ambiguous: 0, ambiguousSince: 0, unknown: 0, unknownSince: 0 },
		{ do: first },
	];
}

/**
 * Goes on with what was just learnt.
 * @param tables what to do in which case; others only to test the tests
 */
export function next(state: State, event: Event, tables = TABLES): Step {
	if (event.of === 'send') {
		const sent = { ...state, sends: state.sends + 1, verdict: event.verdict };
		return afterSend(sent, event.verdict, event.at, rowOf(tables.afterSend, state.at)[event.verdict.is]);
	}
	const lookup = event.lookup.is === 'otherTransaction' ? settledTransaction(event.lookup, state) : event.lookup;
	return afterLookup(state, lookup, event.at, rowOf(tables.afterLookup, state.at)[lookup.is]);
}

/** @throws {TypeError} where a table has no row, since nothing leads from there to here: a defect of this package */
function rowOf<At extends Standing, Row>(table: Readonly<Record<At, Row>>, standing: Standing): Row {
	const hasRow = (one: Standing): one is At => Object.hasOwn(table, one);
	if (!hasRow(standing)) throw new TypeError(`Nothing leads here from "${standing}".`);
	return table[standing];
}

type HeardLookup = Exclude<Lookup, { is: 'otherTransaction' }>;

/** Once the API has the request, its answer is about it, whatever transaction it names; before, that may be another's. */
function settledTransaction({ answer, httpStatus, says }: Lookup & { is: 'otherTransaction' }, { at }: State): HeardLookup {
	return { is: at === 'accepted' ? says : 'other', answer, httpStatus };
}

function afterSend(state: State, verdict: Verdict, at: number, move: AfterSend): Step {
	const failure = (effect: DeliveryFailure['effect']): Step => [
		state,
		{ do: 'end', outcome: { is: 'failure', effect, from: 'answer', recorded: false, verdict, lookup: undefined } },
	];
	const ask = (standing: BeforeLookup, from: From = state.from): Step => [
		{ ...state, at: standing, from, asks: 0, ambiguous: 0, unknown: 0 },
		{ do: 'ask' },
	];
	const answer = ('answer' in verdict ? verdict.answer : undefined) ?? {};
	switch (move) {
		case 'done':
			return [state, { do: 'end', outcome: { is: 'done', answer, from: 'answer', isUndocumented: verdict.is === 'unclear' } }];
		case 'processing':
			return [state, { do: 'end', outcome: { is: 'processing', answer, from: 'answer', isUndocumented: false } }];
		case 'readLater':
			return readLater({ ...state, answer, sends: 0 }, at);
		case 'accept':
			return accept({ ...state, from: 'answer' }, answer, at);
		case 'refusal':
			return failure(verdict.is === 'failed' ? 'failed' : 'rejected');
		case 'askWhy': {
			const { plain, perhapsTwin } = rowOf(REFUSED_AT, state.at);
			return ask(state.isEvent || speaksOfRepeat(verdict) ? perhapsTwin : plain);
		}
		case 'askWhether':
			return ask('inDoubt', 'asked');
		case 'askAround':
			return ask('deflected', 'asked');
		case 'askMeaning':
			return ask('unclear', 'asked');
		case 'again':
			if (state.sends < MAX_SENDS) return [state, { do: 'send', after: pauseAfter(verdict, state.sends) }];
			if (state.at === 'inDoubt') return failure('unknown');
			return failure(verdict.is === 'unknown' ? 'failed' : 'notSent');
		case 'lost':
			return failure('unknown');
		case 'stop':
			if (state.at === 'read' && state.answer !== undefined) return stillProcessing(state);
			return failure(verdict.is === 'cancelled' && verdict.sent && state.at !== 'read' ? 'unknown' : 'notSent');
	}
}

function afterLookup(state: State, lookup: HeardLookup, at: number, move: AfterLookup): Step {
	const failure = (effect: DeliveryFailure['effect'], from: From = 'answer', recorded = false): Step => [
		state,
		{ do: 'end', outcome: { is: 'failure', effect, from, recorded, verdict: state.verdict, lookup } },
	];
	const answer = 'answer' in lookup ? lookup.answer : {};
	switch (move) {
		case 'take':
			return [state, { do: 'end', outcome: { is: 'done', answer: { ...state.answer, ...answer }, from: fromOf(state, answer), isUndocumented: false } }];
		case 'fail':
			return failure('failed', isOwnRefusal(state, answer) ? 'answer' : fromOf(state, answer), true);
		case 'failOrUsed':
			return isOwnRefusal(state, answer) ? failure('failed', 'answer', true) : failure('unknown', 'another');
		case 'accept':
			return accept({ ...state, from: fromOf(state, answer) }, answer, at);
		case 'used':
			return failure('unknown', 'another');
		case 'send':
			return send(state, failure);
		case 'askAgain': {
			const asks = state.asks + 1;
			const ambiguous = lookup.is === 'ambiguous' || lookup.is === 'vague' ? state.ambiguous + 1 : 0;
			if (asks < MAX_ASKS) return [{ ...state, asks, ambiguous }, { do: 'ask', after: pauseAfter(lookup, asks) }];
			// An error each time is how the API may answer about a request that it does not know, or refused.
			const isSteady = ambiguous === MAX_ASKS;
			if (isBeforeSending(state)) return isSteady ? send(state, failure) : failure('notSent');
			if (state.at !== 'refused' || !isSteady) return failure('unknown');
			return failure(effectOfRefusal(state), isOwnRefusal(state, answer) ? 'answer' : state.from);
		}
		case 'askLater': {
			const unknown = state.unknown + 1;
			const unknownSince = unknown === 1 ? at : state.unknownSince;
			const left = unknownSince + UNKNOWN_SPAN_MS - at;
			if (unknown >= UNKNOWN_TIMES && left <= 0) return stillUnknown(state, lookup, failure);
			const ms = UNKNOWN_PAUSES_MS[unknown - 1] ?? Math.max(left, 1);
			return [{ ...state, asks: 0, unknown, unknownSince }, { do: 'ask', after: { for: 'status', ms } }];
		}
		case 'refusalStands':
			return failure(effectOfRefusal(state));
		case 'poll':
			return poll({ ...state, ...(lookup.is === 'process' ? { ambiguous: 0, answer: { ...state.answer, ...answer } } : {}) }, lookup, at);
		case 'pollDoubtfully': {
			const ambiguous = state.ambiguous + 1;
			const ambiguousSince = ambiguous === 1 ? at : state.ambiguousSince;
			if (ambiguous >= AMBIGUOUS_TIMES && at - ambiguousSince >= AMBIGUOUS_SPAN_MS) return failure('failed', state.from, true);
			return poll({ ...state, ambiguous, ambiguousSince }, lookup, at);
		}
		case 'processing':
			return stillProcessing(state);
		case 'lost':
			return failure('unknown');
		case 'unsent':
			return failure(lookup.is === 'turnedAway' || lookup.is === 'cutOff' ? 'rejected' : 'notSent');
	}
}

const isBeforeSending = ({ at }: State) => at === 'checking' || at === 'rechecking' || at === 'walking';

function send(state: State, failure: (effect: DeliveryFailure['effect']) => Step): Step {
	if (state.sends >= MAX_SENDS) return failure(isBeforeSending(state) ? 'notSent' : 'unknown');
	const sent = { ...state, at: rowOf(SENT_AS, state.at) };
	if (state.at !== 'inDoubt') return [{ ...sent, asks: 0, ambiguous: 0 }, { do: 'send' }];
	return [sent, { do: 'send', after: { for: 'backOff', tries: Math.max(1, state.sends) } }];
}

function accept(state: State, answer: JsonObject, at: number): Step {
	const accepted: State = { ...state, at: 'accepted', answer, until: at + state.waitMs, ambiguous: 0 };
	return accepted.waitMs > 0 ? [accepted, pollAction(accepted)] : stillProcessing(accepted);
}

function readLater(state: State, at: number): Step {
	if (at >= state.until) return stillProcessing(state);
	const { polls, until } = state;
	return [{ ...state, polls: polls + 1 }, { do: 'send', after: { for: 'poll', number: polls, until } }];
}

function poll(state: State, lookup: Lookup, at: number): Step {
	if (at >= state.until) return stillProcessing(state);
	const polled = { ...state, polls: state.polls + 1 };
	return [polled, lookup.is === 'limited' ? { do: 'ask', after: pauseAfter(lookup, 1) } : pollAction(polled)];
}

function pollAction({ polls, until }: State): Action {
	return { do: 'ask', after: { for: 'poll', number: polls, until } };
}

function stillProcessing(state: State): Step {
	return [state, { do: 'end', outcome: { is: 'processing', answer: state.answer ?? {}, from: state.from, isUndocumented: false } }];
}

function pauseAfter(heard: Verdict | Lookup, tries: number): Pause {
	if (heard.is !== 'limited') return { for: 'backOff', tries };
	const { retryAfter } = 'verdict' in heard ? heard.verdict : heard;
	return { for: 'limit', tries, retryAfter };
}

function effectOfRefusal({ verdict }: State): DeliveryFailure['effect'] {
	return verdict?.is === 'failed' ? 'failed' : 'rejected';
}

/** What became of a request that the API does not know, however often it is asked. */
function stillUnknown(state: State, lookup: HeardLookup, failure: (effect: DeliveryFailure['effect'], from?: From) => Step): Step {
	if (state.at === 'refusedInDoubt' || state.at === 'unclear') return failure('unknown');
	// An error in the documented words may be what the API says of a request with this id that failed.
	if (lookup.is === 'ambiguous' && state.at !== 'deflected' && !isOwnRefusal(state, lookup.answer)) {
		return state.from === 'earlier' ? failure(effectOfRefusal(state), 'earlier') : failure('unknown', 'another');
	}
	return failure(speaksOfRepeat(state.verdict) ? 'unknown' : effectOfRefusal(state));
}

/** The standings in which the last send was refused. */
const REFUSED: readonly Standing[] = ['refused', 'refusedAsTwin', 'refusedChecked'];

/** Whether a failure that is known under the id is the one that was just answered, not an earlier one's. */
function isOwnRefusal({ at, verdict }: State, known: JsonObject): boolean {
	if (!REFUSED.includes(at) || (verdict?.is !== 'failed' && verdict?.is !== 'rejected')) return false;
	return !isEarlierThan(verdict, known);
}

/**
 * Where an outcome comes from that the API was asked for. Under an Event ID another execution may have sent it before: it did when the
 * outcome is clearly older than what FreedomPay said in this run, to others before it was sent or to itself.
 */
function fromOf({ from, isEvent, toldAt, verdict }: State, known: JsonObject): From {
	if (from !== 'asked' || !isEvent) return from;
	const answeredAt = verdict?.is === 'unclear' ? timeOf(verdict.answer) : undefined;
	return isOlderThan(known, toldAt) || isOlderThan(known, answeredAt) ? 'earlier' : 'asked';
}
