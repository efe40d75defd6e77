import type { Hindrance } from '../../card-api/delivery/attempt';
import { speaksOfRepeat, type Deflection, type Lookup, type Verdict } from '../../card-api/delivery/judge';
import type { DeliveryFailure } from '../../card-api/delivery/protocol';
import type { Plan } from '../input/plan';
import type { JsonObject } from '../../card-api/json/exactJson';
import { holdsSecret } from '../../card-api/methods/define';
import { giftStatusOf } from '../../card-api/methods/giftCard/statuses';
import { REQUEST_STATUS_PATH } from '../../card-api/methods/paths';
import type { CauseWord } from '../../card-api/methods/refusals';
import type { Words } from '../../card-api/text/words';
import { credentialInWords, type Failed, type NamedCause, type ToldRoute } from './ending';
import { sentIds } from './items';
import { causeOfRefusal, howToCheck, howToFollow, RERUN_IS_SAFE, stepAfterLostRead, stepAfterRefusal, type Refused } from './nextSteps';
import { causeOfHindrance, outcomeOf, type FailedOutcome } from './outcomes';
import { maskAnswer, maskText, secretsOf } from './secrets';

/** How much of an answer that is no JSON is shown, and how much of it is looked at for that. */
const SNIPPET_LENGTH = 200;
const LOOKED_AT = 4_000;

/** How much of the API's own words a message quotes. */
const QUOTE_LENGTH = 500;

/** What the description of a failure depends on. */
interface Case {
	failure: DeliveryFailure;
	plan: Plan;
	secrets: readonly string[];
	/** Whose credential it was sent with, for when that is refused. */
	route: ToldRoute;
}

/** `why`: where the words tell more than what was heard. */
type Reason = Words & { why?: CauseWord };

function snippet(text: string, secrets: readonly string[]): string {
	const plainText = text
		.slice(0, LOOKED_AT)
		.replace(/<(style|script)\b[^]*?<\/\1>/gi, ' ')
		.replace(/<[^<>]*>/g, ' ')
		.replace(/\s+/g, ' ')
		.trim();
	return maskText(plainText, secrets).slice(0, SNIPPET_LENGTH);
}

function apiWords(answer: JsonObject | undefined, secrets: readonly string[]): string {
	const { error_description: text, error_code: code } = answer ?? {};
	const words = typeof text === 'string' && text !== '' ? maskText(text.slice(0, QUOTE_LENGTH), secrets) : '';
	const number = typeof code === 'number' || typeof code === 'string' ? String(code).slice(0, QUOTE_LENGTH) : '';
	if (words === '') return number === '' ? '' : `error ${number}`;
	return number === '' ? words : `${words} (error ${number})`;
}

/** How much of a word of the API's is shown. */
const WORD_LENGTH = 40;

/** A word or number of an answer, for people. */
function wordIn(value: unknown, secrets: readonly string[]): string {
	return typeof value === 'string' || typeof value === 'number' ? maskText(String(value).slice(0, WORD_LENGTH), secrets) : '';
}

function giftWords(answer: JsonObject, secrets: readonly string[]): string {
	const status = wordIn(answer.status, secrets);
	const known = giftStatusOf(status);
	return known === undefined ? `status ${status}` : `${known.means} (status ${status})`;
}

/** The API's answer in what was heard, whether to the command or to a question about it. */
function answerOf(heard: Verdict | Lookup): JsonObject | undefined {
	if ('answer' in heard) return heard.answer;
	return 'verdict' in heard ? answerOf(heard.verdict) : undefined;
}

function quoted(text: string): string {
	return text === '' ? '' : `: ${text}`;
}

/** The host that a redirect leads to; its path is none of the user's business and may repeat the request. */
function hostOf(location: string): string {
	return URL.canParse(location) ? new URL(location).host : '';
}

function lookupWords(lookup: Lookup): string {
	switch (lookup.is) {
		case 'success':
		case 'process':
		case 'error':
			return `FreedomPay says about it: request_status is "${String(lookup.answer.request_status)}"`;
		case 'ambiguous':
		case 'vague':
			return 'FreedomPay answered the question about it with an error';
		case 'notKnown':
			return 'FreedomPay does not know the request';
		case 'other':
		case 'otherTransaction':
			return 'FreedomPay says that it is about another card, client or transaction';
		case 'turnedAway':
		case 'cutOff':
			return 'httpStatus' in lookup.verdict ? `asking for its status was refused (HTTP ${lookup.verdict.httpStatus})` : 'asking for its status was refused';
		case 'blocked':
			return 'asking for its status was not let through';
		case 'cancelled':
			return 'asking for its status was canceled';
		case 'limited':
		case 'noAnswer':
			return 'asking for its status gave no usable answer';
	}
}

/** What an answer says that tells no outcome. */
function unclearWords({ code, answer }: Verdict & { is: 'unclear' }, secrets: readonly string[]): string {
	if (code === 'OTHER_REQUEST') return "FreedomPay's answer is about another card, client or request";
	const words = (['status', 'request_status'] as const)
		.map((key) => ({ key, word: wordIn(answer[key], secrets) }))
		.filter(({ word }) => word !== '')
		.map(({ key, word }) => `${key} "${word}"`);
	return `FreedomPay answered with a status that its documentation does not list${words.length === 0 ? '' : ` (${words.join(', ')})`}`;
}

/** That something before the API may have kept the request from it. */
function deflectedWords({ how, httpStatus }: Deflection): string {
	const what = how === 'redirected' ? 'a redirect' : how === 'forbidden' ? 'a refusal that is not in the words of the API' : 'a page that is not of the API';
	return `The answer was ${what} (HTTP ${httpStatus}), from FreedomPay's host or something before it`;
}

/** Why a request has no usable answer. */
export function reasonOf(verdict: Verdict | undefined, secrets: readonly string[]): string {
	switch (verdict?.is) {
		case 'unknown':
			switch (verdict.code) {
				case 'TIMEOUT':
					return 'No whole answer came within the Request Timeout';
				case 'NOT_JSON':
					return 'The answer could not be read';
				case 'UNREADABLE':
					return `The answer could not be read (${maskText((verdict.text ?? '').slice(0, QUOTE_LENGTH), secrets)})`;
				case 'NO_STATUS':
					return 'The answer tells no status';
				case 'ANSWER_TOO_LARGE':
					return 'The answer was larger than 10 MB and was cut off';
				case 'EARLIER_TRY':
					return 'An earlier try of this execution sent it and learned no outcome, so it was not sent again';
				default:
					return verdict.httpStatus === undefined || verdict.httpStatus < 300
						? 'The connection broke before the whole answer was in'
						: `The answer was HTTP ${verdict.httpStatus}, from FreedomPay's server or a proxy before it`;
			}
		case 'unclear':
			return unclearWords(verdict, secrets);
		case 'deflected':
		case 'elsewhere':
			return deflectedWords(verdict);
		case 'limited':
			return 'A repeat was turned away by the rate limit';
		case 'notSent':
		case 'blocked':
			return 'An earlier try may have arrived, and FreedomPay could not be reached again';
		case undefined:
			return 'An earlier try of this execution sent it and learned no outcome';
		default:
			return 'FreedomPay refused a repeat of the request';
	}
}

/** Whose outcome it is, if an earlier request's. */
function earlierWords({ failure: { lookup }, secrets }: Case): string {
	const answer = lookup === undefined ? undefined : answerOf(lookup);
	const when = typeof answer?.dt === 'string' ? ` of ${maskText(answer.dt.slice(0, 40), secrets)}` : '';
	return `. This is the outcome of an earlier request${when}; nothing was done now`;
}

const isPage = (text: string) => /^\s*</.test(text.slice(0, LOOKED_AT));

/** Says that a request was refused by what may not be the API. */
function forbiddenWords({ httpStatus, text }: { httpStatus: number; text: string }): Words {
	const how = isPage(text) ? ' with a web page' : '';
	return {
		message: `The request was refused${how} (HTTP ${httpStatus}), by FreedomPay's host or by a proxy or firewall before it`,
		description: `See in the details whose ${isPage(text) ? 'page' : 'answer'} it is. If FreedomPay's: check the Environment, Auth ID and Partner Key of the FreedomPay API credential, and that FreedomPay allows your address.`,
	};
}

/** Says that FreedomPay turned the credential away. */
function barredWords(verdict: Verdict & { is: 'barred' }, { route, secrets }: Case): Words {
	if (verdict.answer === undefined && isPage(verdict.text)) {
		const { message, description } = forbiddenWords(verdict);
		return { message, description: `${description} No further item was started with it.` };
	}
	return {
		message: `FreedomPay refused the credential${credentialInWords(route)} (HTTP ${verdict.httpStatus})${quoted(apiWords(verdict.answer, secrets))}`,
		description: `Check the Environment, Auth ID, Partner Key and Signature Algorithm of the FreedomPay API credential, and that FreedomPay allows this method for you.${route.hint} No further item was started with it.`,
	};
}

const UNTRUSTED = new Set([
	'CERT_UNTRUSTED',
	'DEPTH_ZERO_SELF_SIGNED_CERT',
	'SELF_SIGNED_CERT_IN_CHAIN',
	'UNABLE_TO_GET_ISSUER_CERT',
	'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
	'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** Says what is wrong with the host's certificate; undefined where that did not keep the request from leaving. */
function certificateWords(code: string, host: string): Words | undefined {
	if (UNTRUSTED.has(code)) {
		return {
			message: `n8n does not trust the certificate of ${host}, so nothing was sent`,
			description: `No authority that n8n knows has signed it (${code}). If it is of your own company's authority, or of a proxy that looks into the traffic, name that authority's certificate (a PEM file) in NODE_EXTRA_CA_CERTS of n8n and start n8n again. Else check the Environment and Base URL of the credential.`, again: RERUN_IS_SAFE,
		};
	}
	if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') {
		return {
			message: `The certificate of ${host} ${code === 'CERT_HAS_EXPIRED' ? 'has expired' : 'is not valid yet'}, so nothing was sent`,
			description: `Check the date and time of the machine that n8n runs on (${code}). If they are right, whoever runs the host has to renew its certificate.`, again: RERUN_IS_SAFE,
		};
	}
	if (code === 'ERR_TLS_CERT_ALTNAME_INVALID' || code === 'HOSTNAME_MISMATCH') {
		return {
			message: `The certificate of ${host} is for another host name, so nothing was sent`,
			description: `Check the Environment and Base URL of the credential: the host that answers there is another one (${code}).`, again: RERUN_IS_SAFE,
		};
	}
	return undefined;
}

/** Says who kept a request from leaving, and what lets it pass. */
function hinderedWords({ is, by, code, reason, host, httpStatus }: { is: 'notSent' | 'blocked' } & Hindrance): Words {
	const status = httpStatus === undefined ? '' : ` (HTTP ${httpStatus})`;
	if (by === 'ssrfProtection') {
		// n8n takes ranges only.
		const range = host.startsWith('[') ? `${host.slice(1, -1)}/128` : `${host}/32`;
		const step = /^[\d.]+$|^\[/.test(host)
			? `Have N8N_SSRF_ALLOWED_IP_RANGES of n8n contain ${range}`
			: `Have N8N_SSRF_ALLOWED_HOSTNAMES of n8n name ${host}, or N8N_SSRF_ALLOWED_IP_RANGES contain its address (as 10.1.2.3/32)`;
		return { message: "n8n's SSRF protection blocked the request, so nothing was sent", description: `${step}, if that is the host you mean.`, again: RERUN_IS_SAFE };
	}
	if (by === 'file') {
		return {
			message: 'A file of the item could not be read again when it was to be sent, so nothing was sent',
			description: `${reason.replace(/\.$/, '')}. See that nothing changes or removes the files of an execution while it runs.`, again: RERUN_IS_SAFE,
		};
	}
	if (by !== 'proxy') {
		return certificateWords(code, host) ?? {
			message: 'FreedomPay could not be reached, so nothing was sent',
			description: `Check the network, and the Environment and Base URL of the credential (${code || reason}).`, again: RERUN_IS_SAFE,
		};
	}
	if (is === 'notSent') {
		return {
			message: `FreedomPay could not be reached through the proxy that n8n is set to use${status}, so nothing was sent`,
			description: `Check HTTPS_PROXY of n8n and the proxy itself (${code}).`, again: RERUN_IS_SAFE,
		};
	}
	if (httpStatus === undefined) {
		return {
			message: 'The address of the proxy that n8n is set to use is not valid, so nothing was sent',
			description: `Correct HTTPS_PROXY of n8n. Special characters in its name and password have to be percent-encoded.`, again: RERUN_IS_SAFE,
		};
	}
	const step = httpStatus === 407 ? 'Put its name and password into HTTPS_PROXY of n8n (http://name:password@proxy:port)' : `Have the proxy let n8n through to ${host}`;
	return {
		message: `The proxy that n8n is set to use refused the request${status}, so nothing was sent`,
		description: `${step}, or name ${host} in NO_PROXY if it can be reached without.`, again: RERUN_IS_SAFE,
	};
}

function redirectedWords({ httpStatus, location }: Deflection & { how: 'redirected' }): Words {
	return {
		message: `FreedomPay's host redirects to ${hostOf(location) || 'another address'}, which is not followed`,
		description: `A signed request goes to the host of the credential only (HTTP ${httpStatus}). Check the Environment and Base URL of the credential.`,
	};
}

function misdirectedWords(httpStatus: number, path: string, isTyped: boolean): Words {
	return {
		message: `The host does not know the path ${path} (HTTP ${httpStatus})`,
		description: isTyped
			? 'Check the Path, and the Environment and Base URL of the credential.'
			: 'Check the Environment and Base URL of the credential: the host that it names does not seem to be that of the API.',
	};
}

/** Says that something before the API turned a request away. */
function turnedAwayWords(verdict: Deflection, path: string, isTyped = false): Words {
	switch (verdict.how) {
		case 'redirected':
			return redirectedWords(verdict);
		case 'forbidden':
			return forbiddenWords(verdict);
		case 'misdirected':
			return misdirectedWords(verdict.httpStatus, path, isTyped);
	}
}

/** A UUID of the user's that was used before. */
function usedWords(lookup: Lookup, { failure: { verdict }, secrets }: Case): Words {
	const said = `${lookupWords(lookup)}${quoted(apiWords(answerOf(lookup), secrets))}`;
	const whose = lookup.is === 'other' ? '' : '. It may be this very command, sent before, or another one';
	return {
		message: `The Request ID is used already: ${said}${whose}`,
		description: `Nothing was ${verdict === undefined ? 'sent' : 'carried out'} now. A UUID does not tell which command it was used for: look it up with Request: Get Status. If it is another command, use another Request ID for this one.`,
	};
}

/** A request that could not be asked about, before anything was sent under its id. */
function uncheckedWords(lookup: Lookup, here: Case): Words {
	if ('verdict' in lookup && lookup.verdict.is === 'barred') return barredWords(lookup.verdict, here);
	if ('verdict' in lookup && (lookup.verdict.is === 'deflected' || lookup.verdict.is === 'elsewhere')) return turnedAwayWords(lookup.verdict, REQUEST_STATUS_PATH);
	if ('verdict' in lookup && (lookup.verdict.is === 'blocked' || lookup.verdict.is === 'notSent')) return hinderedWords(lookup.verdict);
	if (here.plan.requestId?.source !== 'typed') {
		return {
			message: 'FreedomPay could not be asked about the request, so nothing was sent',
			description: `An earlier request for the same was refused, so it is asked about before it is sent again, and ${lookupWords(lookup)}.`, again: RERUN_IS_SAFE,
		};
	}
	return {
		message: 'FreedomPay could not be asked whether the Request ID is used already, so nothing was sent',
		description: `A Request ID is asked about before it is sent, and ${lookupWords(lookup)}.`, again: RERUN_IS_SAFE,
	};
}

function unknownWords({ failure: { verdict, lookup }, plan, secrets }: Case): Words {
	const asked = lookup === undefined ? '' : `, and ${lookupWords(lookup)}`;
	return inDoubt(`It is unknown whether FreedomPay carried out the command (${plan.method.name}). Check before you repeat it`, `${reasonOf(verdict, secrets)}${asked}.`, plan);
}

function inDoubt(message: string, why: string, plan: Plan): Words {
	const { description, again } = howToCheck(plan);
	return { message, description: `${why} ${description}`, again };
}

/** What a failure that is the API's own word is called. */
function refusedWords(here: Case): Reason {
	const { failure, plan, secrets } = here;
	const { verdict, lookup, from } = failure;
	const found = lookup === undefined ? undefined : answerOf(lookup);
	// That a repeat is one is no reason of the first.
	const isRepeats = from !== 'answer' && found !== undefined && speaksOfRepeat(verdict);
	const own = verdict === undefined || isRepeats ? undefined : answerOf(verdict);
	// Once the API has a request, or where the answer was lost, what it says of it is the word that counts.
	const answers = (from === 'answer' && verdict?.is !== 'processing' ? [own ?? found] : [found, own]).filter((answer) => answer !== undefined);
	const isEarlier = from === 'earlier';
	const after = isEarlier ? earlierWords(here) : '';
	if (failure.effect === 'rejected' && verdict?.is === 'rejected') {
		const refused: Refused = { answer: verdict.answer ?? {}, isRejection: true, isEarlier };
		return {
			message: `FreedomPay rejected the request (HTTP ${verdict.httpStatus})${quoted(apiWords(verdict.answer, secrets))}${after}`,
			...stepAfterRefusal(refused, plan),
			why: causeOfRefusal(refused, plan),
		};
	}
	const isGift = plan.method.answers === 'gift';
	const answer = (isGift ? undefined : answers.find((each) => apiWords(each, secrets) !== '')) ?? answers[0] ?? {};
	const words = isGift ? giftWords(answer, secrets) : apiWords(answer, secrets) || 'no reason given';
	const refused: Refused = { answer, isRejection: false, isEarlier };
	return {
		message: `FreedomPay answered that the request failed: ${words}${after}`,
		...stepAfterRefusal(refused, plan),
		why: causeOfRefusal(refused, plan),
	};
}

/** Says what became of a failed item. */
function wordsFor(here: Case): Reason {
	const { failure, plan, secrets } = here;
	const { verdict, lookup, effect, from, recorded } = failure;
	if (from === 'another' && lookup !== undefined) return usedWords(lookup, here);
	if (verdict === undefined && lookup !== undefined && (effect === 'notSent' || effect === 'rejected')) {
		if (lookup.is === 'cancelled') return { message: 'The execution was canceled before the request was sent', description: '', again: RERUN_IS_SAFE };
		return uncheckedWords(lookup, here);
	}
	if (verdict?.is === 'cancelled') {
		return effect === 'unknown'
			? inDoubt('The execution was canceled before FreedomPay answered', 'It is unknown whether the command was carried out.', plan)
			: { message: 'The execution was canceled before the request was sent', description: '', again: RERUN_IS_SAFE };
	}
	if (effect === 'unknown') return unknownWords(here);
	if (recorded) return refusedWords(here);
	switch (verdict?.is) {
		case 'notSent':
		case 'blocked':
			return hinderedWords(verdict);
		case 'limited':
			return {
				message: "FreedomPay's rate limit stopped the request",
				description: `It was turned away each time (HTTP 429). Lower Max Parallel Requests, or run it later.`, again: RERUN_IS_SAFE,
			};
		case 'barred':
			return barredWords(verdict, here);
		case 'deflected':
		case 'elsewhere':
			return turnedAwayWords(verdict, plan.method.path, plan.method.resource === 'custom');
		case 'unknown':
			// Only a read ends so without being unknown: it changes nothing.
			if (effect === 'failed' && lookup === undefined) {
				return { message: 'FreedomPay gave no usable answer', description: `${reasonOf(verdict, secrets)}. ${stepAfterLostRead(verdict)}` };
			}
			return refusedWords(here);
		default:
			return refusedWords(here);
	}
}

/** What connecting to a host that is down gives. (A host that does not exist, or has another's certificate, may be a typing mistake.) */
const DOWN = new Set(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'EAI_AGAIN']);

/** What no whole answer came by, unlike one that cannot be read. */
const UNREADABLE = new Set(['NOT_JSON', 'NO_STATUS', 'ANSWER_TOO_LARGE']);

/**
 * Names the cause of a failure, from what was heard last. An unknown outcome has no name: n8n's are about trying again, and here
 * somebody has to look first.
 */
function namedCauseOf(heard: Verdict | undefined, { effect, recorded }: DeliveryFailure): NamedCause | undefined {
	if (effect === 'unknown' || recorded) return undefined;
	switch (heard?.is) {
		case 'limited':
			return { is: 'rate-limited', ...(heard.retryAfter !== undefined && { retryAfter: heard.retryAfter }) };
		case 'barred':
			// 403 says who one is was believed, and this is not for him (RFC 9110, section 15.5.4).
			return { is: heard.httpStatus === 401 ? 'credential-invalid' : 'configuration-invalid' };
		case 'deflected':
		case 'elsewhere':
			return { is: 'configuration-invalid' };
		case 'blocked':
			return heard.by === 'file' ? undefined : { is: 'configuration-invalid' };
		case 'notSent':
			return DOWN.has(heard.code) ? { is: 'temporarily-unavailable' } : undefined;
		case 'unknown':
			return UNREADABLE.has(heard.code) && (heard.httpStatus ?? 0) < 500 ? undefined : { is: 'temporarily-unavailable' };
		default:
			return undefined;
	}
}

/** Why a failed item failed. What FreedomPay's words mean counts only where it refused. */
function causeOf({ verdict, lookup, from }: DeliveryFailure, outcome: FailedOutcome, why: CauseWord | undefined): CauseWord {
	switch (outcome) {
		case 'refused':
			return why ?? 'other';
		case 'unknown':
			if (from === 'another' || speaksOfRepeat(verdict)) return 'request_id_used';
			return verdict?.is === 'cancelled' ? 'canceled' : 'no_answer';
		default:
			return causeOfHindrance(verdict ?? lookup);
	}
}

/**
 * Describes a failed item: message, advice, and the facts of the error output.
 * @param route whose credential it was sent with, for when that is refused
 */
export function describeFailure(failure: DeliveryFailure, plan: Plan, route: ToldRoute): Failed {
	const { verdict, lookup, from } = failure;
	const secrets = secretsOf(plan.method.fields, plan.body);
	const { message, description, again, isSettled, why } = wordsFor({ failure, plan, secrets, route });
	const outcome = outcomeOf(failure, plan.method);
	// Where nothing was sent, the question's answer is all there is.
	const heard = verdict ?? (lookup !== undefined && 'verdict' in lookup ? lookup.verdict : undefined);
	const httpStatus = heard !== undefined && 'httpStatus' in heard ? heard.httpStatus : undefined;
	const answer = heard === undefined ? undefined : answerOf(heard);
	const found = lookup === undefined ? undefined : answerOf(lookup);
	const namedCause = namedCauseOf(heard, failure);
	const isOwnWord = heard?.is === 'unknown' && heard.code === 'UNREADABLE';
	const text = heard !== undefined && 'text' in heard && answer === undefined && !isOwnWord ? snippet(heard.text ?? '', secrets) : '';
	return {
		message,
		description,
		again,
		isSettled,
		outcome,
		cause: causeOf(failure, outcome, why),
		isEarlier: from === 'earlier' && outcome !== 'not_done',
		isSecretive: holdsSecret(plan.method),
		httpCode: httpStatus === undefined || httpStatus < 300 ? undefined : String(httpStatus),
		...(namedCause !== undefined && { named: namedCause }),
		facts: {
			...sentIds(plan),
			...(httpStatus === undefined ? {} : { http_status: httpStatus }),
			...(heard !== undefined && 'code' in heard && heard.code !== '' ? { code: heard.code } : {}),
			...(answer === undefined ? {} : { answer: maskDeep(answer, secrets) }),
			...(text === '' ? {} : { response: text }),
			...(found === undefined ? {} : { request_status_answer: maskDeep(found, secrets) }),
		},
	};
}

/** How deep an answer is shown, and how much of each of its texts is looked at and shown. A secret that is cut in half is not shown. */
const SHOWN_DEPTH = 32;
const TEXT_LOOKED_AT = 10_000;
const TEXT_SHOWN = 8_000;

const SHORTENED = '…';

/** An answer without what is too deep or too long for people. */
function bounded(value: unknown, shownLength: number, depth = 0): unknown {
	if (typeof value === 'string') return value.length > shownLength ? value.slice(0, shownLength) + SHORTENED : value;
	if (typeof value !== 'object' || value === null) return value;
	if (depth === SHOWN_DEPTH) return SHORTENED;
	if (Array.isArray(value)) return value.map((entry) => bounded(entry, shownLength, depth + 1));
	return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key.slice(0, QUOTE_LENGTH), bounded(entry, shownLength, depth + 1)]));
}

/** A refusing answer for people: as {@link maskAnswer}, and its texts without the secrets that they may quote. */
function maskDeep(answer: JsonObject, secrets: readonly string[]): unknown {
	const masked = bounded(maskAnswer(bounded(answer, TEXT_LOOKED_AT), secrets), TEXT_SHOWN) as JsonObject;
	return Object.fromEntries(
		Object.entries(masked).map(([key, value]) => [key, typeof value === 'string' ? maskText(value, secrets) : value]),
	);
}

/**
 * Describes an item at which this package itself failed.
 * @param mayHaveArrived whether its request may have reached the API
 */
export function describeDefect(error: unknown, plan: Plan, mayHaveArrived: boolean): Failed {
	const secrets = secretsOf(plan.method.fields, plan.body);
	const reason = maskText((error instanceof Error ? error.message : String(error)).slice(0, QUOTE_LENGTH), secrets);
	const isUnknown = mayHaveArrived && plan.method.is !== 'read';
	const message = `The node failed with an error of its own: ${reason}`;
	const words: Words = isUnknown ? inDoubt(message, 'It is unknown whether FreedomPay carried out the command.', plan) : { message, description: '', again: RERUN_IS_SAFE };
	return {
		...words,
		outcome: isUnknown ? 'unknown' : 'not_done',
		cause: 'defect',
		isSecretive: holdsSecret(plan.method),
		facts: sentIds(plan),
		named: { is: 'node-defect' },
	};
}

/** Describes a command that FreedomPay has and has not finished by the end of the wait. */
export function describeOpen(answer: JsonObject, plan: Plan): Failed {
	const secrets = secretsOf(plan.method.fields, plan.body);
	return {
		message: `FreedomPay accepted the command and has not finished it (${plan.method.name}). Do not repeat it`,
		...howToFollow(plan),
		outcome: 'processing',
		cause: 'other',
		isSecretive: holdsSecret(plan.method),
		facts: { ...sentIds(plan), answer: maskDeep(answer, secrets) },
	};
}
