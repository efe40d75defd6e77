import type { Field } from '../methods/define';

export const MASK = '******';

/** Names under which an answer could hold what must not be shown. */
const SECRET_KEYS = /^(?:otp|pin|cvv2?|cvc2?|pan|card_number|partner_key)$/i;
const JWS = /eyJ[\w-]{8,}\.[\w-]*\.[\w-]{16,}/g;

/** The values of a body's secret fields. */
export function secretsOf(fields: readonly Field[], body: Readonly<Record<string, unknown>>): string[] {
	return fields.filter(({ kind }) => kind === 'secret').flatMap(({ key }) => (typeof body[key] === 'string' ? [body[key]] : []));
}

/** A body for people's eyes: its secret fields masked. */
export function maskBody(fields: readonly Field[], body: Readonly<Record<string, unknown>>): Record<string, unknown> {
	const secret = new Set(fields.filter(({ kind }) => kind === 'secret').map(({ key }) => key));
	return Object.fromEntries(Object.entries(body).map(([key, value]) => [key, secret.has(key) ? MASK : value]));
}

/** Free text, such as a server's message, without the secrets that it may repeat. */
export function maskText(text: string, secrets: readonly string[]): string {
	return secrets.reduce((masked, secret) => masked.replaceAll(secret, MASK), text).replace(JWS, MASK);
}

/** An answer without what must not be shown: by the field's name, and values that repeat a secret that was sent. */
export function maskAnswer(value: unknown, secrets: readonly string[]): unknown {
	if (typeof value === 'string') return secrets.includes(value) ? MASK : value.replace(JWS, MASK);
	if (Array.isArray(value)) return value.map((entry) => maskAnswer(entry, secrets));
	if (typeof value !== 'object' || value === null) return value;
	return Object.fromEntries(
		Object.entries(value).map(([key, entry]) => [key, SECRET_KEYS.test(key) && !isBlankSecret(entry) ? MASK : maskAnswer(entry, secrets)]),
	);
}

function isBlankSecret(value: unknown): boolean {
	return value === null || value === '';
}
