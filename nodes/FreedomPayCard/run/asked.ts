import type { Failure, Outcome } from '../delivery/protocol';
import type { Draft } from '../input/plan';
import type { Asked, Sender } from '../intent/command';
import type { JsonObject } from '../json/exactJson';
import { maskAnswer, secretsOf } from '../output/secrets';
import type { CredentialRoute } from './credentials';

/** What a draft asks for, as far as this makes it one command and no other; undefined for a read. */
export function askedBy({ method, identity, object, given, bodyAsTyped }: Draft): Asked | undefined {
	if (method.is === 'read') return undefined;
	return {
		is: method.is === 'command' ? 'command' : 'once',
		path: method.path,
		identity,
		shown: maskAnswer(identity, []) as Asked['shown'],
		object,
		repeat: method.repeat,
		given,
		...(bodyAsTyped !== undefined && { typed: bodyAsTyped }),
	};
}

/** Who sends, over a route. */
export function senderOf({ partner, credential }: CredentialRoute): Sender {
	return { partner, partnerKey: credential.partnerKey };
}

/** Masks the secrets of a request that an answer to it may repeat. */
export function maskerOf({ method, body }: Draft): (answer: JsonObject) => JsonObject {
	const secrets = secretsOf(method.fields, body);
	return (answer) => maskAnswer(answer, secrets) as JsonObject;
}

/** An outcome without the secrets that an answer may repeat. A failure's answers are for its own words to mask. */
export function withoutSecrets(outcome: Outcome, draft: Draft): Outcome {
	if (outcome.is === 'failure') return outcome;
	const answer = maskerOf(draft)(outcome.answer);
	return answer === outcome.answer ? outcome : { ...outcome, answer };
}

/** The outcome of a request whose answer cannot be looked at, however it came to be so odd: what it says is not known. */
export function unreadable({ method }: Draft, error: unknown): Failure {
	const text = error instanceof Error ? error.message : String(error);
	const effect = method.is === 'read' ? 'failed' : 'unknown';
	return { is: 'failure', effect, from: 'answer', recorded: false, verdict: { is: 'unknown', code: 'UNREADABLE', text }, lookup: undefined };
}
