import type { AnswerKind } from '../methods/define';
import { E_MONEY_CODES } from '../methods/eMoneyCodes';
import { SAYS_REPEATED } from '../methods/refusals';
import { STATES_BY_WORD, type RequestState } from '../methods/statusWords';
import { namedSubjects, type SubjectName } from '../methods/subjects';
import type { JsonObject } from '../json/exactJson';
import type { Hindrance, Reply } from './attempt';

/** What a reply says about the request that it answers. */
export type Verdict =
	/** Carried out. */
	| { is: 'done'; answer: JsonObject }
	/** Accepted and still being processed. */
	| { is: 'processing'; answer: JsonObject }
	/** The API answered that it failed. */
	| { is: 'failed'; answer: JsonObject; httpStatus: number }
	/** Another 4xx. */
	| { is: 'rejected'; answer: JsonObject | undefined; httpStatus: number; text: string }
	/**
	 * An answer that tells no outcome: with a status word that is not documented (`UNDOCUMENTED_STATUS`), or about another card, client or
	 * request (`OTHER_REQUEST`).
	 */
	| { is: 'unclear'; code: 'UNDOCUMENTED_STATUS' | 'OTHER_REQUEST'; answer: JsonObject; httpStatus: number }
	/** 401, or 403 in the API's own words: the credential, so no other request with it will fare better. */
	| { is: 'barred'; answer: JsonObject | undefined; httpStatus: number; text: string }
	/** Turned away by something that does not speak the API, in most cases before the API saw it. */
	| ({ is: 'deflected' } & Deflection)
	/** 303, 304: as `deflected`, but these tell of a request that was worked on (RFC 9110, sections 15.4.4 and 15.4.5). */
	| ({ is: 'elsewhere' } & Deflection)
	/** 429. `retryAfter` is the header as it came. */
	| { is: 'limited'; httpStatus: number; retryAfter: string | undefined }
	/** Never left the machine, or got no further than a proxy. */
	| ({ is: 'notSent' } & Hindrance)
	/** As `notSent`, and the next one will fare no better. */
	| ({ is: 'blocked' } & Hindrance)
	/** May have been carried out. `text` is the answer, or with the code `UNREADABLE` why it could not be looked at. */
	| { is: 'unknown'; code: string; httpStatus?: number; text?: string }
	| { is: 'cancelled'; sent: boolean };

/** How something before the API turned a request away: with a 3xx, which is not followed; a 403; or a 404 that is not the API's. */
export type Deflection =
	| { how: 'redirected'; httpStatus: number; location: string }
	| { how: 'forbidden' | 'misdirected'; httpStatus: number; text: string };

function header(headers: Readonly<Record<string, unknown>>, name: string): string | undefined {
	const value = headers[name];
	return typeof value === 'string' ? value : undefined;
}

function integerOf(value: unknown): number | undefined {
	const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
	return typeof number === 'number' && Number.isInteger(number) ? number : undefined;
}

/** No documented word is longer. */
const LONGEST_WORD = 40;

/** A status word, in small letters: a sibling API answers in capitals. Undefined when there is none. */
function wordOf(value: unknown): string | undefined {
	if (value === undefined || value === null) return undefined;
	if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return 'not a word';
	const word = String(value).trim().slice(0, LONGEST_WORD).toLowerCase();
	return word === '' ? undefined : word;
}

/** What an answer's status words say, each: `undocumented` where its word is not documented, nothing where there is none. */
function statesOf(answer: JsonObject): Readonly<Record<'status' | 'request_status', RequestState | 'undocumented' | undefined>> {
	const stateOf = (key: 'status' | 'request_status') => {
		const word = wordOf(answer[key]);
		return word === undefined ? undefined : (STATES_BY_WORD[key].get(word) ?? 'undocumented');
	};
	return { status: stateOf('status'), request_status: stateOf('request_status') };
}

/** An answer with its status words in the documented form, as far as they are documented. */
function inSmallLetters(answer: JsonObject): JsonObject {
	const changed = (['status', 'request_status'] as const).flatMap((key) => {
		const word = wordOf(answer[key]);
		const isDocumented = word !== undefined && STATES_BY_WORD[key].has(word);
		return isDocumented && answer[key] !== word ? [[key, word] as const] : [];
	});
	return changed.length === 0 ? answer : { ...answer, ...Object.fromEntries(changed) };
}

/** Reads a readable answer of HTTP 2xx. */
function judgeAnswer(answer: JsonObject, { kind, isRead, of }: Expected, httpStatus: number): Verdict {
	if (kind === 'gift') {
		const status = integerOf(answer.status);
		if (status === undefined) return { is: 'unknown', code: 'NO_STATUS', httpStatus };
		return status === 0 ? { is: 'done', answer } : { is: 'failed', answer, httpStatus };
	}
	const { status, request_status: requestStatus } = statesOf(answer);
	const isUndocumented = status === 'undocumented' || requestStatus === 'undocumented';
	if (isUndocumented && !isRead) return { is: 'unclear', code: 'UNDOCUMENTED_STATUS', answer, httpStatus };
	if (of !== undefined && (isAboutRequest(answer, of.requestId) === false || namesAnother(answer, of.about) === 'other')) {
		return { is: 'unclear', code: 'OTHER_REQUEST', answer, httpStatus };
	}
	if (status === 'error' || requestStatus === 'error') return { is: 'failed', answer, httpStatus };
	if (requestStatus === 'process') return { is: 'processing', answer };
	if (isUndocumented) return { is: 'unclear', code: 'UNDOCUMENTED_STATUS', answer, httpStatus };
	// Without any status a command cannot be called done; a read has what it asked for.
	if (status === undefined && requestStatus === undefined && !isRead) return { is: 'unknown', code: 'NO_STATUS', httpStatus };
	return { is: 'done', answer };
}

/** Whether a refusal is in the API's own words. A proxy or firewall may speak JSON, too, and have a `status` of its own. */
export function isOfApi(answer: JsonObject | undefined): boolean {
	if (answer === undefined) return false;
	return Object.values(statesOf(answer)).includes('error') || Object.hasOwn(answer, 'error_code') || Object.hasOwn(answer, 'error_description');
}

/** What an answer is judged by. */
export interface Expected {
	/** How the method's answers tell their outcome. */
	kind: AnswerKind;
	/** Whether the method changes nothing. */
	isRead: boolean;
	/** Of a command: what its answer must be about, if it names anything. */
	of?: { requestId: string | undefined; about: About };
}

/** Says what a reply means. Its status words come out in the documented form. */
export function judge(reply: Reply, expected: Expected): Verdict {
	switch (reply.kind) {
		case 'cancelled':
			return { is: 'cancelled', sent: reply.sent };
		case 'notSent':
		case 'blocked': {
			const { kind: is, ...hindrance } = reply;
			return { is, ...hindrance };
		}
		case 'lost':
			return { is: 'unknown', code: reply.code, ...(reply.httpStatus === undefined ? {} : { httpStatus: reply.httpStatus }) };
		case 'answered':
			break;
	}
	const { httpStatus, json, text, headers } = reply;
	if (httpStatus === 401 || (httpStatus === 403 && isOfApi(json))) return { is: 'barred', answer: json, httpStatus, text };
	if (httpStatus === 403) return { is: 'deflected', how: 'forbidden', httpStatus, text };
	if (httpStatus === 429) return { is: 'limited', httpStatus, retryAfter: header(headers, 'retry-after') };
	if (httpStatus >= 300 && httpStatus < 400) {
		const is = httpStatus === 303 || httpStatus === 304 ? 'elsewhere' : 'deflected';
		return { is, how: 'redirected', httpStatus, location: header(headers, 'location') ?? '' };
	}
	if (httpStatus === 404 && json === undefined) return { is: 'deflected', how: 'misdirected', httpStatus, text };
	// 408: the server gave up on a request that it may have read.
	if (httpStatus >= 400 && httpStatus < 500 && httpStatus !== 408) return { is: 'rejected', answer: json, httpStatus, text };
	if (httpStatus < 200 || httpStatus >= 300) return { is: 'unknown', code: `HTTP_${httpStatus}`, httpStatus, text };
	if (json === undefined) return { is: 'unknown', code: 'NOT_JSON', httpStatus, text };
	return judgeAnswer(expected.kind === 'gift' ? json : inSmallLetters(json), expected, httpStatus);
}

/**
 * What `request/status` says about an earlier request:
 * - `success`, `process`, `error`: what its `request_status` says, where that is documented;
 * - `ambiguous`: `status` and `request_status` are both "error", so either the request failed or asking did;
 * - `vague`: another error that may be the question's own, or mean that the request is not known;
 * - `notKnown`: the API says that it does not know the request;
 * - `other`: it is about another request. `otherTransaction`: perhaps so, since nobody documents whether a refund's answer names the
 *   transaction refunded or one of its own;
 * - `turnedAway`: the question came back from the API's host or from before it, and so did every request of this credential in this
 *   run. `cutOff`: as this, but others were let through;
 * - `noAnswer`: nothing that counts. Asking again may help, after `limited` too, but not after the two above or `blocked`.
 */
export type Lookup =
	| { is: RequestState | 'ambiguous' | 'vague' | 'notKnown' | 'other'; answer: JsonObject; httpStatus: number }
	| { is: 'otherTransaction'; answer: JsonObject; httpStatus: number; says: RequestState | 'ambiguous' }
	| { is: 'limited'; verdict: Verdict & { is: 'limited' } }
	| { is: 'blocked'; verdict: Verdict & { is: 'blocked' } }
	| { is: 'noAnswer' | 'turnedAway' | 'cutOff' | 'cancelled'; verdict: Verdict };

/** Whom a command is about: ids by what they name, as far as an answer of `request/status` names it too. */
export type About = Readonly<Partial<Record<SubjectName, string>>>;

/** Where such an answer names whom it is about. */
const NAMED = namedSubjects.map(({ name, namedIn }) => ({ name, ...namedIn }));

function codeOf(answer: JsonObject | undefined): string {
	const code = answer?.error_code;
	return typeof code === 'string' || typeof code === 'number' ? String(code) : '';
}

function textIds(values: readonly unknown[]): string[] {
	return values.filter((value) => typeof value === 'string' || typeof value === 'number').map((value) => String(value).toLowerCase());
}

/** Whether an answer names somebody else, and nobody whom the command is about. */
function namesAnother(answer: JsonObject, about: About): 'other' | 'otherTransaction' | undefined {
	const named = NAMED.flatMap(({ name, path, isSure }) => {
		const ours = about[name];
		const theirs = ours === undefined ? [] : textIds(idsAt(answer, path));
		return ours === undefined || theirs.length === 0 ? [] : [{ ours, theirs, isSure }];
	});
	if (named.length === 0 || named.some(({ ours, theirs }) => theirs.includes(ours.toLowerCase()))) return undefined;
	return named.some(({ isSure }) => isSure) ? 'other' : 'otherTransaction';
}

/** The ids that an answer has at a path, through a list on its way; or without that list, as an answer to the command itself may. */
function idsAt(answer: JsonObject, path: readonly string[]): unknown[] {
	const [first = '', second] = path;
	if (second === undefined) return [answer[first]];
	const list = answer[first];
	return Array.isArray(list) ? list.map((entry: unknown) => (entry as JsonObject | null)?.[second]) : [answer[second]];
}

/** Whether an answer is about a request; undefined when it names none. */
function isAboutRequest({ request_id: named }: JsonObject, requestId: string | undefined): boolean | undefined {
	if (typeof named !== 'string' || requestId === undefined) return undefined;
	return named.length === requestId.length && named.toLowerCase() === requestId.toLowerCase();
}

function statedOf(answer: JsonObject): RequestState | 'ambiguous' | undefined {
	const { status, request_status: requestStatus } = statesOf(answer);
	if (requestStatus === 'error') return status === 'error' ? 'ambiguous' : 'error';
	return status === 'error' || requestStatus === 'undocumented' ? undefined : requestStatus;
}

/**
 * Reads the answer of `request/status` about a request. How it answers for an unknown id is not documented: an error may mean so,
 * which is safe to believe, since a repeat that the API does know is refused and not processed.
 * @param wasLetThrough whether the API answered any request of this credential in this run
 */
export function judgeLookup(reply: Reply, requestId: string, about: About, wasLetThrough: boolean): Lookup {
	const verdict = judge(reply, { kind: 'request', isRead: true });
	switch (verdict.is) {
		case 'cancelled':
			return { is: 'cancelled', verdict };
		case 'limited':
			return { is: 'limited', verdict };
		case 'barred':
		case 'deflected':
		case 'elsewhere':
			return { is: wasLetThrough ? 'cutOff' : 'turnedAway', verdict };
		case 'blocked':
			return { is: 'blocked', verdict };
		case 'notSent':
		case 'unknown':
			return { is: 'noAnswer', verdict };
		case 'rejected':
			if (verdict.answer === undefined) return { is: 'noAnswer', verdict };
			break;
		default:
			break;
	}
	const { answer } = verdict as { answer: JsonObject };
	const httpStatus = 'httpStatus' in verdict ? verdict.httpStatus : 200;
	if (isAboutRequest(answer, requestId) === false) return { is: 'other', answer, httpStatus };
	if (verdict.is === 'rejected') {
		const isNotKnown = verdict.httpStatus === 404 || codeOf(answer) === E_MONEY_CODES.requestNotFound.code;
		return { is: isNotKnown ? 'notKnown' : 'vague', answer, httpStatus };
	}
	const stated = statedOf(answer);
	if (verdict.is === 'failed' && stated !== 'error' && codeOf(answer) === E_MONEY_CODES.requestNotFound.code) return { is: 'notKnown', answer, httpStatus };
	if (stated === undefined) return verdict.is === 'failed' ? { is: 'vague', answer, httpStatus } : { is: 'noAnswer', verdict };
	const another = namesAnother(answer, about);
	if (another === 'otherTransaction') return { is: another, answer, httpStatus, says: stated };
	return { is: another ?? stated, answer, httpStatus };
}

/** No time is longer. */
const LONGEST_TIME = 64;

/** The moment that an answer's `dt` names, in milliseconds since 1970; undefined when it names none. */
export function timeOf(answer: JsonObject | undefined): number | undefined {
	const time = typeof answer?.dt === 'string' && answer.dt.length <= LONGEST_TIME ? Date.parse(answer.dt) : Number.NaN;
	return Number.isNaN(time) ? undefined : time;
}

/** How much older an outcome must be to be from before. The API's times are in whole seconds. */
const CLEARLY_OLDER_MS = 1_500;

/**
 * Whether what is known under a request id is clearly from before a time. Only FreedomPay's own times are compared with each other.
 * @param time in milliseconds since 1970; undefined when FreedomPay told none
 */
export function isOlderThan(known: JsonObject, time: number | undefined): boolean {
	const knownAt = timeOf(known);
	return time !== undefined && knownAt !== undefined && time - knownAt > CLEARLY_OLDER_MS;
}

/** How much of the API's words is looked at. */
const LOOKED_AT = 500;

/**
 * Whether a refusal says that the request id was used before. How FreedomPay says so is not documented: by the code of the sibling
 * E-Money API, by HTTP 409 (Conflict), or in words.
 */
export function speaksOfRepeat(verdict: Verdict | undefined): boolean {
	if (verdict?.is !== 'failed' && verdict?.is !== 'rejected') return false;
	if (verdict.httpStatus === 409 || codeOf(verdict.answer) === E_MONEY_CODES.requestIdNotUnique.code) return true;
	const words = verdict.answer?.error_description;
	return typeof words === 'string' && SAYS_REPEATED.test(words.slice(0, LOOKED_AT).toLowerCase());
}

/**
 * Whether the failure that is known under a request id is an earlier one, rather than the refusal that was just answered: when this
 * speaks of a repeat, or is clearly later by FreedomPay's own times. Texts tell nothing: they may hold what differs each time.
 */
export function isEarlierThan(refusal: Verdict & { is: 'failed' | 'rejected' }, known: JsonObject): boolean {
	return speaksOfRepeat(refusal) || isOlderThan(known, timeOf(refusal.answer));
}
