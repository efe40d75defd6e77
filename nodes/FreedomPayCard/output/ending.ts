import type { Failure as NamedFailure } from 'n8n-workflow';

import type { Outcome } from '../../card-api/delivery/protocol';
import type { Closed } from '../../card-api/delivery/wire';
import type { Plan, Refusal } from '../input/plan';
import type { Start } from '../../card-api/intent/intents';
import type { JsonObject } from '../../card-api/json/exactJson';
import type { CauseWord } from '../../card-api/methods/refusals';
import type { Words } from '../../card-api/text/words';
import type { FailedOutcome } from './outcomes';

/** An item that was on its way when it ended. */
interface Ended {
	itemIndex: number;
	/** With the request id under which it went out last, or was to. */
	plan: Plan;
	/** Which command it was; undefined for a read, and where nobody knows who would send it. */
	start: Start | undefined;
	/** Where it was to go; undefined where its credential cannot be used. */
	route: ToldRoute | undefined;
}

/** The way to the API, as far as people are told of it. */
export interface ToldRoute {
	/** The credential's name in n8n; empty if it has none. */
	name: string;
	/** A remark on the credential, for when it is refused; empty if there is nothing to remark. */
	hint: string;
	/** Where commands act on real cards, as far as the credential tells: the environment or the host. Empty for Test. */
	where: string;
}

/** A credential's name, as words behind "the credential". */
export function credentialInWords({ name }: Pick<ToldRoute, 'name'>): string {
	return name === '' ? '' : ` "${name}"`;
}

/** How an item ends, whatever happens to it: every item ends in one of these. */
export type Ending =
	| Delivered
	/** Its request is only shown. */
	| (Ended & { is: 'dryRun'; origin: string })
	/** Its input, or its place beside other items, keeps it from being sent. */
	| { is: 'refused'; itemIndex: number; refusal: Refusal; plan: Plan | undefined }
	/** No new item may start. */
	| (Ended & { is: 'closed'; why: Closed })
	/** Its own credential cannot be used. */
	| (Ended & { is: 'unusable'; why: Words })
	/** It is the same command as another item's, which was not sent. */
	| (Ended & { is: 'follower'; leader: number })
	/** This package itself failed at it. */
	| (Ended & { is: 'defect'; error: unknown; mayHaveArrived: boolean });

/** Its request came to something, in this run or before. */
export interface Delivered extends Ended {
	is: 'delivered';
	outcome: Outcome;
	/** Whether that is what this execution sent itself, be it in an earlier try. */
	isOwn: boolean;
	/** Whether it was sent in this run, rather than asked about, or remembered. */
	isSent: boolean;
	/** Whether the answer differs from its documentation. */
	differs: boolean;
}

/** A failed item, in words and in fields. */
export interface Failed extends Words {
	outcome: FailedOutcome;
	cause: CauseWord;
	/** Whether that is what became of an earlier request. */
	isEarlier?: boolean;
	/** Whether the input's fields are not to come out with it, which n8n adds otherwise: the operation takes a one-time code or a PIN. */
	isSecretive: boolean;
	/** What is known besides. */
	facts: JsonObject;
	httpCode?: string | undefined;
	/** Why, where n8n has a name for it. */
	named?: NamedCause;
}

/** Why an item failed, by n8n's names. */
export interface NamedCause {
	is: NamedFailure['cause'];
	/** The `Retry-After` header as it came. */
	retryAfter?: string;
}
