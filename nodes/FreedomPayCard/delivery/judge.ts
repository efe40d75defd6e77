import type { AnswerKind } from '../methods/define';
import type { JsonObject } from '../json/exactJson';
import type { Hindrance, Reply } from './attempt';

/** What a reply says about the request that it answers. */
export type Verdict =
	/** Carried out. `odd` marks an answer whose status word is not documented. */
	| { is: 'done'; answer: JsonObject; odd: boolean }
	/** Accepted and still being processed. */
	| { is: 'processing'; answer: JsonObject }
	/** The API answered that it failed. */
	| { is: 'failed'; answer: JsonObject; httpStatus: number }
	/** Another 4xx. */
	| { is: 'rejected'; answer: JsonObject | undefined; httpStatus: number; text: string }
	/** 401 or 403: the credential, so no other request with it will fare better. */
	| { is: 'barred'; answer: JsonObject | undefined; httpStatus: number; text: string }
	/** 404 from something that does not speak the API: no such path, or not the API's host. */
	| { is: 'misdirected'; httpStatus: number; text: string }
	/** 3xx: not followed. */
	| { is: 'redirected'; httpStatus: number; location: string }
	/** 429. `retryAfter` is the header as it came. */
	| { is: 'limited'; httpStatus: number; retryAfter: string | undefined }
	/** Never left the machine, or got no further than a proxy. */
	| ({ is: 'notSent' } & Hindrance)
	/** As `notSent`, and the next one will fare no better. */
	| ({ is: 'blocked' } & Hindrance)
	/** May have been carried out. */
	| { is: 'unknown'; code: string; httpStatus?: number; text?: string }
	| { is: 'cancelled'; sent: boolean };

function header(headers: Readonly<Record<string, unknown>>, name: string): string | undefined {
	const value = headers[name];
	return typeof value === 'string' ? value : undefined;
}

function integerOf(value: unknown): number | undefined {
	const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
	return typeof number === 'number' && Number.isInteger(number) ? number : undefined;
}

/** A status word, in small letters: a sibling API answers in capitals. Undefined when there is none. */
function wordOf(value: unknown): string | undefined {
	if (value === undefined || value === null) return undefined;
	const word = typeof value === 'string' ? value.trim().toLowerCase() : JSON.stringify(value);
	return word === '' ? undefined : word;
}

/** Reads a readable answer of HTTP 2xx. */
function judgeAnswer(answer: JsonObject, kind: AnswerKind, httpStatus: number, isRead: boolean): Verdict {
	if (kind === 'gift') {
		const status = integerOf(answer.status);
		if (status === undefined) return { is: 'unknown', code: 'NO_STATUS', httpStatus };
		return status === 0 ? { is: 'done', answer, odd: false } : { is: 'failed', answer, httpStatus };
	}
	const [status, requestStatus] = [wordOf(answer.status), wordOf(answer.request_status)];
	if (status === 'error' || requestStatus === 'error') return { is: 'failed', answer, httpStatus };
	if (requestStatus === 'process') return { is: 'processing', answer };
	// Without any status a command cannot be called done; a read has what it asked for.
	if (status === undefined && requestStatus === undefined && !isRead) return { is: 'unknown', code: 'NO_STATUS', httpStatus };
	const odd = (status !== undefined && status !== 'ok') || (requestStatus !== undefined && requestStatus !== 'success');
	return { is: 'done', answer, odd };
}

/**
 * Says what a reply means.
 * @param kind how the method's answers tell their outcome
 * @param isRead whether the method changes nothing
 */
export function judge(reply: Reply, kind: AnswerKind, isRead: boolean): Verdict {
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
	if (httpStatus === 401 || httpStatus === 403) return { is: 'barred', answer: json, httpStatus, text };
	if (httpStatus === 429) return { is: 'limited', httpStatus, retryAfter: header(headers, 'retry-after') };
	if (httpStatus >= 300 && httpStatus < 400) {
		return { is: 'redirected', httpStatus, location: header(headers, 'location') ?? '' };
	}
	if (httpStatus === 404 && json === undefined) return { is: 'misdirected', httpStatus, text };
	// 408: the server gave up on a request that it may have read.
	if (httpStatus >= 400 && httpStatus < 500 && httpStatus !== 408) return { is: 'rejected', answer: json, httpStatus, text };
	if (httpStatus < 200 || httpStatus >= 300) return { is: 'unknown', code: `HTTP_${httpStatus}`, httpStatus, text };
	if (json === undefined) return { is: 'unknown', code: 'NOT_JSON', httpStatus, text };
	return judgeAnswer(json, kind, httpStatus, isRead);
}

/**
 * What `request/status` says about an earlier request:
 * - `success`, `process`, `error`: its documented `request_status`;
 * - `ambiguous`: `status` and `request_status` are both "error", so either the request failed or asking did;
 * - `vague`: another error that may be the question's own, or mean that the request is not known;
 * - `notKnown`: the API says that it does not know the request;
 * - `other`: it is about another request. `otherTransaction`: perhaps so, since nobody documents whether a refund's answer names the
 *   transaction refunded or one of its own;
 * - `noAnswer`: nothing that counts. Asking again may help, after `limited` too, but not after `turnedAway` or `blocked`.
 */
export type Lookup =
	| { is: Known | 'ambiguous' | 'vague' | 'notKnown' | 'other'; answer: JsonObject; httpStatus: number }
	| { is: 'otherTransaction'; answer: JsonObject; httpStatus: number; says: Known | 'ambiguous' }
	| { is: 'limited'; verdict: Verdict & { is: 'limited' } }
	| { is: 'blocked'; verdict: Verdict & { is: 'blocked' } }
	| { is: 'noAnswer' | 'turnedAway' | 'cancelled'; verdict: Verdict };

/** The documented words of `request_status`. */
type Known = 'success' | 'process' | 'error';

/** Whom a command is about, by the names that an answer of `request/status` uses. */
export interface About {
	card: string | undefined;
	client: string | undefined;
	transaction: string | undefined;
}

/** "Request not found" in the sibling E-Money API. The Card API's own codes are not documented. */
const REQUEST_NOT_FOUND = '1006';

/** "Request id is not unique" there. */
const REQUEST_ID_NOT_UNIQUE = '1002';

function codeOf(answer: JsonObject | undefined): string {
	const code = answer?.error_code;
	return typeof code === 'string' || typeof code === 'number' ? String(code) : '';
}

function textIds(values: readonly unknown[]): string[] {
	return values.filter((value) => typeof value === 'string' || typeof value === 'number').map((value) => String(value).toLowerCase());
}

/** Whether an answer names somebody else, and nobody whom the command is about. */
function namesAnother(answer: JsonObject, { card, client, transaction }: About): 'other' | 'otherTransaction' | undefined {
	const cards = Array.isArray(answer.cards) ? answer.cards.map((entry: unknown) => (entry as JsonObject | null)?.card_id) : [];
	const named = [
		{ ours: card, theirs: textIds(cards), isSure: true },
		{ ours: client, theirs: textIds([answer.client_id]), isSure: true },
		{ ours: transaction, theirs: textIds([answer.transaction_id]), isSure: false },
	].filter(({ ours, theirs }) => ours !== undefined && theirs.length > 0);
	if (named.length === 0 || named.some(({ ours = '', theirs }) => theirs.includes(ours.toLowerCase()))) return undefined;
	return named.some(({ isSure }) => isSure) ? 'other' : 'otherTransaction';
}

function statedOf(answer: JsonObject): Known | 'ambiguous' | undefined {
	const [status, requestStatus] = [wordOf(answer.status), wordOf(answer.request_status)];
	if (requestStatus === 'error') return status === 'error' ? 'ambiguous' : 'error';
	if (status === 'error') return undefined;
	return requestStatus === 'success' || requestStatus === 'process' ? requestStatus : undefined;
}

/**
 * Reads the answer of `request/status` about a request. How it answers for an unknown id is not documented: an error may mean so,
 * which is safe to believe, since a repeat that the API does know is refused and not processed.
 */
export function judgeLookup(reply: Reply, requestId: string, about: About): Lookup {
	const verdict = judge(reply, 'request', true);
	switch (verdict.is) {
		case 'cancelled':
			return { is: 'cancelled', verdict };
		case 'limited':
			return { is: 'limited', verdict };
		case 'barred':
		case 'redirected':
		case 'misdirected':
			return { is: 'turnedAway', verdict };
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
	const asked = answer.request_id;
	if (typeof asked === 'string' && asked.toLowerCase() !== requestId.toLowerCase()) return { is: 'other', answer, httpStatus };
	if (verdict.is === 'rejected') {
		const isNotKnown = verdict.httpStatus === 404 || codeOf(answer) === REQUEST_NOT_FOUND;
		return { is: isNotKnown ? 'notKnown' : 'vague', answer, httpStatus };
	}
	const stated = statedOf(answer);
	if (verdict.is === 'failed' && stated !== 'error' && codeOf(answer) === REQUEST_NOT_FOUND) return { is: 'notKnown', answer, httpStatus };
	if (stated === undefined) return verdict.is === 'failed' ? { is: 'vague', answer, httpStatus } : { is: 'noAnswer', verdict };
	const another = namesAnother(answer, about);
	if (another === 'otherTransaction') return { is: another, answer, httpStatus, says: stated };
	return { is: another ?? stated, answer, httpStatus };
}

/** The moment that an answer's `dt` names, in milliseconds since 1970; undefined when it names none. */
export function timeOf(answer: JsonObject | undefined): number | undefined {
	const time = typeof answer?.dt === 'string' ? Date.parse(answer.dt) : Number.NaN;
	return Number.isNaN(time) ? undefined : time;
}

/** How much older an outcome must be than a refusal to be from before it. The API's times are in whole seconds. */
const CLEARLY_OLDER_MS = 1_500;

/**
 * Whether the failure that is known under a request id is an earlier one, rather than the refusal that was just answered. The
 * documentation has nothing to tell them by, so this goes by what differs between the two answers.
 */
export function isEarlierThan(refusal: JsonObject | undefined, known: JsonObject): boolean {
	if (codeOf(refusal) === REQUEST_ID_NOT_UNIQUE) return true;
	const [refused, before] = [refusal?.error_description, known.error_description];
	if (typeof refused === 'string' && typeof before === 'string') return refused !== before;
	const [refusedAt, knownAt] = [timeOf(refusal), timeOf(known)];
	return refusedAt !== undefined && knownAt !== undefined && refusedAt - knownAt > CLEARLY_OLDER_MS;
}
