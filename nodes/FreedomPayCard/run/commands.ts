import { createHmac } from 'node:crypto';

import type { Failure, Outcome } from '../delivery/protocol';
import type { Verdict } from '../delivery/judge';
import { digest } from '../input/digest';
import { isRefusal, type Plan, type Refusal } from '../input/plan';
import { canonicalJson } from '../json/canonical';
import type { JsonObject } from '../json/exactJson';
import { isOnce } from '../methods/define';
import { maskAnswer, secretsOf } from '../output/secrets';
import type { CredentialRoute } from './credentials';
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
	// What it is about is part of an id that was made here.
	if (requestId !== undefined && requestId.source !== 'typed') return requestId.id;
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

/** The request ids that more than one item has: later ones take the outcome of the first over. */
export function repeatedIds(planned: ReadonlyArray<Plan | Refusal>): ReadonlySet<string> {
	const seen = new Set<string>();
	const repeated = new Set<string>();
	for (const plan of planned) {
		// One that the node made of the item's place is the only one.
		if (isRefusal(plan) || plan.requestId === undefined || plan.requestId.source === 'node') continue;
		const { id } = plan.requestId;
		(seen.has(id) ? repeated : seen).add(id);
	}
	return repeated;
}

/** An outcome without the secrets that an answer may repeat. A failure's answers are for its own words to mask. */
export function withoutSecrets(outcome: Outcome, { method, body }: Plan): Outcome {
	if (outcome.is === 'failure') return outcome;
	const answer = maskAnswer(outcome.answer, secretsOf(method.fields, body)) as JsonObject;
	return answer === outcome.answer ? outcome : { ...outcome, answer };
}

/** The outcome of a request whose answer cannot be looked at, however it came to be so odd: what it says is not known. */
export function unreadable({ method }: Plan, error: unknown): Failure {
	const text = error instanceof Error ? error.message : String(error);
	const effect = method.kind === 'command' ? 'unknown' : 'failed';
	return { is: 'failure', effect, from: 'answer', recorded: false, verdict: { is: 'unknown', code: 'UNREADABLE', text }, lookup: undefined };
}

/**
 * What an outcome teaches about a command, for a rerun; undefined when it surely left no trace, so that a rerun may send it.
 * @param outcome without secrets
 */
export function learntFrom(outcome: Outcome, { method, body, requestId }: Plan, { secrets }: Command): Learnt | undefined {
	if (outcome.is !== 'failure') return { is: outcome.is === 'done' ? 'done' : 'accepted', answer: outcome.answer };
	const { effect, from, recorded, verdict } = outcome;
	// What has the UUID may be another command: it is asked about again.
	if (from === 'another') return undefined;
	if (effect === 'unknown') return { is: 'sent' };
	// One with an id of the node's making is simply sent again: the API refuses what it had.
	if (!isOnce(method) && requestId?.source !== 'typed') return undefined;
	// The API said so when it was asked about it, and will again.
	if (recorded) return { is: 'sent' };
	if (verdict?.is !== 'failed' && verdict?.is !== 'rejected') return undefined;
	const answer = maskAnswer(verdict.answer ?? {}, secretsOf(method.fields, body)) as JsonObject;
	return { is: 'refused', effect, answer, httpStatus: verdict.httpStatus, secrets };
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
	return { is: 'failure', effect, from: 'earlier', recorded: false, verdict, lookup: undefined };
}

/** What the protocol begins with. */
export function knownOf(learnt: Learnt | undefined, { method, requestId }: Plan) {
	if (requestId === undefined) return isOnce(method) ? 'once' : 'read';
	if (learnt?.is === 'sent') return 'inDoubt';
	if (learnt?.is === 'accepted') return 'accepted';
	if (requestId.source !== 'typed') return 'fresh';
	return learnt?.is === 'refused' ? 'rechecking' : 'checking';
}
