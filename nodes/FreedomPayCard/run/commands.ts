import { createHmac } from 'node:crypto';

import type { Failure, Outcome } from '../delivery/protocol';
import type { Verdict } from '../delivery/judge';
import type { Plan } from '../input/plan';
import { canonicalJson } from '../json/canonical';
import type { JsonObject } from '../json/exactJson';
import { isOnce } from '../methods/define';
import { maskAnswer, secretsOf } from '../output/secrets';
import type { CredentialRoute } from './credentials';
import { digest } from './digest';
import type { CommandKey, Learnt } from './memory';

/** A command, as the memory knows it. */
export interface Command extends CommandKey {
	partner: string;
	/**
	 * Stands for the OTP or PIN in it, under the partner key: nobody who lacks that can try codes against it. Empty for a command with
	 * a request id, which tells itself apart.
	 */
	secrets: string;
}

/**
 * Names a command for the memory; undefined for a read.
 * @param place the item's; undefined for a tool, whose calls are told apart by what they are about
 */
export function nameOf({ method, identity, requestId }: Plan, place: { itemIndex: number } | undefined): string | undefined {
	if (requestId === undefined && !isOnce(method)) return undefined;
	const about = digest(canonicalJson([method.path, maskAnswer(identity, [])]));
	const which = requestId?.id.toLowerCase() ?? String(place?.itemIndex ?? 'tool');
	return `${which} ${about}`;
}

/** A named command, once it is known who sends it. The same request of two partners is two. */
export function commandOf(name: string, { identity, requestId }: Plan, { partner, credential }: CredentialRoute, isTool: boolean): Command {
	if (requestId !== undefined) return { name, partner, secrets: '' };
	const secrets = createHmac('sha256', credential.partnerKey).update(`once ${canonicalJson(identity)}`).digest('base64url');
	// A tool has no item to tell one code from another by.
	return { name, partner: isTool ? `${partner} ${secrets}` : partner, secrets };
}

/** What an outcome teaches about a command, for a rerun; undefined when it surely left no trace, so that a rerun may send it. */
export function learntFrom(outcome: Outcome, { method, body, requestId }: Plan, { secrets }: Command): Learnt | undefined {
	const shown = (answer: JsonObject) => maskAnswer(answer, secretsOf(method.fields, body)) as JsonObject;
	if (outcome.is !== 'failure') return { is: outcome.is === 'done' ? 'done' : 'accepted', answer: shown(outcome.answer) };
	const { effect, from, verdict, lookup } = outcome;
	if (effect === 'unknown') return { is: 'sent' };
	// One with an id of the node's making is simply sent again: the API refuses what it had.
	if (from === 'another' || (!isOnce(method) && requestId?.source !== 'typed')) return undefined;
	// The API said so when it was asked about it, and will again.
	if (effect === 'failed' && lookup !== undefined) return { is: 'sent' };
	if (verdict?.is !== 'failed' && verdict?.is !== 'rejected') return undefined;
	return { is: 'refused', effect, answer: shown(verdict.answer ?? {}), httpStatus: verdict.httpStatus, secrets };
}

/**
 * The outcome that a rerun gives without sending anything; undefined when it has to find out.
 *
 * A command without a request id is never repeated, unless the API refused it and its OTP or PIN was corrected since.
 * @param command undefined where nothing can be found out, since the run is over for it
 */
export function settledBy(learnt: Learnt | undefined, { method, requestId }: Plan, command: Command | undefined): Outcome | undefined {
	const isLast = command === undefined || isOnce(method);
	switch (learnt?.is) {
		case undefined:
			return undefined;
		case 'done':
			return { is: 'done', answer: learnt.answer, from: 'earlier', odd: false };
		case 'accepted':
			return isLast ? { is: 'processing', answer: learnt.answer, from: 'earlier', odd: false } : undefined;
		case 'sent':
			return isLast ? failedBefore('unknown', { is: 'unknown', code: 'EARLIER_TRY' }) : undefined;
		case 'refused': {
			// Under a UUID it is asked about, which tells more.
			if (requestId !== undefined || (command !== undefined && learnt.secrets !== command.secrets)) return undefined;
			const { effect, answer, httpStatus } = learnt;
			return failedBefore(effect, effect === 'failed' ? { is: 'failed', answer, httpStatus } : { is: 'rejected', answer, httpStatus, text: '' });
		}
	}
}

function failedBefore(effect: Failure['effect'], verdict: Verdict): Failure {
	return { is: 'failure', effect, from: 'earlier', verdict, lookup: undefined };
}

/** What the protocol begins with. */
export function knownOf(learnt: Learnt | undefined, { method, requestId }: Plan) {
	if (requestId === undefined) return isOnce(method) ? 'once' : 'read';
	if (learnt?.is === 'sent') return 'inDoubt';
	if (learnt?.is === 'accepted') return 'accepted';
	if (requestId.source !== 'typed') return 'fresh';
	return learnt?.is === 'refused' ? 'rechecking' : 'checking';
}
