import type { DeliveryFailure, Outcome } from '../../card-api/delivery/protocol';
import type { Draft } from '../input/plan';
import type { Asked, Sender } from '../../card-api/intent/command';
import type { JsonObject } from '../../card-api/json/exactJson';
import { SECRET_NAMES } from '../../card-api/methods/secretNames';
import { maskAnswer, secretsOf } from '../output/secrets';
import type { CredentialRoute } from './credentials';

/** The part of an identity that may be kept: without one-time codes, PINs and the like, wherever they are in it. */
function openPart(value: unknown, isSecret: (key: string) => boolean): unknown {
	if (Array.isArray(value)) return value.map((entry) => openPart(entry, isSecret));
	if (typeof value !== 'object' || value === null) return value;
	return Object.fromEntries(Object.entries(value).flatMap(([key, entry]) => (isSecret(key) ? [] : [[key, openPart(entry, isSecret)]])));
}

function openIdentityOf({ method, identity }: Draft): Asked['open'] {
	const secrets = new Set(method.fields.filter(({ kind }) => kind === 'secret').map(({ key }) => key));
	return openPart(identity, (key) => secrets.has(key) || SECRET_NAMES.test(key)) as Asked['open'];
}

/** What a draft asks for, as far as this makes it one command and no other; undefined for a read. */
export function askedBy(draft: Draft): Asked | undefined {
	const { method, ids, identity, object, given, bodyAsTyped } = draft;
	if (method.is === 'read') return undefined;
	return {
		is: method.is === 'command' ? 'command' : 'once',
		path: method.path,
		identity,
		open: method.is === 'command' ? identity : openIdentityOf(draft),
		object,
		names: ids,
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

/** The outcome of a request whose answer cannot be looked at, however it came to be so: what it says is not known. */
export function unreadable({ method }: Draft, error: unknown): DeliveryFailure {
	const text = error instanceof Error ? error.message : String(error);
	const effect = method.is === 'read' ? 'failed' : 'unknown';
	return { is: 'failure', effect, from: 'answer', recorded: false, verdict: { is: 'unknown', code: 'UNREADABLE', text }, lookup: undefined };
}
