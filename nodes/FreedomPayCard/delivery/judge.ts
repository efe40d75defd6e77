import type { AnswerKind } from '../methods/define';
import type { Reply } from './attempt';
import type { JsonObject } from './exactJson';

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
	/** 401 or 403: the credential, so no other request will fare better. */
	| { is: 'barred'; answer: JsonObject | undefined; httpStatus: number; text: string }
	/** 404 from something that does not speak the API: no such path, or not the API's host. */
	| { is: 'misdirected'; httpStatus: number; text: string }
	/** 3xx: not followed. */
	| { is: 'redirected'; httpStatus: number; location: string }
	/** 429. `retryAfter` is the header as it came. */
	| { is: 'limited'; httpStatus: number; retryAfter: string | undefined }
	/** Never left the machine. */
	| { is: 'notSent'; code: string; reason: string }
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

/** Reads a readable answer of HTTP 2xx. */
function judgeAnswer(answer: JsonObject, kind: AnswerKind, httpStatus: number, isRead: boolean): Verdict {
	if (kind === 'gift') {
		const status = integerOf(answer.status);
		if (status === undefined) return { is: 'unknown', code: 'NO_STATUS', httpStatus };
		return status === 0 ? { is: 'done', answer, odd: false } : { is: 'failed', answer, httpStatus };
	}
	const { status, request_status: requestStatus } = answer;
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
			return { is: 'notSent', code: reply.code, reason: reply.reason };
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

/** How safely a method can be sent again. */
export type RetryClass =
	/** A command with a request id: the API refuses a repeat, and can be asked. */
	| 'command'
	/** Changes nothing. */
	| 'read'
	/** A command without a request id: can be neither repeated nor asked for. */
	| 'once';

export type Step = 'report' | 'sendAgain' | 'wait' | 'ask' | 'poll';

/** What to do next: design rule by design rule, the only place that decides to send again. */
const NEXT: Readonly<Record<Verdict['is'], Readonly<Record<RetryClass, Step>>>> = {
	notSent: { command: 'sendAgain', read: 'sendAgain', once: 'sendAgain' },
	unknown: { command: 'ask', read: 'sendAgain', once: 'report' },
	limited: { command: 'wait', read: 'wait', once: 'wait' },
	barred: { command: 'report', read: 'report', once: 'report' },
	redirected: { command: 'report', read: 'report', once: 'report' },
	misdirected: { command: 'report', read: 'report', once: 'report' },
	// The refusal may be about a repeat of our own earlier request.
	rejected: { command: 'ask', read: 'report', once: 'report' },
	failed: { command: 'ask', read: 'report', once: 'report' },
	processing: { command: 'poll', read: 'report', once: 'report' },
	done: { command: 'report', read: 'report', once: 'report' },
	cancelled: { command: 'report', read: 'report', once: 'report' },
};

/** The next step after a verdict. */
export function nextStep(verdict: Verdict, retryClass: RetryClass): Step {
	return NEXT[verdict.is][retryClass];
}

/** What `request/status` says about an earlier request. */
export type Lookup =
	| { is: 'known'; verdict: Verdict & { is: 'done' | 'processing' | 'failed' } }
	/**
	 * `status` and `request_status` are both "error": either the request failed, or asking did. The
	 * documentation does not tell them apart.
	 */
	| { is: 'ambiguous'; verdict: Verdict & { is: 'failed' } }
	/** The API does not know the id, or answers an error that may mean so. */
	| { is: 'notKnown'; answer: JsonObject }
	/** Asking gave no usable answer. */
	| { is: 'unanswered'; verdict: Verdict };

/**
 * Reads the answer of `request/status` about `requestId`. How it answers an unknown id is not
 * documented: an error counts as "not known", which is safe, since a repeat that the API does know is
 * refused and not processed.
 */
export function judgeLookup(reply: Reply, requestId: string): Lookup {
	const verdict = judge(reply, 'request', false);
	switch (verdict.is) {
		case 'done':
		case 'processing':
			if (typeof verdict.answer.request_id === 'string' && verdict.answer.request_id.toLowerCase() !== requestId.toLowerCase()) {
				return { is: 'unanswered', verdict };
			}
			// Its status word says nothing about the request without the request's own.
			if (verdict.answer.request_status === undefined) return { is: 'unanswered', verdict };
			return { is: 'known', verdict };
		case 'failed':
			if (verdict.answer.request_status !== 'error') return { is: 'notKnown', answer: verdict.answer };
			return verdict.answer.status === 'ok' ? { is: 'known', verdict } : { is: 'ambiguous', verdict };
		case 'rejected':
			return verdict.answer === undefined ? { is: 'unanswered', verdict } : { is: 'notKnown', answer: verdict.answer };
		default:
			return { is: 'unanswered', verdict };
	}
}
