/*
 * What an item says of itself, in words to branch on: what became of it, why, and whether to try again. The words are public: users'
 * saved workflows hold them.
 */
import { isOfApi, type Deflection, type Lookup, type Verdict } from '../../card-api/delivery/judge';
import type { DeliveryFailure } from '../../card-api/delivery/protocol';
import type { Closed } from '../../card-api/delivery/wire';
import type { Method } from '../../card-api/methods/define';
import type { CauseWord } from '../../card-api/methods/refusals';

/** What became of a failed item. */
export const FAILED_OUTCOMES = ['not_done', 'refused', 'unknown', 'processing'] as const;

export type FailedOutcome = (typeof FAILED_OUTCOMES)[number];

/** What became of a command that is on the success output. */
export type DoneOutcome = 'done' | 'done_before' | 'processing' | 'dry_run';

/** Whether to run it again: `after_check` is once it was looked up, or with the same Event ID. */
export type TryAgain = 'no' | 'yes' | 'after_check';

/** Whether to try again, by what became of an item, and where that does not tell by why. */
const TRY_AGAIN: Readonly<Record<FailedOutcome, { of: Readonly<Partial<Record<CauseWord, TryAgain>>>; else: TryAgain }>> = {
	not_done: { of: { input: 'no' }, else: 'yes' },
	refused: { of: {}, else: 'no' },
	unknown: { of: {}, else: 'after_check' },
	processing: { of: {}, else: 'after_check' },
};

export function tryAgainOf(outcome: FailedOutcome, cause: CauseWord): TryAgain {
	return TRY_AGAIN[outcome].of[cause] ?? TRY_AGAIN[outcome].else;
}

/** Whether a refusal by an HTTP status is in the API's own words: a proxy's is not, and its next one may be another. */
function isInItsWords(verdict: Verdict & { is: 'rejected' }, { answers }: Method): boolean {
	const { answer } = verdict;
	if (answer === undefined) return false;
	return (answers === 'gift' && answer.status !== undefined) || isOfApi(answer);
}

/** What a failure comes to: refused only where FreedomPay itself said no. */
export function outcomeOf({ effect, recorded, verdict }: DeliveryFailure, method: Method): FailedOutcome {
	if (effect === 'unknown') return 'unknown';
	if (recorded || verdict?.is === 'failed') return 'refused';
	return verdict?.is === 'rejected' && isInItsWords(verdict, method) ? 'refused' : 'not_done';
}

function causeOfDeflection({ how }: Deflection): CauseWord {
	return how === 'forbidden' ? 'blocked' : 'wrong_host';
}

/** Why a request had nothing carried out that FreedomPay did not judge, by what was heard last. */
export function causeOfHindrance(heard: Verdict | Lookup | undefined): CauseWord {
	switch (heard?.is) {
		case 'notSent':
			return 'unreachable';
		case 'blocked':
			if ('verdict' in heard) return causeOfHindrance(heard.verdict);
			return heard.by === 'file' ? 'other' : 'blocked';
		case 'limited':
			return 'rate_limit';
		case 'barred':
			return 'credential';
		case 'deflected':
		case 'elsewhere':
			return causeOfDeflection(heard);
		case 'cancelled':
			return 'canceled';
		case 'rejected':
			return heard.httpStatus === 404 ? 'wrong_host' : 'blocked';
		case 'noAnswer':
		case 'turnedAway':
		case 'cutOff':
			return causeOfHindrance(heard.verdict);
		case undefined:
			return 'other';
		default:
			return 'no_answer';
	}
}

/** Why an item is not started. */
export function causeOfClosing(closed: Closed): CauseWord {
	switch (closed.by) {
		case 'cancel':
			return 'canceled';
		case 'failure':
			return 'other';
		case 'defect':
			return 'defect';
		case 'credential':
			return 'credential';
		case 'host':
			return closed.httpStatus === 403 ? 'blocked' : 'wrong_host';
	}
}
