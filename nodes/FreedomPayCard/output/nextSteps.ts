/*
 * What to do next about a failed item, as tables: by FreedomPay's dictionary where there is one, else by what FreedomPay says in words.
 * The Card API's own error codes are not documented.
 */
import type { Verdict } from '../../card-api/delivery/judge';
import type { Plan, RunsAgain } from '../input/plan';
import type { JsonObject } from '../../card-api/json/exactJson';
import { isCommand } from '../../card-api/methods/define';
import { meaningInEMoney } from '../../card-api/methods/eMoneyCodes';
import { GENERAL_REFUSALS } from '../../card-api/methods/generalRefusals';
import { giftStatusOf, hindranceOf } from '../../card-api/methods/giftCard/statuses';
import type { CauseWord, Step } from '../../card-api/methods/refusals';
import { SUBJECTS } from '../../card-api/methods/subjects';
import type { Words } from '../../card-api/text/words';

/** How much of the API's words is looked at. */
const LOOKED_AT = 500;

export const RERUN_IS_SAFE = 'Nothing was carried out now, so running it again is safe.';

/** What FreedomPay keeps, so that its state can be asked for: what its answers name. */
const KEPT = Object.values(SUBJECTS).filter(({ namedIn }) => namedIn !== undefined);

function textOf(value: unknown): string {
	return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** What to do where neither a dictionary nor FreedomPay's words tell. */
function generalStep({ answer, isRejection }: Refused, { body }: Plan): string {
	const subjects = KEPT.filter(({ key }) => body[key] !== undefined).map(({ noun }) => noun);
	const fields = isRejection
		? 'Check the fields of this item against what FreedomPay says in the details.'
		: subjects.length === 0
			? 'Check the fields of this item, and ask FreedomPay if they are right.'
			: `Check the fields of this item, and the state of the ${subjects.join(' and the ')} at FreedomPay.`;
	const code = textOf(answer.error_code);
	const meaning = meaningInEMoney(code);
	return meaning === undefined
		? fields
		: `${fields} In FreedomPay's E-Money API the error ${code} means "${meaning}"; what it means here is not documented.`;
}

/** What a gift request's status means: to its method, else by the dictionary. */
function giftStep(refused: Refused, plan: Plan): Step {
	const { status, card_status: cardStatus } = refused.answer;
	const known = giftStatusOf(textOf(status));
	if (known === undefined) return { step: 'The dictionary does not list this status: ask FreedomPay what it means.', then: 'again' };
	const step: Step = { step: generalStep(refused, plan), ...known, ...(isCommand(plan.method) && plan.method.statusSteps?.[known.code]) };
	const hindrance = step.then === 'nothing' ? undefined : hindranceOf(textOf(cardStatus));
	return hindrance === undefined ? step : { ...step, step: `The gift card is ${hindrance} (card_status ${textOf(cardStatus)}), which may be why. ${step.step}` };
}

function meaningOf(refused: Refused, plan: Plan): Step {
	const { answer, isRejection } = refused;
	const { method, body } = plan;
	if (method.answers === 'gift' && !isRejection) return giftStep(refused, plan);
	const said = textOf(answer.error_description).slice(0, LOOKED_AT).toLowerCase().replace(/[\s_]+/g, ' ').trim();
	const own = isCommand(method) ? method.refusals.find((each) => each.says.test(said)) : undefined;
	const row = own ?? GENERAL_REFUSALS.find((each) => (each.with ?? []).every((key) => body[key] !== undefined) && each.says.test(said));
	return row ?? { step: generalStep(refused, plan) };
}

/** What it takes to send the same command again, which FreedomPay had. */
const AGAIN: Readonly<Record<'event' | 'node' | 'typed' | 'none', string>> = {
	event: 'Another Event ID is needed to try again: under this one FreedomPay answers with the earlier outcome.',
	node: 'To try again, run it again: it is sent under a new request ID.',
	typed: 'Another Request ID is needed to try again.',
	none: 'To try again, run it again.',
};

/** That FreedomPay refused a request. */
export interface Refused {
	/** In which it says so. */
	answer: JsonObject;
	/** Whether it did by an HTTP status. */
	isRejection: boolean;
	/** Whether that is what became of an earlier request. */
	isEarlier: boolean;
}

/** How to get on, and what running it again does or takes. */
type Advice = Omit<Words, 'message'>;

/** What to do about a request that FreedomPay refused. */
export function stepAfterRefusal(refused: Refused, plan: Plan): Advice {
	const { step, then } = meaningOf(refused, plan);
	const { method, requestId } = plan;
	if (then === 'nothing') return { description: step, isSettled: true };
	if (refused.isEarlier || (then === 'again' && method.is !== 'read')) return { description: step, again: AGAIN[requestId?.source ?? 'none'] };
	if (requestId?.source !== 'event') return { description: step };
	return { description: step, again: 'If FreedomPay has taken the request, trying again needs another Event ID.' };
}

/** What to do about a read without a usable answer. */
export function stepAfterLostRead(verdict: Verdict & { is: 'unknown' }): string {
	switch (verdict.code) {
		case 'TIMEOUT':
			return 'Run it again later, or give it more time with Request Timeout (Seconds).';
		case 'ANSWER_TOO_LARGE':
			return 'Ask for less at a time, such as a shorter period.';
		case 'NOT_JSON':
			return 'Check the Environment and Base URL of the credential: what answered does not seem to be the API.';
		default:
			return 'Run it again later.';
	}
}

/** Why FreedomPay refused a request, as far as its words or its dictionary tell: the words are not documented. */
export function causeOfRefusal(refused: Refused, plan: Plan): CauseWord {
	return meaningOf(refused, plan).cause ?? 'other';
}

const NEW_ID = 'under a new request ID, by which FreedomPay could not recognise a repeat.';

/** What keeps an id that the node made, and what does not. */
const KEEPS_THE_ID: Readonly<Record<RunsAgain, string>> = {
	byRetry: `Retry On Fail and n8n's Retry of this failed execution keep the request ID. A new execution would send it ${NEW_ID}`,
	notAtAll: `Retry On Fail keeps the request ID. Another run would send it ${NEW_ID}`,
	byCaller: `Retry On Fail of this node keeps the request ID. The calling workflow's Retry On Fail or Retry would send it ${NEW_ID}`,
};

const ASK = 'Ask FreedomPay about it.';

/** What to do about a command whose outcome nobody knows. */
export function howToCheck({ method, requestId, runsAgain }: Plan): Advice {
	if (requestId !== undefined) {
		const rerun = {
			node: KEEPS_THE_ID[runsAgain],
			event: 'Running it again with the same Event ID is safe: FreedomPay does not process a request ID twice.',
			typed: 'Running it again in a new execution sends nothing while FreedomPay knows the Request ID.',
		}[requestId.source];
		return { description: `Before repeating it, look the request up with Request: Get Status and the request ID ${requestId.id}, or ask FreedomPay about it.`, again: rerun };
	}
	return { description: method.is === 'oneTimeCommand' ? method.ifUnknown : ASK };
}

/** What to do about a command that FreedomPay has and has not finished. */
export function howToFollow({ requestId, method }: Plan): Advice {
	if (requestId === undefined) return { description: method.is === 'oneTimeCommand' ? method.ifAccepted : ASK };
	const rerun = {
		node: 'Retry On Fail goes on waiting for it.',
		event: 'Running it again with the same Event ID goes on waiting for it.',
		typed: 'Retry On Fail goes on waiting for it.',
	}[requestId.source];
	return { description: `Look it up later with Request: Get Status and the request ID ${requestId.id}, or give it more time with Max Wait (Seconds).`, again: rerun };
}
