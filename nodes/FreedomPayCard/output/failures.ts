import type { Decided, Failure } from '../delivery/deliver';
import type { JsonObject } from '../delivery/exactJson';
import type { Verdict } from '../delivery/judge';
import { GIFT_STATUSES } from '../methods/giftCard/statuses';
import { retryClassOf, type Plan } from './plan';
import { maskAnswer, maskText, secretsOf } from './secrets';

/** How much of an answer that is no JSON is shown. */
const SNIPPET_LENGTH = 200;

/** A failed item, in words and in fields. */
export interface Told {
	/** What happened. */
	message: string;
	/** What to do next. */
	description: string;
	/** `details` of the error output. */
	details: JsonObject;
	httpCode: string | undefined;
}

function snippet(text: string, secrets: readonly string[]): string {
	const plainText = text.replace(/<(style|script)\b[\s\S]*?<\/\1>/gi, ' ').replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ').trim();
	return maskText(plainText, secrets).slice(0, SNIPPET_LENGTH);
}

function apiWords(answer: JsonObject | undefined, secrets: readonly string[]): string {
	const { error_description: text, error_code: code } = answer ?? {};
	const words = typeof text === 'string' && text !== '' ? maskText(text, secrets) : '';
	const number = typeof code === 'number' || typeof code === 'string' ? String(code) : '';
	if (words === '') return number === '' ? '' : `error ${number}`;
	return number === '' ? words : `${words} (error ${number})`;
}

function giftWords(answer: JsonObject): string {
	const known = GIFT_STATUSES[String(answer.status)];
	return known === undefined ? `status ${String(answer.status)}` : `${known} (status ${String(answer.status)})`;
}

function answerOf(verdict: Verdict): JsonObject | undefined {
	return 'answer' in verdict ? verdict.answer : undefined;
}

/** The host that a redirect leads to; its path is none of the user's business and may repeat the request. */
function hostOf(location: string): string {
	return URL.canParse(location) ? new URL(location).host : '';
}

function lookupWords(lookup: Decided | undefined): string {
	switch (lookup?.is) {
		case 'known':
			return `request_status is "${String(lookup.verdict.answer.request_status)}"`;
		case 'notKnown':
			return 'FreedomPay does not know the request';
		default:
			return 'asking for its status gave no answer';
	}
}

/** What to do about a command whose outcome nobody knows. */
function howToCheck({ method, requestId }: Plan): string {
	if (requestId !== undefined) {
		const rerun =
			requestId.by === 'node'
				? 'A new execution would send a new request ID, which FreedomPay could not recognise as a repeat.'
				: 'Running it again with the same Request ID is safe: FreedomPay does not process a request ID twice.';
		return `Before repeating it, look the request up with Request > Get Status and the request ID ${requestId.id}, or ask FreedomPay about it. ${rerun}`;
	}
	if (method.answers === 'gift') {
		return 'Do not confirm again blindly. Check the gift card first: ask FreedomPay for its status, or look whether the customer can use it. If you confirm again after all, the answer "already activated" (status -10) means that the first confirmation worked.';
	}
	return 'Do not repeat it blindly: it has no request ID, so FreedomPay cannot tell a repeat. Ask FreedomPay, or check the card first.';
}

const RERUN_IS_SAFE = 'Nothing was carried out, so running it again is safe.';

/** Says what a verdict means for people. */
function words(failure: Failure, plan: Plan, secrets: readonly string[], keyHint: string): Pick<Told, 'message' | 'description'> {
	const { verdict, effect, lookup, alreadyUsed } = failure;
	const { method, requestId } = plan;
	const isRead = retryClassOf(method) === 'read';
	if (alreadyUsed === true) {
		return {
			message: 'The Request ID is already used for another request',
			description: `FreedomPay refused it${quoted(apiWords(answerOf(verdict), secrets))}, and says about the earlier request: ${lookupWords(lookup)}. Whether that was the same command cannot be told from a UUID. Look it up with Request > Get Status, and use another Request ID for a new command.`,
		};
	}
	if (verdict.is === 'cancelled') {
		return effect === 'unknown'
			? { message: 'The execution was canceled before FreedomPay answered', description: `It is unknown whether the command was carried out. ${howToCheck(plan)}` }
			: { message: 'The execution was canceled before the request was sent', description: RERUN_IS_SAFE };
	}
	if (effect === 'unknown') {
		const asked = requestId === undefined ? '' : `, and ${lookupWords(lookup)}`;
		return {
			message: `It is unknown whether FreedomPay carried out the command (${method.name}). Check before you repeat it`,
			description: `${reasonOf(verdict)}${asked}. ${howToCheck(plan)}`,
		};
	}
	switch (verdict.is) {
		case 'notSent':
			return {
				message: 'FreedomPay could not be reached, so nothing was sent',
				description: `Check the network, and the Environment and Base URL of the credential (${verdict.code || verdict.reason}). ${RERUN_IS_SAFE}`,
			};
		case 'limited':
			return {
				message: "FreedomPay's rate limit stopped the request",
				description: `It was turned away each time (HTTP 429). Lower Max Parallel Requests, or run it later. ${RERUN_IS_SAFE}`,
			};
		case 'barred':
			return {
				message: `FreedomPay refused the credential (HTTP ${verdict.httpStatus})${quoted(apiWords(verdict.answer, secrets))}`,
				description: `Check the Environment, Auth ID, Partner Key and Signature Algorithm of the FreedomPay API credential, and that FreedomPay allows this method for you.${keyHint} No further item was started.`,
			};
		case 'redirected':
			return {
				message: `FreedomPay's host redirects to ${hostOf(verdict.location) || 'another address'}, which is not followed`,
				description: `A signed request goes to the host of the credential only (HTTP ${verdict.httpStatus}). Check the Environment and Base URL of the credential.`,
			};
		case 'misdirected':
			return {
				message: `The host does not know the path ${method.path} (HTTP 404)`,
				description: 'Check the Environment and Base URL of the credential, and the path of a custom request.',
			};
		case 'rejected':
			return {
				message: `FreedomPay rejected the request (HTTP ${verdict.httpStatus})${quoted(apiWords(verdict.answer, secrets))}`,
				description: 'Check the fields of this item against what FreedomPay says in the details.',
			};
		case 'failed':
			return {
				message: `FreedomPay answered that the request failed: ${method.answers === 'gift' ? giftWords(verdict.answer) : apiWords(verdict.answer, secrets) || 'no reason given'}`,
				description: 'Check the fields of this item, and the state of the card or client at FreedomPay.',
			};
		default:
			return {
				message: isRead ? 'FreedomPay gave no usable answer' : 'FreedomPay did not carry out the request',
				description: `${reasonOf(verdict)}. Run it again later.`,
			};
	}
}

function quoted(text: string): string {
	return text === '' ? '' : `: ${text}`;
}

function reasonOf(verdict: Verdict): string {
	switch (verdict.is) {
		case 'unknown':
			switch (verdict.code) {
				case 'TIMEOUT':
					return 'No whole answer came within the Request Timeout';
				case 'NOT_JSON':
					return 'The answer could not be read';
				case 'NO_STATUS':
					return 'The answer tells no status';
				case 'ANSWER_TOO_LARGE':
					return 'The answer was larger than 10 MB and was cut off';
				default:
					return verdict.httpStatus === undefined || verdict.httpStatus < 300
						? 'The connection broke before the whole answer was in'
						: `FreedomPay's server answered with HTTP ${verdict.httpStatus}`;
			}
		case 'limited':
			return 'A repeat was turned away by the rate limit';
		case 'notSent':
			return 'An earlier try may have arrived, and FreedomPay could not be reached again';
		default:
			return 'FreedomPay refused a repeat of the request';
	}
}

const OUTCOMES: Readonly<Record<Failure['effect'], string>> = {
	notSent: 'not sent',
	rejected: 'rejected',
	failed: 'failed',
	unknown: 'unknown',
};

/**
 * Describes a failed item: message, advice, and the details of the error output.
 * @param ids the ids that were sent, as in an output item
 * @param keyHint a remark on the credential, for when it is refused
 */
export function describeFailure(failure: Failure, plan: Plan, ids: JsonObject, keyHint: string): Told {
	const secrets = secretsOf(plan.method.fields, plan.body);
	const { verdict, lookup } = failure;
	const { message, description } = words(failure, plan, secrets, keyHint);
	const httpStatus = 'httpStatus' in verdict ? verdict.httpStatus : undefined;
	const text = 'text' in verdict && answerOf(verdict) === undefined ? (verdict.text ?? '') : '';
	const answer = answerOf(verdict);
	return {
		message,
		description,
		httpCode: httpStatus === undefined || httpStatus < 300 ? undefined : String(httpStatus),
		details: {
			...ids,
			outcome: OUTCOMES[failure.effect],
			...(httpStatus === undefined ? {} : { http_status: httpStatus }),
			...('code' in verdict && verdict.code !== '' ? { code: verdict.code } : {}),
			...(answer === undefined ? {} : { answer: maskDeep(answer, secrets) }),
			...(snippet(text, secrets) === '' ? {} : { response: snippet(text, secrets) }),
			...(lookup === undefined || lookup.is === 'unanswered' ? {} : { request_status_answer: maskDeep(lookup.is === 'known' ? lookup.verdict.answer : lookup.answer, secrets) }),
			next_step: description,
		},
	};
}

/** A refusing answer for people: as {@link maskAnswer}, and its texts without the secrets that they may quote. */
function maskDeep(answer: JsonObject, secrets: readonly string[]): unknown {
	const masked = maskAnswer(answer, secrets) as JsonObject;
	return Object.fromEntries(
		Object.entries(masked).map(([key, value]) => [key, typeof value === 'string' ? maskText(value, secrets) : value]),
	);
}
