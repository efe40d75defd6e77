/*
 * The protocol of one command, as a table: what is known of it, times what was just learnt, gives what to do. Nothing in here does
 * anything; `deliver.ts` does. `test/unit/protocol.test.ts` runs it against every behaviour of a small model of the API.
 *
 * What makes it safe: the API refuses a request id that it has seen, and does not process it again. So a repeat with the same id is
 * harmless while the API remembers it, and asking `request/status` tells what became of the first.
 */
import type { JsonObject } from '../json/exactJson';
import { isEarlierThan, type Lookup, type Verdict } from './judge';

/** How often one item may be sent, and how often in a row one question about it may be asked. */
export const MAX_SENDS = 3;
export const MAX_ASKS = 3;

/** When an error that may be the question's own is the request's: it came so often, over so long, after the request was accepted. */
export const AMBIGUOUS_TIMES = 3;
export const AMBIGUOUS_SPAN_MS = 15_000;

/** What is known of a request before a send of it is answered. */
export type BeforeSend =
	/** A read: it changes nothing. */
	| 'read'
	/** A command without a request id, which can be neither repeated nor asked for. */
	| 'once'
	/** A command whose id nobody else can have used; as far as this execution knows, it was not sent. */
	| 'fresh'
	/** A command under the user's own UUID, which the API said it does not know. */
	| 'checked'
	/** A command of which a send may have arrived. */
	| 'inDoubt';

/** What is known of a request before a question about it is answered. */
export type BeforeAnswer =
	/** Nothing was sent; whether the user's UUID is used already is being asked. */
	| 'checking'
	/** As `checking`, after an earlier try of this execution that the API refused. */
	| 'rechecking'
	/** The API refused it, perhaps as a repeat of an earlier request for the same event. */
	| 'refused'
	/** A send may have arrived. */
	| 'inDoubt'
	/** A send may have arrived, and another one was refused. */
	| 'refusedInDoubt'
	/** The API has it. */
	| 'accepted';

export type Standing = BeforeSend | BeforeAnswer;

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
	/** Send it again, if there is a try left. */
	| 'again'
	/** Nobody knows what became of it. */
	| 'lost'
	/** The execution was cancelled, or nothing is let through: no further try. */
	| 'stop';

type AfterAnswer =
	/** What is known of it is its outcome. */
	| 'take'
	/** It failed. */
	| 'fail'
	/** The API has it: wait for its end. */
	| 'accept'
	/** The UUID belongs to another request. */
	| 'used'
	/** Send it, if there is a try left. */
	| 'send'
	/** Ask again, if there is a try left. */
	| 'askAgain'
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

/** What to do after a send. */
export const AFTER_SEND: Readonly<Record<BeforeSend, Readonly<Record<Verdict['is'], AfterSend>>>> = {
	read: {
		done: 'done', processing: 'readLater', failed: 'refusal', rejected: 'refusal', unknown: 'again', notSent: 'again',
		limited: 'again', blocked: 'stop', barred: 'refusal', redirected: 'refusal', misdirected: 'refusal', cancelled: 'stop',
	},
	once: {
		done: 'done', processing: 'processing', failed: 'refusal', rejected: 'refusal', unknown: 'lost', notSent: 'again',
		limited: 'again', blocked: 'stop', barred: 'refusal', redirected: 'refusal', misdirected: 'refusal', cancelled: 'stop',
	},
	fresh: {
		done: 'done', processing: 'accept', failed: 'askWhy', rejected: 'askWhy', unknown: 'askWhether', notSent: 'again',
		limited: 'again', blocked: 'stop', barred: 'refusal', redirected: 'refusal', misdirected: 'refusal', cancelled: 'stop',
	},
	checked: {
		done: 'done', processing: 'accept', failed: 'refusal', rejected: 'refusal', unknown: 'askWhether', notSent: 'again',
		limited: 'again', blocked: 'stop', barred: 'refusal', redirected: 'refusal', misdirected: 'refusal', cancelled: 'stop',
	},
	inDoubt: {
		done: 'done', processing: 'accept', failed: 'askWhy', rejected: 'askWhy', unknown: 'askWhether', notSent: 'again',
		limited: 'again', blocked: 'lost', barred: 'lost', redirected: 'lost', misdirected: 'lost', cancelled: 'lost',
	},
};

type Heard = Exclude<Lookup['is'], 'otherTransaction'>;

/** What to do after an answer of `request/status`. */
export const AFTER_ANSWER: Readonly<Record<BeforeAnswer, Readonly<Record<Heard, AfterAnswer>>>> = {
	checking: {
		success: 'used', process: 'used', error: 'used', other: 'used', ambiguous: 'askAgain', vague: 'askAgain', notKnown: 'send',
		noAnswer: 'askAgain', limited: 'askAgain', turnedAway: 'unsent', blocked: 'unsent', cancelled: 'unsent',
	},
	rechecking: {
		success: 'used', process: 'used', error: 'fail', other: 'used', ambiguous: 'askAgain', vague: 'askAgain', notKnown: 'send',
		noAnswer: 'askAgain', limited: 'askAgain', turnedAway: 'unsent', blocked: 'unsent', cancelled: 'unsent',
	},
	refused: {
		success: 'take', process: 'accept', error: 'fail', other: 'askAgain', ambiguous: 'askAgain', vague: 'askAgain', notKnown: 'refusalStands',
		noAnswer: 'askAgain', limited: 'askAgain', turnedAway: 'lost', blocked: 'lost', cancelled: 'lost',
	},
	inDoubt: {
		success: 'take', process: 'accept', error: 'fail', other: 'askAgain', ambiguous: 'send', vague: 'send', notKnown: 'send',
		noAnswer: 'askAgain', limited: 'askAgain', turnedAway: 'lost', blocked: 'lost', cancelled: 'lost',
	},
	refusedInDoubt: {
		success: 'take', process: 'accept', error: 'fail', other: 'askAgain', ambiguous: 'askAgain', vague: 'askAgain', notKnown: 'lost',
		noAnswer: 'askAgain', limited: 'askAgain', turnedAway: 'lost', blocked: 'lost', cancelled: 'lost',
	},
	accepted: {
		success: 'take', process: 'poll', error: 'fail', other: 'poll', ambiguous: 'pollDoubtfully', vague: 'poll', notKnown: 'poll',
		noAnswer: 'poll', limited: 'poll', turnedAway: 'processing', blocked: 'processing', cancelled: 'processing',
	},
};

/**
 * Where an outcome comes from:
 * - `answer`: what the API answered to this very request, or said of it once it had accepted it;
 * - `asked`: the answer was lost, and asking in this run told;
 * - `earlier`: an earlier request with the same id, for the same intent. Nothing was done now;
 * - `another`: a request for another intent, whose UUID was typed in here too. Nothing was sent.
 */
export type From = 'answer' | 'asked' | 'earlier' | 'another';

/** What became of an item. */
export type Outcome = { is: 'done' | 'processing'; answer: JsonObject; from: From; odd: boolean } | Failure;

/** An item that is not known to be done. */
export interface Failure {
	is: 'failure';
	/**
	 * `notSent` and `rejected`: surely without effect; `failed`: the API says that it failed;
	 * `unknown`: it may have been carried out.
	 */
	effect: 'notSent' | 'rejected' | 'failed' | 'unknown';
	from: From;
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
	/** Until a command may have been processed; not beyond `until`, a time of the events' clock. `number` counts from 0. */
	| { for: 'poll'; number: number; until: number };

export type Action = { do: 'send' | 'ask'; after?: Pause } | { do: 'end'; outcome: Outcome };

/** What was learnt, and when: milliseconds of a monotonic clock. */
export type Event = { of: 'send'; verdict: Verdict; at: number } | { of: 'answer'; lookup: Lookup; at: number };

/** All that the protocol remembers of one request. */
export interface State {
	readonly at: Standing;
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
}

type Step = [State, Action];

/**
 * Begins with what is known of a request.
 * @param known `fresh` for a command that nothing is known of, `checking` for one under the user's own UUID, `inDoubt` or `accepted`
 *   for one that an earlier try of this execution sent
 * @param waitMs how long to wait for what is processing; 0 for not at all
 * @param at the time now
 */
export function begin(known: 'read' | 'once' | 'fresh' | 'checking' | 'rechecking' | 'inDoubt' | 'accepted', waitMs: number, at: number): Step {
	const from = known === 'fresh' || known === 'inDoubt' || known === 'accepted' || known === 'rechecking' ? 'earlier' : 'answer';
	const state: State = { at: known, sends: 0, asks: 0, from, waitMs, until: at + waitMs, polls: 0, ambiguous: 0, ambiguousSince: 0 };
	if (known === 'read' || known === 'once' || known === 'fresh') return [state, { do: 'send' }];
	return [state, { do: 'ask' }];
}

/**
 * Goes on with what was just learnt.
 * @param tables what to do in which case; others only to test the tests
 */
export function next(state: State, event: Event, tables = { afterSend: AFTER_SEND, afterAnswer: AFTER_ANSWER }): Step {
	if (event.of === 'send') {
		const sent = { ...state, sends: state.sends + 1, verdict: event.verdict };
		return afterSend(sent, event.verdict, event.at, tables.afterSend[state.at as BeforeSend][event.verdict.is]);
	}
	const lookup = event.lookup.is === 'otherTransaction' ? settledTransaction(event.lookup, state) : event.lookup;
	return afterAnswer(state, lookup, event.at, tables.afterAnswer[state.at as BeforeAnswer][lookup.is]);
}

type HeardLookup = Exclude<Lookup, { is: 'otherTransaction' }>;

/** Once the API has the request, its answer is about it, whatever transaction it names; before, that may be another's. */
function settledTransaction({ answer, httpStatus, says }: Lookup & { is: 'otherTransaction' }, { at }: State): HeardLookup {
	return { is: at === 'accepted' ? says : 'other', answer, httpStatus };
}

function afterSend(state: State, verdict: Verdict, at: number, move: AfterSend): Step {
	const failure = (effect: Failure['effect']): Step => [
		state,
		{ do: 'end', outcome: { is: 'failure', effect, from: 'answer', verdict, lookup: undefined } },
	];
	const answer = ('answer' in verdict ? verdict.answer : undefined) ?? {};
	switch (move) {
		case 'done':
			return [state, { do: 'end', outcome: { is: 'done', answer, from: 'answer', odd: verdict.is === 'done' && verdict.odd } }];
		case 'processing':
			return [state, { do: 'end', outcome: { is: 'processing', answer, from: 'answer', odd: false } }];
		case 'readLater':
			return readLater({ ...state, answer, sends: 0 }, at);
		case 'accept':
			return accept({ ...state, from: 'answer' }, answer, at);
		case 'refusal':
			return failure(verdict.is === 'failed' ? 'failed' : 'rejected');
		case 'askWhy':
			return [{ ...state, at: state.at === 'inDoubt' ? 'refusedInDoubt' : 'refused', asks: 0, ambiguous: 0 }, { do: 'ask' }];
		case 'askWhether':
			return [{ ...state, at: 'inDoubt', from: 'asked', asks: 0, ambiguous: 0 }, { do: 'ask' }];
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

function afterAnswer(state: State, lookup: HeardLookup, at: number, move: AfterAnswer): Step {
	const failure = (effect: Failure['effect'], from: From = 'answer'): Step => [
		state,
		{ do: 'end', outcome: { is: 'failure', effect, from, verdict: state.verdict, lookup } },
	];
	const answer = 'answer' in lookup ? lookup.answer : {};
	switch (move) {
		case 'take':
			return [state, { do: 'end', outcome: { is: 'done', answer: { ...state.answer, ...answer }, from: state.from, odd: false } }];
		case 'fail':
			return failure('failed', isOwnRefusal(state, answer) ? 'answer' : state.from);
		case 'accept':
			return accept(state, answer, at);
		case 'used':
			return failure('rejected', 'another');
		case 'send':
			if (state.sends === MAX_SENDS) return failure('unknown');
			if (state.at !== 'inDoubt') return [{ ...state, at: 'checked' }, { do: 'send' }];
			return [state, { do: 'send', after: { for: 'backOff', tries: Math.max(1, state.sends) } }];
		case 'askAgain': {
			const asks = state.asks + 1;
			const ambiguous = lookup.is === 'ambiguous' || lookup.is === 'vague' ? state.ambiguous + 1 : 0;
			if (asks < MAX_ASKS) return [{ ...state, asks, ambiguous }, { do: 'ask', after: pauseAfter(lookup, asks) }];
			// An error each time is how the API may answer about a request that it does not know, or refused.
			const isSteady = ambiguous === MAX_ASKS;
			if (state.at === 'checking' || state.at === 'rechecking') return isSteady ? [{ ...state, at: 'checked' }, { do: 'send' }] : failure('notSent');
			if (state.at !== 'refused' || !isSteady) return failure('unknown');
			return failure(effectOfRefusal(state), isOwnRefusal(state, answer) ? 'answer' : state.from);
		}
		case 'refusalStands':
			return failure(effectOfRefusal(state));
		case 'poll':
			return poll({ ...state, ...(lookup.is === 'process' ? { ambiguous: 0, answer: { ...state.answer, ...answer } } : {}) }, lookup, at);
		case 'pollDoubtfully': {
			const ambiguous = state.ambiguous + 1;
			const ambiguousSince = ambiguous === 1 ? at : state.ambiguousSince;
			if (ambiguous >= AMBIGUOUS_TIMES && at - ambiguousSince >= AMBIGUOUS_SPAN_MS) return failure('failed', state.from);
			return poll({ ...state, ambiguous, ambiguousSince }, lookup, at);
		}
		case 'processing':
			return stillProcessing(state);
		case 'lost':
			return failure('unknown');
		case 'unsent':
			return failure(lookup.is === 'turnedAway' ? 'rejected' : 'notSent');
	}
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
	return [state, { do: 'end', outcome: { is: 'processing', answer: state.answer ?? {}, from: state.from, odd: false } }];
}

function pauseAfter(heard: Verdict | Lookup, tries: number): Pause {
	if (heard.is !== 'limited') return { for: 'backOff', tries };
	const { retryAfter } = 'verdict' in heard ? heard.verdict : heard;
	return { for: 'limit', tries, retryAfter };
}

function effectOfRefusal({ verdict }: State): Failure['effect'] {
	return verdict?.is === 'rejected' ? 'rejected' : 'failed';
}

/** Whether a failure that is known under the id is the one that was just answered, not an earlier one's. */
function isOwnRefusal({ at, verdict }: State, known: JsonObject): boolean {
	if (at !== 'refused' || verdict === undefined) return false;
	return !isEarlierThan('answer' in verdict ? verdict.answer : undefined, known);
}
